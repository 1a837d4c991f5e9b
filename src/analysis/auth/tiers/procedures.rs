//! Functions that a client library of the same framework calls by name: procedures of tRPC, functions of Convex, actions behind a builder.
//!
//! They are handed to a builder, at the end of a chain (`protectedProcedure.input(…).mutation(f)`) or directly (`mutation({ handler })`). What
//! the chain was given before runs before them. Their name is made of the keys and files that they stand under.

use super::patterns::RoutePath;
use super::routes::{Route, RouteKind};
use crate::analysis::auth::Builder;
use crate::analysis::auth::control::path;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{OriginKind, Site};
use crate::catalog::endpoints::EndpointNames;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, Imported, Name, Property};

/// How many calls a chain may have.
const CHAIN: usize = 40;
/// How deep routers of procedures nest.
const NESTING: usize = 5;

impl<'w> Builder<'w> {
    /// The procedure that a call makes.
    pub(super) fn procedure(&self, unit: &'w Unit, call: ExprId, names: &EndpointNames) -> Option<Route> {
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return None };
        let mut before = Vec::new();
        let kind = if let Some(method) = unit.called_method(call) {
            let candidates: Vec<_> = names.procedures.iter().filter(|procedure| procedure.is_chain_end(method)).collect();
            if candidates.is_empty() {
                return None;
            }
            let root = chain(unit, call, |link| {
                if let ExprKind::Call { args, .. } = &unit.module[link].kind {
                    before.extend(args.iter().map(|arg| Self::site(unit, arg.expr)));
                }
            });
            let root_name = path(unit, root);
            // The start of the chain is a guard of its own: `protectedProcedure`.
            before.push(Self::site(unit, root));
            let is_function =
                |arg: &Element| matches!(unit.module[unit.uncast(arg.expr)].kind, ExprKind::Function(_) | ExprKind::Object(_));
            let by = |name: &str| candidates.iter().copied().find(|procedure| procedure.is_chain(name, method));
            let kind = by(&root_name).or_else(|| {
                // The builder may have a name of its own; what made it tells.
                args.last().filter(|arg| is_function(arg))?;
                self.makers(Self::site(unit, root)).iter().find_map(|name| by(name))
            });
            kind?
        } else {
            let (name, specifier) = imported(unit, unit.call_callee(call)?)?;
            names.procedures.iter().find(|procedure| procedure.is_call(&name, &specifier))?
        };
        let mut handlers = Vec::new();
        for arg in args {
            self.route_handlers(unit, arg.expr, &mut handlers, &mut before, 0);
        }
        if handlers.is_empty() {
            return None;
        }
        let names = self.procedure_names(unit, call);
        let what = names.first().map_or_else(|| format!("a {}", kind.what), |name| format!("the {} `{name}`", kind.what));
        let paths = names.into_iter().map(RoutePath::Name).collect();
        Some(Route { handlers, at: unit.at(unit.module[call].span), what, method: None, paths, kind: RouteKind::Procedure, before })
    }

    /// The names that a builder was made from, nearest first: `userClient` is `openClient.use(…)`, that is `createSafeActionClient()`.
    fn makers(&self, builder: Site) -> Vec<String> {
        let mut names = Vec::new();
        let mut at = builder;
        for _ in 0..NESTING {
            let origins = self.values.origins(at, &[]);
            let made = origins.iter().find_map(|origin| match origin.kind {
                OriginKind::Call(made) if origin.path.is_empty() => Some(made),
                _ => None,
            });
            let Some((made, unit)) = made.and_then(|made| Some((made, self.workspace.unit(made.file)?))) else { break };
            let root = chain(unit, made.expr, |_| {});
            let root = if root == made.expr { unit.call_callee(root).unwrap_or(root) } else { root };
            names.push(path(unit, root));
            let next = Self::site(unit, root);
            if next == at {
                break;
            }
            at = next;
        }
        names
    }

    /// The names under which clients call a procedure: `voice.mint` where its router is `voice` of another one, or the file's name in the
    /// folder of Convex.
    fn procedure_names(&self, unit: &'w Unit, call: ExprId) -> Vec<Name> {
        if let Some(export) = exported_name(unit, call) {
            let path = self.workspace.path(unit.file);
            let below = path.rsplit_once("convex/").map(|(_, below)| below.rsplit_once('.').map_or(below, |(stem, _)| stem));
            return vec![below.map_or_else(|| export.clone(), |below| format!("{}.{export}", below.replace('/', ".")).into())];
        }
        let Some((key, object)) = key_of(unit, call) else { return Vec::new() };
        let mut found = Vec::new();
        self.names_above(unit, object, &key, NESTING, &mut found);
        found
    }

    fn names_above(&self, unit: &'w Unit, object: ExprId, name: &str, depth: usize, found: &mut Vec<Name>) {
        let mut outer = object;
        let mut name = name.to_owned();
        // `router({ voice: router({ mint: … }) })`, `{ voice: { mint: … } }`.
        for _ in 0..NESTING {
            let whole = router_of(unit, outer);
            let Some((key, above)) = key_of(unit, whole) else { break };
            name = format!("{key}.{name}");
            outer = above;
        }
        let mut mounted = false;
        if depth > 0
            && let Some(symbol) = unit.declared_symbol(router_of(unit, outer))
        {
            let users = std::iter::once((unit, symbol)).chain(self.workspace.importing_symbols(unit, symbol));
            for (user, symbol) in users {
                for reference in user.scopes.references(symbol) {
                    if let Some((key, above)) = key_of(user, *reference) {
                        mounted = true;
                        self.names_above(user, above, &format!("{key}.{name}"), depth - 1, found);
                    }
                }
            }
        }
        if !mounted && !found.iter().any(|known| **known == *name) && found.len() < NESTING {
            found.push(name.into());
        }
    }
}

/// Walks a chain of calls back to its start, which is a name or member.
fn chain(unit: &Unit, call: ExprId, mut link: impl FnMut(ExprId)) -> ExprId {
    let mut at = unit.call_receiver(call).map_or(call, |receiver| unit.uncast(receiver));
    for _ in 0..CHAIN {
        match &unit.module[at].kind {
            ExprKind::Call { callee, .. } => {
                link(at);
                at = unit.call_receiver(at).map_or(*callee, |receiver| unit.uncast(receiver));
            }
            _ => break,
        }
    }
    at
}

/// The name and module that a name is imported from.
fn imported(unit: &Unit, callee: ExprId) -> Option<(Name, Name)> {
    let symbol = unit.scopes.symbol_of_expr(unit.uncast(callee))?;
    unit.usage.writes(symbol).iter().find_map(|write| {
        let WriteKind::Import { import, name } = write.kind else { return None };
        let import = unit.module.imports.get(import)?;
        match &import.names.get(name)?.imported {
            Imported::Named(name) => Some((name.clone(), import.specifier.clone())),
            Imported::Default => Some(("default".into(), import.specifier.clone())),
            Imported::Namespace => None,
        }
    })
}

/// The name under which a module exports a value.
pub(super) fn exported_name(unit: &Unit, value: ExprId) -> Option<Name> {
    use crate::hir::ExportKind;
    let symbol = unit.declared_symbol(value);
    unit.module.exports.iter().find_map(|export| match &export.kind {
        ExportKind::Binding { name, binding } if symbol.is_some() && unit.scopes.symbol_of_binding(*binding) == symbol => {
            Some(name.clone())
        }
        ExportKind::Expr { name, expr }
            if unit.uncast(*expr) == value || (symbol.is_some() && unit.scopes.symbol_of_expr(*expr) == symbol) =>
        {
            Some(name.clone())
        }
        _ => None,
    })
}

/// The key and object literal of which an expression is the value.
fn key_of(unit: &Unit, value: ExprId) -> Option<(Name, ExprId)> {
    let Some(Node::Expr(object)) = unit.parents.parent(Node::Expr(value)) else { return None };
    let ExprKind::Object(properties) = &unit.module[object].kind else { return None };
    properties.iter().find_map(|property| match property {
        Property::Value { key, value: held } if *held == value => Some((Name::from(key.name()?), object)),
        _ => None,
    })
}

/// The call that is given an object (`router({ … })`), or the object itself.
fn router_of(unit: &Unit, object: ExprId) -> ExprId {
    match unit.parents.parent(Node::Expr(object)) {
        Some(Node::Expr(call)) if matches!(&unit.module[call].kind, ExprKind::Call { args, .. } if args.iter().any(|arg| arg.expr == object)) => {
            call
        }
        _ => object,
    }
}
