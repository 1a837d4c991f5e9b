//! The workspace as the zone analysis asks it.

use std::sync::Arc;

use super::workspace::Workspace;
use super::zones::usage::{ModuleFacts, module_facts, prologue};
use super::zones::view::{ImportEdge, Package, ProjectView};
use crate::hir::Name;
use crate::project::{FileKind, Resolved};
use crate::source::FileId;

impl ProjectView for Workspace {
    fn find(&self, path: &str) -> Option<FileId> {
        self.project.file_by_path(path)
    }

    fn starting_with(&self, prefix: &str, limit: usize) -> Vec<FileId> {
        let files = self.project.files();
        let start = files.partition_point(|file| &*file.path < prefix);
        (0u32..)
            .map(FileId)
            .skip(start)
            .take_while(|id| files.get(id.index()).is_some_and(|file| file.path.starts_with(prefix)))
            .take(limit)
            .collect()
    }

    fn path(&self, file: FileId) -> &str {
        Workspace::path(self, file)
    }

    fn below_named<'p>(&self, path: &'p str) -> &'p str {
        Workspace::below_named(self, path)
    }

    fn kind(&self, file: FileId) -> FileKind {
        self.project.file(file).map_or(FileKind::Text, |file| file.kind)
    }

    fn package(&self, folder: &str) -> Option<Package> {
        let packages = self.project.packages();
        let package = packages.iter().find(|package| &*package.folder == folder)?;
        Some(Package { dependencies: package.dependencies.iter().map(|dependency| Name::from(&*dependency.name)).collect() })
    }

    fn text(&self, file: FileId) -> Option<Arc<str>> {
        self.source(file).map(|source| Arc::clone(&source.text))
    }

    fn imports(&self, file: FileId) -> Vec<ImportEdge> {
        self.project
            .specifiers(file)
            .map(|specifier| ImportEdge {
                specifier: Name::from(specifier),
                target: match self.resolve(file, specifier) {
                    Resolved::File(target) => Some(target),
                    _ => None,
                },
                type_only: false,
            })
            .collect()
    }

    fn edges(&self, importer: FileId, file: FileId) -> Vec<ImportEdge> {
        // The importers are known with the specifiers that they use, so that nothing has to be resolved again.
        let importers = self.project.importers(file);
        let from = importers.partition_point(|(other, _)| *other < importer);
        let same = importers.get(from..).unwrap_or_default().iter().take_while(|(other, _)| *other == importer);
        same.map(|(_, specifier)| ImportEdge { specifier: specifier.clone(), target: Some(file), type_only: false }).collect()
    }

    fn importers(&self, file: FileId) -> Vec<FileId> {
        let mut importers: Vec<FileId> = self.project.importers(file).iter().map(|(importer, _)| *importer).collect();
        importers.dedup();
        importers
    }

    fn directives(&self, file: FileId) -> Vec<Name> {
        if !self.kind(file).is_script() {
            return Vec::new();
        }
        self.project.read(file).map(|text| prologue(&text)).unwrap_or_default()
    }

    fn facts(&self, file: FileId) -> Arc<ModuleFacts> {
        self.unit(file).map(|unit| Arc::new(module_facts(&unit.module, &self.catalog.frameworks.usage))).unwrap_or_default()
    }
}
