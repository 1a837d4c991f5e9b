//! `missing-token-refresh`: a token client with no way to a new token.

use super::{Rule, added_renewal, production_clients, weaker};
use crate::analysis::model::{App, Client, Has, OptionRole, Provenance, Refresh, SdkVersion};
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::fix::Offer;

const HELP_WITHOUT_WARNING: &str =
    "this SDK gives no warning: keep the token's expiry, and some minutes before it fetch a new token and log in again";

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "missing-token-refresh",
    page: include_str!("../../rules/missing-token-refresh.md"),
    severity: Severity::Error,
    cwe: 672,
    security_severity: "4.3",
    fix: Offer::Suggested,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    for client in production_clients(app) {
        if let Refresh::Missing { other_codes, reacts_late, dead_refresh } = &client.refresh {
            let mut labels = Vec::new();
            labels.extend(other_codes.map(|location| Label { location, message: "looks for other codes only".to_owned() }));
            labels.extend(reacts_late.map(|location| Label { location, message: "reacts only after the connection is lost".to_owned() }));
            labels.extend(
                dead_refresh.as_ref().map(|(name, location)| Label { location: *location, message: format!("`{name}` is never called") }),
            );
            findings.push(finding(client, labels));
        }
    }
}

fn finding(client: &Client, labels: Vec<Label>) -> Finding {
    let who = client.name.as_ref().map_or_else(|| "this client".to_owned(), |name| format!("the client `{name}`"));
    let (severity, message) = if client.short_lived {
        (
            Severity::Note,
            format!("{who} has no token refresh; it seems to live for one call only, so that matters only if a call can outlast the token"),
        )
    } else if client.sdk.warns_before_expiry {
        (
            Severity::Error,
            format!(
                "{who} logs in with a token and never gets a new one: {} it stops receiving calls, and a call in progress may be lost",
                client.sdk.words.lifetime
            ),
        )
    } else if is_given_by_callers(client) {
        (
            Severity::Note,
            format!(
                "{who} logs in with a token that its callers give it; {} does not warn before it expires, so they must renew it in time",
                client.sdk.title
            ),
        )
    } else {
        (
            Severity::Warning,
            format!("{who} logs in with a token and never gets a new one; {} does not even warn before it expires", client.sdk.title),
        )
    };
    let limited = client.options_of(OptionRole::Token).any(|option| option.limited);
    Finding {
        rule: RULE.name,
        severity,
        confidence: weaker(if limited { Confidence::Medium } else { Confidence::High }, client.confidence),
        message,
        primary: client.at,
        primary_label: "no handler for the expiry warning and no timer on the expiry".to_owned(),
        labels,
        flow: Vec::new(),
        zone: Some(client.zone.evidence()),
        help: help(client),
        fix: added_renewal(client),
    }
}

/// What to do with the SDK and the version at hand.
fn help(client: &Client) -> String {
    let words = &client.sdk.words;
    if !client.sdk.warns_before_expiry {
        return HELP_WITHOUT_WARNING.to_owned();
    }
    let mut help = format!("listen for the warning and {} a fresh token: `{}`", words.renew, words.refresh);
    if let Some(raw) = &client.sdk.raw_client {
        help = format!(
            "{help}; {} keeps the client to itself: `{raw}` gives it, and its own callbacks never see the warning",
            client.sdk.title
        );
    }
    if let Some(version) = client.version.as_ref().filter(|version| version.warning != Has::Yes) {
        let SdkVersion { package, text, warning_since, .. } = version;
        let verb = if version.warning == Has::No { "never gives" } else { "does not guarantee" };
        help = format!("{help}; first update {package} to {warning_since} or newer, as {text} {verb} the warning");
    }
    help
}

/// Whether the token comes from outside of what is analysed: a library passes it on, and whoever holds the token renews it.
fn is_given_by_callers(client: &Client) -> bool {
    let mut sources = client.options_of(OptionRole::Token).flat_map(|option| &option.sources).peekable();
    sources.peek().is_some() && sources.all(|source| source.provenance == Provenance::Caller)
}
