//! What a module says about where it runs, before anyone else is asked.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::manifest::{self, Named};
use super::view::ProjectView;
use crate::catalog::frameworks::{Entry, Framework, Frameworks, PathGlob, Side};
use crate::catalog::sides::{OneSide, Strength};
use crate::finding::{Confidence, ZoneKind};
use crate::hir::Name;
use crate::project::kind::FileKind;
use crate::source::FileId;

/// A statement about where a module runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where.
    pub zone: ZoneKind,
    /// Where what it imports runs: both sides for a route file with a server loader and a browser component.
    pub imports_zone: ZoneKind,
    /// How sure.
    pub confidence: Confidence,
    /// What makes it so: `Next.js route handler`, `"use client"`, `imports express`.
    pub what: String,
    /// Whether what it imports runs where it runs.
    pub follow: bool,
    /// Exports that run on the server although the rest does not.
    pub server_exports: Vec<Name>,
    /// Exports that run in the browser although the rest does not.
    pub client_exports: Vec<Name>,
}

impl Claim {
    fn new(zone: ZoneKind, confidence: Confidence, what: impl Into<String>) -> Self {
        Self {
            zone,
            imports_zone: zone,
            confidence,
            what: what.into(),
            follow: true,
            server_exports: Vec::new(),
            client_exports: Vec::new(),
        }
    }
}

/// All that a module says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// It decides: nobody else is asked.
    pub decisive: Option<Claim>,
    /// A habit of its folder: whoever imports the module outranks it.
    pub habit: Option<Claim>,
    /// It imports this, which belongs to the browser.
    pub client_hint: Option<String>,
    /// It imports this, which belongs to the server.
    pub server_hint: Option<String>,
}

/// What stands in one folder.
#[derive(Debug, Default)]
struct Folder {
    /// Indexes into the table of the frameworks that are rooted here, in order of precedence.
    frameworks: Vec<usize>,
    /// It has a package.json.
    is_package: bool,
    /// The files that its manifests name.
    named: FxHashMap<FileId, Named>,
}

/// The frameworks of a project, by folder. A folder is looked into when a file below it is first asked about, so that a run
/// on one file does not pay for a whole tree.
pub struct Claims<'a> {
    table: &'a Frameworks,
    folders: Mutex<FxHashMap<String, Arc<Folder>>>,
    /// Indexes of the frameworks that need no evidence.
    universal: Vec<usize>,
}

impl<'a> Claims<'a> {
    /// Knows the table, and nothing yet of any folder.
    #[must_use]
    pub fn new(table: &'a Frameworks) -> Self {
        let universal =
            table.frameworks.iter().enumerate().filter(|(_, framework)| framework.is_universal()).map(|(index, _)| index).collect();
        Self { table, folders: Mutex::default(), universal }
    }

    fn folder<V: ProjectView>(&self, view: &V, folder: &str) -> Arc<Folder> {
        if let Some(known) = self.folders.lock().unwrap_or_else(PoisonError::into_inner).get(folder) {
            return Arc::clone(known);
        }
        let found = Arc::new(self.look(view, folder));
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned(), Arc::clone(&found));
        found
    }

    fn look<V: ProjectView>(&self, view: &V, folder: &str) -> Folder {
        let package = view.package(folder);
        let dependencies = package.as_ref().map_or(&[][..], |package| &package.dependencies);
        let is_there = |framework: &Framework| {
            framework.dependencies.iter().any(|name| dependencies.iter().any(|has| **has == **name))
                || framework.markers.iter().any(|marker| exists(view, folder, marker))
        };
        let present = self.table.frameworks.iter().enumerate().filter(|(_, framework)| is_there(framework));
        Folder {
            frameworks: present.map(|(index, _)| index).collect(),
            is_package: package.is_some(),
            named: manifest::named(view, folder, dependencies, &self.table.manifests),
        }
    }

    /// The names of the frameworks that a folder itself shows: by its manifest or by files of theirs.
    pub fn present<V: ProjectView>(&self, view: &V, folder: &str) -> Vec<&'a str> {
        let here = self.folder(view, folder);
        here.frameworks.iter().filter_map(|index| self.table.frameworks.get(*index)).map(|framework| framework.name.as_str()).collect()
    }

    /// Whether `"use client"` and `"use server"` mean something to what builds this file. They do where a framework honours
    /// them, and where nothing is known of a bundler that does not.
    #[must_use]
    pub fn honours_directives<V: ProjectView>(&self, view: &V, path: &str) -> bool {
        let mut bundled = false;
        for (_, framework) in self.at(view, path) {
            if framework.directives {
                return true;
            }
            bundled |= framework.bundler;
        }
        !bundled
    }

    /// The side of everything in the nearest package, with the framework that shows it; none where its frameworks disagree.
    #[must_use]
    pub fn package_side<V: ProjectView>(&self, view: &V, path: &str) -> Option<(Side, &'a str)> {
        let folder =
            folders(path).map(|folder| self.folder(view, folder)).find(|folder| folder.is_package || !folder.frameworks.is_empty())?;
        let mut found: Option<(Side, &str)> = None;
        for framework in folder.frameworks.iter().filter_map(|index| self.table.frameworks.get(*index)) {
            let Some(side) = framework.side else { continue };
            if side == Side::Both || found.is_some_and(|(known, _)| known != side) {
                return None;
            }
            found.get_or_insert((side, &framework.name));
        }
        found
    }

    /// What a module says about itself.
    pub fn own<V: ProjectView>(&self, view: &V, file: FileId) -> Own {
        let path = view.path(file);
        let by_path = self.by_path(view, file, path);
        let at_rank = |confidence| by_path.iter().find(|claim| claim.confidence == confidence).cloned();
        let habit = at_rank(Confidence::Low);
        let firm = at_rank(Confidence::High);
        if let Some(claim) = &firm
            && matches!(claim.zone, ZoneKind::Development | ZoneKind::Build)
        {
            return Own { decisive: firm, ..Own::default() };
        }
        let decisive = self
            .by_directive(view, file, path)
            .or_else(|| self.by_manifest(view, file, path))
            .or(firm)
            .or_else(|| by_crate(self.table, view, file, path))
            .or_else(|| by_kind(view.kind(file)).filter(|_| !is_bare_php(view, file, path)));
        if decisive.is_some() {
            return Own { decisive, ..Own::default() };
        }
        let signs = self.by_imports(view, file);
        Own {
            decisive: signs.decisive.or_else(|| at_rank(Confidence::Medium)),
            habit,
            client_hint: signs.client_hint,
            server_hint: signs.server_hint,
        }
    }

    fn by_directive<V: ProjectView>(&self, view: &V, file: FileId, path: &str) -> Option<Claim> {
        let directives = view.directives(file);
        let has = |name: &str| directives.iter().any(|directive| &**directive == name);
        if has("use client") || has("use dom") {
            return Some(Claim::new(ZoneKind::Client, Confidence::High, "\"use client\""));
        }
        if has("use server") && self.honours_directives(view, path) {
            return Some(Claim::new(ZoneKind::Server, Confidence::High, "\"use server\""));
        }
        has("use node").then(|| Claim::new(ZoneKind::Server, Confidence::High, "\"use node\""))
    }

    fn by_manifest<V: ProjectView>(&self, view: &V, file: FileId, path: &str) -> Option<Claim> {
        let named = folders(path).find_map(|folder| self.folder(view, folder).named.get(&file).cloned())?;
        Some(Claim::new(named.zone, Confidence::High, named.what))
    }

    /// The claims of all present frameworks, strongest framework first.
    fn by_path<V: ProjectView>(&self, view: &V, file: FileId, path: &str) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (rest, framework) in self.at(view, path) {
            let entry = framework.entries.iter().find(|entry| {
                entry.paths.iter().any(|glob| glob.is_match(rest)) && (entry.needs.is_empty() || exports_any(view, file, &entry.needs))
            });
            claims.extend(entry.map(|entry| claim_of(view, file, entry)));
        }
        if claims.is_empty() && !folders(path).any(|folder| self.folder(view, folder).is_package) {
            let entries = self.table.frameworks.iter().flat_map(|framework| &framework.entries);
            let entry = entries.filter(|entry| entry.distinctive).find(|entry| entry.paths.iter().any(|glob| glob.is_match_anywhere(path)));
            claims.extend(entry.map(|entry| claim_of(view, file, entry)));
        }
        claims
    }

    /// The frameworks that have a say about a path, in order of precedence, each with the path relative to its root.
    fn at<'p, V: ProjectView>(&self, view: &V, path: &'p str) -> Vec<(&'p str, &'a Framework)> {
        let mut found: Vec<(usize, &str)> = Vec::new();
        let mut nearest = None;
        for folder in folders(path) {
            let rest = below(path, folder);
            let here = self.folder(view, folder);
            found.extend(here.frameworks.iter().map(|index| (*index, rest)));
            if here.is_package && nearest.is_none() {
                nearest = Some(rest);
            }
        }
        let habitat = view.below_named(path);
        let nearest = nearest.unwrap_or(habitat);
        found.extend(self.universal.iter().map(|index| (*index, nearest)));
        // A habit may lie across packages: the folder of one edge function may have a manifest of its own.
        if nearest.len() < habitat.len() {
            found.extend(self.universal.iter().map(|index| (*index, habitat)));
        }
        // The deeper root has the shorter rest: the nearer presence of one framework comes first.
        found.sort_by_key(|(index, rest)| (*index, rest.len()));
        found.into_iter().filter_map(|(index, rest)| Some((rest, self.table.frameworks.get(index)?))).collect()
    }

    fn by_imports<V: ProjectView>(&self, view: &V, file: FileId) -> Own {
        let mut own = Own::default();
        let mut decisive: [Option<Name>; 2] = [None, None];
        for import in view.imports(file).into_iter().filter(|import| !import.type_only) {
            let Some(sign) = self.table.usage.import(&import.specifier) else { continue };
            let client = sign.side == OneSide::Client;
            match sign.strength {
                Strength::Decisive => {
                    let [of_client, of_server] = &mut decisive;
                    let slot = if client { of_client } else { of_server };
                    slot.get_or_insert(import.specifier);
                }
                Strength::Strong => {
                    let slot = if client { &mut own.client_hint } else { &mut own.server_hint };
                    slot.get_or_insert_with(|| import.specifier.to_string());
                }
                Strength::Weak => {}
            }
        }
        own.decisive = match decisive {
            [Some(name), None] => Some(Claim::new(ZoneKind::Client, Confidence::High, format!("imports {name}"))),
            [None, Some(name)] => Some(Claim::new(ZoneKind::Server, Confidence::High, format!("imports {name}"))),
            _ => None,
        };
        own
    }
}

/// How many files of one prefix are compared with a marker glob.
const MARKER_CANDIDATES: usize = 64;

/// Whether a marker stands in a folder. Asks for the files that begin as the glob does, before its first special character.
fn exists<V: ProjectView>(view: &V, folder: &str, marker: &PathGlob) -> bool {
    let glob = marker.as_str();
    let literal = glob.split(['*', '?', '[', '{']).next().unwrap_or("");
    let start = if folder.is_empty() { literal.to_owned() } else { format!("{folder}/{literal}") };
    if literal.len() == glob.len() {
        return view.find(&start).is_some();
    }
    view.starting_with(&start, MARKER_CANDIDATES).into_iter().any(|file| marker.is_match(below(view.path(file), folder)))
}

fn exports_any<V: ProjectView>(view: &V, file: FileId, names: &[String]) -> bool {
    let facts = view.facts(file);
    names.iter().any(|name| facts.exports.iter().any(|export| **export == **name))
}

fn claim_of<V: ProjectView>(view: &V, file: FileId, entry: &Entry) -> Claim {
    let mut claim = Claim { follow: entry.follow, ..Claim::new(entry.zone, entry.confidence, entry.what.clone()) };
    if !entry.server_exports.is_empty() || !entry.client_exports.is_empty() {
        let facts = view.facts(file);
        let split =
            |names: &[String]| facts.exports.iter().filter(|export| names.iter().any(|name| **name == ***export)).cloned().collect();
        claim.server_exports = split(&entry.server_exports);
        claim.client_exports = split(&entry.client_exports);
        let only = |split: &[Name]| !split.is_empty() && split.len() == facts.exports.len();
        if only(&claim.server_exports) {
            claim.zone = ZoneKind::Server;
            claim.imports_zone = ZoneKind::Server;
        } else if !claim.server_exports.is_empty() || !claim.client_exports.is_empty() {
            claim.imports_zone = ZoneKind::Both;
        }
    }
    claim
}

/// A PHP file is a template by its extension, but most hold no page: then it is code of the server, and nothing else.
fn is_bare_php<V: ProjectView>(view: &V, file: FileId, path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "php") && !path.ends_with(".blade.php") && !view.facts(file).has_code
}

/// A Rust file of a program that runs on the user's machine, by what its crate depends on, or one that builds the others.
fn by_crate<V: ProjectView>(table: &Frameworks, view: &V, file: FileId, path: &str) -> Option<Claim> {
    if view.kind(file) != FileKind::Rust {
        return None;
    }
    let manifest = folders(path).find_map(|folder| {
        let manifest = if folder.is_empty() { "Cargo.toml".to_owned() } else { format!("{folder}/Cargo.toml") };
        Some((folder, view.find(&manifest)?))
    });
    let (folder, manifest) = manifest?;
    if below(path, folder) == "build.rs" {
        return Some(Claim::new(ZoneKind::Build, Confidence::High, "build script"));
    }
    let text = view.text(manifest)?;
    let manifest: toml::Table = text.parse().ok()?;
    let dependencies = manifest.get("dependencies")?.as_table()?;
    let known = table.client_crates.iter().find(|known| dependencies.contains_key(&known.name))?;
    Some(Claim::new(ZoneKind::Client, Confidence::High, known.what.clone()))
}

/// Markup whose scripts run in a browser whatever produced it.
fn by_kind(kind: FileKind) -> Option<Claim> {
    let (zone, what) = match kind {
        FileKind::Html => (ZoneKind::Client, "HTML page"),
        FileKind::Vue => (ZoneKind::Client, "Vue component"),
        FileKind::Svelte => (ZoneKind::Client, "Svelte component"),
        FileKind::Template => (ZoneKind::Client, "server template, whose scripts run in the browser"),
        FileKind::Python => (ZoneKind::Server, "Python code"),
        FileKind::Rust => (ZoneKind::Server, "Rust code"),
        FileKind::Astro => (ZoneKind::Both, "Astro component, part server and part browser"),
        FileKind::JavaScript
        | FileKind::TypeScript
        | FileKind::Tsx
        | FileKind::Json
        | FileKind::Dotenv
        | FileKind::Yaml
        | FileKind::Toml
        | FileKind::Dockerfile
        | FileKind::Text => return None,
    };
    Some(Claim::new(zone, Confidence::High, what))
}

/// The folders above a path, deepest first, the root (empty) last.
pub(super) fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(parent(path)), |folder| (!folder.is_empty()).then(|| parent(folder)))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The path relative to one of its folders.
fn below<'p>(path: &'p str, folder: &str) -> &'p str {
    path.strip_prefix(folder).map_or(path, |rest| rest.strip_prefix('/').unwrap_or(rest))
}
