//! Where does code run?
//!
//! For each module, then each function, a [`Zone`]: the side, how sure, and why. Evidence is tried from the strongest:
//!
//! 1. what decides by itself: a directive, a path that a framework loads by convention, a manifest that names the file, an
//!    import that exists on one side only ([`claims`]);
//! 2. who imports it: the import graph is walked upwards to the nearest modules that decide ([`reach`]);
//! 3. what it uses: browser globals, Node modules, hooks ([`usage`]);
//! 4. habits of folders and what the package is made of.
//!
//! Reachability stops at a module that decides: a browser module that imports a `"use server"` file calls it over the
//! network, and a server component that imports a `"use client"` file only names it. Nothing depends on the order in which
//! files are asked about: only what a module says about itself is remembered, never a conclusion drawn from others.

pub mod claims;
pub mod edges;
mod manifest;
pub mod reach;
pub mod usage;
pub mod view;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use self::claims::{Claims, Own};
use self::reach::{Chain, Reach};
use self::usage::ModuleFacts;
use self::view::ProjectView;
use crate::catalog::frameworks::{Frameworks, Side};
use crate::finding::{Confidence, ZoneEvidence, ZoneKind};
use crate::hir::{Name, ProgramKind};
use crate::source::{FileId, Span};

/// Where code runs, how sure that is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Where.
    pub kind: ZoneKind,
    /// How sure.
    pub confidence: Confidence,
    /// The shortest chain, entry first (`src/main.tsx`, `src/phone.ts`), or one sentence.
    pub because: Vec<String>,
    /// Exports that run on the server although the rest does not.
    pub server_exports: Vec<Name>,
    /// Exports that run in the browser although the rest does not.
    pub client_exports: Vec<Name>,
    /// The walk through the importers was cut short, so that a further side may be missing.
    pub limited: bool,
}

impl Zone {
    fn new(kind: ZoneKind, confidence: Confidence, because: Vec<String>) -> Self {
        Self { kind, confidence, because, server_exports: Vec::new(), client_exports: Vec::new(), limited: false }
    }

    /// Whether the code reaches browsers or apps: a secret in it is public.
    #[must_use]
    pub fn ships(&self) -> bool {
        matches!(self.kind, ZoneKind::Client | ZoneKind::Both)
    }

    /// The part that a finding carries.
    #[must_use]
    pub fn evidence(&self) -> ZoneEvidence {
        ZoneEvidence { kind: self.kind, because: self.because.clone() }
    }
}

/// What is known about one function inside a module, to make its module's zone more exact.
#[derive(Debug, Clone, Copy, Default)]
pub struct FunctionContext<'a> {
    /// The export that the function is or stands in (`loader`, `GET`).
    pub exported: Option<&'a str>,
    /// Directives of the function and of the functions around it.
    pub directives: &'a [Name],
    /// The script region that it stands in.
    pub program: Option<ProgramKind>,
    /// The function, to look at the globals that it uses itself.
    pub span: Option<Span>,
}

/// The zones of one project. Cheap to make; each answer costs what its evidence costs.
pub struct Zones<'a, V: ProjectView> {
    view: &'a V,
    claims: Claims<'a>,
    own: Mutex<FxHashMap<FileId, Arc<Own>>>,
    edges: Mutex<FxHashMap<(FileId, FileId), bool>>,
    answers: Mutex<FxHashMap<FileId, Arc<Zone>>>,
}

impl<'a, V: ProjectView> Zones<'a, V> {
    /// Knows nothing yet: folders are looked into when a file below them is asked about.
    #[must_use]
    pub fn new(view: &'a V, frameworks: &'a Frameworks) -> Self {
        Self { view, claims: Claims::new(frameworks), own: Mutex::default(), edges: Mutex::default(), answers: Mutex::default() }
    }

    /// Where a module runs.
    #[must_use]
    pub fn zone_of(&self, file: FileId) -> Arc<Zone> {
        if let Some(zone) = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&file) {
            return Arc::clone(zone);
        }
        let zone = Arc::new(self.judge(file));
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(file, Arc::clone(&zone));
        zone
    }

    /// Where one function of a module runs.
    #[must_use]
    pub fn function_zone(&self, file: FileId, function: FunctionContext<'_>) -> Zone {
        let zone = self.zone_of(file);
        let at = |kind, reason: String| Zone { because: vec![format!("{}: {reason}", self.view.path(file))], kind, ..(*zone).clone() };
        if matches!(zone.kind, ZoneKind::Development | ZoneKind::Build) {
            return (*zone).clone();
        }
        if function.directives.iter().any(|directive| &**directive == "use server")
            && self.claims.honours_directives(self.view, self.view.path(file))
        {
            return Zone { confidence: Confidence::High, ..at(ZoneKind::Server, "the function says \"use server\"".to_owned()) };
        }
        if function.program == Some(ProgramKind::Server) {
            return Zone { confidence: Confidence::High, ..at(ZoneKind::Server, "this script region runs on the server".to_owned()) };
        }
        if self.view.kind(file) == crate::project::kind::FileKind::Astro && function.program.is_some() {
            return Zone { confidence: Confidence::High, ..at(ZoneKind::Client, "this script region runs in the browser".to_owned()) };
        }
        if let Some(exported) = function.exported {
            if zone.server_exports.iter().any(|name| &**name == exported) {
                return at(ZoneKind::Server, format!("`{exported}` is called by the framework on the server"));
            }
            if zone.client_exports.iter().any(|name| &**name == exported) {
                return at(ZoneKind::Client, format!("`{exported}` is called by the framework in the browser"));
            }
        }
        if let (ZoneKind::Both | ZoneKind::Unknown, Some(span)) = (zone.kind, function.span) {
            let facts = self.view.facts(file);
            let client = facts.client.iter().find(|used| used.is_strong() && span.contains(used.span));
            let server = facts.server.iter().find(|used| used.is_strong() && span.contains(used.span));
            match (client, server) {
                (Some(used), None) => {
                    return Zone { confidence: Confidence::Medium, ..at(ZoneKind::Client, format!("the function uses {}", used.what)) };
                }
                (None, Some(used)) => {
                    return Zone { confidence: Confidence::Medium, ..at(ZoneKind::Server, format!("the function uses {}", used.what)) };
                }
                _ => {}
            }
        }
        (*zone).clone()
    }

    /// What a module says about itself.
    fn own(&self, file: FileId) -> Arc<Own> {
        if let Some(own) = self.own.lock().unwrap_or_else(PoisonError::into_inner).get(&file) {
            return Arc::clone(own);
        }
        let own = Arc::new(self.claims.own(self.view, file));
        self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(file, Arc::clone(&own));
        own
    }

    /// Whether `importer` loads `file` when it runs.
    fn runs(&self, importer: FileId, file: FileId) -> bool {
        if let Some(known) = self.edges.lock().unwrap_or_else(PoisonError::into_inner).get(&(importer, file)) {
            return *known;
        }
        let runs = edges::is_run_time(self.view, importer, file);
        self.edges.lock().unwrap_or_else(PoisonError::into_inner).insert((importer, file), runs);
        runs
    }

    fn judge(&self, file: FileId) -> Zone {
        let own = self.own(file);
        if let Some(claim) = &own.decisive {
            return Zone {
                server_exports: claim.server_exports.clone(),
                client_exports: claim.client_exports.clone(),
                ..Zone::new(claim.zone, claim.confidence, vec![format!("{}: {}", self.view.path(file), claim.what)])
            };
        }
        let mut reach = reach::walk(self.view, file, &|file| self.own(file), &|importer, file| self.runs(importer, file));
        let facts = self.view.facts(file);
        if let Some(chain) = &mut reach.client
            && let Some(first) = chain.files.first()
            && let Some((page, what)) = reach::loader(self.view, *first, ZoneKind::Client, &|file| self.own(file))
        {
            chain.files.insert(0, page);
            chain.what = what;
        }
        let mut zone = self
            .by_reach(file, &reach, &facts)
            .or_else(|| own.habit.as_ref().map(|claim| Zone::new(claim.zone, Confidence::Medium, vec![self.sentence(file, &claim.what)])))
            .or_else(|| self.by_tools(&reach, &facts))
            .or_else(|| self.by_usage(file, &facts))
            .or_else(|| self.by_hints(&reach))
            .or_else(|| self.by_wish(file))
            .or_else(|| self.by_package(file))
            .unwrap_or_else(|| Zone::new(ZoneKind::Unknown, Confidence::Low, vec![self.sentence(file, "nothing tells where it runs")]));
        if reach.limited {
            zone.limited = true;
            zone.confidence = zone.confidence.min(Confidence::Medium);
        }
        zone
    }

    /// From the modules that reach this one, corrected by what this one can only do on one side.
    fn by_reach(&self, file: FileId, reach: &Reach, facts: &ModuleFacts) -> Option<Zone> {
        let strong = |uses: &[usage::Use]| uses.iter().find(|used| used.is_strong() && used.whole_module).map(|used| used.what.clone());
        let (browser_only, server_only) = (strong(&facts.client), strong(&facts.server));
        let against = |kind, what: &str| {
            Zone::new(
                kind,
                Confidence::Medium,
                vec![self.sentence(file, &format!("it uses {what}, which exists on the {} only", kind_word(kind)))],
            )
        };
        match (&reach.client, &reach.server) {
            (Some(client), Some(server)) => Some(match (browser_only, server_only) {
                (Some(what), None) => against(ZoneKind::Client, &what),
                (None, Some(what)) => against(ZoneKind::Server, &what),
                _ => Zone::new(
                    ZoneKind::Both,
                    Confidence::Medium,
                    vec![format!(
                        "reached from the browser ({}) and from the server ({})",
                        self.links(client).join(" → "),
                        self.links(server).join(" → ")
                    )],
                ),
            }),
            (Some(chain), None) => Some(match (browser_only, server_only) {
                (None, Some(what)) => against(ZoneKind::Server, &what),
                _ => Zone::new(ZoneKind::Client, chain.confidence, self.links(chain)),
            }),
            (None, Some(chain)) => Some(match (browser_only, server_only) {
                (Some(what), None) => against(ZoneKind::Client, &what),
                _ => Zone::new(ZoneKind::Server, chain.confidence, self.links(chain)),
            }),
            (None, None) => None,
        }
    }

    fn by_usage(&self, file: FileId, facts: &ModuleFacts) -> Option<Zone> {
        for (strong, confidence) in [(true, Confidence::Medium), (false, Confidence::Low)] {
            let first = |uses: &[usage::Use]| uses.iter().find(|used| used.is_strong() == strong).map(|used| used.what.clone());
            match (first(&facts.client), first(&facts.server)) {
                (Some(what), None) => {
                    return Some(Zone::new(ZoneKind::Client, confidence, vec![self.sentence(file, &format!("it uses {what}"))]));
                }
                (None, Some(what)) => {
                    return Some(Zone::new(ZoneKind::Server, confidence, vec![self.sentence(file, &format!("it uses {what}"))]));
                }
                (Some(client), Some(server)) if strong => {
                    let reason = format!("it uses {client} of the browser and {server} of the server");
                    return Some(Zone::new(ZoneKind::Both, Confidence::Low, vec![self.sentence(file, &reason)]));
                }
                _ => {}
            }
        }
        None
    }

    /// From tool configurations and development scripts. They run in Node, so that what the module uses of a server says no
    /// more; what it uses of a browser does.
    fn by_tools(&self, reach: &Reach, facts: &ModuleFacts) -> Option<Zone> {
        if facts.client.iter().any(usage::Use::is_strong) {
            return None;
        }
        let (kind, chain) = match (&reach.build, &reach.development) {
            (Some(chain), _) => (ZoneKind::Build, chain),
            (None, Some(chain)) => (ZoneKind::Development, chain),
            (None, None) => return None,
        };
        Some(Zone::new(kind, Confidence::Medium, self.links(chain)))
    }

    /// From importers that only suggest a side.
    fn by_hints(&self, reach: &Reach) -> Option<Zone> {
        match (&reach.client_hint, &reach.server_hint) {
            (Some(chain), None) => Some(Zone::new(ZoneKind::Client, Confidence::Low, self.links(chain))),
            (None, Some(chain)) => Some(Zone::new(ZoneKind::Server, Confidence::Low, self.links(chain))),
            _ => None,
        }
    }

    /// A directive that its bundler does not know is still what the author meant, as long as nothing contradicts it.
    fn by_wish(&self, file: FileId) -> Option<Zone> {
        let says = self.view.directives(file).iter().any(|directive| &**directive == "use server");
        says.then(|| {
            Zone::new(ZoneKind::Server, Confidence::Low, vec![self.sentence(file, "\"use server\", which its bundler does not know")])
        })
    }

    fn by_package(&self, file: FileId) -> Option<Zone> {
        let (side, name) = self.claims.package_side(self.view, self.view.path(file))?;
        let (kind, word) = match side {
            Side::Client => (ZoneKind::Client, "browser"),
            Side::Server => (ZoneKind::Server, "server"),
            Side::Both => return None,
        };
        Some(Zone::new(kind, Confidence::Low, vec![self.sentence(file, &format!("its package is {word} code ({name})"))]))
    }

    /// The files of a chain, entry first, the entry with what makes it one.
    fn links(&self, chain: &Chain) -> Vec<String> {
        let mut links: Vec<String> = chain.files.iter().map(|file| self.view.path(*file).to_owned()).collect();
        if let Some(first) = links.first_mut() {
            *first = format!("{first} ({})", chain.what);
        }
        links
    }

    fn sentence(&self, file: FileId, reason: &str) -> String {
        format!("{}: {reason}", self.view.path(file))
    }
}

fn kind_word(kind: ZoneKind) -> &'static str {
    if kind == ZoneKind::Client { "browser" } else { "server" }
}
