//! JSON: the machine contract beside SARIF. Additions keep `schema_version`; anything else raises it.
//!
//! Lines and columns are 1-based, columns in UTF-16 code units; offsets and byte columns are bytes; paths are relative to the working root.

use std::io::{self, Write};

use serde::Serialize;

use super::{Edge, Noted, Place, Report, Shown, ShownFix, Standing, Tally};
use crate::finding::{Confidence, Notice, NoticeKind, Severity, ZoneKind};
use crate::fix::Applicability;
use crate::source::Position;

pub(super) const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Log<'a> {
    schema_version: u32,
    tool: Tool,
    summary: Summary,
    findings: Vec<FindingEntry<'a>>,
    /// Only when asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressed: Vec<AsideEntry<'a>>,
    notices: Vec<NoticeEntry<'a>>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// This program.
pub(super) const TOOL: Tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

#[derive(Serialize)]
struct Summary {
    files_seen: usize,
    files_read: usize,
    files_parsed: usize,
    findings: Tally,
    hidden: usize,
    suppressed: usize,
    in_baseline: usize,
}

/// A finding that does not count.
#[derive(Serialize)]
struct AsideEntry<'a> {
    #[serde(flatten)]
    finding: FindingEntry<'a>,
    suppression: SuppressionEntry<'a>,
}

/// Why a finding does not count, in SARIF's words.
#[derive(Serialize)]
struct SuppressionEntry<'a> {
    kind: &'static str,
    justification: Option<&'a str>,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    rule: &'a str,
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    path: &'a str,
    span: SpanEntry,
    label: &'a str,
    labels: Vec<NotedEntry<'a>>,
    flow: Vec<NotedEntry<'a>>,
    zone: Option<ZoneEntry<'a>>,
    help: &'a str,
    fix: Option<FixEntry<'a>>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
struct EditEntry<'a> {
    path: &'a str,
    span: SpanEntry,
    replacement: &'a str,
}

#[derive(Serialize)]
struct NotedEntry<'a> {
    message: &'a str,
    path: &'a str,
    span: SpanEntry,
}

#[derive(Serialize)]
pub(super) struct SpanEntry {
    start: PositionEntry,
    end: PositionEntry,
}

#[derive(Serialize)]
struct PositionEntry {
    line: u32,
    column: u32,
    offset: u32,
    byte_column: u32,
}

#[derive(Serialize)]
pub(super) struct ZoneEntry<'a> {
    pub(super) kind: ZoneKind,
    pub(super) because: &'a [String],
}

#[derive(Serialize)]
pub(super) struct NoticeEntry<'a> {
    kind: NoticeKind,
    path: Option<&'a str>,
    message: &'a str,
}

/// Prints the log.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let log = Log {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        summary: Summary {
            files_seen: report.counts.files_seen,
            files_read: report.counts.files_read,
            files_parsed: report.counts.files_parsed,
            findings: report.tally(),
            hidden: report.hidden,
            suppressed: report.put_aside().suppressed,
            in_baseline: report.put_aside().known,
        },
        findings: report.findings.iter().map(finding).collect(),
        suppressed: report.shown_aside().map(aside).collect(),
        notices: report.notices.iter().map(notice).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn finding<'a>(finding: &'a Shown<'_>) -> FindingEntry<'a> {
    FindingEntry {
        rule: finding.rule,
        severity: finding.severity,
        confidence: finding.confidence,
        message: &finding.message,
        path: finding.primary.path(),
        span: span(finding.primary),
        label: &finding.primary_label,
        labels: finding.labels.iter().map(noted).collect(),
        flow: finding.flow.iter().map(noted).collect(),
        zone: finding.zone.as_ref().map(|zone| ZoneEntry { kind: zone.kind, because: &zone.because }),
        help: &finding.help,
        fix: finding.fix.as_ref().map(fix),
        fingerprint: &finding.fingerprint,
    }
}

fn fix<'a>(fix: &'a ShownFix<'_>) -> FixEntry<'a> {
    let edits = fix.edits.iter().map(|(place, replacement)| EditEntry { path: place.path(), span: span(*place), replacement });
    FixEntry { title: &fix.title, applicability: fix.applicability, edits: edits.collect() }
}

fn aside<'a>(shown: &'a Shown<'_>) -> AsideEntry<'a> {
    let (kind, justification) = match &shown.standing {
        Standing::Suppressed { reason } => ("inSource", reason.as_deref()),
        Standing::Open | Standing::Known => ("external", None),
    };
    AsideEntry { finding: finding(shown), suppression: SuppressionEntry { kind, justification } }
}

fn noted<'a>(noted: &'a Noted<'_>) -> NotedEntry<'a> {
    NotedEntry { message: &noted.message, path: noted.place.path(), span: span(noted.place) }
}

pub(super) fn span(place: Place<'_>) -> SpanEntry {
    SpanEntry { start: position(place.first_edge()), end: position(place.last_edge()) }
}

fn position(edge: Edge) -> PositionEntry {
    let Position { line, column, offset } = edge.position;
    PositionEntry { line, column, offset, byte_column: edge.byte_column }
}

pub(super) fn notice(notice: &Notice) -> NoticeEntry<'_> {
    NoticeEntry { kind: notice.kind, path: notice.path.as_deref(), message: &notice.message }
}
