//! Import specifiers without a parse.
//!
//! The screening pass already knows where `import`, `export` and `require` stand. From there this module reads the few bytes that
//! decide whether a module is named: `import x from "s"`, `import "s"`, `export … from "s"`, `import("s")`,
//! `require("s")`. A lexer runs along only as far as the last such word and keeps comments, strings, regular expressions
//! and template text from counting as code. It is a heuristic where only a parser can be right (a regular expression after `)`,
//! quotes in JSX text), and is measured against the parser.

use memchr::memchr2;

use crate::project::lexer::{Lexer, is_word};

/// The longest specifier that counts as one.
const LONGEST: usize = 512;

/// Reports the specifiers of a JavaScript or TypeScript text in source order. `words` are the offsets of `import`, `export` and
/// `require` in `text`, ascending; `base` is subtracted from them (for a region of a larger file).
pub(crate) fn specifiers<'t>(text: &'t [u8], words: &[usize], base: usize, emit: &mut impl FnMut(&'t str)) {
    let mut lexer = Lexer::new(text);
    for word in words {
        let Some(at) = word.checked_sub(base) else { continue };
        // Most words are dismissed by the bytes around them. Only then is the text up to here lexed.
        let Some(word) = keyword(text, at) else { continue };
        if !word.plausible(text) || !lexer.advance_to(at) {
            continue;
        }
        match word.kind {
            Keyword::Require | Keyword::Import if text.get(blank(text, word.end)) == Some(&b'(') => {
                let import = word.kind == Keyword::Import;
                if import && text.get(..at).unwrap_or_default().trim_ascii_end().ends_with(b"typeof") {
                    continue;
                }
                if let Some(specifier) = call_argument(text, blank(text, word.end) + 1, import) {
                    emit(specifier);
                }
            }
            Keyword::Require => {}
            Keyword::Import | Keyword::Export => {
                if !starts_statement(text.get(..at).unwrap_or_default()) {
                    continue;
                }
                let (end, specifier) = clause(text, word.end, word.kind == Keyword::Export);
                if let Some(specifier) = specifier {
                    emit(specifier);
                }
                lexer.skip_to(end);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    Import,
    Export,
    Require,
}

/// One of the words, standing alone.
struct Word {
    kind: Keyword,
    /// The offset behind it.
    end: usize,
}

impl Word {
    /// Whether what follows the word can name a module. A comment may stand between; then only the lexer can tell.
    fn plausible(&self, text: &[u8]) -> bool {
        let rest = text.get(self.end..).unwrap_or_default();
        let rest = rest.trim_ascii_start();
        match (self.kind, rest.first()) {
            (_, Some(b'/')) | (Keyword::Import | Keyword::Require, Some(b'(')) | (Keyword::Import | Keyword::Export, Some(b'{' | b'*')) => {
                true
            }
            (Keyword::Import, Some(byte)) => matches!(byte, b'\'' | b'"') || is_word(*byte),
            (Keyword::Export, Some(_)) => rest.starts_with(b"type"),
            _ => false,
        }
    }
}

/// The word at `at`, unless it is part of a longer one or a member of something.
fn keyword(text: &[u8], at: usize) -> Option<Word> {
    let rest = text.get(at..)?;
    let (kind, length) = if rest.starts_with(b"import") {
        (Keyword::Import, 6)
    } else if rest.starts_with(b"export") {
        (Keyword::Export, 6)
    } else if rest.starts_with(b"require") {
        (Keyword::Require, 7)
    } else {
        return None;
    };
    let before = text.get(..at)?;
    if let Some(last) = before.last() {
        // `...require("x")` is a spread of a call; any other dot makes a member of it.
        if is_word(*last) || (*last == b'.' && !before.ends_with(b"...")) {
            return None;
        }
    }
    (!rest.get(length).is_some_and(|byte| is_word(*byte))).then_some(Word { kind, end: at + length })
}

/// Whether a statement can begin behind `before`: prose such as `to import data from "x"` has a word there.
fn starts_statement(before: &[u8]) -> bool {
    let last = before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
    // `>` ends a tag that stands before a script's first statement, `/` a comment.
    last.is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b';' | b'}' | b'{' | b')' | b'>' | b'/'))
}

/// Reads an import or export clause. Returns where it stopped, and the specifier if there is one.
fn clause(text: &[u8], start: usize, export: bool) -> (usize, Option<&str>) {
    let mut at = start;
    let mut in_braces = false;
    let mut first = true;
    loop {
        at = blank(text, at);
        let Some(byte) = text.get(at) else { return (at, None) };
        match byte {
            b'{' if !in_braces => {
                in_braces = true;
                at += 1;
            }
            b'}' if in_braces => {
                in_braces = false;
                at += 1;
            }
            b',' | b'*' => at += 1,
            b'\'' | b'"' => {
                // Alone it is `import "s"`, inside braces an arbitrary export name.
                let Some((specifier, end)) = string(text, at) else { return (at, None) };
                if first && !export {
                    return (end, as_specifier(specifier));
                }
                if !in_braces {
                    return (at, None);
                }
                at = end;
            }
            byte if is_word(*byte) => {
                let end = at + text.get(at..).unwrap_or_default().iter().take_while(|byte| is_word(**byte)).count();
                let word = text.get(at..end).unwrap_or_default();
                if !in_braces {
                    if word == b"from" {
                        let quote = blank(text, end);
                        if let Some((specifier, end)) = string(text, quote) {
                            return (end, as_specifier(specifier));
                        }
                    }
                    if matches!(word, b"import" | b"export" | b"const" | b"let" | b"var" | b"function" | b"class") {
                        return (at, None);
                    }
                }
                at = end;
            }
            _ => return (at, None),
        }
        first = false;
    }
}

/// The only string of a call's argument list. `import("s").Name` is a type: a promise has no such member.
fn call_argument(text: &[u8], argument: usize, import: bool) -> Option<&str> {
    let start = blank(text, argument);
    let (specifier, end) = string(text, start)?;
    let end = blank(text, end);
    match text.get(end)? {
        b')' if import && matches!(text.get(end + 1..), Some([b'.', name, ..]) if name.is_ascii_uppercase()) => None,
        b')' => as_specifier(specifier),
        b',' if import => as_specifier(specifier),
        _ => None,
    }
}

/// The content of a string literal, or of a template without holes, and the offset behind it.
fn string(text: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let quote = *text.get(start)?;
    if !matches!(quote, b'\'' | b'"' | b'`') {
        return None;
    }
    let content = text.get(start + 1..)?;
    let content = content.get(..content.len().min(LONGEST))?;
    let end = memchr2(quote, b'\n', content)?;
    let inner = content.get(..end)?;
    let hole = quote == b'`' && memchr::memmem::find(inner, b"${").is_some();
    (content.get(end) == Some(&quote) && !hole && !inner.contains(&b'\\')).then_some((inner, start + end + 2))
}

fn as_specifier(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.is_empty() && !text.starts_with("data:")).then_some(text)
}

/// Skips white space and comments.
fn blank(text: &[u8], mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        match rest {
            [byte, ..] if byte.is_ascii_whitespace() => at += 1,
            [b'/', b'/', ..] => at += memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            [b'/', b'*', ..] => match rest.get(2..).and_then(|rest| memchr::memmem::find(rest, b"*/")) {
                Some(length) => at += length + 4,
                None => return text.len(),
            },
            _ => return at,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::project::Screener;

    fn listed(text: &str) -> Vec<&str> {
        let mut words = Vec::new();
        Screener::new([""; 0]).unwrap().anchors_and_words(text.as_bytes(), &mut words);
        let mut found = Vec::new();
        specifiers(text.as_bytes(), &words, 0, &mut |specifier| found.push(specifier));
        found
    }

    #[test]
    fn every_form_of_import_is_listed() {
        for (text, expected) in [
            ("import x from 'a'", &["a"][..]),
            ("import x from\"a\"", &["a"]),
            ("import{x}from'a';import*as y from\"b\"", &["a", "b"]),
            ("import 'a';\nimport \"b\"", &["a", "b"]),
            ("import x, { y as z, default as w } from 'a'", &["a"]),
            ("import {\n  a, // the first\n  b, /* the second */\n} from 'a'", &["a"]),
            ("import { 'odd name' as x } from 'a'", &["a"]),
            ("import type { X } from 'a'; import { type Y } from 'b'", &["a", "b"]),
            ("import from from 'a'", &["a"]),
            ("import defer * as x from 'a'", &["a"]),
            ("import data from './a.json' with { type: 'json' }", &["./a.json"]),
            ("import x = require('a')", &["a"]),
            ("export * from 'a'; export * as n from 'b'", &["a", "b"]),
            ("export { x, y as default } from 'a'\nexport type { T } from 'b'", &["a", "b"]),
            ("export { x }\nimport y from 'a'", &["a"]),
            ("const x = await import('a')", &["a"]),
            ("lazy(() => import(/* webpackChunkName: \"x\" */ 'a'))", &["a"]),
            ("import(`a`)", &["a"]),
            ("import('a', { with: { type: 'json' } })", &["a"]),
            ("const { x } = require( 'a' )", &["a"]),
            ("[...require('a'), ...b]", &["a"]),
            ("const s = `${require('a').x} ${`${import('b')}`}`", &["a", "b"]),
            ("#!/usr/bin/env node\nimport 'a'", &["a"]),
            ("\"use client\"\nimport 'a'", &["a"]),
            ("/* head */ import 'a'", &["a"]),
        ] {
            assert_eq!(listed(text), expected, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_an_import_is_not_listed() {
        for text in [
            "// import x from 'a'",
            "/*\nimport x from 'a'\n*/",
            "const s = \"import x from 'a'\"",
            "const s = `\nimport x from 'a'\n`",
            "const s = `${a}\nimport x from 'a'\n`",
            "const r = /require('a')/",
            "foo.import('a'); foo.require('a')",
            "importFrom('a'); myimport('a'); requireNative('a')",
            "import('./' + name)",
            "import(`./${name}`)",
            "require(name)",
            "require('a' + b)",
            "import.meta.url",
            "export const from = 'a'",
            "export default 'a'",
            "export type T = 'a'",
            "<p>Click to import data from \"a\"</p>",
            "type T = typeof import('a')",
            "let x: import('a').Thing",
            "x = { import: 'a', require: 'b' }",
            "import 'data:text/javascript,1'",
        ] {
            assert_eq!(listed(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn an_odd_quote_costs_its_line_only() {
        for text in [
            "<p>Don't</p>\nimport('a')",
            "if (x) /'/.test(y)\nimport('a')",
            "const r = /[`'\"/]/g; import('a')",
            "a = b / c; d = 'e' / f\nimport('a')",
            "<Foo bar={x} />\nimport('a')",
            "<a href=\"x\">https://b</a>; import('a')",
            "s = 'unclosed\nimport('a')",
            "s = 'a\\\r\nb'; import('a')",
        ] {
            assert_eq!(listed(text), ["a"], "{text}");
        }
    }

    #[test]
    fn hostile_texts_take_linear_time() {
        let count = 400_000;
        for piece in ["'\\", "/", "`${", "import{", "import ", "import(", "require(/*", "export type ", "/*", "import/*", "{`", "\"'"] {
            let text = piece.repeat(count);
            let start = std::time::Instant::now();
            listed(&text);
            assert!(start.elapsed().as_secs() < 10, "{piece}");
        }
    }
}
