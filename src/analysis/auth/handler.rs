//! What code does when it runs: the functions that can be reached from a handler or timer, and what is called there.
//!
//! Reachability goes through calls of functions of the project, functions that are handed to something that calls them, and what
//! `reactions` knows to run by itself: effects of a changed state, handlers of the app's own events.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Builder;
use super::reactions::Registrations;
use super::tiers::mounts::Prefixes;
use super::tiers::mounts::Uses;
use super::tiers::python_routes::UrlEntry;
use super::tiers::routes::Route;
use super::tiers::served::Placed;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{ClassSite, FunctionSite, Identity, OriginKind, Site};
use crate::catalog::apis::ApiRole;
use crate::hir::visit::{self, Node};
use crate::hir::{ClassMemberKind, ExprId, ExprKind, FunctionId, FunctionKind, Name};
use crate::source::{FileId, Location};

/// How many calls deep reachability goes.
const DEPTH: u8 = 6;
/// How many functions it may hold.
const FUNCTIONS: usize = 80;

/// The code that runs when some functions are called.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// The functions, the starting ones first. Functions nested in them belong to them.
    pub(crate) functions: Vec<FunctionSite>,
    /// Every call and `new` in them.
    pub(crate) calls: Vec<Site>,
    /// Calls whose callee is not defined in the project.
    pub(crate) opaque: Vec<OpaqueCall>,
    /// The functions that run because a state has changed: they see the new state.
    pub(crate) reactions: FxHashSet<FunctionSite>,
}

/// A call of something that the project does not define.
#[derive(Debug)]
pub(crate) struct OpaqueCall {
    /// The call.
    pub(crate) site: Site,
    /// What is called, as written.
    pub(crate) text: String,
    /// The callee is a parameter, or a member of one, that no visible code fills: whoever uses this code decides what it does.
    pub(crate) unfilled: bool,
}

/// Answers that are asked for again: the same helpers are reached from many handlers, and one file's listeners by many events.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    reaches: Mutex<FxHashMap<Vec<FunctionSite>, Arc<Reach>>>,
    calls: Mutex<FxHashMap<Site, Arc<Callee>>>,
    pub(crate) registrations: Mutex<FxHashMap<FileId, Arc<Registrations>>>,
    pub(super) uses: Mutex<FxHashMap<FileId, Arc<Uses>>>,
    pub(super) prefixes: Mutex<Prefixes>,
    pub(super) routes: Mutex<FxHashMap<FileId, Arc<[Arc<Route>]>>>,
    /// Whether any file imports a package that makes a plugin change the router that registers it.
    pub(super) has_transparent_plugins: OnceLock<bool>,
    /// What preload scripts of Electron put into pages.
    pub(super) exposed: OnceLock<Vec<(Name, Site)>>,
    pub(super) all_routes: OnceLock<Box<[Arc<Route>]>>,
    /// The requests that values crossed, by place and spelling, with the routes that answer them.
    pub(super) crossed: Mutex<BTreeMap<(Location, String), Location>>,
    pub(super) router_routes: OnceLock<Box<[Arc<Route>]>>,
    pub(super) python_urls: OnceLock<Box<[UrlEntry]>>,
    pub(super) placed: OnceLock<Box<[Placed]>>,
}

/// What a call runs.
#[derive(Debug, Default)]
struct Callee {
    /// Functions that it calls, constructors included.
    called: Vec<FunctionSite>,
    /// Functions that run because it changes a state.
    reactions: Vec<FunctionSite>,
    /// The project does not define the callee.
    opaque: bool,
    /// See [`OpaqueCall::unfilled`].
    unfilled: bool,
    /// It only shows or records something.
    logs: bool,
}

/// A function that is still to be looked at.
#[derive(Clone, Copy)]
struct Step {
    function: FunctionSite,
    depth: u8,
    /// It runs because a state has changed, or is called by what does.
    reaction: bool,
}

/// The functions that are still to be looked at, and all that were added so far.
struct Frontier {
    open: Vec<Step>,
    seen: FxHashSet<FunctionSite>,
}

impl Frontier {
    fn add(&mut self, step: Step) {
        if step.depth <= DEPTH && self.seen.insert(step.function) {
            self.open.push(step);
        }
    }
}

impl<'w> Builder<'w> {
    /// The code that runs when `start` are called, directly or through functions of the project.
    pub(crate) fn reach(&self, start: &[FunctionSite]) -> Arc<Reach> {
        let known = self.memo.reaches.lock().unwrap_or_else(PoisonError::into_inner).get(start).cloned();
        known.unwrap_or_else(|| {
            let reach = Arc::new(self.explore(start));
            self.memo.reaches.lock().unwrap_or_else(PoisonError::into_inner).insert(start.to_vec(), Arc::clone(&reach));
            reach
        })
    }

    fn explore(&self, start: &[FunctionSite]) -> Reach {
        let mut reach = Reach::default();
        let mut frontier = Frontier {
            seen: start.iter().copied().collect(),
            open: start.iter().rev().map(|function| Step { function: *function, depth: 0, reaction: false }).collect(),
        };
        while let Some(step) = frontier.open.pop() {
            if reach.functions.len() >= FUNCTIONS {
                break;
            }
            reach.functions.push(step.function);
            if step.reaction {
                reach.reactions.insert(step.function);
            }
            let Some(unit) = self.workspace.unit(step.function.file) else { continue };
            let next = |function: &FunctionSite, reaction| Step { function: *function, depth: step.depth + 1, reaction };
            for call in calls_in(unit, step.function.function) {
                let site = Self::site(unit, call);
                reach.calls.push(site);
                let callee = self.callee(unit, call);
                callee.called.iter().for_each(|function| frontier.add(next(function, step.reaction)));
                callee.reactions.iter().for_each(|function| frontier.add(next(function, true)));
                if callee.opaque && !callee.logs {
                    reach.opaque.push(OpaqueCall { site, text: unit.callee_text(call), unfilled: callee.unfilled });
                }
            }
            unit.watchers_of_writes(step.function.function).iter().for_each(|function| frontier.add(next(function, true)));
        }
        reach
    }

    fn callee(&self, unit: &'w Unit, call: ExprId) -> Arc<Callee> {
        let site = Self::site(unit, call);
        let known = self.memo.calls.lock().unwrap_or_else(PoisonError::into_inner).get(&site).cloned();
        known.unwrap_or_else(|| {
            let callee = Arc::new(self.find_callee(unit, call));
            self.memo.calls.lock().unwrap_or_else(PoisonError::into_inner).insert(site, Arc::clone(&callee));
            callee
        })
    }

    fn find_callee(&self, unit: &'w Unit, call: ExprId) -> Callee {
        let mut found = Callee { opaque: true, ..Callee::default() };
        let Some(callee) = unit.call_callee(call) else { return found };
        if Identity::Global(unit.callee_text(call)).plays(self.values.apis(), ApiRole::Log) {
            found.logs = true;
            return found;
        }
        for origin in self.values.origins(Self::site(unit, callee), &[]) {
            match origin.kind {
                OriginKind::Function(target) => {
                    found.opaque = false;
                    found.called.push(target);
                }
                OriginKind::Class(class) => {
                    found.opaque = false;
                    found.called.extend(self.constructor_of(class));
                }
                OriginKind::Instance(..) => found.opaque = false,
                OriginKind::Param(..) => found.unfilled = true,
                _ => {}
            }
        }
        if found.opaque {
            let members = self.functions_of_store(unit, call);
            found.opaque &= members.is_empty();
            found.called.extend(members);
        }
        let setters = std::iter::once(callee).chain(unit.bare_arguments(call));
        found.reactions.extend(setters.flat_map(|setter| self.effects_of_setter(unit, setter)));
        let listeners = self.listeners_of_own_event(unit, call);
        found.opaque &= listeners.is_empty();
        found.called.extend(listeners);
        if found.opaque {
            let callbacks = unit.bare_arguments(call).filter(|argument| unit.may_be_function(*argument));
            found.called.extend(callbacks.flat_map(|argument| self.functions(Self::site(unit, argument))));
        }
        found
    }

    /// The functions of the project that an expression can be.
    pub(crate) fn functions(&self, site: Site) -> Vec<FunctionSite> {
        let mut functions: Vec<FunctionSite> = Vec::new();
        for origin in self.values.origins(site, &[]) {
            if let OriginKind::Function(function) = origin.kind
                && !origin.derived
                && !functions.contains(&function)
            {
                functions.push(function);
            }
        }
        functions
    }

    fn constructor_of(&self, class: ClassSite) -> Option<FunctionSite> {
        let unit = self.workspace.unit(class.file)?;
        unit.module[class.class].members.iter().find_map(|member| match member.kind {
            ClassMemberKind::Method(function) if unit.module[function].kind == FunctionKind::Constructor => {
                Some(FunctionSite { file: class.file, function })
            }
            _ => None,
        })
    }
}

impl Reach {
    /// Whether a place lies in the reachable code.
    pub(crate) fn contains(&self, builder: &Builder<'_>, at: Location) -> bool {
        self.function_at(builder, at).is_some()
    }

    /// The reachable function that a place lies in.
    pub(crate) fn function_at(&self, builder: &Builder<'_>, at: Location) -> Option<FunctionSite> {
        self.functions.iter().copied().find(|function| {
            function.file == at.file
                && builder.workspace.unit(function.file).is_some_and(|unit| unit.module[function.function].span.contains(at.span))
        })
    }
}

/// Every call and `new` inside a function, nested functions included, in source order.
pub(crate) fn calls_in(unit: &Unit, function: FunctionId) -> Vec<ExprId> {
    nodes_in(unit, Node::Function(function))
        .into_iter()
        .filter_map(|node| match node {
            Node::Expr(expr) if matches!(unit.module[expr].kind, ExprKind::Call { .. } | ExprKind::New { .. }) => Some(expr),
            _ => None,
        })
        .collect()
}

/// Every node below `root`, in source order.
pub(crate) fn nodes_in(unit: &Unit, root: Node) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        nodes.push(node);
        let start = open.len();
        visit::children(&unit.module, node, &mut |child| open.push(child));
        if let Some(new) = open.get_mut(start..) {
            new.reverse();
        }
    }
    nodes
}

impl Unit {
    /// The arguments of a call that are a mere name or member: `then(applyToken)`, `schedule(this.refresh)`.
    fn bare_arguments(&self, call: ExprId) -> impl Iterator<Item = ExprId> {
        let args = match &self.module[call].kind {
            ExprKind::Call { args, .. } => args.as_slice(),
            _ => &[],
        };
        args.iter()
            .filter(|arg| !arg.spread && matches!(self.module[self.uncast(arg.expr)].kind, ExprKind::Ident(_) | ExprKind::Member { .. }))
            .map(|arg| arg.expr)
    }

    /// A cheap look before a question is asked: whether a name or member can be a function at all.
    fn may_be_function(&self, expr: ExprId) -> bool {
        match &self.module[self.uncast(expr)].kind {
            ExprKind::Ident(_) => self.scopes.symbol_of_expr(expr).is_some_and(|symbol| {
                self.usage.writes(symbol).iter().any(|write| match write.kind {
                    WriteKind::Function(_) | WriteKind::Import { .. } | WriteKind::Param { .. } => true,
                    _ => write
                        .kind
                        .value()
                        .is_some_and(|value| matches!(self.module[self.uncast(value)].kind, ExprKind::Function(_) | ExprKind::Call { .. })),
                })
            }),
            ExprKind::Member { object, .. } => matches!(self.module[*object].kind, ExprKind::This),
            _ => false,
        }
    }
}
