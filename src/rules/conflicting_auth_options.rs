//! `conflicting-auth-options`: a password and a login token given to one client.

use super::{Rule, production_clients};
use crate::analysis::model::{App, Client, LoginOption, OptionRole};
use crate::finding::{Finding, Label, Severity};
use crate::fix::{Applicability, Edit, Fix, Offer};

const HELP: &str = "pass `login_token` alone";
const FIX: &str = "take the user name and password out of the options";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "conflicting-auth-options",
    page: include_str!("../../rules/conflicting-auth-options.md"),
    severity: Severity::Error,
    cwe: 1287,
    security_severity: "6.5",
    fix: Offer::Suggested,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for client in production_clients(app) {
        for password in client.options_of(OptionRole::Password) {
            let token = client.options_of(OptionRole::Token).find(|token| password.object.is_some() && token.object == password.object);
            let known = findings.iter().any(|finding| finding.rule == RULE.name && finding.primary == password.at);
            if let Some(token) = token.filter(|_| !known) {
                findings.push(finding(client, password, token));
            }
        }
    }
}

fn fix(password: &LoginOption) -> Option<Fix> {
    let edits: Vec<Edit> = password.removal.iter().copied().map(Edit::delete).collect();
    (!edits.is_empty()).then(|| Fix { title: FIX.to_owned(), applicability: Applicability::Suggested, edits })
}

fn finding(client: &Client, password: &LoginOption, token: &LoginOption) -> Finding {
    let subject = client.name.as_ref().map_or_else(|| "the client".to_owned(), |name| format!("the client `{name}`"));
    Finding {
        rule: RULE.name,
        severity: Severity::Error,
        confidence: client.confidence,
        message: format!(
            "{subject} is given a password and a login token; the password wins, so the token and every refresh of it are without effect"
        ),
        primary: password.at,
        primary_label: "this wins".to_owned(),
        labels: vec![Label { location: token.at, message: "this is without effect".to_owned() }],
        flow: password.way.clone(),
        zone: Some(client.zone.evidence()),
        help: HELP.to_owned(),
        fix: fix(password),
    }
}
