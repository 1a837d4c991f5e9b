//! The file table: names to ids and folders by binary search, with no index beside the sorted list.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::project::discover::relative_name;
use crate::project::{Overlay, ProjectFile, overlay};
use crate::source::FileId;

/// Larger manifests are generated data.
const MAX_CONFIG_BYTES: u32 = 2 << 20;

/// The files of a project, sorted by path.
#[derive(Debug)]
pub(crate) struct Table {
    root: PathBuf,
    files: Vec<ProjectFile>,
    overlay: Overlay,
    /// All files sorted by the last segment of their path. Built on the first question.
    by_name: OnceLock<Vec<FileId>>,
}

impl Table {
    /// `files` must be sorted by path, without duplicates.
    pub(crate) fn new(root: PathBuf, files: Vec<ProjectFile>, overlay: Overlay) -> Self {
        Self { root, files, overlay, by_name: OnceLock::new() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn files(&self) -> &[ProjectFile] {
        &self.files
    }

    pub(crate) fn get(&self, id: FileId) -> Option<&ProjectFile> {
        self.files.get(id.index())
    }

    pub(crate) fn find(&self, path: &str) -> Option<FileId> {
        let index = self.files.binary_search_by(|file| (*file.path).cmp(path)).ok()?;
        u32::try_from(index).ok().map(FileId)
    }

    /// The files whose path ends with the whole segments of `end`, in order of path.
    pub(crate) fn ending_with<'t>(&'t self, end: &'t str) -> impl Iterator<Item = (FileId, &'t str)> {
        let name_of = |id: &FileId| self.get(*id).map_or("", |file| last_segment(&file.path));
        let ids = self.by_name.get_or_init(|| {
            let mut ids: Vec<FileId> = (0..).map(FileId).take(self.files.len()).collect();
            ids.sort_by_key(|id| (name_of(id), *id));
            ids
        });
        let name = last_segment(end);
        let first = ids.partition_point(|id| name_of(id) < name);
        let same = ids.get(first..).unwrap_or_default().iter().take_while(move |id| name_of(id) == name);
        same.filter_map(|id| Some((*id, &*self.get(*id)?.path)))
            .filter(move |(_, path)| path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/')))
    }

    /// Whether any file stands below this folder (no final `/`; empty for the root).
    pub(crate) fn has_folder(&self, folder: &str) -> bool {
        folder.is_empty() || self.below(folder).next().is_some()
    }

    /// The files below a folder, in order of path.
    pub(crate) fn below<'t>(&'t self, folder: &'t str) -> impl Iterator<Item = (FileId, &'t ProjectFile)> {
        let start = if folder.is_empty() { 0 } else { self.files.partition_point(|file| before_folder(&file.path, folder)) };
        let files = self.files.get(start..).unwrap_or_default();
        let first = u32::try_from(start).unwrap_or(u32::MAX);
        (first..).map(FileId).zip(files).take_while(move |(_, file)| folder.is_empty() || is_below(&file.path, folder))
    }

    /// The names of the files directly in a folder that start with `prefix`.
    pub(crate) fn entries<'t>(&'t self, folder: &str, prefix: &str) -> impl Iterator<Item = &'t str> + use<'t> {
        let start = join(folder, prefix);
        let skip = start.len() - prefix.len();
        let first = self.files.partition_point(|file| *file.path < *start);
        let files = self.files.get(first..).unwrap_or_default();
        files
            .iter()
            .map(|file| &*file.path)
            .take_while(move |path| path.starts_with(&start))
            .filter_map(move |path| path.get(skip..))
            .filter(|name| !name.contains('/'))
    }

    pub(crate) fn absolute(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The bytes of a file, or of what stands in for it.
    pub(crate) fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        overlay::read(&self.overlay, path)
    }

    /// The text of a manifest or tool configuration.
    pub(crate) fn read_config(&self, id: FileId) -> std::io::Result<String> {
        let file = self.get(id).filter(|file| file.readable && file.size <= MAX_CONFIG_BYTES).ok_or(std::io::ErrorKind::NotFound)?;
        let bytes = self.read(&self.absolute(&file.path))?;
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    /// The table's name for an absolute path.
    pub(crate) fn name(&self, path: &Path) -> Option<String> {
        relative_name(&self.root, path)
    }
}

/// Whether `path` sorts before everything below `folder`.
fn before_folder(path: &str, folder: &str) -> bool {
    let (path, folder) = (path.as_bytes(), folder.as_bytes());
    match path.get(..folder.len()) {
        Some(start) if start == folder => path.get(folder.len()).is_none_or(|next| *next < b'/'),
        Some(start) => start < folder,
        None => path <= folder,
    }
}

/// Whether `path` stands below `folder`.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// What follows the last `/`.
pub(crate) fn last_segment(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folder of a path; empty for the root.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A folder and those above it, nearest first, the root (empty) last.
pub(crate) fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| (!folder.is_empty()).then(|| folder_of(folder)))
}

/// A name in a folder.
pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
