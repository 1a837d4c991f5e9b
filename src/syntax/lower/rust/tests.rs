//! Lowering of Rust, through its public entry.
