//! The client SDKs: packages, the ways to make a client, and the roles of its options.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::live::LiveClient;
use super::vendor::Words;

/// One client SDK: its packages and the roles of its option fields.
#[derive(Debug, Clone)]
pub struct Sdk {
    /// What the model says.
    pub names: SdkNames,
    /// How its clients live.
    pub live: Arc<LiveClient>,
    /// How messages speak of its vendor's things.
    pub words: Arc<Words>,
}

impl std::ops::Deref for Sdk {
    type Target = SdkNames;

    fn deref(&self) -> &SdkNames {
        &self.names
    }
}

/// One client SDK.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SdkNames {
    /// Stable id.
    pub id: String,
    /// How messages name it.
    pub title: String,
    /// npm packages that export it.
    pub packages: Vec<String>,
    /// Files of the project that export it, for a team's own wrapper; paths without their extension.
    #[serde(skip)]
    pub files: Vec<String>,
    /// Global namespaces of its UMD bundle.
    #[serde(default)]
    pub globals: Vec<String>,
    /// Bare globals that people use for the client although no bundle defines them.
    #[serde(default)]
    pub loose_globals: Vec<String>,
    /// Whether it warns before the token expires (event and code stand under `live`).
    pub warns_before_expiry: bool,
    /// Option fields that carry the user name.
    #[serde(default)]
    pub user: Vec<String>,
    /// Option fields that carry the password.
    #[serde(default)]
    pub secret: Vec<String>,
    /// Option fields that carry the login token.
    #[serde(default)]
    pub token: Vec<String>,
    /// Option fields that log in without a credential.
    #[serde(default)]
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
    #[serde(default)]
    pub client: Vec<ClientForm>,
}

/// An option with one value of it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionValue {
    /// The option's name.
    pub option: String,
    /// The value, a string.
    pub value: String,
}

impl SdkNames {
    /// The first class that clients are made of, for messages.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.client.iter().find(|client| client.form == Form::Constructor).map(|client| client.export.as_str())
    }
}

/// How a client is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// `new Export(options)`.
    Constructor,
    /// `Export(options)`: a configuration helper or a static method.
    #[default]
    Call,
    /// `Export(options)` inside a component.
    Hook,
    /// `<Export property={options}>`.
    Component,
}

/// One way to make a client.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
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
