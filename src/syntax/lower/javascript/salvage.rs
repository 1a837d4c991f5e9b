//! What becomes of broken syntax.
//!
//! Tree-sitter puts text that it cannot fit in under error nodes, which can stand anywhere and hold anything from one stray
//! token to half a file. Their complete parts are lowered as statements of their own.

use tree_sitter::{Node, Tree, TreeCursor};

use super::Lowering;
use super::grammar::{Children, Kind, Syntax};
use crate::hir::{BindingKind, ExprId, ExprKind, Property, StmtId, StmtKind, SyntaxProblem, SyntaxProblemKind};
use crate::source::Span;

/// How many syntax errors of one region are recorded; a text that is not a script at all would give one a line.
const MAX_PROBLEMS: usize = 200;

impl<'t> Lowering<'_, 't> {
    /// Records every error of the tree.
    pub(super) fn problems(&mut self, tree: &'t Tree) {
        let mut found = Vec::new();
        visit_broken(&mut tree.walk(), &mut |node, _| {
            found.push(SyntaxProblem { span: Span::new(node.start_byte(), node.end_byte()), kind: SyntaxProblemKind::SyntaxError });
            found.len() < MAX_PROBLEMS
        });
        self.module.problems.append(&mut found);
    }

    /// Takes note of the errors inside a node that is not lowered itself.
    pub(super) fn set_errors_aside(&mut self, node: Syntax<'t>) {
        let mut found = Vec::new();
        self.cursor.reset(node.node);
        visit_broken(&mut self.cursor, &mut |node, _| {
            found.push(node);
            true
        });
        let grammar = self.grammar;
        self.pending.extend(found.into_iter().filter(Node::is_error).map(|node| grammar.syntax(node, None)));
    }

    /// Lowers the error nodes set aside since the last statement.
    pub(super) fn salvage(&mut self, into: &mut Vec<StmtId>) {
        while !self.pending.is_empty() {
            for error in std::mem::take(&mut self.pending) {
                let children = self.children(error);
                self.salvage_parts(children, into);
            }
        }
    }

    /// Lowers what is complete among the parts of broken syntax.
    pub(super) fn salvage_parts(&mut self, parts: Children<'t>, into: &mut Vec<StmtId>) {
        let mut properties: Vec<Property> = Vec::new();
        let mut stack = parts.0;
        stack.reverse();
        while let Some(part) = stack.pop() {
            match part.kind {
                // The pieces of an object whose closing brace is not there yet.
                Kind::Pair => {
                    let lowered = self.property(part);
                    properties.extend(lowered);
                }
                Kind::Declarator => {
                    let declarator = self.declarator(part, BindingKind::Let);
                    let kind = StmtKind::Declare { kind: BindingKind::Let, declarators: vec![declarator] };
                    into.push(self.module.stmt(part.span(), kind));
                }
                Kind::Method => {
                    let function = self.method(part);
                    let expr = self.module.expr(part.span(), ExprKind::Function(function));
                    into.push(self.module.stmt(part.span(), StmtKind::Expr(expr)));
                }
                kind if kind.is_statement() => into.push(self.stmt(part)),
                kind if kind.is_expression() => {
                    let expr = self.expr(part);
                    into.push(self.module.stmt(part.span(), StmtKind::Expr(expr)));
                }
                kind if kind.is_type_level() => {}
                _ => {
                    let children = self.children(part);
                    stack.extend(children.0.into_iter().rev());
                }
            }
        }
        if let (Some(first), Some(last)) = (properties.first(), properties.last()) {
            let span = Span { start: self.property_span(first).start, end: self.property_span(last).end };
            let object = self.module.expr(span, ExprKind::Object(properties));
            into.push(self.module.stmt(span, StmtKind::Expr(object)));
        }
    }

    fn property_span(&self, property: &Property) -> Span {
        match property {
            Property::Value { value, .. } | Property::Spread(value) => self.module[*value].span,
            Property::Accessor { function, .. } => self.module[*function].span,
        }
    }

    /// A node that has no place among expressions, with those of its children that do.
    pub(super) fn unknown_with_children(&mut self, node: Syntax<'t>) -> ExprId {
        let children = self.children(node);
        let exprs = children.0.into_iter().filter(|child| child.kind.is_expression()).map(|child| self.expr(child)).collect();
        self.module.expr(node.span(), ExprKind::Unknown(exprs))
    }
}

/// Visits the error and missing nodes at or below the cursor's node, not the ones inside others, while `visit` says so. Each
/// comes with its parent: `Node::parent` would search for it from the root, by recursion as deep as the tree.
pub(super) fn visit_broken<'t>(cursor: &mut TreeCursor<'t>, visit: &mut dyn FnMut(Node<'t>, Option<Node<'t>>) -> bool) {
    let mut above = Vec::new();
    loop {
        let node = cursor.node();
        let broken = node.is_error() || node.is_missing();
        if broken && !visit(node, above.last().copied()) {
            return;
        }
        if !broken && node.has_error() && cursor.goto_first_child() {
            above.push(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            above.pop();
        }
    }
}
