//! Markup to HIR.

use crate::hir::{Language, Module};
use crate::project::kind::FileKind;

/// Lowers the script regions of a markup file.
#[must_use]
pub fn lower(_kind: FileKind, _text: &str) -> Module {
    Module::new(Language::Markup)
}
