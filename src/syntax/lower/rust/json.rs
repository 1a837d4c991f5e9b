//! `json!`: objects and lists as they are written.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::token::{Brace, Bracket, Paren};
use syn::{Expr, Ident, LitStr, Token, braced, bracketed, parenthesized};

use super::Lowering;
use crate::hir::{Element, ExprId, ExprKind, Literal, Name, Property, PropertyKey};

/// How deep values may nest; the tree of tokens is bounded already.
const NESTING: u32 = 64;

/// A value of `json!`.
pub(super) enum Json {
    Null(proc_macro2::Span),
    Object(Brace, Vec<(Key, Json)>),
    Array(Bracket, Vec<Json>),
    Value(Box<Expr>),
}

/// A key of an object.
pub(super) enum Key {
    Text(LitStr),
    Value(Box<Expr>),
}

impl Parse for Key {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Text);
        }
        if input.peek(Paren) {
            let inside;
            parenthesized!(inside in input);
            return inside.parse().map(|expr| Self::Value(Box::new(expr)));
        }
        // A name, as macros of other crates allow it.
        let ident = Ident::parse_any(input)?;
        Ok(Self::Text(LitStr::new(&ident.to_string(), ident.span())))
    }
}

impl Parse for Json {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if input.peek(Brace) {
            let inside;
            let brace = braced!(inside in input);
            let mut pairs = Vec::new();
            while !inside.is_empty() {
                let key = inside.parse()?;
                inside.parse::<Token![:]>()?;
                pairs.push((key, inside.parse()?));
                if inside.is_empty() {
                    break;
                }
                inside.parse::<Token![,]>()?;
            }
            return Ok(Self::Object(brace, pairs));
        }
        if input.peek(Bracket) {
            let inside;
            let bracket = bracketed!(inside in input);
            let values = Punctuated::<Json, Token![,]>::parse_terminated(&inside)?;
            return Ok(Self::Array(bracket, values.into_iter().collect()));
        }
        let ahead = input.fork();
        if let Ok(ident) = ahead.call(Ident::parse_any)
            && ident == "null"
            && (ahead.is_empty() || ahead.peek(Token![,]))
        {
            let ident = input.call(Ident::parse_any)?;
            return Ok(Self::Null(ident.span()));
        }
        input.parse().map(|expr| Self::Value(Box::new(expr)))
    }
}

impl Lowering<'_, '_> {
    pub(super) fn json(&mut self, json: &Json, depth: u32) -> ExprId {
        match json {
            Json::Null(span) => {
                let span = self.span(*span);
                self.module.expr(span, ExprKind::Literal(Literal::Null))
            }
            Json::Value(value) => self.expr(value),
            Json::Object(brace, _) if depth > NESTING => {
                let span = self.span(brace.span.join());
                self.unknown(span)
            }
            Json::Array(bracket, _) if depth > NESTING => {
                let span = self.span(bracket.span.join());
                self.unknown(span)
            }
            Json::Object(brace, pairs) => {
                let span = self.span(brace.span.join());
                let properties = pairs
                    .iter()
                    .map(|(key, value)| {
                        let key = match key {
                            Key::Text(text) => {
                                let at = self.span(text.span());
                                PropertyKey::Name(Name::from(text.value()), at)
                            }
                            Key::Value(value) => PropertyKey::Computed(self.expr(value)),
                        };
                        Property::Value { key, value: self.json(value, depth + 1) }
                    })
                    .collect();
                self.module.expr(span, ExprKind::Object(properties))
            }
            Json::Array(bracket, values) => {
                let span = self.span(bracket.span.join());
                let elements = values.iter().map(|value| Element { expr: self.json(value, depth + 1), spread: false }).collect();
                self.module.expr(span, ExprKind::Array(elements))
            }
        }
    }
}
