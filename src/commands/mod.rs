//! Commands that do more than check and print, one module each.

pub(crate) mod baseline;
pub(crate) mod suppress;
