//! Routes of Rust's frameworks: functions under an attribute (actix, Rocket), handlers that a router is given (axum, actix), and commands that
//! the front end of a desktop app calls by name (Tauri).
//!
//! A router is built by calls one upon another, kept under names, given back by functions and put into other routers. From the call that
//! registers a handler the way goes outwards through all of that; what stands on it puts a prefix before the path, or a check before the
//! handler. A way that ends before a server was seen counts as served: frameworks take routers in many ways.

use super::patterns::{Method, RoutePath, UrlPattern};
use super::routes::{Route, RouteKind, named};
use super::rust_guards::RustGuard;
use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::rust::literal_text;
use crate::analysis::values::{FunctionSite, Site, Values};
use crate::catalog::endpoints::RustNames;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, FunctionId, Property, PropertyKey, StmtKind};

/// How many steps a way out of routers may have.
const NESTING: u8 = 8;
/// Under how many prefixes one route is looked at.
const PREFIXES: usize = 6;
/// How many calls one chain may have.
const CHAIN: usize = 400;

/// Where a router is put.
#[derive(Debug, Clone, Default)]
struct Mount {
    prefix: UrlPattern,
    guards: Vec<RustGuard>,
}

/// A path as axum, actix and Rocket spell it: `/:id`, `/{id}`, `/<id>`, `/{tail:.*}`, `/<path..>`, `/*rest`.
pub(super) fn rust_path(path: &str) -> UrlPattern {
    let path = path.split('?').next().unwrap_or(path);
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| {
            let inside = |open: char, close: char| segment.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
            match (inside('<', '>'), inside('{', '}')) {
                (Some(name), _) if name.ends_with("..") => "*".to_owned(),
                (Some(name), _) => format!(":{name}"),
                (_, Some(name)) if name.starts_with('*') || name.contains(".*") => "*".to_owned(),
                (_, Some(name)) => format!(":{}", name.split(':').next().unwrap_or(name)),
                _ => segment.to_owned(),
            }
        })
        .collect();
    UrlPattern::parse(&segments.join("/"))
}

/// The last part of what a call calls, by dots and by colons.
pub(super) fn last_called(unit: &Unit, call: ExprId) -> String {
    let text = unit.call_callee(call).map(|callee| unit.source.slice(unit.module[callee].span)).unwrap_or_default();
    let last = text.rsplit(['.', ':']).next().unwrap_or(text);
    last.split('<').next().unwrap_or(last).trim().to_owned()
}

fn args_of(unit: &Unit, call: ExprId) -> &[Element] {
    match &unit.module[call].kind {
        ExprKind::Call { args, .. } | ExprKind::New { args, .. } => args,
        _ => &[],
    }
}

/// The call or value that a chain of methods begins with.
fn root_of(unit: &Unit, expr: ExprId) -> ExprId {
    let mut at = unit.uncast(expr);
    for _ in 0..CHAIN {
        let inner = match &unit.module[at].kind {
            ExprKind::Await(inner) => *inner,
            ExprKind::Call { callee, .. } => match &unit.module[*callee].kind {
                ExprKind::Member { object, property_span, .. } if !unit.is_path_member(*object, *property_span) => *object,
                _ => break,
            },
            _ => break,
        };
        at = unit.uncast(inner);
    }
    at
}

impl<'w> Builder<'w> {
    /// The routes of a Rust file.
    pub(super) fn rust_routes(&self, unit: &'w Unit, names: &RustNames) -> Vec<Route> {
        let mut routes = Vec::new();
        for (index, function) in unit.module.functions.iter().enumerate() {
            let id = FunctionId(u32::try_from(index).unwrap_or(u32::MAX));
            for decorator in &function.decorators {
                self.attributed(unit, id, *decorator, names, &mut routes);
            }
        }
        for node in unit.parents.nodes() {
            let Node::Expr(call) = *node else { continue };
            if !matches!(unit.module[call].kind, ExprKind::Call { .. }) {
                continue;
            }
            match unit.called_method(call).map(AsRef::as_ref) {
                Some("route") => self.router_call(unit, call, names, &mut routes),
                // `web::resource("/x").to(handler)`
                Some("to") if last_called(unit, root_of(unit, call)) == "resource" => {
                    let root = root_of(unit, call);
                    let path = self.path_argument(unit, args_of(unit, root).first());
                    if let Some(handler) = args_of(unit, call).first() {
                        self.router_routes(unit, root, call, None, &path, handler.expr, names, &mut routes);
                    }
                }
                _ => {}
            }
        }
        routes
    }

    /// `#[get("/x")]`, `#[tauri::command]`.
    fn attributed(&self, unit: &'w Unit, function: FunctionId, decorator: ExprId, names: &RustNames, routes: &mut Vec<Route>) {
        let handler = FunctionSite { file: unit.file, function };
        let span = unit.module[decorator].span;
        let text = unit.source.slice(span);
        let name = text.split('(').next().unwrap_or(text).trim();
        if name == "command" || name.ends_with("tauri::command") {
            let Some(own) = unit.module[function].name.map(|name| unit.module[name].name.clone()) else { return };
            let what = format!("the command `{own}`");
            let paths = vec![RoutePath::Name(own)];
            routes.push(Route {
                handlers: vec![handler],
                at: unit.at(unit.module[function].span),
                what,
                method: None,
                paths,
                kind: RouteKind::Command,
                before: Vec::new(),
            });
            return;
        }
        let last = name.rsplit("::").next().unwrap_or(name);
        let verb = names.verbs.iter().any(|known| known == last);
        let args = args_of(unit, decorator);
        if !verb && last != "route" {
            return;
        }
        let Some(path) = args.first().and_then(|first| literal_text(unit, first.expr)) else { return };
        let said = args.last().and_then(|options| named_text(unit, options.expr, "method"));
        let method = if verb { Method::parse(last) } else { said.and_then(|method| Method::parse(&method)) };
        let own = rust_path(&path);
        let extractors = self.extractors(unit, function);
        // What `wrap = "…"` puts before it.
        let wrapped = args.last().and_then(|options| named_text(unit, options.expr, "wrap"));
        let mounts = self.mounts_of_function(unit, handler, names);
        let mounts = if mounts.is_empty() { vec![Mount { prefix: UrlPattern::anywhere(), guards: Vec::new() }] } else { mounts };
        let at = unit.at(span);
        let paths: Vec<RoutePath> = mounts.iter().map(|mount| RoutePath::Url(mount.prefix.join(&own))).collect();
        let mut before = extractors;
        before.extend(wrapped.map(|name| RustGuard::Named(name.to_string())));
        // Of several mounts the least guarded counts.
        before.extend(mounts.into_iter().min_by_key(|mount| mount.guards.len()).map(|mount| mount.guards).unwrap_or_default());
        routes.push(rust_route(handler, at, method, paths, before));
    }

    /// `.route("/x", get(handler).post(other))`, `.route("/x", web::post().to(handler))`, `resource.route(web::get().to(handler))`.
    fn router_call(&self, unit: &'w Unit, call: ExprId, names: &RustNames, routes: &mut Vec<Route>) {
        let args = args_of(unit, call);
        let (path, value) = match args {
            [path, value, ..] => (self.path_argument(unit, Some(path)), value.expr),
            [value] => {
                let root = root_of(unit, call);
                if last_called(unit, root) != "resource" {
                    return;
                }
                (self.path_argument(unit, args_of(unit, root).first()), value.expr)
            }
            [] => return,
        };
        // Each call of the chain that the handlers are given to.
        let mut at = unit.uncast(Values::declared_value(unit, value));
        let mut guards = Vec::new();
        let mut handlers: Vec<(Option<Method>, ExprId)> = Vec::new();
        let mut verb: Option<Method> = None;
        for _ in 0..CHAIN {
            let ExprKind::Call { callee, args, .. } = &unit.module[at].kind else { break };
            let last = last_called(unit, at);
            let said = names.verbs.contains(&last).then(|| Method::parse(&last)).flatten();
            if names.layers.contains(&last) {
                guards.extend(args.iter().flat_map(|arg| self.rust_guard(unit, arg.expr)));
            } else if said.is_some() || names.any.contains(&last) {
                match args.last() {
                    Some(handler) => handlers.push((said, handler.expr)),
                    // `web::post()` says the method of what comes after it.
                    None => verb = said,
                }
            }
            let ExprKind::Member { object, property_span, .. } = &unit.module[*callee].kind else { break };
            if unit.is_path_member(*object, *property_span) {
                break;
            }
            at = unit.uncast(*object);
        }
        for (method, handler) in handlers {
            let known = routes.len();
            self.router_routes(unit, call, call, method.or(verb), &path, handler, names, routes);
            for route in routes.iter_mut().skip(known) {
                if let RouteKind::Rust { before } = &mut route.kind {
                    before.extend(guards.iter().cloned());
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one registration")]
    fn router_routes(
        &self,
        unit: &'w Unit,
        from: ExprId,
        at: ExprId,
        method: Option<Method>,
        path: &UrlPattern,
        handler: ExprId,
        names: &RustNames,
        routes: &mut Vec<Route>,
    ) {
        let handlers = match unit.module[unit.uncast(handler)].kind {
            ExprKind::Function(function) => vec![FunctionSite { file: unit.file, function }],
            _ => self.functions(Self::site(unit, handler)),
        };
        let mut mounts = Vec::new();
        self.outwards(unit, from, names, 0, Mount::default(), &mut mounts);
        mounts.truncate(PREFIXES);
        for handler in handlers {
            let Some(owner) = self.workspace.unit(handler.file) else { continue };
            let extractors = self.extractors(owner, handler.function);
            for mount in &mounts {
                let paths = vec![RoutePath::Url(mount.prefix.join(path))];
                let before = extractors.iter().chain(&mount.guards).cloned().collect();
                routes.push(rust_route(handler, unit.at(unit.module[at].span), method, paths, before));
            }
        }
    }

    /// Follows a router from a call in its chain to where it is served.
    fn outwards(&self, unit: &'w Unit, from: ExprId, names: &RustNames, depth: u8, mount: Mount, found: &mut Vec<Mount>) {
        if depth > NESTING || found.len() >= PREFIXES {
            found.push(mount);
            return;
        }
        let mut mount = mount;
        let mut whole = from;
        // What is put upon it afterwards.
        for call in unit.chained_after(from) {
            if names.layers.contains(&last_called(unit, call)) {
                let guards = args_of(unit, call).iter().flat_map(|arg| self.rust_guard(unit, arg.expr));
                mount.guards.extend(guards);
            }
            whole = call;
        }
        let root = root_of(unit, whole);
        let scope = last_called(unit, root);
        if matches!(unit.module[root].kind, ExprKind::Call { .. }) && matches!(scope.as_str(), "scope" | "resource") && from != root {
            // In actix what is put upon a scope stands before all of it, in whatever order.
            mount.guards.extend(self.layers_within(unit, from, names));
            if scope == "scope" {
                mount.prefix = self.path_argument(unit, args_of(unit, root).first()).join(&mount.prefix);
            }
        } else if matches!(unit.module[root].kind, ExprKind::Call { .. }) && unit.callee_text(root).ends_with("App::new") {
            mount.guards.extend(self.layers_within(unit, from, names));
        }
        let mut inner = Node::Expr(whole);
        while let Some(outer) = unit.parents.parent(inner) {
            match outer {
                Node::Expr(expr) => match &unit.module[expr].kind {
                    ExprKind::Cast { .. } | ExprKind::Await(_) | ExprKind::Conditional { .. } => inner = outer,
                    ExprKind::Call { args, .. } if args.iter().any(|arg| Node::Expr(arg.expr) == inner) => {
                        let last = last_called(unit, expr);
                        if names.mounts.contains(&last) {
                            if matches!(last.as_str(), "nest" | "nest_service" | "mount") {
                                mount.prefix = self.path_argument(unit, args.first()).join(&mount.prefix);
                            }
                            self.outwards(unit, expr, names, depth + 1, mount, found);
                            return;
                        }
                        break;
                    }
                    ExprKind::Assign { target, .. } => {
                        let crate::hir::PatKind::Expr(name) = unit.module[*target].kind else { break };
                        let Some(symbol) = unit.scopes.symbol_of_expr(name) else { break };
                        self.through_name(unit, symbol, name, names, depth, mount, found);
                        return;
                    }
                    _ => break,
                },
                Node::Stmt(statement) => {
                    match &unit.module[statement].kind {
                        StmtKind::Declare { .. } => {
                            if let Node::Expr(value) = inner
                                && let Some(symbol) = unit.declared_symbol(value)
                            {
                                self.through_name(unit, symbol, value, names, depth, mount, found);
                                return;
                            }
                        }
                        StmtKind::Return(_) => {
                            if let Some(function) = unit.parents.enclosing_function(outer) {
                                self.through_function(unit, function, names, depth, mount, found);
                                return;
                            }
                        }
                        StmtKind::Expr(_) => {
                            // `cfg.service(…)` of a function that the application is configured by.
                            if let Some(function) = configured(unit, root) {
                                self.through_function(unit, function, names, depth, mount, found);
                                return;
                            }
                        }
                        _ => {}
                    }
                    break;
                }
                Node::Function(function) => {
                    self.through_function(unit, function, names, depth, mount, found);
                    return;
                }
                _ => break,
            }
        }
        found.push(mount);
    }

    /// A router that is kept under a name: wherever that is read.
    #[expect(clippy::too_many_arguments, reason = "the state of the search")]
    fn through_name(
        &self,
        unit: &'w Unit,
        symbol: crate::analysis::scopes::SymbolId,
        from: ExprId,
        names: &RustNames,
        depth: u8,
        mount: Mount,
        found: &mut Vec<Mount>,
    ) {
        let after = unit.module[from].span.end;
        let before = found.len();
        for reference in
            unit.scopes.references(symbol).iter().filter(|reference| unit.module[**reference].span.start >= after || **reference == from)
        {
            if *reference != from {
                self.outwards(unit, *reference, names, depth + 1, mount.clone(), found);
            }
        }
        if found.len() == before {
            found.push(mount);
        }
    }

    /// A router that a function gives, or that a function is given to fill.
    fn through_function(&self, unit: &'w Unit, function: FunctionId, names: &RustNames, depth: u8, mount: Mount, found: &mut Vec<Mount>) {
        let before = found.len();
        // `.configure(|cfg| …)`: a function that stands as an argument.
        if let Some(Node::Expr(value)) = unit.parents.parent(Node::Function(function))
            && let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(value))
            && names.mounts.contains(&last_called(unit, call))
        {
            self.outwards(unit, call, names, depth + 1, mount, found);
            return;
        }
        let site = FunctionSite { file: unit.file, function };
        for caller in self.values.callers(site) {
            self.outwards(caller.unit, caller.expr, names, depth + 1, mount.clone(), found);
        }
        if found.len() == before {
            for (user, call) in self.calls_that_take(unit, site, "configure") {
                self.outwards(user, call, names, depth + 1, mount.clone(), found);
            }
        }
        if found.len() == before {
            found.push(mount);
        }
    }

    /// Where functions under an attribute are put: `.service(handler)` of actix, `.mount("/", routes![handler])` of Rocket.
    fn mounts_of_function(&self, unit: &'w Unit, handler: FunctionSite, names: &RustNames) -> Vec<Mount> {
        let mut found = Vec::new();
        for (user, call) in self.calls_that_take(unit, handler, "service") {
            self.outwards(user, call, names, 0, Mount::default(), &mut found);
        }
        for user in self.users_of(unit) {
            for call in user.usage.method_calls("mount") {
                let [base, routes, ..] = args_of(user, *call) else { continue };
                if self.lists(user, routes.expr, handler, 0) {
                    let prefix = self.path_argument(user, Some(base));
                    self.outwards(user, *call, names, 0, Mount { prefix, guards: Vec::new() }, &mut found);
                }
            }
        }
        found.truncate(PREFIXES);
        found
    }

    /// Whether a list of routes has a function in it: `routes![a, b]`, a function or name that gives one.
    fn lists(&self, unit: &'w Unit, value: ExprId, handler: FunctionSite, depth: u8) -> bool {
        if depth > 3 {
            return false;
        }
        let value = unit.uncast(value);
        match &unit.module[value].kind {
            ExprKind::Call { args, .. } if last_called(unit, value).ends_with('!') => {
                args.iter().any(|arg| self.functions(Self::site(unit, arg.expr)).contains(&handler))
            }
            ExprKind::Call { callee, .. } => self.functions(Self::site(unit, *callee)).into_iter().any(|function| {
                self.workspace.unit(function.file).is_some_and(|owner| {
                    owner.usage.returns(function.function).iter().any(|returned| self.lists(owner, *returned, handler, depth + 1))
                })
            }),
            ExprKind::Ident(_) => unit.scopes.symbol_of_expr(value).is_some_and(|symbol| {
                unit.usage.writes(symbol).iter().any(|write| match write.kind {
                    WriteKind::Declared { init: Some(init) } => self.lists(unit, init, handler, depth + 1),
                    _ => false,
                })
            }),
            _ => false,
        }
    }

    /// The calls of a method that take a function.
    fn calls_that_take(&self, unit: &'w Unit, function: FunctionSite, method: &str) -> Vec<(&'w Unit, ExprId)> {
        let mut found = Vec::new();
        for user in self.users_of(unit) {
            for call in user.usage.method_calls(method) {
                let takes = args_of(user, *call).iter().any(|arg| {
                    matches!(user.module[user.uncast(arg.expr)].kind, ExprKind::Ident(_) | ExprKind::Member { .. })
                        && self.functions(Self::site(user, arg.expr)).contains(&function)
                });
                if takes {
                    found.push((user, *call));
                }
            }
        }
        found
    }

    /// A file and those that import it.
    fn users_of(&self, unit: &'w Unit) -> Vec<&'w Unit> {
        let mut units = vec![unit];
        units.extend(self.workspace.importing_units_deep(unit.file).filter(|user| user.is_rust() && user.file != unit.file));
        units
    }

    /// What is put upon the chain that a call stands in, before the call.
    fn layers_within(&self, unit: &'w Unit, call: ExprId, names: &RustNames) -> Vec<RustGuard> {
        let mut guards = Vec::new();
        let mut at = call;
        for _ in 0..CHAIN {
            let Some(receiver) = unit.call_receiver(at) else { break };
            at = unit.uncast(receiver);
            if names.layers.contains(&last_called(unit, at)) {
                guards.extend(args_of(unit, at).iter().flat_map(|arg| self.rust_guard(unit, arg.expr)));
            }
        }
        guards
    }

    /// A path argument, with what is only known at run time open.
    fn path_argument(&self, unit: &Unit, argument: Option<&Element>) -> UrlPattern {
        let Some(argument) = argument else { return UrlPattern::default() };
        let site = Site { file: unit.file, expr: argument.expr };
        self.values.constant_string(site).map_or_else(UrlPattern::anywhere, |path| rust_path(&path))
    }
}

/// The function whose parameter a chain begins with.
fn configured(unit: &Unit, root: ExprId) -> Option<FunctionId> {
    let symbol = unit.scopes.symbol_of_expr(root)?;
    unit.usage.writes(symbol).iter().find_map(|write| match write.kind {
        WriteKind::Param { function, .. } => Some(function),
        _ => None,
    })
}

/// A text among the named arguments of an attribute.
fn named_text(unit: &Unit, options: ExprId, wanted: &str) -> Option<crate::hir::Name> {
    let ExprKind::Object(properties) = &unit.module[options].kind else { return None };
    properties.iter().find_map(|property| match property {
        Property::Value { key: PropertyKey::Name(name, _), value } if &**name == wanted => literal_text(unit, *value),
        _ => None,
    })
}

fn rust_route(
    handler: FunctionSite,
    at: crate::source::Location,
    method: Option<Method>,
    paths: Vec<RoutePath>,
    before: Vec<RustGuard>,
) -> Route {
    let what = named(method, &paths, || "the handler of this file".to_owned());
    Route { handlers: vec![handler], at, what, method, paths, kind: RouteKind::Rust { before }, before: Vec::new() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_every_framework_spells_them() {
        for (path, expected) in [
            ("/token/:id", "/token/[id]"),
            ("/token/{id}", "/token/[id]"),
            ("/token/<id>", "/token/[id]"),
            ("/files/<path..>", "/files/*"),
            ("/files/{tail:.*}", "/files/*"),
            ("/files/*rest", "/files/*"),
            ("/files/{*rest}", "/files/*"),
            ("/search?<q>", "/search"),
            ("", "/"),
        ] {
            assert_eq!(rust_path(path).to_string(), expected, "{path}");
        }
    }
}
