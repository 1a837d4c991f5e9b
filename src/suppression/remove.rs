//! What to take out of a file so that a suppression which hides nothing is gone.

use crate::source::{SourceFile, Span};

/// What a comment takes up: its lines where it stands alone, otherwise itself with the blanks between it and the code.
#[must_use]
pub fn comment(source: &SourceFile, comment: Span) -> Span {
    let text = &*source.text;
    let blank = |character: char| character == ' ' || character == '\t';
    let before = text.get(..comment.range().start).unwrap_or("").trim_end_matches(blank);
    let after = text.get(comment.range().end..).unwrap_or("").trim_start_matches(blank);
    // JSX puts braces around its comments.
    let braced = before.ends_with('{') && after.starts_with('}') && text.get(comment.range()).is_some_and(|text| text.starts_with("/*"));
    let before = if braced { before.trim_end_matches('{').trim_end_matches(blank) } else { before };
    let after = if braced { after.strip_prefix('}').unwrap_or(after).trim_start_matches(blank) } else { after };
    let (start, end) = (before.len(), text.len() - after.len());
    let opens_line = before.is_empty() || before.ends_with('\n');
    let line_end = ["\r\n", "\n"].into_iter().find(|line_end| after.starts_with(line_end));
    match line_end {
        // The line goes with its end; the last line goes with the end of the one before it.
        Some(line_end) if opens_line => Span::new(start, end + line_end.len()),
        None if opens_line && after.is_empty() => Span::new(before.trim_end_matches(['\n', '\r']).len(), end),
        Some(_) => Span::new(start, end),
        // Code follows: its indentation stays.
        None if opens_line => Span::new(comment.range().start.min(end), end),
        None if after.is_empty() => Span::new(start, end),
        None => Span::new(start + usize::from(start < comment.range().start), end),
    }
}

/// What one of several rules of a suppression takes up, with a comma that belongs to it. `names` are where they stand.
#[must_use]
pub fn rule(names: &[Span], index: usize) -> Span {
    let own = names.get(index).copied().unwrap_or_default();
    match (names.get(index + 1), index.checked_sub(1).and_then(|before| names.get(before))) {
        (Some(next), _) => Span { start: own.start, end: next.start },
        (None, Some(before)) => Span { start: before.end, end: own.end },
        (None, None) => own,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::source::FileId;

    /// The text without the comment between the marks.
    fn without(marked: &str) -> String {
        let start = marked.find('«').unwrap();
        let end = marked.find('»').unwrap() - '«'.len_utf8();
        let text = marked.replace(['«', '»'], "");
        let source = SourceFile::new(FileId(0), "a".into(), "a".into(), text.as_str().into());
        let gone = comment(&source, Span::new(start, end));
        format!("{}{}", &text[..gone.range().start], &text[gone.range().end..])
    }

    #[test]
    fn a_comment_goes_with_its_line_or_its_blanks() {
        for (marked, expected) in [
            ("a\n  «// x»\n  b\n", "a\n  b\n"),
            ("a\r\n  «// x»\r\n  b\r\n", "a\r\n  b\r\n"),
            ("«# x»\na", "a"),
            ("a\n«# x»", "a"),
            ("a  «// x»\nb", "a\nb"),
            ("a «/* x */» b", "a b"),
            ("  «/* x */» b\n", "  b\n"),
            ("<p>\n  {«/* x */»}\n  <b/>\n</p>", "<p>\n  <b/>\n</p>"),
            ("«<!-- x -->»", ""),
            ("a «# x»", "a"),
            ("«/**\n * x\n */»\nb", "b"),
        ] {
            assert_eq!(without(marked), expected, "{marked:?}");
        }
    }

    #[test]
    fn a_rule_goes_with_its_comma() {
        let text = "a, b,c";
        let names = [Span::new(0, 1), Span::new(3, 4), Span::new(5, 6)];
        for (index, expected) in [(0, "b,c"), (1, "a, c"), (2, "a, b")] {
            let gone = rule(&names, index);
            assert_eq!(format!("{}{}", &text[..gone.range().start], &text[gone.range().end..]), expected);
        }
    }
}
