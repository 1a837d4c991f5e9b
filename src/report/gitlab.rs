//! GitLab Code Quality: what merge requests show beside the changed lines.
//!
//! GitLab reads a subset of Code Climate's issues: `description`, `check_name`, `fingerprint`, `severity`, `location.path` and
//! `location.lines.begin` (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>). It compares reports of two
//! branches by the fingerprints, which must be unique. `content` is Code Climate's field for what else is to be said.

use std::io::{self, Write};

use serde::Serialize;

use super::layout::{harmless_text, sentence};
use super::{Report, Shown};
use crate::finding::Severity;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

#[derive(Serialize)]
struct Content {
    body: String,
}

/// Prints one issue a finding.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let issues: Vec<_> = report.findings.iter().map(issue).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue<'a>(finding: &'a Shown<'_>) -> Issue<'a> {
    Issue {
        description: harmless_text(&sentence(&finding.message)),
        check_name: finding.rule,
        fingerprint: &finding.fingerprint,
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Note => "info",
        },
        location: Location {
            path: finding.primary.path(),
            lines: Lines { begin: finding.primary.start().line, end: finding.primary.end().line },
        },
        content: (!finding.help.is_empty()).then(|| Content { body: harmless_text(&sentence(&finding.help)) }),
    }
}
