//! The text of a renewal.
