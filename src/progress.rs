//! How far a run is, for whoever waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The stages of a run, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nothing is known yet.
    Starting,
    /// The tree is walked.
    Looking,
    /// Files are read and searched for marks.
    Reading,
    /// Files that matter are parsed.
    Parsing,
    /// Values are followed, and the auth model is built.
    Following,
    /// The rules judge the model.
    Judging,
}

const STAGES: [Stage; 6] = [Stage::Starting, Stage::Looking, Stage::Reading, Stage::Parsing, Stage::Following, Stage::Judging];

/// The stage that a run is in. A clone tells of the same run.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicUsize>);

impl Progress {
    /// Where the run is now.
    #[must_use]
    pub fn stage(&self) -> Stage {
        STAGES.get(self.0.load(Ordering::Relaxed)).copied().unwrap_or(Stage::Judging)
    }

    pub(crate) fn enter(&self, stage: Stage) {
        self.0.store(stage as usize, Ordering::Relaxed);
    }
}
