//! What the world outside is called: vendors, frameworks, services and habits of code, as data.
//!
//! The knowledge stands in `rules/models/*.toml` (its README documents every key) and is compiled in, so that the binary needs no files beside
//! it and a new framework or SDK needs no code. Analysis code never spells such a name; it asks for roles.
//!
//! A [`Catalog`] is a value: the session makes one for its run, from the built-in tables and from what the project's `authlint.toml` adds to
//! them ([`user`]), and hands it to the workspace, where everybody finds it. There is no other way to a table. Screening takes its anchors
//! from the same value, so that a file which names only a team's own wrapper is analysed, and a vendor that is off costs nothing. The
//! built-in tables themselves are constants; they are read once a process, most of them when they are first looked into, and shared. Patterns in
//! them are compiled when they are first asked.
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
mod table;
pub mod user;
pub mod vendor;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

pub use error::CatalogError;

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
use table::{CompiledIn, Table};
use user::{PublicPrefix, TokenEndpoint};
use vendor::{Release, Vendor};

/// Everything that a run knows about the world outside of the project.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The vendors that are on, the one that authlint is made for first.
    vendors: Vec<Arc<Vendor>>,
    /// What frameworks are called and where their files run.
    pub frameworks: Arc<Frameworks>,
    /// What well-known functions do with values.
    pub apis: Arc<ApiTable>,
    /// Where configurations put values into what browsers get.
    pub bundlers: Table<Bundlers>,
    /// What conditions on the way to a value mean.
    pub conditions: Table<ConditionNames>,
    /// Which exports and calls are endpoints.
    pub endpoints: Table<EndpointNames>,
    /// How code asks who its caller is.
    pub guards: Table<GuardNames>,
    /// How components live.
    pub lifecycles: Table<Lifecycles>,
    /// Whom rows and names stand for.
    pub ownership: Table<Ownership>,
    /// How code is habitually spelt.
    pub habits: Table<Habits>,
    /// Endpoints of other projects that answer with tokens or credentials.
    pub token_endpoints: Vec<TokenEndpoint>,
    /// Prefixes of public environment variables that the built-in ones lack.
    pub public_prefixes: Vec<PublicPrefix>,
}

/// A file that is compiled in.
macro_rules! compiled_in {
    ($name:literal) => {
        CompiledIn { file: concat!("rules/models/", $name), text: include_str!(concat!("../../rules/models/", $name)) }
    };
}

/// The vendors that are on without being asked for, the one that authlint is made for first.
const VENDORS: [CompiledIn; 2] = [compiled_in!("telnyx.toml"), compiled_in!("telnyx-video.toml")];
/// Those that somebody has to ask for by their id. Until then they are not even read.
const DORMANT: [(&str, CompiledIn); 1] = [("twilio", compiled_in!("twilio.toml"))];

/// A built-in table that is read when it is first looked into. A malformed one is empty, which a test rules out.
macro_rules! tables {
    ($($table:ident: $kind:ty = $name:literal;)*) => {
        $(static $table: LazyLock<$kind> = LazyLock::new(|| compiled_in!($name).read().unwrap_or_default());)*

        /// What is wrong with one of these tables.
        #[cfg(test)]
        fn malformed() -> Vec<CatalogError> {
            vec![$(compiled_in!($name).read::<$kind>().err()),*].into_iter().flatten().collect()
        }
    };
}

tables! {
    BUNDLERS: Bundlers = "bundlers.toml";
    CONDITIONS: ConditionNames = "conditions.toml";
    ENDPOINTS: EndpointNames = "endpoints.toml";
    GUARDS: GuardNames = "guards.toml";
    LIFECYCLES: Lifecycles = "lifecycles.toml";
    OWNERSHIP: Ownership = "ownership.toml";
    HABITS: Habits = "habits.toml";
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
        let frameworks = compiled_in!("frameworks.toml");
        let frameworks = Arc::new(Frameworks::parse(frameworks.file, frameworks.text)?);
        let vendors = VENDORS.iter().map(|own| Vendor::parse(own.file, own.text).map(Arc::new)).collect::<Result<_, _>>()?;
        Ok(Self {
            vendors,
            frameworks,
            apis: Arc::new(ApiTable::parse(compiled_in!("apis.toml").text)?),
            bundlers: Table::built_in(&BUNDLERS),
            conditions: Table::built_in(&CONDITIONS),
            endpoints: Table::built_in(&ENDPOINTS),
            guards: Table::built_in(&GUARDS),
            lifecycles: Table::built_in(&LIFECYCLES),
            ownership: Table::built_in(&OWNERSHIP),
            habits: Table::built_in(&HABITS),
            token_endpoints: Vec::new(),
            public_prefixes: Vec::new(),
        })
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_tables_are_well_formed() {
        assert_eq!(malformed(), []);
        for (id, dormant) in DORMANT {
            let vendor = Vendor::parse(dormant.file, dormant.text).unwrap();
            assert!(vendor.id == id && !vendor.on, "{id}");
        }
        assert!(VENDORS.iter().all(|own| Vendor::parse(own.file, own.text).unwrap().on));
    }
}
