//! The subcommands: each reads its part of the command line and lets the library do the work.

pub(crate) mod baseline;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod fix;
pub(crate) mod init;
pub(crate) mod merge;
pub(crate) mod shell;
pub(crate) mod suppress;
