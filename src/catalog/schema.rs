//! The schemas of the models' files: what their documentation is made of.

use serde_json::Value;

use super::apis::ApiFile;
use super::bundlers::Bundlers;
use super::conditions::ConditionNames;
use super::endpoints::EndpointNames;
use super::frameworks::RawFile;
use super::guards::GuardNames;
use super::habits::Habits;
use super::lifecycles::Lifecycles;
use super::ownership::Ownership;
use super::user::{ClientModel, GuardModel, PublicEnvModel, ServiceModel, TokenEndpointModel, schema_of};
use super::vendor::VendorFile;

/// The schema of one kind of file or table, with what it is about.
#[derive(Debug)]
pub struct ModelSchema {
    /// The files in `rules/models/`, or the `kind` of a team's model.
    pub name: &'static str,
    /// Its JSON schema, without references.
    pub schema: Value,
}

/// The built-in files.
#[must_use]
pub fn files() -> Vec<ModelSchema> {
    [
        ("telnyx.toml, telnyx-video.toml, twilio.toml", schema_of::<VendorFile>()),
        ("frameworks.toml", schema_of::<RawFile>()),
        ("endpoints.toml", schema_of::<EndpointNames>()),
        ("guards.toml", schema_of::<GuardNames>()),
        ("apis.toml", schema_of::<ApiFile>()),
        ("bundlers.toml", schema_of::<Bundlers>()),
        ("conditions.toml", schema_of::<ConditionNames>()),
        ("lifecycles.toml", schema_of::<Lifecycles>()),
        ("ownership.toml", schema_of::<Ownership>()),
        ("habits.toml", schema_of::<Habits>()),
    ]
    .map(|(name, schema)| ModelSchema { name, schema })
    .into()
}

/// What a team may say in its `authlint.toml`.
#[must_use]
pub fn kinds() -> Vec<ModelSchema> {
    [
        ("client", schema_of::<ClientModel>()),
        ("guard", schema_of::<GuardModel>()),
        ("token-endpoint", schema_of::<TokenEndpointModel>()),
        ("service", schema_of::<ServiceModel>()),
        ("public-env", schema_of::<PublicEnvModel>()),
    ]
    .map(|(name, schema)| ModelSchema { name, schema })
    .into()
}
