//! Versions in lockfiles: which one an install gives a folder.
//!
//! Lockfiles are large, so only what is asked for is looked at: the lines of a `yarn.lock`, the importers of a `pnpm-lock.yaml`; JSON is
//! parsed whole.

use std::ops::Range;

use jsonc_parser::ast::{Object, StringLit, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::table::{ancestors, join};
use crate::hir::{ExprId, ExprKind, Literal, Module, Property, PropertyKey};

/// The lockfiles that are understood, by name. Where several stand in one folder the first one counts.
pub(crate) const LOCKFILES: [&str; 6] =
    ["pnpm-lock.yaml", "yarn.lock", "package-lock.json", "npm-shrinkwrap.json", "bun.lock", "deno.lock"];

/// A version in a lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Locked {
    /// The version, without what a package manager puts behind it.
    pub(crate) version: String,
    /// Where it stands.
    pub(crate) range: Range<usize>,
}

/// What is asked of a lockfile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The package.
    pub(crate) package: &'a str,
    /// The folder that uses it, relative to that of the lockfile; empty for the same.
    pub(crate) folder: &'a str,
    /// The range that its manifest declares; empty when it declares none.
    pub(crate) declared: &'a str,
}

/// The version of a package in the text of a lockfile of this name.
#[must_use]
pub(crate) fn locked(name: &str, text: &str, wanted: Wanted<'_>) -> Option<Locked> {
    // Most lockfiles of a large workspace have never heard of the package.
    memchr::memmem::find(text.as_bytes(), wanted.package.as_bytes())?;
    match name {
        "package-lock.json" | "npm-shrinkwrap.json" => npm(text, wanted),
        "bun.lock" => bun(text, wanted),
        "deno.lock" => deno(text, wanted),
        "yarn.lock" => yarn(text, wanted),
        "pnpm-lock.yaml" => pnpm(text, wanted),
        _ => None,
    }
}

/// Versions 2 and 3 list every installed folder under `packages`; version 1 nests `dependencies`.
fn npm(text: &str, wanted: Wanted<'_>) -> Option<Locked> {
    let root = json(text)?;
    let root = root.as_object()?;
    if let Some(packages) = root.get_object("packages") {
        return ancestors(wanted.folder).find_map(|folder| {
            let key = join(folder, &format!("node_modules/{}", wanted.package));
            of_literal(packages.get_object(&key)?.get_string("version")?)
        });
    }
    of_literal(root.get_object("dependencies")?.get_object(wanted.package)?.get_string("version")?)
}

/// `"packages": { "name": ["name@version", …] }`.
fn bun(text: &str, wanted: Wanted<'_>) -> Option<Locked> {
    let root = json(text)?;
    let packages = root.as_object()?.get_object("packages")?;
    let entry = packages.get_array(wanted.package)?.elements.first()?.as_string_lit()?;
    after_name(&of_literal(entry)?, wanted.package)
}

/// `"specifiers": { "npm:name@range": "version" }`.
fn deno(text: &str, wanted: Wanted<'_>) -> Option<Locked> {
    let root = json(text)?;
    let root = root.as_object()?;
    let specifiers = root.get_object("specifiers").or_else(|| root.get_object("packages")?.get_object("specifiers"))?;
    let (_, version) = entries(specifiers).find(|(key, _)| key.strip_prefix("npm:").is_some_and(|key| is_of(key, wanted.package)))?;
    let found = of_literal(version)?;
    if found.version.contains('@') { after_name(&found, wanted.package) } else { Some(found) }
}

fn entries<'a, 't>(object: &'a Object<'t>) -> impl Iterator<Item = (&'a str, &'a StringLit<'t>)> {
    object.properties.iter().filter_map(|property| Some((property.name.as_str(), property.value.as_string_lit()?)))
}

fn json(text: &str) -> Option<Value<'_>> {
    parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?.value
}

fn of_literal(literal: &StringLit<'_>) -> Option<Locked> {
    let range = literal.range();
    // Without the quotes.
    Some(Locked { version: literal.value.to_string(), range: range.start + 1..range.end.checked_sub(1)? })
}

/// The version behind `name@`.
fn after_name(found: &Locked, package: &str) -> Option<Locked> {
    let version = found.version.strip_prefix(package)?.strip_prefix('@')?;
    let version = version.split(['_', '(']).next().unwrap_or(version).to_owned();
    let start = found.range.start + package.len() + 1;
    Some(Locked { range: start..(start + version.len()).min(found.range.end), version })
}

/// Whether a descriptor (`name@range`) is of a package.
fn is_of(descriptor: &str, package: &str) -> bool {
    descriptor.strip_prefix(package).is_some_and(|rest| rest.starts_with('@'))
}

/// Both forms: a line of descriptors, and below it the version.
///
/// ```text
/// "@scope/name@^2.9.0", "@scope/name@^2.17.0":
///   version "2.22.8"
/// ```
fn yarn(text: &str, wanted: Wanted<'_>) -> Option<Locked> {
    let mut found: Option<(bool, Locked)> = None;
    let mut matches: Option<bool> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if !line.starts_with([' ', '\t', '#', '\r', '\n']) {
            let descriptors = || line.trim_end().trim_end_matches(':').split(',').map(|part| part.trim().trim_matches('"'));
            let is_wanted = descriptors().any(|descriptor| is_of(descriptor, wanted.package));
            let is_declared = || {
                descriptors().any(|descriptor| {
                    let range = descriptor.strip_prefix(wanted.package).and_then(|rest| rest.strip_prefix('@')).unwrap_or("");
                    range.strip_prefix("npm:").unwrap_or(range) == wanted.declared
                })
            };
            matches = is_wanted.then(is_declared);
            continue;
        }
        let Some(is_declared) = matches else { continue };
        let Some(rest) = line.trim().strip_prefix("version").filter(|rest| rest.starts_with([' ', ':'])) else { continue };
        let version = rest.trim_start_matches(':').trim().trim_matches('"');
        let offset = start + line.find(version).unwrap_or(0);
        let locked = Locked { version: version.to_owned(), range: offset..offset + version.len() };
        matches = None;
        if is_declared {
            return Some(locked);
        }
        // Two versions, and none of them is the declared one: nothing is known.
        found = Some((found.is_some(), locked));
    }
    found.filter(|(ambiguous, _)| !ambiguous).map(|(_, locked)| locked)
}

/// `importers: { folder: { dependencies: { name: { version } } } }`; without workspaces the dependencies stand at the top in old files.
fn pnpm(text: &str, wanted: Wanted<'_>) -> Option<Locked> {
    // The importers stand first; what follows is long and says nothing about who uses what.
    let importers = text.find("\npackages:").map_or(text, |end| text.get(..end + 1).unwrap_or(text));
    let module = crate::syntax::lower::yaml::lower(importers);
    let root = module.value?;
    let below = |of: ExprId, key: &str| member(&module, of, key);
    let in_importer = |importer: ExprId| {
        ["dependencies", "devDependencies", "optionalDependencies"].into_iter().find_map(|field| {
            let entry = below(below(importer, field)?, wanted.package)?;
            let version = below(entry, "version").unwrap_or(entry);
            let ExprKind::Literal(Literal::String(text)) = &module[version].kind else { return None };
            let length = text.find(['(', '_']).unwrap_or(text.len());
            let start = module[version].span.range().start;
            Some(Locked { version: text.get(..length)?.to_owned(), range: start..start + length })
        })
    };
    let folder = if wanted.folder.is_empty() { "." } else { wanted.folder };
    match below(root, "importers") {
        Some(importers) => below(importers, folder).and_then(in_importer),
        None => in_importer(root),
    }
}

fn member(module: &Module, of: ExprId, key: &str) -> Option<ExprId> {
    let ExprKind::Object(properties) = &module[of].kind else { return None };
    properties.iter().find_map(|property| match property {
        Property::Value { key: PropertyKey::Name(name, _), value } if &**name == key => Some(*value),
        _ => None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PACKAGE: &str = "@telnyx/webrtc";

    fn version(name: &str, text: &str, folder: &str, declared: &str) -> Option<String> {
        let found = locked(name, text, Wanted { package: PACKAGE, folder, declared })?;
        assert_eq!(&text[found.range.clone()], found.version, "{name}");
        Some(found.version)
    }

    #[test]
    fn every_lockfile_tells_its_version() {
        let cases = [
            ("package-lock.json", r#"{"lockfileVersion":1,"dependencies":{"@telnyx/webrtc":{"version":"2.9.0"}}}"#, "", Some("2.9.0")),
            (
                "package-lock.json",
                r#"{"packages":{"node_modules/@telnyx/webrtc":{"version":"2.22.8"}},"dependencies":{}}"#,
                "",
                Some("2.22.8"),
            ),
            (
                "package-lock.json",
                r#"{"packages":{"node_modules/@telnyx/webrtc":{"version":"2.26.1"},"apps/a/node_modules/@telnyx/webrtc":{"version":"2.9.0"}}}"#,
                "apps/a",
                Some("2.9.0"),
            ),
            (
                "package-lock.json",
                r#"{"packages":{"node_modules/@telnyx/webrtc":{"version":"2.26.1"},"apps/a/node_modules/@telnyx/webrtc":{"version":"2.9.0"}}}"#,
                "apps/b",
                Some("2.26.1"),
            ),
            (
                "yarn.lock",
                "# v1\n\n\"@telnyx/webrtc@^2.9.0\", \"@telnyx/webrtc@^2.17.0\":\n  version \"2.22.8\"\n  resolved \"x\"\n",
                "",
                Some("2.22.8"),
            ),
            ("yarn.lock", "\"@telnyx/webrtc@npm:^2.9.0\":\r\n  version: 2.25.25\r\n  resolution: x\r\n", "", Some("2.25.25")),
            (
                "yarn.lock",
                "\"@telnyx/webrtc@^1.0.0\":\n  version \"1.0.1\"\n\n\"@telnyx/webrtc@^2.9.0\":\n  version \"2.10.0\"\n\nx@1:\n  version \"1\"\n",
                "",
                Some("2.10.0"),
            ),
            ("yarn.lock", "\"@telnyx/webrtc-x@^2.9.0\":\n  version \"2.10.0\"\n", "", None),
            (
                "pnpm-lock.yaml",
                "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      '@telnyx/webrtc':\n        specifier: ^2.9.0\n        version: 2.22.8(react@18.0.0)\n\npackages:\n\n  x: {}\n",
                "",
                Some("2.22.8"),
            ),
            ("pnpm-lock.yaml", "lockfileVersion: 5.4\ndependencies:\n  '@telnyx/webrtc': 2.9.0_react@17\npackages:\n", "", Some("2.9.0")),
            (
                "pnpm-lock.yaml",
                "importers:\n  apps/a:\n    devDependencies:\n      '@telnyx/webrtc':\n        specifier: ^2\n        version: 2.9.0\n",
                "apps/b",
                None,
            ),
            ("bun.lock", "{\"packages\": {\"@telnyx/webrtc\": [\"@telnyx/webrtc@2.22.8\", \"\", {}, \"sha\"],}}", "", Some("2.22.8")),
            ("deno.lock", r#"{"specifiers":{"npm:@telnyx/webrtc@^2.9.0":"2.22.8"}}"#, "", Some("2.22.8")),
            ("package-lock.json", "{\"x\": \"@telnyx/webrtc\"", "", None),
            ("package-lock.json", "{}", "", None),
        ];
        for (name, text, folder, expected) in cases {
            assert_eq!(version(name, text, folder, "^2.9.0").as_deref(), expected, "{name}: {text}");
        }
    }
}
