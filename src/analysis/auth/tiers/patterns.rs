//! Methods and URL patterns of routes, as far as frameworks agree on them.
//!
//! Every framework spells parameters its own way (`:id`, `[id]`, `$id`, `{id}`, `*`); here they are one shape, so that a request can be held
//! against the routes of any of them. What a place does not tell stays open: a prefix that is only known at run time is a
//! [`Segment::Rest`], and a handler that looks at the URL itself in ways that are not followed has [`RoutePath::Unknown`].

use std::fmt;

use crate::hir::Name;

/// More segments than this are cut off: no route has them.
const SEGMENTS: usize = 32;

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
}

impl Method {
    /// The method of a name, whatever its case: `post`, `POST`, `Post`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options]
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(name))
    }

    /// The name as HTTP spells it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One address of a route.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum RoutePath {
    /// A URL path below the origin of the server.
    Url(UrlPattern),
    /// A name by which a client library of the platform calls it: `tokens.mint` (Convex, tRPC), `mintToken` (a callable of Firebase), the
    /// function name of Supabase.
    Name(Name),
    /// The handler looks at the URL itself, in a way that is not followed.
    Unknown,
}

impl fmt::Display for RoutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(pattern) => pattern.fmt(f),
            Self::Name(name) => f.write_str(name),
            Self::Unknown => f.write_str("…"),
        }
    }
}

/// A part of a URL path between two slashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Segment {
    /// This text.
    Text(Name),
    /// Any one segment.
    Param(Name),
    /// Any one segment, or none.
    Optional(Name),
    /// Any segments, or none.
    Rest,
}

impl Segment {
    /// A segment as routers and file names spell it.
    pub(crate) fn parse(text: &str) -> Self {
        let inside = |open: &str, close: &str| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        if text.starts_with("[...") || text.starts_with("[[...") || text.starts_with('*') || inside("{", "+}").is_some() {
            return Self::Rest;
        }
        if let Some(name) = inside("[[", "]]") {
            return Self::Optional(plain_name(name));
        }
        if let Some(name) = inside("[", "]") {
            return Self::Param(plain_name(name));
        }
        if let Some(name) = inside("{", "}") {
            return if name.contains('*') { Self::Rest } else { Self::Param(plain_name(name)) };
        }
        match text.strip_prefix(':') {
            Some(name) if name.ends_with(['*', '+']) => Self::Rest,
            Some(name) if name.ends_with('?') => Self::Optional(plain_name(name)),
            Some(name) => Self::Param(plain_name(name)),
            None => Self::Text(text.into()),
        }
    }
}

/// The name at the start of a parameter, without its type or pattern: `id(\\d+)`, `id=integer`, `id{[0-9]+}`.
fn plain_name(text: &str) -> Name {
    text.split(|character: char| !(character.is_alphanumeric() || matches!(character, '_' | '-'))).next().unwrap_or(text).into()
}

/// A URL path with parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct UrlPattern {
    segments: Vec<Segment>,
}

impl UrlPattern {
    /// A path as a router spells it: `/users/:id`, `api/[id]`, `/files/*`.
    pub(crate) fn parse(path: &str) -> Self {
        let path = path.split(['?', '#']).next().filter(|path| !path.contains([':', '{'])).unwrap_or(path);
        path.split('/').filter(|segment| !segment.is_empty()).map(Segment::parse).collect()
    }

    /// Everything below an unknown prefix.
    pub(crate) fn anywhere() -> Self {
        Self { segments: vec![Segment::Rest] }
    }

    /// This path followed by another one.
    pub(crate) fn join(&self, below: &Self) -> Self {
        // A mount on `/api/*` is one on `/api`; an unknown prefix stands first and stays.
        let end = if self.segments.len() > 1 && self.segments.last() == Some(&Segment::Rest) {
            self.segments.len() - 1
        } else {
            self.segments.len()
        };
        self.segments.iter().take(end).chain(&below.segments).cloned().collect()
    }

    /// The segments, in order.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// How well the pattern answers a request for a path: the number of segments that match by their text, none when it does not answer it.
    ///
    /// A segment of the request that is only known at run time is `None` and stands for any one segment. With `open_start` the request may
    /// have more segments in front (`${BASE}/token`).
    pub(crate) fn fit(&self, path: &[Option<&str>], open_start: bool) -> Option<usize> {
        if !open_start {
            return fit(&self.segments, path);
        }
        // Whatever stands in front was matched by the first segments.
        (0..=self.segments.len()).filter_map(|skipped| fit(self.segments.get(skipped..)?, path)).max()
    }
}

fn fit(pattern: &[Segment], path: &[Option<&str>]) -> Option<usize> {
    // Best score for each rest of the path, filled from the end of the pattern: no backtracking, whatever was written.
    let mut scores: Vec<Option<usize>> = vec![None; path.len() + 1];
    if let Some(end) = scores.last_mut() {
        *end = Some(0);
    }
    for segment in pattern.iter().rev() {
        let mut next: Vec<Option<usize>> = vec![None; path.len() + 1];
        // The best score behind this place, for what may swallow any number of segments.
        let mut behind: Option<usize> = None;
        for (at, slot) in next.iter_mut().enumerate().rev() {
            let here = scores.get(at).copied().flatten();
            let after = scores.get(at + 1).copied().flatten();
            behind = behind.max(here);
            *slot = match (segment, path.get(at)) {
                (Segment::Text(text), Some(Some(asked))) if **text == **asked => after.map(|score| score + 1),
                (Segment::Text(_), Some(None)) | (Segment::Param(_), Some(_)) => after,
                (Segment::Text(_), _) | (Segment::Param(_), None) => None,
                (Segment::Optional(_), _) => here.max(after),
                (Segment::Rest, _) => behind,
            };
        }
        scores = next;
    }
    scores.first().copied().flatten()
}

impl FromIterator<Segment> for UrlPattern {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self { segments: segments.into_iter().take(SEGMENTS).collect() }
    }
}

impl fmt::Display for UrlPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            match segment {
                Segment::Text(text) => write!(f, "/{text}")?,
                Segment::Param(name) => write!(f, "/[{name}]")?,
                Segment::Optional(name) => write!(f, "/[[{name}]]")?,
                Segment::Rest => f.write_str("/*")?,
            }
        }
        if self.segments.is_empty() { f.write_str("/") } else { Ok(()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn asked(path: &str) -> Vec<Option<&str>> {
        path.split('/').filter(|segment| !segment.is_empty()).map(|segment| (segment != "…").then_some(segment)).collect()
    }

    #[test]
    fn patterns_of_every_router_answer_the_paths_that_it_would() {
        for (pattern, path, expected) in [
            ("/api/token", "/api/token", Some(2)),
            ("/api/token", "/api/tokens", None),
            ("/users/:id/token", "/users/7/token", Some(2)),
            ("/users/:id/token", "/users/…/token", Some(2)),
            ("/users/[id]", "/users", None),
            ("/users/[[lang]]/x", "/users/x", Some(2)),
            ("/users/:id?", "/users", Some(1)),
            ("/files/*", "/files/a/b", Some(1)),
            ("/files/[...rest]", "/files/a/b", Some(1)),
            ("/users/:id(\\d+)", "/users/7", Some(1)),
            ("/{proxy+}", "/a/b", Some(0)),
            ("/api/token", "/api/…", Some(1)),
            ("/", "", Some(0)),
        ] {
            assert_eq!(UrlPattern::parse(pattern).fit(&asked(path), false), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn an_unknown_base_stands_for_the_first_segments() {
        let pattern = UrlPattern::parse("/api/voice/token");
        assert_eq!(pattern.fit(&asked("/voice/token"), true), Some(2));
        assert_eq!(pattern.fit(&asked("/token"), true), Some(1));
        assert_eq!(pattern.fit(&asked("/voice"), true), None);
        assert_eq!(pattern.fit(&asked("/token"), false), None);
        let below = UrlPattern::anywhere().join(&UrlPattern::parse("/token"));
        assert_eq!(below.fit(&asked("/v2/x/token"), false), Some(1));
    }

    #[test]
    fn long_patterns_take_no_longer_than_their_length() {
        let pattern = UrlPattern::parse(&"/*".repeat(400));
        let path = "/a".repeat(2_000);
        assert_eq!(pattern.fit(&asked(&path), false), Some(0));
    }

    #[test]
    fn mounts_put_prefixes_in_front() {
        for (prefix, own, whole) in
            [("/api", "/token", "/api/token"), ("/api/*", "token", "/api/token"), ("", "/", "/"), ("/:org", "/x", "/[org]/x")]
        {
            assert_eq!(UrlPattern::parse(prefix).join(&UrlPattern::parse(own)).to_string(), whole, "{prefix} {own}");
        }
    }
}
