//! The library's entry: a request in, an [`Outcome`] out.

use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::model::{App, EntryValue, KeyOrigin, OptionRole, Provenance};
use crate::analysis::workspace::Workspace;
use crate::finding::{Finding, Outcome, timed};
use crate::rules::{RULES, Rule};
use crate::session::{self, Session};
use crate::source::{FileId, Location, SourceFile, Sources};

/// What to check.
#[derive(Debug, Clone, Default)]
pub struct CheckRequest {
    /// The working root: reported paths are relative to it.
    pub root: PathBuf,
    /// The files and folders to report on; the root when empty.
    pub paths: Vec<PathBuf>,
    /// Names of the only rules to run; all when empty.
    pub select: Vec<String>,
    /// Names of rules not to run.
    pub ignore: Vec<String>,
    /// Analyses every file with code instead of those that screening chose. Slow; for tests that compare the two.
    pub unscreened: bool,
}

/// Why a run could not be done. Everything smaller is a [`crate::finding::Notice`].
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CheckError {
    /// A selected or ignored rule does not exist: bad usage.
    #[error(transparent)]
    #[diagnostic(transparent)]
    UnknownRule(#[from] UnknownRule),
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
            Self::UnknownRule(_) => true,
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
    advice: String,
}

/// How alike two names must be to be offered as each other (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.8;

/// The rule of a name.
///
/// # Errors
/// When there is none; the error offers the nearest name.
pub fn find_rule<'a>(rules: &'a [Rule], name: &str) -> Result<&'a Rule, UnknownRule> {
    let name = name.trim();
    rules.iter().find(|rule| rule.name == name).ok_or_else(|| {
        let nearest = rules
            .iter()
            .map(|rule| (strsim::jaro_winkler(rule.name, &name.to_ascii_lowercase().replace('_', "-")), rule.name))
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .filter(|(likeness, _)| *likeness >= ALIKE);
        let advice = match nearest {
            Some((_, nearest)) => format!("did you mean `{nearest}`? `authlint rules` lists all rules"),
            None => "`authlint rules` lists all rules".to_owned(),
        };
        UnknownRule { name: name.to_owned(), advice }
    })
}

/// Which rules run: the selected ones (all when nothing is selected) without the ignored ones.
#[derive(Debug, Clone)]
pub struct Selection {
    names: Vec<&'static str>,
}

impl Selection {
    /// Resolves the names of a request.
    ///
    /// # Errors
    /// When a name is not a rule's.
    pub fn new(rules: &[Rule], select: &[String], ignore: &[String]) -> Result<Self, UnknownRule> {
        let resolve =
            |names: &[String]| names.iter().map(|name| find_rule(rules, name).map(|rule| rule.name)).collect::<Result<Vec<_>, _>>();
        let (selected, ignored) = (resolve(select)?, resolve(ignore)?);
        let names = rules
            .iter()
            .map(|rule| rule.name)
            .filter(|name| (selected.is_empty() || selected.contains(name)) && !ignored.contains(name))
            .collect();
        Ok(Self { names })
    }

    /// Whether the rule runs.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names.contains(&name)
    }
}

/// Checks a project: discover, screen, parse and lower, link, analyse, judge.
///
/// # Errors
/// When the request names a rule that does not exist or a path that cannot be read, or when the machine gives no thread.
pub fn check(request: &CheckRequest) -> Result<Outcome, CheckError> {
    let selection = Selection::new(RULES, &request.select, &request.ignore)?;
    session::run(&request.root, &request.paths, |session| judge(session, request, &selection))
}

fn judge(mut session: Session, request: &CheckRequest, selection: &Selection) -> Result<Outcome, CheckError> {
    session.parse_anchored(request.unscreened)?;
    let app = session.app()?;
    Ok(judged(&mut session, &app, selection))
}

/// What the selected rules say of a model.
pub(crate) fn judged(session: &mut Session, app: &App, selection: &Selection) -> Outcome {
    let mut findings = Vec::new();
    timed(&mut session.timings, "rules", || RULES.iter().for_each(|rule| (rule.check)(app, &mut findings)));
    findings.retain(|finding| selection.contains(finding.rule) && session.reports(finding.primary.file));
    sort(&mut findings, &session.workspace);
    let notices = session.take_notices();
    Outcome {
        masks: masks(app),
        sources: sources(&findings, &session.workspace),
        findings,
        notices,
        counts: session.counts(),
        timings: std::mem::take(&mut session.timings),
    }
}

/// Worst first, then by path and place, so that the same input gives the same bytes.
fn sort(findings: &mut [Finding], workspace: &Workspace) {
    findings.sort_by(|left, right| {
        let place = |finding: &Finding| (workspace.path(finding.primary.file).to_owned(), finding.primary.span);
        right
            .severity
            .cmp(&left.severity)
            .then_with(|| place(left).cmp(&place(right)))
            .then_with(|| left.rule.cmp(right.rule))
            .then_with(|| left.message.cmp(&right.message))
    });
}

/// The texts that findings point into.
fn sources(findings: &[Finding], workspace: &Workspace) -> Sources {
    let mut sources = Sources::default();
    let places = findings.iter().flat_map(|finding| {
        let others = finding.labels.iter().map(|label| label.location).chain(finding.flow.iter().map(|step| step.location));
        std::iter::once(finding.primary).chain(others)
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
        Rule { name, page: "", severity: Severity::Error, cwe: 798, security_severity: "8.0", check: |_, _| {} }
    }

    const TABLE: &[Rule] = &[rule("password-login"), rule("hardcoded-secret"), rule("secret-in-log")];

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn selection_is_selected_without_ignored() {
        for (select, ignore, expected) in [
            (&[][..], &[][..], &["password-login", "hardcoded-secret", "secret-in-log"][..]),
            (&["secret-in-log"], &[], &["secret-in-log"]),
            (&[], &["secret-in-log"], &["password-login", "hardcoded-secret"]),
            (&["secret-in-log", "password-login"], &["secret-in-log"], &["password-login"]),
        ] {
            assert_eq!(Selection::new(TABLE, &names(select), &names(ignore)).unwrap().names, expected);
        }
    }

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
