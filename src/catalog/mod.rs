//! What the world outside is called: vendors, frameworks, services and habits of code, as data.
//!
//! The knowledge stands in `rules/models/*.toml` (its README documents every key) and is compiled in, so that the binary needs no files beside
//! it and a new framework or SDK needs no code. Analysis code never spells such a name; it asks for roles.
//!
//! A [`Catalog`] is a value: the session makes one for its run, from the built-in tables and from what the project's `authlint.toml` adds to
//! them ([`user`]), and hands it to the workspace, where everybody finds it. There is no other way to a table. Screening takes its anchors
//! from the same value, so that a file which names only a team's own wrapper is analysed, and a vendor that is off costs nothing. The
//! built-in tables themselves are constants; they are read once a process and shared. Patterns in them are compiled when they are first asked.
//!
//! A mistake in a table of the user's is an error with the file, the place and what would be right ([`CatalogError`]).

pub mod apis;
pub mod bundlers;
pub mod conditions;
pub mod endpoints;
mod error;
pub mod frameworks;
pub mod guards;
pub mod habits;
pub mod lifecycles;
pub mod live;
pub mod ownership;
pub mod pattern;
pub mod schema;
pub mod sdk;
pub mod sides;
pub mod user;
pub mod vendor;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

pub use error::CatalogError;
use error::read_table;

use apis::ApiTable;
use bundlers::Bundlers;
use conditions::ConditionNames;
use endpoints::EndpointNames;
use frameworks::Frameworks;
use guards::GuardNames;
use habits::Habits;
use lifecycles::Lifecycles;
use live::LiveClient;
use ownership::Ownership;
use sdk::Sdk;
use user::{PublicPrefix, TokenEndpoint};
use vendor::{Release, Vendor};

/// Everything that a run knows about the world outside of the project.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The vendors that are on, the one that authlint is made for first.
    vendors: Vec<Arc<Vendor>>,
    /// Built-in vendors that somebody has to ask for.
    dormant: Vec<Arc<Vendor>>,
    /// What frameworks are called and where their files run.
    pub frameworks: Arc<Frameworks>,
    /// What well-known functions do with values.
    pub apis: Arc<ApiTable>,
    /// Where configurations put values into what browsers get.
    pub bundlers: Arc<Bundlers>,
    /// What conditions on the way to a value mean.
    pub conditions: Arc<ConditionNames>,
    /// Which exports and calls are endpoints.
    pub endpoints: Arc<EndpointNames>,
    /// How code asks who its caller is.
    pub guards: Arc<GuardNames>,
    /// How components live.
    pub lifecycles: Arc<Lifecycles>,
    /// Whom rows and names stand for.
    pub ownership: Arc<Ownership>,
    /// How code is habitually spelt.
    pub habits: Arc<Habits>,
    /// Endpoints of other projects that answer with tokens or credentials.
    pub token_endpoints: Vec<TokenEndpoint>,
    /// Prefixes of public environment variables that the built-in ones lack.
    pub public_prefixes: Vec<PublicPrefix>,
}

/// A compiled-in file with its name.
macro_rules! compiled_in {
    ($name:literal) => {
        (concat!("rules/models/", $name), include_str!(concat!("../../rules/models/", $name)))
    };
}

static BUILTIN: LazyLock<Result<Arc<Catalog>, CatalogError>> = LazyLock::new(|| Catalog::compiled_in().map(Arc::new));

impl Catalog {
    /// What is compiled in.
    ///
    /// # Errors
    /// Never for a released binary: a test loads the tables. The error exists so that a broken edit is named, not hidden.
    pub fn builtin() -> Result<Arc<Self>, CatalogError> {
        BUILTIN.as_ref().map(Arc::clone).map_err(Clone::clone)
    }

    fn compiled_in() -> Result<Self, CatalogError> {
        fn table<T: serde::de::DeserializeOwned>((file, text): (&str, &str)) -> Result<Arc<T>, CatalogError> {
            read_table(file, text).map(Arc::new)
        }
        let (file, text) = compiled_in!("frameworks.toml");
        let frameworks = Arc::new(Frameworks::parse(file, text)?);
        let mut catalog = Self {
            vendors: Vec::new(),
            dormant: Vec::new(),
            frameworks,
            apis: Arc::new(ApiTable::parse(compiled_in!("apis.toml").1)?),
            bundlers: table(compiled_in!("bundlers.toml"))?,
            conditions: table(compiled_in!("conditions.toml"))?,
            endpoints: table(compiled_in!("endpoints.toml"))?,
            guards: table(compiled_in!("guards.toml"))?,
            lifecycles: table(compiled_in!("lifecycles.toml"))?,
            ownership: table(compiled_in!("ownership.toml"))?,
            habits: table(compiled_in!("habits.toml"))?,
            token_endpoints: Vec::new(),
            public_prefixes: Vec::new(),
        };
        for (file, text) in [compiled_in!("telnyx.toml"), compiled_in!("telnyx-video.toml"), compiled_in!("twilio.toml")] {
            let vendor = Arc::new(Vendor::parse(file, text)?);
            let list = if vendor.on { &mut catalog.vendors } else { &mut catalog.dormant };
            list.push(vendor);
        }
        if catalog.vendors.is_empty() {
            return Err(CatalogError::new("rules/models", "no vendor is on by itself"));
        }
        Ok(catalog)
    }

    /// The vendors that are on.
    #[must_use]
    pub fn vendors(&self) -> &[Arc<Vendor>] {
        &self.vendors
    }

    /// The client SDKs of the vendors that are on.
    pub fn sdks(&self) -> impl Iterator<Item = &Arc<Sdk>> {
        self.vendors.iter().flat_map(|vendor| &vendor.sdks)
    }

    /// The SDK that exports from `package`.
    #[must_use]
    pub fn sdk_of_package(&self, package: &str) -> Option<&Arc<Sdk>> {
        self.sdks().find(|sdk| sdk.packages.iter().any(|name| name == package))
    }

    /// How the clients of those SDKs live, each way once.
    #[must_use]
    pub fn lives(&self) -> Vec<&Arc<LiveClient>> {
        let mut lives: Vec<&Arc<LiveClient>> = Vec::new();
        for sdk in self.sdks() {
            if !lives.iter().any(|known| Arc::ptr_eq(known, &sdk.live)) {
                lives.push(&sdk.live);
            }
        }
        lives
    }

    /// The packages of which is known since when they can do what a refresh needs.
    pub fn releases(&self) -> impl Iterator<Item = &Release> {
        self.vendors.iter().flat_map(|vendor| &vendor.releases)
    }

    /// What ships an environment variable of this name to browsers, when its prefix says that something does.
    #[must_use]
    pub fn public_bundler(&self, name: &str) -> Option<&str> {
        let added = self.public_prefixes.iter().find(|public| name.len() > public.prefix.len() && name.starts_with(&public.prefix));
        let builtin = || crate::secrets::names::public_env_prefix(name).map(|public| public.bundler.as_str());
        added.map(|public| public.bundler.as_str()).or_else(builtin)
    }

    /// The names that mark a file as one to analyse, each once.
    #[must_use]
    pub fn anchors(&self) -> BTreeSet<&str> {
        let endpoints = self.token_endpoints.iter().map(TokenEndpoint::anchor);
        self.vendors.iter().flat_map(|vendor| vendor.anchors()).chain(endpoints).collect()
    }
}

/// Whether a dotted name is one of the names, or ends with one after a dot.
fn ends_with_any(name: &str, names: &[String]) -> bool {
    names.iter().any(|known| name.strip_suffix(known.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}
