//! The workspace: the project's files as the analysis sees them, parsed on demand and kept.
//!
//! Nothing here decides anything. A file is parsed the first time that somebody asks for it, so the cost of a run follows the
//! questions, not the size of the tree.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::scopes::SymbolId;
use super::unit::Unit;
use super::usage::{MemberKey, MemberObject};
use super::values::{Answers, EnvMechanism};
use crate::catalog::frameworks::Frameworks;
use crate::finding::{Notice, NoticeKind};
use crate::hir::{ExportKind, ExprId, Imported, Name, ProgramKind, SyntaxProblemKind};
use crate::project::{AnchorSet, FileKind, Project, Resolved};
use crate::source::{FileId, SourceFile};
use crate::syntax::decode::{Decoded, Encoding};

/// How far importers of importers are followed when a function's callers are looked for.
const IMPORTER_DEPTH: u32 = 3;
/// How many files a search for callers may parse.
const IMPORTER_FILES: usize = 48;

/// The names of other files that a symbol is imported under.
type Importing = Arc<[(FileId, SymbolId)]>;
/// Larger files are not parsed: nobody writes them by hand, and a tree of a hostile one takes a hundred times its size.
const MAX_PARSED_BYTES: u32 = 2 << 20;
/// For markup and data, of which only parts are script.
const MAX_MARKUP_BYTES: u32 = 6 << 20;

/// The project's files, parsed on demand.
#[derive(Debug)]
pub struct Workspace {
    /// The file table, resolution and manifests.
    pub project: Project,
    /// What frameworks are called and where their files run.
    pub frameworks: Frameworks,
    units: Vec<OnceLock<Option<Box<Unit>>>>,
    notices: Mutex<Vec<Notice>>,
    deep_importers: Vec<OnceLock<Vec<FileId>>>,
    importing: Mutex<FxHashMap<(FileId, SymbolId), Importing>>,
    /// What questions about values have found so far.
    pub(crate) answers: Answers,
    /// Files that the screening found anchors in: parsed before the analysis starts.
    anchored: Vec<FileId>,
    /// Folders that the user named, as in the paths of files.
    named: Vec<String>,
    global_writes: OnceLock<FxHashMap<Name, Vec<(FileId, usize)>>>,
    pages: OnceLock<FxHashMap<FileId, Vec<FileId>>>,
}

impl Workspace {
    /// A workspace over a discovered project.
    #[must_use]
    pub fn new(project: Project, frameworks: Frameworks) -> Self {
        let anchored = project
            .iter()
            .filter(|(_, file)| file.kind.has_code() && !file.minified && file.readable && file.anchors.intersects(AnchorSet::TELNYX))
            .map(|(id, _)| id)
            .collect();
        let count = project.files().len();
        Self {
            project,
            frameworks,
            units: std::iter::repeat_with(OnceLock::new).take(count).collect(),
            notices: Mutex::default(),
            deep_importers: std::iter::repeat_with(OnceLock::new).take(count).collect(),
            anchored,
            importing: Mutex::default(),
            answers: Answers::default(),
            named: Vec::new(),
            global_writes: OnceLock::new(),
            pages: OnceLock::new(),
        }
    }

    /// Tells which folders the user named.
    pub(crate) fn name_folders(&mut self, folders: Vec<String>) {
        self.named = folders;
    }

    /// The part of a path below the folder that the user named.
    pub(crate) fn below_named<'p>(&self, path: &'p str) -> &'p str {
        let rests = self.named.iter().filter_map(|folder| path.strip_prefix(folder.as_str())?.strip_prefix('/'));
        rests.min_by_key(|rest| rest.len()).unwrap_or(path)
    }

    /// Treats every file with code as if it had an anchor.
    pub(crate) fn anchor_everything(&mut self) {
        let code = self.project.iter().filter(|(_, file)| file.kind.has_code() && !file.minified && file.readable);
        self.anchored = code.map(|(id, _)| id).collect();
    }

    /// Treats more files as if they had an anchor.
    pub(crate) fn anchor(&mut self, files: &[FileId]) {
        self.anchored.extend_from_slice(files);
        self.anchored.sort_unstable();
        self.anchored.dedup();
    }

    /// The code files with an anchor, in path order.
    #[must_use]
    pub fn anchored(&self) -> &[FileId] {
        &self.anchored
    }

    /// The parsed units of the anchored files.
    pub fn anchored_units(&self) -> impl Iterator<Item = &Unit> {
        self.anchored.iter().filter_map(|file| self.unit(*file))
    }

    /// Every unit that has been parsed so far, in path order.
    pub fn parsed(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter_map(|unit| unit.get()?.as_deref())
    }

    /// The notices of reading and parsing so far.
    #[must_use]
    pub fn take_notices(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn notice(&self, notice: Notice) {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
    }

    /// The path of a file as reports print it.
    #[must_use]
    pub fn path(&self, file: FileId) -> &str {
        self.project.file(file).map_or("", |file| &file.path)
    }

    /// The parsed unit of a file; none when it cannot be read, is minified, or is not of a kind that is parsed.
    pub fn unit(&self, file: FileId) -> Option<&Unit> {
        self.units.get(file.index())?.get_or_init(|| self.parse(file)).as_deref()
    }

    fn parse(&self, file: FileId) -> Option<Box<Unit>> {
        let entry = self.project.file(file)?;
        if entry.minified || entry.lockfile || !entry.readable || entry.kind == FileKind::Text {
            return None;
        }
        let limit = if entry.kind.is_script() { MAX_PARSED_BYTES } else { MAX_MARKUP_BYTES };
        if entry.size > limit {
            let message = format!("too large to be parsed (the limit is {} MiB); it was searched for secrets only", limit >> 20);
            self.notice(Notice { path: Some(entry.path.to_string()), kind: NoticeKind::TooLarge, message });
            return None;
        }
        let source = self.source(file)?;
        let module = crate::syntax::lower(entry.kind, &source.text);
        if let Some(problem) = module.problems.iter().find(|problem| problem.kind != SyntaxProblemKind::SyntaxError) {
            let line = source.line_of(problem.span.start);
            let (kind, what) = match problem.kind {
                SyntaxProblemKind::TooDeep => (NoticeKind::Limit, "is nested too deeply"),
                SyntaxProblemKind::Gave => (NoticeKind::Limit, "took too long to parse"),
                SyntaxProblemKind::SyntaxError => (NoticeKind::Syntax, "has a syntax error"),
            };
            self.notice(Notice {
                path: Some(entry.path.to_string()),
                kind,
                message: format!("line {line} {what}; the part was left out of the analysis"),
            });
        } else if !module.problems.is_empty() && entry.kind.is_script() {
            let first = module.problems.first().map_or(1, |problem| source.line_of(problem.span.start));
            self.notice(Notice {
                path: Some(entry.path.to_string()),
                kind: NoticeKind::Syntax,
                message: match module.problems.len() {
                    1 => format!("line {first} did not parse; the rest was analysed"),
                    count => format!("{count} places did not parse, the first in line {first}; the rest was analysed"),
                },
            });
        }
        Some(Box::new(Unit::new(source, module)))
    }

    /// The text of a file that is parsed already.
    #[must_use]
    pub fn parsed_source(&self, file: FileId) -> Option<Arc<SourceFile>> {
        self.units.get(file.index())?.get()?.as_ref().map(|unit| Arc::clone(&unit.source))
    }

    /// Reads a file's text. Failures become notices.
    pub fn source(&self, file: FileId) -> Option<Arc<SourceFile>> {
        let entry = self.project.file(file)?;
        let notice = |kind, message| self.notice(Notice { path: Some(entry.path.to_string()), kind, message });
        match self.project.read_decoded(file) {
            Ok(Decoded::Text { text, encoding, replaced }) => {
                if replaced {
                    notice(NoticeKind::Encoding, "some bytes are no text in the file's encoding; they were replaced".to_owned());
                } else if encoding == Encoding::Latin1 {
                    notice(NoticeKind::Encoding, "not UTF-8; it was read as windows-1252".to_owned());
                }
                Some(Arc::new(SourceFile::new(file, entry.path.clone(), self.project.absolute(file).unwrap_or_default(), Arc::from(text))))
            }
            Ok(Decoded::Binary) => None,
            Err(error) => {
                notice(NoticeKind::Unreadable, format!("could not be read again: {error}"));
                None
            }
        }
    }

    /// Resolves a specifier as `from` would import it.
    #[must_use]
    pub fn resolve(&self, from: FileId, specifier: &str) -> Resolved {
        self.project.resolve(from, specifier)
    }

    pub(crate) fn resolves_to(&self, from: FileId, specifier: &str, target: FileId) -> bool {
        matches!(self.resolve(from, specifier), Resolved::File(file) if file == target)
    }

    /// The npm name behind a specifier: registry prefixes and CDN URLs are taken off, versions dropped.
    #[must_use]
    pub fn package_specifier(&self, from: FileId, specifier: &str) -> String {
        let mapped = self.import_map(from, specifier);
        super::cdn::package_of(mapped.as_deref().unwrap_or(specifier))
    }

    /// What an import map of the page says about a bare specifier.
    fn import_map(&self, from: FileId, specifier: &str) -> Option<String> {
        let unit = self.units.get(from.index())?.get()?.as_deref()?;
        unit.module
            .script_urls
            .iter()
            .find(|script| script.import_map_key.as_deref() == Some(specifier))
            .map(|script| script.url.to_string())
    }

    /// Modules whose exports are environment variables.
    #[must_use]
    pub fn env_module(&self, package: &str) -> Option<EnvMechanism> {
        matches!(
            package,
            "$env/static/public"
                | "$env/dynamic/public"
                | "$env/static/private"
                | "$env/dynamic/private"
                | "@env"
                | "react-native-config"
                | "react-native-dotenv"
                | "astro:env/client"
                | "astro:env/server"
        )
        .then_some(EnvMechanism::Framework)
    }

    /// The files that import `file` directly and are parsed or parseable.
    pub fn importing_units(&self, file: FileId) -> impl Iterator<Item = &Unit> {
        let mut files: Vec<FileId> = self.project.importers(file).iter().map(|(importer, _)| *importer).collect();
        files.sort_unstable();
        files.dedup();
        files.retain(|importer| self.is_peer(*importer, file));
        files.into_iter().take(IMPORTER_FILES).filter_map(|file| self.unit(file))
    }

    /// Tests call production code with made-up values: they are no callers of it, only of each other.
    fn is_peer(&self, importer: FileId, of: FileId) -> bool {
        !self.frameworks.is_development_path(self.path(importer)) || self.frameworks.is_development_path(self.path(of))
    }

    /// The files that import `file`, directly or through a few others, nearest first.
    pub fn importing_units_deep(&self, file: FileId) -> impl Iterator<Item = &Unit> {
        let files = self.deep_importers.get(file.index()).map_or(&[][..], |cell| {
            cell.get_or_init(|| {
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
                found
            })
        });
        files.iter().filter_map(|file| self.unit(*file))
    }

    /// The local symbols of other files that import an exported symbol, re-exports included.
    pub(crate) fn importing_symbols<'w>(&'w self, unit: &'w Unit, symbol: SymbolId) -> Vec<(&'w Unit, SymbolId)> {
        let key = (unit.file, symbol);
        let known = self.importing.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        // Found without the lock, as further files may be parsed; who comes second finds the same.
        let found = known.unwrap_or_else(|| {
            let found: Arc<[_]> = self.find_importing(unit, symbol).into();
            self.importing.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&found));
            found
        });
        found.iter().filter_map(|(file, symbol)| Some((self.unit(*file)?, *symbol))).collect()
    }

    fn find_importing(&self, unit: &Unit, symbol: SymbolId) -> Vec<(FileId, SymbolId)> {
        let mut found = Vec::new();
        let mut open: Vec<(&Unit, Imported)> = exported_names(unit, symbol).into_iter().map(|name| (unit, name)).collect();
        let mut seen: FxHashSet<(FileId, Imported)> = open.iter().map(|(unit, name)| (unit.file, name.clone())).collect();
        while let Some((exporter, name)) = open.pop() {
            for importer in self.importing_units(exporter.file) {
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

    /// A top-level name of another script of the same page.
    pub(crate) fn page_symbol(&self, file: FileId, name: &str) -> Option<(&Unit, SymbolId)> {
        let pages = self.pages.get_or_init(|| self.find_pages());
        pages.get(&file)?.iter().filter_map(|peer| self.unit(*peer)).find_map(|unit| {
            unit.scopes.symbols.iter().enumerate().find_map(|(index, symbol)| {
                let id = SymbolId(u32::try_from(index).unwrap_or(u32::MAX));
                (&*symbol.name == name && unit.scopes.is_top_level(id) && !is_module(unit)).then_some((unit, id))
            })
        })
    }

    /// For each file of a page with classic scripts: the page's other files.
    fn find_pages(&self) -> FxHashMap<FileId, Vec<FileId>> {
        let mut pages: FxHashMap<FileId, Vec<FileId>> = FxHashMap::default();
        for unit in self.anchored_units() {
            let mut members = vec![unit.file];
            for script in unit.module.script_urls.iter().filter(|script| !script.module && script.import_map_key.is_none()) {
                if let Some(file) = self.local_script(unit.file, &script.url) {
                    members.push(file);
                }
            }
            if members.len() < 2 {
                continue;
            }
            for member in &members {
                pages.entry(*member).or_default().extend(members.iter().filter(|other| *other != member));
            }
        }
        pages
    }

    /// The file behind a page's own script URL: relative to the page, or to a folder that is served.
    #[must_use]
    pub fn local_script(&self, page: FileId, url: &str) -> Option<FileId> {
        let url = url.split(['?', '#']).next().unwrap_or(url);
        if url.contains("://") || url.starts_with("//") {
            return None;
        }
        let page = self.path(page);
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        let join = |folder: &str, rest: &str| if folder.is_empty() { rest.to_owned() } else { format!("{folder}/{rest}") };
        if let Some(rest) = url.strip_prefix('/') {
            let mut base = folder;
            loop {
                for inner in ["", "public", "static"] {
                    let folder = if inner.is_empty() { base.to_owned() } else { join(base, inner) };
                    if let Some(file) = self.project.file_by_path(&join(&folder, rest)) {
                        return Some(file);
                    }
                }
                base = match base.rsplit_once('/') {
                    Some((outer, _)) => outer,
                    None if base.is_empty() => return None,
                    None => "",
                };
            }
        }
        match self.resolve(self.project.file_by_path(page)?, &format!("./{}", url.trim_start_matches("./"))) {
            Resolved::File(file) => Some(file),
            _ => None,
        }
    }

    /// Assignments `window.name = …` in the anchored files, by the first name.
    pub(crate) fn global_writes(&self, _from: FileId, name: &str) -> Vec<(&Unit, usize)> {
        let writes = self.global_writes.get_or_init(|| {
            let mut writes: FxHashMap<Name, Vec<(FileId, usize)>> = FxHashMap::default();
            for unit in self.anchored_units() {
                for (index, write) in unit.usage.member_writes().iter().enumerate() {
                    if let (MemberObject::Global(object), Some(MemberKey::Name(first))) = (&write.object, write.keys.first())
                        && matches!(&**object, "window" | "globalThis" | "self" | "global")
                    {
                        writes.entry(first.clone()).or_default().push((unit.file, index));
                    }
                }
            }
            writes
        });
        writes.get(name).map_or(&[][..], Vec::as_slice).iter().filter_map(|(file, index)| Some((self.unit(*file)?, *index))).collect()
    }
}

fn is_module(unit: &Unit) -> bool {
    unit.module.programs.iter().all(|program| program.kind == ProgramKind::Module)
        && !(unit.module.imports.is_empty() && unit.module.exports.is_empty())
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
                    if let crate::hir::ExprKind::Object(properties) = &unit.module[value].kind {
                        for property in properties {
                            if let crate::hir::Property::Value { key: crate::hir::PropertyKey::Name(name, _), value } = property
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
        if !matches!(method, "get" | "post" | "put" | "patch" | "delete" | "all" | "use" | "options" | "head") {
            return false;
        }
        let Some(crate::hir::visit::Node::Expr(call)) = self.parents.parent(crate::hir::visit::Node::Expr(callee)) else { return false };
        match &self.module[call].kind {
            crate::hir::ExprKind::Call { args, .. } => args.first().is_some_and(|first| {
                matches!(&self.module[first.expr].kind, crate::hir::ExprKind::Literal(crate::hir::Literal::String(path)) if path.starts_with('/'))
            }),
            _ => false,
        }
    }

    /// `wrap(symbol)`: a call whose first argument is the symbol.
    fn wraps_symbol(&self, expr: ExprId, symbol: SymbolId) -> bool {
        let mut expr = self.uncast(expr);
        for _ in 0..4 {
            match &self.module[expr].kind {
                crate::hir::ExprKind::Call { args, .. } => match args.first() {
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
