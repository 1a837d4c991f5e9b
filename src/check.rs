//! The library's entry: a request in, an [`Outcome`] out.

use std::path::PathBuf;

use crate::finding::Outcome;
use crate::rules::{RULES, Rule};

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
}

impl CheckError {
    /// Whether the request was wrong, as opposed to the run having failed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::UnknownRule(_) => true,
            Self::Path { .. } => false,
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

/// Checks a project.
///
/// # Errors
/// When the request names a rule that does not exist or a path that cannot be read.
pub fn check(request: &CheckRequest) -> Result<Outcome, CheckError> {
    let selection = Selection::new(RULES, &request.select, &request.ignore)?;
    for path in &request.paths {
        std::fs::metadata(request.root.join(path)).map_err(|source| CheckError::Path { path: path.clone(), source })?;
    }
    let mut outcome = Outcome::default();
    outcome.findings.retain(|finding| selection.contains(finding.rule));
    Ok(outcome)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    const fn rule(name: &'static str) -> Rule {
        Rule { name, page: "", severity: Severity::Error, cwe: 798, security_severity: "8.0" }
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
