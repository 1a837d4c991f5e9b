//! The subcommands: each reads its part of the command line and lets the library do the work.

pub(crate) mod config;
pub(crate) mod init;
