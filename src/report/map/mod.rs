//! Reports of an authentication architecture: a tree for a terminal, two graph languages, JSON, and a page with a drawn picture.
//!
//! All are pure functions of the [`ArchitectureMap`], whose texts are masked already.

mod dot;
mod drawing;
pub(super) mod html;
mod json;
mod layers;
mod mermaid;
mod text;

use std::io::{self, Write};

use super::Presentation;
use crate::finding::Severity;
use crate::map::graph::{ArchitectureMap, Edge, EdgeKind, Node, NodeKind};

/// The formats of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MapFormat {
    /// A tree for a person at a terminal.
    Text,
    /// A Mermaid flowchart, for Markdown pages.
    Mermaid,
    /// Graphviz.
    Dot,
    /// The machine contract, `schema_version` 1.
    Json,
    /// One self-contained page with a picture.
    Html,
}

/// Prints a map.
///
/// # Errors
/// When `out` fails.
pub fn write_map(map: &ArchitectureMap, format: MapFormat, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
    match format {
        MapFormat::Text => text::write(map, presentation, out),
        MapFormat::Mermaid => mermaid::write(map, out),
        MapFormat::Dot => dot::write(map, out),
        MapFormat::Json => json::write(map, out),
        MapFormat::Html => html::write(map, out),
    }
}

/// What a map without parts says.
const EMPTY: &str = "no Telnyx client, token endpoint or service call was found";

/// The title of a node: its kind and its label.
fn title(node: &Node) -> String {
    match node.kind {
        // `Telnyx: Login tokens` says it all.
        NodeKind::Service => format!("Telnyx: {}", node.label),
        kind => format!("{}: {}", kind.title(), bare(&node.label)),
    }
}

/// A label without the back ticks that mark code in a terminal: pictures have other means.
fn bare(label: &str) -> String {
    label.replace('`', "")
}

/// The words on an edge: the options that go this way, or how the one leads to the other.
fn words(edge: &Edge) -> String {
    let options = edge.options.join(", ");
    match edge.kind {
        EdgeKind::LogsInWith => options,
        EdgeKind::Asks if !options.is_empty() => options,
        kind => kind.words().to_owned(),
    }
}

/// The sign of a severity, for those who do not see its colour.
pub(super) fn sign(severity: Severity, unicode: bool) -> &'static str {
    match (severity, unicode) {
        (Severity::Error, true) => "✖",
        (Severity::Warning, true) => "▲",
        (Severity::Note, true) => "●",
        (Severity::Error, false) => "x",
        (Severity::Warning, false) => "!",
        (Severity::Note, false) => "i",
    }
}

/// How many of the parts are of each kind, in the order of the kinds: `2 clients, 1 endpoint`.
fn tally(map: &ArchitectureMap) -> String {
    let kinds = [
        (NodeKind::Client, "client"),
        (NodeKind::Request, "request"),
        (NodeKind::Endpoint, "endpoint"),
        (NodeKind::Mint, "token mint"),
        (NodeKind::CredentialCall, "credential call"),
        (NodeKind::Handout, "handed-out secret"),
        (NodeKind::KeySource, "API key source"),
    ];
    let count = |kind| map.nodes.iter().filter(|node| node.kind == kind).count();
    let counted = kinds.iter().map(|(kind, noun)| (count(*kind), noun)).filter(|(count, _)| *count > 0);
    counted.map(|(count, noun)| super::layout::counted(count, noun)).collect::<Vec<_>>().join(", ")
}

/// `1 error, 2 warnings`.
fn severities(map: &ArchitectureMap) -> String {
    let count = |severity| map.findings.iter().filter(|finding| finding.severity == severity).count();
    let counted = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| (count(severity), severity.as_str()));
    let counted: Vec<_> =
        counted.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| super::layout::counted(*count, noun)).collect();
    if counted.is_empty() { "no findings".to_owned() } else { counted.join(", ") }
}

/// What was left out of the picture, as a sentence.
fn left_out(map: &ArchitectureMap) -> Option<String> {
    (map.left_out > 0).then(|| format!("{} of tests and tools left out", super::layout::counted(map.left_out, "part")))
}
