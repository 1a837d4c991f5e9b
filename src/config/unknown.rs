//! Keys that the schema does not know, all at once, each with the key that was probably meant.
//!
//! Serde stops at the first unknown key and knows no likeness.

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::check::UnknownRule;
use crate::config::error::Mistake;
use crate::config::schema::schema;
use crate::config::words::nearest;
use crate::rules::EVERY_RULE;

/// The keys of a file that nothing reads.
pub(crate) fn unknown_keys(table: &DeTable<'_>) -> Vec<Mistake> {
    unknown_keys_of(table, &schema())
}

/// The keys of a table that its schema does not have.
pub(crate) fn unknown_keys_of(table: &DeTable<'_>, schema: &Value) -> Vec<Mistake> {
    let mut found = Vec::new();
    in_table(table, schema, schema, &mut found);
    found
}

/// The schema has no references and is a few levels deep; the walk goes no deeper than it.
fn in_table(table: &DeTable<'_>, schema: &Value, whole: &Value, found: &mut Vec<Mistake>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    for (key, value) in table {
        match properties.and_then(|properties| properties.get(key.get_ref().as_ref())) {
            Some(schema) => in_value(value.get_ref(), schema, whole, found),
            None if is_closed => {
                let known = || properties.into_iter().flat_map(|properties| properties.keys()).map(String::as_str);
                found.push(unknown(key.get_ref(), key.span(), known, whole));
            }
            None => {}
        }
    }
}

fn in_value(value: &DeValue<'_>, schema: &Value, whole: &Value, found: &mut Vec<Mistake>) {
    match (value, schema.get("items")) {
        (DeValue::Table(table), _) => in_table(table, schema, whole, found),
        (DeValue::Array(values), Some(items)) => values.iter().for_each(|value| in_value(value.get_ref(), items, whole, found)),
        _ => {}
    }
}

fn unknown<'k, K: Iterator<Item = &'k str>>(key: &str, span: std::ops::Range<usize>, known: impl Fn() -> K, whole: &Value) -> Mistake {
    let is_rules = known().any(|known| EVERY_RULE.iter().any(|rule| rule.name == known));
    if is_rules {
        return unknown_rule(key, span);
    }
    let top = whole.get("properties").and_then(Value::as_object);
    let help = match nearest(key, known()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if top.is_some_and(|top| top.contains_key(key)) => format!("`{key}` belongs to the top of the file, before the first table"),
        None => format!("the keys here are {}", known().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")),
    };
    Mistake { message: format!("there is no key `{key}` here"), span, help: Some(help) }
}

/// What is said of a name that is no rule's.
pub(crate) fn unknown_rule(name: &str, span: std::ops::Range<usize>) -> Mistake {
    let error = UnknownRule::new(EVERY_RULE, name);
    Mistake { message: error.to_string(), span, help: Some(error.advice) }
}
