//! Telling known findings from new ones, in renamed files as well.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, Entry, entry};
use crate::report::Identity;

/// A text that more files have than this tells none of them from another.
const MOST_ALIKE: usize = 64;

/// What a baseline knows of a run's findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognised {
    /// For each finding, in order, whether it is known.
    known: Vec<bool>,
    /// The known findings as a baseline would have them now.
    pub(super) now: Vec<Entry>,
    /// The entries that match no finding any more.
    pub stale: Vec<Entry>,
    /// Files that were renamed: the path of the baseline and the new one.
    pub renamed: BTreeMap<String, String>,
}

impl Recognised {
    /// Whether the finding of this number is known.
    #[must_use]
    pub fn has(&self, index: usize) -> bool {
        self.known.get(index).copied().unwrap_or(false)
    }

    /// How many findings are known.
    #[must_use]
    pub fn count(&self) -> usize {
        self.now.len()
    }
}

impl Baseline {
    /// Which of some findings are known.
    #[must_use]
    pub fn recognise(&self, findings: &[Identity]) -> Recognised {
        let found: Vec<Entry> = findings.iter().map(|finding| entry(finding, &self.folder)).collect();
        let mut open: BTreeSet<&Entry> = self.entries.iter().collect();
        let mut known: Vec<bool> = found.iter().map(|entry| open.remove(entry)).collect();
        let renamed = self.renames(&open, found.iter().zip(&known).filter(|(_, known)| !**known).map(|(entry, _)| entry));
        let back: BTreeMap<&str, &str> = renamed.iter().map(|(old, new)| (new.as_str(), old.as_str())).collect();
        for (entry, known) in found.iter().zip(&mut known) {
            if let Some(old) = back.get(entry.path.as_str())
                && !*known
            {
                *known = open.remove(&Entry { path: (*old).to_owned(), ..entry.clone() });
            }
        }
        let now = found.iter().zip(&known).filter(|(_, known)| **known).map(|(entry, _)| entry.clone()).collect();
        Recognised { known, now, stale: open.into_iter().cloned().collect(), renamed }
    }

    /// The files whose path is gone and that stand elsewhere now. The pair that has most in common comes first; each path counts once.
    fn renames<'e>(&self, open: &BTreeSet<&'e Entry>, new: impl Iterator<Item = &'e Entry>) -> BTreeMap<String, String> {
        let paths: BTreeSet<&str> = self.entries.iter().map(|entry| entry.path.as_str()).collect();
        let mut gone: BTreeMap<&str, bool> = BTreeMap::new();
        // The texts of the files that are gone, each with the paths that have it.
        let mut texts: BTreeMap<(&str, &str, u32), Vec<&str>> = BTreeMap::new();
        for entry in open {
            let gone = gone.entry(&entry.path).or_insert_with(|| !self.absolute(entry).exists());
            if *gone {
                texts.entry((&entry.rule, &entry.snippet, entry.ordinal)).or_default().push(&entry.path);
            }
        }
        let mut common: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for entry in new.filter(|entry| !paths.contains(entry.path.as_str())) {
            let same = texts.get(&(entry.rule.as_str(), entry.snippet.as_str(), entry.ordinal)).filter(|same| same.len() <= MOST_ALIKE);
            for old in same.into_iter().flatten() {
                *common.entry((old, &entry.path)).or_default() += 1;
            }
        }
        let mut pairs: Vec<_> = common.into_iter().collect();
        pairs.sort_by_key(|(pair, count)| (std::cmp::Reverse(*count), *pair));
        let (mut renamed, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for ((old, new), _) in pairs {
            if !renamed.contains_key(old) && taken.insert(new) {
                renamed.insert(old.to_owned(), new.to_owned());
            }
        }
        renamed
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn finding(path: &str, rule: &'static str, snippet: &str, ordinal: u32) -> Identity {
        let file = std::path::Path::new("/no/such/folder").join(path);
        Identity { rule, file, snippet: snippet.to_owned(), ordinal, fingerprint: String::new() }
    }

    fn baseline(findings: &[Identity]) -> Baseline {
        Baseline::of(findings, std::path::Path::new("/no/such/folder"))
    }

    #[test]
    fn what_the_baseline_has_is_known_and_the_rest_is_new() {
        let known = baseline(&[finding("a.ts", "x", "1", 0), finding("a.ts", "x", "1", 1), finding("b.ts", "y", "2", 0)]);
        let now = [finding("a.ts", "x", "1", 0), finding("a.ts", "x", "3", 0), finding("c.ts", "x", "1", 0), finding("a.ts", "y", "1", 0)];
        let recognised = known.recognise(&now);
        assert_eq!((0..now.len()).map(|index| recognised.has(index)).collect::<Vec<_>>(), [true, false, false, false]);
        let stale: Vec<_> = recognised.stale.iter().map(|entry| (entry.path.as_str(), entry.ordinal)).collect();
        assert_eq!(stale, [("a.ts", 1), ("b.ts", 0)]);
        assert_eq!(known.pruned(&recognised, |_| false).len(), 1);
        assert_eq!(known.pruned(&recognised, |entry| entry.path == "b.ts").len(), 2);
    }

    #[test]
    fn a_file_that_is_gone_is_found_under_its_new_name() {
        let known = baseline(&[finding("old/a.ts", "x", "1", 0), finding("old/a.ts", "y", "2", 0), finding("old/b.ts", "x", "1", 0)]);
        let now = [finding("new/a.ts", "x", "1", 0), finding("new/a.ts", "y", "2", 0), finding("new/b.ts", "x", "1", 0)];
        let recognised = known.recognise(&now);
        assert_eq!(recognised.count(), 3);
        let renamed: Vec<_> = recognised.renamed.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
        assert_eq!(renamed, [("old/a.ts", "new/a.ts"), ("old/b.ts", "new/b.ts")]);
        assert_eq!(known.pruned(&recognised, |_| false), baseline(&now));
    }

    #[test]
    fn a_copy_is_new() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.ts"), "").unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        let at = |path: &str| Identity { file: root.join(path), ..finding(path, "x", "1", 0) };
        let recognised = Baseline::of(&[at("a.ts")], &root).recognise(&[at("a.ts"), at("copy.ts")]);
        assert_eq!((recognised.has(0), recognised.has(1)), (true, false));
    }
}
