//! What well-known functions do with values, read from `rules/models/apis.toml`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::CatalogError;

/// What a function does with values, as far as the value analysis cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiRole {
    /// Returns `[value, setter]`.
    State,
    /// Returns `{ current }`.
    Ref,
    /// Returns `{ value }`.
    Box,
    /// Calls its first argument and returns the result.
    Memo,
    /// Like [`ApiRole::Memo`], boxed as `{ value }`.
    Computed,
    /// Returns its first argument, a function.
    Wrapper,
    /// Returns its first argument's value.
    Identity,
    /// Merges its arguments, later ones win.
    Assign,
    /// The array of its argument's values.
    PromiseAll,
    /// The array of `{ status, value }`.
    PromiseSettled,
    /// One of the array's values.
    PromiseRace,
    /// Something computed from the arguments.
    Derive,
    /// Only whether a value is there.
    Flag,
    /// An HTTP request.
    Request,
    /// Returns an object whose verbs are requests.
    RequestFactory,
    /// Reads browser or device storage; the key is the first argument.
    StorageRead,
    /// Asks a person.
    Prompt,
    /// Finds form fields.
    DomQuery,
    /// Reads the page's URL.
    PageUrl,
    /// Checks an environment that is given as `runtimeEnv` and returns it.
    EnvSchema,
    /// Reads an environment variable; the name is the first argument.
    EnvGet,
    /// Reads the request that a server handler got.
    RequestInput,
    /// Makes a component context.
    CreateContext,
    /// Reads a component context.
    UseContext,
    /// Reads a file.
    FileRead,
    /// Runs its first argument; the result goes nowhere.
    Effect,
    /// Runs its first argument later or repeatedly.
    Timer,
    /// Shows or records something, changes nothing.
    Log,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiFile {
    api: Vec<ApiEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiEntry {
    role: ApiRole,
    names: Vec<String>,
}

/// The table of well-known functions.
#[derive(Debug, Default)]
pub struct ApiTable {
    exact: FxHashMap<String, Vec<ApiRole>>,
    /// Names that end in `*`: the prefix before it.
    prefixes: Vec<(String, ApiRole)>,
}

impl ApiTable {
    /// Parses a table.
    ///
    /// # Errors
    /// When the text is not TOML of the documented shape.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let file: ApiFile =
            toml::from_str(text).map_err(|error| CatalogError::Shape { file: "apis.toml".to_owned(), message: error.to_string() })?;
        let mut table = Self::default();
        for entry in file.api {
            for name in entry.names {
                if let Some(prefix) = name.strip_suffix('*') {
                    table.prefixes.push((prefix.to_owned(), entry.role));
                } else {
                    table.exact.entry(name).or_default().push(entry.role);
                }
            }
        }
        Ok(table)
    }

    /// Whether the global at a dotted path plays `role`.
    #[must_use]
    pub fn global_is(&self, path: &str, role: ApiRole) -> bool {
        self.has(path, role)
    }

    /// Whether an export of a package plays `role`. `path` is dotted; a leading `default.` is tried both with and without.
    #[must_use]
    pub fn export_is(&self, package: &str, path: &str, role: ApiRole) -> bool {
        let bare = path.strip_prefix("default.").unwrap_or(path);
        [path, bare].into_iter().any(|path| self.has(&format!("{package}#{path}"), role) || self.has(&format!("*#{path}"), role))
    }

    fn has(&self, name: &str, role: ApiRole) -> bool {
        self.exact.get(name).is_some_and(|roles| roles.contains(&role))
            || self.prefixes.iter().any(|(prefix, of)| *of == role && name.starts_with(prefix.as_str()))
    }
}

static APIS: LazyLock<Result<ApiTable, CatalogError>> = LazyLock::new(|| ApiTable::parse(include_str!("../../rules/models/apis.toml")));

/// The compiled-in table.
///
/// # Errors
/// Only when the compiled-in file is malformed, which a test rules out.
pub fn apis() -> Result<&'static ApiTable, &'static CatalogError> {
    APIS.as_ref()
}
