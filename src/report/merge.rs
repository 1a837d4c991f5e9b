//! Several reports as one: the shards of a run, or the runs of several projects.
//!
//! What is read is authlint's own JSON ([`json`](self)) and its own SARIF. Findings with the same fingerprint are one finding, the worst of
//! them; counts are added up; notices are joined. The texts of the project are not in a report, so that a merged one has no code frames.

mod json;
mod sarif;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::masking::Masker;
use super::place::{Edge, Place, ToldPlace, UNKNOWN_FILE};
use super::{Noted, Report, Shown, ShownFix, Standing, Thresholds, Zone};
use crate::finding::{Confidence, Counts, Notice, Severity, ZoneKind};
use crate::fix::Applicability;
use crate::rules::Rule;
use crate::source::{Position, Sources};

/// A larger report is not read, in bytes.
const LARGEST: u64 = 512 << 20;

/// What several reports say together.
#[derive(Debug, Default)]
pub struct Merged {
    findings: Vec<Told>,
    notices: Vec<Notice>,
    counts: Counts,
    hidden: usize,
}

/// A finding as a report tells it.
#[derive(Debug)]
struct Told {
    rule: String,
    severity: Severity,
    confidence: Confidence,
    message: String,
    place: ToldPlace,
    label: String,
    labels: Vec<ToldNote>,
    flow: Vec<ToldNote>,
    zone: Option<(ZoneKind, Vec<String>)>,
    help: String,
    fix: Option<ToldFix>,
    fingerprint: String,
}

/// A fix as a report tells it.
#[derive(Debug)]
struct ToldFix {
    title: String,
    applicability: Applicability,
    edits: Vec<(ToldPlace, String)>,
}

/// A place with a remark as a report tells it.
#[derive(Debug)]
struct ToldNote {
    place: ToldPlace,
    message: String,
}

/// Why reports cannot be merged.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum MergeError {
    /// A report cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A report is too large.
    #[error("{} is too large to be merged: more than {} MiB", path.display(), LARGEST >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A file is no report that can be merged.
    #[error("{}:{line}:{column}: {what}", path.display())]
    #[diagnostic(help("authlint merge takes what `authlint --format json` and `--format sarif` wrote"))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// 1-based line of the fault.
        line: usize,
        /// 1-based column of the fault, in bytes.
        column: usize,
        /// The fault.
        what: String,
    },
}

/// What tells the kinds of reports apart.
#[derive(Deserialize)]
struct Head {
    schema_version: Option<u64>,
    tool: Option<ToolName>,
    version: Option<String>,
    runs: Option<Vec<RunHead>>,
}

#[derive(Deserialize)]
struct ToolName {
    name: String,
}

#[derive(Deserialize)]
struct RunHead {
    tool: RunTool,
}

#[derive(Deserialize)]
struct RunTool {
    driver: ToolName,
}

impl Merged {
    /// Reads reports and joins them.
    ///
    /// # Errors
    /// When a file cannot be read or is no report of authlint.
    pub fn read(paths: &[PathBuf]) -> Result<Self, MergeError> {
        let mut merged = Self::default();
        for path in paths {
            merged.add(&text(path)?).map_err(|fault| fault.in_file(path))?;
        }
        merged.join();
        Ok(merged)
    }

    fn add(&mut self, text: &str) -> Result<(), Fault> {
        let head: Head = serde_json::from_str(text)?;
        let own = env!("CARGO_PKG_NAME");
        match head {
            Head { schema_version: Some(version), tool: Some(tool), .. } if tool.name == own => {
                if version != u64::from(super::json::SCHEMA_VERSION) {
                    return Err(Fault::at_start(format!("`schema_version` {version} is of another version of authlint")));
                }
                json::add(self, text)
            }
            Head { version: Some(version), runs: Some(runs), .. } if version == "2.1.0" => {
                match runs.iter().find(|run| run.tool.driver.name != own) {
                    Some(run) => Err(Fault::at_start(format!("this SARIF log is of `{}`, not of authlint", run.tool.driver.name))),
                    None => sarif::add(self, text),
                }
            }
            _ => Err(Fault::at_start("this is neither authlint's JSON nor its SARIF".to_owned())),
        }
    }

    /// Sorts, and leaves each finding and each notice once, whatever the order of the files was.
    fn join(&mut self) {
        self.findings.sort_by(|left, right| {
            let others = |told: &Told| (told.rule.clone(), told.message.clone(), Reverse(told.confidence), told.fingerprint.clone());
            right.severity.cmp(&left.severity).then_with(|| left.place.cmp(&right.place)).then_with(|| others(left).cmp(&others(right)))
        });
        let mut seen = BTreeSet::new();
        self.findings.retain(|told| seen.insert(told.fingerprint.clone()));
        self.notices.sort();
        self.notices.dedup();
    }

    fn count(&mut self, counts: Counts, hidden: usize) {
        self.counts.files_seen = self.counts.files_seen.saturating_add(counts.files_seen);
        self.counts.files_read = self.counts.files_read.saturating_add(counts.files_read);
        self.counts.files_parsed = self.counts.files_parsed.saturating_add(counts.files_parsed);
        self.hidden = self.hidden.saturating_add(hidden);
    }
}

impl<'a> Report<'a> {
    /// The report of merged reports. `rules` describes the rules to the formats that explain them.
    #[must_use]
    pub fn merged(merged: &'a Merged, rules: &'a [Rule], thresholds: Thresholds) -> Self {
        // Reports hold no secrets, but nobody knows who has edited one.
        let masker = Masker::new(&[], &Sources::default());
        let prose = |text: &str| masker.prose(text);
        let noted = |note: &'a ToldNote| Noted { place: Place::told(&note.place), message: prose(&note.message) };
        let reveals = |(place, text): &(ToldPlace, String)| masker.hides(&place.path, text);
        let kept = |told: &&Told| told.severity >= thresholds.severity && told.confidence >= thresholds.confidence;
        let findings: Vec<_> = merged
            .findings
            .iter()
            .filter(kept)
            .map(|told| Shown {
                standing: Standing::Open,
                in_baseline: None,
                rule: &told.rule,
                severity: told.severity,
                confidence: told.confidence,
                message: prose(&told.message),
                primary: Place::told(&told.place),
                primary_label: prose(&told.label),
                labels: told.labels.iter().map(noted).collect(),
                flow: told.flow.iter().map(noted).collect(),
                zone: told
                    .zone
                    .as_ref()
                    .map(|(kind, because)| Zone { kind: *kind, because: because.iter().map(|text| prose(text)).collect() }),
                help: prose(&told.help),
                fix: told.fix.as_ref().filter(|fix| !fix.edits.iter().any(reveals)).map(|fix| ShownFix {
                    title: prose(&fix.title),
                    applicability: fix.applicability,
                    edits: fix.edits.iter().map(|(place, text)| (Place::told(place), text.as_str())).collect(),
                }),
                fingerprint: told.fingerprint.clone(),
            })
            .collect();
        Self {
            aside: Vec::new(),
            shows_aside: false,
            rules,
            hidden: merged.hidden + merged.findings.len() - findings.len(),
            findings,
            notices: merged.notices.iter().map(|notice| Notice { message: prose(&notice.message), ..notice.clone() }).collect(),
            counts: merged.counts,
            map: None,
            links: None,
        }
    }
}

/// A fault in the text of a report.
struct Fault {
    line: usize,
    column: usize,
    what: String,
}

impl Fault {
    fn at_start(what: String) -> Self {
        Self { line: 1, column: 1, what }
    }

    fn in_file(self, path: &Path) -> MergeError {
        MergeError::Malformed { path: path.to_owned(), line: self.line.max(1), column: self.column.max(1), what: self.what }
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        let what = error.to_string();
        // The place stands before the text already.
        let what = what.rsplit_once(" at line ").map_or(what.clone(), |(what, _)| what.to_owned());
        Self { line: error.line(), column: error.column(), what: super::layout::harmless(&what) }
    }
}

fn text(path: &Path) -> Result<String, MergeError> {
    let failed = |source| MergeError::Read { path: path.to_owned(), source };
    let mut text = String::new();
    // Opening a pipe waits for its other end; that is what `merge /dev/stdin` is for.
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text)).map_err(failed)?;
    if read as u64 > LARGEST { Err(MergeError::TooLarge { path: path.to_owned() }) } else { Ok(text) }
}

/// The path of a place; a report cannot hold an empty one.
fn told(path: String, start: Edge, end: Edge) -> ToldPlace {
    let path = if path.is_empty() { UNKNOWN_FILE.to_owned() } else { path };
    ToldPlace { path, start, end }
}

/// An end of a place. Lines and columns count from 1.
fn edge(line: u32, column: u32, offset: u32, byte_column: u32) -> Edge {
    Edge { position: Position { line: line.max(1), column: column.max(1), offset }, byte_column: byte_column.max(1) }
}
