//! Dotenv files to HIR.

use crate::hir::{Language, Module};

/// Lowers a dotenv file.
#[must_use]
pub fn lower(_text: &str) -> Module {
    Module::new(Language::Dotenv)
}
