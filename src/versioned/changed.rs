//! The work tree compared with a revision.

use std::path::Path;

use gix::ObjectId;
use gix::bstr::ByteSlice;

use super::{Contents, VersionedError, WorkTree, is_as_indexed};

/// A revision to compare files with.
pub(crate) struct Changed {
    tree: WorkTree,
    base: Contents,
    index: gix::index::File,
}

impl Changed {
    /// Compares with the current commit, or with where its history and that of `since` part.
    ///
    /// # Errors
    /// When there is no repository or revision, or the repository cannot be read.
    pub(crate) fn since(root: &Path, since: Option<&str>) -> Result<Self, VersionedError> {
        let tree = WorkTree::open(root)?;
        let base = match since {
            Some(revision) => tree.contents(base(&tree, revision)?)?,
            None => tree.head()?,
        };
        let index = tree.index(None)?;
        Ok(Self { tree, base, index })
    }

    /// Whether a file, by its place on disk, has another content than in the revision, or is new.
    pub(crate) fn has(&self, absolute: &Path) -> bool {
        let Some(path) = self.tree.path(absolute) else { return true };
        let Some(known) = self.base.get(&path) else { return true };
        if let Some(entry) = self.index.entry_by_path(path.as_bstr())
            && is_as_indexed(absolute, entry, &self.index)
        {
            return entry.id != *known;
        }
        let Ok(content) = std::fs::read(absolute) else { return true };
        // The repository may keep line ends that the check-out changed.
        let is_kept_otherwise = || content.contains(&b'\r') && self.is_content(&content.replace("\r\n", "\n"), *known);
        !(self.is_content(&content, *known) || is_kept_otherwise())
    }

    fn is_content(&self, content: &[u8], id: ObjectId) -> bool {
        gix::objs::compute_hash(self.tree.repository.object_hash(), gix::objs::Kind::Blob, content).is_ok_and(|hash| hash == id)
    }
}

/// The tree of the commit at which a revision and the current commit part; of the revision itself where they share nothing.
fn base(tree: &WorkTree, revision: &str) -> Result<ObjectId, VersionedError> {
    let unknown = || VersionedError::Revision { revision: revision.to_owned() };
    let commit = |spec: &str| {
        let id = tree.repository.rev_parse_single(spec.as_bytes().as_bstr()).ok()?;
        id.object().ok()?.peel_to_commit().ok()
    };
    let named = commit(revision).ok_or_else(unknown)?;
    let shared = commit("HEAD").and_then(|head| tree.repository.merge_base(head.id, named.id).ok()?);
    let base = match shared {
        Some(shared) => shared.object().map_err(VersionedError::unreadable("a commit"))?.into_commit(),
        None => named,
    };
    Ok(base.tree_id().map_err(VersionedError::unreadable("a commit"))?.detach())
}
