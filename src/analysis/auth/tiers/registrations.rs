//! Routes that are registered on a router, and methods of controllers: what stands in the call or decorator, and the prefixes before it.

use super::patterns::{Method, RoutePath, UrlPattern};
use super::routes::{Route, RouteKind, named};
use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::values::{FunctionSite, Site};
use crate::catalog::endpoints::EndpointNames;
use crate::hir::{ClassMemberKind, ExprId, ExprKind, Property, PropertyKey};

/// How many paths one route may have.
const PATHS: usize = 8;
/// How many folders above a controller are looked at for the entry of its server.
const FOLDERS: usize = 8;

/// A registering call, taken apart.
struct Registration {
    router: ExprId,
    method: Option<Method>,
    path: String,
    handlers: Vec<FunctionSite>,
    before: Vec<Site>,
}

impl<'w> Builder<'w> {
    /// `app.post("/x", guard, handler)`, `router.route("/x").post(handler)`, `fastify.route({ … })`.
    pub(super) fn registration(&self, unit: &'w Unit, call: ExprId, names: &EndpointNames) -> Option<Route> {
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return None };
        let verb = unit.called_method(call)?;
        let receiver = unit.call_receiver(call)?;
        let mut handlers = Vec::new();
        let mut before = Vec::new();
        if &**verb == "route"
            && let [only] = args.as_slice()
            && matches!(unit.module[only.expr].kind, ExprKind::Object(_))
        {
            let property = |name: &str| self.values.property_value(Self::site(unit, only.expr), name);
            let path = property("url").or_else(|| property("path")).and_then(|site| self.values.constant_string(site))?;
            let handler = property("handler")?;
            self.route_handlers(self.workspace.unit(handler.file)?, handler.expr, &mut handlers, &mut before, 0);
            before.extend(["preHandler", "onRequest", "preValidation", "middleware"].iter().filter_map(|name| property(name)));
            let method = property("method").and_then(|site| self.values.constant_string(site)).and_then(|method| Method::parse(&method));
            return self.registered(unit, call, names, Registration { router: receiver, method, path: path.to_string(), handlers, before });
        }
        if !names.router.verbs.iter().any(|known| **known == **verb) {
            return None;
        }
        let (path, rest, receiver) = match args.first().and_then(|first| self.values.constant_string(Self::site(unit, first.expr))) {
            Some(path) if path.is_empty() || path.starts_with(['/', '*', ':']) => (path.to_string(), args.get(1..)?, receiver),
            Some(_) => return None,
            None => {
                // The path was given to `.route("/x")` before, with other verbs in between.
                let mut inner = unit.uncast(receiver);
                for _ in 0..names.router.verbs.len() {
                    if unit.called_method(inner).is_some_and(|method| names.router.verbs.iter().any(|verb| **verb == **method)) {
                        inner = unit.uncast(unit.call_receiver(inner)?);
                    }
                }
                let ExprKind::Call { args: outer, .. } = &unit.module[inner].kind else { return None };
                if unit.called_method(inner).is_none_or(|method| &**method != "route") {
                    return None;
                }
                let path = self.values.constant_string(Self::site(unit, outer.first()?.expr))?;
                (path.to_string(), args.as_slice(), unit.call_receiver(inner)?)
            }
        };
        let (last, earlier) = rest.split_last()?;
        self.route_handlers(unit, last.expr, &mut handlers, &mut before, 0);
        for arg in earlier {
            match &unit.module[arg.expr].kind {
                // Fastify's options between path and handler.
                ExprKind::Object(properties) => before.extend(properties.iter().filter_map(|property| match property {
                    Property::Value { key: PropertyKey::Name(..), value } => Some(Self::site(unit, *value)),
                    _ => None,
                })),
                _ => before.push(Self::site(unit, arg.expr)),
            }
        }
        let method = Method::parse(verb);
        self.registered(unit, call, names, Registration { router: receiver, method, path, handlers, before })
    }

    fn registered(&self, unit: &Unit, call: ExprId, names: &EndpointNames, registration: Registration) -> Option<Route> {
        let Registration { router, method, path, handlers, before } = registration;
        if handlers.is_empty() {
            return None;
        }
        let router = Self::site(unit, router);
        let own = UrlPattern::parse(&path);
        let paths: Vec<RoutePath> = self.prefixes(&names.router, router).iter().map(|prefix| RoutePath::Url(prefix.join(&own))).collect();
        let what = match (method, paths.first()) {
            (Some(_), _) | (None, None) => named(method, &paths, || format!("`ALL {path}`")),
            (None, Some(path)) => format!("`ALL {path}`"),
        };
        Some(Route {
            handlers,
            at: unit.at(unit.module[call].span),
            what,
            method,
            paths,
            kind: RouteKind::Registered { router, path },
            before,
        })
    }

    /// Methods of controllers.
    pub(super) fn decorated(&self, unit: &'w Unit, names: &EndpointNames, routes: &mut Vec<Route>) {
        let is = |decorator: &ExprId, known: &[String]| known.iter().any(|name| name == decorator_name(unit, *decorator));
        for class in &unit.module.classes {
            let Some(controller) = class.decorators.iter().find(|decorator| is(decorator, &names.decorators.controllers)) else { continue };
            let prefixes = self.decorator_paths(unit, *controller);
            for member in &class.members {
                let ClassMemberKind::Method(function) = member.kind else { continue };
                let Some(verb) = member.decorators.iter().find(|decorator| is(decorator, &names.decorators.verbs)) else { continue };
                let before = class
                    .decorators
                    .iter()
                    .chain(&member.decorators)
                    .filter(|decorator| is(decorator, &names.decorators.guards))
                    .map(|decorator| Self::site(unit, *decorator));
                let method = Method::parse(decorator_name(unit, *verb));
                let global = self.global_prefix(unit);
                let own = self.decorator_paths(unit, *verb);
                let paths: Vec<RoutePath> = prefixes
                    .iter()
                    .flat_map(|prefix| own.iter().map(|own| RoutePath::Url(global.join(prefix).join(own))))
                    .take(PATHS)
                    .collect();
                let key = member.key.as_ref().and_then(PropertyKey::name).unwrap_or("?");
                routes.push(Route {
                    handlers: vec![FunctionSite { file: unit.file, function }],
                    at: unit.at(member.span),
                    what: named(method, &paths, || format!("the controller method `{key}`")),
                    method,
                    paths,
                    kind: RouteKind::Controller { open: self.is_open(unit, class, member, &names.decorators) },
                    before: before.collect(),
                });
            }
        }
    }

    /// The paths that a decorator says: `@Post("token")`, `@Controller({ path: "voice" })`, `@Get(["a", "b"])`, `@Post()`.
    fn decorator_paths(&self, unit: &Unit, decorator: ExprId) -> Vec<UrlPattern> {
        let given = match &unit.module[unit.uncast(decorator)].kind {
            ExprKind::Call { args, .. } => args.first().map(|first| Self::site(unit, first.expr)),
            _ => None,
        };
        let Some(given) = given.map(|given| self.values.property_value(given, "path").unwrap_or(given)) else {
            return vec![UrlPattern::default()];
        };
        let each = match &unit.module[unit.uncast(given.expr)].kind {
            ExprKind::Array(elements) => elements.iter().map(|element| Self::site(unit, element.expr)).collect(),
            ExprKind::Object(_) => return vec![UrlPattern::default()],
            _ => vec![given],
        };
        let text = |site| self.values.constant_string(site).map_or_else(UrlPattern::anywhere, |path| UrlPattern::parse(&path));
        each.into_iter().map(text).take(PATHS).collect()
    }

    /// What the entry of a Nest server puts before all paths: `app.setGlobalPrefix("api")` in the nearest `main` file above the controller.
    fn global_prefix(&self, unit: &Unit) -> UrlPattern {
        let path = self.workspace.path(unit.file);
        let folders = path.match_indices('/').map(|(at, _)| path.get(..=at).unwrap_or("")).rev().chain(std::iter::once(""));
        let names = ["main.ts", "src/main.ts", "main.js", "src/main.js"];
        let main = folders.flat_map(|folder| names.iter().map(move |name| format!("{folder}{name}")));
        let Some(main) = main.take(FOLDERS * names.len()).find_map(|path| self.workspace.project.file_by_path(&path)) else {
            return UrlPattern::default();
        };
        let Some(main) = self.workspace.unit(main) else { return UrlPattern::default() };
        let Some(call) = main.usage.method_calls("setGlobalPrefix").first() else { return UrlPattern::default() };
        let ExprKind::Call { args, .. } = &main.module[*call].kind else { return UrlPattern::default() };
        let text = args.first().and_then(|first| self.values.constant_string(Self::site(main, first.expr)));
        text.map_or_else(UrlPattern::anywhere, |path| UrlPattern::parse(&path))
    }
}

/// What a decorator is called.
fn decorator_name(unit: &Unit, decorator: ExprId) -> &str {
    let expr = match &unit.module[unit.uncast(decorator)].kind {
        ExprKind::Call { callee, .. } => *callee,
        _ => decorator,
    };
    unit.source.slice(unit.module[expr].span)
}
