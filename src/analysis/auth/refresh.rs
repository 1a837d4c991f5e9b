//! Token refresh: is there a path that gets a new token to the client before the old one expires?
//!
//! A path is a listener for the expiry warning, or a timer on the expiry, from which a new token reaches the client: by the client's own
//! login call, by a new client, or by the state that feeds the client's options. What a handler does is read from the code that it can reach;
//! where it hands over to code that nobody here defines (a callback property), it gets the benefit of the doubt.

use super::Builder;
use super::clients::FoundClient;
use super::handler::{Reach, nodes_in};
use crate::analysis::model::{BrokenRefresh, LoginOption, OptionRole, Refresh, RefreshFault};
use crate::analysis::unit::Unit;
use crate::analysis::values::{FunctionSite, Identity, OriginKind, Site};
use crate::catalog::apis::ApiRole;
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, Element, ExprId, ExprKind, Literal, Name, Property, PropertyKey, StmtKind};
use crate::source::Location;

/// A registration of an event handler on a client.
#[derive(Debug)]
pub(crate) struct Listener {
    /// The registering call.
    pub(crate) site: Site,
    /// The event.
    pub(crate) event: Name,
    /// Indexes of the clients that it certainly belongs to.
    clients: Vec<usize>,
    /// The handler functions that are defined in the project.
    handlers: Vec<FunctionSite>,
}

/// The listeners of the project.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    /// For the expiry warning.
    warning: Vec<Listener>,
    /// For other events of the client.
    other: Vec<Listener>,
    /// The clients' sites, in the order of the indexes.
    sites: Vec<Site>,
    /// For each client, the package folder that it belongs to.
    packages: Vec<String>,
}

/// What one handler amounts to.
enum Verdict {
    Works,
    Broken(RefreshFault, Location),
    OtherCodes(Location),
}

impl<'w> Builder<'w> {
    /// Finds the event handlers of clients.
    pub(crate) fn listeners(&self, found: &[FoundClient]) -> Listeners {
        let mut listeners = Listeners {
            sites: found.iter().map(|client| client.site).collect(),
            packages: found.iter().map(|client| self.package_folder(client.site)).collect(),
            ..Listeners::default()
        };
        for unit in self.workspace.anchored_units() {
            for method in &self.vendor.live.listen {
                for call in unit.usage.method_calls(method) {
                    self.listener(unit, *call, &mut listeners);
                }
            }
            self.handler_maps(unit, &mut listeners);
        }
        listeners
    }

    fn package_folder(&self, site: Site) -> String {
        self.workspace.project.package_of(site.file).map_or_else(String::new, |package| package.folder.to_string())
    }

    fn listener(&self, unit: &'w Unit, call: ExprId, listeners: &mut Listeners) {
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return };
        let [event, handler, ..] = args.as_slice() else { return };
        for name in self.event_names(unit, event.expr) {
            let is_warning = self.vendor.live.warning_events.iter().any(|warning| **warning == *name);
            if !is_warning && !self.vendor.live.other_events.iter().any(|other| **other == *name) {
                continue;
            }
            let site = Self::site(unit, call);
            let clients =
                unit.call_receiver(call).map_or_else(Vec::new, |receiver| self.clients_of(Self::site(unit, receiver), &listeners.sites));
            let handlers = self.functions(Self::site(unit, handler.expr));
            let listener = Listener { site, event: name, clients, handlers };
            if is_warning { listeners.warning.push(listener) } else { listeners.other.push(listener) }
        }
    }

    /// `{ 'telnyx.warning': handler }`: a map of handlers that some loop registers.
    fn handler_maps(&self, unit: &'w Unit, listeners: &mut Listeners) {
        if !self.vendor.live.warning_events.iter().any(|event| unit.source.text.contains(event.as_str())) {
            return;
        }
        for node in unit.parents.nodes() {
            let Node::Expr(expr) = *node else { continue };
            let ExprKind::Object(properties) = &unit.module[expr].kind else { continue };
            for property in properties {
                let Property::Value { key: PropertyKey::Name(key, _), value } = property else { continue };
                if self.vendor.live.warning_events.iter().any(|event| **event == **key) {
                    let handlers = self.functions(Self::site(unit, *value));
                    if !handlers.is_empty() {
                        listeners.warning.push(Listener {
                            site: Self::site(unit, *value),
                            event: key.clone(),
                            clients: Vec::new(),
                            handlers,
                        });
                    }
                }
            }
        }
    }

    /// The event names that an argument can be: a string, a constant of the SDK, or what callers pass.
    fn event_names(&self, unit: &Unit, event: ExprId) -> Vec<Name> {
        let site = Self::site(unit, event);
        match &unit.module[unit.uncast(event)].kind {
            ExprKind::Literal(Literal::String(text)) => return vec![text.clone()],
            ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::Template { .. } => {}
            _ => return Vec::new(),
        }
        let mut names = Vec::new();
        for origin in self.values.origins(site, &[]) {
            match &origin.kind {
                OriginKind::Literal(Literal::String(text)) => names.push(text.clone()),
                OriginKind::Package { .. } | OriginKind::Global(_) => {
                    let path: String = match &origin.kind {
                        OriginKind::Package { path, .. } | OriginKind::Global(path) => path.join("."),
                        _ => String::new(),
                    };
                    if self
                        .vendor
                        .live
                        .warning_constants
                        .iter()
                        .any(|constant| path == *constant || path.ends_with(&format!(".{constant}")))
                    {
                        names.extend(self.vendor.live.warning_events.first().map(|event| Name::from(event.as_str())));
                    } else if let Some((_, member)) = path.rsplit_once("SwEvent.") {
                        names.push(Name::from(format!("telnyx.{}", member.to_ascii_lowercase())));
                    }
                }
                _ => {}
            }
        }
        names.dedup();
        names
    }

    /// The functions of the project that an expression can be.
    fn functions(&self, site: Site) -> Vec<FunctionSite> {
        let mut functions: Vec<FunctionSite> = self
            .values
            .origins(site, &[])
            .into_iter()
            .filter_map(|origin| match origin.kind {
                OriginKind::Function(function) if !origin.derived => Some(function),
                _ => None,
            })
            .collect();
        functions.dedup();
        functions
    }

    /// The clients that a receiver can be, as indexes.
    fn clients_of(&self, receiver: Site, sites: &[Site]) -> Vec<usize> {
        let mut clients = Vec::new();
        for origin in self.values.origins(receiver, &[]) {
            let made = match &origin.kind {
                OriginKind::New(site) | OriginKind::Call(site) | OriginKind::Element(site) => Some(*site),
                _ => None,
            };
            if let Some(made) = made {
                clients.extend(sites.iter().position(|site| *site == made));
            }
            if let Some(identity) = identity_of(&origin.kind)
                && self.vendor.sdk.iter().any(|sdk| is_class(&identity, sdk))
            {
                // `TelnyxRTC.on(…)`: global listeners, for every client.
                clients.extend(0..sites.len());
            }
        }
        clients.sort_unstable();
        clients.dedup();
        clients
    }

    /// The listeners that count for a client: tied to it, or tied to none and in the same file, package, or as near as it gets.
    fn listeners_of<'l>(&self, client: usize, all: &'l [Listener], listeners: &Listeners) -> Vec<&'l Listener> {
        let tied: Vec<&Listener> = all.iter().filter(|listener| listener.clients.contains(&client)).collect();
        if !tied.is_empty() {
            return tied;
        }
        let Some(site) = listeners.sites.get(client) else { return Vec::new() };
        let loose = || all.iter().filter(|listener| listener.clients.is_empty());
        let near: Vec<&Listener> = loose().filter(|listener| listener.site.file == site.file).collect();
        if !near.is_empty() {
            return near;
        }
        let package = listeners.packages.get(client);
        loose().filter(|listener| Some(&self.package_folder(listener.site)) == package).collect()
    }

    /// Judges the refresh of a token client.
    pub(crate) fn refresh_of(&self, found: &FoundClient, listeners: &Listeners) -> Refresh {
        let Some(index) = listeners.sites.iter().position(|site| *site == found.site) else { return Refresh::NotNeeded };
        let mut broken = Vec::new();
        let mut other_codes = None;
        for listener in self.listeners_of(index, &listeners.warning, listeners) {
            if listener.handlers.is_empty() {
                // The handler comes from code that cannot be seen.
                return Refresh::Works;
            }
            match self.judge(listener, found, &listeners.sites) {
                Verdict::Works => return Refresh::Works,
                Verdict::Broken(fault, at) => broken.push(BrokenRefresh { listener: self.at(listener.site), fault, at }),
                Verdict::OtherCodes(at) => other_codes = Some(at),
            }
        }
        if self.timer_refreshes(found, &listeners.sites) {
            return Refresh::Works;
        }
        let others = self.listeners_of(index, &listeners.other, listeners);
        for listener in &others {
            if let Some(at) = self.mentions_expiry(&listener.handlers) {
                broken.push(BrokenRefresh {
                    listener: self.at(listener.site),
                    fault: RefreshFault::WrongEvent(listener.event.to_string()),
                    at,
                });
            }
        }
        if !broken.is_empty() {
            return Refresh::Broken(broken);
        }
        let reacts_late = others.iter().find_map(|listener| {
            let late = matches!(&*listener.event, "telnyx.error" | "telnyx.socket.close" | "telnyx.socket.error");
            let reach = late.then(|| self.reach(&listener.handlers))?;
            self.applies_token(&reach, found, &listeners.sites).then(|| self.at(listener.site))
        });
        Refresh::Missing { other_codes, reacts_late, dead_refresh: self.dead_refresh(found) }
    }

    fn judge(&self, listener: &Listener, found: &FoundClient, sites: &[Site]) -> Verdict {
        let at = self.at(listener.site);
        let reach = self.reach(&listener.handlers);
        let tests = self.expiry_tests(&reach, &listener.handlers);
        if !tests.is_empty() && tests.iter().all(|test| test.fault.is_some()) {
            if let Some((fault, at)) = tests.into_iter().find_map(|test| Some((test.fault?, test.at))) {
                return Verdict::Broken(fault, at);
            }
            return Verdict::Works;
        }
        if self.applies_token(&reach, found, sites) || self.hands_over(&reach) {
            return Verdict::Works;
        }
        if let Some((fault, at)) = self.failed_refresh(&reach, found, sites) {
            return Verdict::Broken(fault, at);
        }
        if tests.is_empty()
            && let Some(other) = self.other_code(&reach)
        {
            return Verdict::OtherCodes(other);
        }
        if self.obtains_token(&reach) {
            return Verdict::Broken(RefreshFault::TokenDropped, at);
        }
        Verdict::Broken(RefreshFault::OnlyLogs, at)
    }

    /// Whether a new token reaches the client in this code.
    fn applies_token(&self, reach: &Reach, found: &FoundClient, sites: &[Site]) -> bool {
        for site in &reach.calls {
            if sites.contains(site) {
                return true;
            }
            let Some(unit) = self.workspace.unit(site.file) else { continue };
            if self.is_login(unit, site.expr) && self.login_fault(unit, site.expr, found).is_none() {
                return true;
            }
            if unit.callee_text(site.expr).ends_with("location.reload") {
                return true;
            }
        }
        // The state that feeds the client's token is set in this code.
        let feeds = |option: &&LoginOption| matches!(option.role, OptionRole::Token);
        let fed = found.options.iter().filter(feeds).any(|option| {
            option.sources.iter().flat_map(|source| &source.flow).chain(&option.way).any(|step| reach.contains(self, step.location))
        });
        // A client inside the reachable code itself says nothing: its own construction is the way.
        let own = reach.contains(self, self.at(found.site));
        let written = self.writes_token_option(reach, found);
        (fed && !own) || written
    }

    /// `client.options.login_token = token`.
    fn writes_token_option(&self, reach: &Reach, found: &FoundClient) -> bool {
        reach.functions.iter().any(|function| {
            self.workspace.unit(function.file).is_some_and(|unit| {
                let span = unit.module[function.function].span;
                found.sdk.token.iter().any(|token| {
                    unit.usage.writes_to_property(token).any(|write| {
                        span.contains(write.span)
                            && write
                                .keys
                                .iter()
                                .rev()
                                .nth(1)
                                .is_some_and(|key| matches!(key, crate::analysis::usage::MemberKey::Name(name) if &**name == "options"))
                    })
                })
            })
        })
    }

    /// `client.login(…)` by shape: the method's name with an object that holds credentials, or on a receiver that is a client.
    fn is_login(&self, unit: &Unit, call: ExprId) -> bool {
        unit.called_method(call).is_some_and(|method| **method == *self.vendor.live.login)
    }

    /// Why a login call does not bring a new token; none when it does.
    fn login_fault(&self, unit: &Unit, call: ExprId, found: &FoundClient) -> Option<(RefreshFault, Location)> {
        let at = unit.at(unit.module[call].span);
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return None };
        let Some(first) = args.first() else {
            return Some((RefreshFault::OldToken(format!("{}()", unit.callee_text(call))), at));
        };
        let argument = Self::site(unit, first.expr);
        let creds = Name::from(self.vendor.live.login_credentials.as_str());
        let has =
            |path: &[Name]| self.values.properties(argument, path).iter().any(|origin| matches!(origin.kind, OriginKind::Property(_)));
        let opaque =
            |path: &[Name]| self.values.properties(argument, path).iter().any(|origin| !matches!(origin.kind, OriginKind::Property(_)));
        let keyed: Vec<Vec<Name>> = found.sdk.token.iter().map(|token| vec![creds.clone(), Name::from(token.as_str())]).collect();
        for path in &keyed {
            for property in self.values.properties(argument, path) {
                if let OriginKind::Property(value) = property.kind
                    && self.is_old_token(value, found)
                {
                    return Some((RefreshFault::OldToken(unit.source.slice(unit.module[first.expr].span).chars().take(60).collect()), at));
                }
            }
        }
        if keyed.iter().any(|path| has(path)) {
            return None;
        }
        let wrong = ["token", "loginToken", "jwt", "accessToken"];
        for key in wrong {
            if has(&[creds.clone(), Name::from(key)]) {
                return Some((RefreshFault::WrongKey(format!("{}.{key}", self.vendor.live.login_credentials)), at));
            }
        }
        for token in found.sdk.token.iter().map(String::as_str).chain(wrong) {
            if has(&[Name::from(token)]) {
                return Some((RefreshFault::WrongKey(token.to_owned()), at));
            }
        }
        if keyed.iter().any(|path| opaque(path)) || has(&[creds]) {
            return None;
        }
        // `auth.login(email, password)`: some other login.
        Some((RefreshFault::OldToken(format!("{}()", unit.callee_text(call))), at)).filter(|_| false)
    }

    /// The token given at construction, from a constant or a variable that nothing in between sets.
    fn is_old_token(&self, value: Site, _found: &FoundClient) -> bool {
        let Some(unit) = self.workspace.unit(value.file) else { return false };
        let text = unit.source.slice(unit.module[value.expr].span);
        text.ends_with("options.login_token")
    }

    /// A refresh that cannot work: a method that does not exist, the old token again, a wrong key.
    fn failed_refresh(&self, reach: &Reach, found: &FoundClient, sites: &[Site]) -> Option<(RefreshFault, Location)> {
        let mut reconnects = (None, false);
        let mut fault = None;
        for site in &reach.calls {
            let Some(unit) = self.workspace.unit(site.file) else { continue };
            let Some(method) = unit.called_method(site.expr) else { continue };
            let at = unit.at(unit.module[site.expr].span);
            if self.vendor.live.missing_methods.iter().any(|missing| **missing == **method)
                && self.is_client_receiver(unit, site.expr, sites)
            {
                return Some((RefreshFault::MissingMethod(method.to_string()), at));
            }
            if self.is_login(unit, site.expr) && self.is_client_receiver(unit, site.expr, sites) {
                fault = fault.or_else(|| self.login_fault(unit, site.expr, found));
            }
            if self.vendor.live.connect.iter().any(|connect| **connect == **method) && self.is_client_receiver(unit, site.expr, sites) {
                reconnects.0 = Some(at);
            }
            reconnects.1 |= self.vendor.live.dispose.iter().any(|dispose| **dispose == **method);
        }
        fault.or_else(|| match reconnects {
            (Some(at), _) => Some((RefreshFault::OldToken("disconnect() and connect()".to_owned()), at)),
            (None, _) => None,
        })
    }

    /// Whether a method call's receiver is a client, or at least nothing else that the project defines.
    fn is_client_receiver(&self, unit: &Unit, call: ExprId, sites: &[Site]) -> bool {
        let Some(callee) = unit.call_callee(call) else { return false };
        let Some(receiver) = unit.call_receiver(call) else { return false };
        let defined =
            self.values.origins(Self::site(unit, callee), &[]).iter().any(|origin| matches!(origin.kind, OriginKind::Function(_)));
        if defined {
            return false;
        }
        let origins = self.values.origins(Self::site(unit, receiver), &[]);
        origins.iter().any(|origin| match &origin.kind {
            OriginKind::New(site) | OriginKind::Call(site) => sites.contains(site),
            _ => false,
        }) || origins.iter().all(|origin| matches!(origin.kind, OriginKind::Unknown | OriginKind::Param(..) | OriginKind::Limit))
    }

    /// Code outside of the project that is asked to refresh: a callback property, an event of the app.
    fn hands_over(&self, reach: &Reach) -> bool {
        reach.opaque.iter().any(|(site, text)| {
            let last = text.rsplit(['.', '?', '!']).next().unwrap_or(text).to_ascii_lowercase();
            let refreshes =
                ["refresh", "renew", "reauth", "relogin", "expir", "rotatetoken", "updatetoken"].iter().any(|word| last.contains(word));
            if !refreshes
                || self.vendor.live.missing_methods.iter().any(|missing| missing.to_ascii_lowercase() == last) && self.on_client(*site)
            {
                return false;
            }
            // `console.log`, `setTokenExpiring(true)` say nothing.
            !last.starts_with("set") && !last.starts_with("is") && !last.starts_with("log") && !last.starts_with("on_log")
        })
    }

    fn on_client(&self, site: Site) -> bool {
        self.workspace
            .unit(site.file)
            .is_some_and(|unit| unit.call_receiver(site.expr).is_some_and(|receiver| !matches!(unit.module[receiver].kind, ExprKind::This)))
    }

    fn obtains_token(&self, reach: &Reach) -> bool {
        reach.calls.iter().any(|site| {
            self.workspace.unit(site.file).is_some_and(|unit| {
                let text = unit.callee_text(site.expr).to_ascii_lowercase();
                text.contains("token") && !text.starts_with("console") && !text.starts_with("set")
                    || unit.call_callee(site.expr).is_some_and(|callee| {
                        self.values.identities(Self::site(unit, callee)).iter().any(|identity| identity.plays(ApiRole::Request))
                    })
            })
        })
    }

    /// A timer whose delay follows the expiry, or is long, and whose code gives the client a new token.
    fn timer_refreshes(&self, found: &FoundClient, sites: &[Site]) -> bool {
        let package = self.package_folder(found.site);
        let mut units: Vec<&Unit> = self
            .workspace
            .anchored_units()
            .filter(|unit| self.package_folder(Site { file: unit.file, expr: ExprId(0) }) == package)
            .collect();
        if let Some(own) = self.workspace.unit(found.site.file)
            && !units.iter().any(|unit| unit.file == own.file)
        {
            units.push(own);
        }
        units.iter().any(|unit| {
            self.timers(unit).into_iter().any(|(callback, delay)| {
                if !self.is_expiry_delay(unit, delay, callback) {
                    return false;
                }
                let functions = self.functions(Self::site(unit, callback));
                if functions.is_empty() {
                    return false;
                }
                let reach = self.reach(&functions);
                self.applies_token(&reach, found, sites)
            })
        })
    }

    fn timers(&self, unit: &Unit) -> Vec<(ExprId, ExprId)> {
        let mut timers = Vec::new();
        for node in unit.parents.nodes() {
            let Node::Expr(expr) = *node else { continue };
            let ExprKind::Call { args, .. } = &unit.module[expr].kind else { continue };
            let [callback, delay, ..] = args.as_slice() else { continue };
            let text = unit.callee_text(expr);
            let last = text.rsplit('.').next().unwrap_or(&text);
            if matches!(last, "setTimeout" | "setInterval" | "useInterval" | "useTimeout") {
                timers.push((callback.expr, delay.expr));
            }
        }
        timers
    }

    /// A delay that is computed from an expiry, or of ten minutes and more; or a shorter one whose callback looks at the expiry.
    fn is_expiry_delay(&self, unit: &Unit, delay: ExprId, callback: ExprId) -> bool {
        const LONG: f64 = 600_000.0;
        let speaks = |text: &str| {
            let text = text.to_ascii_lowercase();
            text.contains("exp")
                && (text.contains("expir")
                    || text.contains(".exp")
                    || text.contains("exp ")
                    || text.contains("exp*")
                    || text.contains("exp)"))
                || text.contains("refresh")
                || text.contains("ttl")
                || text.contains("renew")
        };
        if let Some(milliseconds) = self.number(unit, delay, 0) {
            if milliseconds >= LONG {
                return true;
            }
            return speaks(unit.source.slice(unit.module[callback].span));
        }
        let delay_text = unit.source.slice(unit.module[delay].span);
        speaks(delay_text) || self.delay_speaks(unit, delay, &speaks)
    }

    fn delay_speaks(&self, unit: &Unit, delay: ExprId, speaks: &dyn Fn(&str) -> bool) -> bool {
        let Some(symbol) = unit.scopes.symbol_of_expr(delay) else { return false };
        unit.usage
            .writes(symbol)
            .iter()
            .any(|write| write.kind.value().is_some_and(|value| speaks(unit.source.slice(unit.module[value].span))))
    }

    /// The constant number that an expression is.
    fn number(&self, unit: &Unit, expr: ExprId, depth: u8) -> Option<f64> {
        if depth > 12 {
            return None;
        }
        match &unit.module[unit.uncast(expr)].kind {
            ExprKind::Literal(Literal::Number(number)) => Some(*number),
            ExprKind::Binary { op: BinaryOp::Arithmetic, left, right } => {
                let (first, second) = (self.number(unit, *left, depth + 1)?, self.number(unit, *right, depth + 1)?);
                let between = crate::source::Span::new(unit.module[*left].span.end as usize, unit.module[*right].span.start as usize);
                match unit.source.slice(between).trim().trim_matches(['(', ')']).trim() {
                    "*" => Some(first * second),
                    "-" => Some(first - second),
                    "/" => Some(first / second),
                    _ => None,
                }
            }
            ExprKind::Binary { op: BinaryOp::Add, left, right } => {
                Some(self.number(unit, *left, depth + 1)? + self.number(unit, *right, depth + 1)?)
            }
            ExprKind::Ident(_) | ExprKind::Member { .. } => {
                let origins = self.values.origins(Self::site(unit, expr), &[]);
                match origins.as_slice() {
                    [origin] if !origin.derived => match origin.kind {
                        OriginKind::Literal(Literal::Number(number)) => Some(number),
                        _ => None,
                    },
                    _ => {
                        let symbol = unit.scopes.symbol_of_expr(expr)?;
                        let [write] = unit.usage.writes(symbol) else { return None };
                        self.number(unit, write.kind.value()?, depth + 1)
                    }
                }
            }
            _ => None,
        }
    }

    /// A function whose name says refresh and that nothing calls.
    fn dead_refresh(&self, found: &FoundClient) -> Option<(String, Location)> {
        let unit = self.workspace.unit(found.site.file)?;
        for (index, symbol) in unit.scopes.symbols.iter().enumerate() {
            let lower = symbol.name.to_ascii_lowercase();
            if !(lower.contains("refresh") && lower.contains("token")) {
                continue;
            }
            let id = crate::analysis::scopes::SymbolId(u32::try_from(index).ok()?);
            let is_function = unit.usage.writes(id).iter().any(|write| {
                matches!(write.kind, crate::analysis::usage::WriteKind::Function(_))
                    || write.kind.value().is_some_and(|value| matches!(unit.module[unit.uncast(value)].kind, ExprKind::Function(_)))
            });
            if is_function
                && unit.usage.calls_of(id).is_empty()
                && self.workspace.importing_symbols(unit, id).iter().all(|(other, symbol)| other.usage.calls_of(*symbol).is_empty())
            {
                return Some((symbol.name.to_string(), unit.at(symbol.span)));
            }
        }
        None
    }

    /// Whether the client is made, used for one call, and ended when the call ends.
    pub(crate) fn lives_for_one_call(&self, unit: &Unit, site: Site) -> bool {
        let Some(function) = unit.parents.enclosing_function(Node::Expr(site.expr)) else { return false };
        // The outermost function that is not a component: `startCall(number)`.
        let calls = super::handler::calls_in(unit, function);
        let called = |name: &str| calls.iter().any(|call| unit.called_method(*call).is_some_and(|method| &**method == name));
        called("newCall")
    }

    // ---- tests of the code ---------------------------------------------------------------------------------------------

    fn is_expiry_code(&self, number: f64) -> bool {
        self.vendor.live.expiry_codes.iter().any(|code| (f64::from(*code) - number).abs() < 0.5)
    }

    fn is_expiry_name(&self, text: &str) -> bool {
        self.vendor.live.expiry_names.iter().any(|name| name == text)
    }

    fn mentions_expiry(&self, handlers: &[FunctionSite]) -> Option<Location> {
        handlers.iter().find_map(|handler| {
            let unit = self.workspace.unit(handler.file)?;
            nodes_in(unit, Node::Function(handler.function)).into_iter().find_map(|node| {
                let Node::Expr(expr) = node else { return None };
                self.is_expiry_constant(unit, expr).then(|| unit.at(unit.module[expr].span))
            })
        })
    }

    fn is_expiry_constant(&self, unit: &Unit, expr: ExprId) -> bool {
        match &unit.module[expr].kind {
            ExprKind::Literal(Literal::Number(number)) => self.is_expiry_code(*number),
            ExprKind::Literal(Literal::String(text)) => {
                self.is_expiry_name(text) || text.parse::<f64>().is_ok_and(|number| self.is_expiry_code(number))
            }
            ExprKind::Member { property, .. } => self.is_expiry_name(property),
            ExprKind::Ident(_) => {
                unit.scopes.symbol_of_expr(expr).is_some()
                    && self.values.origins(Self::site(unit, expr), &[]).iter().any(|origin| match &origin.kind {
                        OriginKind::Literal(Literal::Number(number)) => self.is_expiry_code(*number),
                        OriginKind::Literal(Literal::String(text)) => self.is_expiry_name(text),
                        OriginKind::Package { path, .. } | OriginKind::Global(path) => {
                            path.last().is_some_and(|last| self.is_expiry_name(last))
                        }
                        _ => false,
                    })
            }
            ExprKind::Logical { left, right, .. } => self.is_expiry_constant(unit, *left) || self.is_expiry_constant(unit, *right),
            _ => false,
        }
    }

    /// The places where the code is compared with the expiry code, each with what is wrong.
    fn expiry_tests(&self, reach: &Reach, handlers: &[FunctionSite]) -> Vec<ExpiryTest> {
        let mut tests = Vec::new();
        for function in &reach.functions {
            let Some(unit) = self.workspace.unit(function.file) else { continue };
            for node in nodes_in(unit, Node::Function(function.function)) {
                match node {
                    Node::Expr(expr) => match &unit.module[expr].kind {
                        ExprKind::Binary {
                            op: op @ (BinaryOp::StrictEqual | BinaryOp::StrictNotEqual | BinaryOp::LooseEqual | BinaryOp::LooseNotEqual),
                            left,
                            right,
                        } => {
                            let strict = matches!(op, BinaryOp::StrictEqual | BinaryOp::StrictNotEqual);
                            for (constant, subject) in [(*right, *left), (*left, *right)] {
                                if self.is_expiry_constant(unit, constant) {
                                    tests.push(self.test(unit, constant, subject, strict, handlers));
                                    break;
                                }
                            }
                        }
                        ExprKind::Call { args, .. } => {
                            // `[34001, …].includes(code)`, `CODES.has(code)`.
                            if let Some(method) = unit.called_method(expr)
                                && matches!(&**method, "includes" | "has" | "indexOf")
                                && let (Some(receiver), Some(Element { expr: subject, .. })) = (unit.call_receiver(expr), args.first())
                                && self.lists_expiry(unit, receiver)
                            {
                                tests.push(self.test(unit, receiver, *subject, false, handlers));
                            }
                        }
                        _ => {}
                    },
                    Node::Stmt(statement) => {
                        if let StmtKind::Switch { discriminant, cases } = &unit.module[statement].kind {
                            for test in cases.iter().filter_map(|(test, _)| *test) {
                                if self.is_expiry_constant(unit, test) {
                                    tests.push(self.test(unit, test, *discriminant, true, handlers));
                                }
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        tests
    }

    fn lists_expiry(&self, unit: &Unit, list: ExprId) -> bool {
        nodes_in(unit, Node::Expr(list)).into_iter().any(|node| matches!(node, Node::Expr(expr) if self.is_expiry_constant(unit, expr)))
            || self.values.origins(Self::site(unit, list), &[]).iter().any(|origin| match origin.kind {
                OriginKind::Object(site) | OriginKind::New(site) => self.workspace.unit(site.file).is_some_and(|unit| {
                    nodes_in(unit, Node::Expr(site.expr))
                        .into_iter()
                        .any(|node| matches!(node, Node::Expr(expr) if self.is_expiry_constant(unit, expr)))
                }),
                _ => false,
            })
    }

    fn test(&self, unit: &Unit, constant: ExprId, subject: ExprId, strict: bool, handlers: &[FunctionSite]) -> ExpiryTest {
        let at = unit.at(unit.module[subject].span);
        let mut wrong = None;
        let mut fine = false;
        let mut derived = false;
        for origin in self.values.origins(Self::site(unit, subject), &[]) {
            derived |= origin.derived;
            let OriginKind::Param(function, 0) = origin.kind else {
                fine |= !matches!(origin.kind, OriginKind::Literal(_));
                continue;
            };
            if !handlers.contains(&function) {
                fine = true;
                continue;
            }
            let live = &self.vendor.live;
            let path: Vec<&str> = origin.path.iter().map(AsRef::as_ref).collect();
            match path.as_slice() {
                [first, last] if *first == live.warning_property && (*last == live.code_property || *last == live.name_property) => {
                    fine = true
                }
                [last] if *last == live.code_property || *last == live.name_property => wrong = Some((*last).to_owned()),
                [.., last] if *last == live.code_property || *last == live.name_property => wrong = Some(path.join(".")),
                _ => fine = true,
            }
        }
        if let (false, Some(path)) = (fine, wrong) {
            return ExpiryTest { at, fault: Some(RefreshFault::WrongPayload(path)) };
        }
        let string_code = match &unit.module[constant].kind {
            ExprKind::Literal(Literal::String(text)) => text.parse::<f64>().is_ok_and(|number| self.is_expiry_code(number)),
            _ => false,
        };
        ExpiryTest { at, fault: (string_code && strict && !derived).then_some(RefreshFault::StringCode) }
    }

    /// A comparison with some other code of the SDK.
    fn other_code(&self, reach: &Reach) -> Option<Location> {
        reach.functions.iter().find_map(|function| {
            let unit = self.workspace.unit(function.file)?;
            nodes_in(unit, Node::Function(function.function)).into_iter().find_map(|node| {
                let Node::Expr(expr) = node else { return None };
                match &unit.module[expr].kind {
                    ExprKind::Literal(Literal::Number(number)) if (31_000.0..50_000.0).contains(number) && number.fract() == 0.0 => {
                        let compared = matches!(
                            unit.parents.parent(node),
                            Some(Node::Expr(parent)) if matches!(unit.module[parent].kind, ExprKind::Binary { .. })
                        ) || matches!(unit.parents.parent(node), Some(Node::Stmt(_)));
                        compared.then(|| unit.at(unit.module[expr].span))
                    }
                    _ => None,
                }
            })
        })
    }
}

struct ExpiryTest {
    at: Location,
    fault: Option<RefreshFault>,
}

fn identity_of(kind: &OriginKind) -> Option<Identity> {
    match kind {
        OriginKind::Package { package, path } => Some(Identity::Package { package: package.clone(), path: path.join(".") }),
        OriginKind::Global(path) => Some(Identity::Global(path.join("."))),
        _ => None,
    }
}

fn is_class(identity: &Identity, sdk: &crate::catalog::sdk::Sdk) -> bool {
    match identity {
        Identity::Package { package, path } => {
            sdk.packages.iter().any(|name| **name == **package) && sdk.client.iter().any(|client| client.export == *path)
        }
        Identity::Global(path) => {
            sdk.globals.iter().any(|global| sdk.client.iter().any(|client| *path == format!("{global}.{}", client.export)))
        }
    }
}
