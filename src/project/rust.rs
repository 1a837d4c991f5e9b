//! Rust's paths: which modules a text names, and which files they are.
//!
//! A module is found by the file that declares it: `mod a;` in `src/x.rs` is `src/x/a.rs` or `src/x/a/mod.rs`. Here that is turned around:
//! a path is followed from folder to folder, whether or not every `mod` on the way is there, because code that compiles has them all.
//! `crate` begins at the nearest `lib.rs` or `main.rs` above (a file in `bin`, `tests`, `examples` or `benches` is one itself); another crate
//! of the same tree is known by the name in its manifest.

use rustc_hash::FxHashMap;

use crate::project::table::{Table, ancestors, folder_of, join, last_segment};
use crate::source::FileId;

/// What goes before the address of a file that an attribute names, as lowering spells it.
const PATH: &str = "path:";
/// Longer trees of imports are generated.
const LONGEST: usize = 16 << 10;
/// How many parts of one path are looked at.
const PARTS: usize = 8;
/// How deep groups of imports may nest.
const NESTING: usize = 32;
/// How many manifests are read.
const MANIFESTS: usize = 500;
/// Files that begin a crate.
const ROOTS: [&str; 2] = ["lib.rs", "main.rs"];
/// Folders in which every file begins a crate.
const OWN_ROOTS: [&str; 4] = ["bin", "tests", "examples", "benches"];

/// Reports the paths that a Rust text may take from other files: each with all of its beginnings, which may be modules.
pub(crate) fn specifiers(text: &[u8], emit: &mut impl FnMut(&str)) {
    let mut at = 0;
    let mut before = Vec::new();
    while let Some((start, end)) = next_word(text, at) {
        let word = text.get(start..end).unwrap_or_default();
        let is_path = text.get(end..).is_some_and(|rest| rest.starts_with(b"::"));
        at = end;
        match word {
            b"use" => at = tree(text, end, &mut before, emit),
            b"mod" => {
                if let Some((from, to)) = next_word(text, end)
                    && text.get(to..).map(<[u8]>::trim_ascii_start).is_some_and(|rest| rest.starts_with(b";"))
                    && let Ok(name) = std::str::from_utf8(text.get(from..to).unwrap_or_default())
                {
                    emit(&format!("self::{name}"));
                    at = to;
                }
            }
            b"path" => {
                // `#[path = "file.rs"]`
                let rest = text.get(end..(end + 256).min(text.len())).unwrap_or_default().trim_ascii_start();
                let file = rest.strip_prefix(b"=").map(<[u8]>::trim_ascii_start).and_then(|rest| rest.strip_prefix(b"\""));
                let file = file.and_then(|file| file.split(|byte| *byte == b'"').next()).and_then(|file| std::str::from_utf8(file).ok());
                if let Some(file) = file.filter(|file| std::path::Path::new(file).extension().is_some_and(|extension| extension == "rs")) {
                    emit(&format!("{PATH}{file}"));
                }
            }
            _ if is_path && !text.get(..start).is_some_and(|before| before.ends_with(b"::")) => {
                before.clear();
                let mut from = start;
                let mut to = end;
                for _ in 0..PARTS {
                    match std::str::from_utf8(text.get(from..to).unwrap_or_default()) {
                        Ok(part) => before.push(part),
                        Err(_) => break,
                    }
                    let Some(next) = text.get(to..).filter(|rest| rest.starts_with(b"::")).and_then(|_| next_word(text, to + 2)) else {
                        break;
                    };
                    if next.0 != to + 2 {
                        break;
                    }
                    (from, to) = next;
                }
                at = to.max(at);
                beginnings(&before, emit);
            }
            _ => {}
        }
    }
}

/// The next word from an offset on.
fn next_word(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    let start = from + text.get(from..)?.iter().position(is_word)?;
    let rest = text.get(start..)?;
    let length = rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len());
    Some((start, start + length))
}

/// All beginnings of a path.
fn beginnings(parts: &[&str], emit: &mut impl FnMut(&str)) {
    let mut path = String::new();
    for part in parts.iter().take(PARTS) {
        if !path.is_empty() {
            path.push_str("::");
        }
        path.push_str(part);
        emit(&path);
    }
}

/// Reads the tree of a `use` and gives the offset behind it.
fn tree<'t>(text: &'t [u8], from: usize, path: &mut Vec<&'t str>, emit: &mut impl FnMut(&str)) -> usize {
    let limit = text.len().min(from + LONGEST);
    let mut at = from;
    let mut open: Vec<usize> = Vec::new();
    path.clear();
    // What came last was `as`: a name of this file follows.
    let mut renamed = false;
    while at < limit {
        let Some(byte) = text.get(at) else { break };
        match byte {
            b';' => {
                beginnings(path, emit);
                return at + 1;
            }
            b'{' if open.len() < NESTING => open.push(path.len()),
            b',' | b'}' => {
                beginnings(path, emit);
                let keep = if *byte == b'}' { open.pop().unwrap_or(0) } else { open.last().copied().unwrap_or(0) };
                path.truncate(keep);
            }
            b'/' if text.get(at + 1) == Some(&b'/') => {
                at = memchr::memchr(b'\n', text.get(at..).unwrap_or_default()).map_or(limit, |end| at + end);
            }
            _ if byte.is_ascii_alphanumeric() || *byte == b'_' => {
                let Some((start, end)) = next_word(text, at) else { break };
                match std::str::from_utf8(text.get(start..end).unwrap_or_default()) {
                    Ok("as") => renamed = true,
                    Ok(_) if renamed => renamed = false,
                    // `a::{self}` is `a`.
                    Ok("self") if !path.is_empty() => {}
                    Ok(part) => path.push(part),
                    Err(_) => return end,
                }
                at = end;
                continue;
            }
            b':' | b'*' | b'#' => {}
            byte if byte.is_ascii_whitespace() => {}
            // No import: the word stood in a text or comment.
            _ => return at,
        }
        at += 1;
    }
    at
}

/// A module: its file, and the folder that holds those below it.
#[derive(Debug, Clone)]
struct Module {
    file: FileId,
    folder: String,
}

/// The crates of a tree by name, for those who import them.
pub(crate) fn crates(table: &Table) -> FxHashMap<String, FileId> {
    let mut crates = FxHashMap::default();
    let manifests = table.files().iter().filter(|file| last_segment(&file.path) == "Cargo.toml").take(MANIFESTS);
    for manifest in manifests {
        let folder = folder_of(&manifest.path);
        let Some(root) = table.find(&join(folder, "src/lib.rs")) else { continue };
        let text = table.find(&manifest.path).and_then(|id| table.read_config(id).ok()).unwrap_or_default();
        let mut section = "";
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                section = line;
            }
            if let Some(name) = line.strip_prefix("name").filter(|_| matches!(section, "[package]" | "[lib]"))
                && let Some(name) = name.trim_start().strip_prefix('=')
            {
                crates.insert(name.trim().trim_matches(['"', '\'']).replace('-', "_"), root);
            }
        }
    }
    crates
}

/// The file that a path names, seen from another file; none when it leaves the tree or names no module.
pub(crate) fn find(table: &Table, crates: &FxHashMap<String, FileId>, from: FileId, specifier: &str) -> Option<FileId> {
    let path = &table.get(from)?.path;
    if let Some(file) = specifier.strip_prefix(PATH) {
        return table.find(&normalized(folder_of(path), file)?);
    }
    let own = module_of(table, from)?;
    let parts: Vec<&str> = specifier.split("::").collect();
    let (first, rest) = parts.split_first()?;
    match *first {
        "crate" => below(table, root_of(table, from)?, rest),
        "self" => below(table, own, rest),
        "super" => {
            let ups = 1 + rest.iter().take_while(|part| **part == "super").count();
            let mut module = own;
            for _ in 0..ups {
                module = parent_of(table, &module)?;
            }
            below(table, module, rest.get(ups - 1..)?)
        }
        name => below(table, own, &parts)
            .or_else(|| below(table, root_of(table, from)?, &parts))
            .or_else(|| below(table, module_of(table, *crates.get(name)?)?, rest)),
    }
}

fn normalized(folder: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn below(table: &Table, module: Module, parts: &[&str]) -> Option<FileId> {
    let mut module = module;
    for part in parts {
        let folder = join(&module.folder, part);
        let file = table.find(&format!("{folder}.rs")).or_else(|| table.find(&join(&folder, "mod.rs")))?;
        module = Module { file, folder };
    }
    Some(module.file)
}

fn is_root(path: &str) -> bool {
    let folder = folder_of(path);
    ROOTS.contains(&last_segment(path)) || OWN_ROOTS.contains(&last_segment(folder)) && last_segment(path) != "mod.rs"
}

fn module_of(table: &Table, file: FileId) -> Option<Module> {
    let path = &table.get(file)?.path;
    let stem = path.strip_suffix(".rs")?;
    let folder = if is_root(path) || last_segment(path) == "mod.rs" { folder_of(path) } else { stem };
    Some(Module { file, folder: folder.to_owned() })
}

/// The root of the crate that a file belongs to.
fn root_of(table: &Table, file: FileId) -> Option<Module> {
    let path = &table.get(file)?.path;
    if is_root(path) {
        return module_of(table, file);
    }
    ancestors(folder_of(path)).find_map(|folder| {
        let file = ROOTS.iter().find_map(|root| table.find(&join(folder, root)))?;
        Some(Module { file, folder: folder.to_owned() })
    })
}

fn parent_of(table: &Table, module: &Module) -> Option<Module> {
    let folder = folder_of(&module.folder);
    let named = |name: &str| table.find(&join(folder, name));
    let file = named("mod.rs").or_else(|| table.find(&format!("{folder}.rs"))).or_else(|| ROOTS.iter().find_map(|root| named(root)))?;
    (file != module.file).then(|| Module { file, folder: folder.to_owned() })
}

/// What a file of the tree is called by those who name it: the last part of its path.
pub(crate) fn names_of(path: &str, crates: &FxHashMap<String, FileId>, file: FileId) -> Vec<String> {
    let Some(stem) = path.strip_suffix(".rs") else { return Vec::new() };
    let stem = last_segment(stem);
    let mut names = vec!["super".to_owned(), "self".to_owned()];
    match stem {
        "mod" => names.push(last_segment(folder_of(path)).to_owned()),
        "lib" | "main" => names.push("crate".to_owned()),
        _ if is_root(path) => names.push("crate".to_owned()),
        _ => {}
    }
    names.push(stem.to_owned());
    names.extend(crates.iter().filter(|(_, root)| **root == file).map(|(name, _)| name.clone()));
    names
}

/// The name by which the index of importers knows a path; none for what is no path of Rust.
pub(crate) fn last_name(specifier: &str) -> Option<&str> {
    if let Some(file) = specifier.strip_prefix(PATH) {
        return last_segment(file).strip_suffix(".rs");
    }
    let last = specifier.rsplit("::").next()?;
    let plain = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii());
    plain.then_some(last)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        specifiers(text.as_bytes(), &mut |specifier| found.push(specifier.to_owned()));
        found
    }

    #[test]
    fn every_way_to_name_a_module_is_listed() {
        for (text, expected) in [
            ("mod a;", &["self::a"][..]),
            ("mod a { fn f() {} }", &[]),
            ("use a::b;", &["a", "a::b"]),
            ("use serde;", &["serde"]),
            (
                "pub(crate) use super::a::{b, c::{self, d as e}};",
                &[
                    "super",
                    "super::a",
                    "super::a::b",
                    "super",
                    "super::a",
                    "super::a::c",
                    "super",
                    "super::a",
                    "super::a::c",
                    "super::a::c::d",
                    "super",
                    "super::a",
                    "super::a::c",
                    "super",
                    "super::a",
                ],
            ),
            ("use crate::a::*;", &["crate", "crate::a"]),
            ("let x = crate::a::f(b::c());", &["crate", "crate::a", "crate::a::f", "b", "b::c"]),
            ("#[path = \"other/x.rs\"]\nmod x;", &["path:other/x.rs", "self::x"]),
            ("// we use, this\nlet module = 1;", &[]),
        ] {
            let mut found = listed(text);
            found.dedup();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn hostile_texts_take_linear_time() {
        for piece in ["use ", "use a::{", "use a::b,", "a::", "mod ", "path=\"", "use {{{{"] {
            let text = piece.repeat(60_000);
            let start = std::time::Instant::now();
            listed(&text);
            assert!(start.elapsed().as_secs() < 20, "{piece}");
        }
    }
}
