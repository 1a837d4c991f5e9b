//! The words that values of `authlint.toml` may be, as the JSON schema lists them and as people are told of them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::finding::{Confidence, Severity};
use crate::rules::page::Page;
use crate::rules::{EVERY_RULE, Rule};

/// How alike two words must be to be offered as each other (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.8;

/// The word that a mistyped one was probably meant to be.
pub(crate) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let word = word.to_ascii_lowercase().replace('_', "-");
    let alike = known.into_iter().map(|known| (strsim::jaro_winkler(known, &word), known));
    alike.max_by(|left, right| left.0.total_cmp(&right.0)).filter(|(likeness, _)| *likeness >= ALIKE).map(|(_, known)| known)
}

/// The severities, worst first.
pub(crate) const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];
/// The confidences, surest first.
pub(crate) const CONFIDENCES: [Confidence; 3] = [Confidence::High, Confidence::Medium, Confidence::Low];

/// A rule's name, in the schema.
pub(crate) struct RuleName;

impl JsonSchema for RuleName {
    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = EVERY_RULE.iter().map(|rule| rule.name).collect();
        json_schema!({ "description": "The name of a rule.", "type": "string", "enum": names })
    }
}

/// A severity, in the schema.
pub(crate) struct SeverityWord;

impl JsonSchema for SeverityWord {
    fn schema_name() -> Cow<'static, str> {
        "Severity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": SEVERITIES.map(Severity::as_str) })
    }
}

/// A confidence, in the schema.
pub(crate) struct ConfidenceWord;

impl JsonSchema for ConfidenceWord {
    fn schema_name() -> Cow<'static, str> {
        "Confidence".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": CONFIDENCES.map(Confidence::as_str) })
    }
}

/// A pattern of paths, in the schema.
pub(crate) struct PathPattern;

impl JsonSchema for PathPattern {
    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A pattern as in `.gitignore`: `legacy/`, `*.stories.tsx`, `/apps/*/e2e`.",
            "type": "string",
            "pattern": r"\S",
        })
    }
}

/// A table with a severity for each rule.
pub(crate) fn severities(generator: &mut SchemaGenerator) -> Schema {
    let rules: Map<String, Value> = EVERY_RULE
        .iter()
        .map(|rule| {
            let mut schema = generator.subschema_for::<SeverityWord>();
            schema.insert("description".to_owned(), summary(rule).into());
            (rule.name.to_owned(), schema.to_value())
        })
        .collect();
    json_schema!({ "type": "object", "properties": rules, "additionalProperties": false })
}

/// What a rule reports, in one line.
pub(crate) fn summary(rule: &Rule) -> String {
    Page::parse(rule.page).map(|page| page.front.summary).unwrap_or_default()
}
