//! The JSON schema of `authlint.toml`, for editors: from the same types that read the file.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use crate::config::Written;

/// The JSON schema of the configuration file, without references: each part stands where it holds.
#[must_use]
pub fn schema() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true).with_transform(RecursiveTransform(tidy));
    settings.into_generator().into_root_schema_for::<Written>().to_value()
}

/// What a person reads first comes first, and a key that is absent by default has no default: TOML knows no null.
fn tidy(schema: &mut Schema) {
    const FIRST: [&str; 5] = ["$schema", "title", "description", "type", "default"];
    let Some(object) = schema.as_object_mut() else { return };
    let stays = |key: &str, value: &Value| !(key == "default" && value.is_null());
    let stay = std::mem::take(object).into_iter().filter(|(key, value)| stays(key, value));
    let (mut first, rest): (Vec<_>, Vec<_>) = stay.partition(|(key, _)| FIRST.contains(&key.as_str()));
    first.sort_by_key(|(key, _)| FIRST.iter().position(|known| known == key));
    *object = first.into_iter().chain(rest).collect();
}
