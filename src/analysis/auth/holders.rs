//! Holders: what a value is kept in beyond the function that makes it, what guards it and what empties it.

use super::control::leaves;
use super::handler::nodes_in;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::catalog::habits::HolderHabits;
use crate::hir::visit::Node;
use crate::hir::{AssignOp, ClassId, ExprId, ExprKind, FunctionId, Literal, LogicalOp, Name, PatId, PatKind, StmtKind};

/// What a client is kept in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holder {
    /// A variable of the module, or `ref.current`/`ref.value` of one.
    Symbol(SymbolId),
    /// A field of the class around it.
    Field(ClassId, Name),
}

impl Unit {
    /// What a client is kept in beyond the function that makes it.
    pub(super) fn holder_of(&self, made: ExprId) -> Option<Holder> {
        let mut value = made;
        while let Some(Node::Expr(outer)) = self.parents.parent(Node::Expr(value)) {
            match &self.module[outer].kind {
                ExprKind::Conditional { .. } | ExprKind::Logical { .. } | ExprKind::Cast { .. } => value = outer,
                ExprKind::Assign { target, .. } => return self.holder_of_target(*target, made),
                _ => return None,
            }
        }
        // `const c = new …; ref.current = c`.
        let symbol = self.declared_symbol(value)?;
        self.scopes.references(symbol).iter().find_map(|reference| match self.parents.parent(Node::Expr(*reference)) {
            Some(Node::Expr(assign)) => match &self.module[assign].kind {
                ExprKind::Assign { target, value, .. } if value == reference => self.holder_of_target(*target, made),
                _ => None,
            },
            _ => None,
        })
    }

    fn holder_of_target(&self, target: PatId, made: ExprId) -> Option<Holder> {
        let PatKind::Expr(target) = self.module[target].kind else { return None };
        self.holder(target).filter(|holder| match holder {
            // A variable of the maker itself is gone with it.
            Holder::Symbol(symbol) => {
                let maker = self.parents.enclosing_function(Node::Expr(made));
                maker.is_none_or(|maker| !self.is_local(*symbol, maker))
            }
            Holder::Field(..) => true,
        })
    }

    /// The holder that an expression names: `client`, `ref.current`, `ref.value`, `this.client`.
    fn holder(&self, expr: ExprId) -> Option<Holder> {
        let expr = self.uncast(expr);
        match &self.module[expr].kind {
            ExprKind::Ident(_) => self.scopes.symbol_of_expr(expr).map(Holder::Symbol),
            ExprKind::Member { object, property, .. } => match &self.module[self.uncast(*object)].kind {
                ExprKind::This => self.parents.enclosing_class(Node::Expr(expr)).map(|class| Holder::Field(class, property.clone())),
                ExprKind::Ident(_) if matches!(&**property, "current" | "value") => {
                    self.scopes.symbol_of_expr(self.uncast(*object)).map(Holder::Symbol)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn is_local(&self, symbol: SymbolId, function: FunctionId) -> bool {
        let span = self.module[function].span;
        self.usage
            .writes(symbol)
            .iter()
            .any(|write| matches!(write.kind, WriteKind::Declared { .. } | WriteKind::Param { .. }) && span.contains(write.span))
    }

    pub(super) fn holder_name(&self, holder: &Holder) -> String {
        match holder {
            Holder::Symbol(symbol) => self.scopes.symbol(*symbol).map(|symbol| symbol.name.to_string()).unwrap_or_default(),
            Holder::Field(_, name) => format!("this.{name}"),
        }
    }

    /// The outermost function around a maker that does not itself declare the holder: what runs again.
    pub(super) fn outermost_function(&self, maker: FunctionId, holder: &Holder) -> FunctionId {
        let mut found = maker;
        let mut node = Node::Function(maker);
        while let Some(outer) = self.parents.enclosing_function(node) {
            if let Holder::Symbol(symbol) = holder
                && self.is_local(*symbol, outer)
            {
                break;
            }
            // Promise executors and immediately called functions belong to what is around them; handlers and callbacks do too.
            found = outer;
            node = Node::Function(outer);
        }
        found
    }

    /// Whether the making is passed by when the holder holds something.
    pub(super) fn is_guarded_by(&self, habits: &HolderHabits, holder: &Holder, function: FunctionId, made: ExprId) -> bool {
        let made_at = self.module[made].span;
        let within = Node::Function(function);
        nodes_in(self, within).into_iter().any(|node| match node {
            Node::Stmt(statement) => match &self.module[statement].kind {
                StmtKind::If { test, then, .. } => {
                    let leaves = leaves(self, *then) && self.module[statement].span.start < made_at.start;
                    let around = self.module[*then].span.contains(made_at);
                    (leaves || around) && self.tests_alone(habits, *test, holder, leaves)
                }
                _ => false,
            },
            Node::Expr(expr) => match &self.module[expr].kind {
                ExprKind::Logical { left, right, .. } => {
                    self.module[*right].span.contains(made_at) && self.holder(*left).as_ref() == Some(holder)
                }
                ExprKind::Assign { op: AssignOp::Logical(_), target, .. } => {
                    self.module[expr].span.contains(made_at)
                        && matches!(self.module[*target].kind, PatKind::Expr(target) if self.holder(target).as_ref() == Some(holder))
                }
                ExprKind::Conditional { test, .. } => {
                    self.module[expr].span.contains(made_at) && self.tests_alone(habits, *test, holder, false)
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether a test is about the holder, in such a way that a live client always stops the making: `if (x) return`, `if (a || x) return`,
    /// `if (!x) {…}`; not `if (ready && x) return`. A flag or a promise that stands for it counts as well.
    fn tests_alone(&self, habits: &HolderHabits, test: ExprId, holder: &Holder, leaving: bool) -> bool {
        let test = self.uncast(test);
        match &self.module[test].kind {
            ExprKind::Logical { op, left, right } => {
                let either = self.tests_alone(habits, *left, holder, leaving) || self.tests_alone(habits, *right, holder, leaving);
                let weak = (*op == LogicalOp::And) == leaving;
                either && !weak
            }
            ExprKind::Unary { operand, .. } => !leaving && self.tests_alone(habits, *operand, holder, leaving),
            ExprKind::Binary { left, .. } => self.tests_alone(habits, *left, holder, leaving),
            _ => self.holder(test).is_some_and(|tested| tested == *holder || self.is_flag(habits, &tested)),
        }
    }

    /// Whether a holder is another variable that the same code keeps: a promise of the client, a `connecting` flag.
    fn is_flag(&self, habits: &HolderHabits, holder: &Holder) -> bool {
        match holder {
            Holder::Symbol(symbol) => self.scopes.symbol(*symbol).is_some_and(|symbol| {
                let lower = symbol.name.to_ascii_lowercase();
                habits.flags.iter().chain(&habits.variable_flags).any(|part| lower.contains(part.as_str()))
            }),
            Holder::Field(_, name) => {
                let lower = name.to_ascii_lowercase();
                habits.flags.iter().any(|part| lower.contains(part.as_str()))
            }
        }
    }

    /// The assignments that empty a holder.
    pub(super) fn emptied(&self, holder: &Holder) -> Vec<ExprId> {
        let empties = |value: ExprId| match &self.module[value].kind {
            ExprKind::Literal(Literal::Null) => true,
            ExprKind::Ident(name) => &**name == "undefined",
            _ => false,
        };
        let mut found = Vec::new();
        for node in self.parents.nodes() {
            let Node::Expr(expr) = *node else { continue };
            if let ExprKind::Assign { target, value, .. } = &self.module[expr].kind
                && empties(*value)
                && let PatKind::Expr(target) = self.module[*target].kind
                && self.holder(target).as_ref() == Some(holder)
            {
                found.push(expr);
            }
        }
        found
    }
}
