//! Workspaces: which packages of a tree an install links together.
//!
//! npm, yarn and bun read `workspaces` of a `package.json`, pnpm the `packages` of its `pnpm-workspace.yaml`, lerna those of its
//! `lerna.json`, Deno the `workspace` of its `deno.json`. All are folder patterns, `!` takes away again. A package that no pattern
//! names (an example, a template) gets the registry's copy of what it depends on, even of a package that stands beside it.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jsonc_parser::{JsonValue, ParseOptions, parse_to_value};

use crate::project::manifest::Package;
use crate::project::table::{Table, ancestors, is_below, join};

/// For each of the packages, which are sorted by folder: the index of the one at the root of the workspace that it belongs to.
pub(crate) fn memberships(table: &Table, packages: &[Package]) -> Vec<Option<usize>> {
    let roots: Vec<Option<Patterns>> = packages.iter().map(|package| Patterns::of(table, package)).collect();
    let at = |folder: &str| packages.binary_search_by(|package| (*package.folder).cmp(folder)).ok();
    packages
        .iter()
        .map(|package| {
            let above = ancestors(&package.folder).filter_map(at);
            above.into_iter().find(|root| {
                let (Some(Some(patterns)), Some(workspace)) = (roots.get(*root), packages.get(*root)) else { return false };
                workspace.folder == package.folder
                    || relative(&package.folder, &workspace.folder).is_some_and(|folder| patterns.name(folder))
            })
        })
        .collect()
}

/// A folder as seen from one above it.
fn relative<'f>(folder: &'f str, above: &str) -> Option<&'f str> {
    if above.is_empty() {
        return Some(folder);
    }
    is_below(folder, above).then(|| folder.get(above.len() + 1..)).flatten()
}

/// The folder patterns of a workspace.
#[derive(Debug)]
struct Patterns {
    wanted: GlobSet,
    unwanted: GlobSet,
}

impl Patterns {
    /// The patterns of the workspace whose root a package is; none when it is no root.
    fn of(table: &Table, package: &Package) -> Option<Self> {
        let text = |name: &str| table.find(&join(&package.folder, name)).and_then(|id| table.read_config(id).ok());
        let list: Vec<String> = if let Some(yaml) = text("pnpm-workspace.yaml") {
            yaml_list(&yaml, "packages")
        } else if package.workspaces.is_empty() {
            text("lerna.json").map(|json| json_list(&json, "packages")).unwrap_or_default()
        } else {
            package.workspaces.iter().map(ToString::to_string).collect()
        };
        if list.is_empty() {
            return None;
        }
        let set = |negated: bool| {
            let mut set = GlobSetBuilder::new();
            for pattern in list.iter().filter(|pattern| pattern.starts_with('!') == negated) {
                let pattern = pattern.trim_start_matches('!').trim_start_matches("./").trim_end_matches('/');
                if let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() {
                    set.add(glob);
                }
                // `packages/**` names `packages` itself too.
                if let Some(glob) =
                    pattern.strip_suffix("/**").and_then(|folder| GlobBuilder::new(folder).literal_separator(true).build().ok())
                {
                    set.add(glob);
                }
            }
            set.build().unwrap_or_default()
        };
        Some(Self { wanted: set(false), unwanted: set(true) })
    }

    fn name(&self, folder: &str) -> bool {
        self.wanted.is_match(folder) && !self.unwanted.is_match(folder)
    }
}

/// A list of strings at the top of a JSON object.
fn json_list(text: &str, key: &str) -> Vec<String> {
    let Ok(Some(JsonValue::Object(object))) = parse_to_value(text, &ParseOptions::default()) else { return Vec::new() };
    let list = object.get_array(key).into_iter().flat_map(|array| array.iter());
    list.filter_map(|value| if let JsonValue::String(text) = value { Some(text.to_string()) } else { None }).collect()
}

/// A block list of strings at the top of a YAML mapping: the one shape in which pnpm's own tools write it.
fn yaml_list(text: &str, key: &str) -> Vec<String> {
    let mut lines = text.lines().skip_while(|line| line.strip_prefix(key).is_none_or(|rest| rest.trim_end() != ":"));
    lines.next();
    lines
        .take_while(|line| line.starts_with([' ', '\t', '-', '#']) || line.trim().is_empty())
        .filter_map(|line| line.trim_start().strip_prefix('-'))
        .map(|item| {
            let item = item.trim();
            match item.chars().next() {
                Some(quote @ ('"' | '\'')) => item.get(1..).unwrap_or("").split(quote).next().unwrap_or("").to_owned(),
                _ => item.split(" #").next().unwrap_or("").trim_end().to_owned(),
            }
        })
        .filter(|item| !item.is_empty())
        .collect()
}

/// Whether a declared range itself says that the package is one of the tree.
pub(crate) fn is_local(range: &str) -> bool {
    ["workspace:", "file:", "link:", "portal:"].iter().any(|protocol| range.starts_with(protocol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_list_of_yaml_is_read() {
        let text = "# the packages\npackages:\n  # apps\n  - 'apps/*'\n  - \"libs/**\" # all\n\n  - tools\n  - !docs\ncatalog:\n  - no\n";
        assert_eq!(yaml_list(text, "packages"), ["apps/*", "libs/**", "tools", "!docs"]);
        assert_eq!(yaml_list("packages:\n- a\n- b\nx: 1", "packages"), ["a", "b"]);
        assert_eq!(yaml_list("packages: [a]", "packages"), [""; 0]);
        assert_eq!(yaml_list("", "packages"), [""; 0]);
    }
}
