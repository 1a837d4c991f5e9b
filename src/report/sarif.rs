//! SARIF 2.1.0, for code scanning and editors.
//!
//! One run; columns in UTF-16 units, declared; URIs relative and percent-encoded; nothing that varies between two runs over
//! the same tree. Written with structures of our own, because the order of keys and what is left out matter. Facts about the
//! consumers behind it:
//! - GitHub matches alerts by `partialFingerprints` and warns where its own key `primaryLocationLineHash` holds
//!   another value than it computes, so only a key of ours is written.
//! - GitHub refuses 25,000 results, 1,000 locations of one result and 10,000 steps; what is cut is said in a notification.
//! - A `byteOffset` makes the viewer of VS Code show bytes, and a `%SRCROOT%` with a relative URI breaks Visual Studio: neither is
//!   written.

mod log;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::layout::capitalised;
use super::place::lines_of;
use super::{INFORMATION, Noted, Place, Report, Shown, ShownFix, Standing};
use log::{
    ArtifactChange, ArtifactLocation, AutomationDetails, CodeFlow, Configuration, ContextRegion, DeletedRegion, DescriptorReference,
    Driver, Fix, FixProperties, Help, Invocation, Location, Log, Notification, NotificationDescriptor, Original, PhysicalLocation, Region,
    RegionProperties, Replacement, ResultEntry, ResultProperties, RuleEntry, RuleProperties, Run, RunProperties, Snippet, Suppression,
    Text, ThreadFlow, ThreadFlowLocation, Tool, UriBase,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::finding::{Notice, NoticeKind, Severity};
use crate::rules::Rule;
use crate::rules::page::Page;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const BASE: &str = "%SRCROOT%";
/// The version is part of the key: a changed algorithm must not look like changed findings.
const FINGERPRINT_KEY: &str = "authlint/v1";
/// GitHub's upper bounds.
const MOST_RESULTS: usize = 25_000;
const MOST_RELATED: usize = 900;
const MOST_STEPS: usize = 1_000;
/// Longer snippets are left out; viewers read the file.
const LONGEST_SNIPPET: usize = 2_000;
/// What may stand in a relative URI as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Prints the log.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (notifications, descriptors) = notifications(report);
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    organization: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: INFORMATION,
                    rules: report.rules.iter().map(rule).collect(),
                    notifications: descriptors,
                },
            },
            automation_details: AutomationDetails { id: "authlint/" },
            column_kind: "utf16CodeUnits",
            original_uri_base_ids: BTreeMap::from([(
                BASE,
                UriBase { description: Text::sentence("The working root of the run, usually the root of the repository") },
            )]),
            invocations: [Invocation { execution_successful: true, tool_execution_notifications: notifications }],
            properties: RunProperties {
                files_seen: report.counts.files_seen,
                files_read: report.counts.files_read,
                files_parsed: report.counts.files_parsed,
                hidden: report.hidden,
            },
            results: results(report),
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    severity.as_str()
}

fn rule(rule: &Rule) -> RuleEntry<'_> {
    let page = Page::parse(rule.page).ok();
    let page = page.as_ref();
    let summary = page.map_or(rule.name, |page| &page.front.summary);
    let section = |title| page.and_then(|page| page.section(title)).unwrap_or("");
    let why = first_paragraph(section("Why it matters"));
    let full = if why.is_empty() { summary.to_owned() } else { format!("{} {why}", Text::sentence(summary).text) };
    let fix = first_paragraph(section("How to fix"));
    let help = if fix.is_empty() { summary.to_owned() } else { fix };
    RuleEntry {
        id: rule.name,
        name: rule.name.split('-').map(capitalised).collect(),
        short_description: Text::sentence(summary),
        full_description: Text::sentence(&full),
        message_strings: BTreeMap::from([("default", Text::sentence("{0}"))]),
        help: Help { text: Text::sentence(&help).text, markdown: page.map_or_else(|| summary.to_owned(), markdown) },
        help_uri: page.and_then(|page| page.front.references.first().cloned()),
        default_configuration: Configuration { level: level(rule.severity) },
        properties: RuleProperties {
            tags: vec!["security".to_owned(), format!("external/cwe/cwe-{:03}", rule.cwe), "telnyx".to_owned(), "webrtc".to_owned()],
            precision: "high",
            security_severity: rule.security_severity,
            problem_severity: match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
        },
    }
}

/// The page without its examples, which are made for tests, and with its references.
fn markdown(page: &Page<'_>) -> String {
    let mut markdown = format!("# {}\n\n{}\n", page.front.name, Text::sentence(&page.front.summary).text);
    for section in page.sections.iter().filter(|section| section.title != "Examples") {
        markdown.extend(["\n## ", section.title, "\n\n", section.body, "\n"]);
    }
    if !page.front.references.is_empty() {
        markdown.push_str("\n## References\n\n");
        markdown.extend(page.front.references.iter().map(|reference| format!("- <{reference}>\n")));
    }
    markdown
}

/// The first paragraph of Markdown as plain text.
fn first_paragraph(markdown: &str) -> String {
    let paragraph = markdown.split("\n\n").find(|paragraph| !paragraph.trim_start().starts_with("```")).unwrap_or("");
    let mut plain = String::with_capacity(paragraph.len());
    let mut rest = paragraph;
    // Links become their text.
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        let cut = link.split_once("](").and_then(|(text, target)| target.split_once(')').map(|(_, after)| (text, after)));
        if let Some((text, after)) = cut {
            plain.push_str(text);
            rest = after;
        } else {
            plain.push('[');
            rest = link;
        }
    }
    plain.push_str(rest);
    plain.replace("**", "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The findings, and when they are asked for those that do not count: then every result says whether it is one, as the standard wants it
/// (3.27.23), and whether the baseline has it.
fn results<'a>(report: &'a Report<'_>) -> Vec<ResultEntry<'a>> {
    let all = report.findings.iter().chain(report.shown_aside()).take(MOST_RESULTS);
    all.map(|finding| ResultEntry {
        baseline_state: finding.in_baseline.filter(|_| report.shows_aside).map(|known| if known { "unchanged" } else { "new" }),
        suppressions: report.shows_aside.then(|| suppressions(finding)),
        ..result(report.rules, finding)
    })
    .collect()
}

fn suppressions<'a>(finding: &'a Shown<'_>) -> Vec<Suppression<'a>> {
    match &finding.standing {
        Standing::Open => Vec::new(),
        Standing::Suppressed { reason } => vec![Suppression { kind: "inSource", justification: reason.as_deref() }],
        Standing::Known => vec![Suppression { kind: "external", justification: Some("Known in the baseline") }],
    }
}

fn result<'a>(rules: &[Rule], finding: &'a Shown<'_>) -> ResultEntry<'a> {
    let message = Text::sentence(&finding.message).text;
    let message = if finding.help.is_empty() { message } else { format!("{message} {}", Text::sentence(&finding.help).text) };
    let steps: Vec<_> = finding.flow.iter().take(MOST_STEPS).map(|step| ThreadFlowLocation { location: noted(step, None) }).collect();
    ResultEntry {
        rule_id: finding.rule,
        rule_index: rules.iter().position(|rule| rule.name == finding.rule),
        level: level(finding.severity),
        message: Text { text: message },
        locations: [Location { id: None, physical_location: physical(finding.primary), message: None, properties: None }],
        related_locations: (1..).zip(finding.labels.iter().take(MOST_RELATED)).map(|(id, label)| noted(label, Some(id))).collect(),
        code_flows: if steps.is_empty() { Vec::new() } else { vec![CodeFlow { thread_flows: [ThreadFlow { locations: steps }] }] },
        fixes: finding.fix.iter().map(fix).collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT_KEY, finding.fingerprint.as_str())]),
        baseline_state: None,
        suppressions: None,
        properties: ResultProperties {
            message: &finding.message,
            label: &finding.primary_label,
            help: &finding.help,
            confidence: finding.confidence.as_str(),
            zone: finding.zone.as_ref().map(|zone| zone.kind.as_str()),
            zone_evidence: finding.zone.as_ref().map_or(&[], |zone| &zone.because),
        },
    }
}

/// The changes file by file, as the standard wants them.
fn fix<'a>(fix: &'a ShownFix<'_>) -> Fix<'a> {
    let mut changes: Vec<ArtifactChange<'a>> = Vec::new();
    for (place, text) in &fix.edits {
        let (start, end) = (place.start(), place.end());
        let deleted_region = DeletedRegion {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            properties: bytes(place),
        };
        let replacement = Replacement { deleted_region, inserted_content: (!text.is_empty()).then_some(Snippet { text }) };
        let location = artifact(place.path());
        match changes.iter_mut().find(|change| change.artifact_location.uri == location.uri) {
            Some(change) => change.replacements.push(replacement),
            None => changes.push(ArtifactChange { artifact_location: location, replacements: vec![replacement] }),
        }
    }
    Fix {
        description: Text::sentence(&capitalised(&fix.title)),
        artifact_changes: changes,
        properties: FixProperties { title: &fix.title, applicability: fix.applicability },
    }
}

fn bytes(place: &Place<'_>) -> RegionProperties {
    let (first, last) = (place.first_edge(), place.last_edge());
    RegionProperties {
        start_offset: first.position.offset,
        start_byte_column: first.byte_column,
        end_offset: last.position.offset,
        end_byte_column: last.byte_column,
    }
}

fn noted<'a>(noted: &'a Noted<'_>, id: Option<usize>) -> Location<'a> {
    Location {
        id,
        physical_location: physical(noted.place),
        message: Some(Text::sentence(&noted.message)),
        properties: Original::of(&noted.message),
    }
}

fn artifact(path: &str) -> ArtifactLocation {
    ArtifactLocation { uri: utf8_percent_encode(path, PATH).to_string(), uri_base_id: BASE }
}

fn physical(place: Place<'_>) -> PhysicalLocation<'_> {
    let (start, end) = (place.start(), place.end());
    let text = place.text();
    let region = place.is_known().then(|| Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
        snippet: (!text.is_empty() && text.len() <= LONGEST_SNIPPET).then_some(Snippet { text }),
        properties: bytes(&place),
    });
    let context_region = place.file().and_then(|file| {
        let (first, last) = lines_of(file.source(), place.span());
        let context = ContextRegion { start_line: first.saturating_sub(1).max(1), end_line: (last + 1).min(file.source().line_count()) };
        // A context is larger than what it surrounds.
        (context.start_line < first || context.end_line > end.line).then_some(context)
    });
    PhysicalLocation { artifact_location: artifact(place.path()), region, context_region }
}

fn notifications<'a>(report: &Report<'_>) -> (Vec<Notification<'a>>, Vec<NotificationDescriptor>) {
    let left_out = report.findings.len().saturating_sub(MOST_RESULTS);
    let cut = (left_out > 0).then(|| Notice {
        path: None,
        kind: NoticeKind::Limit,
        message: format!("{left_out} findings are left out of this log, because code scanning takes {MOST_RESULTS} at most"),
    });
    let notices: Vec<&Notice> = report.notices.iter().chain(cut.as_ref()).collect();
    let mut kinds: Vec<NoticeKind> = notices.iter().map(|notice| notice.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let entries = notices
        .iter()
        .map(|notice| Notification {
            level: if matches!(notice.kind, NoticeKind::Excluded | NoticeKind::Skipped) { "note" } else { "warning" },
            message: Text::sentence(&notice.message),
            properties: Original::of(&notice.message),
            descriptor: DescriptorReference {
                id: notice.kind.as_str(),
                index: kinds.iter().position(|kind| *kind == notice.kind).unwrap_or(0),
            },
            locations: notice
                .path
                .iter()
                .map(|path| Location {
                    id: None,
                    physical_location: PhysicalLocation { artifact_location: artifact(path), region: None, context_region: None },
                    message: None,
                    properties: None,
                })
                .collect(),
        })
        .collect();
    (entries, kinds.into_iter().map(descriptor).collect())
}

fn descriptor(kind: NoticeKind) -> NotificationDescriptor {
    let (short, help) = match kind {
        NoticeKind::Unreadable => ("A file or folder could not be read", "Check its permissions, or exclude it"),
        NoticeKind::TooLarge => ("A file is too large to be analysed", "Exclude it if it is generated"),
        NoticeKind::Encoding => ("The encoding of a file was guessed", "Save it as UTF-8"),
        NoticeKind::Syntax => ("Parts of a file did not parse; the rest was analysed", "Mend the syntax of the file"),
        NoticeKind::Limit => ("A limit of the analysis was hit; findings there may be missing", "Check the place by hand"),
        NoticeKind::Excluded => ("A path that was named is excluded by an ignore rule", "Nothing needs to be done"),
        NoticeKind::Skipped => ("A generated, minified or vendored file was not analysed", "Nothing needs to be done"),
    };
    NotificationDescriptor {
        id: kind.as_str(),
        short_description: Text::sentence(short),
        full_description: Text::sentence(short),
        help: Text::sentence(help),
    }
}
