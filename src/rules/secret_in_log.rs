//! `secret-in-log`: a password, a token or an API key written to a log.

use super::{Rule, named, shipped_exposures};
use crate::analysis::model::{App, ExposedIn, Exposure};
use crate::finding::{Finding, Severity, ZoneKind};
use crate::fix::Offer;

const HELP: &str = "log that it is there, not what it is: `hasToken: Boolean(token)`, an id, or the last four characters";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "secret-in-log",
    page: include_str!("../../rules/secret-in-log.md"),
    severity: Severity::Warning,
    cwe: 532,
    security_severity: "4.5",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    findings.extend(shipped_exposures(app).filter_map(finding));
}

fn finding(exposure: &Exposure) -> Option<Finding> {
    let ExposedIn::Log(callee) = &exposure.place else { return None };
    let what = named(exposure);
    let subject =
        if exposure.whole { format!("`{callee}` writes an object with {what} in it") } else { format!("`{callee}` writes {what}") };
    let readers = match exposure.zone.kind {
        ZoneKind::Client => "consoles are read by support tools, extensions and error trackers",
        _ => "logs are kept long, copied to other services and read by many",
    };
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        confidence: exposure.confidence,
        message: format!("{subject}; {readers}"),
        primary: exposure.at,
        primary_label: if exposure.whole { format!("holds {what}") } else { what },
        labels: Vec::new(),
        flow: exposure.flow.clone(),
        zone: Some(exposure.zone.evidence()),
        help: HELP.to_owned(),
        fix: None,
    })
}
