//! Regular expressions and path globs of the models. They are compiled when they are first asked: a run on one file needs few of them.

use std::borrow::Cow;
use std::sync::OnceLock;

use globset::{Glob, GlobSet, GlobSetBuilder};
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A regular expression of a model.
#[derive(Debug, Clone, Default)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Whether some part of a text matches.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    /// The expression itself; none when it is malformed, which builds with checks on report where the model is read.
    #[must_use]
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Models with patterns are compiled in, so tests see every mistake; a release need not pay for looking again.
        if cfg!(debug_assertions) {
            Regex::new(&text).map_err(|error| D::Error::custom(format!("this is no regular expression: {error}")))?;
        }
        Ok(Self { text, compiled: OnceLock::new() })
    }
}

/// A set of path globs of which one has to match.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    texts: Vec<String>,
    compiled: OnceLock<GlobSet>,
}

impl Globs {
    /// Whether one matches a path.
    #[must_use]
    pub fn is_match(&self, path: &str) -> bool {
        let compiled = || {
            let mut builder = GlobSetBuilder::new();
            self.texts.iter().filter_map(|text| Glob::new(text).ok()).for_each(|glob| {
                builder.add(glob);
            });
            builder.build().unwrap_or_default()
        };
        self.compiled.get_or_init(compiled).is_match(path)
    }
}

impl<'de> Deserialize<'de> for Globs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts: Vec<String> = Vec::deserialize(deserializer)?;
        for text in &texts {
            Glob::new(text).map_err(|error| D::Error::custom(format!("`{text}` is no glob: {}", error.kind())))?;
        }
        Ok(Self { texts, compiled: OnceLock::new() })
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

impl JsonSchema for Globs {
    fn schema_name() -> Cow<'static, str> {
        "Globs".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<String>::json_schema(generator)
    }
}
