//! Checkstyle XML, which many tools read that know no other format.
//!
//! The schema is `checkstyle-report-1.0.0.xsd` (<https://checkstyle.org/result_reports.html>): errors by file, with a severity of `error`,
//! `warning` or `info`.

use std::io::{self, Write};

use super::layout::sentence;
use super::xml::{attribute, document};
use super::{Report, Shown};
use crate::finding::Severity;

/// The version of Checkstyle whose reports look like this.
const VERSION: &str = "10.0";

/// Prints the findings by file, files in the order of their worst findings.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    document(out, |writer| {
        writer
            .create_element("checkstyle")
            .with_attribute(("version", VERSION))
            .write_inner_content(|writer| {
                for (path, findings) in report.by_file() {
                    writer.create_element("file").with_attribute(("name", attribute(path).as_str())).write_inner_content(|writer| {
                        for finding in findings {
                            let start = finding.primary.start();
                            writer
                                .create_element("error")
                                .with_attributes([
                                    ("line", start.line.to_string().as_str()),
                                    ("column", start.column.to_string().as_str()),
                                    ("severity", severity(finding.severity)),
                                    ("message", attribute(&message(finding)).as_str()),
                                    ("source", attribute(&format!("authlint.{}", finding.rule)).as_str()),
                                ])
                                .write_empty()?;
                        }
                        Ok(())
                    })?;
                }
                Ok(())
            })
            .map(drop)
    })
}

fn message(finding: &Shown<'_>) -> String {
    format!("{} {}", sentence(&finding.message), sentence(&finding.help))
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    }
}
