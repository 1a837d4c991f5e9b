//! Routers: where each is made and mounted, under which prefixes, and what it runs before its routes.
//!
//! A router is known by the place where it is made. Calls that hand the router back (`new Hono().get(…)`, `router.routes()`) are the router;
//! a plugin (`async function routes(app) {}`) stands for the router that it is given where it is registered.

use std::sync::{Arc, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::guards::{Check, Guards};
use super::patterns::{Segment, UrlPattern};
use super::routes::literal_path;
use crate::analysis::auth::Builder;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::values::{FunctionSite, Identity, OriginKind, Site};
use crate::catalog::endpoints::RouterNames;
use crate::hir::{Element, ExprId, ExprKind, Literal};
use crate::source::{FileId, Location};

/// How many routers may be nested.
const NESTING: u8 = 5;
/// Under how many prefixes one router is looked at.
const PREFIXES: usize = 8;
/// How many calls a chain that hands the router on may have.
const CHAIN: usize = 200;

/// What is known of a route's way through its routers.
#[derive(Debug)]
pub(crate) struct Mounted {
    /// What the routers check.
    pub(crate) check: Check,
    /// Whether requests reach the route at all.
    pub(crate) reachable: bool,
}

/// A place where a router is made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// The making call; none for the parameter of a plugin.
    site: Option<Site>,
    /// That call, or the plugin.
    pub(super) at: Location,
    /// The plugin.
    plugin: Option<FunctionSite>,
    /// What the router itself puts before its paths (`basePath("/api")`, `new Router({ prefix: "/api" })`).
    prefix: UrlPattern,
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

/// The prefixes of the routers that names stand for.
pub(crate) type Prefixes = FxHashMap<(FileId, SymbolId), Arc<[UrlPattern]>>;

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
        let identity = self.identity(names, receiver);
        let mut check = Check::None(None);
        let mut mounts = 0;
        let mut reachable = !identity.iter().any(|made| match (made.site, made.plugin) {
            (Some(site), _) => self.needs_mount(site, names),
            (None, Some(plugin)) => self.is_left_over(plugin),
            (None, None) => false,
        });
        let units = self.units_around(receiver, &identity);
        for unit in units {
            let uses = self.uses(unit, names);
            for used in self.uses_of(&uses, &identity) {
                let ExprKind::Call { args, .. } = &unit.module[used.call].kind else { continue };
                let prefix = args.first().and_then(|first| literal_path(unit, first.expr));
                if self.is_same(names, unit, used.owner, &identity) {
                    let earlier = unit.file != registered.file || unit.module[used.call].span.start < registered.span.start;
                    if used.hooks && earlier && prefix.is_none_or(|prefix| covers(prefix, path)) {
                        let middleware = args.iter().filter(|arg| !is_name(unit, arg.expr));
                        check = middleware
                            .fold(check, |check, arg| check.or(guards.runs_before(Self::site(unit, arg.expr), &Check::None(None), &[])));
                    }
                    if used.mounts {
                        check =
                            args.iter().fold(check, |check, arg| check.or(self.plugin_hooks(guards, names, Self::site(unit, arg.expr))));
                    }
                    continue;
                }
                // `app.use("/api", requireUser, router)`: the router is mounted on another one.
                if !used.mounts || depth >= NESTING || !args.iter().any(|arg| self.is_same(names, unit, arg.expr, &identity)) {
                    continue;
                }
                mounts += 1;
                for arg in args.iter().filter(|arg| !is_name(unit, arg.expr) && !self.is_same(names, unit, arg.expr, &identity)) {
                    check = check.or(guards.runs_before(Self::site(unit, arg.expr), &Check::None(None), &[]));
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

    /// What the hooks check that a plugin adds to the router that registers it (`fp(async (app) => app.addHook("onRequest", …))`).
    fn plugin_hooks(&self, guards: &Guards<'_, 'w>, names: &RouterNames, plugin: Site) -> Check {
        let mut check = Check::None(None);
        // Following each router of a large server would read all of it.
        let is_transparent = |name: &str| names.transparent.iter().any(|known| known == name);
        let project = &self.workspace.project;
        let has_plugins =
            self.memo.has_transparent_plugins.get_or_init(|| project.iter().any(|(file, _)| project.specifiers(file).any(is_transparent)));
        if !has_plugins {
            return check;
        }
        for origin in self.values.origins(plugin, &[]) {
            let OriginKind::Call(call) = origin.kind else { continue };
            let Some(unit) = self.workspace.unit(call.file) else { continue };
            let ExprKind::Call { callee, args, .. } = &unit.module[call.expr].kind else { continue };
            let identities = self.values.identities(Self::site(unit, *callee));
            if !identities.iter().any(|identity| matches!(identity, Identity::Package { package, .. } if is_transparent(package))) {
                continue;
            }
            let Some(inner) = args.first() else { continue };
            let identity = self.identity(names, Self::site(unit, inner.expr));
            for unit in identity.iter().filter_map(|made| self.workspace.unit(made.at.file)) {
                let uses = self.uses(unit, names);
                for used in self.uses_of(&uses, &identity).filter(|used| used.hooks && self.is_same(names, unit, used.owner, &identity)) {
                    let ExprKind::Call { args, .. } = &unit.module[used.call].kind else { continue };
                    let middleware = args.iter().filter(|arg| !is_name(unit, arg.expr));
                    check = middleware
                        .fold(check, |check, arg| check.or(guards.runs_before(Self::site(unit, arg.expr), &Check::None(None), &[])));
                }
            }
        }
        check
    }

    /// The prefixes under which a router's routes are served; one unknown prefix for a plugin that nobody registers.
    pub(crate) fn prefixes(&self, names: &RouterNames, receiver: Site) -> Arc<[UrlPattern]> {
        let symbol = self.workspace.unit(receiver.file).and_then(|unit| unit.scopes.symbol_of_expr(unit.uncast(receiver.expr)));
        let key = symbol.map(|symbol| (receiver.file, symbol));
        if let Some(key) = key
            && let Some(known) = self.memo.prefixes.lock().unwrap_or_else(PoisonError::into_inner).get(&key)
        {
            return Arc::clone(known);
        }
        let found: Arc<[UrlPattern]> = self.prefixes_at(names, receiver, 0).into();
        if let Some(key) = key {
            self.memo.prefixes.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&found));
        }
        found
    }

    fn prefixes_at(&self, names: &RouterNames, receiver: Site, depth: u8) -> Vec<UrlPattern> {
        let identity = self.identity(names, receiver);
        let mut prefixes: Vec<UrlPattern> = Vec::new();
        let mut add = |prefix: UrlPattern| {
            if prefixes.len() < PREFIXES && !prefixes.contains(&prefix) {
                prefixes.push(prefix);
            }
        };
        for made in &identity {
            let mut mounted = false;
            for unit in self.units_around(receiver, &identity) {
                let uses = self.uses(unit, names);
                for used in self.uses_of(&uses, std::slice::from_ref(made)) {
                    let ExprKind::Call { args, .. } = &unit.module[used.call].kind else { continue };
                    if !used.mounts
                        || depth >= NESTING
                        || self.is_same(names, unit, used.owner, &identity)
                        || !args.iter().any(|arg| self.is_same(names, unit, arg.expr, std::slice::from_ref(made)))
                    {
                        continue;
                    }
                    mounted = true;
                    let here = self.mount_prefix(unit, args);
                    for outer in self.prefixes_at(names, Self::site(unit, used.owner), depth + 1) {
                        add(outer.join(&here).join(&made.prefix));
                    }
                }
            }
            if !mounted {
                let own = if made.site.is_some() { self.platform_prefix(made.at.file) } else { UrlPattern::anywhere() };
                add(own.join(&made.prefix));
            }
        }
        if identity.is_empty() {
            add(UrlPattern::anywhere());
        }
        prefixes
    }

    /// The prefix that a mounting call says: its first argument, or the `prefix` of its options.
    fn mount_prefix(&self, unit: &Unit, args: &[Element]) -> UrlPattern {
        let option = args.iter().find_map(|arg| self.values.property_value(Self::site(unit, arg.expr), "prefix"));
        let Some(site) = option.or_else(|| {
            let first = args.first().filter(|_| args.len() > 1)?;
            let is_text = match &unit.module[unit.uncast(first.expr)].kind {
                ExprKind::Literal(Literal::String(_)) | ExprKind::Template { .. } | ExprKind::Binary { .. } => true,
                ExprKind::Ident(_) | ExprKind::Member { .. } => self.values.constant_string(Self::site(unit, first.expr)).is_some(),
                _ => false,
            };
            is_text.then(|| Self::site(unit, first.expr))
        }) else {
            return UrlPattern::default();
        };
        let text = self.values.text(site);
        // A part that is only known at run time may hold any number of segments.
        text.constant().map_or_else(
            || {
                let pattern = text.pattern();
                let parts = pattern.split('/').filter(|part| !part.is_empty());
                parts.map(|part| if part.contains("{}") { Segment::Rest } else { Segment::parse(part) }).collect()
            },
            |path| UrlPattern::parse(&path),
        )
    }

    /// What the platform puts before the paths of a server in this file.
    fn platform_prefix(&self, file: FileId) -> UrlPattern {
        if self.workspace.path(file).contains("supabase/functions/") { UrlPattern::parse("/functions/v1") } else { UrlPattern::default() }
    }

    /// What a receiver is: where the router is made.
    pub(super) fn identity(&self, names: &RouterNames, receiver: Site) -> Vec<Made> {
        let Some((receiver, prefix)) = self.start_of_chain(names, receiver) else { return Vec::new() };
        let answer = self.values.answer(receiver);
        answer
            .facts
            .iter()
            .filter(|fact| fact.path.is_empty())
            .filter_map(|fact| match fact.kind {
                OriginKind::Call(site) | OriginKind::New(site) | OriginKind::Instance(_, site) => {
                    let (made, inner) = self.start_of_chain(names, site)?;
                    let unit = self.workspace.unit(made.file)?;
                    let at = if made == site { fact.at } else { unit.at(unit.module[made.expr].span) };
                    Some(Made { site: Some(made), at, plugin: None, prefix: self.own_prefix(unit, made).join(&inner).join(&prefix) })
                }
                OriginKind::Param(function, _) | OriginKind::Function(function) => {
                    let unit = self.workspace.unit(function.file)?;
                    Some(Made {
                        site: None,
                        at: unit.at(unit.module[function.function].span),
                        plugin: Some(function),
                        prefix: prefix.clone(),
                    })
                }
                _ => None,
            })
            .collect()
    }

    /// The router at the start of a chain of calls that hand it on, and the prefixes that the chain adds.
    fn start_of_chain(&self, names: &RouterNames, site: Site) -> Option<(Site, UrlPattern)> {
        let unit = self.workspace.unit(site.file)?;
        let mut expr = unit.uncast(site.expr);
        let mut prefix = UrlPattern::default();
        for _ in 0..CHAIN {
            let Some(method) = unit.called_method(expr).filter(|method| names.hands_on(method)) else { break };
            let (Some(receiver), ExprKind::Call { args, .. }) = (unit.call_receiver(expr), &unit.module[expr].kind) else { break };
            // `container.get("app")` is no registration: a verb takes a path and a function, or follows `.route("/x")`.
            let after_route = || unit.called_method(unit.uncast(receiver)).is_some_and(|before| names.hands_on(before));
            if names.verbs.iter().any(|verb| **verb == **method) && args.len() < 2 && !after_route() {
                break;
            }
            if names.prefixing.iter().any(|known| **known == **method)
                && let Some(path) = args.first().and_then(|first| self.values.constant_string(Self::site(unit, first.expr)))
            {
                prefix = UrlPattern::parse(&path).join(&prefix);
            }
            expr = unit.uncast(receiver);
        }
        Some((Site { file: site.file, expr }, prefix))
    }

    /// The `prefix` option of a router's maker, or the prefix that a later call gives it (`router.prefix("/api")`).
    fn own_prefix(&self, unit: &Unit, made: Site) -> UrlPattern {
        let args = match &unit.module[made.expr].kind {
            ExprKind::Call { args, .. } | ExprKind::New { args, .. } => args.as_slice(),
            _ => return UrlPattern::default(),
        };
        let option = args.first().and_then(|first| self.values.property_value(Self::site(unit, first.expr), "prefix"));
        let later = || {
            let symbol = unit.declared_symbol(made.expr)?;
            unit.usage.method_calls("prefix").iter().find_map(|call| {
                let receiver = unit.call_receiver(*call)?;
                let ExprKind::Call { args, .. } = &unit.module[*call].kind else { return None };
                (unit.scopes.symbol_of_expr(receiver) == Some(symbol)).then_some(Self::site(unit, args.first()?.expr))
            })
        };
        let path = option.or_else(later).and_then(|site| self.values.constant_string(site));
        path.map(|path| UrlPattern::parse(&path)).unwrap_or_default()
    }

    fn is_same(&self, names: &RouterNames, unit: &Unit, expr: ExprId, identity: &[Made]) -> bool {
        may_be_router(unit, expr)
            && self.imported(unit, expr).is_none_or(|file| self.may_be_imported(file, identity))
            && self.identity(names, Self::site(unit, expr)).iter().any(|made| identity.iter().any(|known| known.at == made.at))
    }

    /// The file that a name is imported from.
    fn imported(&self, unit: &Unit, expr: ExprId) -> Option<FileId> {
        self.workspace.imported_file(unit, unit.scopes.symbol_of_expr(unit.uncast(expr))?)
    }

    /// Whether an import of `file` can lead to the router. If not, it is not worth parsing.
    fn may_be_imported(&self, file: FileId, identity: &[Made]) -> bool {
        identity.iter().any(|made| self.workspace.may_lead_to(file, made.at.file))
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
                            for made in self.identity(names, Self::site(unit, expr)) {
                                uses.made.entry(made.at).or_default().push(index);
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
    fn uses_of<'u>(&self, uses: &'u Uses, identity: &[Made]) -> impl Iterator<Item = &'u Use> + use<'u, 'w> {
        let mut indexes: Vec<usize> = identity.iter().filter_map(|made| uses.made.get(&made.at)).flatten().copied().collect();
        indexes.extend(uses.imported.iter().filter(|(file, _)| self.may_be_imported(*file, identity)).map(|(_, index)| *index));
        indexes.sort_unstable();
        indexes.dedup();
        indexes.into_iter().filter_map(|index| uses.calls.get(index))
    }

    /// Whether nothing can register a plugin: it is exported under a name (a loader of folders takes default exports), and no file imports it.
    fn is_left_over(&self, plugin: FunctionSite) -> bool {
        let Some(unit) = self.workspace.unit(plugin.file) else { return false };
        unit.export_of_function(plugin.function).is_some_and(|name| &*name != "default" && &*name != "module.exports")
            && self.workspace.importing_units_deep(plugin.file).next().is_none()
            && self.values.callers(plugin).is_empty()
    }

    /// `express.Router()` and `Router()` serve nothing until they are mounted.
    fn needs_mount(&self, made: Site, names: &RouterNames) -> bool {
        let Some(unit) = self.workspace.unit(made.file) else { return false };
        let callee = unit.callee_text(made.expr);
        let name = callee.rsplit('.').next().unwrap_or(&callee);
        names.unmounted.iter().any(|known| known == name)
    }

    /// The files that can name the router.
    fn units_around(&self, receiver: Site, identity: &[Made]) -> Vec<&'w Unit> {
        let mut seen = FxHashSet::default();
        let mut units = Vec::new();
        for file in std::iter::once(receiver.file).chain(identity.iter().map(|made| made.at.file)) {
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
