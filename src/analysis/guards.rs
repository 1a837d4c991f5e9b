//! Conditions that values and clients are under: development builds (`import.meta.env.DEV`, `NODE_ENV !== "production"`, `__DEV__`, a
//! localhost check), production builds, feature flags.
//!
//! A value that is there in development only never ships, so rules leave it alone. A feature flag excuses nothing: it is kept
//! because a person who reads a trace wants to know when the value is there. Decided by the shape of the test; names are data
//! (`rules/models/conditions.toml`).

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::unit::Unit;
use super::usage::WriteKind;
use super::values::Values;
use super::workspace::Workspace;
use crate::catalog::conditions::{Build, ConditionNames};
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExportKind, ExprId, ExprKind, FunctionBody, Imported, Literal, LogicalOp, StmtId, StmtKind, UnaryOp};
use crate::project::Resolved;
use crate::source::Location;

/// How deep tests are taken apart, names followed included.
const DEPTH: u8 = 12;
/// How many conditions are kept with a value; further flags say little.
const KEPT: usize = 6;
/// How long the text of a condition may be, in characters.
const TEXT: usize = 60;

/// When a condition is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConditionKind {
    /// In development builds only, or on the developer's own machine.
    Development,
    /// In production builds only.
    Production,
    /// Where a feature is switched on (or off).
    Flag,
}

/// A condition that a value is under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The test.
    pub at: Location,
    /// When it is true.
    pub kind: ConditionKind,
    /// The condition as it must hold, on one line: `import.meta.env.DEV`, `process.env.NODE_ENV !== "production"`.
    pub text: Arc<str>,
}

/// The conditions that a value is under, all of them at once. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions(Option<Rc<[Condition]>>);

impl Conditions {
    /// The conditions, the one nearest to the use first.
    pub fn iter(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter().flat_map(|list| list.iter())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the value is there in development only.
    #[must_use]
    pub fn development_only(&self) -> bool {
        self.iter().any(|condition| condition.kind == ConditionKind::Development)
    }

    /// These conditions and more.
    pub(crate) fn with<'c>(&self, more: impl IntoIterator<Item = &'c Condition>) -> Self {
        let mut list: Option<Vec<Condition>> = None;
        for condition in more {
            let known = list.as_deref().or(self.0.as_deref()).unwrap_or(&[]);
            let room = known.len() < KEPT || (condition.kind == ConditionKind::Development && !self.development_only());
            if room && !known.iter().any(|other| other.at == condition.at) {
                list.get_or_insert_with(|| self.iter().cloned().collect()).push(condition.clone());
            }
        }
        list.map_or_else(|| self.clone(), |list| Self(Some(list.into())))
    }

    /// What holds on two ways to the same value: the conditions of both.
    pub(crate) fn common(&self, other: &Self) -> Self {
        let both: Vec<Condition> = self.iter().filter(|condition| other.iter().any(|known| known == *condition)).cloned().collect();
        Self((!both.is_empty()).then(|| both.into()))
    }
}

/// The conditions of a module: by the outermost nodes that are under them.
pub(super) type Guarded = FxHashMap<Node, Vec<Condition>>;

impl Values<'_> {
    /// Whether a node only runs in development, by the conditions around it inside its function and the functions around that.
    pub(crate) fn is_development_guarded(&self, unit: &Unit, node: Node) -> bool {
        self.around(unit, node).any(|condition| condition.kind == ConditionKind::Development)
    }

    /// The conditions around a node, innermost first.
    pub(crate) fn around<'u>(&self, unit: &'u Unit, node: Node) -> impl Iterator<Item = &'u Condition> + use<'u> {
        let guarded = unit.guarded(self.workspace);
        let nodes = (!guarded.is_empty()).then(|| std::iter::once(node).chain(unit.parents.ancestors(node)));
        nodes.into_iter().flatten().filter_map(|node| guarded.get(&node)).flatten()
    }

    /// The conditions that a node is the branch of.
    pub(crate) fn directly<'u>(&self, unit: &'u Unit, node: Node) -> &'u [Condition] {
        unit.guarded(self.workspace).get(&node).map_or(&[], Vec::as_slice)
    }
}

/// Looks for the nodes of a module that are under conditions: the branches of tests, and the statements after a `if (production)
/// return;`. Few modules have any, so they are looked for once a module and not once a question.
pub(super) fn guarded(workspace: &Workspace, unit: &Unit) -> Guarded {
    let mut pass = Pass { workspace, unit, names: &workspace.catalog.conditions, guarded: Guarded::default() };
    for node in unit.parents.nodes() {
        match *node {
            Node::Stmt(statement) => pass.statement(statement),
            Node::Expr(expr) => pass.expr(expr),
            Node::Function(function) => {
                if let Some(FunctionBody::Block(body)) = &unit.module[function].body {
                    pass.body(body);
                }
            }
            Node::Pat(_) | Node::Class(_) => {}
        }
    }
    pass.guarded
}

struct Pass<'w> {
    workspace: &'w Workspace,
    unit: &'w Unit,
    names: &'w ConditionNames,
    guarded: Guarded,
}

impl Pass<'_> {
    fn statement(&mut self, statement: StmtId) {
        let unit = self.unit;
        match &unit.module[statement].kind {
            StmtKind::If { test, then, otherwise } => {
                let meaning = self.test(*test);
                self.guard(Node::Stmt(*then), *test, true, meaning);
                if let Some(otherwise) = otherwise {
                    self.guard(Node::Stmt(*otherwise), *test, false, meaning.not());
                }
            }
            StmtKind::Switch { discriminant, cases } => self.switch(*discriminant, cases),
            StmtKind::Block(body) => self.body(body),
            _ => {}
        }
    }

    fn expr(&mut self, expr: ExprId) {
        let unit = self.unit;
        match &unit.module[expr].kind {
            ExprKind::Conditional { test, yes, no } => {
                let meaning = self.test(*test);
                self.guard(Node::Expr(*yes), *test, true, meaning);
                self.guard(Node::Expr(*no), *test, false, meaning.not());
            }
            ExprKind::Logical { op: LogicalOp::And, left, right } => {
                let meaning = self.test(*left);
                self.guard(Node::Expr(*right), *left, true, meaning);
            }
            ExprKind::Logical { op: LogicalOp::Or, left, right } => {
                let meaning = self.test(*left).not();
                // `flags.x || other` is a value with a default, not a guard.
                if meaning != Meaning::Flag {
                    self.guard(Node::Expr(*right), *left, false, meaning);
                }
            }
            _ => {}
        }
    }

    /// The statements of a body after `if (production) return;`.
    fn body(&mut self, body: &[StmtId]) {
        let unit = self.unit;
        for (index, statement) in body.iter().enumerate() {
            let StmtKind::If { test, then, otherwise: None } = &unit.module[*statement].kind else { continue };
            if !leaves(unit, *then) {
                continue;
            }
            let meaning = self.test(*test).not();
            for later in body.iter().skip(index + 1) {
                self.guard(Node::Stmt(*later), *test, false, meaning);
            }
        }
    }

    /// `switch (process.env.NODE_ENV) { case "development": … }`, cases that others fall into left out.
    fn switch(&mut self, discriminant: ExprId, cases: &[(Option<ExprId>, Vec<StmtId>)]) {
        let unit = self.unit;
        let Some(path) = dotted(unit, discriminant, 0) else { return };
        let mut falls_in = false;
        for (test, body) in cases {
            let build = test.and_then(|test| string(unit, test)).and_then(|text| self.names.build_of_value(&path, text));
            if let (Some(build), Some(test), false) = (build, *test, falls_in) {
                for statement in body {
                    let condition = Condition {
                        at: unit.at(unit.module[test].span),
                        kind: Meaning::In(build).kind().unwrap_or(ConditionKind::Flag),
                        text: format!("{path} === {}", one_line(unit.source.slice(unit.module[test].span))).into(),
                    };
                    self.guarded.entry(Node::Stmt(*statement)).or_default().push(condition);
                }
            }
            falls_in = body.last().is_none_or(|last| !leaves(unit, *last) && !matches!(unit.module[*last].kind, StmtKind::Jump));
        }
    }

    fn test(&self, test: ExprId) -> Meaning {
        Tests { workspace: self.workspace, names: self.names }.meaning(self.unit, test, 0)
    }

    fn guard(&mut self, node: Node, test: ExprId, holds: bool, meaning: Meaning) {
        let Some(kind) = meaning.kind() else { return };
        let as_it_holds = if holds { text(self.unit, test) } else { negated(self.unit, test) };
        let condition = Condition { at: self.unit.at(self.unit.module[test].span), kind, text: as_it_holds.into() };
        self.guarded.entry(node).or_default().push(condition);
    }
}

/// Whether a statement ends its function.
fn leaves(unit: &Unit, statement: StmtId) -> bool {
    let mut last = statement;
    while let StmtKind::Block(body) = &unit.module[last].kind {
        match body.last() {
            Some(end) => last = *end,
            None => return false,
        }
    }
    matches!(unit.module[last].kind, StmtKind::Return(_) | StmtKind::Throw(_))
}

/// What a test means when it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    In(Build),
    Flag,
    Other,
}

impl Meaning {
    fn not(self) -> Self {
        match self {
            Self::In(Build::Development) => Self::In(Build::Production),
            Self::In(Build::Production) => Self::In(Build::Development),
            other => other,
        }
    }

    fn kind(self) -> Option<ConditionKind> {
        match self {
            Self::In(Build::Development) => Some(ConditionKind::Development),
            Self::In(Build::Production) => Some(ConditionKind::Production),
            Self::Flag => Some(ConditionKind::Flag),
            Self::Other => None,
        }
    }

    fn of(build: Option<Build>) -> Self {
        build.map_or(Self::Other, Self::In)
    }
}

/// Takes tests apart. Asks nothing of the value analysis, so that the tables of two modules that import each other can be made.
struct Tests<'w> {
    workspace: &'w Workspace,
    names: &'w ConditionNames,
}

impl Tests<'_> {
    fn meaning(&self, unit: &Unit, test: ExprId, depth: u8) -> Meaning {
        if depth > DEPTH {
            return Meaning::Other;
        }
        match &unit.module[test].kind {
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.meaning(unit, *operand, depth + 1).not(),
            ExprKind::Cast { expr, .. } | ExprKind::Await(expr) => self.meaning(unit, *expr, depth + 1),
            ExprKind::Logical { op, left, right } => {
                let (left, right) = (self.meaning(unit, *left, depth + 1), self.meaning(unit, *right, depth + 1));
                match (op, left, right) {
                    (LogicalOp::And, Meaning::In(_), _) => left,
                    (LogicalOp::And, _, Meaning::In(_)) => right,
                    (LogicalOp::And, Meaning::Other, _) => right,
                    (LogicalOp::And, _, _) => left,
                    (LogicalOp::Or | LogicalOp::Nullish, left, right) if left == right => left,
                    _ => Meaning::Other,
                }
            }
            ExprKind::Binary { op, left, right } => {
                let equal = match op {
                    BinaryOp::StrictEqual | BinaryOp::LooseEqual => true,
                    BinaryOp::StrictNotEqual | BinaryOp::LooseNotEqual => false,
                    _ => return Meaning::Other,
                };
                let meaning = match (string(unit, *left), string(unit, *right)) {
                    (None, Some(word)) => self.compared(unit, *left, word),
                    (Some(word), None) => self.compared(unit, *right, word),
                    (None, None) if is_constant(unit, *right) => self.flag(unit, *left),
                    _ => Meaning::Other,
                };
                if equal { meaning } else { meaning.not() }
            }
            ExprKind::Member { .. } | ExprKind::Index { .. } => {
                let build = dotted(unit, test, 0).and_then(|path| self.names.build_of_name(&path));
                build.map_or_else(|| self.flag(unit, test), Meaning::In)
            }
            ExprKind::Ident(name) => {
                if let Some(build) = self.names.build_of_name(name).filter(|_| unit.scopes.symbol_of_expr(test).is_none()) {
                    return Meaning::In(build);
                }
                self.name(unit, test, depth)
            }
            ExprKind::Call { callee, args, .. } => {
                let host = self.host_test(unit, *callee, args.first().map(|arg| arg.expr));
                if host != Meaning::Other {
                    return host;
                }
                let imported = self.name(unit, *callee, depth);
                if imported != Meaning::Other {
                    return imported;
                }
                let flag = dotted(unit, *callee, 0).is_some_and(|callee| self.names.is_flag_call(&callee));
                if flag { Meaning::Flag } else { Meaning::Other }
            }
            _ => Meaning::Other,
        }
    }

    fn compared(&self, unit: &Unit, subject: ExprId, text: &str) -> Meaning {
        let path = followed_path(unit, subject);
        let build = path.and_then(|path| self.names.build_of_value(&path, text));
        build.map_or_else(|| self.flag(unit, subject), Meaning::In)
    }

    /// A setting with a flag's name.
    fn flag(&self, unit: &Unit, expr: ExprId) -> Meaning {
        if dotted(unit, expr, 0).is_some_and(|path| self.names.is_flag(&path)) { Meaning::Flag } else { Meaning::Other }
    }

    /// `location.hostname.includes("localhost")`, `["localhost", "127.0.0.1"].includes(location.hostname)`, `/localhost/.test(…)`.
    fn host_test(&self, unit: &Unit, callee: ExprId, arg: Option<ExprId>) -> Meaning {
        let (ExprKind::Member { object, property, .. }, Some(arg)) = (&unit.module[unit.uncast(callee)].kind, arg) else {
            return Meaning::Other;
        };
        let is_host = |expr| followed_path(unit, expr).is_some_and(|path| self.names.is_host(&path));
        let names_local = |expr| string(unit, expr).is_some_and(|text| self.names.is_local_host(text));
        let local = match &**property {
            "includes" | "startsWith" | "endsWith" if is_host(*object) => names_local(arg),
            "includes" if is_host(arg) => {
                let list = declared_as(unit, *object).unwrap_or(*object);
                matches!(&unit.module[list].kind, ExprKind::Array(hosts) if !hosts.is_empty()
                    && hosts.iter().all(|host| !host.spread && names_local(host.expr)))
            }
            // Patterns are text: one with an alternative may match more than the developer's machine.
            "test" if is_host(arg) => {
                let pattern = unit.source.slice(unit.module[*object].span);
                pattern.starts_with('/') && self.names.is_local_host(pattern)
            }
            _ => false,
        };
        Meaning::of(local.then_some(Build::Development))
    }

    /// A name: what it is declared as, here or in the file that it is imported from.
    fn name(&self, unit: &Unit, name: ExprId, depth: u8) -> Meaning {
        if let Some(init) = declared_as(unit, name) {
            return self.meaning(unit, init, depth + 1);
        }
        let Some(symbol) = unit.scopes.symbol_of_expr(name) else { return Meaning::Other };
        let [write] = unit.usage.writes(symbol) else { return Meaning::Other };
        let WriteKind::Import { import, name } = write.kind else { return Meaning::Other };
        let Some(import) = unit.module.imports.get(import) else { return Meaning::Other };
        let Some(Imported::Named(export)) = import.names.get(name).map(|name| &name.imported) else { return Meaning::Other };
        match self.workspace.resolve(unit.file, &import.specifier) {
            Resolved::File(file) if self.names.is_followed(export) => {
                let Some(other) = self.workspace.unit(file) else { return Meaning::Other };
                let init = other.module.exports.iter().find_map(|exported| match &exported.kind {
                    ExportKind::Binding { name, binding } if name == export => {
                        initialiser(other, other.scopes.symbol_of_binding(*binding)?)
                    }
                    ExportKind::Expr { name, expr } if name == export => declared_as(other, *expr),
                    _ => None,
                });
                init.map_or(Meaning::Other, |init| self.meaning(other, init, depth + 1))
            }
            Resolved::File(_) => Meaning::Other,
            _ => Meaning::of(self.names.build_of_name(&format!("{}#{export}", import.specifier))),
        }
    }
}

/// The dotted path of an expression, or of what a name is declared as (`const mode = process.env.NODE_ENV`).
fn followed_path(unit: &Unit, subject: ExprId) -> Option<String> {
    let declared = declared_as(unit, subject).unwrap_or(subject);
    dotted(unit, declared, 0)
}

/// A name that is declared once with an initialiser: the initialiser.
fn declared_as(unit: &Unit, name: ExprId) -> Option<ExprId> {
    initialiser(unit, unit.scopes.symbol_of_expr(name)?)
}

fn initialiser(unit: &Unit, symbol: super::scopes::SymbolId) -> Option<ExprId> {
    match unit.usage.writes(symbol) {
        [write] if write.path.is_empty() => match write.kind {
            WriteKind::Declared { init } => init,
            _ => None,
        },
        _ => None,
    }
}

/// A chain of names and constant keys, written with dots, whatever casts and `?.` stand in it. `Deno.env.get("X")` reads like `env.X`.
fn dotted(unit: &Unit, expr: ExprId, depth: u8) -> Option<String> {
    if depth > DEPTH {
        return None;
    }
    let below = |object: ExprId, name: &str| Some(format!("{}.{name}", dotted(unit, object, depth + 1)?));
    match &unit.module[expr].kind {
        ExprKind::Ident(name) => Some(name.to_string()),
        ExprKind::This => Some("this".to_owned()),
        ExprKind::ImportMeta => Some("import.meta".to_owned()),
        ExprKind::Member { object, property, .. } => below(*object, property),
        ExprKind::Index { object, index, .. } => below(*object, string(unit, *index)?),
        ExprKind::Cast { expr, .. } => dotted(unit, *expr, depth + 1),
        ExprKind::Call { callee, args, .. } => match (&unit.module[*callee].kind, args.as_slice()) {
            (ExprKind::Member { object, property, .. }, [name]) if &**property == "get" => below(*object, string(unit, name.expr)?),
            // `location.hostname.toLowerCase()`
            (ExprKind::Member { object, .. }, []) => dotted(unit, *object, depth + 1),
            _ => None,
        },
        _ => None,
    }
}

fn string(unit: &Unit, expr: ExprId) -> Option<&str> {
    match &unit.module[expr].kind {
        ExprKind::Literal(Literal::String(text)) => Some(text),
        _ => None,
    }
}

fn is_constant(unit: &Unit, expr: ExprId) -> bool {
    matches!(unit.module[expr].kind, ExprKind::Literal(Literal::Bool(_) | Literal::Number(_)))
}

/// A test as it is written.
fn text(unit: &Unit, test: ExprId) -> String {
    one_line(unit.source.slice(unit.module[test].span))
}

/// A test turned round, as a person would write it.
fn negated(unit: &Unit, test: ExprId) -> String {
    let of = |expr: ExprId| text(unit, expr);
    match &unit.module[test].kind {
        ExprKind::Unary { op: UnaryOp::Not, operand } => of(*operand),
        ExprKind::Binary { op, left, right } => {
            let turned = match op {
                BinaryOp::StrictEqual => "!==",
                BinaryOp::StrictNotEqual => "===",
                BinaryOp::LooseEqual => "!=",
                BinaryOp::LooseNotEqual => "==",
                _ => return format!("!({})", of(test)),
            };
            format!("{} {turned} {}", of(*left), of(*right))
        }
        ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::Call { .. } => format!("!{}", of(test)),
        _ => format!("!({})", of(test)),
    }
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > TEXT { format!("{}…", line.chars().take(TEXT - 1).collect::<String>()) } else { line }
}
