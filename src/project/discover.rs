//! Discovery: which files of the given roots are candidates.
//!
//! The walk obeys `.gitignore` (with or without a `.git` folder) up to the repository's root, or up to the working root
//! where there is no repository, and never looks above it. It follows no symbolic link, and it leaves out folders that tools
//! write. Hidden files are ordinary candidates: a secret may be tracked in any of them. Nothing is opened here but folders.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};
use rustc_hash::FxHashSet;

use crate::finding::{Notice, NoticeKind};
use crate::project::folders::{MANIFESTS, folder_reason};
use crate::project::kind::{Class, FileKind};
use crate::project::patterns::Patterns;

/// How to discover.
#[derive(Debug, Clone)]
pub struct DiscoverOptions {
    /// The working root, absolute: paths are reported relative to it.
    pub root: PathBuf,
    /// Number of walker threads; 0 lets the walker choose.
    pub threads: usize,
    /// The walk stops after about this many candidates, with a notice; 0 sets no limit. For looking around a few named files.
    pub max_files: usize,
    /// What is left out, whatever it contains and whoever names it.
    pub exclude: Vec<Patterns>,
}

impl DiscoverOptions {
    /// The usual options for a working root.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root, threads: 0, max_files: 0, exclude: Vec::new() }
    }

    /// Whether a pattern names a path or a folder above it.
    pub(crate) fn excludes(&self, path: &Path, is_folder: bool) -> bool {
        self.exclude.iter().any(|patterns| patterns.contain(path, is_folder))
    }
}

/// A file to look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// Relative to the working root with `/` separators; absolute for files outside it.
    pub path: Arc<str>,
    /// By name alone.
    pub kind: FileKind,
    /// A package manager's lockfile: read for versions, never for secrets.
    pub lockfile: bool,
    /// `.gitignore` excludes it. Only dotenv files become candidates nevertheless: their entries say where values come from.
    pub ignored: bool,
}

/// Why a file or folder was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// A folder of installed dependencies.
    Dependencies,
    /// A folder that a build or tool writes.
    BuildOutput,
    /// A media, archive, font or other binary file, by its extension.
    Binary,
    /// The store of a version control system.
    Repository,
    /// A folder that a pattern of the configuration names.
    Unwanted,
    /// Named explicitly, but excluded by `.gitignore` or one of the reasons above.
    Excluded,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Relative to the working root.
    pub path: String,
    /// Why.
    pub reason: SkipReason,
}

/// What the walk found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The candidates, sorted by path.
    pub candidates: Vec<Candidate>,
    /// What was left out, sorted by path. Binary files are only counted.
    pub skipped: Vec<Skipped>,
    /// Files left out for their binary extension.
    pub binary: usize,
    /// Roots that do not exist or cannot be read.
    pub missing: Vec<PathBuf>,
}

/// Walks `roots` (files or folders) and lists the candidates. Unreadable folders become notices.
pub fn discover(roots: &[PathBuf], options: &DiscoverOptions, notices: &mut Vec<Notice>) -> Discovery {
    let mut found = Discovery::default();
    let mut folders: Vec<PathBuf> = Vec::new();
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    for root in roots {
        let absolute = normalize(&options.root.join(root));
        match std::fs::symlink_metadata(&absolute) {
            Ok(metadata) if metadata.is_dir() => folders.push(absolute),
            Ok(metadata) if metadata.is_file() => {
                files.insert(absolute);
            }
            // A link named by the user is followed once; links met on the way never are.
            Ok(_) => match std::fs::metadata(&absolute) {
                Ok(metadata) if metadata.is_dir() => folders.push(absolute),
                Ok(metadata) if metadata.is_file() => {
                    files.insert(absolute);
                }
                _ => found.missing.push(root.clone()),
            },
            Err(_) => found.missing.push(root.clone()),
        }
    }
    let mut wanted = |path: &PathBuf, is_folder| {
        let is_wanted = !options.excludes(path, is_folder);
        if !is_wanted {
            found.skipped.push(Skipped { path: display_name(&options.root, path), reason: SkipReason::Excluded });
        }
        is_wanted
    };
    folders.retain(|folder| wanted(folder, true));
    files.retain(|file| wanted(file, false));
    folders.sort();
    folders.dedup();
    // A folder inside another given folder adds nothing.
    let folders: Vec<PathBuf> =
        folders.iter().filter(|folder| !folders.iter().any(|other| *folder != other && folder.starts_with(other))).cloned().collect();

    let shared = Arc::new(Shared { root: options.root.clone(), exclude: options.exclude.clone(), state: Mutex::new(State::default()) });
    for folder in &folders {
        walk_folder(folder, options, &shared);
    }
    let (covered, loose): (Vec<PathBuf>, Vec<PathBuf>) =
        files.into_iter().partition(|file| folders.iter().any(|folder| file.starts_with(folder)));
    walk_files(&loose, options, &shared);
    add_ignored_dotenv(&folders, &shared);

    shared.with(|state| {
        found.candidates = std::mem::take(&mut state.candidates);
        found.skipped.append(&mut state.skipped);
        found.binary = state.binary;
        notices.append(&mut state.notices);
    });
    found.candidates.sort_unstable();
    found.candidates.dedup_by(|later, first| later.path == first.path);
    // A named file inside a named folder is either among the candidates now, or excluded.
    for file in covered {
        let path = display_name(&options.root, &file);
        if found.candidates.binary_search_by(|candidate| (*candidate.path).cmp(&path)).is_err() {
            found.skipped.push(Skipped { path, reason: SkipReason::Excluded });
        }
    }
    found.skipped.sort_unstable();
    found.skipped.dedup();
    notices.sort_unstable();
    notices.dedup();
    found
}

/// The folders that show a few named files in the light of their project: for each file, the nearest folder above it with a
/// manifest, but not above the working root, or the repository's root for files outside it. Meant to be discovered beside the files
/// themselves, under a limit.
#[must_use]
pub fn surroundings(files: &[PathBuf], root: &Path) -> Vec<PathBuf> {
    let mut folders = BTreeSet::new();
    for file in files {
        let file = normalize(&root.join(file));
        let mut nearest = None;
        for folder in file.ancestors().skip(1) {
            if MANIFESTS.iter().any(|manifest| folder.join(manifest).is_file()) {
                nearest = Some(folder);
                break;
            }
            if folder == root || folder.join(".git").exists() {
                break;
            }
        }
        folders.extend(nearest.or(file.parent()).map(Path::to_path_buf));
    }
    folders.into_iter().collect()
}

/// What the walker threads collect.
#[derive(Default)]
struct State {
    candidates: Vec<Candidate>,
    skipped: Vec<Skipped>,
    notices: Vec<Notice>,
    binary: usize,
}

impl State {
    fn absorb(&mut self, mut other: State) {
        self.candidates.append(&mut other.candidates);
        self.skipped.append(&mut other.skipped);
        self.notices.append(&mut other.notices);
        self.binary += other.binary;
    }

    /// Takes a file that no ignore rule excludes.
    fn take_file(&mut self, root: &Path, path: &Path) {
        let class = Class::of(path);
        if class == Class::Binary {
            self.binary += 1;
            return;
        }
        let Some(name) = relative_name(root, path) else {
            self.notices.push(Notice {
                path: Some(display_name(root, path)),
                kind: NoticeKind::Unreadable,
                message: "the file's name is not valid Unicode; it was not read".to_owned(),
            });
            return;
        };
        self.candidates.push(Candidate { path: name.into(), kind: FileKind::of(path), lockfile: class == Class::Lockfile, ignored: false });
    }

    fn take_error(&mut self, root: &Path, error: &ignore::Error) {
        // A link that points nowhere or to its own parent is nothing to read, and links are not followed anyway.
        if matches!(error, ignore::Error::Loop { .. }) {
            return;
        }
        let path = error_path(error).map(|path| display_name(root, path));
        self.notices.push(Notice { path, kind: NoticeKind::Unreadable, message: format!("could not be read: {}", error_cause(error)) });
    }
}

struct Shared {
    root: PathBuf,
    exclude: Vec<Patterns>,
    state: Mutex<State>,
}

impl Shared {
    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a pattern names what the walk has met; it has asked for the folders above already.
    fn excludes(&self, path: &Path, is_folder: bool) -> bool {
        self.exclude.iter().any(|patterns| patterns.contain_itself(path, is_folder))
    }
}

/// One walker thread's collection, handed over when the thread ends: a lock for each file would serialise the walk.
struct Local {
    state: State,
    shared: Arc<Shared>,
}

impl Drop for Local {
    fn drop(&mut self) {
        let state = std::mem::take(&mut self.state);
        self.shared.with(|shared| shared.absorb(state));
    }
}

/// The rules that every walk shares. The walker heeds the borders of repositories only when it is told to require one.
fn walker(base: &Path, repository: bool, options: &DiscoverOptions) -> WalkBuilder {
    let mut builder = WalkBuilder::new(base);
    builder.standard_filters(false).git_ignore(true).git_exclude(true).require_git(repository).follow_links(false).threads(options.threads);
    builder
}

/// Walks one folder on all threads.
fn walk_folder(folder: &Path, options: &DiscoverOptions, shared: &Arc<Shared>) {
    // Inside a repository the walker itself climbs to the repository's root for ignore files. Without one it would climb to
    // the root of the disk, so the walk starts at the working root instead and goes straight down to the folder.
    let repository = folder.ancestors().any(|ancestor| ancestor.join(".git").exists());
    let from_root = !repository && folder != options.root && folder.starts_with(&options.root);
    let mut builder = walker(if from_root { &options.root } else { folder }, repository, options);
    builder.parents(repository);
    let target = folder.to_path_buf();
    let filter = Arc::clone(shared);
    builder.filter_entry(move |entry| {
        let path = entry.path();
        let on_the_way = from_root && target.starts_with(path);
        on_the_way || ((!from_root || path.starts_with(&target)) && !leave_out(entry, &filter))
    });
    let reached = AtomicBool::new(false);
    let taken = AtomicUsize::new(0);
    builder.build_parallel().run(|| {
        let mut local = Local { state: State::default(), shared: Arc::clone(shared) };
        let (reached, taken, limit) = (&reached, &taken, options.max_files);
        Box::new(move |entry| {
            match entry {
                Ok(entry) => {
                    if entry.path() == folder {
                        reached.store(true, Ordering::Relaxed);
                    }
                    if entry.file_type().is_some_and(|kind| kind.is_file()) {
                        if limit > 0 && taken.fetch_add(1, Ordering::Relaxed) >= limit {
                            return WalkState::Quit;
                        }
                        local.state.take_file(&local.shared.root, entry.path());
                    }
                }
                Err(error) => local.state.take_error(&local.shared.root, &error),
            }
            WalkState::Continue
        })
    });
    if options.max_files > 0 && taken.into_inner() > options.max_files {
        let path = Some(display_name(&options.root, folder));
        let message = format!("the folder has more than {} files; not all were looked at", options.max_files);
        shared.with(|state| state.notices.push(Notice { path, kind: NoticeKind::Limit, message }));
    }
    if from_root && !reached.into_inner() {
        // The folder itself is ignored, but the user named it.
        let alone = DiscoverOptions { root: folder.to_path_buf(), ..options.clone() };
        walk_folder(folder, &alone, shared);
    }
}

/// Looks at files that were named one by one. The walk goes straight down to them, so that ignore rules count.
fn walk_files(files: &[PathBuf], options: &DiscoverOptions, shared: &Arc<Shared>) {
    let mut groups: BTreeMap<PathBuf, Vec<&PathBuf>> = BTreeMap::new();
    for file in files {
        let repository = file.ancestors().skip(1).find(|ancestor| ancestor.join(".git").exists());
        let base = match (repository, file.parent()) {
            (Some(repository), _) => repository,
            (None, _) if file.starts_with(&options.root) => &options.root,
            (None, Some(parent)) => parent,
            (None, None) => continue,
        };
        groups.entry(base.to_path_buf()).or_default().push(file);
    }
    for (base, files) in groups {
        let wanted: FxHashSet<PathBuf> = files
            .iter()
            .flat_map(|file| file.ancestors().take_while(|ancestor| ancestor.starts_with(&base)))
            .map(Path::to_path_buf)
            .collect();
        let mut builder = walker(&base, base.join(".git").exists(), options);
        let filter = Arc::clone(shared);
        builder.parents(false).filter_entry(move |entry| wanted.contains(entry.path()) && !leave_out(entry, &filter));
        let mut state = State::default();
        let mut reached: FxHashSet<PathBuf> = FxHashSet::default();
        for entry in builder.build() {
            match entry {
                Ok(entry) if files.iter().any(|file| file.as_path() == entry.path()) => {
                    state.take_file(&shared.root, entry.path());
                    reached.insert(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => state.take_error(&shared.root, &error),
            }
        }
        for file in files {
            if !reached.contains(file) {
                state.skipped.push(Skipped { path: display_name(&shared.root, file), reason: SkipReason::Excluded });
            }
        }
        shared.with(|all| all.absorb(state));
    }
}

/// Whether what is met on the way is left out. Folders are noted.
fn leave_out(entry: &DirEntry, shared: &Shared) -> bool {
    if entry.depth() == 0 {
        return false;
    }
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return entry.file_name() == OsStr::new(".git") || shared.excludes(entry.path(), false);
    }
    let unwanted = || shared.excludes(entry.path(), true).then_some(SkipReason::Unwanted);
    let Some(reason) = folder_reason(entry.path()).or_else(unwanted) else { return false };
    // A repository's own store is no part of the project and not worth a line.
    if reason != SkipReason::Repository {
        let path = display_name(&shared.root, entry.path());
        shared.with(|state| state.skipped.push(Skipped { path, reason }));
    }
    true
}

/// Adds dotenv files that `.gitignore` excludes, from the folders where applications keep them.
fn add_ignored_dotenv(folders: &[PathBuf], shared: &Shared) {
    shared.with(|state| {
        let mut places: BTreeSet<PathBuf> = folders.iter().cloned().collect();
        let mut known: FxHashSet<&str> = FxHashSet::default();
        for candidate in &state.candidates {
            let (folder, name) = candidate.path.rsplit_once('/').unwrap_or(("", &*candidate.path));
            if MANIFESTS.contains(&name) {
                places.insert(shared.root.join(folder));
            }
            if candidate.kind == FileKind::Dotenv {
                known.insert(&candidate.path);
            }
        }
        let mut added = Vec::new();
        for place in places {
            let Ok(entries) = std::fs::read_dir(&place) else { continue };
            for entry in entries.flatten() {
                let path = entry.path();
                if FileKind::of(&path) != FileKind::Dotenv || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                    continue;
                }
                let Some(name) = relative_name(&shared.root, &path) else { continue };
                if shared.exclude.iter().any(|patterns| patterns.contain(&path, false)) {
                    continue;
                }
                if !known.contains(name.as_str()) {
                    added.push(Candidate { path: name.into(), kind: FileKind::Dotenv, lockfile: false, ignored: true });
                }
            }
        }
        state.candidates.append(&mut added);
    });
}

/// A path relative to the root with `/` separators, or the whole path for files outside; none for names that are not Unicode.
pub(crate) fn relative_name(root: &Path, path: &Path) -> Option<String> {
    let name = path.strip_prefix(root).unwrap_or(path).to_str()?;
    Some(if std::path::MAIN_SEPARATOR == '/' { name.to_owned() } else { name.replace(std::path::MAIN_SEPARATOR, "/") })
}

/// The same for any name; what is not Unicode is replaced.
pub(crate) fn display_name(root: &Path, path: &Path) -> String {
    relative_name(root, path).unwrap_or_else(|| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned())
}

/// Resolves `.` and `..` by name: links are not looked at.
pub(crate) fn normalize(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}

/// The error without the path in front of it, which reports print themselves.
fn error_cause(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. } | ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            error_cause(err)
        }
        other => other.to_string(),
    }
}
