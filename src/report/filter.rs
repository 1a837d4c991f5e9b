//! The one place that decides what is shown.

use crate::finding::{Confidence, Finding, Severity};

/// The least that a finding must be to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// The least severity.
    pub severity: Severity,
    /// The least confidence.
    pub confidence: Confidence,
}

impl Default for Thresholds {
    /// Everything is shown.
    fn default() -> Self {
        Self { severity: Severity::Note, confidence: Confidence::Low }
    }
}

impl Thresholds {
    /// Whether a finding is shown.
    #[must_use]
    pub fn keep(self, finding: &Finding) -> bool {
        finding.severity >= self.severity && finding.confidence >= self.confidence
    }
}
