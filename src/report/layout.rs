//! Fitting text into lines: wrapping, shortening, and making hostile text harmless.

/// Wraps at blanks. The first line has `first` columns already taken; the others start with `indent` blanks.
/// Widths count characters, which is right for all but a few wide ones.
pub(super) fn wrap(text: &str, width: usize, first: usize, indent: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 16);
    let mut column = first;
    let mut is_start = true;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !is_start && column + 1 + length > width {
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            column = indent;
            is_start = true;
        }
        if !is_start {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
        is_start = false;
    }
    wrapped
}

/// The text in at most `width` characters; a cut is shown by an ellipsis.
pub(super) fn shorten(text: &str, width: usize, ellipsis: &str) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(ellipsis.chars().count())).collect();
    format!("{}{ellipsis}", kept.trim_end())
}

/// Replaces what could move the cursor, colour the terminal or reorder the line: control characters other than tabs, and
/// the bidirectional overrides. Every stand-in has as many bytes as what it replaces.
pub(super) fn harmless(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' => '\t',
            '\u{0}'..='\u{1f}' | '\u{7f}' => '?',
            '\u{80}'..='\u{9f}' => '\u{b7}',
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => '\u{2022}',
            other => other,
        })
        .collect()
}

/// A number with its thousands marked: `1,204`.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut marked = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            marked.push(',');
        }
        marked.push(digit);
    }
    marked
}

/// `1 error`, `2 errors`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_blanks_and_never_cuts_a_word() {
        for (text, width, first, indent, expected) in [
            ("one two three", 20, 0, 2, "one two three"),
            ("one two three", 8, 0, 2, "one two\n  three"),
            ("one two three", 8, 5, 0, "one\ntwo\nthree"),
            ("averyveryverylongword x", 5, 0, 1, "averyveryverylongword\n x"),
            ("", 5, 0, 1, ""),
        ] {
            assert_eq!(wrap(text, width, first, indent), expected, "{text} in {width}");
        }
    }

    #[test]
    fn hostile_text_keeps_its_bytes_and_loses_its_power() {
        let text = "a\u{1b}[31mb\u{9b}c\u{202e}d\te";
        assert_eq!(harmless(text), "a?[31mb\u{b7}c\u{2022}d\te");
        assert_eq!(harmless(text).len(), text.len());
    }

    #[test]
    fn marks_thousands() {
        for (number, expected) in [(0, "0"), (999, "999"), (1204, "1,204"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), expected);
        }
    }

    #[test]
    fn shortens_with_an_ellipsis() {
        assert_eq!(shorten("abcdef", 6, "…"), "abcdef");
        assert_eq!(shorten("abcdefg", 6, "…"), "abcde…");
    }
}
