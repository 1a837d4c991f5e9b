//! Lifetimes: which clients live on when their component has ended, or when the code that made them runs again.
//!
//! A client that nobody disconnects keeps its registration: it rings, answers and reconnects beside the next one. A component's client must
//! be disposed by what runs at the component's end; a client that is kept in something longer-lived must be disposed before it is overwritten.
//! A client that is made once for the whole page is neither.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Builder;
use super::handler::nodes_in;
use crate::analysis::model::{Client, Leftover, Outlives};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{FunctionName, PatternStep, WriteKind};
use crate::analysis::values::{FunctionSite, OriginKind, Site};
use crate::catalog::apis::ApiRole;
use crate::catalog::lifecycles::Lifecycles;
use crate::catalog::live::LiveClient;
use crate::finding::Confidence;
use crate::hir::visit::Node;
use crate::hir::{ClassId, ClassMemberKind, ExprId, ExprKind, FunctionId, PropertyKey, StmtKind};
use crate::source::FileId;

/// Whose life a client belongs to.
enum Home {
    /// A component or hook, by its outermost function; none at the top of a component file.
    Component(Option<FunctionId>),
    /// A component that is a class.
    Class(ClassId),
    /// Code of the page: a service, a module, a script.
    Page,
}

/// When an effect runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// After the first render only.
    Once,
    /// Again when something changes.
    Again,
}

/// A call that ends a client.
struct Disposal {
    site: Site,
    /// It ends the client that is asked about; else it is not known which one.
    tied: bool,
}

impl<'w> Builder<'w> {
    /// The clients that outlive their purpose.
    pub(crate) fn leftovers(&self, clients: &[Client]) -> Vec<Leftover> {
        let names = &self.catalog.lifecycles;
        let mut leftovers = Vec::new();
        for client in clients.iter().filter(|client| !client.short_lived) {
            let Some((unit, expr)) = self.expr_at(client.at) else { continue };
            if !matches!(unit.module[expr].kind, ExprKind::New { .. }) {
                continue;
            }
            if let Some((why, confidence)) = self.outlives(unit, expr, &client.sdk.live, names) {
                let zone = client.zone.clone();
                leftovers.push(Leftover {
                    client: client.at,
                    sdk: Arc::clone(&client.sdk),
                    name: client.name.clone(),
                    why,
                    zone,
                    confidence,
                });
            }
        }
        leftovers
    }

    fn outlives(&self, unit: &'w Unit, made: ExprId, live: &LiveClient, names: &Lifecycles) -> Option<(Outlives, Confidence)> {
        let home = Self::home(unit, made, names);
        let disposals = self.disposals(Self::site(unit, made), live, names);
        // Handed to code that is not seen, or made by a factory: its user ends it.
        if Self::is_given_away(unit, made) {
            return None;
        }
        match home {
            Home::Component(component) => {
                if disposals.is_empty() {
                    let component = component.and_then(|component| unit.name_of_function(component));
                    let component = component.map_or_else(|| "the component".to_owned(), |name| format!("`{name}`"));
                    return Some((Outlives::NeverDisposed { component }, Confidence::High));
                }
                self.stale_cleanup(unit, &disposals, names)
                    .map(|cleanup| (Outlives::StaleCleanup { cleanup: self.at(cleanup) }, Confidence::High))
                    .or_else(|| self.overwritten(unit, made, &disposals, names))
            }
            Home::Class(class) => {
                let ends: Vec<FunctionSite> = unit.module[class]
                    .members
                    .iter()
                    .filter(|member| member.key.as_ref().and_then(PropertyKey::name).is_some_and(|name| names.ends(name)))
                    .filter_map(|member| match member.kind {
                        ClassMemberKind::Method(function) => Some(FunctionSite { file: unit.file, function }),
                        _ => None,
                    })
                    .collect();
                let reach = self.reach(&ends);
                let ended = disposals.iter().any(|disposal| reach.contains(self, self.at(disposal.site)));
                let component =
                    unit.module[class].name.map_or_else(|| "the component".to_owned(), |name| format!("`{}`", unit.module[name].name));
                (!ended).then_some((Outlives::NeverDisposed { component }, Confidence::High))
            }
            Home::Page => self.overwritten(unit, made, &disposals, names),
        }
    }

    /// Whose life a place belongs to.
    fn home(unit: &Unit, made: ExprId, names: &Lifecycles) -> Home {
        if let Some(class) = unit.parents.enclosing_class(Node::Expr(made)) {
            let class_data = &unit.module[class];
            let text = |expr: &ExprId| match &unit.module[*expr].kind {
                ExprKind::Call { callee, .. } => unit.source.slice(unit.module[*callee].span),
                _ => unit.source.slice(unit.module[*expr].span),
            };
            let decorated =
                class_data.decorators.iter().any(|decorator| names.component_decorators.iter().any(|name| name == text(decorator)));
            let derived = class_data.super_class.as_ref().is_some_and(|base| names.component_bases.iter().any(|name| name == text(base)));
            return if decorated || derived { Home::Class(class) } else { Home::Page };
        }
        let functions: Vec<FunctionId> = unit
            .parents
            .ancestors(Node::Expr(made))
            .filter_map(|node| if let Node::Function(function) = node { Some(function) } else { None })
            .collect();
        let component = functions.iter().rev().find(|function| {
            nodes_in(unit, Node::Function(**function)).into_iter().any(|node| match node {
                Node::Expr(expr) => matches!(unit.module[expr].kind, ExprKind::Call { .. }) && names.is_hook(&unit.callee_text(expr)),
                _ => false,
            })
        });
        let in_component_file = names.component_files.iter().any(|end| unit.source.path.ends_with(end.as_str()));
        match component {
            Some(component) => Home::Component(Some(*component)),
            None if in_component_file => Home::Component(None),
            None => Home::Page,
        }
    }

    /// The calls that end a client, or that end a client of which nothing is known.
    fn disposals(&self, made: Site, live: &LiveClient, names: &Lifecycles) -> Vec<Disposal> {
        let mut disposals = Vec::new();
        let importers = self.workspace.importing_units_deep(made.file).map(|unit| unit.file);
        let near: FxHashSet<FileId> = importers.chain([made.file]).collect();
        for unit in self.workspace.parsed() {
            for call in live.dispose.iter().flat_map(|method| unit.usage.method_calls(method)) {
                let Some(receiver) = unit.call_receiver(*call) else { continue };
                let origins = self.values.origins(Self::site(unit, receiver), &[]);
                let tied = origins.iter().any(
                    |origin| matches!(origin.kind, OriginKind::New(site) | OriginKind::Call(site) | OriginKind::Element(site) if site == made),
                );
                let other = origins
                    .iter()
                    .any(|origin| matches!(origin.kind, OriginKind::New(_) | OriginKind::Instance(..) | OriginKind::Package { .. }));
                // A client of another class (a room, a socket) says what it is; what says nothing may be ours.
                let near = near.contains(&unit.file);
                let named_otherwise = || names.names_no_client(unit.source.slice(unit.module[receiver].span));
                if tied || (!other && near && !named_otherwise()) {
                    disposals.push(Disposal { site: Self::site(unit, *call), tied });
                }
            }
        }
        disposals
    }

    /// A disposal in the clean-up of an effect without dependencies whose receiver is a state variable: it sees the first render's value.
    fn stale_cleanup(&self, unit: &'w Unit, disposals: &[Disposal], names: &Lifecycles) -> Option<Site> {
        let mut stale = None;
        for disposal in disposals.iter().filter(|disposal| disposal.site.file == unit.file) {
            let call = disposal.site.expr;
            let receiver = unit.call_receiver(call)?;
            let in_state = unit.scopes.symbol_of_expr(unit.uncast(receiver)).is_some_and(|symbol| self.is_state(unit, symbol));
            if in_state && unit.in_one_time_cleanup(call, names) {
                stale = Some(disposal.site);
            } else if self.runs_at_end(unit, call, names) {
                return None;
            }
        }
        stale
    }

    /// Whether a symbol is the value of `const [value, setValue] = useState()`.
    fn is_state(&self, unit: &Unit, symbol: SymbolId) -> bool {
        unit.usage.writes(symbol).iter().any(|write| {
            matches!((&write.kind, write.path.first()), (WriteKind::Declared { init: Some(init) }, Some(PatternStep::Index(0)))
                if matches!(unit.module[*init].kind, ExprKind::Call { .. }) && self.callee_plays(unit, *init, ApiRole::State))
        })
    }

    /// Whether a call runs when its component ends.
    fn runs_at_end(&self, unit: &'w Unit, call: ExprId, names: &Lifecycles) -> bool {
        unit.cleanups(names).into_iter().any(|cleanup| {
            self.reach(&[FunctionSite { file: unit.file, function: cleanup }]).contains(self, unit.at(unit.module[call].span))
        })
    }

    /// Whether the code that makes the client can run again while what holds it holds a live one.
    fn overwritten(&self, unit: &'w Unit, made: ExprId, disposals: &[Disposal], names: &Lifecycles) -> Option<(Outlives, Confidence)> {
        let maker = unit.parents.enclosing_function(Node::Expr(made))?;
        let holder = unit.holder_of(made)?;
        let outer = unit.outermost_function(maker, &holder);
        if !self.can_run_again(unit, outer, names) || self.disposed_before(unit, outer, made, disposals) {
            return None;
        }
        let name = unit.holder_name(&holder);
        if unit.is_guarded_by(&self.catalog.habits.holders, &holder, outer, made) {
            let emptied = unit.emptied(&holder).into_iter().find(|write| {
                let function = unit.parents.enclosing_function(Node::Expr(*write));
                let ends = function.is_some_and(|function| {
                    let reach = self.reach(&[FunctionSite { file: unit.file, function }]);
                    disposals.iter().any(|disposal| reach.contains(self, self.at(disposal.site)))
                });
                !ends && function.is_some() && function != Some(outer)
            })?;
            return Some((Outlives::Forgotten { holder: name, emptied: unit.at(unit.module[emptied].span) }, Confidence::Medium));
        }
        // Where there is a way to end it that somebody goes, whoever runs this again may have gone it.
        let used = FunctionSite { file: unit.file, function: outer };
        let only_dead_ends = !self.values.callers(used).is_empty() && disposals.iter().all(|disposal| self.is_never_called(disposal));
        (disposals.is_empty() || only_dead_ends).then_some((Outlives::Overwritten { holder: name }, Confidence::High))
    }

    /// Whether a function runs more than once: a method, an exported function, a callback with changing inputs; not the top of a module and not an
    /// effect that runs once.
    fn can_run_again(&self, unit: &'w Unit, function: FunctionId, names: &Lifecycles) -> bool {
        if let Some(effect) = unit.effect_of(function, names) {
            return effect != Effect::Once;
        }
        if let Some(FunctionName::ClassMember { name, .. }) = unit.usage.function_name(function) {
            return !names.start_methods.iter().any(|start| **start == **name);
        }
        !self.runs_once(unit, function, names, 0)
    }

    /// Whether a disposal stands in a method that nothing calls.
    fn is_never_called(&self, disposal: &Disposal) -> bool {
        let Some(unit) = self.workspace.unit(disposal.site.file) else { return false };
        let around = unit.parents.ancestors(Node::Expr(disposal.site.expr)).find_map(|node| match node {
            Node::Function(function) if matches!(unit.usage.function_name(function), Some(FunctionName::ClassMember { .. })) => {
                Some(function)
            }
            _ => None,
        });
        around.is_some_and(|function| self.values.callers(FunctionSite { file: unit.file, function }).is_empty())
    }

    /// Whether a function has one caller, which runs once itself: the top of a module, an effect without dependencies.
    fn runs_once(&self, unit: &'w Unit, function: FunctionId, names: &Lifecycles, depth: u8) -> bool {
        let callers = self.values.callers(FunctionSite { file: unit.file, function });
        let [caller] = callers.as_slice() else { return false };
        match caller.unit.parents.enclosing_function(Node::Expr(caller.expr)) {
            None => true,
            Some(around) => match caller.unit.effect_of(around, names) {
                Some(effect) => effect == Effect::Once,
                None => depth < 4 && self.runs_once(caller.unit, around, names, depth + 1),
            },
        }
    }

    /// Whether the function that makes the client, or the clean-up of the effect that it is, ends the earlier one.
    fn disposed_before(&self, unit: &'w Unit, function: FunctionId, made: ExprId, disposals: &[Disposal]) -> bool {
        let reach = self.reach(&[FunctionSite { file: unit.file, function }]);
        let made_at = unit.module[made].span;
        disposals.iter().any(|disposal| {
            let at = self.at(disposal.site);
            let earlier = at.file != unit.file || !unit.module[function].span.contains(at.span) || at.span.start < made_at.start;
            let in_cleanup = at.file == unit.file && unit.is_in_returned_function(disposal.site.expr, function);
            (earlier || in_cleanup || !disposal.tied) && reach.contains(self, at)
        })
    }

    /// Whether the client is handed on to whoever called for it: it is the value that a function of no component returns.
    fn is_given_away(unit: &Unit, made: ExprId) -> bool {
        match unit.parents.parent(Node::Expr(made)) {
            Some(Node::Stmt(statement)) => matches!(unit.module[statement].kind, StmtKind::Return(_)),
            Some(Node::Function(_)) => true,
            Some(Node::Expr(outer)) => match &unit.module[outer].kind {
                ExprKind::Call { args, .. } => args.iter().any(|arg| arg.expr == made),
                ExprKind::Object(_) | ExprKind::Array(_) => true,
                _ => false,
            },
            _ => false,
        }
    }
}

impl Lifecycles {
    fn is_hook(&self, callee: &str) -> bool {
        let last = callee.rsplit('.').next().unwrap_or(callee);
        self.hooks.iter().any(|hook| hook == last) || self.teardown_calls.iter().any(|call| call == last)
    }

    fn is_effect(&self, callee: &str) -> bool {
        self.effects.iter().any(|effect| effect == callee || callee.strip_suffix(effect.as_str()).is_some_and(|rest| rest.ends_with('.')))
    }

    /// Whether the last name of a receiver says that it is something else than a client: `this.ringOscillator`.
    fn names_no_client(&self, receiver: &str) -> bool {
        let plain = receiver.trim_end_matches(['!', '?']).trim_end_matches(".current").trim_end_matches(".value");
        let last = plain.rsplit('.').next().unwrap_or(plain).to_ascii_lowercase();
        self.other_disconnects.iter().any(|part| last.contains(part.as_str()))
    }

    fn ends(&self, method: &str) -> bool {
        self.teardown_methods.iter().any(|name| name == method)
    }
}

impl Unit {
    fn name_of_function(&self, function: FunctionId) -> Option<String> {
        match self.usage.function_name(function)? {
            FunctionName::Symbol(symbol) => self.scopes.symbol(*symbol).map(|symbol| symbol.name.to_string()),
            FunctionName::Property { name, .. } | FunctionName::ClassMember { name, .. } => Some(name.to_string()),
            FunctionName::MemberWrite(_) => None,
        }
    }

    /// When the effect runs whose callback a function is.
    fn effect_of(&self, function: FunctionId, names: &Lifecycles) -> Option<Effect> {
        let value = self.function_value(function)?;
        let Some(Node::Expr(call)) = self.parents.parent(Node::Expr(value)) else { return None };
        let ExprKind::Call { args, .. } = &self.module[call].kind else { return None };
        if args.first().is_none_or(|first| first.expr != value) || !names.is_effect(&self.callee_text(call)) {
            return None;
        }
        Some(match args.get(1).map(|second| &self.module[second.expr].kind) {
            Some(ExprKind::Array(elements)) if elements.is_empty() => Effect::Once,
            _ => Effect::Again,
        })
    }

    /// The functions that run at the end of the file's components.
    fn cleanups(&self, names: &Lifecycles) -> Vec<FunctionId> {
        let mut cleanups = Vec::new();
        for (index, _) in self.module.functions.iter().enumerate() {
            let Ok(index) = u32::try_from(index) else { break };
            let function = FunctionId(index);
            if self.effect_of(function, names).is_some() {
                cleanups.extend(self.usage.returns(function).iter().filter_map(
                    |returned| match self.module[self.uncast(*returned)].kind {
                        ExprKind::Function(cleanup) => Some(cleanup),
                        _ => self.scopes.symbol_of_expr(self.uncast(*returned)).and_then(|symbol| self.function_of_symbol(symbol)),
                    },
                ));
            }
            let by_name = match self.usage.function_name(function) {
                Some(FunctionName::ClassMember { name, .. } | FunctionName::Property { name, .. }) => names.ends(name),
                _ => false,
            };
            let by_call = || {
                let value = self.function_value(function)?;
                let Some(Node::Expr(call)) = self.parents.parent(Node::Expr(value)) else { return None };
                let callee = self.callee_text(call);
                let last = callee.rsplit('.').next().unwrap_or(&callee);
                names.teardown_calls.iter().any(|name| name == last).then_some(())
            };
            if by_name || by_call().is_some() {
                cleanups.push(function);
            }
        }
        // `onUnmounted(cleanup)`.
        for node in self.parents.nodes() {
            let Node::Expr(call) = *node else { continue };
            let ExprKind::Call { args, .. } = &self.module[call].kind else { continue };
            let callee = self.callee_text(call);
            if names.teardown_calls.contains(&callee)
                && let Some(symbol) = args.first().and_then(|first| self.scopes.symbol_of_expr(self.uncast(first.expr)))
            {
                cleanups.extend(self.function_of_symbol(symbol));
            }
        }
        cleanups
    }

    fn function_of_symbol(&self, symbol: SymbolId) -> Option<FunctionId> {
        self.usage.writes(symbol).iter().find_map(|write| match write.kind {
            WriteKind::Function(function) => Some(function),
            WriteKind::Declared { init: Some(init) } => match &self.module[self.uncast(init)].kind {
                ExprKind::Function(function) => Some(*function),
                // `const stop = useCallback(() => …, [])`.
                ExprKind::Call { args, .. } => args.first().and_then(|first| match self.module[first.expr].kind {
                    ExprKind::Function(function) => Some(function),
                    _ => None,
                }),
                _ => None,
            },
            _ => None,
        })
    }

    /// Whether a call stands in the function that an effect with an empty list of dependencies returns.
    fn in_one_time_cleanup(&self, call: ExprId, names: &Lifecycles) -> bool {
        let functions: Vec<FunctionId> = self
            .parents
            .ancestors(Node::Expr(call))
            .filter_map(|node| if let Node::Function(function) = node { Some(function) } else { None })
            .collect();
        functions.windows(2).any(|pair| matches!(pair, [inner, effect] if self.effect_of(*effect, names) == Some(Effect::Once) && self.returns_function(*effect, *inner)))
    }

    fn returns_function(&self, outer: FunctionId, inner: FunctionId) -> bool {
        self.usage
            .returns(outer)
            .iter()
            .any(|returned| matches!(self.module[self.uncast(*returned)].kind, ExprKind::Function(function) if function == inner))
    }

    fn is_in_returned_function(&self, expr: ExprId, outer: FunctionId) -> bool {
        self.parents
            .ancestors(Node::Expr(expr))
            .any(|node| matches!(node, Node::Function(inner) if inner != outer && self.returns_function(outer, inner)))
    }
}
