//! For whom is a credential? Judged from where its id (or its password) comes from.
//!
//! A constant, an environment variable, the first item of a list, a file, a settings row: everybody shares it. A row of an
//! organisation or team: its people share it. A row that is looked up by the signed-in person, or a credential created just before:
//! nobody shares it. A per-person lookup that falls back to a fixed credential is still shared.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Builder;
use crate::analysis::model::{Provenance, Sharing};
use crate::analysis::values::{Origin, OriginKind, Site};
use crate::finding::{Confidence, FlowStep};
use crate::hir::Literal;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ownership {
    person: Vec<String>,
    group: Vec<String>,
    everyone: Vec<String>,
}

static OWNERSHIP: LazyLock<Ownership> =
    LazyLock::new(|| toml::from_str(include_str!("../../../rules/models/ownership.toml")).unwrap_or_default());

/// Whom a name or a query speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Person,
    Group,
    Everyone,
}

/// The judgement, with the way of the value that decided it.
#[derive(Debug)]
pub(crate) struct SharingVerdict {
    pub(crate) sharing: Sharing,
    pub(crate) flow: Vec<FlowStep>,
    pub(crate) confidence: Confidence,
}

impl Builder<'_> {
    /// Judges the origins of a credential id or SIP password.
    pub(crate) fn sharing(&self, origins: &[Origin]) -> SharingVerdict {
        let mut fixed: Option<(String, &Origin)> = None;
        let mut group: Option<(String, &Origin)> = None;
        let mut person = false;
        let mut unknown = false;
        for origin in origins {
            match self.whose(origin) {
                Some((Whose::Everyone, why)) => fixed = fixed.or(Some((why, origin))),
                Some((Whose::Group, why)) => group = group.or(Some((why, origin))),
                Some((Whose::Person, _)) => person = true,
                None => unknown = true,
            }
        }
        let certain = if unknown { Confidence::Medium } else { Confidence::High };
        let verdict = |sharing, origin: Option<&Origin>, confidence| SharingVerdict {
            sharing,
            flow: origin.map(|origin| self.flow(origin)).unwrap_or_default(),
            confidence,
        };
        match (fixed, group) {
            (Some((why, origin)), _) => {
                let why = if person { format!("{why}, at least as a fallback") } else { why };
                verdict(Sharing::Everyone(why), Some(origin), certain)
            }
            (None, Some((why, origin))) => verdict(Sharing::Group(why), Some(origin), Confidence::Medium),
            (None, None) if person => verdict(Sharing::PerUser, None, certain),
            (None, None) => verdict(Sharing::Unknown, None, Confidence::Low),
        }
    }

    fn whose(&self, origin: &Origin) -> Option<(Whose, String)> {
        match &origin.kind {
            OriginKind::Literal(Literal::String(text)) => {
                // A short piece of a composed id, an empty default, or a placeholder says nothing.
                if text.is_empty() || origin.derived || crate::secrets::placeholder::is_placeholder(text) {
                    return None;
                }
                Some((Whose::Everyone, "a constant in the code".to_owned()))
            }
            OriginKind::Env { name, mechanism } => match self.env(name, *mechanism, origin.at.file) {
                Provenance::PublicEnv(name) | Provenance::PrivateEnv(name) if !origin.derived => {
                    Some((Whose::Everyone, format!("the environment variable `{name}`, the same for every user")))
                }
                _ => None,
            },
            OriginKind::File(_) => Some((Whose::Everyone, "a file on the server, the same for every user".to_owned())),
            OriginKind::Response(site) | OriginKind::Call(site) | OriginKind::Database(site) => self.whose_row(*site, origin),
            OriginKind::RequestInput => Some((Whose::Person, String::new())),
            OriginKind::Param(function, index) => {
                let unit = self.workspace.unit(function.file)?;
                let param = unit.module[function.function].params.get(*index)?;
                let name = unit.source.slice(unit.module[param.pat].span);
                let path: Vec<&str> = origin.path.iter().map(AsRef::as_ref).collect();
                whose_words(&format!("{name} {}", path.join(" ")))
                    .filter(|whose| *whose == Whose::Person)
                    .map(|whose| (whose, String::new()))
            }
            _ => None,
        }
    }

    /// A row of a database, an item of the service's own list, the answer of another call.
    fn whose_row(&self, site: Site, origin: &Origin) -> Option<(Whose, String)> {
        let unit = self.workspace.unit(site.file)?;
        let text = unit.source.slice(unit.module[site.expr].span);
        let lists = text.contains("telephony_credentials") || text.contains("telephonyCredentials.list");
        let path: Vec<&str> = origin.path.iter().map(AsRef::as_ref).collect();
        if lists {
            let first_of = path.iter().any(|segment| segment.parse::<usize>().is_ok());
            let created = text.contains("POST") || text.contains("telephonyCredentials.create") || text.contains(".post(");
            if created {
                // Created here: by whom it is kept decides, which other origins tell.
                return None;
            }
            return first_of.then(|| (Whose::Everyone, "the first credential of the account, the same for every user".to_owned()));
        }
        if text.contains("credential_connections") && !text.contains("POST") {
            return Some((Whose::Everyone, "the credential connection itself, the same for every user".to_owned()));
        }
        if !super::databases::is_query(text) {
            return None;
        }
        let query = text.get(..text.len().min(900)).unwrap_or(text);
        let whose = whose_query(query)?;
        let why = match whose {
            Whose::Everyone => "a row that is the same for every user".to_owned(),
            Whose::Group => "a row of the organisation, the same for all its people".to_owned(),
            Whose::Person => String::new(),
        };
        Some((whose, why))
    }
}

/// Whom a query's rows belong to: the condition on a person wins, then the table, then a condition on a group.
fn whose_query(query: &str) -> Option<Whose> {
    let words = words(query);
    let has = |list: &[String]| words.iter().any(|word| list.iter().any(|known| known == word));
    let person = has(&OWNERSHIP.person);
    let group = has(&OWNERSHIP.group);
    let everyone = has(&OWNERSHIP.everyone);
    if person && !(everyone && !query.contains("user")) {
        return Some(Whose::Person);
    }
    if group {
        return Some(Whose::Group);
    }
    if everyone {
        return Some(Whose::Everyone);
    }
    None
}

fn whose_words(text: &str) -> Option<Whose> {
    let words = words(text);
    let has = |list: &[String]| words.iter().any(|word| list.iter().any(|known| known == word));
    if has(&OWNERSHIP.person) {
        Some(Whose::Person)
    } else if has(&OWNERSHIP.group) {
        Some(Whose::Group)
    } else if has(&OWNERSHIP.everyone) {
        Some(Whose::Everyone)
    } else {
        None
    }
}

/// The words of names in a text: `supabaseAdmin.from('sip_users')` → supabase, admin, from, sip, users.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut last_lower = false;
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            if character.is_ascii_uppercase() && last_lower && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            last_lower = character.is_ascii_lowercase();
            word.push(character.to_ascii_lowercase());
        } else {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            last_lower = false;
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
