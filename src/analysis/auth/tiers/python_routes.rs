//! Routes of Python's frameworks: functions under a decorator (Flask, `FastAPI` and their like), methods of view classes, and what tables of
//! URLs name (Django), with the prefixes of the routers and included tables around them.
//!
//! What runs before a route is collected on the way, because it stands in the same places: other decorators, dependencies of parameters and
//! routers, hooks, permissions of views. What it is worth, `python_guards` judges.

use super::patterns::{Method, RoutePath, UrlPattern};
use super::python_guards::PythonGuard;
use super::routes::{Route, RouteKind, named};
use crate::analysis::auth::Builder;
use crate::analysis::auth::control::last;
use crate::analysis::unit::Unit;
use crate::analysis::values::{ClassSite, FunctionSite, OriginKind, Site};
use crate::catalog::endpoints::{EndpointNames, PythonNames};
use crate::hir::{Class, ClassMemberKind, Element, ExprId, ExprKind, FunctionId, Literal, PropertyKey};
use crate::project::Resolved;
use crate::source::{FileId, Location};

/// How many routers or tables may be nested.
const NESTING: u8 = 5;
/// Under how many prefixes one router is looked at.
const PREFIXES: usize = 6;
/// How many tables of URLs are read.
const TABLES: usize = 64;

/// What a decorator is called, without its arguments.
pub(super) fn decorator_name(unit: &Unit, decorator: ExprId) -> String {
    match &unit.module[decorator].kind {
        ExprKind::Call { .. } => unit.callee_text(decorator),
        _ => unit.source.slice(unit.module[decorator].span).to_owned(),
    }
}

/// Whether a decorator registers a function: `@app.post("/x")`, `@bp.route("/x")`, `@api_view(["POST"])`.
fn registers(unit: &Unit, decorator: ExprId, names: &PythonNames) -> bool {
    let ExprKind::Call { args, .. } = &unit.module[decorator].kind else { return false };
    let name = decorator_name(unit, decorator);
    let with_path = || {
        let path = args.first().map(|first| &unit.module[first.expr].kind);
        matches!(path, Some(ExprKind::Literal(Literal::String(path))) if path.is_empty() || path.starts_with(['/', '<']))
            || unit.keyword(args, "path").is_some()
            || !matches!(path, Some(ExprKind::Literal(_)) | None)
    };
    name.contains('.') && names.verbs.iter().chain(&names.routes).any(|known| known == last(&name)) && with_path() || name == "api_view"
}

/// Whether a framework calls a function of Python with what the caller sent.
pub(crate) fn is_python_handler(names: &EndpointNames, unit: &Unit, function: FunctionId) -> bool {
    let names = &names.python;
    let declared = unit.module[function].decorators.as_slice();
    if declared.iter().any(|decorator| registers(unit, *decorator, names) || serves(unit, *decorator, names)) {
        return true;
    }
    unit.module.classes.iter().any(|class| {
        class.members.iter().any(|member| {
            matches!(member.kind, ClassMemberKind::Method(method) if method == function)
                && (member.decorators.iter().any(|decorator| registers(unit, *decorator, names))
                    || is_view(unit, class, names)
                        && member.key.as_ref().and_then(PropertyKey::name).is_some_and(|name| view_method(name).is_some()))
        })
    })
}

fn serves(unit: &Unit, decorator: ExprId, names: &PythonNames) -> bool {
    let name = decorator_name(unit, decorator);
    names.serve.contains(&name)
}

fn is_view(unit: &Unit, class: &Class, names: &PythonNames) -> bool {
    bases(unit, class).any(|base| names.views.iter().any(|known| known == base))
}

/// The base classes by the last part of their names.
fn bases<'u>(unit: &'u Unit, class: &Class) -> impl Iterator<Item = &'u str> {
    let text = class.super_class.map_or("", |base| unit.source.slice(unit.module[base].span));
    text.trim_matches(['(', ')']).split(',').map(|base| last(base.trim()))
}

/// The method that a method of a view answers.
fn view_method(name: &str) -> Option<Method> {
    match name {
        "list" | "retrieve" => Some(Method::Get),
        "create" => Some(Method::Post),
        _ => Method::parse(name).filter(|_| name.bytes().all(|byte| byte.is_ascii_lowercase())),
    }
}

/// A path as Flask, `FastAPI` and Django spell it: `<int:id>`, `{id}`, `^x/(?P<id>\d+)/$`.
pub(super) fn python_path(path: &str) -> UrlPattern {
    let path = path.trim_start_matches('^').trim_end_matches('$');
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find(['<', '(']) {
        let (before, after) = rest.split_at(open);
        plain.push_str(before);
        let close = if after.starts_with('(') { closing(after) } else { after.find('>') };
        let Some(close) = close else { break };
        let inside = after.get(1..close).unwrap_or("");
        if inside.starts_with("path:") {
            plain.push('*');
        } else {
            let name = inside.strip_prefix("?P<").and_then(|named| named.split('>').next());
            let name = name.unwrap_or_else(|| inside.rsplit(':').next().unwrap_or(inside));
            plain.push(':');
            plain.extend(name.chars().filter(|character| character.is_alphanumeric() || *character == '_'));
        }
        rest = after.get(close + 1..).unwrap_or("");
    }
    plain.push_str(rest);
    // `{file:path}` takes the rest of the URL.
    let segments: Vec<&str> = plain.split('/').map(|segment| if segment.ends_with(":path}") { "*" } else { segment }).collect();
    UrlPattern::parse(&segments.join("/"))
}

fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    text.bytes().position(|byte| {
        depth = match byte {
            b'(' => depth + 1,
            b')' => depth.saturating_sub(1),
            _ => depth,
        };
        depth == 0
    })
}

/// A view in a table of URLs.
#[derive(Debug, Clone, Copy)]
enum View {
    Function(FunctionSite),
    Class(ClassSite),
}

/// An entry of a table of URLs.
#[derive(Debug)]
pub(crate) struct UrlEntry {
    paths: Vec<UrlPattern>,
    view: View,
    at: Location,
    /// What the call around the view is: `login_required(view)`.
    before: Vec<PythonGuard>,
}

impl<'w> Builder<'w> {
    /// The routes of a Python file.
    pub(super) fn python_routes(&self, unit: &'w Unit, names: &PythonNames) -> Vec<Route> {
        let mut routes = Vec::new();
        for (index, function) in unit.module.functions.iter().enumerate() {
            let id = FunctionId(u32::try_from(index).unwrap_or(u32::MAX));
            if !function.decorators.is_empty() {
                self.decorated_function(unit, id, &function.decorators, &[], names, &mut routes);
            }
            Self::entry(unit, id, names, &mut routes);
        }
        for (index, class) in unit.module.classes.iter().enumerate() {
            let id = crate::hir::ClassId(u32::try_from(index).unwrap_or(u32::MAX));
            let around = self.class_guards(unit, class);
            for member in &class.members {
                if let ClassMemberKind::Method(method) = member.kind {
                    self.decorated_function(unit, method, &member.decorators, &around, names, &mut routes);
                }
            }
            let tabled = self.tabled(unit, View::Class(ClassSite { file: unit.file, class: id }));
            if !tabled.is_empty() || is_view(unit, class, names) {
                self.view_routes(unit, class, &around, &tabled, &mut routes);
            }
        }
        for entry in self.url_entries() {
            let View::Function(handler) = entry.view else { continue };
            if handler.file != unit.file {
                continue;
            }
            let mut before = entry.before.clone();
            let decorators = &unit.module[handler.function].decorators;
            before.extend(decorators.iter().flat_map(|decorator| self.guards_of_decorator(unit, *decorator)));
            let known = routes.iter_mut().find(|route| route.handlers.contains(&handler));
            let paths: Vec<RoutePath> = entry.paths.iter().cloned().map(RoutePath::Url).collect();
            match known {
                // `@api_view` says the method, the table the path.
                Some(route) => {
                    route.paths = paths;
                    route.what = named(route.method, &route.paths, || route.what.clone());
                    if let RouteKind::Python { before: known } = &mut route.kind {
                        known.extend(entry.before.clone());
                    }
                }
                None => routes.push(python_route(handler, entry.at, None, paths, before, "the view")),
            }
        }
        routes
    }

    fn decorated_function(
        &self,
        unit: &'w Unit,
        function: FunctionId,
        decorators: &[ExprId],
        around: &[PythonGuard],
        names: &PythonNames,
        routes: &mut Vec<Route>,
    ) {
        let handler = FunctionSite { file: unit.file, function };
        let others: Vec<PythonGuard> = decorators
            .iter()
            .filter(|decorator| !registers(unit, **decorator, names))
            .flat_map(|decorator| self.guards_of_decorator(unit, *decorator))
            .chain(around.iter().cloned())
            .chain(self.dependencies(unit, function))
            .collect();
        for decorator in decorators {
            let at = unit.at(unit.module[*decorator].span);
            if serves(unit, *decorator, names) {
                routes.push(python_route(handler, at, None, vec![RoutePath::Unknown], others.clone(), "the function"));
                continue;
            }
            if !registers(unit, *decorator, names) {
                continue;
            }
            let ExprKind::Call { args, .. } = &unit.module[*decorator].kind else { continue };
            let mut before = others.clone();
            before.extend(self.listed_dependencies(unit, args));
            let name = decorator_name(unit, *decorator);
            let method = Method::parse(last(&name)).or_else(|| self.said_method(unit, args, &name));
            let own = self.python_text(unit, unit.argument_named(*decorator, 0, "path").filter(|_| name != "api_view"));
            let paths: Vec<RoutePath> = match unit.call_receiver(*decorator) {
                Some(receiver) => {
                    let prefixes = self.python_prefixes(unit, receiver, names, 0, &mut before);
                    prefixes.iter().map(|prefix| RoutePath::Url(prefix.join(&own))).collect()
                }
                None => vec![RoutePath::Unknown],
            };
            routes.push(python_route(handler, at, method, paths, before, "the route"));
        }
    }

    /// Functions that a platform calls by their name.
    fn entry(unit: &Unit, function: FunctionId, names: &PythonNames, routes: &mut Vec<Route>) {
        let declared = &unit.module[function];
        let Some(name) = declared.name.map(|name| &unit.module[name].name) else { return };
        let given = |index| unit.param_name(declared, index).map(AsRef::as_ref);
        if names.entries.iter().any(|known| known == &**name) && given(0) == Some("event") && given(1) == Some("context") {
            let handler = FunctionSite { file: unit.file, function };
            let at = unit.at(declared.span);
            routes.push(python_route(handler, at, None, vec![RoutePath::Unknown], Vec::new(), "the function"));
        }
    }

    /// The methods of a view class.
    fn view_routes(&self, unit: &'w Unit, class: &Class, around: &[PythonGuard], tabled: &[&UrlEntry], routes: &mut Vec<Route>) {
        let mut paths: Vec<RoutePath> = tabled.iter().flat_map(|entry| entry.paths.iter().cloned()).map(RoutePath::Url).collect();
        if paths.is_empty() {
            paths = self.resource_paths(unit, class);
        }
        for member in &class.members {
            let (ClassMemberKind::Method(function), Some(name)) = (&member.kind, member.key.as_ref().and_then(PropertyKey::name)) else {
                continue;
            };
            let Some(method) = view_method(name) else { continue };
            let mut before = around.to_vec();
            before.extend(tabled.iter().flat_map(|entry| entry.before.clone()));
            before.extend(member.decorators.iter().flat_map(|decorator| self.guards_of_decorator(unit, *decorator)));
            let handler = FunctionSite { file: unit.file, function: *function };
            let paths = if paths.is_empty() { vec![RoutePath::Unknown] } else { paths.clone() };
            routes.push(python_route(handler, unit.at(member.span), Some(method), paths, before, "the view"));
        }
    }

    /// `api.add_resource(Token, "/token")`, `app.add_url_rule("/token", view_func=Token.as_view("token"))`.
    fn resource_paths(&self, unit: &'w Unit, class: &Class) -> Vec<RoutePath> {
        let Some(name) = class.name.map(|name| unit.module[name].name.clone()) else { return Vec::new() };
        let mut paths = Vec::new();
        for around in std::iter::once(unit).chain(self.workspace.importing_units(unit.file)) {
            let calls = around.usage.method_calls("add_resource").iter().chain(around.usage.method_calls("add_url_rule"));
            for call in calls {
                let ExprKind::Call { args, .. } = &around.module[*call].kind else { continue };
                if !around.source.slice(around.module[*call].span).contains(&*name) {
                    continue;
                }
                paths.extend(args.iter().filter_map(|arg| match &around.module[arg.expr].kind {
                    ExprKind::Literal(Literal::String(path)) if path.starts_with('/') => Some(RoutePath::Url(python_path(path))),
                    _ => None,
                }));
            }
        }
        paths
    }

    /// The method that a `methods` argument names, GET where there is none; none for several.
    fn said_method(&self, unit: &Unit, args: &[Element], name: &str) -> Option<Method> {
        let list = unit.keyword(args, "methods").or_else(|| args.first().filter(|_| name == "api_view").map(|first| first.expr));
        let Some(list) = list else { return Some(Method::Get) };
        let ExprKind::Array(elements) = &unit.module[list].kind else { return None };
        let mut methods = elements.iter().filter_map(|element| self.values.constant_string(Self::site(unit, element.expr)));
        let methods: Vec<Method> =
            methods.by_ref().filter_map(|method| Method::parse(&method)).filter(|method| *method != Method::Options).collect();
        if let [method] = methods.as_slice() { Some(*method) } else { None }
    }

    /// A path argument, with what is only known at run time open.
    fn python_text(&self, unit: &Unit, argument: Option<ExprId>) -> UrlPattern {
        let Some(argument) = argument else { return UrlPattern::default() };
        if let Some(path) = self.values.constant_string(Self::site(unit, argument)) {
            return python_path(&path);
        }
        let text = self.values.text(Self::site(unit, argument));
        text.constant().map_or_else(UrlPattern::anywhere, |path| python_path(&path))
    }

    /// The prefixes of a router, and what its maker, its mounts and its hooks run before every route.
    fn python_prefixes(
        &self,
        unit: &'w Unit,
        router: ExprId,
        names: &PythonNames,
        depth: u8,
        before: &mut Vec<PythonGuard>,
    ) -> Vec<UrlPattern> {
        let mut prefixes = Vec::new();
        for made in self.router_makers(unit, router) {
            let Some(maker) = self.workspace.unit(made.file) else { continue };
            let ExprKind::Call { args, .. } = &maker.module[made.expr].kind else { continue };
            let own = self.prefix_keyword(maker, args, names);
            before.extend(self.listed_dependencies(maker, args));
            let mut mounted = Vec::new();
            let mut around: Vec<&Unit> = vec![maker];
            around.extend(self.workspace.importing_units_deep(made.file).filter(|unit| unit.is_python() && unit.file != made.file));
            for user in around {
                before.extend(self.hooks(user, made, names));
                if depth >= NESTING {
                    continue;
                }
                for call in names.mounts.iter().flat_map(|method| user.usage.method_calls(method)) {
                    let ExprKind::Call { args, .. } = &user.module[*call].kind else { continue };
                    let Some(outer) = user.call_receiver(*call) else { continue };
                    if !args.iter().any(|arg| self.router_makers(user, arg.expr).contains(&made)) {
                        continue;
                    }
                    before.extend(self.listed_dependencies(user, args));
                    let here = match args.first().map(|first| &user.module[first.expr].kind) {
                        Some(ExprKind::Literal(Literal::String(path))) => python_path(path),
                        _ => self.prefix_keyword(user, args, names),
                    };
                    // Flask's `url_prefix` of the registration takes the place of the blueprint's own.
                    let own = if user.keyword(args, "url_prefix").is_some() { UrlPattern::default() } else { own.clone() };
                    for outer in self.python_prefixes(user, outer, names, depth + 1, before) {
                        mounted.push(outer.join(&here).join(&own));
                    }
                }
            }
            if mounted.is_empty() {
                mounted.push(own);
            }
            prefixes.extend(mounted);
        }
        if prefixes.is_empty() {
            prefixes.push(UrlPattern::anywhere());
        }
        prefixes.truncate(PREFIXES);
        prefixes.dedup();
        prefixes
    }

    fn prefix_keyword(&self, unit: &Unit, args: &[Element], names: &PythonNames) -> UrlPattern {
        self.python_text(unit, names.prefixes.iter().find_map(|name| unit.keyword(args, name)))
    }

    /// The calls that a router comes from.
    fn router_makers(&self, unit: &'w Unit, router: ExprId) -> Vec<Site> {
        if !matches!(unit.module[router].kind, ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Call { .. }) {
            return Vec::new();
        }
        let origins = self.values.origins(Self::site(unit, router), &[]);
        origins
            .iter()
            .filter(|origin| origin.path.is_empty() && !origin.derived)
            .filter_map(|origin| match origin.kind {
                OriginKind::Call(site) | OriginKind::New(site) | OriginKind::Instance(_, site) => Some(site),
                _ => None,
            })
            .collect()
    }

    /// Functions that run before each request of a router, and middleware classes that it is given.
    fn hooks(&self, unit: &'w Unit, router: Site, names: &PythonNames) -> Vec<PythonGuard> {
        let mut found = Vec::new();
        for (index, function) in unit.module.functions.iter().enumerate() {
            let id = FunctionId(u32::try_from(index).unwrap_or(u32::MAX));
            for decorator in &function.decorators {
                let hook = decorator_name(unit, *decorator);
                let callee = unit.call_callee(*decorator).unwrap_or(*decorator);
                let ExprKind::Member { object, .. } = unit.module[callee].kind else { continue };
                if names.hooks.iter().any(|known| known == last(&hook)) && self.router_makers(unit, object).contains(&router) {
                    found.push(PythonGuard::Function(FunctionSite { file: unit.file, function: id }));
                }
            }
        }
        for call in unit.usage.method_calls("add_middleware").iter().chain(unit.usage.method_calls("before_request")) {
            let (ExprKind::Call { args, .. }, Some(owner)) = (&unit.module[*call].kind, unit.call_receiver(*call)) else { continue };
            if let Some(first) = args.first()
                && self.router_makers(unit, owner).contains(&router)
            {
                found.extend(self.guards_of_value(unit, first.expr));
            }
        }
        found
    }

    /// The entries of all tables of URLs.
    fn url_entries(&self) -> &[UrlEntry] {
        self.memo.python_urls.get_or_init(|| {
            let project = &self.workspace.project;
            let tables: Vec<FileId> = project
                .iter()
                .filter(|(_, file)| file.path.ends_with("/urls.py") || &*file.path == "urls.py")
                .map(|(file, _)| file)
                .take(TABLES)
                .collect();
            let mut entries = Vec::new();
            for unit in tables.iter().filter_map(|file| self.workspace.unit(*file)) {
                let prefixes = self.table_prefixes(&tables, unit.file, 0);
                for (path, call, view) in table_calls(unit) {
                    let own = self.python_text(unit, Some(path));
                    let paths: Vec<UrlPattern> = prefixes.iter().map(|prefix| prefix.join(&own)).collect();
                    let mut before = Vec::new();
                    for view in self.views(unit, view, &mut before, 0) {
                        let at = unit.at(unit.module[call].span);
                        entries.push(UrlEntry { paths: paths.clone(), view, at, before: before.clone() });
                    }
                }
            }
            entries.into_boxed_slice()
        })
    }

    fn tabled(&self, unit: &Unit, view: View) -> Vec<&UrlEntry> {
        let View::Class(class) = view else { return Vec::new() };
        debug_assert_eq!(class.file, unit.file, "a class is asked for with its own file");
        self.url_entries().iter().filter(|entry| matches!(entry.view, View::Class(known) if known == class)).collect()
    }

    /// The views that an argument of a table names: a function, `View.as_view()`, `login_required(view)`.
    fn views(&self, unit: &'w Unit, value: ExprId, before: &mut Vec<PythonGuard>, depth: u8) -> Vec<View> {
        if let ExprKind::Call { args, .. } = &unit.module[value].kind {
            if let (Some("as_view"), Some(class)) = (unit.called_method(value).map(AsRef::as_ref), unit.call_receiver(value)) {
                return self.views(unit, class, before, depth + 1);
            }
            if depth < 4 {
                before.extend(self.guards_of_decorator(unit, value));
                return args.iter().flat_map(|arg| self.views(unit, arg.expr, before, depth + 1)).collect();
            }
            return Vec::new();
        }
        let origins = self.values.origins(Self::site(unit, value), &[]);
        origins
            .iter()
            .filter_map(|origin| match origin.kind {
                OriginKind::Function(function) => Some(View::Function(function)),
                OriginKind::Class(class) => Some(View::Class(class)),
                _ => None,
            })
            .collect()
    }

    /// What stands before the paths of a table: where others include it.
    fn table_prefixes(&self, tables: &[FileId], table: FileId, depth: u8) -> Vec<UrlPattern> {
        let mut prefixes = Vec::new();
        if depth < NESTING {
            for unit in tables.iter().filter(|other| **other != table).filter_map(|file| self.workspace.unit(*file)) {
                for (path, _, view) in table_calls(unit) {
                    let ExprKind::Call { args, .. } = &unit.module[view].kind else { continue };
                    if last(&unit.callee_text(view)) != "include" || !args.iter().any(|arg| self.includes(unit, arg.expr, table)) {
                        continue;
                    }
                    let own = self.python_text(unit, Some(path));
                    prefixes.extend(self.table_prefixes(tables, unit.file, depth + 1).iter().map(|outer| outer.join(&own)));
                }
            }
        }
        if prefixes.is_empty() {
            prefixes.push(UrlPattern::default());
        }
        prefixes.truncate(PREFIXES);
        prefixes
    }

    /// `include("app.urls")`, `include(("app.urls", "app"))`.
    fn includes(&self, unit: &Unit, argument: ExprId, table: FileId) -> bool {
        match &unit.module[argument].kind {
            ExprKind::Literal(Literal::String(module)) => {
                matches!(self.workspace.resolve(unit.file, module), Resolved::File(file) if file == table)
            }
            ExprKind::Array(elements) => elements.first().is_some_and(|first| self.includes(unit, first.expr, table)),
            _ => false,
        }
    }
}

/// The calls of a table of URLs: path, call and view.
fn table_calls(unit: &Unit) -> impl Iterator<Item = (ExprId, ExprId, ExprId)> {
    unit.parents.nodes().iter().filter_map(|node| {
        let crate::hir::visit::Node::Expr(call) = *node else { return None };
        let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { return None };
        let ExprKind::Ident(name) = &unit.module[*callee].kind else { return None };
        let (Some(path), Some(view)) = (args.first(), args.get(1)) else { return None };
        matches!(&**name, "path" | "re_path" | "url").then_some((path.expr, call, view.expr))
    })
}

fn python_route(
    handler: FunctionSite,
    at: Location,
    method: Option<Method>,
    paths: Vec<RoutePath>,
    before: Vec<PythonGuard>,
    word: &str,
) -> Route {
    let what = named(method, &paths, || format!("{word} of this file"));
    Route { handlers: vec![handler], at, what, method, paths, kind: RouteKind::Python { before }, before: Vec::new() }
}
