//! The runs of subcommands, one module each.

pub(crate) mod fix;
