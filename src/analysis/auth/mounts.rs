//! What a router runs before a route: its own `use` calls, and what stands before it where it is mounted.

use rustc_hash::FxHashSet;

use super::Builder;
use super::endpoint_guards::{Check, Guards};
use super::routes::literal_path;
use crate::analysis::unit::Unit;
use crate::analysis::values::{OriginKind, Site};
use crate::catalog::endpoints::RouterNames;
use crate::hir::{ExprId, ExprKind, Literal};
use crate::source::Location;

/// How many routers may be nested.
const NESTING: u8 = 5;

/// What is known of a route's way through its routers.
#[derive(Debug)]
pub(crate) struct Mounted {
    /// What the routers check.
    pub(crate) check: Check,
    /// Whether requests reach the route at all.
    pub(crate) reachable: bool,
}

impl<'w> Builder<'w> {
    /// What runs before a route that is registered on a router.
    pub(crate) fn mounted(
        &self,
        guards: &Guards<'_, 'w>,
        names: &RouterNames,
        receiver: Site,
        path: &str,
        registered: Location,
    ) -> Mounted {
        self.mounted_at(guards, names, receiver, path, registered, 0)
    }

    fn mounted_at(
        &self,
        guards: &Guards<'_, 'w>,
        names: &RouterNames,
        receiver: Site,
        path: &str,
        registered: Location,
        depth: u8,
    ) -> Mounted {
        let identity = self.identity(receiver);
        let mut check = Check::None(None);
        let mut mounts = 0;
        let mut reachable = !identity.iter().any(|(site, _)| site.is_some_and(|site| self.needs_mount(site, names)));
        let units = self.units_around(receiver, &identity);
        for unit in units {
            for method in names.hooks.iter().chain(&names.mounts) {
                for call in unit.usage.method_calls(method) {
                    let ExprKind::Call { args, .. } = &unit.module[*call].kind else { continue };
                    let Some(owner) = unit.call_receiver(*call) else { continue };
                    let prefix = args.first().and_then(|first| literal_path(unit, first.expr));
                    if self.is_same(unit, owner, &identity) {
                        let earlier = unit.file != registered.file || unit.module[*call].span.start < registered.span.start;
                        if names.hooks.contains(method) && earlier && prefix.is_none_or(|prefix| covers(prefix, path)) {
                            let middleware = args.iter().filter(|arg| !is_name(unit, arg.expr));
                            check = middleware
                                .fold(check, |check, arg| check.or(guards.runs_before(Self::site(unit, arg.expr), &Check::None(None))));
                        }
                        continue;
                    }
                    // `app.use("/api", requireUser, router)`: the router is mounted on another one.
                    if !names.mounts.contains(method) || depth >= NESTING || !args.iter().any(|arg| self.is_same(unit, arg.expr, &identity))
                    {
                        continue;
                    }
                    mounts += 1;
                    for arg in args.iter().filter(|arg| !is_name(unit, arg.expr) && !self.is_same(unit, arg.expr, &identity)) {
                        check = check.or(guards.runs_before(Self::site(unit, arg.expr), &Check::None(None)));
                    }
                    let whole = format!("{}{path}", prefix.unwrap_or("").trim_end_matches(['/', '*']));
                    let outer =
                        self.mounted_at(guards, names, Self::site(unit, owner), &whole, unit.at(unit.module[*call].span), depth + 1);
                    check = check.or(outer.check);
                    reachable |= outer.reachable;
                }
            }
        }
        Mounted { check, reachable: reachable || (mounts > 0 && depth + 1 >= NESTING) }
    }

    /// What a receiver is: where the router is made.
    fn identity(&self, receiver: Site) -> Vec<(Option<Site>, Location)> {
        let answer = self.values.answer(receiver);
        answer
            .facts
            .iter()
            .filter(|fact| fact.path.is_empty())
            .filter_map(|fact| match fact.kind {
                OriginKind::Call(site) | OriginKind::New(site) | OriginKind::Instance(_, site) => Some((Some(site), fact.at)),
                // A plugin (`async function routes(app) {}`) stands for the router that it is given when it is registered.
                OriginKind::Param(function, _) | OriginKind::Function(function) => {
                    let unit = self.workspace.unit(function.file)?;
                    Some((None, unit.at(unit.module[function.function].span)))
                }
                _ => None,
            })
            .collect()
    }

    fn is_same(&self, unit: &Unit, expr: ExprId, identity: &[(Option<Site>, Location)]) -> bool {
        if !matches!(
            unit.module[unit.uncast(expr)].kind,
            ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::This | ExprKind::Call { .. } | ExprKind::Await(_)
        ) {
            return false;
        }
        // An import that cannot lead to the router is not worth parsing.
        let imported = unit.scopes.symbol_of_expr(unit.uncast(expr)).and_then(|symbol| self.workspace.imported_file(unit, symbol));
        if imported.is_some_and(|file| !identity.iter().any(|(_, at)| self.workspace.may_lead_to(file, at.file))) {
            return false;
        }
        self.identity(Self::site(unit, expr)).iter().any(|(_, at)| identity.iter().any(|(_, known)| known == at))
    }

    /// `express.Router()` and `Router()` serve nothing until they are mounted.
    fn needs_mount(&self, made: Site, names: &RouterNames) -> bool {
        let Some(unit) = self.workspace.unit(made.file) else { return false };
        let callee = unit.callee_text(made.expr);
        let name = callee.rsplit('.').next().unwrap_or(&callee);
        names.unmounted.iter().any(|known| known == name)
    }

    /// The files that can name the router.
    fn units_around(&self, receiver: Site, identity: &[(Option<Site>, Location)]) -> Vec<&'w Unit> {
        let mut seen = FxHashSet::default();
        let mut units = Vec::new();
        for file in std::iter::once(receiver.file).chain(identity.iter().map(|(_, at)| at.file)) {
            if seen.insert(file) {
                units.extend(self.workspace.unit(file));
                for unit in self.workspace.importing_units_deep(file) {
                    if seen.insert(unit.file) {
                        units.push(unit);
                    }
                }
            }
        }
        units
    }
}

/// Whether a `use` path is about a route's path.
fn covers(prefix: &str, path: &str) -> bool {
    let prefix = prefix.trim_end_matches('*').trim_end_matches('/');
    prefix.is_empty() || path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) || !path.starts_with('/')
}

/// A path or the name of a hook.
fn is_name(unit: &Unit, expr: ExprId) -> bool {
    matches!(unit.module[unit.uncast(expr)].kind, ExprKind::Literal(Literal::String(_)))
}
