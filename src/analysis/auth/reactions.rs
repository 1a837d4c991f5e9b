//! What runs by itself when something changes: effects of a component's state, watchers, handlers of the app's own events.

use std::sync::{Arc, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Builder;
use super::handler::nodes_in;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{PatternStep, WriteKind};
use crate::analysis::values::{FunctionSite, Site};
use crate::catalog::apis::ApiRole;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, FunctionId, Name};

/// How many wrappers (`useCallback`, `useMemo`) may stand between a state and the effect that runs.
const HOPS: usize = 6;

/// Functions that run their callback again when what it reads, or their first argument, changes.
const WATCHERS: [&str; 8] = ["watch", "watchEffect", "watchPostEffect", "$effect", "createEffect", "effect", "autorun", "reaction"];

/// Methods and functions that register a handler of the app's own events.
const LISTEN: [&str; 5] = ["on", "once", "addListener", "addEventListener", "subscribe"];

/// The handlers that one file registers, by the name of the event.
pub(crate) type Registrations = FxHashMap<Name, Vec<Site>>;

impl<'w> Builder<'w> {
    /// For `setX(…)` of `const [x, setX] = useState()`: the callbacks that run because `x` is in their list of dependencies, directly or by
    /// way of a function or value that is made anew.
    pub(crate) fn effects_of_setter(&self, unit: &'w Unit, setter: ExprId) -> Vec<FunctionSite> {
        let mut effects = Vec::new();
        let Some(state) = unit.scopes.symbol_of_expr(setter).and_then(|setter| unit.state_of_setter(setter)) else { return effects };
        let mut changed = vec![state];
        let mut seen = FxHashSet::from_iter([state]);
        while let Some(symbol) = changed.pop() {
            for (call, callback) in unit.dependents_of(symbol) {
                let wraps = self.callee_plays(unit, call, ApiRole::Wrapper);
                if !wraps {
                    effects.extend(self.functions(Self::site(unit, callback)));
                }
                if (wraps || self.callee_plays(unit, call, ApiRole::Memo))
                    && seen.len() < HOPS
                    && let Some(made) = unit.declared_symbol(call)
                    && seen.insert(made)
                {
                    changed.push(made);
                }
            }
        }
        effects
    }

    /// Whether a call's callee is a well-known function of that role.
    pub(crate) fn callee_plays(&self, unit: &Unit, call: ExprId, role: ApiRole) -> bool {
        unit.call_callee(call).is_some_and(|callee| {
            self.values.identities(Self::site(unit, callee)).iter().any(|identity| identity.plays(self.values.apis(), role))
        })
    }

    /// For `bus.emit("token-expiring")` or `dispatchEvent(new CustomEvent("token-expiring"))`: the handlers that listen to the same name.
    pub(crate) fn listeners_of_own_event(&self, unit: &'w Unit, call: ExprId) -> Vec<FunctionSite> {
        let Some(event) = self.own_event(unit, call) else { return Vec::new() };
        let mut files = vec![unit.file];
        files.extend(self.workspace.anchored().iter().copied().filter(|file| *file != unit.file));
        files.extend(self.workspace.importing_units_deep(unit.file).map(|other| other.file));
        let mut handlers = Vec::new();
        for file in files {
            let Some(other) = self.workspace.unit(file) else { continue };
            for handler in self.registrations(other).get(&event).into_iter().flatten() {
                handlers.extend(self.functions(*handler).into_iter().filter(|function| !handlers.contains(function)).collect::<Vec<_>>());
            }
        }
        handlers
    }

    /// The handlers that a file registers for the app's own events, by the event's name.
    fn registrations(&self, unit: &'w Unit) -> Arc<Registrations> {
        if let Some(known) = self.memo.registrations.lock().unwrap_or_else(PoisonError::into_inner).get(&unit.file) {
            return Arc::clone(known);
        }
        let mut registrations = Registrations::default();
        let bare =
            unit.scopes.unresolved.iter().filter_map(|name| match (&unit.module[*name].kind, unit.parents.parent(Node::Expr(*name))) {
                (ExprKind::Ident(text), Some(Node::Expr(call))) if LISTEN.contains(&&**text) && unit.call_callee(call) == Some(*name) => {
                    Some(call)
                }
                _ => None,
            });
        for call in LISTEN.iter().flat_map(|method| unit.usage.method_calls(method)).copied().chain(bare) {
            let ExprKind::Call { args, .. } = &unit.module[call].kind else { continue };
            let [name, handler, ..] = args.as_slice() else { continue };
            if let Some(event) = self.values.constant_string(Self::site(unit, name.expr)) {
                registrations.entry(event).or_default().push(Self::site(unit, handler.expr));
            }
        }
        let registrations = Arc::new(registrations);
        self.memo.registrations.lock().unwrap_or_else(PoisonError::into_inner).insert(unit.file, Arc::clone(&registrations));
        registrations
    }

    /// The name of the event that a call sends to listeners of the app.
    pub(crate) fn own_event(&self, unit: &Unit, call: ExprId) -> Option<Name> {
        let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { return None };
        let called = match &unit.module[unit.uncast(*callee)].kind {
            ExprKind::Member { property, .. } => property,
            ExprKind::Ident(name) => name,
            _ => return None,
        };
        let first = unit.uncast(args.first()?.expr);
        let name = match (&**called, &unit.module[first].kind) {
            ("dispatchEvent", ExprKind::New { args, .. }) => args.first()?.expr,
            ("emit" | "publish" | "trigger" | "fire" | "broadcast", _) => first,
            _ => return None,
        };
        self.values.constant_string(Site { file: unit.file, expr: name })
    }
}

impl Unit {
    /// Calls `hook(callback, [… symbol …])`: the call and the callback.
    fn dependents_of(&self, symbol: SymbolId) -> Vec<(ExprId, ExprId)> {
        let mut dependents = Vec::new();
        for reference in self.scopes.references(symbol) {
            // `[token]`, `[credential?.login_token]`.
            let mut inner = *reference;
            let list = loop {
                match self.parents.parent(Node::Expr(inner)) {
                    Some(Node::Expr(outer)) => match &self.module[outer].kind {
                        ExprKind::Array(_) => break Some(outer),
                        ExprKind::Member { .. } | ExprKind::Cast { .. } => inner = outer,
                        _ => break None,
                    },
                    _ => break None,
                }
            };
            let Some(list) = list else { continue };
            let Some(Node::Expr(call)) = self.parents.parent(Node::Expr(list)) else { continue };
            if let Some(callback) = self.dependent_callback(call, list) {
                dependents.push((call, callback));
            }
        }
        dependents
    }

    /// The callback of `hook(callback, dependencies)`.
    fn dependent_callback(&self, call: ExprId, list: ExprId) -> Option<ExprId> {
        match &self.module[call].kind {
            ExprKind::Call { args, .. } if args.get(1).is_some_and(|second| second.expr == list) => args.first().map(|first| first.expr),
            _ => None,
        }
    }

    /// The dependencies of the hook that a function is the callback of.
    pub(crate) fn dependencies_of_callback(&self, function: FunctionId) -> Option<(ExprId, Vec<ExprId>)> {
        let value = self.function_value(function)?;
        let Some(Node::Expr(call)) = self.parents.parent(Node::Expr(value)) else { return None };
        let ExprKind::Call { args, .. } = &self.module[call].kind else { return None };
        let [first, second, ..] = args.as_slice() else { return None };
        match &self.module[second.expr].kind {
            ExprKind::Array(elements) if first.expr == value => Some((call, elements.iter().map(|element| element.expr).collect())),
            _ => None,
        }
    }

    /// The callbacks of watchers (`watch(token, …)`, `$effect(…)`) that a function sets off by what it writes.
    pub(crate) fn watchers_of_writes(&self, function: FunctionId) -> Vec<FunctionSite> {
        let span = self.module[function].span;
        let mut callbacks = Vec::new();
        for call in self.watcher_calls() {
            let ExprKind::Call { args, .. } = &self.module[call].kind else { continue };
            let Some(first) = args.first() else { continue };
            if span.contains(self.module[call].span) {
                continue;
            }
            let written = nodes_in(self, Node::Expr(first.expr)).into_iter().any(|node| match node {
                Node::Expr(expr) => self.scopes.symbol_of_expr(expr).is_some_and(|symbol| {
                    self.usage
                        .writes(symbol)
                        .iter()
                        .any(|write| matches!(write.kind, WriteKind::Assigned { .. }) && span.contains(write.span))
                        || self.usage.member_writes_of(symbol).any(|write| span.contains(write.span))
                }),
                _ => false,
            });
            if written {
                callbacks.extend(args.iter().filter_map(|arg| match self.module[self.uncast(arg.expr)].kind {
                    ExprKind::Function(function) => Some(FunctionSite { file: self.file, function }),
                    _ => None,
                }));
            }
        }
        callbacks
    }

    fn watcher_calls(&self) -> Vec<ExprId> {
        if !WATCHERS.iter().any(|watcher| self.source.text.contains(watcher)) {
            return Vec::new();
        }
        self.parents
            .nodes()
            .iter()
            .filter_map(|node| match node {
                Node::Expr(expr) => match &self.module[*expr].kind {
                    ExprKind::Call { callee, .. } => match &self.module[*callee].kind {
                        ExprKind::Ident(name) if WATCHERS.contains(&&**name) => Some(*expr),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            })
            .collect()
    }

    /// For the setter of `const [value, setter] = …`: the symbol of the value.
    pub(crate) fn state_of_setter(&self, setter: SymbolId) -> Option<SymbolId> {
        let [write] = self.usage.writes(setter) else { return None };
        let (WriteKind::Declared { init: Some(init) }, [PatternStep::Index(1)]) = (&write.kind, write.path.as_slice()) else { return None };
        (0u32..).map(SymbolId).take(self.scopes.symbols.len()).find(|symbol| {
            self.usage.writes(*symbol).iter().any(|other| {
                matches!(other.kind, WriteKind::Declared { init: Some(other) } if other == *init)
                    && matches!(other.path.first(), Some(PatternStep::Index(0)))
            })
        })
    }
}
