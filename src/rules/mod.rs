//! The rules: one file a rule, named like its page under `rules/`, and one line here.
//!
//! A rule reads the auth model ([`crate::analysis::model::App`]) and nothing else, and pushes findings. Everything that
//! lists rules (`authlint rules`, `explain`, SARIF, the documentation) reads [`RULES`].

pub mod page;

use crate::finding::Severity;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// The name that users write in configs and suppressions.
    pub name: &'static str,
    /// The page, Markdown with front matter: what the rule means. See [`crate::rules::page`].
    pub page: &'static str,
    /// Severity when no evidence moves it.
    pub severity: Severity,
    /// Common Weakness Enumeration number.
    pub cwe: u16,
    /// GitHub's `security-severity`, `"0.1"` to `"10.0"`.
    pub security_severity: &'static str,
}

/// Every rule, in the order in which lists print them.
pub static RULES: &[Rule] = &[];
