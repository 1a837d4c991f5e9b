//! Checks of the caller: does code ask who is there, and does it stop when nobody is?
//!
//! A check is judged by what it does. A function of the project counts when it asks somebody who knows (a session library, a signature,
//! a secret of the machine, a look-up by the presented token) and not when it only takes the request apart: a bearer value that is used as
//! a user id proves nothing. Functions of packages are judged by their names (`rules/models/guards.toml`). The answer of a check must
//! decide something; where it is used but not seen to stop, the verdict is "unsure", and nobody is accused.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::analysis::auth::Builder;
use crate::analysis::auth::control::{dotted, is_bare, is_constant, is_given, last, leaves, path, runs_towards};
use crate::analysis::auth::handler::nodes_in;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{FunctionSite, Identity, OriginKind, Site};
use crate::catalog::apis::ApiRole;
use crate::catalog::guards::GuardNames;
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExprId, ExprKind, FunctionId, Literal, LogicalOp, StmtId, StmtKind};
use crate::project::Resolved;
use crate::source::Location;

/// How deep calls are followed into helpers.
const DEPTH: u8 = 5;
/// What a comparison with a secret of the machine mentions.
const SECRET_WORDS: [&str; 9] = ["env", "secret", "token", "pass", "key", "config", "auth", "sig", "expected"];
/// How many functions of a project are judged.
const JUDGED: usize = 1_500;
/// How many nodes one test's values may lead to.
const NODES: usize = 1_500;

/// Whether the caller is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Check {
    /// It is, and nobody gets past.
    Stops,
    /// Something that looks like a check is there, but it was not seen to stop anybody.
    Unsure,
    /// It is not; the place of something that only pretends to.
    None(Option<Location>),
}

impl Check {
    /// The better of two checks that both run.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Stops, _) | (_, Self::Stops) => Self::Stops,
            (Self::Unsure, _) | (_, Self::Unsure) => Self::Unsure,
            (Self::None(left), Self::None(right)) => Self::None(left.or(right)),
        }
    }
}

/// What a function or value knows of the caller. Ordered by weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Knows {
    /// Nothing but what the request says.
    #[default]
    Nothing,
    /// Something that others told: a row, an answer.
    Something,
    /// Who the caller is.
    Caller,
}

/// A judged function.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Judged {
    /// The most that it finds out.
    pub(super) knows: Knows,
    /// It leaves by itself when the caller is nobody: throws, redirects, or answers the request.
    pub(super) halts: bool,
    /// It turns callers away, by itself or by what it returns.
    pub(super) denies: bool,
}

/// Judges checks; remembers what it found out about functions.
pub(crate) struct Guards<'b, 'w> {
    pub(super) builder: &'b Builder<'w>,
    pub(crate) names: &'w GuardNames,
    memo: RefCell<FxHashMap<FunctionSite, Judged>>,
    callees: RefCell<FxHashMap<Site, Rc<[FunctionSite]>>>,
}

impl<'b, 'w> Guards<'b, 'w> {
    /// A judge of one project.
    pub(crate) fn new(builder: &'b Builder<'w>, names: &'w GuardNames) -> Self {
        Self { builder, names, memo: RefCell::default(), callees: RefCell::default() }
    }

    /// Whether the caller is checked before `at` runs inside `function`.
    pub(crate) fn before(&self, unit: &'w Unit, function: FunctionId, at: ExprId) -> Check {
        let end = unit.module[at].span.start;
        let target = Node::Expr(at);
        let mut check = Check::None(None);
        for node in nodes_in(unit, Node::Function(function)) {
            if !runs_towards(unit, node, function, target) {
                continue;
            }
            let found = match node {
                Node::Stmt(statement) if unit.module[statement].span.start < end => self.statement(unit, statement, target),
                Node::Expr(expr) if unit.module[expr].span.start < end && expr != at => self.expression(unit, expr, target),
                _ => continue,
            };
            check = check.or(found);
            if check == Check::Stops {
                break;
            }
        }
        check
    }

    fn statement(&self, unit: &'w Unit, statement: StmtId, target: Node) -> Check {
        let StmtKind::If { test, then, otherwise } = unit.module[statement].kind else { return Check::None(None) };
        let within = |branch: StmtId| unit.parents.is_within(target, Node::Stmt(branch));
        let text = |branch: StmtId| unit.source.slice(unit.module[branch].span);
        let inside = within(then) || otherwise.is_some_and(within);
        if !inside && !leaves(unit, then) && !otherwise.is_some_and(|branch| leaves(unit, branch)) {
            return Check::None(None);
        }
        let denies = [Some(then), otherwise].into_iter().flatten().any(|branch| !within(branch) && self.names.denies(text(branch)));
        match self.knowledge(unit, test) {
            Knows::Caller => Check::Stops,
            Knows::Something if denies => Check::Stops,
            Knows::Nothing if denies => Check::None(Some(unit.at(unit.module[test].span))),
            _ => Check::None(None),
        }
    }

    fn expression(&self, unit: &'w Unit, expr: ExprId, target: Node) -> Check {
        let within = |branch: ExprId| unit.parents.is_within(target, Node::Expr(branch));
        match &unit.module[expr].kind {
            ExprKind::Conditional { test, yes, no } if within(*yes) || within(*no) => self.if_known(unit, *test),
            ExprKind::Logical { op: LogicalOp::And, left, right } if within(*right) => self.if_known(unit, *left),
            ExprKind::Call { .. } => self.call_stops(unit, expr),
            _ => Check::None(None),
        }
    }

    fn if_known(&self, unit: &'w Unit, test: ExprId) -> Check {
        if self.knowledge(unit, test) == Knows::Caller { Check::Stops } else { Check::None(None) }
    }

    /// What a call by itself does for safety.
    fn call_stops(&self, unit: &'w Unit, call: ExprId) -> Check {
        let name = dotted(unit, call);
        if self.names.is_declared(&name) {
            return Check::Stops;
        }
        let functions = self.functions(unit, call);
        if functions.is_empty() {
            let bare = is_bare(unit, call);
            let stopping =
                ["require", "ensure", "assert", "protect", "enforce"].iter().any(|word| last(&name).to_ascii_lowercase().starts_with(word));
            if unit.is_rust() && self.names.is_rust_reading(&name) {
                return Check::None(None);
            }
            return if self.names.is_assertion(&name) || (self.names.says_check(&name) && stopping) {
                Check::Stops
            } else if (self.names.is_session(&name) || self.names.says_check(&name)) && !bare {
                Check::Unsure
            } else {
                Check::None(None)
            };
        }
        let mut check = Check::None(None);
        for function in functions.iter().copied() {
            let judged = self.judge(function, 0);
            let knows_caller = judged.knows == Knows::Caller || (judged.knows == Knows::Something && self.names.says_check(&name));
            if knows_caller {
                check = check.or(if judged.halts {
                    Check::Stops
                } else if is_bare(unit, call) {
                    Check::None(None)
                } else {
                    Check::Unsure
                });
            }
        }
        check
    }

    /// Whether a function checks the caller and turns it away somewhere in it (a middleware of a framework).
    pub(crate) fn turns_away(&self, function: FunctionSite) -> bool {
        let judged = self.judge(function, 0);
        judged.knows == Knows::Caller && (judged.denies || judged.halts)
    }

    /// Whether the values in a condition know who the caller is.
    pub(crate) fn knows_caller(&self, unit: &'w Unit, test: ExprId) -> bool {
        self.knowledge(unit, test) == Knows::Caller
    }

    /// What the values in an expression know of the caller.
    fn knowledge(&self, unit: &'w Unit, root: ExprId) -> Knows {
        self.knowledge_at(unit, root, 0)
    }

    fn knowledge_at(&self, unit: &'w Unit, root: ExprId, depth: u8) -> Knows {
        let mut knows = Knows::Nothing;
        let mut seen: FxHashSet<SymbolId> = FxHashSet::default();
        let mut open = vec![root];
        let mut visited = 0;
        while let Some(next) = open.pop() {
            for node in nodes_in(unit, Node::Expr(next)) {
                visited += 1;
                if visited > NODES || knows == Knows::Caller {
                    return knows;
                }
                let Node::Expr(expr) = node else { continue };
                knows = knows.max(self.node(unit, expr, depth));
                if let Some(symbol) = unit.scopes.symbol_of_expr(expr)
                    && seen.insert(symbol)
                {
                    open.extend(unit.usage.writes(symbol).iter().filter_map(|write| match write.kind {
                        WriteKind::Declared { init } => init,
                        WriteKind::Assigned { value, .. } => Some(value),
                        _ => None,
                    }));
                }
            }
        }
        knows
    }

    /// What one node knows.
    fn node(&self, unit: &'w Unit, expr: ExprId, depth: u8) -> Knows {
        match &unit.module[expr].kind {
            ExprKind::Call { args, .. } => {
                let keyed = || {
                    let is_get = unit.called_method(expr).is_some_and(|method| &**method == "get")
                        && unit.call_receiver(expr).is_some_and(|receiver| matches!(unit.module[receiver].kind, ExprKind::Ident(_)));
                    is_get
                        && args.first().is_some_and(|first| matches!(&unit.module[first.expr].kind, ExprKind::Literal(Literal::String(key)) if self.names.is_caller_key(key)))
                        && !["searchParams", "headers", "cookies", "params", "formData", "body"].contains(&last(&unit.call_receiver(expr).map(|receiver| path(unit, receiver)).unwrap_or_default()))
                };
                if keyed() { Knows::Caller } else { self.call(unit, expr, depth) }
            }
            ExprKind::Member { .. } if self.names.is_caller(&path(unit, expr)) => Knows::Caller,
            ExprKind::Binary {
                op: BinaryOp::StrictEqual | BinaryOp::StrictNotEqual | BinaryOp::LooseEqual | BinaryOp::LooseNotEqual,
                left,
                right,
            } => {
                if is_constant(unit, *left) || is_constant(unit, *right) {
                    return Knows::Nothing;
                }
                // Only a comparison that can be one of secrets is worth the question where its sides come from.
                let text = unit.source.slice(unit.module[expr].span).to_ascii_lowercase();
                if !SECRET_WORDS.iter().any(|word| text.contains(word)) {
                    return Knows::Something;
                }
                let from_env = |side: ExprId| {
                    if is_given(unit, side) {
                        return false;
                    }
                    let origins = self.builder.values.origins(Builder::site(unit, side), &[]);
                    origins.iter().any(|origin| matches!(origin.kind, OriginKind::Env { .. }))
                };
                if from_env(*left) == from_env(*right) { Knows::Something } else { Knows::Caller }
            }
            _ => Knows::Nothing,
        }
    }

    /// What the answer of a call knows.
    fn call(&self, unit: &'w Unit, call: ExprId, depth: u8) -> Knows {
        let name = dotted(unit, call);
        if Identity::Global(name.clone()).plays(self.builder.values.apis(), ApiRole::Log) {
            return Knows::Nothing;
        }
        if self.names.is_declared(&name) {
            return Knows::Caller;
        }
        let functions = self.functions(unit, call);
        if functions.is_empty() {
            return if self.names.is_session(&name) || self.names.is_assertion(&name) || unit.is_rust() && self.names.is_rust_session(&name)
            {
                Knows::Caller
            } else if unit.is_rust() && self.names.is_rust_reading(&name) {
                Knows::Nothing
            } else if self.names.is_reading(&name)
                && !self.builder.workspace.catalog.habits.databases.is_query(unit.source.slice(unit.module[call].span))
            {
                // A store that is called after sessions knows them: `sessions.get(id)`.
                if self.names.says_check(&name)
                    && !name.contains("headers")
                    && !name.contains("cookie")
                    && !name.contains("request")
                    && name.contains('.')
                    && last(&name) == "get"
                {
                    Knows::Caller
                } else {
                    Knows::Nothing
                }
            } else if self.names.says_check(&name) {
                Knows::Caller
            } else {
                Knows::Something
            };
        }
        let mut knows = Knows::Nothing;
        for function in functions.iter().copied() {
            let judged = self.judge(function, depth + 1).knows;
            knows = knows.max(if judged == Knows::Something && self.names.says_check(&name) { Knows::Caller } else { judged });
        }
        knows
    }

    /// The functions of the project that a call calls.
    pub(crate) fn functions(&self, unit: &'w Unit, call: ExprId) -> Rc<[FunctionSite]> {
        let site = Builder::site(unit, call);
        if let Some(known) = self.callees.borrow().get(&site) {
            return Rc::clone(known);
        }
        let found: Rc<[FunctionSite]> = match unit.call_callee(call) {
            Some(callee) if self.may_be_own(unit, callee) => {
                let origins = self.builder.values.origins(Builder::site(unit, callee), &[]);
                origins
                    .into_iter()
                    .filter_map(|origin| if let OriginKind::Function(function) = origin.kind { Some(function) } else { None })
                    .collect()
            }
            _ => Rc::default(),
        };
        self.callees.borrow_mut().insert(site, Rc::clone(&found));
        found
    }

    /// Whether a callee can be a function of the project at all: the methods of what a handler is given (`req`, `res`, a context), of globals
    /// and of other calls' answers are not asked about, because most calls of a server are such.
    fn may_be_own(&self, unit: &Unit, callee: ExprId) -> bool {
        let callee = unit.uncast(callee);
        let ExprKind::Member { property, .. } = &unit.module[callee].kind else {
            return matches!(unit.module[callee].kind, ExprKind::Ident(_)) && !is_given(unit, callee);
        };
        if self.names.is_reading(property) {
            return false;
        }
        let mut root = callee;
        for _ in 0..if unit.is_rust() { 8 } else { 3 } {
            match &unit.module[root].kind {
                ExprKind::ImportCall { .. } if unit.is_rust() => return true,
                // `state.auth.verify(…)`: known by the types of the fields.
                ExprKind::Ident(_) if unit.is_rust() && is_given(unit, root) => return true,
                ExprKind::Member { object, .. } => root = unit.uncast(*object),
                ExprKind::This => return true,
                ExprKind::Ident(_) => break,
                _ => return false,
            }
        }
        let Some(symbol) = unit.scopes.symbol_of_expr(root) else { return false };
        unit.usage.writes(symbol).iter().any(|write| match write.kind {
            WriteKind::Import { import, .. } => unit
                .module
                .imports
                .get(import)
                .is_some_and(|import| matches!(self.builder.workspace.resolve(unit.file, &import.specifier), Resolved::File(_))),
            WriteKind::Declared { init: Some(init) } => {
                let init = unit.uncast(init);
                matches!(unit.module[init].kind, ExprKind::New { .. } | ExprKind::Object(_))
                    || unit.callee_text(init) == "require"
                    || write.path.is_empty() && matches!(unit.module[init].kind, ExprKind::Ident(_))
            }
            WriteKind::Class(_) | WriteKind::Namespace => true,
            _ => false,
        })
    }

    /// What a function does for safety.
    pub(super) fn judge(&self, function: FunctionSite, depth: u8) -> Judged {
        if let Some(known) = self.memo.borrow().get(&function) {
            return *known;
        }
        if depth > DEPTH || self.memo.borrow().len() > JUDGED {
            return Judged::default();
        }
        let Some(unit) = self.builder.workspace.unit(function.file) else { return Judged::default() };
        // A function that calls itself adds nothing to what it knows.
        self.memo.borrow_mut().insert(function, Judged::default());
        let mut judged = Judged::default();
        for node in nodes_in(unit, Node::Function(function.function)) {
            match node {
                Node::Expr(expr) => {
                    judged.knows = judged.knows.max(self.node(unit, expr, depth));
                    if let ExprKind::Call { .. } = unit.module[expr].kind {
                        let inner = self.functions(unit, expr).iter().any(|called| self.judge(*called, depth + 1).halts);
                        let name = dotted(unit, expr);
                        judged.halts |=
                            inner || self.names.is_assertion(&name) || matches!(last(&name), "redirect" | "unauthorized" | "forbidden");
                    }
                }
                Node::Stmt(statement) => judged.halts |= matches!(unit.module[statement].kind, StmtKind::Throw(_)),
                _ => {}
            }
        }
        judged.denies = self.names.denies(unit.source.slice(unit.module[function.function].span));
        judged.halts &= judged.knows != Knows::Nothing;
        self.memo.borrow_mut().insert(function, judged);
        judged
    }
}
