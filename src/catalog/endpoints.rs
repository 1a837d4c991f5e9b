//! Which exports and calls are endpoints, read from `rules/models/endpoints.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::frameworks::PathGlob;
use super::pattern::Pattern;

/// How the path of a served file is read from where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
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
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Convention {
    /// What such an export is, for messages.
    pub what: String,
    /// The served names; `module.exports` for `CommonJS`.
    pub exports: Vec<String>,
    /// How the URL path is read.
    pub style: PathStyle,
    /// The folder that it is read below.
    pub root: Option<String>,
    /// Globs of the files.
    #[schemars(with = "Vec<String>")]
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
#[derive(Debug, Default, Deserialize, JsonSchema)]
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
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// What such a function is, for messages.
    pub what: String,
    /// Methods at the end of a chain that takes one.
    #[serde(default)]
    methods: Vec<String>,
    /// What the start of such a chain says.
    #[serde(default)]
    roots: Option<Pattern>,
    /// Calls that take one.
    #[serde(default)]
    calls: Vec<String>,
    /// Ends of the modules that those are imported from.
    #[serde(default)]
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
#[derive(Debug, Default, Deserialize, JsonSchema)]
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
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decorators {
    /// Classes of endpoints.
    pub controllers: Vec<String>,
    /// Methods that are endpoints.
    pub verbs: Vec<String>,
    /// What protects them.
    pub guards: Vec<String>,
    /// What takes them out of a guard that stands before everything.
    pub open: Pattern,
}

/// How Python's frameworks register functions and views.
#[derive(Debug, Default, Deserialize, JsonSchema)]
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
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
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
    pub caller: Pattern,
    /// Methods of a router that put something before its routes.
    pub layers: Vec<String>,
    /// Methods that put a router below a path, or beside others.
    pub mounts: Vec<String>,
}

/// All that is known about endpoints.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointNames {
    /// By path and export.
    #[serde(rename = "convention")]
    pub conventions: Vec<Convention>,
    /// By call.
    pub serve: Vec<Serve>,
    /// By builder.
    #[serde(rename = "procedure")]
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use crate::catalog::Catalog;

    #[test]
    fn conventions_are_about_the_files_that_frameworks_serve() {
        let catalog = Catalog::builtin().unwrap();
        let names = &catalog.endpoints;
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
