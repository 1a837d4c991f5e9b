//! `JUnit` XML, as Jenkins and other build servers read the results of tests.
//!
//! Nobody owns the format; this is the part of it that the schema of Jenkins' xUnit plugin has (`junit-10.xsd`). A file is a suite and a
//! finding in it a failed test. Notes never fail a run: they are skipped tests, which servers show without failing. A clean run has one
//! test that passes, because servers take a report without tests for a broken one. Nothing tells a time.

use std::io::{self, Write};

use quick_xml::events::BytesText;

use super::layout::sentence;
use super::steps::one_a_line;
use super::xml::{Elements, attribute, content, document};
use super::{Report, Shown};
use crate::finding::Severity;

/// Prints one suite a file.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let tally = report.tally();
    let total = report.findings.len().max(1).to_string();
    let failures = (tally.error + tally.warning).to_string();
    document(out, |writer| {
        writer
            .create_element("testsuites")
            .with_attributes([("name", env!("CARGO_PKG_NAME")), ("tests", &total), ("failures", &failures), ("errors", "0")])
            .write_inner_content(|writer| {
                if report.findings.is_empty() {
                    return clean(writer);
                }
                report.by_file().into_iter().try_for_each(|(path, findings)| suite(path, &findings, writer))
            })
            .map(drop)
    })
}

fn clean(writer: &mut Elements) -> io::Result<()> {
    let name = env!("CARGO_PKG_NAME");
    let attributes = [("name", name), ("tests", "1"), ("failures", "0"), ("errors", "0"), ("skipped", "0")];
    writer.create_element("testsuite").with_attributes(attributes).write_inner_content(|writer| {
        let attributes = [("name", "no findings"), ("classname", name)];
        writer.create_element("testcase").with_attributes(attributes).write_empty().map(drop)
    })?;
    Ok(())
}

fn suite(path: &str, findings: &[&Shown<'_>], writer: &mut Elements) -> io::Result<()> {
    let notes = findings.iter().filter(|finding| finding.severity == Severity::Note).count();
    let attributes = [
        ("name", attribute(path)),
        ("tests", findings.len().to_string()),
        ("failures", (findings.len() - notes).to_string()),
        ("errors", "0".to_owned()),
        ("skipped", notes.to_string()),
    ];
    let attributes = attributes.iter().map(|(name, value)| (*name, value.as_str()));
    writer
        .create_element("testsuite")
        .with_attributes(attributes)
        .write_inner_content(|writer| findings.iter().try_for_each(|finding| case(finding, writer)))?;
    Ok(())
}

fn case(finding: &Shown<'_>, writer: &mut Elements) -> io::Result<()> {
    let start = finding.primary.start();
    let name = attribute(&format!("{} at {}:{}", finding.rule, start.line, start.column));
    // Servers cut class names at their last dot to get packages; a path has its own dots.
    let class = attribute(&format!("authlint.{}", finding.primary.path().replace('.', "_")));
    let element = if finding.severity == Severity::Note { "skipped" } else { "failure" };
    writer.create_element("testcase").with_attributes([("name", name.as_str()), ("classname", class.as_str())]).write_inner_content(
        |writer| {
            writer
                .create_element(element)
                .with_attributes([
                    ("type", format!("{}[{}]", finding.severity.as_str(), attribute(finding.rule)).as_str()),
                    ("message", attribute(&sentence(&finding.message)).as_str()),
                ])
                .write_text_content(BytesText::new(&content(&text(finding))))
                .map(drop)
        },
    )?;
    Ok(())
}

/// What a server prints below the failed test: place, flow, reasons and advice.
fn text(finding: &Shown<'_>) -> String {
    let start = finding.primary.start();
    let mut lines = vec![String::new(), format!("at {}:{}:{}", finding.primary.path(), start.line, start.column)];
    lines.extend(
        (1..)
            .zip(one_a_line(finding.flow.iter().collect()))
            .map(|(number, step)| format!("flow {number}: {}:{} {}", step.place.path(), step.place.start().line, step.message)),
    );
    lines.extend(finding.labels.iter().map(|label| format!("also: {}:{} {}", label.place.path(), label.place.start().line, label.message)));
    if let Some(zone) = &finding.zone {
        lines.push(format!("runs in: {} ({})", zone.kind.as_str(), zone.because.join(" -> ")));
    }
    if !finding.help.is_empty() {
        lines.push(format!("help: {}", finding.help));
    }
    lines.push(String::new());
    // Hostile paths and messages may hold line ends.
    lines.iter().map(|line| line.replace(['\n', '\r'], " ")).collect::<Vec<_>>().join("\n")
}
