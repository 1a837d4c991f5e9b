//! The workspace: the project's files as the analysis sees them, parsed on demand and kept.
//!
//! Nothing here decides anything. A file is parsed the first time that somebody asks for it, so the cost of a run follows the
//! questions, not the size of the tree.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use super::importing::Importing;
use super::scopes::SymbolId;
use super::unit::Unit;
use super::usage::{MemberKey, MemberObject};
use super::values::Answers;
use crate::catalog::Catalog;
use crate::finding::{Notice, NoticeKind};
use crate::hir::{Language, Name, ProgramKind, SyntaxProblemKind};
use crate::project::{AnchorSet, FileKind, Project, ProjectFile, Resolved};
use crate::source::{FileId, SourceFile};
use crate::syntax::decode::{Decoded, Encoding};

/// Larger files are not parsed: nobody writes them by hand, and a tree of a hostile one takes a hundred times its size.
const MAX_PARSED_BYTES: u32 = 2 << 20;
/// For markup and data, of which only parts are script.
const MAX_MARKUP_BYTES: u32 = 6 << 20;

/// The project's files, parsed on demand.
#[derive(Debug)]
pub struct Workspace {
    /// The file table, resolution and manifests.
    pub project: Project,
    /// What the world outside is called, in this run.
    pub catalog: Arc<Catalog>,
    units: Vec<OnceLock<Option<Box<Unit>>>>,
    notices: Mutex<Vec<Notice>>,
    pub(super) importing: Importing,
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
    pub fn new(project: Project, catalog: Arc<Catalog>) -> Self {
        let anchored = project
            .iter()
            .filter(|(_, file)| {
                file.kind.has_code() && !file.minified && file.readable && file.anchors.intersects(AnchorSet::TELNYX | AnchorSet::MODEL)
            })
            .map(|(id, _)| id)
            .collect();
        let count = project.files().len();
        Self {
            project,
            catalog,
            units: std::iter::repeat_with(OnceLock::new).take(count).collect(),
            notices: Mutex::default(),
            anchored,
            importing: Importing::default(),
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

    /// Whether [`Workspace::unit`] costs nothing: the file has been parsed, or never will be.
    pub(super) fn is_settled(&self, file: FileId) -> bool {
        let parsed = self.units.get(file.index()).is_none_or(|unit| unit.get().is_some());
        parsed || self.project.file(file).is_none_or(|entry| !has_syntax(entry) || entry.size > MAX_PARSED_BYTES)
    }

    fn parse(&self, file: FileId) -> Option<Box<Unit>> {
        let entry = self.project.file(file)?;
        if !has_syntax(entry) {
            return None;
        }
        let limit = if entry.kind.is_script() { MAX_PARSED_BYTES } else { MAX_MARKUP_BYTES };
        if entry.size > limit {
            let message = format!("too large to be parsed (the limit is {} MiB); it was searched for secrets only", limit >> 20);
            self.notice(Notice { path: Some(entry.path.to_string()), kind: NoticeKind::TooLarge, message });
            return None;
        }
        let source = self.source(file)?;
        let mut module = crate::syntax::lower(entry.kind, &source.text);
        if module.language == Language::Python {
            super::python::link(&self.project, file, &mut module);
        }
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
                    // Its parser gives a whole tree or none.
                    _ if module.language == Language::Rust => format!("line {first} did not parse; it was searched for secrets only"),
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
                if let Resolved::File(file) = self.resolve(unit.file, &script.url) {
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

/// Whether a file is of a kind that is parsed.
fn has_syntax(entry: &ProjectFile) -> bool {
    !entry.minified && !entry.lockfile && entry.readable && entry.kind != FileKind::Text
}

fn is_module(unit: &Unit) -> bool {
    unit.module.programs.iter().all(|program| program.kind == ProgramKind::Module)
        && !(unit.module.imports.is_empty() && unit.module.exports.is_empty())
}
