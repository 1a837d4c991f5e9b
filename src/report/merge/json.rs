//! Reading authlint's own JSON, `schema_version` 1. Fields that a newer version has added are skipped.

use serde::Deserialize;

use super::{Fault, Merged, Told, ToldFix, ToldNote, edge, told};
use crate::finding::{Confidence, Counts, Notice, NoticeKind, Severity, ZoneKind};
use crate::fix::Applicability;
use crate::report::place::{Edge, ToldPlace};

#[derive(Deserialize)]
struct Log {
    summary: Summary,
    findings: Vec<FindingEntry>,
    notices: Vec<NoticeEntry>,
}

#[derive(Deserialize)]
struct Summary {
    #[serde(flatten)]
    counts: Counts,
    #[serde(default)]
    hidden: usize,
}

#[derive(Deserialize)]
struct FindingEntry {
    rule: String,
    severity: Severity,
    confidence: Confidence,
    message: String,
    path: String,
    span: Span,
    #[serde(default)]
    label: String,
    labels: Vec<NotedEntry>,
    flow: Vec<NotedEntry>,
    zone: Option<ZoneEntry>,
    help: String,
    #[serde(default)]
    fix: Option<FixEntry>,
    fingerprint: String,
}

#[derive(Deserialize)]
struct FixEntry {
    title: String,
    applicability: Applicability,
    edits: Vec<EditEntry>,
}

#[derive(Deserialize)]
struct EditEntry {
    path: String,
    span: Span,
    replacement: String,
}

#[derive(Deserialize)]
struct NotedEntry {
    message: String,
    path: String,
    span: Span,
}

#[derive(Deserialize)]
struct Span {
    start: PositionEntry,
    end: PositionEntry,
}

#[derive(Deserialize)]
struct PositionEntry {
    line: u32,
    column: u32,
    offset: u32,
    byte_column: u32,
}

#[derive(Deserialize)]
struct ZoneEntry {
    kind: ZoneKind,
    because: Vec<String>,
}

#[derive(Deserialize)]
struct NoticeEntry {
    kind: NoticeKind,
    path: Option<String>,
    message: String,
}

/// Adds a report.
pub(super) fn add(merged: &mut Merged, text: &str) -> Result<(), Fault> {
    let log: Log = serde_json::from_str(text)?;
    merged.count(log.summary.counts, log.summary.hidden);
    merged.findings.extend(log.findings.into_iter().map(finding));
    merged.notices.extend(log.notices.into_iter().map(|notice| Notice { path: notice.path, kind: notice.kind, message: notice.message }));
    Ok(())
}

fn finding(entry: FindingEntry) -> Told {
    Told {
        rule: entry.rule,
        severity: entry.severity,
        confidence: entry.confidence,
        message: entry.message,
        place: place(entry.path, &entry.span),
        label: entry.label,
        labels: entry.labels.into_iter().map(note).collect(),
        flow: entry.flow.into_iter().map(note).collect(),
        zone: entry.zone.map(|zone| (zone.kind, zone.because)),
        help: entry.help,
        fix: entry.fix.map(fix),
        fingerprint: entry.fingerprint,
    }
}

fn fix(entry: FixEntry) -> ToldFix {
    let edits = entry.edits.into_iter().map(|edit| (place(edit.path, &edit.span), edit.replacement));
    ToldFix { title: entry.title, applicability: entry.applicability, edits: edits.collect() }
}

fn note(entry: NotedEntry) -> ToldNote {
    ToldNote { place: place(entry.path, &entry.span), message: entry.message }
}

fn place(path: String, span: &Span) -> ToldPlace {
    told(path, position(&span.start), position(&span.end))
}

fn position(entry: &PositionEntry) -> Edge {
    edge(entry.line, entry.column, entry.offset, entry.byte_column)
}
