//! A project on disk as the zone analysis asks it.

use std::path::Path;
use std::sync::Arc;

use authlint::analysis::zones::usage::{ModuleFacts, module_facts, prologue};
use authlint::analysis::zones::view::{ImportEdge, Package, ProjectView};
use authlint::catalog::Catalog;
use authlint::catalog::frameworks::Frameworks;
use authlint::hir::Name;
use authlint::project::{DiscoverOptions, FileKind, Project, Resolved, Screener, discover};
use authlint::source::FileId;

/// A discovered project.
pub(crate) struct OnDisk {
    /// The files.
    pub(crate) project: Project,
    /// The conventions.
    pub(crate) frameworks: Arc<Frameworks>,
}

impl OnDisk {
    /// Discovers and screens a folder.
    pub(crate) fn open(root: &Path) -> Self {
        let root = root.canonicalize().unwrap();
        let mut notices = Vec::new();
        let discovery = discover(std::slice::from_ref(&root), &DiscoverOptions::new(root.clone()), &mut notices);
        let screener = Screener::new(["telnyx"]).unwrap();
        Self {
            project: Project::load(&root, discovery.candidates, &screener, &mut notices),
            frameworks: Arc::clone(&Catalog::builtin().unwrap().frameworks),
        }
    }
}

impl ProjectView for OnDisk {
    fn find(&self, path: &str) -> Option<FileId> {
        self.project.file_by_path(path)
    }

    fn starting_with(&self, prefix: &str, limit: usize) -> Vec<FileId> {
        let files = self.project.files();
        let start = files.partition_point(|file| &*file.path < prefix);
        let below = files.iter().enumerate().skip(start).take_while(|(_, file)| file.path.starts_with(prefix));
        below.take(limit).map(|(index, _)| FileId(u32::try_from(index).unwrap())).collect()
    }

    fn path(&self, file: FileId) -> &str {
        &self.project.file(file).unwrap().path
    }

    fn kind(&self, file: FileId) -> FileKind {
        self.project.file(file).unwrap().kind
    }

    fn package(&self, folder: &str) -> Option<Package> {
        let packages = self.project.packages();
        let at = packages.binary_search_by(|package| (*package.folder).cmp(folder)).ok()?;
        Some(Package { dependencies: packages[at].dependencies.iter().map(|dependency| Name::clone(&dependency.name)).collect() })
    }

    fn text(&self, file: FileId) -> Option<Arc<str>> {
        self.project.read(file).ok().map(Arc::from)
    }

    fn imports(&self, file: FileId) -> Vec<ImportEdge> {
        let edge = |specifier: &str| {
            let target = match self.project.resolve(file, specifier) {
                Resolved::File(target) => Some(target),
                _ => None,
            };
            ImportEdge { specifier: Name::from(specifier), target, type_only: false }
        };
        self.project.specifiers(file).map(edge).collect()
    }

    fn importers(&self, file: FileId) -> Vec<FileId> {
        let mut files: Vec<FileId> = self.project.importers(file).iter().map(|(importer, _)| *importer).collect();
        files.dedup();
        files
    }

    fn directives(&self, file: FileId) -> Vec<Name> {
        self.text(file).map(|text| prologue(&text)).unwrap_or_default()
    }

    fn facts(&self, file: FileId) -> Arc<ModuleFacts> {
        let text = self.text(file).unwrap_or_default();
        Arc::new(module_facts(&authlint::syntax::lower(self.kind(file), &text), &self.frameworks.usage))
    }
}
