//! Findings: what rules say, and what every report format prints.
//!
//! Severity follows consequence, confidence follows evidence. No string in a finding may contain a secret: rules name the
//! thing (`the SIP password`), and where a value must be recognisable they use [`crate::secrets::redact`].

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::fix::Fix;
use crate::source::{FileId, Location};

/// How bad the consequence is. Ordered: `Note < Warning < Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never fails a run.
    Note,
    /// Should be changed.
    Warning,
    /// A leak or lost calls.
    Error,
}

impl Severity {
    /// The lower-case word that users write and reports print.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How good the evidence is. Ordered: `Low < Medium < High`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A guess that a person should check.
    Low,
    /// Likely; one link of the chain was inferred.
    Medium,
    /// Every link was followed.
    High,
}

impl Confidence {
    /// The lower-case word that users write and reports print.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Where code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneKind {
    /// A browser, a mobile app, an Electron renderer or an extension page.
    Client,
    /// A server, an edge function, an Electron main process.
    Server,
    /// Both (shared modules, server components that render on both sides).
    Both,
    /// A bundler or tool configuration.
    Build,
    /// Tests, stories, mocks, development scripts.
    Development,
    /// Nothing tells.
    Unknown,
}

impl ZoneKind {
    /// The lower-case word that reports print.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Both => "both",
            Self::Build => "build",
            Self::Development => "development",
            Self::Unknown => "unknown",
        }
    }
}

/// Why authlint believes that code runs where it says: a chain from an entry, or what the code uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneEvidence {
    /// Where the code runs.
    pub kind: ZoneKind,
    /// The chain, entry first (`index.html`, `src/main.tsx`, `src/phone.ts`), or one sentence of reason.
    pub because: Vec<String>,
}

/// A second place of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What stands there, lower case, without a full stop.
    pub message: String,
}

/// One step of a value's way from where it is born to where it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowStep {
    /// Where.
    pub location: Location,
    /// What happens there, lower case, without a full stop.
    pub message: String,
    /// What the step means to the analysis.
    pub kind: StepKind,
}

impl FlowStep {
    /// A step that means nothing special.
    #[must_use]
    pub fn new(location: Location, message: impl Into<String>) -> Self {
        Self { location, message: message.into(), kind: StepKind::Other }
    }
}

/// The steps that decide where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StepKind {
    /// The value is passed to a function here.
    Argument,
    /// The object that holds the value is spread into another one here.
    Spread,
    /// A function of the project is called here and returns the value.
    Call,
    /// Anything else.
    #[default]
    Other,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's name, as in the table of rules.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What is wrong and why: one or two sentences, plain text, the first word lower case unless a name, without a final full stop.
    pub message: String,
    /// Where the fix belongs.
    pub primary: Location,
    /// What stands at the primary place, for the code frame.
    pub primary_label: String,
    /// Other places that belong to it.
    pub labels: Vec<Label>,
    /// The value's way, source first, sink last. Empty when there is none to show.
    pub flow: Vec<FlowStep>,
    /// Why the code is believed to run where it matters.
    pub zone: Option<ZoneEvidence>,
    /// What to do, as one or a few sentences; may hold a short code form in back ticks.
    pub help: String,
    /// The change of the code that does it, where one is known.
    pub fix: Option<Fix>,
}

/// A finding that a comment in the code hides.
#[derive(Debug, Clone, PartialEq)]
pub struct Suppressed {
    /// What was found.
    pub finding: Finding,
    /// Why it may stay, as the comment says.
    pub reason: Option<String>,
}

/// Something that limited the run: said on stderr, counted, and carried in JSON and SARIF. Never a silent skip.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The file that it is about, relative to the working root; none for the whole run.
    pub path: Option<String>,
    /// Kind of notice, a stable kebab-case word for machines.
    pub kind: NoticeKind,
    /// What happened, in one sentence.
    pub message: String,
}

/// Kinds of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A file or folder could not be read.
    Unreadable,
    /// A file is too large to be analysed.
    TooLarge,
    /// A file's encoding was guessed or some bytes were replaced.
    Encoding,
    /// Parts of a file did not parse; the rest was analysed.
    Syntax,
    /// An analysis limit (depth, fuel, time) was hit; findings there may be missing.
    Limit,
    /// A path was named explicitly, but an ignore rule excludes it.
    Excluded,
    /// A file is generated, minified or vendored and was not analysed (shown with `--verbose`).
    Skipped,
}

impl NoticeKind {
    /// The kebab-case word for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too-large",
            Self::Encoding => "encoding",
            Self::Syntax => "syntax",
            Self::Limit => "limit",
            Self::Excluded => "excluded",
            Self::Skipped => "skipped",
        }
    }
}

/// What a run hands to the report formats.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The findings, sorted worst first, then by path and place.
    pub findings: Vec<Finding>,
    /// What comments in the code hide, in the same order. None of it counts.
    pub suppressed: Vec<Suppressed>,
    /// The least confidence that the configuration wants to see of a file. Files without an entry: all of them.
    pub least_confidence: BTreeMap<FileId, Confidence>,
    /// What limited the run, sorted.
    pub notices: Vec<Notice>,
    /// Counts for the summary.
    pub counts: Counts,
    /// The texts that findings point into.
    pub sources: crate::source::Sources,
    /// Where secrets stand in those texts. Reports show neither these spans nor the same value anywhere else.
    pub masks: Vec<Location>,
    /// The configuration file that was used, as reports print paths.
    pub config: Option<String>,
    /// The file of known findings that the configuration names, absolute.
    pub baseline: Option<PathBuf>,
    /// The authentication architecture, when the request asked for it.
    pub map: Option<Box<crate::map::ArchitectureMap>>,
    /// What each stage of the run took, in order. Stages that ran side by side overlap.
    pub timings: Timings,
}

impl Outcome {
    /// Every finding: those that count, then those that comments suppress.
    pub fn every_finding(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.suppressed.iter().map(|suppressed| &suppressed.finding))
    }

    /// Whether a finding is as sure as the configuration wants findings of its file to be.
    #[must_use]
    pub fn wants(&self, finding: &Finding) -> bool {
        self.least_confidence.get(&finding.primary.file).is_none_or(|least| finding.confidence >= *least)
    }
}

/// Wall time by stage.
pub type Timings = Vec<(&'static str, Duration)>;

/// Runs a stage and notes what it took.
pub(crate) fn timed<R>(timings: &mut Timings, stage: &'static str, work: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = work();
    timings.push((stage, start.elapsed()));
    result
}

/// Counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Files that the walk found.
    pub files_seen: usize,
    /// Files that were read.
    pub files_read: usize,
    /// Files that were parsed.
    pub files_parsed: usize,
}
