//! Paths of requests: what the text of a URL says of the path that is asked for, and how well that fits the pattern of a route.

use std::cmp::Reverse;

use super::patterns::{Segment, UrlPattern};

/// On which host a request ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// The page's or process's own: the text starts with the path.
    Own,
    /// A development machine.
    Local,
    /// Written out.
    Named(String),
    /// A hole.
    Unknown,
}

/// The path that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asks {
    /// Where.
    pub(crate) host: Host,
    /// Something unknown may stand before the segments: the path of a base URL.
    pub(crate) open: bool,
    /// The segments; `{}` for each hole.
    pub(crate) segments: Vec<String>,
}

/// How well a request fits a route, the more the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fit {
    /// Nothing of the route's path was assumed to be part of an unknown base.
    pub(crate) whole: bool,
    /// How the segments fit.
    pub(crate) score: Score,
    /// How many segments of the route an unknown base stands for, counted down.
    skipped: Reverse<usize>,
}

/// How the segments of a request fit those of a route, the more the better.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Score {
    /// How many segments are the same text on both sides.
    pub(crate) statics: usize,
    /// How many texts of the route had to fit a hole of the request, counted down.
    pub(crate) guessed: Reverse<usize>,
    /// How many segments parameters of the route took, counted down.
    params: Reverse<usize>,
}

impl Score {
    fn known(self) -> Self {
        Self { statics: self.statics + 1, ..self }
    }

    fn guessed(self) -> Self {
        Self { guessed: Reverse(self.guessed.0 + 1), ..self }
    }

    fn taken(self) -> Self {
        Self { params: Reverse(self.params.0 + 1), ..self }
    }
}

/// The segments of a path.
pub(crate) fn segments_of(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty() && *segment != ".").collect()
}

impl Asks {
    /// Reads the pattern of a text (`{}` for each hole). None when nothing of a path is known.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.split(['?', '#']).next().unwrap_or(text);
        let (host, open, path) = if let Some((_, rest)) = text.split_once("://") {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let name = host.rsplit('@').next().unwrap_or(host);
            let name = name.split(':').next().unwrap_or(name);
            let host = match name {
                "localhost" | "127.0.0.1" | "0.0.0.0" | "[" | "10.0.2.2" | "host.docker.internal" => Host::Local,
                _ if name.contains("{}") => Host::Unknown,
                _ => Host::Named(name.to_ascii_lowercase()),
            };
            (host, false, path)
        } else if let Some(path) = text.strip_prefix("{}") {
            (Host::Unknown, true, path)
        } else {
            (Host::Own, !text.starts_with('/'), text)
        };
        let segments: Vec<String> = segments_of(path).into_iter().filter(|segment| *segment != "..").map(str::to_owned).collect();
        let known = segments.iter().any(|segment| segment.replace("{}", "").len() > 1);
        known.then_some(Self { host, open, segments })
    }

    /// The URL for messages.
    pub(crate) fn spelling(&self) -> String {
        let path = self.segments.join("/").replace("{}", "…");
        match &self.host {
            Host::Named(name) => format!("https://{name}/{path}"),
            Host::Unknown => format!("…/{path}"),
            Host::Own | Host::Local => format!("/{path}"),
        }
    }

    /// The name of the edge function that a URL of Supabase asks for.
    pub(crate) fn edge_function(&self) -> Option<String> {
        match self.segments.as_slice() {
            [.., functions, version, name] if functions == "functions" && version == "v1" && !name.contains("{}") => Some(name.clone()),
            _ => None,
        }
    }

    /// How well the request fits a route.
    pub(crate) fn fit(&self, route: &UrlPattern) -> Option<Fit> {
        let route = route.segments();
        let most = if self.open { route.len() } else { 0 };
        let fits = (0..=most).filter_map(|skipped| {
            let score = self.score(route.get(skipped..)?)?;
            let fit = Fit { whole: skipped == 0 && route.first() != Some(&Segment::Rest), score, skipped: Reverse(skipped) };
            (score.statics > 0 && score.guessed.0 < 2).then_some(fit)
        });
        fits.max()
    }

    /// The best score of the request against a whole pattern; like [`UrlPattern::fit`], but it knows holes within a segment and tells
    /// apart what was known and what was guessed.
    fn score(&self, route: &[Segment]) -> Option<Score> {
        let mut scores: Vec<Option<Score>> = vec![None; self.segments.len() + 1];
        if let Some(end) = scores.last_mut() {
            *end = Some(Score::default());
        }
        for segment in route.iter().rev() {
            let mut next: Vec<Option<Score>> = vec![None; self.segments.len() + 1];
            // The best score behind this place, for what may swallow any number of segments.
            let mut behind: Option<Score> = None;
            for (at, slot) in next.iter_mut().enumerate().rev() {
                let here = scores.get(at).copied().flatten();
                let after = scores.get(at + 1).copied().flatten();
                behind = behind.map(Score::taken).max(here);
                *slot = match (segment, self.segments.get(at)) {
                    (Segment::Text(text), Some(asked)) if **text == **asked => after.map(Score::known),
                    // What comes last says what is asked for; a hole there could be anything.
                    (Segment::Text(_), Some(asked)) if asked == "{}" && at + 1 < self.segments.len() => after.map(Score::guessed),
                    (Segment::Text(text), Some(asked)) if glob(asked, text) => after.map(|score| score.known().guessed()),
                    (Segment::Text(_), _) | (Segment::Param(_), None) => None,
                    (Segment::Param(_), Some(_)) => after.map(Score::taken),
                    (Segment::Optional(_), Some(_)) => here.max(after.map(Score::taken)),
                    (Segment::Optional(_), None) => here,
                    (Segment::Rest, _) => behind.map(Score::taken),
                };
            }
            scores = next;
        }
        scores.first().copied().flatten()
    }
}

/// Whether a segment with holes can be the text: `token{}` is `token`, `{}.json` is `token.json`.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split("{}");
    let (Some(first), Some(mut rest)) = (parts.next(), text.strip_prefix(pattern.split("{}").next().unwrap_or(""))) else { return false };
    if first.len() == pattern.len() {
        return rest.is_empty();
    }
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return false };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or("");
    }
    rest.ends_with(last) && !pattern.replace("{}", "").is_empty()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_request_fits_a_route_or_not() {
        for (request, route, fits) in [
            ("/api/token", "/api/token", true),
            ("/api/token?x={}", "/api/token", true),
            ("/api/token{}", "/api/token", true),
            ("/api/token/", "/api/token", true),
            ("/api/token", "/token", false),
            ("/api/token", "/api/tokens", false),
            ("/api/users/{}/token", "/api/users/[id]/token", true),
            ("/api/users/7/token", "/api/users/:id/token", true),
            ("/api/users/{}/token", "/api/users/:id", false),
            ("{}/api/token", "/api/token", true),
            ("{}/token", "/api/v1/token", true),
            ("http://localhost:4000/token", "/token", true),
            ("http://localhost:4000/token", "/api/token", false),
            ("api/token", "/v1/api/token", true),
            ("/api/{}/token", "/api/telnyx/token", true),
            ("/api/{}/{}", "/api/telnyx/token", false),
            ("/functions/v1/{}", "/functions/v1/token", false),
            ("/api/auth/login", "/api/auth/[...all]", true),
            ("/users", "/users/[id]", false),
            ("/users", "/users/:id?", true),
            ("/users/x", "/users/[[lang]]/x", true),
            ("/users/7", "/users/:id(\\d+)", true),
            ("/files/a/b", "/files/*", true),
            ("/a/b", "/{proxy+}", false),
            ("{}/voice/token", "/api/voice/token", true),
            ("{}/voice", "/api/voice/token", false),
        ] {
            let fit = Asks::parse(request).and_then(|asks| asks.fit(&UrlPattern::parse(route)));
            assert_eq!(fit.is_some(), fits, "{request} {route}");
        }
    }

    #[test]
    fn the_more_exact_route_fits_better() {
        for (request, better, worse) in [
            ("/api/users/me", "/api/users/me", "/api/users/:id"),
            ("/api/users/me", "/api/users/:id", "/api/*"),
            ("{}/token", "/token", "/api/token"),
            ("{}/token", "/api/token", "/api/v1/token"),
            ("/api/{}/token", "/api/:org/token", "/api/voice/token"),
        ] {
            let asks = Asks::parse(request).unwrap();
            assert!(asks.fit(&UrlPattern::parse(better)) > asks.fit(&UrlPattern::parse(worse)), "{request} {better} {worse}");
        }
    }

    #[test]
    fn an_unknown_mount_stands_for_the_first_segments() {
        let route = UrlPattern::anywhere().join(&UrlPattern::parse("/token"));
        let fit = Asks::parse("/v2/x/token").unwrap().fit(&route).unwrap();
        assert!(!fit.whole);
        assert_eq!(fit.score.statics, 1);
    }

    #[test]
    fn long_patterns_take_no_longer_than_their_length() {
        let route = UrlPattern::parse(&format!("{}/a", "/*".repeat(400)));
        assert!(Asks::parse(&"/abc".repeat(2_000)).unwrap().fit(&route).is_none());
    }

    #[test]
    fn nothing_known_is_no_request() {
        for text in ["{}", "{}/{}", "", "/", "{}{}"] {
            assert_eq!(Asks::parse(text), None, "{text}");
        }
    }
}
