//! What code does when it runs: the functions that can be reached from a handler or timer, and what is called there.

use rustc_hash::FxHashSet;

use super::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::values::{FunctionSite, Identity, OriginKind, Site};
use crate::catalog::apis::ApiRole;
use crate::hir::visit::{self, Node};
use crate::hir::{ExprId, ExprKind, FunctionId};
use crate::source::Location;

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
    /// Calls whose callee is not defined in the project, by what it is called.
    pub(crate) opaque: Vec<(Site, String)>,
}

impl<'w> Builder<'w> {
    /// The code that runs when `start` are called, directly or through functions of the project.
    pub(crate) fn reach(&self, start: &[FunctionSite]) -> Reach {
        let mut reach = Reach::default();
        let mut seen: FxHashSet<FunctionSite> = start.iter().copied().collect();
        let mut open: Vec<(FunctionSite, u8)> = start.iter().rev().map(|function| (*function, 0)).collect();
        while let Some((function, depth)) = open.pop() {
            if reach.functions.len() >= FUNCTIONS {
                break;
            }
            reach.functions.push(function);
            let Some(unit) = self.workspace.unit(function.file) else { continue };
            for call in calls_in(unit, function.function) {
                let site = Self::site(unit, call);
                reach.calls.push(site);
                let Some(callee) = unit.call_callee(call) else { continue };
                let text = unit.callee_text(call);
                if Identity::Global(text.clone()).plays(ApiRole::Log) {
                    continue;
                }
                let mut defined = false;
                for origin in self.values.origins(Self::site(unit, callee), &[]) {
                    match origin.kind {
                        OriginKind::Function(target) => {
                            defined = true;
                            if depth < DEPTH && seen.insert(target) {
                                open.push((target, depth + 1));
                            }
                        }
                        OriginKind::Class(_) | OriginKind::Instance(..) => defined = true,
                        _ => {}
                    }
                }
                if !defined {
                    reach.opaque.push((site, text));
                }
                // A change of state runs the effects that depend on it.
                for effect in self.effects_of_setter(unit, callee) {
                    if depth < DEPTH && seen.insert(effect) {
                        open.push((effect, depth + 1));
                    }
                }
            }
        }
        reach
    }

    /// For `setX(…)` of `const [x, setX] = useState()`: the callbacks of effects that list `x` as a dependency.
    fn effects_of_setter(&self, unit: &Unit, callee: ExprId) -> Vec<FunctionSite> {
        let mut effects = Vec::new();
        let Some(setter) = unit.scopes.symbol_of_expr(callee) else { return effects };
        let Some(state) = unit.state_of_setter(setter) else { return effects };
        for reference in unit.scopes.references(state) {
            let Some(Node::Expr(list)) = unit.parents.parent(Node::Expr(*reference)) else { continue };
            if !matches!(unit.module[list].kind, ExprKind::Array(_)) {
                continue;
            }
            let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(list)) else { continue };
            let ExprKind::Call { args, .. } = &unit.module[call].kind else { continue };
            if let Some(first) = args.first()
                && args.get(1).is_some_and(|second| second.expr == list)
                && let ExprKind::Function(function) = unit.module[first.expr].kind
            {
                effects.push(FunctionSite { file: unit.file, function });
            }
        }
        effects
    }
}

impl Reach {
    /// Whether a place lies in the reachable code.
    pub(crate) fn contains(&self, builder: &Builder<'_>, at: Location) -> bool {
        self.functions.iter().any(|function| {
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
    /// For the setter of `const [value, setter] = …`: the symbol of the value.
    pub(crate) fn state_of_setter(&self, setter: crate::analysis::scopes::SymbolId) -> Option<crate::analysis::scopes::SymbolId> {
        use crate::analysis::usage::{PatternStep, WriteKind};
        let [write] = self.usage.writes(setter) else { return None };
        let (WriteKind::Declared { init: Some(init) }, [PatternStep::Index(1)]) = (&write.kind, write.path.as_slice()) else { return None };
        (0u32..).map(crate::analysis::scopes::SymbolId).take(self.scopes.symbols.len()).find(|symbol| {
            self.usage.writes(*symbol).iter().any(|other| {
                matches!(other.kind, WriteKind::Declared { init: Some(other) } if other == *init)
                    && matches!(other.path.first(), Some(PatternStep::Index(0)))
            })
        })
    }
}
