//! `stored-credential`: a SIP password, a login token or an API key kept in storage that scripts can read.

use super::{Rule, named, shipped_exposures};
use crate::analysis::model::{App, Exposed, ExposedIn, Exposure};
use crate::finding::{Finding, Severity};
use crate::fix::Offer;

const PASSWORD_HELP: &str =
    "do not keep the password at all: let a back end mint a login token for the signed-in user whenever the client starts";
const TOKEN_HELP: &str = "keep the token in memory and ask the back end for a new one when the page starts; it costs one request";
const KEY_HELP: &str = "keep the key on a server, in a secret store; nothing that a person's browser can read may hold it";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "stored-credential",
    page: include_str!("../../rules/stored-credential.md"),
    severity: Severity::Warning,
    cwe: 922,
    security_severity: "5.5",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    findings.extend(shipped_exposures(app).filter_map(finding));
}

fn finding(exposure: &Exposure) -> Option<Finding> {
    let ExposedIn::Storage(place) = &exposure.place else { return None };
    let what = named(exposure);
    let holder = if exposure.whole { format!("a value that holds {what}") } else { what.clone() };
    let (why, help) = match exposure.what {
        Exposed::Password | Exposed::Credential => {
            ("it never expires, and every script on the page and everybody at the device can read it there", PASSWORD_HELP)
        }
        Exposed::Token => {
            ("every script on the page and everybody at the device can read it there and log in with it until it expires", TOKEN_HELP)
        }
        Exposed::ApiKey => ("it rules the whole account, and every script on the page can read it there", KEY_HELP),
    };
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Warning,
        confidence: exposure.confidence,
        message: format!("{holder} is written to `{place}`; {why}"),
        primary: exposure.at,
        primary_label: what,
        labels: Vec::new(),
        flow: exposure.flow.clone(),
        zone: Some(exposure.zone.evidence()),
        help: help.to_owned(),
        fix: None,
    })
}
