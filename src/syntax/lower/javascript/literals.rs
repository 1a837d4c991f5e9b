//! Identifiers, strings, templates and numbers, and the template holes inside them.

use super::grammar::{Kind, Syntax};
use super::{Hole, Lowering, escapes};
use crate::hir::{ExprId, ExprKind, Literal, Name};
use crate::source::Span;

/// How the text of a literal is to be read.
#[derive(Debug, Clone, Copy)]
enum Reading {
    /// With backslash escapes.
    Escapes,
    /// With character references.
    References,
}

impl<'t> Lowering<'_, 't> {
    /// An identifier, or the hole that stands in its place.
    pub(super) fn identifier(&mut self, node: Syntax<'t>) -> ExprId {
        let span = node.span();
        let kind = match self.input.holes_in(span) {
            [] => ExprKind::Ident(self.name(node)),
            [hole] if hole.span == span => ExprKind::TemplateHole(hole.text.clone()),
            // Holes glued to each other or to letters make one value.
            _ => ExprKind::TemplateHole(self.name(node)),
        };
        self.module.expr(span, kind)
    }

    /// A string literal.
    pub(super) fn string(&mut self, node: Syntax<'t>) -> ExprId {
        self.quoted(node, Reading::Escapes)
    }

    /// The string of a JSX attribute.
    pub(super) fn jsx_string(&mut self, node: Syntax<'t>) -> ExprId {
        self.quoted(node, Reading::References)
    }

    fn quoted(&mut self, node: Syntax<'t>, reading: Reading) -> ExprId {
        let inner = self.between_quotes(node.span());
        if self.input.holes_in(inner).is_empty() {
            let value = self.read(inner, reading);
            return self.module.expr(node.span(), ExprKind::Literal(Literal::String(value)));
        }
        let mut parts = Parts::new(inner);
        self.text_parts(inner, reading, &mut parts);
        let kind = self.finish(parts, reading);
        self.module.expr(node.span(), kind)
    }

    /// A template literal.
    pub(super) fn template(&mut self, node: Syntax<'t>) -> ExprId {
        let children = self.children(node);
        let inner = self.between_quotes(node.span());
        let mut parts = Parts::new(inner);
        for substitution in children.0.into_iter().filter(|child| child.kind == Kind::TemplateSubstitution) {
            let span = substitution.span();
            self.text_parts(Span { start: parts.at.min(span.start), end: span.start }, Reading::Escapes, &mut parts);
            let inside = self.children(substitution).expression();
            let expr = match inside {
                Some(inside) => self.expr(inside),
                None => self.unknown(span),
            };
            self.cut(&mut parts, span, expr, Reading::Escapes);
        }
        self.text_parts(Span { start: parts.at.min(inner.end), end: inner.end }, Reading::Escapes, &mut parts);
        let kind = self.finish(parts, Reading::Escapes);
        self.module.expr(node.span(), kind)
    }

    /// The value of a string where a name is wanted (a specifier, a quoted key).
    pub(super) fn string_name(&mut self, node: Syntax<'t>) -> Name {
        let inner = self.between_quotes(node.span());
        self.read(inner, Reading::Escapes)
    }

    /// The span without the quotes or back ticks; a missing closing quote is forgiven.
    pub(super) fn between_quotes(&self, span: Span) -> Span {
        let bytes = self.slice(span).as_bytes();
        let (Some(first @ (b'"' | b'\'' | b'`')), Some(last)) = (bytes.first(), bytes.last()) else { return span };
        let closing = u32::from(bytes.len() > 1 && first == last);
        Span { start: span.start + 1, end: span.end - closing }
    }

    fn read(&mut self, span: Span, reading: Reading) -> Name {
        let raw = self.slice(span);
        let value = match reading {
            Reading::Escapes => escapes::cook(raw),
            Reading::References => escapes::decode_references(raw),
        };
        self.intern(&value)
    }

    /// Splits a stretch of literal text at its holes.
    fn text_parts(&mut self, text: Span, reading: Reading, parts: &mut Parts) {
        let holes: Vec<Hole> = self.input.holes_in(text).iter().map(|hole| (*hole).clone()).collect();
        for hole in holes {
            let expr = self.module.expr(hole.span, ExprKind::TemplateHole(hole.text));
            self.cut(parts, hole.span, expr, reading);
        }
    }

    /// Ends the running text at a part that is not text.
    fn cut(&mut self, parts: &mut Parts, part: Span, expr: ExprId, reading: Reading) {
        let text = Span { start: parts.at.min(part.start), end: part.start };
        let value = self.read(text, reading);
        parts.quasis.push((value, text));
        parts.exprs.push(expr);
        parts.at = part.end;
    }

    fn finish(&mut self, mut parts: Parts, reading: Reading) -> ExprKind {
        let text = Span { start: parts.at.min(parts.end), end: parts.end };
        let value = self.read(text, reading);
        parts.quasis.push((value, text));
        ExprKind::Template { quasis: parts.quasis, exprs: parts.exprs }
    }

    /// A number.
    pub(super) fn number(&mut self, node: Syntax<'t>) -> ExprId {
        let value = number(self.slice(node.span())).map_or(Literal::Other, Literal::Number);
        self.module.expr(node.span(), ExprKind::Literal(value))
    }
}

/// The parts of a template while it is taken apart.
#[derive(Debug)]
struct Parts {
    quasis: Vec<(Name, Span)>,
    exprs: Vec<ExprId>,
    /// Where the running text starts.
    at: u32,
    /// Where the template's text ends.
    end: u32,
}

impl Parts {
    fn new(inner: Span) -> Self {
        Self { quasis: Vec::new(), exprs: Vec::new(), at: inner.start, end: inner.end }
    }
}

/// The value of a numeric literal; none for a big integer.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits: String = text.chars().filter(|character| *character != '_').collect();
    let prefix = digits.get(..2).unwrap_or("").to_ascii_lowercase();
    let radix = match prefix.as_str() {
        "0x" => 16,
        "0o" => 8,
        "0b" => 2,
        _ => 10,
    };
    if radix != 10 {
        return in_radix(digits.get(2..)?, radix);
    }
    // A leading zero means octal in sloppy scripts, unless a digit says otherwise.
    if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')) {
        return in_radix(&digits, 8);
    }
    digits.parse().ok()
}

fn in_radix(digits: &str, radix: u32) -> Option<f64> {
    digits.chars().try_fold(0.0, |value, digit| Some(value * f64::from(radix) + f64::from(digit.to_digit(radix)?)))
}
