//! Graphviz: a digraph with a cluster for each zone.

use std::io::{self, Write};

use super::{EMPTY, bare, sign, words};
use crate::finding::Severity;
use crate::map::graph::{ArchitectureMap, EdgeKind, NodeKind, Zone};
use crate::report::layout::harmless;

/// Prints the digraph.
pub(super) fn write(map: &ArchitectureMap, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "digraph authentication {{")?;
    writeln!(out, "  rankdir=LR;")?;
    writeln!(out, "  graph [fontname=\"sans-serif\", compound=true];")?;
    writeln!(out, "  node [fontname=\"sans-serif\", fontsize=11, shape=box, style=\"filled,rounded\", fillcolor=white];")?;
    writeln!(out, "  edge [fontname=\"sans-serif\", fontsize=9, color=\"#555555\"];")?;
    if map.nodes.is_empty() {
        writeln!(out, "  empty [label=\"{EMPTY}\", shape=plain];")?;
    }
    for (index, zone) in Zone::ALL.into_iter().enumerate() {
        let mut nodes = map.nodes.iter().enumerate().filter(|(_, node)| node.zone == zone).peekable();
        if nodes.peek().is_none() {
            continue;
        }
        writeln!(out, "  subgraph cluster_{index} {{")?;
        writeln!(out, "    label=\"{}\"; style=\"filled,rounded\"; color=\"#bbbbbb\"; fillcolor=\"#f4f4f4\";", zone.title())?;
        for (id, node) in nodes {
            let mut lines = vec![node.kind.title().to_owned(), bare(&node.label)];
            lines.extend(node.places.first().map(ToString::to_string));
            let findings = || map.findings_on(id);
            lines.extend(findings().map(|finding| format!("{} {}", sign(finding.severity, true), finding.rule)));
            let label = lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\\n");
            let tooltip = node.facts.iter().map(|fact| escaped(&fact.text)).collect::<Vec<_>>().join("; ");
            let border = findings().map(|finding| finding.severity).max().map_or(String::new(), border);
            writeln!(out, "    n{id} [label=\"{label}\", tooltip=\"{tooltip}\"{}{border}];", shape(node.kind))?;
        }
        writeln!(out, "  }}")?;
    }
    for edge in &map.edges {
        let style = if edge.kind == EdgeKind::Reaches { ", style=dashed" } else { "" };
        writeln!(out, "  n{} -> n{} [label=\"{}\"{style}];", edge.from, edge.to, escaped(&words(edge)))?;
    }
    let mut elsewhere = map.findings_elsewhere().peekable();
    if elsewhere.peek().is_some() {
        // Left-justified lines below the picture.
        write!(out, "  labelloc=b; labeljust=l; fontsize=10; label=\"findings elsewhere:\\l")?;
        for finding in elsewhere {
            write!(out, "{} {} at {}\\l", sign(finding.severity, true), finding.rule, escaped(&finding.place.to_string()))?;
        }
        writeln!(out, "\";")?;
    }
    writeln!(out, "}}")
}

fn shape(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::LoginSource | NodeKind::CredentialSource | NodeKind::KeySource => ", shape=cylinder, style=filled",
        NodeKind::Request => ", shape=cds, style=filled",
        NodeKind::Service => ", shape=component, style=filled",
        NodeKind::Client | NodeKind::Endpoint | NodeKind::Mint | NodeKind::CredentialCall | NodeKind::Handout => "",
    }
}

fn border(severity: Severity) -> String {
    let color = match severity {
        Severity::Error => "#c62828",
        Severity::Warning => "#b26a00",
        Severity::Note => "#1565c0",
    };
    format!(", color=\"{color}\", penwidth=2.5")
}

/// For a string in quotes. A backslash would start an escape such as `\N`, which stands for the node's name.
fn escaped(text: &str) -> String {
    harmless(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\t', " ")
}
