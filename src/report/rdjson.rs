//! The diagnostics of reviewdog, which comments them on pull requests of many hosts.
//!
//! `rdjson` is one `DiagnosticResult` (<https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto>). Its columns are
//! bytes of UTF-8, not UTF-16 units, and its ends are exclusive.

use std::io::{self, Write};

use serde::Serialize;

use super::layout::{harmless_text, sentence};
use super::{Edge, INFORMATION, Noted, Place, Report, Shown};
use crate::finding::Severity;
use crate::rules::Rule;

#[derive(Serialize)]
struct DiagnosticResult<'a> {
    source: Source,
    severity: &'static str,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Related<'a> {
    message: String,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

/// Prints one result with all findings.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let worst = report.findings.iter().map(|finding| finding.severity).max();
    let result = DiagnosticResult {
        source: Source { name: env!("CARGO_PKG_NAME"), url: INFORMATION },
        severity: severity(worst.unwrap_or(Severity::Note)),
        diagnostics: report.findings.iter().map(|finding| diagnostic(report, finding)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &result)?;
    writeln!(out)
}

fn diagnostic<'a>(report: &Report<'_>, finding: &'a Shown<'_>) -> Diagnostic<'a> {
    Diagnostic {
        message: harmless_text(&format!("{} {}", sentence(&finding.message), sentence(&finding.help))),
        location: location(finding.primary),
        severity: severity(finding.severity),
        code: Code { value: finding.rule, url: report.rule(finding.rule).and_then(Rule::reference) },
        related_locations: finding.flow.iter().chain(&finding.labels).map(related).collect(),
    }
}

fn related<'a>(noted: &'a Noted<'_>) -> Related<'a> {
    Related { message: harmless_text(&sentence(&noted.message)), location: location(noted.place) }
}

fn location(place: Place<'_>) -> Location<'_> {
    Location { path: place.path(), range: Range { start: position(place.first_edge()), end: position(place.last_edge()) } }
}

fn position(edge: Edge) -> Position {
    Position { line: edge.position.line, column: edge.byte_column }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    }
}
