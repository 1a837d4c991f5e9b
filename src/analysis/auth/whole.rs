//! Whole credentials: what the service answers about a credential or a connection, its SIP password included.

use super::Builder;
use crate::analysis::values::{Origin, OriginKind, Site};
use crate::hir::{ExprKind, Name};

/// Words that a file holds in which the service is asked about credentials.
pub(super) const SERVICE_WORDS: [&str; 3] = ["telephony_credentials", "credential_connections", "telephonyCredentials"];

impl Builder<'_> {
    /// Whether an origin is a whole credential or credential connection (or a list of them) as the service answers it.
    pub(super) fn is_whole_credential(&self, origin: &Origin) -> bool {
        let (OriginKind::Call(site) | OriginKind::Response(site)) = origin.kind else { return false };
        if !origin.path.iter().all(|segment| &**segment == "data" || segment.bytes().all(|byte| byte.is_ascii_digit())) {
            return false;
        }
        if self.is_sdk_credential_call(site) {
            return true;
        }
        // The result of a request itself is not its body yet.
        if origin.path.is_empty() {
            return false;
        }
        let Some(url) = self.url_of(origin) else { return false };
        let path = url.split(['?', '#']).next().unwrap_or(&url).trim_end_matches('/');
        let mut last = path.rsplit('/');
        let is_resource = |segment: Option<&str>| matches!(segment, Some("telephony_credentials" | "credential_connections"));
        is_resource(last.next()) || is_resource(last.next())
    }

    fn is_sdk_credential_call(&self, site: Site) -> bool {
        let Some(unit) = self.workspace.unit(site.file) else { return false };
        let callee = unit.callee_text(site.expr);
        ["create", "retrieve", "list", "update"].iter().any(|method| {
            ["telephonyCredentials", "credentialConnections"].iter().any(|resource| callee.ends_with(&format!("{resource}.{method}")))
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
