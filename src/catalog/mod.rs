//! What the world outside is called: frameworks, SDKs and services, as data.
//!
//! The knowledge stands in `rules/models/*.toml` and is compiled in, so that the binary needs no files beside it and a new
//! framework needs no code. Every table is checked when it is loaded; a mistake is reported with the file, the table and
//! the key, because users may add tables of their own.

pub mod apis;
pub mod bundlers;
pub mod conditions;
pub mod endpoints;
pub mod frameworks;
pub mod guards;
pub mod lifecycles;
pub mod sdk;
pub mod sides;

use regex::Regex;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// A model file that cannot be used. The message names the file, the place and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CatalogError {
    /// The file is no TOML of the expected shape.
    #[error("{file}: {message}")]
    Shape {
        /// The model file.
        file: String,
        /// What the TOML reader says: line, column, key and expectation.
        message: String,
    },
    /// The file has the right shape, but one value makes no sense.
    #[error("{file}: {place}: `{key}` {problem}")]
    Value {
        /// The model file.
        file: String,
        /// The table, as a person would find it: `framework "Next.js", entry 3`.
        place: String,
        /// The key.
        key: &'static str,
        /// What is wrong with it, and with which value.
        problem: String,
    },
}

/// Reads the TOML of a model file. `file` is the name that errors print.
fn read_table<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, CatalogError> {
    toml::from_str(text).map_err(|error| CatalogError::Shape { file: file.to_owned(), message: error.to_string() })
}

/// Compiles a pattern that stands under `key` at the top of a model file.
fn pattern(file: &str, key: &'static str, text: &str) -> Result<Regex, CatalogError> {
    Regex::new(text).map_err(|error| CatalogError::Value {
        file: file.to_owned(),
        place: "the table".to_owned(),
        key,
        problem: error.to_string(),
    })
}

/// Whether a dotted name is one of the names, or ends with one after a dot.
fn ends_with_any(name: &str, names: &[String]) -> bool {
    names.iter().any(|known| name.strip_suffix(known.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}
