//! Blocks and statements.

use syn::{Block, Expr, Local, Pat, Stmt};

use super::patterns::bound_names;
use super::{Dest, Lowering, attributes};
use crate::hir::{BindingKind, ExprId, ExprKind, StmtId, StmtKind, UnaryOp};
use crate::source::Span;

impl Lowering<'_, '_> {
    /// A block; its last expression goes to `dest`.
    pub(super) fn block(&mut self, block: &Block, dest: &Dest) -> StmtId {
        let span = self.span(block.brace_token.span.join());
        self.block_of(span, |lowering| lowering.stmts(&block.stmts, dest))
    }

    /// The statements of a block.
    pub(super) fn stmts(&mut self, stmts: &[Stmt], dest: &Dest) {
        // Items of a block are known in all of it.
        let items: Vec<&syn::Item> = stmts.iter().filter_map(|stmt| if let Stmt::Item(item) = stmt { Some(item) } else { None }).collect();
        if !items.is_empty() {
            let lowered = self.local_items(&items);
            if let Some(list) = self.lists.last_mut() {
                list.extend(lowered);
            }
        }
        for (index, stmt) in stmts.iter().enumerate() {
            let is_last = index + 1 == stmts.len();
            match stmt {
                Stmt::Local(local) => {
                    if attributes::is_test(&local.attrs) {
                        continue;
                    }
                    if self.local(local, stmts.get(index + 1..).unwrap_or(&[]), dest) {
                        return;
                    }
                }
                Stmt::Item(_) => {}
                Stmt::Expr(expr, None) if is_last => self.place(expr, dest),
                Stmt::Expr(expr, _) => self.place(expr, &Dest::Discard),
                Stmt::Macro(stmt) => {
                    let last = is_last && stmt.semi_token.is_none();
                    let value = self.macro_call(&stmt.mac);
                    if let Some(value) = value {
                        self.put(value, if last { dest } else { &Dest::Discard });
                    }
                }
            }
        }
    }

    /// A `let`. True when it took the rest of the block with it, because it hides a name.
    fn local(&mut self, local: &Local, rest: &[Stmt], dest: &Dest) -> bool {
        let start = self.span(local.let_token.span);
        let whole = Self::between(start, self.span(local.semi_token.span));
        let Some(init) = &local.init else {
            let pat = self.pat(&local.pat, BindingKind::Let);
            self.emit(whole, StmtKind::Declare { kind: BindingKind::Let, declarators: vec![(pat, None)] });
            return false;
        };
        let mut value = self.expr(&init.expr);
        let span = self.module[value].span;
        if let Some((_, otherwise)) = &init.diverge {
            let kept = if self.is_kept(value) { value } else { self.kept(span, value) };
            let subject = self.again(kept);
            if let Some(test) = self.test_of(&local.pat, subject) {
                let test = self.module.expr(span, ExprKind::Unary { op: UnaryOp::Not, operand: test });
                let then = match &**otherwise {
                    Expr::Block(block) => self.block(&block.block, &Dest::Discard),
                    other => self.block_of(span, |lowering| lowering.place(other, &Dest::Discard)),
                };
                let then_span = self.module[then].span;
                self.emit(Self::between(span, then_span), StmtKind::If { test, then, otherwise: None });
            }
            value = kept;
        }
        let hides = bound_names(&local.pat).iter().any(|name| {
            // Only what the same function has bound: names from outside are seen until here, and nobody reads both.
            self.modules.contains(name.as_str()) || self.locals.iter().any(|locals| locals.contains(name.as_str()))
        });
        if !hides || !self.may_enter(whole) {
            self.let_of(&local.pat, value, whole);
            return false;
        }
        let value = if self.is_kept(value) { value } else { self.kept(span, value) };
        self.depth += 1;
        let block = self.block_of(whole, |lowering| {
            lowering.let_of(&local.pat, value, whole);
            lowering.stmts(rest, dest);
        });
        self.depth -= 1;
        // The block reaches as far as what is in it.
        let end = match &self.module[block].kind {
            StmtKind::Block(body) => body.iter().map(|stmt| self.module[*stmt].span.end).max().unwrap_or(whole.end),
            _ => whole.end,
        };
        if let Some(slot) = self.module.stmts.get_mut(block.index()) {
            slot.span.end = slot.span.end.max(end);
        }
        if let Some(list) = self.lists.last_mut() {
            list.push(block);
        }
        true
    }

    /// `let pat = value`.
    pub(super) fn let_of(&mut self, pat: &Pat, value: ExprId, span: Span) {
        let pat = self.pat(pat, BindingKind::Let);
        self.emit(span, StmtKind::Declare { kind: BindingKind::Let, declarators: vec![(pat, Some(value))] });
    }

    /// A value under a name of its own, as a mention of that name.
    pub(super) fn kept(&mut self, span: Span, value: ExprId) -> ExprId {
        let name = self.keep(span, Some(value));
        self.module.expr(span, ExprKind::Ident(name))
    }

    /// One more mention of a name that lowering made.
    pub(super) fn again(&mut self, kept: ExprId) -> ExprId {
        let span = self.module[kept].span;
        match &self.module[kept].kind {
            ExprKind::Ident(name) => {
                let name = name.clone();
                self.module.expr(span, ExprKind::Ident(name))
            }
            _ => self.unknown(span),
        }
    }

    /// Puts a value where it goes.
    pub(super) fn put(&mut self, value: ExprId, dest: &Dest) {
        let span = self.module[value].span;
        match dest {
            Dest::Return => self.emit(span, StmtKind::Return(Some(value))),
            Dest::Discard => {
                if !matches!(self.module[value].kind, ExprKind::Ident(_)) || !self.is_kept(value) {
                    self.emit(span, StmtKind::Expr(value));
                }
            }
            Dest::Assign(name) => {
                let target = self.module.expr(span, ExprKind::Ident(name.clone()));
                let target = self.module.pat(span, crate::hir::PatKind::Expr(target));
                let kind = ExprKind::Assign { op: crate::hir::AssignOp::Assign, target, value };
                let assigned = self.module.expr(span, kind);
                self.emit(span, StmtKind::Expr(assigned));
            }
        }
    }
}
