//! A session: from paths on disk to a workspace whose files are parsed, which every command asks its own question of.
//!
//! Discover, screen, parse and lower happen here once; `check` judges the auth model, `trace` asks for one value, `map` draws the model.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::analysis::model::App;
use crate::analysis::workspace::Workspace;
use crate::analysis::{auth, carriers};
use crate::catalog::{Catalog, CatalogError};
use crate::check::CheckError;
use crate::config::{ConfigRequest, Settings};
use crate::finding::{Counts, Notice, NoticeKind, Timings, timed};
use crate::progress::{Progress, Stage};
use crate::project::{self, AnchorSet, DiscoverOptions, Overlay, Project, Screener, SkipReason, Skipped};
use crate::shard::{Shard, Share};
use crate::source::FileId;
use crate::versioned::{Changed, Changes, Staged};

/// How many left out folders one notice names.
const FOLDERS_NAMED: usize = 5;
/// How much stack a thread of the pool may use, in bytes: parsing, lowering and the value walks run there; they are bounded, but go deeper
/// than a default thread allows. Only pages that are touched count as memory.
const STACK: usize = 64 << 20;

/// A project that has been read, and what was noticed on the way.
pub(crate) struct Session {
    /// The files.
    pub(crate) workspace: Workspace,
    /// What each stage took.
    pub(crate) timings: Timings,
    /// The configuration.
    pub(crate) settings: Settings,
    /// Which stage the run is in.
    pub(crate) progress: Progress,
    scope: Scope,
    share: Option<Share>,
    /// The changed files, where only they are reported on, as their paths are printed.
    changed: Option<FxHashSet<String>>,
    notices: Vec<Notice>,
    files_seen: usize,
    files_read: usize,
}

/// What to read and what of it to report on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'r> {
    /// The working root.
    pub(crate) root: &'r Path,
    /// The files and folders to report on; the root when empty.
    pub(crate) paths: &'r [PathBuf],
    /// Which configuration holds.
    pub(crate) config: &'r ConfigRequest,
    /// Contents that files have in place of those on disk.
    pub(crate) overlay: Option<&'r Overlay>,
    /// A text that stands in for a file of `paths`, which need not exist.
    pub(crate) buffer: Option<&'r Buffer>,
    /// The share to report on.
    pub(crate) shard: Option<Shard>,
    /// The changes to report on; everything without.
    pub(crate) changes: Option<&'r Changes>,
    /// Who is told which stage the run is in.
    pub(crate) progress: Option<&'r Progress>,
}

impl<'r> Reading<'r> {
    /// The files on disk, all of which are reported on.
    pub(crate) fn new(root: &'r Path, paths: &'r [PathBuf], config: &'r ConfigRequest) -> Self {
        Self { root, paths, config, overlay: None, buffer: None, shard: None, changes: None, progress: None }
    }
}

/// The text of a file as an editor has it.
#[derive(Debug, Clone)]
pub struct Buffer {
    /// The file, absolute or relative to the working root. It need not exist.
    pub path: PathBuf,
    /// Its content, in any encoding that a file may have.
    pub content: Vec<u8>,
}

/// Reads the project and asks it, on threads that are made for this run.
///
/// # Errors
/// When the configuration makes no sense, a path cannot be read or the machine gives no thread, and what `ask` gives.
pub(crate) fn read<T: Send>(reading: &Reading<'_>, ask: impl FnOnce(Session) -> Result<T, CheckError> + Send) -> Result<T, CheckError> {
    let given = reading.root;
    let root = &std::fs::canonicalize(given).map_err(|source| CheckError::Path { path: given.to_path_buf(), source })?;
    let settings = Settings::load(root, reading.config)?;
    let is_buffer = |path: &&PathBuf| reading.buffer.is_some_and(|buffer| buffer.path == **path);
    for path in reading.paths.iter().filter(|path| !is_buffer(path)) {
        probe(&root.join(path)).map_err(|source| CheckError::Path { path: path.clone(), source })?;
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .build()
        .map_err(|source| CheckError::Internal { what: "cannot start the threads of the analysis".to_owned(), source: Box::new(source) })?;
    // A thread of its own, so that a panic becomes an error of this run and not the end of the process that asked (an editor).
    std::thread::scope(|scope| {
        scope
            .spawn(|| pool.install(|| ask(Session::load(root, reading, settings)?)))
            .join()
            .unwrap_or_else(|_| Err(CheckError::Internal { what: "the analysis stopped unexpectedly".to_owned(), source: "panic".into() }))
    })
}

/// The same for files on disk, all of which are reported on.
///
/// # Errors
/// When the configuration makes no sense, a path cannot be read or the machine gives no thread, and what `ask` gives.
pub(crate) fn run<T: Send>(
    root: &Path,
    paths: &[PathBuf],
    config: &ConfigRequest,
    ask: impl FnOnce(Session) -> Result<T, CheckError> + Send,
) -> Result<T, CheckError> {
    read(&Reading::new(root, paths, config), ask)
}

/// What is known in a run: what is compiled in, and what the configuration adds.
fn catalog_for(settings: &Settings) -> Result<Arc<Catalog>, CheckError> {
    let broken =
        |source: CatalogError| CheckError::Internal { what: "a compiled-in model is malformed".to_owned(), source: Box::new(source) };
    let catalog = Catalog::builtin().map_err(broken)?;
    Ok(match settings.file() {
        Some(file) => catalog.extended(file)?,
        None => catalog,
    })
}

impl Session {
    /// Reads the project of a root that is absolute and without links.
    fn load(root: &Path, reading: &Reading<'_>, settings: Settings) -> Result<Self, CheckError> {
        let progress = reading.progress.cloned().unwrap_or_default();
        progress.enter(Stage::Looking);
        let mut notices = Vec::new();
        let mut overlay = reading.overlay.cloned().unwrap_or_default();
        if let Some(buffer) = reading.buffer {
            overlay.insert(place(root, &buffer.path), buffer.content.as_slice());
        }
        let mut staged = None;
        if let Some(Changes::Staged { index }) = reading.changes {
            let read = Staged::read(root, index.as_ref(), &mut notices)?;
            overlay.extend(read.overlay);
            staged = Some((read.tracked, read.changed));
        }
        let scope = Scope::new(root, reading.paths, &overlay);
        let options = DiscoverOptions { exclude: settings.exclude().to_vec(), ..DiscoverOptions::new(root.to_path_buf()) };
        let mut timings = Timings::new();
        // The compiled-in models are read while the disk is: that is a good part of a run on a few files.
        let (mut discovery, catalog) = rayon::join(
            || timed(&mut timings, "discover", || project::discover(&scope.roots, &options, &mut notices)),
            || catalog_for(&settings),
        );
        let catalog = catalog?;
        overlay.add_unsaved(&options, &mut discovery);
        let changed = match (staged, reading.changes) {
            (Some((tracked, changed)), _) => {
                // A file of values that git ignores is not committed, but says where values come from.
                discovery.candidates.retain(|candidate| candidate.ignored || tracked.contains(&*candidate.path));
                Some(changed)
            }
            (None, Some(Changes::Changed { since })) => {
                let changed = Changed::since(root, since.as_deref())?;
                let paths = discovery.candidates.iter().map(|candidate| &candidate.path);
                Some(paths.filter(|path| changed.has(&root.join(&***path))).map(ToString::to_string).collect())
            }
            _ => None,
        };
        let files_seen = discovery.candidates.len() + discovery.binary;
        notices.extend(left_out(&discovery.skipped));
        let screener = Screener::new(catalog.anchors())
            .map_err(|source| CheckError::Internal { what: "cannot build the search automaton".to_owned(), source: Box::new(source) })?;
        progress.enter(Stage::Reading);
        let project = timed(&mut timings, "screen", || Project::load_with(root, discovery.candidates, overlay, &screener, &mut notices));
        let share = reading.shard.map(|shard| Share::new(shard, &project));
        let files_read = project.files().iter().filter(|file| file.readable).count();
        notices.extend(minified(&project));
        notices.extend(foreign(&project));
        let mut workspace = Workspace::new(project, catalog);
        workspace.name_folders(scope.folders.clone());
        Ok(Self { workspace, timings, settings, progress, scope, share, changed, notices, files_seen, files_read })
    }

    /// Parses the files that matter: the anchored ones (all with `everything`) and those that import what names the service.
    pub(crate) fn parse_anchored(&mut self, everything: bool) {
        if everything {
            self.workspace.anchor_everything();
        }
        self.progress.enter(Stage::Parsing);
        let workspace = &self.workspace;
        timed(&mut self.timings, "parse", || {
            workspace.anchored().par_iter().for_each(|file| {
                workspace.unit(*file);
            });
        });
        let users = timed(&mut self.timings, "carriers", || carriers::users(workspace));
        self.workspace.anchor(&users.files);
        if users.is_cut {
            self.limit("very many files import what names the service; some of them were not analysed");
        }
    }

    /// The auth model of the project.
    pub(crate) fn app(&mut self) -> App {
        self.progress.enter(Stage::Following);
        let app = auth::build(&self.workspace, &mut self.timings);
        if self.workspace.answers.is_exhausted() {
            self.limit("values are tangled too much to follow them all; some were left out of the analysis");
        }
        app
    }

    fn limit(&mut self, message: &str) {
        self.notices.push(Notice { path: None, kind: NoticeKind::Limit, message: message.to_owned() });
    }

    /// Whether findings in the file were asked for.
    pub(crate) fn reports(&self, file: FileId) -> bool {
        let path = self.workspace.path(file);
        let is_changed = self.changed.as_ref().is_none_or(|changed| changed.contains(path));
        is_changed && self.scope.reports(path) && self.share.as_ref().is_none_or(|share| share.has(&self.workspace.project, file))
    }

    /// Whether no file is to be reported on.
    pub(crate) fn reports_nothing(&self) -> bool {
        self.changed.as_ref().is_some_and(FxHashSet::is_empty)
    }

    /// Everything that was noticed so far, in order.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        let mut notices = std::mem::take(&mut self.notices);
        notices.extend(self.workspace.take_notices());
        notices.sort();
        notices.dedup();
        notices
    }

    /// How many files were seen, read and parsed so far.
    pub(crate) fn counts(&self) -> Counts {
        Counts { files_seen: self.files_seen, files_read: self.files_read, files_parsed: self.workspace.parsed().count() }
    }
}

/// Whether a path can be read. Only files and folders are opened: opening a pipe would wait for its other end.
fn probe(path: &Path) -> std::io::Result<()> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_dir() {
        std::fs::read_dir(path).map(drop)
    } else if kind.is_file() {
        std::fs::File::open(path).map(drop)
    } else {
        Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "neither a file nor a folder"))
    }
}

/// What the walk left out: named paths one by one, folders together.
fn left_out(skipped: &[Skipped]) -> Vec<Notice> {
    let of = |reason: SkipReason| skipped.iter().filter(move |skipped| skipped.reason == reason).map(|skipped| skipped.path.as_str());
    let named = of(SkipReason::Excluded).map(|path| Notice {
        path: Some(path.to_owned()),
        kind: NoticeKind::Excluded,
        message: "left out: an ignore rule excludes it, or it is a dependency or build output".to_owned(),
    });
    let folders = [
        (SkipReason::Dependencies, "with dependencies"),
        (SkipReason::BuildOutput, "with build output"),
        (SkipReason::Unwanted, "that `exclude` names"),
    ]
    .into_iter()
    .filter_map(|(reason, what)| {
        let paths: Vec<&str> = of(reason).collect();
        let (first, rest) = paths.split_at_checked(FOLDERS_NAMED).unwrap_or((&paths, &[]));
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        (!paths.is_empty()).then(|| Notice {
            path: None,
            kind: NoticeKind::Skipped,
            message: format!("folders {what} were not looked at: {}{more}", first.join(", ")),
        })
    });
    named.chain(folders).collect()
}

/// The files that would have been parsed if a person had written them.
fn minified(project: &Project) -> impl Iterator<Item = Notice> {
    project.files().iter().filter(|file| file.minified && file.anchors.intersects(AnchorSet::TELNYX | AnchorSet::MODEL)).map(|file| {
        Notice {
            path: Some(file.path.to_string()),
            kind: NoticeKind::Skipped,
            message: "minified or bundled; it was searched for secrets only".to_owned(),
        }
    })
}

/// Languages of back ends that are searched for secrets and not analysed, by the extension of their files.
const FOREIGN: [(&str, &str); 9] = [
    ("php", "PHP"),
    ("rb", "Ruby"),
    ("go", "Go"),
    ("java", "Java"),
    ("kt", "Kotlin"),
    ("cs", "C#"),
    ("ex", "Elixir"),
    ("exs", "Elixir"),
    ("scala", "Scala"),
];

/// The files in such languages that name the service, in one notice.
fn foreign(project: &Project) -> Option<Notice> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for entry in project.files().iter().filter(|file| file.anchors.intersects(AnchorSet::TELNYX)) {
        let extension = entry.path.rsplit_once('.').map_or("", |(_, extension)| extension);
        // A template's scripts run in the browser, and those are analysed.
        let template = entry.path.ends_with(".blade.php");
        if let Some((_, language)) = FOREIGN.iter().find(|(known, _)| *known == extension && !template) {
            *counts.entry(language).or_default() += 1;
        }
    }
    let total: usize = counts.values().sum();
    let said: Vec<String> = counts.iter().map(|(language, count)| format!("{count} {language}")).collect();
    let (last, first) = said.split_last()?;
    let languages = if first.is_empty() { last.clone() } else { format!("{} and {last}", first.join(", ")) };
    let wording = if total == 1 { ["file names", "was", "its"] } else { ["files name", "were", "their"] };
    let [subject, verb, owner] = wording;
    Some(Notice {
        path: None,
        kind: NoticeKind::Limit,
        message: format!("{languages} {subject} Telnyx and {verb} only searched for secrets; {owner} routes are not analysed"),
    })
}

/// Whether a folder is the top of a project: it has a manifest or an entry page.
fn is_project(folder: &Path) -> bool {
    const MARKS: [&str; 14] = [
        ".git",
        "package.json",
        "manifest.json",
        "index.html",
        "composer.json",
        "deno.json",
        "deno.jsonc",
        "pyproject.toml",
        "requirements.txt",
        "Cargo.toml",
        "go.mod",
        "Gemfile",
        "app.json",
        "supabase",
    ];
    MARKS.iter().any(|mark| folder.join(mark).exists())
}

/// Where a given path stands: absolute, without links as far as it exists.
fn place(root: &Path, path: &Path) -> PathBuf {
    let path = project::discover::normalize(&root.join(path));
    std::fs::canonicalize(&path).unwrap_or_else(|_| match (path.parent().and_then(|folder| folder.canonicalize().ok()), path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path,
    })
}

/// What is walked, and what is reported.
struct Scope {
    roots: Vec<PathBuf>,
    /// Named folders, as in the paths of files.
    folders: Vec<String>,
    /// Named files, relative to the root with `/`: only they are reported. Empty: everything that is walked.
    only: Vec<String>,
}

impl Scope {
    /// A named folder with a manifest of its own is a project of its own. Other folders and files are judged in the light of the
    /// whole project: the root is walked and only what was named is reported.
    fn new(root: &Path, paths: &[PathBuf], overlay: &Overlay) -> Self {
        if paths.is_empty() {
            return Self { roots: vec![root.to_path_buf()], folders: Vec::new(), only: Vec::new() };
        }
        let absolute: Vec<PathBuf> = paths.iter().map(|path| place(root, path)).collect();
        let name = |path: &PathBuf| project::discover::display_name(root, path);
        let folders = absolute.iter().filter(|path| path.is_dir()).map(name).collect();
        let inside_file = |path: &&PathBuf| (path.is_file() || overlay.get(path).is_some()) && path.starts_with(root);
        if absolute.iter().all(|path| !inside_file(&path)) {
            let inside = absolute.iter().all(|path| path.starts_with(root) && path != root);
            if inside && !absolute.iter().all(|path| is_project(path)) {
                // Parts of the project are judged in its light.
                let mut roots = vec![root.to_path_buf()];
                roots.extend(absolute.iter().cloned());
                return Self { roots, folders, only: absolute.iter().map(name).collect() };
            }
            return Self { roots: absolute, folders, only: Vec::new() };
        }
        let mut roots = vec![root.to_path_buf()];
        roots.extend(absolute.iter().filter(|path| !path.starts_with(root)).cloned());
        // Named again one by one, so that discovery says which of them an ignore rule excludes.
        roots.extend(absolute.iter().filter(inside_file).cloned());
        Self { roots, folders, only: absolute.iter().map(name).collect() }
    }

    fn reports(&self, path: &str) -> bool {
        self.only.is_empty()
            || self
                .only
                .iter()
                .any(|only| path == only || path.strip_prefix(only.as_str()).is_some_and(|rest| rest.starts_with('/') || only.is_empty()))
    }
}
