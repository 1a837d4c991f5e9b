//! `unauthenticated-token-endpoint`: a route that gives tokens or credentials to anybody.

use super::{Rule, is_development};
use crate::analysis::model::{App, CallerCheck, Endpoint, Gift};
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::fix::Offer;

const HELP: &str = "look up the signed-in user at the start of the handler (session, verified token), answer 401 when there is none, and choose the credential from that user";
const PUBLIC_KEY: &str = "only the platform's token switch stands before it, and the public key that every visitor has passes it";
const OPEN: &str = "nothing checks who the caller is";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "unauthenticated-token-endpoint",
    page: include_str!("../../rules/unauthenticated-token-endpoint.md"),
    severity: Severity::Error,
    cwe: 306,
    security_severity: "8.6",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    let mut reported: Vec<&Endpoint> = Vec::new();
    for endpoint in &app.endpoints {
        if is_development(&endpoint.zone) || endpoint.development_only {
            continue;
        }
        let (why, confidence, pretended) = match &endpoint.check {
            CallerCheck::Checked | CallerCheck::Unsure => continue,
            CallerCheck::PublicKey => (PUBLIC_KEY, Confidence::Medium, None),
            CallerCheck::Missing { pretended } => (OPEN, Confidence::High, *pretended),
        };
        // `GET` and `POST` of one file that share a helper are one defect.
        if reported.iter().any(|known| known.gives_at == endpoint.gives_at) {
            continue;
        }
        reported.push(endpoint);
        let mut labels = Vec::new();
        if !(endpoint.at.file == endpoint.gives_at.file && endpoint.gives_at.span.contains(endpoint.at.span)) {
            labels.push(Label { location: endpoint.at, message: "the endpoint".to_owned() });
        }
        labels.extend(pretended.map(|location| Label { location, message: "this only looks at what the caller says".to_owned() }));
        let gift = match endpoint.gives {
            Gift::Token => "login tokens",
            Gift::Credential => "SIP credentials",
        };
        findings.push(Finding {
            rule: RULE.name,
            severity: Severity::Error,
            confidence,
            message: format!("{} gives {gift} to anybody: {why}", endpoint.name),
            primary: endpoint.gives_at,
            primary_label: "reached without a check of the caller".to_owned(),
            labels,
            flow: endpoint.flow.clone(),
            zone: Some(endpoint.zone.evidence()),
            help: HELP.to_owned(),
            fix: None,
        });
    }
}
