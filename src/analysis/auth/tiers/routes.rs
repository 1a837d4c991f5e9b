//! Routes: the functions of a file that a caller from outside the machine starts.
//!
//! Three ways make one: a file that a framework serves by convention (its exports), a call that serves or registers a function
//! (`Deno.serve(f)`, `app.post("/x", guard, f)`), and a server action. What is called what stands in `rules/models/endpoints.toml`.

use std::sync::{Arc, PoisonError};

use super::conventions::Exported;
use super::patterns::{Method, RoutePath, UrlPattern};
use super::python_guards::PythonGuard;
use super::rust_guards::RustGuard;
use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{FunctionSite, OriginKind, Site};
use crate::analysis::zones::FunctionContext;
use crate::catalog::endpoints::EndpointNames;
use crate::finding::ZoneKind;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, FunctionId, Literal, Property};
use crate::source::{FileId, Location};

/// How a route comes to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RouteKind {
    /// A file of a framework.
    Convention,
    /// A route of Next: a middleware file may stand before it.
    Next,
    /// A Supabase edge function, by the name of its folder.
    Supabase(String),
    /// Registered on a router.
    Registered {
        /// The router, as it is written.
        router: Site,
        /// The path below it.
        path: String,
    },
    /// A method of a controller.
    Controller {
        /// It is taken out of the guards that stand before the whole server.
        open: bool,
    },
    /// On the list of a Lambda framework.
    Lambda {
        /// The gateway checks the caller before.
        authorized: bool,
    },
    /// A server action.
    Action,
    /// Handed to a builder; a client library calls it by name.
    Procedure,
    /// Served by a call.
    Served,
    /// Registered by a decorator, or in a table of URLs, of Python.
    Python {
        /// Functions and names that run before the handler: dependencies, decorators, hooks, permissions.
        before: Vec<PythonGuard>,
    },
    /// Registered by an attribute or on a router, of Rust.
    Rust {
        /// Functions, types and names that run before the handler: layers, extractors.
        before: Vec<RustGuard>,
    },
    /// Called by the front end of the same program: a Tauri command. Nobody from outside gets there.
    Command,
}

/// A function that is served.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    /// The functions that run for a request, in order.
    pub(crate) handlers: Vec<FunctionSite>,
    /// The export or registration.
    pub(crate) at: Location,
    /// How messages call it.
    pub(crate) what: String,
    /// Its method; none for any.
    pub(crate) method: Option<Method>,
    /// Where it answers: several when its router is mounted several times, none for what has no address of its own (a server action).
    pub(crate) paths: Vec<RoutePath>,
    /// How it is served.
    pub(crate) kind: RouteKind,
    /// Expressions that run before it: middleware arguments, calls that wrap the handler, decorators.
    pub(crate) before: Vec<Site>,
}

/// How messages call a route: its method and first known path, or else what it is.
pub(super) fn named(method: Option<Method>, paths: &[RoutePath], otherwise: impl FnOnce() -> String) -> String {
    match (method, paths.iter().find(|path| matches!(path, RoutePath::Url(_)))) {
        (Some(method), Some(path)) => format!("`{method} {path}`"),
        (None, Some(path)) => format!("`{path}`"),
        (_, None) => otherwise(),
    }
}

impl<'w> Builder<'w> {
    /// The routes of a file.
    pub(crate) fn routes_of_file(&self, file: FileId) -> Arc<[Arc<Route>]> {
        if let Some(known) = self.memo.routes.lock().unwrap_or_else(PoisonError::into_inner).get(&file) {
            return Arc::clone(known);
        }
        let routes: Arc<[Arc<Route>]> = match self.workspace.unit(file) {
            Some(unit) => self.routes_in(unit, &self.workspace.catalog.endpoints).into_iter().map(Arc::new).collect(),
            None => Arc::default(),
        };
        self.memo.routes.lock().unwrap_or_else(PoisonError::into_inner).insert(file, Arc::clone(&routes));
        routes
    }

    fn routes_in(&self, unit: &'w Unit, names: &EndpointNames) -> Vec<Route> {
        if unit.is_python() {
            return self.python_routes(unit, &names.python);
        }
        if unit.is_rust() {
            return self.rust_routes(unit, &names.rust);
        }
        let mut routes = Vec::new();
        if !matches!(self.zones.zone_of(unit.file).kind, ZoneKind::Server | ZoneKind::Both | ZoneKind::Unknown) {
            // A page's module may hold what runs on the server: loaders, actions. Nothing else there is served.
            self.conventional(unit, names, &mut routes);
            routes.retain(|route| route.handlers.iter().all(|handler| self.is_on_server(*handler)));
            self.actions(unit, &mut routes);
            return routes;
        }
        self.listed_routes(unit, &mut routes);
        if routes.is_empty() {
            self.conventional(unit, names, &mut routes);
        }
        if routes.is_empty() {
            self.actions(unit, &mut routes);
        }
        self.workers(unit, &mut routes);
        self.called(unit, names, &mut routes);
        self.decorated(unit, names, &mut routes);
        routes
    }

    /// Whether a function runs on a server.
    fn is_on_server(&self, function: FunctionSite) -> bool {
        let Some(unit) = self.workspace.unit(function.file) else { return false };
        let exported = unit.export_of_function(function.function);
        let directives: Vec<_> = unit.module[function.function].directives.iter().map(|(text, _)| text.clone()).collect();
        let span = Some(unit.module[function.function].span);
        let context = FunctionContext { exported: exported.as_deref(), directives: &directives, program: None, span };
        self.zones.function_zone(unit.file, context).kind == ZoneKind::Server
    }

    /// The functions behind a handler expression, and the calls that wrap them.
    pub(super) fn route_handlers(
        &self,
        unit: &'w Unit,
        value: ExprId,
        handlers: &mut Vec<FunctionSite>,
        before: &mut Vec<Site>,
        depth: u8,
    ) {
        let value = unit.uncast(value);
        match &unit.module[value].kind {
            ExprKind::Function(function) => handlers.push(FunctionSite { file: unit.file, function: *function }),
            ExprKind::Array(elements) => {
                if let Some((last, earlier)) = elements.split_last() {
                    before.extend(earlier.iter().map(|element| Self::site(unit, element.expr)));
                    self.route_handlers(unit, last.expr, handlers, before, depth + 1);
                }
            }
            // `{ fetch(request, env) {} }`, SvelteKit's `{ default: async () => {} }`, `{ handler }`.
            ExprKind::Object(properties) if depth < 4 => {
                for property in properties {
                    if let Property::Value { value, .. } = property
                        && !matches!(unit.module[*value].kind, ExprKind::Literal(_))
                    {
                        self.route_handlers(unit, *value, handlers, before, depth + 1);
                    }
                }
            }
            ExprKind::Call { args, .. } if depth < 4 => {
                before.push(Self::site(unit, value));
                self.functions_of(unit, value, handlers);
                for arg in args {
                    if matches!(
                        unit.module[unit.uncast(arg.expr)].kind,
                        ExprKind::Function(_) | ExprKind::Ident(_) | ExprKind::Call { .. } | ExprKind::Object(_)
                    ) {
                        self.route_handlers(unit, arg.expr, handlers, before, depth + 1);
                    }
                }
                handlers.dedup();
            }
            ExprKind::Ident(_) | ExprKind::Member { .. } => {
                // `const handler = withAuth(…); export default handler`: the wrapper counts.
                if let Some(init) = unit.scopes.symbol_of_expr(value).and_then(|symbol| match unit.usage.writes(symbol) {
                    [write] if write.path.is_empty() => match write.kind {
                        WriteKind::Declared { init } => init,
                        _ => None,
                    },
                    _ => None,
                }) && depth < 4
                {
                    self.route_handlers(unit, init, handlers, before, depth + 1);
                } else {
                    self.functions_of(unit, value, handlers);
                }
            }
            _ => {}
        }
    }

    fn functions_of(&self, unit: &Unit, value: ExprId, handlers: &mut Vec<FunctionSite>) {
        for origin in self.values.origins(Self::site(unit, value), &[]) {
            if let OriginKind::Function(function) = origin.kind
                && !handlers.contains(&function)
            {
                handlers.push(function);
            }
        }
    }

    /// Exported functions of a `"use server"` module, and functions that say it themselves.
    fn actions(&self, unit: &'w Unit, routes: &mut Vec<Route>) {
        let module = unit.module.programs.iter().flat_map(|program| &program.directives).any(|(text, _)| &**text == "use server");
        let mut push = |function: FunctionId, name: Option<&str>| {
            let what = name.map_or_else(|| "a server action".to_owned(), |name| format!("the server action `{name}`"));
            routes.push(Route {
                handlers: vec![FunctionSite { file: unit.file, function }],
                at: unit.at(unit.module[function].span),
                what,
                method: Some(Method::Post),
                paths: Vec::new(),
                kind: RouteKind::Action,
                before: Vec::new(),
            });
        };
        if module {
            if self.zones.zone_of(unit.file).kind != ZoneKind::Server {
                return;
            }
            for (name, exporter, exported) in self.exports(unit, 0) {
                match exported {
                    Exported::Function(function) if exporter.file == unit.file => push(function, Some(&name)),
                    Exported::Value(value) if exporter.file == unit.file => {
                        if let ExprKind::Function(function) = unit.module[unit.uncast(value)].kind {
                            push(function, Some(&name));
                        }
                    }
                    _ => {}
                }
            }
            return;
        }
        for (index, function) in unit.module.functions.iter().enumerate() {
            if function.directives.iter().any(|(text, _)| &**text == "use server") {
                push(FunctionId(u32::try_from(index).unwrap_or(u32::MAX)), None);
            }
        }
    }

    /// `export default { fetch(request, env) {} }`.
    fn workers(&self, unit: &'w Unit, routes: &mut Vec<Route>) {
        for (name, exporter, exported) in self.exports(unit, 0) {
            let Exported::Value(value) = exported else { continue };
            if &*name != "default" {
                continue;
            }
            for origin in self.values.properties(Self::site(exporter, value), &["fetch".into()]) {
                let OriginKind::Property(fetch) = origin.kind else { continue };
                let Some(unit) = self.workspace.unit(fetch.file) else { continue };
                let mut handlers = Vec::new();
                let mut before = Vec::new();
                self.route_handlers(unit, fetch.expr, &mut handlers, &mut before, 0);
                if !handlers.is_empty() {
                    let paths = self.compared_paths(&handlers);
                    routes.push(Route {
                        handlers,
                        at: unit.at(unit.module[fetch.expr].span),
                        what: format!("the worker `{}`", self.workspace.path(unit.file)),
                        method: None,
                        paths,
                        kind: RouteKind::Served,
                        before,
                    });
                }
            }
        }
    }

    fn called(&self, unit: &'w Unit, names: &EndpointNames, routes: &mut Vec<Route>) {
        for node in unit.parents.nodes() {
            let Node::Expr(call) = *node else { continue };
            let ExprKind::Call { args, .. } = &unit.module[call].kind else { continue };
            let callee = compact(unit.callee_text(call));
            if let Some(serve) = names.serve.iter().find(|serve| serve.calls.iter().any(|known| is_or_ends(&callee, known))) {
                let mut handlers = Vec::new();
                let mut before = Vec::new();
                for arg in args {
                    self.route_handlers(unit, arg.expr, &mut handlers, &mut before, 0);
                }
                if handlers.is_empty() {
                    continue;
                }
                let path = self.workspace.path(unit.file);
                let supabase = path.split_once("supabase/functions/").and_then(|(_, rest)| rest.split('/').next()).map(str::to_owned);
                let what =
                    supabase.as_ref().map_or_else(|| format!("the {} `{path}`", serve.what), |name| format!("the edge function `{name}`"));
                let export = Self::export_of_call(unit, call).filter(|_| serve.named);
                let paths = match (&supabase, &export) {
                    (Some(name), _) => {
                        vec![RoutePath::Name(name.as_str().into()), RoutePath::Url(UrlPattern::parse(&format!("/functions/v1/{name}")))]
                    }
                    (None, Some(name)) => self.firebase_paths(name),
                    (None, None) => self.compared_paths(&handlers),
                };
                let kind = supabase.map_or(RouteKind::Served, RouteKind::Supabase);
                routes.push(Route { handlers, at: unit.at(unit.module[call].span), what, method: None, paths, kind, before });
                continue;
            }
            routes.extend(self.registration(unit, call, names).or_else(|| self.procedure(unit, call, names)));
        }
    }
}

/// A callee without white space, `?` and `!`.
pub(crate) fn compact(callee: String) -> String {
    if callee.contains(|character: char| character.is_whitespace() || matches!(character, '?' | '!')) {
        callee.chars().filter(|character| !character.is_whitespace() && !matches!(character, '?' | '!')).collect()
    } else {
        callee
    }
}

fn is_or_ends(name: &str, known: &str) -> bool {
    name.strip_suffix(known)
        .is_some_and(|rest| rest.is_empty() || (known.contains('.') && rest.ends_with('.')) || rest.ends_with("functions."))
}

/// The constant path of a literal argument.
pub(crate) fn literal_path(unit: &Unit, expr: ExprId) -> Option<&str> {
    match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Literal(Literal::String(text)) if text.starts_with(['/', '*']) => Some(text),
        _ => None,
    }
}
