//! What a router runs before a route: its own `use` calls, and what stands before it where it is mounted.

use std::sync::{Arc, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::guards::{Check, Guards};
use super::routes::literal_path;
use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::values::{OriginKind, Site};
use crate::catalog::endpoints::RouterNames;
use crate::hir::{ExprId, ExprKind, Literal};
use crate::source::{FileId, Location};

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

/// A call that takes middleware or a router.
#[derive(Debug)]
pub(crate) struct Use {
    call: ExprId,
    /// The router that it is called on.
    owner: ExprId,
    /// It takes middleware.
    hooks: bool,
    /// It takes a router.
    mounts: bool,
}

/// The uses of one file, in order, and which of them name a router: by where it is made, or by the file that it is imported from.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    calls: Vec<Use>,
    made: FxHashMap<Location, Vec<usize>>,
    imported: Vec<(FileId, usize)>,
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
            let uses = self.uses(unit, names);
            for used in self.uses_of(&uses, &identity) {
                let ExprKind::Call { args, .. } = &unit.module[used.call].kind else { continue };
                let prefix = args.first().and_then(|first| literal_path(unit, first.expr));
                if self.is_same(unit, used.owner, &identity) {
                    let earlier = unit.file != registered.file || unit.module[used.call].span.start < registered.span.start;
                    if used.hooks && earlier && prefix.is_none_or(|prefix| covers(prefix, path)) {
                        let middleware = args.iter().filter(|arg| !is_name(unit, arg.expr));
                        check = middleware
                            .fold(check, |check, arg| check.or(guards.runs_before(Self::site(unit, arg.expr), &Check::None(None))));
                    }
                    continue;
                }
                // `app.use("/api", requireUser, router)`: the router is mounted on another one.
                if !used.mounts || depth >= NESTING || !args.iter().any(|arg| self.is_same(unit, arg.expr, &identity)) {
                    continue;
                }
                mounts += 1;
                for arg in args.iter().filter(|arg| !is_name(unit, arg.expr) && !self.is_same(unit, arg.expr, &identity)) {
                    check = check.or(guards.runs_before(Self::site(unit, arg.expr), &Check::None(None)));
                }
                let whole = format!("{}{path}", prefix.unwrap_or("").trim_end_matches(['/', '*']));
                let outer =
                    self.mounted_at(guards, names, Self::site(unit, used.owner), &whole, unit.at(unit.module[used.call].span), depth + 1);
                check = check.or(outer.check);
                reachable |= outer.reachable;
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
        may_be_router(unit, expr)
            && self.imported(unit, expr).is_none_or(|file| self.may_be_imported(file, identity))
            && self.identity(Self::site(unit, expr)).iter().any(|(_, at)| identity.iter().any(|(_, known)| known == at))
    }

    /// The file that a name is imported from.
    fn imported(&self, unit: &Unit, expr: ExprId) -> Option<FileId> {
        self.workspace.imported_file(unit, unit.scopes.symbol_of_expr(unit.uncast(expr))?)
    }

    /// Whether an import of `file` can lead to the router. If not, it is not worth parsing.
    fn may_be_imported(&self, file: FileId, identity: &[(Option<Site>, Location)]) -> bool {
        identity.iter().any(|(_, at)| self.workspace.may_lead_to(file, at.file))
    }

    /// The calls of a file that take middleware or a router. A large server has hundreds of each, so they are filed once by what they are
    /// about.
    fn uses(&self, unit: &Unit, names: &RouterNames) -> Arc<Uses> {
        if let Some(known) = self.memo.uses.lock().unwrap_or_else(PoisonError::into_inner).get(&unit.file) {
            return Arc::clone(known);
        }
        let mut uses = Uses::default();
        for method in names.hooks.iter().chain(&names.mounts) {
            let (hooks, mounts) = (names.hooks.contains(method), names.mounts.contains(method));
            for call in unit.usage.method_calls(method) {
                let (ExprKind::Call { args, .. }, Some(owner)) = (&unit.module[*call].kind, unit.call_receiver(*call)) else { continue };
                let index = uses.calls.len();
                uses.calls.push(Use { call: *call, owner, hooks, mounts });
                for expr in std::iter::once(owner).chain(args.iter().map(|arg| arg.expr)).filter(|expr| may_be_router(unit, *expr)) {
                    match self.imported(unit, expr) {
                        Some(file) => uses.imported.push((file, index)),
                        None => {
                            for (_, at) in self.identity(Self::site(unit, expr)) {
                                uses.made.entry(at).or_default().push(index);
                            }
                        }
                    }
                }
            }
        }
        let uses = Arc::new(uses);
        self.memo.uses.lock().unwrap_or_else(PoisonError::into_inner).insert(unit.file, Arc::clone(&uses));
        uses
    }

    /// Those that may be about a router, in order.
    fn uses_of<'u>(&self, uses: &'u Uses, identity: &[(Option<Site>, Location)]) -> impl Iterator<Item = &'u Use> + use<'u, 'w> {
        let mut indexes: Vec<usize> = identity.iter().filter_map(|(_, at)| uses.made.get(at)).flatten().copied().collect();
        indexes.extend(uses.imported.iter().filter(|(file, _)| self.may_be_imported(*file, identity)).map(|(_, index)| *index));
        indexes.sort_unstable();
        indexes.dedup();
        indexes.into_iter().filter_map(|index| uses.calls.get(index))
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

/// Whether an expression may be a router by its shape.
fn may_be_router(unit: &Unit, expr: ExprId) -> bool {
    matches!(
        unit.module[unit.uncast(expr)].kind,
        ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::This | ExprKind::Call { .. } | ExprKind::Await(_)
    )
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
