//! Fixes: changes of the code that do what a finding's help says, made by `authlint fix` and carried by JSON and SARIF.
//!
//! A rule sees the auth model and no syntax, so what a fix needs to know of the code (which bytes an option takes up with its comma, after which
//! statement a listener can stand, how the client and the token's source are spelt there) comes with the model as *edit sites*
//! ([`crate::analysis::edit_sites`]). The rule puts its words into them; where the analysis found no site, there is no fix.
//!
//! What every fix keeps to:
//! - It is whole: all edits of a fix are made, or none.
//! - It repeats only code that already stands in the file, and no secret. A fix that would write one is dropped before anything sees it.
//! - *Safe* means that nothing which works now can stop working: what is changed throws, is ignored or never runs today, or only keeps caches
//!   away. Everything else is *suggested*, for a person to look at.
//!
//! [`run`] makes them: pass after pass in memory, each judged by a run of authlint over its result, until nothing changes; then `write` puts the files
//! down, or `diff` shows them.

mod diff;
mod plan;
pub(crate) mod renewal;
mod run;
mod write;

use serde::{Deserialize, Serialize};

use crate::source::{FileId, Location, Span};

pub use run::{ChangedFile, FixRequest, Fixed, Fixes, Refused, run};
pub use write::{WriteError, write};

/// A change of the code that mends one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order in lower case without a full stop ("rename the option").
    pub title: String,
    /// Whether it may be made unasked.
    pub applicability: Applicability,
    /// The changes; they belong together and do not overlap.
    pub edits: Vec<Edit>,
}

/// Whether a fix may be made unasked. Ordered: the surer one is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Nothing that works can break: `authlint fix` makes it.
    Safe,
    /// A person should look at it: only `authlint fix --unsafe` makes it.
    Suggested,
}

impl Applicability {
    /// The lower-case word that reports print.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Suggested => "suggested",
        }
    }
}

/// The surest kind of fix that a rule offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offer {
    /// None: what there is to do is no matter of a few edits.
    None,
    /// Some findings have a safe fix.
    Safe,
    /// Some findings have a fix, but a person should look at it.
    Suggested,
}

impl Offer {
    /// The word of the pages, which reports print.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Safe => "safe",
            Self::Suggested => "suggested",
        }
    }
}

/// One change of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub file: FileId,
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What comes in its place; empty for a deletion.
    pub replacement: String,
}

impl Edit {
    /// Replaces what stands at a place.
    #[must_use]
    pub fn replace(at: Location, replacement: impl Into<String>) -> Self {
        Self { file: at.file, span: at.span, replacement: replacement.into() }
    }

    /// Takes out what stands at a place.
    #[must_use]
    pub fn delete(at: Location) -> Self {
        Self::replace(at, "")
    }

    /// Puts a text before the place where `at` starts.
    #[must_use]
    pub fn before(at: Location, text: impl Into<String>) -> Self {
        Self { file: at.file, span: Span { start: at.span.start, end: at.span.start }, replacement: text.into() }
    }

    /// Puts a text behind the place where `at` ends.
    #[must_use]
    pub fn after(at: Location, text: impl Into<String>) -> Self {
        Self { file: at.file, span: Span { start: at.span.end, end: at.span.end }, replacement: text.into() }
    }

    /// The place that is replaced.
    #[must_use]
    pub fn at(&self) -> Location {
        Location::new(self.file, self.span)
    }
}
