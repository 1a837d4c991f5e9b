//! Environment variables that a bundler's configuration puts into the bundle under a name without a public prefix:
//! `define: { 'process.env.X': … }`, webpack's `DefinePlugin` and `EnvironmentPlugin`, Next's `env: { X: … }`, and prefixes of the project's
//! own (`envPrefix`).

use crate::analysis::unit::Unit;
use crate::analysis::workspace::Workspace;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Literal, Name, Property, PropertyKey};

/// What the configurations of a project inline, each with the folder of its package.
#[derive(Debug)]
pub(super) struct Inlined {
    variables: Vec<(Name, Name)>,
    prefixes: Vec<(Name, Name, Name)>,
}

impl Inlined {
    /// Reads the configurations.
    pub(super) fn of(workspace: &Workspace) -> Self {
        Self { variables: variables(workspace), prefixes: prefixes(workspace) }
    }

    /// Whether the code of a package's folder finds a variable in its bundle.
    pub(super) fn has(&self, folder: &str, variable: &str) -> bool {
        self.variables.iter().any(|(package, name)| &**package == folder && &**name == variable)
            || self.by_prefix(folder, variable).is_some()
    }

    /// The tool that ships a variable because of a prefix of the project's own.
    pub(super) fn by_prefix(&self, folder: &str, variable: &str) -> Option<&str> {
        let own = self.prefixes.iter().find(|(package, prefix, _)| &**package == folder && variable.starts_with(&**prefix));
        own.map(|(.., bundler)| &**bundler)
    }
}

/// The prefixes that configurations name beside those that everybody knows.
fn prefixes(workspace: &Workspace) -> Vec<(Name, Name, Name)> {
    let bundlers = &workspace.catalog.bundlers;
    let mut prefixes = Vec::new();
    for (file, entry) in workspace.project.iter().filter(|(_, entry)| entry.readable && entry.path.contains(".config.")) {
        for setting in bundlers.prefixes_of(&entry.path) {
            // Most configurations have none, and reading is cheaper than parsing.
            if !workspace.project.read(file).is_ok_and(|text| text.contains(&setting.key)) {
                continue;
            }
            let Some(unit) = workspace.unit(file) else { continue };
            let folder = Name::from(workspace.project.package_of(file).map_or("", |package| &package.folder));
            for node in unit.parents.nodes() {
                let Node::Expr(expr) = *node else { continue };
                let ExprKind::Object(properties) = &unit.module[expr].kind else { continue };
                for property in properties {
                    let Property::Value { key: PropertyKey::Name(key, _), value } = property else { continue };
                    if **key == *setting.key {
                        let bundler = Name::from(setting.bundler.as_str());
                        prefixes.extend(texts(unit, *value).into_iter().map(|prefix| (folder.clone(), prefix, bundler.clone())));
                    }
                }
            }
        }
    }
    prefixes
}

/// A string, or the strings of a list; those that are long enough to tell one variable from another.
fn texts(unit: &Unit, expr: ExprId) -> Vec<Name> {
    let text = |expr: ExprId| match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Literal(Literal::String(text)) if text.len() > 1 => Some(text.clone()),
        _ => None,
    };
    match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Array(elements) => elements.iter().filter_map(|element| text(element.expr)).collect(),
        _ => text(expr).into_iter().collect(),
    }
}

/// The variables, each with the folder of its package.
fn variables(workspace: &Workspace) -> Vec<(Name, Name)> {
    let mut variables = Vec::new();
    for unit in workspace.anchored_units() {
        let path = workspace.path(unit.file);
        let name = path.rsplit('/').next().unwrap_or(path);
        if !name.contains(".config.") && !name.starts_with("webpack") {
            continue;
        }
        let folder = Name::from(workspace.project.package_of(unit.file).map_or("", |package| &package.folder));
        for node in unit.parents.nodes() {
            let Node::Expr(expr) = *node else { continue };
            match &unit.module[expr].kind {
                ExprKind::Object(properties) => {
                    let env = is_value_of(unit, expr, "env") && name.starts_with("next.config");
                    for property in properties {
                        let Property::Value { key: PropertyKey::Name(key, _), .. } = property else { continue };
                        let variable = key
                            .strip_prefix("process.env.")
                            .or_else(|| key.strip_prefix("import.meta.env."))
                            .or_else(|| env.then_some(&**key));
                        variables.extend(variable.map(|variable| (folder.clone(), Name::from(variable))));
                    }
                }
                ExprKind::New { callee, args } if unit.source.slice(unit.module[*callee].span).ends_with("EnvironmentPlugin") => {
                    for arg in args {
                        if let ExprKind::Array(elements) = &unit.module[arg.expr].kind {
                            variables.extend(elements.iter().filter_map(|element| match &unit.module[element.expr].kind {
                                ExprKind::Literal(Literal::String(text)) => Some((folder.clone(), text.clone())),
                                _ => None,
                            }));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    variables
}

/// Whether an object literal is the value of a property of this name.
fn is_value_of(unit: &Unit, object: ExprId, name: &str) -> bool {
    let Some(Node::Expr(parent)) = unit.parents.parent(Node::Expr(object)) else { return false };
    let ExprKind::Object(properties) = &unit.module[parent].kind else { return false };
    properties
        .iter()
        .any(|property| matches!(property, Property::Value { key: PropertyKey::Name(key, _), value } if *value == object && &**key == name))
}
