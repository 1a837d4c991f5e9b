//! Who listens to what: registrations of event handlers, tied to the clients that they belong to.
//!
//! A registration is `client.on(event, handler)` in any spelling: chained, on the class, through a helper that takes the event or the
//! handler as a parameter (then each caller of the helper is a registration), or from a map or list of handlers that a loop registers. It
//! belongs to the clients that its receiver can be; where that cannot be followed, to the clients nearby.

use std::sync::Arc;

use super::Builder;
use super::clients::FoundClient;
use crate::analysis::model::OptionRole;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{FunctionSite, Identity, OriginKind, Site};
use crate::catalog::live::LiveClient;
use crate::catalog::sdk::{Form, Sdk};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, FunctionId, Literal, Name, Property, PropertyKey, StmtKind};
use crate::source::{FileId, Location};

/// How many helpers may stand between a registration and the call that names the event.
const HELPERS: u8 = 3;

/// A registration of an event handler on a client.
#[derive(Debug)]
pub(crate) struct Listener {
    /// How the clients live that have such an event.
    pub(crate) live: Arc<LiveClient>,
    /// Where the event is named: the registering call, or the call of a helper.
    pub(crate) site: Site,
    /// The call that registers it, when it is one.
    pub(crate) call: Option<Site>,
    /// The event.
    pub(crate) event: Name,
    /// Indexes of the clients that it certainly belongs to.
    pub(crate) clients: Vec<usize>,
    /// The handler functions that are defined in the project.
    pub(crate) handlers: Vec<FunctionSite>,
    /// The handlers are called with the SDK's own event, not by a function of the project that passes on what it likes.
    pub(crate) direct: bool,
    /// The receiver as written, without `?` and `!`: what else is called on the same text is called on the client.
    pub(crate) receiver: String,
}

/// What the judgement of a refresh needs to know of every client.
#[derive(Debug)]
pub(crate) struct ClientFacts {
    /// The construction, hook call or provider.
    pub(crate) site: Site,
    /// How it lives.
    live: Arc<LiveClient>,
    /// The package folder that it belongs to.
    package: String,
    /// Where its tokens are written.
    pub(crate) tokens: Vec<Location>,
}

/// The listeners of the project.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    /// For the expiry warning.
    pub(crate) warning: Vec<Listener>,
    /// For other events of the client.
    pub(crate) other: Vec<Listener>,
    /// The clients, in the order of the indexes.
    pub(crate) clients: Vec<ClientFacts>,
}

/// The parts of a registration, before its event is known.
#[derive(Clone, Copy)]
struct Registration<'c> {
    live: &'c Arc<LiveClient>,
    named: Site,
    call: Site,
    receiver: Option<Site>,
    event: Site,
    handler: Site,
    /// The call of the helper that the handler comes from.
    helper: Option<Site>,
}

impl Listeners {
    /// The index of a client.
    pub(crate) fn index_of(&self, site: Site) -> Option<usize> {
        self.clients.iter().position(|client| client.site == site)
    }
}

impl<'w> Builder<'w> {
    /// Finds the event handlers of clients.
    pub(crate) fn listeners(&self, found: &[FoundClient]) -> Listeners {
        let clients = found
            .iter()
            .map(|client| ClientFacts {
                site: client.site,
                live: Arc::clone(&client.sdk.live),
                package: self.package_folder(client.site),
                tokens: client.options.iter().filter(|option| option.role == OptionRole::Token).map(|option| option.at).collect(),
            })
            .collect();
        let mut listeners = Listeners { clients, ..Listeners::default() };
        let mut files: Vec<FileId> = self.workspace.anchored().to_vec();
        files.extend(self.files_of_helpers());
        let lives = self.catalog.lives();
        for unit in files.into_iter().filter_map(|file| self.workspace.unit(file)) {
            for live in &lives {
                self.registered_calls(live, unit, &mut listeners);
                self.handler_tables(live, unit, &mut listeners);
            }
        }
        listeners
    }

    /// The registrations `client.on(event, handler)` of a file.
    fn registered_calls(&self, live: &'w Arc<LiveClient>, unit: &'w Unit, listeners: &mut Listeners) {
        for call in live.listen.iter().flat_map(|method| unit.usage.method_calls(method)) {
            let ExprKind::Call { args, .. } = &unit.module[*call].kind else { continue };
            let [event, handler, ..] = args.as_slice() else { continue };
            let registration = Registration {
                live,
                named: Self::site(unit, *call),
                call: Self::site(unit, *call),
                receiver: unit.call_receiver(*call).map(|receiver| Self::site(unit, receiver)),
                event: Self::site(unit, event.expr),
                handler: Self::site(unit, handler.expr),
                helper: None,
            };
            self.register(registration, HELPERS, listeners);
        }
    }

    /// The files of helpers that are given the warning's name and need not name the vendor themselves: `listen(client, "telnyx.warning", …)`.
    fn files_of_helpers(&self) -> Vec<FileId> {
        let mut files = Vec::new();
        let lives = self.catalog.lives();
        let may_name = |unit: &&Unit| lives.iter().any(|live| may_name_warning(live, unit));
        for unit in self.workspace.anchored_units().filter(may_name) {
            for node in unit.parents.nodes() {
                let Node::Expr(call) = *node else { continue };
                let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { continue };
                let listens = unit.called_method(call).is_some_and(|method| lives.iter().any(|live| live.listens(method)));
                let names_warning = args.iter().any(|arg| lives.iter().any(|live| is_warning_name(live, unit, arg.expr)));
                if names_warning && !listens {
                    files.extend(self.functions(Self::site(unit, *callee)).into_iter().map(|function| function.file));
                }
            }
        }
        files.sort_unstable();
        files.dedup();
        files.retain(|file| !self.workspace.anchored().contains(file));
        files
    }

    /// The package folder that a place belongs to.
    pub(crate) fn package_folder(&self, site: Site) -> String {
        self.workspace.project.package_of(site.file).map_or_else(String::new, |package| package.folder.to_string())
    }

    /// Takes a registration apart by the callers of the helper that it stands in, as far as its parts are the helper's parameters.
    fn register(&self, registration: Registration<'_>, helpers: u8, listeners: &mut Listeners) {
        let parts = [Some(registration.event), Some(registration.handler), registration.receiver];
        let parameter = parts.into_iter().flatten().find_map(|part| self.parameter(part));
        if let Some((function, _)) = parameter
            && let Some(helpers) = helpers.checked_sub(1)
        {
            let mut bound = false;
            for caller in self.values.callers(function) {
                let ExprKind::Call { args, .. } = &caller.unit.module[caller.expr].kind else { continue };
                let fill = |part: Site| match self.parameter(part) {
                    Some((of, index)) if of == function => {
                        args.get(index).filter(|arg| !arg.spread).map_or(part, |arg| Self::site(caller.unit, arg.expr))
                    }
                    _ => part,
                };
                let call = Self::site(caller.unit, caller.expr);
                let names_event = fill(registration.event) != registration.event;
                bound = true;
                self.register(
                    Registration {
                        live: registration.live,
                        named: if names_event { call } else { registration.named },
                        call: registration.call,
                        receiver: registration.receiver.map(fill),
                        event: fill(registration.event),
                        handler: fill(registration.handler),
                        helper: names_event.then_some(call).or(registration.helper),
                    },
                    helpers,
                    listeners,
                );
            }
            if bound {
                return;
            }
        }
        self.listener(registration, listeners);
    }

    /// The parameter that an expression merely names.
    pub(crate) fn parameter(&self, site: Site) -> Option<(FunctionSite, usize)> {
        let unit = self.workspace.unit(site.file)?;
        let symbol = unit.scopes.symbol_of_expr(unit.uncast(site.expr))?;
        match unit.usage.writes(symbol) {
            [write] if write.path.is_empty() => match write.kind {
                WriteKind::Param { function, index, rest: false } => Some((FunctionSite { file: site.file, function }, index)),
                _ => None,
            },
            _ => None,
        }
    }

    fn listener(&self, registration: Registration<'_>, listeners: &mut Listeners) {
        let Some(unit) = self.workspace.unit(registration.event.file) else { return };
        let live = registration.live;
        for name in self.event_names(live, unit, registration.event.expr) {
            let is_warning = live.is_warning(&name);
            if !is_warning && !live.other_events.iter().any(|other| **other == *name) {
                continue;
            }
            let receiver = registration.receiver.map(|receiver| self.unchained(live, receiver));
            let clients = receiver.map_or_else(Vec::new, |receiver| self.clients_of(live, receiver, listeners));
            let (handlers, direct) = self.handlers(registration);
            let listener = Listener {
                live: Arc::clone(live),
                site: registration.named,
                call: Some(registration.call),
                event: name,
                clients,
                handlers,
                direct,
                receiver: receiver.map_or_else(String::new, |receiver| self.plain_text(receiver)),
            };
            if is_warning { listeners.warning.push(listener) } else { listeners.other.push(listener) }
        }
    }

    /// The handlers of a registration, and whether the SDK calls them itself. A helper's own arrow that calls what it was given stands for
    /// what its caller gave it.
    fn handlers(&self, registration: Registration<'_>) -> (Vec<FunctionSite>, bool) {
        let own = self.functions(registration.handler);
        let Some((unit, helper)) = registration.helper.and_then(|helper| Some((self.workspace.unit(helper.file)?, helper))) else {
            return (own, true);
        };
        let ExprKind::Call { args, .. } = &unit.module[helper.expr].kind else { return (own, true) };
        let given: Vec<FunctionSite> = args.iter().flat_map(|arg| self.functions(Self::site(unit, arg.expr))).collect();
        let forwards = own.iter().any(|function| !given.contains(function));
        if forwards && !given.is_empty() { (given, false) } else { (own, true) }
    }

    /// The receiver of a chain: `client.on(…).on(…)` is called on `client`.
    fn unchained(&self, live: &LiveClient, mut receiver: Site) -> Site {
        let Some(unit) = self.workspace.unit(receiver.file) else { return receiver };
        for _ in 0..16 {
            let call = unit.uncast(receiver.expr);
            let chained = unit.called_method(call).is_some_and(|method| live.listens(method));
            match unit.call_receiver(call) {
                Some(inner) if chained => receiver.expr = inner,
                _ => break,
            }
        }
        receiver
    }

    /// An expression as written, without `?`, `!` and spaces.
    pub(crate) fn plain_text(&self, site: Site) -> String {
        let Some(unit) = self.workspace.unit(site.file) else { return String::new() };
        let text = unit.source.slice(unit.module[unit.uncast(site.expr)].span);
        text.chars().filter(|character| !matches!(character, '?' | '!' | '(' | ')') && !character.is_whitespace()).collect()
    }

    /// `{ 'telnyx.warning': handler }` and `['telnyx.warning', handler]`: handlers that some loop registers.
    fn handler_tables(&self, live: &Arc<LiveClient>, unit: &'w Unit, listeners: &mut Listeners) {
        if !may_name_warning(live, unit) {
            return;
        }
        let is_warning = |name: &Name| live.is_warning(name);
        for node in unit.parents.nodes() {
            let Node::Expr(expr) = *node else { continue };
            let entries: Vec<(Name, ExprId)> = match &unit.module[expr].kind {
                ExprKind::Object(properties) => properties
                    .iter()
                    .filter_map(|property| match property {
                        Property::Value { key: PropertyKey::Name(key, _), value } => Some(vec![(key.clone(), *value)]),
                        Property::Value { key: PropertyKey::Computed(key), value } => {
                            Some(self.event_names(live, unit, *key).into_iter().map(|name| (name, *value)).collect())
                        }
                        _ => None,
                    })
                    .flatten()
                    .collect(),
                ExprKind::Array(elements) => match elements.as_slice() {
                    [event, handler] if !event.spread && !unit.is_dependency_list(expr) => {
                        self.event_names(live, unit, event.expr).into_iter().map(|name| (name, handler.expr)).collect()
                    }
                    _ => continue,
                },
                _ => continue,
            };
            for (event, value) in entries.into_iter().filter(|(event, _)| is_warning(event)) {
                let handlers = self.functions(Self::site(unit, value));
                if !handlers.is_empty() {
                    let site = Self::site(unit, value);
                    listeners.warning.push(Listener {
                        live: Arc::clone(live),
                        site,
                        call: None,
                        event,
                        clients: Vec::new(),
                        handlers,
                        direct: true,
                        receiver: String::new(),
                    });
                }
            }
        }
    }

    /// The event names that an argument can be: a string, a constant of the SDK.
    fn event_names(&self, live: &LiveClient, unit: &Unit, event: ExprId) -> Vec<Name> {
        match &unit.module[unit.uncast(event)].kind {
            ExprKind::Literal(Literal::String(text)) => return vec![text.clone()],
            ExprKind::Literal(_) | ExprKind::Function(_) | ExprKind::Object(_) | ExprKind::Array(_) | ExprKind::Jsx(_) => {
                return Vec::new();
            }
            _ => {}
        }
        let mut names: Vec<Name> = Vec::new();
        for origin in self.values.origins(Self::site(unit, event), &[]) {
            let path = match &origin.kind {
                OriginKind::Literal(Literal::String(text)) => {
                    names.push(text.clone());
                    continue;
                }
                OriginKind::Package { path, .. } | OriginKind::Global(path) => {
                    path.iter().chain(&origin.path).map(AsRef::as_ref).collect::<Vec<&str>>().join(".")
                }
                _ => continue,
            };
            names.extend(live.event_of_constant(&path).map(Name::from));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The clients that a receiver can be, as indexes.
    fn clients_of(&self, live: &Arc<LiveClient>, receiver: Site, listeners: &Listeners) -> Vec<usize> {
        let mut clients = Vec::new();
        for origin in self.values.origins(receiver, &[]) {
            if let OriginKind::New(site) | OriginKind::Call(site) | OriginKind::Element(site) = origin.kind {
                clients.extend(listeners.index_of(site));
            }
            let of_live = |sdk: &&Arc<Sdk>| Arc::ptr_eq(&sdk.live, live);
            if identity_of(&origin.kind).is_some_and(|identity| self.catalog.sdks().filter(of_live).any(|sdk| is_class(&identity, sdk))) {
                // `TelnyxRTC.on(…)`: global listeners, for every client.
                clients.extend(0..listeners.clients.len());
            }
        }
        clients.retain(|client| listeners.clients.get(*client).is_some_and(|facts| Arc::ptr_eq(&facts.live, live)));
        clients.sort_unstable();
        clients.dedup();
        clients
    }

    /// The listeners that count for a client: tied to it, or tied to none and in the same file, package, or as near as it gets.
    pub(crate) fn listeners_of<'l>(&self, client: usize, all: &'l [Listener], listeners: &Listeners) -> Vec<&'l Listener> {
        let tied: Vec<&Listener> = all.iter().filter(|listener| listener.clients.contains(&client)).collect();
        if !tied.is_empty() {
            return tied;
        }
        let Some(facts) = listeners.clients.get(client) else { return Vec::new() };
        let loose = || all.iter().filter(|listener| listener.clients.is_empty() && Arc::ptr_eq(&listener.live, &facts.live));
        let near: Vec<&Listener> = loose().filter(|listener| listener.site.file == facts.site.file).collect();
        if !near.is_empty() {
            return near;
        }
        loose().filter(|listener| self.package_folder(listener.site) == facts.package).collect()
    }

    /// Whether a listener is taken off again in the same breath: by a call in the same function, after it, that no condition or callback
    /// holds back.
    pub(crate) fn removed_at_once(&self, listener: &Listener, listeners: &Listeners) -> Option<Location> {
        let call = listener.call?;
        let unit = self.workspace.unit(call.file)?;
        let runs_in = |expr: ExprId| unit.parents.enclosing_function(Node::Expr(expr));
        let same_place = |expr: ExprId| runs_in(expr) == runs_in(call.expr) && unit.is_unconditional(expr, runs_in(expr));
        let after = |expr: ExprId, other: ExprId| unit.module[expr].span.start > unit.module[other].span.start;
        let live = &listener.live;
        // A client that is ended after that is being cleared away as a whole.
        let ends = |removal: ExprId| {
            live.dispose
                .iter()
                .flat_map(|method| unit.usage.method_calls(method))
                .any(|end| runs_in(*end) == runs_in(removal) && after(*end, removal))
        };
        let removals = live.unlisten.iter().flat_map(|method| unit.usage.method_calls(method));
        removals.copied().filter(|removal| after(*removal, call.expr) && same_place(*removal)).find_map(|removal| {
            let ExprKind::Call { args, .. } = &unit.module[removal].kind else { return None };
            let event = args.first()?.expr;
            let same_event = self.event_names(live, unit, event).contains(&listener.event);
            let same_handler =
                args.get(1).is_none_or(|arg| self.functions(Self::site(unit, arg.expr)).iter().any(|off| listener.handlers.contains(off)));
            let receiver = Self::site(unit, unit.call_receiver(removal)?);
            let same_client = self.plain_text(receiver) == listener.receiver;
            let again = listeners.warning.iter().any(|other| {
                other.call.is_some_and(|on| on.file == call.file && runs_in(on.expr) == runs_in(removal) && after(on.expr, removal))
            });
            (same_event && same_handler && same_client && !again && !ends(removal)).then(|| unit.at(unit.module[removal].span))
        })
    }
}

impl Unit {
    /// Whether an array is the list of dependencies of a hook, which is no pair of anything.
    fn is_dependency_list(&self, array: ExprId) -> bool {
        match self.parents.parent(Node::Expr(array)) {
            Some(Node::Expr(call)) => {
                matches!(&self.module[call].kind, ExprKind::Call { args, .. } if args.get(1).is_some_and(|second| second.expr == array))
            }
            _ => false,
        }
    }

    /// Whether an expression is a statement of the function's own body (or of a `try` block in it), so that nothing decides whether it runs.
    fn is_unconditional(&self, expr: ExprId, function: Option<FunctionId>) -> bool {
        let mut inner = Node::Expr(expr);
        for outer in self.parents.ancestors(inner) {
            match outer {
                Node::Function(outer) => return Some(outer) == function,
                Node::Stmt(statement) => match self.module[statement].kind {
                    StmtKind::Expr(_) | StmtKind::Block(_) => {}
                    StmtKind::Try { block, .. } if inner == Node::Stmt(block) => {}
                    _ => return false,
                },
                Node::Expr(outer) => match self.module[outer].kind {
                    ExprKind::Await(_) | ExprKind::Unary { .. } | ExprKind::Cast { .. } => {}
                    _ => return false,
                },
                Node::Pat(_) | Node::Class(_) => return false,
            }
            inner = outer;
        }
        function.is_none()
    }
}

/// Whether a file's text names the warning's event at all.
fn may_name_warning(live: &LiveClient, unit: &Unit) -> bool {
    let constants = live.warning_constants.iter().filter_map(|constant| constant.rsplit('.').next());
    live.warning_events.iter().map(String::as_str).chain(constants).any(|event| unit.source.text.contains(event))
}

/// Whether an expression is the warning's event, by its text alone.
fn is_warning_name(live: &LiveClient, unit: &Unit, expr: ExprId) -> bool {
    match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Literal(Literal::String(text)) => live.is_warning(text),
        ExprKind::Member { .. } => {
            let text = unit.source.slice(unit.module[expr].span);
            live.warning_constants.iter().any(|constant| text.ends_with(constant.as_str()))
        }
        _ => false,
    }
}

fn identity_of(kind: &OriginKind) -> Option<Identity> {
    match kind {
        OriginKind::Package { package, path } => Some(Identity::Package { package: package.clone(), path: path.join(".") }),
        OriginKind::Global(path) => Some(Identity::Global(path.join("."))),
        _ => None,
    }
}

/// Whether something is the class of an SDK.
fn is_class(identity: &Identity, sdk: &Sdk) -> bool {
    let exported = |name: &str| sdk.client.iter().any(|client| client.form == Form::Constructor && client.export == name);
    match identity {
        Identity::Package { package, path } => sdk.packages.iter().any(|name| **name == **package) && exported(path),
        Identity::Global(path) => sdk
            .globals
            .iter()
            .any(|global| path.strip_prefix(global.as_str()).and_then(|rest| rest.strip_prefix('.')).is_some_and(exported)),
    }
}
