//! `client-side-token-mint`: client code that calls the mint or credential endpoints.

use super::{Rule, is_development};
use crate::analysis::model::{App, ServiceAction};
use crate::finding::{Confidence, Finding, Severity};
use crate::fix::Offer;

const HELP: &str =
    "move the call behind an endpoint of your own that checks the user's session, and let the client fetch only the login token";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "client-side-token-mint",
    page: include_str!("../../rules/client-side-token-mint.md"),
    severity: Severity::Error,
    cwe: 602,
    security_severity: "8.6",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for call in &app.service_calls {
        if !call.zone.ships() || is_development(&call.zone) || call.development_only {
            continue;
        }
        let what = match call.action {
            ServiceAction::Mint => "mints a login token",
            ServiceAction::CreateCredential => "creates a credential",
            ServiceAction::TouchCredential => "calls the credential endpoints",
            ServiceAction::TouchConnection => "calls the connection endpoints",
        };
        findings.push(Finding {
            rule: RULE.name,
            severity: Severity::Error,
            confidence: Confidence::High.min(call.zone.confidence),
            message: format!("client code {what} (`{}`), which takes an API key: the key has to be in the browser too", call.spelling),
            primary: call.at,
            primary_label: "belongs on the back end".to_owned(),
            labels: Vec::new(),
            flow: Vec::new(),
            zone: Some(call.zone.evidence()),
            help: HELP.to_owned(),
            fix: None,
        });
    }
}
