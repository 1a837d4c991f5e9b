//! Reports: an [`Outcome`] as people and machines read it.
//!
//! [`Report::new`] does what all formats share, once: it leaves out what is below the thresholds, masks the secrets in every
//! text that may be printed, and computes the fingerprints. The formats are then pure functions of the report, so the same
//! outcome gives the same bytes.

pub mod filter;
pub mod masking;

mod concise;
mod excerpt;
mod explain;
mod fingerprint;
mod github;
mod human;
mod json;
mod layout;
mod map;
mod sarif;
mod steps;
mod style;
pub mod trace;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

pub use explain::{explain, list_rules};
pub use filter::Thresholds;
pub use human::{write_notices, write_summary, write_timings};
pub use map::{MapFormat, write_map};

use crate::finding::{Confidence, Finding, Notice, Outcome, Severity};
use crate::rules::Rule;
use crate::source::{FileId, Location, Position, SourceFile};
use masking::{MaskedFile, Masker};

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Code frames for a person at a terminal.
    Human,
    /// One line a finding.
    Concise,
    /// The stable machine contract, `schema_version` 1.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitHub workflow commands, which become annotations.
    Github,
}

/// How to print. The machine formats depend on none of it.
#[derive(Debug, Clone, Copy)]
pub struct Presentation {
    /// Whether to colour.
    pub color: bool,
    /// Whether frames may be drawn with characters beyond ASCII.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// How much to say beside the findings.
    pub detail: Detail,
    /// How long the run took, for the summary.
    pub elapsed: Option<Duration>,
}

/// How much a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The findings, no summary and no notices.
    Quiet,
    /// Findings, summary and the first notices.
    Normal,
    /// Everything: all notices, all steps, all frames.
    Verbose,
}

/// One finding of a report, ready to print.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What is wrong, without a final full stop.
    pub message: String,
    /// Where the fix belongs.
    pub primary: Place<'a>,
    /// What stands there.
    pub primary_label: String,
    /// The other places.
    pub labels: Vec<Noted<'a>>,
    /// The value's way.
    pub flow: Vec<Noted<'a>>,
    /// Where the code runs and why.
    pub zone: Option<Zone>,
    /// What to do.
    pub help: String,
    /// Stable identity across moved lines: 32 hexadecimal digits.
    pub fingerprint: String,
}

/// A place in a masked file. Without a file when the run did not keep its text.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    file: Option<&'a MaskedFile>,
    location: Location,
}

impl<'a> Place<'a> {
    /// The path as reports print it.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.file.map_or("(unknown file)", |file| &file.source().path)
    }

    /// Line, column and offset of the start.
    #[must_use]
    pub fn start(&self) -> Position {
        self.position(self.location.span.start)
    }

    /// Line, column and offset of the end, which does not belong to the place any more.
    #[must_use]
    pub fn end(&self) -> Position {
        self.position(self.location.span.end)
    }

    fn position(&self, offset: u32) -> Position {
        self.file.map_or(Position { line: 1, column: 1, offset }, |file| file.source().position(offset))
    }

    /// How many bytes of its first line stand before the place.
    fn offset_in_line(&self) -> usize {
        let start = self.location.span.start;
        self.file.map_or(0, |file| start.saturating_sub(file.source().line_span(file.source().line_of(start)).start) as usize)
    }

    /// The masked text of the place.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.file.map_or("", |file| file.slice(self.location.span))
    }

    /// The masked text of a line of the file.
    #[must_use]
    pub fn line(&self, line: u32) -> &'a str {
        self.file.map_or("", |file| file.line(line))
    }
}

/// A place with a remark.
#[derive(Debug)]
pub struct Noted<'a> {
    /// Where.
    pub place: Place<'a>,
    /// What stands or happens there.
    pub message: String,
}

/// Where code runs, with the reasons.
#[derive(Debug)]
pub struct Zone {
    /// Where.
    pub kind: crate::finding::ZoneKind,
    /// The chain from an entry, or a reason.
    pub because: Vec<String>,
}

/// The texts of an outcome's findings with their secrets masked, and what recognises them.
#[derive(Debug)]
pub struct Prepared<'o> {
    outcome: &'o Outcome,
    masker: Masker,
    files: BTreeMap<FileId, MaskedFile>,
}

impl<'o> Prepared<'o> {
    /// Masks every text that a finding points into.
    #[must_use]
    pub fn new(outcome: &'o Outcome) -> Self {
        let masker = Masker::new(&outcome.masks, &outcome.sources);
        let mut files = BTreeMap::new();
        for location in outcome.findings.iter().flat_map(locations) {
            if let Some(file) = outcome.sources.get(location.file) {
                files.entry(location.file).or_insert_with(|| {
                    let named = outcome.masks.iter().filter(|mask| mask.file == location.file).map(|mask| mask.span);
                    masker.file(file, named)
                });
            }
        }
        Self { outcome, masker, files }
    }

    fn place(&self, location: Location) -> Place<'_> {
        Place { file: self.files.get(&location.file), location }
    }

    fn noted(&self, location: Location, message: &str) -> Noted<'_> {
        Noted { place: self.place(location), message: self.masker.prose(message) }
    }

    fn shown(&self, finding: &Finding, fingerprint: String) -> Shown<'_> {
        let prose = |text: &str| self.masker.prose(text);
        Shown {
            rule: finding.rule,
            severity: finding.severity,
            confidence: finding.confidence,
            message: prose(&finding.message),
            primary: self.place(finding.primary),
            primary_label: prose(&finding.primary_label),
            labels: finding.labels.iter().map(|label| self.noted(label.location, &label.message)).collect(),
            flow: finding.flow.iter().map(|step| self.noted(step.location, &step.message)).collect(),
            zone: finding
                .zone
                .as_ref()
                .map(|zone| Zone { kind: zone.kind, because: zone.because.iter().map(|reason| prose(reason)).collect() }),
            help: prose(&finding.help),
            fingerprint,
        }
    }
}

fn locations(finding: &Finding) -> impl Iterator<Item = Location> {
    let labels = finding.labels.iter().map(|label| label.location);
    let steps = finding.flow.iter().map(|step| step.location);
    std::iter::once(finding.primary).chain(labels).chain(steps)
}

/// How many findings of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Notes.
    pub note: usize,
}

/// What all formats print.
#[derive(Debug)]
pub struct Report<'a> {
    rules: &'a [Rule],
    /// The findings at or above the thresholds, in the order of the outcome: worst first.
    pub findings: Vec<Shown<'a>>,
    /// The notices, masked.
    pub notices: Vec<Notice>,
    /// How many findings are below the thresholds.
    pub hidden: usize,
    counts: crate::finding::Counts,
}

impl<'a> Report<'a> {
    /// What of a prepared outcome is to be shown. `rules` describes the rules to the formats that explain them.
    #[must_use]
    pub fn new(prepared: &'a Prepared<'_>, rules: &'a [Rule], thresholds: Thresholds) -> Self {
        let outcome = prepared.outcome;
        // Before anything is left out: a threshold must not change the identity of what remains.
        let fingerprints = fingerprint::of_all(prepared);
        let findings: Vec<_> = outcome
            .findings
            .iter()
            .zip(fingerprints)
            .filter(|(finding, _)| thresholds.keep(finding) && outcome.wants(finding))
            .map(|(finding, fingerprint)| prepared.shown(finding, fingerprint))
            .collect();
        let notices =
            outcome.notices.iter().map(|notice| Notice { message: prepared.masker.prose(&notice.message), ..notice.clone() }).collect();
        Self { rules, hidden: outcome.findings.len() - findings.len(), findings, notices, counts: outcome.counts }
    }

    /// Whether a finding of this severity or a worse one is shown.
    #[must_use]
    pub fn reaches(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity >= severity)
    }

    /// The findings by severity.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        Tally { error: count(Severity::Error), warning: count(Severity::Warning), note: count(Severity::Note) }
    }

    /// Prints the report.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(&self, format: Format, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Human => human::write(self, presentation, out),
            Format::Concise => concise::write(self, out),
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Github => github::write(self, out),
        }
    }
}

/// The lines that a place covers, first and last.
fn lines_of(file: &SourceFile, location: Location) -> (u32, u32) {
    let first = file.line_of(location.span.start);
    // A span that ends with a line break does not reach the next line.
    let last = file.line_of(location.span.end.saturating_sub(1).max(location.span.start));
    (first, last)
}
