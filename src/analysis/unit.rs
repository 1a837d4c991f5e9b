//! A parsed file with the tables that the analysis asks of it.

use std::sync::Arc;

use super::parents::Parents;
use super::scopes::Scopes;
use super::usage::Usage;
use crate::hir::Module;
use crate::source::{FileId, Location, SourceFile, Span};

/// One file, lowered, with names resolved.
#[derive(Debug)]
pub struct Unit {
    /// The file.
    pub file: FileId,
    /// Its text.
    pub source: Arc<SourceFile>,
    /// What it means.
    pub module: Module,
    /// Scopes and symbols.
    pub scopes: Scopes,
    /// Parent of each node.
    pub parents: Parents,
    /// Writes, calls and returns by symbol and function.
    pub usage: Usage,
}

impl Unit {
    /// Builds the tables of a lowered module.
    #[must_use]
    pub fn new(source: Arc<SourceFile>, module: Module) -> Self {
        let scopes = super::scopes::resolve(&module);
        let parents = Parents::of(&module);
        let usage = Usage::of(&module, &scopes, &parents);
        Self { file: source.id, source, module, scopes, parents, usage }
    }

    /// A location in this file.
    #[must_use]
    pub fn at(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }
}
