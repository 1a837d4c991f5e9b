//! Whose credential it is, by the words in table, variable and field names; read from `rules/models/ownership.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

/// Words that tell for whom a row or a setting stands.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ownership {
    /// One row a person.
    pub person: Vec<String>,
    /// One row an organisation or team.
    pub group: Vec<String>,
    /// One row for everybody.
    pub everyone: Vec<String>,
}
