//! What the zone analysis asks of a project.
//!
//! A trait and not the project itself: the questions are few, the answers cost different things (a path is free, a parse is
//! not), and tests answer them from a table.

use std::sync::Arc;

use super::usage::ModuleFacts;
use crate::hir::Name;
use crate::project::kind::FileKind;
use crate::source::FileId;

/// The questions. All paths are relative to the working root, with `/` separators.
pub trait ProjectView {
    /// The file at a path.
    fn find(&self, path: &str) -> Option<FileId>;
    /// The first files, at most `limit`, whose path begins with `prefix` (which may end inside a name), sorted by path.
    fn starting_with(&self, prefix: &str, limit: usize) -> Vec<FileId>;
    /// The path of a file.
    fn path(&self, file: FileId) -> &str;
    /// The part of a path below the folder that the user named: the names of folders above say nothing about the code in it.
    fn below_named<'p>(&self, path: &'p str) -> &'p str {
        path
    }
    /// The kind of a file.
    fn kind(&self, file: FileId) -> FileKind;
    /// The package.json in exactly this folder (empty for the working root).
    fn package(&self, folder: &str) -> Option<Package>;
    /// The text of a file; `None` when it cannot be read. Asked for manifests and, once an edge, for importers: not worth keeping.
    fn text(&self, file: FileId) -> Option<Arc<str>>;
    /// What a file imports: static and dynamic imports, `require`, re-exports, and `<script src>` of markup.
    fn imports(&self, file: FileId) -> Vec<ImportEdge>;
    /// The imports of `importer` that resolve to `file`.
    fn edges(&self, importer: FileId, file: FileId) -> Vec<ImportEdge> {
        self.imports(importer).into_iter().filter(|edge| edge.target == Some(file)).collect()
    }
    /// The files with an import that resolves to this one. Imports of types alone may be among them: see [`super::edges`].
    fn importers(&self, file: FileId) -> Vec<FileId>;
    /// The directive prologue (`use client`, …) without quotes. Cheap: see [`super::usage::prologue`].
    fn directives(&self, file: FileId) -> Vec<Name>;
    /// What the module exports and uses. Costs a parse.
    fn facts(&self, file: FileId) -> Arc<ModuleFacts>;
}

/// One import of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportEdge {
    /// The specifier as written.
    pub specifier: Name,
    /// The file of this project that it names.
    pub target: Option<FileId>,
    /// `import type`: no edge at run time.
    pub type_only: bool,
}

/// What a package.json says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// The names of all dependencies: production, development, peer and optional.
    pub dependencies: Vec<Name>,
}
