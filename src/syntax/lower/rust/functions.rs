//! Functions, closures and the names of types.

use rustc_hash::FxHashSet;
use syn::{
    AngleBracketedGenericArguments, Attribute, Block, Expr, ExprAsync, ExprClosure, GenericArgument, PathArguments, ReturnType, Signature,
    Type, TypeParamBound,
};

use super::{Dest, Lowering};
use crate::hir::{BindingId, BindingKind, ExprId, ExprKind, Function, FunctionBody, FunctionId, FunctionKind, Name, Param, TypeName};
use crate::source::Span;

/// How many names of one type count.
const NAMES: usize = 16;

impl Lowering<'_, '_> {
    /// A function with its body; `around` is where it begins.
    pub(super) fn function(
        &mut self,
        signature: &Signature,
        block: Option<&Block>,
        attributes: &[Attribute],
        kind: FunctionKind,
        name: Option<BindingId>,
    ) -> FunctionId {
        let start = signature.asyncness.as_ref().map_or(signature.fn_token.span, |token| token.span);
        let start = self.span(start);
        let end = block.map_or_else(|| self.span(signature.paren_token.span.close()), |block| self.span(block.brace_token.span.close()));
        let decorators = if kind == FunctionKind::Declaration { self.decorators(attributes) } else { Vec::new() };
        let outer = std::mem::take(&mut self.locals);
        let loops = std::mem::take(&mut self.loops);
        self.locals.push(FxHashSet::default());
        let mut params = Vec::new();
        for input in &signature.inputs {
            if let Some(pat) = self.argument(input) {
                params.push(Param { pat, rest: false, field: false, decorators: Vec::new() });
            }
        }
        let body = block.map(|block| {
            self.locals.push(FxHashSet::default());
            let gives = !matches!(signature.output, ReturnType::Default);
            let dest = if gives { Dest::Return } else { Dest::Discard };
            let body = self.listed(|lowering| lowering.stmts(&block.stmts, &dest));
            FunctionBody::Block(body)
        });
        self.locals = outer;
        self.loops = loops;
        self.module.function(Function {
            span: Self::between(start, end),
            name,
            kind,
            is_async: signature.asyncness.is_some(),
            is_generator: false,
            params,
            body,
            directives: Vec::new(),
            decorators,
        })
    }

    pub(super) fn closure(&mut self, closure: &ExprClosure) -> ExprId {
        let start = [closure.asyncness.as_ref().map(|token| token.span), closure.capture.as_ref().map(|token| token.span)];
        let start = start.into_iter().flatten().next().unwrap_or(closure.inputs_begin.span);
        let start = self.span(start);
        let loops = std::mem::take(&mut self.loops);
        self.locals.push(FxHashSet::default());
        let params: Vec<Param> = closure
            .inputs
            .iter()
            .map(|input| Param { pat: self.pat(input, BindingKind::Param), rest: false, field: false, decorators: Vec::new() })
            .collect();
        let (body, is_async) = match &*closure.body {
            // `|| async move { … }`: what it gives is a promise in both languages.
            Expr::Async(block) => (self.body_of(&block.block), true),
            Expr::Block(block) => (self.body_of(&block.block), closure.asyncness.is_some()),
            other => {
                self.locals.push(FxHashSet::default());
                let body = self.listed(|lowering| lowering.place(other, &Dest::Return));
                self.locals.pop();
                let only = match body.as_slice() {
                    [only] => match self.module[*only].kind {
                        crate::hir::StmtKind::Return(Some(value)) => Some(value),
                        _ => None,
                    },
                    _ => None,
                };
                (only.map_or(FunctionBody::Block(body), FunctionBody::Expr), closure.asyncness.is_some())
            }
        };
        self.locals.pop();
        self.loops = loops;
        let end = match (&*closure.body, &body) {
            (Expr::Async(block), _) => self.span(block.block.brace_token.span.close()),
            (Expr::Block(block), _) => self.span(block.block.brace_token.span.close()),
            (_, FunctionBody::Expr(value)) => self.module[*value].span,
            (_, FunctionBody::Block(body)) => body.last().map_or(start, |last| self.module[*last].span),
        };
        self.arrow(Self::between(start, end), params, body, is_async)
    }

    fn body_of(&mut self, block: &Block) -> FunctionBody {
        self.locals.push(FxHashSet::default());
        let body = self.listed(|lowering| lowering.stmts(&block.stmts, &Dest::Return));
        self.locals.pop();
        FunctionBody::Block(body)
    }

    fn arrow(&mut self, span: Span, params: Vec<Param>, body: FunctionBody, is_async: bool) -> ExprId {
        let function = self.module.function(Function {
            span,
            name: None,
            kind: FunctionKind::Arrow,
            is_async,
            is_generator: false,
            params,
            body: Some(body),
            directives: Vec::new(),
            decorators: Vec::new(),
        });
        self.module.expr(span, ExprKind::Function(function))
    }

    /// `async { … }`: a function that is called at once.
    pub(super) fn async_block(&mut self, block: &ExprAsync) -> ExprId {
        let span = Self::between(self.span(block.async_token.span), self.span(block.block.brace_token.span.close()));
        let loops = std::mem::take(&mut self.loops);
        let body = self.body_of(&block.block);
        self.loops = loops;
        let callee = self.arrow(span, Vec::new(), body, true);
        self.module.expr(span, ExprKind::Call { callee, args: Vec::new(), optional: false })
    }

    /// The names in a type, in order.
    pub(super) fn type_name(&mut self, ty: &Type) -> Option<TypeName> {
        let mut names: Vec<(Name, Span)> = Vec::new();
        self.names_of(ty, &mut names, 0);
        let (_, first) = names.first()?;
        let (_, last) = names.last()?;
        let span = Self::between(*first, *last);
        Some(TypeName { names: names.into_iter().map(|(name, _)| name).collect(), span })
    }

    pub(super) fn type_arguments(&mut self, types: &AngleBracketedGenericArguments) -> Option<TypeName> {
        let mut names = Vec::new();
        self.arguments_of(types, &mut names, 0);
        let (_, first) = names.first()?;
        let (_, last) = names.last()?;
        let span = Self::between(*first, *last);
        Some(TypeName { names: names.into_iter().map(|(name, _)| name).collect(), span })
    }

    fn arguments_of(&mut self, types: &AngleBracketedGenericArguments, names: &mut Vec<(Name, Span)>, depth: u32) {
        for argument in &types.args {
            if let GenericArgument::Type(ty) = argument {
                self.names_of(ty, names, depth + 1);
            }
        }
    }

    fn names_of(&mut self, ty: &Type, names: &mut Vec<(Name, Span)>, depth: u32) {
        if depth > 16 || names.len() >= NAMES {
            return;
        }
        match ty {
            Type::Path(path) => self.path_names(&path.path, names, depth),
            Type::Reference(reference) => self.names_of(&reference.elem, names, depth + 1),
            Type::Paren(paren) => self.names_of(&paren.elem, names, depth + 1),
            Type::Group(group) => self.names_of(&group.elem, names, depth + 1),
            Type::Slice(slice) => self.names_of(&slice.elem, names, depth + 1),
            Type::Array(array) => self.names_of(&array.elem, names, depth + 1),
            Type::Ptr(pointer) => self.names_of(&pointer.elem, names, depth + 1),
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|elem| self.names_of(elem, names, depth + 1)),
            Type::TraitObject(object) => self.bounds(object.bounds.iter(), names, depth),
            Type::ImplTrait(object) => self.bounds(object.bounds.iter(), names, depth),
            _ => {}
        }
    }

    fn bounds<'b>(&mut self, bounds: impl Iterator<Item = &'b TypeParamBound>, names: &mut Vec<(Name, Span)>, depth: u32) {
        for bound in bounds {
            if let TypeParamBound::Trait(bound) = bound {
                self.path_names(&bound.path, names, depth);
            }
        }
    }

    fn path_names(&mut self, path: &syn::Path, names: &mut Vec<(Name, Span)>, depth: u32) {
        let Some(last) = path.segments.last() else { return };
        let name = if last.ident == "Self" { self.self_type.clone() } else { None };
        let name = name.unwrap_or_else(|| self.name(&last.ident));
        names.push((name, self.span(last.ident.span())));
        if let PathArguments::AngleBracketed(types) = &last.arguments {
            self.arguments_of(types, names, depth);
        }
    }
}
