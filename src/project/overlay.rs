//! Texts that stand in for files on disk: the buffer of an editor, saved or not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::project::discover::{Candidate, DiscoverOptions, Discovery, relative_name};
use crate::project::folders::folder_reason;
use crate::project::kind::{Class, FileKind};

/// Contents by absolute path, read in place of the file there.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    contents: BTreeMap<PathBuf, Arc<[u8]>>,
}

impl Overlay {
    /// Puts a content in the place of a file, which need not exist.
    pub fn insert(&mut self, path: PathBuf, content: impl Into<Arc<[u8]>>) {
        self.contents.insert(path, content.into());
    }

    /// Takes the contents of another overlay, which win.
    pub(crate) fn extend(&mut self, other: Self) {
        self.contents.extend(other.contents);
    }

    /// What stands in for a file.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&Arc<[u8]>> {
        // Nearly every run has none, and asks for each of its files.
        if self.contents.is_empty() { None } else { self.contents.get(path) }
    }

    /// Adds the files that are not on disk yet to what the walk found, unless it would have left them out.
    pub(crate) fn add_unsaved(&self, options: &DiscoverOptions, found: &mut Discovery) {
        for path in self.contents.keys().filter(|path| path.symlink_metadata().is_err()) {
            let inside = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&options.root) && **folder != options.root);
            let is_left_out = options.excludes(path, false) || inside.into_iter().any(|folder| folder_reason(folder).is_some());
            let Some(name) = relative_name(&options.root, path).filter(|_| !is_left_out) else { continue };
            let class = Class::of(path);
            if class != Class::Binary
                && let Err(at) = found.candidates.binary_search_by(|candidate| (*candidate.path).cmp(&name))
            {
                let kind = FileKind::of(path);
                found.candidates.insert(at, Candidate { path: name.into(), kind, lockfile: class == Class::Lockfile, ignored: false });
            }
        }
    }
}

/// Reads a file, or what stands in for it.
pub(crate) fn read(overlay: &Overlay, path: &Path) -> std::io::Result<Vec<u8>> {
    match overlay.get(path) {
        Some(content) => Ok(content.to_vec()),
        None => std::fs::read(path),
    }
}
