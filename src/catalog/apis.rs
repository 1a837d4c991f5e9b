//! What well-known functions do with values, read from `rules/models/apis.toml`.

use rustc_hash::{FxHashMap, FxHashSet};
use schemars::JsonSchema;
use serde::Deserialize;

use super::error::{CatalogError, read_table};

/// What a function does with values, as far as the value analysis cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
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
    /// Writes browser or device storage that scripts or other apps' users can read; the key is the first argument, the value the second.
    StorageWrite,
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
    /// An object whose members are environment variables.
    EnvObject,
    /// An object whose members are the names of the project's settings module.
    SettingsObject,
    /// Reads the request that a server handler got.
    RequestInput,
    /// Makes a component context.
    CreateContext,
    /// Reads a component context.
    UseContext,
    /// Reads a file.
    FileRead,
    /// Returns `[state, dispatch]`; the first argument is the reducer, the second one the initial state.
    Reducer,
    /// Makes a state store out of a function `(set, get) => state`; the store is called with a selector, or has `getState` and `setState`.
    Store,
    /// Reads the store that is its first argument, through the selector that is its second.
    UseStore,
    /// `(state, (set, get) => more)`: both together, as the function that [`ApiRole::Store`] takes.
    Combine,
    /// Makes a store out of a reducer.
    ReduxStore,
    /// Makes one reducer out of an object of reducers.
    CombineReducers,
    /// Returns the reducer that is its second argument.
    PersistReducer,
    /// Makes a reducer and its actions out of `{ initialState, reducers }`.
    Slice,
    /// Makes an action whose payload is what the function gives that is its second argument.
    Thunk,
    /// Reads the [`ApiRole::ReduxStore`] of the app through a selector.
    Select,
    /// Makes a selector of selectors and of a function that takes what they give.
    Selector,
    /// Returns something that plays [`ApiRole::Select`].
    SelectFactory,
    /// Returns a function that gives back what it is given: an action, or what a thunk promises.
    Dispatcher,
    /// Makes an atom: a piece of state that hooks, stores and other atoms name as a whole.
    Atom,
    /// Returns `[value, setter]` of an atom.
    UseAtom,
    /// Returns the value of an atom.
    AtomValue,
    /// Returns the setter of an atom.
    AtomSetter,
    /// Makes an observable value with `set`, `next` or `update`.
    Cell,
    /// Makes an observable value out of others: `derived(store, (value) => …)`.
    Derived,
    /// What a subscriber of the observable gets that is its first argument.
    Observed,
    /// Makes a function that returns what a subscriber of its argument gets.
    ToSignal,
    /// An operator in a pipe of observables: what its function returns is handed on.
    Operator,
    /// Makes a store of `{ state, getters, actions }` or of a set-up function; called, it gives the store.
    DefineStore,
    /// The members of an object, each boxed as `{ value }`.
    ToRefs,
    /// One member of an object, boxed as `{ value }`.
    ToRef,
    /// Gives a value, the second argument, to the components below under a key.
    Provide,
    /// Takes what [`ApiRole::Provide`] gave under a key; the second argument is the default.
    Inject,
    /// The instance of a class, or the value under a token, that dependency injection holds.
    InjectService,
    /// Runs its first argument; the result goes nowhere.
    Effect,
    /// Runs its first argument later or repeatedly.
    Timer,
    /// Shows or records something, changes nothing.
    Log,
}

/// A set of roles. One look at the table gives all roles of a name, so that a caller who asks for many looks once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ApiRoles(u64);

impl ApiRoles {
    /// Whether the role is in the set.
    #[must_use]
    pub fn contains(self, role: ApiRole) -> bool {
        self.0 & Self::default().with(role).0 != 0
    }

    /// What is in either set.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set with one more role.
    #[must_use]
    pub(crate) fn with(self, role: ApiRole) -> Self {
        Self(self.0 | 1 << role as u32)
    }
}

/// What well-known functions do with values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiFile {
    /// Modules whose exports are environment variables; `*` at the end stands for anything.
    env_modules: Vec<String>,
    /// Well-known functions.
    api: Vec<ApiEntry>,
    /// What methods and functions of Rust do with values.
    #[serde(default)]
    rust: RustApis,
}

/// What methods and functions of Rust do with values, by their names.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RustApis {
    /// Methods that give their receiver, or what it holds.
    pub passing: FxHashSet<String>,
    /// The same, where nothing is given to them.
    pub passing_alone: FxHashSet<String>,
    /// Methods that give something made of their receiver.
    pub deriving: FxHashSet<String>,
    /// Methods that say something about their receiver.
    pub asking: FxHashSet<String>,
    /// Methods that give what a function makes of what the receiver holds.
    pub mapping: FxHashSet<String>,
    /// Methods that give the receiver, or else their argument.
    pub falling_back: FxHashSet<String>,
    /// Functions that give their first argument.
    pub wrapping: FxHashSet<String>,
    /// Functions that give what their argument gives when it is called.
    pub lazy: FxHashSet<String>,
    /// Methods that make a request.
    pub verbs: FxHashSet<String>,
}

/// Functions that do the same.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ApiEntry {
    /// What the functions do with values.
    role: ApiRole,
    /// The functions: `package#export.path`, `*#export`, or a dotted global.
    names: Vec<String>,
}

/// The table of well-known functions.
#[derive(Debug, Default)]
pub struct ApiTable {
    exact: FxHashMap<String, ApiRoles>,
    /// Modules whose exports are environment variables.
    env_modules: Vec<String>,
    /// The first segments of the global names.
    globals: FxHashSet<String>,
    /// Names that end in `*`: the prefix before it.
    prefixes: Vec<(String, ApiRole)>,
    /// In Rust.
    pub(crate) rust: RustApis,
}

impl ApiTable {
    /// Parses a table.
    ///
    /// # Errors
    /// When the text is not TOML of the documented shape.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let file: ApiFile = read_table("apis.toml", text)?;
        let mut table = Self { env_modules: file.env_modules, rust: file.rust, ..Self::default() };
        for entry in file.api {
            for name in entry.names {
                if !name.contains('#') {
                    table.globals.extend(name.split('.').next().map(str::to_owned));
                }
                if let Some(prefix) = name.strip_suffix('*') {
                    table.prefixes.push((prefix.to_owned(), entry.role));
                } else {
                    let roles = table.exact.entry(name).or_default();
                    *roles = roles.with(entry.role);
                }
            }
        }
        Ok(table)
    }

    /// Whether the exports of a module are environment variables (the env modules of web and app frameworks).
    #[must_use]
    pub fn is_env_module(&self, specifier: &str) -> bool {
        self.env_modules.iter().any(|module| match module.strip_suffix('*') {
            Some(prefix) => specifier.starts_with(prefix),
            None => specifier == module,
        })
    }

    /// Whether a global of this name, or a member of it, is in the table.
    #[must_use]
    pub fn knows_global(&self, name: &str) -> bool {
        self.globals.contains(name)
    }

    /// The exports of packages that play a role, as package and export.
    #[must_use]
    pub fn exports_playing(&self, role: ApiRole) -> Vec<(&str, &str)> {
        let playing = self.exact.iter().filter(|(_, roles)| roles.contains(role));
        playing.filter_map(|(name, _)| name.split_once('#')).filter(|(package, _)| *package != "*").collect()
    }

    /// The roles of the global at a dotted path.
    #[must_use]
    pub fn roles_of_global(&self, path: &str) -> ApiRoles {
        let exact = self.exact.get(path).copied().unwrap_or_default();
        self.prefixes.iter().filter(|(prefix, _)| path.starts_with(prefix.as_str())).fold(exact, |roles, (_, role)| roles.with(*role))
    }

    /// The roles of an export of a package. `path` is dotted; a leading `default.` is tried both with and without.
    #[must_use]
    pub fn roles_of_export(&self, package: &str, path: &str) -> ApiRoles {
        let named = |path: &str| self.roles_of_global(&format!("{package}#{path}")).and(self.roles_of_global(&format!("*#{path}")));
        let whole = named(path);
        path.strip_prefix("default.").map_or(whole, |bare| whole.and(named(bare)))
    }
}
