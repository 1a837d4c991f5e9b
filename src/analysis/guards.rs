//! Conditions that hold in development only: `import.meta.env.DEV`, `NODE_ENV !== "production"`, `__DEV__`, a localhost check.
//!
//! A value or a client under such a condition never ships, so rules leave it alone. Decided by the shape of the test; a
//! feature flag is not a development guard.

use rustc_hash::FxHashSet;

use super::unit::Unit;
use super::values::{Site, Values};
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExprId, ExprKind, FunctionBody, Literal, LogicalOp, StmtId, StmtKind, UnaryOp};

/// Which builds a condition is true in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Development,
    Production,
    Unknown,
}

impl Holds {
    fn not(self) -> Self {
        match self {
            Self::Development => Self::Production,
            Self::Production => Self::Development,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl Values<'_> {
    /// Whether a condition is true in development only.
    pub(crate) fn is_development_test(&self, test: Site) -> bool {
        self.unit(test.file).is_some_and(|unit| holds(unit, test.expr, 0) == Holds::Development)
    }

    /// Whether a condition is true in production only.
    pub(crate) fn is_production_test(&self, test: Site) -> bool {
        self.unit(test.file).is_some_and(|unit| holds(unit, test.expr, 0) == Holds::Production)
    }

    /// Whether a node only runs in development, by the conditions around it inside its function and the functions around that.
    #[expect(clippy::unused_self, reason = "asked of the values like its sisters")]
    pub(crate) fn is_development_guarded(&self, unit: &Unit, node: Node) -> bool {
        let guarded = unit.guarded();
        !guarded.is_empty() && (guarded.contains(&node) || unit.parents.ancestors(node).any(|outer| guarded.contains(&outer)))
    }
}

/// The outermost nodes of a module that only run in development: the branches of tests, and the statements after a
/// `if (production) return;`. Few modules have any, so they are looked for once a module and not once a question.
pub(super) fn guarded(unit: &Unit) -> FxHashSet<Node> {
    let mut guarded = FxHashSet::default();
    for node in unit.parents.nodes() {
        match *node {
            Node::Stmt(statement) => match &unit.module[statement].kind {
                StmtKind::If { test, then, otherwise } => match holds(unit, *test, 0) {
                    Holds::Development => drop(guarded.insert(Node::Stmt(*then))),
                    Holds::Production => guarded.extend(otherwise.map(Node::Stmt)),
                    Holds::Unknown => {}
                },
                StmtKind::Block(body) => guarded.extend(after_production(unit, body)),
                _ => {}
            },
            Node::Expr(expr) => match &unit.module[expr].kind {
                ExprKind::Conditional { test, yes, no } => match holds(unit, *test, 0) {
                    Holds::Development => drop(guarded.insert(Node::Expr(*yes))),
                    Holds::Production => drop(guarded.insert(Node::Expr(*no))),
                    Holds::Unknown => {}
                },
                ExprKind::Logical { op: LogicalOp::And, left, right } if holds(unit, *left, 0) == Holds::Development => {
                    guarded.insert(Node::Expr(*right));
                }
                _ => {}
            },
            Node::Function(function) => {
                if let Some(FunctionBody::Block(body)) = &unit.module[function].body {
                    guarded.extend(after_production(unit, body));
                }
            }
            Node::Pat(_) | Node::Class(_) => {}
        }
    }
    guarded
}

/// The statements after the first `if (production) return;` of a body.
fn after_production<'u>(unit: &'u Unit, body: &'u [StmtId]) -> impl Iterator<Item = Node> + 'u {
    body.iter().skip_while(|statement| !leaves_in_production(unit, **statement)).skip(1).map(|statement| Node::Stmt(*statement))
}

/// `if (production) return;`
fn leaves_in_production(unit: &Unit, statement: StmtId) -> bool {
    let StmtKind::If { test, then, otherwise: None } = &unit.module[statement].kind else { return false };
    let mut last = *then;
    while let StmtKind::Block(body) = &unit.module[last].kind {
        match body.last() {
            Some(end) => last = *end,
            None => return false,
        }
    }
    matches!(unit.module[last].kind, StmtKind::Return(_) | StmtKind::Throw(_)) && holds(unit, *test, 0) == Holds::Production
}

fn holds(unit: &Unit, test: ExprId, depth: u8) -> Holds {
    if depth > 12 {
        return Holds::Unknown;
    }
    match &unit.module[test].kind {
        ExprKind::Unary { op: UnaryOp::Not, operand } => holds(unit, *operand, depth + 1).not(),
        ExprKind::Cast { expr, .. } => holds(unit, *expr, depth + 1),
        ExprKind::Logical { op, left, right } => {
            let (left, right) = (holds(unit, *left, depth + 1), holds(unit, *right, depth + 1));
            match op {
                LogicalOp::And if left != Holds::Unknown => left,
                LogicalOp::And => right,
                LogicalOp::Or | LogicalOp::Nullish if left == right => left,
                LogicalOp::Or | LogicalOp::Nullish => Holds::Unknown,
            }
        }
        ExprKind::Binary { op, left, right } => {
            let equal = match op {
                BinaryOp::StrictEqual | BinaryOp::LooseEqual => true,
                BinaryOp::StrictNotEqual | BinaryOp::LooseNotEqual => false,
                _ => return Holds::Unknown,
            };
            let state = match (string(unit, *left), string(unit, *right)) {
                (None, Some(word)) => compared(unit, *left, word),
                (Some(word), None) => compared(unit, *right, word),
                _ => Holds::Unknown,
            };
            if equal { state } else { state.not() }
        }
        ExprKind::Member { property, .. } => match (&**property, unit.source.slice(unit.module[test].span)) {
            ("DEV", whole) if whole.ends_with("import.meta.env.DEV") => Holds::Development,
            ("PROD", whole) if whole.ends_with("import.meta.env.PROD") => Holds::Production,
            ("isPackaged", _) => Holds::Production,
            _ => Holds::Unknown,
        },
        ExprKind::Ident(name) => match &**name {
            "__DEV__" => Holds::Development,
            _ => declared_as(unit, test).map_or(Holds::Unknown, |init| holds(unit, init, depth + 1)),
        },
        _ => Holds::Unknown,
    }
}

/// A name that is declared once with an initialiser: the initialiser.
fn declared_as(unit: &Unit, name: ExprId) -> Option<ExprId> {
    let symbol = unit.scopes.symbol_of_expr(name)?;
    match unit.usage.writes(symbol) {
        [write] if write.path.is_empty() => match write.kind {
            super::usage::WriteKind::Declared { init } => init,
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

fn compared(unit: &Unit, subject: ExprId, text: &str) -> Holds {
    let subject = unit.source.slice(unit.module[subject].span);
    if subject.ends_with("NODE_ENV") || subject.ends_with("import.meta.env.MODE") || subject.ends_with("VERCEL_ENV") {
        return match text {
            "production" => Holds::Production,
            "development" | "dev" | "test" => Holds::Development,
            _ => Holds::Unknown,
        };
    }
    if subject.ends_with("hostname") && matches!(text, "localhost" | "127.0.0.1") {
        return Holds::Development;
    }
    Holds::Unknown
}
