//! API keys in client code: public environment variables, literals, and fields of rows, answers and assets.

use super::Builder;
use super::tiers::requests::Remote;
use crate::analysis::model::{FoundKind, FoundSecret, KeyOrigin, KeyUse};
use crate::analysis::unit::Unit;
use crate::analysis::values::{Origin, OriginKind, Site};
use crate::catalog::apis::ApiTable;
use crate::finding::{Confidence, ZoneKind};
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExprId, ExprKind, Literal, LogicalOp, Name, UnaryOp};
use crate::secrets::names::{NameRole, names_vendor, secret_role};
use crate::secrets::{SecretKind, classify_value};

impl Builder<'_> {
    /// Every use of a key in the anchored files.
    pub(crate) fn key_uses(&self) -> Vec<KeyUse> {
        let mut uses = Vec::new();
        for unit in self.workspace.anchored_units() {
            for node in unit.parents.nodes() {
                match *node {
                    Node::Expr(expr) => {
                        uses.extend(self.env_key(unit, expr));
                        uses.extend(self.built_in_key(unit, expr));
                        uses.extend(self.literal_key(unit, expr));
                        uses.extend(self.field_key(unit, expr));
                    }
                    Node::Pat(pat) => self.destructured_keys(unit, pat, &mut uses),
                    _ => {}
                }
            }
        }
        uses.sort_by_key(|found: &KeyUse| found.at);
        uses.dedup_by_key(|found| found.at);
        // A field that one file reads several times is one use.
        let mut fields = rustc_hash::FxHashSet::default();
        uses.retain(|found| match &found.what {
            KeyOrigin::Field(name) => fields.insert((found.at.file, name.clone())),
            KeyOrigin::Literal | KeyOrigin::PublicEnv(_) => true,
        });
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
        if !self.is_public_key(unit, &property) {
            return None;
        }
        // Only the read itself, not every mention of a variable that was destructured from it.
        if text.is_empty() && unit.scopes.symbol_of_expr(expr).is_none_or(|symbol| !unit.is_env_import(self.values.apis(), symbol)) {
            return None;
        }
        let zone = self.zone_at(unit, expr);
        Some(KeyUse {
            at: unit.at(unit.module[expr].span),
            what: KeyOrigin::PublicEnv(property),
            literal: None,
            presence_only: is_presence_test(unit, expr),
            development_only: self.values.is_development_guarded(unit, Node::Expr(expr)),
            flow: Vec::new(),
            confidence: Confidence::High,
            zone,
        })
    }

    /// `env!("TELNYX_API_KEY")`: built into the program.
    fn built_in_key(&self, unit: &Unit, expr: ExprId) -> Option<KeyUse> {
        let ExprKind::Call { args, .. } = &unit.module[expr].kind else { return None };
        let callee = unit.callee_text(expr);
        if !unit.is_rust() || !matches!(callee.rsplit("::").next(), Some("env!" | "option_env!" | "dotenv!")) {
            return None;
        }
        let name = match &unit.module[args.first()?.expr].kind {
            ExprKind::Literal(Literal::String(name)) => name.clone(),
            _ => return None,
        };
        if !names_vendor(&name) || !matches!(secret_role(&name), Some(NameRole::ApiKey | NameRole::OauthSecret)) {
            return None;
        }
        Some(KeyUse {
            at: unit.at(unit.module[expr].span),
            what: KeyOrigin::PublicEnv(name),
            literal: None,
            presence_only: false,
            development_only: self.values.is_development_guarded(unit, Node::Expr(expr)),
            flow: Vec::new(),
            confidence: Confidence::High,
            zone: self.zone_at(unit, expr),
        })
    }

    /// Whether a variable's name says that it holds the vendor's key and a bundler ships it.
    fn is_public_key(&self, unit: &Unit, name: &str) -> bool {
        names_vendor(name)
            && matches!(secret_role(name), Some(NameRole::ApiKey | NameRole::OauthSecret))
            && (self.workspace.catalog.public_bundler(name).is_some() || self.is_inlined(unit.file, name))
    }

    /// `const { VITE_TELNYX_API_KEY: key } = import.meta.env`.
    fn destructured_keys(&self, unit: &Unit, pat: crate::hir::PatId, uses: &mut Vec<KeyUse>) {
        let crate::hir::PatKind::Object { properties, .. } = &unit.module[pat].kind else { return };
        for property in properties {
            let crate::hir::PropertyKey::Name(name, span) = &property.key else { continue };
            if !self.is_public_key(unit, name) {
                continue;
            }
            let Some(Node::Stmt(statement)) = unit.parents.parent(Node::Pat(pat)) else { continue };
            let crate::hir::StmtKind::Declare { declarators, .. } = &unit.module[statement].kind else { continue };
            let Some((_, Some(init))) = declarators.iter().find(|(declared, _)| *declared == pat) else { continue };
            let text = unit.source.slice(unit.module[*init].span);
            if text.ends_with("process.env") || text.ends_with("import.meta.env") {
                uses.push(KeyUse {
                    at: unit.at(*span),
                    what: KeyOrigin::PublicEnv(name.clone()),
                    literal: None,
                    presence_only: false,
                    development_only: self.values.is_development_guarded(unit, Node::Expr(*init)),
                    flow: Vec::new(),
                    confidence: Confidence::High,
                    zone: self.zone_at(unit, *init),
                });
            }
        }
    }

    /// A literal key, or one that is put together from literals.
    fn literal_key(&self, unit: &Unit, expr: ExprId) -> Option<KeyUse> {
        let text = match &unit.module[expr].kind {
            ExprKind::Literal(Literal::String(text)) if text.len() > 40 => text.clone(),
            ExprKind::Template { quasis, exprs } if exprs.is_empty() => quasis.first()?.0.clone(),
            _ => self.put_together(unit, expr)?,
        };
        if classify_value(&text) != Some(SecretKind::ApiKey) {
            return None;
        }
        Some(KeyUse {
            at: unit.at(unit.module[expr].span),
            what: KeyOrigin::Literal,
            literal: None,
            presence_only: false,
            development_only: self.values.is_development_guarded(unit, Node::Expr(expr)),
            flow: Vec::new(),
            confidence: Confidence::High,
            zone: self.zone_at(unit, expr),
        })
    }

    /// The text that an expression puts together from pieces that are all constant, where that is long enough for a secret and no piece is
    /// one by itself: `Bearer ${KEY}` only uses it.
    fn put_together(&self, unit: &Unit, expr: ExprId) -> Option<Name> {
        let pieces: Vec<ExprId> = match &unit.module[expr].kind {
            // Two literals side by side in Python, or a literal with escapes: the source does not hold what it means.
            ExprKind::Literal(Literal::String(text)) if text.len() > 40 => {
                return (!unit.source.slice(unit.module[expr].span).contains(&**text)).then(|| text.clone());
            }
            ExprKind::Template { exprs, .. } => exprs.clone(),
            ExprKind::Binary { op: BinaryOp::Add, left, right } => vec![*left, *right],
            ExprKind::Call { .. } if unit.called_method(expr).is_some_and(|method| &**method == "join") => vec![expr],
            _ => return None,
        };
        if pieces.is_empty() || !is_outermost(unit, expr) {
            return None;
        }
        let constant = |expr| self.values.constant_string(Self::site(unit, expr));
        let text = constant(expr).filter(|text| text.len() > 40 && classify_value(text).is_some())?;
        let is_use = pieces.iter().any(|piece| *piece != expr && constant(*piece).is_some_and(|text| classify_value(&text).is_some()));
        (!is_use).then_some(text)
    }

    /// Login tokens that are put together from pieces: no text holds them whole.
    pub(crate) fn tokens_in_pieces(&self) -> Vec<FoundSecret> {
        let mut found = Vec::new();
        for unit in self.workspace.anchored_units() {
            for node in unit.parents.nodes() {
                let Node::Expr(expr) = *node else { continue };
                let Some(SecretKind::LoginJwt(claims)) = self.put_together(unit, expr).as_deref().and_then(classify_value) else {
                    continue;
                };
                found.push(FoundSecret {
                    at: unit.at(unit.module[expr].span),
                    kind: FoundKind::LoginToken { expires: claims.exp },
                    confidence: Confidence::High,
                    why: "is put together from literals".to_owned(),
                    in_development_file: self.zone_at(unit, expr).kind == ZoneKind::Development,
                });
            }
        }
        found
    }

    /// A key that client code reads out of a database row, a route's answer or an asset: `settings.telnyx_api_key`.
    fn field_key(&self, unit: &Unit, expr: ExprId) -> Option<KeyUse> {
        let ExprKind::Member { object, property, .. } = &unit.module[expr].kind else { return None };
        // An answer's field in capitals (`status.TELNYX_API_KEY`) tells whether the variable is set, it is not the key.
        let constant = property.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        if constant || !names_vendor(property) || secret_role(property) != Some(NameRole::ApiKey) {
            return None;
        }
        let zone = self.zone_at(unit, expr);
        if !zone.ships() || is_presence_test(unit, expr) || is_written(unit, expr) || is_copied_on(unit, expr, property) {
            return None;
        }
        let born = self.values.origins(Self::site(unit, *object), &[]).into_iter().find(|origin| match &origin.kind {
            OriginKind::Response(_) => true,
            OriginKind::Call(site) => self.is_database_call(*site),
            _ => false,
        })?;
        if self.values.origins(Self::site(unit, expr), &[]).iter().any(|origin| self.is_kept_back(origin)) {
            return None;
        }
        Some(KeyUse {
            at: unit.at(unit.module[expr].span),
            what: KeyOrigin::Field(property.to_string()),
            literal: None,
            presence_only: false,
            development_only: false,
            flow: Self::flow(&born),
            confidence: Confidence::Medium,
            zone,
        })
    }

    /// Whether a route of the project answers the request that a field is read from and masks the field, or does not send it.
    fn is_kept_back(&self, origin: &Origin) -> bool {
        let (OriginKind::Response(site) | OriginKind::Call(site)) = origin.kind else { return false };
        let Some(Remote::Asks(asked)) = self.remote(origin) else { return false };
        self.joined(site, &asked).is_some() && self.across(origin).iter().all(|crossed| crossed.origin.derived)
    }

    fn is_database_call(&self, site: Site) -> bool {
        self.workspace
            .unit(site.file)
            .is_some_and(|unit| self.workspace.catalog.habits.databases.is_query(unit.source.slice(unit.module[site.expr].span)))
    }
}

/// Whether an expression is no part of a longer concatenation.
fn is_outermost(unit: &Unit, expr: ExprId) -> bool {
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
                ExprKind::Logical { op: LogicalOp::And, left, .. } if *left == inner => return true,
                ExprKind::Logical { .. } => inner = parent,
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

/// `{ api_key: row.api_key }`: handed on under the same name, not used yet.
fn is_copied_on(unit: &Unit, expr: ExprId, name: &str) -> bool {
    let Some(Node::Expr(parent)) = unit.parents.parent(Node::Expr(expr)) else { return false };
    let ExprKind::Object(properties) = &unit.module[parent].kind else { return false };
    properties.iter().any(|property| {
        matches!(property, crate::hir::Property::Value { key: crate::hir::PropertyKey::Name(key, _), value } if *value == expr && &**key == name)
    })
}

/// The target of an assignment is no read.
fn is_written(unit: &Unit, expr: ExprId) -> bool {
    matches!(unit.parents.parent(Node::Expr(expr)), Some(Node::Pat(_)))
}

impl Unit {
    /// Whether a name is imported from a module of environment variables.
    pub(super) fn is_env_import(&self, apis: &ApiTable, symbol: crate::analysis::scopes::SymbolId) -> bool {
        self.usage.writes(symbol).iter().any(|write| match write.kind {
            crate::analysis::usage::WriteKind::Import { import, .. } => {
                let specifier = self.module.imports.get(import).map(|import| &*import.specifier);
                specifier.is_some_and(|specifier| apis.is_env_module(specifier))
            }
            _ => false,
        })
    }
}

impl Builder<'_> {
    /// Reads of a key that stands in a data file which client code imports: `settings.telnyx.authToken` of `settings.json`.
    pub(crate) fn asset_keys(&self, secrets: &[crate::analysis::model::FoundSecret]) -> Vec<KeyUse> {
        let mut uses = Vec::new();
        for secret in secrets.iter().filter(|secret| secret.kind == crate::analysis::model::FoundKind::ApiKey) {
            if self.workspace.project.file(secret.at.file).is_none_or(|file| file.kind != crate::project::FileKind::Json) {
                continue;
            }
            for unit in self.workspace.importing_units(secret.at.file) {
                let read = unit.parents.nodes().iter().find_map(|node| {
                    let Node::Expr(expr) = *node else { return None };
                    if !matches!(unit.module[expr].kind, ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::Ident(_)) {
                        return None;
                    }
                    let reaches = self.values.origins(Self::site(unit, expr), &[]).iter().any(|origin| {
                        matches!(origin.kind, OriginKind::Literal(_))
                            && origin.at.file == secret.at.file
                            && origin.at.span.contains(secret.at.span)
                    });
                    reaches.then_some(expr)
                });
                let Some(read) = read else { continue };
                let zone = self.zone_at(unit, read);
                if zone.ships() {
                    uses.push(KeyUse {
                        at: unit.at(unit.module[read].span),
                        what: KeyOrigin::Literal,
                        literal: Some(secret.at),
                        presence_only: false,
                        development_only: false,
                        flow: Vec::new(),
                        confidence: Confidence::High,
                        zone,
                    });
                }
            }
        }
        uses
    }

    /// A key that is given to a client as its login token.
    pub(crate) fn keys_as_tokens(clients: &[crate::analysis::model::Client]) -> Vec<KeyUse> {
        use crate::analysis::model::{OptionRole, Provenance};
        let mut uses = Vec::new();
        let mut seen = Vec::new();
        for client in clients {
            for option in client.options_of(OptionRole::Token) {
                let key = option.sources.iter().find(|source| match &source.provenance {
                    Provenance::PublicEnv(name) | Provenance::PrivateEnv(name) => secret_role(name) == Some(NameRole::ApiKey),
                    Provenance::Literal(text) => crate::secrets::classify_value(text.expose()) == Some(SecretKind::ApiKey),
                    _ => false,
                });
                let Some(source) = key else { continue };
                // One key that reaches several clients is one defect.
                if source.at == option.at || seen.contains(&source.at) {
                    continue;
                }
                seen.push(source.at);
                uses.push(KeyUse {
                    at: option.at,
                    what: match &source.provenance {
                        Provenance::PublicEnv(name) | Provenance::PrivateEnv(name) => KeyOrigin::PublicEnv(name.clone()),
                        _ => KeyOrigin::Literal,
                    },
                    literal: None,
                    presence_only: false,
                    development_only: client.development_only,
                    flow: source.flow.iter().chain(&option.way).cloned().collect(),
                    confidence: Confidence::High,
                    zone: client.zone.clone(),
                });
            }
        }
        uses
    }
}
