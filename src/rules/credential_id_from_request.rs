//! `credential-id-from-request`: a mint whose credential id is chosen by the caller.

use super::{Rule, is_development};
use crate::analysis::model::{App, Provenance, ServiceAction, ServiceCall, Source};
use crate::finding::{Confidence, Finding, Label, Severity, StepKind};
use crate::fix::Offer;

const MESSAGE: &str = "the caller chooses the credential that the login token is minted for: whoever sends another user's id takes that user's calls and calls in that user's name";
const HELP: &str = "take the credential id from the signed-in user's own record; where callers may choose among several of theirs, compare the owner of the one that they ask for with the session before the mint";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "credential-id-from-request",
    page: include_str!("../../rules/credential-id-from-request.md"),
    severity: Severity::Warning,
    cwe: 639,
    security_severity: "6.5",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for call in app.service_calls.iter().filter(|call| call.action == ServiceAction::Mint && !call.id_checked) {
        if is_development(&call.zone) || call.development_only {
            continue;
        }
        let Some(source) = call.credential.iter().find(|source| is_chosen(source)) else { continue };
        let finding = finding(call, source);
        // Several mints in the branches of one helper are one choice.
        if !findings.iter().any(|known| known.rule == RULE.name && known.primary == finding.primary) {
            findings.push(finding);
        }
    }
}

/// What the caller of the endpoint sent, itself and not something that was looked up by it.
fn is_chosen(source: &Source) -> bool {
    source.provenance == Provenance::RequestInput && !source.derived && !source.development_only
}

fn finding(call: &ServiceCall, source: &Source) -> Finding {
    // A helper that mints for the id that it is given: the endpoint that passes the caller's is where the fix belongs.
    let passed = source.flow.iter().find(|step| step.kind == StepKind::Argument).map(|step| step.location);
    let primary = passed.or(call.id_at).unwrap_or(call.at);
    let mut labels = Vec::new();
    if passed.is_some() || !(call.at.file == primary.file && call.at.span.contains(primary.span)) {
        labels.push(Label { location: call.at, message: "the mint".to_owned() });
    }
    if source.at != primary && !(source.at.file == primary.file && primary.span.contains(source.at.span)) {
        labels.push(Label { location: source.at, message: "sent by the caller".to_owned() });
    }
    let known = call.credential.iter().all(|source| source.provenance != Provenance::Unknown);
    Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        confidence: if known { Confidence::High } else { Confidence::Medium },
        message: MESSAGE.to_owned(),
        primary,
        primary_label: "the caller's choice".to_owned(),
        labels,
        flow: source.whole_flow().to_vec(),
        zone: Some(call.zone.evidence()),
        help: HELP.to_owned(),
        fix: None,
    }
}
