//! Whole credentials: what the service answers about a credential or a connection, its SIP password included.

use super::Builder;
use super::handler::nodes_in;
use super::tiers::routes::RouteKind;
use crate::analysis::model::Provenance;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{FunctionSite, Origin, OriginKind, Site};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Name};

/// Words that a file holds in which the service is asked about credentials.
pub(super) const SERVICE_WORDS: [&str; 3] = ["telephony_credentials", "credential_connections", "telephonyCredentials"];

impl Builder<'_> {
    /// Whether an origin is a whole credential or credential connection (or a list of them) as the service answers it.
    pub(super) fn is_whole_credential(&self, origin: &Origin) -> bool {
        self.is_whole_answer(origin, false)
    }

    /// [`Builder::is_whole_credential`] of a value that may be known to be the body of an answer, whatever it is wrapped in.
    pub(super) fn is_whole_answer(&self, origin: &Origin, is_body: bool) -> bool {
        let (OriginKind::Call(site) | OriginKind::Response(site)) = origin.kind else { return false };
        if !origin.path.iter().all(|segment| &**segment == "data" || segment.bytes().all(|byte| byte.is_ascii_digit())) {
            return false;
        }
        if self.is_sdk_credential_call(site) {
            return true;
        }
        // The result of a request itself is not its body yet. In Rust nothing but a body can be an answer.
        let is_rust = self.workspace.unit(site.file).is_some_and(Unit::is_rust);
        if origin.path.is_empty() && !is_body && !is_rust {
            return false;
        }
        let Some(url) = self.url_of(origin) else { return false };
        let path = url.split(['?', '#']).next().unwrap_or(&url).trim_end_matches('/');
        let mut last = path.rsplit('/');
        let is_resource = |segment: Option<&str>| matches!(segment, Some("telephony_credentials" | "credential_connections"));
        (is_resource(last.next()) || is_resource(last.next())) && !self.is_asked_with_callers_key(site)
    }

    /// Whether a request is made with an API key that the caller has brought along: there is nothing left to keep from it.
    fn is_asked_with_callers_key(&self, site: Site) -> bool {
        let Some(unit) = self.workspace.unit(site.file) else { return false };
        let keys = self.key_of(unit, site.expr);
        let is_given = !keys.is_empty() && keys.iter().all(|key| matches!(key.provenance, Provenance::RequestInput | Provenance::Caller));
        is_given || self.is_given_to_action(unit, site.expr)
    }

    /// Whether the `Authorization` header of a request holds what a server action is given: the page that calls the action has the key.
    fn is_given_to_action(&self, unit: &Unit, call: ExprId) -> bool {
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return false };
        let headers = args.iter().flat_map(|arg| {
            let options = Self::site(unit, arg.expr);
            ["Authorization", "authorization"]
                .into_iter()
                .flat_map(move |name| self.values.properties(options, &["headers".into(), name.into()]))
        });
        let actions: Vec<_> = self.routes_of_file(unit.file).iter().filter(|route| route.kind == RouteKind::Action).cloned().collect();
        let is_of_action = |function| {
            let site = FunctionSite { file: unit.file, function };
            actions.iter().any(|route| route.handlers.contains(&site))
        };
        headers.filter_map(|header| if let OriginKind::Property(value) = header.kind { Some(value) } else { None }).any(|value| {
            value.file == unit.file
                && nodes_in(unit, Node::Expr(value.expr)).into_iter().any(|node| {
                    let Node::Expr(expr) = node else { return false };
                    unit.scopes.symbol_of_expr(expr).is_some_and(|symbol| {
                        unit.usage
                            .writes(symbol)
                            .iter()
                            .any(|write| matches!(write.kind, WriteKind::Param { function, .. } if is_of_action(function)))
                    })
                })
        })
    }

    fn is_sdk_credential_call(&self, site: Site) -> bool {
        let Some(unit) = self.workspace.unit(site.file) else { return false };
        let callee = unit.callee_text(site.expr);
        ["create", "retrieve", "list", "update"].iter().any(|method| {
            ["telephonyCredentials", "telephony_credentials", "TelephonyCredential", "credentialConnections"]
                .iter()
                .any(|resource| callee.ends_with(&format!("{resource}.{method}")))
        })
    }

    /// The URL that the request behind an origin asks for, with `{}` for its holes, in the calls that the origin was found in.
    pub(super) fn url_of(&self, origin: &Origin) -> Option<String> {
        let (OriginKind::Call(site) | OriginKind::Response(site)) = origin.kind else { return None };
        let unit = self.workspace.unit(site.file)?;
        let ExprKind::Call { args, .. } = &unit.module[site.expr].kind else { return None };
        let first = Self::site(unit, args.first()?.expr);
        // `axios({ url, method })`
        let url = match unit.module[unit.uncast(first.expr)].kind {
            ExprKind::Object(_) => self.values.property_value(first, &Name::from("url"))?,
            _ => first,
        };
        Some(self.values.text_in(url, &origin.frames).pattern())
    }
}
