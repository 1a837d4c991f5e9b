//! The mistakes in refresh handlers.
