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
            if !matches!(self.zones.zone_of(unit.file).kind, ZoneKind::Server | ZoneKind::Both) {
                continue;
            }
            for node in unit.parents.nodes() {
                let Node::Expr(expr) = *node else { continue };
                let ExprKind::Object(properties) = &unit.module[expr].kind else { continue };
                if !goes_out(unit, expr) {
                    continue;
                }
                for property in properties {
                    let Property::Value { key: PropertyKey::Name(name, _), value } = property else { continue };
                    handouts.extend(self.handout(unit, name, *value));
                }
            }
        }
        handouts
    }

    fn handout(&self, unit: &Unit, name: &str, value: ExprId) -> Option<Handout> {
        let lower = name.to_ascii_lowercase();
        if !lower.contains("pass") || lower.contains("has") || lower.contains("length") || lower.contains("reset") || lower.contains("set")
        {
            return None;
        }
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

/// Whether an object literal is the answer of a server: an argument of `json`, `send`, `Response`, stringified into one, returned by a
/// handler, or inside such an object.
fn goes_out(unit: &Unit, object: ExprId) -> bool {
    let mut inner = object;
    for _ in 0..8 {
        match unit.parents.parent(Node::Expr(inner)) {
            Some(Node::Expr(parent)) => match &unit.module[parent].kind {
                ExprKind::Object(_)
                | ExprKind::Cast { .. }
                | ExprKind::Conditional { .. }
                | ExprKind::Logical { .. }
                | ExprKind::Await(_) => inner = parent,
                ExprKind::New { callee, .. } => {
                    return unit.source.slice(unit.module[*callee].span).ends_with("Response");
                }
                ExprKind::Call { .. } => {
                    let text = unit.callee_text(parent);
                    let last = text.rsplit('.').next().unwrap_or(&text);
                    match last {
                        "json" | "send" | "jsonResponse" | "json_response" | "ok" | "success" | "respond" | "reply" | "createResponse" => {
                            return true;
                        }
                        "stringify" => inner = parent,
                        _ => return last.to_ascii_lowercase().contains("response") || last.to_ascii_lowercase().contains("json"),
                    }
                }
                _ => return false,
            },
            Some(Node::Stmt(statement)) => {
                if matches!(unit.module[statement].kind, crate::hir::StmtKind::Return(_)) {
                    return true;
                }
                // Kept under a name first.
                let Some(symbol) = unit.declared_symbol(inner) else { return false };
                return unit.scopes.references(symbol).iter().any(|reference| {
                    matches!(unit.parents.parent(Node::Expr(*reference)), Some(Node::Expr(parent)) if matches!(&unit.module[parent].kind, ExprKind::Call { .. })
                        && { let text = unit.callee_text(parent); let last = text.rsplit('.').next().unwrap_or(&text).to_ascii_lowercase(); last.contains("json") || last == "send" || last.contains("response") || last == "stringify" })
                });
            }
            Some(Node::Function(_)) => return true,
            _ => return false,
        }
    }
    false
}
