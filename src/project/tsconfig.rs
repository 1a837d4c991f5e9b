//! TypeScript and JavaScript project configurations, as far as they steer module resolution.
//!
//! The resolver crate reads a configuration strictly: one unresolvable `extends` (`astro/tsconfigs/strict` without `node_modules`, a
//! generated `.nuxt/tsconfig.json`) and every import of the folder fails. So it is given a reduced text: `baseUrl`, `paths`,
//! `rootDirs`, and only those `extends` that stand in the tree. Which files a configuration includes is ignored: an alias
//! counts when the file that it names exists.

use jsonc_parser::{JsonObject, JsonValue, ParseOptions, parse_to_value};
use serde_json::{Map, Value, json};

/// Whether a file name is that of a project configuration.
pub(crate) fn is_config(name: &str) -> bool {
    name == "jsconfig.json" || (name.starts_with("tsconfig") && name.rsplit_once('.').is_some_and(|(_, extension)| extension == "json"))
}

/// The order in which the configurations of one folder are asked.
pub(crate) fn rank(name: &str) -> u8 {
    match name {
        "tsconfig.json" => 0,
        "jsconfig.json" => 1,
        "tsconfig.app.json" => 2,
        "tsconfig.base.json" => 3,
        _ => 4,
    }
}

/// The reduced text of a configuration. `keeps` tells whether the target of an `extends` is in the tree.
pub(crate) fn reduce(text: &str, keeps: impl Fn(&str) -> bool) -> String {
    let Ok(Some(JsonValue::Object(config))) = parse_to_value(text, &ParseOptions::default()) else { return "{}".to_owned() };
    let mut reduced = Map::new();
    let extends: Vec<Value> = match config.get("extends") {
        Some(JsonValue::String(target)) => vec![json!(target)],
        Some(JsonValue::Array(targets)) => {
            targets.iter().filter_map(|target| if let JsonValue::String(target) = target { Some(json!(target)) } else { None }).collect()
        }
        _ => Vec::new(),
    };
    let extends: Vec<Value> = extends.into_iter().filter(|target| target.as_str().is_some_and(&keeps)).collect();
    if !extends.is_empty() {
        reduced.insert("extends".to_owned(), Value::Array(extends));
    }
    if let Some(options) = config.get_object("compilerOptions") {
        reduced.insert("compilerOptions".to_owned(), reduce_options(options));
    }
    Value::Object(reduced).to_string()
}

fn reduce_options(options: &JsonObject<'_>) -> Value {
    let mut reduced = Map::new();
    if let Some(base) = options.get_string("baseUrl") {
        reduced.insert("baseUrl".to_owned(), json!(base));
    }
    if let Some(folders) = options.get_array("rootDirs") {
        reduced.insert("rootDirs".to_owned(), strings(folders.iter()));
    }
    if let Some(paths) = options.get_object("paths") {
        let mut patterns: Vec<(String, Value)> = paths
            .clone()
            .into_iter()
            .filter_map(|(pattern, targets)| match targets {
                JsonValue::Array(targets) => Some((pattern.into_owned(), strings(targets.iter()))),
                _ => None,
            })
            .collect();
        patterns.sort_by(|left, right| left.0.cmp(&right.0));
        reduced.insert("paths".to_owned(), Value::Object(patterns.into_iter().collect()));
    }
    Value::Object(reduced)
}

fn strings<'v, 'a: 'v>(values: impl Iterator<Item = &'v JsonValue<'a>>) -> Value {
    values.filter_map(|value| if let JsonValue::String(text) = value { Some(json!(text)) } else { None }).collect()
}
