//! What is wrong with a model file, shown with the place in its text.

use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::de::DeserializeOwned;
use thiserror::Error;

/// How alike two names must be to be offered as each other (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.75;

/// A model file that cannot be used. The message names the file and what would be right; the place is printed as a code frame.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("{file}: {message}")]
pub struct CatalogError {
    file: String,
    message: String,
    #[help]
    advice: Option<String>,
    #[source_code]
    text: Option<NamedSource<Arc<str>>>,
    #[label]
    span: Option<SourceSpan>,
}

impl CatalogError {
    /// An error of a whole file: it cannot be read.
    pub(crate) fn new(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), message: message.into(), advice: None, text: None, span: None }
    }

    /// An error at a place of the file's text, in bytes.
    pub(crate) fn at(file: &str, text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            text: Some(NamedSource::new(file, Arc::from(text)).with_language("toml")),
            span: Some(SourceSpan::from(span)),
            ..Self::new(file, message)
        }
    }

    /// An error of a value: `place` is the table as a person would find it (`framework "Next.js", entry 3`).
    pub(super) fn value(file: &str, place: &str, key: &str, problem: &str) -> Self {
        Self::new(file, format!("{place}: `{key}` {problem}"))
    }

    /// The same error with what to do about it.
    #[must_use]
    pub(crate) fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// What the TOML reader says. A name that it does not know gets the nearest one that it would take as advice.
    pub(super) fn of_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let said = error.message();
        let own = error.span().map_or_else(|| Self::new(file, said), |span| Self::at(file, text, span, said));
        // Serde's words for both: "unknown field `tokn`, expected one of `token`, `user`".
        let mut names = said.split('`').skip(1).step_by(2);
        match names.next().filter(|_| said.starts_with("unknown ")) {
            Some(name) => match nearest(name, names) {
                Some(near) => own.with_advice(format!("did you mean `{near}`?")),
                None => own,
            },
            None => own,
        }
    }
}

/// The name that is most like a given one, when one is like it at all.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    known
        .map(|known| (strsim::jaro_winkler(&known.to_ascii_lowercase().replace('-', "_"), &name), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known)
}

/// Reads the TOML of a model file. `file` is the name that errors print.
pub(super) fn read_table<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, CatalogError> {
    toml::from_str(text).map_err(|error| CatalogError::of_toml(file, text, &error))
}
