//! API keys in client code: public environment variables, literals, and fields of rows, answers and assets.

use super::Builder;
use crate::analysis::model::{KeyOrigin, KeyUse};
use crate::analysis::unit::Unit;
use crate::analysis::values::{OriginKind, Site};
use crate::finding::{Confidence, ZoneKind};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Literal, UnaryOp};
use crate::secrets::SecretKind;
use crate::secrets::names::{NameRole, names_vendor, public_env_prefix, secret_role};

impl Builder<'_> {
    /// Every use of a key in the anchored files.
    pub(crate) fn key_uses(&self) -> Vec<KeyUse> {
        let mut uses = Vec::new();
        for unit in self.workspace.anchored_units() {
            for node in unit.parents.nodes() {
                let Node::Expr(expr) = *node else { continue };
                uses.extend(self.env_key(unit, expr));
                uses.extend(self.literal_key(unit, expr));
                uses.extend(self.field_key(unit, expr));
            }
        }
        uses.sort_by_key(|found: &KeyUse| found.at);
        uses.dedup_by_key(|found| found.at);
        uses
    }

    /// `import.meta.env.VITE_TELNYX_API_KEY`.
    fn env_key(&self, unit: &Unit, expr: ExprId) -> Option<KeyUse> {
        let (property, text) = match &unit.module[expr].kind {
            ExprKind::Member { property, .. } => (property.clone(), unit.source.slice(unit.module[expr].span)),
            ExprKind::Index { index, .. } => match &unit.module[*index].kind {
                ExprKind::Literal(Literal::String(name)) => (name.clone(), unit.source.slice(unit.module[expr].span)),
                _ => return None,
            },
            ExprKind::Ident(name) => (name.clone(), ""),
            _ => return None,
        };
        if public_env_prefix(&property).is_none()
            || !matches!(secret_role(&property), Some(NameRole::ApiKey | NameRole::OauthSecret))
            || !names_vendor(&property)
        {
            return None;
        }
        // Only the read itself, not every mention of a variable that was destructured from it.
        if text.is_empty() && unit.scopes.symbol_of_expr(expr).is_none_or(|symbol| !unit.is_env_import(symbol)) {
            return None;
        }
        let zone = self.zone_at(unit, expr);
        Some(KeyUse {
            at: unit.at(unit.module[expr].span),
            what: KeyOrigin::PublicEnv(property),
            presence_only: is_presence_test(unit, expr),
            development_only: self.values.is_development_guarded(unit, Node::Expr(expr)),
            flow: Vec::new(),
            confidence: Confidence::High,
            zone,
        })
    }

    /// A literal key, or one that is put together from literals.
    fn literal_key(&self, unit: &Unit, expr: ExprId) -> Option<KeyUse> {
        let text = match &unit.module[expr].kind {
            ExprKind::Literal(Literal::String(text)) if text.len() > 40 => text.clone(),
            ExprKind::Template { quasis, exprs } if exprs.is_empty() => quasis.first()?.0.clone(),
            ExprKind::Binary { .. } if joins_key(unit, expr) => self.values.constant_string(Self::site(unit, expr))?,
            _ => return None,
        };
        if crate::secrets::classify_value(&text) != Some(SecretKind::ApiKey) {
            return None;
        }
        Some(KeyUse {
            at: unit.at(unit.module[expr].span),
            what: KeyOrigin::Literal,
            presence_only: false,
            development_only: self.values.is_development_guarded(unit, Node::Expr(expr)),
            flow: Vec::new(),
            confidence: Confidence::High,
            zone: self.zone_at(unit, expr),
        })
    }

    /// A key that client code reads out of a database row, a route's answer or an asset: `settings.telnyx_api_key`.
    fn field_key(&self, unit: &Unit, expr: ExprId) -> Option<KeyUse> {
        let ExprKind::Member { object, property, .. } = &unit.module[expr].kind else { return None };
        if secret_role(property) != Some(NameRole::ApiKey) || !names_vendor(property) || public_env_prefix(property).is_some() {
            return None;
        }
        let zone = self.zone_at(unit, expr);
        if !zone.ships() || is_presence_test(unit, expr) || is_written(unit, expr) {
            return None;
        }
        let born = self.values.origins(Self::site(unit, *object), &[]).into_iter().find(|origin| match &origin.kind {
            OriginKind::Response(_) | OriginKind::Database(_) => true,
            OriginKind::Call(site) => self.is_database_call(*site),
            _ => false,
        })?;
        Some(KeyUse {
            at: unit.at(unit.module[expr].span),
            what: KeyOrigin::Field(property.to_string()),
            presence_only: false,
            development_only: false,
            flow: self.flow(&born),
            confidence: Confidence::Medium,
            zone,
        })
    }

    fn is_database_call(&self, site: Site) -> bool {
        self.workspace.unit(site.file).is_some_and(|unit| super::databases::is_query(unit.source.slice(unit.module[site.expr].span)))
    }

    /// Whether code at a place can only run on a server.
    pub(crate) fn is_server(&self, zone: &crate::analysis::model::Zone) -> bool {
        zone.kind == ZoneKind::Server
    }
}

/// A concatenation of two or more literals, at the top of the chain.
fn joins_key(unit: &Unit, expr: ExprId) -> bool {
    !matches!(unit.parents.parent(Node::Expr(expr)), Some(Node::Expr(parent)) if matches!(unit.module[parent].kind, ExprKind::Binary { .. }))
}

/// Only whether the value is there is asked: `!!x`, `Boolean(x)`, `if (x)`, `x ? … : …`, `x && …`.
fn is_presence_test(unit: &Unit, expr: ExprId) -> bool {
    let mut inner = expr;
    loop {
        match unit.parents.parent(Node::Expr(inner)) {
            Some(Node::Expr(parent)) => match &unit.module[parent].kind {
                ExprKind::Cast { .. } => inner = parent,
                ExprKind::Unary { op: UnaryOp::Not | UnaryOp::TypeOf, .. } => return true,
                ExprKind::Call { callee, args, .. } => {
                    return args.iter().any(|arg| arg.expr == inner) && unit.source.slice(unit.module[*callee].span) == "Boolean";
                }
                ExprKind::Conditional { test, .. } => return *test == inner,
                ExprKind::Binary { op, left, right } => {
                    return !matches!(op, crate::hir::BinaryOp::Add)
                        && [left, right].into_iter().any(|side| {
                            matches!(&unit.module[*side].kind, ExprKind::Ident(name) if &**name == "undefined")
                                || matches!(unit.module[*side].kind, ExprKind::Literal(Literal::Null))
                        });
                }
                _ => return false,
            },
            Some(Node::Stmt(statement)) => {
                return matches!(unit.module[statement].kind, crate::hir::StmtKind::If { test, .. } if test == inner);
            }
            _ => return false,
        }
    }
}

/// The target of an assignment is no read.
fn is_written(unit: &Unit, expr: ExprId) -> bool {
    matches!(unit.parents.parent(Node::Expr(expr)), Some(Node::Pat(_)))
}

impl Unit {
    /// Whether a name is imported from a module of environment variables.
    fn is_env_import(&self, symbol: crate::analysis::scopes::SymbolId) -> bool {
        self.usage.writes(symbol).iter().any(|write| match write.kind {
            crate::analysis::usage::WriteKind::Import { import, .. } => self.module.imports.get(import).is_some_and(|import| {
                import.specifier.starts_with("$env/") || &*import.specifier == "@env" || import.specifier.starts_with("astro:env/")
            }),
            _ => false,
        })
    }
}
