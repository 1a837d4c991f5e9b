//! Argument parsing and exit codes.
fn main() {}
