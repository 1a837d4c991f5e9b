//! Texts that stand in for files on disk: what a file would be after a change that has not been written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Contents by absolute path. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Overlay(Arc<BTreeMap<PathBuf, Arc<str>>>);

impl Overlay {
    /// Sets the content of a file, by the path under which the walk finds it.
    pub fn set(&mut self, absolute: PathBuf, text: Arc<str>) {
        Arc::make_mut(&mut self.0).insert(absolute, text);
    }

    /// Takes the content of a file back: the one on disk counts again.
    pub fn unset(&mut self, absolute: &Path) {
        Arc::make_mut(&mut self.0).remove(absolute);
    }

    /// The content that stands in for a file.
    #[must_use]
    pub fn get(&self, absolute: &Path) -> Option<&Arc<str>> {
        if self.0.is_empty() { None } else { self.0.get(absolute) }
    }

    /// Reads a file, or what stands in for it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&self, absolute: &Path) -> std::io::Result<Vec<u8>> {
        match self.get(absolute) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => std::fs::read(absolute),
        }
    }
}
