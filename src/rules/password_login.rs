//! `password-login`: a production client that logs in with a SIP user name and password.

use super::{Rule, counts, only_if, production_clients, set_here, told, told_beyond, weaker};
use crate::analysis::model::{App, Client, LoginOption, OptionRole, Provenance, Source};
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::fix::Offer;

const HELP: &str = "mint a login token on your back end for the signed-in user's own credential and pass only `login_token` to the client";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "password-login",
    page: include_str!("../../rules/password-login.md"),
    severity: Severity::Error,
    cwe: 522,
    security_severity: "7.5",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for client in production_clients(app) {
        for option in client.options_of(OptionRole::Password) {
            // Password beside token in one object: the conflict is the defect.
            let conflicts = option.object.is_some() && client.options_of(OptionRole::Token).any(|token| token.object == option.object);
            let known = findings.iter().any(|finding| finding.rule == RULE.name && finding.primary == option.at);
            if !conflicts && !known {
                findings.extend(finding(app, client, option));
            }
        }
    }
}

fn finding(app: &App, client: &Client, option: &LoginOption) -> Option<Finding> {
    let live: Vec<&Source> = option.sources.iter().filter(|source| counts(source)).collect();
    if live.is_empty() && !option.sources.is_empty() {
        return None;
    }
    let worst = live.iter().max_by_key(|source| badness(&source.provenance)).copied();
    let severity = match worst.map(|source| &source.provenance) {
        Some(Provenance::Form | Provenance::PageUrl) => Severity::Note,
        // Whether the user or the app put it there, the storage does not tell.
        Some(Provenance::Storage(_)) => Severity::Warning,
        _ => Severity::Error,
    };
    let confidence = worst.map_or(Confidence::Medium, confidence);
    let subject = match &client.name {
        Some(name) => format!("the client `{name}` logs in with a SIP password"),
        None => "the client logs in with a SIP password".to_owned(),
    };
    let message = match worst.map(|source| &source.provenance) {
        Some(Provenance::Form) => format!("{subject} that the user types in; a login token would expire and could be revoked"),
        None | Some(Provenance::Unknown | Provenance::Caller) => {
            format!("{subject}, which never expires; whoever reads it from the browser can call on the account's bill")
        }
        Some(provenance) => {
            let beyond = worst.map(told_beyond).unwrap_or_default();
            format!("{subject} that is {}{beyond}; it never expires, and whoever reads it can call on the account's bill", told(provenance))
        }
    };
    let mut flow = worst.map(|source| source.whole_flow().to_vec()).unwrap_or_default();
    flow.extend(option.way.iter().cloned());
    let mut labels = Vec::new();
    if client.at != option.at && !client.at.span.contains(option.at.span) {
        labels.push(Label { location: client.at, message: "the client that it reaches".to_owned() });
    }
    if let Some(Source { provenance: Provenance::PublicEnv(name), at, .. }) = worst {
        labels.extend(set_here(app, name, *at));
    }
    labels.extend(only_if(worst));
    Some(Finding {
        rule: RULE.name,
        severity,
        confidence: weaker(confidence, client.confidence),
        message,
        primary: option.at,
        primary_label: "the SIP password".to_owned(),
        labels,
        flow,
        zone: Some(client.zone.evidence()),
        help: HELP.to_owned(),
        fix: None,
    })
}

/// How sure the accusation is, from what is known of the value.
fn confidence(source: &Source) -> Confidence {
    match &source.provenance {
        Provenance::Literal(text) if crate::secrets::placeholder::is_dummy_password(text.expose()) => Confidence::Low,
        Provenance::Unknown | Provenance::Caller => Confidence::Medium,
        _ if source.derived => Confidence::Medium,
        _ => Confidence::High,
    }
}

/// The worse origin decides: one that everybody can read beats one that the user knows anyway.
fn badness(provenance: &Provenance) -> u8 {
    match provenance {
        Provenance::Literal(text) if crate::secrets::placeholder::is_placeholder(text.expose()) => 1,
        Provenance::Literal(_) => 9,
        Provenance::PublicEnv(_) => 8,
        Provenance::BackEnd(_) | Provenance::TemplateHole => 7,
        Provenance::Database | Provenance::File | Provenance::PrivateEnv(_) | Provenance::RequestInput => 6,
        Provenance::Form => 4,
        Provenance::PageUrl => 3,
        Provenance::Storage(_) => 5,
        Provenance::Caller | Provenance::Unknown => 2,
    }
}
