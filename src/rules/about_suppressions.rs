//! The rules about suppressions: not found in the project but in what people wrote to hide findings, by [`crate::suppression`].

use super::Rule;
use crate::finding::Severity;
use crate::fix::Offer;

/// A suppression that hides nothing.
pub(crate) const UNUSED_SUPPRESSION: &str = "unused-suppression";
/// A suppression of a rule that there is not, or by a word that is no directive.
pub(crate) const UNKNOWN_SUPPRESSION: &str = "unknown-suppression";
/// A suppression that does not say why.
pub(crate) const SUPPRESSION_WITHOUT_REASON: &str = "suppression-without-reason";

pub(super) const UNUSED: Rule = rule(UNUSED_SUPPRESSION, Offer::Safe, include_str!("../../rules/about-suppressions/unused-suppression.md"));
pub(super) const UNKNOWN: Rule =
    rule(UNKNOWN_SUPPRESSION, Offer::None, include_str!("../../rules/about-suppressions/unknown-suppression.md"));
pub(super) const WITHOUT_REASON: Rule =
    rule(SUPPRESSION_WITHOUT_REASON, Offer::None, include_str!("../../rules/about-suppressions/suppression-without-reason.md"));

/// CWE-1116: comments that say what is not so. They are no weakness of the running program, whence the lowest score.
const fn rule(name: &'static str, fix: Offer, page: &'static str) -> Rule {
    Rule { name, page, severity: Severity::Warning, cwe: 1116, security_severity: "0.1", fix, check: |_, _| {} }
}
