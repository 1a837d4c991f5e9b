//! Which exports and calls are endpoints, read from `rules/models/endpoints.toml`.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::frameworks::PathGlob;
use super::{CatalogError, read_table};

const FILE: &str = "endpoints.toml";

/// How the path of a served file is read from where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathStyle {
    /// Next's `app` folder: the folders, groups and slots left out.
    NextApp,
    /// Next's `pages` folder: the file.
    NextPages,
    /// The folders below the root.
    Folders,
    /// The file below the root.
    Files,
    /// Nitro's `server/api` and `server/routes`: the file, with the method at the end of its name.
    Nitro,
    /// Remix's flat route files: dots for slashes.
    Remix,
    /// The file below the root, `[[x]]` for any segments.
    CloudflarePages,
    /// The file with `+api` at the end of its name.
    Expo,
    /// The function's name below the platform's prefix.
    Netlify,
    /// Not told by the place.
    None,
}

/// Files whose exports somebody serves.
#[derive(Debug)]
pub struct Convention {
    /// What such an export is, for messages.
    pub what: String,
    /// The served names; `module.exports` for `CommonJS`.
    pub exports: Vec<String>,
    /// How the URL path is read.
    pub style: PathStyle,
    /// The folder that it is read below.
    pub root: Option<String>,
    paths: Vec<PathGlob>,
}

impl Convention {
    /// Whether the convention is about a file.
    #[must_use]
    pub fn is_about(&self, path: &str) -> bool {
        self.paths.iter().any(|glob| glob.is_match(path))
    }
}

/// Calls that serve a function.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    /// What the function is, for messages.
    pub what: String,
    /// The calls, by the end of their name.
    pub calls: Vec<String>,
    /// The export that holds the call's value is the function's name, by which clients call it.
    #[serde(default)]
    pub named: bool,
}

/// Functions that a client library calls by name: they are handed to a builder.
#[derive(Debug)]
pub struct Procedure {
    /// What such a function is, for messages.
    pub what: String,
    methods: Vec<String>,
    roots: Option<Regex>,
    calls: Vec<String>,
    packages: Vec<String>,
}

impl Procedure {
    /// Whether a chain of calls that takes one may end with this method.
    #[must_use]
    pub fn is_chain_end(&self, method: &str) -> bool {
        self.methods.iter().any(|known| known == method)
    }

    /// Whether a chain of calls that starts at this dotted name and ends with this method takes one.
    #[must_use]
    pub fn is_chain(&self, root: &str, method: &str) -> bool {
        self.is_chain_end(method) && self.roots.as_ref().is_some_and(|roots| roots.is_match(root))
    }

    /// Whether a call of this name, imported from this module, takes one.
    #[must_use]
    pub fn is_call(&self, name: &str, specifier: &str) -> bool {
        self.calls.iter().any(|known| known == name) && self.packages.iter().any(|package| specifier.ends_with(package.as_str()))
    }
}

/// How routers are spelt.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouterNames {
    /// Methods that register a handler.
    pub verbs: Vec<String>,
    /// Methods that take a router.
    pub mounts: Vec<String>,
    /// Methods that take middleware.
    pub hooks: Vec<String>,
    /// Methods that hand the router back, so that calls are chained.
    pub chained: Vec<String>,
    /// Those of `chained` whose argument stands before every path that the router gets afterwards.
    pub prefixing: Vec<String>,
    /// Packages that make a plugin change the router that registers it instead of one of its own.
    pub transparent: Vec<String>,
    /// Makers of routers that do nothing until they are mounted.
    pub unmounted: Vec<String>,
    /// Parts of the names of a project's own modules that routers are built with.
    pub own: Vec<String>,
    /// Packages that routers come from.
    pub packages: Vec<String>,
}

impl RouterNames {
    /// Whether a call of this method gives the router that it is called on.
    #[must_use]
    pub fn hands_on(&self, method: &str) -> bool {
        [&self.verbs, &self.mounts, &self.hooks, &self.chained, &self.prefixing].iter().any(|names| names.iter().any(|name| name == method))
    }
}

/// Decorators of class-based servers.
#[derive(Debug)]
pub struct Decorators {
    /// Classes of endpoints.
    pub controllers: Vec<String>,
    /// Methods that are endpoints.
    pub verbs: Vec<String>,
    /// What protects them.
    pub guards: Vec<String>,
    /// What takes them out of a guard that stands before everything.
    pub open: Regex,
}

/// How Python's frameworks register functions and views.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonNames {
    /// Decorators that say the method.
    pub verbs: Vec<String>,
    /// Decorators that say it in their arguments.
    pub routes: Vec<String>,
    /// Decorators without a path.
    pub serve: Vec<String>,
    /// Functions that a platform calls by name.
    pub entries: Vec<String>,
    /// Methods that mount a router.
    pub mounts: Vec<String>,
    /// Keywords of a router's prefix.
    pub prefixes: Vec<String>,
    /// Base classes of views.
    pub views: Vec<String>,
    /// Methods that run a function before each request.
    pub hooks: Vec<String>,
}

/// How Rust's frameworks register functions, and what they give them.
#[derive(Debug)]
pub struct RustNames {
    /// Attributes and functions that say the method.
    pub verbs: Vec<String>,
    /// Functions and methods that take a handler of any method.
    pub any: Vec<String>,
    /// Types of parameters that hold what the caller sent.
    pub inputs: Vec<String>,
    /// The same, for types that are written with another one in them.
    pub generic_inputs: Vec<String>,
    /// Types of parameters that say who the caller is.
    pub caller: Regex,
    /// Methods of a router that put something before its routes.
    pub layers: Vec<String>,
    /// Methods that put a router below a path, or beside others.
    pub mounts: Vec<String>,
    /// Crates whose programs run on the user's machine, with what they make.
    pub client_crates: Vec<(String, String)>,
}

/// All that is known about endpoints.
#[derive(Debug)]
pub struct EndpointNames {
    /// By path and export.
    pub conventions: Vec<Convention>,
    /// By call.
    pub serve: Vec<Serve>,
    /// By builder.
    pub procedures: Vec<Procedure>,
    /// By registration.
    pub router: RouterNames,
    /// By decorator.
    pub decorators: Decorators,
    /// In Python.
    pub python: PythonNames,
    /// In Rust.
    pub rust: RustNames,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    convention: Vec<RawConvention>,
    serve: Vec<Serve>,
    procedure: Vec<RawProcedure>,
    router: RouterNames,
    decorators: RawDecorators,
    python: PythonNames,
    rust: RawRust,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRust {
    verbs: Vec<String>,
    any: Vec<String>,
    inputs: Vec<String>,
    generic_inputs: Vec<String>,
    caller: String,
    layers: Vec<String>,
    mounts: Vec<String>,
    client_crates: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDecorators {
    controllers: Vec<String>,
    verbs: Vec<String>,
    guards: Vec<String>,
    open: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProcedure {
    what: String,
    #[serde(default)]
    methods: Vec<String>,
    roots: Option<String>,
    #[serde(default)]
    calls: Vec<String>,
    #[serde(default)]
    packages: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConvention {
    what: String,
    paths: Vec<String>,
    exports: Vec<String>,
    style: PathStyle,
    root: Option<String>,
}

impl EndpointNames {
    /// Reads a table.
    ///
    /// # Errors
    /// When the text is not TOML of the documented shape, or a path is no glob.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let shape = |message: String| CatalogError::Shape { file: FILE.to_owned(), message };
        let raw: Raw = read_table(FILE, text)?;
        let mut conventions = Vec::with_capacity(raw.convention.len());
        for convention in raw.convention {
            let paths = convention.paths.iter().map(|path| PathGlob::parse(path)).collect::<Result<_, _>>();
            conventions.push(Convention {
                paths: paths.map_err(|error| shape(format!("{}: {error}", convention.what)))?,
                what: convention.what,
                exports: convention.exports,
                style: convention.style,
                root: convention.root,
            });
        }
        let mut procedures = Vec::with_capacity(raw.procedure.len());
        for RawProcedure { what, methods, roots, calls, packages } in raw.procedure {
            let roots = roots.map(|roots| Regex::new(&roots)).transpose().map_err(|error| shape(format!("{what}: {error}")))?;
            procedures.push(Procedure { what, methods, roots, calls, packages });
        }
        let RawDecorators { controllers, verbs, guards, open } = raw.decorators;
        let open = Regex::new(&open).map_err(|error| shape(error.to_string()))?;
        let decorators = Decorators { controllers, verbs, guards, open };
        let RawRust { verbs, any, inputs, generic_inputs, caller, layers, mounts, client_crates } = raw.rust;
        let caller = Regex::new(&caller).map_err(|error| shape(error.to_string()))?;
        let rust = RustNames { verbs, any, inputs, generic_inputs, caller, layers, mounts, client_crates };
        Ok(Self { procedures, conventions, serve: raw.serve, router: raw.router, decorators, python: raw.python, rust })
    }
}

static ENDPOINTS: LazyLock<Result<EndpointNames, CatalogError>> =
    LazyLock::new(|| EndpointNames::parse(include_str!("../../rules/models/endpoints.toml")));

/// The compiled-in table.
///
/// # Errors
/// Only when the compiled-in file is malformed, which a test rules out.
pub fn endpoints() -> Result<&'static EndpointNames, CatalogError> {
    ENDPOINTS.as_ref().map_err(Clone::clone)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn conventions_are_about_the_files_that_frameworks_serve() {
        let names = endpoints().unwrap();
        let what = |path: &str| names.conventions.iter().find(|convention| convention.is_about(path)).map(|found| found.what.as_str());
        for (path, expected) in [
            ("apps/web/src/app/api/token/route.ts", Some("Next.js route")),
            ("pages/api/token.ts", Some("Next.js API route")),
            ("src/routes/token/+server.ts", Some("SvelteKit endpoint")),
            ("server/api/token.post.ts", Some("Nitro route")),
            ("netlify/functions/token.ts", Some("Netlify function")),
            ("api/voice/token.js", Some("serverless function")),
            ("src/lib/token.ts", None),
        ] {
            assert_eq!(what(path), expected, "{path}");
        }
    }
}
