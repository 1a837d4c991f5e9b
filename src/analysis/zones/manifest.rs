//! Entries that manifests name: `wrangler.toml`, a browser extension's `manifest.json`, the scripts of a package.json.

use std::path::Path;

use jsonc_parser::JsonValue;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::view::ProjectView;
use crate::catalog::frameworks::ManifestEntry;
use crate::finding::ZoneKind;
use crate::hir::Name;
use crate::source::FileId;

/// Where a named file runs, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) zone: ZoneKind,
    pub(super) what: String,
}

/// Commands that run a source file.
const RUNNERS: [&str; 12] =
    ["node", "nodemon", "tsx", "ts-node", "ts-node-dev", "tsnd", "bun", "deno", "pm2", "babel-node", "swc-node", "esr"];

/// Script names of a package.json that start what runs in production or while developing it.
const SERVES: [&str; 8] = ["start", "serve", "server", "dev", "worker", "api", "backend", "prod"];

/// Folders that hold what a build made of the sources.
const OUTPUTS: [&str; 5] = ["dist/", "build/", "out/", "lib/", ".output/"];

/// The files that the manifests in one folder name, as far as they exist.
pub(super) fn named<V: ProjectView>(
    view: &V,
    folder: &str,
    dependencies: &[Name],
    manifests: &[ManifestEntry],
) -> FxHashMap<FileId, Named> {
    let mut wanted: Vec<(String, Named)> = Vec::new();
    for manifest in manifests {
        let has = |name: &String| dependencies.iter().any(|has| **has == **name);
        if !manifest.dependencies.is_empty() && !manifest.dependencies.iter().any(has) {
            continue;
        }
        for name in &manifest.files {
            let Some(value) = read(view, folder, name) else { continue };
            if manifest.when.iter().any(|key| value.get(key).is_none()) {
                continue;
            }
            for key in &manifest.keys {
                let named = Named { zone: manifest.zone, what: manifest.what.clone() };
                wanted.extend(strings(&value, key).into_iter().map(|target| (join(folder, &target), named.clone())));
            }
        }
    }
    if let Some(Value::Object(scripts)) = read(view, folder, "package.json").and_then(|mut value| value.get_mut("scripts").map(Value::take))
    {
        for (name, command) in &scripts {
            wanted.extend(command.as_str().and_then(|command| by_script(folder, name, command)));
        }
    }
    let mut found: FxHashMap<FileId, Named> = FxHashMap::default();
    for (path, named) in wanted {
        if let Some(file) = spellings(&path).iter().find_map(|path| view.find(path)) {
            // One file may be started and also run by a check: what runs it in production counts.
            let slot = found.entry(file).or_insert_with(|| named.clone());
            if slot.zone == ZoneKind::Development {
                *slot = named;
            }
        }
    }
    found
}

/// `"start": "node server.js"` makes `server.js` a server's entry; any other script makes its file a development script.
fn by_script(folder: &str, name: &str, command: &str) -> Option<(String, Named)> {
    let mut words = command.split([' ', '\t', '&', '|', ';', '"', '\'']).filter(|word| !word.is_empty());
    words.by_ref().find(|word| RUNNERS.contains(&word.rsplit('/').next().unwrap_or(word)))?;
    let target = words.find(|word| is_source(word))?;
    let serves = name.split([':', '-', '.']).any(|part| SERVES.contains(&part));
    let (zone, what) =
        if serves { (ZoneKind::Server, "started by the package script") } else { (ZoneKind::Development, "run by the package script") };
    Some((join(folder, target), Named { zone, what: format!("{what} \"{name}\"") }))
}

fn is_source(word: &str) -> bool {
    let extension = word.rsplit_once('.').map_or("", |(_, extension)| extension);
    !word.starts_with('-') && matches!(extension, "js" | "mjs" | "cjs" | "ts" | "mts" | "cts")
}

/// A manifest as JSON, whatever it is written in.
fn read<V: ProjectView>(view: &V, folder: &str, name: &str) -> Option<Value> {
    let text = view.text(view.find(&join(folder, name))?)?;
    if Path::new(name).extension().is_some_and(|extension| extension == "toml") {
        return toml::from_str::<Value>(&text).ok();
    }
    jsonc_parser::parse_to_value(&text, &jsonc_parser::ParseOptions::default()).ok().flatten().map(from_jsonc)
}

/// Recursion is bounded by the reader's own limit of nesting.
fn from_jsonc(value: JsonValue<'_>) -> Value {
    match value {
        JsonValue::String(text) => Value::String(text.into_owned()),
        JsonValue::Number(number) => Value::String(number.to_owned()),
        JsonValue::Boolean(flag) => Value::Bool(flag),
        JsonValue::Null => Value::Null,
        JsonValue::Array(elements) => Value::Array(elements.into_iter().map(from_jsonc).collect()),
        JsonValue::Object(properties) => {
            Value::Object(properties.into_iter().map(|(key, value)| (key.into_owned(), from_jsonc(value))).collect())
        }
    }
}

/// The strings under a dotted key.
fn strings(value: &Value, key: &str) -> Vec<String> {
    let mut level = vec![value];
    for part in key.split('.') {
        let (name, list) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
        let next = level.into_iter().filter_map(|value| value.get(name));
        level = if list { next.filter_map(Value::as_array).flatten().collect() } else { next.collect() };
    }
    level.into_iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

/// A path in a manifest, relative to the working root. Paths that leave the root name nothing.
fn join(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return String::new();
                }
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The source files that a named file may stand for: itself, its TypeScript, and what a build folder was made from.
fn spellings(path: &str) -> Vec<String> {
    let mut stems = vec![path.to_owned()];
    for output in OUTPUTS {
        for (at, _) in path.match_indices(output) {
            if at == 0 || path.as_bytes().get(at - 1) == Some(&b'/') {
                let (before, after) = (path.get(..at).unwrap_or(""), path.get(at + output.len()..).unwrap_or(""));
                stems.push(format!("{before}src/{after}"));
                stems.push(format!("{before}{after}"));
            }
        }
    }
    let mut spellings = Vec::new();
    for stem in stems {
        let base =
            stem.rsplit_once('.').filter(|(_, extension)| matches!(*extension, "js" | "mjs" | "cjs")).map(|(base, _)| base.to_owned());
        spellings.push(stem);
        if let Some(base) = base {
            spellings.extend(["ts", "mts", "tsx", "cts"].map(|extension| format!("{base}.{extension}")));
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_name_what_they_run() {
        for (name, command, expected) in [
            ("start", "node index.js", Some((ZoneKind::Server, "server/index.js"))),
            ("start", "NODE_ENV=production node --enable-source-maps dist/index.js", Some((ZoneKind::Server, "server/dist/index.js"))),
            ("dev:api", "concurrently \"tsx watch src/api.ts\" \"vite\"", Some((ZoneKind::Server, "server/src/api.ts"))),
            ("db:seed", "tsx prisma/seed.ts", Some((ZoneKind::Development, "server/prisma/seed.ts"))),
            ("start", "next start", None),
            ("build", "vite build", None),
        ] {
            let found = by_script("server", name, command);
            assert_eq!(found.as_ref().map(|(path, named)| (named.zone, path.as_str())), expected, "{command}");
        }
    }

    #[test]
    fn a_build_output_stands_for_its_source() {
        assert!(spellings("server/dist/index.js").contains(&"server/src/index.ts".to_owned()));
        assert!(spellings("dist/main/index.js").contains(&"src/main/index.ts".to_owned()));
    }

    #[test]
    fn paths_do_not_leave_the_root() {
        assert_eq!(join("a", "../../x.js"), "");
        assert_eq!(join("a/b", "../c/./x.js"), "a/c/x.js");
    }
}
