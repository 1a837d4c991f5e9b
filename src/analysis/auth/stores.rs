//! State stores: `create((set, get) => ({ …, refresh() { … } }))`, read by a hook, by `get()` or by `getState()`.
//!
//! The call that makes a store is given one function, perhaps through middleware, whose answer is the first state. A member of the state that
//! is a function of that answer is what gets called; a call of its `set`, or of the store's `setState`, changes what the hook gives.

use super::Builder;
use super::handler::{Reach, nodes_in};
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{FunctionSite, OriginKind, Site};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Name};

impl<'w> Builder<'w> {
    /// The functions that a call of a store's member can be: `get().refresh()`, `usePhone.getState().refresh()`, `refresh()` of
    /// `const { refresh } = usePhone()` or `const refresh = usePhone((state) => state.refresh)`.
    pub(crate) fn functions_of_store(&self, unit: &'w Unit, call: ExprId) -> Vec<FunctionSite> {
        let Some(callee) = unit.call_callee(call) else { return Vec::new() };
        let mut functions = Vec::new();
        for origin in self.values.origins(Self::site(unit, callee), &[]) {
            let OriginKind::Call(read) = origin.kind else { continue };
            let Some(reader) = self.workspace.unit(read.file) else { continue };
            let Some(name) = origin.path.first().cloned().or_else(|| reader.selected_member(read.expr)) else { continue };
            for state in self.states_read(reader, read.expr) {
                for answer in self.answers(state) {
                    for property in self.values.properties(answer, std::slice::from_ref(&name)) {
                        if let OriginKind::Property(value) = property.kind {
                            functions.extend(self.functions(value));
                        }
                    }
                }
            }
        }
        functions
    }

    /// Whether code changes the store that a call reads.
    pub(crate) fn changes_store(&self, read: Site, reach: &Reach) -> bool {
        let Some(reader) = self.workspace.unit(read.file) else { return false };
        let states = self.states_read(reader, read.expr);
        !states.is_empty()
            && reach.opaque.iter().any(|opaque| {
                let Some(unit) = self.workspace.unit(opaque.site.file) else { return false };
                let by_parameter = unit.call_callee(opaque.site.expr).and_then(|callee| self.parameter(Self::site(unit, callee)));
                let sets = matches!(by_parameter, Some((state, 0)) if states.contains(&state));
                let by_store = unit.called_method(opaque.site.expr).is_some_and(|method| &**method == "setState");
                sets || (by_store
                    && unit
                        .call_receiver(opaque.site.expr)
                        .is_some_and(|store| self.states_of(Self::site(unit, store)).iter().any(|state| states.contains(state))))
            })
    }

    /// The functions that make the states which a call reads.
    fn states_read(&self, unit: &'w Unit, read: ExprId) -> Vec<FunctionSite> {
        let ExprKind::Call { callee, .. } = &unit.module[read].kind else { return Vec::new() };
        if let Some((state, 1)) = self.parameter(Self::site(unit, *callee)) {
            return vec![state];
        }
        let store = match unit.called_method(read) {
            Some(method) if &**method == "getState" => unit.call_receiver(read).unwrap_or(*callee),
            _ => *callee,
        };
        self.states_of(Self::site(unit, store))
    }

    /// The functions that make the states of what may be a store.
    fn states_of(&self, store: Site) -> Vec<FunctionSite> {
        let mut states = Vec::new();
        for origin in self.values.origins(store, &[]) {
            let OriginKind::Call(made) = origin.kind else { continue };
            let Some(unit) = self.workspace.unit(made.file) else { continue };
            let state = nodes_in(unit, Node::Expr(made.expr)).into_iter().find_map(|node| match node {
                Node::Function(function) => Some(FunctionSite { file: made.file, function }),
                _ => None,
            });
            states.extend(state);
        }
        states
    }

    fn answers(&self, state: FunctionSite) -> Vec<Site> {
        self.workspace
            .unit(state.file)
            .map(|unit| unit.usage.returns(state.function).iter().map(|answer| Self::site(unit, *answer)).collect())
            .unwrap_or_default()
    }
}

impl Unit {
    /// For `usePhone((state) => state.refresh)`: `refresh`.
    fn selected_member(&self, read: ExprId) -> Option<Name> {
        let ExprKind::Call { args, .. } = &self.module[read].kind else { return None };
        let ExprKind::Function(selector) = self.module[self.uncast(args.first()?.expr)].kind else { return None };
        let [answer] = self.usage.returns(selector) else { return None };
        let ExprKind::Member { object, property, .. } = &self.module[self.uncast(*answer)].kind else { return None };
        let symbol = self.scopes.symbol_of_expr(*object)?;
        let of_selector = self
            .usage
            .writes(symbol)
            .iter()
            .any(|write| matches!(write.kind, WriteKind::Param { function, index: 0, .. } if function == selector));
        of_selector.then(|| property.clone())
    }
}
