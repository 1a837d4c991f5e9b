//! The contents of the index.

use std::path::{Path, PathBuf};

use gix::index::entry::{Flags, Mode, Stage};
use rustc_hash::FxHashSet;

use super::{VersionedError, WorkTree, is_as_indexed};
use crate::finding::{Notice, NoticeKind};
use crate::project::kind::Class;
use crate::project::{MAX_TEXT_BYTES, Overlay};

/// What a commit would hold, as far as it lies below the working root.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    /// The staged contents of the files that differ on disk, or are not there.
    pub(crate) overlay: Overlay,
    /// The files of the index, as reports call them.
    pub(crate) tracked: FxHashSet<String>,
    /// Those among them that the current commit does not have so.
    pub(crate) changed: FxHashSet<String>,
}

impl Staged {
    /// Reads the index of the repository around a working root, which is absolute and without links.
    ///
    /// # Errors
    /// When there is no repository, or it cannot be read.
    pub(crate) fn read(root: &Path, index: Option<&PathBuf>, notices: &mut Vec<Notice>) -> Result<Self, VersionedError> {
        let tree = WorkTree::open(root)?;
        let head = tree.head()?;
        let index = tree.index(index.map(PathBuf::as_path))?;
        let mut staged = Self::default();
        for entry in index.entries() {
            let path: &[u8] = entry.path(&index);
            let Some((absolute, name)) = tree.place(path) else { continue };
            let notice = |kind, message: &str| Notice { path: Some(name.clone()), kind, message: message.to_owned() };
            if entry.stage() != Stage::Unconflicted {
                // Three entries, one notice: notices are made unique later.
                notices.push(notice(NoticeKind::Unreadable, "the file has a merge conflict; nothing of it is staged"));
                continue;
            }
            // Without content: links, other repositories, files that will be added later, files that a sparse work tree leaves out.
            let is_file = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
            if !is_file || entry.flags.intersects(Flags::INTENT_TO_ADD | Flags::SKIP_WORKTREE) || Class::of(&absolute) == Class::Binary {
                continue;
            }
            if !is_as_indexed(&absolute, entry, &index) {
                match content(&tree, entry.id) {
                    Ok(Some(content)) => staged.overlay.insert(absolute, content),
                    Ok(None) => {
                        notices.push(notice(NoticeKind::Limit, "the staged file is too large; it was not read"));
                        continue;
                    }
                    Err(error) => {
                        notices.push(notice(NoticeKind::Unreadable, &format!("the staged content could not be read: {error}")));
                        continue;
                    }
                }
            }
            if head.get(path) != Some(&entry.id) {
                staged.changed.insert(name.clone());
            }
            staged.tracked.insert(name);
        }
        Ok(staged)
    }
}

/// The content of a file; none when no file of that size is ever read.
fn content(tree: &WorkTree, id: gix::ObjectId) -> Result<Option<Vec<u8>>, gix::Error> {
    let header = tree.repository.find_header(id)?;
    if header.size() > MAX_TEXT_BYTES {
        return Ok(None);
    }
    Ok(Some(tree.repository.find_blob(id)?.take_data()))
}
