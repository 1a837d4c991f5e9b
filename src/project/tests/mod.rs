//! Whole small trees through the public functions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod discovery;
mod resolution;
mod screening;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{DiscoverOptions, Discovery, Project, Screener, discover};
use crate::finding::Notice;

/// A tree in a folder of its own.
pub(super) struct Tree {
    folder: TempDir,
}

impl Tree {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    pub(super) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(super) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(super) fn discover(&self, roots: &[&str]) -> (Discovery, Vec<Notice>) {
        let roots: Vec<PathBuf> = roots.iter().map(|root| Path::new(root).to_path_buf()).collect();
        let mut notices = Vec::new();
        let found = discover(&roots, &DiscoverOptions::new(self.root()), &mut notices);
        (found, notices)
    }

    /// The paths of the candidates.
    pub(super) fn paths(&self, roots: &[&str]) -> Vec<String> {
        self.discover(roots).0.candidates.iter().map(|candidate| candidate.path.to_string()).collect()
    }

    pub(super) fn load(&self) -> (Project, Vec<Notice>) {
        let (found, mut notices) = self.discover(&["."]);
        let screener = Screener::new(["telephony_credentials"]).unwrap();
        let project = Project::load(&self.root(), found.candidates, &screener, &mut notices);
        (project, notices)
    }
}
