//! `authlint.toml` as it is written: the types that read it, and from which its JSON schema and the comments of `authlint init` come.
//!
//! The comment of a field is the description that users read, so it speaks to them. Unknown keys are found by the schema, before the types
//! read what is left: all of them, and the other mistakes with them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::{Spanned, Table};

use crate::config::words::{ConfidenceWord, PathPattern, RuleName};

/// The settings of authlint. Paths and patterns are seen from the folder of the file; patterns are those of `.gitignore`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "authlint.toml", deny_unknown_fields)]
pub struct Written {
    /// The only rules to run. All rules run when the key is absent.
    #[serde(default)]
    #[schemars(with = "Vec<RuleName>", length(min = 1))]
    pub select: Option<Spanned<Vec<Spanned<String>>>>,
    /// Rules not to run.
    #[serde(default)]
    #[schemars(with = "Vec<RuleName>")]
    pub ignore: Vec<Spanned<String>>,
    /// Show only findings that are at least this sure.
    #[serde(default)]
    #[schemars(with = "ConfidenceWord", extend("default" = "low"))]
    pub min_confidence: Option<Spanned<String>>,
    /// Files and folders that are not read at all. A folder that is left out stays out, whatever it contains.
    #[serde(default)]
    #[schemars(with = "Vec<PathPattern>")]
    pub exclude: Vec<Spanned<String>>,
    /// Files with models of further SDKs, wrappers and services.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub models: Vec<Spanned<String>>,
    /// Built-in vendors to look for beside Telnyx.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub vendors: Option<Vec<Spanned<String>>>,
    /// The file of known findings, which are not reported again.
    #[serde(default)]
    #[schemars(with = "String")]
    pub baseline: Option<Spanned<String>>,
    /// The severity of all findings of a rule, whatever the evidence says.
    #[serde(default)]
    #[schemars(schema_with = "crate::config::words::severities")]
    pub severity: BTreeMap<Spanned<String>, Spanned<String>>,
    /// What comments in the code may suppress, and how.
    #[serde(default)]
    pub suppressions: Suppressions,
    /// What holds for some paths only. Later tables win over earlier ones.
    #[serde(default, rename = "override")]
    pub overrides: Vec<Override>,
    /// A model of a further SDK, wrapper or service, as it would stand in a file of its own.
    #[serde(default, rename = "model")]
    #[schemars(with = "Vec<BTreeMap<String, serde_json::Value>>")]
    pub inline_models: Vec<Table>,
}

/// What comments in the code may suppress, and how.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Suppressions {
    /// Suppressions must give a reason: one without it hides nothing, and is reported.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub require_reason: Option<Spanned<bool>>,
}

/// What holds for some paths only.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct Override {
    /// The paths, as patterns.
    #[schemars(with = "Vec<PathPattern>", length(min = 1))]
    pub paths: Spanned<Vec<Spanned<String>>>,
    /// The only rules that hold there.
    #[serde(default)]
    #[schemars(with = "Vec<RuleName>", length(min = 1))]
    pub select: Option<Spanned<Vec<Spanned<String>>>>,
    /// Rules that do not hold there.
    #[serde(default)]
    #[schemars(with = "Vec<RuleName>")]
    pub ignore: Vec<Spanned<String>>,
    /// Show only findings there that are at least this sure.
    #[serde(default)]
    #[schemars(with = "ConfidenceWord")]
    pub min_confidence: Option<Spanned<String>>,
    /// The severity of all findings of a rule there.
    #[serde(default)]
    #[schemars(schema_with = "crate::config::words::severities")]
    pub severity: BTreeMap<Spanned<String>, Spanned<String>>,
}
