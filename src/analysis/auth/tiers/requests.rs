//! Requests: what a call asks for, as far as the code says it.
//!
//! Most requests name a URL, with holes where the text is not constant, below a base that a client instance was made with. Some name a
//! function of the back end instead: an edge function, a callable, a procedure, a channel between processes. What an answer's body is
//! wrapped in (`data` of axios and of the query hooks) depends on who asks, so a request says that too.

use super::paths::Asks;
use super::patterns::RoutePath;
use super::routes::RouteKind;
use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{Write, WriteKind};
use crate::analysis::values::{Frames, FunctionSite, Origin, OriginKind, Site};
use crate::hir::{ExprId, ExprKind, Imported, Name, Property};

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A URL.
    Url(Asks),
    /// A Supabase edge function, by name.
    EdgeFunction(String),
    /// A function that a platform exports under a name (Firebase callables).
    Callable(String),
    /// A procedure of a typed client (tRPC), by its path.
    Procedure(Vec<Name>),
    /// A channel between the processes of a desktop app.
    Channel(String),
}

/// What the body of an answer is wrapped in, seen from the code that asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// Nothing: `fetch`, ky, `$fetch`.
    None,
    /// `data`: axios, `functions.invoke`.
    Data,
    /// `data`, and perhaps `value` below it: hooks that hold the answer as state.
    Hook,
    /// Not known: nothing or `data`.
    Either,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The method, when it is known.
    pub(crate) method: Option<String>,
    /// For what it asks.
    pub(crate) target: Target,
    /// What the answer is wrapped in.
    pub(crate) envelope: Envelope,
}

/// What a call whose result nobody here defines does.
pub(crate) enum Remote {
    /// It asks a back end.
    Asks(Asked),
    /// It runs functions of the project and holds what they give (`useQuery({ queryFn })`).
    Runs(Vec<FunctionSite>),
}

/// Methods of typed clients that call a procedure.
const PROCEDURE_CALLS: [&str; 8] = ["query", "mutate", "useQuery", "useSuspenseQuery", "useMutation", "fetch", "ensureData", "mutateAsync"];
/// Properties of a query's options that hold the function that asks.
const ASKING_FUNCTIONS: [&str; 3] = ["queryFn", "mutationFn", "fetcher"];
/// Options of client instances that hold the base URL.
const BASES: [&str; 5] = ["baseURL", "baseUrl", "prefixUrl", "prefix", "basePath"];
/// What a hook that holds an answer as state is called.
const HOOKS: [&str; 6] = ["useFetch", "useLazyFetch", "useSWR", "useSWRImmutable", "useSWRMutation", "useAsyncData"];

impl Envelope {
    /// The paths below the body that a path below the call's result can mean, the likeliest first.
    pub(crate) fn below_body(self, path: &[Name]) -> Vec<Vec<Name>> {
        let head = |index: usize| path.get(index).map(AsRef::as_ref);
        let rest = |from: usize| path.get(from..).unwrap_or(&[]).to_vec();
        let wrapped = matches!(head(0), Some("data" | "_data" | "body"));
        let is_ref = wrapped && head(1) == Some("value");
        match self {
            Self::None => vec![path.to_vec()],
            Self::Data if wrapped => vec![rest(1), path.to_vec()],
            Self::Hook if is_ref => vec![rest(2)],
            Self::Hook if wrapped => vec![rest(1)],
            Self::Either if is_ref => vec![path.to_vec(), rest(1), rest(2)],
            Self::Either if wrapped => vec![path.to_vec(), rest(1)],
            Self::Data | Self::Hook | Self::Either => vec![path.to_vec()],
        }
    }
}

impl Asked {
    /// The request in a step of a flow.
    pub(crate) fn told(&self) -> String {
        match &self.target {
            Target::Url(_) => format!("asks `{}`", self.spelling()),
            Target::EdgeFunction(name) => format!("asks the edge function `{name}`"),
            Target::Callable(name) => format!("asks the function `{name}`"),
            Target::Procedure(path) => format!("asks the procedure `{}`", dotted(path)),
            Target::Channel(name) => format!("asks on the channel `{name}`"),
        }
    }

    /// How messages call the request: its method and URL as far as they are known, holes as `…`.
    pub(crate) fn spelling(&self) -> String {
        match &self.target {
            Target::Url(asks) => match &self.method {
                Some(method) => format!("{method} {}", asks.spelling()),
                None => asks.spelling(),
            },
            Target::EdgeFunction(name) => format!("the edge function {name}"),
            Target::Callable(name) => format!("the function {name}"),
            Target::Procedure(path) => format!("the procedure {}", dotted(path)),
            Target::Channel(name) => format!("the channel {name}"),
        }
    }
}

impl Builder<'_> {
    /// What the call behind an origin asks for, in the calls that the origin was found in.
    pub(crate) fn remote(&self, origin: &Origin) -> Option<Remote> {
        let (OriginKind::Response(site) | OriginKind::Call(site)) = origin.kind else { return None };
        self.remote_call(site, &origin.frames, 0)
    }

    /// What a call asks for.
    pub(crate) fn asked(&self, site: Site) -> Option<Asked> {
        match self.remote_call(site, &None, 0)? {
            Remote::Asks(asked) => Some(asked),
            Remote::Runs(_) => None,
        }
    }

    fn remote_call(&self, site: Site, frames: &Frames, depth: u8) -> Option<Remote> {
        let unit = self.workspace.unit(site.file)?;
        let ExprKind::Call { callee, args, .. } = &unit.module[site.expr].kind else { return None };
        let arg = |index: usize| args.get(index).filter(|arg| !arg.spread).map(|arg| Self::site(unit, arg.expr));
        let text = super::routes::compact(unit.source.slice(unit.module[*callee].span).to_owned());
        let constant = |site: Option<Site>| site.and_then(|site| self.values.text_in(site, frames).constant());
        let asks = |target, envelope| Some(Remote::Asks(Asked { method: None, target, envelope }));
        if text.ends_with("functions.invoke") {
            return asks(Target::EdgeFunction(constant(arg(0))?), Envelope::Data);
        }
        if text.ends_with("ipcRenderer.invoke") {
            return asks(Target::Channel(constant(arg(0))?), Envelope::None);
        }
        if unit.is_command_call(*callee, &text) {
            return asks(Target::Callable(constant(arg(0))?), Envelope::None);
        }
        let last = text.rsplit('.').next().unwrap_or(&text);
        let last = last.split('<').next().unwrap_or(last);
        // `useQuery({ queryKey, queryFn })`, `useAsyncData("token", () => $fetch("/api/token"))`.
        let functions = self.asking_functions(unit, args.iter().map(|arg| arg.expr));
        if !functions.is_empty() {
            return Some(Remote::Runs(functions));
        }
        if let Some(asked) = self.default_query(unit, last, args.first().map(|arg| arg.expr), frames) {
            return Some(Remote::Asks(asked));
        }
        if let Some(made) = self.made_by(unit, *callee, last).filter(|made| depth < 3 && *made != site) {
            let maker = self.workspace.unit(made.file)?;
            let ExprKind::Call { args, .. } = &maker.module[made.expr].kind else { return None };
            if maker.callee_text(made.expr).ends_with("httpsCallable") {
                let name = args.get(1).map(|arg| Self::site(maker, arg.expr)).and_then(|name| self.values.constant_string(name))?;
                return asks(Target::Callable(name.to_string()), Envelope::Data);
            }
            if let Some(path) = args.first().and_then(|first| generated_name(maker, first.expr)) {
                return asks(Target::Procedure(path), Envelope::None);
            }
            if matches!(last, "mutateAsync" | "mutate" | "refetch" | "fetchQuery")
                && let Some(remote) = self.remote_call(made, frames, depth + 1)
            {
                return Some(match remote {
                    Remote::Asks(asked) => Remote::Asks(Asked { envelope: Envelope::None, ..asked }),
                    runs @ Remote::Runs(_) => runs,
                });
            }
        }
        if let Some(handlers) = self.imported_procedure(unit, *callee).or_else(|| self.bridged(unit, *callee)) {
            return Some(Remote::Runs(handlers));
        }
        // Convex names the function by a member of its generated module: `useQuery(api.voice.line)`, `client.action(api.voice.mint)`.
        if let Some(path) = args.first().and_then(|first| generated_name(unit, first.expr)) {
            return asks(Target::Procedure(path), Envelope::None);
        }
        if let Some(path) = procedure(unit, *callee) {
            let envelope = if last.starts_with("use") { Envelope::Hook } else { Envelope::None };
            return asks(Target::Procedure(path), envelope);
        }
        self.url_request(unit, site, &text, last, frames).map(Remote::Asks)
    }

    /// The handlers of an action that another module exports and a builder made: it is called like a function.
    fn imported_procedure(&self, unit: &Unit, callee: ExprId) -> Option<Vec<FunctionSite>> {
        let symbol = unit.scopes.symbol_of_expr(unit.uncast(callee))?;
        let file = self.workspace.imported_file(unit, symbol)?;
        let [Write { kind: WriteKind::Import { import, name }, .. }] = unit.usage.writes(symbol) else { return None };
        let Imported::Named(export) = &unit.module.imports.get(*import)?.names.get(*name)?.imported else { return None };
        let routes = self.routes_of_file(file);
        let route = routes.iter().find(|route| {
            route.kind == RouteKind::Procedure && route.paths.iter().any(|path| matches!(path, RoutePath::Name(name) if name == export))
        })?;
        Some(route.handlers.clone())
    }

    /// `useQuery({ queryKey: ["/api/config"] })` with no function of its own: the default one of the query client asks for the key, which only is
    /// an address where it is written like one.
    fn default_query(&self, unit: &Unit, hook: &str, options: Option<ExprId>, frames: &Frames) -> Option<Asked> {
        if !matches!(hook, "useQuery" | "useSuspenseQuery") {
            return None;
        }
        let key = self.values.property_value(Self::site(unit, options?), "queryKey")?;
        let holder = self.workspace.unit(key.file)?;
        let ExprKind::Array(parts) = &holder.module[holder.uncast(key.expr)].kind else { return None };
        let texts: Vec<String> = parts
            .iter()
            .map(|part| self.values.text_in(Site { file: key.file, expr: part.expr }, frames).pattern().trim_end_matches('/').to_owned())
            .collect();
        if !texts.first().is_some_and(|first| first.starts_with('/') && first.len() > 1) {
            return None;
        }
        let asks = Asks::parse(&texts.join("/"))?;
        Some(Asked { method: Some("GET".to_owned()), target: Target::Url(asks), envelope: Envelope::Hook })
    }

    /// The functions that a preload script of Electron puts into the page under a name: `window.phone.credentials()`.
    fn bridged(&self, unit: &Unit, callee: ExprId) -> Option<Vec<FunctionSite>> {
        let mut path: Vec<Name> = Vec::new();
        let mut inner = unit.uncast(callee);
        while let ExprKind::Member { object, property, .. } = &unit.module[inner].kind {
            path.insert(0, property.clone());
            inner = unit.uncast(*object);
        }
        let ExprKind::Ident(root) = &unit.module[inner].kind else { return None };
        if path.is_empty() || unit.scopes.symbol_of_expr(inner).is_some() {
            return None;
        }
        if !matches!(&**root, "window" | "globalThis" | "self") {
            path.insert(0, root.clone());
        }
        let (name, below) = path.split_first()?;
        let mut functions = Vec::new();
        for (_, value) in self.exposed().iter().filter(|(known, _)| known == name) {
            if below.is_empty() {
                functions.extend(self.functions(*value));
            }
            for property in self.values.properties(*value, below) {
                let OriginKind::Property(site) = property.kind else { continue };
                functions.extend(self.functions(site));
            }
        }
        (!functions.is_empty()).then_some(functions)
    }

    /// What preload scripts put into pages, with its name there. They are few, and each imports the framework.
    fn exposed(&self) -> &[(Name, Site)] {
        self.memo.exposed.get_or_init(|| {
            let project = &self.workspace.project;
            let scripts = project.iter().filter(|(file, entry)| {
                entry.kind.is_script() && project.specifiers(*file).any(|name| matches!(name, "electron" | "electron/renderer"))
            });
            let mut exposed = Vec::new();
            for unit in scripts.filter_map(|(file, _)| self.workspace.unit(file)) {
                for call in unit.usage.method_calls("exposeInMainWorld") {
                    let ExprKind::Call { args, .. } = &unit.module[*call].kind else { continue };
                    let [name, value] = args.as_slice() else { continue };
                    if let Some(name) = self.values.constant_string(Self::site(unit, name.expr)) {
                        exposed.push((name, Self::site(unit, value.expr)));
                    }
                }
            }
            exposed
        })
    }

    /// The functions of the project that a hook is given to ask with.
    fn asking_functions(&self, unit: &Unit, args: impl Iterator<Item = ExprId>) -> Vec<FunctionSite> {
        let mut functions = Vec::new();
        for arg in args {
            if !matches!(unit.module[unit.uncast(arg)].kind, ExprKind::Object(_)) {
                continue;
            }
            for name in ASKING_FUNCTIONS {
                if let Some(value) = self.values.property_value(Self::site(unit, arg), name) {
                    functions.extend(self.functions(value));
                }
            }
        }
        functions
    }

    /// The call that made what is called, or the object whose method is called: `httpsCallable(…)`, `useMutation(…)`.
    fn made_by(&self, unit: &Unit, callee: ExprId, last: &str) -> Option<Site> {
        let callee = unit.uncast(callee);
        let (asked, path): (ExprId, Vec<Name>) = match &unit.module[callee].kind {
            ExprKind::Ident(name) if matches!(&**name, "fetch" | "axios" | "$fetch" | "ky") => return None,
            ExprKind::Ident(_) => (callee, Vec::new()),
            ExprKind::Member { object, .. } if matches!(last, "mutateAsync" | "mutate" | "refetch" | "fetchQuery") => (*object, Vec::new()),
            _ => return None,
        };
        self.values.origins(Self::site(unit, asked), &path).iter().find_map(|origin| match origin.kind {
            OriginKind::Call(made) if !origin.derived => Some(made),
            _ => None,
        })
    }

    fn url_request(&self, unit: &Unit, site: Site, callee: &str, last: &str, frames: &Frames) -> Option<Asked> {
        let ExprKind::Call { args, .. } = &unit.module[site.expr].kind else { return None };
        let first = args.first().filter(|arg| !arg.spread).map(|arg| unit.uncast(arg.expr))?;
        let hook = HOOKS.contains(&last);
        let mut url = Self::site(unit, first);
        let mut options = args.get(1).map(|arg| Self::site(unit, arg.expr));
        match &unit.module[first].kind {
            // `axios({ url, method })`, `$.ajax({ url })`.
            ExprKind::Object(_) => {
                options = Some(url);
                url = self.values.property_value(url, "url")?;
            }
            // A key of several parts: `useSWR(["/api/token", id], …)`.
            ExprKind::Array(elements) => url = Self::site(unit, elements.first()?.expr),
            ExprKind::Function(function) => {
                let function = FunctionSite { file: unit.file, function: *function };
                match unit.usage.returns(function.function) {
                    [only] => url = Self::site(unit, *only),
                    _ => return None,
                }
            }
            _ => {}
        }
        let maker = self.instance(unit, site);
        let mut text = self.values.text_in(url, frames).pattern();
        // A second argument that is a function asks by itself (`useAsyncData("token", () => $fetch(…))`), the first is only a key.
        if hook && !text.contains('/') {
            return None;
        }
        let base = self.base_of(options, frames).or_else(|| maker.and_then(|maker| self.base_of_instance(maker, frames)));
        if let Some(base) = &base
            && !text.contains("://")
        {
            text = format!("{}/{}", base.trim_end_matches('/'), text.trim_start_matches('/'));
        }
        let mut asks = Asks::parse(&text)?;
        let instance_text = maker.and_then(|maker| Some(self.workspace.unit(maker.file)?.callee_text(maker.expr)));
        let axios = |text: &str| text.contains("axios");
        // A base may have been set where nobody sees it: `axios.defaults.baseURL`.
        let is_axios = axios(callee) || instance_text.as_deref().is_some_and(axios);
        asks.open |= base.is_none() && (is_axios || maker.is_some());
        let envelope = if hook {
            Envelope::Hook
        } else if is_axios {
            Envelope::Data
        } else if matches!(last, "fetch" | "$fetch" | "ofetch")
            || callee.starts_with("ky")
            || instance_text.is_some_and(|text| text.starts_with("ky") || text.contains("fetch"))
        {
            Envelope::None
        } else {
            Envelope::Either
        };
        let method = self.method_asked(last, options, hook, frames);
        let target = match asks.edge_function() {
            Some(name) => Target::EdgeFunction(name),
            None => Target::Url(asks),
        };
        Some(Asked { method, target, envelope })
    }

    /// The call that made the client instance whose method or which itself is called.
    fn instance(&self, unit: &Unit, site: Site) -> Option<Site> {
        let callee = unit.call_callee(site.expr)?;
        let root = unit.call_receiver(site.expr).unwrap_or(callee);
        self.values.origins(Self::site(unit, root), &[]).iter().find_map(|origin| match origin.kind {
            OriginKind::Call(made) if self.values.call_plays(made, crate::catalog::apis::ApiRole::RequestFactory) => Some(made),
            _ => None,
        })
    }

    fn base_of(&self, options: Option<Site>, frames: &Frames) -> Option<String> {
        let options = options?;
        BASES.iter().find_map(|name| {
            let value = self.values.property_value(options, name)?;
            let text = self.values.text_in(value, frames).pattern();
            (!text.is_empty()).then_some(text)
        })
    }

    fn base_of_instance(&self, maker: Site, frames: &Frames) -> Option<String> {
        let unit = self.workspace.unit(maker.file)?;
        let ExprKind::Call { args, .. } = &unit.module[maker.expr].kind else { return None };
        let options = args.first().map(|arg| Self::site(unit, arg.expr))?;
        self.base_of(Some(options), frames)
    }

    /// The method: the verb that is called, or what the options say; without options a fetch is a GET.
    fn method_asked(&self, last: &str, options: Option<Site>, hook: bool, frames: &Frames) -> Option<String> {
        let verb = last.to_ascii_uppercase();
        if matches!(verb.as_str(), "GET" | "POST" | "PUT" | "PATCH" | "DELETE") {
            return Some(verb);
        }
        if last == "getJSON" {
            return Some("GET".to_owned());
        }
        let Some(options) = options else {
            return (!hook || last.ends_with("etch")).then(|| "GET".to_owned());
        };
        let (options, outer) = self.values.bound_in(options, frames).unwrap_or((options, frames.clone()));
        let unit = self.workspace.unit(options.file)?;
        for name in ["method", "type"] {
            if let Some(value) = self.values.property_value(options, name) {
                return self.values.text_in(value, &outer).constant().map(|method| method.to_ascii_uppercase());
            }
        }
        match &unit.module[unit.uncast(options.expr)].kind {
            ExprKind::Object(properties) => {
                let mut spreads = properties.iter().filter_map(|property| match property {
                    Property::Spread(value) => Some(Self::site(unit, *value)),
                    _ => None,
                });
                match spreads.next() {
                    None => (!hook).then(|| "GET".to_owned()),
                    Some(spread) => {
                        let (spread, outer) = self.values.bound_in(spread, &outer)?;
                        let value = self.values.property_value(spread, "method")?;
                        self.values.text_in(value, &outer).constant().map(|method| method.to_ascii_uppercase())
                    }
                }
            }
            ExprKind::Ident(_) => {
                let methods = self.values.properties(options, &["method".into()]);
                let mut known = methods.iter().filter_map(|origin| match origin.kind {
                    OriginKind::Property(value) => self.values.constant_string(value),
                    _ => None,
                });
                match (known.next(), known.next()) {
                    (Some(method), None) => Some(method.to_ascii_uppercase()),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl Unit {
    /// Whether a call asks a command of the program that a page runs in: `invoke` of Tauri.
    fn is_command_call(&self, callee: ExprId, text: &str) -> bool {
        let text = text.split('<').next().unwrap_or(text);
        if text.ends_with("__TAURI__.invoke") || text.ends_with("__TAURI__.core.invoke") || text.ends_with("__TAURI__.tauri.invoke") {
            return true;
        }
        let root = match &self.module[self.uncast(callee)].kind {
            ExprKind::Member { object, .. } => self.uncast(*object),
            _ => self.uncast(callee),
        };
        text.rsplit('.').next() == Some("invoke")
            && self.scopes.symbol_of_expr(root).is_some_and(|symbol| {
                self.usage.writes(symbol).iter().any(|write| match write.kind {
                    WriteKind::Import { import, .. } => {
                        self.module.imports.get(import).is_some_and(|import| import.specifier.starts_with("@tauri-apps/api"))
                    }
                    _ => false,
                })
            })
    }
}

fn dotted(path: &[Name]) -> String {
    path.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(".")
}

/// The path of a procedure that a typed client calls: `trpc.phone.token.useQuery()` is `phone.token`.
fn procedure(unit: &Unit, callee: ExprId) -> Option<Vec<Name>> {
    let ExprKind::Member { object, property, .. } = &unit.module[unit.uncast(callee)].kind else { return None };
    if !PROCEDURE_CALLS.contains(&&**property) {
        return None;
    }
    let mut path: Vec<Name> = Vec::new();
    let mut inner = unit.uncast(*object);
    loop {
        match &unit.module[inner].kind {
            ExprKind::Member { object, property, .. } => {
                path.insert(0, property.clone());
                inner = unit.uncast(*object);
            }
            ExprKind::Ident(_) => break,
            // `useTRPC().phone.token.query()`, `trpc.useUtils().client.phone…`
            ExprKind::Call { .. } => break,
            _ => return None,
        }
    }
    path.retain(|name| !matches!(&**name, "client" | "api" | "trpc"));
    // One name below the client is a router's own procedure, but also any other object's method (`cache.items.fetch()`).
    (!path.is_empty() && path.len() <= 5).then_some(path)
}

/// The path below `api` (or `internal`) that an argument names.
fn generated_name(unit: &Unit, argument: ExprId) -> Option<Vec<Name>> {
    let mut path: Vec<Name> = Vec::new();
    let mut inner = unit.uncast(argument);
    while let ExprKind::Member { object, property, .. } = &unit.module[inner].kind {
        path.insert(0, property.clone());
        inner = unit.uncast(*object);
    }
    let ExprKind::Ident(root) = &unit.module[inner].kind else { return None };
    let imported = unit.scopes.symbol_of_expr(inner).is_some_and(|symbol| {
        unit.usage.writes(symbol).iter().any(|write| match write.kind {
            WriteKind::Import { import, .. } => {
                unit.module.imports.get(import).is_some_and(|import| import.specifier.contains("_generated/"))
            }
            _ => false,
        })
    });
    (matches!(&**root, "api" | "internal") && imported && path.len() > 1).then_some(path)
}
