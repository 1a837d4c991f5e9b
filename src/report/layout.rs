//! Fitting text into lines: wrapping, shortening, and making hostile text harmless.

/// Longer code in back ticks may be broken at its blanks.
const LONGEST_UNBROKEN: usize = 60;

/// Wraps at blanks, but not inside short code in back ticks. The first line has `first` columns already taken; the others
/// start with `indent` blanks. Widths count characters, which is right for all but a few wide ones.
pub(super) fn wrap(text: &str, width: usize, first: usize, indent: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 16);
    let mut column = first;
    let mut is_start = true;
    for word in words(text) {
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

/// Cuts at blanks; code in back ticks stays one word.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let code = rest.find('`').and_then(|open| Some((open, open + 1 + rest.get(open + 1..)?.find('`')?)));
        let blank = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let end = match code {
            Some((open, close)) if open < blank && close - open <= LONGEST_UNBROKEN => {
                let after = rest.get(close..).unwrap_or("");
                close + after.find(char::is_whitespace).unwrap_or(after.len())
            }
            _ => blank,
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after.trim_start();
    }
    words
}

/// A path in at most `width` characters, cut at its beginning, between two folders where possible.
pub(super) fn shorten_path(path: &str, width: usize, ellipsis: &str) -> String {
    let length = path.chars().count();
    if length <= width {
        return path.to_owned();
    }
    let excess = length + ellipsis.chars().count() - width;
    let cut = path.char_indices().nth(excess).map_or(path.len(), |(at, _)| at);
    let cut = path.get(cut..).and_then(|rest| rest.find('/')).map_or(cut, |slash| cut + slash);
    format!("{ellipsis}{}", path.get(cut..).unwrap_or(path))
}

/// Long masks say nothing, not even the length of a secret: this is how many characters of one are shown.
const MASK: usize = 8;

/// The byte ranges to leave out so that no run of masking characters is longer than [`MASK`].
pub(super) fn long_masks(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut run = 0;
    let mut from = 0;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        if matches!(character, '*' | '\u{b7}' | '\u{2022}') {
            if run == MASK {
                from = at;
            }
            run += 1;
        } else {
            if run > MASK {
                ranges.push(from..at);
            }
            run = 0;
        }
    }
    ranges
}

/// The text without `ranges`, which must be sorted.
pub(super) fn without(text: &str, ranges: &[std::ops::Range<usize>]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        kept.push_str(text.get(at..range.start).unwrap_or(""));
        at = range.end;
    }
    kept.push_str(text.get(at..).unwrap_or(""));
    kept
}

/// The text in at most `width` characters; a cut is shown by an ellipsis.
pub(super) fn shorten(text: &str, width: usize, ellipsis: &str) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(ellipsis.chars().count())).collect();
    format!("{}{ellipsis}", kept.trim_end())
}

/// The text in at most `width` characters, the one at `focus` among them; cuts are shown by ellipses. The beginning is cut at a blank where
/// there is one before the focus.
pub(super) fn shorten_around(text: &str, focus: usize, width: usize, ellipsis: &str) -> String {
    let length = text.chars().count();
    // What follows the focus says more than what precedes it.
    let from = if length <= width || focus < width / 2 { 0 } else { focus.saturating_sub(width / 4).min(length.saturating_sub(width)) };
    if from == 0 {
        return shorten(text, width, ellipsis);
    }
    let from = from + ellipsis.chars().count();
    let blank = text.chars().enumerate().skip(from).take_while(|(at, _)| *at < focus).find(|(_, character)| *character == ' ');
    let kept: String = text.chars().skip(blank.map_or(from, |(at, _)| at + 1)).collect();
    shorten(&format!("{ellipsis}{kept}"), width, ellipsis)
}

/// Replaces what could move the cursor, colour the terminal or reorder the line: control characters other than tabs, and
/// the bidirectional overrides. Every stand-in has as many bytes as what it replaces.
#[must_use]
pub fn harmless(text: &str) -> String {
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

/// Harmless, on one line, with single blanks.
pub(super) fn harmless_text(text: &str) -> String {
    harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The text as a sentence: a capital first, a full stop last. The texts of findings have neither.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let end = if text.ends_with(['.', '!', '?', ':']) || text.is_empty() { "" } else { "." };
    format!("{}{end}", capitalised(text))
}

/// What [`sentence`] was probably made of: a capital that begins an ordinary word was put there. Names that look like words are told apart
/// by nobody.
pub(super) fn plain_again(sentence: &str) -> String {
    let text = sentence.strip_suffix('.').unwrap_or(sentence);
    let word = text.split(char::is_whitespace).next().unwrap_or("");
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if !word.chars().skip(1).any(char::is_uppercase) => first.to_lowercase().chain(characters).collect(),
        _ => text.to_owned(),
    }
}

/// The text with a capital first.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// A number with its thousands marked: `1,204`.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut marked = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            marked.push(',');
        }
        marked.push(digit);
    }
    marked
}

/// `1 error`, `2 errors`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
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
            ("call `go({ a })` now", 14, 0, 0, "call\n`go({ a })`\nnow"),
            ("one ` tick", 6, 0, 0, "one `\ntick"),
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
    fn long_masks_are_shortened() {
        for (text, expected) in [
            ("a = '***';", "a = '***';"),
            ("'**********' **********x", "'********' ********x"),
            ("\u{b7}\u{b7}*******\u{2022}", "\u{b7}\u{b7}******"),
        ] {
            assert_eq!(without(text, &long_masks(text)), expected);
        }
    }

    #[test]
    fn paths_lose_their_beginning() {
        for (path, width, expected) in [("a/b/c.ts", 8, "a/b/c.ts"), ("a/bcdef/c.ts", 8, "…/c.ts"), ("a/bcdefghij.ts", 8, "…ghij.ts")] {
            assert_eq!(shorten_path(path, width, "…"), expected);
        }
    }

    #[test]
    fn shortens_with_an_ellipsis() {
        assert_eq!(shorten("abcdef", 6, "…"), "abcdef");
        assert_eq!(shorten("abcdefg", 6, "…"), "abcde…");
        for (focus, expected) in [(0, "abcdefg…"), (3, "abcdefg…"), (5, "…efghij…"), (13, "…jklmnop"), (99, "…jklmnop")] {
            assert_eq!(shorten_around("abcdefghijklmnop", focus, 8, "…"), expected, "{focus}");
        }
        assert_eq!(shorten_around("const response = await fetch(url)", 23, 25, "…"), "…= await fetch(url)");
    }
}
