//! Expressions.

use tree_sitter::Node;

use super::patterns::Target;
use super::{Frame, FrameKind, Lowering};
use crate::hir::{
    AssignOp, BinaryOp, Element, ExprId, ExprKind, Function, FunctionBody, FunctionKind, Literal, LogicalOp, Property, PropertyKey, UnaryOp,
};

impl<'t> Lowering<'_, 't> {
    /// Lowers an expression.
    pub(super) fn expr(&mut self, node: Node<'t>) -> ExprId {
        let span = Self::span(node);
        if !self.may_enter(span) {
            return self.unknown(span);
        }
        self.depth += 1;
        let expr = self.expr_at(node);
        self.depth -= 1;
        expr
    }

    /// Lowers the expression in a role, or an empty unknown in its place.
    pub(super) fn expr_in(&mut self, parent: Node<'t>, child: Option<Node<'t>>) -> ExprId {
        match child {
            Some(child) => self.expr(child),
            None => self.unknown(Self::span(parent)),
        }
    }

    fn expr_at(&mut self, node: Node<'t>) -> ExprId {
        let span = Self::span(node);
        let field = |name: &str| node.child_by_field_name(name);
        let kind = match node.kind() {
            "identifier" => return self.identifier(node),
            "string" | "concatenated_string" => return self.string(node),
            "integer" | "float" => ExprKind::Literal(number(self.slice(span))),
            "true" => ExprKind::Literal(Literal::Bool(true)),
            "false" => ExprKind::Literal(Literal::Bool(false)),
            "none" => ExprKind::Literal(Literal::Null),
            "ellipsis" => ExprKind::Literal(Literal::Other),
            "parenthesized_expression" | "type" | "constrained_type" => match Self::children(node).first() {
                Some(inner) => return self.expr(*inner),
                None => ExprKind::Unknown(Vec::new()),
            },
            "attribute" => {
                let object = self.expr_in(node, field("object"));
                match field("attribute") {
                    Some(attribute) => {
                        let property = self.name(attribute);
                        ExprKind::Member { object, property, property_span: Self::span(attribute), optional: false }
                    }
                    None => ExprKind::Unknown(vec![object]),
                }
            }
            "subscript" => return self.subscript(node),
            "call" => return self.call(node),
            "await" => {
                let inner = Self::children(node).first().copied();
                ExprKind::Await(self.expr_in(node, inner))
            }
            "binary_operator" => return self.binary(node),
            "boolean_operator" => {
                let op = if field("operator").is_some_and(|operator| operator.kind() == "and") { LogicalOp::And } else { LogicalOp::Or };
                let left = self.expr_in(node, field("left"));
                let right = self.expr_in(node, field("right"));
                ExprKind::Logical { op, left, right }
            }
            "not_operator" => ExprKind::Unary { op: UnaryOp::Not, operand: self.expr_in(node, field("argument")) },
            "unary_operator" => {
                let op = match field("operator").map(|operator| operator.kind()) {
                    Some("-") => UnaryOp::Minus,
                    Some("+") => UnaryOp::Plus,
                    _ => UnaryOp::Other,
                };
                ExprKind::Unary { op, operand: self.expr_in(node, field("argument")) }
            }
            "comparison_operator" => return self.comparison(node),
            "conditional_expression" => {
                let parts = Self::children(node);
                let yes = self.expr_in(node, parts.first().copied());
                let test = self.expr_in(node, parts.get(1).copied());
                let no = self.expr_in(node, parts.get(2).copied());
                ExprKind::Conditional { test, yes, no }
            }
            "lambda" => ExprKind::Function(self.lambda(node)),
            "named_expression" => {
                let target = match field("name") {
                    Some(name) => self.pattern(name, Target::Assign, None),
                    None => self.module.pat(span, crate::hir::PatKind::Unknown),
                };
                let value = self.expr_in(node, field("value"));
                ExprKind::Assign { op: AssignOp::Assign, target, value }
            }
            "yield" => {
                let inner = Self::children(node).first().copied();
                ExprKind::Yield(inner.map(|inner| self.expr(inner)))
            }
            "list" | "tuple" | "set" | "expression_list" | "pattern_list" => ExprKind::Array(self.elements(node)),
            "dictionary" => ExprKind::Object(self.dictionary(node)),
            "list_comprehension" | "set_comprehension" | "generator_expression" | "dictionary_comprehension" => {
                return self.comprehension(node);
            }
            "assignment" | "augmented_assignment" => {
                // Only broken code has one inside of an expression.
                let left = field("left").map(|left| self.expr(left));
                let right = field("right").map(|right| self.expr(right));
                ExprKind::Unknown(left.into_iter().chain(right).collect())
            }
            // Of `case` patterns only constants and dotted names are values.
            "dotted_name" => return self.dotted(node),
            _ => {
                let children = Self::children(node);
                ExprKind::Unknown(children.into_iter().map(|child| self.expr(child)).collect())
            }
        };
        self.module.expr(span, kind)
    }

    /// `a.b.c` where the grammar has one node for it.
    pub(super) fn dotted(&mut self, node: Node<'t>) -> ExprId {
        let mut value: Option<ExprId> = None;
        for part in Self::children(node) {
            value = Some(match value {
                None => self.identifier(part),
                Some(object) => {
                    let property = self.name(part);
                    let span = crate::source::Span { start: Self::span(node).start, end: Self::span(part).end };
                    self.module.expr(span, ExprKind::Member { object, property, property_span: Self::span(part), optional: false })
                }
            });
        }
        value.unwrap_or_else(|| self.unknown(Self::span(node)))
    }

    /// `x[i]`, and `x[a:b]` as `x.slice(a, b)`.
    fn subscript(&mut self, node: Node<'t>) -> ExprId {
        let span = Self::span(node);
        let object = self.expr_in(node, node.child_by_field_name("value"));
        let indexes = Self::fields(node, "subscript");
        let kind = match indexes.as_slice() {
            [slice] if slice.kind() == "slice" => {
                let bounds: Vec<Element> =
                    Self::children(*slice).into_iter().map(|bound| Element { expr: self.expr(bound), spread: false }).collect();
                let property = self.intern("slice");
                let callee = ExprKind::Member { object, property, property_span: Self::span(*slice), optional: false };
                let callee = self.module.expr(span, callee);
                ExprKind::Call { callee, args: bounds, optional: false }
            }
            [index] => ExprKind::Index { object, index: self.expr(*index), optional: false },
            _ => {
                let mut parts = vec![object];
                parts.extend(indexes.into_iter().map(|index| self.expr(index)));
                ExprKind::Unknown(parts)
            }
        };
        self.module.expr(span, kind)
    }

    fn binary(&mut self, node: Node<'t>) -> ExprId {
        let operator = node.child_by_field_name("operator").map_or("", |operator| operator.kind());
        let (left, right) = (node.child_by_field_name("left"), node.child_by_field_name("right"));
        if let ("%", Some(text), Some(values)) = (operator, left, right)
            && let Some(template) = self.percent_format(node, text, values)
        {
            return template;
        }
        let left = self.expr_in(node, left);
        let right = self.expr_in(node, right);
        let op = if operator == "+" { BinaryOp::Add } else { BinaryOp::Arithmetic };
        self.module.expr(Self::span(node), ExprKind::Binary { op, left, right })
    }

    /// `a < b <= c` means `a < b and b <= c`.
    fn comparison(&mut self, node: Node<'t>) -> ExprId {
        let operands = Self::children(node);
        let operators = Self::fields(node, "operators");
        let mut whole: Option<ExprId> = None;
        for (pair, operator) in operands.windows(2).zip(&operators) {
            let [left, right] = pair else { continue };
            let span = crate::source::Span { start: Self::span(*left).start, end: Self::span(*right).end };
            let (left, right) = (self.expr(*left), self.expr(*right));
            let op = match operator.kind() {
                "==" | "is" => BinaryOp::StrictEqual,
                "!=" | "<>" | "is not" => BinaryOp::StrictNotEqual,
                "in" | "not in" => BinaryOp::In,
                _ => BinaryOp::Compare,
            };
            let mut compared = self.module.expr(span, ExprKind::Binary { op, left, right });
            if operator.kind() == "not in" {
                compared = self.module.expr(span, ExprKind::Unary { op: UnaryOp::Not, operand: compared });
            }
            whole = Some(match whole {
                None => compared,
                Some(left) => self.module.expr(Self::span(node), ExprKind::Logical { op: LogicalOp::And, left, right: compared }),
            });
        }
        whole.unwrap_or_else(|| {
            let parts = operands.into_iter().map(|operand| self.expr(operand)).collect();
            self.module.expr(Self::span(node), ExprKind::Unknown(parts))
        })
    }

    fn lambda(&mut self, node: Node<'t>) -> crate::hir::FunctionId {
        let parameters = node.child_by_field_name("parameters");
        let evaluated = parameters.map(|list| self.evaluated_outside(list)).unwrap_or_default();
        self.in_frame(Frame::new(FrameKind::Arrow), |lowering| {
            let params = parameters.map(|list| lowering.parameters(list, evaluated)).unwrap_or_default();
            let body = lowering.expr_in(node, node.child_by_field_name("body"));
            lowering.module.function(Function {
                span: Self::span(node),
                name: None,
                kind: FunctionKind::Arrow,
                is_async: false,
                is_generator: false,
                params,
                body: Some(FunctionBody::Expr(body)),
                directives: Vec::new(),
                decorators: Vec::new(),
            })
        })
    }

    /// The elements of a list, tuple or set.
    pub(super) fn elements(&mut self, node: Node<'t>) -> Vec<Element> {
        let mut elements = Vec::new();
        for child in Self::children(node) {
            let spread = matches!(child.kind(), "list_splat" | "list_splat_pattern" | "parenthesized_list_splat");
            let inner = if spread { Self::children(child).first().copied() } else { Some(child) };
            elements.push(Element { expr: self.expr_in(child, inner), spread });
        }
        elements
    }

    fn dictionary(&mut self, node: Node<'t>) -> Vec<Property> {
        let mut properties = Vec::new();
        for child in Self::children(node) {
            match child.kind() {
                "pair" => properties.push(self.pair(child)),
                "dictionary_splat" => {
                    let inner = Self::children(child).first().copied();
                    properties.push(Property::Spread(self.expr_in(child, inner)));
                }
                _ => properties.push(Property::Spread(self.expr(child))),
            }
        }
        properties
    }

    /// `key: value` of a dictionary.
    pub(super) fn pair(&mut self, node: Node<'t>) -> Property {
        let key = self.expr_in(node, node.child_by_field_name("key"));
        let value = self.expr_in(node, node.child_by_field_name("value"));
        let key = match &self.module[key].kind {
            ExprKind::Literal(Literal::String(text)) => PropertyKey::Name(text.clone(), self.module[key].span),
            _ => PropertyKey::Computed(key),
        };
        Property::Value { key, value }
    }
}

fn number(text: &str) -> Literal {
    let plain: String = text.chars().filter(|character| *character != '_').collect();
    let parsed = match plain.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => radix(&plain, 16),
        Some("0o") => radix(&plain, 8),
        Some("0b") => radix(&plain, 2),
        _ => plain.parse().ok(),
    };
    parsed.map_or(Literal::Other, Literal::Number)
}

#[expect(clippy::cast_precision_loss, reason = "a number is only compared with small constants")]
fn radix(text: &str, radix: u32) -> Option<f64> {
    u64::from_str_radix(text.get(2..)?, radix).ok().map(|number| number as f64)
}
