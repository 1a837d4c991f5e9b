//! Statements.

use tree_sitter::Node;

use super::Lowering;
use super::patterns::Target;
use crate::hir::{AssignOp, Binding, BindingKind, ExprId, ExprKind, PatId, PatKind, StmtId, StmtKind, UnaryOp};
use crate::source::Span;

/// How many arms of an `elif` chain are nested; the rest is kept side by side.
const MAX_ARMS: usize = 100;

impl<'t> Lowering<'_, 't> {
    /// Lowers the statements of a block.
    pub(super) fn statements_of(&mut self, block: Node<'t>, into: &mut Vec<StmtId>) {
        for child in Self::children(block) {
            self.statement(child, into);
        }
    }

    /// A block as one statement.
    fn block_in(&mut self, parent: Node<'t>, block: Option<Node<'t>>) -> StmtId {
        let mut body = Vec::new();
        if let Some(block) = block {
            self.statements_of(block, &mut body);
        }
        self.module.stmt(Self::span(block.unwrap_or(parent)), StmtKind::Block(body))
    }

    /// Lowers a statement, which may become several.
    pub(super) fn statement(&mut self, node: Node<'t>, into: &mut Vec<StmtId>) {
        let span = Self::span(node);
        if !self.may_enter(span) {
            into.push(self.module.stmt(span, StmtKind::Unknown(Vec::new())));
            return;
        }
        self.depth += 1;
        let kind = match node.kind() {
            "expression_statement" => {
                self.expression_statement(node, into);
                None
            }
            "import_statement" | "import_from_statement" | "future_import_statement" => {
                self.import(node, into);
                None
            }
            "with_statement" => {
                self.with(node, into);
                None
            }
            "function_definition" => Some(StmtKind::Function(self.declared_function(node, Vec::new()))),
            "class_definition" => Some(StmtKind::Class(self.class(node, true, Vec::new()))),
            "decorated_definition" => {
                let decorators = self.decorators(node);
                match node.child_by_field_name("definition") {
                    Some(class) if class.kind() == "class_definition" => Some(StmtKind::Class(self.class(class, true, decorators))),
                    Some(function) => Some(StmtKind::Function(self.declared_function(function, decorators))),
                    None => Some(self.kept(node)),
                }
            }
            "return_statement" => {
                let value = Self::children(node).first().copied();
                Some(StmtKind::Return(value.map(|value| self.expr(value))))
            }
            "raise_statement" => {
                let value = Self::children(node).first().copied();
                Some(StmtKind::Throw(self.expr_in(node, value)))
            }
            "assert_statement" => Some(self.assertion(node)),
            "if_statement" => Some(self.if_statement(node)),
            "for_statement" => Some(self.for_statement(node)),
            "while_statement" => Some(self.while_statement(node)),
            "try_statement" => Some(self.try_statement(node)),
            "match_statement" => Some(self.match_statement(node)),
            "break_statement" | "continue_statement" => Some(StmtKind::Jump),
            "pass_statement" | "global_statement" | "nonlocal_statement" | "type_alias_statement" => Some(StmtKind::Empty),
            "block" => {
                let mut body = Vec::new();
                self.statements_of(node, &mut body);
                Some(StmtKind::Block(body))
            }
            "delete_statement" => {
                let parts = Self::children(node);
                let deleted: Vec<ExprId> = parts.into_iter().map(|part| self.expr(part)).collect();
                let deleted: Vec<ExprId> =
                    deleted.into_iter().map(|operand| self.module.expr(span, ExprKind::Unary { op: UnaryOp::Delete, operand })).collect();
                let all = self.module.expr(span, ExprKind::Sequence(deleted));
                Some(StmtKind::Expr(all))
            }
            _ => Some(self.kept(node)),
        };
        self.depth -= 1;
        if let Some(kind) = kind {
            into.push(self.module.stmt(span, kind));
        }
    }

    /// A statement of no interest, or a broken one: its parts are kept.
    fn kept(&mut self, node: Node<'t>) -> StmtKind {
        let mut body = Vec::new();
        for child in Self::children(node) {
            let kind = child.kind();
            if kind.ends_with("_statement")
                || kind.ends_with("_definition")
                || matches!(kind, "block" | "ERROR")
                || kind.ends_with("_clause")
            {
                self.statement(child, &mut body);
            } else if matches!(kind, "assignment" | "augmented_assignment") {
                self.assignment(child, &mut body);
            } else {
                let expr = self.expr(child);
                body.push(self.module.stmt(Self::span(child), StmtKind::Expr(expr)));
            }
        }
        StmtKind::Unknown(body)
    }

    fn expression_statement(&mut self, node: Node<'t>, into: &mut Vec<StmtId>) {
        let children = Self::children(node);
        match children.as_slice() {
            [inner] if matches!(inner.kind(), "assignment" | "augmented_assignment") => self.assignment(*inner, into),
            [inner] => {
                let expr = self.expr(*inner);
                into.push(self.module.stmt(Self::span(node), StmtKind::Expr(expr)));
            }
            _ => {
                let parts = children.into_iter().map(|child| self.expr(child)).collect();
                let all = self.module.expr(Self::span(node), ExprKind::Sequence(parts));
                into.push(self.module.stmt(Self::span(node), StmtKind::Expr(all)));
            }
        }
    }

    /// `x = v`, `a, b = v`, `x: T`, `x += v`, `a = b = v`.
    pub(super) fn assignment(&mut self, node: Node<'t>, into: &mut Vec<StmtId>) {
        let span = Self::span(node);
        let Some(left) = node.child_by_field_name("left") else { return };
        let right = node.child_by_field_name("right");
        if node.kind() == "augmented_assignment" {
            let op = match node.child_by_field_name("operator").map(|operator| operator.kind()) {
                Some("+=") => AssignOp::Add,
                _ => AssignOp::Other,
            };
            let target = self.expr(left);
            let target = self.module.pat(Self::span(left), PatKind::Expr(target));
            let value = self.expr_in(node, right);
            let assign = self.module.expr(span, ExprKind::Assign { op, target, value });
            into.push(self.module.stmt(span, StmtKind::Expr(assign)));
            return;
        }
        let mut targets = vec![left];
        let mut value = right;
        while let Some(chained) = value.filter(|value| value.kind() == "assignment") {
            targets.extend(chained.child_by_field_name("left"));
            value = chained.child_by_field_name("right");
        }
        let type_name = self.type_name(node.child_by_field_name("type"));
        let mut value = value.map(|value| self.expr(value));
        // The last target is set to the value, the others to the last one: an expression has one place only.
        let Some(last) = targets.pop() else { return };
        self.assign(span, last, value, type_name, into);
        for target in targets {
            value = Some(self.expr(last));
            self.assign(span, target, value, None, into);
        }
    }

    fn assign(
        &mut self,
        span: Span,
        left: Node<'t>,
        value: Option<ExprId>,
        type_name: Option<crate::hir::TypeName>,
        into: &mut Vec<StmtId>,
    ) {
        let target = self.pattern(left, Target::Assign, type_name);
        let kind = match (&self.module[target].kind, value) {
            (PatKind::Expr(_), Some(value)) => {
                StmtKind::Expr(self.module.expr(span, ExprKind::Assign { op: AssignOp::Assign, target, value }))
            }
            (PatKind::Expr(_), None) => StmtKind::Empty,
            _ => StmtKind::Declare { kind: BindingKind::Var, declarators: vec![(target, value)] },
        };
        into.push(self.module.stmt(span, kind));
    }

    /// `assert c, m` stops unless `c`.
    fn assertion(&mut self, node: Node<'t>) -> StmtKind {
        let parts = Self::children(node);
        let condition = parts.first().copied();
        let operand = self.expr_in(node, condition);
        let test = self.module.expr(self.module[operand].span, ExprKind::Unary { op: UnaryOp::Not, operand });
        let message = self.expr_in(node, parts.get(1).copied());
        let then = self.module.stmt(Self::span(node), StmtKind::Throw(message));
        StmtKind::If { test, then, otherwise: None }
    }

    fn if_statement(&mut self, node: Node<'t>) -> StmtKind {
        let test = self.expr_in(node, node.child_by_field_name("condition"));
        let then = self.block_in(node, node.child_by_field_name("consequence"));
        let mut arms: Vec<(Span, ExprId, StmtId)> = Vec::new();
        let mut otherwise = None;
        let mut flat = Vec::new();
        for clause in Self::fields(node, "alternative") {
            if clause.kind() == "elif_clause" {
                let test = self.expr_in(clause, clause.child_by_field_name("condition"));
                let then = self.block_in(clause, clause.child_by_field_name("consequence"));
                if arms.len() < MAX_ARMS {
                    arms.push((Self::span(clause), test, then));
                } else {
                    flat.push(self.module.stmt(Self::span(clause), StmtKind::Expr(test)));
                    flat.push(then);
                }
            } else {
                otherwise = Some(self.block_in(clause, clause.child_by_field_name("body")));
            }
        }
        if !flat.is_empty() {
            flat.extend(otherwise);
            otherwise = Some(self.module.stmt(Self::span(node), StmtKind::Unknown(flat)));
        }
        for (span, test, then) in arms.into_iter().rev() {
            otherwise = Some(self.module.stmt(span, StmtKind::If { test, then, otherwise }));
        }
        StmtKind::If { test, then, otherwise }
    }

    /// A loop, and its `else` behind it.
    fn with_else(&mut self, node: Node<'t>, kind: StmtKind) -> StmtKind {
        let Some(clause) = node.child_by_field_name("alternative") else { return kind };
        let body = self.module.stmt(Self::span(node), kind);
        let after = self.block_in(clause, clause.child_by_field_name("body"));
        StmtKind::Block(vec![body, after])
    }

    fn for_statement(&mut self, node: Node<'t>) -> StmtKind {
        let iterable = self.expr_in(node, node.child_by_field_name("right"));
        let pat = match node.child_by_field_name("left") {
            Some(left) => self.pattern(left, Target::Assign, None),
            None => self.module.pat(Self::span(node), PatKind::Unknown),
        };
        let declared = (!matches!(self.module[pat].kind, PatKind::Expr(_))).then_some(BindingKind::Var);
        let body = self.block_in(node, node.child_by_field_name("body"));
        self.with_else(node, StmtKind::ForEach { declared, pat, iterable, of: true, body })
    }

    fn while_statement(&mut self, node: Node<'t>) -> StmtKind {
        let test = self.expr_in(node, node.child_by_field_name("condition"));
        let body = self.block_in(node, node.child_by_field_name("body"));
        self.with_else(node, StmtKind::While { test, body })
    }

    /// `with a as b: …`: `b` is what `a` gives, in nearly every case itself.
    fn with(&mut self, node: Node<'t>, into: &mut Vec<StmtId>) {
        for clause in Self::children(node).into_iter().filter(|child| child.kind() == "with_clause") {
            for item in Self::children(clause) {
                let Some(value) = item.child_by_field_name("value") else { continue };
                let span = Self::span(item);
                let target = if value.kind() == "as_pattern" { value.child_by_field_name("alias") } else { None };
                let inner = if value.kind() == "as_pattern" { Self::children(value).first().copied() } else { Some(value) };
                let expr = self.expr_in(item, inner);
                match target {
                    Some(target) => {
                        let target = Self::children(target).first().copied().unwrap_or(target);
                        self.assign(span, target, Some(expr), None, into);
                    }
                    None => into.push(self.module.stmt(span, StmtKind::Expr(expr))),
                }
            }
        }
        let block = self.block_in(node, node.child_by_field_name("body"));
        into.push(block);
    }

    fn try_statement(&mut self, node: Node<'t>) -> StmtKind {
        let block = self.block_in(node, node.child_by_field_name("body"));
        let mut clauses = Vec::new();
        let mut after = None;
        let mut finalizer = None;
        for clause in Self::children(node) {
            match clause.kind() {
                "except_clause" | "except_group_clause" => clauses.push(clause),
                "else_clause" => after = Some(self.block_in(clause, clause.child_by_field_name("body"))),
                "finally_clause" => {
                    let body = Self::children(clause).into_iter().find(|child| child.kind() == "block");
                    finalizer = Some(self.block_in(clause, body));
                }
                _ => {}
            }
        }
        // What runs when nothing was raised goes on where the block ended.
        let block = match after {
            Some(after) => self.module.stmt(Self::span(node), StmtKind::Block(vec![block, after])),
            None => block,
        };
        let mut handler: Option<StmtId> = None;
        let mut param = None;
        let single = clauses.len() == 1;
        for clause in clauses.into_iter().rev() {
            let (raised, alias) = Self::caught(clause);
            let test = raised.map(|raised| self.expr(raised));
            let mut body = Vec::new();
            if let Some(alias) = alias.filter(|alias| alias.kind() == "identifier") {
                let pat = self.caught_name(alias, single);
                if single {
                    param = Some(pat);
                } else {
                    let kind = StmtKind::Declare { kind: BindingKind::Var, declarators: vec![(pat, None)] };
                    body.push(self.module.stmt(Self::span(alias), kind));
                }
            }
            if let Some(block) = Self::children(clause).into_iter().find(|child| child.kind() == "block") {
                self.statements_of(block, &mut body);
            }
            let then = self.module.stmt(Self::span(clause), StmtKind::Block(body));
            handler = Some(match test {
                Some(test) if single => {
                    let raised = self.module.stmt(self.module[test].span, StmtKind::Expr(test));
                    self.module.stmt(Self::span(clause), StmtKind::Block(vec![raised, then]))
                }
                Some(test) => self.module.stmt(Self::span(clause), StmtKind::If { test, then, otherwise: handler }),
                None => then,
            });
        }
        StmtKind::Try { block, param, handler, finalizer }
    }

    /// The exception that a clause catches, and the name that it gives it.
    fn caught(clause: Node<'t>) -> (Option<Node<'t>>, Option<Node<'t>>) {
        let mut raised = clause.child_by_field_name("value");
        let mut alias = clause.child_by_field_name("alias");
        if raised.is_none() {
            raised = Self::children(clause).into_iter().find(|child| child.kind() != "block");
        }
        if let Some(pattern) = raised.filter(|raised| raised.kind() == "as_pattern") {
            alias = pattern.child_by_field_name("alias").and_then(|alias| Self::children(alias).first().copied().or(Some(alias)));
            raised = Self::children(pattern).first().copied();
        }
        (raised, alias)
    }

    fn caught_name(&mut self, name: Node<'t>, as_param: bool) -> PatId {
        if !as_param {
            return self.pattern(name, Target::Assign, None);
        }
        let span = Self::span(name);
        let name = self.name(name);
        let binding = self.module.binding(Binding { name, span, kind: BindingKind::Catch, type_name: None });
        self.module.pat(span, PatKind::Binding(binding))
    }

    fn match_statement(&mut self, node: Node<'t>) -> StmtKind {
        let subjects = Self::fields(node, "subject");
        let discriminant = match subjects.as_slice() {
            [subject] => self.expr(*subject),
            several => {
                let parts = several.iter().map(|subject| self.expr(*subject)).collect();
                self.module.expr(Self::span(node), ExprKind::Unknown(parts))
            }
        };
        let mut cases = Vec::new();
        let body = node.child_by_field_name("body");
        for clause in body.map(Self::children).unwrap_or_default().into_iter().filter(|child| child.kind() == "case_clause") {
            let mut statements = Vec::new();
            let mut tests = Vec::new();
            for pattern in Self::children(clause).into_iter().filter(|child| child.kind() == "case_pattern") {
                self.case_pattern(pattern, &mut statements, &mut tests);
            }
            if let Some(guard) = clause.child_by_field_name("guard").and_then(|guard| Self::children(guard).first().copied()) {
                tests.push(self.expr(guard));
            }
            if let Some(block) = clause.child_by_field_name("consequence") {
                self.statements_of(block, &mut statements);
            }
            let test = match tests.as_slice() {
                [] => None,
                [test] => Some(*test),
                _ => Some(self.module.expr(Self::span(clause), ExprKind::Sequence(tests))),
            };
            cases.push((test, statements));
        }
        StmtKind::Switch { discriminant, cases }
    }

    /// The names that a `case` captures are declared; its constants and classes are what is compared with.
    fn case_pattern(&mut self, node: Node<'t>, statements: &mut Vec<StmtId>, tests: &mut Vec<ExprId>) {
        if !self.may_enter(Self::span(node)) {
            return;
        }
        self.depth += 1;
        match node.kind() {
            "dotted_name" => {
                let parts = Self::children(node);
                match parts.as_slice() {
                    [name] => self.capture(*name, statements),
                    _ => tests.push(self.dotted(node)),
                }
            }
            "identifier" => self.capture(node, statements),
            "class_pattern" | "keyword_pattern" => {
                for (index, child) in Self::children(node).into_iter().enumerate() {
                    match (index, child.kind()) {
                        (0, "dotted_name") => tests.push(self.dotted(child)),
                        // The name of an attribute.
                        (0, "identifier") => {}
                        _ => self.case_pattern(child, statements, tests),
                    }
                }
            }
            "string" | "concatenated_string" | "integer" | "float" | "true" | "false" | "none" | "complex_pattern" => {
                tests.push(self.expr(node));
            }
            _ => {
                for child in Self::children(node) {
                    self.case_pattern(child, statements, tests);
                }
            }
        }
        self.depth -= 1;
    }

    fn capture(&mut self, name: Node<'t>, statements: &mut Vec<StmtId>) {
        if self.slice(Self::span(name)) != "_" {
            let pat = self.pattern(name, Target::Assign, None);
            if !matches!(self.module[pat].kind, PatKind::Expr(_)) {
                let kind = StmtKind::Declare { kind: BindingKind::Var, declarators: vec![(pat, None)] };
                statements.push(self.module.stmt(Self::span(name), kind));
            }
        }
    }
}
