//! From origins to provenance: what the birthplace of a value means for authentication.

use crate::analysis::model::{Beyond, Provenance, SecretText, Source};
use crate::analysis::values::{EnvMechanism, Frames, Identity, Origin, OriginKind, Site};
use crate::catalog::apis::{ApiRole, ApiTable};
use crate::finding::FlowStep;
use crate::hir::{ExprKind, Literal};
use crate::source::{FileId, Location};

use super::Builder;
use super::tiers::join::Crossed;

impl Builder<'_> {
    /// What origins mean, seen from a use in `user`. Dead values (empty strings) are dropped.
    pub(crate) fn sources(&self, origins: &[Origin], user: FileId) -> (Vec<Source>, bool) {
        let mut limited = false;
        let mut sources: Vec<Source> = Vec::new();
        for origin in origins {
            if origin.kind == OriginKind::Limit {
                limited = true;
                continue;
            }
            let crossed = self.across(origin);
            // What a hook of this code runs is no request; what that asks is what counts.
            let (asked, here): (Vec<Crossed>, Vec<Crossed>) = crossed.into_iter().partition(|crossed| !crossed.requests.is_empty());
            for crossed in &here {
                limited |= crossed.origin.kind == OriginKind::Limit;
                if let Some(source) = self.source(&crossed.origin, user) {
                    push(&mut sources, source);
                }
            }
            if asked.is_empty() && !here.is_empty() {
                continue;
            }
            let Some(mut source) = self.source(origin, user) else { continue };
            if let Some(nearest) = asked.first().and_then(|crossed| crossed.requests.last()) {
                source.requests.push(*nearest);
                if source.provenance == Provenance::Unknown {
                    source.provenance = Provenance::BackEnd(None);
                }
            }
            source.beyond = asked.iter().filter_map(|crossed| self.beyond(crossed)).collect();
            push(&mut sources, source);
        }
        // Something known beats the fallbacks that say nothing.
        if sources.iter().any(|source| !matches!(source.provenance, Provenance::Unknown | Provenance::Caller)) {
            sources.retain(|source| !matches!(source.provenance, Provenance::Unknown | Provenance::Caller) || !source.derived);
        }
        (sources, limited)
    }

    /// What an origin means, seen from a use in `user`.
    fn source(&self, origin: &Origin, user: FileId) -> Option<Source> {
        Some(Source {
            provenance: self.provenance(origin, user)?,
            at: origin.at,
            flow: Self::flow(origin),
            derived: origin.derived,
            development_only: origin.development_only(),
            conditions: origin.conditions.iter().map(|condition| (condition.at, condition.text.to_string())).collect(),
            in_development_file: self.zones.zone_of(origin.at.file).kind == crate::finding::ZoneKind::Development,
            requests: Vec::new(),
            beyond: Vec::new(),
        })
    }

    /// What an origin in the code that answers a request means, seen from there.
    fn beyond(&self, crossed: &Crossed) -> Option<Beyond> {
        let mut source = self.source(&crossed.origin, crossed.answer.file)?;
        source.requests.clone_from(&crossed.requests);
        Some(Beyond { source, answer: crossed.answer, confidence: crossed.confidence })
    }

    /// The steps of an origin's way, with the birthplace first.
    pub(crate) fn flow(origin: &Origin) -> Vec<FlowStep> {
        let mut steps = origin.trail.steps();
        if steps.first().is_none_or(|first| first.location != origin.at) {
            steps.insert(0, FlowStep::new(origin.at, born_text(&origin.kind)));
        }
        steps
    }

    fn provenance(&self, origin: &Origin, user: FileId) -> Option<Provenance> {
        Some(match &origin.kind {
            // A literal that something else is computed from (a storage key, a prefix) is not the value.
            OriginKind::Literal(_) if origin.derived => return None,
            OriginKind::Literal(Literal::String(text)) if text.is_empty() => return None,
            OriginKind::Literal(Literal::String(text)) => Provenance::Literal(SecretText::new(text.clone())),
            OriginKind::Literal(Literal::Number(number)) => Provenance::Literal(SecretText::new(number.to_string().into())),
            OriginKind::Env { name, mechanism } => self.env(name, *mechanism, origin.at.file),
            OriginKind::Response(site) => Provenance::BackEnd(self.request_text_in(*site, &origin.frames)),
            OriginKind::Call(site) => self.call_provenance(*site, user),
            OriginKind::New(_) | OriginKind::Object(_) | OriginKind::Function(_) | OriginKind::Class(_) | OriginKind::Instance(..) => {
                Provenance::Unknown
            }
            OriginKind::UserInput => Provenance::Form,
            OriginKind::PageUrl => Provenance::PageUrl,
            OriginKind::Storage(key) => Provenance::Storage(key.clone()),
            OriginKind::RequestInput => Provenance::RequestInput,
            OriginKind::File(_) => Provenance::File,
            OriginKind::TemplateHole(_) => Provenance::TemplateHole,
            OriginKind::Param(..) => Provenance::Caller,
            OriginKind::Global(path) => global_provenance(self.values.apis(), path.iter().chain(&origin.path).map(AsRef::as_ref)),
            OriginKind::Package { package, path } => {
                let identity = Identity::Package { package: package.clone(), path: path.join(".") };
                if identity.plays(self.values.apis(), ApiRole::DomQuery) { Provenance::Form } else { Provenance::Unknown }
            }
            OriginKind::Literal(_) | OriginKind::Element(_) | OriginKind::Property(_) | OriginKind::Unknown | OriginKind::Limit => {
                Provenance::Unknown
            }
        })
    }

    /// Whether a bundler ships the variable to the browser: by its prefix, or because everything that the mechanism reads ships.
    pub(crate) fn env(&self, name: &crate::hir::Name, mechanism: EnvMechanism, file: FileId) -> Provenance {
        let ships = self.zones.zone_of(file).ships();
        let public = self.workspace.catalog.public_bundler(name).is_some()
            || (matches!(mechanism, EnvMechanism::Framework | EnvMechanism::Compiled) && ships)
            || (ships && self.is_inlined(file, name));
        if public { Provenance::PublicEnv(name.clone()) } else { Provenance::PrivateEnv(name.clone()) }
    }

    /// Whether the package's bundler configuration inlines the variable (`define`, `env`).
    pub(crate) fn is_inlined(&self, file: FileId, name: &str) -> bool {
        let folder = self.workspace.project.package_of(file).map_or("", |package| &package.folder);
        self.inlined.has(folder, name)
    }

    /// A call that the project does not define: a database client, a server function's result, or nothing known.
    fn call_provenance(&self, site: Site, user: FileId) -> Provenance {
        let Some(unit) = self.workspace.unit(site.file) else { return Provenance::Unknown };
        let text = unit.source.slice(unit.module[site.expr].span);
        if self.workspace.catalog.habits.databases.is_query(text) {
            return Provenance::Database;
        }
        if self.workspace.catalog.habits.databases.is_remote_function(text) {
            return Provenance::BackEnd(self.request_text(site));
        }
        let zone = self.zones.zone_of(site.file);
        if site.file != user && zone.kind == crate::finding::ZoneKind::Server {
            return Provenance::BackEnd(None);
        }
        Provenance::Unknown
    }

    /// How a message names a request: its method and URL as far as they are known.
    pub(crate) fn request_text(&self, site: Site) -> Option<String> {
        self.request_text_in(site, &None)
    }

    /// [`Builder::request_text`] inside of calls: a helper asks for what it is given.
    fn request_text_in(&self, site: Site, frames: &Frames) -> Option<String> {
        let unit = self.workspace.unit(site.file)?;
        let ExprKind::Call { args, .. } = &unit.module[site.expr].kind else { return None };
        let first = args.first()?;
        let text = self.values.text_in(Site { file: site.file, expr: first.expr }, frames).pattern();
        let text = text.replace("{}", "…");
        // Holes alone name no address.
        (text.len() > 1 && text.len() < 120 && text.chars().any(|letter| letter != '…')).then_some(text)
    }

    /// A location in a file's unit.
    pub(crate) fn at(&self, site: Site) -> Location {
        let span = self.workspace.unit(site.file).map(|unit| unit.module[site.expr].span).unwrap_or_default();
        Location::new(site.file, span)
    }
}

pub(crate) fn global_provenance<'a>(apis: &ApiTable, path: impl Iterator<Item = &'a str>) -> Provenance {
    let path: Vec<&str> = path.collect();
    let dotted = path.join(".");
    let identity = Identity::Global(dotted.clone());
    let prefix_plays =
        |role| (1..=path.len()).any(|length| Identity::Global(path.get(..length).unwrap_or(&[]).join(".")).plays(apis, role));
    if identity.plays(apis, ApiRole::PageUrl) || prefix_plays(ApiRole::PageUrl) {
        Provenance::PageUrl
    } else if prefix_plays(ApiRole::DomQuery) {
        Provenance::Form
    } else if matches!(path.first(), Some(&("localStorage" | "sessionStorage"))) {
        Provenance::Storage(path.get(1).map(|key| crate::hir::Name::from(*key)))
    } else {
        Provenance::Unknown
    }
}

/// Adds a source that is not known yet.
fn push(sources: &mut Vec<Source>, source: Source) {
    match sources.iter_mut().find(|other| other.provenance == source.provenance && other.at == source.at) {
        // The same request, asked for another part or on another way: both came from what answered it.
        Some(known) => known.beyond.extend(source.beyond.into_iter().filter(|beyond| !known.beyond.contains(beyond)).collect::<Vec<_>>()),
        None => sources.push(source),
    }
}

fn born_text(kind: &OriginKind) -> &'static str {
    match kind {
        OriginKind::Literal(_) => "written here",
        OriginKind::Env { .. } => "read from the environment",
        OriginKind::Response(_) => "the answer of this request",
        OriginKind::Call(_) => "comes from this call",
        OriginKind::UserInput => "typed in by the user",
        OriginKind::PageUrl => "read from the page's address",
        OriginKind::Storage(_) => "read from storage",
        OriginKind::RequestInput => "sent by the caller",
        OriginKind::File(_) => "read from a file",
        OriginKind::TemplateHole(_) => "put into the page by the server",
        OriginKind::Param(..) => "a parameter that no visible code fills",
        OriginKind::Global(_) => "a global of the page",
        _ => "comes from here",
    }
}
