//! Making fixes: check, change in memory, check again, until nothing changes.
//!
//! The passes see what the one before has written, so a handler with two mistakes is mended in two passes. A change after which a file does not
//! parse any more is taken back, and its fixes are not tried again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::plan::Plan;
use super::{Applicability, Fix};
use crate::check::{CheckError, CheckRequest, check};
use crate::finding::{Finding, NoticeKind, Outcome, Severity};
use crate::source::{FileId, SourceFile};

/// How often what was changed is looked at again. Two or three passes are usual.
const PASSES: usize = 8;

/// What to fix.
#[derive(Debug, Clone, Default)]
pub struct FixRequest {
    /// What to check. Only findings that it gives are fixed.
    pub check: CheckRequest,
    /// Whether to make the fixes that a person should look at, too.
    pub with_suggested: bool,
}

/// A fix that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The rule.
    pub rule: &'static str,
    /// How bad the finding was.
    pub severity: Severity,
    /// The file of the finding.
    pub path: Arc<str>,
    /// Its line (1-based) at the time: earlier fixes may have moved it.
    pub line: u32,
    /// What the fix did.
    pub title: String,
    /// Whether it was made unasked.
    pub applicability: Applicability,
}

/// A file with its fixes made.
#[derive(Debug, Clone)]
pub struct ChangedFile {
    /// As reports print it.
    pub path: Arc<str>,
    /// On disk.
    pub absolute: PathBuf,
    /// What was read: nothing is written when the file holds something else by then.
    pub before: Arc<str>,
    /// What is to be written.
    pub after: Arc<str>,
}

/// A file whose fixes were not made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// As reports print it.
    pub path: Arc<str>,
    /// Why.
    pub why: &'static str,
}

/// What fixing came to. Nothing is written yet.
#[derive(Debug)]
pub struct Fixes {
    /// What was found before.
    pub before: Outcome,
    /// What is left after.
    pub after: Outcome,
    /// The fixes that were made, in order.
    pub fixed: Vec<Fixed>,
    /// The files that change, by path.
    pub files: Vec<ChangedFile>,
    /// The files that could not be fixed, by path.
    pub refused: Vec<Refused>,
}

/// Makes the fixes of a project in memory.
///
/// # Errors
/// When the project cannot be checked.
pub fn run(request: &FixRequest) -> Result<Fixes, CheckError> {
    let before = check(&request.check)?;
    let mut work = Work { request: request.check.clone(), ..Work::default() };
    let mut current: Option<Outcome> = None;
    for _ in 0..PASSES {
        let outcome = current.as_ref().unwrap_or(&before);
        let pass = work.plan(outcome, request.with_suggested);
        if pass.fixed.is_empty() {
            break;
        }
        let changed = work.apply(&pass, outcome);
        let next = check(&work.request)?;
        let broken: Vec<&SourceFile> = changed.iter().filter(|file| breaks(file, outcome, &next)).map(AsRef::as_ref).collect();
        if broken.is_empty() {
            work.fixed.extend(pass.fixed.into_iter().map(|(fixed, _)| fixed));
            current = Some(next);
        } else {
            // What was made together is taken back together: a fix may have reached into several files.
            work.take_back(&changed);
            let unparsed: Vec<FileId> = broken.iter().map(|file| file.id).collect();
            work.refuse(&broken, "the result would not parse");
            work.given_up.extend(
                pass.fixed.into_iter().filter(|(_, files)| files.iter().any(|file| unparsed.contains(file))).map(|(fixed, _)| fixed),
            );
        }
    }
    let after = match current {
        Some(outcome) => outcome,
        None => check(&work.request)?,
    };
    Ok(work.finish(before, after))
}

/// What has been done so far.
#[derive(Debug, Default)]
struct Work {
    request: CheckRequest,
    fixed: Vec<Fixed>,
    /// Fixes that were taken back.
    given_up: Vec<Fixed>,
    refused: Vec<Refused>,
    /// What each changed file was and is, by path on disk.
    files: BTreeMap<PathBuf, ChangedFile>,
}

/// The fixes of one pass.
struct Pass {
    plan: Plan,
    /// Each with the files that it changes.
    fixed: Vec<(Fixed, Vec<FileId>)>,
}

impl Work {
    fn plan(&mut self, outcome: &Outcome, with_suggested: bool) -> Pass {
        let mut pass = Pass { plan: Plan::default(), fixed: Vec::new() };
        for finding in outcome.findings.iter().filter(|finding| is_shown(finding, outcome)) {
            let Some(fix) = finding.fix.as_ref().filter(|fix| with_suggested || fix.applicability == Applicability::Safe) else { continue };
            let Some(fixed) = fixed(finding, fix, outcome).filter(|fixed| !self.given_up.contains(fixed)) else { continue };
            let files: Vec<FileId> = fix.edits.iter().map(|edit| edit.file).collect();
            if files.iter().all(|file| self.can_be_written(*file, outcome)) && pass.plan.add(fix) {
                pass.fixed.push((fixed, files));
            }
        }
        pass
    }

    /// Whether a file holds what is to be changed, and in UTF-8: any other encoding would be lost.
    fn can_be_written(&mut self, file: FileId, outcome: &Outcome) -> bool {
        let Some(source) = outcome.sources.get(file) else { return false };
        if self.files.contains_key(&source.absolute) {
            return true;
        }
        let why = match std::fs::read(&source.absolute) {
            Ok(bytes) if *bytes == *source.text.as_bytes() => return true,
            Ok(bytes) if std::str::from_utf8(&bytes).is_err() => "it is not UTF-8",
            Ok(_) => "it has changed since it was read",
            Err(_) => "it cannot be read",
        };
        self.refuse(&[source], why);
        false
    }

    fn refuse(&mut self, files: &[&SourceFile], why: &'static str) {
        self.refused.extend(files.iter().map(|file| Refused { path: Arc::clone(&file.path), why }));
    }

    /// Makes a pass's changes. The files as they were before it.
    fn apply(&mut self, pass: &Pass, outcome: &Outcome) -> Vec<Arc<SourceFile>> {
        let mut changed = Vec::new();
        for file in pass.plan.files() {
            let Some(source) = outcome.sources.get(file) else { continue };
            let Some(text) = pass.plan.apply(file, &source.text) else { continue };
            let text: Arc<str> = text.into();
            self.request.overlay.insert(source.absolute.clone(), text.as_bytes());
            let fresh = || ChangedFile {
                path: Arc::clone(&source.path),
                absolute: source.absolute.clone(),
                before: Arc::clone(&source.text),
                after: Arc::clone(&source.text),
            };
            self.files.entry(source.absolute.clone()).or_insert_with(fresh).after = text;
            changed.push(Arc::clone(source));
        }
        changed
    }

    fn take_back(&mut self, changed: &[Arc<SourceFile>]) {
        for source in changed {
            let is_original = self.files.get(&source.absolute).is_some_and(|file| file.before == source.text);
            if is_original {
                self.request.overlay.remove(&source.absolute);
                self.files.remove(&source.absolute);
            } else if let Some(file) = self.files.get_mut(&source.absolute) {
                file.after = Arc::clone(&source.text);
                self.request.overlay.insert(source.absolute.clone(), source.text.as_bytes());
            }
        }
    }

    fn finish(mut self, before: Outcome, after: Outcome) -> Fixes {
        self.refused.sort();
        self.refused.dedup();
        let mut files: Vec<ChangedFile> = self.files.into_values().filter(|file| file.before != file.after).collect();
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Fixes { before, after, fixed: self.fixed, files, refused: self.refused }
    }
}

fn fixed(finding: &Finding, fix: &Fix, outcome: &Outcome) -> Option<Fixed> {
    let source = outcome.sources.get(finding.primary.file)?;
    Some(Fixed {
        rule: finding.rule,
        severity: finding.severity,
        path: Arc::clone(&source.path),
        line: source.line_of(finding.primary.span.start),
        title: fix.title.clone(),
        applicability: fix.applicability,
    })
}

/// Whether a finding is as sure as the configuration wants it.
fn is_shown(finding: &Finding, outcome: &Outcome) -> bool {
    outcome.least_confidence.get(&finding.primary.file).is_none_or(|least| finding.confidence >= *least)
}

/// Whether a file parsed before and does not after.
fn breaks(file: &SourceFile, before: &Outcome, after: &Outcome) -> bool {
    let complaints = |outcome: &Outcome| {
        outcome.notices.iter().filter(|notice| notice.kind == NoticeKind::Syntax && notice.path.as_deref() == Some(&*file.path)).count()
    };
    complaints(after) > complaints(before)
}

impl Fixes {
    /// How many of the findings that are left have a fix that only waits to be allowed.
    #[must_use]
    pub fn suggested_left(&self) -> usize {
        let suggested = |finding: &&Finding| finding.fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::Suggested);
        self.after.findings.iter().filter(|finding| is_shown(finding, &self.after)).filter(suggested).count()
    }
}
