//! `credential-leaves-server`: a route that answers with a SIP password, a whole credential or an API key.

use super::{Rule, is_development};
use crate::analysis::model::{App, HandedOut};
use crate::finding::{Finding, Severity};
use crate::fix::Offer;

const HELP: &str = "keep the credential on the server and answer with a login token of it (`POST /telephony_credentials/{id}/token`), which expires by itself";
const KEY_HELP: &str = "keep the key on the server; answer with whether one is set, or with its last four characters";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "credential-leaves-server",
    page: include_str!("../../rules/credential-leaves-server.md"),
    severity: Severity::Error,
    cwe: 522,
    security_severity: "7.5",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for handout in app.handouts.iter().filter(|handout| !is_development(&handout.zone)) {
        let (message, label, help) = match handout.what {
            HandedOut::Password => (
                "the answer holds a SIP password: whoever reads it can register and call until somebody changes it",
                "the password in the answer",
                HELP,
            ),
            HandedOut::Credential => (
                "the answer holds a whole credential, its SIP password included: whoever reads it can register and call until somebody changes it",
                "the credential in the answer",
                HELP,
            ),
            HandedOut::ApiKey => ("the answer holds the API key, which rules the whole account", "the key in the answer", KEY_HELP),
        };
        findings.push(Finding {
            rule: RULE.name,
            severity: Severity::Error,
            confidence: handout.confidence,
            message: message.to_owned(),
            primary: handout.at,
            primary_label: label.to_owned(),
            labels: Vec::new(),
            flow: handout.flow.clone(),
            zone: Some(handout.zone.evidence()),
            help: help.to_owned(),
            fix: None,
        });
    }
}
