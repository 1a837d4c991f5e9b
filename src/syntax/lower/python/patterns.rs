//! Names and the targets of assignments.

use tree_sitter::Node;

use super::{FrameKind, Lowering};
use crate::hir::{Binding, BindingKind, ExprId, ExprKind, Name, PatId, PatKind, TypeName};

/// What the names in a target do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// They belong to the scope around them, or to an outer one after `global` and `nonlocal`.
    Assign,
    /// They are parameters.
    Param,
}

impl<'t> Lowering<'_, 't> {
    /// A name that is read.
    pub(super) fn identifier(&mut self, node: Node<'t>) -> ExprId {
        let name = self.name(node);
        let span = Self::span(node);
        if self.is_receiver(&name) {
            return self.module.expr(span, ExprKind::This);
        }
        if self.frames.last().is_some_and(|frame| frame.kind == FrameKind::Class && frame.own.contains(&name)) {
            let object = self.module.expr(span, ExprKind::This);
            return self.module.expr(span, ExprKind::Member { object, property: name, property_span: span, optional: false });
        }
        self.module.expr(span, ExprKind::Ident(name))
    }

    /// Whether a name is the instance or class that the method around it belongs to.
    fn is_receiver(&self, name: &Name) -> bool {
        for frame in self.frames.iter().rev() {
            if frame.receiver.as_ref() == Some(name) {
                return true;
            }
            if frame.kind == FrameKind::Class || frame.own.contains(name) {
                return false;
            }
        }
        false
    }

    /// A name that is bound where it stands.
    pub(super) fn bound_name(&mut self, node: Node<'t>, target: Target, type_name: Option<TypeName>) -> PatKind {
        let name = self.name(node);
        let span = Self::span(node);
        if target == Target::Param {
            if let Some(frame) = self.frames.last_mut() {
                frame.own.insert(name.clone());
            }
            return PatKind::Binding(self.module.binding(Binding { name, span, kind: BindingKind::Param, type_name }));
        }
        let frame = self.frames.last();
        if frame.is_some_and(|frame| frame.kind == FrameKind::Arrow) {
            // `:=` inside a comprehension or lambda.
            let outer = self.frames.iter_mut().rev().find(|frame| frame.kind != FrameKind::Arrow);
            if let Some(outer) = outer.filter(|outer| !outer.outside.contains(&name)) {
                outer.hoisted.push((name, span));
            }
            return PatKind::Expr(self.identifier(node));
        }
        if frame.is_some_and(|frame| frame.outside.contains(&name)) {
            return PatKind::Expr(self.module.expr(span, ExprKind::Ident(name)));
        }
        PatKind::Binding(self.module.binding(Binding { name, span, kind: BindingKind::Var, type_name }))
    }

    /// The target of an assignment, a loop, a `with` or a parameter.
    pub(super) fn pattern(&mut self, node: Node<'t>, target: Target, type_name: Option<TypeName>) -> PatId {
        let span = Self::span(node);
        if !self.may_enter(span) {
            return self.module.pat(span, PatKind::Unknown);
        }
        self.depth += 1;
        let kind = match node.kind() {
            "identifier" => self.bound_name(node, target, type_name),
            "pattern_list" | "tuple_pattern" | "list_pattern" | "tuple" | "list" | "expression_list" => self.sequence_pattern(node, target),
            "as_pattern_target" | "parenthesized_expression" | "list_splat_pattern" | "list_splat" => match Self::children(node).first() {
                Some(inner) => {
                    self.depth -= 1;
                    let inner = self.pattern(*inner, target, type_name);
                    return inner;
                }
                None => PatKind::Unknown,
            },
            "attribute" | "subscript" => PatKind::Expr(self.expr(node)),
            _ => PatKind::Unknown,
        };
        self.depth -= 1;
        self.module.pat(span, kind)
    }

    fn sequence_pattern(&mut self, node: Node<'t>, target: Target) -> PatKind {
        let mut elements = Vec::new();
        let mut rest = None;
        for child in Self::children(node) {
            let pat = self.pattern(child, target, None);
            if matches!(child.kind(), "list_splat_pattern" | "list_splat") {
                rest = Some(pat);
            } else if rest.is_none() {
                elements.push(Some(pat));
            } else {
                // `a, *b, c`: how many come before `c` is only known at run time, so it is one of the rest.
                let inner = PatKind::Array { elements: vec![Some(pat)], rest: None };
                let inner = self.module.pat(Self::span(child), inner);
                elements.push(Some(inner));
            }
        }
        PatKind::Array { elements, rest }
    }
}
