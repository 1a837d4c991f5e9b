//! Module resolution: what an import specifier names.
//!
//! The work is the resolver crate's (Node's and TypeScript's algorithms), over a file system that is the file table. Around it stand
//! the things that no standard covers: project configurations of every folder above, `deno.json` import maps, the `@/` and `$lib/`
//! conventions of bundlers, packages of the tree whose entries are build outputs, and script URLs in markup.

use std::path::Path;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use oxc_resolver::{ResolveError, ResolveOptions, ResolverGeneric, TsConfig, TsconfigDiscovery};
use rustc_hash::FxHashMap;

use crate::project::discover::normalize;
use crate::project::kind::FileKind;
use crate::project::manifest::{CONDITIONS, Package, Packages, package_of_url, split_package, split_version};
use crate::project::outputs;
use crate::project::python;
use crate::project::rust;
use crate::project::table::{Table, ancestors, folder_of, join};
use crate::project::tree_fs::TreeFs;
use crate::project::tsconfig;
use crate::source::FileId;

/// What a specifier names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resolved {
    /// A file of the project.
    File(FileId),
    /// A package outside the project, by its real name.
    Package {
        /// `@scope/name`, without a version.
        name: Arc<str>,
        /// What follows the name, without the slash; empty for the package itself.
        subpath: Arc<str>,
    },
    /// A module of the runtime, without its `node:` prefix.
    Builtin(Arc<str>),
    /// A path that leads nowhere in the tree.
    Missing,
}

/// Folders that builds write, besides those that a manifest points to.
const OUTPUTS: &[&str] = &["dist", "build", "out", "lib", "es", "esm", "cjs"];

/// Longer specifiers are data.
const LONGEST: usize = 1024;

type Memo = FxHashMap<Box<str>, FxHashMap<Box<str>, Resolved>>;

/// Answers and remembers.
pub(crate) struct Resolver {
    fs: TreeFs,
    inner: ResolverGeneric<TreeFs>,
    /// By folder of the importing file, then by specifier. Markup resolves URLs, so it has a memo of its own.
    memo: RwLock<Memo>,
    markup: RwLock<Memo>,
    python: RwLock<Memo>,
    /// By the importing file itself: what a path means depends on where its module stands.
    rust: RwLock<Memo>,
    crates: OnceLock<FxHashMap<String, FileId>>,
    configs: RwLock<FxHashMap<Box<str>, Configs>>,
    aliases: OnceLock<FxHashMap<FileId, Vec<Box<str>>>>,
}

/// The project configurations of one folder that map names at all.
type Configs = Arc<[Arc<TsConfig>]>;

impl std::fmt::Debug for Resolver {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl Resolver {
    pub(crate) fn new(table: Arc<Table>, packages: Arc<Packages>) -> Self {
        let fs = TreeFs { table, packages };
        let inner = ResolverGeneric::new_with_file_system(fs.clone(), options());
        Self {
            fs,
            inner,
            memo: RwLock::default(),
            markup: RwLock::default(),
            python: RwLock::default(),
            rust: RwLock::default(),
            crates: OnceLock::new(),
            configs: RwLock::default(),
            aliases: OnceLock::new(),
        }
    }

    pub(crate) fn resolve(&self, from: FileId, specifier: &str) -> Resolved {
        let Some(file) = self.fs.table.get(from) else { return Resolved::Missing };
        if specifier.is_empty() || specifier.len() > LONGEST || specifier.contains('\0') {
            return Resolved::Missing;
        }
        let folder = if file.kind == FileKind::Rust { &*file.path } else { folder_of(&file.path) };
        let markup = matches!(file.kind, FileKind::Html | FileKind::Template);
        let memo = match file.kind {
            FileKind::Python => &self.python,
            FileKind::Rust => &self.rust,
            _ if markup => &self.markup,
            _ => &self.memo,
        };
        let known = memo.read().unwrap_or_else(PoisonError::into_inner).get(folder).and_then(|folder| folder.get(specifier)).cloned();
        if let Some(known) = known {
            return known;
        }
        let resolved = match file.kind {
            FileKind::Python => self.python_module(from, folder, specifier),
            FileKind::Rust => self.rust_module(from, specifier),
            _ => self.answer(folder, specifier, markup),
        };
        let mut memo = memo.write().unwrap_or_else(PoisonError::into_inner);
        memo.entry(folder.into()).or_default().insert(specifier.into(), resolved.clone());
        resolved
    }

    /// The import map of the nearest folder that has one, as Deno applies it: exact keys, or the longest prefix that ends with `/`.
    fn import_map(&self, folder: &str, specifier: &str) -> Option<Resolved> {
        let package = ancestors(folder).find_map(|above| self.fs.packages.at(above).filter(|package| !package.import_map.is_empty()))?;
        let (key, target) = package
            .import_map
            .iter()
            .filter(|(key, _)| &**key == specifier || (key.ends_with('/') && specifier.starts_with(&**key)))
            .max_by_key(|(key, _)| key.len())?;
        let target = format!("{target}{}", specifier.get(key.len()..).unwrap_or(""));
        if let Some(outside) = outside(&target) {
            return Some(outside);
        }
        // A target that is a bare name, or leads to a build output, is for the steps behind this one.
        if !target.starts_with('.') {
            return None;
        }
        let path = self.fs.table.absolute(&package.folder).join(target);
        self.path(&normalize(&path)).map(Resolved::File)
    }

    fn python_module(&self, from: FileId, folder: &str, specifier: &str) -> Resolved {
        if let Some(file) = python::find(&self.fs.table, from, folder, specifier) {
            return Resolved::File(file);
        }
        if specifier.starts_with('.') {
            return Resolved::Missing;
        }
        let (name, subpath) = specifier.split_once('.').unwrap_or((specifier, ""));
        Resolved::Package { name: name.into(), subpath: subpath.into() }
    }

    fn rust_module(&self, from: FileId, specifier: &str) -> Resolved {
        if let Some(file) = rust::find(&self.fs.table, self.crates(), from, specifier) {
            return Resolved::File(file);
        }
        let (name, subpath) = specifier.split_once("::").unwrap_or((specifier, ""));
        if matches!(name, "crate" | "self" | "super") || specifier.contains(':') && !specifier.contains("::") {
            return Resolved::Missing;
        }
        Resolved::Package { name: name.into(), subpath: subpath.into() }
    }

    /// The crates of the tree by name.
    pub(crate) fn crates(&self) -> &FxHashMap<String, FileId> {
        self.crates.get_or_init(|| rust::crates(&self.fs.table))
    }

    fn answer(&self, folder: &str, specifier: &str, markup: bool) -> Resolved {
        if let Some(outside) = outside(specifier) {
            return outside;
        }
        if let Some(path) = template_path(specifier).filter(|_| markup) {
            return self.served(folder, path).map_or(Resolved::Missing, Resolved::File);
        }
        let specifier = specifier.split(['?', '#']).next().filter(|path| !path.is_empty()).unwrap_or(specifier);
        if markup {
            if let Some(file) = self.script_url(folder, specifier) {
                return Resolved::File(file);
            }
            if strip_code_extension(specifier).len() < specifier.len() {
                return Resolved::Missing;
            }
        }
        if specifier.starts_with('/') {
            return self.script_url(folder, specifier).map_or(Resolved::Missing, Resolved::File);
        }
        let directory = self.fs.table.absolute(folder);
        if specifier.starts_with('.') {
            return match self.inner.resolve(&directory, specifier) {
                Ok(found) => self.file(found.path()),
                Err(_) => self.unbuilt_path(&directory, specifier),
            }
            .map_or(Resolved::Missing, Resolved::File);
        }
        self.bare(folder, &directory, specifier)
    }

    /// A specifier that is no path: an alias, a package of the tree, a runtime module, or a package from outside.
    fn bare(&self, folder: &str, directory: &Path, specifier: &str) -> Resolved {
        if let Some(mapped) = self.import_map(folder, specifier) {
            return mapped;
        }
        let (name, subpath) = split_package(specifier);
        let declared = self.fs.packages.declares(folder, name);
        // TypeScript's own rule: the nearest configuration is the one in force.
        let in_force = ancestors(folder).find(|above| self.has_config(above)).unwrap_or("");
        let (near, far): (Vec<&str>, Vec<&str>) = ancestors(folder).partition(|above| above.len() >= in_force.len());
        if let Some(file) = self.mapped(&near, specifier, declared) {
            return Resolved::File(file);
        }
        if self.fs.packages.is_from_registry(folder, name) {
            return Resolved::Package { name: name.into(), subpath: subpath.into() };
        }
        match self.inner.resolve(directory, specifier) {
            Ok(found) => {
                if let Some(file) = self.file(found.path()) {
                    return Resolved::File(file);
                }
            }
            Err(ResolveError::Builtin { resolved, .. }) => {
                return Resolved::Builtin(resolved.strip_prefix("node:").unwrap_or(&resolved).into());
            }
            Err(_) => {}
        }
        if let Some(resolved) = self.conventional(folder, specifier) {
            return resolved;
        }
        // A configuration further up is a guess, for a bundler that reads it from there.
        if let Some(file) = self.mapped(&far, specifier, declared).filter(|_| !declared) {
            return Resolved::File(file);
        }
        if let Some(file) = self.unbuilt(folder, specifier) {
            return Resolved::File(file);
        }
        if ["@/", "~/", "~~/", "@@/"].iter().any(|alias| specifier.starts_with(alias)) {
            return Resolved::Missing;
        }
        Resolved::Package { name: name.into(), subpath: subpath.into() }
    }

    /// Whether a folder has a configuration that editors and compilers pick up by themselves.
    fn has_config(&self, folder: &str) -> bool {
        ["tsconfig.json", "jsconfig.json"].iter().any(|name| self.fs.table.find(&join(folder, name)).is_some())
    }

    /// What the configurations of some folders map a specifier to.
    fn mapped(&self, folders: &[&str], specifier: &str, declared: bool) -> Option<FileId> {
        folders.iter().find_map(|folder| {
            self.configs(folder).iter().find_map(|config| {
                // Of a folder's configurations only one is in force for a file, and that one is the resolver crate's to read. In the
                // others a `baseUrl` is no reason to take a file for a package that the manifest asks for.
                let base = config.compiler_options.base_url.as_ref().filter(|_| declared).map(|base| base.join(specifier));
                let targets = config.resolve_path_alias_or_base_url(specifier);
                targets.iter().filter(|target| base.as_ref() != Some(*target)).find_map(|target| self.path(target))
            })
        })
    }

    /// Aliases that frameworks and bundlers set up without a configuration that could be read here.
    fn conventional(&self, folder: &str, specifier: &str) -> Option<Resolved> {
        let (rest, places): (&str, &[&str]) = if let Some(rest) = specifier.strip_prefix("@/").or_else(|| specifier.strip_prefix("~/")) {
            (rest, &["src", "", "app"])
        } else if let Some(rest) = specifier.strip_prefix("~~/").or_else(|| specifier.strip_prefix("@@/")) {
            (rest, &[""])
        } else if let Some(rest) = specifier.strip_prefix("$lib/") {
            (rest, &["src/lib"])
        } else if specifier == "$lib" {
            (".", &["src/lib"])
        } else if specifier.starts_with("src/") || specifier.starts_with("app/") {
            (specifier, &[""])
        } else {
            return None;
        };
        for above in ancestors(folder) {
            if self.fs.table.find(&join(above, "package.json")).is_none() && !above.is_empty() {
                continue;
            }
            for place in places {
                let base = if place.is_empty() { above.to_owned() } else { join(above, place) };
                if let Some(file) = self.path(&self.fs.table.absolute(&base).join(rest)) {
                    return Some(Resolved::File(file));
                }
            }
        }
        None
    }

    /// A package of the tree whose declared entry is what a build would make: its source is looked for instead.
    fn unbuilt(&self, folder: &str, specifier: &str) -> Option<FileId> {
        if specifier.starts_with('#') {
            let package = ancestors(folder).find_map(|above| self.fs.packages.at(above))?;
            return self.first(&package.folder, &outputs::sources_of_import(package, specifier));
        }
        let (name, subpath) = split_package(specifier);
        let package = self.package_near(folder, name)?;
        self.first(&package.folder, &outputs::sources_of_export(package, subpath))
    }

    /// A path into a folder that a build would make: its source is looked for instead.
    fn unbuilt_path(&self, directory: &Path, specifier: &str) -> Option<FileId> {
        let path = self.fs.real_name(&normalize(&directory.join(specifier)))?;
        let package = self.fs.packages.nearest(&path)?;
        let inside = path.strip_prefix(&*package.folder)?.trim_start_matches('/');
        let (output, _) = inside.split_once('/')?;
        let pointed = |entry: &Arc<str>| entry.trim_start_matches("./").split('/').next() == Some(output);
        let is_output = OUTPUTS.contains(&output) || package.entries.iter().any(pointed);
        if !is_output || self.fs.table.has_folder(&join(&package.folder, output)) {
            return None;
        }
        self.first(&package.folder, &outputs::sources_of(inside))
    }

    /// The first of some module paths below a folder that is there.
    fn first(&self, folder: &str, guesses: &[String]) -> Option<FileId> {
        guesses.iter().find_map(|guess| self.path(&self.fs.table.absolute(&join(folder, guess))))
    }

    /// The package of this name that shares the longest way with `folder`.
    fn package_near(&self, folder: &str, name: &str) -> Option<&Package> {
        let linked = ancestors(folder).find_map(|above| {
            let link = self.fs.table.absolute(&join(above, "node_modules")).join(name);
            self.fs.real_name(&link)
        })?;
        self.fs.packages.named(name).find(|package| *package.folder == *linked)
    }

    /// A script URL in markup: relative to the page, or to a folder that a server would take for its root.
    fn script_url(&self, folder: &str, url: &str) -> Option<FileId> {
        let Some(rooted) = url.strip_prefix('/') else {
            return self.exact(&self.fs.table.absolute(folder).join(url));
        };
        ancestors(folder).find_map(|above| {
            ["", "public", "static", "src", "www"].iter().find_map(|place| {
                let base = if place.is_empty() { above.to_owned() } else { join(above, place) };
                self.exact(&self.fs.table.absolute(&base).join(rooted))
            })
        })
    }

    /// A file that a server's helper names by the end of its path. Of several, the one that shares most folders with the page, if
    /// one does.
    fn served(&self, folder: &str, path: &str) -> Option<FileId> {
        let shared = |other: &str| folder.split('/').zip(other.split('/')).take_while(|(left, right)| left == right).count();
        let mut found: Vec<(usize, FileId)> = self.fs.table.ending_with(path).map(|(id, other)| (shared(other), id)).collect();
        found.sort_unstable_by(|left, right| right.cmp(left));
        match found.as_slice() {
            [(_, id)] => Some(*id),
            [(best, id), (next, _), ..] if best > next => Some(*id),
            _ => None,
        }
    }

    /// A path as a module path: extensions and index files are tried.
    fn path(&self, target: &Path) -> Option<FileId> {
        let target = normalize(target);
        let directory = target.parent()?;
        let name = target.file_name()?.to_str()?;
        let found = self.inner.resolve(directory, &format!("./{name}")).ok()?;
        self.file(found.path())
    }

    fn exact(&self, target: &Path) -> Option<FileId> {
        self.file(&normalize(target))
    }

    fn file(&self, path: &Path) -> Option<FileId> {
        self.fs.table.find(&self.fs.real_name(path)?)
    }

    /// Names without a pattern that configurations and import maps give to files: `"settings": ["./src/conf/index.ts"]`.
    pub(crate) fn aliases_of(&self, id: FileId) -> &[Box<str>] {
        let aliases = self.aliases.get_or_init(|| {
            let mut aliases: FxHashMap<FileId, Vec<Box<str>>> = FxHashMap::default();
            let mut add = |alias: &str, target: &Path| {
                if let Some(file) = self.path(target) {
                    aliases.entry(file).or_default().push(alias.into());
                }
            };
            for file in self.fs.table.files() {
                if !tsconfig::is_config(file.path.rsplit('/').next().unwrap_or(&file.path)) {
                    continue;
                }
                let Ok(config) = self.inner.resolve_tsconfig(self.fs.table.absolute(&file.path)) else { continue };
                for alias in config.compiler_options.paths.iter().flat_map(|paths| paths.keys()).filter(|alias| !alias.contains('*')) {
                    for target in config.resolve_path_alias_or_base_url(alias) {
                        add(alias, &target);
                    }
                }
            }
            for package in self.fs.packages.all() {
                let folder = self.fs.table.absolute(&package.folder);
                for (alias, target) in package.import_map.iter().filter(|(alias, _)| !alias.contains('*')) {
                    add(alias, &normalize(&folder.join(&**target)));
                }
                for (alias, _) in package.subpaths.iter().filter(|(alias, _)| alias.starts_with('#') && !alias.contains('*')) {
                    for guess in outputs::sources_of_import(package, alias) {
                        add(alias, &normalize(&folder.join(guess)));
                    }
                }
            }
            aliases
        });
        aliases.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The configurations of a folder that map names, in the order in which they are asked.
    fn configs(&self, folder: &str) -> Configs {
        if let Some(known) = self.configs.read().unwrap_or_else(PoisonError::into_inner).get(folder) {
            return Arc::clone(known);
        }
        let mut names: Vec<&str> = self
            .fs
            .table
            .entries(folder, "jsconfig.json")
            .chain(self.fs.table.entries(folder, "tsconfig"))
            .filter(|name| tsconfig::is_config(name))
            .collect();
        names.sort_unstable_by_key(|name| (tsconfig::rank(name), *name));
        let configs: Configs = names
            .into_iter()
            .filter_map(|name| self.inner.resolve_tsconfig(self.fs.table.absolute(&join(folder, name))).ok())
            .filter(|config| config.compiler_options.paths.is_some() || config.compiler_options.base_url.is_some())
            .collect();
        self.configs.write().unwrap_or_else(PoisonError::into_inner).insert(folder.into(), Arc::clone(&configs));
        configs
    }
}

/// Specifiers that say themselves that they lead outside.
fn outside(specifier: &str) -> Option<Resolved> {
    if let Some(name) = specifier.strip_prefix("node:") {
        return Some(Resolved::Builtin(name.into()));
    }
    if let Some(target) = specifier.strip_prefix("npm:").or_else(|| specifier.strip_prefix("jsr:")) {
        let (name, _) = split_version(target);
        let (_, subpath) = split_package(target.trim_start_matches('/'));
        return Some(Resolved::Package { name: name.into(), subpath: subpath.into() });
    }
    if specifier.starts_with("https://") || specifier.starts_with("http://") || specifier.starts_with("//") {
        let Some((name, _)) = package_of_url(specifier) else { return Some(Resolved::Missing) };
        let rest = specifier.split_once(name).map_or("", |(_, rest)| rest);
        let subpath = rest.split_once('/').map_or("", |(_, subpath)| subpath).split(['?', '#']).next().unwrap_or("");
        return Some(Resolved::Package { name: name.into(), subpath: subpath.into() });
    }
    None
}

/// The path in a script URL with template holes: `{% static 'js/app.js' %}`, `{{ base }}/js/app.js`. None when there is no hole.
pub(crate) fn template_path(url: &str) -> Option<&str> {
    let (open, close) = [("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("<?", "?>")].into_iter().find(|(open, _)| url.contains(open))?;
    let path_part = |text: &'_ str| text.split(['?', '#']).next().filter(|path| path.contains('.')).map(str::len);
    // What stands outside the holes is the path itself; otherwise a helper inside one is given it as a string.
    let outside = url.split(close).filter_map(|piece| piece.split(open).next());
    let quoted = url.split(['\'', '"']).skip(1).step_by(2);
    let path = outside.chain(quoted).find_map(|text| text.get(..path_part(text)?)).unwrap_or("");
    Some(path.trim_start_matches("~/").trim_start_matches('/'))
}

/// A path without the extension of a code file.
pub(crate) fn strip_code_extension(path: &str) -> &str {
    let path = path.strip_suffix(".d.ts").unwrap_or(path);
    match path.rsplit_once('.') {
        Some((stem, extension)) if CODE_EXTENSIONS.iter().any(|known| known.get(1..) == Some(extension)) => stem,
        _ => path,
    }
}

/// The extensions that are tried, TypeScript first: where both exist, the JavaScript was made from it.
pub(crate) const CODE_EXTENSIONS: &[&str] =
    &[".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".vue", ".svelte", ".astro", ".d.ts"];

/// Platform variants, as React Native picks them.
pub(crate) const PLATFORMS: &[&str] = &[".web", ".native", ".ios", ".android"];

fn options() -> ResolveOptions {
    let strings = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let mut extensions = strings(CODE_EXTENSIONS);
    for platform in PLATFORMS {
        extensions.extend([".ts", ".tsx", ".js", ".jsx"].iter().map(|extension| format!("{platform}{extension}")));
    }
    ResolveOptions {
        tsconfig: Some(TsconfigDiscovery::Auto),
        alias_fields: vec![strings(&["browser"])],
        condition_names: strings(&CONDITIONS),
        extension_alias: vec![
            (".js".to_owned(), strings(&[".ts", ".tsx", ".js", ".jsx", ".d.ts"])),
            // A source may be named although only what was made from it is there.
            (".ts".to_owned(), strings(&[".ts", ".js"])),
            (".jsx".to_owned(), strings(&[".tsx", ".jsx"])),
            (".mjs".to_owned(), strings(&[".mts", ".mjs"])),
            (".cjs".to_owned(), strings(&[".cts", ".cjs"])),
        ],
        extensions,
        main_fields: strings(&["source", "module", "browser", "main", "types"]),
        symlinks: false,
        node_path: false,
        builtin_modules: true,
        ..ResolveOptions::default()
    }
}
