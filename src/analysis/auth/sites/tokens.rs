//! How the code gets its token, as code that can be repeated elsewhere.
//!
//! Backwards from the client's option: the expression itself when it awaits something; a name that is set to what has been awaited, with the
//! declarations that lead there; what a promise hands to its callback; the argument of the one call of the function, or of the one call that sets the state.
//! Everything that such code names must mean the same at the place where it is to be repeated, and it must ask again: a token that
//! is merely there is the old one.

use super::super::Builder;
use super::super::clients::{FoundClient, sinks};
use super::super::handler::nodes_in;
use super::place::Place;
use crate::analysis::edit_sites::{TokenSource, TokenStep};
use crate::analysis::model::{OptionRole, Provenance};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{PatternStep, Write, WriteKind};
use crate::analysis::values::{FunctionSite, OriginKind, Site};
use crate::catalog::apis::ApiRole;
use crate::hir::visit::Node;
use crate::hir::{AssignOp, ExprId, ExprKind, FunctionId, Literal, Name, PatId, StmtId, StmtKind};
use crate::source::Span;

/// How many names, calls and states may stand between the option and the code that gets the token.
const DEPTH: u8 = 8;
/// How many declarations may lead to a token.
const STEPS: usize = 6;
/// Longer code is not repeated.
const LONGEST: usize = 1200;

/// What leads to a token, and the names that it declares.
pub(super) struct Repeated {
    pub(super) source: TokenSource,
    pub(super) names: Vec<Name>,
}

/// The expression that a token is.
#[derive(Clone, Copy)]
enum Start {
    Value(ExprId),
    /// What a promise becomes.
    Awaited(ExprId),
}

/// Code that is being put together.
struct Code<'b, 'w> {
    builder: &'b Builder<'w>,
    place: Place<'w>,
    steps: Vec<Step>,
    /// Names that stand for what they stand for at the place, too.
    kept: Vec<Name>,
}

/// A declaration of such code.
struct Step {
    code: TokenStep,
    /// The names that it declares.
    symbols: Vec<SymbolId>,
    /// Where it stands now, when that is a statement.
    statement: Option<StmtId>,
}

impl<'w> Builder<'w> {
    /// How a client's token can be got again at a place.
    pub(super) fn token_source(&self, found: &FoundClient, place: Place<'w>) -> Option<Repeated> {
        let tokens = || found.options.iter().filter(|option| option.role == OptionRole::Token);
        // What is typed in, stored or written down is not asked for again.
        let fixed = |provenance: &Provenance| {
            matches!(
                provenance,
                Provenance::Literal(_)
                    | Provenance::PublicEnv(_)
                    | Provenance::PrivateEnv(_)
                    | Provenance::Form
                    | Provenance::PageUrl
                    | Provenance::Storage(_)
                    | Provenance::File
                    | Provenance::TemplateHole
            )
        };
        if tokens().flat_map(|option| &option.sources).any(|source| fixed(&source.provenance)) {
            return None;
        }
        // What the client is given stands in its own file.
        let form = found.form().filter(|_| found.site.file == place.unit.file)?;
        let names = if form.token.is_empty() { &found.sdk.token } else { &form.token };
        let sinks = sinks(place.unit, found.site.expr, form);
        let values: Vec<Site> = names
            .iter()
            .flat_map(|name| {
                sinks.iter().flat_map(|sink| {
                    let path: Vec<Name> = sink.path.iter().cloned().chain([Name::from(name.as_str())]).collect();
                    self.values.properties(sink.site, &path)
                })
            })
            .filter_map(|origin| if let OriginKind::Property(value) = origin.kind { Some(value) } else { None })
            .collect();
        let [value] = values.as_slice() else { return None };
        if value.file != place.unit.file {
            return None;
        }
        let start = self.start(place.unit, value.expr, DEPTH)?;
        let code = Code { builder: self, place, steps: Vec::new(), kept: Vec::new() };
        code.finish(start)
    }

    /// The expression that a token is, behind parameters and states.
    fn start(&self, unit: &'w Unit, value: ExprId, depth: u8) -> Option<Start> {
        let value = unit.uncast(value);
        let depth = depth.checked_sub(1)?;
        let Some(symbol) = unit.scopes.symbol_of_expr(value) else { return Some(Start::Value(value)) };
        let [write] = unit.usage.writes(symbol) else { return Some(Start::Value(value)) };
        match (write.kind, write.path.as_slice()) {
            (WriteKind::Param { function, index, rest: false }, []) => {
                if let Some(promise) = unit.promise_of_callback(function).filter(|_| index == 0) {
                    return Some(Start::Awaited(promise));
                }
                let callers = self.values.callers(FunctionSite { file: unit.file, function });
                let [caller] = callers.as_slice() else { return None };
                let ExprKind::Call { args, .. } = &caller.unit.module[caller.expr].kind else { return None };
                let arg = args.get(index).filter(|arg| !arg.spread && caller.unit.file == unit.file)?;
                self.start(unit, arg.expr, depth)
            }
            (WriteKind::Declared { init: Some(init) }, [PatternStep::Index(0)])
                if self.values.call_plays(Self::site(unit, unit.uncast(init)), ApiRole::State) =>
            {
                self.start_of_state(unit, unit.setter_of_state(init)?, depth)
            }
            (WriteKind::Declared { init: Some(init) }, []) if matches!(unit.module[unit.uncast(init)].kind, ExprKind::Ident(_)) => {
                self.start(unit, init, depth)
            }
            _ => Some(Start::Value(value)),
        }
    }

    /// What the one call of a setter that sets something sets.
    fn start_of_state(&self, unit: &'w Unit, setter: SymbolId, depth: u8) -> Option<Start> {
        let mut starts = Vec::new();
        for reference in unit.scopes.references(setter) {
            let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(*reference)) else { continue };
            let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { continue };
            if *callee == *reference {
                let given = args.first().filter(|arg| !arg.spread)?;
                if !unit.is_nothing(given.expr) {
                    starts.push(self.start(unit, given.expr, depth)?);
                }
            } else if args.first().is_some_and(|first| first.expr == *reference)
                && unit.called_method(call).is_some_and(|method| &**method == "then")
            {
                starts.push(Start::Awaited(unit.call_receiver(call)?));
            }
        }
        match starts.as_slice() {
            [start] => Some(*start),
            _ => None,
        }
    }
}

impl Code<'_, '_> {
    fn finish(mut self, start: Start) -> Option<Repeated> {
        let unit = self.place.unit;
        let token = match start {
            Start::Value(value) => {
                self.gather(value, DEPTH)?;
                if self.steps.is_empty() && !unit.awaits(value) {
                    return None;
                }
                unit.portable(unit.module[value].span)?
            }
            Start::Awaited(promise) => {
                self.gather(promise, DEPTH)?;
                format!("await {}", unit.portable(unit.module[promise].span)?)
            }
        };
        self.add_checks();
        let declared = self.steps.iter().flat_map(|step| &step.symbols);
        let names: Vec<Name> = declared.filter_map(|symbol| unit.scopes.symbol(*symbol)).map(|symbol| symbol.name.clone()).collect();
        // The handler's own names, and those that the code declares, would hide what it means.
        if self.kept.iter().any(|kept| names.contains(kept) || &**kept == "warning") || self.steps.len() > STEPS {
            return None;
        }
        let steps: Vec<TokenStep> = self.steps.into_iter().map(|step| step.code).collect();
        let source = match steps.as_slice() {
            [TokenStep::Declare { pattern, value }] if *pattern == token => TokenSource { steps: Vec::new(), token: value.clone() },
            _ => TokenSource { steps, token },
        };
        let length: usize = source.token.len()
            + source
                .steps
                .iter()
                .map(|step| match step {
                    TokenStep::Declare { pattern, value } => pattern.len() + value.len(),
                    TokenStep::Check(text) => text.len(),
                })
                .sum::<usize>();
        (length <= LONGEST).then_some(Repeated { source, names })
    }

    /// Makes sure that an expression can be repeated: what it names means the same at the place, or is declared before it.
    fn gather(&mut self, expr: ExprId, depth: u8) -> Option<()> {
        let unit = self.place.unit;
        let depth = depth.checked_sub(1)?;
        let own = unit.module[expr].span;
        for node in nodes_in(unit, Node::Expr(expr)) {
            let Node::Expr(inner) = node else { continue };
            match &unit.module[inner].kind {
                ExprKind::Super
                | ExprKind::Yield(_)
                | ExprKind::ImportCall { .. }
                | ExprKind::Jsx(_)
                | ExprKind::Assign { .. }
                | ExprKind::Unknown(_) => return None,
                ExprKind::This => {
                    let here = unit.parents.this_owner(&unit.module, node);
                    if here != unit.parents.this_owner(&unit.module, Node::Stmt(self.place.statement)) {
                        return None;
                    }
                }
                ExprKind::Call { .. } if is_hook(&unit.callee_text(inner)) => return None,
                ExprKind::Ident(name) => self.name(inner, name, own, depth)?,
                _ => {}
            }
        }
        Some(())
    }

    fn name(&mut self, expr: ExprId, name: &Name, own: Span, depth: u8) -> Option<()> {
        let unit = self.place.unit;
        let there = unit.scopes.lookup(self.place.scope, name);
        let Some(symbol) = unit.scopes.symbol_of_expr(expr) else {
            self.kept.push(name.clone());
            return there.is_none().then_some(());
        };
        let declared = unit.scopes.symbol(symbol)?;
        if own.contains(declared.span) || self.step_of(symbol).is_some() {
            return Some(());
        }
        if let Some(birth) = self.birth(symbol, depth) {
            return self.declare(&birth, depth);
        }
        self.kept.push(name.clone());
        (there == Some(symbol)).then_some(())
    }

    /// Where a name gets what has to be asked for again; none when it can be kept.
    fn birth(&self, symbol: SymbolId, depth: u8) -> Option<Birth> {
        let unit = self.place.unit;
        let depth = depth.checked_sub(1)?;
        let writes: Vec<&Write> =
            unit.usage.writes(symbol).iter().filter(|write| write.kind != WriteKind::Declared { init: None }).collect();
        let [write] = writes.as_slice() else { return None };
        match write.kind {
            WriteKind::Declared { init: Some(init) } if self.is_fresh(init, depth) => {
                let index = match write.path.first() {
                    Some(PatternStep::Index(index)) => Some(*index),
                    _ => None,
                };
                Some(Birth::Declared(init, index))
            }
            WriteKind::Assigned { op: AssignOp::Assign, value } if write.path.is_empty() && self.is_fresh(value, depth) => {
                Some(Birth::Assigned(symbol, value))
            }
            WriteKind::Param { function, index: 0, rest: false } => {
                unit.promise_of_callback(function).map(|promise| Birth::Callback(function, promise))
            }
            _ => None,
        }
    }

    /// Whether a value is made by asking: it awaits something, is a request, or is made of what is.
    fn is_fresh(&self, value: ExprId, depth: u8) -> bool {
        let unit = self.place.unit;
        let is_request = || {
            let call = unit.uncast(value);
            matches!(unit.module[call].kind, ExprKind::Call { .. }) && self.builder.callee_plays(unit, call, ApiRole::Request)
        };
        unit.awaits(value)
            || is_request()
            || nodes_in(unit, Node::Expr(value)).into_iter().any(|node| match node {
                Node::Expr(inner) => unit.scopes.symbol_of_expr(inner).is_some_and(|symbol| {
                    let inside = unit.scopes.symbol(symbol).is_some_and(|symbol| unit.module[value].span.contains(symbol.span));
                    !inside && self.birth(symbol, depth).is_some()
                }),
                _ => false,
            })
    }

    fn declare(&mut self, birth: &Birth, depth: u8) -> Option<()> {
        let unit = self.place.unit;
        let (pattern, value, symbols, statement) = match *birth {
            Birth::Declared(init, index) => {
                let statement = unit.parents.enclosing_stmt(Node::Expr(init))?;
                let StmtKind::Declare { declarators, .. } = &unit.module[statement].kind else { return None };
                let (pat, _) = declarators.iter().find(|(_, own)| *own == Some(init))?;
                if let Some((pat, promise)) = index.and_then(|index| unit.one_of_all(*pat, init, index)) {
                    self.gather(promise, depth)?;
                    let value = format!("await {}", unit.portable(unit.module[promise].span)?);
                    (unit.portable(unit.module[pat].span)?, value, unit.symbols_of(pat), Some(statement))
                } else {
                    self.gather(init, depth)?;
                    let value = unit.portable(unit.module[init].span)?;
                    (unit.portable(unit.module[*pat].span)?, value, unit.symbols_of(*pat), Some(statement))
                }
            }
            Birth::Assigned(symbol, value) => {
                self.gather(value, depth)?;
                let name = unit.scopes.symbol(symbol)?.name.to_string();
                (name, unit.portable(unit.module[value].span)?, vec![symbol], unit.parents.enclosing_stmt(Node::Expr(value)))
            }
            Birth::Callback(function, promise) => {
                let pat = unit.module[function].params.first()?.pat;
                self.gather(promise, depth)?;
                let value = format!("await {}", unit.portable(unit.module[promise].span)?);
                (unit.portable(unit.module[pat].span)?, value, unit.symbols_of(pat), None)
            }
        };
        self.steps.push(Step { code: TokenStep::Declare { pattern, value }, symbols, statement });
        Some(())
    }

    /// The step that declares a name.
    fn step_of(&self, symbol: SymbolId) -> Option<usize> {
        self.steps.iter().position(|step| step.symbols.contains(&symbol))
    }

    /// `if (!response.ok) throw …` behind a declaration goes along, as far as nothing else has to.
    fn add_checks(&mut self) {
        let unit = self.place.unit;
        let mut checks: Vec<StmtId> = Vec::new();
        for step in &self.steps {
            let Some(statement) = step.statement else { continue };
            let list = unit.parents.parent(Node::Stmt(statement));
            for reference in step.symbols.iter().flat_map(|symbol| unit.scopes.references(*symbol)) {
                let around = unit.parents.ancestors(Node::Expr(*reference)).find_map(|node| match node {
                    Node::Stmt(statement) => Some(statement),
                    _ => None,
                });
                checks.extend(around.filter(|check| unit.parents.parent(Node::Stmt(*check)) == list && !checks.contains(check)));
            }
        }
        checks.sort_by_key(|check| unit.module[*check].span.start);
        for check in checks {
            if let Some((at, text)) = self.check(check) {
                self.steps.insert(at, Step { code: TokenStep::Check(text), symbols: Vec::new(), statement: None });
            }
        }
    }

    /// A check's text, and before which step it goes.
    fn check(&mut self, check: StmtId) -> Option<(usize, String)> {
        let unit = self.place.unit;
        let StmtKind::If { test, then, otherwise: None } = unit.module[check].kind else { return None };
        let parts = [test, unit.thrown(then)?];
        let (steps, kept) = (self.steps.len(), self.kept.len());
        let is_named = parts.iter().all(|part| self.gather(*part, 2).is_some()) && self.steps.len() == steps;
        if !is_named {
            self.steps.truncate(steps);
            self.kept.truncate(kept);
            return None;
        }
        let last = parts
            .iter()
            .flat_map(|part| nodes_in(unit, Node::Expr(*part)))
            .filter_map(|node| match node {
                Node::Expr(expr) => self.step_of(unit.scopes.symbol_of_expr(expr)?),
                _ => None,
            })
            .max()?;
        // Checks of one declaration keep their order.
        let after = self.steps.iter().skip(last + 1).take_while(|step| matches!(step.code, TokenStep::Check(_))).count();
        Some((last + 1 + after, unit.portable(unit.module[check].span)?))
    }
}

/// Where a name gets its value.
enum Birth {
    /// With the position in a list that it is taken from.
    Declared(ExprId, Option<usize>),
    Assigned(SymbolId, ExprId),
    /// A parameter of what is called with what a promise becomes.
    Callback(FunctionId, ExprId),
}

/// `useToken()`: hooks run while a component renders and nowhere else.
fn is_hook(callee: &str) -> bool {
    let name = callee.rsplit('.').next().unwrap_or(callee);
    name.strip_prefix("use").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
}

impl Unit {
    /// The promise whose value a function is called with: the receiver of `then`.
    fn promise_of_callback(&self, function: FunctionId) -> Option<ExprId> {
        let value = self.function_value(function)?;
        let Node::Expr(call) = self.parents.parent(Node::Expr(value))? else { return None };
        let ExprKind::Call { args, .. } = &self.module[call].kind else { return None };
        let is_then = self.called_method(call).is_some_and(|method| &**method == "then");
        (is_then && args.first().is_some_and(|first| first.expr == value)).then(|| self.call_receiver(call))?
    }

    /// `const [a, b] = await Promise.all([x, y])`: one of the patterns, and its promise.
    fn one_of_all(&self, pat: PatId, init: ExprId, index: usize) -> Option<(PatId, ExprId)> {
        let ExprKind::Await(all) = self.module[self.uncast(init)].kind else { return None };
        let ExprKind::Call { args, .. } = &self.module[self.uncast(all)].kind else { return None };
        let [list] = args.as_slice() else { return None };
        let (ExprKind::Array(promises), "Promise.all") = (&self.module[list.expr].kind, self.callee_text(self.uncast(all)).as_str()) else {
            return None;
        };
        let crate::hir::PatKind::Array { elements, .. } = &self.module[pat].kind else { return None };
        let promise = promises.get(index).filter(|_| promises.iter().all(|promise| !promise.spread))?;
        Some(((*elements.get(index)?)?, promise.expr))
    }

    /// The setter beside the value in `const [value, setter] = init`.
    fn setter_of_state(&self, init: ExprId) -> Option<SymbolId> {
        (0u32..).map(SymbolId).take(self.scopes.symbols.len()).find(|symbol| {
            self.usage.writes(*symbol).iter().any(|write| {
                write.kind == WriteKind::Declared { init: Some(init) } && matches!(write.path.as_slice(), [PatternStep::Index(1)])
            })
        })
    }

    /// Whether an expression waits for something, in its own function.
    fn awaits(&self, expr: ExprId) -> bool {
        let here = self.parents.enclosing_function(Node::Expr(expr));
        nodes_in(self, Node::Expr(expr)).into_iter().any(|node| match node {
            Node::Expr(inner) => matches!(self.module[inner].kind, ExprKind::Await(_)) && self.parents.enclosing_function(node) == here,
            _ => false,
        })
    }

    fn is_nothing(&self, expr: ExprId) -> bool {
        match &self.module[self.uncast(expr)].kind {
            ExprKind::Ident(name) => &**name == "undefined",
            ExprKind::Literal(Literal::String(text)) => text.is_empty(),
            ExprKind::Literal(Literal::Null | Literal::Bool(_)) => true,
            _ => false,
        }
    }

    fn symbols_of(&self, pat: PatId) -> Vec<SymbolId> {
        nodes_in(self, Node::Pat(pat))
            .into_iter()
            .filter_map(|node| match node {
                Node::Pat(pat) => match self.module[pat].kind {
                    crate::hir::PatKind::Binding(binding) => self.scopes.symbol_of_binding(binding),
                    _ => None,
                },
                _ => None,
            })
            .collect()
    }

    /// What a statement throws that does nothing else.
    fn thrown(&self, statement: StmtId) -> Option<ExprId> {
        match &self.module[statement].kind {
            StmtKind::Throw(error) => Some(*error),
            StmtKind::Block(body) => match body.as_slice() {
                [only] => self.thrown(*only),
                _ => None,
            },
            _ => None,
        }
    }
}
