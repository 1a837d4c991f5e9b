//! Text in HTML: everything of the project is escaped, back ticks become code.

use std::fmt::Write as _;

use super::layout::harmless;

/// A path that may be broken between its folders.
pub(super) fn breakable(path: &str) -> String {
    path.split_inclusive('/').map(escaped).collect::<Vec<_>>().join("<wbr>")
}

/// A sentence whose back ticks mark code.
pub(super) fn code(text: &str) -> String {
    let mut html = String::new();
    let mut pieces = text.split('`').peekable();
    let mut is_code = false;
    while let Some(piece) = pieces.next() {
        // A last opening tick without a closing one is a tick.
        match (is_code, pieces.peek().is_some()) {
            (true, true) => {
                let _ = write!(html, "<code>{}</code>", escaped(piece));
            }
            (true, false) => {
                let _ = write!(html, "`{}", escaped(piece));
            }
            (false, _) => html.push_str(&escaped(piece)),
        }
        is_code = !is_code;
    }
    html
}

/// Text as HTML and SVG may hold it, in elements and in quoted attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for line in text.split('\n') {
        if !html.is_empty() {
            html.push('\n');
        }
        for character in harmless(line).chars() {
            match character {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                other => html.push(other),
            }
        }
    }
    html
}
