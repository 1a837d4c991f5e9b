//! Lowering of dotenv files to one object of string literals.
//!
//! There is no standard; this is the common ground of the `dotenv` packages: `KEY=value` lines with an optional `export`,
//! values bare, `'single'`, `"double"` or `` `back-tick` `` quoted, quoted values over several lines, `#` comments (in a bare
//! value only after a blank). Interpolations such as `${OTHER}` stay as text: nothing is evaluated.

use crate::hir::{ExprKind, Language, Literal, Module, Name, Property, PropertyKey, SyntaxProblem, SyntaxProblemKind};
use crate::source::Span;

/// Lowers a dotenv file. The module's value is an object with one string literal an entry, in file order, a repeated key
/// included; a key's span is the key, a literal's span is the value without its quotes.
#[must_use]
pub fn lower(text: &str) -> Module {
    let mut module = Module::new(Language::Dotenv);
    let mut properties = Vec::new();
    let mut at = text.len() - text.strip_prefix('\u{FEFF}').unwrap_or(text).len();
    while at < text.len() {
        let line_end = line_end(text, at);
        let entry = entry(text, at, line_end);
        at = line_end + 1;
        match entry {
            Line::Blank => {}
            Line::Broken(span) => module.problems.push(SyntaxProblem { span, kind: SyntaxProblemKind::SyntaxError }),
            Line::Entry { key, value, cooked, end } => {
                let name = Name::from(text.get(key.range()).unwrap_or(""));
                let value = module.expr(value, ExprKind::Literal(Literal::String(cooked)));
                properties.push(Property::Value { key: PropertyKey::Name(name, key), value });
                at = end;
            }
        }
    }
    let object = module.expr(Span::new(0, text.len()), ExprKind::Object(properties));
    module.value = Some(object);
    module
}

enum Line {
    Blank,
    Broken(Span),
    Entry {
        key: Span,
        value: Span,
        cooked: Name,
        /// Where the next line starts.
        end: usize,
    },
}

/// The place of the `quote` that closes the string whose content starts at `from`. When there is none, no later value can
/// start with that quote, so this reads a file at most once for each kind of quote in vain.
fn closing_quote(text: &str, quote: u8, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at += memchr::memchr2(quote, b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&quote) {
            return Some(at);
        }
        // Only a double-quoted value has escapes: a Windows path in single quotes may end in a backslash.
        at += if quote == b'"' { 2 } else { 1 };
    }
}

fn line_end(text: &str, from: usize) -> usize {
    text.as_bytes().get(from..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(text.len(), |step| from + step)
}

fn entry(text: &str, start: usize, line_end: usize) -> Line {
    let line = text.get(start..line_end).unwrap_or("");
    let mut body = line.trim();
    if body.is_empty() || body.starts_with('#') {
        return Line::Blank;
    }
    let whole = span_of(text, body);
    if let Some(rest) = body.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])) {
        body = rest.trim_start();
    }
    let is_key = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-');
    let key = body.get(..body.find(|character| !is_key(character)).unwrap_or(body.len())).unwrap_or("");
    let rest = body.get(key.len()..).unwrap_or("").trim_start();
    // `KEY: value` is accepted by the Node package; a bare `export KEY` names a variable without giving it a value.
    let Some(value) = rest.strip_prefix(['=', ':']).filter(|_| !key.is_empty()) else {
        return Line::Broken(whole);
    };
    let value = value.trim_start();
    let value_start = span_of(text, value).range().start;
    let key = span_of(text, key);
    if let Some(quote @ (b'"' | b'\'' | b'`')) = value.bytes().next()
        && let Some(close) = closing_quote(text, quote, value_start + 1)
    {
        let span = Span::new(value_start + 1, close);
        let raw = text.get(span.range()).unwrap_or("");
        let cooked = if quote == b'"' { unescape(raw) } else { raw.replace("\r\n", "\n") };
        return Line::Entry { key, value: span, cooked: cooked.into(), end: self::line_end(text, close) + 1 };
    }
    let bare = value.get(..comment_start(value)).unwrap_or(value).trim_end();
    Line::Entry { key, value: span_of(text, bare), cooked: bare.into(), end: line_end + 1 }
}

/// Where the comment of a bare value starts: at a `#` that starts it or follows a blank.
fn comment_start(value: &str) -> usize {
    let bytes = value.as_bytes();
    memchr::memchr_iter(b'#', bytes)
        .find(|at| at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(u8::is_ascii_whitespace))
        .unwrap_or(bytes.len())
}

fn unescape(raw: &str) -> String {
    let mut cooked = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some('n')) => cooked.push('\n'),
            ('\\', Some('r')) => cooked.push('\r'),
            ('\\', Some('t')) => cooked.push('\t'),
            ('\\', Some(quote @ ('"' | '\\' | '$'))) => cooked.push(*quote),
            ('\r', Some('\n')) => continue,
            _ => {
                cooked.push(character);
                continue;
            }
        }
        characters.next();
    }
    cooked
}

/// The span of a slice of `text`.
fn span_of(text: &str, part: &str) -> Span {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    Span::new(start, start + part.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// Key text, cooked value and value text of every entry.
    fn entries(text: &str) -> Vec<(String, String, String)> {
        let module = lower(text);
        let ExprKind::Object(properties) = &module[module.value.unwrap()].kind else { panic!("not an object") };
        let entry = |property: &Property| match property {
            Property::Value { key: PropertyKey::Name(name, span), value } => {
                assert_eq!(&text[span.range()], &**name);
                match &module[*value].kind {
                    ExprKind::Literal(Literal::String(cooked)) => {
                        (name.to_string(), cooked.to_string(), text[module[*value].span.range()].to_owned())
                    }
                    other => panic!("{other:?}"),
                }
            }
            other => panic!("{other:?}"),
        };
        properties.iter().map(entry).collect()
    }

    #[test]
    fn values_are_read_as_the_packages_read_them() {
        let cases = [
            ("A=b", "b", "b"),
            ("A=", "", ""),
            ("A=\r\n", "", ""),
            ("A = b c  \r\n", "b c", "b c"),
            ("export A=b", "b", "b"),
            ("  export\tA='b # c' # d", "b # c", "b # c"),
            ("A=\"b\\n\\\"c\\\"\"", "b\n\"c\"", "b\\n\\\"c\\\""),
            ("A=\"\"", "", ""),
            ("A=b#c", "b#c", "b#c"),
            ("A=b #c", "b", "b"),
            ("A=#c", "", ""),
            ("A=\"x\r\ny\" # z", "x\ny", "x\r\ny"),
            ("A='C:\\dir\\'", "C:\\dir\\", "C:\\dir\\"),
            ("A=${B}/x", "${B}/x", "${B}/x"),
            ("A=\"open", "\"open", "\"open"),
            ("A=a=b", "a=b", "a=b"),
            ("\u{FEFF}A=b", "b", "b"),
            ("A: b", "b", "b"),
            ("A=`b\"'`", "b\"'", "b\"'"),
            ("A=größe", "größe", "größe"),
        ];
        for (text, cooked, raw) in cases {
            assert_eq!(entries(text), [("A".to_owned(), cooked.to_owned(), raw.to_owned())], "{text:?}");
        }
    }

    #[test]
    fn entries_keep_their_order_and_a_multi_line_value_hides_what_stands_in_it() {
        let keys: Vec<String> = entries("# head\nA=1\n\nB=\"x\nC=2\n\"\nD=3\nA=4\n").into_iter().map(|(key, ..)| key).collect();
        assert_eq!(keys, ["A", "B", "D", "A"]);
    }

    #[test]
    fn a_line_that_is_no_entry_is_a_problem_and_loses_only_itself() {
        let text = "A=1\n<<<<<<< HEAD\n=x\nexport B\nC=2";
        let module = lower(text);
        let broken: Vec<&str> = module.problems.iter().map(|problem| &text[problem.span.range()]).collect();
        assert_eq!(broken, ["<<<<<<< HEAD", "=x", "export B"]);
        assert_eq!(entries(text).len(), 2);
    }

    #[test]
    fn quotes_that_never_close_cost_linear_time() {
        let text = "A=\"b\\\"\n".repeat(400_000) + &"B=c\n".repeat(400_000) + "C='d\nD=`e\n";
        let start = std::time::Instant::now();
        assert!(entries(&text).len() >= 400_002);
        assert!(start.elapsed().as_secs() < 10);
    }
}
