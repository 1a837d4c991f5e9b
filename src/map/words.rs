//! How the map names things. No name holds a value: literals are "a literal", whatever stands in them.

use super::graph::{Fact, Mood, NodeKind, Zone};
use crate::analysis::model::{CallerCheck, Client, Gift, HandedOut, KeyOrigin, Provenance, Refresh, ServiceAction, Sharing};

const IN_CODE: &str = "written into the code";
const IN_BUNDLE: &str = "environment variable in the bundle";

/// What a value is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    Login,
    Credential,
    Key,
}

impl Purpose {
    pub(super) fn node(self) -> NodeKind {
        match self {
            Self::Login => NodeKind::LoginSource,
            Self::Credential => NodeKind::CredentialSource,
            Self::Key => NodeKind::KeySource,
        }
    }
}

/// The label of a value's source, and what else is known of it.
pub(super) fn source(provenance: &Provenance, purpose: Purpose) -> (String, Option<Fact>) {
    // That a user name or a credential id is public is not wrong in itself; a rule says so where it is.
    let judged = if purpose == Purpose::Key { bad } else { plain };
    let (label, fact) = match provenance {
        Provenance::Literal(_) => ("a literal", Some(judged(IN_CODE))),
        Provenance::PublicEnv(name) => return (name.to_string(), Some(judged(IN_BUNDLE))),
        Provenance::PrivateEnv(name) => return (name.to_string(), Some(plain("environment variable"))),
        Provenance::BackEnd(Some(url)) => return (url.clone(), None),
        Provenance::BackEnd(None) => ("looked up by the server", None),
        Provenance::Database => ("a database row", None),
        Provenance::Form => ("typed in by the user", None),
        Provenance::PageUrl => ("the page's address", None),
        Provenance::Storage(Some(key)) => return (format!("storage `{key}`"), Some(plain("kept on the device"))),
        Provenance::Storage(None) => ("storage", Some(plain("kept on the device"))),
        Provenance::File => ("a file", None),
        Provenance::TemplateHole => ("a server template", Some(plain("filled in when the page is made"))),
        Provenance::RequestInput => ("sent by the caller", None),
        Provenance::Caller => ("passed in from elsewhere", Some(plain("no visible code fills it"))),
        Provenance::Unknown => ("unknown origin", Some(plain("could not be followed"))),
    };
    (label.to_owned(), fact)
}

/// Where a value's source stands when `user` uses it.
pub(super) fn source_zone(provenance: &Provenance, user: Zone) -> Zone {
    match provenance {
        Provenance::TemplateHole => Zone::Server,
        _ => user,
    }
}

/// What is known of a client.
pub(super) fn client(client: &Client) -> Vec<Fact> {
    let refresh = match &client.refresh {
        Refresh::Works(_) => Some(good("renews its token")),
        Refresh::Broken(_) => Some(bad("its token refresh cannot work")),
        Refresh::Missing { .. } => Some(bad("never renews its token")),
        Refresh::NotNeeded => None,
    };
    let short = client.short_lived.then(|| plain("lives for one call"));
    [refresh, short].into_iter().flatten().collect()
}

/// What is known of an endpoint.
pub(super) fn endpoint(gift: Gift, check: &CallerCheck) -> Vec<Fact> {
    let gives = match gift {
        Gift::Token => "gives login tokens",
        Gift::Credential => "gives SIP credentials",
    };
    let checks = match check {
        CallerCheck::Checked => good("checks its callers"),
        CallerCheck::Unsure => plain("may check its callers"),
        CallerCheck::PublicKey => bad("asks for a key that every visitor has"),
        CallerCheck::Missing { .. } => bad("does not check its callers"),
    };
    vec![plain(gives), checks]
}

/// What is known of a credential.
pub(super) fn sharing(sharing: &Sharing) -> Option<Fact> {
    match sharing {
        Sharing::Everyone(why) => Some(bad(&format!("one credential for everybody: {why}"))),
        Sharing::Group(why) => Some(bad(&format!("one credential for a group: {why}"))),
        Sharing::PerUser => Some(good("a credential for each user")),
        Sharing::Unknown => None,
    }
}

/// The kind of a service call, and the part of the service that it goes to.
pub(super) fn action(action: ServiceAction) -> (NodeKind, &'static str, &'static str) {
    match action {
        ServiceAction::Mint => (NodeKind::Mint, "mints a login token", "Login tokens"),
        ServiceAction::CreateCredential => (NodeKind::CredentialCall, "creates a credential", "Telephony credentials"),
        ServiceAction::TouchCredential => (NodeKind::CredentialCall, "reads or changes credentials", "Telephony credentials"),
        ServiceAction::TouchConnection => (NodeKind::CredentialCall, "reads or changes connections", "Credential connections"),
    }
}

/// The label of a handout.
pub(super) fn handout(what: HandedOut) -> &'static str {
    match what {
        HandedOut::Password => "a SIP password",
        HandedOut::Credential => "a whole credential",
        HandedOut::ApiKey => "an API key",
    }
}

/// The label of a used key, and what else is known of it.
pub(super) fn key(origin: &KeyOrigin) -> (String, Fact) {
    match origin {
        KeyOrigin::Literal => ("a literal".to_owned(), bad(IN_CODE)),
        KeyOrigin::PublicEnv(name) => (name.to_string(), bad(IN_BUNDLE)),
        KeyOrigin::Field(name) => (format!("field `{name}`"), bad("read from a row or an answer")),
    }
}

pub(super) fn good(text: &str) -> Fact {
    Fact { text: text.to_owned(), mood: Mood::Good }
}

pub(super) fn plain(text: &str) -> Fact {
    Fact { text: text.to_owned(), mood: Mood::Plain }
}

pub(super) fn bad(text: &str) -> Fact {
    Fact { text: text.to_owned(), mood: Mood::Bad }
}
