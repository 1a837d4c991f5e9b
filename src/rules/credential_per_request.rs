//! `credential-per-request`: a new credential for every login or refresh instead of one per user.

use super::{Rule, shipped_creations};
use crate::analysis::model::{App, CreatedCredential};
use crate::finding::{Confidence, Finding, Severity};
use crate::fix::Offer;

const HELP: &str = "keep the id of the user's credential with the user, create one only when there is none, and mint tokens of it";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "credential-per-request",
    page: include_str!("../../rules/credential-per-request.md"),
    severity: Severity::Warning,
    cwe: 770,
    security_severity: "3.5",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    findings.extend(shipped_creations(app).filter_map(finding));
}

fn finding(created: &CreatedCredential) -> Option<Finding> {
    let route = created.per_request.as_ref()?;
    let what = if created.is_connection { "a new credential connection" } else { "a new credential" };
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        confidence: Confidence::High,
        message: format!(
            "{route} makes {what} each time it is asked, without a look for the user's own; calls to the user reach only the last one, and the account fills up"
        ),
        primary: created.at,
        primary_label: "made for each request".to_owned(),
        labels: Vec::new(),
        flow: Vec::new(),
        zone: Some(created.zone.evidence()),
        help: HELP.to_owned(),
        fix: None,
    })
}
