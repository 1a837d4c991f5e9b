//! Paths, calls, methods and struct literals.

use syn::{ExprCall, ExprMethodCall, ExprStruct, Member, Path, PathArguments};

use super::Lowering;
use super::expressions::is_named;
use crate::hir::{Element, ExprId, ExprKind, Literal, Name, Property, PropertyKey};
use crate::source::Span;

impl Lowering<'_, '_> {
    /// A path as a chain of members.
    pub(super) fn path(&mut self, path: &Path) -> ExprId {
        let segments: Vec<(Name, Span)> =
            path.segments.iter().map(|segment| (self.name(&segment.ident), self.span(segment.ident.span()))).collect();
        self.segments(&segments)
    }

    /// `<T as Trait>::name`: the last part of a type that is not named by a path.
    pub(super) fn qualified(&mut self, path: &Path, start: Span) -> ExprId {
        let object = self.unknown(start);
        match path.segments.last() {
            Some(last) => {
                let property_span = self.span(last.ident.span());
                let property = self.name(&last.ident);
                let span = Self::between(start, property_span);
                self.module.expr(span, ExprKind::Member { object, property, property_span, optional: false })
            }
            None => object,
        }
    }

    pub(super) fn segments(&mut self, segments: &[(Name, Span)]) -> ExprId {
        let Some(((first, start), rest)) = segments.split_first() else { return self.unknown(Span::default()) };
        let start = *start;
        let (mut object, rest) = match (&**first, rest) {
            ("self", []) => (self.module.expr(start, ExprKind::This), rest),
            ("Self", _) => {
                let name = self.self_type.clone().unwrap_or_else(|| first.clone());
                (self.module.expr(start, ExprKind::Ident(name)), rest)
            }
            // What stands around a module inside of the file is seen from it by its bare name.
            ("super", [(next, at), rest @ ..]) if self.inline > 0 && !matches!(&**next, "super") => {
                let name = next.clone();
                (self.module.expr(*at, ExprKind::Ident(name)), rest)
            }
            ("self", [(next, at), rest @ ..]) if self.inline > 0 => {
                let name = next.clone();
                (self.module.expr(*at, ExprKind::Ident(name)), rest)
            }
            ("crate" | "super" | "self", _) => {
                let mut specifier = first.to_string();
                let mut end = start;
                let mut rest = rest;
                while let Some(((name, at), more)) = rest.split_first()
                    && &**name == "super"
                {
                    specifier.push_str("::super");
                    end = *at;
                    rest = more;
                }
                let span = Self::between(start, end);
                let specifier = self.module.expr(span, ExprKind::Literal(Literal::String(Name::from(specifier))));
                (self.module.expr(span, ExprKind::ImportCall { specifier }), rest)
            }
            // A variable of that name does not hide the module.
            (_, [_, ..]) if self.modules.contains(first) && self.locals.iter().any(|locals| locals.contains(first)) => {
                let nowhere = Span { start: start.start, end: start.start };
                let specifier = self.module.expr(nowhere, ExprKind::Literal(Literal::String(Name::from("self"))));
                (self.module.expr(nowhere, ExprKind::ImportCall { specifier }), segments)
            }
            _ => (self.module.expr(start, ExprKind::Ident(first.clone())), rest),
        };
        for (property, property_span) in rest {
            let span = Self::between(start, *property_span);
            let kind = ExprKind::Member { object, property: property.clone(), property_span: *property_span, optional: false };
            object = self.module.expr(span, kind);
        }
        object
    }

    pub(super) fn call(&mut self, call: &ExprCall) -> ExprId {
        let close = self.span(call.paren_token.span.close());
        let callee = self.expr(&call.func);
        let mut args = self.elements(call.args.iter());
        let span = Self::between(self.module[callee].span, close);
        // `Ok(x)` and `Some(x)` are `x`.
        if let [only] = args.as_slice()
            && (is_named(&call.func, "Ok") || is_named(&call.func, "Some"))
        {
            let inner = only.expr;
            return self.module.expr(span, ExprKind::Cast { expr: inner, type_name: None });
        }
        let types = match &*call.func {
            syn::Expr::Path(path) => path.path.segments.last().and_then(|last| match &last.arguments {
                PathArguments::AngleBracketed(types) => self.type_arguments(types),
                _ => None,
            }),
            _ => None,
        };
        let args = std::mem::take(&mut args);
        let call = self.module.expr(span, ExprKind::Call { callee, args, optional: false });
        if let Some(types) = types {
            self.module.type_arguments.push((call, types));
        }
        call
    }

    pub(super) fn method_call(&mut self, call: &ExprMethodCall) -> ExprId {
        let object = self.expr(&call.receiver);
        let start = self.module[object].span;
        let property_span = self.span(call.method.span());
        let property = self.name(&call.method);
        let callee_span = Self::between(start, property_span);
        let callee = self.module.expr(callee_span, ExprKind::Member { object, property, property_span, optional: false });
        let args = self.elements(call.args.iter());
        let span = Self::between(start, self.span(call.paren_token.span.close()));
        let types = call.turbofish.as_ref().and_then(|types| self.type_arguments(types));
        let call = self.module.expr(span, ExprKind::Call { callee, args, optional: false });
        if let Some(types) = types {
            self.module.type_arguments.push((call, types));
        }
        call
    }

    /// `Struct { a, b: c, ..rest }` as `new Struct({ a, b: c, ...rest })`.
    pub(super) fn struct_literal(&mut self, literal: &ExprStruct) -> ExprId {
        let callee = match &literal.qself {
            Some(qself) => {
                let start = self.span(qself.lt_token.span);
                self.qualified(&literal.path, start)
            }
            None => self.path(&literal.path),
        };
        let brace = self.span(literal.brace_token.span.join());
        let mut properties = Vec::new();
        for field in &literal.fields {
            let (name, at) = match &field.member {
                Member::Named(ident) => (self.name(ident), self.span(ident.span())),
                Member::Unnamed(index) => (self.intern(&index.index.to_string()), self.span(index.span)),
            };
            let value = self.expr(&field.expr);
            properties.push(Property::Value { key: PropertyKey::Name(name, at), value });
        }
        if let Some(rest) = &literal.rest {
            let rest = self.expr(rest);
            // What is written out wins over the rest, wherever it stands.
            properties.insert(0, Property::Spread(rest));
        }
        let object = self.module.expr(brace, ExprKind::Object(properties));
        let span = Self::between(self.module[callee].span, brace);
        self.module.expr(span, ExprKind::New { callee, args: vec![Element { expr: object, spread: false }] })
    }
}
