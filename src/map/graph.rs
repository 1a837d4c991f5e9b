//! The parts of an authentication architecture and how they hang together: plain data that every report of the map prints.

use serde::Serialize;

use crate::finding::{Confidence, Counts, Notice, Severity, ZoneKind};

/// The authentication architecture of a project as found. Every text in it is masked.
#[derive(Debug, Clone, Default)]
pub struct ArchitectureMap {
    /// The parts: clients first, each followed by what it leads to.
    pub nodes: Vec<Node>,
    /// How the parts hang together, in the direction in which they ask: clients towards credentials and keys.
    pub edges: Vec<Edge>,
    /// What is wrong, worst first.
    pub findings: Vec<Mark>,
    /// How many clients, requests, endpoints and calls of tests and tools are not in the picture.
    pub left_out: usize,
    /// What limited the run.
    pub notices: Vec<Notice>,
    /// Counts of the run.
    pub counts: Counts,
}

impl ArchitectureMap {
    /// The node of a number that an edge or a finding names.
    #[must_use]
    pub fn node(&self, id: usize) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// The edges that leave a node.
    pub fn edges_from(&self, id: usize) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.from == id)
    }

    /// Whether any edge leads to the node.
    #[must_use]
    pub fn is_reached(&self, id: usize) -> bool {
        self.edges.iter().any(|edge| edge.to == id)
    }

    /// The findings on a node, worst first.
    pub fn findings_on(&self, id: usize) -> impl Iterator<Item = &Mark> {
        self.findings.iter().filter(move |finding| finding.nodes.contains(&id))
    }

    /// The findings that belong to no node.
    pub fn findings_elsewhere(&self) -> impl Iterator<Item = &Mark> {
        self.findings.iter().filter(|finding| finding.nodes.is_empty())
    }
}

/// One part of the architecture.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it runs or stands.
    pub zone: Zone,
    /// Why it is believed to run there: a chain from an entry, or a reason.
    pub because: Vec<String>,
    /// What it is called: a variable, a method and path, the name of an environment variable. Never a value.
    pub label: String,
    /// What else is to be known, as short phrases.
    pub facts: Vec<Fact>,
    /// Where it stands in the project, the first place first. None for parts of the service.
    pub places: Vec<Place>,
}

/// Kinds of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// A client that logs in.
    Client,
    /// A request of the project's code whose answer matters.
    Request,
    /// A route or server action that gives tokens or credentials.
    Endpoint,
    /// A call of the service that mints login tokens.
    Mint,
    /// A call of the service that creates, reads or changes credentials.
    CredentialCall,
    /// A password, credential or key in a server's answer.
    Handout,
    /// Where a value that a client logs in with comes from.
    LoginSource,
    /// Where the id of the credential of a mint comes from.
    CredentialSource,
    /// Where an API key comes from.
    KeySource,
    /// A part of the service itself.
    Service,
}

impl NodeKind {
    /// What a picture calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Request => "request",
            Self::Endpoint => "endpoint",
            Self::Mint => "token mint",
            Self::CredentialCall => "credential call",
            Self::Handout => "handed-out secret",
            Self::LoginSource => "login value",
            Self::CredentialSource => "credential id",
            Self::KeySource => "API key",
            Self::Service => "service",
        }
    }

    /// Whether it is where a value comes from.
    #[must_use]
    pub fn is_source(self) -> bool {
        matches!(self, Self::LoginSource | Self::CredentialSource | Self::KeySource)
    }
}

/// Where a part runs, as the boxes of a picture. Ordered as a picture shows them, from the user to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Zone {
    /// A browser, an app, an extension page.
    Client,
    /// Modules that run in browsers and on servers.
    Both,
    /// Nothing tells.
    Unknown,
    /// A server, an edge function.
    Server,
    /// The calling service.
    Service,
}

impl Zone {
    /// Every zone in the order of the picture.
    pub const ALL: [Self; 5] = [Self::Client, Self::Both, Self::Unknown, Self::Server, Self::Service];

    /// The heading of its box.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Client => "Browser or app",
            Self::Both => "Browser and server",
            Self::Unknown => "Runs at an unknown place",
            Self::Server => "Server",
            Self::Service => "Telnyx",
        }
    }

    /// The zone inside a sentence.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Client => "browser or app",
            Self::Both => "browser and server",
            Self::Unknown => "unknown place",
            Self::Server => "server",
            Self::Service => "Telnyx",
        }
    }

    /// The zone of code; none for tests and tools, which are not part of an architecture.
    #[must_use]
    pub fn of(kind: ZoneKind) -> Option<Self> {
        match kind {
            ZoneKind::Client => Some(Self::Client),
            ZoneKind::Server => Some(Self::Server),
            ZoneKind::Both => Some(Self::Both),
            ZoneKind::Unknown => Some(Self::Unknown),
            ZoneKind::Build | ZoneKind::Development => None,
        }
    }
}

/// A short phrase about a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The phrase, lower case, without a full stop.
    pub text: String,
    /// Whether it is good news, bad news or neither.
    pub mood: Mood,
}

/// What a fact means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mood {
    /// As it should be.
    Good,
    /// Neither.
    Plain,
    /// Not as it should be.
    Bad,
}

/// A place in a file, as reports print it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The path relative to the working root.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column in UTF-16 code units.
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// How one part leads to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The number of the node that asks.
    pub from: usize,
    /// The number of the node that gives.
    pub to: usize,
    /// How.
    pub kind: EdgeKind,
    /// The login options that get their value this way. Only on edges from a client.
    pub options: Vec<String>,
}

/// Kinds of edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeKind {
    /// A client logs in with a value.
    LogsInWith,
    /// Code sends a request.
    Asks,
    /// An endpoint answers a request.
    AnsweredBy,
    /// Code makes a call of the service.
    Calls,
    /// An endpoint's answer holds a secret.
    HandsOut,
    /// A value is taken from a source.
    TakenFrom,
    /// A mint is made for a credential.
    MintedWith,
    /// A call is made with a key.
    UsesKey,
    /// A call goes to a part of the service.
    Reaches,
}

impl EdgeKind {
    /// The words between the two nodes.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::LogsInWith => "logs in with",
            Self::Asks => "asks",
            Self::AnsweredBy => "answered by",
            Self::Calls => "calls",
            Self::HandsOut => "hands out",
            Self::TakenFrom => "taken from",
            Self::MintedWith => "minted with",
            Self::UsesKey => "uses key",
            Self::Reaches => "reaches",
        }
    }
}

/// A finding on the map.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where the fix belongs.
    pub place: Place,
    /// The identity that the reports of `check` print too.
    pub fingerprint: String,
    /// The numbers of the nodes that it is about. Empty when no part of the architecture stands there.
    pub nodes: Vec<usize>,
}
