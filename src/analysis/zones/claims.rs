//! What a module says about where it runs, before anyone else is asked.

use std::cmp::Reverse;

use globset::{GlobSet, GlobSetBuilder};
use rustc_hash::FxHashMap;

use super::manifest::{self, Named};
use super::view::{Package, ProjectView};
use crate::catalog::frameworks::{Entry, Framework, Frameworks, Side};
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

/// The frameworks of a project, by folder.
pub struct Claims<'a> {
    table: &'a Frameworks,
    /// Indexes into the table of the frameworks that are present in a folder.
    present: FxHashMap<String, Vec<usize>>,
    /// Folders with a package.json.
    packages: FxHashMap<String, Package>,
    /// Files that manifests name.
    named: FxHashMap<FileId, Named>,
    /// Indexes of the frameworks that need no evidence.
    universal: Vec<usize>,
}

impl<'a> Claims<'a> {
    /// Looks for markers among all paths, and into the manifests.
    pub fn new<V: ProjectView>(view: &V, table: &'a Frameworks) -> Self {
        let packages: FxHashMap<String, Package> = view.packages().into_iter().map(|package| (package.folder.clone(), package)).collect();
        let mut present: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (folder, package) in &packages {
            let names =
                |framework: &Framework| framework.dependencies.iter().any(|name| package.dependencies.iter().any(|has| **has == **name));
            present.entry(folder.clone()).or_default().extend(indexes(table, names));
        }
        let markers = Markers::new(table);
        let mut manifests = Vec::new();
        for file in view.files() {
            let path = view.path(file);
            for (folder, framework) in markers.found(path, table) {
                present.entry(folder.to_owned()).or_default().push(framework);
            }
            let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
            manifests.extend(table.manifests.iter().filter(|manifest| manifest.file.is_match(name)).map(|manifest| (file, manifest)));
        }
        for list in present.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
        let named = manifest::named(view, &packages, &manifests);
        Self { table, present, packages, named, universal: indexes(table, Framework::is_universal) }
    }

    /// Whether `"use client"` and `"use server"` mean something to what builds this file. They do where a framework honours
    /// them, and where nothing is known of a bundler that does not.
    #[must_use]
    pub fn honours_directives(&self, path: &str) -> bool {
        let mut bundled = false;
        for (_, framework) in self.at(path) {
            if framework.directives {
                return true;
            }
            bundled |= framework.bundler;
        }
        !bundled
    }

    /// The side of everything in the nearest package, with the framework that shows it; none where its frameworks disagree.
    #[must_use]
    pub fn package_side(&self, path: &str) -> Option<(Side, &'a str)> {
        let folder = folders(path).find(|folder| self.packages.contains_key(*folder) || self.present.contains_key(*folder))?;
        let mut found: Option<(Side, &str)> = None;
        for framework in self.present.get(folder)?.iter().filter_map(|index| self.table.frameworks.get(*index)) {
            match (framework.side, found) {
                (None, _) => {}
                (Some(Side::Both), _) => return None,
                (Some(side), None) => found = Some((side, &framework.name)),
                (Some(side), Some((known, _))) if side != known => return None,
                (Some(_), Some(_)) => {}
            }
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
            .or_else(|| self.named.get(&file).map(|named| Claim::new(named.zone, Confidence::High, named.what.clone())))
            .or(firm)
            .or_else(|| by_kind(view.kind(file)));
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
        if has("use server") && self.honours_directives(path) {
            return Some(Claim::new(ZoneKind::Server, Confidence::High, "\"use server\""));
        }
        has("use node").then(|| Claim::new(ZoneKind::Server, Confidence::High, "\"use node\""))
    }

    /// The claims of all present frameworks, strongest framework first.
    fn by_path<V: ProjectView>(&self, view: &V, file: FileId, path: &str) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (rest, framework) in self.at(path) {
            let entry = framework.entries.iter().find(|entry| {
                entry.paths.iter().any(|glob| glob.is_match(rest)) && (entry.needs.is_empty() || exports_any(view, file, &entry.needs))
            });
            claims.extend(entry.map(|entry| claim_of(view, file, entry)));
        }
        if claims.is_empty() && !folders(path).any(|folder| self.packages.contains_key(folder)) {
            let entries = self.table.frameworks.iter().flat_map(|framework| &framework.entries);
            let entry = entries.filter(|entry| entry.distinctive).find(|entry| entry.paths.iter().any(|glob| glob.is_match_anywhere(path)));
            claims.extend(entry.map(|entry| claim_of(view, file, entry)));
        }
        claims
    }

    /// The frameworks that have a say about a path, in order of precedence, each with the path relative to its root.
    fn at<'p>(&self, path: &'p str) -> Vec<(&'p str, &'a Framework)> {
        let mut found: Vec<(usize, &str)> = Vec::new();
        for folder in folders(path) {
            let rest = below(path, folder);
            found.extend(self.present.get(folder).into_iter().flatten().map(|index| (*index, rest)));
        }
        let nearest = folders(path).find(|folder| self.packages.contains_key(*folder)).unwrap_or("");
        found.extend(self.universal.iter().map(|index| (*index, below(path, nearest))));
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

fn indexes(table: &Frameworks, holds: impl Fn(&Framework) -> bool) -> Vec<usize> {
    table.frameworks.iter().enumerate().filter(|(_, framework)| holds(framework)).map(|(index, _)| index).collect()
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
        if !claim.server_exports.is_empty() || !claim.client_exports.is_empty() {
            claim.imports_zone = ZoneKind::Both;
        }
    }
    claim
}

/// Markup whose scripts run in a browser whatever produced it.
fn by_kind(kind: FileKind) -> Option<Claim> {
    let (zone, what) = match kind {
        FileKind::Html => (ZoneKind::Client, "HTML page"),
        FileKind::Vue => (ZoneKind::Client, "Vue component"),
        FileKind::Svelte => (ZoneKind::Client, "Svelte component"),
        FileKind::Template => (ZoneKind::Client, "server template, whose scripts run in the browser"),
        FileKind::Astro => (ZoneKind::Both, "Astro component: its frontmatter runs on the server, its scripts in the browser"),
        FileKind::JavaScript | FileKind::TypeScript | FileKind::Tsx | FileKind::Json | FileKind::Dotenv | FileKind::Text => return None,
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

/// All marker globs in one automaton, so that a file that is no marker costs one look.
struct Markers {
    set: GlobSet,
    /// For each glob of the set, its framework and its index there.
    origin: Vec<(usize, usize)>,
}

impl Markers {
    fn new(table: &Frameworks) -> Self {
        let mut builder = GlobSetBuilder::new();
        let mut origin = Vec::new();
        for (index, framework) in table.frameworks.iter().enumerate() {
            for (number, marker) in framework.markers.iter().enumerate() {
                if let Some(glob) = marker.anywhere() {
                    builder.add(glob);
                    origin.push((index, number));
                }
            }
        }
        Self { set: builder.build().unwrap_or_default(), origin }
    }

    /// The folders in which a path is a marker, with the framework that it marks.
    fn found<'p>(&self, path: &'p str, table: &Frameworks) -> Vec<(&'p str, usize)> {
        let mut found = Vec::new();
        for hit in self.set.matches(path) {
            let Some((framework, number)) = self.origin.get(hit).copied() else { continue };
            let Some(marker) = table.frameworks.get(framework).and_then(|framework| framework.markers.get(number)) else { continue };
            let roots = folders(path).filter(|folder| marker.is_match(below(path, folder)));
            // A folder marker (`netlify/functions/**`) also matches from inside itself; the outermost root is meant.
            found.extend(roots.min_by_key(|folder| folder.len()).map(|folder| (folder, framework)));
        }
        found.sort_by_key(|(folder, framework)| (*framework, Reverse(folder.len())));
        found
    }
}
