//! `if`, `match` and loops, whose branches put their values where they go.

use syn::{BinOp, Block, Expr, ExprForLoop, ExprIf, ExprLet, ExprLoop, ExprMatch, ExprWhile, Pat};

use super::patterns::is_plain;
use super::{Dest, Lowering};
use crate::hir::{BindingKind, ExprId, ExprKind, Literal, LogicalOp, StmtId, StmtKind};

/// What a condition with `let` binds when it holds: the patterns, each with a mention of its value.
type Bindings<'a> = Vec<(&'a Pat, ExprId)>;

impl Lowering<'_, '_> {
    /// What is taken apart, as something that can be mentioned again and again.
    fn subject(&mut self, expr: &Expr) -> ExprId {
        let value = self.expr(expr);
        if self.is_kept(value)
            || is_plain(expr) && matches!(self.module[value].kind, ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::This)
        {
            return value;
        }
        let span = self.module[value].span;
        self.kept(span, value)
    }

    /// A condition, and what it binds when it holds.
    fn condition<'a>(&mut self, expr: &'a Expr, bindings: &mut Bindings<'a>) -> ExprId {
        match expr {
            Expr::Let(ExprLet { pat, expr, .. }) => {
                let subject = self.subject(expr);
                let test = self.copy(subject);
                let test = self.test_of(pat, test).unwrap_or(subject);
                let bound = self.copy(subject);
                bindings.push((pat, bound));
                test
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
                let span = self.span(binary.op_span());
                if !self.may_enter(span) {
                    return self.unknown(span);
                }
                self.depth += 1;
                let left = self.condition(&binary.left, bindings);
                let right = self.condition(&binary.right, bindings);
                self.depth -= 1;
                self.logical(LogicalOp::And, left, right)
            }
            Expr::Paren(paren) => self.condition(&paren.expr, bindings),
            other => self.expr(other),
        }
    }

    fn branch(&mut self, block: &Block, bindings: Bindings<'_>, dest: &Dest) -> StmtId {
        let span = self.span(block.brace_token.span.join());
        self.block_of(span, |lowering| {
            for (pat, value) in bindings {
                let at = lowering.module[value].span;
                lowering.let_of(pat, value, at);
            }
            lowering.stmts(&block.stmts, dest);
        })
    }

    pub(super) fn if_into(&mut self, expr: &ExprIf, dest: &Dest) {
        let start = self.span(expr.if_token.span);
        if !self.may_enter(start) {
            return;
        }
        self.depth += 1;
        let mut bindings = Vec::new();
        let test = self.condition(&expr.cond, &mut bindings);
        let then = self.branch(&expr.then_branch, bindings, dest);
        let mut end = self.module[then].span;
        let otherwise = expr.else_branch.as_ref().map(|(_, branch)| match &**branch {
            Expr::Block(block) => self.block(&block.block, dest),
            other => {
                let body = self.listed(|lowering| lowering.place(other, dest));
                let mut span = end;
                if let [only] = body.as_slice() {
                    return *only;
                }
                for stmt in &body {
                    span = Self::between(self.module[*body.first().unwrap_or(stmt)].span, self.module[*stmt].span);
                }
                self.module.stmt(span, StmtKind::Block(body))
            }
        });
        if let Some(otherwise) = otherwise {
            end = self.module[otherwise].span;
        }
        self.depth -= 1;
        self.emit(Self::between(start, end), StmtKind::If { test, then, otherwise });
    }

    /// `match` as a chain of `if`.
    pub(super) fn match_into(&mut self, expr: &ExprMatch, dest: &Dest) {
        let start = self.span(expr.match_token.span);
        let whole = Self::between(start, self.span(expr.brace_token.span.close()));
        if !self.may_enter(start) {
            return;
        }
        self.depth += 1;
        let subject = self.subject(&expr.expr);
        let mut arms: Vec<(Option<ExprId>, StmtId)> = Vec::new();
        for arm in &expr.arms {
            let mention = self.copy(subject);
            let at = self.module[mention].span;
            // The names that a pattern binds are declared in the arm, behind the test: in a guard they mean nothing that is followed.
            let test = self.test_of(&arm.pat, mention);
            let then = self.block_of(at, |lowering| {
                let bound = lowering.copy(subject);
                lowering.let_of(&arm.pat, bound, at);
                lowering.place(&arm.body, dest);
            });
            let span = self.arm_span(&arm.body, then);
            if let Some(slot) = self.module.stmts.get_mut(then.index()) {
                slot.span = span;
            }
            let is_last = test.is_none();
            arms.push((test, then));
            if is_last {
                break;
            }
        }
        self.depth -= 1;
        let mut chain: Option<StmtId> = None;
        for (test, then) in arms.into_iter().rev() {
            chain = Some(match test {
                None => then,
                Some(test) => {
                    let span = Self::between(self.module[then].span, whole);
                    self.module.stmt(span, StmtKind::If { test, then, otherwise: chain })
                }
            });
        }
        if let Some(chain) = chain
            && let Some(list) = self.lists.last_mut()
        {
            list.push(chain);
        }
    }

    /// The place of an arm's body.
    fn arm_span(&self, body: &Expr, then: StmtId) -> crate::source::Span {
        match body {
            Expr::Block(block) => self.span(block.block.brace_token.span.join()),
            _ => match &self.module[then].kind {
                StmtKind::Block(body) => match body.last() {
                    Some(last) if body.len() > 1 => self.module[*last].span,
                    _ => self.module[then].span,
                },
                _ => self.module[then].span,
            },
        }
    }

    pub(super) fn for_loop(&mut self, expr: &ExprForLoop) {
        let start = self.span(expr.for_token.span);
        let iterable = self.expr(&expr.expr);
        let end = self.span(expr.body.brace_token.span.join());
        self.locals.push(rustc_hash::FxHashSet::default());
        let pat = self.pat(&expr.pat, BindingKind::Let);
        self.loops.push(Dest::Discard);
        let body = self.block(&expr.body, &Dest::Discard);
        self.loops.pop();
        self.locals.pop();
        let kind = StmtKind::ForEach { declared: Some(BindingKind::Let), pat, iterable, of: true, body };
        self.emit(Self::between(start, end), kind);
    }

    pub(super) fn while_loop(&mut self, expr: &ExprWhile) {
        let start = self.span(expr.while_token.span);
        let end = self.span(expr.body.brace_token.span.join());
        let mut bindings = Vec::new();
        let test = self.condition(&expr.cond, &mut bindings);
        self.loops.push(Dest::Discard);
        let body = self.branch(&expr.body, bindings, &Dest::Discard);
        self.loops.pop();
        self.emit(Self::between(start, end), StmtKind::While { test, body });
    }

    pub(super) fn endless(&mut self, expr: &ExprLoop, dest: &Dest) {
        let start = self.span(expr.loop_token.span);
        let end = self.span(expr.body.brace_token.span.join());
        let test = self.module.expr(start, ExprKind::Literal(Literal::Bool(true)));
        self.loops.push(dest.clone());
        let body = self.block(&expr.body, &Dest::Discard);
        self.loops.pop();
        self.emit(Self::between(start, end), StmtKind::While { test, body });
    }
}

/// Where the operator of an expression stands.
trait OperatorSpan {
    fn op_span(&self) -> proc_macro2::Span;
}

impl OperatorSpan for syn::ExprBinary {
    fn op_span(&self) -> proc_macro2::Span {
        match &self.op {
            BinOp::And(token) => token.spans[0],
            _ => proc_macro2::Span::call_site(),
        }
    }
}
