//! Reports: an [`Outcome`] as people and machines read it.
//!
//! [`Report::new`] does what all formats share, once: it leaves out what is below the thresholds, masks the secrets in every
//! text that may be printed, and computes the fingerprints. The formats are then pure functions of the report, so the same
//! outcome gives the same bytes.

pub mod filter;
pub mod masking;

mod checkstyle;
mod concise;
mod excerpt;
mod explain;
mod fingerprint;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod layout;
mod links;
mod map;
mod markdown;
mod markup;
pub mod merge;
mod place;
mod rdjson;
mod sarif;
mod steps;
mod style;
pub mod trace;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::time::Duration;

pub use explain::{explain, list_rules};
pub use filter::Thresholds;
pub use human::{write_notices, write_summary, write_timings};
pub use links::Links;
pub use map::{MapFormat, write_map};

use crate::finding::{Confidence, Finding, Notice, Outcome, Severity};
use crate::map::ArchitectureMap;
use crate::rules::Rule;
use crate::source::{FileId, Location};
use masking::{MaskedFile, Masker};
pub use place::{Edge, Place};

/// Where a reader learns more: the page of the package, or until it has one, the documentation that the rules rest on.
const INFORMATION: &str =
    if env!("CARGO_PKG_HOMEPAGE").is_empty() { "https://developers.telnyx.com/docs/voice/webrtc" } else { env!("CARGO_PKG_HOMEPAGE") };

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
    /// GitLab Code Quality, for merge requests.
    Gitlab,
    /// `JUnit` XML, as Jenkins and other build servers read test results.
    Junit,
    /// Checkstyle XML, which many tools read.
    Checkstyle,
    /// The diagnostics of reviewdog.
    Rdjson,
    /// GitHub-flavoured Markdown, for the summary of a job.
    Markdown,
    /// One self-contained page with filters, code frames, flows and, when it was drawn, the map.
    Html,
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
    pub rule: &'a str,
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
        Place::new(self.files.get(&location.file), location)
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
    map: Option<&'a ArchitectureMap>,
    /// Where the links of the human report lead; none when no terminal reads it.
    pub links: Option<Links>,
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
        Self {
            rules,
            hidden: outcome.findings.len() - findings.len(),
            findings,
            notices,
            counts: outcome.counts,
            map: outcome.map.as_deref(),
            links: None,
        }
    }

    /// Whether a finding of this severity or a worse one is shown.
    #[must_use]
    pub fn reaches(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity >= severity)
    }

    /// The rule of a finding, unless another version of authlint made it.
    fn rule(&self, name: &str) -> Option<&'a Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The findings by file: files in the order of their worst findings.
    fn by_file(&self) -> Vec<(&'a str, Vec<&Shown<'a>>)> {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut files: Vec<(&'a str, Vec<&Shown<'a>>)> = Vec::new();
        for finding in &self.findings {
            let path = finding.primary.path();
            let number = *numbers.entry(path).or_insert(files.len());
            match files.get_mut(number) {
                Some((_, findings)) => findings.push(finding),
                None => files.push((path, vec![finding])),
            }
        }
        files
    }

    /// How many files have findings.
    fn files(&self) -> usize {
        self.findings.iter().map(|finding| finding.primary.path()).collect::<BTreeSet<_>>().len()
    }

    /// `3 errors, 1 warning in 2 files`.
    fn headline(&self) -> String {
        let tally = self.tally();
        let parts = [(tally.error, "error"), (tally.warning, "warning"), (tally.note, "note")];
        let found: Vec<_> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| layout::counted(*count, noun)).collect();
        if found.is_empty() {
            "no findings".to_owned()
        } else {
            format!("{} in {}", found.join(", "), layout::counted(self.files(), "file"))
        }
    }

    /// The findings by severity.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        Tally { error: count(Severity::Error), warning: count(Severity::Warning), note: count(Severity::Note) }
    }

    /// Prints the report as a file may hold it: without colours and links.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_plain(&self, format: Format, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
        let presentation = Presentation { color: false, ..*presentation };
        match format {
            Format::Human => human::write(self, None, &presentation, out),
            other => self.write(other, &presentation, out),
        }
    }

    /// Prints the report.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(&self, format: Format, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Human => human::write(self, self.links.as_ref(), presentation, out),
            Format::Concise => concise::write(self, out),
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Github => github::write(self, out),
            Format::Gitlab => gitlab::write(self, out),
            Format::Junit => junit::write(self, out),
            Format::Checkstyle => checkstyle::write(self, out),
            Format::Rdjson => rdjson::write(self, out),
            Format::Markdown => markdown::write(self, out),
            Format::Html => html::write(self, out),
        }
    }
}
