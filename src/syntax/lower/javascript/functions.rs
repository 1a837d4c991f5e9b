//! Functions and their parameters.

use super::Lowering;
use super::grammar::{Children, Field, Kind, Syntax};
use super::patterns::Target;
use crate::hir::{BindingId, BindingKind, ExprId, Function, FunctionBody, FunctionId, FunctionKind, Param, PatKind};

impl<'t> Lowering<'_, 't> {
    /// A function declaration or expression, a signature without a body, or an arrow.
    pub(super) fn function(&mut self, node: Syntax<'t>, kind: FunctionKind) -> FunctionId {
        let parts = self.children(node);
        let name = parts
            .field(Field::Name)
            .filter(|name| name.kind == Kind::Identifier)
            .map(|name| self.declare(name, BindingKind::Function, None));
        self.function_from(node, &parts, kind, name)
    }

    /// A method outside any class or object, as broken syntax leaves it.
    pub(super) fn method(&mut self, node: Syntax<'t>) -> FunctionId {
        let parts = self.children(node);
        self.method_from(node, &parts, false)
    }

    /// A method of an object, or of a class when `is_member`.
    pub(super) fn method_from(&mut self, node: Syntax<'t>, parts: &Children<'t>, is_member: bool) -> FunctionId {
        let is_static = parts.has(Kind::StaticToken) || parts.has(Kind::StaticGetToken);
        let name = parts.field(Field::Name).map_or("", |name| self.slice(name.span()));
        let kind = if parts.has(Kind::GetToken) || parts.has(Kind::StaticGetToken) {
            FunctionKind::Getter
        } else if parts.has(Kind::SetToken) {
            FunctionKind::Setter
        } else if is_member && !is_static && name.trim_matches(['"', '\'']) == "constructor" {
            FunctionKind::Constructor
        } else {
            FunctionKind::Method
        };
        self.function_from(node, parts, kind, None)
    }

    fn function_from(&mut self, node: Syntax<'t>, parts: &Children<'t>, kind: FunctionKind, name: Option<BindingId>) -> FunctionId {
        let params = match (parts.field(Field::Parameters), parts.field(Field::Parameter)) {
            (Some(list), _) => self.parameters(list),
            (None, Some(single)) => {
                let pat = self.pattern(single, Target::Declare(BindingKind::Param), None);
                vec![Param { pat, rest: false, field: false, decorators: Vec::new() }]
            }
            (None, None) => Vec::new(),
        };
        let mut directives = Vec::new();
        let body = parts.field(Field::Body).map(|body| {
            if body.kind == Kind::StatementBlock {
                let statements;
                (directives, statements) = self.body(body);
                FunctionBody::Block(statements)
            } else {
                FunctionBody::Expr(self.expr(body))
            }
        });
        self.module.function(Function {
            span: node.span(),
            name,
            kind,
            is_async: parts.has(Kind::AsyncToken),
            is_generator: parts.has(Kind::StarToken),
            params,
            body,
            directives,
            decorators: Vec::new(),
        })
    }

    fn parameters(&mut self, list: Syntax<'t>) -> Vec<Param> {
        let children = self.children(list);
        children.0.into_iter().filter_map(|child| self.parameter(child)).collect()
    }

    /// One parameter; none for TypeScript's `this`.
    fn parameter(&mut self, node: Syntax<'t>) -> Option<Param> {
        let target = Target::Declare(BindingKind::Param);
        if node.kind != Kind::Parameter {
            let rest = node.kind == Kind::RestPattern;
            let pat = if rest { self.rest(node, target, None) } else { self.pattern(node, target, None) };
            return Some(Param { pat, rest, field: false, decorators: Vec::new() });
        }
        let parts = self.children(node);
        let pattern = parts.field(Field::Pattern).or_else(|| parts.field(Field::Name))?;
        if pattern.kind == Kind::This {
            return None;
        }
        let decorators = self.decorators(&parts);
        let type_name = self.type_name(parts.field(Field::Type));
        let rest = pattern.kind == Kind::RestPattern;
        let mut pat = if rest { self.rest(pattern, target, type_name) } else { self.pattern(pattern, target, type_name) };
        if let Some(value) = parts.field(Field::Value) {
            let default = self.expr(value);
            pat = self.module.pat(node.span(), PatKind::Default { pat, default });
        }
        let field = parts.has(Kind::AccessModifier) || parts.has(Kind::ReadonlyToken);
        Some(Param { pat, rest, field, decorators })
    }

    /// The decorators among the children of a node.
    pub(super) fn decorators(&mut self, parts: &Children<'t>) -> Vec<ExprId> {
        parts.fields(Field::Decorator).map(|decorator| self.decorator(decorator)).collect()
    }

    /// The expression of a decorator.
    pub(super) fn decorator(&mut self, node: Syntax<'t>) -> ExprId {
        let inner = self.children(node).expression();
        self.expr_in(node, inner)
    }
}
