//! The join: which route of the project answers a request, and where the asked part of its answer comes from.
//!
//! A request and a route fit by method and path ([`super::paths`]). Of several that fit, the more exact one wins, then the one that stands
//! nearer in the tree; where that does not decide, nothing is joined. A join is made when a question needs it, never for its own sake.

use std::sync::{Arc, PoisonError};

use super::paths::{Asks, Fit, Host};
use super::patterns::{Method, RoutePath};
use super::requests::{Asked, Envelope, Remote, Target};
use super::routes::Route;
use crate::analysis::auth::Builder;
use crate::analysis::values::{FunctionSite, Origin, OriginKind, Site};
use crate::finding::Confidence;
use crate::hir::ExprKind;
use crate::source::{FileId, Location};

/// How many requests one value may come through.
const HOPS: u8 = 3;
/// How many origins the crossing of one origin may give.
const ORIGINS: usize = 24;

/// What answers a request.
#[derive(Debug, Clone)]
pub(crate) struct Joined {
    /// The functions that run.
    pub(crate) handlers: Vec<FunctionSite>,
    /// The place of the route.
    pub(crate) at: Location,
    /// How messages call it.
    pub(crate) what: String,
    /// How sure the join is.
    pub(crate) confidence: Confidence,
}

/// An origin beyond a request.
#[derive(Debug, Clone)]
pub(crate) struct Crossed {
    /// The origin in the code that answers, with the whole way from there.
    pub(crate) origin: Origin,
    /// The requests on the way, the one nearest to the use last.
    pub(crate) requests: Vec<Location>,
    /// The body of the answer that the last of them got.
    pub(crate) answer: Location,
    /// How sure the joins are.
    pub(crate) confidence: Confidence,
}

impl Builder<'_> {
    /// Where a value that a request answered comes from in the code that answered it. Empty when nobody of the project does.
    pub(crate) fn across(&self, origin: &Origin) -> Vec<Crossed> {
        let mut found = Vec::new();
        self.cross(origin, &[], HOPS, &mut found);
        found.truncate(ORIGINS);
        found
    }

    /// Origins with those that a route of the project answers followed into it.
    pub(crate) fn followed(&self, origins: Vec<Origin>) -> Vec<Origin> {
        let mut all = Vec::with_capacity(origins.len());
        for origin in origins {
            let crossed = self.across(&origin);
            if crossed.is_empty() {
                all.push(origin);
            } else {
                all.extend(crossed.into_iter().map(|crossed| crossed.origin));
            }
        }
        all
    }

    /// For a token that the service's REST interface mints: where the id of its credential comes from.
    pub(crate) fn credential_behind(&self, origin: &Origin) -> Vec<Origin> {
        let (OriginKind::Response(site), true) = (&origin.kind, !origin.derived) else { return Vec::new() };
        let Some(unit) = self.workspace.unit(site.file) else { return Vec::new() };
        let ExprKind::Call { args, .. } = &unit.module[site.expr].kind else { return Vec::new() };
        let Some(url) = args.first() else { return Vec::new() };
        let text = self.values.text_in(Self::site(unit, url.expr), &origin.frames);
        let Some(id) = self.minted_id(&text) else { return Vec::new() };
        let trail = origin.trail.retold(origin.at, "mints a login token for a credential");
        let from = Origin { derived: true, ..origin.clone() };
        self.values.further(id, &[], &origin.frames, &from, trail)
    }

    fn cross(&self, origin: &Origin, before: &[Location], hops: u8, found: &mut Vec<Crossed>) {
        if hops == 0 || found.len() >= ORIGINS {
            return;
        }
        let (OriginKind::Response(site) | OriginKind::Call(site)) = origin.kind else { return };
        let Some(remote) = self.remote(origin) else { return };
        let at = self.at(site);
        let (joined, told, envelope, mut requests) = match remote {
            Remote::Asks(asked) => {
                let Some(joined) = self.joined(site, &asked) else { return };
                let request = (at, asked.spelling());
                self.memo.crossed.lock().unwrap_or_else(PoisonError::into_inner).insert(request, joined.at);
                (joined, asked.told(), asked.envelope, vec![at])
            }
            // What the hook runs asks in turn; the hook itself is no request.
            Remote::Runs(handlers) => {
                let joined = Joined { handlers, at, what: String::new(), confidence: Confidence::High };
                (joined, String::new(), Envelope::Hook, Vec::new())
            }
        };
        requests.extend_from_slice(before);
        let trail = if told.is_empty() {
            origin.trail.clone()
        } else {
            let asks = origin.trail.retold(at, told.as_str());
            if joined.at == at { asks } else { asks.step(joined.at, format!("answered by {}", joined.what)) }
        };
        for path in envelope.below_body(&origin.path) {
            let known = found.len();
            for handler in &joined.handlers {
                for reply in self.replies(*handler) {
                    let answer = self.at(reply.body);
                    let trail = if told.is_empty() { trail.clone() } else { trail.step(answer, "the answer") };
                    for further in self.values.further(reply.body, &path, &reply.frames, origin, trail) {
                        self.arrived(further, &requests, answer, joined.confidence, hops, found);
                    }
                }
            }
            if found.len() > known {
                return;
            }
        }
    }

    /// An origin in the answering code: the birth, or the next request.
    fn arrived(&self, origin: Origin, requests: &[Location], answer: Location, confidence: Confidence, hops: u8, found: &mut Vec<Crossed>) {
        let known = found.len();
        self.cross(&origin, requests, hops - 1, found);
        if found.len() > known {
            for beyond in found.iter_mut().skip(known) {
                beyond.confidence = beyond.confidence.min(confidence);
                beyond.answer = answer;
            }
        } else if found.len() < ORIGINS && !matches!(origin.kind, OriginKind::Unknown) {
            found.push(Crossed { origin, requests: requests.to_vec(), answer, confidence });
        }
    }

    /// What answers a request that stands in a file.
    pub(crate) fn joined(&self, request: Site, asked: &Asked) -> Option<Joined> {
        match &asked.target {
            Target::Url(asks) => self.joined_url(request, asks, asked.method.as_deref()),
            Target::EdgeFunction(name) => self.named(request, name).or_else(|| self.in_folder(request, name)),
            Target::Callable(name) => self.named(request, name),
            Target::Procedure(path) => {
                let path: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
                self.named(request, &path.join("."))
            }
            Target::Channel(name) => self.channel(name),
        }
    }

    /// What a client library of the platform calls by a name; the client may stand below a name of its own, and so may the router.
    fn named(&self, request: Site, name: &str) -> Option<Joined> {
        let below = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|before| before.ends_with('.'));
        let exact = self.routes_where(|path| matches!(path, RoutePath::Name(known) if **known == *name));
        if !exact.is_empty() {
            return self.nearest(request.file, &exact).map(|route| joined(route, Confidence::High));
        }
        let near = self.routes_where(|path| matches!(path, RoutePath::Name(known) if below(known, name) || below(name, known)));
        self.nearest(request.file, &near).map(|route| joined(route, Confidence::Medium))
    }

    /// An edge function that nothing else led to, by its folder.
    fn in_folder(&self, request: Site, name: &str) -> Option<Joined> {
        let folder = format!("supabase/functions/{name}/index.");
        let files = self.workspace.project.iter().filter(|(_, entry)| entry.kind.is_script() && entry.path.contains(&folder));
        let routes: Vec<Arc<Route>> = files.take(4).flat_map(|(file, _)| self.routes_of_file(file).to_vec()).collect();
        self.nearest(request.file, &routes).map(|route| joined(route, Confidence::High))
    }

    fn joined_url(&self, request: Site, asks: &Asks, method: Option<&str>) -> Option<Joined> {
        let is_named = matches!(asks.host, Host::Named(_));
        if let Host::Named(host) = &asks.host
            && self.catalog.vendors().iter().flat_map(|vendor| &vendor.rest.hosts).any(|vendor| host.ends_with(vendor.as_str()))
        {
            return None;
        }
        let fit = |path: &RoutePath| match path {
            RoutePath::Url(pattern) => asks.fit(pattern),
            RoutePath::Name(_) | RoutePath::Unknown => None,
        };
        let method = method.and_then(Method::parse);
        let mut best: Option<(Fit, bool)> = None;
        let mut fitting: Vec<Arc<Route>> = Vec::new();
        for route in self.routes_where(|path| fit(path).is_some()) {
            let says = match (method, route.method) {
                (Some(asked), Some(known)) if asked != known => continue,
                (Some(_), Some(_)) => true,
                // A request of an unknown method most likely reads.
                (None, Some(known)) => known == Method::Get,
                _ => false,
            };
            let Some(fit) = route.paths.iter().filter_map(fit).max() else { continue };
            // On a host that is written out the path alone tells that it is this project's.
            if is_named && (fit.score.statics < 2 || fit.score.guessed.0 > 0 || !fit.whole) {
                continue;
            }
            let rank = (fit, says);
            match best {
                Some(known) if known > rank => {}
                Some(known) if known == rank => fitting.push(route),
                _ => {
                    best = Some(rank);
                    fitting = vec![route];
                }
            }
        }
        let (fit, _) = best?;
        let sure = fit.whole && fit.score.guessed.0 == 0 && !is_named;
        self.nearest(request.file, &fitting).map(|route| joined(route, if sure { Confidence::High } else { Confidence::Medium }))
    }

    /// Of routes that fit alike, the one that stands nearest to a file; none when several do.
    fn nearest<'r>(&self, file: FileId, fitting: &'r [Arc<Route>]) -> Option<&'r Route> {
        let near = |route: &Route| common(self.workspace.path(file), self.workspace.path(route.at.file));
        let most = fitting.iter().map(|route| near(route)).max()?;
        let mut nearest = fitting.iter().filter(|route| near(route) == most);
        let first = nearest.next()?;
        nearest.all(|other| other.handlers == first.handlers).then_some(&**first)
    }

    /// `ipcMain.handle("channel", (event, …) => …)`.
    fn channel(&self, name: &str) -> Option<Joined> {
        let mut found = None;
        for unit in self.workspace.anchored_units() {
            for call in unit.usage.method_calls("handle") {
                let ExprKind::Call { args, .. } = &unit.module[*call].kind else { continue };
                let [channel, handler] = args.as_slice() else { continue };
                if !unit.callee_text(*call).ends_with("ipcMain.handle")
                    || self.values.constant_string(Self::site(unit, channel.expr)).is_none_or(|channel| &*channel != name)
                {
                    continue;
                }
                let handlers = self.functions(Self::site(unit, handler.expr));
                let joined = Joined {
                    handlers,
                    at: unit.at(unit.module[*call].span),
                    what: format!("the channel `{name}`"),
                    confidence: Confidence::High,
                };
                if found.replace(joined).is_some() {
                    return None;
                }
            }
        }
        found
    }
}

fn joined(route: &Route, confidence: Confidence) -> Joined {
    Joined { handlers: route.handlers.clone(), at: route.at, what: route.what.clone(), confidence }
}

/// How many folders two paths share.
fn common(left: &str, right: &str) -> usize {
    left.split('/').zip(right.split('/')).take_while(|(left, right)| left == right).count()
}
