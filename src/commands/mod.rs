//! What the smaller subcommands do. `check`, `map` and `trace` stand in `main`.

pub(crate) mod doctor;
pub(crate) mod merge;
pub(crate) mod shell;
