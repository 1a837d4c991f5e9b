//! One line a finding, as compilers print them: editors and `grep` read it.

use std::io::{self, Write};

use super::Report;
use super::layout::harmless;

/// Prints `path:line:column: severity[rule] message`.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let start = finding.primary.start();
        let path = harmless(finding.primary.path());
        let message = harmless(&finding.message.split_whitespace().collect::<Vec<_>>().join(" "));
        writeln!(out, "{path}:{}:{}: {}[{}] {message}", start.line, start.column, finding.severity.as_str(), finding.rule)?;
    }
    Ok(())
}
