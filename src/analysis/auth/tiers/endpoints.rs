//! Endpoints: from the calls that make tokens and credentials back to the routes that give them to callers.
//!
//! The way back follows visible callers, function by function, until a served function is met. A place that no route leads to gives
//! no endpoint. On the way out again every function says whether it checks the caller before it goes on.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::guards::{Check, Guards};
use super::patterns::RoutePath;
use super::routes::{Route, RouteKind};
use crate::analysis::auth::Builder;
use crate::analysis::model::{CallerCheck, Endpoint, Gift, HandedOut, Handout, ServiceAction, ServiceCall};
use crate::analysis::unit::Unit;
use crate::analysis::usage::FunctionName;
use crate::analysis::values::{FunctionSite, OriginKind, Site};
use crate::catalog::endpoints::EndpointNames;
use crate::finding::{FlowStep, ZoneKind};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, StmtKind};
use crate::source::Location;

/// How many calls may lie between a route and what it gives.
const CALLS: usize = 6;
/// How many places one search may look at.
const PLACES: usize = 160;

/// What an endpoint was found to do at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// It gives something to its caller.
    Gives(Gift),
    /// It creates a credential; alone that gives nobody anything.
    Creates,
}

/// A way from a route to a place: the calls, outermost first.
struct Way {
    route: Arc<Route>,
    calls: Vec<(FunctionSite, ExprId)>,
}

/// What is known of one route.
struct Found {
    route: Arc<Route>,
    check: Check,
    deeds: Vec<(Deed, Location, Vec<FlowStep>, bool)>,
}

struct Finder<'b, 'w> {
    builder: &'b Builder<'w>,
    names: &'w EndpointNames,
    guards: Guards<'b, 'w>,
}

impl<'w> Builder<'w> {
    /// The endpoints that give tokens or credentials.
    pub(crate) fn endpoints(&self, calls: &[ServiceCall], handouts: &[Handout]) -> Vec<Endpoint> {
        let mints = calls.iter().filter(|call| call.action == ServiceAction::Mint).map(|call| (Deed::Gives(Gift::Token), call.at));
        let creates = calls.iter().filter(|call| call.action == ServiceAction::CreateCredential).map(|call| (Deed::Creates, call.at));
        let answers =
            handouts.iter().filter(|handout| handout.what != HandedOut::ApiKey).map(|handout| (Deed::Gives(Gift::Credential), handout.at));
        let places: Vec<(Deed, Location)> = mints.chain(creates).chain(answers).collect();
        if !places.iter().any(|(deed, _)| matches!(deed, Deed::Gives(_))) {
            return Vec::new();
        }
        let catalog = &self.workspace.catalog;
        let finder = Finder { builder: self, names: &catalog.endpoints, guards: Guards::new(self, &catalog.guards) };
        finder.endpoints(&places)
    }

    /// The outermost expression that stands exactly at a location.
    pub(crate) fn expr_at(&self, at: Location) -> Option<(&'w Unit, ExprId)> {
        let unit = self.workspace.unit(at.file)?;
        unit.parents.nodes().iter().find_map(|node| match node {
            Node::Expr(expr) if unit.module[*expr].span == at.span => Some((unit, *expr)),
            _ => None,
        })
    }
}

impl<'w> Finder<'_, 'w> {
    fn endpoints(&self, places: &[(Deed, Location)]) -> Vec<Endpoint> {
        let mut found: Vec<Found> = Vec::new();
        for (deed, at) in places {
            let Some((unit, expr)) = self.builder.expr_at(*at) else { continue };
            if matches!(self.builder.zones.zone_of(unit.file).kind, ZoneKind::Development | ZoneKind::Build) {
                continue;
            }
            let development = self.builder.values.is_development_guarded(unit, Node::Expr(expr));
            for way in self.ways(unit, expr) {
                let Some(check) = self.check(&way) else { continue };
                let place = self.place(&way, *at);
                let flow = self.flow(&way, *at);
                match found.iter_mut().find(|known| known.route.at == way.route.at && known.check == check) {
                    Some(known) => known.deeds.push((*deed, place, flow, development)),
                    None => found.push(Found { route: Arc::clone(&way.route), check, deeds: vec![(*deed, place, flow, development)] }),
                }
            }
        }
        let mut endpoints: Vec<Endpoint> = found.into_iter().filter_map(|found| self.endpoint(found)).collect();
        endpoints.sort_by_key(|endpoint| (endpoint.gives_at, endpoint.at));
        endpoints
    }

    fn endpoint(&self, found: Found) -> Option<Endpoint> {
        let gives = found.deeds.iter().find_map(|(deed, ..)| if let Deed::Gives(gift) = deed { Some(*gift) } else { None })?;
        let mut reaches: Vec<Location> = found.deeds.iter().filter_map(|(_, _, flow, _)| flow.last().map(|step| step.location)).collect();
        reaches.sort();
        reaches.dedup();
        let (_, gives_at, flow, development_only) = found.deeds.into_iter().min_by_key(|(_, at, ..)| (self.conditions(*at), *at))?;
        let unit = self.builder.workspace.unit(found.route.at.file)?;
        let zone = (*self.builder.zones.zone_of(unit.file)).clone();
        let check = match found.check {
            Check::Stops => CallerCheck::Checked,
            Check::Unsure => CallerCheck::Unsure,
            Check::None(None) if self.asks_public_key(&found.route) => CallerCheck::PublicKey,
            Check::None(pretended) => CallerCheck::Missing { pretended },
        };
        Some(Endpoint { name: found.route.what.clone(), at: found.route.at, gives_at, gives, flow, reaches, check, zone, development_only })
    }

    /// How many conditions stand around a place: what always runs tells more than what sometimes does.
    fn conditions(&self, at: Location) -> usize {
        let Some((unit, expr)) = self.builder.expr_at(at) else { return usize::MAX };
        unit.parents
            .ancestors(Node::Expr(expr))
            .take_while(|node| !matches!(node, Node::Function(_)))
            .filter(|node| match node {
                Node::Stmt(statement) => matches!(unit.module[*statement].kind, StmtKind::If { .. } | StmtKind::Switch { .. }),
                Node::Expr(expr) => matches!(unit.module[*expr].kind, ExprKind::Conditional { .. }),
                _ => false,
            })
            .count()
    }

    /// Where a finding stands: at the place itself when the route's file holds it, else at the call in the route that leads there.
    fn place(&self, way: &Way, at: Location) -> Location {
        let Some((handler, call)) = way.calls.first() else { return at };
        if handler.file == at.file {
            return at;
        }
        self.builder.at(Site { file: handler.file, expr: *call })
    }

    fn flow(&self, way: &Way, at: Location) -> Vec<FlowStep> {
        let mut steps = vec![FlowStep::new(way.route.at, format!("{} is called", way.route.what))];
        for (function, call) in &way.calls {
            let location = self.builder.at(Site { file: function.file, expr: *call });
            if location != at {
                steps.push(FlowStep::new(location, "calls on"));
            }
        }
        steps.push(FlowStep::new(at, "gives it to the caller"));
        steps
    }

    /// The ways from routes to an expression.
    fn ways(&self, unit: &'w Unit, expr: ExprId) -> Vec<Way> {
        let mut ways = Vec::new();
        let mut seen: FxHashSet<FunctionSite> = FxHashSet::default();
        let mut open = VecDeque::from([(unit, expr, Vec::<(FunctionSite, ExprId)>::new())]);
        let mut places = 0;
        while let Some((unit, expr, calls)) = open.pop_front() {
            places += 1;
            if places > PLACES {
                break;
            }
            let around: Vec<FunctionSite> = unit
                .parents
                .ancestors(Node::Expr(expr))
                .filter_map(
                    |node| if let Node::Function(function) = node { Some(FunctionSite { file: unit.file, function }) } else { None },
                )
                .collect();
            let mut served = false;
            for function in &around {
                for route in self.routes_of(*function) {
                    served = true;
                    let mut calls = calls.clone();
                    calls.insert(0, (*function, expr));
                    ways.push(Way { route, calls });
                }
            }
            if served || calls.len() >= CALLS {
                continue;
            }
            for function in around {
                if !seen.insert(function) {
                    continue;
                }
                let named = self.builder.values.callers(function).into_iter().map(|caller| (caller.unit, caller.expr));
                for (unit, call) in named.chain(self.required_callers(function)) {
                    let mut calls = calls.clone();
                    calls.insert(0, (function, expr));
                    open.push_back((unit, call, calls));
                }
            }
        }
        ways
    }

    /// The calls of `exports.f = …` under a name that was taken out of the required module: `const { f } = require("./m")`.
    fn required_callers(&self, function: FunctionSite) -> Vec<(&'w Unit, ExprId)> {
        let mut callers = Vec::new();
        let Some(unit) = self.builder.workspace.unit(function.file) else { return callers };
        let Some(FunctionName::MemberWrite(index)) = unit.usage.function_name(function.function) else { return callers };
        let Some(name) = unit.usage.member_writes().get(*index).and_then(|write| write.property()) else { return callers };
        for importer in self.builder.workspace.importing_units(function.file) {
            for symbol in importer.destructured(name) {
                callers.extend(importer.usage.calls_of(*symbol).iter().filter_map(|call| {
                    let callee = importer.call_callee(*call)?;
                    let origins = self.builder.values.origins(Site { file: importer.file, expr: callee }, &[]);
                    origins.iter().any(|origin| origin.kind == OriginKind::Function(function)).then_some((importer, *call))
                }));
            }
        }
        callers
    }

    /// The routes that a function serves.
    fn routes_of(&self, function: FunctionSite) -> Vec<Arc<Route>> {
        let mut routes = Vec::new();
        let own = self.builder.workspace.unit(function.file);
        for unit in own.into_iter().chain(self.builder.workspace.importing_units_deep(function.file)) {
            let of_file = self.builder.routes_of_file(unit.file);
            routes
                .extend(of_file.iter().filter(|route| route.handlers.contains(&function) || self.is_middleware(route, function)).cloned());
        }
        routes
    }

    /// Whether a function is one of those that a registration puts before its handler: `router.post("/x", create, save)`. What it does, the
    /// request has done.
    fn is_middleware(&self, route: &Route, function: FunctionSite) -> bool {
        matches!(route.kind, RouteKind::Registered { .. })
            && route.before.iter().any(|site| {
                let Some(unit) = self.builder.workspace.unit(site.file) else { return false };
                let expr = unit.uncast(site.expr);
                match &unit.module[expr].kind {
                    ExprKind::Function(own) => site.file == function.file && *own == function.function,
                    ExprKind::Ident(_) | ExprKind::Member { .. } => {
                        let origins = self.builder.values.origins(Site { file: site.file, expr }, &[]);
                        origins.iter().any(|origin| origin.kind == OriginKind::Function(function))
                    }
                    _ => false,
                }
            })
    }

    /// Whether the caller is checked on a way; none when no request gets there.
    fn check(&self, way: &Way) -> Option<Check> {
        let mut check = Check::None(None);
        for (function, call) in &way.calls {
            let Some(unit) = self.builder.workspace.unit(function.file) else { continue };
            check = check.or(self.guards.before(unit, function.function, *call));
        }
        // What a procedure's builder was given is mostly the shape of its input; a stranger before a handler may be anything.
        let strangers = if way.route.kind == RouteKind::Procedure { Check::None(None) } else { Check::Unsure };
        for site in &way.route.before {
            check = check.or(self.guards.runs_before(*site, &strangers, &way.route.handlers));
        }
        let unit = self.builder.workspace.unit(way.route.at.file)?;
        match &way.route.kind {
            RouteKind::Next => {
                let protected = way.route.paths.iter().any(|path| match path {
                    RoutePath::Url(url) => self.builder.middleware_protects(&self.guards, unit, &url.to_string()),
                    RoutePath::Name(_) | RoutePath::Unknown => false,
                });
                Some(if protected { Check::Stops } else { check })
            }
            RouteKind::Registered { router, path } => {
                let mounted = self.builder.mounted(&self.guards, &self.names.router, *router, path, way.route.at);
                mounted.reachable.then(|| check.or(mounted.check))
            }
            RouteKind::Action => {
                Some(if self.builder.middleware_protects(&self.guards, unit, "/") { check.or(Check::Unsure) } else { check })
            }
            RouteKind::Convention => Some(check.or(self.guards.framework_check(unit, &way.route))),
            RouteKind::Controller { open } => Some(if *open { check } else { check.or(self.guards.global_guards(unit)) }),
            RouteKind::Lambda { authorized } => Some(if *authorized { Check::Stops } else { check }),
            RouteKind::Python { before } => {
                let handler = way.calls.first().and_then(|(handler, _)| Some((self.builder.workspace.unit(handler.file)?, *handler)));
                let guarded = before.iter().fold(check, |check, guard| check.or(self.guards.python(guard, 0)));
                Some(handler.map_or(guarded.clone(), |(unit, _)| guarded.or(self.guards.python_defaults(unit, before))))
            }
            RouteKind::Rust { before } => Some(before.iter().fold(check, |check, guard| check.or(self.guards.rust(guard)))),
            RouteKind::Command => None,
            RouteKind::Supabase(_) | RouteKind::Served | RouteKind::Procedure => Some(check),
        }
    }

    /// Whether the platform asks for a token before a Supabase function runs, which the public key of the project satisfies.
    fn asks_public_key(&self, route: &Route) -> bool {
        let RouteKind::Supabase(name) = &route.kind else { return false };
        let path = self.builder.workspace.path(route.at.file);
        let Some((before, _)) = path.split_once("functions/") else { return true };
        let text = self
            .builder
            .workspace
            .project
            .file_by_path(&format!("{before}config.toml"))
            .and_then(|file| self.builder.workspace.source(file));
        let Some(config) = text.and_then(|source| source.text.parse::<toml::Table>().ok()) else { return true };
        let switch = config.get("functions").and_then(|functions| functions.get(name)).and_then(|function| function.get("verify_jwt"));
        switch.and_then(toml::Value::as_bool).unwrap_or(true)
    }
}
