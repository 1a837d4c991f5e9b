//! JSON of the map: the machine contract. Additions keep `schema_version`; anything else raises it.
//!
//! Nodes are numbered by their place in `nodes`; edges and findings name those numbers. Lines and columns are 1-based, columns in UTF-16
//! code units; paths are relative to the working root.

use std::io::{self, Write};

use serde::Serialize;

use crate::finding::{Confidence, NoticeKind, Severity};
use crate::map::graph::{ArchitectureMap, EdgeKind, Mark, Mood, Node, NodeKind, Place, Zone};

const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    nodes: Vec<NodeEntry<'a>>,
    edges: Vec<EdgeEntry<'a>>,
    findings: Vec<FindingEntry<'a>>,
    /// How many parts of tests and tools are not among the nodes.
    left_out: usize,
    notices: Vec<NoticeEntry<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct NodeEntry<'a> {
    id: usize,
    kind: NodeKind,
    zone: Zone,
    because: &'a [String],
    label: &'a str,
    facts: Vec<FactEntry<'a>>,
    places: &'a [Place],
}

#[derive(Serialize)]
struct FactEntry<'a> {
    text: &'a str,
    mood: Mood,
}

#[derive(Serialize)]
struct EdgeEntry<'a> {
    from: usize,
    to: usize,
    kind: EdgeKind,
    options: &'a [String],
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    rule: &'a str,
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    help: &'a str,
    place: &'a Place,
    fingerprint: &'a str,
    nodes: &'a [usize],
}

#[derive(Serialize)]
struct NoticeEntry<'a> {
    kind: NoticeKind,
    path: Option<&'a str>,
    message: &'a str,
}

/// Prints the document.
pub(super) fn write(map: &ArchitectureMap, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        nodes: map.nodes.iter().enumerate().map(|(id, part)| node(id, part)).collect(),
        edges: map.edges.iter().map(|edge| EdgeEntry { from: edge.from, to: edge.to, kind: edge.kind, options: &edge.options }).collect(),
        findings: map.findings.iter().map(finding).collect(),
        left_out: map.left_out,
        notices: map
            .notices
            .iter()
            .map(|notice| NoticeEntry { kind: notice.kind, path: notice.path.as_deref(), message: &notice.message })
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn node(id: usize, node: &Node) -> NodeEntry<'_> {
    NodeEntry {
        id,
        kind: node.kind,
        zone: node.zone,
        because: &node.because,
        label: &node.label,
        facts: node.facts.iter().map(|fact| FactEntry { text: &fact.text, mood: fact.mood }).collect(),
        places: &node.places,
    }
}

fn finding(mark: &Mark) -> FindingEntry<'_> {
    FindingEntry {
        rule: mark.rule,
        severity: mark.severity,
        confidence: mark.confidence,
        message: &mark.message,
        help: &mark.help,
        place: &mark.place,
        fingerprint: &mark.fingerprint,
        nodes: &mark.nodes,
    }
}
