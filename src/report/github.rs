//! GitHub workflow commands: findings become annotations on the changed lines of a pull request.
//!
//! GitHub keeps ten annotations of each level a step, fifty a job, and silently drops the rest
//! (<https://github.com/orgs/community/discussions/26680>, <https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md>), so the worst come first and the output says
//! itself what it left out.

use std::io::{self, Write};

use super::layout::{counted, harmless};
use super::{Report, Shown};
use crate::finding::Severity;

/// How many annotations of one level GitHub shows for one step.
const SHOWN_PER_LEVEL: usize = 10;

/// Prints one command a finding, worst first.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let tally = report.tally();
    let is_cut = tally.error > SHOWN_PER_LEVEL || tally.warning > SHOWN_PER_LEVEL || tally.note > SHOWN_PER_LEVEL;
    let mut left_out = 0;
    for (severity, level, total) in
        [(Severity::Error, "error", tally.error), (Severity::Warning, "warning", tally.warning), (Severity::Note, "notice", tally.note)]
    {
        // The last line is a notice too and must not be one too many.
        let room = if severity == Severity::Note && is_cut { SHOWN_PER_LEVEL - 1 } else { SHOWN_PER_LEVEL };
        for finding in report.findings.iter().filter(|finding| finding.severity == severity).take(room) {
            annotate(finding, level, out)?;
        }
        left_out += total.saturating_sub(room);
    }
    if is_cut {
        let total = counted(report.findings.len(), "finding");
        writeln!(
            out,
            "::notice title=authlint::{left_out} of {total} are not annotated: GitHub shows at most {SHOWN_PER_LEVEL} of each level for one step. The `sarif` format has them all."
        )?;
    }
    Ok(())
}

fn annotate(finding: &Shown<'_>, level: &str, out: &mut dyn Write) -> io::Result<()> {
    let (start, end) = (finding.primary.start(), finding.primary.end());
    write!(out, "::{level} file={},line={},endLine={}", property(finding.primary.path()), start.line, end.line)?;
    // GitHub refuses columns on annotations of several lines.
    if start.line == end.line {
        write!(out, ",col={},endColumn={}", start.column, end.column)?;
    }
    let mut text = finding.message.clone();
    if !finding.help.is_empty() {
        text = format!("{text}\nhelp: {}", finding.help);
    }
    writeln!(out, ",title={}::{}", property(&format!("authlint: {}", finding.rule)), data(&text))
}

/// Escapes the text after `::`.
fn data(text: &str) -> String {
    harmless(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// Escapes a property's value, which also ends at `,` and `:`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
