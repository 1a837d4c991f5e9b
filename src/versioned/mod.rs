//! The project as git has it: what is staged, and what changed since a revision.
//!
//! A run under `--staged` reads the index: a file that differs from its staged content is overlaid by that content, and files that the
//! index does not have are left out, so that a commit hook judges exactly what will be committed. A run under `--changed` reads the work
//! tree. Both judge the whole project and report on the changed files only: a finding needs the project's light, not the whole list.
//!
//! The repository is read by a library and never by running `git`: a repository's own configuration can name programs that `git`
//! would start (`core.fsmonitor`, filters), and nothing of a scanned project is executed. For the same reason no content filter is applied;
//! what a filter would change at check-out (line ends, large files kept elsewhere) is judged as it is stored.

mod changed;
mod staged;

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::{ObjectId, Repository};
use rustc_hash::FxHashMap;

pub(crate) use changed::Changed;
pub(crate) use staged::Staged;

use crate::project::discover::relative_name;

/// Which changes to report on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// What the next commit would change. The contents are those of the index.
    Staged {
        /// The index file, where it is not the repository's own: git names another one to the hooks of a partial commit.
        index: Option<PathBuf>,
    },
    /// What differs in the work tree: uncommitted changes, new files included.
    Changed {
        /// The revision with which the work tree is compared: where its history and that of the current commit part. The current commit
        /// when there is none.
        since: Option<String>,
    },
}

/// Why changes cannot be told.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum VersionedError {
    /// The working root is in no repository.
    #[error("there is no git repository at or above {}", root.display())]
    #[diagnostic(help("--staged and --changed need one; leave them out to check all files"))]
    NoRepository {
        /// The working root.
        root: PathBuf,
    },
    /// A revision that the repository does not know.
    #[error("there is no revision `{revision}` in this repository")]
    #[diagnostic(help("name a branch, tag or commit that exists here; a CI job may have to fetch it first"))]
    Revision {
        /// The revision as given.
        revision: String,
    },
    /// The repository cannot be read.
    #[error("cannot read the git repository: {what}")]
    #[diagnostic(help("`git fsck` says more about a damaged repository"))]
    Unreadable {
        /// What was being read.
        what: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl VersionedError {
    /// Whether the request was wrong, as opposed to the repository.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Unreadable { .. })
    }

    fn unreadable<E: std::error::Error + Send + Sync + 'static>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::Unreadable { what, source: Box::new(source) }
    }
}

/// The paths of a tree with the ids of their contents, as git spells them: from the top of the work tree, with `/`.
type Contents = FxHashMap<Vec<u8>, ObjectId>;

/// A repository with a work tree that holds the working root.
struct WorkTree {
    repository: Repository,
    /// The top of the work tree, absolute and without links.
    top: PathBuf,
    /// The working root, absolute and without links.
    root: PathBuf,
}

impl WorkTree {
    /// The repository that a working root, absolute and without links, lies in.
    fn open(root: &Path) -> Result<Self, VersionedError> {
        let missing = || VersionedError::NoRepository { root: root.to_path_buf() };
        // Without the configuration of the user and the machine, so that the answer depends on the repository alone.
        let options = gix::open::Options::isolated();
        let mapping = gix::sec::trust::Mapping { full: options.clone(), reduced: options };
        let repository = gix::ThreadSafeRepository::discover_opts(root, gix::discover::upwards::Options::default(), mapping);
        let repository = repository.map_err(|_| missing())?.to_thread_local();
        let top = repository.workdir().ok_or_else(missing)?;
        let top = top.canonicalize().map_err(VersionedError::unreadable("its work tree"))?;
        // A hostile configuration may put the work tree elsewhere.
        if !root.starts_with(&top) {
            return Err(missing());
        }
        Ok(Self { repository, top, root: root.to_path_buf() })
    }

    /// Where a path of the repository stands, and what reports call it; none outside the working root.
    fn place(&self, path: &[u8]) -> Option<(PathBuf, String)> {
        let absolute = self.top.join(path.to_str().ok()?);
        if !absolute.starts_with(&self.root) {
            return None;
        }
        let name = relative_name(&self.root, &absolute)?;
        Some((absolute, name))
    }

    /// What the repository calls a file.
    fn path(&self, absolute: &Path) -> Option<Vec<u8>> {
        let below = absolute.strip_prefix(&self.top).ok()?.to_str()?;
        Some(if std::path::MAIN_SEPARATOR == '/' { below.to_owned() } else { below.replace(std::path::MAIN_SEPARATOR, "/") }.into_bytes())
    }

    /// The files of the current commit; none before the first one.
    fn head(&self) -> Result<Contents, VersionedError> {
        let tree = self.repository.head_tree_id_or_empty().map_err(VersionedError::unreadable("its current commit"))?;
        self.contents(tree.detach())
    }

    /// The files of a tree.
    fn contents(&self, tree: ObjectId) -> Result<Contents, VersionedError> {
        let index = self.repository.index_from_tree(&tree).map_err(VersionedError::unreadable("a commit's files"))?;
        Ok(index.entries().iter().map(|entry| (entry.path(&index).to_vec(), entry.id)).collect())
    }

    /// The index: the repository's own or the named one.
    fn index(&self, named: Option<&Path>) -> Result<gix::index::File, VersionedError> {
        let path = named.map_or_else(|| self.repository.index_path(), |named| self.root.join(named));
        let kind = self.repository.object_hash();
        gix::index::File::at_or_default(path, kind, false, gix::index::decode::Options::default())
            .map_err(VersionedError::unreadable("its index"))
    }
}

/// Whether a file on disk is as the index saw it, by its metadata alone. Not sure is no.
fn is_as_indexed(absolute: &Path, entry: &gix::index::Entry, index: &gix::index::File) -> bool {
    // A file system may give other values for what these leave out, without any change to the file.
    let options = gix::index::entry::stat::Options { trust_ctime: false, check_stat: true, use_nsec: true, use_stdev: false };
    let Ok(metadata) = gix::index::fs::Metadata::from_path_no_follow(absolute) else { return false };
    let Ok(stat) = gix::index::entry::Stat::from_fs(&metadata) else { return false };
    metadata.is_file() && entry.stat.matches(&stat, options) && !entry.stat.is_racy(index.timestamp(), options)
}
