//! All routes of the project that a request of the browser side could reach.
//!
//! Two ways lead to them. [`Builder::all_routes`] reads the files that screening marked and those on the way to them that can serve (routers,
//! entries): what they serve can lead to the service. [`Builder::routes_where`] also knows, without reading them, the paths of all files that a framework serves by
//! where they stand, and reads the few that answer the path that is asked for. So the cost follows the questions, not the size of a server.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::patterns::RoutePath;
use super::routes::Route;
use crate::analysis::auth::Builder;
use crate::project::{FileKind, ProjectFile};
use crate::source::FileId;

/// How many imports may lie between a route's file and a marked one.
const DEPTH: u8 = 6;
/// How many files that only lead to marked ones are read.
const FILES: usize = 256;
/// How many served files one question may read.
const ASKED: usize = 24;
/// How many files of routers that lead to no marked file are read.
const ROUTERS: usize = 128;

/// A file that a framework serves by where it stands.
#[derive(Debug)]
pub(crate) struct Placed {
    file: FileId,
    /// The paths that its place tells.
    paths: Vec<RoutePath>,
}

impl Builder<'_> {
    /// The routes of the marked files and of the files on the way to them, in the order of files and places.
    pub(crate) fn all_routes(&self) -> &[Arc<Route>] {
        self.memo.all_routes.get_or_init(|| {
            let files = self.files_on_the_way();
            files.into_iter().flat_map(|file| self.routes_of_file(file).to_vec()).collect()
        })
    }

    /// The routes one of whose paths is wanted. The nearest are asked first, each kind only when those before have none: files that are read anyway
    /// and files that a framework serves by where they stand, then what leads to marked files, then whatever makes a router.
    pub(crate) fn routes_where(&self, wanted: impl Fn(&RoutePath) -> bool) -> Vec<Arc<Route>> {
        let is_wanted = |route: &Arc<Route>| route.paths.iter().any(&wanted);
        let marked = self.workspace.anchored();
        let mut found: Vec<Arc<Route>> =
            marked.iter().flat_map(|file| self.routes_of_file(*file).to_vec()).filter(|route| is_wanted(route)).collect();
        let served = self.placed().iter().filter(|placed| marked.binary_search(&placed.file).is_err() && placed.paths.iter().any(&wanted));
        for Placed { file, .. } in served.take(ASKED) {
            found.extend(self.routes_of_file(*file).iter().filter(|route| is_wanted(route)).cloned());
        }
        if found.is_empty() {
            found.extend(self.all_routes().iter().filter(|route| is_wanted(route)).cloned());
        }
        if found.is_empty() {
            found.extend(self.routes_of_routers().iter().filter(|route| is_wanted(route)).cloned());
        }
        found
    }

    /// The routes of the files that import a package that makes routers, whatever they lead to: read when a request finds no other.
    fn routes_of_routers(&self) -> &[Arc<Route>] {
        self.memo.router_routes.get_or_init(|| {
            let names = &self.workspace.catalog.endpoints;
            let makes = |file| {
                self.workspace.project.specifiers(file).any(|specifier| names.router.packages.iter().any(|known| known == specifier))
            };
            let files = self.workspace.project.iter().filter(|(_, entry)| is_script(entry)).map(|(file, _)| file);
            let routers = files.filter(|file| makes(*file)).take(ROUTERS);
            routers.flat_map(|file| self.routes_of_file(file).to_vec()).collect()
        })
    }

    /// The files that a framework serves by where they stand, with the paths that their places tell.
    fn placed(&self) -> &[Placed] {
        self.memo.placed.get_or_init(|| {
            let names = &self.workspace.catalog.endpoints;
            let files = self.workspace.project.iter().filter(|(_, entry)| is_script(entry));
            files
                .filter_map(|(file, entry)| {
                    let paths: Vec<RoutePath> = names
                        .conventions
                        .iter()
                        .filter(|convention| convention.is_about(&entry.path))
                        .flat_map(|convention| self.file_paths(file, convention).1)
                        .filter(|path| *path != RoutePath::Unknown)
                        .collect();
                    (!paths.is_empty()).then_some(Placed { file, paths })
                })
                .collect()
        })
    }

    /// The marked files with code and those that import them, directly or through others, in path order.
    fn files_on_the_way(&self) -> Vec<FileId> {
        let names = &self.workspace.catalog.endpoints;
        let conventional = |path: &str| names.conventions.iter().any(|convention| convention.is_about(path));
        // What is on the way is followed through every script, but only those that can serve are read.
        let serves = |file: FileId| {
            self.workspace.project.specifiers(file).any(|specifier| {
                names.router.packages.iter().any(|known| known == specifier)
                    || names.router.own.iter().any(|part| last_part(specifier).contains(part.as_str()))
            })
        };
        let mut seen: FxHashSet<FileId> = self.workspace.anchored().iter().copied().collect();
        let mut files: Vec<FileId> = self.workspace.anchored().to_vec();
        let mut open: VecDeque<(FileId, u8)> = files.iter().map(|file| (*file, 0)).collect();
        let mut added = 0;
        while let Some((file, depth)) = open.pop_front() {
            if depth >= DEPTH {
                continue;
            }
            for (importer, _) in self.workspace.project.importers(file).iter() {
                if added >= FILES {
                    break;
                }
                // A page is no server, unless a framework says so of its place.
                let is_way = self.workspace.project.file(*importer).is_some_and(|entry| {
                    is_script(entry) && (matches!(entry.kind, FileKind::JavaScript | FileKind::TypeScript) || conventional(&entry.path))
                });
                if is_way && seen.insert(*importer) {
                    added += 1;
                    open.push_back((*importer, depth + 1));
                    let path = self.workspace.path(*importer);
                    if conventional(path) || serves(*importer) {
                        files.push(*importer);
                    }
                }
            }
        }
        files.sort_unstable();
        files
    }
}

/// The last part of a relative specifier, in lower case; nothing of a package.
fn last_part(specifier: &str) -> String {
    let own = specifier.starts_with(['.', '@', '~', '#']);
    if own { specifier.rsplit('/').next().unwrap_or("").to_ascii_lowercase() } else { String::new() }
}

/// Whether a file is a script that can be read.
fn is_script(entry: &ProjectFile) -> bool {
    entry.kind.is_script() && !entry.minified && entry.readable
}
