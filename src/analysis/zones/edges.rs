//! What an import edge carries: whether it exists at run time, and into which side of an importer that has two.
//!
//! The import graph is made without a parse and knows specifiers only. `import type { Row } from "./db"` in a browser module
//! must not make `db.ts` browser code, so each edge that a zone would follow is looked at in the importer's text.

use std::path::Path;

use super::view::ProjectView;
use crate::finding::ZoneKind;
use crate::project::kind::FileKind;
use crate::source::FileId;

/// Whether `importer` loads `file` when it runs. True where the text cannot tell.
pub(super) fn is_run_time<V: ProjectView>(view: &V, importer: FileId, file: FileId) -> bool {
    let edges = view.edges(importer, file);
    if edges.is_empty() {
        return true;
    }
    let text = view.text(importer);
    edges.iter().any(|edge| !edge.type_only && !text.as_ref().is_some_and(|text| imports_only_types(text, &edge.specifier)))
}

/// Where an import of an Astro component runs. The frontmatter stays on the server, the scripts go to the browser; a component
/// of a UI library that the frontmatter imports goes there too when the page hydrates one (`client:load`).
pub(super) fn through_astro<V: ProjectView>(view: &V, importer: FileId, file: FileId) -> ZoneKind {
    let Some(text) = view.text(importer) else { return ZoneKind::Both };
    let body = text.trim_start().strip_prefix("---").and_then(|rest| rest.split_once("\n---")).map_or(&*text, |(_, body)| body);
    let quoted = |specifier: &str| ["\"", "'", "`"].iter().any(|quote| body.contains(&format!("{quote}{specifier}{quote}")));
    if view.edges(importer, file).iter().any(|edge| quoted(&edge.specifier)) {
        return ZoneKind::Client;
    }
    let is_component = matches!(view.kind(file), FileKind::Vue | FileKind::Svelte | FileKind::Tsx)
        || Path::new(view.path(file)).extension().is_some_and(|extension| extension == "jsx");
    if is_component && body.contains("client:") { ZoneKind::Both } else { ZoneKind::Server }
}

/// Whether every statement of a text that names `specifier` takes types from it and nothing else. False when none is found.
#[must_use]
pub fn imports_only_types(text: &str, specifier: &str) -> bool {
    let mut found = false;
    for (at, _) in text.match_indices(specifier) {
        let before = text.get(..at).unwrap_or("");
        let after = text.get(at + specifier.len()..).unwrap_or("");
        let Some(quote) = before.chars().next_back().filter(|quote| matches!(quote, '"' | '\'' | '`')) else { continue };
        if !after.starts_with(quote) {
            continue;
        }
        if !takes_types(before.get(..at - 1).unwrap_or("")) {
            return false;
        }
        found = true;
    }
    found
}

/// Whether the clause that ends a text (`… import type { A } from `) takes types only.
fn takes_types(before: &str) -> bool {
    let Some(clause) = before.trim_end().strip_suffix("from") else { return false };
    let Some(start) = ["import", "export"].iter().filter_map(|word| clause.rfind(word).map(|at| at + word.len())).max() else {
        return false;
    };
    let clause = clause.get(start..).unwrap_or("").trim();
    if let Some(rest) = clause.strip_prefix("type")
        && rest.starts_with(|next: char| next.is_whitespace() || matches!(next, '{' | '*'))
        // `import type, { a }` and `import type from` take a value that is called `type`.
        && !rest.trim_start().starts_with(',')
        && !rest.trim().is_empty()
    {
        return true;
    }
    let Some(names) = clause.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return false };
    let mut names = names.split(',').map(str::trim).filter(|name| !name.is_empty()).peekable();
    names.peek().is_some() && names.all(|name| name.strip_prefix("type").is_some_and(|rest| rest.starts_with(char::is_whitespace)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_imports_are_no_edges() {
        for (text, expected) in [
            ("import type { A } from './m'", true),
            ("import type A from \"./m\";", true),
            ("export type { A } from './m'", true),
            ("import { type A, type B } from './m'", true),
            ("import { type A, b } from './m'", false),
            ("import type from './m'", false),
            ("import type, { a } from './m'", false),
            ("import { typeOf } from './m'", false),
            ("import { a } from './m'", false),
            ("import './m'", false),
            ("const m = await import('./m'); import type { A } from './m'", false),
            ("require('./m')", false),
            ("import type { A } from './other'", false),
            ("import type { A } from './m/deeper'", false),
        ] {
            assert_eq!(imports_only_types(text, "./m"), expected, "{text}");
        }
    }
}
