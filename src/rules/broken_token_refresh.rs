//! `broken-token-refresh`: a refresh path that cannot work.

use super::{REFRESH_THAT_WORKS as WORKS, Rule, production_clients};
use crate::analysis::model::{App, Refresh, RefreshFault};
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::fix::Offer;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "broken-token-refresh",
    page: include_str!("../../rules/broken-token-refresh.md"),
    severity: Severity::Error,
    cwe: 672,
    security_severity: "4.3",
    fix: Offer::Safe,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for client in production_clients(app) {
        let Refresh::Broken(faults) = &client.refresh else { continue };
        for broken in faults {
            if findings.iter().any(|finding| finding.rule == RULE.name && finding.primary == broken.listener) {
                continue;
            }
            let mut labels = vec![Label { location: client.at, message: "the client whose token expires".to_owned() }];
            if broken.at != broken.listener {
                labels.push(Label { location: broken.at, message: label(&broken.fault).to_owned() });
            }
            let (message, help) = wording(&broken.fault);
            let inferred = !broken.tied || matches!(broken.fault, RefreshFault::OnlyLogs | RefreshFault::TokenDropped);
            findings.push(Finding {
                rule: RULE.name,
                severity: if client.short_lived { Severity::Note } else { Severity::Error },
                confidence: if inferred { Confidence::Medium } else { Confidence::High }.min(client.confidence),
                message,
                primary: broken.listener,
                primary_label: "this handler does not refresh the token".to_owned(),
                labels,
                flow: Vec::new(),
                zone: Some(client.zone.evidence()),
                help,
                fix: None,
            });
        }
    }
}

fn label(fault: &RefreshFault) -> &'static str {
    match fault {
        RefreshFault::WrongPayload(_) => "never holds the code",
        RefreshFault::StringCode => "the code is a number",
        RefreshFault::NeverEqual(_) => "never equal",
        RefreshFault::MissingMethod(_) => "no version of the SDK has this method",
        RefreshFault::OldToken(_) => "sends the old token again",
        RefreshFault::WrongKey(_) => "the SDK ignores this key",
        RefreshFault::WrongEvent(_) => "this event never carries the code",
        RefreshFault::TokenDropped => "the new token is asked for here",
        RefreshFault::CachedToken => "may be answered with the old token",
        RefreshFault::Removed => "removed again here",
        RefreshFault::OnlyLogs => "nothing else happens here",
    }
}

fn wording(fault: &RefreshFault) -> (String, String) {
    match fault {
        RefreshFault::OnlyLogs => (
            "the expiry warning is received, but nothing refreshes the token: 120 seconds later it expires and the client drops off"
                .to_owned(),
            format!("fetch a new token and hand it over: {WORKS}"),
        ),
        RefreshFault::WrongPayload(path) => (
            format!("the handler looks for the code at `event.{path}`, where the SDK never puts it: the refresh never runs"),
            format!("the code is `event.warning.code` (the vendor's own pages are wrong here): {WORKS}"),
        ),
        RefreshFault::StringCode => (
            "the handler compares the code with a string, but it is a number: the refresh never runs".to_owned(),
            "compare with the number `34001` or with `TELNYX_WARNING_CODES.TOKEN_EXPIRING_SOON`".to_owned(),
        ),
        RefreshFault::NeverEqual(what) => (
            format!("the handler compares `{what}` with something that it never equals: the refresh never runs"),
            "`code` is the number `34001` (`TELNYX_WARNING_CODES.TOKEN_EXPIRING_SOON`), `name` is the string `'TOKEN_EXPIRING_SOON'`; `SDK_WARNINGS` is keyed by number".to_owned(),
        ),
        RefreshFault::CachedToken => (
            "the handler asks for a token in a way that may be answered from the browser's cache: with the token that is about to expire".to_owned(),
            "ask with `cache: 'no-store'`, and let the answer say `Cache-Control: no-store`".to_owned(),
        ),
        RefreshFault::MissingMethod(method) => (
            format!(
                "`{method}()` does not exist in any version of the SDK: the refresh throws a TypeError (the vendor's own pages are wrong here)"
            ),
            format!("log in again on the same client: {WORKS}"),
        ),
        RefreshFault::OldToken(what) => (
            format!("`{what}` sends the token that was given at construction again: the one that is about to expire"),
            format!("pass a new token: {WORKS}"),
        ),
        RefreshFault::WrongKey(key) => (
            format!("the new token is handed over as `{key}`, which the SDK ignores: the old token is sent again"),
            format!("the token goes into `creds.login_token`: {WORKS}"),
        ),
        RefreshFault::TokenDropped => {
            ("the handler gets a new token but never gives it to the client".to_owned(), format!("hand it over: {WORKS}"))
        }
        RefreshFault::WrongEvent(event) => (
            format!("the expiry code is awaited on `{event}`, which never carries it: the refresh never runs"),
            format!("listen on `telnyx.warning`: {WORKS}"),
        ),
        RefreshFault::Removed => (
            "the listener for the expiry warning is removed again right away".to_owned(),
            format!("keep it as long as the client lives: {WORKS}"),
        ),
    }
}
