//! Next's middleware file (`middleware.ts`, `proxy.ts`): does it turn strangers away from a route?
//!
//! It protects a path when its matcher covers the path, when it checks the caller and turns strangers away, and when no early
//! way out lets the path through. Lists of public prefixes are read: one that holds `/api/` protects no API route.

use regex::Regex;
use rustc_hash::FxHashSet;

use super::guards::Guards;
use crate::analysis::auth::Builder;
use crate::analysis::auth::control::{dotted, leaves};
use crate::analysis::auth::handler::nodes_in;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{FunctionSite, OriginKind};
use crate::hir::visit::Node;
use crate::hir::{ExportKind, ExprId, ExprKind, Literal, Name, StmtId, StmtKind, UnaryOp};

/// How many nodes one condition may lead to.
const NODES: usize = 2_000;

impl<'w> Builder<'w> {
    /// Whether the middleware before a route of Next checks its callers.
    pub(crate) fn middleware_protects(&self, guards: &Guards<'_, 'w>, route: &Unit, path: &str) -> bool {
        let Some(unit) = self.middleware_of(route) else { return false };
        if !matchers(self, unit).is_none_or(|matchers| matchers.iter().any(|matcher| matches_path(matcher, path))) {
            return false;
        }
        let helpers: Vec<&Unit> = self.helpers_of(guards, unit);
        let units = || std::iter::once(unit).chain(helpers.iter().copied());
        if units().any(|unit| passes_by(guards, unit, path)) {
            return false;
        }
        exported_check(guards, unit) || units().any(|unit| turns_away_from(guards, unit, Some(path)))
    }

    /// Files with functions that the middleware leaves the check to (`return updateSession(request)`).
    fn helpers_of(&self, guards: &Guards<'_, 'w>, unit: &'w Unit) -> Vec<&'w Unit> {
        let mut files: Vec<_> = unit
            .parents
            .nodes()
            .iter()
            .filter_map(|node| if let Node::Expr(expr) = node { Some(*expr) } else { None })
            .filter(|expr| matches!(unit.module[*expr].kind, ExprKind::Call { .. }))
            .flat_map(|call| guards.functions(unit, call).to_vec())
            .filter(|function: &FunctionSite| function.file != unit.file && guards.turns_away(*function))
            .map(|function| function.file)
            .collect();
        files.sort_unstable();
        files.dedup();
        files.into_iter().take(6).filter_map(|file| self.workspace.unit(file)).collect()
    }

    /// The middleware file of the application that a route belongs to.
    fn middleware_of(&self, route: &Unit) -> Option<&'w Unit> {
        let path = self.workspace.path(route.file);
        let at = ["/app/", "/pages/"].iter().filter_map(|folder| format!("/{path}").find(folder)).min()?;
        let root = path.get(..at.saturating_sub(1)).unwrap_or("");
        let root = root.strip_suffix("/src").unwrap_or(if root == "src" { "" } else { root });
        let folder = if root.is_empty() { String::new() } else { format!("{root}/") };
        ["middleware", "proxy"].iter().find_map(|name| {
            ["", "src/"].iter().find_map(|source| {
                ["ts", "js", "mjs", "tsx"].iter().find_map(|extension| {
                    let file = self.workspace.project.file_by_path(&format!("{folder}{source}{name}.{extension}"))?;
                    self.workspace.unit(file)
                })
            })
        })
    }
}

/// `export default withAuth(…)`, `clerkMiddleware(…)`, `export { auth as middleware } from "@/auth"`, `export { default } from "next-auth/middleware"`.
fn exported_check(guards: &Guards<'_, '_>, unit: &Unit) -> bool {
    unit.module.exports.iter().any(|export| match &export.kind {
        ExportKind::From { name, imported, specifier, .. } => {
            matches!(&**name, "default" | "middleware" | "proxy")
                && (specifier.contains("auth") || matches!(imported, crate::hir::Imported::Named(name) if guards.names.says_check(name)))
        }
        ExportKind::Expr { expr, .. } => {
            let name = dotted(unit, unit.uncast(*expr));
            !guards.names.is_attaching(&name)
                && (guards.names.says_check(&name) || guards.names.is_session(&name) || guards.names.is_assertion(&name))
        }
        ExportKind::Binding { .. } | ExportKind::Star { .. } => false,
    })
}

/// The `config.matcher` patterns; none when every path matches.
fn matchers(builder: &Builder<'_>, unit: &Unit) -> Option<Vec<Name>> {
    let config = unit.module.exports.iter().find_map(|export| match &export.kind {
        ExportKind::Binding { name, binding } if &**name == "config" => {
            let symbol = unit.scopes.symbol_of_binding(*binding)?;
            unit.usage.writes(symbol).iter().find_map(|write| write.kind.value())
        }
        _ => None,
    })?;
    let mut patterns = Vec::new();
    for origin in builder.values.properties(Builder::site(unit, config), &["matcher".into()]) {
        let OriginKind::Property(value) = origin.kind else { continue };
        let Some(unit) = builder.workspace.unit(value.file) else { continue };
        for node in nodes_in(unit, Node::Expr(value.expr)) {
            let Node::Expr(expr) = node else { continue };
            if let ExprKind::Literal(Literal::String(text)) = &unit.module[expr].kind
                && text.starts_with('/')
            {
                patterns.push(text.clone());
            }
        }
    }
    (!patterns.is_empty()).then_some(patterns)
}

/// Whether a matcher of Next covers a path. A pattern that is not understood covers it.
fn matches_path(matcher: &str, path: &str) -> bool {
    if let Some((before, rest)) = matcher.split_once("((?!") {
        let Some(end) = closing(rest) else { return true };
        let Some(inside) = path.strip_prefix(before) else { return false };
        let excluded = rest.get(..end).unwrap_or("");
        return !Regex::new(&format!("^(?:{excluded})")).is_ok_and(|excluded| excluded.is_match(inside));
    }
    let mut pattern = String::from("^");
    for segment in matcher.split('/').skip(1) {
        match segment.strip_prefix(':') {
            Some(name) if name.ends_with('*') => pattern.push_str("(?:/.*)?"),
            Some(name) if name.ends_with('+') => pattern.push_str("/.+"),
            Some(name) if !name.contains('(') => pattern.push_str("/[^/]+"),
            Some(name) => {
                pattern.push('/');
                pattern.push_str(name.split_once('(').map_or("", |(_, group)| group).trim_end_matches(')'));
            }
            None => {
                pattern.push('/');
                pattern.push_str(segment);
            }
        }
    }
    pattern.push('$');
    Regex::new(&pattern).map_or(true, |pattern| pattern.is_match(path))
}

/// The place of the parenthesis that closes the group that is open at the start.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Whether a condition on the path lets it through unchecked: before any place that has turned strangers away from it.
pub(super) fn passes_by<'w>(guards: &Guards<'_, 'w>, unit: &'w Unit, path: &str) -> bool {
    unit.parents.nodes().iter().any(|node| {
        let Node::Stmt(statement) = node else { return false };
        let StmtKind::If { test, then, .. } = unit.module[*statement].kind else { return false };
        let text = unit.source.slice(unit.module[then].span);
        passes(unit, then)
            && !guards.names.denies(text)
            && paths_in(unit, test).iter().any(|(known, negated)| !negated && is_below(known, path))
            && !is_guarded(guards, unit, *statement, path)
    })
}

/// Whether strangers have left before a statement runs: an earlier branch of the same function turns them away from the path.
fn is_guarded<'w>(guards: &Guards<'_, 'w>, unit: &'w Unit, statement: StmtId, path: &str) -> bool {
    let target = Node::Stmt(statement);
    let function = unit.parents.enclosing_function(target);
    unit.parents.nodes().iter().any(|node| {
        let Node::Stmt(guard) = *node else { return false };
        let StmtKind::If { then, .. } = unit.module[guard].kind else { return false };
        unit.module[guard].span.end <= unit.module[statement].span.start
            && unit.parents.enclosing_function(*node) == function
            && leaves(unit, then)
            && always_before(unit, guard, target)
            && turns_away_at(guards, unit, *node, Some(path))
    })
}

/// Whether nothing around an earlier statement lets code get past it to the target, except conditions on the path.
fn always_before(unit: &Unit, guard: StmtId, target: Node) -> bool {
    unit.parents.ancestors(Node::Stmt(guard)).take_while(|outer| !matches!(outer, Node::Function(_))).all(|outer| match outer {
        Node::Stmt(outer) => match unit.module[outer].kind {
            StmtKind::If { test, .. } => unit.parents.is_within(target, Node::Stmt(outer)) || !paths_in(unit, test).is_empty(),
            _ => true,
        },
        _ => true,
    })
}

/// Whether some place of the file turns strangers away from a path, or from any.
pub(super) fn turns_away_from<'w>(guards: &Guards<'_, 'w>, unit: &'w Unit, path: Option<&str>) -> bool {
    unit.parents.nodes().iter().any(|node| turns_away_at(guards, unit, *node, path))
}

fn turns_away_at<'w>(guards: &Guards<'_, 'w>, unit: &'w Unit, node: Node, path: Option<&str>) -> bool {
    let turns_away = match node {
        Node::Stmt(statement) => match unit.module[statement].kind {
            StmtKind::If { test, then, otherwise } => {
                let denies = |branch: StmtId| guards.names.denies(unit.source.slice(unit.module[branch].span));
                (denies(then) || otherwise.is_some_and(denies)) && guards.knows_caller(unit, test) && admits(unit, test, path)
            }
            _ => false,
        },
        Node::Expr(expr) => matches!(unit.module[expr].kind, ExprKind::Call { .. }) && guards.names.is_assertion(&dotted(unit, expr)),
        _ => false,
    };
    turns_away
        && unit.parents.ancestors(node).all(|outer| match outer {
            Node::Stmt(outer) => match unit.module[outer].kind {
                StmtKind::If { test, .. } => admits(unit, test, path),
                _ => true,
            },
            _ => true,
        })
}

/// Whether the path conditions in a test are true of a path: below one of those asked for, below none of those excepted.
fn admits(unit: &Unit, test: ExprId, path: Option<&str>) -> bool {
    let Some(path) = path else { return true };
    let paths = paths_in(unit, test);
    let excepted = paths.iter().any(|(known, negated)| *negated && is_below(known, path));
    let mut asked = paths.iter().filter(|(_, negated)| !negated).peekable();
    !excepted && (asked.peek().is_none() || asked.any(|(known, _)| is_below(known, path)))
}

/// Whether a branch answers "go on".
fn passes(unit: &Unit, branch: StmtId) -> bool {
    match &unit.module[branch].kind {
        StmtKind::Block(body) => body.last().is_some_and(|last| passes(unit, *last)),
        StmtKind::Return(None) => true,
        StmtKind::Return(Some(value)) => {
            let text = unit.source.slice(unit.module[*value].span);
            text.contains(".next(")
                || text.starts_with("resolve(")
                || text.starts_with("await resolve(")
                || matches!(text.trim(), "true" | "undefined" | "null")
                || text.starts_with("next(")
        }
        _ => false,
    }
}

/// The path texts that a condition depends on, through names and functions of the same file; whether each stands under a `!`.
fn paths_in(unit: &Unit, test: ExprId) -> Vec<(Name, bool)> {
    let mut paths = Vec::new();
    let mut seen: FxHashSet<SymbolId> = FxHashSet::default();
    let mut open = vec![(Node::Expr(test), false)];
    let mut visited = 0;
    while let Some((root, negated)) = open.pop() {
        for node in nodes_in(unit, root) {
            visited += 1;
            if visited > NODES {
                return paths;
            }
            let Node::Expr(expr) = node else { continue };
            let negated = negated || is_negated(unit, expr, root);
            if let ExprKind::Literal(Literal::String(text)) = &unit.module[expr].kind
                && text.starts_with('/')
            {
                paths.push((text.clone(), negated));
            }
            if let Some(symbol) = unit.scopes.symbol_of_expr(expr)
                && seen.insert(symbol)
            {
                open.extend(unit.usage.writes(symbol).iter().filter_map(|write| match write.kind {
                    WriteKind::Declared { init: Some(init) } if !is_answer(unit, init) => Some((Node::Expr(init), negated)),
                    WriteKind::Function(function) => Some((Node::Function(function), negated)),
                    _ => None,
                }));
            }
        }
    }
    paths
}

/// The answer of an awaited call has nothing to do with the paths in it.
fn is_answer(unit: &Unit, init: ExprId) -> bool {
    matches!(unit.module[init].kind, ExprKind::Await(_))
}

/// Whether an expression stands under an odd number of `!` below `root`.
fn is_negated(unit: &Unit, expr: ExprId, root: Node) -> bool {
    let mut negated = false;
    for outer in unit.parents.ancestors(Node::Expr(expr)) {
        if let Node::Expr(outer) = outer
            && matches!(unit.module[outer].kind, ExprKind::Unary { op: UnaryOp::Not, .. })
        {
            negated = !negated;
        }
        if outer == root {
            break;
        }
    }
    negated
}

/// Whether a path is the known one or stands below it. Patterns of route matchers are understood.
fn is_below(known: &str, path: &str) -> bool {
    let plain = known.split(['(', ':', '*']).next().unwrap_or(known);
    if plain == "/" {
        return path == "/" || known.len() > 1;
    }
    path == plain || (plain.ends_with('/') && path.starts_with(plain)) || path.strip_prefix(plain).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_cover_the_paths_that_next_says() {
        for (matcher, path, covered) in [
            ("/((?!_next/static|_next/image|favicon.ico).*)", "/api/token", true),
            ("/((?!api|_next/static|favicon.ico).*)", "/api/token", false),
            ("/((?!_next|.*\\.(?:svg|png)$).*)", "/api/token", true),
            ("/dashboard/:path*", "/api/token", false),
            ("/api/:path*", "/api/telnyx/token", true),
            ("/(api|trpc)(.*)", "/api/token", true),
            ("/api/:name", "/api/token", true),
            ("/api/:name", "/api/a/b", false),
            ("/", "/api/token", false),
        ] {
            assert_eq!(matches_path(matcher, path), covered, "{matcher} {path}");
        }
    }
}
