//! Tests of lowering, through the public functions.

mod printer;
mod spans;
mod syntax;
mod trees;

use super::{Dialect, Region, lower_regions};
use crate::hir::{Language, Module, ProgramKind};
use crate::source::Span;

/// Lowers a whole text.
fn lower(dialect: Dialect, text: &str) -> Module {
    let mut module = Module::new(Language::JavaScript);
    let region = Region { span: Span::new(0, text.len()), kind: ProgramKind::Module, dialect };
    lower_regions(&mut module, text, &[region], &[]);
    module
}

/// Checks a table of sources and their compact forms, and reports every mismatch at once.
fn check(dialect: Dialect, table: &[(&str, &str)]) {
    let mismatches: Vec<String> = table
        .iter()
        .map(|(source, expected)| (source, expected, printer::print(&lower(dialect, source))))
        .filter(|(_, expected, actual)| *expected != actual)
        .map(|(source, expected, actual)| format!("\n  source   {source}\n  expected {expected}\n  actual   {actual}"))
        .collect();
    assert!(mismatches.is_empty(), "{dialect:?}: {} mismatches{}", mismatches.len(), mismatches.concat());
}
