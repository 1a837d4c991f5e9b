//! Reverse edges: which files import a file.
//!
//! Resolving every specifier of a large tree to answer one question would cost more than everything else. So specifiers are
//! indexed by the name that they end with; only those that could name the file are resolved.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use crate::project::kind::FileKind;
use crate::project::manifest::{Packages, split_package};
use crate::project::python;
use crate::project::resolve::{PLATFORMS, Resolved, Resolver, strip_code_extension, template_path};
use crate::project::rust;
use crate::project::screen::Specifiers;
use crate::project::table::{Table, folder_of, last_segment};
use crate::source::FileId;

/// A file that imports another, with the specifier that it uses.
type Edge = (FileId, Arc<str>);

/// The index, built on the first question, and the answers so far.
#[derive(Debug, Default)]
pub(crate) struct Importers {
    index: OnceLock<Index>,
    answers: RwLock<FxHashMap<FileId, Arc<[Edge]>>>,
}

#[derive(Debug)]
struct Index {
    /// Specifiers by the hash of a name that they may mean, sorted.
    names: Vec<(u64, u32)>,
    /// For each specifier, where its users begin in `users`; one more at the end.
    starts: Vec<u32>,
    users: Vec<FileId>,
}

impl Importers {
    pub(crate) fn of(&self, id: FileId, table: &Table, specifiers: &Specifiers, packages: &Packages, resolver: &Resolver) -> Arc<[Edge]> {
        if let Some(known) = self.answers.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Arc::clone(known);
        }
        let index = self.index.get_or_init(|| Index::new(table, specifiers));
        let mut candidates: Vec<u32> = Vec::new();
        for name in names_of(id, table, packages, resolver) {
            let hash = hash(&name);
            let start = index.names.partition_point(|(other, _)| *other < hash);
            let same = index.names.get(start..).unwrap_or_default().iter().take_while(|(other, _)| *other == hash);
            candidates.extend(same.map(|(_, specifier)| *specifier));
        }
        candidates.sort_unstable();
        candidates.dedup();
        let mut edges: Vec<Edge> = Vec::new();
        for candidate in candidates {
            let specifier = specifiers.get(candidate);
            let mut shared: Option<Arc<str>> = None;
            for user in index.users_of(candidate) {
                if *user != id && resolver.resolve(*user, specifier) == Resolved::File(id) {
                    edges.push((*user, Arc::clone(shared.get_or_insert_with(|| Arc::from(specifier)))));
                }
            }
        }
        edges.sort();
        edges.dedup();
        let edges: Arc<[Edge]> = edges.into();
        self.answers.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&edges));
        edges
    }
}

impl Index {
    fn new(table: &Table, specifiers: &Specifiers) -> Self {
        let mut starts = vec![0_u32; specifiers.len() + 1];
        for file in table.files() {
            for specifier in specifiers.list(file.specifiers) {
                if let Some(count) = starts.get_mut(*specifier as usize + 1) {
                    *count += 1;
                }
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut users = vec![FileId(0); total as usize];
        for (id, file) in (0..).map(FileId).zip(table.files()) {
            for specifier in specifiers.list(file.specifiers) {
                let Some(slot) = next.get_mut(*specifier as usize) else { continue };
                if let Some(user) = users.get_mut(*slot as usize) {
                    *user = id;
                }
                *slot += 1;
            }
        }
        let has_rust = table.files().iter().any(|file| file.kind == FileKind::Rust);
        let mut names = Vec::with_capacity(specifiers.len());
        for id in 0..u32::try_from(specifiers.len()).unwrap_or(u32::MAX) {
            let specifier = specifiers.get(id);
            let path = template_path(specifier).unwrap_or(specifier);
            let path = path.split(['?', '#']).next().filter(|path| !path.is_empty()).unwrap_or(path);
            let last = last_segment(path.trim_end_matches('/'));
            names.push((hash(if last == ".." { "." } else { strip_code_extension(last) }), id));
            if !path.contains('/') {
                names.push((hash(&format!("python {}", path.rsplit('.').next().unwrap_or(path))), id));
            }
            if has_rust && let Some(last) = rust::last_name(specifier) {
                names.push((hash(&format!("rust {last}")), id));
            }
            if !path.starts_with('.') {
                let (package, _) = split_package(path);
                names.push((hash(&format!("package {package}")), id));
                // `@config` may be an alias of `src/config`.
                names.push((hash(strip_code_extension(last.trim_start_matches(['@', '~', '$', '#']))), id));
            }
        }
        names.sort_unstable();
        names.dedup();
        Self { names, starts, users }
    }

    fn users_of(&self, specifier: u32) -> &[FileId] {
        let at = specifier as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => self.users.get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// The names by which a specifier may mean a file.
fn names_of(id: FileId, table: &Table, packages: &Packages, resolver: &Resolver) -> Vec<String> {
    let Some(file) = table.get(id) else { return Vec::new() };
    if file.kind == FileKind::Python {
        return python::names_of(&file.path).into_iter().map(|name| format!("python {name}")).collect();
    }
    if file.kind == FileKind::Rust {
        return rust::names_of(&file.path, resolver.crates(), id).into_iter().map(|name| format!("rust {name}")).collect();
    }
    let stem = strip_code_extension(last_segment(&file.path));
    let mut names = vec![stem.to_owned()];
    if let Some(plain) = PLATFORMS.iter().find_map(|platform| stem.strip_suffix(platform)) {
        names.push(plain.to_owned());
    }
    if stem == "index" {
        let folder = folder_of(&file.path);
        names.push(last_segment(folder).to_owned());
        names.push(".".to_owned());
    }
    for alias in resolver.aliases_of(id) {
        names.push(strip_code_extension(last_segment(alias)).to_owned());
    }
    if let Some(package) = packages.nearest(&file.path) {
        // Its manifest may map any subpath to the file, and its folder may be imported by name.
        if let Some(name) = &package.name {
            names.push(format!("package {name}"));
        }
        names.push(last_segment(&package.folder).to_owned());
    }
    names
}

fn hash(name: &str) -> u64 {
    use std::hash::BuildHasher;
    rustc_hash::FxBuildHasher.hash_one(name)
}
