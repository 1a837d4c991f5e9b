//! The vocabulary of secrets and stand-ins: `rules/models/secrets.toml`, compiled in and read once.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;
use serde::Deserialize;

/// The text of the data file.
const SOURCE: &str = include_str!("../../rules/models/secrets.toml");

/// The vocabulary. A data file that does not parse leaves it empty, which a test of this module rules out.
pub(super) static MODEL: LazyLock<Model> = LazyLock::new(|| toml::from_str(SOURCE).unwrap_or_default());

/// Everything in the data file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Model {
    pub(super) placeholder: Placeholders,
    pub(super) samples: Samples,
    pub(super) jwt: Jwt,
    pub(super) names: Names,
    pub(super) public_env: Vec<PublicPrefix>,
    pub(super) scan: Scan,
}

/// Words and marks of stand-ins.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Placeholders {
    pub(super) strong: FxHashSet<String>,
    pub(super) strong_prefixes: Vec<String>,
    pub(super) describing: FxHashSet<String>,
    pub(super) dummy: FxHashSet<String>,
    pub(super) reference_prefixes: Vec<String>,
    pub(super) reference_parts: Vec<String>,
    pub(super) masks: Vec<String>,
}

/// Published examples.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Samples {
    pub(super) jwt_ids: Vec<String>,
    pub(super) key_words: Vec<String>,
}

/// What marks a login JWT.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Jwt {
    pub(super) issuers: Vec<String>,
    pub(super) claim: String,
}

/// Words of variable and key names.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    pub(super) vendor: FxHashSet<String>,
    pub(super) sip: FxHashSet<String>,
    pub(super) password: FxHashSet<String>,
    pub(super) user: FxHashSet<String>,
    pub(super) speaking_heads: FxHashSet<String>,
    pub(super) speaking_tails: FxHashSet<String>,
    pub(super) other_secrets: FxHashSet<String>,
    pub(super) neutral: FxHashSet<String>,
    pub(super) fused: FxHashSet<String>,
    pub(super) id_tails: FxHashSet<String>,
}

/// A prefix of environment variables that a bundler ships to the browser.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PublicPrefix {
    /// The prefix, upper case, with its final underscore.
    pub prefix: String,
    /// Whose prefix it is, as people call it.
    pub bundler: String,
}

/// Words and names that steer the scan of a text.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scan {
    pub(super) test_folders: FxHashSet<String>,
    pub(super) test_names: Vec<String>,
    pub(super) doc_extensions: FxHashSet<String>,
    pub(super) doc_names: Vec<String>,
    pub(super) plain_extensions: FxHashSet<String>,
    pub(super) plain_names: Vec<String>,
    pub(super) literal_extensions: FxHashSet<String>,
    pub(super) other_stacks: Vec<String>,
    pub(super) sip_context: Vec<String>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_data_file_parses_and_fills_every_list() {
        let model: Model = toml::from_str(SOURCE).expect("rules/models/secrets.toml parses");
        assert!(model.placeholder.strong.contains("your"));
        assert!(!model.samples.jwt_ids.is_empty());
        assert!(!model.public_env.is_empty());
        assert!(model.public_env.iter().all(|entry| entry.prefix.ends_with('_') && !entry.bundler.is_empty()));
    }

    #[test]
    fn a_prefix_that_ends_another_one_stands_after_it() {
        let prefixes: Vec<_> = MODEL.public_env.iter().map(|entry| entry.prefix.as_str()).collect();
        for (at, earlier) in prefixes.iter().enumerate() {
            for later in &prefixes[at + 1..] {
                assert!(!later.starts_with(earlier), "{earlier} hides {later}");
            }
        }
    }
}
