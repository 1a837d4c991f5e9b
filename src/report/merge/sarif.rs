//! Reading authlint's own SARIF. What SARIF has no place for stands in property bags: the help apart from the message, offsets, counts.
//!
//! Suppressed results are left out: a merged report is what is left to do.

use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::{Fault, Merged, Told, ToldFix, ToldNote, edge, told};
use crate::finding::{Confidence, Counts, Notice, NoticeKind, Severity, ZoneKind};
use crate::fix::Applicability;
use crate::report::layout::plain_again;
use crate::report::place::{ToldPlace, UNKNOWN_FILE};

#[derive(Deserialize)]
struct Log {
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    #[serde(default)]
    invocations: Vec<Invocation>,
    results: Vec<ResultEntry>,
    properties: RunProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunProperties {
    files_seen: usize,
    files_read: usize,
    files_parsed: usize,
    hidden: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    #[serde(default)]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Deserialize)]
struct Notification {
    message: Text,
    descriptor: Descriptor,
    properties: Option<Original>,
    #[serde(default)]
    locations: Vec<Location>,
}

#[derive(Deserialize)]
struct Descriptor {
    id: NoticeKind,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultEntry {
    rule_id: String,
    level: Severity,
    locations: [Location; 1],
    #[serde(default)]
    related_locations: Vec<Location>,
    #[serde(default)]
    code_flows: Vec<CodeFlow>,
    #[serde(default)]
    fixes: Vec<Fix>,
    partial_fingerprints: Fingerprints,
    properties: Properties,
    #[serde(default)]
    suppressions: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    artifact_changes: Vec<ArtifactChange>,
    properties: FixProperties,
}

#[derive(Deserialize)]
struct FixProperties {
    title: String,
    applicability: Applicability,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Option<Text>,
}

#[derive(Deserialize)]
struct Fingerprints {
    #[serde(rename = "authlint/v1")]
    own: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    message: String,
    label: String,
    help: String,
    confidence: Confidence,
    zone: Option<ZoneKind>,
    #[serde(default)]
    zone_evidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow {
    thread_flows: Vec<ThreadFlow>,
}

#[derive(Deserialize)]
struct ThreadFlow {
    locations: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    location: Location,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are the standard's")]
struct Location {
    physical_location: PhysicalLocation,
    message: Option<Text>,
    properties: Option<Original>,
}

/// A text as it was before it became a sentence.
#[derive(Deserialize)]
struct Original {
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Option<Region>,
}

#[derive(Deserialize)]
struct Artifact {
    uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
    properties: Bytes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bytes {
    start_offset: u32,
    start_byte_column: u32,
    end_offset: u32,
    end_byte_column: u32,
}

/// Adds the runs of a log.
pub(super) fn add(merged: &mut Merged, text: &str) -> Result<(), Fault> {
    let log: Log = serde_json::from_str(text)?;
    for run in log.runs {
        let RunProperties { files_seen, files_read, files_parsed, hidden } = run.properties;
        merged.count(Counts { files_seen, files_read, files_parsed }, hidden);
        merged.findings.extend(run.results.into_iter().filter(|result| result.suppressions.is_empty()).map(finding));
        let notifications = run.invocations.into_iter().flat_map(|invocation| invocation.tool_execution_notifications);
        merged.notices.extend(notifications.map(|notification| Notice {
            path: notification.locations.into_iter().next().map(|location| path(&location.physical_location.artifact_location.uri)),
            kind: notification.descriptor.id,
            message: original(notification.properties, Some(&notification.message)),
        }));
    }
    Ok(())
}

fn finding(entry: ResultEntry) -> Told {
    let [location] = entry.locations;
    let steps = entry.code_flows.into_iter().take(1).flat_map(|flow| flow.thread_flows).take(1).flat_map(|thread| thread.locations);
    let Properties { message, label, help, confidence, zone, zone_evidence } = entry.properties;
    Told {
        rule: entry.rule_id,
        severity: entry.level,
        confidence,
        message,
        place: place(location.physical_location),
        label,
        labels: entry.related_locations.into_iter().map(note).collect(),
        flow: steps.map(|step| note(step.location)).collect(),
        zone: zone.map(|kind| (kind, zone_evidence)),
        help,
        fix: entry.fixes.into_iter().next().map(fix),
        fingerprint: entry.partial_fingerprints.own,
    }
}

fn fix(fix: Fix) -> ToldFix {
    let edits = fix.artifact_changes.into_iter().flat_map(|ArtifactChange { artifact_location, replacements }| {
        replacements.into_iter().map(move |Replacement { deleted_region, inserted_content }| {
            (region(&artifact_location, deleted_region), inserted_content.map(|content| content.text).unwrap_or_default())
        })
    });
    ToldFix { title: fix.properties.title, applicability: fix.properties.applicability, edits: edits.collect() }
}

fn note(location: Location) -> ToldNote {
    let message = original(location.properties, location.message.as_ref());
    ToldNote { place: place(location.physical_location), message }
}

fn place(location: PhysicalLocation) -> ToldPlace {
    match location.region {
        Some(place) => region(&location.artifact_location, place),
        None => told(UNKNOWN_FILE.to_owned(), edge(1, 1, 0, 1), edge(1, 1, 0, 1)),
    }
}

fn region(artifact: &Artifact, region: Region) -> ToldPlace {
    let Region { start_line, start_column, end_line, end_column, properties: bytes } = region;
    told(
        path(&artifact.uri),
        edge(start_line, start_column, bytes.start_offset, bytes.start_byte_column),
        edge(end_line, end_column, bytes.end_offset, bytes.end_byte_column),
    )
}

fn original(original: Option<Original>, sentence: Option<&Text>) -> String {
    original.map(|original| original.message).or_else(|| sentence.map(|text| plain_again(&text.text))).unwrap_or_default()
}

fn path(uri: &str) -> String {
    percent_decode_str(uri).decode_utf8_lossy().into_owned()
}
