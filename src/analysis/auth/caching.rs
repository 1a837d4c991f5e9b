//! Caching: answers with a login token that something between server and client may keep.
//!
//! Only answers to GET are kept without being told to. A route that answers to any method counts when the project's own code asks it by GET.

use super::Builder;
use super::exposures::tells_of_failure;
use super::secrecy::Births;
use super::tiers::patterns::Method;
use crate::analysis::model::{CacheableAnswer, Endpoint, Exposed, Gift, Request};
use crate::finding::Confidence;
use crate::source::Location;

/// Words of a header, or of a setting of the framework, that keeps caches away.
const UNCACHED: [&str; 3] = ["no-store", "no-cache", "private, max-age=0"];

impl Builder<'_> {
    /// The answers of token endpoints that may be cached.
    pub(super) fn cacheable_answers(&self, endpoints: &[Endpoint], requests: &[Request], births: &Births) -> Vec<CacheableAnswer> {
        endpoints
            .iter()
            .filter(|endpoint| endpoint.gives == Gift::Token && !endpoint.development_only)
            .filter_map(|endpoint| self.cacheable(endpoint, requests, births))
            .collect()
    }

    fn cacheable(&self, endpoint: &Endpoint, requests: &[Request], births: &Births) -> Option<CacheableAnswer> {
        let routes = self.routes_of_file(endpoint.at.file);
        let route = routes.iter().find(|route| route.at == endpoint.at)?;
        let asked = |request: &&Request| request.endpoint == Some(endpoint.at);
        let confidence = match route.method {
            Some(Method::Get) => Confidence::High,
            None if requests.iter().filter(asked).any(|request| request.spelling.starts_with("GET ")) => Confidence::Medium,
            _ => return None,
        };
        let unit = self.workspace.unit(endpoint.at.file)?;
        let replies: Vec<_> = route.handlers.iter().flat_map(|handler| self.replies(*handler)).map(|reply| reply.body).collect();
        // `fetch(url, { cache: "no-store" })` is about somebody else's answer.
        let told = |text: &str| text.to_ascii_lowercase().contains("cache-control") && UNCACHED.iter().any(|word| text.contains(word));
        if told(&unit.source.text) || replies.iter().any(|body| self.workspace.unit(body.file).is_some_and(|unit| told(&unit.source.text)))
        {
            return None;
        }
        let with_token: Vec<_> = replies
            .iter()
            .filter(|body| {
                self.workspace.unit(body.file).is_some_and(|unit| {
                    let held = self.secret_held(unit, body.expr, births, 0).filter(|held| held.what == Exposed::Token);
                    // Where the mint has failed, its answer is an error and no token.
                    held.is_some_and(|held| !held.is_answer || !tells_of_failure(unit, body.expr))
                })
            })
            .collect();
        // Where the token's way into the answer is not followed, the answer after the mint that speaks of one.
        let speaks = || {
            replies.iter().find(|body| {
                let at = self.at(**body);
                let after = at.file == endpoint.gives_at.file && at.span.start > endpoint.gives_at.span.start;
                after && self.workspace.unit(at.file).is_some_and(|unit| unit.source.slice(at.span).to_ascii_lowercase().contains("token"))
            })
        };
        let body = with_token.first().copied().or_else(speaks).or(replies.last());
        let at: Location = body.map_or(endpoint.gives_at, |body| self.at(*body));
        // A header at one of several answers would be half of the work.
        let header = body.filter(|_| with_token.len() <= 1).and_then(|body| self.header_site(*body));
        Some(CacheableAnswer { at, route: endpoint.name.clone(), header, zone: endpoint.zone.clone(), confidence })
    }
}
