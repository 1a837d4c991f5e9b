//! Who reaches a module: a walk through the import graph, upwards, to the nearest modules that decide.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::claims::Own;
use super::edges;
use super::view::ProjectView;
use crate::finding::{Confidence, ZoneKind};
use crate::project::kind::FileKind;
use crate::source::FileId;

/// How many modules one walk visits. Real programs stay far below; a generated tree of barrels does not.
const MAX_VISITED: usize = 20_000;

/// How many importers of an entry are looked at for the page that loads it.
const MAX_LOADERS: usize = 16;

/// A chain of imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The files, entry first, the asked file last.
    pub files: Vec<FileId>,
    /// What makes the first one an entry.
    pub what: String,
    /// How sure the entry is.
    pub confidence: Confidence,
}

/// The shortest chain from each side; `None` where no such module reaches the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// From an entry in the browser.
    pub client: Option<Chain>,
    /// From an entry on the server.
    pub server: Option<Chain>,
    /// From a module that imports what belongs to the browser.
    pub client_hint: Option<Chain>,
    /// From a module that imports what belongs to the server.
    pub server_hint: Option<Chain>,
    /// From a tool configuration.
    pub build: Option<Chain>,
    /// From a development script.
    pub development: Option<Chain>,
    /// The walk stopped at its limit.
    pub limited: bool,
}

/// Walks breadth first, so that the first chain found to each side is a shortest one; importers are taken by path, so that
/// it is always the same one.
/// `runs` says whether an importer loads a file at run time.
pub fn walk<V: ProjectView>(view: &V, file: FileId, own: &dyn Fn(FileId) -> Arc<Own>, runs: &dyn Fn(FileId, FileId) -> bool) -> Reach {
    let mut reach = Reach::default();
    // Each visited file with the index of the one that it imports.
    let mut visited: Vec<(FileId, Option<usize>)> = vec![(file, None)];
    let mut seen: FxHashSet<FileId> = FxHashSet::from_iter([file]);
    let mut queue: VecDeque<usize> = VecDeque::from([0]);
    while let Some(at) = queue.pop_front() {
        let Some((current, _)) = visited.get(at).copied() else { break };
        let mut importers = view.importers(current);
        importers.sort_unstable_by(|a, b| view.path(*a).cmp(view.path(*b)));
        for importer in importers {
            if seen.contains(&importer) || !runs(importer, current) {
                continue;
            }
            seen.insert(importer);
            if visited.len() >= MAX_VISITED {
                reach.limited = true;
                return reach;
            }
            visited.push((importer, Some(at)));
            let index = visited.len() - 1;
            let says = own(importer);
            let chain = |what: &str, confidence| Some(Chain { files: trail(&visited, index), what: what.to_owned(), confidence });
            if let Some(claim) = &says.decisive {
                if claim.follow {
                    let zone = if view.kind(importer) == FileKind::Astro {
                        edges::through_astro(view, importer, current)
                    } else {
                        claim.imports_zone
                    };
                    let sides: &[ZoneKind] = if zone == ZoneKind::Both { &[ZoneKind::Client, ZoneKind::Server] } else { &[zone] };
                    for side in sides {
                        let slot = match side {
                            ZoneKind::Client => &mut reach.client,
                            ZoneKind::Server => &mut reach.server,
                            ZoneKind::Build => &mut reach.build,
                            ZoneKind::Development => &mut reach.development,
                            ZoneKind::Both | ZoneKind::Unknown => continue,
                        };
                        if slot.is_none() {
                            *slot = chain(&claim.what, claim.confidence);
                        }
                    }
                    if reach.client.is_some() && reach.server.is_some() {
                        return reach;
                    }
                }
                continue;
            }
            for (hint, slot) in [(&says.client_hint, &mut reach.client_hint), (&says.server_hint, &mut reach.server_hint)] {
                if let (Some(what), None) = (hint, &slot) {
                    *slot = chain(&format!("imports {what}"), Confidence::Low);
                }
            }
            if let (Some(habit), None) = (&says.habit, &reach.development)
                && habit.zone == ZoneKind::Development
            {
                reach.development = chain(&habit.what, Confidence::Medium);
            }
            queue.push_back(index);
        }
    }
    reach
}

/// The page or other entry that loads the first file of a chain, where that file decides by itself (`src/main.tsx` by
/// importing react-dom/client): the picture is complete only with it.
pub fn loader<V: ProjectView>(view: &V, first: FileId, kind: ZoneKind, own: &dyn Fn(FileId) -> Arc<Own>) -> Option<(FileId, String)> {
    let mut importers = view.importers(first);
    // A site's own page before the test pages beside it.
    importers.sort_unstable_by_key(|page| {
        let path = view.path(*page);
        (path.rsplit('/').next() != Some("index.html"), path.matches('/').count(), path)
    });
    importers.into_iter().take(MAX_LOADERS).find_map(|importer| {
        let claim = own(importer).decisive.clone()?;
        (claim.zone == kind && claim.confidence == Confidence::High && view.kind(importer) == FileKind::Html)
            .then_some((importer, claim.what))
    })
}

/// The files from the entry at `index` down to the asked file.
fn trail(visited: &[(FileId, Option<usize>)], index: usize) -> Vec<FileId> {
    let mut files = Vec::new();
    let mut at = Some(index);
    while let Some((file, next)) = at.and_then(|index| visited.get(index)) {
        files.push(*file);
        at = *next;
    }
    files
}
