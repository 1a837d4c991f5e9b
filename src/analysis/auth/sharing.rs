//! For whom is a credential? Judged from where its id (or its password) comes from.
//!
//! A constant, an environment variable, the first item of a list, a file, a settings row: everybody shares it. A row of an
//! organisation or team: its people share it. A row that is looked up by the signed-in person, or a credential created just before:
//! nobody shares it. A per-person lookup that falls back to a fixed credential is still shared.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::Builder;
use crate::analysis::model::{Provenance, Sharing};
use crate::analysis::values::{Origin, OriginKind, Site};
use crate::finding::{Confidence, FlowStep};
use crate::hir::{ExprKind, Literal};
use crate::secrets::words::split as words;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ownership {
    person: Vec<String>,
    group: Vec<String>,
    everyone: Vec<String>,
}

static OWNERSHIP: LazyLock<Ownership> =
    LazyLock::new(|| toml::from_str(include_str!("../../../rules/models/ownership.toml")).unwrap_or_default());

/// The table of a query: `.from("t")`, `prisma.t.findUnique`, `collection("t")`, `from t` in SQL, `getRepository(T)`.
static TABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        \.from\(\s*["'`]?(?:\w+\.)?(\w+)
        | \b(?:prisma\w*|db|tx|database|client|orm)\s*(?:\?\.|\.)\s*(?:query\s*\.\s*)?(\w+)\s*\.\s*(?:find|query|get|first|select)
        | \bcollection\(\s*["'`](\w+) | \bdoc\(\s*["'`](\w+)
        | (?i:\bfrom)\s+["'`]?(?:\w+\.)?(\w+)
        | \b([A-Z]\w+)\s*\.\s*find
        | \b(?:query|select|get_object_or_404)\(\s*([A-Z]\w+) | \b([A-Z]\w+)\.(?:query|objects)\b
        "#,
    )
    .ok()
});

/// A condition of a query, its column and what follows: `.eq("user_id", x)`, `where: { userId: x }`, `user_id = $1`.
static CONDITION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?x) \.(?:eq|match|filter|where|in)\(\s*["'`](\w+)["'`]\s*,\s*([^,)\n]*) | ([A-Za-z_]\w*)\s*:\s*([^,{}\n]*) | \b([a-z_]\w*)\s*=\s*(\$\d|\?|\$\{|%s) | \b[A-Z]\w*\.([a-z_]\w*)\s*==\s*([^,()\n]*) | [(,]\s*([a-z_]\w*)=([^,()=>\s][^,()\n]*)"#).ok()
});

/// Whom a row or a name stands for.
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
            flow: origin.map(Self::flow).unwrap_or_default(),
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
            // An entry that is looked up in the file may be the person's own.
            OriginKind::File(_) if !origin.path.iter().any(|segment| &**segment == crate::analysis::values::ANY) => {
                Some((Whose::Everyone, "a file on the server, the same for every user".to_owned()))
            }
            OriginKind::Response(site) | OriginKind::Call(site) => self.whose_row(*site, origin),
            OriginKind::RequestInput => Some((Whose::Person, String::new())),
            OriginKind::Param(function, index) => {
                let unit = self.workspace.unit(function.file)?;
                let param = unit.module[function.function].params.get(*index)?;
                let name = unit.source.slice(unit.module[param.pat].span);
                let path: Vec<&str> = origin.path.iter().map(AsRef::as_ref).collect();
                let words = words(&format!("{name} {}", path.join(" ")));
                speaks_of(&words, &OWNERSHIP.person).then(|| (Whose::Person, String::new()))
            }
            _ => None,
        }
    }

    /// A row of a database, an item of the service's own list, the answer of another call.
    fn whose_row(&self, site: Site, origin: &Origin) -> Option<(Whose, String)> {
        let unit = self.workspace.unit(site.file)?;
        let text = unit.source.slice(unit.module[site.expr].span);
        let url = match &unit.module[site.expr].kind {
            ExprKind::Call { args, .. } => args
                .iter()
                .take(3)
                .map(|arg| self.values.text(Site { file: site.file, expr: arg.expr }).pattern())
                .find(|pattern| pattern.contains('/'))
                .unwrap_or_default(),
            _ => String::new(),
        };
        let names = |needle: &str| url.contains(needle) || text.contains(needle);
        let posts = ["\"POST\"", "'POST'", "`POST`", ".post("].iter().any(|method| text.contains(method))
            || ["telephonyCredentials.create(", "telephony_credentials.create(", "TelephonyCredential.create("]
                .iter()
                .any(|creation| text.contains(creation));
        if names("telephony_credentials") || names("telephonyCredentials.list") || names("TelephonyCredential.") {
            // Created here: by whom it is kept decides, which other origins tell.
            let one_of = origin.path.iter().any(|segment| segment.parse::<usize>().is_ok());
            return (!posts && one_of)
                .then(|| (Whose::Everyone, "one fixed credential of the account, the same for every user".to_owned()));
        }
        if names("credential_connections") && !posts {
            return Some((Whose::Everyone, "the credential connection itself, the same for every user".to_owned()));
        }
        if !super::databases::is_query(text) {
            return None;
        }
        let whose = whose_query(text.get(..text.len().min(1200)).unwrap_or(text))?;
        let why = match whose {
            Whose::Everyone => "a row that is the same for every user".to_owned(),
            Whose::Group => "a row of the organisation, the same for all its people".to_owned(),
            Whose::Person => String::new(),
        };
        Some((whose, why))
    }
}

/// Whether a query has a condition on a person.
pub(super) fn asks_for_a_person(query: &str) -> bool {
    CONDITION.iter().flat_map(|condition| condition.captures_iter(query)).any(|condition| {
        let column = condition.iter().skip(1).flatten().next().map_or("", |column| column.as_str());
        speaks_of(&words(column), &OWNERSHIP.person)
    })
}

/// Whom the rows of a query belong to: a condition on a person wins, then what the table is, then a condition on a group.
fn whose_query(query: &str) -> Option<Whose> {
    let table = TABLE
        .as_ref()
        .and_then(|table| table.captures(query))
        .and_then(|found| found.iter().skip(1).flatten().next().map(|name| words(name.as_str())))
        .unwrap_or_default();
    let mut person = false;
    let mut nobody = false;
    let mut group = false;
    for condition in CONDITION.iter().flat_map(|condition| condition.captures_iter(query)) {
        let mut parts = condition.iter().skip(1).flatten();
        let (Some(column), value) = (parts.next(), parts.next().map_or("", |value| value.as_str().trim())) else { continue };
        let column = words(column.as_str());
        if speaks_of(&column, &OWNERSHIP.person) && value != "true" && !value.starts_with('{') {
            if value == "null" { nobody = true } else { person = true }
        }
        group |= speaks_of(&column, &OWNERSHIP.group) && value != "true";
    }
    if person && !nobody {
        return Some(Whose::Person);
    }
    if speaks_of(&table, &OWNERSHIP.group) || (group && !speaks_of(&table, &OWNERSHIP.person)) || (nobody && group) {
        return Some(Whose::Group);
    }
    if speaks_of(&table, &OWNERSHIP.person) {
        return Some(Whose::Person);
    }
    speaks_of(&table, &OWNERSHIP.everyone).then_some(Whose::Everyone)
}

fn speaks_of(words: &[String], list: &[String]) -> bool {
    words.iter().any(|word| list.iter().any(|known| known == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_tells_whose_rows_it_reads() {
        for (query, whose) in [
            ("prisma.user.findUnique({ where: { id: session.user.id } })", Some(Whose::Person)),
            ("db.organization.findUniqueOrThrow({ where: { id: session.user.organizationId } })", Some(Whose::Group)),
            ("prisma.clinic.findUnique({ where: { id: session.clinicId } })", Some(Whose::Group)),
            ("supabase.from('telnyx_connections').select('sip_password').eq('project_id', project.id).single()", Some(Whose::Group)),
            ("supabase.from('telnyx_credentials').select('id').eq('user_id', user.id)", Some(Whose::Person)),
            (
                "supabaseAdmin.from('platform_settings').select('value').eq('key', 'TELNYX_SIP_PASSWORD').maybeSingle()",
                Some(Whose::Everyone),
            ),
            ("db.sipEndpoint.findFirst({ where: { organizationId: orgId, userId: null } })", Some(Whose::Group)),
            ("db.sipEndpoint.findFirst({ where: { organizationId: orgId, userId: me.id } })", Some(Whose::Person)),
            ("pool.query('SELECT sip_password FROM agents WHERE id = $1', [id])", Some(Whose::Person)),
            ("db.query(Credential).filter(Credential.user_id == user.id).first()", Some(Whose::Person)),
            ("Credential.query.filter_by(organization_id=org.id).first()", Some(Whose::Group)),
            ("Credential.objects.get(user=request.user)", Some(Whose::Person)),
            ("db.numbers.findFirst({ where: { id } })", None),
        ] {
            assert_eq!(whose_query(query), whose, "{query}");
        }
    }
}
