//! How code asks who its caller is, read from `rules/models/guards.toml`.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{CatalogError, ends_with_any, pattern, read_table};

const FILE: &str = "guards.toml";

/// The names of checks.
#[derive(Debug)]
pub struct GuardNames {
    session: Vec<String>,
    assertion: Vec<String>,
    caller: Vec<String>,
    caller_keys: Vec<String>,
    attaching: Vec<String>,
    optional: Vec<String>,
    compulsory: Vec<String>,
    reading: Vec<String>,
    name: Regex,
    not_name: Regex,
    harmless: Regex,
    denial: Regex,
    /// What stands before handlers of Python.
    pub(crate) python: PythonGuardNames,
    /// What stands before handlers of Rust.
    pub(crate) rust: RustGuardNames,
}

/// Names of layers and of types of parameters, and of functions that know the caller, of Rust.
#[derive(Debug)]
pub(crate) struct RustGuardNames {
    session: Vec<String>,
    reading: Vec<String>,
    /// They turn strangers away.
    pub(crate) stopping: Regex,
    /// They want a token to be there and look no further.
    pub(crate) presence: Regex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRust {
    session: Vec<String>,
    reading: Vec<String>,
    stopping: String,
    presence: String,
}

/// Names of decorators, dependencies and permissions of Python.
#[derive(Debug)]
pub(crate) struct PythonGuardNames {
    /// They turn strangers away.
    pub(crate) stopping: Regex,
    /// They want a token to be there and look no further.
    pub(crate) presence: Regex,
    /// They let everybody on.
    pub(crate) open: Regex,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPython {
    stopping: String,
    presence: String,
    open: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    session: Vec<String>,
    assertion: Vec<String>,
    caller: Vec<String>,
    caller_keys: Vec<String>,
    attaching: Vec<String>,
    optional: Vec<String>,
    compulsory: Vec<String>,
    reading: Vec<String>,
    name: String,
    not_name: String,
    harmless: String,
    denial: String,
    python: RawPython,
    rust: RawRust,
}

impl GuardNames {
    /// Reads a table.
    ///
    /// # Errors
    /// When the text is not TOML of the documented shape, or a pattern is no regular expression.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let raw: Raw = read_table(FILE, text)?;
        let pattern = |key, text: &str| pattern(FILE, key, text);
        Ok(Self {
            name: pattern("name", &raw.name)?,
            not_name: pattern("not_name", &raw.not_name)?,
            harmless: pattern("harmless", &raw.harmless)?,
            denial: pattern("denial", &raw.denial)?,
            python: PythonGuardNames {
                stopping: pattern("stopping", &raw.python.stopping)?,
                presence: pattern("presence", &raw.python.presence)?,
                open: pattern("open", &raw.python.open)?,
            },
            rust: RustGuardNames {
                stopping: pattern("rust.stopping", &raw.rust.stopping)?,
                presence: pattern("rust.presence", &raw.rust.presence)?,
                session: raw.rust.session,
                reading: raw.rust.reading,
            },
            session: raw.session,
            assertion: raw.assertion,
            caller: raw.caller,
            caller_keys: raw.caller_keys,
            attaching: raw.attaching,
            optional: raw.optional,
            compulsory: raw.compulsory,
            reading: raw.reading,
        })
    }

    /// Whether a call of this dotted name answers with the caller's session or claims.
    #[must_use]
    pub fn is_session(&self, callee: &str) -> bool {
        ends_with_any(callee, &self.session)
    }

    /// Whether a call of this dotted name, in Rust, answers with the caller's session or claims.
    #[must_use]
    pub fn is_rust_session(&self, callee: &str) -> bool {
        ends_with_any(callee, &self.rust.session)
    }

    /// Whether a call, in Rust, only takes something apart, or makes an error for the caller.
    #[must_use]
    pub fn is_rust_reading(&self, callee: &str) -> bool {
        ends_with_any(callee, &self.rust.reading) || callee.ends_with('!') || self.denies(callee.rsplit('.').next().unwrap_or(callee))
    }

    /// Whether a call of this dotted name stops the request by itself.
    #[must_use]
    pub fn is_assertion(&self, callee: &str) -> bool {
        ends_with_any(callee, &self.assertion)
    }

    /// Whether a dotted path is where a framework keeps the checked caller.
    #[must_use]
    pub fn is_caller(&self, path: &str) -> bool {
        ends_with_any(path, &self.caller)
    }

    /// Whether a context keeps the checked caller under this key.
    #[must_use]
    pub fn is_caller_key(&self, key: &str) -> bool {
        self.caller_keys.iter().any(|known| known == key)
    }

    /// Whether a middleware of this name only finds out who the caller is, and lets everybody on.
    #[must_use]
    pub fn is_attaching(&self, name: &str) -> bool {
        ends_with_any(name, &self.attaching)
    }

    /// Whether an option of a checking middleware, set so, makes it let strangers on.
    #[must_use]
    pub fn is_optional(&self, option: &str, set: bool) -> bool {
        let names = if set { &self.optional } else { &self.compulsory };
        names.iter().any(|known| known == option)
    }

    /// Whether a call only takes the request apart.
    #[must_use]
    pub fn is_reading(&self, callee: &str) -> bool {
        ends_with_any(callee, &self.reading)
    }

    /// Whether the name of a function of unknown content says that it checks the caller.
    #[must_use]
    pub fn says_check(&self, name: &str) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        let with_owner = if name.len() > last.len() { name.rsplitn(3, '.').take(2).collect::<Vec<_>>().join(".") } else { last.to_owned() };
        self.name.is_match(&with_owner) && !self.not_name.is_match(last)
    }

    /// Whether a middleware's name says that it checks no caller.
    #[must_use]
    pub fn is_harmless(&self, name: &str) -> bool {
        self.harmless.is_match(name)
    }

    /// Whether a text turns a caller away.
    #[must_use]
    pub fn denies(&self, text: &str) -> bool {
        self.denial.is_match(text)
    }
}

static GUARDS: LazyLock<Result<GuardNames, CatalogError>> =
    LazyLock::new(|| GuardNames::parse(include_str!("../../rules/models/guards.toml")));

/// The compiled-in table.
///
/// # Errors
/// Only when the compiled-in file is malformed, which a test rules out.
pub fn guards() -> Result<&'static GuardNames, CatalogError> {
    GUARDS.as_ref().map_err(Clone::clone)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_checks_from_other_calls() {
        let names = guards().unwrap();
        for (name, expected) in [
            ("requireUser", true),
            ("checkPass", true),
            ("forbidUnlessPermitted", true),
            ("authMiddleware", true),
            ("withAuth", true),
            ("ensureLoggedIn", true),
            ("checkRateLimit", false),
            ("cors", false),
            ("listAuthors", false),
            ("getTelnyxToken", false),
            ("loadSettings", false),
        ] {
            assert_eq!(names.says_check(name), expected, "{name}");
        }
        assert!(names.is_session("supabase.auth.getUser") && names.is_session("auth") && !names.is_session("db.users.oauth"));
        assert!(names.is_caller("ctx.req.user") && !names.is_caller("req.username"));
        assert!(names.denies("res.status(401)") && names.denies("Unauthorized") && !names.denies("status: 4010"));
    }
}
