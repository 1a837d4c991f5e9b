//! Routes: the functions of a file that a caller from outside the machine starts.
//!
//! Three ways make one: a file that a framework serves by convention (its exports), a call that serves or registers a function
//! (`Deno.serve(f)`, `app.post("/x", guard, f)`), and a server action. What is called what stands in `rules/models/endpoints.toml`.

use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberObject, WriteKind};
use crate::analysis::values::{FunctionSite, OriginKind, Site};
use crate::catalog::endpoints::{Convention, EndpointNames, PathStyle};
use crate::finding::ZoneKind;
use crate::hir::visit::Node;
use crate::hir::{ClassMemberKind, ExportKind, ExprId, ExprKind, FunctionId, Imported, Literal, Name, Property, PropertyKey};
use crate::project::Resolved;
use crate::source::Location;

/// How a route comes to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RouteKind {
    /// A file of a framework.
    Convention,
    /// A route of Next: a middleware file may stand before it.
    Next,
    /// A Supabase edge function, by the name of its folder.
    Supabase(String),
    /// Registered on a router: the receiver.
    Registered(Site),
    /// A server action.
    Action,
    /// Served by a call.
    Served,
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
    /// Its path, when known.
    pub(crate) path: Option<String>,
    /// How it is served.
    pub(crate) kind: RouteKind,
    /// Expressions that run before it: middleware arguments, calls that wrap the handler, decorators.
    pub(crate) before: Vec<Site>,
}

/// A value that a module exports.
#[derive(Debug, Clone, Copy)]
enum Exported {
    Function(FunctionId),
    Value(ExprId),
}

impl<'w> Builder<'w> {
    /// The routes of a file.
    pub(crate) fn routes_in(&self, unit: &'w Unit, names: &EndpointNames) -> Vec<Route> {
        let mut routes = Vec::new();
        if !matches!(self.zones.zone_of(unit.file).kind, ZoneKind::Server | ZoneKind::Both | ZoneKind::Unknown) {
            // An action that a client module holds is still an action; nothing else there is served.
            self.actions(unit, &mut routes);
            return routes;
        }
        self.conventional(unit, names, &mut routes);
        if routes.is_empty() {
            self.actions(unit, &mut routes);
        }
        self.workers(unit, &mut routes);
        self.called(unit, names, &mut routes);
        Self::decorated(unit, names, &mut routes);
        routes
    }

    /// The routes of the project: of the files that frameworks serve, and of those that the analysis looks at anyway.
    pub(crate) fn every_route(&self) -> Vec<Route> {
        let Ok(names) = crate::catalog::endpoints::endpoints() else { return Vec::new() };
        let served = |path: &str| names.conventions.iter().any(|convention| convention.is_about(path));
        let mut files: Vec<_> = self.workspace.anchored().to_vec();
        files.extend(self.workspace.project.iter().filter(|(_, file)| file.kind.has_code() && served(&file.path)).map(|(id, _)| id));
        files.sort_unstable();
        files.dedup();
        files.into_iter().filter_map(|file| self.workspace.unit(file)).flat_map(|unit| self.routes_in(unit, names)).collect()
    }

    fn conventional(&self, unit: &'w Unit, names: &EndpointNames, routes: &mut Vec<Route>) {
        let path = self.workspace.path(unit.file);
        for convention in names.conventions.iter().filter(|convention| convention.is_about(path)) {
            for (name, exporter, exported) in self.exports(unit, 0) {
                if !convention.exports.iter().any(|known| *known == *name) {
                    continue;
                }
                let kind = if matches!(convention.style, PathStyle::NextApp | PathStyle::NextPages) {
                    RouteKind::Next
                } else {
                    RouteKind::Convention
                };
                let method = matches!(&*name, "GET" | "POST" | "PUT" | "PATCH" | "DELETE").then(|| name.to_string());
                let url = self.url_of(unit, convention);
                let what = match (&method, &url) {
                    (Some(method), Some(url)) => format!("`{method} {url}`"),
                    (None, Some(url)) => format!("`{url}`"),
                    _ => format!("the {} `{path}`", convention.what),
                };
                let mut before = Vec::new();
                let mut handlers = Vec::new();
                let at = match exported {
                    Exported::Function(function) => {
                        handlers.push(FunctionSite { file: exporter.file, function });
                        exporter.at(exporter.module[function].span)
                    }
                    Exported::Value(value) => {
                        self.route_handlers(exporter, value, &mut handlers, &mut before, 0);
                        exporter.at(exporter.module[value].span)
                    }
                };
                if !handlers.is_empty() {
                    routes.push(Route { handlers, at, what, path: url, kind, before });
                }
            }
            if !routes.is_empty() {
                return;
            }
        }
    }

    /// What a module exports, re-exports of other files of the project included.
    fn exports(&self, unit: &'w Unit, depth: u8) -> Vec<(Name, &'w Unit, Exported)> {
        let mut found = Vec::new();
        for export in unit.module.exports.iter().filter(|export| !export.type_only) {
            match &export.kind {
                ExportKind::Binding { name, binding } => {
                    let Some(symbol) = unit.scopes.symbol_of_binding(*binding) else { continue };
                    found.extend(unit.usage.writes(symbol).iter().filter_map(|write| match write.kind {
                        WriteKind::Function(function) => Some((name.clone(), unit, Exported::Function(function))),
                        WriteKind::Declared { init: Some(init) } if write.path.is_empty() => {
                            Some((name.clone(), unit, Exported::Value(init)))
                        }
                        _ => None,
                    }));
                }
                ExportKind::Expr { name, expr } => found.push((name.clone(), unit, Exported::Value(*expr))),
                ExportKind::From { name, imported, specifier, .. } if depth < 2 => {
                    let Resolved::File(target) = self.workspace.resolve(unit.file, specifier) else { continue };
                    let Some(target) = self.workspace.unit(target) else { continue };
                    let wanted = match imported {
                        Imported::Named(name) => name.clone(),
                        Imported::Default => "default".into(),
                        Imported::Namespace => continue,
                    };
                    found.extend(
                        self.exports(target, depth + 1)
                            .into_iter()
                            .filter(|(known, ..)| *known == wanted)
                            .map(|(_, unit, value)| (name.clone(), unit, value)),
                    );
                }
                _ => {}
            }
        }
        for write in unit.usage.member_writes() {
            let (MemberObject::Global(object), Some(value)) = (&write.object, write.kind.value()) else { continue };
            let keys: Vec<&str> = write.keys.iter().map(|key| if let MemberKey::Name(name) = key { &**name } else { "" }).collect();
            match (&**object, keys.as_slice()) {
                ("module", ["exports"]) => found.push(("module.exports".into(), unit, Exported::Value(value))),
                ("module", ["exports", name]) | ("exports", [name]) => found.push((Name::from(*name), unit, Exported::Value(value))),
                _ => {}
            }
        }
        found
    }

    /// The functions behind a handler expression, and the calls that wrap them.
    fn route_handlers(&self, unit: &'w Unit, value: ExprId, handlers: &mut Vec<FunctionSite>, before: &mut Vec<Site>, depth: u8) {
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
                path: None,
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
                    routes.push(Route {
                        handlers,
                        at: unit.at(unit.module[fetch.expr].span),
                        what: format!("the worker `{}`", self.workspace.path(unit.file)),
                        path: None,
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
                let kind = supabase.map_or(RouteKind::Served, RouteKind::Supabase);
                routes.push(Route { handlers, at: unit.at(unit.module[call].span), what, path: None, kind, before });
                continue;
            }
            routes.extend(self.registration(unit, call, names));
        }
    }

    /// `app.post("/x", guard, handler)`, `router.route("/x").post(handler)`, `fastify.route({ … })`.
    fn registration(&self, unit: &'w Unit, call: ExprId, names: &EndpointNames) -> Option<Route> {
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
            let method = property("method").and_then(|site| self.values.constant_string(site)).map(|method| method.to_string());
            return Self::registered(unit, call, receiver, method.as_deref(), path.to_string(), handlers, before);
        }
        if !names.router.verbs.iter().any(|known| **known == **verb) {
            return None;
        }
        let (path, rest, receiver) = match args.first().and_then(|first| self.values.constant_string(Self::site(unit, first.expr))) {
            Some(path) if path.is_empty() || path.starts_with(['/', '*', ':']) => (path.to_string(), args.get(1..)?, receiver),
            Some(_) => return None,
            None => {
                // The path was given to `.route("/x")` before.
                let ExprKind::Call { args: outer, .. } = &unit.module[unit.uncast(receiver)].kind else { return None };
                if unit.called_method(receiver).is_none_or(|method| &**method != "route") {
                    return None;
                }
                let path = self.values.constant_string(Self::site(unit, outer.first()?.expr))?;
                (path.to_string(), args.as_slice(), unit.call_receiver(receiver)?)
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
        let method = if &**verb == "all" { None } else { Some(verb.to_ascii_uppercase()) };
        Self::registered(unit, call, receiver, method.as_deref(), path, handlers, before)
    }

    #[allow(clippy::too_many_arguments)]
    fn registered(
        unit: &Unit,
        call: ExprId,
        receiver: ExprId,
        method: Option<&str>,
        path: String,
        handlers: Vec<FunctionSite>,
        before: Vec<Site>,
    ) -> Option<Route> {
        if handlers.is_empty() {
            return None;
        }
        let what = format!("`{} {path}`", method.unwrap_or("ALL"));
        Some(Route {
            handlers,
            at: unit.at(unit.module[call].span),
            what,
            path: Some(path),
            kind: RouteKind::Registered(Self::site(unit, receiver)),
            before,
        })
    }

    /// Methods of controllers.
    fn decorated(unit: &'w Unit, names: &EndpointNames, routes: &mut Vec<Route>) {
        let is = |expr: &ExprId, known: &[String]| {
            let text = match &unit.module[*expr].kind {
                ExprKind::Call { callee, .. } => unit.source.slice(unit.module[*callee].span),
                _ => unit.source.slice(unit.module[*expr].span),
            };
            known.iter().any(|name| name == text)
        };
        for class in &unit.module.classes {
            if !class.decorators.iter().any(|decorator| is(decorator, &names.decorators.controllers)) {
                continue;
            }
            for member in &class.members {
                let ClassMemberKind::Method(function) = member.kind else { continue };
                if !member.decorators.iter().any(|decorator| is(decorator, &names.decorators.verbs)) {
                    continue;
                }
                let before = class
                    .decorators
                    .iter()
                    .chain(&member.decorators)
                    .filter(|decorator| is(decorator, &names.decorators.guards))
                    .map(|decorator| Self::site(unit, *decorator));
                routes.push(Route {
                    handlers: vec![FunctionSite { file: unit.file, function }],
                    at: unit.at(member.span),
                    what: format!("the controller method `{}`", member.key.as_ref().and_then(PropertyKey::name).unwrap_or("?")),
                    path: None,
                    kind: RouteKind::Convention,
                    before: before.collect(),
                });
            }
        }
    }

    /// The URL path of a served file.
    fn url_of(&self, unit: &Unit, convention: &Convention) -> Option<String> {
        let path = self.workspace.path(unit.file);
        let folder = self.workspace.project.package_of(unit.file).map_or("", |package| &package.folder);
        let inside = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
        let root = match convention.style {
            PathStyle::NextApp => "app",
            PathStyle::NextPages => "pages",
            PathStyle::Folders | PathStyle::Files => convention.root.as_deref()?,
            PathStyle::None => return None,
        };
        let mut segments: Vec<&str> = inside.split('/').skip_while(|segment| *segment != root).collect();
        if segments.is_empty() {
            return None;
        }
        let keeps_root = root == "api";
        if !keeps_root {
            segments.remove(0);
        }
        let file = segments.pop()?;
        let mut url = String::new();
        for segment in segments {
            let nameless = segment.starts_with(['(', '@']) || (root == "server" && segment == "routes");
            if !nameless {
                url.push('/');
                url.push_str(segment);
            }
        }
        if matches!(convention.style, PathStyle::NextPages | PathStyle::Files) {
            let name = file.split('.').next().unwrap_or(file);
            if name != "index" {
                url.push('/');
                url.push_str(name);
            }
        }
        if url.is_empty() {
            url.push('/');
        }
        Some(url)
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
