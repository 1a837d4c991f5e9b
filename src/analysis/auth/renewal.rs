//! Whether code gives a client a new token, and where it tries to in vain.
//!
//! A new token reaches a client by its own login call, by a new client, by its stored options, or by a state that makes the client anew.
//! Code that hands the job over to something that nobody here defines gets the benefit of the doubt.

use rustc_hash::FxHashSet;

use super::Builder;
use super::clients::FoundClient;
use super::handler::{OpaqueCall, Reach, nodes_in};
use super::listeners::{Listener, Listeners};
use crate::analysis::model::{OptionRole, RefreshFault};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, WriteKind};
use crate::analysis::values::{FunctionSite, Origin, OriginKind, Site};
use crate::catalog::apis::ApiRole;
use crate::catalog::sdk::Form;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Literal, Name, PatKind};
use crate::source::Location;

/// How many callers outwards an effect is looked for around a client.
const OUTWARDS: usize = 12;

/// The client whose refresh is judged, with what that takes.
pub(crate) struct Subject<'a> {
    pub(crate) found: &'a FoundClient,
    pub(crate) listeners: &'a Listeners,
    pub(crate) inputs: Inputs,
    /// What listeners of the client are registered on, as written.
    receivers: Vec<String>,
}

/// What makes a component's client anew when it changes: the way of the values that it depends on.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    /// Where the values are born.
    pub(crate) births: FxHashSet<Location>,
    /// Where they pass on from there: a setter of a state is one of these places.
    pub(crate) steps: FxHashSet<Location>,
    /// The calls that they are born in, as far as nobody here defines what is called.
    reads: FxHashSet<Site>,
}

/// What a call of the login method is.
enum Login {
    Renews,
    InVain(RefreshFault, Location),
    Unrelated,
}

impl Builder<'_> {
    /// Collects what the judgement of one client needs.
    pub(crate) fn subject<'a>(&self, found: &'a FoundClient, heard: &[&Listener], listeners: &'a Listeners) -> Subject<'a> {
        let mut receivers: Vec<String> =
            heard.iter().map(|listener| listener.receiver.clone()).filter(|receiver| !receiver.is_empty()).collect();
        receivers.sort_unstable();
        receivers.dedup();
        Subject { found, listeners, inputs: self.inputs(found), receivers }
    }

    /// The way of everything that makes the client anew when it changes: a component's login options, and the dependencies of the effects that
    /// a constructor stands in or is called from.
    fn inputs(&self, found: &FoundClient) -> Inputs {
        let mut inputs = Inputs::default();
        if found.form().is_some_and(|form| matches!(form.form, Form::Component | Form::Hook)) {
            for option in found.options.iter().filter(|option| option.role == OptionRole::Token) {
                inputs.steps.extend(option.way.iter().map(|step| step.location));
                for source in &option.sources {
                    inputs.births.insert(source.at);
                    let calls = self.workspace.unit(source.at.file).map(|unit| (unit, unit.calls_at(source.at)));
                    inputs.reads.extend(calls.into_iter().flat_map(|(unit, calls)| calls.into_iter().map(|call| Self::site(unit, call))));
                    inputs.steps.extend(source.flow.iter().map(|step| step.location).filter(|location| *location != source.at));
                }
            }
        }
        let Some(unit) = self.workspace.unit(found.site.file) else { return inputs };
        let mut open = vec![(unit, Node::Expr(found.site.expr))];
        let mut seen: FxHashSet<FunctionSite> = FxHashSet::default();
        while let Some((unit, node)) = open.pop() {
            for ancestor in unit.parents.ancestors(node) {
                let Node::Function(function) = ancestor else { continue };
                let site = FunctionSite { file: unit.file, function };
                if seen.len() >= OUTWARDS || !seen.insert(site) {
                    continue;
                }
                if let Some((call, dependencies)) = unit.dependencies_of_callback(function)
                    && !self.callee_plays(unit, call, ApiRole::Wrapper)
                {
                    for dependency in dependencies {
                        inputs.add(&self.values.origins(Self::site(unit, dependency), &[]));
                    }
                }
                open.extend(self.values.callers(site).into_iter().map(|caller| (caller.unit, Node::Expr(caller.expr))));
            }
        }
        inputs
    }

    /// Whether a new token reaches the client in this code.
    pub(crate) fn gets_new_token(&self, reach: &Reach, subject: &Subject<'_>) -> bool {
        reach.calls.iter().any(|site| self.call_renews(*site, reach, subject))
            || self.writes_stored_token(reach, subject)
            || subject.inputs.reads.iter().any(|read| self.changes_store(*read, reach))
    }

    /// The call by which a live client logs in again, when nothing else in this code gives it a new token.
    pub(crate) fn only_login(&self, reach: &Reach, subject: &Subject<'_>) -> Option<Location> {
        if self.writes_stored_token(reach, subject) {
            return None;
        }
        let mut login = None;
        for site in reach.calls.iter().filter(|site| self.call_renews(**site, reach, subject)) {
            let unit = self.workspace.unit(site.file)?;
            let is_login =
                subject.listeners.index_of(*site).is_none() && matches!(self.login(unit, site.expr, reach, subject), Login::Renews);
            if !is_login {
                return None;
            }
            login.get_or_insert(self.at(*site));
        }
        login
    }

    fn call_renews(&self, site: Site, reach: &Reach, subject: &Subject<'_>) -> bool {
        if let Some(index) = subject.listeners.index_of(site) {
            return !self.is_made_of_old_token(index, reach, subject);
        }
        let Some(unit) = self.workspace.unit(site.file) else { return false };
        if unit.callee_text(site.expr).ends_with("location.reload") {
            return true;
        }
        matches!(self.login(unit, site.expr, reach, subject), Login::Renews) || self.changes_input(unit, site, reach, subject)
    }

    /// A setter of a state that the client is made of, or a query that is asked again.
    fn changes_input(&self, unit: &Unit, site: Site, reach: &Reach, subject: &Subject<'_>) -> bool {
        let Some(opaque) = reach.opaque.iter().find(|opaque| opaque.site == site) else { return false };
        let at = self.at(site);
        if subject.inputs.steps.contains(&at)
            && !subject.inputs.births.contains(&at)
            && !self.callee_plays(unit, site.expr, ApiRole::Request)
        {
            return true;
        }
        let Some(callee) = unit.call_callee(opaque.site.expr) else { return false };
        if subject.inputs.births.is_empty() {
            return false;
        }
        self.values.origins(Self::site(unit, callee), &[]).iter().any(|origin| match origin.kind {
            OriginKind::Call(made) | OriginKind::Response(made) => made != site && subject.inputs.births.contains(&self.at(made)),
            _ => false,
        })
    }

    /// `client.options.login_token = token`.
    fn writes_stored_token(&self, reach: &Reach, subject: &Subject<'_>) -> bool {
        let Some(options) = &subject.found.sdk.live.stored_options else { return false };
        let stored = |key: &MemberKey| matches!(key, MemberKey::Name(name) if **name == **options);
        reach.functions.iter().any(|function| {
            self.workspace.unit(function.file).is_some_and(|unit| {
                let span = unit.module[function.function].span;
                subject.found.sdk.token.iter().flat_map(|token| unit.usage.writes_to_property(token)).any(|write| {
                    span.contains(write.span)
                        && write.keys.iter().rev().nth(1).is_some_and(stored)
                        && write.kind.value().is_none_or(|value| !self.is_old_token(Self::site(unit, value), reach, subject))
                })
            })
        })
    }

    /// `client.login_token = token`: a property that the SDK never reads.
    pub(crate) fn sets_ignored_property(&self, reach: &Reach, subject: &Subject<'_>) -> Option<(RefreshFault, Location)> {
        let sites: Vec<Site> = subject.listeners.clients.iter().map(|client| client.site).collect();
        reach.functions.iter().find_map(|function| {
            let unit = self.workspace.unit(function.file)?;
            nodes_in(unit, Node::Function(function.function)).into_iter().find_map(|node| {
                let Node::Expr(expr) = node else { return None };
                let ExprKind::Assign { target, .. } = &unit.module[expr].kind else { return None };
                let PatKind::Expr(member) = unit.module[*target].kind else { return None };
                let ExprKind::Member { object, property, .. } = &unit.module[member].kind else { return None };
                let is_token = subject.found.sdk.token.iter().any(|token| **token == **property);
                (is_token && self.is_live_client(unit, *object, &sites)).then(|| {
                    let text = self.plain_text(Self::site(unit, member));
                    (RefreshFault::WrongKey(text), unit.at(unit.module[expr].span))
                })
            })
        })
    }

    /// Whether a method call's receiver is a client: by its origin or annotation, or because listeners are registered on the same words.
    fn is_on_client(&self, unit: &Unit, call: ExprId, subject: &Subject<'_>) -> bool {
        let (Some(callee), Some(receiver)) = (unit.call_callee(call), unit.call_receiver(call)) else { return false };
        let sites: Vec<Site> = subject.listeners.clients.iter().map(|client| client.site).collect();
        if self.is_live_client(unit, receiver, &sites) {
            return true;
        }
        let defined =
            self.values.origins(Self::site(unit, callee), &[]).iter().any(|origin| matches!(origin.kind, OriginKind::Function(_)));
        !defined && subject.receivers.contains(&self.plain_text(Self::site(unit, receiver)))
    }

    /// What a call is, when it may be the client's login: known by its receiver, or by credentials of the SDK's shape in its argument.
    fn login(&self, unit: &Unit, call: ExprId, reach: &Reach, subject: &Subject<'_>) -> Login {
        let live = &subject.found.sdk.live;
        if unit.called_method(call).is_none_or(|method| **method != *live.login.method) {
            return Login::Unrelated;
        }
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return Login::Unrelated };
        let at = unit.at(unit.module[call].span);
        let on_client = self.is_on_client(unit, call, subject);
        let Some(first) = args.first() else {
            let fault = RefreshFault::OldToken(format!("{}()", unit.callee_text(call)));
            return if on_client { Login::InVain(fault, at) } else { Login::Unrelated };
        };
        let argument = Self::site(unit, first.expr);
        let below = |path: &[&str]| self.values.properties(argument, &path.iter().map(|key| Name::from(*key)).collect::<Vec<_>>());
        let written = |path: &[&str]| below(path).iter().any(|origin| matches!(origin.kind, OriginKind::Property(_)));
        let Some(creds) = live.login.credentials.as_deref() else {
            if !on_client {
                return Login::Unrelated;
            }
            return self.positional_login(unit, argument, reach, subject).map_or(Login::Renews, |fault| Login::InVain(fault, at));
        };
        let tokens = &subject.found.sdk.token;

        let given: Vec<Origin> = tokens.iter().flat_map(|token| below(&[creds, token])).collect();
        let values: Vec<Site> =
            given.iter().filter_map(|origin| if let OriginKind::Property(value) = origin.kind { Some(value) } else { None }).collect();
        if !values.is_empty() {
            if values.iter().all(|value| self.is_old_token(*value, reach, subject)) {
                let text = values.first().map_or_else(String::new, |value| self.plain_text(*value));
                return Login::InVain(RefreshFault::OldToken(format!("{}({text})", live.login.method)), at);
            }
            if values.iter().all(|value| self.is_cached_answer(*value)) {
                return Login::InVain(RefreshFault::CachedToken, at);
            }
            return Login::Renews;
        }
        let passwords = subject.found.sdk.secret.iter().any(|secret| written(&[creds, secret]));
        if passwords {
            return Login::Renews;
        }
        for key in &live.login.wrong_token_keys {
            if written(&[creds, key]) {
                return Login::InVain(RefreshFault::WrongKey(format!("{creds}.{key}")), at);
            }
        }
        if !on_client {
            return Login::Unrelated;
        }
        if let Some(key) = tokens.iter().chain(&live.login.wrong_token_keys).find(|key| written(&[key])) {
            return Login::InVain(RefreshFault::WrongKey(key.clone()), at);
        }
        match unit.module[unit.uncast(first.expr)].kind {
            // `login("…")`, `login(token)` where the token is a string: not an object with credentials.
            ExprKind::Literal(Literal::String(_)) | ExprKind::Template { .. } => {
                Login::InVain(RefreshFault::WrongKey("a bare string".to_owned()), at)
            }
            _ => Login::Renews,
        }
    }

    /// What is wrong with the token that a login takes as its argument.
    fn positional_login(&self, unit: &Unit, argument: Site, reach: &Reach, subject: &Subject<'_>) -> Option<RefreshFault> {
        if self.is_old_token(argument, reach, subject) {
            let text = self.plain_text(argument);
            return Some(RefreshFault::OldToken(format!("{}({text})", subject.found.sdk.live.login.method)));
        }
        if self.is_cached_answer(argument) {
            return Some(RefreshFault::CachedToken);
        }
        let is_object = matches!(unit.module[unit.uncast(argument.expr)].kind, ExprKind::Object(_));
        is_object.then(|| RefreshFault::WrongKey("a field of an object".to_owned()))
    }

    /// Whether a value is the token that the client has got already: the stored one, or a name that is set once, outside of this code, to what
    /// the client was made of.
    fn is_old_token(&self, value: Site, reach: &Reach, subject: &Subject<'_>) -> bool {
        let Some(unit) = self.workspace.unit(value.file) else { return false };
        let expr = unit.uncast(value.expr);
        match &unit.module[expr].kind {
            ExprKind::Member { object, property, .. } => {
                let stored = matches!(&unit.module[unit.uncast(*object)].kind, ExprKind::Member { property, .. } if subject.found.sdk.live.stored_options.as_deref() == Some(&**property));
                stored && subject.found.sdk.token.iter().any(|token| **token == **property)
            }
            ExprKind::Ident(_) => {
                let Some(symbol) = unit.scopes.symbol_of_expr(expr) else { return false };
                if !self.is_fixed_outside(unit, symbol, expr, reach) {
                    return false;
                }
                let tokens =
                    subject.listeners.clients.iter().filter(|client| client.site == subject.found.site).flat_map(|client| &client.tokens);
                let same_name = tokens.clone().any(|token| token.file == unit.file && unit.names_symbol(token.span, symbol));
                let births: Vec<Location> = self.values.origins(Self::site(unit, expr), &[]).iter().map(|origin| origin.at).collect();
                let known: Vec<Location> = subject
                    .found
                    .options
                    .iter()
                    .filter(|option| option.role == OptionRole::Token)
                    .flat_map(|option| &option.sources)
                    .map(|source| source.at)
                    .collect();
                same_name || (!births.is_empty() && births.iter().all(|birth| known.contains(birth)))
            }
            _ => false,
        }
    }

    /// Whether a name is set once, and outside of the code: code that runs later finds what stood there before. A reaction sees the new state.
    fn is_fixed_outside(&self, unit: &Unit, symbol: SymbolId, read: ExprId, reach: &Reach) -> bool {
        let [write] = unit.usage.writes(symbol) else { return false };
        let once = matches!(write.kind, WriteKind::Declared { init: Some(_) } | WriteKind::Param { .. });
        let Some(declared) = unit.scopes.symbol(symbol) else { return false };
        let inside = reach.contains(self, unit.at(declared.span));
        let read_at = unit.at(unit.module[read].span);
        let reacts = reach.function_at(self, read_at).is_some_and(|function| reach.reactions.contains(&function));
        once && !inside && !reacts
    }

    /// Whether a new client is made of the old token.
    fn is_made_of_old_token(&self, client: usize, reach: &Reach, subject: &Subject<'_>) -> bool {
        let Some(facts) = subject.listeners.clients.get(client) else { return false };
        let mut values = facts.tokens.iter().filter_map(|token| {
            let unit = self.workspace.unit(token.file)?;
            unit.expression_at(token.span).map(|expr| Self::site(unit, expr))
        });
        let inside = reach.contains(self, self.at(facts.site));
        inside && !facts.tokens.is_empty() && values.all(|value| self.is_old_token(value, reach, subject))
    }

    /// `fetch(url, { cache: "force-cache" })`: the answer may be the old token from the browser's cache.
    fn is_cached_answer(&self, value: Site) -> bool {
        let origins = self.values.origins(value, &[]);
        !origins.is_empty()
            && origins.iter().all(|origin| match origin.kind {
                OriginKind::Response(request) => {
                    let Some(unit) = self.workspace.unit(request.file) else { return false };
                    let ExprKind::Call { args, .. } = &unit.module[request.expr].kind else { return false };
                    args.get(1).is_some_and(|options| {
                        self.values.origins(Self::site(unit, options.expr), &[Name::from("cache")]).iter().any(|mode| {
                            matches!(&mode.kind, OriginKind::Literal(Literal::String(text)) if matches!(&**text, "force-cache" | "only-if-cached"))
                        })
                    })
                }
                _ => false,
            })
    }

    /// A refresh that cannot work: a method that does not exist, the old token again, a wrong key.
    pub(crate) fn failed_renewal(&self, reach: &Reach, subject: &Subject<'_>) -> Option<(RefreshFault, Location)> {
        let live = &subject.found.sdk.live;
        let mut fault = None;
        let mut reconnects = None;
        for site in &reach.calls {
            let Some(unit) = self.workspace.unit(site.file) else { continue };
            let at = self.at(*site);
            if subject.listeners.index_of(*site).is_some() {
                fault = fault.or_else(|| Some((RefreshFault::OldToken("a new client".to_owned()), at)));
                continue;
            }
            let Some(method) = unit.called_method(site.expr) else { continue };
            let is = |names: &[String]| names.iter().any(|name| **name == **method);
            if is(&live.missing_methods) && self.is_on_client(unit, site.expr, subject) {
                return Some((RefreshFault::MissingMethod(method.to_string()), at));
            }
            if let Login::InVain(why, at) = self.login(unit, site.expr, reach, subject) {
                fault = fault.or(Some((why, at)));
            }
            if is(&live.connect) && self.is_on_client(unit, site.expr, subject) {
                reconnects = reconnects.or_else(|| Some((format!("{method}()"), at)));
            }
        }
        let fault = fault.or_else(|| self.sets_ignored_property(reach, subject));
        fault.or_else(|| reconnects.map(|(call, at)| (RefreshFault::OldToken(call), at)))
    }

    /// Whether code outside of the project is asked to refresh: a callback that its user fills, an event that somebody else hears.
    pub(crate) fn hands_over(&self, reach: &Reach, subject: &Subject<'_>) -> bool {
        reach.opaque.iter().any(|opaque| {
            let Some(unit) = self.workspace.unit(opaque.site.file) else { return false };
            if let Some(event) = self.own_event(unit, opaque.site.expr) {
                return asks_for_renewal(&event);
            }
            self.is_asked_to_renew(unit, opaque, subject) || (opaque.unfilled && self.is_told(unit, opaque, reach))
        })
    }

    fn is_asked_to_renew(&self, unit: &Unit, opaque: &OpaqueCall, subject: &Subject<'_>) -> bool {
        let called = opaque.text.rsplit(['.', '?', '!']).next().unwrap_or(&opaque.text);
        if !asks_for_renewal(called) {
            return false;
        }
        // `client.refreshToken()` is nobody's job but the client's: it does not exist, or it has been judged.
        let live = &subject.found.sdk.live;
        let own = live.login.method == called || live.missing_methods.iter().any(|missing| missing == called);
        !(own && self.is_on_client(unit, opaque.site.expr, subject))
    }

    /// Whether a callback that nobody here fills is told of the warning, and not merely to log it.
    fn is_told(&self, unit: &Unit, opaque: &OpaqueCall, reach: &Reach) -> bool {
        let called = opaque.text.rsplit(['.', '?', '!']).next().unwrap_or(&opaque.text).to_ascii_lowercase();
        if ["log", "debug", "toast", "notify", "alert", "report", "track", "set", "show", "status", "message", "print"]
            .iter()
            .any(|word| called.contains(word))
        {
            return false;
        }
        let ExprKind::Call { args, .. } = &unit.module[opaque.site.expr].kind else { return false };
        args.iter().any(|arg| {
            self.values.origins(Self::site(unit, arg.expr), &[]).iter().any(|origin| match origin.kind {
                OriginKind::Param(function, 0) => reach.functions.first() == Some(&function),
                _ => false,
            })
        })
    }

    /// Where the code gets a token, whatever it does with it.
    pub(crate) fn obtains_token(&self, reach: &Reach) -> Option<Location> {
        reach.calls.iter().find_map(|site| {
            let unit = self.workspace.unit(site.file)?;
            let text = unit.callee_text(site.expr);
            let called = text.rsplit(['.', '?', '!']).next().unwrap_or(&text).to_ascii_lowercase();
            let gets = ["get", "fetch", "load", "request", "mint", "refresh", "renew", "create", "obtain"]
                .iter()
                .any(|verb| called.starts_with(verb));
            ((gets && called.contains("token")) || self.callee_plays(unit, site.expr, ApiRole::Request)).then(|| self.at(*site))
        })
    }
}

impl Inputs {
    fn add(&mut self, origins: &[Origin]) {
        for origin in origins {
            self.births.insert(origin.at);
            if let OriginKind::Call(read) = origin.kind {
                self.reads.insert(read);
            }
            self.steps.extend(origin.trail.steps().into_iter().map(|step| step.location).filter(|location| *location != origin.at));
        }
    }
}

/// Whether the name of a callback or event says that something is to be renewed, rather than shown, set or asked.
fn asks_for_renewal(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let renews = ["refresh", "renew", "reauth", "relogin", "expir", "rotatetoken", "updatetoken"].iter().any(|word| lower.contains(word));
    let only_tells = ["set", "is", "has", "log", "show", "toast", "notify", "alert", "report", "track", "should"]
        .iter()
        .any(|verb| lower.starts_with(verb));
    renews && !only_tells
}

impl Unit {
    /// Whether the expression at a place is the name of a symbol.
    fn names_symbol(&self, span: crate::source::Span, symbol: SymbolId) -> bool {
        self.scopes.references(symbol).iter().any(|reference| self.module[*reference].span == span)
    }

    /// The expression that stands exactly at a place.
    pub(super) fn expression_at(&self, span: crate::source::Span) -> Option<ExprId> {
        (0u32..).map(ExprId).zip(&self.module.exprs).find(|(_, expr)| expr.span == span).map(|(id, _)| id)
    }
}
