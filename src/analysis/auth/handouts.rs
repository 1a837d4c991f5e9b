//! Secrets in a server's answers: a SIP password, a whole credential or an API key in something that goes out to the caller.
//!
//! What a value is, its own name says (a column, a variable, a field), or the name of where it comes from. A bare `password` counts only
//! where the row, the connection or the request that it is read from is one of the service: the passwords of other vendors and of one's own
//! users are not meant.

use std::cell::LazyCell;

use super::Builder;
use super::databases;
use super::tiers::answers::{goes_out, sends};
use crate::analysis::model::{HandedOut, Handout, Sharing};
use crate::analysis::unit::Unit;
use crate::analysis::usage::{PatternStep, WriteKind};
use crate::analysis::values::{Origin, OriginKind, Site};
use crate::finding::{Confidence, ZoneKind};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Literal, Property, PropertyKey};
use crate::secrets::names::{NameRole, names_vendor, secret_role};
use crate::source::Location;

/// Parts of names that make a property worth a look.
const TELLING: [&str; 10] = ["pass", "pwd", "cred", "secret", "key", "sip", "telnyx", "token", "config", "setting"];
/// What is done to a secret before it is shown.
pub(super) const MASKING: [&str; 11] =
    ["slice(", "substring(", "substr(", "mask", "repeat(", "replace(", ".length", "hash", "redact", "•", "***"];

impl<'w> Builder<'w> {
    /// Every handout of the anchored server files.
    pub(crate) fn handouts(&self) -> Vec<Handout> {
        let mut handouts = Vec::new();
        // Objects that were given on as a whole, each with the places of the secrets in it.
        let mut wholes: Vec<(Handout, Vec<Location>)> = Vec::new();
        for unit in self.workspace.anchored_units() {
            // Where a file runs costs a walk through its importers, so it is asked only once something in it tells.
            let server = LazyCell::new(|| matches!(self.zones.zone_of(unit.file).kind, ZoneKind::Server | ZoneKind::Both));
            for node in unit.parents.nodes() {
                let Node::Expr(expr) = *node else { continue };
                match &unit.module[expr].kind {
                    ExprKind::Object(properties) => {
                        let telling: Vec<&Property> = properties.iter().filter(|property| is_telling(unit, property)).collect();
                        if telling.is_empty() || !goes_out(unit, expr, 0) || !*server {
                            continue;
                        }
                        for property in telling {
                            match property {
                                Property::Value { key: PropertyKey::Name(name, _), value } => {
                                    let found = self.handout(unit, name, *value);
                                    if found.is_none() {
                                        wholes.extend(self.whole(unit, *value));
                                    }
                                    handouts.extend(found);
                                }
                                Property::Spread(value) => wholes.extend(self.whole(unit, *value)),
                                _ => {}
                            }
                        }
                    }
                    ExprKind::Call { args, .. } if sends(&unit.callee_text(expr)) && !unit.callee_text(expr).starts_with("console") => {
                        if let Some(first) = args.first()
                            && matches!(unit.module[unit.uncast(first.expr)].kind, ExprKind::Ident(_) | ExprKind::Member { .. })
                            && goes_out(unit, first.expr, 0)
                            && *server
                        {
                            wholes.extend(self.whole(unit, first.expr));
                        }
                    }
                    _ => {}
                }
            }
        }
        for (whole, secrets) in wholes {
            if !handouts.iter().any(|known| known.at == whole.at || secrets.contains(&known.at)) {
                handouts.push(whole);
            }
        }
        handouts.sort_by_key(|handout: &Handout| handout.at);
        handouts
    }

    /// A property whose value is a secret.
    fn handout(&self, unit: &'w Unit, name: &str, value: ExprId) -> Option<Handout> {
        let lower = name.to_ascii_lowercase();
        if speaks_about(&lower) || MASKING.iter().any(|mask| unit.source.slice(unit.module[value].span).contains(mask)) {
            return None;
        }
        let origins = self.values.origins(Self::site(unit, value), &[]);
        if lower.contains("pass") {
            // For whom a password is, its own origin tells.
            let telling: Vec<Origin> = origins.iter().filter(|origin| self.is_sip_password(origin)).cloned().collect();
            if !telling.is_empty() {
                let verdict = self.sharing(&self.followed(telling.clone()));
                let confidence = if verdict.sharing == Sharing::Unknown { Confidence::High } else { verdict.confidence };
                let flow = if verdict.flow.is_empty() { telling.first().map(Self::flow).unwrap_or_default() } else { verdict.flow };
                return Some(Handout { sharing: verdict.sharing, flow, confidence, ..self.plain(unit, value, HandedOut::Password) });
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
            OriginKind::Call(_) | OriginKind::Response(_) | OriginKind::File(_) => {
                let last = origin.path.iter().rev().find(|segment| !segment.bytes().all(|byte| byte.is_ascii_digit()))?;
                role(last).or_else(|| (is_password(last) && self.is_sip_password(origin)).then_some(HandedOut::Password))
            }
            _ => None,
        }
    }

    /// A whole credential: the answer of a credential call, or an object with a SIP password in it; with the places of the passwords.
    fn whole(&self, unit: &'w Unit, value: ExprId) -> Option<(Handout, Vec<Location>)> {
        let site = Self::site(unit, value);
        for origin in self.values.origins(site, &[]) {
            if !origin.derived && self.is_credential(&origin) {
                return Some((Handout { flow: Self::flow(&origin), ..self.plain(unit, value, HandedOut::Credential) }, Vec::new()));
            }
        }
        let mut secrets = Vec::new();
        let mut flow = Vec::new();
        for name in ["password", "sip_password", "sipPassword"] {
            for property in self.values.properties(site, &[name.into()]) {
                let OriginKind::Property(at) = property.kind else { continue };
                let text = self.workspace.unit(at.file).map_or("", |unit| unit.source.slice(unit.module[at.expr].span));
                if MASKING.iter().any(|mask| text.contains(mask)) {
                    continue;
                }
                let origins = self.values.origins_of_property(&property);
                if let Some(origin) =
                    origins.iter().find(|origin| self.is_sip_password(origin) || self.secret_in(origin) == Some(HandedOut::Password))
                {
                    secrets.push(self.at(at));
                    flow = Self::flow(origin);
                }
            }
        }
        (!secrets.is_empty()).then(|| (Handout { flow, ..self.plain(unit, value, HandedOut::Credential) }, secrets))
    }

    /// Whether an origin is a whole credential (or a list of them) as the service answers it.
    pub(super) fn is_credential(&self, origin: &Origin) -> bool {
        let (OriginKind::Call(site) | OriginKind::Response(site)) = origin.kind else { return false };
        let whole = origin.path.iter().all(|segment| &**segment == "data" || segment.bytes().all(|byte| byte.is_ascii_digit()));
        if !whole || origin.path.is_empty() && !self.is_sdk_credential_call(site) {
            return false;
        }
        if self.is_sdk_credential_call(site) {
            return true;
        }
        let Some(unit) = self.workspace.unit(site.file) else { return false };
        let ExprKind::Call { args, .. } = &unit.module[site.expr].kind else { return false };
        let Some(first) = args.first() else { return false };
        let url = self.values.text(Self::site(unit, first.expr)).pattern();
        let path = url.split(['?', '#']).next().unwrap_or(&url).trim_end_matches('/');
        path.ends_with("/telephony_credentials") || path.ends_with("/telephony_credentials/{}")
    }

    fn is_sdk_credential_call(&self, site: Site) -> bool {
        let Some(unit) = self.workspace.unit(site.file) else { return false };
        let callee = unit.callee_text(site.expr);
        ["create", "retrieve", "list", "update"].iter().any(|method| {
            ["telephonyCredentials", "telephony_credentials", "TelephonyCredential"].iter().any(|resource| {
                callee.strip_suffix(method).and_then(|rest| rest.strip_suffix('.')).is_some_and(|rest| rest.ends_with(resource))
            })
        })
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
                (column && (connection || databases::is_query(text) && (lower.contains("sip") || lower.contains("telnyx")))) || settings_row
            }
            _ => false,
        }
    }
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

/// Whether a property can hold a secret at all.
fn is_telling(unit: &Unit, property: &Property) -> bool {
    match property {
        Property::Value { key: PropertyKey::Name(name, _), value } => {
            if matches!(
                &unit.module[*value].kind,
                ExprKind::Literal(Literal::Bool(_) | Literal::Number(_) | Literal::Null | Literal::String(_))
                    | ExprKind::Function(_)
                    | ExprKind::Object(_)
            ) {
                return false;
            }
            let name = name.to_ascii_lowercase();
            let text = unit.source.slice(unit.module[*value].span);
            let text = text.get(..text.len().min(160)).unwrap_or("").to_ascii_lowercase();
            TELLING.iter().any(|part| name.contains(part) || text.contains(part))
        }
        Property::Spread(value) => {
            let text = unit.source.slice(unit.module[*value].span).to_ascii_lowercase();
            TELLING.iter().any(|part| text.contains(part))
        }
        _ => false,
    }
}
