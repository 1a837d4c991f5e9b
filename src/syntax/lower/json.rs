//! Lowering of JSON to object, array and literal expressions.
//!
//! Parsing is `jsonc-parser`'s, with everything of JSONC and JSON5 allowed that it allows: configuration files of all
//! dialects come under the name `.json`. It gives up at the first error; what stands before the error is then parsed once
//! more with its open brackets closed, so that a conflict marker or a half-typed line costs only what follows it.

use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::hir::{Element, ExprId, ExprKind, Language, Literal, Module, Property, PropertyKey, SyntaxProblem, SyntaxProblemKind};
use crate::source::Span;

/// Lowers a JSON file. The module's value is the root value; keys span their text without quotes, string literals span
/// their quotes too. There is no value when nothing could be parsed.
#[must_use]
pub fn lower(text: &str) -> Module {
    let mut module = Module::new(Language::Json);
    let base = text.len() - text.strip_prefix('\u{FEFF}').unwrap_or(text).len();
    let body = text.get(base..).unwrap_or("");
    module.value = match parse(body) {
        Ok(value) => value.map(|value| lower_value(&mut module, &value, base)),
        Err(error) => {
            let span = Span::new(base + error.range().start, base + error.range().end);
            let kind = match error.kind() {
                ParseErrorKind::NestingDepthExceeded => SyntaxProblemKind::TooDeep,
                _ => SyntaxProblemKind::SyntaxError,
            };
            module.problems.push(SyntaxProblem { span, kind });
            let repaired = close_brackets(body, error.range().start);
            // The rest of a too deep text is as deep once its brackets are closed.
            let value = if kind == SyntaxProblemKind::TooDeep { None } else { parse(&repaired).ok().flatten() };
            let lowered = value.map(|value| lower_value(&mut module, &value, base));
            // Brackets that were added stand behind the end of the text.
            let end = Span::new(text.len(), text.len()).end;
            for expr in &mut module.exprs {
                expr.span = Span { start: expr.span.start.min(end), end: expr.span.end.min(end) };
            }
            lowered
        }
    };
    module
}

/// Parses one JSON value, tolerantly; none for an empty text. The parser bounds its own nesting (512 open places, two an
/// object level) and reports what is deeper, so its trees are safe to walk recursively.
///
/// # Errors
///
/// The first syntax error.
pub(super) fn parse(text: &str) -> Result<Option<Value<'_>>, ParseError> {
    Ok(parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default())?.value)
}

fn lower_value(module: &mut Module, value: &Value<'_>, base: usize) -> ExprId {
    let span = Span::new(base + value.start(), base + value.end());
    let kind = match value {
        Value::StringLit(string) => ExprKind::Literal(Literal::String(string.value.as_ref().into())),
        Value::NumberLit(number) => ExprKind::Literal(number.value.parse().map_or(Literal::Other, Literal::Number)),
        Value::BooleanLit(boolean) => ExprKind::Literal(Literal::Bool(boolean.value)),
        Value::NullKeyword(_) => ExprKind::Literal(Literal::Null),
        Value::Array(array) => {
            let element = |value| Element { expr: lower_value(module, value, base), spread: false };
            ExprKind::Array(array.elements.iter().map(element).collect())
        }
        Value::Object(object) => {
            let property = |property: &jsonc_parser::ast::ObjectProp<'_>| {
                let quotes = usize::from(matches!(property.name, ObjectPropName::String(_)));
                let name = property.name.range();
                let span = Span::new(base + name.start + quotes, base + name.end - quotes);
                let key = PropertyKey::Name(property.name.as_str().into(), span);
                Property::Value { key, value: lower_value(module, &property.value, base) }
            };
            ExprKind::Object(object.properties.iter().map(property).collect())
        }
    };
    module.expr(span, kind)
}

/// `text` up to the last whole value before `error`, with its open brackets closed. All offsets stay those of `text`.
fn close_brackets(text: &str, error: usize) -> String {
    let bytes = text.as_bytes();
    let mut open: Vec<u8> = Vec::new();
    // The last place where cutting leaves whole values only, and how many brackets are open there.
    let mut cut = (0, 0);
    let mut at = 0;
    while at < error {
        let Some(&byte) = bytes.get(at) else { break };
        match byte {
            b'{' | b'[' => {
                open.push(if byte == b'{' { b'}' } else { b']' });
                cut = (at + 1, open.len());
            }
            b'}' | b']' => {
                open.pop();
                cut = (at + 1, open.len());
            }
            b',' => cut = (at, open.len()),
            b'"' | b'\'' => at = string_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'/') => at = find(bytes, b"\n", at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = find(bytes, b"*/", at + 2) + 1,
            _ => {}
        }
        at += 1;
    }
    open.truncate(cut.1);
    let mut repaired = text.get(..cut.0).unwrap_or("").to_owned();
    repaired.extend(open.iter().rev().map(|bracket| char::from(*bracket)));
    repaired
}

/// The closing quote of the string that starts at `start`, or the end of the text.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes.get(start).copied().unwrap_or(b'"');
    let mut at = start + 1;
    while let Some(step) = bytes.get(at..).and_then(|rest| memchr::memchr2(quote, b'\\', rest)) {
        at += step;
        if bytes.get(at) == Some(&quote) {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

fn find(bytes: &[u8], needle: &[u8], from: usize) -> usize {
    bytes.get(from..).and_then(|rest| memchr::memmem::find(rest, needle)).map_or(bytes.len(), |step| from + step)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// The module's value, printed back, with the text behind each string literal and key checked.
    fn show(text: &str, module: &Module, id: ExprId) -> String {
        let expr = &module[id];
        let raw = &text[expr.span.range()];
        match &expr.kind {
            ExprKind::Literal(Literal::String(value)) => {
                assert!(raw.len() >= 2 && raw.starts_with(['"', '\'']) && raw.ends_with(['"', '\'']), "{raw}");
                format!("{value:?}")
            }
            ExprKind::Literal(_) => raw.to_owned(),
            ExprKind::Array(elements) => {
                format!("[{}]", elements.iter().map(|element| show(text, module, element.expr)).collect::<Vec<_>>().join(","))
            }
            ExprKind::Object(properties) => {
                let property = |property: &Property| match property {
                    Property::Value { key: PropertyKey::Name(name, span), value } => {
                        format!("{name}<{}>:{}", &text[span.range()], show(text, module, *value))
                    }
                    other => panic!("{other:?}"),
                };
                format!("{{{}}}", properties.iter().map(property).collect::<Vec<_>>().join(","))
            }
            other => panic!("{other:?}"),
        }
    }

    fn lowered(text: &str) -> (String, Vec<SyntaxProblemKind>) {
        let module = lower(text);
        let shown = module.value.map_or("none".to_owned(), |value| show(text, &module, value));
        (shown, module.problems.iter().map(|problem| problem.kind).collect())
    }

    #[test]
    fn json_and_its_dialects_lower_with_exact_spans() {
        let cases = [
            (r#"{"a": "b", "c": [1, true, null]}"#, r#"{a<a>:"b",c<c>:[1,true,null]}"#),
            ("\u{FEFF}{\"a\": \"é\"}", r#"{a<a>:"é"}"#),
            ("// x\n{a: 'b', /* y */ \"c\": 2,}", r#"{a<a>:"b",c<c>:2}"#),
            (r#"{"a\u0062": "c\nd"}"#, r#"{ab<a\u0062>:"c\nd"}"#),
            ("", "none"),
            ("  // only a comment", "none"),
            ("\"x\"", "\"x\""),
        ];
        for (text, expected) in cases {
            assert_eq!(lowered(text), (expected.to_owned(), vec![]), "{text:?}");
        }
    }

    #[test]
    fn an_error_costs_only_what_follows_it() {
        let cases = [
            ("{\"a\": \"b\", \"c\": {\"d\": 1, \"e\": ", "{a<a>:\"b\",c<c>:{d<d>:1}}"),
            ("{\"a\": [1, 2\n<<<<<<< HEAD\n\"b\": 1}", "{a<a>:[1]}"),
            ("{\"a\": \"}\", // {\n \"b\": @}", "{a<a>:\"}\"}"),
            ("{\"a\": 1}\n{\"a\": 2}", "{a<a>:1}"),
            ("{\"a\": 1}}", "{a<a>:1}"),
            ("hello", "none"),
            ("{\"a\": \"unclosed", "{}"),
        ];
        for (text, expected) in cases {
            assert_eq!(lowered(text), (expected.to_owned(), vec![SyntaxProblemKind::SyntaxError]), "{text:?}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for depth in [10_000, 1_000_000] {
                let closed = [open.repeat(depth), "1".to_owned(), close.repeat(depth)].concat();
                assert_eq!(lowered(&closed), ("none".to_owned(), vec![SyntaxProblemKind::TooDeep]));
                let unclosed = lower(&open.repeat(depth));
                assert_eq!(unclosed.problems.len(), 1);
            }
        }
        let fine = ["[".repeat(200), "]".repeat(200)].concat();
        assert_eq!(lowered(&fine).1, []);
    }
}
