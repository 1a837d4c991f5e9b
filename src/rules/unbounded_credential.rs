//! `unbounded-credential`: a credential that never ends, in a project that never deletes one.

use super::{Rule, shipped_creations};
use crate::analysis::model::{App, Expiry, Slot};
use crate::finding::{Confidence, Finding, Severity};
use crate::fix::{Applicability, Edit, Fix, Offer};

const HELP: &str = "give it an end (`expires_at: new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString()`), or delete it when its user leaves (`DELETE /telephony_credentials/{id}`)";

const FIX: &str = "let the credential end after 30 days";
const ENTRY: &str = "expires_at: new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString()";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "unbounded-credential",
    page: include_str!("../../rules/unbounded-credential.md"),
    severity: Severity::Note,
    cwe: 613,
    security_severity: "3.0",
    fix: Offer::Suggested,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    if app.deletes_credentials {
        return;
    }
    let unbounded = shipped_creations(app).filter(|created| !created.is_connection && created.expiry == Expiry::Missing);
    findings.extend(unbounded.map(|created| Finding {
        rule: RULE.name,
        severity: Severity::Note,
        confidence: Confidence::High,
        message: format!(
            "`{}` makes a credential without `expires_at`, and nothing in the project deletes one: it works for ever, whoever leaves",
            created.spelling
        ),
        primary: created.at,
        primary_label: "made here".to_owned(),
        labels: Vec::new(),
        flow: Vec::new(),
        zone: Some(created.zone.evidence()),
        help: HELP.to_owned(),
        fix: created.expiry_slot.as_ref().map(fix),
    }));
}

fn fix(slot: &Slot) -> Fix {
    let edits = vec![Edit::replace(slot.at, format!("{}{ENTRY}{}", slot.before, slot.after))];
    Fix { title: FIX.to_owned(), applicability: Applicability::Suggested, edits }
}
