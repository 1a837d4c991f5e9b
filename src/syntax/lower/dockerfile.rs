//! Lowering of a Dockerfile's variables, `ARG` and `ENV`, to one object of literals; everything else of the file is left out.
//!
//! `ENV A=1 B="two words"`, the old `ENV A rest of the line` and `ARG A=1`, in any letter case, with continued lines. An `ARG` without a
//! default has its value from whoever builds the image: it is [`ExprKind::Unknown`]. Nothing is expanded: `$A` stays as text.

use crate::hir::{ExprKind, Language, Literal, Module, Name, Property, PropertyKey};
use crate::source::Span;

/// Lowers a Dockerfile. The module's value is an object with one entry a variable, in file order, repeated names included; keys span the
/// name, literals the value without quotes around it.
#[must_use]
pub fn lower(text: &str) -> Module {
    let mut module = Module::new(Language::Dockerfile);
    let mut properties = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = instruction_end(text, at);
        let line = text.get(at..end).unwrap_or("");
        let start = at + line.len() - line.trim_start().len();
        let word = line.trim_start().split(char::is_whitespace).next().unwrap_or("");
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        if is("ARG") || is("ENV") {
            variables(text, start + word.len(), end, is("ENV"), &mut module, &mut properties);
        }
        at = end + 1;
    }
    let object = module.expr(Span::new(0, text.len()), ExprKind::Object(properties));
    module.value = Some(object);
    module
}

/// The end of the instruction that starts at `from`: the first line end that no backslash continues. Comment lines inside are skipped over.
fn instruction_end(text: &str, from: usize) -> usize {
    let mut at = from;
    let mut continues = false;
    while let Some(step) = text.as_bytes().get(at..).and_then(|rest| memchr::memchr(b'\n', rest)) {
        let line = text.get(at..at + step).unwrap_or("").trim();
        let is_comment = line.starts_with('#');
        if !(line.ends_with('\\') && !is_comment || continues && is_comment) {
            return at + step;
        }
        continues = true;
        at += step + 1;
    }
    text.len()
}

/// The variables between `from` and `end`.
fn variables(text: &str, from: usize, end: usize, is_env: bool, module: &mut Module, properties: &mut Vec<Property>) {
    let bytes = text.as_bytes();
    let byte = |at: usize| if at < end { bytes.get(at).copied() } else { None };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut at = from;
    let mut first = true;
    while at < end {
        let start = at;
        while byte(at).is_some_and(is_name) {
            at += 1;
        }
        if at == start {
            // A comment line among continued ones.
            let opens_line = text.get(from..at).is_some_and(|before| before.trim_end_matches([' ', '\t']).ends_with('\n'));
            at = match byte(at) {
                Some(b'#') if opens_line => text.get(at..end).and_then(|rest| rest.find('\n')).map_or(end, |step| at + step),
                _ => at + 1,
            };
            continue;
        }
        let name = Span::new(start, at);
        let value = match byte(at) {
            Some(b'=') => {
                let (value, next) = value(text, at + 1, end);
                at = next;
                Some(value)
            }
            // The old form: one variable, its value the rest of the line.
            Some(_) if is_env && first => {
                let rest = text.get(at..end).unwrap_or("");
                let lead = rest.len() - rest.trim_start().len();
                let value = Span::new(at + lead, at + lead + rest.trim().len());
                at = end;
                Some(value)
            }
            _ => None,
        };
        first = false;
        let kind = value.map_or(ExprKind::Unknown(Vec::new()), |value| {
            ExprKind::Literal(Literal::String(text.get(value.range()).unwrap_or("").into()))
        });
        let expr = module.expr(value.unwrap_or(name), kind);
        let key = PropertyKey::Name(Name::from(text.get(name.range()).unwrap_or("")), name);
        properties.push(Property::Value { key, value: expr });
    }
}

/// A value from `from` on: its span without quotes, and where it ends.
fn value(text: &str, from: usize, end: usize) -> (Span, usize) {
    let bytes = text.as_bytes();
    let quote = bytes.get(from).copied().filter(|quote| matches!(quote, b'"' | b'\'') && from < end);
    let mut at = from + usize::from(quote.is_some());
    while at < end {
        match bytes.get(at) {
            Some(b'\\') if quote != Some(b'\'') => at += 1,
            found if quote.is_some() && found.copied() == quote => return (Span::new(from + 1, at), at + 1),
            Some(found) if quote.is_none() && found.is_ascii_whitespace() => break,
            _ => {}
        }
        at += 1;
    }
    let at = at.min(end);
    (Span::new(from + usize::from(quote.is_some()), at), at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<(String, Option<String>)> {
        let module = lower(text);
        let ExprKind::Object(properties) = &module[module.value.unwrap()].kind else { panic!("not an object") };
        let entry = |property: &Property| match property {
            Property::Value { key: PropertyKey::Name(name, span), value } => {
                assert_eq!(&text[span.range()], &**name);
                let value = match &module[*value].kind {
                    ExprKind::Literal(_) => Some(text[module[*value].span.range()].to_owned()),
                    _ => None,
                };
                (name.to_string(), value)
            }
            other => panic!("{other:?}"),
        };
        properties.iter().map(entry).collect()
    }

    #[test]
    fn variables_are_read_in_every_form() {
        for (text, expected) in [
            ("FROM node\nARG A\nARG B=1\n", vec![("A", None), ("B", Some("1"))]),
            ("env A=1 B=\"two words\" \\\n  # note\n  C='x'\nRUN y", vec![("A", Some("1")), ("B", Some("two words")), ("C", Some("x"))]),
            ("ENV A the rest\r\nENV B=$A\r\n", vec![("A", Some("the rest")), ("B", Some("$A"))]),
            ("ARG A B=2", vec![("A", None), ("B", Some("2"))]),
            ("# ENV A=1\nRUN ENV=1\n", vec![]),
            ("ENV A=\"open", vec![("A", Some("open"))]),
            ("ENV", vec![]),
            ("", vec![]),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(name, value)| (name.to_owned(), value.map(str::to_owned))).collect();
            assert_eq!(entries(text), expected, "{text:?}");
        }
    }
}
