//! Lowering of YAML to object, list and literal expressions.
//!
//! The parser gives events with places, so what stands before an error is kept and nothing recurses. Aliases are not expanded: what an
//! anchor holds stands at the anchor, and a file of a few bytes could otherwise grow without bound.

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::hir::{Element, ExprId, ExprKind, Language, Literal, Module, Name, Property, PropertyKey, SyntaxProblem, SyntaxProblemKind};
use crate::source::Span;

/// How deep lists and mappings may nest: as deep as JSON may.
const DEPTH: usize = 250;

/// A node whose end has not come yet.
enum Open {
    Mapping {
        start: usize,
        properties: Vec<Property>,
        /// The key whose value comes next.
        key: Key,
    },
    Sequence {
        start: usize,
        elements: Vec<Element>,
    },
}

/// What stands before the value that comes next.
enum Key {
    /// Nothing: the next node is a key.
    Awaited,
    /// A key.
    Known(Name, Span),
    /// A key that is no text; its value is kept for its children only.
    Other,
}

/// Lowers a YAML file. The module's value is the document, or a list of the documents when there are several; keys and literals span
/// their text with quotes, if they have any. What stands behind an error is left out.
#[must_use]
pub fn lower(text: &str) -> Module {
    let mut module = Module::new(Language::Yaml);
    let base = text.len() - text.strip_prefix('\u{FEFF}').unwrap_or(text).len();
    let body = text.get(base..).unwrap_or("");
    let places = Places::of(body, base);
    let mut open: Vec<Open> = Vec::new();
    let mut documents: Vec<ExprId> = Vec::new();
    for event in Parser::new_from_str(body) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = places.byte(error.marker().index());
                module.problems.push(SyntaxProblem { span: Span::new(at, at), kind: SyntaxProblemKind::SyntaxError });
                break;
            }
        };
        let (start, end) = (places.byte(span.start.index()), places.byte(span.end.index()));
        match event {
            Event::Scalar(value, style, ..) => {
                let span = trimmed(text, start, end, style);
                if let Some(Open::Mapping { key: key @ Key::Awaited, .. }) = open.last_mut() {
                    *key = Key::Known(value.as_ref().into(), span);
                } else {
                    let literal = if style == ScalarStyle::Plain { plain(&value) } else { Literal::String(value.as_ref().into()) };
                    let expr = module.expr(span, ExprKind::Literal(literal));
                    add(&mut open, &mut documents, expr);
                }
            }
            Event::Alias(_) => {
                let expr = module.expr(Span::new(start, end), ExprKind::Unknown(Vec::new()));
                add(&mut open, &mut documents, expr);
            }
            Event::MappingStart(..) | Event::SequenceStart(..) if open.len() >= DEPTH => {
                module.problems.push(SyntaxProblem { span: Span::new(start, start), kind: SyntaxProblemKind::TooDeep });
                break;
            }
            Event::MappingStart(..) => open.push(Open::Mapping { start, properties: Vec::new(), key: Key::Awaited }),
            Event::SequenceStart(..) => open.push(Open::Sequence { start, elements: Vec::new() }),
            Event::MappingEnd | Event::SequenceEnd => close(&mut module, &mut open, &mut documents, end),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
        }
    }
    while !open.is_empty() {
        close(&mut module, &mut open, &mut documents, text.len());
    }
    module.value = match documents.as_slice() {
        [] => None,
        [only] => Some(*only),
        _ => {
            let elements = documents.iter().map(|expr| Element { expr: *expr, spread: false }).collect();
            Some(module.expr(Span::new(base, text.len()), ExprKind::Array(elements)))
        }
    };
    module
}

/// Ends the innermost open node.
fn close(module: &mut Module, open: &mut Vec<Open>, documents: &mut Vec<ExprId>, end: usize) {
    let Some(node) = open.pop() else { return };
    let (start, kind) = match node {
        Open::Mapping { start, properties, .. } => (start, ExprKind::Object(properties)),
        Open::Sequence { start, elements } => (start, ExprKind::Array(elements)),
    };
    let expr = module.expr(Span::new(start, end), kind);
    add(open, documents, expr);
}

/// Puts a finished node into the one around it.
fn add(open: &mut [Open], documents: &mut Vec<ExprId>, expr: ExprId) {
    match open.last_mut() {
        None => documents.push(expr),
        Some(Open::Sequence { elements, .. }) => elements.push(Element { expr, spread: false }),
        Some(Open::Mapping { properties, key, .. }) => match std::mem::replace(key, Key::Awaited) {
            Key::Awaited => *key = Key::Other,
            Key::Known(name, span) => properties.push(Property::Value { key: PropertyKey::Name(name, span), value: expr }),
            Key::Other => properties.push(Property::Spread(expr)),
        },
    }
}

/// What a scalar without quotes is.
fn plain(value: &str) -> Literal {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => Literal::Null,
        "true" | "True" | "TRUE" => Literal::Bool(true),
        "false" | "False" | "FALSE" => Literal::Bool(false),
        _ => {
            // A number that is written in its shortest form; `007` and long digits may as well be a password.
            let number = value.parse::<f64>().ok().filter(|number| number.to_string() == value);
            number.map_or_else(|| Literal::String(value.into()), Literal::Number)
        }
    }
}

/// The span of a scalar without its quotes, and without the blanks and comments that the scanner counts to it.
fn trimmed(text: &str, start: usize, end: usize, style: ScalarStyle) -> Span {
    let raw = text.get(start..end).unwrap_or("");
    let quote = match style {
        ScalarStyle::SingleQuoted => b'\'',
        ScalarStyle::DoubleQuoted => b'"',
        _ => return Span::new(start, start + raw.trim_end().len()),
    };
    let bytes = raw.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        let escapes = (quote == b'"' && *byte == b'\\') || (quote == b'\'' && *byte == quote && bytes.get(at + 1) == Some(&quote));
        if *byte == quote && !escapes {
            break;
        }
        at += if escapes { 2 } else { 1 };
    }
    Span::new(start + 1, start + at.min(raw.len()))
}

/// From the parser's places, which count characters, to bytes.
struct Places {
    base: usize,
    length: usize,
    /// Empty when every character is one byte.
    bytes: Vec<u32>,
}

impl Places {
    fn of(body: &str, base: usize) -> Self {
        let bytes = if body.is_ascii() { Vec::new() } else { body.char_indices().map(|(at, _)| Span::new(at, at).start).collect() };
        Self { base, length: body.len(), bytes }
    }

    fn byte(&self, character: usize) -> usize {
        let at = if self.bytes.is_empty() {
            character.min(self.length)
        } else {
            self.bytes.get(character).map_or(self.length, |at| *at as usize)
        };
        self.base + at
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// The value, printed back; each literal and key by the text that its span covers.
    fn show(text: &str, module: &Module, id: ExprId) -> String {
        let raw = &text[module[id].span.range()];
        match &module[id].kind {
            ExprKind::Literal(Literal::String(value)) if &**value == raw => raw.to_owned(),
            ExprKind::Literal(Literal::String(value)) => format!("{raw:?}={value:?}"),
            ExprKind::Literal(Literal::Number(_)) => format!("#{raw}"),
            ExprKind::Literal(Literal::Bool(_)) => format!("?{raw}"),
            ExprKind::Literal(Literal::Null) => "null".to_owned(),
            ExprKind::Unknown(_) => format!("*{raw}"),
            ExprKind::Array(elements) => {
                format!("[{}]", elements.iter().map(|element| show(text, module, element.expr)).collect::<Vec<_>>().join(", "))
            }
            ExprKind::Object(properties) => {
                let property = |property: &Property| match property {
                    Property::Value { key: PropertyKey::Name(name, span), value } => {
                        assert_eq!(&text[span.range()], &**name);
                        format!("{name}: {}", show(text, module, *value))
                    }
                    Property::Spread(value) => format!("...{}", show(text, module, *value)),
                    other => panic!("{other:?}"),
                };
                format!("{{{}}}", properties.iter().map(property).collect::<Vec<_>>().join(", "))
            }
            other => panic!("{other:?}"),
        }
    }

    fn lowered(text: &str) -> String {
        let module = lower(text);
        module.value.map_or("none".to_owned(), |value| show(text, &module, value))
    }

    #[test]
    fn yaml_lowers_with_exact_spans() {
        for (text, expected) in [
            ("a: b\nc:\n  - 1\n  - true\n  -\n", "{a: b, c: [#1, ?true, null]}"),
            ("\u{FEFF}ä: 'ö ü'\r\nb: \"c\\n\" # d\r\n", "{ä: ö ü, b: \"c\\\\n\"=\"c\\n\"}"),
            ("env: {A: b, C: \"d\"}\n", "{env: {A: b, C: d}}"),
            ("a: b   # comment\nc: 007\n", "{a: b, c: 007}"),
            ("x: &e\n  A: 1\ny:\n  <<: *e\n  B: c\n", "{x: {A: #1}, y: {<<: **e, B: c}}"),
            ("a: 1\n---\nb: 2\n", "[{a: #1}, {b: #2}]"),
            ("? [a, b]\n: c\nd: e\n", "{...c, d: e}"),
            ("'a': ${{ secrets.X }}\n", "{a: ${{ secrets.X }}}"),
            ("", "none"),
            ("just text", "just text"),
        ] {
            assert_eq!(lowered(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_error_costs_what_follows_it() {
        for (text, expected) in
            [("a: b\nc: [1,\n", "{a: b, c: [#1]}"), ("a: b\nc: @d\n", "{a: b"), ("a: b\nc: {{ .Values.x }}: y\n", "{a: b")]
        {
            let shown = lowered(text);
            assert!(shown.starts_with(expected), "{text:?}: {shown}");
        }
    }

    #[test]
    fn hostile_texts_end_soon() {
        let deep = "[".repeat(100_000);
        let bomb = "a: &a [x,x,x]\n".to_owned() + &"b: [*a,*a,*a]\n".repeat(10_000);
        let wide = "- a: b\n".repeat(100_000);
        for text in [deep, bomb, wide, "a: ".repeat(50_000), "? ".repeat(50_000), "- ".repeat(50_000), "{a: ".repeat(50_000)] {
            let start = std::time::Instant::now();
            let _ = lower(&text);
            assert!(start.elapsed().as_secs() < 10, "{text:.20}");
        }
    }
}
