//! The library's entry: a request in, an [`Outcome`] out.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::model::{App, EntryValue, KeyOrigin, OptionRole, Provenance};
use crate::analysis::workspace::Workspace;
use crate::config::{ConfigError, ConfigFile, ConfigRequest, Effective, nearest};
use crate::finding::{Confidence, Finding, Outcome, timed};
use crate::fix::Edit;
use crate::map;
use crate::progress::{Progress, Stage};
use crate::project::Overlay;
use crate::report::masking::Masker;
use crate::rules::{RULES, Rule};
use crate::session::{self, Buffer, Reading, Session};
use crate::shard::Shard;
use crate::source::{FileId, Location, SourceFile, Sources};
use crate::suppression::{self, Judged};
use crate::versioned::{Changes, VersionedError};

/// What to check.
#[derive(Debug, Clone, Default)]
pub struct CheckRequest {
    /// The working root: reported paths are relative to it.
    pub root: PathBuf,
    /// The files and folders to report on; the root when empty.
    pub paths: Vec<PathBuf>,
    /// Which configuration holds, and what the command line says beside it.
    pub config: ConfigRequest,
    /// The text of the only file to report on, in place of the one on disk and of `paths`.
    pub buffer: Option<Buffer>,
    /// The share of the findings to report.
    pub shard: Option<Shard>,
    /// The changes to report on; everything without.
    pub changes: Option<Changes>,
    /// Draws the authentication architecture, too ([`Outcome::map`]).
    pub with_map: bool,
    /// Tells whoever waits which stage the run is in.
    pub progress: Progress,
    /// Analyses every file with code instead of those that screening chose. Slow; for tests that compare the two.
    pub unscreened: bool,
    /// Files that have another content than on disk, by absolute path below the canonical root.
    pub overlay: Overlay,
}

/// Why a run could not be done. Everything smaller is a [`crate::finding::Notice`].
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CheckError {
    /// The configuration makes no sense, or the request beside it: bad usage.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    /// The changes to report on cannot be told.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Versioned(#[from] VersionedError),
    /// A path that was named explicitly cannot be read.
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("check the path; authlint skips unreadable files that it finds itself, but not the ones that it is asked for"))]
    Path {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something that is authlint's own fault, or the machine's.
    #[error("{what}")]
    #[diagnostic(help("please report this with the command that you ran"))]
    Internal {
        /// What failed.
        what: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl CheckError {
    /// Whether the request was wrong, as opposed to the run having failed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Config(_) => true,
            Self::Versioned(error) => error.is_usage(),
            Self::Path { .. } | Self::Internal { .. } => false,
        }
    }
}

/// A name that no rule has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("there is no rule `{name}`")]
#[diagnostic(help("{advice}"))]
pub struct UnknownRule {
    /// The name as given.
    pub name: String,
    /// What to do instead.
    pub(crate) advice: String,
}

impl UnknownRule {
    /// The error for a name that is none of the rules', which offers the nearest one.
    pub(crate) fn new(rules: &[Rule], name: &str) -> Self {
        let advice = match nearest(name, rules.iter().map(|rule| rule.name)) {
            Some(nearest) => format!("did you mean `{nearest}`? `authlint rules` lists all rules"),
            None => "`authlint rules` lists all rules".to_owned(),
        };
        Self { name: name.to_owned(), advice }
    }
}

/// The rule of a name.
///
/// # Errors
/// When there is none; the error offers the nearest name.
pub fn find_rule<'a>(rules: &'a [Rule], name: &str) -> Result<&'a Rule, UnknownRule> {
    let name = name.trim();
    rules.iter().find(|rule| rule.name == name).ok_or_else(|| UnknownRule::new(rules, name))
}

/// Checks a project: discover, screen, parse and lower, link, analyse, judge.
///
/// # Errors
/// When the configuration makes no sense or a path cannot be read, or when the machine gives no thread.
pub fn check(request: &CheckRequest) -> Result<Outcome, CheckError> {
    let only = request.buffer.as_ref().map(|buffer| [buffer.path.clone()]);
    let reading = Reading {
        root: &request.root,
        paths: only.as_ref().map_or(&request.paths, |only| only),
        config: &request.config,
        overlay: Some(&request.overlay),
        buffer: request.buffer.as_ref(),
        shard: request.shard,
        changes: request.changes.as_ref(),
        progress: Some(&request.progress),
    };
    session::read(&reading, |session| Ok(judge(session, request)))
}

fn judge(mut session: Session, request: &CheckRequest) -> Outcome {
    // A commit without a file to report on needs no analysis.
    let app = if session.reports_nothing() {
        App::default()
    } else {
        session.parse_anchored(request.unscreened);
        session.app()
    };
    let mut outcome = judged(&mut session, &app);
    if request.with_map {
        outcome.map = Some(Box::new(map::draw(&session, &app, &outcome)));
    }
    outcome
}

/// What the rules say of a model, as far as the configuration wants to know and no comment in the code hides it.
pub(crate) fn judged(session: &mut Session, app: &App) -> Outcome {
    session.progress.enter(Stage::Judging);
    let mut findings = Vec::new();
    timed(&mut session.timings, "rules", || RULES.iter().for_each(|rule| (rule.check)(app, &mut findings)));
    findings.retain(|finding| session.reports(finding.primary.file));
    let least_confidence = configured(&mut findings, session);
    let Judged { mut findings, mut suppressed } =
        suppression::apply(&session.workspace, &session.settings, |file| session.reports(file), findings);
    findings.sort_by(|left, right| order(left, right, &session.workspace));
    suppressed.sort_by(|left, right| order(&left.finding, &right.finding, &session.workspace));
    let notices = session.take_notices();
    let hidden = suppressed.iter().map(|suppressed| &suppressed.finding);
    let (masks, sources) = (masks(app), sources(findings.iter().chain(hidden), &session.workspace));
    drop_revealing_fixes(&mut findings, &masks, &sources);
    // What was judged to be right as it is needs no other form.
    suppressed.iter_mut().for_each(|suppressed| suppressed.finding.fix = None);
    Outcome {
        masks,
        sources,
        findings,
        suppressed,
        least_confidence,
        notices,
        counts: session.counts(),
        config: session.settings.file().map(ConfigFile::name),
        baseline: session.settings.baseline(),
        map: None,
        timings: std::mem::take(&mut session.timings),
    }
}

/// Leaves out the rules that do not run at a finding's path, and sets severities. The least confidence that is shown of each file comes
/// back: what is below it is hidden, but counted.
fn configured(findings: &mut Vec<Finding>, session: &Session) -> BTreeMap<FileId, Confidence> {
    let files: BTreeSet<FileId> = findings.iter().map(|finding| finding.primary.file).collect();
    let at: BTreeMap<FileId, Effective> = files.into_iter().map(|file| (file, session.settings.at(session.workspace.path(file)))).collect();
    findings.retain_mut(|finding| {
        let Some(effective) = at.get(&finding.primary.file) else { return true };
        effective.adjust(finding);
        effective.runs(finding.rule)
    });
    at.into_iter().map(|(file, effective)| (file, effective.min_confidence.value)).filter(|(_, least)| *least > Confidence::Low).collect()
}

/// Worst first, then by path and place, so that the same input gives the same bytes.
fn order(left: &Finding, right: &Finding, workspace: &Workspace) -> Ordering {
    let place = |finding: &Finding| (workspace.path(finding.primary.file).to_owned(), finding.primary.span);
    right
        .severity
        .cmp(&left.severity)
        .then_with(|| place(left).cmp(&place(right)))
        .then_with(|| left.rule.cmp(right.rule))
        .then_with(|| left.message.cmp(&right.message))
}

/// The texts that findings point into.
fn sources<'f>(findings: impl Iterator<Item = &'f Finding>, workspace: &Workspace) -> Sources {
    let mut sources = Sources::default();
    let places = findings.flat_map(|finding| {
        let others = finding.labels.iter().map(|label| label.location).chain(finding.flow.iter().map(|step| step.location));
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(Edit::at);
        std::iter::once(finding.primary).chain(others).chain(edits)
    });
    for place in places {
        if sources.get(place.file).is_none()
            && let Some(source) = kept(workspace, place.file)
        {
            sources.insert(source);
        }
    }
    sources
}

/// A fix repeats code of the project, and must not repeat a secret that stands in it.
fn drop_revealing_fixes(findings: &mut [Finding], masks: &[Location], sources: &Sources) {
    if findings.iter().all(|finding| finding.fix.is_none()) {
        return;
    }
    let masker = Masker::new(masks, sources);
    let reveals = |edit: &Edit| masker.hides(sources.get(edit.file).map_or("", |file| &file.path), &edit.replacement);
    for finding in findings {
        finding.fix.take_if(|fix| fix.edits.iter().any(reveals));
    }
}

/// A file's text, as it was parsed if it was.
pub(crate) fn kept(workspace: &Workspace, file: FileId) -> Option<Arc<SourceFile>> {
    workspace.parsed_source(file).or_else(|| workspace.source(file))
}

/// Every literal that must not be printed.
pub(crate) fn masks(app: &App) -> Vec<Location> {
    let texts = app.secrets.iter().map(|secret| secret.at);
    let keys = app.key_uses.iter().filter(|used| used.what == KeyOrigin::Literal).map(|used| used.at);
    let options = app
        .clients
        .iter()
        .flat_map(|client| &client.options)
        .filter(|option| matches!(option.role, OptionRole::Password | OptionRole::Token))
        .flat_map(|option| &option.sources)
        .flat_map(crate::analysis::model::Source::all)
        .filter(|source| matches!(source.provenance, Provenance::Literal(_)))
        .map(|source| source.at);
    let entries = app.public_entries.iter().filter(|entry| matches!(entry.value, EntryValue::Literal { .. }) && entry.what.is_secret());
    texts.chain(keys).chain(options).chain(entries.map(|entry| entry.at)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    const fn rule(name: &'static str) -> Rule {
        Rule {
            name,
            page: "",
            severity: Severity::Error,
            cwe: 798,
            security_severity: "8.0",
            fix: crate::fix::Offer::None,
            check: |_, _| {},
        }
    }

    const TABLE: &[Rule] = &[rule("password-login"), rule("hardcoded-secret"), rule("secret-in-log")];

    #[test]
    fn unknown_rule_offers_the_nearest_name_only_when_one_is_near() {
        for (name, advice) in [
            ("pasword-login", "did you mean `password-login`?"),
            ("HARDCODED_SECRET", "did you mean `hardcoded-secret`?"),
            ("xyz", "`authlint rules` lists all rules"),
        ] {
            let error = find_rule(TABLE, name).unwrap_err();
            assert!(error.advice.starts_with(advice), "{name}: {}", error.advice);
        }
    }
}
