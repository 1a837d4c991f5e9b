//! Lowering of TOML to object, list and literal expressions.
//!
//! The parser recovers from errors and bounds its own nesting; entries are put back into the order of the file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::hir::{Element, ExprId, ExprKind, Language, Literal, Module, Property, PropertyKey, SyntaxProblem, SyntaxProblemKind};
use crate::source::Span;

/// Lowers a TOML file. The module's value is its root table; keys and strings span their text without quotes.
#[must_use]
pub fn lower(text: &str) -> Module {
    let mut module = Module::new(Language::Toml);
    let base = text.len() - text.strip_prefix('\u{FEFF}').unwrap_or(text).len();
    let (table, errors) = DeTable::parse_recoverable(text.get(base..).unwrap_or(""));
    for error in errors {
        let span = error.span().unwrap_or_default();
        module.problems.push(SyntaxProblem { span: Span::new(base + span.start, base + span.end), kind: SyntaxProblemKind::SyntaxError });
    }
    let lowering = Lowering { text, base };
    let kind = lowering.table(&mut module, table.get_ref());
    module.value = Some(module.expr(Span::new(base, text.len()), kind));
    module
}

struct Lowering<'t> {
    text: &'t str,
    base: usize,
}

impl Lowering<'_> {
    fn table(&self, module: &mut Module, table: &DeTable<'_>) -> ExprKind {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let property = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            let key = PropertyKey::Name(name.as_ref().into(), self.unquoted(key.span()));
            Property::Value { key, value: self.value(module, value) }
        };
        ExprKind::Object(entries.into_iter().map(property).collect())
    }

    /// The parser bounds the depth.
    fn value(&self, module: &mut Module, value: &Spanned<DeValue<'_>>) -> ExprId {
        let range = value.span();
        let mut span = Span::new(self.base + range.start, self.base + range.end);
        let kind = match value.get_ref() {
            DeValue::String(text) => {
                span = self.unquoted(range);
                ExprKind::Literal(Literal::String(text.as_ref().into()))
            }
            DeValue::Integer(number) => ExprKind::Literal(number.as_str().parse().map_or(Literal::Other, Literal::Number)),
            DeValue::Float(number) => ExprKind::Literal(number.as_str().parse().map_or(Literal::Other, Literal::Number)),
            DeValue::Boolean(value) => ExprKind::Literal(Literal::Bool(*value)),
            DeValue::Datetime(_) => ExprKind::Literal(Literal::Other),
            DeValue::Array(items) => {
                ExprKind::Array(items.iter().map(|item| Element { expr: self.value(module, item), spread: false }).collect())
            }
            DeValue::Table(table) => self.table(module, table),
        };
        module.expr(span, kind)
    }

    /// A span without the quotes around it.
    fn unquoted(&self, range: std::ops::Range<usize>) -> Span {
        let (start, end) = (self.base + range.start, self.base + range.end);
        let raw = self.text.get(start..end).unwrap_or("");
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| raw.starts_with(quote) && raw.ends_with(quote));
        match quotes {
            Some(quote) if raw.len() >= 2 * quote.len() => Span::new(start + quote.len(), end - quote.len()),
            _ => Span::new(start, end),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn show(text: &str, module: &Module, id: ExprId) -> String {
        let raw = &text[module[id].span.range()];
        match &module[id].kind {
            ExprKind::Literal(_) => raw.to_owned(),
            ExprKind::Array(elements) => {
                format!("[{}]", elements.iter().map(|element| show(text, module, element.expr)).collect::<Vec<_>>().join(", "))
            }
            ExprKind::Object(properties) => {
                let property = |property: &Property| match property {
                    Property::Value { key: PropertyKey::Name(name, span), value } => {
                        assert_eq!(&text[span.range()], &**name);
                        format!("{name}: {}", show(text, module, *value))
                    }
                    other => panic!("{other:?}"),
                };
                format!("{{{}}}", properties.iter().map(property).collect::<Vec<_>>().join(", "))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn toml_lowers_in_the_order_of_the_file_with_exact_spans() {
        for (text, expected) in [
            ("b = 'x'\na = \"y\"\n[t.u]\n\"k\" = 1\nl = [true, '''z''']\n", "{b: x, a: y, t: {u: {k: 1, l: [true, z]}}}"),
            ("\u{FEFF}[[e]]\nx = 'ö'\n[[e]]\nx = 2020-01-01\n", "{e: [{x: ö}, {x: 2020-01-01}]}"),
            ("vars = { VITE_X = \"y\" }", "{vars: {VITE_X: y}}"),
            ("", "{}"),
        ] {
            let module = lower(text);
            assert!(module.problems.is_empty(), "{text:?}");
            assert_eq!(show(text, &module, module.value.unwrap()), expected, "{text:?}");
        }
    }

    #[test]
    fn an_error_loses_its_own_corner() {
        let text = "a = 'b'\n<<<<<<< HEAD\nc = 'd'\n";
        let module = lower(text);
        assert!(!module.problems.is_empty());
        assert!(show(text, &module, module.value.unwrap()).contains("a: b"));
    }

    #[test]
    fn hostile_texts_end_soon() {
        for text in [
            format!("a = {}", "[".repeat(100_000)),
            "[a.".repeat(50_000),
            format!("{}b = 1", "a.".repeat(50_000)),
            "a = {a = ".repeat(50_000),
        ] {
            let start = std::time::Instant::now();
            let _ = lower(&text);
            assert!(start.elapsed().as_secs() < 10, "{text:.20}");
        }
    }
}
