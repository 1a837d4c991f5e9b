//! Suppressions: comments by which people say that a finding may stay, and why.
//!
//! ```text
//! // authlint-ignore password-login -- the staging phone, behind a VPN
//! // authlint-ignore-file hardcoded-secret -- recorded samples; the keys were revoked
//! ```
//!
//! A comment on a line of its own speaks for what starts on the next line of code, whole: the call, the object, the declaration, the property
//! or tag, over as many lines as it takes, but not for the statements in the body of a function, each of which is a thing of its own.
//! Otherwise a comment above a component would silence whatever is added to it later. Behind or before code a comment speaks for that line.
//! Comments above one another all speak for the code below them. Rules are named; only the form for a whole file may leave them out.
//!
//! This is done once, on findings, before anything is reported, so that every format, the map and the exit code agree.
//!
//! What is wrong with a suppression is a finding itself: one that hides nothing (`unused-suppression`), one that names no rule that there is
//! (`unknown-suppression`), one that does not say why (`suppression-without-reason`; it hides nothing then). They are rules of their own table,
//! [`crate::rules::ABOUT_SUPPRESSIONS`]: not part of what is found in a project, but selected, ignored, explained and reported like it. They
//! cannot be suppressed by a comment.

mod about;
mod directive;
mod reach;
pub mod remove;
mod write;

pub use write::{Left, SuppressError, SuppressRequest, Why, Written, WrittenFile, suppress};

use crate::analysis::workspace::Workspace;
use crate::config::{Effective, Settings};
use crate::finding::{Finding, Suppressed};
use crate::project::{AnchorSet, FileKind};
use crate::source::{FileId, SourceFile};
use crate::syntax::comments::Comments;
use directive::{Directive, Scope};
use reach::Reach;

/// Whether a suppression must say why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reasons {
    /// One without a reason hides nothing.
    Required,
    /// The reason may be left out.
    Optional,
}

/// What comments that speak to this program begin with.
const WORD: &str = "authlint";
/// What a suppression begins with.
pub const IGNORE: &str = "authlint-ignore";
/// What a suppression of a whole file begins with.
pub const IGNORE_FILE: &str = "authlint-ignore-file";
/// What stands between the rules and the reason.
pub const REASON_MARK: &str = " -- ";

/// Findings after the comments have spoken.
pub(crate) struct Judged {
    /// Those that count, with those about the comments.
    pub(crate) findings: Vec<Finding>,
    /// Those that a comment hides.
    pub(crate) suppressed: Vec<Suppressed>,
}

/// Hides the findings that a comment speaks for, and judges the comments of the files that are reported on. A rule that does not run at a
/// path is no reason to call its suppression there unused.
pub(crate) fn apply(workspace: &Workspace, settings: &Settings, reports: impl Fn(FileId) -> bool, findings: Vec<Finding>) -> Judged {
    let reasons = if settings.requires_reason() { Reasons::Required } else { Reasons::Optional };
    let speaking = |(_, file): &(FileId, &crate::project::ProjectFile)| {
        file.anchors.contains(AnchorSet::AUTHLINT) && file.readable && !file.minified && !file.lockfile
    };
    let files: Vec<FileId> = workspace.project.iter().filter(speaking).map(|(id, _)| id).filter(|id| reports(*id)).collect();
    let mut judged = Judged { findings, suppressed: Vec::new() };
    for file in files {
        if let Some(source) = crate::check::kept(workspace, file) {
            let kind = workspace.project.file(file).map_or(FileKind::Text, |file| file.kind);
            let comments = Comments::new(kind, &source.path, &source.text, WORD);
            let directives = read(&source, &comments);
            if !directives.is_empty() {
                let has_findings = judged.findings.iter().any(|finding| finding.primary.file == file);
                let unit = if has_findings { workspace.unit(file) } else { None };
                let reach = Reach::new(unit, &source, comments.tags());
                in_file(&reach, &source, &directives, reasons, &settings.at(&source.path), &mut judged);
            }
        }
    }
    judged
}

/// The directives of a file.
fn read(source: &SourceFile, comments: &Comments<'_>) -> Vec<Directive> {
    comments.found().iter().filter_map(|comment| Directive::read(source, comments, *comment)).collect()
}

fn in_file(reach: &Reach<'_>, source: &SourceFile, directives: &[Directive], reasons: Reasons, effective: &Effective, judged: &mut Judged) {
    let (here, mut rest): (Vec<Finding>, Vec<Finding>) =
        std::mem::take(&mut judged.findings).into_iter().partition(|finding| finding.primary.file == source.id);
    // The nearest word counts: one for the line before one for the file.
    let mut order: Vec<usize> = (0..directives.len()).collect();
    order.sort_by_key(|index| directives.get(*index).is_some_and(|directive| directive.scope == Scope::File));
    let mut used: Vec<Vec<bool>> = directives.iter().map(|directive| vec![false; directive.rules.len().max(1)]).collect();
    let covers: Vec<_> = directives.iter().map(|directive| reach.of(directive.scope)).collect();
    let mut left = Vec::new();
    for finding in here {
        let place = reach.place(finding.primary.span.start);
        let speaker = order.iter().find_map(|index| {
            let (directive, cover) = (directives.get(*index)?, covers.get(*index)?);
            let rule = directive.speaks_of(finding.rule, reasons)?;
            cover.contains(place).then_some((*index, rule))
        });
        let Some((index, rule)) = speaker else {
            left.push(finding);
            continue;
        };
        if let Some(used) = used.get_mut(index).and_then(|used| used.get_mut(rule)) {
            *used = true;
        }
        let reason = directives.get(index).and_then(|directive| directive.reason.clone());
        judged.suppressed.push(Suppressed { finding, reason });
    }
    for (directive, used) in directives.iter().zip(&used) {
        let about = about::findings(directive, used, reasons, source, &left, &|rule| effective.runs(rule));
        rest.extend(about.into_iter().filter(|finding| effective.runs(finding.rule)).map(|mut finding| {
            effective.adjust(&mut finding);
            finding
        }));
    }
    rest.extend(left);
    judged.findings = rest;
}
