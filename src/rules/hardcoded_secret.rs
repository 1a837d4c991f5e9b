//! `hardcoded-secret`: a literal key, login token or SIP password in a tracked file.

use std::collections::BTreeMap;

use super::api_key_in_client::reaches_client;
use super::{Rule, counts, is_development};
use crate::analysis::model::{App, FoundKind, FoundSecret, KeyOrigin, OptionRole, Provenance};
use crate::finding::{Confidence, Finding, Severity};
use crate::fix::Offer;
use crate::source::{FileId, Location};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "hardcoded-secret",
    page: include_str!("../../rules/hardcoded-secret.md"),
    severity: Severity::Error,
    cwe: 798,
    security_severity: "9.1",
    fix: Offer::None,
    check,
};

fn check(app: &App, findings: &mut Vec<Finding>) {
    let told: Vec<Location> = app
        .key_uses
        .iter()
        .filter(|used| used.what == KeyOrigin::Literal && reaches_client(used))
        .map(|used| used.literal.unwrap_or(used.at))
        .chain(super::secret_in_public_env::reported(app).map(|entry| entry.at))
        .collect();
    let mut found = Taken::default();
    for secret in &app.secrets {
        if !told.iter().any(|used| overlaps(*used, secret.at)) && !found.overlaps(secret.at) {
            found.insert(secret.at);
            findings.push(text_finding(secret));
        }
    }
    // Literals that only the value analysis sees: keys that are put together, passwords that reach a client.
    for used in &app.key_uses {
        let taken = found.overlaps(used.at) || told.iter().any(|other| overlaps(*other, used.at));
        if used.what == KeyOrigin::Literal && used.literal.is_none() && !taken && !reaches_client(used) {
            found.insert(used.at);
            findings.push(finding(
                used.at,
                Severity::Error,
                Confidence::High,
                "a Telnyx API key is put together from literals in the code".to_owned(),
                "rotate the key and read it from the server's environment",
                "the API key",
            ));
        }
    }
    for client in app.clients.iter().filter(|client| !is_development(&client.zone)) {
        for option in client.options_of(OptionRole::Password) {
            for source in option.sources.iter().filter(|source| counts(source)) {
                let Provenance::Literal(text) = &source.provenance else { continue };
                if source.derived || crate::secrets::placeholder::is_placeholder(text.expose()) || found.overlaps(source.at) {
                    continue;
                }
                found.insert(source.at);
                let dummy = crate::secrets::placeholder::is_dummy_password(text.expose());
                findings.push(finding(
                    source.at,
                    Severity::Error,
                    if dummy { Confidence::Low } else { Confidence::High },
                    "a SIP password is written into the code: everyone with the repository or the bundle has it".to_owned(),
                    "change the password on the connection, and log in with a token instead",
                    "the SIP password",
                ));
            }
        }
    }
    given_tokens(app, &mut found, findings);
}

/// Tokens of vendors whose claims the search of texts does not know: those that a client is given.
fn given_tokens(app: &App, found: &mut Taken, findings: &mut Vec<Finding>) {
    for client in app.clients.iter().filter(|client| !is_development(&client.zone) && !client.sdk.words.tokens_are_known) {
        let words = &client.sdk.words;
        for source in client.options_of(OptionRole::Token).flat_map(|option| &option.sources).filter(|source| counts(source)) {
            let Provenance::Literal(text) = &source.provenance else { continue };
            if source.derived || crate::secrets::jwt::decode(text.expose()).is_none() || found.overlaps(source.at) {
                continue;
            }
            found.insert(source.at);
            findings.push(finding(
                source.at,
                Severity::Error,
                Confidence::High,
                format!(
                    "a {} {} is written into the code: everyone with the repository or the bundle can use it",
                    words.vendor, words.token
                ),
                "let a back end make one for the signed-in user when the client starts, and take this one out of the code",
                &format!("the {}", words.token),
            ));
        }
    }
}

/// Places that a finding has taken, none overlapping another: file and start to end. A file may hold thousands.
#[derive(Default)]
struct Taken(BTreeMap<(FileId, u32), u32>);

impl Taken {
    fn insert(&mut self, at: Location) {
        self.0.insert((at.file, at.span.start), at.span.end);
    }

    fn overlaps(&self, at: Location) -> bool {
        let mut before_end = self.0.range((at.file, 0)..(at.file, at.span.end));
        before_end.next_back().is_some_and(|(_, end)| at.span.start < *end)
    }
}

fn text_finding(secret: &FoundSecret) -> Finding {
    let (what, help, label) = match &secret.kind {
        FoundKind::ApiKey => (
            "a Telnyx API key stands in this file".to_owned(),
            "rotate the key in the portal, then read it from the environment or a secret store",
            "the API key",
        ),
        FoundKind::LoginToken { expires } => (
            format!("a Telnyx login token stands in this file{}", expires.map(said_expiry).unwrap_or_default()),
            "fetch tokens at run time from your back end; if the token is still valid, delete its credential",
            "the login token",
        ),
        FoundKind::SipPassword => (
            "a SIP password stands in this file".to_owned(),
            "change the password on the connection, and keep the new one out of the repository",
            "the SIP password",
        ),
        FoundKind::OauthClientSecret => (
            "a Telnyx OAuth client secret stands in this file".to_owned(),
            "rotate the secret, then read it from the environment or a secret store",
            "the client secret",
        ),
    };
    let severity = match &secret.kind {
        FoundKind::LoginToken { expires: Some(expires) } if *expires < now() => Severity::Note,
        _ => Severity::Error,
    };
    finding(secret.at, severity, secret.confidence, format!("{what}: this {}", secret.why), help, label)
}

fn finding(at: Location, severity: Severity, confidence: Confidence, message: String, help: &str, label: &str) -> Finding {
    Finding {
        rule: RULE.name,
        severity,
        confidence,
        message,
        primary: at,
        primary_label: label.to_owned(),
        labels: Vec::new(),
        flow: Vec::new(),
        zone: None,
        help: help.to_owned(),
        fix: None,
    }
}

fn overlaps(left: Location, right: Location) -> bool {
    left.file == right.file && left.span.start < right.span.end && right.span.start < left.span.end
}

fn said_expiry(expires: i64) -> String {
    let days = (expires - now()).div_euclid(86_400);
    match days {
        0.. => format!(", valid for {} more", if days == 0 { "hours".to_owned() } else { format!("{days} days") }),
        _ => format!(", expired {} days ago", -days),
    }
}

/// Unix seconds.
fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
