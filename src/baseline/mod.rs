//! The baseline: what was found before, so that a run reports only what is new.
//!
//! A file of fingerprints, made to be committed: rule, path, a hash of the finding's lines and a number among equals. No line number, so that
//! it does not change when code moves; no text and no secret (secrets are masked before the text is hashed); sorted, one finding a line, so
//! that two branches that change it merge. Paths are relative to the file itself, so that it does not matter where authlint runs.
//!
//! A finding is known when the file has it. When a file was renamed, its findings are known as well: where a path of the baseline is gone,
//! and another path has findings of the same rules and texts, the two are the same file. That is git's own way to tell a rename, by
//! content, and needs no history.

mod file;
mod recognise;

use std::path::{Path, PathBuf};

pub use file::BaselineError;
pub use recognise::Recognised;

use crate::report::Identity;

/// What the file is called unless told otherwise.
pub const FILE_NAME: &str = "authlint-baseline.json";

/// One finding of the baseline. Ordered as in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Relative to the folder of the baseline, with `/`.
    pub path: String,
    /// The rule.
    pub rule: String,
    /// The hash of its text, as in [`Identity::snippet`].
    pub snippet: String,
    /// Its number among equals.
    pub ordinal: u32,
}

/// The findings that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    folder: PathBuf,
    /// Sorted, without duplicates.
    entries: Vec<Entry>,
}

impl Baseline {
    /// A baseline of findings, for a file in `folder`.
    #[must_use]
    pub fn of(findings: &[Identity], folder: &Path) -> Self {
        let folder = canonical(folder);
        let entries = findings.iter().map(|finding| entry(finding, &folder)).collect();
        Self { folder, entries }.sorted()
    }

    /// How many findings it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The findings that it has, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Where the file of an entry stands on disk.
    #[must_use]
    pub fn absolute(&self, entry: &Entry) -> PathBuf {
        self.folder.join(&entry.path)
    }

    /// The baseline without what was fixed, and with renamed files under their new names. Entries that `keep` names stay although the run
    /// did not find them: it did not look there.
    #[must_use]
    pub fn pruned(&self, recognised: &Recognised, keep: impl Fn(&Entry) -> bool) -> Self {
        let kept = recognised.stale.iter().filter(|entry| keep(entry));
        let entries = recognised.now.iter().chain(kept).cloned().collect();
        Self { folder: self.folder.clone(), entries }.sorted()
    }

    /// The baseline with everything that was found now. Entries that `keep` names stay although the run did not find them.
    #[must_use]
    pub fn renewed(&self, recognised: &Recognised, findings: &[Identity], keep: impl Fn(&Entry) -> bool) -> Self {
        let mut renewed = self.pruned(recognised, keep);
        renewed.entries.extend(findings.iter().map(|finding| entry(finding, &self.folder)));
        renewed.sorted()
    }

    /// Whether it has this very entry.
    #[must_use]
    pub fn has(&self, entry: &Entry) -> bool {
        self.entries.binary_search(entry).is_ok()
    }

    fn sorted(mut self) -> Self {
        self.entries.sort();
        self.entries.dedup();
        self
    }
}

/// The real folder; the current one for the parent of a bare file name.
fn canonical(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf())
}

/// A finding as an entry of a baseline in `folder`. A file outside of the folder keeps its whole path.
fn entry(finding: &Identity, folder: &Path) -> Entry {
    let path = match finding.file.strip_prefix(folder) {
        Ok(inside) => inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"),
        Err(_) => above(&finding.file, folder),
    };
    Entry { path, rule: finding.rule.to_owned(), snippet: finding.snippet.clone(), ordinal: finding.ordinal }
}

/// The path of a file from a folder that it does not stand in.
fn above(file: &Path, folder: &Path) -> String {
    let common = file.components().zip(folder.components()).take_while(|(left, right)| left == right).count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = file.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
