//! Mermaid: a flowchart with a subgraph for each zone. Markdown pages of many hosts draw it.
//!
//! A label stands in quotes; inside them only a quote, and what Mermaid or a page reads as markup, means something. Those are written as
//! Mermaid's entity codes (`#quot;`, `#35;`).

use std::fmt::Write as _;
use std::io::{self, Write};

use super::{EMPTY, bare, sign, words};
use crate::finding::Severity;
use crate::map::graph::{ArchitectureMap, EdgeKind, NodeKind, Zone};
use crate::report::layout::harmless;

/// Prints the flowchart.
pub(super) fn write(map: &ArchitectureMap, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    if map.nodes.is_empty() {
        writeln!(out, "  empty[\"{EMPTY}\"]")?;
    }
    for zone in Zone::ALL {
        let mut nodes = map.nodes.iter().enumerate().filter(|(_, node)| node.zone == zone).peekable();
        if nodes.peek().is_none() {
            continue;
        }
        writeln!(out, "  subgraph {}[\"{}\"]", zone_id(zone), zone.title())?;
        for (id, node) in nodes {
            let (open, close) = brackets(node.kind);
            writeln!(out, "    n{id}{open}\"{}\"{close}", label(map, id))?;
        }
        writeln!(out, "  end")?;
    }
    for edge in &map.edges {
        let line = if edge.kind == EdgeKind::Reaches { "-.->" } else { "-->" };
        writeln!(out, "  n{} {line}|\"{}\"| n{}", edge.from, escaped(&words(edge)), edge.to)?;
    }
    for (severity, style) in [
        (Severity::Error, "stroke:#c62828,stroke-width:3px"),
        (Severity::Warning, "stroke:#b26a00,stroke-width:3px"),
        (Severity::Note, "stroke:#1565c0,stroke-width:2px"),
    ] {
        let marked = (0..map.nodes.len()).filter(|id| map.findings_on(*id).map(|finding| finding.severity).max() == Some(severity));
        let marked: Vec<String> = marked.map(|id| format!("n{id}")).collect();
        if !marked.is_empty() {
            writeln!(out, "  classDef {} {style}", severity.as_str())?;
            writeln!(out, "  class {} {}", marked.join(","), severity.as_str())?;
        }
    }
    for finding in map.findings_elsewhere() {
        // A comment ends at the line; what starts with `%%{` would be a directive.
        writeln!(
            out,
            "  %% {}: {} at {}",
            finding.severity.as_str(),
            finding.rule,
            harmless(&finding.place.to_string()).replace(['{', '}'], "_")
        )?;
    }
    Ok(())
}

fn zone_id(zone: Zone) -> &'static str {
    match zone {
        Zone::Client => "zone_client",
        Zone::Both => "zone_both",
        Zone::Unknown => "zone_unknown",
        Zone::Server => "zone_server",
        Zone::Service => "zone_service",
    }
}

/// The shape: code is a box, a request is slanted, what holds values is a drum, the service is a stadium.
fn brackets(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Client => ("([", "])"),
        NodeKind::Request => ("[/", "/]"),
        NodeKind::LoginSource | NodeKind::CredentialSource | NodeKind::KeySource => ("[(", ")]"),
        NodeKind::Service => ("[[", "]]"),
        NodeKind::Endpoint | NodeKind::Mint | NodeKind::CredentialCall | NodeKind::Handout => ("[", "]"),
    }
}

fn label(map: &ArchitectureMap, id: usize) -> String {
    let Some(node) = map.node(id) else { return String::new() };
    let mut label = format!("{}<br/><b>{}</b>", node.kind.title(), escaped(&bare(&node.label)));
    if let Some(place) = node.places.first() {
        let _ = write!(label, "<br/>{}", escaped(&place.to_string()));
    }
    for finding in map.findings_on(id) {
        let _ = write!(label, "<br/>{} {}", sign(finding.severity, true), finding.rule);
    }
    label
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in harmless(text).chars() {
        match character {
            '\t' => escaped.push(' '),
            // Letters of any script, digits, and marks that mean nothing to Mermaid, Markdown or a page.
            c if c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | ':' | '/' | '-' | '…' | '(' | ')' | '@' | '?' | '=' | '+' | '_') => {
                escaped.push(c);
            }
            c => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
        }
    }
    escaped
}
