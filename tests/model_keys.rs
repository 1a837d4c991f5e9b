//! `rules/models/README.md` documents every key of every model, and no other: its tables are made of the types that read the files.
//!
//! `AUTHLINT_BLESS=1 cargo test --test model_keys` writes them anew.

mod harness;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use authlint::catalog::Catalog;
use authlint::catalog::schema::{ModelSchema, files, kinds};
use harness::TestResult;
use serde_json::Value;

#[test]
fn every_key_of_the_models_is_documented() -> TestResult {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/models/README.md");
    let text = fs::read_to_string(&path)?;
    let expected = with_part(&with_part(&text, "kinds", &document(&kinds(), "kind = ")?)?, "files", &document(&files(), "")?)?;
    if std::env::var_os("AUTHLINT_BLESS").is_some() {
        fs::write(&path, expected)?;
        return Ok(());
    }
    assert!(text == expected, "rules/models/README.md is not what the types say; AUTHLINT_BLESS=1 cargo test --test model_keys");
    Ok(())
}

#[test]
fn the_built_in_models_are_well_formed() -> TestResult {
    let catalog = Catalog::builtin()?;
    let on: Vec<&str> = catalog.vendors().iter().map(|vendor| vendor.id.as_str()).collect();
    assert_eq!(on, ["telnyx", "telnyx-video"]);
    for sdk in catalog.sdks() {
        assert!(!sdk.title.is_empty() && !sdk.packages.is_empty() && !sdk.client.is_empty(), "{}", sdk.id);
    }
    for vendor in catalog.vendors() {
        for dated in &vendor.server.dated {
            assert!(nodejs_semver::Range::parse(&dated.versions).is_ok(), "{}", dated.versions);
        }
    }
    let anchors = catalog.anchors();
    assert!(anchors.contains("@telnyx/webrtc") && anchors.contains("telephony_credentials"));
    assert!(!anchors.iter().any(|anchor| anchor.contains("wilio")), "what is off costs nothing");
    Ok(())
}

/// A text with the part between two marks exchanged.
fn with_part(text: &str, mark: &str, part: &str) -> TestResult<String> {
    let (before, rest) = text.split_once(&format!("<!-- {mark} -->\n")).ok_or_else(|| format!("no mark {mark}"))?;
    let (_, after) = rest.split_once("<!-- end -->").ok_or("no end")?;
    Ok(format!("{before}<!-- {mark} -->\n{part}<!-- end -->{after}"))
}

fn document(schemas: &[ModelSchema], before: &str) -> TestResult<String> {
    let mut text = String::new();
    for ModelSchema { name, schema } in schemas {
        let name = if before.is_empty() { (*name).to_owned() } else { format!("`{before}\"{name}\"`") };
        write!(text, "\n### {name}\n\n{}\n", said(schema, &name)?)?;
        table(&mut text, "", schema)?;
    }
    text.push('\n');
    Ok(text)
}

/// A table of keys, and then those of the tables in it.
fn table(text: &mut String, path: &str, schema: &Value) -> TestResult {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut keys = String::new();
    let mut inner = Vec::new();
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let (whole, value) = (value, present(value));
        let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if value["properties"].is_object() {
            inner.push((format!("`[{below}]`"), below, value));
        } else if value["items"]["properties"].is_object() {
            inner.push((format!("`[[{below}]]`"), below, &value["items"]));
        } else {
            let key = if required.contains(&key.as_str()) { format!("**`{key}`**") } else { format!("`{key}`") };
            writeln!(
                keys,
                "| {key} | {} | {} |",
                kind(value),
                said(if whole["description"].is_string() { whole } else { value }, &below)?.replace('|', "\\|")
            )?;
        }
    }
    if !keys.is_empty() {
        write!(text, "\n| key | holds | meaning |\n| --- | --- | --- |\n{keys}")?;
    }
    for (title, below, schema) in inner {
        write!(text, "\n{title}: {}\n", said(schema, &below)?)?;
        table(text, &below, schema)?;
    }
    Ok(())
}

/// The schema of a key that may be absent.
fn present(value: &Value) -> &Value {
    let some = value["anyOf"].as_array().into_iter().flatten().find(|choice| choice["type"] != "null");
    some.unwrap_or(value)
}

/// What the type's comment says, in one line.
fn said(value: &Value, at: &str) -> TestResult<String> {
    let text = value["description"].as_str().ok_or_else(|| format!("`{at}` has no comment"))?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn kind(value: &Value) -> String {
    let words = |choices: &Value| -> Vec<String> {
        let choices = choices.as_array().into_iter().flatten();
        choices.filter_map(|choice| choice.as_str().or_else(|| choice["const"].as_str())).map(|word| format!("`{word}`")).collect()
    };
    let chosen = [words(&value["enum"]), words(&value["oneOf"])].concat();
    if !chosen.is_empty() {
        return if chosen.len() > 12 { "a role".to_owned() } else { chosen.join(", ") };
    }
    let of = |value: &Value| match value["type"].as_str().or_else(|| value["type"][0].as_str()) {
        Some("string") => "text",
        Some("boolean") => "yes or no",
        Some("integer" | "number") => "number",
        _ => "value",
    };
    match value["type"].as_str() {
        Some("array") => format!("{}s", of(&value["items"])),
        _ => of(value).to_owned(),
    }
}
