//! `secret-in-public-env`: a secret under a name that a bundler ships to the browser.

use super::api_key_in_client::reaches_client;
use super::{Rule, counts, is_development, only_if, production_clients, set_here};
use crate::analysis::model::{App, Client, EntryValue, KeyOrigin, LoginOption, OptionRole, Provenance, PublicEntry, Source};
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::fix::Offer;
use crate::secrets::names::{NameRole, secret_role};
use crate::source::Location;

const KEY: Wording = Wording {
    named: "the Telnyx API key",
    consequence: "whoever opens the page can read it and control the whole account",
    help: "give it a name without the public prefix, read it on the back end only, and rotate it: it has been public",
};
const CLIENT_SECRET: Wording = Wording { named: "the Telnyx client secret", ..KEY };
const TOKEN: Wording = Wording {
    named: "the login token",
    consequence: "every visitor gets the same one, and a day later it opens nothing any more",
    help: "fetch a token from your own back end when the page needs one, minted for the signed-in user",
};
const PASSWORD: Wording = Wording {
    named: "the SIP password",
    consequence: "whoever opens the page can call on the account's bill, and it never expires",
    help: "remove it, change the password on the connection, and log in with a token that your back end mints",
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "secret-in-public-env",
    page: include_str!("../../rules/secret-in-public-env.md"),
    severity: Severity::Error,
    cwe: 526,
    security_severity: "8.2",
    fix: Offer::None,
    check,
};

/// How messages speak of one kind of secret.
struct Wording {
    named: &'static str,
    consequence: &'static str,
    help: &'static str,
}

fn wording(what: NameRole) -> Wording {
    match what {
        NameRole::OauthSecret => CLIENT_SECRET,
        NameRole::LoginToken => TOKEN,
        NameRole::SipPassword => PASSWORD,
        NameRole::ApiKey | NameRole::SipUser | NameRole::PublicKey | NameRole::Id => KEY,
    }
}

fn check(app: &App, findings: &mut Vec<Finding>) {
    let entries: Vec<&PublicEntry> = reported(app).collect();
    findings.extend(entries.iter().map(|entry| entry_finding(entry)));
    let mut named: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    for (client, option, source, name) in token_reads(app) {
        if !named.contains(&name) {
            named.push(name);
            findings.push(read_finding(app, client, option, source, name));
        }
    }
}

/// The entries that this rule reports; no other rule reports the literals in them.
pub(super) fn reported(app: &App) -> impl Iterator<Item = &PublicEntry> {
    app.public_entries.iter().filter(|entry| !is_told_elsewhere(app, entry))
}

/// Whether the defect is reported where the secret is used.
fn is_told_elsewhere(app: &App, entry: &PublicEntry) -> bool {
    let expired = matches!(entry.value, EntryValue::Literal { expired: true, .. });
    match entry.what {
        NameRole::ApiKey | NameRole::OauthSecret => app.key_uses.iter().any(|used| {
            let is_same = match &used.what {
                KeyOrigin::PublicEnv(name) => **name == *entry.name,
                KeyOrigin::Literal => overlaps(used.literal.unwrap_or(used.at), entry.at),
                KeyOrigin::Field(_) => false,
            };
            is_same && reaches_client(used) && !used.presence_only && !is_development(&used.zone) && !used.development_only
        }),
        NameRole::SipPassword => app
            .clients
            .iter()
            .flat_map(|client| client.options_of(OptionRole::Password))
            .flat_map(|option| &option.sources)
            .any(|source| is_of(source, entry)),
        // What is not in the repository is told at the read, which is.
        NameRole::LoginToken => {
            (expired && entry.reads.is_empty()) || (entry.ignored && token_reads(app).any(|(.., name)| name == entry.name))
        }
        NameRole::SipUser | NameRole::PublicKey | NameRole::Id => true,
    }
}

fn is_of(source: &Source, entry: &PublicEntry) -> bool {
    match &source.provenance {
        Provenance::PublicEnv(name) => **name == *entry.name,
        Provenance::Literal(_) => overlaps(source.at, entry.at),
        _ => false,
    }
}

fn overlaps(left: Location, right: Location) -> bool {
    left.file == right.file && left.span.start < right.span.end && right.span.start < left.span.end
}

/// The login tokens that clients take from public variables.
fn token_reads(app: &App) -> impl Iterator<Item = (&Client, &LoginOption, &Source, &str)> {
    production_clients(app)
        .flat_map(|client| client.options_of(OptionRole::Token).map(move |option| (client, option)))
        .flat_map(|(client, option)| option.sources.iter().map(move |source| (client, option, source)))
        .filter(|(.., source)| counts(source))
        .filter_map(|(client, option, source)| match &source.provenance {
            // An API key that is given as a token is a matter of its own.
            Provenance::PublicEnv(name) if secret_role(name) != Some(NameRole::ApiKey) => Some((client, option, source, &**name)),
            _ => None,
        })
}

fn entry_finding(entry: &PublicEntry) -> Finding {
    let words = wording(entry.what);
    let ships = entry.reads.iter().any(|read| read.zone.ships());
    let server_only = !entry.reads.is_empty() && !ships;
    let is_reference = entry.value == EntryValue::Reference;
    let lowered = entry.ignored || entry.development_only || server_only || (is_reference && !ships);
    let confidence = match entry.value {
        EntryValue::Literal { confidence, .. } => confidence,
        EntryValue::Reference if ships => Confidence::High,
        EntryValue::Reference => Confidence::Medium,
    };
    let (named, name, by) = (words.named, &entry.name, &entry.shipped_by);
    let message = if server_only {
        format!(
            "{named} has the name `{name}`, which {by} ships to the browser; only server code reads it so far, and one read in a page makes it public"
        )
    } else if is_reference && !ships {
        format!("{named} is given the name `{name}`, which {by} ships to the browser: {}", words.consequence)
    } else {
        format!("{named} `{name}` is shipped to the browser by {by}: {}", words.consequence)
    };
    let mut labels: Vec<Label> = entry.elsewhere.iter().map(|at| Label { location: *at, message: "set here too".to_owned() }).collect();
    labels.extend(entry.reads.iter().map(|read| Label {
        location: read.at,
        message: if read.zone.ships() { "browser code reads it here" } else { "read here" }.to_owned(),
    }));
    Finding {
        rule: RULE.name,
        severity: if lowered { Severity::Warning } else { Severity::Error },
        confidence,
        message,
        primary: entry.at,
        primary_label: named.to_owned(),
        labels,
        flow: Vec::new(),
        zone: entry.reads.first().filter(|read| read.zone.ships()).map(|read| read.zone.evidence()),
        help: words.help.to_owned(),
        fix: None,
    }
}

fn read_finding(app: &App, client: &Client, option: &LoginOption, source: &Source, name: &str) -> Finding {
    let mut flow = source.flow.clone();
    flow.extend(option.way.iter().cloned());
    let mut labels = set_here(app, name, source.at);
    if client.at != source.at && !client.at.span.contains(source.at.span) {
        labels.push(Label { location: client.at, message: "the client that it reaches".to_owned() });
    }
    labels.extend(only_if(Some(source)));
    Finding {
        rule: RULE.name,
        severity: Severity::Error,
        confidence: client.confidence,
        message: format!("the login token is built into the bundle from `{name}`: {}", TOKEN.consequence),
        primary: source.at,
        primary_label: TOKEN.named.to_owned(),
        labels,
        flow,
        zone: Some(client.zone.evidence()),
        help: TOKEN.help.to_owned(),
        fix: None,
    }
}
