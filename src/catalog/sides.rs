//! What an import or a global tells about where its module runs.

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::error::CatalogError;

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OneSide {
    /// Browsers and apps.
    Client,
    /// Servers.
    Server,
}

/// How much a sign tells. Ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strength {
    /// It belongs to one side but works on the other; that may be the very mistake that is looked for.
    Weak,
    /// It works on one side only.
    Strong,
    /// It works on one side only, and a module that has it runs there, whoever imports the module.
    Decisive,
}

/// A sign of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// Which side.
    pub side: OneSide,
    /// How much it tells.
    pub strength: Strength,
}

/// The signs, indexed.
#[derive(Debug, Default)]
pub struct Usage {
    packages: FxHashMap<String, Sign>,
    names: FxHashMap<String, OneSide>,
    globals: FxHashMap<String, OneSide>,
    members: FxHashMap<String, OneSide>,
}

/// The tables as they are written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawUsage {
    /// Signs of browsers and apps.
    client: RawSide,
    /// Signs of servers.
    server: RawSide,
}

/// What tells one side.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawSide {
    /// Packages of which a module that imports one runs there, whoever imports the module.
    #[serde(default)]
    decisive: Vec<String>,
    /// Packages that work on this side only.
    #[serde(default)]
    strong: Vec<String>,
    /// Packages that belong to this side and work on the other.
    #[serde(default)]
    weak: Vec<String>,
    /// Exports that tell where their package does not, as `package:export`.
    #[serde(default)]
    names: Vec<String>,
    /// Globals of this side.
    #[serde(default)]
    globals: Vec<String>,
    /// Members of globals that both sides have, as `global.member`.
    #[serde(default)]
    members: Vec<String>,
    /// Modules of the runtime.
    #[serde(default)]
    builtins: Vec<String>,
    /// Modules of the runtime that bundlers replace for browsers.
    #[serde(default)]
    portable_builtins: Vec<String>,
}

impl Usage {
    /// What importing a module tells. The longest listed prefix counts: `react-dom/server` may say something else than
    /// `react-dom`. Relative specifiers, URLs of unknown hosts and unlisted packages tell nothing.
    #[must_use]
    pub fn import(&self, specifier: &str) -> Option<Sign> {
        if specifier.starts_with('.') || specifier.starts_with('/') {
            return None;
        }
        if specifier.starts_with("https://deno.land/")
            || specifier.starts_with("jsr:@std/")
            || specifier.starts_with("jsr:@supabase/functions-js")
        {
            return Some(Sign { side: OneSide::Server, strength: Strength::Strong });
        }
        if let Some(builtin) = specifier.strip_prefix("node:") {
            let strength = self.packages.get(builtin).map_or(Strength::Strong, |sign| sign.strength);
            return Some(Sign { side: OneSide::Server, strength });
        }
        let package = npm_name(specifier.strip_prefix("npm:").unwrap_or(specifier));
        let mut rest = package.as_str();
        loop {
            if let Some(sign) = self.packages.get(rest) {
                return Some(*sign);
            }
            rest = rest.rsplit_once('/')?.0;
        }
    }

    /// What importing one name of a module tells.
    #[must_use]
    pub fn imported_name(&self, specifier: &str, name: &str) -> Option<OneSide> {
        self.names.get(&format!("{specifier}:{name}")).copied()
    }

    /// What reading a global tells.
    #[must_use]
    pub fn global(&self, name: &str) -> Option<OneSide> {
        self.globals.get(name).copied()
    }

    /// What reading a member of a global tells.
    #[must_use]
    pub fn member(&self, object: &str, property: &str) -> Option<OneSide> {
        self.members.get(&format!("{object}.{property}")).copied()
    }

    pub(super) fn check(raw: RawUsage, file: &str) -> Result<Self, CatalogError> {
        let mut usage = Self::default();
        for (side, table, at) in [(OneSide::Client, raw.client, "usage.client"), (OneSide::Server, raw.server, "usage.server")] {
            let error = |key: &'static str, problem: String| CatalogError::value(file, at, key, &problem);
            let lists = [
                ("decisive", table.decisive, Strength::Decisive),
                ("strong", table.strong, Strength::Strong),
                ("weak", table.weak, Strength::Weak),
                ("builtins", table.builtins, Strength::Strong),
                ("portable_builtins", table.portable_builtins, Strength::Weak),
            ];
            for (key, list, strength) in lists {
                for package in list {
                    // Which of two lists held would depend on their order.
                    if usage.packages.contains_key(&package) {
                        return Err(error(key, format!("has `{package}`, which another list has too")));
                    }
                    usage.packages.insert(package, Sign { side, strength });
                }
            }
            for name in table.names {
                if name.rsplit_once(':').is_none_or(|(module, export)| module.is_empty() || export.is_empty()) {
                    return Err(error("names", format!("has `{name}`, which is no `package:export` pair")));
                }
                usage.names.insert(name, side);
            }
            for member in table.members {
                if !member.contains('.') {
                    return Err(error("members", format!("has `{member}`, which is no `global.member` pair")));
                }
                usage.members.insert(member, side);
            }
            usage.globals.extend(table.globals.into_iter().map(|name| (name, side)));
        }
        Ok(usage)
    }
}

/// `express@4.18.2/x` → `express/x`, `@scope/p@1` → `@scope/p`.
fn npm_name(specifier: &str) -> String {
    let (scope, rest) = match specifier.strip_prefix('@').and_then(|scoped| scoped.split_once('/')) {
        Some((scope, rest)) => (format!("@{scope}/"), rest),
        None => (String::new(), specifier),
    };
    let (name, path) = rest.split_once('/').map_or((rest, None), |(name, path)| (name, Some(path)));
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    path.map_or_else(|| format!("{scope}{name}"), |path| format!("{scope}{name}/{path}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn imports_tell_their_side() {
        let catalog = Catalog::builtin().unwrap();
        let frameworks = &catalog.frameworks;
        for (specifier, expected) in [
            ("express", Some((OneSide::Server, Strength::Decisive))),
            ("npm:express@4.18.2", Some((OneSide::Server, Strength::Decisive))),
            ("npm:@prisma/client@5/edge", Some((OneSide::Server, Strength::Strong))),
            ("hono/cors", Some((OneSide::Server, Strength::Decisive))),
            ("hono/client", Some((OneSide::Client, Strength::Strong))),
            ("react-dom/client", Some((OneSide::Client, Strength::Decisive))),
            ("react-dom/server", Some((OneSide::Server, Strength::Strong))),
            ("node:crypto", Some((OneSide::Server, Strength::Weak))),
            ("node:sqlite", Some((OneSide::Server, Strength::Strong))),
            ("fs", Some((OneSide::Server, Strength::Strong))),
            ("telnyx", Some((OneSide::Server, Strength::Weak))),
            ("./express", None),
            ("@/lib/express", None),
            ("https://deno.land/std/http/server.ts", Some((OneSide::Server, Strength::Strong))),
            ("lodash", None),
        ] {
            assert_eq!(frameworks.usage.import(specifier).map(|sign| (sign.side, sign.strength)), expected, "{specifier}");
        }
    }
}
