//! Strings: plain, formatted, adjacent, `%` and `.format`.

use tree_sitter::Node;

use super::Lowering;
use crate::hir::{ExprId, ExprKind, Literal, Name, Property, PropertyKey};
use crate::source::Span;

/// A text with holes while it is put together.
struct Pieces {
    quasis: Vec<(String, Span)>,
    exprs: Vec<ExprId>,
}

impl Pieces {
    fn new(start: u32) -> Self {
        Self { quasis: vec![(String::new(), Span { start, end: start })], exprs: Vec::new() }
    }

    fn text(&mut self, text: &str, span: Span) {
        if let Some((last, place)) = self.quasis.last_mut() {
            if last.is_empty() {
                place.start = span.start;
            }
            last.push_str(text);
            place.end = span.end;
        }
    }

    fn hole(&mut self, expr: ExprId, span: Span) {
        self.exprs.push(expr);
        self.quasis.push((String::new(), Span { start: span.end, end: span.end }));
    }
}

impl<'t> Lowering<'_, 't> {
    /// A string, or several beside each other, which are one.
    pub(super) fn string(&mut self, node: Node<'t>) -> ExprId {
        let span = Self::span(node);
        let mut pieces = Pieces::new(span.start);
        let parts = if node.kind() == "concatenated_string" { Self::children(node) } else { vec![node] };
        for part in parts {
            self.pieces(part, &mut pieces);
        }
        self.text_of(pieces, span)
    }

    fn text_of(&mut self, pieces: Pieces, span: Span) -> ExprId {
        let kind = if pieces.exprs.is_empty() {
            let text = pieces.quasis.first().map_or("", |(text, _)| text);
            ExprKind::Literal(Literal::String(Name::from(text)))
        } else {
            let quasis = pieces.quasis.into_iter().map(|(text, span)| (Name::from(text), span)).collect();
            ExprKind::Template { quasis, exprs: pieces.exprs }
        };
        self.module.expr(span, kind)
    }

    fn pieces(&mut self, string: Node<'t>, pieces: &mut Pieces) {
        let mut prefix = "";
        for child in Self::children(string) {
            let span = Self::span(child);
            match child.kind() {
                "string_start" => prefix = self.slice(span),
                "string_content" => {
                    let raw = prefix.contains(['r', 'R']);
                    let formatted = prefix.contains(['f', 'F', 't', 'T']);
                    let text = cook(self.slice(span), raw, formatted);
                    pieces.text(&text, span);
                }
                "interpolation" => {
                    let expr = self.expr_in(child, child.child_by_field_name("expression"));
                    pieces.hole(expr, span);
                }
                _ => {}
            }
        }
    }

    /// The plain text of a string without holes, and where it stands.
    fn plain(&mut self, node: Node<'t>) -> Option<(Name, Span)> {
        if !matches!(node.kind(), "string" | "concatenated_string" | "parenthesized_expression") {
            return None;
        }
        let expr = self.expr(node);
        match &self.module[expr].kind {
            ExprKind::Literal(Literal::String(text)) => Some((text.clone(), self.module[expr].span)),
            _ => None,
        }
    }

    /// `"…{}…".format(a, b=c)` as a template. None when it is something else or says more than which value goes where.
    pub(super) fn format_call(&mut self, node: Node<'t>, function: Node<'t>, list: Node<'t>) -> Option<ExprId> {
        let method = function.child_by_field_name("attribute")?;
        let object = function.child_by_field_name("object")?;
        if self.slice(Self::span(method)) != "format"
            || !matches!(object.kind(), "string" | "concatenated_string" | "parenthesized_expression")
        {
            return None;
        }
        let (text, span) = self.plain(object)?;
        let pieces = fields(&text)?;
        let args = self.arguments(list);
        let keywords = self.module.keywords(&args);
        let named = |lowering: &Self, wanted: &str| match keywords.map(|object| &lowering.module[object].kind) {
            Some(ExprKind::Object(properties)) => properties.iter().find_map(|property| match property {
                Property::Value { key: PropertyKey::Name(name, _), value } if &**name == wanted => Some(*value),
                _ => None,
            }),
            _ => None,
        };
        let mut template = Pieces::new(span.start);
        let mut next = 0;
        for piece in pieces {
            match piece {
                Piece::Text(text) => template.text(&text, span),
                Piece::Field(field) => {
                    let index = if field.is_empty() {
                        next += 1;
                        Some(next - 1)
                    } else {
                        field.parse::<usize>().ok()
                    };
                    let value = match index {
                        Some(index) => args.get(index).filter(|arg| !arg.spread).map(|arg| arg.expr),
                        None => named(self, &field),
                    };
                    // An expression has one place only: what is used twice is unknown the second time.
                    let value = value.filter(|value| !template.exprs.contains(value));
                    let value = value.unwrap_or_else(|| self.unknown(Self::span(list)));
                    template.hole(value, span);
                }
            }
        }
        Some(self.text_of(template, Self::span(node)))
    }

    /// `"…%s…" % (a, b)` as a template.
    pub(super) fn percent_format(&mut self, node: Node<'t>, text: Node<'t>, values: Node<'t>) -> Option<ExprId> {
        let (text, span) = self.plain(text)?;
        let pieces = percents(&text)?;
        let holes = pieces.iter().filter(|piece| matches!(piece, Piece::Field(_))).count();
        let values: Vec<ExprId> = match values.kind() {
            "tuple" => self.elements(values).into_iter().map(|element| element.expr).collect(),
            _ => vec![self.expr(values)],
        };
        let mut values = values.into_iter();
        let mut template = Pieces::new(span.start);
        for piece in pieces {
            match piece {
                Piece::Text(text) => template.text(&text, span),
                Piece::Field(_) => {
                    let value = values.next().unwrap_or_else(|| self.unknown(Self::span(node)));
                    template.hole(value, span);
                }
            }
        }
        if holes == 0 {
            return None;
        }
        Some(self.text_of(template, Self::span(node)))
    }
}

enum Piece {
    Text(String),
    Field(String),
}

/// The parts of a text for `str.format`. None when a field is no plain name or number.
fn fields(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        if let Some(tail) = after.strip_prefix("{{").or_else(|| after.strip_prefix("}}")) {
            plain.push_str(after.get(..1).unwrap_or(""));
            rest = tail;
            continue;
        }
        let (field, tail) = after.strip_prefix('{')?.split_once('}')?;
        let name = field.split([':', '!']).next().unwrap_or("");
        if !name.chars().all(|character| character.is_alphanumeric() || character == '_') {
            return None;
        }
        pieces.push(Piece::Text(std::mem::take(&mut plain)));
        pieces.push(Piece::Field(name.to_owned()));
        rest = tail;
    }
    plain.push_str(rest);
    pieces.push(Piece::Text(plain));
    Some(pieces)
}

/// The parts of a text for `%`. None when it names its values (`%(name)s`) or is not understood.
fn percents(text: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            plain.push(character);
            continue;
        }
        let conversion = characters.find(|next| !(next.is_ascii_digit() || matches!(next, '.' | '-' | '+' | ' ' | '#')))?;
        match conversion {
            '%' => plain.push('%'),
            's' | 'd' | 'i' | 'r' | 'f' | 'x' | 'u' | 'g' | 'a' | 'c' => {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Field(String::new()));
            }
            _ => return None,
        }
    }
    pieces.push(Piece::Text(plain));
    Some(pieces)
}

/// The text that a string literal means.
fn cook(text: &str, raw: bool, formatted: bool) -> String {
    let mut cooked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or("");
        if formatted && matches!(character, '{' | '}') && after.starts_with(character) {
            cooked.push(character);
            rest = after.get(1..).unwrap_or("");
            continue;
        }
        if character != '\\' || raw {
            cooked.push(character);
            rest = after;
            continue;
        }
        rest = escape(after, &mut cooked);
    }
    cooked
}

/// Reads what follows a backslash and gives what is left.
fn escape<'t>(text: &'t str, cooked: &mut String) -> &'t str {
    let Some(kind) = text.chars().next() else {
        cooked.push('\\');
        return text;
    };
    let after = text.get(kind.len_utf8()..).unwrap_or("");
    let code = |digits: usize| {
        let number = after.get(..digits)?;
        Some((char::from_u32(u32::from_str_radix(number, 16).ok()?)?, after.get(digits..)?))
    };
    let coded = match kind {
        'x' => code(2),
        'u' => code(4),
        'U' => code(8),
        '0'..='7' => {
            let digits = text.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            let number = text.get(..digits).and_then(|number| u32::from_str_radix(number, 8).ok()).and_then(char::from_u32);
            number.and_then(|character| Some((character, text.get(digits..)?)))
        }
        _ => None,
    };
    if let Some((character, rest)) = coded {
        cooked.push(character);
        return rest;
    }
    match kind {
        '\n' => {}
        'n' => cooked.push('\n'),
        't' => cooked.push('\t'),
        'r' => cooked.push('\r'),
        'a' => cooked.push('\u{7}'),
        'b' => cooked.push('\u{8}'),
        'f' => cooked.push('\u{c}'),
        'v' => cooked.push('\u{b}'),
        '\\' | '\'' | '"' => cooked.push(kind),
        _ => {
            cooked.push('\\');
            cooked.push(kind);
        }
    }
    after
}
