//! Expressions.

use super::grammar::{Children, Field, Kind, Syntax};
use super::operators::{self, Infix};
use super::patterns::Target;
use super::{Lowering, MAX_DEPTH};
use crate::hir::{AssignOp, Element, ExprId, ExprKind, FunctionKind, Literal, UnaryOp};
use crate::source::Span;

/// One expression of a chain, without its first operand.
struct Link<'t> {
    node: Syntax<'t>,
    parts: Children<'t>,
    /// Where the expression starts, which is not always where the node does.
    start: u32,
}

impl<'t> Lowering<'_, 't> {
    /// Lowers an expression.
    pub(super) fn expr(&mut self, node: Syntax<'t>) -> ExprId {
        if self.depth >= MAX_DEPTH {
            self.too_deep(node.span());
            return self.unknown(node.span());
        }
        self.depth += 1;
        let expr = match node.kind {
            kind if kind.is_link() => self.chain(node),
            Kind::Ternary => self.conditional(node),
            _ => self.single(node),
        };
        self.depth -= 1;
        expr
    }

    /// Lowers the expression in a role, or an empty unknown in its place.
    pub(super) fn expr_in(&mut self, parent: Syntax<'t>, child: Option<Syntax<'t>>) -> ExprId {
        match child {
            Some(child) => self.expr(child),
            None => self.unknown(parent.span()),
        }
    }

    /// Lowers a chain of links (`a.b().c[d] + e as T`) from its innermost operand outwards, without recursion along the chain.
    fn chain(&mut self, node: Syntax<'t>) -> ExprId {
        let mut links: Vec<Link<'t>> = Vec::new();
        let mut first = Some(node);
        let mut misplaced = false;
        while let Some(link) = first.filter(|first| first.kind.is_link() && !misplaced) {
            let parts = self.children(link);
            first = first_operand(link.kind, &parts);
            misplaced = link.kind.is_postfix() && first.is_some_and(|first| first.kind.binds_loosely());
            links.push(Link { node: link, parts, start: link.span().start });
        }
        if misplaced && let Some(operator) = first {
            let postfix = links.iter().rposition(|link| !link.node.kind.is_postfix()).map_or(0, |last| last + 1);
            let postfix = links.split_off(postfix);
            return self.wrap(node, links, |lowering| Some(lowering.push_postfix_down(operator, postfix)));
        }
        self.wrap(node, links, |lowering| first.map(|first| lowering.expr(first)))
    }

    /// TypeScript's grammar gives `!` and calls with type arguments too low a precedence: `await f<T>(x)` comes as
    /// `(await f)<T>(x)`, `a && b!.c` as `(a && b)!.c`. What is postfix can only belong to the last operand, so that is where this
    /// puts it.
    fn push_postfix_down(&mut self, operator: Syntax<'t>, mut postfix: Vec<Link<'t>>) -> ExprId {
        let end = postfix.first().map_or(operator.span().end, |link| link.node.span().end);
        let span = Span { start: operator.span().start, end };
        if self.depth >= MAX_DEPTH {
            self.too_deep(span);
            return self.unknown(span);
        }
        if !operator.kind.binds_loosely() {
            for link in &mut postfix {
                link.start = span.start;
            }
            return self.wrap(operator, postfix, |lowering| Some(lowering.expr(operator)));
        }
        self.depth += 1;
        let parts = self.children(operator);
        let last = match operator.kind {
            Kind::Binary => parts.field(Field::Right),
            Kind::Unary => parts.field(Field::Argument),
            _ => parts.expression(),
        };
        let left = (operator.kind == Kind::Binary).then(|| self.expr_in(operator, parts.field(Field::Left)));
        let last = match last {
            Some(last) => self.push_postfix_down(last, postfix),
            None => self.unknown(span),
        };
        self.depth -= 1;
        let kind = match left {
            Some(left) => self.infix(&parts, left, last),
            None => self.prefix(operator, &parts, last),
        };
        self.module.expr(span, kind)
    }

    /// Wraps links around their innermost operand. Of a chain that is too long to nest, the inner part nests and the operands of
    /// the rest are kept side by side.
    fn wrap(&mut self, whole: Syntax<'t>, mut links: Vec<Link<'t>>, innermost: impl FnOnce(&mut Self) -> Option<ExprId>) -> ExprId {
        let nested = links.len().min(self.chain_room().max(1));
        let rest = links.len() - nested;
        self.depth += nested;
        let mut value = innermost(self);
        for link in links.drain(rest..).rev() {
            self.depth -= 1;
            value = Some(self.link(&link, value));
        }
        if rest > 0 {
            self.too_deep(whole.span());
            let mut flat: Vec<ExprId> = value.into_iter().collect();
            for link in links.into_iter().rev() {
                self.other_operands(&link, &mut flat);
            }
            value = Some(self.module.expr(whole.span(), ExprKind::Unknown(flat)));
        }
        value.unwrap_or_else(|| self.unknown(whole.span()))
    }

    /// Wraps one link around its first operand.
    fn link(&mut self, link: &Link<'t>, first: Option<ExprId>) -> ExprId {
        let Link { node, parts, start } = link;
        let span = Span { start: *start, end: node.span().end };
        if node.kind == Kind::Call && parts.field(Field::Function).is_some_and(|function| function.kind == Kind::Import) {
            return self.import_call(*node, parts);
        }
        if node.kind == Kind::Member && parts.field(Field::Object).is_some_and(|object| object.kind == Kind::Import) {
            return self.module.expr(span, ExprKind::ImportMeta);
        }
        let first = first.unwrap_or_else(|| self.unknown(span));
        let optional = parts.has(Kind::OptionalChain) || parts.has(Kind::OptionalChainToken);
        let kind = match node.kind {
            Kind::Parenthesized => return first,
            Kind::NonNull | Kind::Instantiation => ExprKind::Cast { expr: first, type_name: None },
            Kind::As | Kind::Satisfies => {
                let type_name = self.type_name(parts.0.get(1).copied());
                ExprKind::Cast { expr: first, type_name }
            }
            Kind::Member => match parts.field(Field::Property) {
                Some(property) if property.kind != Kind::Missing => {
                    let name = self.name(property);
                    ExprKind::Member { object: first, property: name, property_span: property.span(), optional }
                }
                _ => ExprKind::Unknown(vec![first]),
            },
            Kind::Subscript => {
                let index = self.expr_in(*node, parts.field(Field::Index));
                ExprKind::Index { object: first, index, optional }
            }
            Kind::Call => match parts.field(Field::Arguments) {
                Some(template) if template.kind == Kind::Template => {
                    let template = self.expr(template);
                    ExprKind::TaggedTemplate { tag: first, template }
                }
                args => {
                    let args = self.arguments(args);
                    match args.as_slice() {
                        // `await (x)` reads as a call to the grammar; no function can have that name where anybody awaits.
                        [Element { expr, spread: false }] if matches!(&self.module[first].kind, ExprKind::Ident(name) if &**name == "await") => {
                            ExprKind::Await(*expr)
                        }
                        _ => ExprKind::Call { callee: first, args, optional },
                    }
                }
            },
            _ => {
                let right = self.expr_in(*node, parts.field(Field::Right));
                self.infix(parts, first, right)
            }
        };
        let type_arguments = if node.kind == Kind::Call { self.type_name(parts.field(Field::TypeArguments)) } else { None };
        let expr = self.module.expr(span, kind);
        self.module.type_arguments.extend(type_arguments.map(|names| (expr, names)));
        expr
    }

    fn infix(&self, parts: &Children<'t>, left: ExprId, right: ExprId) -> ExprKind {
        let operator = parts.field(Field::Operator).map_or("", |operator| self.slice(operator.span()));
        match operators::infix(operator) {
            Infix::Logical(op) => ExprKind::Logical { op, left, right },
            Infix::Binary(op) => ExprKind::Binary { op, left, right },
        }
    }

    /// The operands of a link but the first, for a chain that is too long to nest.
    fn other_operands(&mut self, link: &Link<'t>, flat: &mut Vec<ExprId>) {
        let parts = &link.parts;
        match parts.field(Field::Arguments) {
            Some(template) if template.kind == Kind::Template => flat.push(self.expr(template)),
            args => flat.extend(self.arguments(args).into_iter().map(|arg| arg.expr)),
        }
        let role = if link.node.kind == Kind::Subscript { Field::Index } else { Field::Right };
        if let Some(operand) = parts.field(role) {
            flat.push(self.expr(operand));
        }
    }

    fn import_call(&mut self, call: Syntax<'t>, parts: &Children<'t>) -> ExprId {
        let args = self.arguments(parts.field(Field::Arguments));
        let kind = match args.first() {
            Some(specifier) => ExprKind::ImportCall { specifier: specifier.expr },
            None => ExprKind::Unknown(Vec::new()),
        };
        self.module.expr(call.span(), kind)
    }

    /// The elements of an argument list or array.
    fn arguments(&mut self, list: Option<Syntax<'t>>) -> Vec<Element> {
        let Some(list) = list else { return Vec::new() };
        let children = self.children(list);
        let mut elements = Vec::with_capacity(children.0.len());
        for child in children.0 {
            if child.kind == Kind::Spread {
                let inner = self.children(child).expression();
                elements.push(Element { expr: self.expr_in(child, inner), spread: true });
            } else if child.kind.is_expression() || child.kind == Kind::Missing {
                elements.push(Element { expr: self.expr(child), spread: false });
            }
        }
        elements
    }

    /// `a ? b : c ? d : e …`: the chain of alternatives is a loop.
    fn conditional(&mut self, node: Syntax<'t>) -> ExprId {
        let depth = self.depth;
        let room = self.chain_room().max(1);
        let mut arms = Vec::new();
        let mut flat = Vec::new();
        let mut at = node;
        let mut last = loop {
            let parts = self.children(at);
            let test = self.expr_in(at, parts.field(Field::Condition));
            let yes = self.expr_in(at, parts.field(Field::Consequence));
            if arms.len() < room {
                arms.push((at, test, yes));
                self.depth += 1;
            } else {
                flat.extend([test, yes]);
            }
            match parts.field(Field::Alternative) {
                Some(next) if next.kind == Kind::Ternary => at = next,
                alternative => break self.expr_in(at, alternative),
            }
        };
        if !flat.is_empty() {
            self.too_deep(node.span());
            flat.push(last);
            last = self.module.expr(node.span(), ExprKind::Unknown(flat));
        }
        self.depth = depth;
        for (arm, test, yes) in arms.into_iter().rev() {
            last = self.module.expr(arm.span(), ExprKind::Conditional { test, yes, no: last });
        }
        last
    }

    /// Expressions that do not chain.
    fn single(&mut self, node: Syntax<'t>) -> ExprId {
        let kind = match node.kind {
            Kind::Identifier | Kind::Undefined | Kind::Shorthand => return self.identifier(node),
            Kind::String => return self.string(node),
            Kind::Template => return self.template(node),
            Kind::Number => return self.number(node),
            Kind::This => ExprKind::This,
            Kind::Super => ExprKind::Super,
            Kind::True => ExprKind::Literal(Literal::Bool(true)),
            Kind::False => ExprKind::Literal(Literal::Bool(false)),
            Kind::Null => ExprKind::Literal(Literal::Null),
            Kind::Regex => ExprKind::Literal(Literal::Other),
            Kind::MetaProperty if self.slice(node.span()).starts_with("import") => ExprKind::ImportMeta,
            Kind::Object => ExprKind::Object(self.object(node)),
            Kind::Array => ExprKind::Array(self.arguments(Some(node))),
            Kind::Function => ExprKind::Function(self.function(node, FunctionKind::Expression)),
            Kind::Arrow => ExprKind::Function(self.function(node, FunctionKind::Arrow)),
            Kind::Class => ExprKind::Class(self.class(node, false, Vec::new())),
            Kind::JsxElement | Kind::JsxSelfClosing => ExprKind::Jsx(self.jsx(node)),
            Kind::JsxExpression => return self.jsx_expression(node),
            Kind::Assignment | Kind::AugmentedAssignment => return self.assignment(node),
            Kind::New => return self.new_expression(node),
            Kind::Unary | Kind::Update | Kind::Await | Kind::Yield | Kind::TypeAssertion => return self.unary(node),
            Kind::Sequence => return self.sequence(node),
            Kind::Missing => ExprKind::Unknown(Vec::new()),
            _ => return self.unknown_with_children(node),
        };
        self.module.expr(node.span(), kind)
    }

    fn assignment(&mut self, node: Syntax<'t>) -> ExprId {
        let parts = self.children(node);
        let op = match parts.field(Field::Operator) {
            Some(operator) => operators::assignment(self.slice(operator.span())),
            None => AssignOp::Assign,
        };
        let target = match parts.field(Field::Left) {
            Some(left) => self.pattern(left, Target::Assign, None),
            None => self.unknown_pattern(node.span()),
        };
        let value = self.expr_in(node, parts.field(Field::Right));
        self.module.expr(node.span(), ExprKind::Assign { op, target, value })
    }

    fn new_expression(&mut self, node: Syntax<'t>) -> ExprId {
        let parts = self.children(node);
        let callee = self.expr_in(node, parts.field(Field::Constructor));
        let args = self.arguments(parts.field(Field::Arguments));
        let type_arguments = self.type_name(parts.field(Field::TypeArguments));
        let expr = self.module.expr(node.span(), ExprKind::New { callee, args });
        self.module.type_arguments.extend(type_arguments.map(|names| (expr, names)));
        expr
    }

    /// `!x`, `x++`, `await x`, `yield x`, `<T>x`.
    fn unary(&mut self, node: Syntax<'t>) -> ExprId {
        let parts = self.children(node);
        let operand = parts.field(Field::Argument).or_else(|| parts.expression()).or_else(|| parts.kind(Kind::Missing));
        let kind = if node.kind == Kind::Yield {
            ExprKind::Yield(operand.map(|operand| self.expr(operand)))
        } else {
            let operand = self.expr_in(node, operand);
            self.prefix(node, &parts, operand)
        };
        self.module.expr(node.span(), kind)
    }

    fn prefix(&mut self, node: Syntax<'t>, parts: &Children<'t>, operand: ExprId) -> ExprKind {
        match node.kind {
            Kind::Await => ExprKind::Await(operand),
            Kind::TypeAssertion => ExprKind::Cast { expr: operand, type_name: self.type_name(parts.kind(Kind::TypeArguments)) },
            Kind::Update => ExprKind::Unary { op: UnaryOp::Update, operand },
            _ => {
                let token = parts.field(Field::Operator).map_or("", |operator| self.slice(operator.span()));
                ExprKind::Unary { op: operators::prefix(token), operand }
            }
        }
    }

    fn sequence(&mut self, node: Syntax<'t>) -> ExprId {
        let parts = self.children(node);
        let exprs = parts.0.into_iter().filter(|child| child.kind.is_expression()).map(|child| self.expr(child)).collect();
        self.module.expr(node.span(), ExprKind::Sequence(exprs))
    }
}

/// The operand that a chain continues in.
fn first_operand<'t>(link: Kind, parts: &Children<'t>) -> Option<Syntax<'t>> {
    let operand = match link {
        Kind::Call => parts.field(Field::Function),
        Kind::Member | Kind::Subscript => parts.field(Field::Object),
        Kind::Binary => parts.field(Field::Left),
        _ => parts.expression(),
    };
    operand.filter(|operand| operand.kind != Kind::Import)
}
