//! Lowering of Python, through its public entry.
