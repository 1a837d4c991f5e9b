//! Package manifests: what a folder depends on, under which name and with which entries it can be imported.

use std::sync::{Arc, OnceLock};

use jsonc_parser::{JsonArray, JsonObject, JsonValue, ParseOptions, parse_to_value};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::project::table::{Table, ancestors, folder_of};
use crate::project::workspaces::{self, is_local};
use crate::source::FileId;

/// How a package depends on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DependencyKind {
    /// `dependencies`.
    Normal,
    /// `devDependencies`.
    Development,
    /// `peerDependencies`.
    Peer,
    /// `optionalDependencies`.
    Optional,
    /// An entry of an import map (`deno.json`).
    ImportMap,
}

/// A declared dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The package's real name (an alias `npm:x@1` is followed).
    pub name: Arc<str>,
    /// The declared range, as written (`^2.17.0`, `workspace:*`); empty when none is given.
    pub range: Arc<str>,
    /// Under which field it stands.
    pub kind: DependencyKind,
}

/// A `package.json`, or a `deno.json` where there is none.
#[derive(Debug, Clone)]
pub struct Package {
    /// The manifest.
    pub file: FileId,
    /// The folder that it describes, relative to the working root, without a final `/`; empty for the root itself.
    pub folder: Arc<str>,
    /// `name`.
    pub name: Option<Arc<str>>,
    /// `private`.
    pub private: bool,
    /// The folder patterns of `workspaces`.
    pub workspaces: Vec<Arc<str>>,
    /// Entries as written (`main`, `module`, `browser`, `source`, `bin`, every target of `exports`), best for analysis first.
    pub entries: Vec<Arc<str>>,
    /// The keys of `exports` (`.`, `./mint`, `./*`) and of the `imports` of a `package.json` (`#name`), each with all its targets as
    /// written, whatever their conditions, best for analysis first.
    pub subpaths: Vec<(Arc<str>, Vec<Arc<str>>)>,
    /// The declared dependencies, sorted by name.
    pub dependencies: Vec<Dependency>,
    /// The import map of a `deno.json` (specifiers, or prefixes that end with `/`) and the plain `imports` of a `package.json`
    /// (`#name`), with their targets as written, sorted.
    pub import_map: Vec<(Arc<str>, Arc<str>)>,
}

impl Package {
    /// The declaration of a dependency, whatever its kind.
    #[must_use]
    pub fn dependency(&self, name: &str) -> Option<&Dependency> {
        self.dependencies.iter().find(|dependency| &*dependency.name == name)
    }

    /// What `exports` or `imports` map a key to: an exact entry, else the pattern with the longest part before its `*` (as Node has
    /// it), filled in.
    #[must_use]
    pub fn targets(&self, key: &str) -> Vec<String> {
        if let Some((_, targets)) = self.subpaths.iter().find(|(own, _)| &**own == key) {
            return targets.iter().map(ToString::to_string).collect();
        }
        let matches = self.subpaths.iter().filter_map(|(pattern, targets)| {
            let (before, after) = pattern.split_once('*')?;
            let middle = key.strip_prefix(before)?.strip_suffix(after).filter(|middle| !middle.is_empty())?;
            Some((before.len(), middle, targets))
        });
        let best = matches.max_by_key(|(length, ..)| *length);
        best.map(|(_, middle, targets)| targets.iter().map(|target| target.replace('*', middle)).collect()).unwrap_or_default()
    }
}

/// The packages of a tree. Parsed on the first question.
#[derive(Debug)]
pub(crate) struct Packages {
    table: Arc<Table>,
    all: OnceLock<Index>,
}

#[derive(Debug)]
struct Index {
    /// Sorted by folder.
    packages: Vec<Package>,
    /// For each package, the one at the root of its workspace.
    workspaces: Vec<Option<usize>>,
    by_name: FxHashMap<Arc<str>, Vec<usize>>,
}

impl Packages {
    pub(crate) fn new(table: Arc<Table>) -> Self {
        Self { table, all: OnceLock::new() }
    }

    fn index(&self) -> &Index {
        self.all.get_or_init(|| {
            let manifests: Vec<FileId> = (0..)
                .map(FileId)
                .zip(self.table.files())
                .filter(|(_, file)| file.readable && is_manifest(&file.path))
                .map(|(id, _)| id)
                .collect();
            let mut packages = self.parse_all(&manifests);
            // `deno.json` sorts before `package.json`; both describe the folder together.
            packages.sort_by(|left, right| left.folder.cmp(&right.folder).then(right.file.cmp(&left.file)));
            packages.dedup_by(|later, first| {
                let same = later.folder == first.folder;
                if same {
                    first.dependencies.append(&mut later.dependencies);
                    first.entries.append(&mut later.entries);
                    first.import_map.append(&mut later.import_map);
                    first.subpaths.append(&mut later.subpaths);
                    first.workspaces.append(&mut later.workspaces);
                    first.name = first.name.take().or_else(|| later.name.take());
                }
                same
            });
            let mut by_name: FxHashMap<Arc<str>, Vec<usize>> = FxHashMap::default();
            for (index, package) in packages.iter().enumerate() {
                if let Some(name) = &package.name {
                    by_name.entry(Arc::clone(name)).or_default().push(index);
                }
            }
            let workspaces = workspaces::memberships(&self.table, &packages);
            Index { packages, workspaces, by_name }
        })
    }

    pub(crate) fn all(&self) -> &[Package] {
        &self.index().packages
    }

    /// The packages of this name.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &Package> {
        let index = self.index();
        index.by_name.get(name).into_iter().flatten().filter_map(|at| index.packages.get(*at))
    }

    /// The package of the nearest folder above `path` that has a manifest.
    pub(crate) fn nearest(&self, path: &str) -> Option<&Package> {
        ancestors(folder_of(path)).find_map(|folder| self.at(folder))
    }

    /// The package whose manifest stands in this very folder.
    pub(crate) fn at(&self, folder: &str) -> Option<&Package> {
        let packages = self.all();
        let at = packages.binary_search_by(|package| (*package.folder).cmp(folder)).ok()?;
        packages.get(at)
    }

    /// Whether an install gives the files of `folder` the registry's copy of a package, although the tree has one of that name: they
    /// declare it by a range, and are no members of the same workspace.
    pub(crate) fn is_from_registry(&self, folder: &str, name: &str) -> bool {
        let index = self.index();
        let Some(targets) = index.by_name.get(name) else { return false };
        let place = |folder: &str| index.packages.binary_search_by(|package| (*package.folder).cmp(folder)).ok();
        let declared = ancestors(folder).filter_map(place).find_map(|at| Some((at, index.packages.get(at)?.dependency(name)?)));
        let Some((importer, dependency)) = declared else { return false };
        let workspace = |at: usize| index.workspaces.get(at).copied().flatten();
        let linked = |target: &usize| {
            // What is private is in no registry.
            let private = index.packages.get(*target).is_some_and(|package| package.private);
            private || *target == importer || workspace(*target).is_some_and(|root| workspace(importer) == Some(root))
        };
        !is_local(&dependency.range) && !targets.iter().any(linked)
    }

    /// Whether the nearest manifests above `folder` declare a dependency.
    pub(crate) fn declares(&self, folder: &str, name: &str) -> bool {
        ancestors(folder).filter_map(|above| self.at(above)).any(|package| package.dependency(name).is_some())
    }

    /// Parses on threads of its own. The shared pool would be wrong here: while it waits, a pool thread may take up a task that asks
    /// for the packages again and so waits for itself.
    fn parse_all(&self, manifests: &[FileId]) -> Vec<Package> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(manifests.len().div_ceil(32)).max(1);
        if threads == 1 {
            return manifests.iter().filter_map(|id| self.parse(*id)).collect();
        }
        std::thread::scope(|scope| {
            let share = manifests.len().div_ceil(threads);
            let workers: Vec<_> = manifests
                .chunks(share)
                .map(|chunk| scope.spawn(move || chunk.iter().filter_map(|id| self.parse(*id)).collect::<Vec<_>>()))
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
        })
    }

    fn parse(&self, id: FileId) -> Option<Package> {
        let file = self.table.get(id)?;
        let text = self.table.read_config(id).ok()?;
        let Ok(Some(JsonValue::Object(manifest))) = parse_to_value(&text, &ParseOptions::default()) else { return None };
        let mut package = Package {
            file: id,
            folder: folder_of(&file.path).into(),
            name: manifest.get_string("name").map(|name| Arc::from(&**name)),
            private: manifest.get_boolean("private").unwrap_or(false),
            workspaces: workspaces(&manifest),
            entries: entries(&manifest),
            subpaths: subpaths(&manifest),
            dependencies: dependencies(&manifest),
            import_map: import_map(&manifest),
        };
        package.dependencies.sort_by(|left, right| left.name.cmp(&right.name).then(left.kind.cmp(&right.kind)));
        Some(package)
    }
}

fn is_manifest(path: &str) -> bool {
    matches!(path.rsplit_once('/').map_or(path, |(_, name)| name), "package.json" | "deno.json" | "deno.jsonc")
}

fn workspaces(manifest: &JsonObject<'_>) -> Vec<Arc<str>> {
    let list = manifest
        .get_array("workspaces")
        .or_else(|| manifest.get_array("workspace"))
        .or_else(|| manifest.get_object("workspaces").and_then(|object| object.get_array("packages")));
    list.map(strings).unwrap_or_default()
}

fn strings(array: &JsonArray<'_>) -> Vec<Arc<str>> {
    array.iter().filter_map(|value| if let JsonValue::String(text) = value { Some(Arc::from(&**text)) } else { None }).collect()
}

/// Entry files as written. Sources come before what a build makes of them.
fn entries(manifest: &JsonObject<'_>) -> Vec<Arc<str>> {
    let mut entries: Vec<Arc<str>> = Vec::new();
    for field in ["source", "exports", "module", "browser", "main", "types", "bin"] {
        if let Some(value) = manifest.get(field) {
            targets(value, &mut entries);
        }
    }
    let mut seen = FxHashSet::default();
    entries.retain(|entry| seen.insert(Arc::clone(entry)));
    entries
}

/// The keys of `exports` and `imports`.
fn subpaths(manifest: &JsonObject<'_>) -> Vec<(Arc<str>, Vec<Arc<str>>)> {
    let mut subpaths: Vec<(Arc<str>, Vec<Arc<str>>)> = Vec::new();
    for (field, sign) in [("exports", '.'), ("imports", '#')] {
        let mut add = |key: &str, value: &JsonValue<'_>| {
            let mut found = Vec::new();
            targets(value, &mut found);
            subpaths.push((key.into(), found));
        };
        match manifest.get(field) {
            Some(JsonValue::Object(object)) if object.clone().into_iter().any(|(key, _)| key.starts_with(sign)) => {
                object.clone().into_iter().filter(|(key, _)| key.starts_with(sign)).for_each(|(key, value)| add(&key, &value));
            }
            Some(value) if field == "exports" => add(".", value),
            _ => {}
        }
    }
    subpaths.sort();
    subpaths
}

fn import_map(manifest: &JsonObject<'_>) -> Vec<(Arc<str>, Arc<str>)> {
    let Some(imports) = manifest.get_object("imports") else { return Vec::new() };
    let mut map: Vec<(Arc<str>, Arc<str>)> = imports
        .clone()
        .into_iter()
        .filter_map(|(key, value)| if let JsonValue::String(target) = value { Some((Arc::from(&*key), Arc::from(&*target))) } else { None })
        .collect();
    map.sort();
    map
}

/// The conditions under which modules are resolved, best for analysis first; `types` last, it leads to declarations.
pub(crate) const CONDITIONS: [&str; 8] = ["source", "import", "module", "browser", "default", "require", "node", "types"];

/// Every string in a field of entries. The parser bounds the nesting.
fn targets(value: &JsonValue<'_>, into: &mut Vec<Arc<str>>) {
    match value {
        JsonValue::String(text) => into.push(Arc::from(&**text)),
        JsonValue::Array(array) => {
            for value in array.iter() {
                targets(value, into);
            }
        }
        JsonValue::Object(object) => {
            let mut fields: Vec<_> = object.clone().into_iter().collect();
            let rank = |condition: &str| CONDITIONS.iter().position(|known| *known == condition);
            // A condition that no tool knows by itself (`development`, a name of the project's own) points to sources.
            fields.sort_by(|left, right| rank(&left.0).cmp(&rank(&right.0)).then_with(|| left.0.cmp(&right.0)));
            for (_, value) in &fields {
                targets(value, into);
            }
        }
        _ => {}
    }
}

fn dependencies(manifest: &JsonObject<'_>) -> Vec<Dependency> {
    const FIELDS: [(&str, DependencyKind); 5] = [
        ("dependencies", DependencyKind::Normal),
        ("devDependencies", DependencyKind::Development),
        ("peerDependencies", DependencyKind::Peer),
        ("optionalDependencies", DependencyKind::Optional),
        ("imports", DependencyKind::ImportMap),
    ];
    let mut dependencies = Vec::new();
    for (field, kind) in FIELDS {
        let Some(object) = manifest.get_object(field) else { continue };
        for (key, value) in object.clone() {
            let JsonValue::String(range) = value else { continue };
            if let Some(dependency) = dependency(&key, &range, kind) {
                dependencies.push(dependency);
            }
        }
    }
    dependencies
}

fn dependency(key: &str, range: &str, kind: DependencyKind) -> Option<Dependency> {
    if let Some(target) = range.strip_prefix("npm:").or_else(|| range.strip_prefix("jsr:")) {
        let (name, version) = split_version(target);
        return Some(Dependency { name: name.into(), range: version.into(), kind });
    }
    // The `imports` of a package.json name files, not packages.
    if kind == DependencyKind::ImportMap {
        let (name, version) = package_of_url(range)?;
        return Some(Dependency { name: name.into(), range: version.into(), kind });
    }
    Some(Dependency { name: key.into(), range: range.into(), kind })
}

/// Splits `@scope/name@1.2/sub` into name and version; a subpath is dropped.
pub(crate) fn split_version(text: &str) -> (&str, &str) {
    let (name, _) = split_package(text.trim_start_matches('/'));
    match name.get(1..).and_then(|tail| tail.find('@')) {
        Some(at) => (name.get(..=at).unwrap_or(name), name.get(at + 2..).unwrap_or("")),
        None => (name, ""),
    }
}

/// Splits a bare specifier into package name and subpath: `@scope/name/a/b` → `@scope/name`, `a/b`.
pub(crate) fn split_package(specifier: &str) -> (&str, &str) {
    let from = if specifier.starts_with('@') { specifier.find('/').map_or(specifier.len(), |slash| slash + 1) } else { 0 };
    match specifier.get(from..).and_then(|rest| rest.find('/')) {
        Some(slash) => (specifier.get(..from + slash).unwrap_or(specifier), specifier.get(from + slash + 1..).unwrap_or("")),
        None => (specifier, ""),
    }
}

/// The package and version that a content delivery URL names: `https://host/npm/@scope/name@2/lib/x.js`.
///
/// Told by the shape of the path, not by the host: a scope, a version, or a single name without an extension.
pub(crate) fn package_of_url(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).or_else(|| url.strip_prefix("//"))?;
    let (_, path) = rest.split_once('/')?;
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let path = path.strip_prefix("npm/").or_else(|| path.strip_prefix("npm:")).unwrap_or(path);
    let (name, version) = split_version(path);
    let scoped = name.starts_with('@') && name.contains('/');
    let bare = !path.contains('/') && !path.contains('.');
    (!name.is_empty() && (scoped || !version.is_empty() || bare)).then_some((name, version))
}
