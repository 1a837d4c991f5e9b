//! Finding the files of a project and what they import.
//!
//! [`discover()`] walks the tree, [`Project::load`] screens every candidate once. What is kept of a file is small: its name, its
//! kind, which anchors it has, which modules it names. Contents are read again ([`Project::read`]) for the few files that matter.
//! [`Project::resolve`] and [`Project::importers`] answer questions about the import graph on demand; nothing outside the
//! discovered tree is ever opened.

pub mod anchors;
pub mod discover;
mod folders;
mod importers;
pub mod kind;
mod lexer;
pub(crate) mod locks;
pub mod manifest;
mod outputs;
mod overlay;
mod patterns;
mod python;
mod regions;
pub mod resolve;
pub(crate) mod rust;
mod screen;
mod specifiers;
mod table;
#[cfg(test)]
mod tests;
mod tree_fs;
mod tsconfig;
mod workspaces;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use anchors::{AnchorSet, Screener};
pub use discover::{Candidate, DiscoverOptions, Discovery, SkipReason, Skipped, discover, surroundings};
pub use kind::FileKind;
pub use manifest::{Dependency, DependencyKind, Package};
pub use overlay::Overlay;
pub use patterns::Patterns;
pub use resolve::Resolved;
pub use screen::{MAX_CODE_BYTES, MAX_TEXT_BYTES};

pub(crate) use table::{ancestors as folders_above, join as path_in};

use crate::finding::Notice;
use crate::source::FileId;
use crate::syntax::decode::{Decoded, decode};

use importers::Importers;
use manifest::Packages;
use resolve::Resolver;
use screen::{Reading, Specifiers};
use table::Table;

/// A path as reports print it: relative to the root with `/` separators, `.` and `..` resolved by name; whole for paths outside.
#[must_use]
pub fn display_path(root: &Path, path: &Path) -> String {
    discover::display_name(root, &discover::normalize(path))
}

/// One file of the project.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts about one file, each read on its own")]
pub struct ProjectFile {
    /// Relative to the working root with `/` separators; absolute for files outside it.
    pub path: Arc<str>,
    /// By name alone.
    pub kind: FileKind,
    /// In bytes; 0 when it was not read.
    pub size: u32,
    /// What screening found.
    pub anchors: AnchorSet,
    /// Written by a tool for machines (a bundle, a minified library): searched for secrets, never parsed.
    pub minified: bool,
    /// A package manager's lockfile: never searched for secrets.
    pub lockfile: bool,
    /// `.gitignore` excludes it; only dotenv files are here nevertheless.
    pub ignored: bool,
    /// It could be read and is not too large. A notice says why when it could not.
    pub readable: bool,
    /// Its range in the table of specifier lists.
    specifiers: (u32, u32),
}

/// The files of a run, sorted by path, and the import graph over them.
#[derive(Debug)]
pub struct Project {
    table: Arc<Table>,
    specifiers: Specifiers,
    packages: Arc<Packages>,
    resolver: Resolver,
    importers: Importers,
}

impl Project {
    /// Reads and screens every candidate on the threads of the current rayon pool.
    ///
    /// `root` is the working root that discovery used. Files that cannot be read or are too large become notices and stay in the
    /// table, so that an import of them is not missing; binary files are dropped.
    #[must_use]
    pub fn load(root: &Path, candidates: Vec<Candidate>, needles: &Screener, notices: &mut Vec<Notice>) -> Self {
        Self::load_with(root, candidates, Overlay::default(), needles, notices)
    }

    /// The same, with texts that stand in for files.
    #[must_use]
    pub fn load_with(root: &Path, candidates: Vec<Candidate>, overlay: Overlay, needles: &Screener, notices: &mut Vec<Notice>) -> Self {
        let (screened, specifiers) = screen::screen(root, &candidates, &overlay, needles, notices);
        let files = candidates
            .into_iter()
            .zip(screened)
            .filter(|(_, screened)| screened.state != Reading::Binary)
            .map(|(candidate, screened)| ProjectFile {
                path: candidate.path,
                kind: candidate.kind,
                size: screened.size,
                anchors: screened.anchors,
                minified: screened.minified,
                lockfile: candidate.lockfile,
                ignored: candidate.ignored,
                readable: screened.state != Reading::Failed,
                specifiers: screened.specifiers,
            })
            .collect();
        let table = Arc::new(Table::new(root.to_path_buf(), files, overlay));
        let packages = Arc::new(Packages::new(Arc::clone(&table)));
        let resolver = Resolver::new(Arc::clone(&table), Arc::clone(&packages));
        Self { table, specifiers, packages, resolver, importers: Importers::default() }
    }

    /// The working root.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.table.root()
    }

    /// Every file, sorted by path; a file's id is its index.
    #[must_use]
    pub fn files(&self) -> &[ProjectFile] {
        self.table.files()
    }

    /// Every file with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &ProjectFile)> {
        (0..).map(FileId).zip(self.files())
    }

    /// One file. None only for an id of another project.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&ProjectFile> {
        self.files().get(id.index())
    }

    /// The file at a path as in [`ProjectFile::path`].
    #[must_use]
    pub fn file_by_path(&self, path: &str) -> Option<FileId> {
        self.table.find(path)
    }

    /// Where a file stands on disk.
    #[must_use]
    pub fn absolute(&self, id: FileId) -> Option<PathBuf> {
        self.file(id).map(|file| self.table.absolute(&file.path))
    }

    /// The import specifiers of a file that screening saw, in source order, duplicates included. Markup also lists the `src` of its
    /// scripts, as written.
    pub fn specifiers(&self, id: FileId) -> impl Iterator<Item = &str> {
        let range = self.file(id).map_or((0, 0), |file| file.specifiers);
        self.specifiers.list(range).iter().map(|specifier| self.specifiers.get(*specifier))
    }

    /// Reads a file again and decodes it.
    ///
    /// # Errors
    ///
    /// When the file vanished or cannot be read any more.
    pub fn read_decoded(&self, id: FileId) -> std::io::Result<Decoded> {
        let absolute = self.absolute(id).ok_or(std::io::ErrorKind::NotFound)?;
        self.table.read(&absolute).map(|bytes| decode(&bytes))
    }

    /// Reads a file's text again.
    ///
    /// # Errors
    ///
    /// When the file vanished, cannot be read any more, or became binary.
    pub fn read(&self, id: FileId) -> std::io::Result<String> {
        match self.read_decoded(id)? {
            Decoded::Text { text, .. } => Ok(text),
            Decoded::Binary => Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "not a text file")),
        }
    }

    /// What an import specifier (or the `src` of a script in markup) in `from` names. Memoised.
    #[must_use]
    pub fn resolve(&self, from: FileId, specifier: &str) -> Resolved {
        self.resolver.resolve(from, specifier)
    }

    /// The module of Python that `from module import name` in `from` names, where it names one: its specifier.
    #[must_use]
    pub fn submodule(&self, from: FileId, module: &str, name: &str) -> Option<String> {
        let specifier = python::below(module, name);
        if !matches!(self.resolve(from, &specifier), Resolved::File(_)) {
            return None;
        }
        let binds = match self.resolve(from, module) {
            Resolved::File(package) => !python::means_submodule(&self.read(package).unwrap_or_default(), name),
            _ => false,
        };
        (!binds).then_some(specifier)
    }

    /// Which files import `id`, each with the specifier that it uses, sorted. Memoised.
    #[must_use]
    pub fn importers(&self, id: FileId) -> Arc<[(FileId, Arc<str>)]> {
        self.importers.of(id, &self.table, &self.specifiers, &self.packages, &self.resolver)
    }

    /// The package that a file belongs to: the manifest nearest above it.
    #[must_use]
    pub fn package_of(&self, id: FileId) -> Option<&Package> {
        self.packages.nearest(&self.file(id)?.path)
    }

    /// Every package of the tree, sorted by folder.
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        self.packages.all()
    }
}
