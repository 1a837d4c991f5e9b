//! The requests of the model: those that a value crossed on its way to a client, those whose answer reaches one from elsewhere, and those
//! that ask an endpoint which gives tokens or credentials.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use crate::analysis::auth::Builder;
use crate::analysis::model::{Client, Endpoint, Provenance, Request};
use crate::analysis::unit::Unit;
use crate::analysis::values::Site;
use crate::finding::ZoneKind;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Literal};
use crate::source::Location;

/// What requests are called, by the last part: a look before a question is asked.
const ASKING: [&str; 22] = [
    "fetch",
    "$fetch",
    "ofetch",
    "axios",
    "ky",
    "got",
    "request",
    "get",
    "post",
    "put",
    "patch",
    "invoke",
    "ajax",
    "getJSON",
    "useFetch",
    "useLazyFetch",
    "useSWR",
    "query",
    "mutate",
    "useQuery",
    "useMutation",
    "useAction",
];

impl Builder<'_> {
    /// The requests of the model, in the order of files and places.
    pub(crate) fn requests(&self, clients: &[Client], endpoints: &[Endpoint]) -> Vec<Request> {
        let answered = |at: Location| endpoints.iter().any(|endpoint| endpoint.at == at).then_some(at);
        let crossed = self.memo.crossed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut found: BTreeMap<(Location, String), Option<Location>> =
            crossed.into_iter().map(|(request, route)| (request, answered(route))).collect();
        // Answers of somebody else.
        for source in clients.iter().flat_map(|client| &client.options).flat_map(|option| &option.sources) {
            if source.requests.is_empty()
                && matches!(source.provenance, Provenance::BackEnd(_))
                && let Some((unit, expr)) = self.expr_at(source.at)
                && may_ask(unit, expr)
                && let Some(asked) = self.asked(Self::site(unit, expr))
            {
                found.entry((source.at, asked.spelling())).or_insert(None);
            }
        }
        if !endpoints.is_empty() {
            let names: Vec<&str> = endpoints.iter().map(|endpoint| last_name(&endpoint.name)).collect();
            for unit in self.workspace.anchored_units() {
                // Who asks for an endpoint writes the end of its path, or its name.
                if !names.iter().any(|name| unit.source.text.contains(name)) {
                    continue;
                }
                if matches!(self.zones.zone_of(unit.file).kind, ZoneKind::Development | ZoneKind::Build) {
                    continue;
                }
                for node in unit.parents.nodes() {
                    let Node::Expr(call) = *node else { continue };
                    let at = unit.at(unit.module[call].span);
                    // `app.post("/token", f)` registers what `http.post("/token", body)` asks for.
                    if may_ask(unit, call)
                        && let Some((spelling, route)) = self.route_of(Self::site(unit, call))
                        && route != at
                        && let Some(endpoint) = answered(route)
                    {
                        found.insert((at, spelling), Some(endpoint));
                    }
                }
            }
        }
        found.into_iter().filter_map(|((at, spelling), endpoint)| self.request(at, spelling, endpoint)).collect()
    }

    fn route_of(&self, site: Site) -> Option<(String, Location)> {
        let asked = self.asked(site)?;
        let joined = self.joined(site, &asked)?;
        Some((asked.spelling(), joined.at))
    }

    fn request(&self, at: Location, spelling: String, endpoint: Option<Location>) -> Option<Request> {
        let (unit, expr) = self.expr_at(at)?;
        let development_only = self.values.is_development_guarded(unit, Node::Expr(expr));
        Some(Request { at, spelling, zone: self.zone_at(unit, expr), development_only, endpoint })
    }
}

/// The last part of an endpoint's path or name that is a text.
fn last_name(name: &str) -> &str {
    let is_text = |part: &&str| !part.is_empty() && !part.starts_with(['[', ':', '*']);
    name.trim_end_matches('`').rsplit(['/', '.', '`', ' ']).find(is_text).unwrap_or(name)
}

/// Whether a call can be a request by its shape: a telling name, and something that can be an address.
fn may_ask(unit: &Unit, call: ExprId) -> bool {
    let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { return false };
    let text = unit.source.slice(unit.module[*callee].span);
    let last = text.rsplit(['.', '?', '!']).next().unwrap_or(text);
    let last = last.split('<').next().unwrap_or(last);
    if !ASKING.contains(&last) {
        return false;
    }
    match args.first().map(|first| &unit.module[unit.uncast(first.expr)].kind) {
        Some(ExprKind::Literal(Literal::String(text))) => text.contains('/') || last == "invoke",
        Some(ExprKind::Function(_)) => false,
        Some(_) => true,
        None => matches!(last, "query" | "mutate" | "useQuery" | "useMutation"),
    }
}
