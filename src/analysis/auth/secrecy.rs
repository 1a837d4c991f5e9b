//! Secrecy: which values are secrets of the telephony account at run time.
//!
//! A value is one by where it is born (the mint, a credential call, a variable or column of that name), because a client of the project
//! logs in with it, or, less surely, by the name that it is read under. Literals are the matter of the text scan.

use std::sync::Arc;

use super::Builder;
use super::handouts::MASKING;
use crate::analysis::model::{Client, Exposed, HandedOut, OptionRole, ServiceAction, ServiceCall};
use crate::analysis::unit::Unit;
use crate::analysis::values::{Origin, OriginKind, Site};
use crate::catalog::user::Given;
use crate::catalog::vendor::Words;
use crate::finding::{Confidence, FlowStep, StepKind};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Name, Property, PropertyKey};
use crate::secrets::names::{NameRole, names_vendor, secret_role};
use crate::source::Location;

/// How deep objects are searched.
const NESTING: u8 = 3;

/// The births of secrets: values that clients log in with, and the answers of mints.
#[derive(Debug, Default)]
pub(super) struct Births(Vec<Birth>);

#[derive(Debug)]
struct Birth {
    at: Location,
    path: Vec<Name>,
    what: Exposed,
    words: Arc<Words>,
    /// The calls of functions of the project that the value is returned by on its way to the client.
    calls: Vec<Location>,
}

/// A secret that a value is or holds.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) what: Exposed,
    /// How messages speak of the vendor's things.
    pub(super) words: Arc<Words>,
    /// The value is an object with the secret in it.
    pub(super) whole: bool,
    /// It is, or is taken out of, the answer of a request.
    pub(super) is_answer: bool,
    /// The key of the object literal that it stands under.
    pub(super) under: Option<Name>,
    pub(super) flow: Vec<FlowStep>,
    pub(super) confidence: Confidence,
}

impl<'w> Builder<'w> {
    /// How messages speak of the things of the vendor that authlint is made for.
    pub(super) fn own_words(&self) -> Arc<Words> {
        self.catalog.vendors().first().map(|vendor| Arc::clone(&vendor.words)).unwrap_or_default()
    }

    /// Where the secrets of the project are born.
    pub(super) fn births(&self, clients: &[Client], calls: &[ServiceCall]) -> Births {
        let mut births = Births::default();
        let options = clients.iter().flat_map(|client| client.options.iter().map(move |option| (client, option)));
        for (client, option) in options {
            let what = match option.role {
                OptionRole::Password => Exposed::Password,
                OptionRole::Token => Exposed::Token,
                OptionRole::User | OptionRole::Anonymous => continue,
            };
            let Some((unit, expr)) = self.expr_at(option.at) else { continue };
            for origin in self.values.origins(Self::site(unit, expr), &[]) {
                if !origin.derived && is_birth(&origin.kind) {
                    let words = Arc::clone(&client.sdk.words);
                    births.0.push(Birth { at: origin.at, calls: calls_of(&origin), path: origin.path, what, words });
                }
            }
        }
        let mints = calls.iter().filter(|call| call.action == ServiceAction::Mint);
        births.0.extend(mints.map(|mint| Birth {
            at: mint.at,
            path: Vec::new(),
            what: Exposed::Token,
            words: self.own_words(),
            calls: Vec::new(),
        }));
        births
    }

    /// The secret that the value of an expression is or holds.
    pub(super) fn secret_held(&self, unit: &'w Unit, expr: ExprId, births: &Births, depth: u8) -> Option<Held> {
        let expr = unit.uncast(expr);
        let to = |expr| self.secret_held(unit, expr, births, depth + 1);
        if depth > NESTING * 2 {
            return None;
        }
        match &unit.module[expr].kind {
            ExprKind::Conditional { yes, no, .. } => to(*yes).or_else(|| to(*no)),
            ExprKind::Logical { left, right, .. } => to(*right).or_else(|| to(*left)),
            ExprKind::Await(inner) => to(*inner),
            ExprKind::Template { exprs, .. } => exprs.iter().find_map(|hole| to(*hole)),
            ExprKind::Binary { op: crate::hir::BinaryOp::Add, left, right } => to(*left).or_else(|| to(*right)),
            ExprKind::Object(properties) => properties.iter().enumerate().find_map(|(index, property)| match property {
                Property::Value { key, value } if !matches!(unit.module[*value].kind, ExprKind::Function(_)) => {
                    let held = Held { under: key.name().map(Name::from), ..to(*value)? };
                    // `{ token: answer }` shows a whole; `{ hasToken: !!token }` never gets here.
                    (!matches!(key, PropertyKey::Name(name, _) if speaks_about(name))).then_some(held)
                }
                // `{ ...headers, Authorization: '…' }` overwrites it.
                Property::Spread(value) => to(*value).filter(|held| !is_overwritten(held, properties.get(index + 1..).unwrap_or_default())),
                _ => None,
            }),
            ExprKind::Call { args, .. } => {
                let callee = unit.callee_text(expr);
                if callee.ends_with("stringify") || matches!(&*callee, "String" | "encodeURIComponent" | "structuredClone") {
                    return args.first().and_then(|first| to(first.expr));
                }
                if unit.called_method(expr).is_some_and(|method| matches!(&**method, "trim" | "toString")) {
                    return unit.call_receiver(expr).and_then(to);
                }
                if MASKING.iter().any(|mask| unit.source.slice(unit.module[expr].span).contains(mask)) {
                    return None;
                }
                self.held_by_origin(unit, expr, births, depth)
            }
            ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Index { .. } => {
                let text = unit.source.slice(unit.module[expr].span);
                if MASKING.iter().any(|mask| text.contains(mask)) {
                    return None;
                }
                self.held_by_origin(unit, expr, births, depth).or_else(|| self.held_by_name(unit, expr))
            }
            _ => None,
        }
    }

    /// What the answer of an endpoint holds that a team has declared, and whether it is the answer as a whole.
    fn told_by_endpoint(&self, origin: &Origin) -> Option<(Exposed, bool)> {
        let OriginKind::Response(request) = origin.kind else { return None };
        if self.catalog.token_endpoints.is_empty() || origin.derived {
            return None;
        }
        let url = self.request_text(request)?.replace('…', "{}");
        let endpoint = self.catalog.token_endpoints.iter().find(|endpoint| endpoint.is_asked_by(&url))?;
        let last = origin.path.iter().rev().find(|part| !matches!(&***part, "data" | "body" | "result"));
        match (endpoint.gives, last.and_then(|name| secret_role(name)), last) {
            (Given::Token, Some(NameRole::LoginToken), _) => Some((Exposed::Token, false)),
            (Given::Token, _, Some(name)) => {
                matches!(&**name, "token" | "jwt" | "accessToken" | "access_token").then_some((Exposed::Token, false))
            }
            (Given::Token, _, None) => Some((Exposed::Token, true)),
            (Given::Credential, Some(NameRole::SipPassword), _) => Some((Exposed::Password, false)),
            (Given::Credential, _, Some(name)) => (&**name == "password").then_some((Exposed::Password, false)),
            (Given::Credential, _, None) => Some((Exposed::Credential, true)),
        }
    }

    /// Whether a value that is born where a secret is comes through the same calls: a helper that does all requests answers many questions.
    fn is_same_way(&self, births: &Births, origin: &Origin) -> bool {
        let own = calls_of(origin);
        births.0.iter().filter(|birth| birth.at == origin.at).any(|birth| match own.last() {
            Some(last) => birth.calls.contains(last) || birth.calls.is_empty(),
            None => birth.calls.is_empty() || self.asks_for_one_thing(origin),
        })
    }

    /// Whether the request that a value is born in has an address of its own, not one that it is given.
    fn asks_for_one_thing(&self, origin: &Origin) -> bool {
        let (OriginKind::Response(site) | OriginKind::Call(site)) = origin.kind else { return true };
        self.request_text(site).is_some_and(|text| text.contains(|letter: char| letter.is_ascii_alphabetic()))
    }

    fn held_by_origin(&self, unit: &'w Unit, expr: ExprId, births: &Births, depth: u8) -> Option<Held> {
        let site = Self::site(unit, expr);
        let origins = self.values.origins(site, &[]);
        for origin in &origins {
            let is_answer = matches!(origin.kind, OriginKind::Response(_) | OriginKind::Call(_));
            let held =
                |what, words, whole, confidence| Held { what, words, whole, is_answer, under: None, flow: Self::flow(origin), confidence };
            if let Some(what) = self.secret_in(origin).filter(|_| !origin.derived) {
                return Some(held(exposed(what), self.own_words(), false, Confidence::High));
            }
            if !origin.derived && self.is_whole_credential(origin) {
                return Some(held(Exposed::Credential, self.own_words(), true, Confidence::High));
            }
            if let Some((what, whole)) = self.told_by_endpoint(origin) {
                return Some(held(what, self.own_words(), whole, Confidence::High));
            }
            if let Some((what, words, whole)) = births.of(origin).filter(|_| self.is_same_way(births, origin)) {
                return Some(held(what, words, whole, Confidence::High));
            }
        }
        // An object of the project with a secret in it.
        let objects = origins.iter().any(|origin| matches!(origin.kind, OriginKind::Object(_)));
        if !objects {
            return None;
        }
        self.held_in_object(unit, expr, births).or_else(|| self.held_in_literal(Self::site(unit, expr), &origins, births, depth))
    }

    /// An object literal, made elsewhere and given on whole, that holds a secret as the literal itself shows (`headers`, `options`).
    fn held_in_literal(&self, asked: Site, origins: &[Origin], births: &Births, depth: u8) -> Option<Held> {
        let wholes = origins.iter().filter(|origin| origin.path.is_empty() && !origin.derived);
        wholes.into_iter().find_map(|origin| {
            let OriginKind::Object(site) = origin.kind else { return None };
            let unit = self.workspace.unit(site.file)?;
            // What only its name tells is too little at a distance.
            let held = self.secret_held(unit, site.expr, births, depth + 1).filter(|held| held.confidence == Confidence::High)?;
            // `const { Authorization, ...rest } = headers` has taken it out.
            let is_there = held.under.as_ref().is_none_or(|key| !self.values.properties(asked, std::slice::from_ref(key)).is_empty());
            is_there.then_some(Held { whole: true, ..held })
        })
    }

    /// An object literal, made elsewhere, that holds a secret under a name that says so.
    fn held_in_object(&self, unit: &'w Unit, expr: ExprId, births: &Births) -> Option<Held> {
        for name in ["password", "sipPassword", "sip_password", "login_token", "loginToken", "token"] {
            for path in [vec![Name::from(name)], vec!["credential".into(), name.into()], vec!["data".into(), name.into()]] {
                for property in self.values.properties(Self::site(unit, expr), &path) {
                    let OriginKind::Property(written) = property.kind else { continue };
                    for origin in self.values.origins_of_property(&property) {
                        if origin.derived {
                            continue;
                        }
                        let by_origin = self
                            .secret_in(&origin)
                            .map(|what| (exposed(what), self.own_words()))
                            .or_else(|| births.of(&origin).map(|(what, words, _)| (what, words)));
                        let by_password =
                            || (name != "token" && self.is_sip_password(&origin)).then(|| (Exposed::Password, self.own_words()));
                        if let Some((what, words)) = by_origin.or_else(by_password) {
                            return Some(Held {
                                what,
                                words,
                                whole: true,
                                is_answer: false,
                                under: path.first().cloned(),
                                flow: Self::flow(&origin),
                                confidence: Confidence::High,
                            });
                        }
                        // Typed in, or handed in from outside: the name is all there is.
                        if secret_role(name) == Some(NameRole::SipPassword)
                            && self.workspace.unit(written.file).is_some_and(|unit| unit.is_written_as(written.expr, name))
                            && matches!(origin.kind, OriginKind::UserInput | OriginKind::RequestInput | OriginKind::Param(..))
                        {
                            return Some(Held {
                                what: Exposed::Password,
                                words: self.own_words(),
                                whole: true,
                                is_answer: false,
                                under: path.first().cloned(),
                                flow: Self::flow(&origin),
                                confidence: Confidence::Medium,
                            });
                        }
                    }
                }
            }
        }
        None
    }

    /// A value that is read under a name that only a secret has.
    fn held_by_name(&self, unit: &Unit, expr: ExprId) -> Option<Held> {
        let name = match &unit.module[expr].kind {
            ExprKind::Ident(name) => name.clone(),
            ExprKind::Member { property, .. } => property.clone(),
            _ => return None,
        };
        let what = match secret_role(&name)? {
            NameRole::SipPassword => Exposed::Password,
            NameRole::LoginToken => Exposed::Token,
            NameRole::ApiKey | NameRole::OauthSecret if names_vendor(&name) => Exposed::ApiKey,
            _ => return None,
        };
        let origins = self.values.origins(Self::site(unit, expr), &[]);
        // A constant, a flag, a function of that name or somebody else's class is no secret.
        let value = origins.iter().any(|origin| is_birth(&origin.kind) || matches!(origin.kind, OriginKind::Unknown));
        value.then(|| Held {
            what,
            words: self.own_words(),
            whole: false,
            is_answer: false,
            under: None,
            flow: origins.first().map(Self::flow).unwrap_or_default(),
            confidence: Confidence::Medium,
        })
    }
}

impl Births {
    /// What the value of an origin is, and whether it is an object that holds it.
    fn of(&self, origin: &Origin) -> Option<(Exposed, Arc<Words>, bool)> {
        if origin.derived {
            return None;
        }
        self.0.iter().filter(|birth| birth.at == origin.at).find_map(|birth| {
            let whole = birth.path.len() > origin.path.len();
            birth.path.starts_with(&origin.path).then(|| (birth.what, Arc::clone(&birth.words), whole))
        })
    }
}

/// The calls that an origin's value is returned by, the first one first.
fn calls_of(origin: &Origin) -> Vec<Location> {
    origin.trail.steps().into_iter().filter(|step| step.kind == StepKind::Call).map(|step| step.location).collect()
}

fn is_birth(kind: &OriginKind) -> bool {
    matches!(
        kind,
        OriginKind::Response(_)
            | OriginKind::Call(_)
            | OriginKind::Storage(_)
            | OriginKind::UserInput
            | OriginKind::RequestInput
            | OriginKind::Param(..)
            | OriginKind::Env { .. }
            | OriginKind::PageUrl
    )
}

fn exposed(what: HandedOut) -> Exposed {
    match what {
        HandedOut::Password => Exposed::Password,
        HandedOut::Credential => Exposed::Credential,
        HandedOut::ApiKey => Exposed::ApiKey,
    }
}

/// Whether one of the properties is set under the key of a secret.
fn is_overwritten(held: &Held, later: &[Property]) -> bool {
    later.iter().any(|property| match property {
        Property::Value { key, .. } => key.name().is_some() && key.name() == held.under.as_deref(),
        _ => false,
    })
}

/// Names that talk about a secret.
fn speaks_about(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("has") || lower.starts_with("is") || lower.contains("length") || lower.contains("expires")
}

impl Unit {
    /// Whether an expression is the value of a property of that name in an object literal.
    fn is_written_as(&self, value: ExprId, name: &str) -> bool {
        let Some(Node::Expr(object)) = self.parents.parent(Node::Expr(value)) else { return false };
        let ExprKind::Object(properties) = &self.module[object].kind else { return false };
        properties.iter().any(|property| {
            matches!(property, Property::Value { key: PropertyKey::Name(key, _), value: written } if *written == value && &**key == name)
        })
    }
}
