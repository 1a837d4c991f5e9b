//! The trace for machines. Same conventions as the findings' JSON: additions keep `schema_version`; lines and columns from 1, columns in
//! UTF-16 code units, offsets in bytes, paths relative to the working root.

use std::io::{self, Write};

use serde::Serialize;

use super::TraceReport;
use crate::finding::Confidence;
use crate::report::json::{NoticeEntry, SCHEMA_VERSION, SpanEntry, TOOL, Tool, ZoneEntry, notice, span};
use crate::report::{Noted, Place};
use crate::trace::{TracedCondition, TracedOrigin};

#[derive(Serialize)]
struct Log<'a> {
    schema_version: u32,
    tool: Tool,
    expression: ExpressionEntry<'a>,
    zone: TraceZone<'a>,
    origins: Vec<OriginEntry<'a>>,
    limits: &'a [String],
    notices: Vec<NoticeEntry<'a>>,
}

#[derive(Serialize)]
struct ExpressionEntry<'a> {
    path: &'a str,
    span: SpanEntry,
    text: &'a str,
}

#[derive(Serialize)]
struct TraceZone<'a> {
    #[serde(flatten)]
    zone: ZoneEntry<'a>,
    confidence: Confidence,
}

#[derive(Serialize)]
struct OriginEntry<'a> {
    /// The origin in one line.
    what: String,
    kind: &'static str,
    name: Option<String>,
    part: Vec<String>,
    path: &'a str,
    span: SpanEntry,
    derived: bool,
    conditions: Vec<ConditionEntry<'a>>,
    steps: Vec<StepEntry<'a>>,
}

#[derive(Serialize)]
struct ConditionEntry<'a> {
    text: String,
    path: &'a str,
    span: SpanEntry,
}

#[derive(Serialize)]
struct StepEntry<'a> {
    message: String,
    path: &'a str,
    span: SpanEntry,
    code: &'a str,
}

/// Prints the trace.
pub(super) fn write(report: &TraceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let trace = report.trace;
    let expression = report.place(trace.expression);
    let because = report.words(&trace.zone.because);
    let log = Log {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        expression: ExpressionEntry { path: expression.path(), span: span(expression), text: expression.text() },
        zone: TraceZone { zone: ZoneEntry { kind: trace.zone.kind, because: &because }, confidence: trace.zone.confidence },
        origins: trace.origins.iter().map(|traced| origin(report, traced)).collect(),
        limits: &trace.limits,
        notices: report.notices.iter().map(notice).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn origin<'a>(report: &'a TraceReport<'_>, origin: &'a TracedOrigin) -> OriginEntry<'a> {
    let place: Place<'a> = report.place(origin.at);
    OriginEntry {
        what: report.masker.prose(&origin.what.to_string()),
        kind: origin.what.kind(),
        name: origin.what.name().map(|name| report.masker.prose(name)),
        part: report.words(&origin.part),
        path: place.path(),
        span: span(place),
        derived: origin.derived,
        conditions: origin.conditions.iter().map(|condition| self::condition(report, condition)).collect(),
        steps: report.steps(&origin.steps).into_iter().map(step).collect(),
    }
}

fn condition<'a>(report: &'a TraceReport<'_>, condition: &TracedCondition) -> ConditionEntry<'a> {
    let place = report.place(condition.at);
    ConditionEntry { text: report.masker.prose(&condition.text), path: place.path(), span: span(place) }
}

fn step(step: Noted<'_>) -> StepEntry<'_> {
    StepEntry {
        message: step.message,
        path: step.place.path(),
        span: span(step.place),
        code: step.place.line(step.place.start().line).trim(),
    }
}
