//! Secrets under names that a bundler ships: where they are set, and where browser code reads them.
//!
//! `places` finds the entries: variables with a public prefix in dotenv files, CI workflows, compose files, Dockerfiles, manifests of
//! clusters and hosting platforms, and the values of objects that a bundler or framework puts into its output. Files that are served as
//! they are add the secrets that stand in them. Here they are brought together by name: literals stay on their own, because each has to be
//! removed; everything else that sets the same name is one entry with several places.

mod places;

use rustc_hash::{FxHashMap, FxHashSet};

use self::places::Place;
use super::Builder;
use crate::analysis::model::{Client, EntryRead, EntryValue, FoundKind, FoundSecret, OptionRole, Provenance, PublicEntry};
use crate::analysis::unit::Unit;
use crate::catalog::apis::ApiTable;
use crate::hir::visit::Node;
use crate::hir::{ExprKind, Literal, Name, PatKind, PropertyKey};
use crate::secrets::names::NameRole;
use crate::source::Location;

/// How many reads of one name are kept.
const READS: usize = 8;

impl Builder<'_> {
    /// The entries of the project, in order of place.
    pub(super) fn public_entries(&self, clients: &[Client], secrets: &[FoundSecret]) -> Vec<PublicEntry> {
        let mut places = self.places(&used_variables(clients), secrets);
        places.extend(self.served(secrets, &places));
        if places.is_empty() {
            return Vec::new();
        }
        let reads = self.reads(&places);
        places.sort_by_key(|place| (place.rank(), place.at));
        let mut entries: Vec<PublicEntry> = Vec::new();
        for place in places {
            let known = entries.iter_mut().find(|entry| entry.name == *place.name && self.is_near(entry.at, place.at));
            let stands_alone = place.is_tracked_literal();
            match known {
                // Named again where it only passes through, or in a file that is not in the repository.
                Some(entry) if !stands_alone => entry.elsewhere.push(place.at),
                _ => {
                    let reads = reads.get(&place.name).map_or(&[][..], Vec::as_slice);
                    let reads = reads.iter().filter(|read| self.is_near(place.at, read.at)).take(READS).cloned().collect();
                    entries.push(place.entry(reads));
                }
            }
        }
        entries.sort_by_key(|entry| entry.at);
        entries
    }

    /// Whether code at one place may be built with what is set at another: they are in one package, or one is in a package above the other's.
    fn is_near(&self, entry: Location, other: Location) -> bool {
        let folder = |at: Location| self.workspace.project.package_of(at.file).map_or("", |package| &*package.folder);
        let (entry, other) = (folder(entry), folder(other));
        let above = |outer: &str, inner: &str| {
            outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        above(entry, other) || above(other, entry)
    }

    /// Where code reads the names, those that ship first.
    fn reads(&self, places: &[Place]) -> FxHashMap<Name, Vec<EntryRead>> {
        // The last part of a dotted name is what code reads.
        let mut wanted: FxHashMap<&str, Vec<&Place>> = FxHashMap::default();
        for place in places {
            wanted.entry(place.name.rsplit('.').next().unwrap_or(&place.name)).or_default().push(place);
        }
        let mut reads: FxHashMap<Name, Vec<EntryRead>> = FxHashMap::default();
        for unit in self.workspace.anchored_units() {
            for node in unit.parents.nodes() {
                let Some((name, span)) = read_name(self.values.apis(), unit, *node) else { continue };
                for place in wanted.get(&**name).into_iter().flatten().filter(|place| place.at.file != unit.file) {
                    let at = unit.at(span);
                    let read = EntryRead { at, zone: self.zone_of_node(unit, *node) };
                    let known = reads.entry(place.name.clone()).or_default();
                    if known.iter().all(|other| other.at != at) {
                        known.push(read);
                    }
                }
            }
        }
        for found in reads.values_mut() {
            found.sort_by_key(|read| (!read.zone.ships(), read.at));
        }
        reads
    }

    /// Secrets in data files and texts that a server hands out as they are.
    fn served(&self, secrets: &[FoundSecret], known: &[Place]) -> Vec<Place> {
        let bundlers = &self.workspace.catalog.bundlers;
        let taken: FxHashSet<Location> = known.iter().map(|place| place.at).collect();
        let is_served = |secret: &&FoundSecret| {
            let Some(file) = self.workspace.project.file(secret.at.file) else { return false };
            let home = self.workspace.project.package_of(secret.at.file).map_or("", |package| &*package.folder);
            let below = file.path.strip_prefix(home).map_or(&*file.path, |rest| rest.trim_start_matches('/'));
            let folder = below.split_once('/').map_or("", |(folder, _)| folder);
            // Scripts and pages are client code, which the uses of keys and the clients tell of.
            !file.kind.has_code() && !secret.in_development_file && bundlers.served.folders.iter().any(|served| served == folder)
        };
        secrets
            .iter()
            .filter(is_served)
            .filter(|secret| !taken.contains(&secret.at))
            .map(|secret| Place {
                name: Name::from(self.workspace.path(secret.at.file)),
                what: role_of(&secret.kind),
                at: secret.at,
                shipped_by: "the web server, which serves this file to everyone".to_owned(),
                value: literal(secret),
                ignored: false,
                development_only: false,
            })
            .collect()
    }
}

/// What clients take public variables for, whatever these are called.
pub(super) type Used = FxHashMap<Name, NameRole>;

fn used_variables(clients: &[Client]) -> Used {
    let mut used = Used::default();
    for option in clients.iter().flat_map(|client| &client.options) {
        let role = match option.role {
            OptionRole::User => NameRole::SipUser,
            OptionRole::Password => NameRole::SipPassword,
            OptionRole::Token => NameRole::LoginToken,
            OptionRole::Anonymous => continue,
        };
        for source in &option.sources {
            if let Provenance::PublicEnv(name) = &source.provenance {
                used.entry(name.clone()).or_insert(role);
            }
        }
    }
    used
}

/// The value of an entry that holds a secret which was found in the text.
fn literal(secret: &FoundSecret) -> EntryValue {
    let expired = matches!(secret.kind, FoundKind::LoginToken { expires: Some(expires) } if expires < now());
    EntryValue::Literal { confidence: secret.confidence, expired }
}

fn role_of(kind: &FoundKind) -> NameRole {
    match kind {
        FoundKind::ApiKey => NameRole::ApiKey,
        FoundKind::LoginToken { .. } => NameRole::LoginToken,
        FoundKind::SipPassword => NameRole::SipPassword,
        FoundKind::OauthClientSecret => NameRole::OauthSecret,
    }
}

/// Unix seconds.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// The name that a node reads: a member, an index by a string, a destructured key, or a free identifier.
fn read_name<'u>(apis: &ApiTable, unit: &'u Unit, node: Node) -> Option<(&'u Name, crate::source::Span)> {
    match node {
        Node::Expr(expr) => match &unit.module[expr].kind {
            ExprKind::Member { property, .. } => Some((property, unit.module[expr].span)),
            ExprKind::Index { index, .. } => match &unit.module[*index].kind {
                ExprKind::Literal(Literal::String(name)) => Some((name, unit.module[expr].span)),
                _ => None,
            },
            // What a bundler defines is declared nowhere.
            ExprKind::Ident(name) => {
                let is_free = unit.scopes.symbol_of_expr(expr).is_none_or(|symbol| unit.is_env_import(apis, symbol));
                is_free.then_some((name, unit.module[expr].span))
            }
            _ => None,
        },
        Node::Pat(pat) => {
            let PatKind::Object { properties, .. } = &unit.module[pat].kind else { return None };
            // One pattern may read several; the first that looks like a constant of the environment stands for it.
            properties.iter().find_map(|property| match &property.key {
                PropertyKey::Name(name, span) if name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') => Some((name, *span)),
                _ => None,
            })
        }
        _ => None,
    }
}
