//! Who imports a file, and under which names: the way from a symbol to its users in other files.
//!
//! Everything here is asked again and again about the same few symbols, so answers are kept; and most importers of a widely used module have
//! nothing to do with the name that is asked about, so they are parsed only when their text mentions it ([`Mentions`]).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::mentions::{Mention, Mentions};
use super::scopes::SymbolId;
use super::unit::Unit;
use super::usage::{MemberKey, MemberObject, WriteKind};
use super::workspace::Workspace;
use crate::hir::{ExportKind, ExprId, ExprKind, Imported, Name, Property, PropertyKey};
use crate::project::Resolved;
use crate::source::FileId;

/// How far importers of importers are followed when a function's callers are looked for.
const IMPORTER_DEPTH: u32 = 3;
/// How many files a search for callers may parse.
const IMPORTER_FILES: usize = 48;

/// What is known of importers so far.
#[derive(Debug, Default)]
pub(super) struct Importing {
    direct: Kept<FileId, [FileId]>,
    deep: Kept<FileId, [FileId]>,
    symbols: Kept<(FileId, SymbolId), [(FileId, SymbolId)]>,
    mentions: Kept<FileId, Mentions>,
}

/// Answers by question.
#[derive(Debug)]
struct Kept<Q, A: ?Sized>(Mutex<FxHashMap<Q, Arc<A>>>);

impl<Q, A: ?Sized> Default for Kept<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: Copy + Eq + std::hash::Hash, A: ?Sized> Kept<Q, A> {
    fn known(&self, question: Q) -> Option<Arc<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&question).cloned()
    }

    /// The kept answer, or the one that `find` finds: without the lock, as finding may parse files. Who comes second finds the same.
    fn get(&self, question: Q, find: impl FnOnce() -> Arc<A>) -> Arc<A> {
        self.known(question).unwrap_or_else(|| {
            let found = find();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(question, Arc::clone(&found));
            found
        })
    }
}

impl Workspace {
    /// The files that import `file` directly and are parsed or parseable.
    pub fn importing_units(&self, file: FileId) -> impl Iterator<Item = &Unit> {
        self.units_of(&self.importing_files(file)).into_iter()
    }

    /// Those of [`Workspace::importing_units`] whose text mentions `name` so.
    pub(super) fn importing_units_naming(&self, file: FileId, name: &str, mention: Mention) -> Vec<&Unit> {
        self.units_of(&self.naming(&self.importing_files(file), |mentions| mentions.has(name, mention)))
    }

    /// The files that import `file`, directly or through a few others, nearest first.
    pub fn importing_units_deep(&self, file: FileId) -> impl Iterator<Item = &Unit> {
        self.units_of(&self.importing_files_deep(file)).into_iter()
    }

    /// Those of [`Workspace::importing_units_deep`] whose text mentions `name` so.
    pub(super) fn importing_units_deep_naming(&self, file: FileId, name: &str, mention: Mention) -> Vec<&Unit> {
        self.units_of(&self.naming(&self.importing_files_deep(file), |mentions| mentions.has(name, mention)))
    }

    /// Those of [`Workspace::importing_units_deep`] whose text may take or ask for `name` and assigns a member `written`.
    pub(super) fn importing_units_deep_writing(&self, file: FileId, name: &str, written: &str) -> Vec<&Unit> {
        let tells = |mentions: &Mentions| {
            mentions.has(written, Mention::Written) && (mentions.has(name, Mention::Taken) || mentions.has(name, Mention::Member))
        };
        self.units_of(&self.naming(&self.importing_files_deep(file), tells))
    }

    /// The file that a name is imported from, when that is all that it is.
    pub(crate) fn imported_file(&self, unit: &Unit, symbol: SymbolId) -> Option<FileId> {
        let [write] = unit.usage.writes(symbol) else { return None };
        let WriteKind::Import { import, .. } = write.kind else { return None };
        match self.resolve(unit.file, &unit.module.imports.get(import)?.specifier) {
            Resolved::File(file) => Some(file),
            _ => None,
        }
    }

    /// Whether a local name is the import of what `unit` exports as `name`, perhaps through files that hand it on under the same name.
    pub(super) fn imports_symbol(&self, importer: &Unit, local: SymbolId, unit: &Unit, name: &str) -> bool {
        let [write] = importer.usage.writes(local) else { return false };
        let WriteKind::Import { import, name: index } = write.kind else { return false };
        let Some(import) = importer.module.imports.get(import) else { return false };
        let is_named = match import.names.get(index).map(|imported| &imported.imported) {
            Some(Imported::Named(export)) => **export == *name,
            Some(Imported::Default) => unit.exports_as_default(name),
            Some(Imported::Namespace) | None => false,
        };
        is_named
            && match self.resolve(importer.file, &import.specifier) {
                Resolved::File(file) => self.may_lead_to(file, unit.file),
                _ => false,
            }
    }

    /// Whether what `file` exports can come from `origin`: it is that file, or imports it through a few others. True where the importers are
    /// too many to tell.
    pub(super) fn may_lead_to(&self, file: FileId, origin: FileId) -> bool {
        let importers = self.importing_files_deep(origin);
        file == origin || importers.len() >= IMPORTER_FILES || importers.contains(&file)
    }

    fn importing_files(&self, file: FileId) -> Arc<[FileId]> {
        self.importing.direct.get(file, || {
            let mut files: Vec<FileId> = self.project.importers(file).iter().map(|(importer, _)| *importer).collect();
            files.sort_unstable();
            files.dedup();
            files.retain(|importer| self.is_peer(*importer, file));
            files.truncate(IMPORTER_FILES);
            files.into()
        })
    }

    fn importing_files_deep(&self, file: FileId) -> Arc<[FileId]> {
        self.importing.deep.get(file, || {
            let mut seen = FxHashSet::from_iter([file]);
            let mut found = Vec::new();
            let mut open = VecDeque::from([(file, 0)]);
            while let Some((next, depth)) = open.pop_front() {
                if depth == IMPORTER_DEPTH || found.len() >= IMPORTER_FILES {
                    continue;
                }
                let mut importers: Vec<FileId> = self.project.importers(next).iter().map(|(importer, _)| *importer).collect();
                importers.sort_unstable();
                for importer in importers {
                    if seen.insert(importer) && found.len() < IMPORTER_FILES && self.is_peer(importer, file) {
                        found.push(importer);
                        open.push_back((importer, depth + 1));
                    }
                }
            }
            found.into()
        })
    }

    /// Tests call production code with made-up values: they are no callers of it, only of each other.
    fn is_peer(&self, importer: FileId, of: FileId) -> bool {
        !self.catalog.frameworks.is_development_path(self.path(importer)) || self.catalog.frameworks.is_development_path(self.path(of))
    }

    /// The files whose text `tells`, or whose units cost nothing, in the given order.
    fn naming(&self, files: &[FileId], tells: impl Fn(&Mentions) -> bool + Sync) -> Vec<FileId> {
        let read = |file: &FileId| {
            let mentions = self.importing.mentions.get(*file, || Arc::new(Mentions::of(&self.project.read(*file).unwrap_or_default())));
            tells(&mentions)
        };
        let unread = files.iter().filter(|file| !self.is_settled(**file) && self.importing.mentions.known(**file).is_none()).count();
        if unread > 1 {
            files.par_iter().copied().filter(|file| self.is_settled(*file) || read(file)).collect()
        } else {
            files.iter().copied().filter(|file| self.is_settled(*file) || read(file)).collect()
        }
    }

    /// The units of files, parsed side by side where they are not parsed yet.
    fn units_of(&self, files: &[FileId]) -> Vec<&Unit> {
        if files.iter().filter(|file| !self.is_settled(**file)).count() > 1 {
            files.par_iter().filter_map(|file| self.unit(*file)).collect()
        } else {
            files.iter().filter_map(|file| self.unit(*file)).collect()
        }
    }

    /// The local symbols of other files that import an exported symbol, re-exports included.
    pub(crate) fn importing_symbols<'w>(&'w self, unit: &'w Unit, symbol: SymbolId) -> Vec<(&'w Unit, SymbolId)> {
        let found = self.importing.symbols.get((unit.file, symbol), || self.find_importing(unit, symbol).into());
        found.iter().filter_map(|(file, symbol)| Some((self.unit(*file)?, *symbol))).collect()
    }

    fn find_importing(&self, unit: &Unit, symbol: SymbolId) -> Vec<(FileId, SymbolId)> {
        let mut found = Vec::new();
        let mut open: Vec<(&Unit, Imported)> = exported_names(unit, symbol).into_iter().map(|name| (unit, name)).collect();
        let mut seen: FxHashSet<(FileId, Imported)> = open.iter().map(|(unit, name)| (unit.file, name.clone())).collect();
        while let Some((exporter, name)) = open.pop() {
            let files = self.importing_files(exporter.file);
            let naming = match &name {
                Imported::Named(name) => self.naming(&files, |mentions| mentions.has(name, Mention::Taken) || mentions.hands_on_all()),
                // A default export has a name of the importer's choice.
                Imported::Default | Imported::Namespace => files.to_vec(),
            };
            for importer in self.units_of(&naming) {
                for import in &importer.module.imports {
                    if !self.resolves_to(importer.file, &import.specifier, exporter.file) {
                        continue;
                    }
                    for imported in &import.names {
                        if imported.imported == name
                            && let Some(local) = importer.scopes.symbol_of_binding(imported.local)
                        {
                            found.push((importer.file, local));
                        }
                    }
                }
                for export in &importer.module.exports {
                    let onward = match &export.kind {
                        ExportKind::From { name: exported, imported, specifier, .. }
                            if *imported == name && self.resolves_to(importer.file, specifier, exporter.file) =>
                        {
                            Some(if &**exported == "default" { Imported::Default } else { Imported::Named(exported.clone()) })
                        }
                        ExportKind::Star { specifier, .. } if self.resolves_to(importer.file, specifier, exporter.file) => {
                            Some(name.clone())
                        }
                        _ => None,
                    };
                    if let Some(onward) = onward
                        && seen.len() < 200
                        && seen.insert((importer.file, onward.clone()))
                    {
                        open.push((importer, onward));
                    }
                }
                self.dynamic_imports(importer, exporter, &name, &mut found);
            }
        }
        found
    }

    /// `const { connect } = await import("./phone")`, `const phone = require("./phone")` with a destructured name.
    fn dynamic_imports(&self, importer: &Unit, exporter: &Unit, name: &Imported, found: &mut Vec<(FileId, SymbolId)>) {
        let wanted = match name {
            Imported::Named(name) => name.clone(),
            Imported::Default => Name::from("default"),
            Imported::Namespace => return,
        };
        for loaded in importer.loaded() {
            if loaded.property == wanted && self.resolves_to(importer.file, &loaded.specifier, exporter.file) {
                found.push((importer.file, loaded.symbol));
            }
        }
    }
}

/// The names under which a module exports a symbol.
fn exported_names(unit: &Unit, symbol: SymbolId) -> Vec<Imported> {
    let mut names = Vec::new();
    let mut push = |name: &Name| names.push(if &**name == "default" { Imported::Default } else { Imported::Named(name.clone()) });
    for export in &unit.module.exports {
        match &export.kind {
            ExportKind::Binding { name, binding } if unit.scopes.symbol_of_binding(*binding) == Some(symbol) => push(name),
            ExportKind::Expr { name, expr } if unit.scopes.symbol_of_expr(*expr) == Some(symbol) => push(name),
            // `export default memo(Phone)`, `module.exports = { connect }`.
            ExportKind::Expr { name, expr } if unit.wraps_symbol(*expr, symbol) => push(name),
            _ => {}
        }
    }
    for write in unit.usage.member_writes() {
        if let (MemberObject::Global(object), Some(value)) = (&write.object, write.kind.value()) {
            let keys: Vec<&str> = write.keys.iter().map(|key| if let MemberKey::Name(name) = key { &**name } else { "" }).collect();
            match (&**object, keys.as_slice()) {
                ("module", ["exports", name]) | ("exports", [name]) if unit.scopes.symbol_of_expr(value) == Some(symbol) => {
                    names.push(Imported::Named(Name::from(*name)));
                }
                ("module", ["exports"]) => {
                    if let ExprKind::Object(properties) = &unit.module[value].kind {
                        for property in properties {
                            if let Property::Value { key: PropertyKey::Name(name, _), value } = property
                                && unit.scopes.symbol_of_expr(*value) == Some(symbol)
                            {
                                names.push(Imported::Named(name.clone()));
                            }
                        }
                    }
                    if unit.scopes.symbol_of_expr(value) == Some(symbol) {
                        names.push(Imported::Default);
                    }
                }
                _ => {}
            }
        }
    }
    names
}

impl Unit {
    /// Whether `callee` (`app.post`, `router.use`) registers a route handler.
    pub(crate) fn is_route_registration(&self, callee: ExprId, method: &str) -> bool {
        if !matches!(method, "get" | "post" | "put" | "patch" | "delete" | "all" | "use" | "options" | "head" | "route") {
            return false;
        }
        let Some(crate::hir::visit::Node::Expr(call)) = self.parents.parent(crate::hir::visit::Node::Expr(callee)) else { return false };
        match &self.module[call].kind {
            ExprKind::Call { args, .. } => args.first().is_some_and(|first| {
                matches!(&self.module[first.expr].kind, ExprKind::Literal(crate::hir::Literal::String(path)) if path.starts_with('/'))
            }),
            _ => false,
        }
    }

    /// `wrap(symbol)`: a call whose first argument is the symbol.
    fn wraps_symbol(&self, expr: ExprId, symbol: SymbolId) -> bool {
        let mut expr = self.uncast(expr);
        for _ in 0..4 {
            match &self.module[expr].kind {
                ExprKind::Call { args, .. } => match args.first() {
                    Some(first) if self.scopes.symbol_of_expr(first.expr) == Some(symbol) => return true,
                    Some(first) => expr = first.expr,
                    None => return false,
                },
                _ => return false,
            }
        }
        false
    }
}
