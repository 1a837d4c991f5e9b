//! Comprehensions: `[f(x) for x in xs if c]` is lowered as `xs.map((x) => c ? f(x) : …)`.
//!
//! Python evaluates a comprehension as a function of its own, called with the first iterable, so the scopes agree as well.

use tree_sitter::Node;

use super::patterns::Target;
use super::{Frame, FrameKind, Lowering};
use crate::hir::{Element, ExprId, ExprKind, Function, FunctionBody, FunctionKind, Param, Property};
use crate::source::Span;

impl<'t> Lowering<'_, 't> {
    /// A list, set, dictionary comprehension or generator expression.
    pub(super) fn comprehension(&mut self, node: Node<'t>) -> ExprId {
        let span = Self::span(node);
        let clauses: Vec<Node<'t>> =
            Self::children(node).into_iter().filter(|child| matches!(child.kind(), "for_in_clause" | "if_clause")).collect();
        let mapped = self.generators(node, &clauses);
        if node.kind() == "dictionary_comprehension" {
            // Its keys are not known: what it holds cannot be asked for by name.
            let whole = self.unknown(span);
            return self.module.expr(span, ExprKind::Unknown(vec![mapped, whole]));
        }
        mapped
    }

    /// The clauses from the first `for` on, around the element.
    fn generators(&mut self, node: Node<'t>, clauses: &[Node<'t>]) -> ExprId {
        let span = Self::span(node);
        let Some((clause, rest)) = clauses.split_first() else { return self.element(node) };
        if !self.may_enter(span) {
            return self.unknown(span);
        }
        self.depth += 1;
        let made = if clause.kind() == "if_clause" {
            let condition = Self::children(*clause).first().copied();
            let test = self.expr_in(*clause, condition);
            let yes = self.generators(node, rest);
            let no = self.unknown(Self::span(*clause));
            self.module.expr(span, ExprKind::Conditional { test, yes, no })
        } else {
            let iterable = Self::fields(*clause, "right").into_iter().find(Node::is_named);
            let iterable = self.expr_in(*clause, iterable);
            let function = self.in_frame(Frame::new(FrameKind::Arrow), |lowering| {
                let pat = match clause.child_by_field_name("left") {
                    Some(left) => lowering.pattern(left, Target::Param, None),
                    None => lowering.module.pat(Self::span(*clause), crate::hir::PatKind::Unknown),
                };
                let body = lowering.generators(node, rest);
                lowering.module.function(Function {
                    span,
                    name: None,
                    kind: FunctionKind::Arrow,
                    is_async: false,
                    is_generator: false,
                    params: vec![Param { pat, rest: false, field: false, decorators: Vec::new() }],
                    body: Some(FunctionBody::Expr(body)),
                    directives: Vec::new(),
                    decorators: Vec::new(),
                })
            });
            let nested = rest.iter().any(|clause| clause.kind() == "for_in_clause");
            let property = self.intern(if nested { "flatMap" } else { "map" });
            let callback = self.module.expr(span, ExprKind::Function(function));
            let keyword = Span { start: Self::span(*clause).start, end: Self::span(*clause).start };
            let callee = ExprKind::Member { object: iterable, property, property_span: keyword, optional: false };
            let callee = self.module.expr(Self::span(*clause), callee);
            self.module.expr(span, ExprKind::Call { callee, args: vec![Element { expr: callback, spread: false }], optional: false })
        };
        self.depth -= 1;
        made
    }

    fn element(&mut self, node: Node<'t>) -> ExprId {
        match node.child_by_field_name("body") {
            Some(pair) if pair.kind() == "pair" => {
                let property: Property = self.pair(pair);
                self.module.expr(Self::span(pair), ExprKind::Object(vec![property]))
            }
            body => self.expr_in(node, body),
        }
    }
}
