//! Paths of URLs on both sides: the text that a request asks for, the pattern that a route is served under, and how well they fit.

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

/// A segment of a route's pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A text.
    Static(String),
    /// One segment of any text.
    Param,
    /// The rest of the path.
    Rest,
}

/// How well a request fits a route, the more the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fit {
    /// Nothing of the route's path was assumed to be part of an unknown base.
    pub(crate) whole: bool,
    /// How many segments are the same text on both sides.
    pub(crate) statics: usize,
    /// How many texts of the route had to fit a hole of the request, counted down.
    pub(crate) guessed: std::cmp::Reverse<usize>,
    /// How many parameters of the route took a segment, counted down.
    pub(crate) params: std::cmp::Reverse<usize>,
    /// How many segments of the route an unknown base stands for, counted down.
    pub(crate) skipped: std::cmp::Reverse<usize>,
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
    pub(crate) fn fit(&self, route: &[Segment]) -> Option<Fit> {
        let most = if self.open { route.len() } else { 0 };
        (0..=most).filter_map(|skipped| self.fit_below(route.get(skipped..)?, skipped)).max()
    }

    fn fit_below(&self, route: &[Segment], skipped: usize) -> Option<Fit> {
        let (mut statics, mut guessed, mut params) = (0, 0, 0);
        let mut asked = self.segments.iter();
        for segment in route {
            match segment {
                Segment::Rest => {
                    params += 2;
                    asked = [].iter();
                    break;
                }
                Segment::Param => {
                    asked.next()?;
                    params += 1;
                }
                Segment::Static(text) => {
                    let wanted = asked.next()?;
                    if wanted == text {
                        statics += 1;
                    } else if wanted == "{}" {
                        guessed += 1;
                    } else if glob(wanted, text) {
                        statics += 1;
                        guessed += 1;
                    } else {
                        return None;
                    }
                }
            }
        }
        let fits = asked.next().is_none() && statics > 0 && guessed < 2;
        let reverse = std::cmp::Reverse;
        fits.then_some(Fit { whole: skipped == 0, statics, guessed: reverse(guessed), params: reverse(params), skipped: reverse(skipped) })
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

/// Reads a route's path, however its framework writes parameters.
pub(crate) fn route_segments(path: &str) -> Vec<Segment> {
    segments_of(path)
        .into_iter()
        .filter(|segment| !(segment.starts_with('(') && segment.ends_with(')')))
        .map(|segment| {
            if segment.starts_with("[...") || segment.starts_with("[[...") || segment.starts_with('*') || segment.contains("(.*)") {
                Segment::Rest
            } else if segment.starts_with([':', '[', '{', '$', '<']) {
                Segment::Param
            } else {
                Segment::Static(segment.to_owned())
            }
        })
        .collect()
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
            ("/api/auth/login", "/api/auth/[...all]", true),
            ("/api/auth/login", "/api/(group)/auth/login", true),
        ] {
            let fit = Asks::parse(request).and_then(|asks| asks.fit(&route_segments(route)));
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
            ("/api/users/{}", "/api/users/:id", "/api/users/me"),
        ] {
            let asks = Asks::parse(request).unwrap();
            assert!(asks.fit(&route_segments(better)) > asks.fit(&route_segments(worse)), "{request} {better} {worse}");
        }
    }

    #[test]
    fn nothing_known_is_no_request() {
        for text in ["{}", "{}/{}", "", "/", "{}{}"] {
            assert_eq!(Asks::parse(text), None, "{text}");
        }
    }
}
