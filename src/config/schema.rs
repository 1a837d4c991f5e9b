//! The JSON schema of `authlint.toml`, for editors: from the same types that read the file.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::config::Written;

/// The JSON schema of the configuration file, without references: each part stands where it holds.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<Written>().to_value()
}
