//! Who chooses: whether the id of a credential is what the caller of an endpoint sent, and whether that was compared with what is the
//! caller's own before a token is minted for it.
//!
//! Only the id itself counts. A row that the caller chose is the caller's question; whose row it is, `sharing` judges.

use rustc_hash::FxHashSet;

use super::Builder;
use super::handler::nodes_in;
use super::sharing::asks_for_a_person;
use super::tiers::routes::RouteKind;
use crate::analysis::model::{Provenance, ServiceCall};
use crate::analysis::unit::Unit;
use crate::analysis::values::{FunctionSite, Origin, OriginKind, Site};
use crate::finding::{FlowStep, StepKind};
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, Element, ExprId, ExprKind, FunctionId, Literal, Name};
use crate::secrets::words::split as words;
use crate::source::Location;

/// Parts of what a handler is given that are not the caller's choice: what the server itself found out.
const OWN: [&str; 20] = [
    "user",
    "session",
    "auth",
    "locals",
    "state",
    "account",
    "jwt",
    "claims",
    "currentuser",
    "ctx",
    "context",
    "env",
    "profile",
    "member",
    "viewer",
    "identity",
    "principal",
    "tenant",
    "app",
    "var",
];
/// Words of functions that say whether somebody may have something.
const DECIDING: [&str; 18] = [
    "own",
    "owns",
    "owner",
    "ownership",
    "access",
    "allow",
    "allowed",
    "authorize",
    "authorized",
    "permission",
    "permitted",
    "belongs",
    "can",
    "may",
    "verify",
    "assert",
    "ensure",
    "check",
];
/// Methods that look something up in a list or map of what is allowed.
const LOOKING_UP: [&str; 8] = ["includes", "has", "some", "find", "indexOf", "findIndex", "every", "hasOwn"];
/// How many names are looked at in one function.
const NAMES: usize = 400;

/// Whether a choice is checked: looks at the functions that the id goes through.
struct Looking<'b, 'w> {
    builder: &'b Builder<'w>,
    /// Where the caller's choice is read.
    births: FxHashSet<(Location, Vec<Name>)>,
    names: usize,
}

impl<'w> Builder<'w> {
    /// Tells who chose the credential of a mint, from the origins of its id.
    pub(super) fn choice(&self, unit: &'w Unit, call: ExprId, id: Site, origins: &[Origin], made: &mut ServiceCall) {
        let (mut sources, _) = self.sources(origins, unit.file);
        let chosen: Vec<&Origin> = origins.iter().filter(|origin| self.is_callers_choice(origin)).collect();
        for source in &mut sources {
            if chosen.iter().any(|origin| origin.at == source.at) {
                source.provenance = Provenance::RequestInput;
            } else if source.provenance == Provenance::RequestInput {
                // Sent along by the caller, but found out by the server: the user of a session.
                source.provenance = Provenance::Unknown;
            }
        }
        made.credential = sources;
        if let Some(first) = chosen.first() {
            let births = chosen.iter().map(|origin| (origin.at, origin.path.clone())).collect();
            let mut looking = Looking { builder: self, births, names: 0 };
            made.id_checked = looking.is_checked(unit, call, id, &first.trail.steps());
        }
    }

    /// The served function around a place, or else the innermost one.
    fn handler_around(&self, unit: &Unit, place: Location) -> Option<FunctionId> {
        let mut around: Vec<(usize, FunctionId)> = unit
            .module
            .functions
            .iter()
            .enumerate()
            .filter(|(_, function)| function.span.contains(place.span))
            .filter_map(|(index, function)| Some((function.span.len(), FunctionId(u32::try_from(index).ok()?))))
            .collect();
        around.sort_unstable();
        let routes = self.routes_of_file(unit.file);
        let is_served =
            |function: &FunctionId| routes.iter().any(|route| route.handlers.iter().any(|handler| handler.function == *function));
        let functions = || around.iter().map(|(_, function)| *function);
        functions().find(is_served).or_else(|| functions().next())
    }

    /// Whether an origin is what the caller of an endpoint sent.
    fn is_callers_choice(&self, origin: &Origin) -> bool {
        let own = |segment: &Name| OWN.contains(&&*segment.to_ascii_lowercase());
        if origin.derived || origin.path.iter().any(own) {
            return false;
        }
        match &origin.kind {
            OriginKind::RequestInput => true,
            OriginKind::Call(site) => self.reads_request(*site),
            OriginKind::Param(function, index) => self.is_handed_over(*function, *index, origin),
            _ => false,
        }
    }

    /// `url.searchParams.get("id")`, `c.req.param("id")`, `form.get("id")`.
    fn reads_request(&self, site: Site) -> bool {
        let Some(unit) = self.workspace.unit(site.file) else { return false };
        let callee = super::tiers::routes::compact(unit.callee_text(site.expr)).to_ascii_lowercase();
        let (Some((receiver, method)), true) =
            (callee.rsplit_once('.'), self.zones.zone_of(site.file).kind != crate::finding::ZoneKind::Client)
        else {
            return false;
        };
        let receiver = receiver.rsplit('.').next().unwrap_or(receiver);
        match method {
            "get" => matches!(receiver, "searchparams" | "params" | "query" | "formdata" | "form" | "body"),
            "param" | "query" | "header" => matches!(receiver, "req" | "request"),
            _ => false,
        }
    }

    /// Whether the parameter of a served function is what its caller sent.
    fn is_handed_over(&self, function: FunctionSite, index: usize, origin: &Origin) -> bool {
        let head = origin.path.first().map(AsRef::as_ref);
        self.routes_of_file(function.file).iter().filter(|route| route.handlers.contains(&function)).any(|route| match route.kind {
            RouteKind::Action => true,
            RouteKind::Procedure => index == 1 || matches!(head, Some("input" | "rawInput" | "parsedInput")),
            _ => index == 0 && head.is_some() || index == 1 && head == Some("params"),
        })
    }
}

impl<'w> Looking<'_, 'w> {
    fn is_checked(&mut self, unit: &'w Unit, call: ExprId, id: Site, way: &[FlowStep]) -> bool {
        let mut places: Vec<(&'w Unit, Location)> = vec![(unit, unit.at(unit.module[call].span))];
        // A helper that mints for the id that it is given: its callers may have looked.
        let passed = way.iter().filter(|step| step.kind == StepKind::Argument);
        places.extend(passed.filter_map(|step| Some((self.builder.workspace.unit(step.location.file)?, step.location))));
        let id_file = self.builder.workspace.unit(id.file);
        places.extend(id_file.map(|unit| (unit, unit.at(unit.module[id.expr].span))));
        places.into_iter().any(|(unit, place)| {
            let around = self.builder.handler_around(unit, place);
            around.is_some_and(|function| self.looks(unit, Node::Function(function), place))
        })
    }

    /// Whether something in a function decides about the id before a place.
    fn looks(&mut self, unit: &'w Unit, function: Node, place: Location) -> bool {
        let nodes = nodes_in(unit, function);
        let before = |expr: ExprId| unit.module[expr].span.start < place.span.start && !unit.module[expr].span.contains(place.span);
        for node in nodes {
            let Node::Expr(expr) = node else { continue };
            match &unit.module[expr].kind {
                ExprKind::Binary {
                    op: BinaryOp::StrictEqual | BinaryOp::StrictNotEqual | BinaryOp::LooseEqual | BinaryOp::LooseNotEqual,
                    left,
                    right,
                } if before(expr) && (self.compares(unit, *left, *right) || self.compares(unit, *right, *left)) => return true,
                ExprKind::Call { callee, args, .. } => {
                    let decides = self.decides(unit, expr, *callee, args);
                    if decides && (before(expr) || unit.module[expr].span.contains(place.span)) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// A comparison of the id, or of a row that was looked up by it, with something that is not written out.
    fn compares(&mut self, unit: &'w Unit, side: ExprId, other: ExprId) -> bool {
        let nothing = match &unit.module[unit.uncast(other)].kind {
            ExprKind::Literal(_) | ExprKind::Unary { .. } => true,
            ExprKind::Ident(name) => &**name == "undefined",
            _ => false,
        };
        let text = unit.source.slice(unit.module[side].span).to_ascii_lowercase();
        // Who may choose for others is known by a role.
        if text.ends_with("role") && matches!(unit.module[unit.uncast(other)].kind, ExprKind::Literal(Literal::String(_))) {
            return true;
        }
        if nothing || matches!(unit.module[unit.uncast(side)].kind, ExprKind::Literal(_) | ExprKind::Unary { .. }) {
            return false;
        }
        (self.is_id(unit, side) || self.is_row_of_id(unit, side)) && !self.is_id(unit, other)
    }

    /// A call that decides about the id: a look into a list, a function whose name says so, a query for a row of the person.
    fn decides(&mut self, unit: &'w Unit, call: ExprId, callee: ExprId, args: &[Element]) -> bool {
        let text = unit.source.slice(unit.module[call].span);
        if self.builder.catalog.habits.databases.is_query(text) {
            return asks_for_a_person(&self.builder.catalog.ownership, text) && self.mentions_id(unit, call);
        }
        let name = unit.callee_text(call);
        let last = name.rsplit('.').next().unwrap_or(&name);
        let names = words(last);
        let deciding = LOOKING_UP.contains(&last) || names.iter().any(|word| DECIDING.contains(&word.as_str()));
        let admin = names.iter().any(|word| matches!(word.as_str(), "admin" | "administrator" | "role"));
        // A test of the form (`pattern.test(id)`) says nothing about whose it is.
        admin || deciding && (args.iter().any(|arg| self.mentions_id(unit, arg.expr)) || self.is_map_of_id(unit, callee))
    }

    fn is_map_of_id(&mut self, unit: &'w Unit, callee: ExprId) -> bool {
        match &unit.module[unit.uncast(callee)].kind {
            ExprKind::Member { object, .. } => self.is_id(unit, *object),
            _ => false,
        }
    }

    /// Whether a name in an expression is the id.
    fn mentions_id(&mut self, unit: &'w Unit, expr: ExprId) -> bool {
        nodes_in(unit, Node::Expr(expr)).into_iter().any(|node| match node {
            Node::Expr(inner) if matches!(unit.module[inner].kind, ExprKind::Ident(_) | ExprKind::Member { .. }) => self.is_id(unit, inner),
            _ => false,
        })
    }

    fn is_id(&mut self, unit: &'w Unit, expr: ExprId) -> bool {
        let expr = unit.uncast(expr);
        if !matches!(unit.module[expr].kind, ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::Call { .. })
        {
            return false;
        }
        self.names += 1;
        self.names < NAMES
            && self
                .builder
                .values
                .origins(Builder::site(unit, expr), &[])
                .iter()
                .any(|origin| self.births.contains(&(origin.at, origin.path.clone())))
    }

    /// Whether an expression is read from a row that a query with the id gave.
    fn is_row_of_id(&mut self, unit: &'w Unit, expr: ExprId) -> bool {
        let origins = self.builder.values.origins(Builder::site(unit, unit.uncast(expr)), &[]);
        origins.iter().any(|origin| {
            let OriginKind::Call(site) = origin.kind else { return false };
            let Some(unit) = self.builder.workspace.unit(site.file) else { return false };
            self.mentions_id(unit, site.expr)
        })
    }
}
