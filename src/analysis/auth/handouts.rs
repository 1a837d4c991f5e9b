//! Passwords in a server's answers: a property that holds a SIP password, in an object that goes out to the caller.

use super::Builder;
use super::databases;
use crate::analysis::model::{Handout, Sharing};
use crate::analysis::unit::Unit;
use crate::analysis::values::{Origin, OriginKind};
use crate::finding::ZoneKind;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Property, PropertyKey};
use crate::secrets::names::{NameRole, secret_role};

impl Builder<'_> {
    /// Every handout of the anchored server files.
    pub(crate) fn handouts(&self) -> Vec<Handout> {
        let mut handouts = Vec::new();
        for unit in self.workspace.anchored_units() {
            for node in unit.parents.nodes() {
                let Node::Expr(expr) = *node else { continue };
                let ExprKind::Object(properties) = &unit.module[expr].kind else { continue };
                let mut passwords = properties
                    .iter()
                    .filter_map(|property| match property {
                        Property::Value { key: PropertyKey::Name(name, _), value } if is_password(name) => Some(*value),
                        _ => None,
                    })
                    .peekable();
                // Where the file runs costs most, so it is asked last.
                if passwords.peek().is_some()
                    && goes_out(unit, expr, 0)
                    && matches!(self.zones.zone_of(unit.file).kind, ZoneKind::Server | ZoneKind::Both)
                {
                    handouts.extend(passwords.filter_map(|value| self.handout(unit, value)));
                }
            }
        }
        handouts
    }

    fn handout(&self, unit: &Unit, value: ExprId) -> Option<Handout> {
        let origins = self.values.origins(Self::site(unit, value), &[]);
        let telling: Vec<Origin> = origins.into_iter().filter(|origin| self.is_sip_password(origin)).collect();
        if telling.is_empty() {
            return None;
        }
        let verdict = self.sharing(&telling);
        if verdict.sharing == Sharing::Unknown {
            return None;
        }
        Some(Handout {
            at: unit.at(unit.module[value].span),
            sharing: verdict.sharing,
            flow: verdict.flow,
            zone: self.zone_at(unit, value),
            confidence: verdict.confidence,
        })
    }

    /// Whether an origin is the password of a SIP credential: by the variable's, column's or setting's name.
    fn is_sip_password(&self, origin: &Origin) -> bool {
        match &origin.kind {
            OriginKind::Env { name, .. } => secret_role(name) == Some(NameRole::SipPassword),
            OriginKind::Call(site) | OriginKind::Response(site) | OriginKind::Database(site) => {
                let column = origin.path.iter().rev().any(|segment| {
                    let lower = segment.to_ascii_lowercase();
                    lower.contains("sip") && lower.contains("pass") || lower == "password"
                });
                let Some(unit) = self.workspace.unit(site.file) else { return false };
                let text = unit.source.slice(unit.module[site.expr].span);
                let lower = text.to_ascii_lowercase();
                let settings_row = lower.contains("sip_password") || lower.contains("sippassword");
                let connection = text.contains("credential_connections") || text.contains("telephony_credentials");
                (column && (connection || databases::is_query(text) && (lower.contains("sip") || lower.contains("telnyx")))) || settings_row
            }
            _ => false,
        }
    }
}

/// Whether a property is a password by its name, and not something about one.
fn is_password(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("pass") && !["has", "length", "reset", "set"].iter().any(|word| lower.contains(word))
}

/// The calls that send their argument to the caller, by the last part of their name.
fn sends(callee: &str) -> bool {
    let last = callee.rsplit('.').next().unwrap_or(callee).to_ascii_lowercase();
    matches!(last.as_str(), "send" | "ok" | "success" | "respond" | "reply" | "stringify" | "end")
        || last.contains("json")
        || last.contains("response")
}

/// Whether the value of an expression goes out to the caller: it is an argument of a sending call, part of such an argument, kept under a name
/// that is, or returned by a handler.
fn goes_out(unit: &Unit, value: ExprId, depth: u8) -> bool {
    if depth > 4 {
        return false;
    }
    let mut inner = value;
    for _ in 0..10 {
        match unit.parents.parent(Node::Expr(inner)) {
            Some(Node::Expr(parent)) => match &unit.module[parent].kind {
                ExprKind::Object(_)
                | ExprKind::Array(_)
                | ExprKind::Cast { .. }
                | ExprKind::Conditional { .. }
                | ExprKind::Logical { .. }
                | ExprKind::Await(_) => inner = parent,
                ExprKind::New { callee, .. } => return unit.source.slice(unit.module[*callee].span).ends_with("Response"),
                ExprKind::Call { .. } => {
                    let callee = unit.callee_text(parent);
                    if callee.ends_with("stringify") {
                        inner = parent;
                        continue;
                    }
                    return sends(&callee) && !callee.starts_with("console");
                }
                ExprKind::Assign { target, .. } => {
                    let crate::hir::PatKind::Expr(name) = unit.module[*target].kind else { return false };
                    return unit.scopes.symbol_of_expr(name).is_some_and(|symbol| mentions_go_out(unit, symbol, Some(name), depth));
                }
                _ => return false,
            },
            Some(Node::Stmt(statement)) => {
                return match &unit.module[statement].kind {
                    crate::hir::StmtKind::Return(_) => returned_out(unit, Node::Stmt(statement), depth),
                    crate::hir::StmtKind::Declare { .. } => {
                        unit.declared_symbol(inner).is_some_and(|symbol| mentions_go_out(unit, symbol, None, depth))
                    }
                    _ => false,
                };
            }
            Some(node @ Node::Function(_)) => return returned_out(unit, node, depth),
            _ => return false,
        }
    }
    false
}

fn mentions_go_out(unit: &Unit, symbol: crate::analysis::scopes::SymbolId, except: Option<ExprId>, depth: u8) -> bool {
    unit.scopes.references(symbol).iter().any(|reference| Some(*reference) != except && goes_out(unit, *reference, depth + 1))
}

/// A value that a function returns goes out when the function is a handler that a framework or the client calls, or when a call of it goes out.
fn returned_out(unit: &Unit, node: Node, depth: u8) -> bool {
    let function = match node {
        Node::Function(function) => Some(function),
        _ => unit.parents.enclosing_function(node),
    };
    let Some(function) = function else { return false };
    let server_action = unit.module[function]
        .directives
        .iter()
        .chain(unit.module.programs.iter().flat_map(|program| &program.directives))
        .any(|(text, _)| &**text == "use server");
    let exported = unit.export_of_function(function);
    if let Some(name) = &exported
        && (server_action || matches!(name.as_str(), "loader" | "action" | "load" | "GET" | "POST" | "handler" | "default"))
    {
        return true;
    }
    match unit.usage.function_name(function) {
        Some(crate::analysis::usage::FunctionName::Symbol(symbol)) => {
            unit.usage.calls_of(*symbol).iter().any(|call| goes_out(unit, *call, depth + 1))
        }
        _ => false,
    }
}
