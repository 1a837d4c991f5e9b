//! Clients that live for one call: made for it, and ended with it, so that a fresh token outlasts them.

use super::Builder;
use super::handler::calls_in;
use crate::analysis::unit::Unit;
use crate::analysis::values::{OriginKind, Site};
use crate::catalog::live::LiveClient;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, FunctionId};

impl Builder<'_> {
    /// Whether the function that makes the client also places the call on it, by itself or when the client says that it is ready, and ends the
    /// client when the call ends. A component or class that keeps a client and offers calls on it does not do that.
    pub(crate) fn lives_for_one_call(&self, unit: &Unit, site: Site, live: &LiveClient) -> bool {
        let Some(function) = unit.parents.enclosing_function(Node::Expr(site.expr)) else { return false };
        let calls = calls_in(unit, function);
        let named = |name: &str| {
            calls.iter().copied().filter(|call| unit.called_method(*call).is_some_and(|method| &**method == name)).collect::<Vec<_>>()
        };
        let on_client = |call: ExprId| {
            unit.call_receiver(call).is_some_and(|receiver| {
                self.values
                    .origins(Self::site(unit, receiver), &[])
                    .iter()
                    .any(|origin| matches!(origin.kind, OriginKind::New(made) | OriginKind::Call(made) if made == site))
            })
        };
        let placed = named(&live.place_call).into_iter().any(|call| on_client(call) && Self::runs_with(live, unit, call, function));
        placed
            && live.listen.iter().flat_map(|listen| named(listen)).any(|registration| {
                let ExprKind::Call { args, .. } = &unit.module[registration].kind else { return false };
                let [event, handler, ..] = args.as_slice() else { return false };
                let event = self.values.constant_string(Self::site(unit, event.expr));
                if !event.is_some_and(|event| live.call_events.iter().any(|known| **known == *event)) || !on_client(registration) {
                    return false;
                }
                let reach = self.reach(&self.functions(Self::site(unit, handler.expr)));
                reach.calls.iter().any(|ended| {
                    self.workspace
                        .unit(ended.file)
                        .is_some_and(|other| other.called_method(ended.expr).is_some_and(|method| live.disposes(method)))
                })
            })
    }

    /// Whether a call runs when `function` does: it stands in it, in a promise's callback, or in a handler of the client's events.
    fn runs_with(live: &LiveClient, unit: &Unit, call: ExprId, function: FunctionId) -> bool {
        for outer in unit.parents.ancestors(Node::Expr(call)) {
            let Node::Function(inner) = outer else { continue };
            if inner == function {
                return true;
            }
            let Some(value) = unit.function_value(inner) else { return false };
            let Some(Node::Expr(taker)) = unit.parents.parent(Node::Expr(value)) else { return false };
            let runs = match &unit.module[taker].kind {
                ExprKind::New { callee, .. } => unit.source.slice(unit.module[*callee].span) == "Promise",
                ExprKind::Call { .. } => {
                    unit.called_method(taker).is_some_and(|method| matches!(&**method, "then" | "finally") || live.listens(method))
                }
                _ => false,
            };
            if !runs {
                return false;
            }
        }
        false
    }
}
