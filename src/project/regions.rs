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

/// The offset behind a tag's `>`, quotes observed.
fn tag_end(tag: &[u8]) -> usize {
    let mut quote = None;
    for (at, byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), close) if open == *close => quote = None,
            _ => {}
        }
    }
    tag.len()
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
            [quote @ (b'"' | b'\''), rest @ ..] => rest.get(..memchr(*quote, rest)?)?,
            _ => value.get(..value.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>').unwrap_or(value.len()))?,
        };
        return std::str::from_utf8(value).ok().map(str::trim);
    }
    None
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
