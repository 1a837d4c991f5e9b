//! Environment variables that a bundler's configuration puts into the bundle under a name without a public prefix:
//! `define: { 'process.env.X': … }`, webpack's `DefinePlugin` and `EnvironmentPlugin`, Next's `env: { X: … }`.

use crate::analysis::unit::Unit;
use crate::analysis::workspace::Workspace;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Literal, Name, Property, PropertyKey};

/// The variables, each with the folder of its package.
pub(super) fn variables(workspace: &Workspace) -> Vec<(Name, Name)> {
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
