//! The rules: one file a rule, named like its page under `rules/`, and one line here.
//!
//! A rule reads the auth model ([`crate::analysis::model::App`]) and nothing else, and pushes findings. Everything that
//! lists rules (`authlint rules`, `explain`, SARIF, the documentation) reads [`RULES`], or [`EVERY_RULE`] with those about suppressions.

pub(crate) mod about_suppressions;
mod api_key_in_client;
mod broken_token_refresh;
mod cacheable_token;
mod client_side_token_mint;
mod conflicting_auth_options;
mod credential_id_from_request;
mod credential_leaves_server;
mod credential_per_request;
mod duplicate_client;
mod hardcoded_secret;
mod invalid_auth_options;
mod missing_token_refresh;
mod outdated_sdk;
pub mod page;
mod password_login;
mod secret_in_log;
mod secret_in_public_env;
mod shared_credential;
mod stored_credential;
mod token_in_url;
mod unauthenticated_token_endpoint;
mod unbounded_credential;
mod undisposed_client;

use crate::analysis::model::{App, Client, CreatedCredential, Exposed, Exposure, Has, Provenance, PublicEntry, Source, Zone};
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::fix::{Applicability, Fix, Offer, renewal};
use crate::source::Location;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// The name that users write in configs and suppressions.
    pub name: &'static str,
    /// The page, Markdown with front matter: what the rule means. See [`crate::rules::page`].
    pub page: &'static str,
    /// Severity when no evidence moves it. The page says the same; a test compares them.
    pub severity: Severity,
    /// Common Weakness Enumeration number, as on the page.
    pub cwe: u16,
    /// GitHub's `security-severity`, `"0.1"` to `"10.0"`, as on the page.
    pub security_severity: &'static str,
    /// The surest kind of fix that the rule offers. The page says the same.
    pub fix: Offer,
    /// Judges the model. Pure: reads the model, pushes findings.
    pub check: fn(&App, &mut Vec<Finding>),
}

impl Rule {
    /// The address of what the rule rests on: the first reference of its page.
    #[must_use]
    pub fn reference(&self) -> Option<String> {
        page::Page::parse(self.page).ok().and_then(|page| page.front.references.into_iter().next())
    }
}

/// The rules, in the order in which lists print them.
pub static RULES: &[Rule] = EVERY_RULE.split_at(EVERY_RULE.len() - COUNT_ABOUT_SUPPRESSIONS).0;

/// The rules about suppressions: what people wrote to hide findings is judged too.
pub static ABOUT_SUPPRESSIONS: &[Rule] = EVERY_RULE.split_at(EVERY_RULE.len() - COUNT_ABOUT_SUPPRESSIONS).1;

const COUNT_ABOUT_SUPPRESSIONS: usize = 3;

/// [`RULES`] and [`ABOUT_SUPPRESSIONS`]: every name that a finding may have.
pub static EVERY_RULE: &[Rule] = &[
    password_login::RULE,
    shared_credential::RULE,
    missing_token_refresh::RULE,
    broken_token_refresh::RULE,
    api_key_in_client::RULE,
    client_side_token_mint::RULE,
    hardcoded_secret::RULE,
    secret_in_public_env::RULE,
    outdated_sdk::RULE,
    unauthenticated_token_endpoint::RULE,
    credential_id_from_request::RULE,
    credential_leaves_server::RULE,
    conflicting_auth_options::RULE,
    credential_per_request::RULE,
    unbounded_credential::RULE,
    cacheable_token::RULE,
    invalid_auth_options::RULE,
    stored_credential::RULE,
    secret_in_log::RULE,
    token_in_url::RULE,
    duplicate_client::RULE,
    undisposed_client::RULE,
    about_suppressions::UNUSED,
    about_suppressions::UNKNOWN,
    about_suppressions::WITHOUT_REASON,
];

/// A handler that renews the token, where the client is made, and an SDK that calls it.
fn added_renewal(client: &Client) -> Option<Fix> {
    let mut edits = renewal::edits(client.renewal.as_ref()?);
    if let Some(version) = client.version.as_ref().filter(|version| version.warning != Has::Yes) {
        edits.push(outdated_sdk::raise(version)?);
    }
    Some(Fix { title: "renew the token when the SDK warns that it runs out".to_owned(), applicability: Applicability::Suggested, edits })
}

/// The clients that ship: not those of tests and tools, and not those that only run in development.
fn production_clients(app: &App) -> impl Iterator<Item = &Client> {
    app.clients.iter().filter(|client| !is_development(&client.zone) && !client.development_only)
}

/// The secrets that code that ships puts where others can read them.
fn shipped_exposures(app: &App) -> impl Iterator<Item = &Exposure> {
    app.exposures.iter().filter(|exposure| !is_development(&exposure.zone) && !exposure.development_only)
}

/// The credentials and connections that code that ships creates.
fn shipped_creations(app: &App) -> impl Iterator<Item = &CreatedCredential> {
    app.created.iter().filter(|created| !is_development(&created.zone) && !created.development_only)
}

/// Whether code in a zone is of no concern: tests, stories, tools.
fn is_development(zone: &Zone) -> bool {
    matches!(zone.kind, crate::finding::ZoneKind::Development | crate::finding::ZoneKind::Build)
}

/// Whether a source counts in production.
fn counts(source: &Source) -> bool {
    !source.development_only && !source.in_development_file
}

/// Where a public variable that is read at a place is set, as labels.
fn set_here(app: &App, name: &str, read: Location) -> Vec<Label> {
    let near = |entry: &&PublicEntry| entry.reads.is_empty() || entry.reads.iter().any(|other| other.at.file == read.file);
    let entries = app.public_entries.iter().filter(|entry| entry.name == name).filter(near);
    let places = entries.flat_map(|entry| std::iter::once(&entry.at).chain(&entry.elsewhere));
    places.map(|at| Label { location: *at, message: format!("`{name}` is set here") }).collect()
}

/// The conditions under which a value is used, as labels at their tests: a feature flag, a build.
fn only_if(source: Option<&Source>) -> impl Iterator<Item = Label> {
    let conditions = source.map(|source| source.conditions.as_slice()).unwrap_or_default();
    conditions.iter().map(|(location, text)| Label { location: *location, message: format!("only if `{text}`") })
}

/// The weaker of two confidences.
fn weaker(left: Confidence, right: Confidence) -> Confidence {
    left.min(right)
}

/// How a message says where the code that sent a value got it, as a clause after what it says of the value; empty when that is not known.
fn told_beyond(source: &Source) -> String {
    let known = source.beyond.iter().map(|beyond| &beyond.source).find(|beyond| counts(beyond) && !beyond.derived);
    match known.map(|beyond| &beyond.provenance) {
        Some(Provenance::Literal(_)) => ", where it is written into the code".to_owned(),
        Some(Provenance::PublicEnv(name) | Provenance::PrivateEnv(name)) => format!(", which reads it from `{name}`"),
        Some(Provenance::Database) => ", which reads it from the database".to_owned(),
        Some(Provenance::File) => ", which reads it from a file".to_owned(),
        _ => String::new(),
    }
}

/// How a message says where a value comes from, after "that is" or "it is".
fn told(provenance: &Provenance) -> String {
    match provenance {
        Provenance::Literal(_) => "written into the code".to_owned(),
        Provenance::PublicEnv(name) => format!("built into the bundle from `{name}`"),
        Provenance::PrivateEnv(name) => format!("read from `{name}`"),
        Provenance::BackEnd(Some(url)) => format!("sent to the browser by `{url}`"),
        Provenance::BackEnd(None) => "sent to the browser by the back end".to_owned(),
        Provenance::Database => "read from the database by the client".to_owned(),
        Provenance::Form => "typed in by the user".to_owned(),
        Provenance::PageUrl => "taken from the page's address".to_owned(),
        Provenance::Storage(Some(key)) => format!("kept in the device's storage under `{key}`"),
        Provenance::Storage(None) => "kept in the device's storage".to_owned(),
        Provenance::File => "read from a file".to_owned(),
        Provenance::TemplateHole => "put into the page by the server's template".to_owned(),
        Provenance::RequestInput => "sent by the caller".to_owned(),
        Provenance::Caller => "passed in by code that is not visible here".to_owned(),
        Provenance::Unknown => "of unknown origin".to_owned(),
    }
}

/// How a message names what is exposed.
fn named(exposure: &Exposure) -> String {
    match exposure.what {
        Exposed::Password => "the SIP password".to_owned(),
        Exposed::Credential => "a whole credential, its SIP password included,".to_owned(),
        Exposed::Token => format!("the {}", exposure.words.token),
        Exposed::ApiKey => "the API key".to_owned(),
    }
}
