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
pub use fingerprint::Identity;
pub use human::{write_notices, write_summary, write_timings};
pub use layout::{counted, harmless};
pub use links::Links;
pub use map::{MapFormat, write_map};

use crate::baseline::Recognised;
use crate::finding::{Confidence, Finding, Notice, Outcome, Severity};
use crate::fix::{Applicability, Edit};
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
    /// The change that does it.
    pub fix: Option<ShownFix<'a>>,
    /// Stable identity across moved lines: 32 hexadecimal digits.
    pub fingerprint: String,
    /// Whether it counts.
    pub standing: Standing,
    /// Whether the baseline has it; none without a baseline.
    pub in_baseline: Option<bool>,
}

/// Whether a finding counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Open,
    /// A comment in the code hides it.
    Suppressed {
        /// Why it may stay, as the comment says.
        reason: Option<String>,
    },
    /// The baseline has it.
    Known,
}

/// A fix, ready to print. Its texts hold no secret: a fix that would write one does not get here.
#[derive(Debug)]
pub struct ShownFix<'a> {
    /// What it does.
    pub title: String,
    /// Whether it may be made unasked.
    pub applicability: Applicability,
    /// What is replaced by what.
    pub edits: Vec<(Place<'a>, &'a str)>,
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
        for location in outcome.every_finding().flat_map(locations) {
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

    /// What the findings are known by, in the order of [`Outcome::every_finding`].
    #[must_use]
    pub fn identities(&self) -> Vec<Identity> {
        // Before anything is left out: a threshold must not change the identity of what remains.
        fingerprint::of_all(self)
    }

    fn shown<'p>(&'p self, finding: &'p Finding, fingerprint: String) -> Shown<'p> {
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
            fix: finding.fix.as_ref().map(|fix| ShownFix {
                title: prose(&fix.title),
                applicability: fix.applicability,
                edits: fix.edits.iter().map(|edit| (self.place(edit.at()), edit.replacement.as_str())).collect(),
            }),
            fingerprint,
            standing: Standing::Open,
            in_baseline: None,
        }
    }
}

fn locations(finding: &Finding) -> impl Iterator<Item = Location> {
    let labels = finding.labels.iter().map(|label| label.location);
    let steps = finding.flow.iter().map(|step| step.location);
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(Edit::at);
    std::iter::once(finding.primary).chain(labels).chain(steps).chain(edits)
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

/// How many findings do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Aside {
    /// Those that comments in the code suppress.
    pub suppressed: usize,
    /// Those that the baseline has.
    pub known: usize,
}

/// What all formats print.
#[derive(Debug)]
pub struct Report<'a> {
    rules: &'a [Rule],
    /// The findings at or above the thresholds, in the order of the outcome: worst first.
    pub findings: Vec<Shown<'a>>,
    /// The notices, masked.
    pub notices: Vec<Notice>,
    /// The findings that do not count: those that comments suppress, then those that the baseline has, each in the order of the outcome.
    /// Formats print them only when [`Report::shows_aside`].
    pub aside: Vec<Shown<'a>>,
    /// Whether the findings that do not count are asked for.
    pub shows_aside: bool,
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
        Self::against(prepared, rules, thresholds, None)
    }

    /// The same, with the findings that a baseline has put aside.
    #[must_use]
    pub fn against(prepared: &'a Prepared<'_>, rules: &'a [Rule], thresholds: Thresholds, baseline: Option<&Recognised>) -> Self {
        let outcome = prepared.outcome;
        let (mut findings, mut suppressed, mut known, mut hidden) = (Vec::new(), Vec::new(), Vec::new(), 0);
        let reasons = outcome.findings.iter().map(|_| None).chain(outcome.suppressed.iter().map(|suppressed| Some(&suppressed.reason)));
        for (index, ((finding, identity), reason)) in outcome.every_finding().zip(prepared.identities()).zip(reasons).enumerate() {
            if !(thresholds.keep(finding) && outcome.wants(finding)) {
                hidden += usize::from(reason.is_none());
                continue;
            }
            let mut shown = prepared.shown(finding, identity.fingerprint);
            shown.in_baseline = baseline.map(|baseline| baseline.has(index));
            if let Some(reason) = reason {
                shown.standing = Standing::Suppressed { reason: reason.as_deref().map(|reason| prepared.masker.prose(reason)) };
                suppressed.push(shown);
            } else if shown.in_baseline == Some(true) {
                shown.standing = Standing::Known;
                known.push(shown);
            } else {
                findings.push(shown);
            }
        }
        suppressed.append(&mut known);
        let notices =
            outcome.notices.iter().map(|notice| Notice { message: prepared.masker.prose(&notice.message), ..notice.clone() }).collect();
        Self {
            rules,
            hidden,
            findings,
            aside: suppressed,
            shows_aside: false,
            notices,
            counts: outcome.counts,
            map: outcome.map.as_deref(),
            links: None,
        }
    }

    /// The findings that do not count, when they are asked for.
    pub fn shown_aside(&self) -> impl Iterator<Item = &Shown<'a>> {
        self.aside.iter().filter(|_| self.shows_aside)
    }

    /// How many findings comments suppress, and how many the baseline has.
    #[must_use]
    pub fn put_aside(&self) -> Aside {
        let known = self.aside.iter().filter(|finding| finding.standing == Standing::Known).count();
        Aside { suppressed: self.aside.len() - known, known }
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
