//! What is wrong with a compiled-in model. Mistakes of the user's own models are [`crate::config::ConfigError`]s, which show the place.

use serde::de::DeserializeOwned;
use thiserror::Error;

/// A model file that cannot be used. The message names the file, the place and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}: {message}")]
pub struct CatalogError {
    file: String,
    message: String,
}

impl CatalogError {
    /// An error of a whole file.
    pub(super) fn new(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), message: message.into() }
    }

    /// An error of a value: `place` is the table as a person would find it (`framework "Next.js", entry 3`).
    pub(super) fn value(file: &str, place: &str, key: &str, problem: &str) -> Self {
        Self::new(file, format!("{place}: `{key}` {problem}"))
    }
}

/// Reads the TOML of a compiled-in model. `file` is the name that errors print.
pub(super) fn read_table<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, CatalogError> {
    toml::from_str(text).map_err(|error| CatalogError::new(file, error.to_string()))
}
