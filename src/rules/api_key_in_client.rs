//! `api-key-in-client`: an API key that reaches browser, mobile or desktop code.

use super::{Rule, is_development, set_here};
use crate::analysis::model::{App, KeyOrigin, KeyUse};
use crate::finding::{Finding, Severity, ZoneKind};
use crate::fix::Offer;

const HELP: &str =
    "keep the key on the back end, let the client ask your own endpoint for a login token, and rotate this key: it has been public";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "api-key-in-client",
    page: include_str!("../../rules/api-key-in-client.md"),
    severity: Severity::Error,
    cwe: 540,
    security_severity: "9.1",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for used in &app.key_uses {
        if reaches_client(used) && !is_development(&used.zone) && !used.development_only {
            findings.push(finding(app, used));
        }
    }
}

/// Whether the use is the client's: a public variable needs no more than not being on the server.
pub(super) fn reaches_client(used: &KeyUse) -> bool {
    match used.what {
        KeyOrigin::PublicEnv(_) => used.zone.ships() || used.zone.kind == ZoneKind::Unknown,
        KeyOrigin::Literal | KeyOrigin::Field(_) => used.zone.ships(),
    }
}

fn finding(app: &App, used: &KeyUse) -> Finding {
    let consequence = "whoever opens the page can read it and control the whole account";
    let message = match &used.what {
        KeyOrigin::Literal => format!("a Telnyx API key stands in client code: {consequence}"),
        KeyOrigin::PublicEnv(name) if used.presence_only => {
            format!("client code tests whether `{name}` is set; a bundler still ships the key to every visitor")
        }
        KeyOrigin::PublicEnv(name) => format!("`{name}` is built into the client's bundle: {consequence}"),
        KeyOrigin::Field(field) => format!("client code reads the Telnyx API key `{field}` out of an answer: {consequence}"),
    };
    Finding {
        rule: RULE.name,
        severity: if used.presence_only { Severity::Note } else { Severity::Error },
        confidence: used.confidence,
        message,
        primary: used.at,
        primary_label: "the API key".to_owned(),
        labels: if let KeyOrigin::PublicEnv(name) = &used.what { set_here(app, name, used.at) } else { Vec::new() },
        flow: used.flow.clone(),
        zone: Some(used.zone.evidence()),
        help: HELP.to_owned(),
        fix: None,
    }
}
