//! Script regions of markup, found without a parse: which bytes of a page, component or template are code.

use std::ops::Range;

use memchr::{memchr, memmem};

use crate::project::kind::FileKind;

/// What screening needs of a markup file.
#[derive(Debug, Default)]
pub(crate) struct Regions<'t> {
    /// Byte ranges of inline scripts (and an Astro component's frontmatter), in order.
    pub(crate) code: Vec<Range<usize>>,
    /// The `src` of scripts, as written.
    pub(crate) urls: Vec<&'t str>,
}

/// The script regions of a markup text.
pub(crate) fn regions(text: &[u8], kind: FileKind) -> Regions<'_> {
    let mut found = Regions::default();
    let mut at = 0;
    let mut comments_close = true;
    if kind == FileKind::Astro {
        let start = text.len() - text.trim_ascii_start().len();
        if text.get(start..).is_some_and(|text| text.starts_with(b"---"))
            && let Some(length) = text.get(start + 3..).and_then(|text| memmem::find(text, b"\n---"))
        {
            found.code.push(start + 3..start + 3 + length);
            at = start + 3 + length;
        }
    }
    while let Some(offset) = text.get(at..).and_then(|text| memchr(b'<', text)) {
        at += offset;
        let rest = text.get(at..).unwrap_or_default();
        if comments_close && rest.starts_with(b"<!--") {
            // Behind an unclosed comment reading goes on: a script must not get lost in a half-typed page.
            let length = memmem::find(rest, b"-->");
            comments_close = length.is_some();
            at += length.map_or(4, |length| length + 3);
        } else if starts_with_ignoring_case(rest, b"<script") && !rest.get(7).is_some_and(u8::is_ascii_alphanumeric) {
            let tag_end = tag_end(rest);
            let tag = rest.get(..tag_end).unwrap_or_default();
            if let Some(url) = attribute(tag, b"src")
                && !url.is_empty()
            {
                found.urls.push(url);
            }
            let start = at + tag_end;
            let length = script_end(text.get(start..).unwrap_or_default());
            if is_code(attribute(tag, b"type")) && length > 0 {
                found.code.push(start..start + length);
            }
            at = start + length;
        } else {
            at += 1;
        }
    }
    found
}

/// Whether a script of this type runs. Data blocks and import maps do not.
fn is_code(kind: Option<&str>) -> bool {
    let Some(kind) = kind.map(str::to_ascii_lowercase) else { return true };
    kind.is_empty()
        || kind == "module"
        || kind.contains("javascript")
        || kind.contains("ecmascript")
        || kind.contains("babel")
        || kind.contains("typescript")
}

/// The offset behind a tag's `>`, quotes and template holes observed.
fn tag_end(tag: &[u8]) -> usize {
    let mut quote = None;
    // The tag's own `<` is no hole.
    let mut at = 1;
    while let Some(byte) = tag.get(at) {
        if let Some(length) = hole(tag.get(at..).unwrap_or_default()) {
            at += length;
            continue;
        }
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), close) if open == *close => quote = None,
            _ => {}
        }
        at += 1;
    }
    tag.len()
}

/// What opens and closes a hole of a template language. A hole may hold the quotes and brackets of markup.
const HOLES: [(&[u8], &[u8]); 4] = [(b"{{", b"}}"), (b"{%", b"%}"), (b"<%", b"%>"), (b"<?", b"?>")];
/// Longer holes in a tag are left to the parser: a bound keeps unclosed ones from costing quadratic time.
const LONGEST_HOLE: usize = 256;

/// The length of the template hole that `text` starts with.
fn hole(text: &[u8]) -> Option<usize> {
    let (open, close) = HOLES.iter().find(|(open, _)| text.starts_with(open))?;
    let inside = text.get(open.len()..text.len().min(LONGEST_HOLE))?;
    memmem::find(inside, close).map(|length| open.len() + length + close.len())
}

/// The value of an attribute in an opening tag.
fn attribute<'t>(tag: &'t [u8], name: &[u8]) -> Option<&'t str> {
    for at in memmem::find_iter(tag, name) {
        let before = tag.get(at.checked_sub(1)?)?;
        let rest = tag.get(at + name.len()..)?.trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"=") else { continue };
        if !before.is_ascii_whitespace() && !matches!(before, b'"' | b'\'') {
            continue;
        }
        let value = value.trim_ascii_start();
        let value = match value {
            [quote @ (b'"' | b'\''), rest @ ..] => value_until(rest, |byte| byte == *quote),
            _ => value_until(value, |byte| byte.is_ascii_whitespace() || byte == b'>'),
        };
        return std::str::from_utf8(value).ok().map(str::trim);
    }
    None
}

/// The text up to a byte outside template holes.
fn value_until(text: &[u8], ends: impl Fn(u8) -> bool) -> &[u8] {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match hole(text.get(at..).unwrap_or_default()) {
            Some(length) => at += length,
            None if ends(*byte) => break,
            None => at += 1,
        }
    }
    text.get(..at).unwrap_or(text)
}

/// The length of a script's text: up to its closing tag, or the rest of the file.
fn script_end(text: &[u8]) -> usize {
    let mut from = 0;
    while let Some(offset) = text.get(from..).and_then(|text| memmem::find(text, b"</")) {
        from += offset;
        if text.get(from..).is_some_and(|text| starts_with_ignoring_case(text, b"</script")) {
            return from;
        }
        from += 2;
    }
    text.len()
}

fn starts_with_ignoring_case(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
