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

    #[test]
    fn segments_are_read_as_every_router_spells_them() {
        for (path, expected) in [
            ("/users/:id/token", "/users/[id]/token"),
            ("/users/[id]", "/users/[id]"),
            ("/users/[[lang]]/x", "/users/[[lang]]/x"),
            ("/users/:id?", "/users/[[id]]"),
            ("/users/:id(\\d+)", "/users/[id]"),
            ("/users/[id=integer]", "/users/[id]"),
            ("/files/*", "/files/*"),
            ("/files/[...rest]", "/files/*"),
            ("/files/:rest*", "/files/*"),
            ("/{proxy+}", "/*"),
            ("/api/token?x=1", "/api/token"),
            ("", "/"),
        ] {
            assert_eq!(UrlPattern::parse(path).to_string(), expected, "{path}");
        }
    }

    #[test]
    fn endless_paths_are_cut_off() {
        assert!(UrlPattern::parse(&"/a".repeat(10_000)).segments().len() <= SEGMENTS);
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
