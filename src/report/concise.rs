//! One line a finding, as compilers print them: editors and `grep` read it.

use std::io::{self, Write};

use super::layout::harmless;
use super::{Report, Standing};

/// Prints `path:line:column: severity[rule] message`.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings.iter().chain(report.shown_aside()) {
        let start = finding.primary.start();
        let path = harmless(finding.primary.path());
        let message = harmless(&finding.message.split_whitespace().collect::<Vec<_>>().join(" "));
        let mark = if finding.standing == Standing::Open { "" } else { "(suppressed) " };
        writeln!(out, "{path}:{}:{}: {}[{}] {mark}{message}", start.line, start.column, finding.severity.as_str(), finding.rule)?;
    }
    Ok(())
}
