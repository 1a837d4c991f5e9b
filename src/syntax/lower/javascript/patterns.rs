//! Patterns: what declarations, parameters and assignments write to.

use super::grammar::{Field, Kind, Syntax};
use super::{Lowering, MAX_DEPTH};
use crate::hir::{Binding, BindingId, BindingKind, PatId, PatKind, PatProperty, PropertyKey, TypeName};
use crate::source::Span;

/// What the names in a pattern do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    /// They are declared.
    Declare(BindingKind),
    /// They exist and are assigned to.
    Assign,
}

impl<'t> Lowering<'_, 't> {
    /// Declares a name.
    pub(super) fn declare(&mut self, node: Syntax<'t>, kind: BindingKind, type_name: Option<TypeName>) -> BindingId {
        let name = self.name(node);
        self.module.binding(Binding { name, span: node.span(), kind, type_name })
    }

    /// A pattern that cannot be read.
    pub(super) fn unknown_pattern(&mut self, span: Span) -> PatId {
        self.module.pat(span, PatKind::Unknown)
    }

    /// Lowers a pattern. `type_name` is its annotation, which only a plain name keeps.
    pub(super) fn pattern(&mut self, node: Syntax<'t>, target: Target, type_name: Option<TypeName>) -> PatId {
        let span = node.span();
        if self.depth >= MAX_DEPTH {
            self.too_deep(span);
            return self.unknown_pattern(span);
        }
        self.depth += 1;
        let kind = match (node.kind, target) {
            (Kind::Identifier | Kind::Undefined | Kind::ShorthandPattern, Target::Declare(kind)) => {
                PatKind::Binding(self.declare(node, kind, type_name))
            }
            (Kind::Identifier | Kind::Undefined | Kind::ShorthandPattern, Target::Assign) => PatKind::Expr(self.identifier(node)),
            (Kind::ObjectPattern, _) => self.object_pattern(node, target),
            (Kind::ArrayPattern, _) => self.array_pattern(node, target),
            (Kind::AssignmentPattern, _) => {
                let parts = self.children(node);
                let pat = self.pattern_in(node, parts.field(Field::Left), target, type_name);
                let default = self.expr_in(node, parts.field(Field::Right));
                PatKind::Default { pat, default }
            }
            (kind, Target::Assign) if kind.is_expression() => PatKind::Expr(self.expr(node)),
            _ => PatKind::Unknown,
        };
        self.depth -= 1;
        self.module.pat(span, kind)
    }

    /// Lowers the pattern in a role, or an unknown one in its place.
    pub(super) fn pattern_in(
        &mut self,
        parent: Syntax<'t>,
        child: Option<Syntax<'t>>,
        target: Target,
        type_name: Option<TypeName>,
    ) -> PatId {
        match child {
            Some(child) => self.pattern(child, target, type_name),
            None => self.unknown_pattern(parent.span()),
        }
    }

    /// The pattern after `...`.
    pub(super) fn rest(&mut self, node: Syntax<'t>, target: Target, type_name: Option<TypeName>) -> PatId {
        let inner = self.children(node).0.into_iter().next();
        self.pattern_in(node, inner, target, type_name)
    }

    fn object_pattern(&mut self, node: Syntax<'t>, target: Target) -> PatKind {
        let mut properties = Vec::new();
        let mut rest = None;
        for child in self.children(node).0 {
            match child.kind {
                Kind::RestPattern => rest = Some(self.rest(child, target, None)),
                Kind::ShorthandPattern => {
                    let key = PropertyKey::Name(self.name(child), child.span());
                    properties.push(PatProperty { key, pat: self.pattern(child, target, None) });
                }
                Kind::PairPattern => {
                    let parts = self.children(child);
                    let Some(key) = parts.field(Field::Key) else { continue };
                    let key = self.property_key(key);
                    let pat = self.pattern_in(child, parts.field(Field::Value), target, None);
                    properties.push(PatProperty { key, pat });
                }
                Kind::AssignmentPattern => {
                    let parts = self.children(child);
                    let Some(name) = parts.field(Field::Left).filter(|left| left.kind == Kind::ShorthandPattern) else { continue };
                    let key = PropertyKey::Name(self.name(name), name.span());
                    let pat = self.pattern(name, target, None);
                    let default = self.expr_in(child, parts.field(Field::Right));
                    let pat = self.module.pat(child.span(), PatKind::Default { pat, default });
                    properties.push(PatProperty { key, pat });
                }
                _ => {}
            }
        }
        PatKind::Object { properties, rest }
    }

    fn array_pattern(&mut self, node: Syntax<'t>, target: Target) -> PatKind {
        let mut elements = Vec::new();
        let mut rest = None;
        let mut before_comma = None;
        for child in self.children(node).0 {
            match child.kind {
                Kind::Comma => elements.push(before_comma.take()),
                Kind::RestPattern => rest = Some(self.rest(child, target, None)),
                _ => before_comma = Some(self.pattern(child, target, None)),
            }
        }
        elements.extend(before_comma.map(Some));
        PatKind::Array { elements, rest }
    }

    /// The names that a pattern declares, in source order.
    pub(super) fn declared_by(&self, pat: PatId, into: &mut Vec<BindingId>) {
        let mut stack = vec![pat];
        while let Some(pat) = stack.pop() {
            let from = stack.len();
            match &self.module[pat].kind {
                PatKind::Binding(binding) => into.push(*binding),
                PatKind::Object { properties, rest } => {
                    stack.extend(properties.iter().map(|property| property.pat).chain(*rest));
                }
                PatKind::Array { elements, rest } => stack.extend(elements.iter().flatten().copied().chain(*rest)),
                PatKind::Default { pat, .. } => stack.push(*pat),
                PatKind::Expr(_) | PatKind::Unknown => {}
            }
            if let Some(children) = stack.get_mut(from..) {
                children.reverse();
            }
        }
    }
}
