//! Credentials' lives: for how long they are made, how often, and whether anybody ever deletes one.
//!
//! A credential that is made without `expires_at` works until it is deleted. One that is made whenever somebody asks for a token, without a look
//! for the one that is there, leaves a trail of them behind.

use rustc_hash::FxHashSet;

use super::Builder;
use super::control::leaves;
use crate::analysis::model::{Client, CreatedCredential, Endpoint, Expiry, Gift, OptionRole, ServiceAction, ServiceCall, Slot};
use crate::analysis::unit::Unit;
use crate::analysis::values::{FunctionSite, OriginKind, Site};
use crate::catalog::habits::CredentialHabits;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, FunctionId, StmtKind, UnaryOp};
use crate::secrets::words::split as words;
use crate::source::Location;

/// How many calls are looked at on the way to a creation.
const CALLS: usize = 24;

impl<'w> Builder<'w> {
    /// Every credential and connection that the project creates.
    pub(crate) fn created_credentials(&self, calls: &[ServiceCall], endpoints: &[Endpoint], clients: &[Client]) -> Vec<CreatedCredential> {
        calls
            .iter()
            .filter(|call| {
                call.action == ServiceAction::CreateCredential
                    || (call.action == ServiceAction::TouchConnection && call.spelling.starts_with("POST"))
            })
            .filter_map(|call| {
                let (unit, expr) = self.expr_at(call.at)?;
                Some(CreatedCredential {
                    at: call.at,
                    spelling: call.spelling.clone(),
                    is_connection: call.action == ServiceAction::TouchConnection,
                    expiry: self.expiry(unit, expr),
                    expiry_slot: self.expiry_slot(unit, expr),
                    per_request: self.asked_for_each_time(unit, expr, call.at, endpoints, clients),
                    zone: call.zone.clone(),
                    development_only: call.development_only,
                })
            })
            .collect()
    }

    /// Whether anything in the project deletes credentials.
    pub(crate) fn deletes_credentials(&self, calls: &[ServiceCall]) -> bool {
        let rest = calls.iter().any(|call| call.spelling.starts_with("DELETE"));
        let is_called = |unit: &Unit, path: &str| {
            let method = path.rsplit('.').next().unwrap_or(path);
            unit.usage.method_calls(method).iter().any(|call| unit.callee_text(*call).replace(['?', '!'], "").ends_with(path))
        };
        let paths = || self.catalog.vendors().iter().flat_map(|vendor| &vendor.server.delete);
        rest || self.workspace.anchored_units().any(|unit| paths().any(|path| is_called(unit, path)))
    }

    /// Whether the body of a creating call says when the credential ends.
    fn expiry(&self, unit: &'w Unit, call: ExprId) -> Expiry {
        let (ExprKind::Call { args, .. } | ExprKind::New { args, .. }) = &unit.module[call].kind else { return Expiry::Unknown };
        let mut visible = false;
        let args: Vec<&crate::hir::Element> = if unit.is_rust() { unit.bodies_of_request(call) } else { args.iter().collect() };
        for arg in args {
            for body in self.bodies(Self::site(unit, arg.expr)) {
                visible |= self.is_visible_object(body);
                if self
                    .catalog
                    .habits
                    .credentials
                    .expiry_keys
                    .iter()
                    .any(|name| !self.values.properties(body, &[name.as_str().into()]).is_empty())
                {
                    return Expiry::Set;
                }
            }
        }
        if visible { Expiry::Missing } else { Expiry::Unknown }
    }

    /// Where the body of a creating call can say when the credential ends: at the end of the object literal that it is.
    fn expiry_slot(&self, unit: &'w Unit, call: ExprId) -> Option<Slot> {
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return None };
        let bodies = args.iter().flat_map(|arg| {
            let argument = Self::site(unit, arg.expr);
            // What holds the body among other things is none itself.
            let mut bodies = self.bodies(argument);
            if bodies.len() > 1 {
                bodies.remove(0);
            }
            bodies
        });
        let objects: Vec<Site> = bodies
            .flat_map(|body| self.values.origins(body, &[]))
            .filter_map(|origin| match origin.kind {
                OriginKind::Object(site) if !origin.derived => Some(site),
                _ => None,
            })
            // The body names the connection; headers and options beside it do not.
            .filter(|object| !self.values.properties(*object, &["connection_id".into()]).is_empty())
            .collect();
        let [object] = objects.as_slice() else { return None };
        let holder = self.workspace.unit(object.file)?;
        matches!(holder.module[object.expr].kind, ExprKind::Object(_)).then(|| holder.entry_slot(object.expr))?
    }

    /// What may be the body of a request: an argument, its `body`, `data` or `json` member, each without `JSON.stringify`.
    fn bodies(&self, argument: Site) -> Vec<Site> {
        let mut bodies = vec![argument];
        for name in ["body", "data", "json"] {
            bodies.extend(self.values.properties(argument, &[name.into()]).into_iter().filter_map(|property| match property.kind {
                OriginKind::Property(value) => Some(value),
                _ => None,
            }));
        }
        bodies.into_iter().map(|body| self.unwrapped_text(body)).collect()
    }

    /// The value in `JSON.stringify(value)`, also through names; of an object the name.
    fn unwrapped_text(&self, site: Site) -> Site {
        let mut site = site;
        for _ in 0..3 {
            let Some(unit) = self.workspace.unit(site.file) else { return site };
            let value = unit.uncast(site.expr);
            let next = match &unit.module[value].kind {
                ExprKind::Call { args, .. } if unit.callee_text(value).ends_with("stringify") => args.first().map(|first| first.expr),
                // The fields of a struct.
                ExprKind::New { args, .. } if unit.is_rust() => args.first().map(|first| first.expr),
                ExprKind::Ident(_) => unit.scopes.symbol_of_expr(value).and_then(|symbol| match unit.usage.writes(symbol) {
                    [write] if write.path.is_empty() => match write.kind {
                        crate::analysis::usage::WriteKind::Declared { init } => init,
                        _ => None,
                    },
                    _ => None,
                }),
                _ => None,
            };
            // What is written into an object later (`body.expires_at = …`) only its name tells.
            let is_name = matches!(unit.module[value].kind, ExprKind::Ident(_));
            let next = next.filter(|next| !is_name || !matches!(unit.module[unit.uncast(*next)].kind, ExprKind::Object(_)));
            let Some(next) = next else { return Site { file: site.file, expr: value } };
            site = Site { file: site.file, expr: next };
        }
        site
    }

    /// Whether a value is an object literal whose members can all be seen.
    fn is_visible_object(&self, site: Site) -> bool {
        let origins = self.values.origins(site, &[]);
        let object = |origin: &crate::analysis::values::Origin| match origin.kind {
            OriginKind::Object(object) => self.workspace.unit(object.file).is_some_and(|unit| match &unit.module[object.expr].kind {
                // `{ ...options }` of something unseen may hold it.
                ExprKind::Object(properties) => properties.iter().all(|property| match property {
                    crate::hir::Property::Spread(value) => {
                        let spread = self.values.origins(Site { file: object.file, expr: *value }, &[]);
                        spread.iter().all(|origin| matches!(origin.kind, OriginKind::Object(_)))
                    }
                    _ => true,
                }),
                _ => false,
            }),
            _ => false,
        };
        !origins.is_empty() && origins.iter().all(object)
    }

    /// The endpoint whose callers get a token or credential of a new credential each time.
    fn asked_for_each_time(
        &self,
        unit: &'w Unit,
        created: ExprId,
        at: Location,
        endpoints: &[Endpoint],
        clients: &[Client],
    ) -> Option<String> {
        let endpoint = endpoints
            .iter()
            .find(|endpoint| endpoint.reaches.contains(&at) && (endpoint.gives == Gift::Token || logs_in_with(endpoint, clients)))?;
        let mut ways = vec![(unit, created)];
        // The calls on the way, each in its function.
        ways.extend(endpoint.flow.iter().filter(|step| step.location != endpoint.at).filter_map(|step| self.expr_at(step.location)));
        // The endpoint's flow leads to what it gives; the creation may lie on another way.
        ways.extend(self.calls_towards(unit, created));
        let looked = ways.into_iter().any(|(unit, expr)| is_behind_a_look(&self.catalog.habits.credentials, unit, expr));
        (!looked).then(|| endpoint.name.clone())
    }

    /// The calls through which a place is reached, of the functions around it and of those that call them.
    fn calls_towards(&self, unit: &'w Unit, place: ExprId) -> Vec<(&'w Unit, ExprId)> {
        let mut calls: Vec<(&'w Unit, ExprId)> = Vec::new();
        let mut seen: FxHashSet<FunctionSite> = FxHashSet::default();
        let mut open = vec![(unit, place)];
        while let Some((unit, place)) = open.pop() {
            for node in unit.parents.ancestors(Node::Expr(place)) {
                let Node::Function(function) = node else { continue };
                let function = FunctionSite { file: unit.file, function };
                if !seen.insert(function) {
                    continue;
                }
                for caller in self.values.callers(function) {
                    if calls.len() >= CALLS {
                        return calls;
                    }
                    calls.push((caller.unit, caller.expr));
                    open.push((caller.unit, caller.expr));
                }
            }
        }
        calls
    }
}

/// Whether a place is reached only when a look for an existing credential has found none.
fn is_behind_a_look(habits: &CredentialHabits, unit: &Unit, place: ExprId) -> bool {
    let mut inner = Node::Expr(place);
    for outer in unit.parents.ancestors(Node::Expr(place)) {
        match outer {
            Node::Stmt(statement) => match &unit.module[statement].kind {
                StmtKind::If { test, .. } if inner != Node::Expr(*test) && looks(habits, unit, *test) => return true,
                // `try { mint(known) } catch { create() }`.
                StmtKind::Try { block, .. } if inner != Node::Stmt(*block) => return true,
                _ => {}
            },
            Node::Expr(expr) => match &unit.module[expr].kind {
                ExprKind::Logical { left, .. } if inner != Node::Expr(*left) => return true,
                ExprKind::Conditional { test, .. } if inner != Node::Expr(*test) && looks(habits, unit, *test) => return true,
                _ => {}
            },
            Node::Function(function) if returns_what_is_there(habits, unit, function, place) => return true,
            _ => {}
        }
        inner = outer;
    }
    false
}

/// `if (existing) return existing` before a place.
fn returns_what_is_there(habits: &CredentialHabits, unit: &Unit, function: FunctionId, place: ExprId) -> bool {
    let at = unit.module[place].span;
    super::handler::nodes_in(unit, Node::Function(function)).into_iter().any(|node| {
        let Node::Stmt(statement) = node else { return false };
        let StmtKind::If { test, then, .. } = &unit.module[statement].kind else { return false };
        let span = unit.module[statement].span;
        span.end <= at.start && leaves(unit, *then) && is_positive(unit, *test) && looks(habits, unit, *test)
    })
}

/// Whether a test asks for a credential that is there, by its words.
fn looks(habits: &CredentialHabits, unit: &Unit, test: ExprId) -> bool {
    let asked = unit.source.slice(unit.module[test].span);
    // A missing setting is no missing credential: `if (!process.env.TELNYX_CONNECTION_ID)`.
    let is_setting = habits.not_looking.iter().any(|part| asked.contains(part.as_str()));
    !is_setting && words(asked).iter().any(|word| habits.looking.contains(word))
}

/// Whether a client of the project logs in with the credential that an endpoint gives.
fn logs_in_with(endpoint: &Endpoint, clients: &[Client]) -> bool {
    clients.iter().flat_map(|client| client.options_of(OptionRole::Password)).flat_map(|option| &option.sources).any(|source| {
        source.beyond.iter().any(|beyond| beyond.answer.file == endpoint.gives_at.file || beyond.answer.file == endpoint.at.file)
    })
}

/// Whether a test holds when something is there.
fn is_positive(unit: &Unit, test: ExprId) -> bool {
    !matches!(unit.module[unit.uncast(test)].kind, ExprKind::Unary { op: UnaryOp::Not, .. })
}
