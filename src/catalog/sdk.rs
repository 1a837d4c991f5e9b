//! The SDK model: what Telnyx's packages, options, events and endpoints are called, read from `rules/models/telnyx.toml`.
//!
//! Analysis code never spells such a name itself; it asks this catalogue for roles.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{CatalogError, read_table};

/// Everything about one vendor.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorModel {
    /// The client SDKs.
    pub sdk: Vec<Sdk>,
    /// Since when the packages can do what a refresh needs.
    pub release: Vec<Release>,
    /// Methods and events of a live client.
    pub live: LiveClient,
    /// REST endpoints.
    pub rest: Rest,
    /// The server SDK.
    pub server: ServerSdk,
}

/// One client SDK: its packages and the roles of its option fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sdk {
    /// Stable id.
    pub id: String,
    /// How messages name it.
    pub title: String,
    /// npm packages that export it.
    pub packages: Vec<String>,
    /// Global namespaces of its UMD bundle.
    #[serde(default)]
    pub globals: Vec<String>,
    /// Bare globals that people use for the client although no bundle defines them.
    #[serde(default)]
    pub loose_globals: Vec<String>,
    /// Whether it warns before the token expires (event and code in [`LiveClient`]).
    pub warns_before_expiry: bool,
    /// Option fields that carry the user name.
    pub user: Vec<String>,
    /// Option fields that carry the password.
    pub secret: Vec<String>,
    /// Option fields that carry the login token.
    pub token: Vec<String>,
    /// Option fields that log in without a credential.
    pub anonymous: Vec<String>,
    /// Keys that people use for the token where the SDK ignores them.
    #[serde(default)]
    pub wrong: Vec<String>,
    /// Keys below which only versions of long ago looked for login fields.
    #[serde(default)]
    pub legacy: Vec<String>,
    /// The option that sends the client to the vendor's test servers.
    #[serde(default)]
    pub test_servers: Option<OptionValue>,
    /// The package whose version decides what a client can do.
    #[serde(default)]
    pub core: Option<String>,
    /// For wrappers: how code gets at the client that its listeners are registered on.
    #[serde(default)]
    pub raw_client: Option<String>,
    /// The ways to make a client.
    pub client: Vec<ClientForm>,
}

/// An option with one value of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionValue {
    /// The option's name.
    pub option: String,
    /// The value, a string.
    pub value: String,
}

/// The first versions of a package that can do something.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The package.
    pub package: String,
    /// Warns before a token expires.
    pub warning: String,
    /// A live client can log in again with new credentials.
    pub login: String,
    /// The files of the package that a page may load, as the start of a path.
    pub files: Vec<String>,
}

/// How a client is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// `new Export(options)`.
    Constructor,
    /// `Export(options)`: a configuration helper or a static method.
    Call,
    /// `Export(options)` inside a component.
    Hook,
    /// `<Export property={options}>`.
    Component,
}

/// One way to make a client.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientForm {
    /// The syntactic form.
    pub form: Form,
    /// The export, dotted for static methods.
    pub export: String,
    /// Which argument holds the options.
    #[serde(default)]
    pub argument: Option<usize>,
    /// A second argument that may also hold login fields.
    #[serde(default)]
    pub also_argument: Option<usize>,
    /// Where in the argument the login fields stand.
    #[serde(default)]
    pub path: Vec<String>,
    /// For components: the property that holds the login fields.
    #[serde(default)]
    pub property: Option<String>,
    /// For components: further properties that may hold them.
    #[serde(default)]
    pub also: Vec<String>,
    /// Token fields of this form where they differ from the SDK's.
    #[serde(default)]
    pub token: Vec<String>,
    /// Keys that this form ignores, where they differ from the SDK's.
    #[serde(default)]
    pub wrong: Vec<String>,
    /// Positional user name.
    #[serde(default)]
    pub user_argument: Option<usize>,
    /// Positional password.
    #[serde(default)]
    pub secret_argument: Option<usize>,
    /// Positional token.
    #[serde(default)]
    pub token_argument: Option<usize>,
    /// The client lives for one short task, so its token never expires in use.
    #[serde(default)]
    pub short_lived: bool,
}

/// Methods and events of a live client.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveClient {
    /// Methods that subscribe to an event.
    pub listen: Vec<String>,
    /// Methods that unsubscribe.
    pub unlisten: Vec<String>,
    /// The method that logs in again with new credentials.
    pub login: String,
    /// The field of its argument that holds them.
    pub login_credentials: String,
    /// Methods that open the connection with the options given at construction.
    pub connect: Vec<String>,
    /// Methods that end the client.
    pub dispose: Vec<String>,
    /// Methods that no version has, though people call them to refresh.
    pub missing_methods: Vec<String>,
    /// Event names that deliver the expiry warning.
    pub warning_events: Vec<String>,
    /// Dotted constants for them.
    pub warning_constants: Vec<String>,
    /// Event names that never deliver it.
    pub other_events: Vec<String>,
    /// Those of them that tell of a failure when it has happened.
    pub failure_events: Vec<String>,
    /// Those of them that tell of a call's state.
    pub call_events: Vec<String>,
    /// The method that places a call.
    pub place_call: String,
    /// The field of a client that holds the options given at construction.
    pub stored_options: String,
    /// Keys that people use for the token where the SDK ignores them.
    pub wrong_token_keys: Vec<String>,
    /// The numeric expiry codes.
    pub expiry_codes: Vec<u32>,
    /// Their symbolic names.
    pub expiry_names: Vec<String>,
    /// Tables of the SDK that name its codes.
    pub code_tables: Vec<String>,
    /// Tables of the SDK that are keyed by code, so that a name finds nothing in them.
    pub number_keyed_tables: Vec<String>,
    /// The first and the last number that can be a code of the SDK.
    pub code_range: [u32; 2],
    /// The field of the event that holds the warning.
    pub warning_property: String,
    /// The field of the warning that holds the code.
    pub code_property: String,
    /// The field of the warning that holds the symbolic name.
    pub name_property: String,
}

/// REST endpoints, as path suffixes after the API's base.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// API hosts.
    pub hosts: Vec<String>,
    /// Paths that mint a login token.
    pub mint: Vec<String>,
    /// Paths that do not exist but are called to mint.
    pub mint_other: Vec<String>,
    /// Paths that create, read or delete credentials.
    pub credentials: Vec<String>,
    /// Paths that create, read or delete credential connections.
    pub connections: Vec<String>,
}

/// The server SDK.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSdk {
    /// npm packages.
    pub packages: Vec<String>,
    /// Dotted method paths that mint a login token.
    pub mint: Vec<String>,
    /// Dotted method paths that create a credential.
    pub create: Vec<String>,
    /// Dotted method paths that list credentials.
    pub list: Vec<String>,
    /// Dotted method paths that delete a credential.
    pub delete: Vec<String>,
}

impl VendorModel {
    /// Parses a model file.
    ///
    /// # Errors
    /// When the text is not TOML of the documented shape; the error names the place.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        read_table("telnyx.toml", text)
    }

    /// The names that mark a file as one to analyse: packages, globals, endpoints and events.
    #[must_use]
    pub fn anchors(&self) -> Vec<&str> {
        let paths = self.rest.mint.iter().chain(&self.rest.mint_other).chain(&self.rest.credentials).chain(&self.rest.connections);
        let resources = paths.filter_map(|path| path.trim_start_matches('/').split('/').next());
        let names = self.sdk.iter().flat_map(|sdk| sdk.packages.iter().chain(&sdk.globals).chain(&sdk.loose_globals));
        names.chain(&self.rest.hosts).chain(&self.live.warning_events).map(String::as_str).chain(resources).collect()
    }

    /// What versions of `package` can do.
    #[must_use]
    pub fn release_of(&self, package: &str) -> Option<&Release> {
        self.release.iter().find(|release| release.package == package)
    }

    /// The SDK that exports from `package`.
    #[must_use]
    pub fn sdk_of_package(&self, package: &str) -> Option<&Sdk> {
        self.sdk.iter().find(|sdk| sdk.packages.iter().any(|name| name == package))
    }
}

static TELNYX: LazyLock<Result<VendorModel, CatalogError>> =
    LazyLock::new(|| VendorModel::parse(include_str!("../../rules/models/telnyx.toml")));

/// The compiled-in Telnyx model.
///
/// # Errors
/// Only when the compiled-in file is malformed, which a test rules out.
pub fn telnyx() -> Result<&'static VendorModel, &'static CatalogError> {
    TELNYX.as_ref()
}
