//! What conditions on the way to a value mean, read from `rules/models/conditions.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ends_with_any;
use super::pattern::Pattern;

/// The builds that a condition can be true in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// Development, tests, the developer's own machine.
    Development,
    /// What users get.
    Production,
}

/// The names of conditions.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionNames {
    /// True in development builds only.
    development: Vec<String>,
    /// True in production builds only.
    production: Vec<String>,
    /// What holds the name of the build's mode.
    modes: Vec<String>,
    /// Modes of development.
    development_modes: Vec<String>,
    /// Modes of production.
    production_modes: Vec<String>,
    /// What holds the page's host.
    hosts: Vec<String>,
    /// Hosts of the developer's own machine.
    local_hosts: Vec<String>,
    /// Imported names that are followed into their file.
    followed: Pattern,
    /// Calls that read a feature flag.
    flag_calls: Pattern,
    /// Objects that hold flags.
    flag_holders: Pattern,
    /// Objects that hold settings.
    settings: Pattern,
    /// Names of flags among settings.
    flag_names: Pattern,
}

impl ConditionNames {
    /// The builds that a name (a dotted path or `package#export`) is true in.
    #[must_use]
    pub fn build_of_name(&self, name: &str) -> Option<Build> {
        if ends_with_any(name, &self.development) {
            return Some(Build::Development);
        }
        ends_with_any(name, &self.production).then_some(Build::Production)
    }

    /// The builds in which what `path` holds equals `text`: a build mode or the page's host.
    #[must_use]
    pub fn build_of_value(&self, path: &str, text: &str) -> Option<Build> {
        if ends_with_any(path, &self.modes) {
            if self.development_modes.iter().any(|mode| mode == text) {
                return Some(Build::Development);
            }
            return self.production_modes.iter().any(|mode| mode == text).then_some(Build::Production);
        }
        (self.is_host(path) && self.is_local_host(text)).then_some(Build::Development)
    }

    /// Whether a dotted path is the page's host or address.
    #[must_use]
    pub fn is_host(&self, path: &str) -> bool {
        ends_with_any(path, &self.hosts)
    }

    /// Whether a text names the developer's own machine.
    #[must_use]
    pub fn is_local_host(&self, text: &str) -> bool {
        self.local_hosts.iter().any(|host| text.contains(host.as_str()))
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_builds_and_flags_from_other_conditions() {
        let catalog = crate::catalog::Catalog::builtin().unwrap();
        let names = &catalog.conditions;
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
