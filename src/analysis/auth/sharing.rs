//! For whom is a credential? Judged from where its id (or its password) comes from.
//!
//! A constant, an environment variable, the first item of a list, a file, a settings row: everybody shares it. A row of an
//! organisation or team: its people share it. A row that is looked up by the signed-in person, or a credential created just before:
//! nobody shares it. A per-person lookup that falls back to a fixed credential is still shared.

use std::sync::LazyLock;

use regex::Regex;

use super::Builder;
use crate::analysis::model::{Provenance, Sharing};
use crate::analysis::values::{Origin, OriginKind, Site, arguments};
use crate::catalog::ownership::Ownership;
use crate::finding::{Confidence, FlowStep};
use crate::hir::{ExprKind, Literal};
use crate::secrets::words::split as words;

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

/// A filter of a list, its field and what follows.
static FILTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"filter(?:\[|%5B)(\w+)(?:\]|%5D)(?:(?:\[|%5B)\w+(?:\]|%5D))?['"`]?\s*\]?\s*[:=,]\s*([^&,)}\n]*[}`'"]?)"#).ok()
});

/// A condition on the number or name of the row itself that is a constant: `.eq('id', 1)`, `where: { id: 'default' }`, `id = 1`.
static FIXED_ROW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?x) \.(?:eq|where)\(\s*["'`]id["'`]\s*,\s*(?:["'`][^"'`$]+["'`]|\d+)\s*\) | \bid\s*:\s*(?:["'`][^"'`$]+["'`]|\d+)\s*[,}\n] | \bid\s*=\s*(?:'\w+'|\d+)(?:\W|$)"#).ok()
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
            // A module of the project that is kept out of the tree: it can hold constants only.
            OriginKind::Package { package, .. } if package.starts_with('.') && !origin.derived => {
                Some((Whose::Everyone, format!("a setting of `{package}`, the same for every user")))
            }
            OriginKind::RequestInput => Some((Whose::Person, String::new())),
            OriginKind::Param(function, index) => {
                let unit = self.workspace.unit(function.file)?;
                let param = unit.module[function.function].params.get(*index)?;
                let name = unit.source.slice(unit.module[param.pat].span);
                let path: Vec<&str> = origin.path.iter().map(AsRef::as_ref).collect();
                let words = words(&format!("{name} {}", path.join(" ")));
                speaks_of(&words, &self.catalog.ownership.person).then(|| (Whose::Person, String::new()))
            }
            _ => None,
        }
    }

    /// A row of a database, an item of the service's own list, the answer of another call.
    fn whose_row(&self, site: Site, origin: &Origin) -> Option<(Whose, String)> {
        let unit = self.workspace.unit(site.file)?;
        let text = unit.source.slice(unit.module[site.expr].span);
        let url = match &unit.module[site.expr].kind {
            ExprKind::Call { args, .. } => std::iter::once(self.url_of(origin))
                .chain(args.iter().take(3).map(|arg| Some(self.values.text(Site { file: site.file, expr: arg.expr }).pattern())))
                .flatten()
                .find(|pattern| pattern.contains('/'))
                .unwrap_or_default(),
            _ => String::new(),
        };
        let names = |needle: &str| url.contains(needle) || text.contains(needle);
        if names("telephony_credentials") || names("telephonyCredentials.list") || names("TelephonyCredential.") {
            // Created here: by whom it is kept decides, which other origins tell.
            let one_of = origin.path.iter().any(|segment| segment.parse::<usize>().is_ok());
            let everyone = one_of && !self.creates(text, origin) && !self.asks_for_own(text, &url, origin);
            return everyone.then(|| (Whose::Everyone, "one fixed credential of the account, the same for every user".to_owned()));
        }
        if names("credential_connections") && !self.creates(text, origin) {
            return Some((Whose::Everyone, "the credential connection itself, the same for every user".to_owned()));
        }
        if !self.catalog.habits.databases.is_query(text) {
            return None;
        }
        let whose = whose_query(&self.catalog.ownership, text.get(..text.len().min(1200)).unwrap_or(text))?;
        let why = match whose {
            Whose::Everyone => "a row that is the same for every user".to_owned(),
            Whose::Group => "a row of the organisation, the same for all its people".to_owned(),
            Whose::Person => String::new(),
        };
        Some((whose, why))
    }

    /// Whether the request behind an origin creates something: by its text, or by what the calls around it say to a helper that asks.
    fn creates(&self, text: &str, origin: &Origin) -> bool {
        let posts = |text: &str| ["\"POST\"", "'POST'", "`POST`", ".post("].iter().any(|method| text.contains(method));
        let made = ["telephonyCredentials.create(", "telephony_credentials.create(", "TelephonyCredential.create("];
        made.iter().any(|creation| text.contains(creation)) || posts(text) || self.told_to_helpers(origin).iter().any(|told| posts(told))
    }

    /// Whether a list is asked for by something of one's own: a filter with a value that is no constant, other than the connection.
    fn asks_for_own(&self, text: &str, url: &str, origin: &Origin) -> bool {
        filters_by_value(text) || filters_by_value(url) || self.told_to_helpers(origin).iter().any(|told| filters_by_value(told))
    }

    /// The texts of the arguments that the calls around an origin give to helpers.
    fn told_to_helpers(&self, origin: &Origin) -> Vec<&str> {
        arguments(&origin.frames)
            .into_iter()
            .filter_map(|site| self.workspace.unit(site.file).map(|unit| unit.source.slice(unit.module[site.expr].span)))
            .collect()
    }
}

/// Whether a text has a filter whose value is put in: `'filter[tag]': name`, `?filter[tag]=${name}`, `filter[tag]={}`.
fn filters_by_value(text: &str) -> bool {
    FILTER.iter().flat_map(|filter| filter.captures_iter(text)).any(|found| {
        let field = found.get(1).map_or("", |field| field.as_str());
        let value = found.get(2).map_or("", |value| value.as_str());
        let is_constant = match value.chars().next() {
            Some('\'' | '"') => value.len() > 1,
            Some('`') => !value.contains("${"),
            Some('$' | '{') => false,
            Some(first) => {
                found.get(0).is_some_and(|whole| whole.as_str().contains('=')) && first.is_alphanumeric() && !value.contains(['$', '{'])
            }
            None => false,
        };
        !matches!(field, "connection_id" | "status" | "page") && !is_constant
    })
}

/// Whether a query has a condition on a person.
pub(super) fn asks_for_a_person(ownership: &Ownership, query: &str) -> bool {
    CONDITION.iter().flat_map(|condition| condition.captures_iter(query)).any(|condition| {
        let column = condition.iter().skip(1).flatten().next().map_or("", |column| column.as_str());
        speaks_of(&words(column), &ownership.person)
    })
}

/// Whom the rows of a query belong to: a condition on a person wins, then what the table is, then a condition on a group.
fn whose_query(ownership: &Ownership, query: &str) -> Option<Whose> {
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
        if speaks_of(&column, &ownership.person) && value != "true" && !value.starts_with('{') {
            if value == "null" { nobody = true } else { person = true }
        }
        group |= speaks_of(&column, &ownership.group) && value != "true";
    }
    if person && !nobody {
        return Some(Whose::Person);
    }
    let fixed = FIXED_ROW.as_ref().is_some_and(|fixed| fixed.is_match(query)) && !group;
    if fixed || (takes_first_row(query) && !speaks_of(&table, &ownership.person)) {
        return Some(Whose::Everyone);
    }
    if speaks_of(&table, &ownership.group) || (group && !speaks_of(&table, &ownership.person)) || (nobody && group) {
        return Some(Whose::Group);
    }
    if speaks_of(&table, &ownership.person) {
        return Some(Whose::Person);
    }
    speaks_of(&table, &ownership.everyone).then_some(Whose::Everyone)
}

/// Whether a query takes the first row there is, whoever asks.
fn takes_first_row(query: &str) -> bool {
    let lower = query.to_ascii_lowercase();
    let asks = ["where", ".eq(", ".match(", ".filter(", ".in("].iter().any(|condition| lower.contains(condition));
    !asks && ["findfirst(", "findone()", "findone({})"].iter().any(|first| lower.contains(first))
}

fn speaks_of(words: &[String], list: &[String]) -> bool {
    words.iter().any(|word| list.iter().any(|known| known == word))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn a_list_is_filtered_by_what_is_put_in() {
        for (text, own) in [
            ("api.get('/telephony_credentials', { params: { 'filter[tag]': name } })", true),
            ("fetch(`https://x/telephony_credentials?filter[tag]=${tag}&page[size]=1`)", true),
            ("https://x/telephony_credentials?filter[name]={}", true),
            ("https://x/telephony_credentials?filter%5Btag%5D={}", true),
            ("api.get('/telephony_credentials', { params: { 'filter[tag]': 'web' } })", false),
            ("fetch('https://x/telephony_credentials?filter[tag]=web')", false),
            ("{ params: { 'filter[connection_id]': connectionId } }", false),
            ("fetch('https://x/telephony_credentials?page[size]=1')", false),
        ] {
            assert_eq!(filters_by_value(text), own, "{text}");
        }
    }

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
            ("prisma.organizationSettings.findUnique({ where: { id: 'default' } })", Some(Whose::Everyone)),
            ("supabase.from('company_settings').select('*').eq('id', 1).single()", Some(Whose::Everyone)),
            ("supabase.from('company_settings').select('*').eq('id', companyId).single()", Some(Whose::Group)),
            ("prisma.companySettings.findFirst()", Some(Whose::Everyone)),
            ("prisma.user.findFirst()", Some(Whose::Person)),
        ] {
            assert_eq!(whose_query(&Catalog::builtin().unwrap().ownership, query), whose, "{query}");
        }
    }
}
