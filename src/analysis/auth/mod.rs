//! Building the auth model: from values and zones to clients, refreshes, service calls and key uses.
//!
//! Each part looks at the anchored files (those that name the vendor) and asks the value analysis, which pulls in further files on
//! demand. The parts: `clients` (who logs in, with which options), `refresh` (does a token client get a new token in time), `services`
//! (mints and credential calls, for whom the credential is), `handouts` (passwords in a server's answers), `keys` (API keys in client code),
//! `texts` (secrets that stand in any text), `endpoints` (which routes give tokens or credentials to whom: `routes` knows what is served,
//! `mounts` and `middleware` what runs before, `guards` what checks the caller), `requests` (what the project's code asks its own routes for;
//! `join` brings both sides together, so that a value's sources go on beyond a request).

mod caching;
mod chosen;
mod clients;
mod control;
mod credential_lives;
mod expiry_test;
mod exposures;
mod handler;
mod handouts;
mod holders;
mod inlined;
mod keys;
mod lifetimes;
mod listeners;
mod option_faults;
pub(crate) mod provenance;
mod public_env;
mod reactions;
mod refresh;
mod renewal;
mod secrecy;
mod services;
mod sharing;
mod short_lived;
mod sites;
mod stores;
mod texts;
mod tiers;
mod timers;
mod versions;
mod whole;

pub(crate) use tiers::is_python_handler;

use super::model::{App, Endpoint, Handout, ServiceCall, Zone};
use super::unit::Unit;
use super::values::{Site, Values};
use super::workspace::Workspace;
use super::zones::{FunctionContext, Zones};
use crate::catalog::Catalog;
use crate::finding::{Timings, timed};
use crate::hir::visit::Node;
use crate::hir::{ExprId, Name};

/// Builds the model of one project.
pub struct Builder<'w> {
    pub(crate) workspace: &'w Workspace,
    pub(crate) values: Values<'w>,
    pub(crate) zones: Zones<'w, Workspace>,
    /// What the world outside is called.
    pub(crate) catalog: &'w Catalog,
    /// Environment variables that a bundler configuration inlines, by package folder.
    inlined: inlined::Inlined,
    /// What has been found out about code that many questions reach.
    pub(crate) memo: handler::Memo,
}

/// Builds the auth model of a project.
///
/// What each part took is added to `timings`.
#[must_use]
pub fn build(workspace: &Workspace, timings: &mut Timings) -> App {
    let builder = Builder::new(workspace);
    // No branch needs another's result, and none depends on the order of questions, so they run side by side.
    let mut took: [Timings; 4] = Default::default();
    let [of_clients, of_server, of_keys, of_texts] = &mut took;
    let (clients, (server, (mut key_uses, mut secrets))) = rayon::join(
        || timed(of_clients, "clients", || builder.clients()),
        || {
            rayon::join(
                || builder.server(of_server),
                || rayon::join(|| timed(of_keys, "keys", || builder.key_uses()), || timed(of_texts, "texts", || builder.texts())),
            )
        },
    );
    timings.extend(took.into_iter().flatten());
    let Server { service_calls, mut handouts, mut endpoints } = server;
    // What the clients' values come from counts as the vendor's, although it does not name it.
    let crossed = builder.crossed_files(&clients);
    if !crossed.is_empty() {
        handouts.extend(timed(timings, "handouts beyond requests", || builder.handouts_in(&crossed)));
        handouts.sort_by_key(|handout| handout.at);
        endpoints = timed(timings, "endpoints beyond requests", || builder.endpoints(&service_calls, &handouts));
    }
    let requests = timed(timings, "requests", || builder.requests(&clients, &endpoints));
    secrets.extend(timed(timings, "tokens in pieces", || builder.tokens_in_pieces()));
    key_uses.extend(builder.asset_keys(&secrets));
    key_uses.extend(Builder::keys_as_tokens(&clients));
    let leftovers = timed(timings, "lifetimes", || builder.leftovers(&clients));
    let births = timed(timings, "births", || builder.births(&clients, &service_calls));
    let exposures = timed(timings, "exposures", || builder.exposures(&clients, &births));
    let (created, deletes_credentials) = timed(timings, "credentials", || {
        (builder.created_credentials(&service_calls, &endpoints, &clients), builder.deletes_credentials(&service_calls))
    });
    let cacheable = timed(timings, "caching", || builder.cacheable_answers(&endpoints, &requests, &births));
    let dead_urls = timed(timings, "addresses", || builder.dead_urls());
    let public_entries = timed(timings, "public variables", || builder.public_entries(&clients, &secrets));
    App {
        clients,
        service_calls,
        handouts,
        endpoints,
        requests,
        key_uses,
        secrets,
        exposures,
        leftovers,
        created,
        deletes_credentials,
        cacheable,
        public_entries,
        dead_urls,
    }
}

/// What servers do.
struct Server {
    service_calls: Vec<ServiceCall>,
    handouts: Vec<Handout>,
    endpoints: Vec<Endpoint>,
}

impl<'w> Builder<'w> {
    /// Knows nothing yet: for those who ask single questions instead of building the model.
    pub(crate) fn new(workspace: &'w Workspace) -> Self {
        Self {
            workspace,
            values: Values::new(workspace),
            zones: Zones::new(workspace, &workspace.catalog.frameworks),
            catalog: &workspace.catalog,
            inlined: inlined::Inlined::of(workspace),
            memo: handler::Memo::default(),
        }
    }
}

impl Builder<'_> {
    fn server(&self, timings: &mut Timings) -> Server {
        let service_calls = timed(timings, "service calls", || self.service_calls());
        let handouts = timed(timings, "handouts", || self.handouts_in(self.workspace.anchored()));
        let endpoints = timed(timings, "endpoints", || self.endpoints(&service_calls, &handouts));
        Server { service_calls, handouts, endpoints }
    }

    /// Where an expression runs: its module's zone, made more exact by the function around it.
    pub(crate) fn zone_at(&self, unit: &Unit, expr: ExprId) -> Zone {
        self.zone_of_node(unit, Node::Expr(expr))
    }

    /// Where any node runs.
    pub(crate) fn zone_of_node(&self, unit: &Unit, node: Node) -> Zone {
        let functions: Vec<_> = unit
            .parents
            .ancestors(node)
            .filter_map(|ancestor| if let Node::Function(function) = ancestor { Some(function) } else { None })
            .collect();
        let directives: Vec<Name> =
            functions.iter().flat_map(|function| unit.module[*function].directives.iter().map(|(text, _)| text.clone())).collect();
        let exported = functions.last().and_then(|outer| unit.export_of_function(*outer));
        let program = unit.parents.program(node).and_then(|index| unit.module.programs.get(index)).map(|program| program.kind);
        let span = functions.last().map(|outer| unit.module[*outer].span);
        self.zones.function_zone(unit.file, FunctionContext { exported: exported.as_deref(), directives: &directives, program, span })
    }

    /// The site of an expression.
    pub(crate) fn site(unit: &Unit, expr: ExprId) -> Site {
        Site { file: unit.file, expr }
    }
}

impl Unit {
    /// The name under which the module exports a function, when it is exported directly.
    pub(crate) fn export_of_function(&self, function: crate::hir::FunctionId) -> Option<String> {
        let symbol = if let Some(super::usage::FunctionName::Symbol(symbol)) = self.usage.function_name(function) {
            *symbol
        } else {
            let value = self.function_value(function)?;
            return (self.default_export().map(|expr| self.uncast(expr)) == Some(value)).then(|| "default".to_owned());
        };
        self.module.exports.iter().find_map(|export| match &export.kind {
            crate::hir::ExportKind::Binding { name, binding } if self.scopes.symbol_of_binding(*binding) == Some(symbol) => {
                Some(name.to_string())
            }
            crate::hir::ExportKind::Expr { name, expr } if self.scopes.symbol_of_expr(*expr) == Some(symbol) => Some(name.to_string()),
            _ => None,
        })
    }
}
