//! Secrets in a server's answers: a SIP password, a whole credential or an API key in something that goes out to the caller.
//!
//! What a value is, its own name says (a column, a variable, a field), or the name of where it comes from. A bare `password` counts only
//! where the row, the connection or the request that it is read from is one of the service: the passwords of other vendors and of one's own
//! users are not meant.

use std::cell::LazyCell;

use super::Builder;
use super::exposures::tells_of_failure;
use super::tiers::answers::sends;
use super::whole;
use crate::analysis::model::{Client, HandedOut, Handout, Sharing};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{PatternStep, WriteKind};
use crate::analysis::values::{Origin, OriginKind};
use crate::catalog::habits::SecretHabits;
use crate::finding::{Confidence, ZoneKind};
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExprId, ExprKind, Literal, Name, PatId, PatKind, Property, PropertyKey, StmtKind, UnaryOp};
use crate::secrets::names::{NameRole, names_vendor, secret_role};
use crate::source::{FileId, Location};

/// Parts of names that make a property worth a look.
const TELLING: [&str; 10] = ["pass", "pwd", "cred", "secret", "key", "sip", "telnyx", "token", "config", "setting"];
/// What is done to a secret before it is shown.
pub(super) const MASKING: [&str; 11] =
    ["slice(", "substring(", "substr(", "mask", "repeat(", "replace(", ".length", "hash", "redact", "•", "***"];

/// What has been found so far.
#[derive(Debug, Default)]
struct Found {
    handouts: Vec<Handout>,
    /// Objects that are given on as a whole, each with the places of the secrets in it.
    wholes: Vec<(Handout, Vec<Location>)>,
}

impl<'w> Builder<'w> {
    /// The files without an anchor that the values of clients' options come through on a server, in path order.
    pub(crate) fn crossed_files(&self, clients: &[Client]) -> Vec<FileId> {
        let sources = clients.iter().flat_map(|client| &client.options).flat_map(|option| &option.sources);
        let mut files: Vec<FileId> = sources
            .flat_map(|source| &source.beyond)
            .flat_map(|beyond| std::iter::once(beyond.answer.file).chain(beyond.source.flow.iter().map(|step| step.location.file)))
            .filter(|file| self.workspace.anchored().binary_search(file).is_err())
            .collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// Every handout of the server files among these, in file order.
    pub(crate) fn handouts_in(&self, files: &[FileId]) -> Vec<Handout> {
        let mut found = Found::default();
        for unit in files.iter().filter_map(|file| self.workspace.unit(*file)) {
            // Where a file runs costs a walk through its importers, so it is asked only once something in it tells.
            let server = LazyCell::new(|| matches!(self.zones.zone_of(unit.file).kind, ZoneKind::Server | ZoneKind::Both));
            let asks_service = whole::SERVICE_WORDS.iter().any(|word| unit.source.text.contains(word));
            for node in unit.parents.nodes() {
                match *node {
                    Node::Expr(expr) => match &unit.module[expr].kind {
                        ExprKind::Object(properties) => {
                            let telling: Vec<&Property> =
                                properties.iter().filter(|property| is_telling(unit, property, asks_service)).collect();
                            if !telling.is_empty() && self.goes_out(unit, expr, 0) && *server {
                                self.told_by_properties(unit, &telling, &mut found);
                            }
                        }
                        ExprKind::Call { args, .. } if sends(&unit.callee_text(expr)) && !unit.callee_text(expr).starts_with("console") => {
                            if let Some(first) = args.first()
                                && (is_reference(unit, first.expr) || is_body(unit, first.expr))
                                && self.goes_out(unit, first.expr, 0)
                                && *server
                            {
                                found.wholes.extend(self.whole(unit, first.expr));
                            }
                        }
                        // `answer.credential = …` on an object that is sent.
                        ExprKind::Assign { target, value, .. } => {
                            if let Some((object, name)) = member_target(unit, *target)
                                && tells(unit, name, *value, asks_service)
                                && self.mentions_go_out(unit, object, 0)
                                && *server
                            {
                                self.told_by_property(unit, name, *value, &mut found);
                            }
                        }
                        _ => {}
                    },
                    Node::Stmt(statement) => {
                        if let StmtKind::Return(Some(value)) = unit.module[statement].kind
                            && asks_service
                            && is_reference(unit, value)
                            && self.goes_out(unit, value, 0)
                            && *server
                        {
                            found.wholes.extend(self.whole(unit, value));
                        }
                    }
                    _ => {}
                }
            }
        }
        let Found { mut handouts, wholes } = found;
        for (whole, secrets) in wholes {
            if !handouts.iter().any(|known: &Handout| known.at == whole.at || secrets.contains(&known.at)) {
                handouts.push(whole);
            }
        }
        handouts.sort_by_key(|handout: &Handout| handout.at);
        handouts
    }

    fn told_by_properties(&self, unit: &'w Unit, telling: &[&Property], found: &mut Found) {
        for property in telling {
            match property {
                Property::Value { key: PropertyKey::Name(name, _), value } => self.told_by_property(unit, name, *value, found),
                Property::Spread(value) => found.wholes.extend(self.whole(unit, *value)),
                _ => {}
            }
        }
    }

    fn told_by_property(&self, unit: &'w Unit, name: &str, value: ExprId, found: &mut Found) {
        match self.handout(unit, name, value) {
            Some(handout) => found.handouts.push(handout),
            None => found.wholes.extend(self.whole(unit, value)),
        }
    }

    /// A property whose value is a secret.
    fn handout(&self, unit: &'w Unit, name: &str, value: ExprId) -> Option<Handout> {
        let lower = name.to_ascii_lowercase();
        if speaks_about(&lower) || MASKING.iter().any(|mask| unit.source.slice(unit.module[value].span).contains(mask)) {
            return None;
        }
        let mut origins = self.values.origins(Self::site(unit, narrowed(unit, value)), &[]);
        origins.extend(self.sealed_origins(unit, value));
        if lower.contains("pass") {
            // For whom a password is, its own origin tells.
            let telling: Vec<Origin> = origins.iter().filter(|origin| self.is_sip_password(origin)).cloned().collect();
            if !telling.is_empty() {
                let verdict = self.sharing(&self.followed(telling.clone()));
                let flow = if verdict.flow.is_empty() { telling.first().map(Self::flow).unwrap_or_default() } else { verdict.flow };
                let plain = self.plain(unit, value, HandedOut::Password);
                return Some(Handout { sharing: verdict.sharing, flow, sharing_confidence: verdict.confidence, ..plain });
            }
        }
        let Some((what, origin)) = origins.iter().find_map(|origin| Some((self.secret_in(origin)?, origin))) else {
            // Where the way is lost (parsed by a helper, kept in a store), the name of the field that is read still tells.
            let told = origins.iter().any(|origin| {
                !matches!(
                    origin.kind,
                    OriginKind::Literal(_)
                        | OriginKind::RequestInput
                        | OriginKind::UserInput
                        | OriginKind::Param(..)
                        | OriginKind::Env { .. }
                )
            });
            let by_name = told && reads_sip_password(unit, value, 0);
            return by_name.then(|| Handout { confidence: Confidence::Medium, ..self.plain(unit, value, HandedOut::Password) });
        };
        // A short form, a test or something else made of a key is no key.
        if what == HandedOut::ApiKey && origin.derived {
            return None;
        }
        Some(Handout { flow: Self::flow(origin), ..self.plain(unit, value, what) })
    }

    fn plain(&self, unit: &Unit, value: ExprId, what: HandedOut) -> Handout {
        Handout {
            at: unit.at(unit.module[value].span),
            what,
            sharing: Sharing::Unknown,
            flow: Vec::new(),
            zone: self.zone_at(unit, value),
            confidence: Confidence::High,
            sharing_confidence: Confidence::High,
        }
    }

    /// What secret an origin is, by the variable's, column's or field's name.
    pub(super) fn secret_in(&self, origin: &Origin) -> Option<HandedOut> {
        let role = |name: &str| match secret_role(name)? {
            NameRole::SipPassword => Some(HandedOut::Password),
            NameRole::ApiKey if names_vendor(name) => Some(HandedOut::ApiKey),
            _ => None,
        };
        match &origin.kind {
            OriginKind::Env { name, .. } => role(name),
            // Put there by what has checked the caller: the server's row, not what the caller sends.
            OriginKind::RequestInput | OriginKind::Param(..) if !is_callers_row(origin) => None,
            OriginKind::Call(_) | OriginKind::Response(_) | OriginKind::File(_) | OriginKind::RequestInput | OriginKind::Param(..) => {
                let last = origin.path.iter().rev().find(|segment| !segment.bytes().all(|byte| byte.is_ascii_digit()))?;
                role(last).or_else(|| (is_password(last) && self.is_sip_password(origin)).then_some(HandedOut::Password))
            }
            OriginKind::Package { package, path } => absent_setting(package, path, origin),
            _ => None,
        }
    }

    /// A whole credential: the answer of a credential call, or an object with a SIP password in it; with the places of the passwords.
    fn whole(&self, unit: &'w Unit, value: ExprId) -> Option<(Handout, Vec<Location>)> {
        let site = Self::site(unit, narrowed(unit, value));
        let body = is_body(unit, value) && !tells_of_failure(unit, value);
        for origin in self.values.origins(site, &[]) {
            if !origin.derived && self.is_whole_answer(&origin, body) {
                return Some((Handout { flow: Self::flow(&origin), ..self.plain(unit, value, HandedOut::Credential) }, Vec::new()));
            }
        }
        let mut secrets = Vec::new();
        let mut passwords = Vec::new();
        for name in ["password", "sip_password", "sipPassword"] {
            for property in self.values.properties(site, &[name.into()]) {
                let OriginKind::Property(at) = property.kind else { continue };
                let text = self.workspace.unit(at.file).map_or("", |unit| unit.source.slice(unit.module[at.expr].span));
                if MASKING.iter().any(|mask| text.contains(mask)) {
                    continue;
                }
                let origins = self.values.origins_of_property(&property);
                let known = passwords.len();
                passwords.extend(
                    origins
                        .into_iter()
                        .filter(|origin| self.is_sip_password(origin) || self.secret_in(origin) == Some(HandedOut::Password)),
                );
                if passwords.len() > known {
                    secrets.push(self.at(at));
                }
            }
        }
        let flow = passwords.first().map(Self::flow)?;
        let verdict = self.sharing(&self.followed(passwords));
        let flow = if verdict.flow.is_empty() { flow } else { verdict.flow };
        let plain = self.plain(unit, value, HandedOut::Credential);
        Some((Handout { sharing: verdict.sharing, flow, sharing_confidence: verdict.confidence, ..plain }, secrets))
    }

    /// Whether an origin is the password of a SIP credential: by the variable's, column's or setting's name.
    pub(super) fn is_sip_password(&self, origin: &Origin) -> bool {
        match &origin.kind {
            OriginKind::Env { name, .. } => secret_role(name) == Some(NameRole::SipPassword),
            OriginKind::Call(site) | OriginKind::Response(site) => {
                let column = origin.path.iter().rev().any(|segment| {
                    let lower = segment.to_ascii_lowercase();
                    lower.contains("sip") && lower.contains("pass") || lower == "password"
                });
                let Some(unit) = self.workspace.unit(site.file) else { return false };
                let text = unit.source.slice(unit.module[site.expr].span);
                let lower = text.to_ascii_lowercase();
                let settings_row = lower.contains("sip_password") || lower.contains("sippassword");
                let connection = text.contains("credential_connections") || text.contains("telephony_credentials");
                let says_sip = origin.path.last().is_some_and(|last| secret_role(last) == Some(NameRole::SipPassword));
                let telephony_row =
                    self.catalog.habits.databases.is_query(text) && (says_sip || lower.contains("sip") || lower.contains("telnyx"));
                (column && connection) || ((column || says_sip) && telephony_row) || settings_row
            }
            OriginKind::RequestInput | OriginKind::Param(..) => {
                is_callers_row(origin)
                    && (origin.path.last().is_some_and(|last| secret_role(last) == Some(NameRole::SipPassword))
                        || origin.path.last().is_some_and(|last| is_password(last))
                            && origin.path.iter().any(|segment| is_of_telephony(segment)))
            }
            OriginKind::Package { package, path } => absent_setting(package, path, origin) == Some(HandedOut::Password),
            _ => false,
        }
    }

    /// Where a value comes from that is decrypted right here, by a function whose answer cannot be followed.
    fn sealed_origins(&self, unit: &'w Unit, value: ExprId) -> Vec<Origin> {
        let Some(sealed) = sealed(&self.catalog.habits.secrets, unit, value) else { return Vec::new() };
        let mut origins = self.values.origins(Self::site(unit, sealed), &[]);
        for origin in &mut origins {
            origin.derived = true;
            // `sip_password_encrypted` is the password once it is decrypted.
            if let Some(last) = origin.path.last_mut() {
                *last = opened(last).into();
            }
        }
        origins
    }
}

/// Whether an origin is read from the row of the signed-in person that a framework hangs on the request: `req.user.sipPassword`.
fn is_callers_row(origin: &Origin) -> bool {
    let mut path = origin
        .path
        .iter()
        .map(AsRef::as_ref)
        .filter(|segment| !matches!(*segment, "req" | "request" | "ctx" | "context" | "locals" | "state"));
    matches!(path.next(), Some("user" | "account" | "session" | "currentUser" | "auth" | "agent" | "member")) && path.next().is_some()
}

/// What secret is read out of a module of the project that the tree does not hold, because it is kept out of it like an environment file:
/// `TELNYX_CONFIG.PASSWORD` of `../telnyx-config`.
fn absent_setting(package: &str, path: &[Name], origin: &Origin) -> Option<HandedOut> {
    let mut names = path.iter().chain(&origin.path);
    let last = names.next_back().filter(|_| package.starts_with('.') && !origin.derived)?;
    let before = || names.clone().map(AsRef::as_ref).chain(std::iter::once(package));
    match secret_role(last) {
        Some(NameRole::SipPassword) => Some(HandedOut::Password),
        _ if is_password(last) => before().any(is_of_telephony).then_some(HandedOut::Password),
        Some(NameRole::ApiKey) => (names_vendor(last) || before().any(names_vendor)).then_some(HandedOut::ApiKey),
        _ => None,
    }
}

fn is_of_telephony(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["sip", "telnyx", "webrtc", "voip"].iter().any(|word| lower.contains(word))
}

/// What a value is decrypted from: `decrypt(row.sip_password)`, directly or through a name.
fn sealed(habits: &SecretHabits, unit: &Unit, value: ExprId) -> Option<ExprId> {
    let value = unit.once_declared(value);
    match &unit.module[value].kind {
        ExprKind::Await(inner) => sealed(habits, unit, *inner),
        ExprKind::Conditional { yes, no, .. } => sealed(habits, unit, *yes).or_else(|| sealed(habits, unit, *no)),
        ExprKind::Logical { left, right, .. } => sealed(habits, unit, *left).or_else(|| sealed(habits, unit, *right)),
        ExprKind::Call { args, .. } => {
            let callee = unit.callee_text(value);
            let last = callee.rsplit('.').next().unwrap_or(&callee).to_ascii_lowercase();
            let opens = habits.opening.iter().any(|word| last.contains(word.as_str()));
            opens.then(|| args.first().map(|arg| arg.expr)).flatten()
        }
        _ => None,
    }
}

/// A name without the words that say that its value is a cipher text.
fn opened(name: &str) -> String {
    let words = crate::secrets::words::split(name);
    let open: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !matches!(*word, "encrypted" | "enc" | "cipher" | "ciphertext" | "encoded"))
        .collect();
    if open.len() == words.len() { name.to_owned() } else { open.join("_") }
}

/// A value without the branch of it that is a text: `typeof x === "string" ? x : x.token` is never the whole of `x`.
fn narrowed(unit: &Unit, value: ExprId) -> ExprId {
    let inner = unit.once_declared(value);
    let ExprKind::Conditional { test, yes, no } = &unit.module[inner].kind else { return value };
    let ExprKind::Binary { op, left, right } = &unit.module[unit.uncast(*test)].kind else { return value };
    let is_typeof = |side: ExprId| matches!(unit.module[unit.uncast(side)].kind, ExprKind::Unary { op: UnaryOp::TypeOf, .. });
    let is_string = |side: ExprId| matches!(&unit.module[side].kind, ExprKind::Literal(Literal::String(text)) if &**text == "string");
    if !(is_typeof(*left) && is_string(*right) || is_typeof(*right) && is_string(*left)) {
        return value;
    }
    match op {
        BinaryOp::StrictEqual | BinaryOp::LooseEqual => *no,
        BinaryOp::StrictNotEqual | BinaryOp::LooseNotEqual => *yes,
        _ => value,
    }
}

impl Unit {
    /// The value of a name that is declared once and never written again, or the expression itself.
    fn once_declared(&self, value: ExprId) -> ExprId {
        let value = self.uncast(value);
        match self.scopes.symbol_of_expr(value).map(|symbol| self.usage.writes(symbol)) {
            Some([write]) if write.path.is_empty() => match write.kind {
                WriteKind::Declared { init: Some(init) } => self.uncast(init),
                _ => value,
            },
            _ => value,
        }
    }
}

/// Whether an expression is a name or a member, not something made on the spot.
fn is_reference(unit: &Unit, value: ExprId) -> bool {
    matches!(unit.module[unit.uncast(value)].kind, ExprKind::Ident(_) | ExprKind::Member { .. })
}

/// Whether a value is the body of an answer: `await answer.json()`, directly or through a name.
fn is_body(unit: &Unit, value: ExprId) -> bool {
    let mut inner = unit.once_declared(value);
    for _ in 0..4 {
        match &unit.module[inner].kind {
            ExprKind::Await(awaited) => inner = unit.uncast(*awaited),
            // `answer.json().catch(() => null)`
            ExprKind::Call { .. } if unit.called_method(inner).is_some_and(|method| &**method == "catch") => {
                let Some(receiver) = unit.call_receiver(inner) else { return false };
                inner = unit.uncast(receiver);
            }
            ExprKind::Call { .. } => return unit.called_method(inner).is_some_and(|method| &**method == "json"),
            _ => return false,
        }
    }
    false
}

/// The variable and the property that are written: `answer.credential = …`.
fn member_target(unit: &Unit, target: PatId) -> Option<(SymbolId, &str)> {
    let PatKind::Expr(member) = unit.module[target].kind else { return None };
    let ExprKind::Member { object, property, .. } = &unit.module[member].kind else { return None };
    Some((unit.scopes.symbol_of_expr(unit.uncast(*object))?, property))
}

/// Whether a value is read from a field whose name says that it is a SIP password (`answer.data.sip_password`), directly or through a name.
fn reads_sip_password(unit: &Unit, value: ExprId, depth: u8) -> bool {
    let is_password = |name: &str| secret_role(name) == Some(NameRole::SipPassword);
    let value = unit.uncast(value);
    match &unit.module[value].kind {
        ExprKind::Member { property, .. } => is_password(property),
        ExprKind::Logical { left, .. } => depth < 4 && reads_sip_password(unit, *left, depth + 1),
        ExprKind::Ident(_) => unit.scopes.symbol_of_expr(value).is_some_and(|symbol| {
            unit.usage.writes(symbol).iter().any(|write| match (&write.kind, write.path.last()) {
                (WriteKind::Declared { init: Some(init) }, None) => depth < 4 && reads_sip_password(unit, *init, depth + 1),
                (WriteKind::Declared { .. }, Some(PatternStep::Property(name))) => is_password(name),
                _ => false,
            })
        }),
        _ => false,
    }
}

/// Names that talk about a secret: whether there is one, how long it is, how to change it.
fn speaks_about(lower: &str) -> bool {
    lower.contains("has")
        || lower.contains("length")
        || lower.contains("reset")
        || lower.contains("set")
        || lower.starts_with("is")
        || lower.contains("configured")
}

fn is_password(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == "password" || lower == "passwd" || lower == "pass"
}

/// Whether a property can hold a secret at all. `asks_service`: the file talks to the service, so any name may stand for its answer.
fn is_telling(unit: &Unit, property: &Property, asks_service: bool) -> bool {
    match property {
        Property::Value { key: PropertyKey::Name(name, _), value } => tells(unit, name, *value, asks_service),
        Property::Spread(value) => {
            let text = unit.source.slice(unit.module[*value].span).to_ascii_lowercase();
            asks_service && is_reference(unit, *value) || TELLING.iter().any(|part| text.contains(part))
        }
        _ => false,
    }
}

fn tells(unit: &Unit, name: &str, value: ExprId, asks_service: bool) -> bool {
    if matches!(
        &unit.module[value].kind,
        ExprKind::Literal(Literal::Bool(_) | Literal::Number(_) | Literal::Null | Literal::String(_))
            | ExprKind::Function(_)
            | ExprKind::Object(_)
    ) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let text = unit.source.slice(unit.module[value].span);
    let text = text.get(..text.len().min(160)).unwrap_or("").to_ascii_lowercase();
    asks_service && is_reference(unit, value) || TELLING.iter().any(|part| name.contains(part) || text.contains(part))
}
