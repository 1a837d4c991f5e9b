//! Expressions.

use syn::{BinOp, Expr, ExprTry, Lit, Member, RangeLimits, UnOp};

use super::{Dest, Lowering};
use crate::hir::{AssignOp, BinaryOp, Element, ExprId, ExprKind, Literal, LogicalOp, Name, PatKind, StmtKind, UnaryOp};
use crate::source::Span;

impl Lowering<'_, '_> {
    /// The value of an expression. What it takes to make it is written out before.
    pub(super) fn expr(&mut self, expr: &Expr) -> ExprId {
        let span = Span::default();
        if !self.may_enter(span) {
            return self.unknown(span);
        }
        self.depth += 1;
        let value = self.expr_at(expr);
        self.depth -= 1;
        value
    }

    #[expect(clippy::too_many_lines, reason = "one arm a kind of expression: a table")]
    fn expr_at(&mut self, expr: &Expr) -> ExprId {
        match expr {
            Expr::Paren(paren) => self.expr(&paren.expr),
            Expr::Group(group) => self.expr(&group.expr),
            Expr::Path(path) => {
                if let Some(qself) = &path.qself {
                    let span = self.span(qself.lt_token.span);
                    return self.qualified(&path.path, span);
                }
                self.path(&path.path)
            }
            Expr::Lit(lit) => self.literal(&lit.lit),
            Expr::Reference(reference) => {
                let start = self.span(reference.and_token.span);
                self.transparent(start, &reference.expr, None)
            }
            Expr::RawAddr(raw) => {
                let start = self.span(raw.and_token.span);
                self.transparent(start, &raw.expr, None)
            }
            Expr::Unary(unary) => match &unary.op {
                UnOp::Deref(star) => {
                    let start = self.span(star.span);
                    self.transparent(start, &unary.expr, None)
                }
                op => {
                    let (start, op) = match op {
                        UnOp::Not(token) => (self.span(token.span), UnaryOp::Not),
                        UnOp::Neg(token) => (self.span(token.span), UnaryOp::Minus),
                        _ => (Span::default(), UnaryOp::Other),
                    };
                    let operand = self.expr(&unary.expr);
                    let span = Self::between(start, self.module[operand].span);
                    self.module.expr(span, ExprKind::Unary { op, operand })
                }
            },
            Expr::Cast(cast) => {
                let inner = self.expr(&cast.expr);
                let span = self.module[inner].span;
                let type_name = self.type_name(&cast.ty);
                self.module.expr(span, ExprKind::Cast { expr: inner, type_name })
            }
            Expr::Try(attempt) => self.attempt(attempt),
            Expr::Await(awaited) => {
                let inner = self.expr(&awaited.base);
                let span = Self::between(self.module[inner].span, self.span(awaited.await_token.span));
                self.module.expr(span, ExprKind::Await(inner))
            }
            Expr::Field(field) => {
                let object = self.expr(&field.base);
                let (property, property_span) = match &field.member {
                    Member::Named(ident) => (self.name(ident), self.span(ident.span())),
                    Member::Unnamed(index) => (self.intern(&index.index.to_string()), self.span(index.span)),
                };
                let span = Self::between(self.module[object].span, property_span);
                self.module.expr(span, ExprKind::Member { object, property, property_span, optional: false })
            }
            Expr::Index(index) => self.index(index),
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Macro(mac) => {
                let span = self.span(mac.mac.bang_token.span);
                self.macro_call(&mac.mac).unwrap_or_else(|| self.unknown(span))
            }
            Expr::Struct(literal) => self.struct_literal(literal),
            Expr::Closure(closure) => self.closure(closure),
            Expr::Async(block) => self.async_block(block),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => {
                let value = self.expr(&assign.right);
                self.assigned(&assign.left, AssignOp::Assign, value)
            }
            Expr::Tuple(tuple) => {
                let span = self.span(tuple.paren_token.span.join());
                let elements = self.elements(tuple.elems.iter());
                let kind = if elements.is_empty() { ExprKind::Literal(Literal::Other) } else { ExprKind::Array(elements) };
                self.module.expr(span, kind)
            }
            Expr::Array(array) => {
                let span = self.span(array.bracket_token.span.join());
                let elements = self.elements(array.elems.iter());
                self.module.expr(span, ExprKind::Array(elements))
            }
            Expr::Repeat(repeat) => {
                let span = self.span(repeat.bracket_token.span.join());
                let elements = self.elements(std::iter::once(&*repeat.expr));
                self.module.expr(span, ExprKind::Array(elements))
            }
            Expr::Range(range) => {
                let limits = match &range.limits {
                    RangeLimits::HalfOpen(token) => token.spans[0],
                    RangeLimits::Closed(token) => token.spans[0],
                };
                let span = self.span(limits);
                let parts = [&range.start, &range.end].into_iter().flatten().map(|part| self.expr(part)).collect::<Vec<_>>();
                let children = if parts.len() == 1 { vec![] } else { parts };
                self.module.expr(span, ExprKind::Unknown(children))
            }
            Expr::Let(condition) => {
                let value = self.expr(&condition.expr);
                let test = self.test_of(&condition.pat, value);
                test.unwrap_or(value)
            }
            Expr::If(_) | Expr::Match(_) | Expr::Block(_) | Expr::Unsafe(_) | Expr::Loop(_) | Expr::Const(_) | Expr::TryBlock(_) => {
                if let Some(value) = self.conditional(expr) {
                    return value;
                }
                let span = self.block_span(expr);
                let name = self.keep(span, None);
                self.place(expr, &Dest::Assign(name.clone()));
                self.module.expr(span, ExprKind::Ident(name))
            }
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) | Expr::While(_) | Expr::ForLoop(_) => {
                self.place(expr, &Dest::Discard);
                let span = self.block_span(expr);
                self.unknown(span)
            }
            Expr::Yield(yielded) => {
                let span = self.span(yielded.yield_token.span);
                let inner = yielded.expr.as_ref().map(|inner| self.expr(inner));
                self.module.expr(span, ExprKind::Yield(inner))
            }
            Expr::Infer(infer) => {
                let span = self.span(infer.underscore_token.span);
                self.unknown(span)
            }
            _ => self.unknown(Span::default()),
        }
    }

    /// Lowers an expression whose value goes somewhere; what is a block puts it there from its branches.
    pub(super) fn place(&mut self, expr: &Expr, dest: &Dest) {
        if !self.may_enter(Span::default()) {
            return;
        }
        self.depth += 1;
        self.place_at(expr, dest);
        self.depth -= 1;
    }

    fn place_at(&mut self, expr: &Expr, dest: &Dest) {
        match expr {
            Expr::Paren(paren) => self.place(&paren.expr, dest),
            Expr::Block(block) => {
                let stmt = self.block(&block.block, dest);
                self.push(stmt);
            }
            Expr::Unsafe(block) => {
                let stmt = self.block(&block.block, dest);
                self.push(stmt);
            }
            Expr::Const(block) => {
                let stmt = self.block(&block.block, dest);
                self.push(stmt);
            }
            Expr::TryBlock(block) => {
                let stmt = self.block(&block.block, dest);
                self.push(stmt);
            }
            Expr::If(branches) => self.if_into(branches, dest),
            Expr::Match(branches) => self.match_into(branches, dest),
            Expr::Loop(endless) => self.endless(endless, dest),
            Expr::While(repeat) => self.while_loop(repeat),
            Expr::ForLoop(each) => self.for_loop(each),
            Expr::Return(given) => {
                let span = self.span(given.return_token.span);
                match &given.expr {
                    Some(value) => {
                        self.place(value, &Dest::Return);
                        // The statement begins at its keyword.
                        let last = self.lists.last().and_then(|list| list.last()).copied();
                        if let Some(slot) = last.and_then(|last| self.module.stmts.get_mut(last.index()))
                            && matches!(slot.kind, StmtKind::Return(_) | StmtKind::Throw(_))
                        {
                            slot.span.start = span.start;
                        }
                    }
                    None => self.emit(span, StmtKind::Return(None)),
                }
            }
            Expr::Break(stop) => {
                let span = self.span(stop.break_token.span);
                if let Some(value) = &stop.expr {
                    let dest = self.loops.last().cloned().unwrap_or(Dest::Discard);
                    self.place(value, &dest);
                    if matches!(dest, Dest::Return) {
                        return;
                    }
                }
                self.emit(span, StmtKind::Jump);
            }
            Expr::Continue(next) => {
                let span = self.span(next.continue_token.span);
                self.emit(span, StmtKind::Jump);
            }
            // What goes wrong leaves the function.
            Expr::Call(call) if matches!(dest, Dest::Return) && is_named(&call.func, "Err") && call.args.len() == 1 => {
                let callee = self.expr(&call.func);
                let start = self.module[callee].span;
                let thrown = match call.args.first() {
                    Some(error) => self.expr(error),
                    None => callee,
                };
                let span = Self::between(start, self.span(call.paren_token.span.close()));
                self.emit(span, StmtKind::Throw(thrown));
            }
            Expr::Macro(mac) => {
                if let Some(value) = self.macro_call(&mac.mac) {
                    self.put(value, dest);
                }
            }
            other => {
                let value = self.expr(other);
                self.put(value, dest);
            }
        }
    }

    fn push(&mut self, stmt: crate::hir::StmtId) {
        if let Some(list) = self.lists.last_mut() {
            list.push(stmt);
        }
    }

    /// `if a { b } else { c }` of plain values as a conditional expression.
    fn conditional(&mut self, expr: &Expr) -> Option<ExprId> {
        let Expr::If(branches) = expr else { return None };
        let (_, otherwise) = branches.else_branch.as_ref()?;
        let value_of = |block: &'_ syn::Block| match block.stmts.as_slice() {
            [syn::Stmt::Expr(only, None)] if is_simple(only, 0) => Some(()),
            _ => None,
        };
        let Expr::Block(other) = &**otherwise else { return None };
        if !is_simple(&branches.cond, 0) {
            return None;
        }
        value_of(&branches.then_branch)?;
        value_of(&other.block)?;
        let test = self.expr(&branches.cond);
        let [yes, no] = [&branches.then_branch, &other.block].map(|block| match block.stmts.as_slice() {
            [syn::Stmt::Expr(only, None)] => self.expr(only),
            _ => self.unknown(Span::default()),
        });
        let span = Self::between(self.span(branches.if_token.span), self.span(other.block.brace_token.span.close()));
        Some(self.module.expr(span, ExprKind::Conditional { test, yes, no }))
    }

    /// The place of something that is written out as statements.
    fn block_span(&self, expr: &Expr) -> Span {
        let to = |start: proc_macro2::Span, block: &syn::Block| Self::between(self.span(start), self.span(block.brace_token.span.close()));
        match expr {
            Expr::If(branches) => {
                let mut end = &branches.then_branch;
                let mut next = branches.else_branch.as_ref();
                while let Some((_, branch)) = next {
                    next = match &**branch {
                        Expr::If(inner) => {
                            end = &inner.then_branch;
                            inner.else_branch.as_ref()
                        }
                        Expr::Block(block) => {
                            end = &block.block;
                            None
                        }
                        _ => None,
                    };
                }
                to(branches.if_token.span, end)
            }
            Expr::Match(branches) => Self::between(self.span(branches.match_token.span), self.span(branches.brace_token.span.close())),
            Expr::Block(block) => self.span(block.block.brace_token.span.join()),
            Expr::Unsafe(block) => to(block.unsafe_token.span, &block.block),
            Expr::Loop(endless) => to(endless.loop_token.span, &endless.body),
            Expr::While(repeat) => to(repeat.while_token.span, &repeat.body),
            Expr::ForLoop(each) => to(each.for_token.span, &each.body),
            Expr::Const(block) => to(block.const_token.span, &block.block),
            Expr::TryBlock(block) => to(block.try_token.span, &block.block),
            Expr::Return(given) => self.span(given.return_token.span),
            Expr::Break(stop) => self.span(stop.break_token.span),
            Expr::Continue(next) => self.span(next.continue_token.span),
            _ => Span::default(),
        }
    }

    /// `&x`, `*x`: the value itself.
    fn transparent(&mut self, start: Span, inner: &Expr, end: Option<Span>) -> ExprId {
        let inner = self.expr(inner);
        let span = Self::between(start, end.unwrap_or(self.module[inner].span));
        self.module.expr(span, ExprKind::Cast { expr: inner, type_name: None })
    }

    /// `x?`: an error leaves the function. `x.ok_or(e)?` and `x.map_err(f)?` say which.
    fn attempt(&mut self, attempt: &ExprTry) -> ExprId {
        let end = self.span(attempt.question_token.span);
        if let Expr::MethodCall(call) = &*attempt.expr
            && let Some(error) = call.args.first()
            && matches!(call.method.to_string().as_str(), "ok_or" | "ok_or_else" | "map_err")
        {
            let value = self.expr(&call.receiver);
            let whole = Self::between(self.module[value].span, end);
            let kept = if self.is_kept(value) { value } else { self.kept(whole, value) };
            let test = self.again(kept);
            let test = self.not(test);
            let close = self.span(call.paren_token.span.close());
            let method = self.span(call.method.span());
            let then = self.block_of(Self::between(method, close), |lowering| {
                let thrown = lowering.expr(error);
                let span = lowering.module[thrown].span;
                lowering.emit(span, StmtKind::Throw(thrown));
            });
            self.emit(whole, StmtKind::If { test, then, otherwise: None });
            let given = self.again(kept);
            return self.module.expr(whole, ExprKind::Cast { expr: given, type_name: None });
        }
        let inner = self.expr(&attempt.expr);
        let span = Self::between(self.module[inner].span, end);
        self.module.expr(span, ExprKind::Cast { expr: inner, type_name: None })
    }

    fn index(&mut self, index: &syn::ExprIndex) -> ExprId {
        let object = self.expr(&index.expr);
        let span = Self::between(self.module[object].span, self.span(index.bracket_token.span.close()));
        if let Expr::Range(range) = &*index.index {
            // A part of a text or list, as `slice` gives it.
            let property_span = self.span(index.bracket_token.span.open());
            let args = [&range.start, &range.end].into_iter().flatten().map(|part| Element { expr: self.expr(part), spread: false });
            let args = args.collect();
            let property = self.intern("slice");
            let callee = self.module.expr(span, ExprKind::Member { object, property, property_span, optional: false });
            return self.module.expr(span, ExprKind::Call { callee, args, optional: false });
        }
        let index = self.expr(&index.index);
        self.module.expr(span, ExprKind::Index { object, index, optional: false })
    }

    pub(super) fn elements<'e>(&mut self, exprs: impl Iterator<Item = &'e Expr>) -> Vec<Element> {
        exprs.map(|expr| Element { expr: self.expr(expr), spread: false }).collect()
    }

    fn assigned(&mut self, target: &Expr, op: AssignOp, value: ExprId) -> ExprId {
        let target = self.expr(target);
        // `*guard = x` writes to what the name stands for.
        let mut place = target;
        while let ExprKind::Cast { expr, .. } = self.module[place].kind {
            place = expr;
        }
        let start = self.module[target].span;
        let pat = self.module.pat(start, PatKind::Expr(place));
        let span = Self::between(start, self.module[value].span);
        self.module.expr(span, ExprKind::Assign { op, target: pat, value })
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> ExprId {
        let op = match &binary.op {
            BinOp::Add(_) => Ok(BinaryOp::Add),
            BinOp::Eq(_) => Ok(BinaryOp::StrictEqual),
            BinOp::Ne(_) => Ok(BinaryOp::StrictNotEqual),
            BinOp::Lt(_) | BinOp::Le(_) | BinOp::Ge(_) | BinOp::Gt(_) => Ok(BinaryOp::Compare),
            BinOp::And(_) => Err(LogicalOp::And),
            BinOp::Or(_) => Err(LogicalOp::Or),
            BinOp::AddAssign(_) => {
                let value = self.expr(&binary.right);
                return self.assigned(&binary.left, AssignOp::Add, value);
            }
            BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_) => {
                let value = self.expr(&binary.right);
                return self.assigned(&binary.left, AssignOp::Other, value);
            }
            _ => Ok(BinaryOp::Arithmetic),
        };
        let left = self.expr(&binary.left);
        let right = self.expr(&binary.right);
        let span = Self::between(self.module[left].span, self.module[right].span);
        self.module.expr(
            span,
            match op {
                Ok(op) => ExprKind::Binary { op, left, right },
                Err(op) => ExprKind::Logical { op, left, right },
            },
        )
    }

    /// A constant.
    pub(super) fn literal(&mut self, lit: &Lit) -> ExprId {
        let span = self.span(lit.span());
        let literal = match lit {
            Lit::Str(text) => Literal::String(Name::from(text.value())),
            Lit::Char(character) => Literal::String(Name::from(character.value().to_string())),
            Lit::ByteStr(bytes) => Literal::String(Name::from(String::from_utf8_lossy(&bytes.value()).into_owned())),
            Lit::Int(number) => number.base10_digits().parse().map_or(Literal::Other, Literal::Number),
            Lit::Float(number) => number.base10_digits().parse().map_or(Literal::Other, Literal::Number),
            Lit::Bool(value) => Literal::Bool(value.value),
            _ => Literal::Other,
        };
        self.module.expr(span, ExprKind::Literal(literal))
    }
}

/// Whether an expression is a plain name.
pub(super) fn is_named(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident(name))
}

/// Whether lowering an expression writes nothing out before it.
fn is_simple(expr: &Expr, depth: u32) -> bool {
    let inner = |expr: &Expr| depth < 12 && is_simple(expr, depth + 1);
    match expr {
        Expr::Path(_) | Expr::Lit(_) => true,
        Expr::Paren(paren) => inner(&paren.expr),
        Expr::Reference(reference) => inner(&reference.expr),
        Expr::Unary(unary) => inner(&unary.expr),
        Expr::Field(field) => inner(&field.base),
        Expr::Await(awaited) => inner(&awaited.base),
        Expr::Cast(cast) => inner(&cast.expr),
        Expr::Call(call) => inner(&call.func) && call.args.iter().all(inner),
        Expr::MethodCall(call) => inner(&call.receiver) && call.args.iter().all(inner),
        Expr::Binary(binary) => inner(&binary.left) && inner(&binary.right),
        Expr::Tuple(tuple) => tuple.elems.iter().all(inner),
        Expr::Struct(literal) => literal.fields.iter().all(|field| inner(&field.expr)) && literal.rest.is_none(),
        Expr::Macro(mac) => mac.mac.path.is_ident("format") || mac.mac.path.is_ident("json"),
        _ => false,
    }
}
