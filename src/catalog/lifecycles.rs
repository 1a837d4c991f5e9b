//! How components live, read from `rules/models/lifecycles.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

/// The names of what runs when a component begins, changes and ends.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifecycles {
    /// Calls that run their first argument after a render.
    pub effects: Vec<String>,
    /// Calls that only components and hooks make.
    pub hooks: Vec<String>,
    /// Calls that run their argument at the end.
    pub teardown_calls: Vec<String>,
    /// Methods that run at the end.
    pub teardown_methods: Vec<String>,
    /// Methods that run at the beginning, constructors included.
    pub start_methods: Vec<String>,
    /// Decorators of classes that are components.
    pub component_decorators: Vec<String>,
    /// Base classes of components.
    pub component_bases: Vec<String>,
    /// Ends of the names of files whose top level is a component.
    pub component_files: Vec<String>,
    /// Parts of the names of things that are disconnected and are no client.
    pub other_disconnects: Vec<String>,
}
