//! What conditions on the way to a value mean, read from `rules/models/conditions.toml`.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{CatalogError, ends_with_any, pattern, read_table};

const FILE: &str = "conditions.toml";

/// The builds that a condition can be true in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// Development, tests, the developer's own machine.
    Development,
    /// What users get.
    Production,
}

/// The names of conditions.
#[derive(Debug)]
pub struct ConditionNames {
    raw: Raw,
    followed: Regex,
    flag_calls: Regex,
    flag_holders: Regex,
    settings: Regex,
    flag_names: Regex,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    development: Vec<String>,
    production: Vec<String>,
    modes: Vec<String>,
    development_modes: Vec<String>,
    production_modes: Vec<String>,
    hosts: Vec<String>,
    local_hosts: Vec<String>,
    followed: String,
    flag_calls: String,
    flag_holders: String,
    settings: String,
    flag_names: String,
}

impl ConditionNames {
    /// Reads a table.
    ///
    /// # Errors
    /// When the text is not TOML of the documented shape, or a pattern is no regular expression.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let raw: Raw = read_table(FILE, text)?;
        let pattern = |key, text: &str| pattern(FILE, key, text);
        Ok(Self {
            followed: pattern("followed", &raw.followed)?,
            flag_calls: pattern("flag_calls", &raw.flag_calls)?,
            flag_holders: pattern("flag_holders", &raw.flag_holders)?,
            settings: pattern("settings", &raw.settings)?,
            flag_names: pattern("flag_names", &raw.flag_names)?,
            raw,
        })
    }

    /// The builds that a name (a dotted path or `package#export`) is true in.
    #[must_use]
    pub fn build_of_name(&self, name: &str) -> Option<Build> {
        if ends_with_any(name, &self.raw.development) {
            return Some(Build::Development);
        }
        ends_with_any(name, &self.raw.production).then_some(Build::Production)
    }

    /// The builds in which what `path` holds equals `text`: a build mode or the page's host.
    #[must_use]
    pub fn build_of_value(&self, path: &str, text: &str) -> Option<Build> {
        if ends_with_any(path, &self.raw.modes) {
            if self.raw.development_modes.iter().any(|mode| mode == text) {
                return Some(Build::Development);
            }
            return self.raw.production_modes.iter().any(|mode| mode == text).then_some(Build::Production);
        }
        (self.is_host(path) && self.is_local_host(text)).then_some(Build::Development)
    }

    /// Whether a dotted path is the page's host or address.
    #[must_use]
    pub fn is_host(&self, path: &str) -> bool {
        ends_with_any(path, &self.raw.hosts)
    }

    /// Whether a text names the developer's own machine.
    #[must_use]
    pub fn is_local_host(&self, text: &str) -> bool {
        self.raw.local_hosts.iter().any(|host| text.contains(host.as_str()))
    }

    /// Whether an imported name may say which build it is or which feature is on.
    #[must_use]
    pub fn is_followed(&self, name: &str) -> bool {
        self.followed.is_match(name)
    }

    /// Whether a call of this dotted name reads a feature flag.
    #[must_use]
    pub fn is_flag_call(&self, callee: &str) -> bool {
        self.flag_calls.is_match(callee)
    }

    /// Whether a dotted path is a feature flag: a member of an object of flags, or a setting with a flag's name.
    #[must_use]
    pub fn is_flag(&self, path: &str) -> bool {
        path.rsplit_once('.').is_some_and(|(holder, name)| {
            self.flag_holders.is_match(holder) || (self.settings.is_match(holder) && self.flag_names.is_match(name))
        })
    }
}

static CONDITIONS: LazyLock<Result<ConditionNames, CatalogError>> =
    LazyLock::new(|| ConditionNames::parse(include_str!("../../rules/models/conditions.toml")));

/// The compiled-in table.
///
/// # Errors
/// Only when the compiled-in file is malformed, which a test rules out.
pub fn conditions() -> Result<&'static ConditionNames, CatalogError> {
    CONDITIONS.as_ref().map_err(Clone::clone)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_builds_and_flags_from_other_conditions() {
        let names = conditions().unwrap();
        assert_eq!(names.build_of_name("import.meta.env.DEV"), Some(Build::Development));
        assert_eq!(names.build_of_name("electron.app.isPackaged"), Some(Build::Production));
        assert_eq!(names.build_of_name("import.meta.env.VITE_DEV"), None);
        assert_eq!(names.build_of_value("process.env.NODE_ENV", "production"), Some(Build::Production));
        assert_eq!(names.build_of_value("process.env.NODE_ENV", "staging"), None);
        assert_eq!(names.build_of_value("window.location.hostname", "localhost"), Some(Build::Development));
        assert_eq!(names.build_of_value("user.name", "localhost"), None);
        for (path, expected) in [
            ("process.env.ENABLE_TOKEN", true),
            ("import.meta.env.VITE_USE_TOKEN", true),
            ("config.features.dialer", true),
            ("flags.newDialer", true),
            ("config.useToken", true),
            ("process.env.TELNYX_API_KEY", false),
            ("user.token", false),
            ("config.token", false),
            ("settings.userName", false),
        ] {
            assert_eq!(names.is_flag(path), expected, "{path}");
        }
        for (callee, expected) in [
            ("isFeatureEnabled", true),
            ("unleash.isEnabled", true),
            ("client.boolVariation", true),
            ("posthog.isFeatureEnabled", true),
            ("useFlag", true),
            ("getToken", false),
            ("isLoggedIn", false),
        ] {
            assert_eq!(names.is_flag_call(callee), expected, "{callee}");
        }
    }
}
