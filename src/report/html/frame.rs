//! Code frames in the page: numbered lines, the places marked, what is said of them below.

use std::fmt::Write as _;
use std::ops::Range;

use crate::report::excerpt::{Excerpt, Mark};
use crate::report::markup::{breakable, code, escaped};
use crate::report::{Detail, Presentation};

/// Longer lines are cut around the place.
const COLUMNS: usize = 160;

/// The frame of places in one file; nothing when the file's text was not kept.
pub(super) fn draw(path: &str, marks: &[Mark<'_>]) -> String {
    let presentation = Presentation { color: false, unicode: true, width: COLUMNS, detail: Detail::Normal, elapsed: None };
    let Some(excerpt) = Excerpt::new(marks, &presentation) else { return String::new() };
    let mut html = format!("<figure class=\"frame\">\n<figcaption class=\"path\">{}</figcaption>\n<div class=\"code\">\n", breakable(path));
    let mut last = None;
    for row in excerpt.rows() {
        if last.is_some_and(|last| last + 1 < row.number) {
            html.push_str("<div class=\"gap\">⋮</div>\n");
        }
        last = Some(row.number);
        let _ = writeln!(
            html,
            "<div class=\"line\"><span class=\"number\">{}</span><code>{}</code></div>",
            row.number,
            marked(row.text, &row.marks)
        );
        for (_, is_primary, label) in row.marks.iter().filter(|(.., label)| !label.is_empty()) {
            let class = if *is_primary { "label primary" } else { "label" };
            let text = label.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(html, "<div class=\"{class}\">{}</div>", code(&text));
        }
    }
    html.push_str("</div>\n</figure>\n");
    html
}

/// The line with its places in `mark` elements. Places may overlap; elements may not, so the line is cut wherever one begins or ends.
fn marked(text: &str, marks: &[(Range<usize>, bool, &str)]) -> String {
    let mut cuts: Vec<usize> = marks.iter().flat_map(|(range, ..)| [range.start, range.end]).chain([0, text.len()]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut html = String::with_capacity(text.len() + 32);
    for pair in cuts.windows(2) {
        let [from, to] = *pair else { continue };
        let piece = escaped(text.get(from..to).unwrap_or(""));
        let covering = || marks.iter().filter(|(range, ..)| range.start <= from && to <= range.end);
        match (covering().next().is_some(), covering().any(|(_, is_primary, _)| *is_primary)) {
            (_, true) => html.extend(["<mark class=\"primary\">", &piece, "</mark>"]),
            (true, false) => html.extend(["<mark>", &piece, "</mark>"]),
            (false, false) => html.push_str(&piece),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn places_that_overlap_are_cut_into_pieces() {
        for (text, marks, expected) in [
            ("a<b", vec![], "a&lt;b"),
            ("abc", vec![(1..2, true, "")], "a<mark class=\"primary\">b</mark>c"),
            (
                "abc",
                vec![(0..2, false, ""), (1..3, true, "")],
                "<mark>a</mark><mark class=\"primary\">b</mark><mark class=\"primary\">c</mark>",
            ),
            ("abc", vec![(3..3, true, "")], "abc"),
        ] {
            assert_eq!(marked(text, &marks), expected);
        }
    }
}
