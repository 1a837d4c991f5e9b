//! `duplicate-client`: a further client is made while an earlier one on the same credential lives.

use super::{Rule, is_development};
use crate::analysis::model::{App, Leftover, Outlives};
use crate::finding::{Finding, Label, Severity};
use crate::fix::Offer;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "duplicate-client",
    page: include_str!("../../rules/duplicate-client.md"),
    severity: Severity::Warning,
    cwe: 772,
    security_severity: "3.5",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    findings.extend(app.leftovers.iter().filter(|leftover| !is_development(&leftover.zone)).filter_map(finding));
}

fn finding(leftover: &Leftover) -> Option<Finding> {
    let both = "two registrations of one credential ring together and take each other's calls";
    let (message, labels, holder) = match &leftover.why {
        Outlives::Overwritten { holder } => {
            (format!("this can run again and overwrites `{holder}` while the earlier client lives on; {both}"), Vec::new(), holder)
        }
        Outlives::Forgotten { holder, emptied } => (
            format!(
                "a second client is made after `{holder}` has been emptied without disconnecting the first, which reconnects by itself; {both}"
            ),
            vec![Label { location: *emptied, message: "emptied, not disconnected".to_owned() }],
            holder,
        ),
        Outlives::NeverDisposed { .. } | Outlives::StaleCleanup { .. } => return None,
    };
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        confidence: leftover.confidence,
        message,
        primary: leftover.client,
        primary_label: "a further client".to_owned(),
        labels,
        flow: Vec::new(),
        zone: Some(leftover.zone.evidence()),
        help: format!("disconnect the earlier one first (`{holder}?.{}()`), or return it when there is one", leftover.sdk.live.ends_by()),
        fix: None,
    })
}
