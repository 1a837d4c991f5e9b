//! Vendors of voice services: their SDKs, their services, and how messages speak of them. One file in `rules/models/` each.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::error::{CatalogError, read_table};
use super::live::LiveClient;
use super::sdk::{Sdk, SdkNames};

/// Everything about one vendor.
#[derive(Debug, Clone)]
pub struct Vendor {
    /// The name by which configurations switch it on.
    pub id: String,
    /// Whether it is on without being asked for.
    pub on: bool,
    /// How messages speak of it.
    pub words: Arc<Words>,
    /// The client SDKs.
    pub sdks: Vec<Arc<Sdk>>,
    /// Since when the packages can do what a refresh needs.
    pub releases: Vec<Release>,
    /// How a client of the vendor's own SDK lives.
    pub live: Arc<LiveClient>,
    /// REST endpoints.
    pub rest: Rest,
    /// The server SDK.
    pub server: ServerSdk,
}

/// One vendor: its SDKs, its services, and what messages say.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VendorFile {
    vendor: VendorHead,
    words: Words,
    sdk: Vec<SdkNames>,
    #[serde(default)]
    release: Vec<Release>,
    live: LiveClient,
    #[serde(default)]
    rest: Rest,
    #[serde(default)]
    server: ServerSdk,
}

/// Who the vendor is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VendorHead {
    /// The name by which configurations switch it on.
    id: String,
    /// Whether it is on without being asked for.
    #[serde(default)]
    on: bool,
}

/// What messages say where vendors differ. The sentences around them stand in the rules.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The vendor.
    pub vendor: String,
    /// What a client logs in with: `login token`.
    pub token: String,
    /// The form of a refresh that works, as code.
    pub refresh: String,
    /// What such a refresh does with a fresh token: `log in again with`.
    pub renew: String,
    /// What is to be done where a method does not exist: `log in again on the same client`.
    pub renew_same: String,
    /// Where the new token goes: `goes into creds.login_token`.
    pub token_place: String,
    /// How long a token lives: `after at most 24 hours`.
    pub lifetime: String,
    /// How long after the warning it expires: `120 seconds later`.
    pub grace: String,
    /// The vendor's own pages show refreshes that cannot work.
    #[serde(default)]
    pub docs_are_wrong: bool,
    /// What a constructor without a login throws.
    #[serde(default)]
    pub rejection: String,
    /// Since which version the keys under `legacy` are not read any more.
    #[serde(default)]
    pub legacy_until: String,
    /// How a call is spelt that gives a live client new credentials: `login({ creds })`.
    pub login: String,
    /// Login tokens are found in texts by their claims; those of other vendors only where a client is given them.
    #[serde(default)]
    pub tokens_are_known: bool,
}

/// The first versions of a package that can do something.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The package.
    pub package: String,
    /// Warns before a token expires.
    pub warning: String,
    /// The first full release that does, for messages.
    pub warning_release: String,
    /// A live client can log in again with new credentials.
    pub login: String,
    /// The files of the package that a page may load, as the start of a path.
    pub files: Vec<String>,
    /// The one of them that messages advise.
    pub bundle: String,
}

/// REST endpoints, as path suffixes after the API's base.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// API hosts.
    pub hosts: Vec<String>,
    /// Words of which one stands in every text that names an endpoint.
    pub needles: Vec<String>,
    /// Paths that mint a login token.
    pub mint: Vec<String>,
    /// Paths that do not exist but are called to mint.
    pub mint_other: Vec<String>,
    /// Paths that create, read or delete credentials; the first one creates.
    pub credentials: Vec<String>,
    /// Paths that create, read or delete credential connections; the first one creates.
    pub connections: Vec<String>,
}

impl Rest {
    /// What the paths begin with, up to their first parameter.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        let paths = self.mint.iter().chain(&self.mint_other).chain(&self.credentials).chain(&self.connections);
        paths.map(|path| path.split("/{").next().unwrap_or(path))
    }

    /// What stands before the credential's id in the path of a mint.
    pub fn before_id(&self) -> impl Iterator<Item = &str> {
        self.mint.iter().filter_map(|path| path.split_once('{').map(|(before, _)| before.trim_start_matches('/')))
    }
}

/// The server SDK.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
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
    /// Objects whose further methods mint when their name speaks of a token.
    pub resources: Vec<String>,
    /// Options of the SDK's constructor that hold the API key.
    pub key_options: Vec<String>,
    /// Keyword arguments that hold the credential's id.
    pub id_keywords: Vec<String>,
    /// Methods that mint in some versions only.
    #[serde(default)]
    pub dated: Vec<DatedMint>,
    /// Functions of a team's own packages, as `package#export`.
    #[serde(skip)]
    pub calls: Vec<ServiceFunction>,
}

/// Methods of a server SDK that mint in some of its versions.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatedMint {
    /// The npm package.
    pub package: String,
    /// The versions, as npm writes ranges.
    pub versions: String,
    /// Dotted method paths that mint a login token in these.
    pub mint: Vec<String>,
}

/// A function of a team's own that calls the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFunction {
    /// The module that exports it: a package, or a file of the project without its extension.
    pub from: String,
    /// The export.
    pub export: String,
    /// What it does.
    pub action: ServiceDeed,
}

/// What a team's function does at the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceDeed {
    /// Mints a login token.
    Mint,
    /// Creates a credential.
    Create,
    /// Reads or lists credentials.
    Read,
}

impl Vendor {
    /// Reads a vendor's file. `file` is the name that errors print.
    ///
    /// # Errors
    /// When the text is not TOML of the documented shape; the error names the place.
    pub fn parse(file: &str, text: &str) -> Result<Self, CatalogError> {
        read_table(file, text).map(Self::new)
    }

    pub(super) fn new(raw: VendorFile) -> Self {
        let (live, words) = (Arc::new(raw.live), Arc::new(raw.words));
        let sdk = |names| Arc::new(Sdk { names, live: Arc::clone(&live), words: Arc::clone(&words) });
        Self {
            id: raw.vendor.id,
            on: raw.vendor.on,
            sdks: raw.sdk.into_iter().map(sdk).collect(),
            words,
            live,
            releases: raw.release,
            rest: raw.rest,
            server: raw.server,
        }
    }

    /// The names that mark a file as one to analyse: packages, globals, endpoints and events.
    pub fn anchors(&self) -> impl Iterator<Item = &str> {
        let resources = self.rest.roots().filter_map(|path| path.trim_start_matches('/').split('/').next());
        let sdks = self.sdks.iter().flat_map(|sdk| sdk.packages.iter().chain(&sdk.globals).chain(&sdk.loose_globals));
        let wrappers = self.sdks.iter().filter(|sdk| !sdk.files.is_empty()).flat_map(|sdk| &sdk.client).map(|client| &client.export);
        let events = self.sdks.iter().flat_map(|sdk| &sdk.live.warning_events);
        let calls = self.server.calls.iter().map(|call| call.export.as_str());
        sdks.chain(wrappers).chain(events).chain(&self.rest.hosts).map(String::as_str).chain(resources).chain(calls)
    }
}
