//! Which of several writes are in force at a read, as far as straight-line code says.
//!
//! `delete options.token`, `options.token = fresh` or `token = fresh` as a statement takes earlier writes in the same function out of force for
//! whatever is read later in the same block: nothing gets there without passing the statement. Writes in other functions may run in
//! between and always count, so silence is never the price. A write of a local that stands after the read, with no loop around both, comes
//! too late for it.

use super::Values;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberWrite, WriteKind};
use crate::hir::visit::Node;
use crate::hir::{AssignOp, ExprId, FunctionId, Name, ProgramKind, StmtId, StmtKind};
use crate::source::Span;

/// Names that are written more often are not looked at: their reads would cost too much.
const WRITES: usize = 24;

/// Between where and where writes of one function count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    function: Option<FunctionId>,
    start: u32,
    end: u32,
}

impl Settled {
    /// Whether a write is out of force.
    pub(super) fn covers(self, unit: &Unit, kind: &WriteKind, span: Span) -> bool {
        let function = match *kind {
            WriteKind::Declared { init: Some(value) } | WriteKind::Assigned { value, .. } => {
                unit.parents.enclosing_function(Node::Expr(value))
            }
            WriteKind::Param { function, .. } => Some(function),
            _ => return false,
        };
        function == self.function && (span.start < self.start || span.start >= self.end)
    }
}

impl Values<'_> {
    /// From where on writes count for a read of `path` below a name, in the reading function.
    #[expect(clippy::unused_self, reason = "asked of the values like its sisters")]
    pub(super) fn settled(&self, unit: &Unit, symbol: SymbolId, read: ExprId, path: &[Name]) -> Option<Settled> {
        let function = unit.parents.enclosing_function(Node::Expr(read));
        let writes = unit.usage.writes(symbol);
        if writes.len() > WRITES {
            return None;
        }
        let mut last: Option<u32> = None;
        let mut consider = |statement: Option<StmtId>, start: u32| {
            if let Some(statement) = statement
                && last.is_none_or(|last| start > last)
                && comes_before(unit, statement, read)
            {
                last = Some(start);
            }
        };
        for write in writes {
            if let (WriteKind::Assigned { op: AssignOp::Assign, value }, true) = (write.kind, write.path.is_empty()) {
                consider(statement_of(unit, value), write.span.start);
            }
        }
        if !path.is_empty() {
            for write in unit.usage.deletes_of(symbol).iter().chain(unit.usage.member_writes_of(symbol).take(WRITES)) {
                let whole = match write.kind {
                    WriteKind::Deleted => true,
                    WriteKind::Assigned { op: AssignOp::Assign, .. } => write.path.is_empty(),
                    _ => false,
                };
                if whole && is_above(write, path) {
                    let statement = write.expr.and_then(|expr| expression_statement(unit, expr));
                    consider(statement, write.span.start);
                }
            }
        }
        let end = if unit.runs_once(symbol, function, read) { unit.module[read].span.end } else { u32::MAX };
        (last.is_some() || end != u32::MAX).then(|| Settled { function, start: last.unwrap_or(0), end })
    }
}

impl Unit {
    /// Whether a read runs once for each life of the name: in the function that declares it, or at the top of a script, and in no loop.
    fn runs_once(&self, symbol: SymbolId, function: Option<FunctionId>, read: ExprId) -> bool {
        let node = Node::Expr(read);
        let Some(declared) = self.scopes.symbol(symbol).map(|symbol| symbol.span) else { return false };
        let is_script = self.parents.program(node).and_then(|index| self.module.programs.get(index)).is_some_and(|program| {
            // Component scripts run again, or their template reads what they write.
            matches!(program.kind, ProgramKind::Module | ProgramKind::Classic) && program.span.contains(declared)
        });
        let own = match function {
            Some(function) => self.module[function].span.contains(declared) && !self.module[function].is_generator,
            None => is_script,
        };
        own && self
            .parents
            .ancestors(node)
            .take_while(|outer| !matches!(outer, Node::Function(_)))
            .all(|outer| !matches!(outer, Node::Stmt(statement) if is_loop(&self.module[statement].kind)))
    }
}

fn is_loop(kind: &StmtKind) -> bool {
    matches!(kind, StmtKind::For { .. } | StmtKind::ForEach { .. } | StmtKind::While { .. })
}

/// Whether a member write covers a path: its keys are the start of it.
fn is_above(write: &MemberWrite, path: &[Name]) -> bool {
    write.keys.len() <= path.len() && write.keys.iter().zip(path).all(|(key, asked)| matches!(key, MemberKey::Name(name) if name == asked))
}

/// The statement that an assignment of this value is, by itself.
fn statement_of(unit: &Unit, value: ExprId) -> Option<StmtId> {
    match unit.parents.parent(Node::Expr(value))? {
        Node::Expr(assign) => expression_statement(unit, assign),
        _ => None,
    }
}

fn expression_statement(unit: &Unit, expr: ExprId) -> Option<StmtId> {
    match unit.parents.parent(Node::Expr(expr))? {
        Node::Stmt(statement) if matches!(unit.module[statement].kind, StmtKind::Expr(_)) => Some(statement),
        _ => None,
    }
}

/// Whether a read in the same function stands in a later statement of the same list.
fn comes_before(unit: &Unit, statement: StmtId, read: ExprId) -> bool {
    let node = Node::Stmt(statement);
    let list = unit.parents.parent(node);
    let is_list = match list {
        None | Some(Node::Function(_)) => true,
        Some(Node::Stmt(block)) => matches!(unit.module[block].kind, StmtKind::Block(_)),
        _ => false,
    };
    if !is_list || unit.parents.enclosing_function(node) != unit.parents.enclosing_function(Node::Expr(read)) {
        return false;
    }
    let mut inner = Node::Expr(read);
    for outer in unit.parents.ancestors(Node::Expr(read)).map(Some).chain([None]) {
        if outer == list {
            return unit.parents.program(inner) == unit.parents.program(node)
                && matches!(inner, Node::Stmt(later) if unit.module[later].span.start > unit.module[statement].span.start);
        }
        inner = match outer {
            Some(outer) => outer,
            None => return false,
        };
    }
    false
}
