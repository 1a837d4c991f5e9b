//! `suppress`: writing a suppression above each finding.
//!
//! Each file's own form of comment, at the indentation of the code below, with the line ends that the file has; nothing else of the file
//! changes, byte for byte. The comment goes above the line that the finding starts on or, where none can stand there (in a string, in a tag), above
//! the node around it that begins on a line where one can. A file that would parse worse afterwards is left as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::reach::Reach;
use super::{IGNORE, REASON_MARK, WORD};
use crate::check::{CheckError, judged, kept};
use crate::config::ConfigRequest;
use crate::finding::{Finding, Notice};
use crate::project::{FileKind, ProjectFile};
use crate::rules::RULES;
use crate::session::{self, Session};
use crate::source::{FileId, SourceFile};
use crate::syntax::comments::{Comments, Form};
use crate::syntax::lower;

/// What speaks to another tool about the line below, so that nothing may come between.
const SPEAKING: [&str; 14] = [
    "eslint-disable-next-line",
    "@ts-ignore",
    "@ts-expect-error",
    "prettier-ignore",
    "biome-ignore",
    "oxlint-disable-next-line",
    "istanbul ignore",
    "c8 ignore",
    "v8 ignore",
    "tslint:disable-next-line",
    "svelte-ignore",
    "yamllint disable-line",
    "hadolint ignore",
    "shellcheck disable",
];

/// What to suppress, and why.
#[derive(Debug, Clone, Default)]
pub struct SuppressRequest {
    /// The working root: reported paths are relative to it.
    pub root: PathBuf,
    /// The files and folders whose findings to suppress; all when empty.
    pub paths: Vec<PathBuf>,
    /// Which configuration holds; with a selection, only findings of these rules are suppressed.
    pub config: ConfigRequest,
    /// Why the findings may stay.
    pub reason: String,
    /// Plans everything and writes nothing.
    pub dry_run: bool,
}

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// The files that changed, by path.
    pub files: Vec<WrittenFile>,
    /// The findings that could not be suppressed, by path and line.
    pub left: Vec<Left>,
    /// What limited the run, sorted.
    pub notices: Vec<Notice>,
}

/// A file that got comments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WrittenFile {
    /// Relative to the working root, with `/`.
    pub path: String,
    /// How many findings are suppressed now.
    pub findings: usize,
    /// How many comments were written.
    pub comments: usize,
}

/// A finding that could not be suppressed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// Relative to the working root, with `/`.
    pub path: String,
    /// The line that it starts on.
    pub line: u32,
    /// The rule.
    pub rule: &'static str,
    /// Why not.
    pub why: Why,
}

/// Why a finding cannot be suppressed by a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The format has no comments.
    NoComments,
    /// No comment can stand at the place, nor above what is around it.
    NoPlace,
    /// The file is not UTF-8: writing it would change more than a line.
    NotUtf8,
    /// The file is minified or a lockfile.
    Generated,
    /// The comments would break the file.
    Breaks,
    /// The file changed while authlint ran, or cannot be written.
    Unwritable,
}

impl Why {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoComments => "the format of the file has no comments",
            Self::NoPlace => "no comment can stand there",
            Self::NotUtf8 => "the file is not UTF-8",
            Self::Generated => "the file is generated",
            Self::Breaks => "a comment would break the file",
            Self::Unwritable => "the file cannot be written, or changed meanwhile",
        }
    }
}

/// Why nothing was suppressed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SuppressError {
    /// The reason says nothing.
    #[error("the reason is empty")]
    #[diagnostic(help("say why the findings may stay: --reason \"staging only, behind the VPN\""))]
    NoReason,
    /// The reason would end the comment.
    #[error("the reason holds `{0}`, which ends a comment")]
    #[diagnostic(help("leave it out"))]
    EndsComment(&'static str),
    /// The project could not be checked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Check(#[from] CheckError),
}

impl SuppressError {
    /// Whether the request was wrong, as opposed to the run having failed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::NoReason | Self::EndsComment(_) => true,
            Self::Check(error) => error.is_usage(),
        }
    }
}

/// Writes a suppression for every finding.
///
/// # Errors
/// When the reason or a rule is wrong, or when the project cannot be checked. What cannot be suppressed is in the answer.
pub fn suppress(request: &SuppressRequest) -> Result<Written, SuppressError> {
    let reason = request.reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if !reason.contains(char::is_alphanumeric) {
        return Err(SuppressError::NoReason);
    }
    if let Some(closer) = ["*/", "-->", "--}}", "%>", "?>"].into_iter().find(|closer| reason.contains(closer)) {
        return Err(SuppressError::EndsComment(closer));
    }
    let plans = session::run(&request.root, &request.paths, &request.config, |mut session| {
        session.parse_anchored(false);
        let app = session.app();
        let mut outcome = judged(&mut session, &app);
        // What is said of suppressions is mended, not suppressed.
        outcome.findings.retain(|finding| RULES.iter().any(|rule| rule.name == finding.rule));
        Ok(plan(&session, &outcome.findings, &reason, outcome.notices))
    })?;
    Ok(plans.carry_out(request.dry_run))
}

/// What is to be written.
struct Plans {
    files: Vec<Plan>,
    left: Vec<Left>,
    notices: Vec<Notice>,
}

struct Plan {
    source: Arc<SourceFile>,
    text: String,
    written: WrittenFile,
    findings: Vec<(u32, &'static str)>,
}

impl Plans {
    fn carry_out(self, dry_run: bool) -> Written {
        let mut written = Written { files: Vec::new(), left: self.left, notices: self.notices };
        for plan in self.files {
            // Between reading and writing somebody may have saved the file.
            let is_same = || std::fs::read(&plan.source.absolute).is_ok_and(|bytes| bytes == plan.source.text.as_bytes());
            if is_same() && (dry_run || std::fs::write(&plan.source.absolute, &plan.text).is_ok()) {
                written.files.push(plan.written);
            } else {
                written.left.extend(plan.findings.iter().map(|(line, rule)| left(&plan.source, *line, rule, Why::Unwritable)));
            }
        }
        written.files.sort();
        written.left.sort();
        written
    }
}

fn left(source: &SourceFile, line: u32, rule: &'static str, why: Why) -> Left {
    Left { path: source.path.to_string(), line, rule, why }
}

fn plan(session: &Session, findings: &[Finding], reason: &str, notices: Vec<Notice>) -> Plans {
    let mut by_file: BTreeMap<FileId, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_file.entry(finding.primary.file).or_default().push(finding);
    }
    let mut plans = Plans { files: Vec::new(), left: Vec::new(), notices };
    for (file, findings) in by_file {
        let Some(source) = kept(&session.workspace, file) else { continue };
        let lines: Vec<(u32, &'static str)> =
            findings.iter().map(|finding| (source.line_of(finding.primary.span.start), finding.rule)).collect();
        let refused = session.workspace.project.file(file).and_then(|entry| refusal(entry, &source));
        if let Some(why) = refused {
            plans.left.extend(lines.iter().map(|(line, rule)| left(&source, *line, rule, why)));
            continue;
        }
        let kind = session.workspace.project.file(file).map_or(FileKind::Text, |file| file.kind);
        let comments = Comments::new(kind, &source.path, &source.text, WORD);
        let reach = Reach::new(session.workspace.unit(file), &source, comments.tags());
        let mut insertions: BTreeMap<u32, Insertion> = BTreeMap::new();
        let mut placed = Vec::new();
        for (finding, at) in findings.iter().zip(&lines) {
            if let Some((line, form)) = place(&source, &comments, &reach, finding) {
                insertions.entry(line).or_insert(Insertion { form, rules: BTreeSet::new() }).rules.insert(finding.rule);
                placed.push(*at);
            } else {
                plans.left.push(left(&source, at.0, at.1, Why::NoPlace));
            }
        }
        if placed.is_empty() {
            continue;
        }
        let text = inserted(&source, &insertions, reason);
        if lower(kind, &text).problems.len() > lower(kind, &source.text).problems.len() {
            plans.left.extend(placed.iter().map(|(line, rule)| left(&source, *line, rule, Why::Breaks)));
            continue;
        }
        let written = WrittenFile { path: source.path.to_string(), findings: placed.len(), comments: insertions.len() };
        plans.files.push(Plan { source, text, written, findings: placed });
    }
    plans
}

/// Why a file gets no comment, whatever is in it.
fn refusal(entry: &ProjectFile, source: &SourceFile) -> Option<Why> {
    if entry.minified || entry.lockfile {
        return Some(Why::Generated);
    }
    if entry.kind == FileKind::Json && Form::of_name(&source.path).is_none() {
        return Some(Why::NoComments);
    }
    match std::fs::read(&source.absolute) {
        Ok(bytes) if bytes == source.text.as_bytes() => None,
        Ok(bytes) if std::str::from_utf8(&bytes).is_err() => Some(Why::NotUtf8),
        _ => Some(Why::Unwritable),
    }
}

/// Comments above one line.
struct Insertion {
    form: Form,
    rules: BTreeSet<&'static str>,
}

/// The line above which a comment speaks for the finding, and the comment's form there.
fn place(source: &SourceFile, comments: &Comments<'_>, reach: &Reach<'_>, finding: &Finding) -> Option<(u32, Form)> {
    let form = |line: &u32| Some((*line, comments.form_at(first_on(source, *line))?));
    let (mut line, form) = reach.lines_for(finding.primary.span.start).iter().find_map(form)?;
    while line > 1 {
        let above = source.line_span(line - 1);
        let speaks = SPEAKING.iter().any(|word| source.slice(above).contains(word));
        if !speaks || !comments.is_comment_line(above) {
            break;
        }
        line -= 1;
    }
    Some((line, form))
}

/// Where the first thing on a line starts.
fn first_on(source: &SourceFile, line: u32) -> u32 {
    let span = source.line_span(line);
    let text = source.slice(span);
    let bare = text.trim_start_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    span.start + u32::try_from(text.len() - bare.len()).unwrap_or(0)
}

/// The text of a file with comments above some of its lines.
fn inserted(source: &SourceFile, insertions: &BTreeMap<u32, Insertion>, reason: &str) -> String {
    let mut text = String::with_capacity(source.text.len() + insertions.len() * 100);
    let mut copied = 0;
    for (line, Insertion { form, rules }) in insertions {
        let span = source.line_span(*line);
        let start = if *line == 1 && source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { span.range().start };
        text.push_str(source.text.get(copied..start).unwrap_or(""));
        copied = start;
        text.push_str(source.text.get(start..first_on(source, *line) as usize).unwrap_or(""));
        let (open, close) = form.marks();
        let mark = if *form == Form::Xml { ": " } else { REASON_MARK };
        let rules = rules.iter().copied().collect::<Vec<_>>().join(", ");
        text.extend([open, IGNORE, " ", &rules, mark, reason, close, line_end(source, span.range().end)]);
    }
    text.push_str(source.text.get(copied..).unwrap_or(""));
    text
}

/// The line end at an offset; on the last line, that of the file.
fn line_end(source: &SourceFile, at: usize) -> &'static str {
    let rest = source.text.get(at..).unwrap_or("");
    let is_windows = if rest.is_empty() { source.text.contains("\r\n") } else { rest.starts_with("\r\n") };
    if is_windows { "\r\n" } else { "\n" }
}
