//! Statements.

use super::grammar::{Children, Field, Kind, Syntax};
use super::patterns::Target;
use super::{Lowering, MAX_DEPTH};
use crate::hir::{BindingKind, ExprId, FunctionKind, Name, PatId, StmtId, StmtKind};
use crate::source::Span;

impl<'t> Lowering<'_, 't> {
    /// The directive prologue and the other statements of a program or function body.
    pub(super) fn body(&mut self, block: Syntax<'t>) -> (Vec<(Name, Span)>, Vec<StmtId>) {
        let mut children = self.children(block);
        let mut directives = Vec::new();
        let mut taken = 0;
        for child in &children.0 {
            if child.kind != Kind::HashBang {
                let Some(directive) = self.directive(*child) else { break };
                directives.push(directive);
            }
            taken += 1;
        }
        children.0.drain(..taken);
        (directives, self.statements(children))
    }

    fn directive(&mut self, node: Syntax<'t>) -> Option<(Name, Span)> {
        let inner = node.node.named_child(0).filter(|_| node.kind == Kind::ExpressionStatement && !node.node.has_error())?;
        let inner = self.grammar.syntax(inner, None);
        if inner.kind != Kind::String || !self.input.holes_in(inner.span()).is_empty() {
            return None;
        }
        let raw = self.slice(self.between_quotes(inner.span()));
        Some((self.intern(raw), inner.span()))
    }

    /// The statements of a block.
    pub(super) fn statements_of(&mut self, block: Syntax<'t>) -> Vec<StmtId> {
        let children = self.children(block);
        self.statements(children)
    }

    /// Lowers children that are statements, and the errors between and inside them.
    fn statements(&mut self, children: Children<'t>) -> Vec<StmtId> {
        let mut body = Vec::with_capacity(children.0.len());
        let mut broken = !self.pending.is_empty();
        self.salvage(&mut body);
        for child in children.0 {
            if child.kind.is_statement() {
                body.push(self.stmt(child));
            } else {
                broken = true;
                self.salvage_parts(Children(vec![child]), &mut body);
            }
            broken |= !self.pending.is_empty();
            self.salvage(&mut body);
        }
        if broken {
            body.sort_by_key(|stmt| self.module[*stmt].span.start);
        }
        body
    }

    /// Lowers a statement.
    pub(super) fn stmt(&mut self, node: Syntax<'t>) -> StmtId {
        let span = node.span();
        if self.depth >= MAX_DEPTH {
            self.too_deep(span);
            return self.module.stmt(span, StmtKind::Unknown(Vec::new()));
        }
        self.depth += 1;
        let kind = self.stmt_kind(node);
        self.depth -= 1;
        self.module.stmt(span, kind)
    }

    fn stmt_in(&mut self, parent: Syntax<'t>, child: Option<Syntax<'t>>) -> StmtId {
        match child {
            Some(child) => self.stmt(child),
            None => self.module.stmt(parent.span(), StmtKind::Unknown(Vec::new())),
        }
    }

    /// What a statement is.
    pub(super) fn stmt_kind(&mut self, node: Syntax<'t>) -> StmtKind {
        match node.kind {
            Kind::ExpressionStatement => self.expression_statement(node),
            Kind::Lexical | Kind::Variable | Kind::Using => self.declaration(node),
            Kind::FunctionDeclaration | Kind::FunctionSignature => StmtKind::Function(self.function(node, FunctionKind::Declaration)),
            Kind::ClassDeclaration | Kind::AbstractClass => StmtKind::Class(self.class(node, true, Vec::new())),
            Kind::ImportStatement => self.import(node),
            Kind::Export => self.export(node),
            Kind::StatementBlock => StmtKind::Block(self.statements_of(node)),
            Kind::If => self.if_statement(node),
            Kind::For => self.for_statement(node),
            Kind::ForIn => self.for_each(node),
            Kind::While | Kind::Do => self.while_statement(node),
            Kind::With => self.with_statement(node),
            Kind::Try => self.try_statement(node),
            Kind::Switch => self.switch(node),
            Kind::Return | Kind::Throw => self.return_or_throw(node),
            Kind::Labeled => {
                let parts = self.children(node);
                StmtKind::Labeled(self.stmt_in(node, parts.field(Field::Body)))
            }
            Kind::Break | Kind::Continue => StmtKind::Jump,
            Kind::Enum => self.enumeration(node),
            Kind::Namespace => self.namespace(node),
            Kind::ImportAlias => self.import_alias(node),
            _ => {
                self.set_errors_aside(node);
                StmtKind::Empty
            }
        }
    }

    fn expression_statement(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let Some(inner) = parts.0.first().copied() else { return StmtKind::Unknown(Vec::new()) };
        if inner.kind == Kind::Namespace {
            return self.namespace(inner);
        }
        match self.using_assignment(inner) {
            Some(assignment) => {
                let parts = self.children(assignment);
                let kind = BindingKind::Const;
                let pat = self.pattern_in(assignment, parts.field(Field::Left), Target::Declare(kind), None);
                let value = self.expr_in(assignment, parts.field(Field::Right));
                StmtKind::Declare { kind, declarators: vec![(pat, Some(value))] }
            }
            None => StmtKind::Expr(self.expr(inner)),
        }
    }

    /// The assignment that TypeScript's grammar sees in `using x = y`, and under an `await` in `await using x = y`.
    fn using_assignment(&self, node: Syntax<'t>) -> Option<Syntax<'t>> {
        let assignment = match node.kind {
            Kind::Await => self.grammar.syntax(node.node.named_child(0)?, None),
            _ => node,
        };
        let keyword = self.grammar.syntax(assignment.node.child(0)?, None);
        (assignment.kind == Kind::Assignment && keyword.kind == Kind::UsingToken).then_some(assignment)
    }

    fn declaration(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let kind = match node.kind {
            Kind::Variable => BindingKind::Var,
            Kind::Lexical if !parts.has(Kind::ConstToken) => BindingKind::Let,
            _ => BindingKind::Const,
        };
        let declarators =
            parts.0.into_iter().filter(|part| part.kind == Kind::Declarator).map(|part| self.declarator(part, kind)).collect();
        StmtKind::Declare { kind, declarators }
    }

    /// A declared pattern and its initialiser.
    pub(super) fn declarator(&mut self, node: Syntax<'t>, kind: BindingKind) -> (PatId, Option<ExprId>) {
        let parts = self.children(node);
        let type_name = self.type_name(parts.field(Field::Type));
        let pat = self.pattern_in(node, parts.field(Field::Name), Target::Declare(kind), type_name);
        (pat, parts.field(Field::Value).map(|value| self.expr(value)))
    }

    /// `if … else if … else`: the chain is a loop.
    fn if_statement(&mut self, node: Syntax<'t>) -> StmtKind {
        let depth = self.depth;
        let room = self.chain_room().max(1);
        let mut arms = Vec::new();
        let mut flat = Vec::new();
        let mut at = node;
        let mut otherwise = loop {
            let parts = self.children(at);
            let test = self.expr_in(at, parts.field(Field::Condition));
            let then = self.stmt_in(at, parts.field(Field::Consequence));
            if arms.len() < room {
                arms.push((at, test, then));
                self.depth += 1;
            } else {
                flat.push(self.module.stmt(at.span(), StmtKind::Expr(test)));
                flat.push(then);
            }
            let Some(clause) = parts.field(Field::Alternative) else { break None };
            match self.children(clause).0.into_iter().next() {
                Some(next) if next.kind == Kind::If => at = next,
                last => break Some(self.stmt_in(clause, last)),
            }
        };
        self.depth = depth;
        if !flat.is_empty() {
            self.too_deep(node.span());
            flat.extend(otherwise);
            otherwise = Some(self.module.stmt(node.span(), StmtKind::Unknown(flat)));
        }
        let mut kind = StmtKind::Empty;
        for (index, (arm, test, then)) in arms.into_iter().enumerate().rev() {
            kind = StmtKind::If { test, then, otherwise };
            if index > 0 {
                otherwise = Some(self.module.stmt(arm.span(), std::mem::replace(&mut kind, StmtKind::Empty)));
            }
        }
        kind
    }

    fn for_statement(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let init = parts.field(Field::Initializer).and_then(|init| match init.kind {
            Kind::EmptyStatement => None,
            kind if kind.is_expression() => {
                let expr = self.expr(init);
                Some(self.module.stmt(init.span(), StmtKind::Expr(expr)))
            }
            _ => Some(self.stmt(init)),
        });
        let test = parts.fields(Field::Condition).find(|test| test.kind.is_expression()).map(|test| self.expr(test));
        let update = parts.field(Field::Increment).map(|update| self.expr(update));
        let body = self.stmt_in(node, parts.field(Field::Body));
        StmtKind::For { init, test, update, body }
    }

    fn for_each(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let declared = parts.fields(Field::KindToken).last().map(|keyword| match self.slice(keyword.span()) {
            "var" => BindingKind::Var,
            "let" => BindingKind::Let,
            _ => BindingKind::Const,
        });
        let target = declared.map_or(Target::Assign, Target::Declare);
        let pat = self.pattern_in(node, parts.field(Field::Left), target, None);
        let iterable = self.expr_in(node, parts.field(Field::Right));
        let of = parts.field(Field::Operator).is_some_and(|operator| self.slice(operator.span()) == "of");
        let body = self.stmt_in(node, parts.field(Field::Body));
        StmtKind::ForEach { declared, pat, iterable, of, body }
    }

    fn while_statement(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let test = self.expr_in(node, parts.field(Field::Condition));
        let body = self.stmt_in(node, parts.field(Field::Body));
        StmtKind::While { test, body }
    }

    /// `with` makes every name in it uncertain, so it is kept as unknown.
    fn with_statement(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let object = self.expr_in(node, parts.field(Field::Object));
        let object = self.module.stmt(node.span(), StmtKind::Expr(object));
        let body = self.stmt_in(node, parts.field(Field::Body));
        StmtKind::Unknown(vec![object, body])
    }

    fn try_statement(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let block = self.stmt_in(node, parts.field(Field::Body));
        let mut param = None;
        let mut handler = None;
        if let Some(clause) = parts.field(Field::Handler) {
            let parts = self.children(clause);
            let type_name = self.type_name(parts.field(Field::Type));
            param = parts.field(Field::Parameter).map(|param| self.pattern(param, Target::Declare(BindingKind::Catch), type_name));
            handler = Some(self.stmt_in(clause, parts.field(Field::Body)));
        }
        let finalizer = parts.field(Field::Finalizer).map(|clause| {
            let parts = self.children(clause);
            self.stmt_in(clause, parts.field(Field::Body))
        });
        StmtKind::Try { block, param, handler, finalizer }
    }

    fn switch(&mut self, node: Syntax<'t>) -> StmtKind {
        let parts = self.children(node);
        let discriminant = self.expr_in(node, parts.field(Field::Value));
        let clauses = parts.field(Field::Body).map(|body| self.children(body).0).unwrap_or_default();
        let mut cases = Vec::new();
        for clause in clauses.into_iter().filter(|clause| matches!(clause.kind, Kind::SwitchCase | Kind::SwitchDefault)) {
            let mut parts = self.children(clause);
            let test = parts.field(Field::Value).map(|value| self.expr(value));
            parts.0.retain(|part| part.field == Some(Field::Body));
            cases.push((test, self.statements(parts)));
        }
        StmtKind::Switch { discriminant, cases }
    }

    fn return_or_throw(&mut self, node: Syntax<'t>) -> StmtKind {
        let inner = self.children(node).expression();
        if node.kind == Kind::Return {
            return StmtKind::Return(inner.map(|inner| self.expr(inner)));
        }
        StmtKind::Throw(self.expr_in(node, inner))
    }
}
