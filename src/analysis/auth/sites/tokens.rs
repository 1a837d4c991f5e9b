//! How a token is got.
