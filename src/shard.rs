//! Shards: the findings of a monorepo, split by package over the jobs of a CI run.
//!
//! Each job analyses the whole tree, so that a package is judged in the light of the others, and reports on its share. Each file belongs to
//! one share, whoever asks: all jobs together report what one run would.

use std::collections::BTreeMap;
use std::str::FromStr;

use rustc_hash::FxHashSet;

use crate::project::Project;
use crate::source::FileId;

/// One share of several: `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    index: u32,
    count: u32,
}

/// A text that names no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected I/N, such as `2/5`: the second of five shares")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
        let (index, count) = text.split_once('/').ok_or(NoShard)?;
        match (number(index), number(count)) {
            (Some(index), Some(count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err(NoShard),
        }
    }
}

/// The folders whose files a share reports on.
#[derive(Debug)]
pub(crate) struct Share {
    folders: FxHashSet<String>,
}

impl Share {
    /// A share of the files of a project.
    pub(crate) fn new(shard: Shard, project: &Project) -> Self {
        let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
        for (id, file) in project.iter() {
            // A file costs more than its bytes: many small ones are as much work as a large one.
            *sizes.entry(folder(project, id)).or_default() += u64::from(file.size) + 1024;
        }
        Self { folders: share(shard, sizes) }
    }

    /// Whether the share reports on a file.
    pub(crate) fn has(&self, project: &Project, file: FileId) -> bool {
        self.folders.contains(&folder(project, file))
    }
}

/// The folder by which a file is given to a share: that of its package; where that is the root, the file's top folder.
fn folder(project: &Project, file: FileId) -> String {
    let package = project.package_of(file).map(|package| package.folder.to_string()).filter(|folder| !folder.is_empty());
    package.unwrap_or_else(|| {
        let path = project.file(file).map_or("", |file| &file.path);
        path.split_once('/').map_or("", |(top, _)| top).to_owned()
    })
}

/// Largest first, each to the share that has least so far; the first of equals. The same sizes give the same shares on every machine.
fn share(shard: Shard, sizes: BTreeMap<String, u64>) -> FxHashSet<String> {
    let mut sizes: Vec<(String, u64)> = sizes.into_iter().collect();
    sizes.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    // More shares than folders stay empty, whatever their number.
    let count = usize::try_from(shard.count).unwrap_or(usize::MAX).min(sizes.len().max(1));
    let mut loads = vec![0_u64; count];
    let mut own = FxHashSet::default();
    for (folder, size) in sizes {
        let Some((at, load)) = loads.iter_mut().enumerate().min_by_key(|(at, load)| (**load, *at)) else { break };
        *load += size;
        if u32::try_from(at + 1).is_ok_and(|at| at == shard.index) {
            own.insert(folder);
        }
    }
    own
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_as_a_fraction() {
        for text in ["1/1", "2/5", "5/5", "1/4294967295"] {
            assert!(text.parse::<Shard>().is_ok(), "{text}");
        }
        for text in ["", "1", "0/5", "6/5", "1/0", "-1/5", "1/+5", "a/b", "1/2/3", " 1/2", "1/99999999999"] {
            assert_eq!(text.parse::<Shard>(), Err(NoShard), "{text}");
        }
    }

    #[test]
    fn every_folder_is_in_exactly_one_share_and_shares_are_alike() {
        let sizes: BTreeMap<String, u64> = (0..40).map(|number| (format!("package-{number}"), 1000 + number * 37)).collect();
        for count in [1, 2, 3, 7, 39, 40, 41, 1000] {
            let shares: Vec<FxHashSet<String>> = (1..=count).map(|index| share(Shard { index, count }, sizes.clone())).collect();
            let all: Vec<&String> = shares.iter().flatten().collect();
            let distinct: FxHashSet<&String> = all.iter().copied().collect();
            assert_eq!((all.len(), distinct.len()), (40, 40), "{count}");
            let loads = shares.iter().map(|share| share.iter().map(|folder| sizes[folder]).sum::<u64>());
            let (least, most) = (loads.clone().min().unwrap(), loads.max().unwrap());
            assert!(count > 7 || most - least < 3000, "{count}: {least} to {most}");
        }
    }

    #[test]
    fn a_huge_number_of_shares_costs_nothing() {
        assert_eq!(share("1/4294967295".parse().unwrap(), BTreeMap::from([("a".to_owned(), 1)])).len(), 1);
    }
}
