//! How code asks who its caller is, read from `rules/models/guards.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ends_with_any;
use super::pattern::Pattern;

/// The names of checks.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardNames {
    /// Calls that answer with the caller's session, user or claims.
    session: Vec<String>,
    /// Calls that stop the request by themselves.
    assertion: Vec<String>,
    /// Paths under which frameworks keep the checked caller.
    caller: Vec<String>,
    /// Keys of a context that hold the checked caller.
    caller_keys: Vec<String>,
    /// Middleware that finds out who the caller is and lets everybody on.
    attaching: Vec<String>,
    /// Options that make a check let strangers on when they are set.
    optional: Vec<String>,
    /// Options that make a check let strangers on when they are `false`.
    compulsory: Vec<String>,
    /// Calls that only take the request apart.
    reading: Vec<String>,
    /// What a function's name must say to be taken for a check.
    name: Pattern,
    /// Names that say something else although they match.
    not_name: Pattern,
    /// Middleware that checks no caller.
    harmless: Pattern,
    /// What a branch says that turns a caller away.
    denial: Pattern,
    /// What stands before handlers of Python.
    pub(crate) python: PythonGuardNames,
    /// What stands before handlers of Rust.
    pub(crate) rust: RustGuardNames,
    /// What a team declared to turn strangers away.
    #[serde(skip)]
    declared: Vec<String>,
}

/// Names of layers and of types of parameters, and of functions that know the caller, of Rust.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RustGuardNames {
    /// Calls that answer with the caller's session, user or claims.
    session: Vec<String>,
    /// Calls that only take the request apart.
    reading: Vec<String>,
    /// They turn strangers away.
    pub(crate) stopping: Pattern,
    /// They want a token to be there and look no further.
    pub(crate) presence: Pattern,
}

/// Names of decorators, dependencies and permissions of Python.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PythonGuardNames {
    /// They turn strangers away.
    pub(crate) stopping: Pattern,
    /// They want a token to be there and look no further.
    pub(crate) presence: Pattern,
    /// They let everybody on.
    pub(crate) open: Pattern,
}

impl GuardNames {
    /// Adds a guard that a team declares.
    pub(super) fn declare(&mut self, name: String, only_answers: bool) {
        let names = if only_answers { &mut self.session } else { &mut self.declared };
        names.push(name);
    }

    /// Whether a team declared that a function, middleware or decorator of this dotted name turns strangers away.
    #[must_use]
    pub fn is_declared(&self, name: &str) -> bool {
        ends_with_any(name, &self.declared)
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
        ends_with_any(callee, &self.assertion) || self.is_declared(callee)
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use crate::catalog::Catalog;

    #[test]
    fn names_tell_checks_from_other_calls() {
        let catalog = Catalog::builtin().unwrap();
        let names = &catalog.guards;
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
