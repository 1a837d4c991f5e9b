//! Python's imports: which modules a text names, and which files they are.
//!
//! The resolver crate knows JavaScript only. Python's rules are few: a relative import counts its dots from the package of the file, an
//! absolute one is looked for below the folders of `sys.path`. Which those are is decided when the program is started, so they are guessed:
//! every folder above the file that is no package itself (has no `__init__.py`), the nearest first, and its `src` folder.
//!
//! `from a import b` names the module `a` or the module `a.b`; both are listed, and [`means_submodule`] decides between them.

use crate::project::table::{Table, ancestors, folder_of, join};
use crate::source::FileId;

/// Longer lists of names are generated.
const LONGEST: usize = 16 << 10;
/// How far before `import` its `from` is looked for.
const LONGEST_HEAD: usize = 300;

/// Reports the modules that a Python text may import, in source order. `words` are the offsets of `import`, among other words, ascending.
pub(crate) fn specifiers(text: &[u8], words: &[usize], emit: &mut impl FnMut(&str)) {
    // Where the last statement ended: what stands before belongs to it.
    let mut end = 0;
    for word in words.iter().copied() {
        if word < end {
            continue;
        }
        let Some(rest) = text.get(word..).and_then(|rest| rest.strip_prefix(b"import")) else { continue };
        if !rest.first().is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'(' | b'\\' | b'*')) {
            continue;
        }
        let near = word.saturating_sub(LONGEST_HEAD);
        let before = text.get(near..word).unwrap_or_default();
        let start = before.iter().rposition(|byte| matches!(byte, b'\n' | b';' | b':')).map(|at| near + at + 1);
        let Some(start) = start.or((near == 0).then_some(0)) else { continue };
        let head = text.get(start..word).unwrap_or_default().trim_ascii();
        if !head.is_empty() && !head.starts_with(b"from") {
            continue;
        }
        let list = clause(rest);
        end = word + list.len();
        if head.is_empty() {
            for name in names(list) {
                emit(name);
            }
        } else if let Some(module) = head.strip_prefix(b"from").filter(|module| module.first().is_some_and(u8::is_ascii_whitespace))
            && let Ok(module) = std::str::from_utf8(module)
        {
            let module: String = module.chars().filter(|character| !character.is_whitespace() && *character != '\\').collect();
            if is_specifier(&module) {
                emit(&module);
                for name in names(list).filter(|name| !name.contains('.')) {
                    emit(&below(&module, name));
                }
            }
        }
    }
}

/// The list of names behind `import`: up to the end of the line, or of the parentheses.
fn clause(rest: &[u8]) -> &[u8] {
    let rest = rest.get(..rest.len().min(LONGEST)).unwrap_or_default();
    let start = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\\' | b'\r' | b'\n')).unwrap_or(0);
    let list = rest.get(start..).unwrap_or_default();
    if let Some(inner) = list.strip_prefix(b"(") {
        return inner.get(..memchr::memchr(b')', inner).unwrap_or(inner.len())).unwrap_or_default();
    }
    let mut end = 0;
    loop {
        let after = list.get(end..).unwrap_or_default();
        let Some(stop) = after.iter().position(|byte| matches!(byte, b'\n' | b';')) else { return list };
        let line = after.get(..stop).unwrap_or_default().trim_ascii_end();
        if !line.ends_with(b"\\") {
            return list.get(..end + stop).unwrap_or_default();
        }
        end += stop + 1;
    }
}

/// The names in a list, without what they are called here.
fn names(list: &[u8]) -> impl Iterator<Item = &str> {
    list.split(|byte| matches!(byte, b',' | b'\n')).filter_map(|part| {
        let part = std::str::from_utf8(part).ok()?;
        let part = part.split('#').next().unwrap_or(part);
        let name = part.trim_matches(|character: char| character.is_whitespace() || character == '\\').split_whitespace().next()?;
        is_specifier(name).then_some(name)
    })
}

fn is_specifier(text: &str) -> bool {
    !text.is_empty() && text.len() < 256 && text.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '.'))
}

/// The module `name` below another one.
pub(crate) fn below(module: &str, name: &str) -> String {
    if module.ends_with('.') { format!("{module}{name}") } else { format!("{module}.{name}") }
}

/// The file of a module, as the file `from` in `folder` would import it. None for a module from outside.
pub(crate) fn find(table: &Table, from: FileId, folder: &str, specifier: &str) -> Option<FileId> {
    let name = specifier.trim_start_matches('.');
    let dots = specifier.len() - name.len();
    let parts: Vec<&str> = name.split('.').filter(|part| !part.is_empty()).collect();
    if dots > 0 {
        let package = ancestors(folder).nth(dots - 1)?;
        return module(table, package, &parts);
    }
    if parts.is_empty() {
        return None;
    }
    let roots = ancestors(folder).filter(|above| table.find(&join(above, "__init__.py")).is_none());
    roots.flat_map(|above| [above.to_owned(), join(above, "src")]).find_map(|root| {
        let found = module(table, &root, &parts)?;
        // `services/telnyx.py` that imports `telnyx` means the package.
        (found != from).then_some(found)
    })
}

/// A module below a folder: a package, or a file.
fn module(table: &Table, folder: &str, parts: &[&str]) -> Option<FileId> {
    let path = parts.iter().fold(folder.to_owned(), |path, part| join(&path, part));
    let file = if parts.is_empty() { None } else { table.find(&format!("{path}.py")) };
    table.find(&join(&path, "__init__.py")).or(file)
}

/// What a file of the tree is called by those who import it: the last part of the module's name, empty for a package by its dots alone.
pub(crate) fn names_of(path: &str) -> Vec<&str> {
    let Some(stem) = path.strip_suffix(".py") else { return Vec::new() };
    match stem.rsplit_once('/').map_or(stem, |(_, name)| name) {
        "__init__" => vec![folder_of(path).rsplit('/').next().unwrap_or(""), ""],
        name => vec![name],
    }
}

/// Whether `name`, imported from the package whose `__init__.py` says `text`, is the module of that name rather than something that the
/// package binds under it.
pub(crate) fn means_submodule(text: &str, name: &str) -> bool {
    let is_word = |rest: &str| !rest.starts_with(|character: char| character.is_alphanumeric() || character == '_');
    !text.lines().any(|line| {
        let bound = |line: &str| {
            line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['=', ':']) && !rest.trim_start().starts_with("=="))
        };
        let defined = |keyword: &str| line.strip_prefix(keyword).and_then(|rest| rest.trim_start().strip_prefix(name)).is_some_and(is_word);
        let imported = || {
            let (module, names) = line.trim_start().strip_prefix("from ")?.split_once(" import ")?;
            let listed = names.split(',').any(|part| part.split_whitespace().next_back() == Some(name));
            Some(listed && !module.trim().trim_matches('.').is_empty())
        };
        bound(line) || defined("def ") || defined("async def ") || defined("class ") || imported() == Some(true)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::project::Screener;

    fn listed(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        Screener::new([""; 0]).unwrap().anchors_and_words(text.as_bytes(), &mut words);
        let mut found = Vec::new();
        specifiers(text.as_bytes(), &words, &mut |specifier| found.push(specifier.to_owned()));
        found
    }

    #[test]
    fn every_form_of_import_is_listed() {
        for (text, expected) in [
            ("import os", &["os"][..]),
            ("import a.b as c, d", &["a.b", "d"]),
            ("from a import b, c as d", &["a", "a.b", "a.c"]),
            ("from . import x", &[".", ".x"]),
            ("from ..pkg import x", &["..pkg", "..pkg.x"]),
            ("from a import (\n    b,  # why\n    c as d,\n)\nimport e", &["a", "a.b", "a.c", "e"]),
            ("from a import b, \\\n    c", &["a", "a.b", "a.c"]),
            ("from a import *", &["a"]),
            ("try: import a\nexcept ImportError: import b", &["a", "b"]),
            ("def f():\n    from a import b; import c", &["a", "a.b", "c"]),
            ("x = important\n# we import things", &[]),
        ] {
            assert_eq!(listed(text), expected, "{text}");
        }
    }

    #[test]
    fn a_package_may_bind_the_name_of_its_module() {
        for (text, expected) in [
            ("", true),
            ("from . import db", true),
            ("from .db import db", false),
            ("from .models import User, db", false),
            ("db = SQLAlchemy()", false),
            ("db == 1", true),
            ("def db(): pass", false),
            ("dbx = 1", true),
        ] {
            assert_eq!(means_submodule(text, "db"), expected, "{text}");
        }
    }

    #[test]
    fn hostile_texts_take_linear_time() {
        for piece in ["import ", "from a import (", "import a,", "import\\\n", "from import "] {
            let text = piece.repeat(100_000);
            let start = std::time::Instant::now();
            listed(&text);
            assert!(start.elapsed().as_secs() < 20, "{piece}");
        }
    }
}
