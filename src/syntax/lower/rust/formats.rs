//! `format!` and its like: a text with holes.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Lit, LitStr, Token};

use super::Lowering;
use crate::hir::{ExprId, ExprKind, Literal, Name, Property, PropertyKey};
use crate::source::Span;

/// An argument: a value, perhaps under a name, perhaps marked how to show it (`%token`, `?error`).
pub(super) struct Argument {
    pub(super) name: Option<Ident>,
    pub(super) value: Expr,
}

impl Parse for Argument {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut name = None;
        let ahead = input.fork();
        if ahead.call(Ident::parse_any).is_ok() {
            // `http.status = 200`: the last part stands for the name.
            let mut parts = 1;
            while ahead.peek(Token![.]) && ahead.parse::<Token![.]>().is_ok() && ahead.call(Ident::parse_any).is_ok() {
                parts += 1;
            }
            let assigned = ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>]);
            let labelled = parts == 1 && ahead.peek(Token![:]) && !ahead.peek(Token![::]);
            if assigned || labelled {
                for part in 0..parts {
                    if part > 0 {
                        input.parse::<Token![.]>()?;
                    }
                    name = Some(input.call(Ident::parse_any)?);
                }
                if labelled {
                    input.parse::<Token![:]>()?;
                } else {
                    input.parse::<Token![=]>()?;
                }
            }
        }
        if input.peek(Token![%]) {
            input.parse::<Token![%]>()?;
        } else if input.peek(Token![?]) {
            input.parse::<Token![?]>()?;
        }
        Ok(Self { name, value: input.parse()? })
    }
}

/// The arguments of a macro that shows a text.
pub(super) struct Arguments(pub(super) Vec<Argument>);

impl Parse for Arguments {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut list = Vec::new();
        while !input.is_empty() {
            list.push(input.parse()?);
            if input.is_empty() {
                break;
            }
            if input.peek(Token![;]) {
                input.parse::<Token![;]>()?;
            } else {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self(list))
    }
}

/// A part of a format.
enum Piece<'f> {
    Text(String),
    /// What is named in the braces, and where it stands in the format.
    Hole(&'f str, usize),
}

/// The parts of a format.
fn pieces(format: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(rest) = format.get(at..)
        && let Some(next) = rest.find(['{', '}'])
    {
        plain.push_str(rest.get(..next).unwrap_or(""));
        let after = rest.get(next..).unwrap_or("");
        if after.starts_with("{{") || after.starts_with("}}") {
            plain.push_str(after.get(..1).unwrap_or(""));
            at += next + 2;
            continue;
        }
        let Some(close) = after.strip_prefix('{').and_then(|inside| inside.find('}')) else {
            at += next + 1;
            continue;
        };
        let inside = after.get(1..=close).unwrap_or("");
        let name = inside.split(':').next().unwrap_or("").trim();
        pieces.push(Piece::Text(std::mem::take(&mut plain)));
        pieces.push(Piece::Hole(name, at + next + 1));
        at += next + close + 2;
    }
    plain.push_str(format.get(at..).unwrap_or(""));
    pieces.push(Piece::Text(plain));
    pieces
}

impl Lowering<'_, '_> {
    /// The text that a list of arguments makes, and what of them is not in it. None when no argument is a format.
    pub(super) fn formatted(&mut self, arguments: &[Argument], span: Span) -> (Option<ExprId>, Vec<ExprId>, Vec<Property>) {
        let format = arguments.iter().position(|argument| {
            argument.name.is_none() && matches!(&argument.value, Expr::Lit(literal) if matches!(literal.lit, Lit::Str(_)))
        });
        let mut values: Vec<Option<ExprId>> =
            arguments.iter().enumerate().map(|(index, argument)| (Some(index) != format).then(|| self.expr(&argument.value))).collect();
        let names: Vec<Option<Name>> = arguments.iter().map(|argument| argument.name.as_ref().map(|name| self.name(name))).collect();
        let template = format.and_then(|format| match arguments.get(format).map(|argument| &argument.value) {
            Some(Expr::Lit(literal)) => match &literal.lit {
                Lit::Str(text) => Some(self.template(text, format, &mut values, &names, span)),
                _ => None,
            },
            _ => None,
        });
        let mut others = Vec::new();
        let mut fields = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            match (names.get(index), arguments.get(index).and_then(|argument| argument.name.as_ref())) {
                (Some(Some(name)), Some(ident)) => {
                    let at = self.span(ident.span());
                    fields.push(Property::Value { key: PropertyKey::Name(name.clone(), at), value });
                }
                _ => others.push(value),
            }
        }
        (template, others, fields)
    }

    fn template(&mut self, text: &LitStr, format: usize, values: &mut [Option<ExprId>], names: &[Option<Name>], whole: Span) -> ExprId {
        let place = self.span(text.span());
        let cooked = text.value();
        // Where the text stands in the literal, when it has no escapes.
        let inside = self.slice(place).find(&cooked).filter(|_| !cooked.is_empty());
        let mut quasis: Vec<(Name, Span)> = Vec::new();
        let mut exprs = Vec::new();
        let mut next = format + 1;
        for piece in pieces(&cooked) {
            match piece {
                Piece::Text(text) => quasis.push((Name::from(text), place)),
                Piece::Hole(name, at) => {
                    let index = match name.parse::<usize>() {
                        Ok(index) => Some(format + 1 + index),
                        Err(_) if name.is_empty() => {
                            next += 1;
                            Some(next - 1)
                        }
                        Err(_) => names.iter().position(|known| known.as_deref() == Some(name)),
                    };
                    let value = match index {
                        // A value has one place only: what is shown twice is unknown the second time.
                        Some(index) => values.get_mut(index).and_then(Option::take),
                        None if is_name(name) => {
                            let span = inside.map_or(place, |from| {
                                let start = place.start as usize + from + at;
                                Span::new(start, start + name.len())
                            });
                            let ident = self.intern(name);
                            let kind = if name == "self" { ExprKind::This } else { ExprKind::Ident(ident) };
                            Some(self.module.expr(span, kind))
                        }
                        None => None,
                    };
                    exprs.push(value.unwrap_or_else(|| self.unknown(place)));
                }
            }
        }
        let kind = if exprs.is_empty() {
            ExprKind::Literal(Literal::String(quasis.into_iter().next().map_or_else(|| Name::from(""), |(text, _)| text)))
        } else {
            ExprKind::Template { quasis, exprs }
        };
        self.module.expr(if whole.is_empty() { place } else { whole }, kind)
    }
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}
