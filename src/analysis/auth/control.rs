//! Where code goes: what runs on the way to a place, which branches leave, and what calls and values are called.

use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, FunctionId, StmtId, StmtKind};

/// Whether a node of `function` runs on the way to the target: it stands in no nested function that the target is not in, too.
pub(super) fn runs_towards(unit: &Unit, node: Node, function: FunctionId, target: Node) -> bool {
    let mut inner = node;
    while let Some(outer) = unit.parents.enclosing_function(inner) {
        if outer == function {
            return true;
        }
        if !unit.parents.is_within(target, Node::Function(outer)) {
            return false;
        }
        inner = Node::Function(outer);
    }
    false
}

/// Whether a branch ends by leaving the function.
pub(super) fn leaves(unit: &Unit, branch: StmtId) -> bool {
    match &unit.module[branch].kind {
        StmtKind::Return(_) | StmtKind::Throw(_) => true,
        StmtKind::Block(body) => body.iter().any(|statement| leaves(unit, *statement)),
        StmtKind::If { then, otherwise, .. } => leaves(unit, *then) || otherwise.is_some_and(|branch| leaves(unit, branch)),
        // `redirect("/login")` and `error(401)` of frameworks throw.
        StmtKind::Expr(expr) => {
            let expr = match unit.module[*expr].kind {
                ExprKind::Await(inner) => inner,
                _ => *expr,
            };
            matches!(unit.module[expr].kind, ExprKind::Call { .. })
                && (matches!(
                    last(&dotted(unit, expr)),
                    "redirect" | "error" | "notFound" | "unauthorized" | "forbidden" | "throw" | "abort" | "protect"
                ))
                && !dotted(unit, expr).starts_with("console")
        }
        _ => false,
    }
}

/// Whether nobody looks at the answer of a call.
pub(super) fn is_bare(unit: &Unit, call: ExprId) -> bool {
    let mut node = Node::Expr(call);
    loop {
        match unit.parents.parent(node) {
            Some(Node::Stmt(statement)) => return matches!(unit.module[statement].kind, StmtKind::Expr(_)),
            Some(outer @ Node::Expr(expr))
                if matches!(unit.module[expr].kind, ExprKind::Await(_) | ExprKind::Cast { .. } | ExprKind::Unary { .. }) =>
            {
                node = outer;
            }
            _ => return false,
        }
    }
}

/// Whether an expression is a parameter or a member of one: asking where it comes from would mean asking all callers.
pub(super) fn is_given(unit: &Unit, expr: ExprId) -> bool {
    let mut root = unit.uncast(expr);
    while let ExprKind::Member { object, .. } = &unit.module[root].kind {
        root = unit.uncast(*object);
    }
    let Some(symbol) = unit.scopes.symbol_of_expr(root) else { return false };
    unit.usage.writes(symbol).iter().any(|write| matches!(write.kind, WriteKind::Param { .. }))
}

pub(super) fn is_constant(unit: &Unit, expr: ExprId) -> bool {
    match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Literal(_) => true,
        ExprKind::Ident(name) => &**name == "undefined",
        ExprKind::Unary { .. } => true,
        ExprKind::Template { exprs, .. } => exprs.is_empty(),
        _ => false,
    }
}

/// The dotted name that a call calls: `supabase.auth.getUser`; calls inside the chain are left out.
pub(super) fn dotted(unit: &Unit, call: ExprId) -> String {
    unit.call_callee(call).map(|callee| path(unit, callee)).unwrap_or_default()
}

/// The dotted path of a name or member chain, as far as it is one.
pub(super) fn path(unit: &Unit, expr: ExprId) -> String {
    let mut names: Vec<&str> = Vec::new();
    let mut at = expr;
    for _ in 0..6 {
        at = unit.uncast(at);
        match &unit.module[at].kind {
            ExprKind::Member { object, property, .. } => {
                names.push(property);
                at = *object;
            }
            ExprKind::Ident(name) => {
                names.push(name);
                break;
            }
            ExprKind::Await(inner) => at = *inner,
            _ => break,
        }
    }
    names.reverse();
    names.join(".")
}

/// The last part of a dotted name.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
