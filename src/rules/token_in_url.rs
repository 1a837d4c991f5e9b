//! `token-in-url`: a password, a token or an API key in the query of a URL.

use super::{Rule, named, shipped_exposures};
use crate::analysis::model::{App, Exposed, ExposedIn, Exposure};
use crate::finding::{Finding, Severity};
use crate::fix::Offer;

const HELP: &str = "send it in a header (`Authorization: Bearer …`) or in the body of a POST";
const KEY_HELP: &str = "send the key in the `Authorization` header, from a server, and only to the service's own API";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "token-in-url",
    page: include_str!("../../rules/token-in-url.md"),
    severity: Severity::Warning,
    cwe: 598,
    security_severity: "5.0",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    findings.extend(shipped_exposures(app).filter_map(finding));
}

fn finding(exposure: &Exposure) -> Option<Finding> {
    let ExposedIn::Url(parameter) = &exposure.place else { return None };
    let what = named(exposure);
    let place = match parameter {
        Some(name) => format!("the parameter `{name}` of a URL"),
        None => "a URL".to_owned(),
    };
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        confidence: exposure.confidence,
        message: format!(
            "{what} is put into {place}; addresses are kept in histories, proxies and access logs, and handed on in `Referer` headers"
        ),
        primary: exposure.at,
        primary_label: what,
        labels: Vec::new(),
        flow: exposure.flow.clone(),
        zone: Some(exposure.zone.evidence()),
        help: if exposure.what == Exposed::ApiKey { KEY_HELP } else { HELP }.to_owned(),
        fix: None,
    })
}
