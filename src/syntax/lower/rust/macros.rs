//! Macros: those of the standard library and of the crates that services use, as what they mean; others as calls, when what stands in them
//! is a list of expressions, or as the statements in them.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Block, Expr, Ident, Macro, Pat, Stmt, Token, Type, Visibility};

use super::formats::Arguments;
use super::json::Json;
use super::patterns::last;
use super::{Dest, Lowering};
use crate::hir::{Element, ExprId, ExprKind, Name, StmtKind};
use crate::source::Span;

/// Languages of their own, which hold no expressions where Rust has them.
const FOREIGN: [&str; 10] = ["html", "rsx", "view", "quote", "quote_spanned", "parse_quote", "macro_rules", "select", "asm", "sql"];

/// `expr, pattern if guard`
struct Matches {
    value: Expr,
    pat: Pat,
}

impl Parse for Matches {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let value = input.parse()?;
        input.parse::<Token![,]>()?;
        let pat = Pat::parse_multi_with_leading_vert(input)?;
        if input.peek(Token![if]) {
            input.parse::<Token![if]>()?;
            input.parse::<Expr>()?;
        }
        input.parse::<Option<Token![,]>>()?;
        Ok(Self { value, pat })
    }
}

/// `static ref NAME: Type = value;`, as `lazy_static!` and `thread_local!` have it.
struct Statics(Vec<(Ident, Type, Expr)>);

impl Parse for Statics {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut list = Vec::new();
        while !input.is_empty() {
            Attribute::parse_outer(input)?;
            input.parse::<Visibility>()?;
            input.parse::<Token![static]>()?;
            input.parse::<Option<Token![ref]>>()?;
            let name = input.parse()?;
            input.parse::<Token![:]>()?;
            let ty = input.parse()?;
            input.parse::<Token![=]>()?;
            input.parse::<Option<Token![const]>>()?;
            list.push((name, ty, input.parse()?));
            if input.is_empty() {
                break;
            }
            input.parse::<Token![;]>()?;
        }
        Ok(Self(list))
    }
}

impl Lowering<'_, '_> {
    /// The value of a macro; none when all of it was written out.
    pub(super) fn macro_call(&mut self, mac: &Macro) -> Option<ExprId> {
        let name = last(&mac.path);
        let callee_end = self.span(mac.bang_token.span);
        let start = mac.path.segments.first().map_or(callee_end, |first| self.span(first.ident.span()));
        let span = Self::between(start, self.span(mac.delimiter.span().close()));
        if !self.may_enter(span) {
            return Some(self.unknown(span));
        }
        self.depth += 1;
        let value = self.macro_at(mac, &name, span);
        self.depth -= 1;
        value
    }

    fn macro_at(&mut self, mac: &Macro, name: &str, span: Span) -> Option<ExprId> {
        match name {
            "json" => {
                if let Ok(json) = mac.parse_body::<Json>() {
                    return Some(self.json(&json, 0));
                }
            }
            "format" | "format_args" | "concat" => {
                if name != "concat"
                    && let Ok(Arguments(arguments)) = mac.parse_body()
                    && let (Some(template), ..) = self.formatted(&arguments, span)
                {
                    return Some(template);
                }
                if name == "concat"
                    && let Ok(parts) = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
                {
                    let exprs: Vec<ExprId> = parts.iter().map(|part| self.expr(part)).collect();
                    let quasis = vec![(Name::from(""), span); exprs.len() + 1];
                    return Some(self.module.expr(span, ExprKind::Template { quasis, exprs }));
                }
            }
            "vec" | "array" | "try_join" | "join" => {
                if let Ok(elements) = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
                    let elements = self.elements(elements.iter());
                    return Some(self.module.expr(span, ExprKind::Array(elements)));
                }
            }
            "matches" => {
                if let Ok(Matches { value, pat }) = mac.parse_body() {
                    let value = self.expr(&value);
                    let test = self.test_of(&pat, value).unwrap_or(value);
                    return Some(test);
                }
            }
            "bail" | "panic" | "unreachable" | "todo" | "unimplemented" => {
                let thrown = self.shown(mac, span);
                self.emit(span, StmtKind::Throw(thrown));
                return None;
            }
            "ensure" | "assert" | "debug_assert" => {
                if let Ok(arguments) = mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
                    && let Some(condition) = arguments.first()
                {
                    let condition = self.expr(condition);
                    let test = self.not(condition);
                    let then = self.block_of(span, |lowering| {
                        let error = arguments.iter().nth(1).map(|error| lowering.expr(error));
                        let thrown = error.unwrap_or_else(|| lowering.unknown(span));
                        lowering.emit(span, StmtKind::Throw(thrown));
                    });
                    self.emit(span, StmtKind::If { test, then, otherwise: None });
                    return None;
                }
            }
            _ if FOREIGN.contains(&name) => return Some(self.unknown(span)),
            _ => {}
        }
        Some(self.called(mac, span))
    }

    /// The name of a macro with its `!`.
    fn macro_name(&mut self, mac: &Macro) -> ExprId {
        let bang = self.span(mac.bang_token.span);
        let mut segments: Vec<(Name, Span)> =
            mac.path.segments.iter().map(|segment| (self.name(&segment.ident), self.span(segment.ident.span()))).collect();
        if let Some((name, at)) = segments.last_mut() {
            *name = Name::from(format!("{name}!"));
            *at = Self::between(*at, bang);
        }
        self.segments(&segments)
    }

    /// What a macro shows.
    fn shown(&mut self, mac: &Macro, span: Span) -> ExprId {
        match mac.parse_body::<Arguments>() {
            Ok(Arguments(arguments)) => {
                let (template, others, _) = self.formatted(&arguments, span);
                template.unwrap_or_else(|| self.module.expr(span, ExprKind::Unknown(others)))
            }
            Err(_) => self.unknown(span),
        }
    }

    /// Any other macro: a call of its name with a text and values, or the statements in it.
    fn called(&mut self, mac: &Macro, span: Span) -> ExprId {
        if let Ok(Arguments(arguments)) = mac.parse_body() {
            let callee = self.macro_name(mac);
            let shows = arguments.iter().any(|argument| match &argument.value {
                Expr::Lit(literal) => matches!(&literal.lit, syn::Lit::Str(text) if text.value().contains('{')),
                _ => false,
            });
            let mut args = Vec::new();
            if shows || arguments.iter().any(|argument| argument.name.is_some()) {
                let (template, others, named) = self.formatted(&arguments, Span::default());
                args.extend(template.into_iter().chain(others).map(|expr| Element { expr, spread: false }));
                if !named.is_empty() {
                    let object = self.module.expr(span, ExprKind::Object(named));
                    args.push(Element { expr: object, spread: false });
                }
            } else {
                args = self.elements(arguments.iter().map(|argument| &argument.value));
            }
            return self.module.expr(span, ExprKind::Call { callee, args, optional: false });
        }
        if let Ok(stmts) = mac.parse_body_with(Block::parse_within) {
            let plain: &[Stmt] = &stmts;
            let body = self.block_of(span, |lowering| lowering.stmts(plain, &Dest::Discard));
            if let Some(list) = self.lists.last_mut() {
                list.push(body);
            }
        }
        self.unknown(span)
    }

    /// A macro among the items.
    pub(super) fn item_macro(&mut self, mac: &Macro, at_top: bool) {
        if !matches!(last(&mac.path).as_str(), "lazy_static" | "thread_local") {
            return;
        }
        let Ok(Statics(statics)) = mac.parse_body() else { return };
        for (name, ty, value) in statics {
            let type_name = self.type_name(&ty);
            self.constant(&name, type_name, &value, at_top);
        }
    }
}
