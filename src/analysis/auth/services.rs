//! Calls of the service: minting tokens, creating and touching credentials, by REST or by the server SDK.

use super::Builder;
use crate::analysis::model::{ServiceAction, ServiceCall, Sharing, Source};
use crate::analysis::unit::Unit;
use crate::analysis::values::text::{Part, Text};
use crate::analysis::values::{OriginKind, Site};
use crate::catalog::apis::RustApis;
use crate::catalog::vendor::{Rest, ServerSdk, ServiceDeed, ServiceFunction};
use crate::finding::{Confidence, StepKind};
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExprId, ExprKind, Literal};
use crate::project::Resolved;

impl<'w> Builder<'w> {
    /// Every call of the service in the anchored files.
    pub(crate) fn service_calls(&self) -> Vec<ServiceCall> {
        let mut calls = Vec::new();
        for unit in self.workspace.anchored_units() {
            for vendor in self.catalog.vendors() {
                self.sdk_calls(&vendor.server, unit, &mut calls);
                self.declared_calls(&vendor.server, unit, &mut calls);
                self.unknown_mints(&vendor.server, unit, &mut calls);
                self.rest_calls(&vendor.rest, unit, &mut calls);
            }
        }
        calls.sort_by_key(|call: &ServiceCall| call.at);
        calls.dedup_by_key(|call| call.at);
        calls
    }

    fn sdk_calls(&self, server: &ServerSdk, unit: &'w Unit, calls: &mut Vec<ServiceCall>) {
        let versions = self.versions();
        let named = |path: &str| path.rsplit_once('.').is_some_and(|(_, method)| !unit.usage.method_calls(method).is_empty());
        let dated = server
            .dated
            .iter()
            .filter(|dated| dated.mint.iter().any(|path| named(path)) && versions.is_within(unit.file, &dated.package, &dated.versions));
        let dated: Vec<String> = dated.flat_map(|dated| dated.mint.iter().cloned()).collect();
        for (paths, action) in [
            (&server.mint, ServiceAction::Mint),
            (&dated, ServiceAction::Mint),
            (&server.create, ServiceAction::CreateCredential),
            (&server.list, ServiceAction::TouchCredential),
        ] {
            for path in paths {
                let Some((_, method)) = path.rsplit_once('.') else { continue };
                for call in unit.usage.method_calls(method) {
                    let callee = unit.call_callee(*call).map(|callee| unit.source.slice(unit.module[callee].span)).unwrap_or_default();
                    let compact: String =
                        callee.chars().filter(|character| !character.is_whitespace() && !matches!(character, '?' | '!')).collect();
                    if !compact.ends_with(path.as_str()) {
                        continue;
                    }
                    let id = if unit.is_python() {
                        server.id_keywords.iter().find_map(|name| unit.argument_named(*call, 0, name))
                    } else if let ExprKind::Call { args, .. } = &unit.module[*call].kind {
                        args.first().map(|arg| arg.expr)
                    } else {
                        None
                    };
                    calls.push(self.service_call(unit, *call, action, path.clone(), id.map(|id| Self::site(unit, id))));
                }
            }
        }
    }

    /// Calls of the functions that a team has declared to call the service.
    fn declared_calls(&self, server: &ServerSdk, unit: &'w Unit, calls: &mut Vec<ServiceCall>) {
        if !server.calls.iter().any(|declared| unit.source.text.contains(declared.export.as_str())) {
            return;
        }
        for node in unit.parents.nodes() {
            let Node::Expr(call) = *node else { continue };
            let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { continue };
            let Some((specifier, export)) = unit.imported_as(*callee) else { continue };
            let package = self.workspace.package_specifier(unit.file, specifier);
            let from = |declared: &&ServiceFunction| {
                declared.export == export
                    && (declared.from == package
                        || matches!(self.workspace.resolve(unit.file, specifier), Resolved::File(file) if self.is_one_of(file, std::slice::from_ref(&declared.from))))
            };
            let Some(declared) = server.calls.iter().find(from) else { continue };
            let action = match declared.action {
                ServiceDeed::Mint => ServiceAction::Mint,
                ServiceDeed::Create => ServiceAction::CreateCredential,
                ServiceDeed::Read => ServiceAction::TouchCredential,
            };
            let id = args.first().map(|arg| Self::site(unit, arg.expr));
            calls.push(self.service_call(unit, call, action, declared.export.clone(), id));
        }
    }

    /// Methods of the SDK's credentials that no version known here has, but whose name says that they give a token.
    fn unknown_mints(&self, server: &ServerSdk, unit: &'w Unit, calls: &mut Vec<ServiceCall>) {
        for resource in server.resources.iter().filter(|resource| unit.source.text.contains(resource.as_str())) {
            self.unknown_mints_of(resource, server, unit, calls);
        }
    }

    fn unknown_mints_of(&self, resource: &str, server: &ServerSdk, unit: &'w Unit, calls: &mut Vec<ServiceCall>) {
        for node in unit.parents.nodes() {
            let Node::Expr(call) = *node else { continue };
            let ExprKind::Call { args, .. } = &unit.module[call].kind else { continue };
            let Some(method) = unit.called_method(call).filter(|method| method.to_ascii_lowercase().contains("token")) else { continue };
            let spelling = format!("{resource}.{method}");
            let callee = unit.call_callee(call).map(|callee| unit.source.slice(unit.module[callee].span)).unwrap_or_default();
            let compact: String =
                callee.chars().filter(|character| !character.is_whitespace() && !matches!(character, '?' | '!')).collect();
            if !compact.ends_with(&spelling) || server.mint.contains(&spelling) {
                continue;
            }
            let id = args.first().map(|arg| Self::site(unit, arg.expr));
            let made = self.service_call(unit, call, ServiceAction::Mint, spelling, id);
            calls.push(ServiceCall { confidence: made.confidence.min(Confidence::Medium), ..made });
        }
    }

    fn service_call(&self, unit: &'w Unit, call: ExprId, action: ServiceAction, spelling: String, id: Option<Site>) -> ServiceCall {
        let origins = id.filter(|_| action == ServiceAction::Mint).map(|id| self.followed(self.values.origins(id, &[])));
        let (sharing, flow, confidence) = match &origins {
            Some(origins) => {
                let verdict = self.sharing(origins);
                (verdict.sharing, verdict.flow, verdict.confidence)
            }
            None => (Sharing::Unknown, Vec::new(), Confidence::High),
        };
        // A helper that mints for the id that it is given: the caller that chooses the id is where the fix belongs.
        let chosen = flow.iter().find(|step| step.kind == StepKind::Argument).map(|step| step.location);
        let mut made = ServiceCall {
            at: unit.at(unit.module[call].span),
            chosen,
            action,
            spelling,
            zone: self.zone_at(unit, call),
            development_only: self.values.is_development_guarded(unit, Node::Expr(call)),
            sharing,
            flow,
            confidence,
            id_at: id.map(|id| self.at(id)),
            credential: Vec::new(),
            id_checked: false,
            key: self.key_of(unit, call),
        };
        if let (Some(id), Some(origins)) = (id, &origins) {
            self.choice(unit, call, id, origins, &mut made);
        }
        made
    }

    /// Where the API key comes from that a call of the service is made with: the `Authorization` header, or what its client was made with.
    pub(super) fn key_of(&self, unit: &'w Unit, call: ExprId) -> Vec<Source> {
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return Vec::new() };
        if unit.is_rust() {
            return self.key_of_request(unit, call);
        }
        let mut origins = Vec::new();
        for options in args.iter().map(|arg| Self::site(unit, arg.expr)) {
            for header in ["Authorization", "authorization"] {
                for property in self.values.properties(options, &["headers".into(), header.into()]) {
                    origins.extend(self.values.origins_of_property(&property));
                }
            }
        }
        if origins.is_empty()
            && let Some(client) = unit.call_receiver(call)
        {
            let mut root = unit.uncast(client);
            while let ExprKind::Member { object, .. } = &unit.module[root].kind {
                root = unit.uncast(*object);
            }
            for origin in self.values.origins(Self::site(unit, root), &[]) {
                let (OriginKind::New(made) | OriginKind::Call(made)) = origin.kind else { continue };
                let Some(maker) = self.workspace.unit(made.file) else { continue };
                let (ExprKind::New { args, .. } | ExprKind::Call { args, .. }) = &maker.module[made.expr].kind else { continue };
                let Some(first) = args.first().map(|arg| Self::site(maker, arg.expr)) else { continue };
                if matches!(maker.module[maker.uncast(first.expr)].kind, ExprKind::Object(_)) {
                    for option in self.catalog.vendors().iter().flat_map(|vendor| &vendor.server.key_options) {
                        if maker.is_python() == option.contains('_') {
                            origins.extend(self.values.origins(first, &[option.as_str().into()]));
                        }
                    }
                } else {
                    origins.extend(self.values.origins(first, &[]));
                }
            }
        }
        self.sources(&origins, unit.file).0
    }

    /// The key that a request of Rust is built with: `.bearer_auth(key)`, `.header("Authorization", format!("Bearer {key}"))`.
    fn key_of_request(&self, unit: &'w Unit, call: ExprId) -> Vec<Source> {
        let mut origins = Vec::new();
        for built in unit.chained_after(call) {
            let ExprKind::Call { args, .. } = &unit.module[built].kind else { continue };
            let key = match (unit.called_method(built).map(AsRef::as_ref), args.as_slice()) {
                (Some("bearer_auth"), [key]) => key,
                (Some("header" | "set" | "insert_header" | "append_header"), [name, key])
                    if unit.source.slice(unit.module[name.expr].span).trim_matches('"').to_ascii_lowercase().ends_with("authorization") =>
                {
                    key
                }
                _ => continue,
            };
            let mut found = self.values.origins(Self::site(unit, key.expr), &[]);
            // `Bearer {key}` is the key to whoever reads it.
            found.iter_mut().for_each(|origin| origin.derived = false);
            origins.extend(found);
        }
        self.sources(&origins, unit.file).0
    }

    fn rest_calls(&self, rest: &Rest, unit: &'w Unit, calls: &mut Vec<ServiceCall>) {
        let named = |text: &str| rest.needles.iter().any(|needle| text.contains(needle.as_str()));
        if !named(&unit.source.text) {
            return;
        }
        for node in unit.parents.nodes() {
            let Node::Expr(expr) = *node else { continue };
            let mentions = match &unit.module[expr].kind {
                ExprKind::Literal(Literal::String(text)) => named(text),
                ExprKind::Template { quasis, .. } => quasis.iter().any(|(text, _)| named(text)),
                _ => false,
            };
            if !mentions {
                continue;
            }
            let whole = unit.whole_text(&self.values.apis().rust, expr);
            for (call, text) in calls_with(&self.values.apis().rust, unit, whole) {
                let call = if unit.is_rust() { unit.request_with(&self.values.apis().rust, call) } else { call };
                self.rest_call(rest, unit, call, text, calls);
            }
        }
    }

    fn rest_call(&self, rest: &Rest, unit: &'w Unit, call: ExprId, whole: ExprId, calls: &mut Vec<ServiceCall>) {
        let text = self.values.text(Self::site(unit, whole));
        let pattern = text.pattern();
        let callee = unit.callee_text(call);
        // A macro shows or compares it.
        if unit.is_rust() && callee.ends_with('!') {
            return;
        }
        // Logging a URL, comparing it or naming a route of one's own is no call of the service.
        if ["console.", "logger.", "log.", "logging.", "print"].iter().any(|prefix| callee.starts_with(prefix))
            || matches!(
                unit.called_method(call).map(AsRef::as_ref),
                Some("includes" | "startsWith" | "match" | "push" | "test" | "endsWith" | "from" | "join" | "split" | "replace")
            )
            || (unit.is_route_registration(unit.call_callee(call).unwrap_or(call), unit.called_method(call).map_or("", AsRef::as_ref))
                && !pattern.contains("://")
                && pattern.starts_with('/')
                && !talks_to_service(rest, unit, call))
        {
            return;
        }
        let Some(path) = service_path(rest, &pattern) else { return };
        // A path of one's own API: `/api/telephony_credentials/…` on no known host.
        let own_api = !pattern.contains("://") && pattern.starts_with("/api/");
        if own_api {
            return;
        }
        let method = self.http_method(unit, call);
        let action = if rest.mint.iter().any(|mint| path_matches(mint, path)) || rest.mint_other.iter().any(|mint| path_matches(mint, path))
        {
            ServiceAction::Mint
        } else if starts_with_first(path, &rest.credentials) {
            if method.as_deref() == Some("POST") && !path.trim_end_matches('/').contains("{}") {
                ServiceAction::CreateCredential
            } else {
                ServiceAction::TouchCredential
            }
        } else if starts_with_first(path, &rest.connections) {
            ServiceAction::TouchConnection
        } else {
            return;
        };
        let id = (action == ServiceAction::Mint).then(|| credential_hole(rest, &text)).flatten();
        let spelling = match method {
            Some(method) => format!("{method} {}", path.replace("{}", "…")),
            None => path.replace("{}", "…"),
        };
        let mut made = self.service_call(unit, call, action, spelling, id);
        if action == ServiceAction::Mint && id.is_none() && fixed_id(path) {
            made.sharing = Sharing::Everyone("a constant in the code".to_owned());
        }
        calls.push(made);
    }

    /// The credential id in the text of a URL that mints.
    pub(super) fn minted_id(&self, text: &Text) -> Option<Site> {
        let pattern = text.pattern();
        self.catalog.vendors().iter().find_map(|vendor| {
            let path = service_path(&vendor.rest, &pattern)?;
            vendor.rest.mint.iter().any(|mint| path_matches(mint, path)).then(|| credential_hole(&vendor.rest, text)).flatten()
        })
    }

    /// The HTTP method of a request, when it says so.
    pub(crate) fn http_method(&self, unit: &Unit, call: ExprId) -> Option<String> {
        let callee = unit.called_method(call).map(|method| method.to_ascii_uppercase());
        if let Some(method) = callee.filter(|method| matches!(method.as_str(), "GET" | "POST" | "PUT" | "PATCH" | "DELETE")) {
            return Some(method);
        }
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return None };
        for arg in args {
            match &unit.module[arg.expr].kind {
                ExprKind::Literal(Literal::String(text)) if matches!(&**text, "GET" | "POST" | "PUT" | "PATCH" | "DELETE") => {
                    return Some(text.to_string());
                }
                _ => {
                    for origin in self.values.properties(Self::site(unit, arg.expr), &["method".into()]) {
                        if let OriginKind::Property(value) = origin.kind
                            && let Some(method) = self.values.constant_string(value)
                        {
                            return Some(method.to_ascii_uppercase());
                        }
                    }
                }
            }
        }
        None
    }
}

/// The calls that take a text as an argument, directly or through a name, each with the whole text that it is given.
fn calls_with(apis: &RustApis, unit: &Unit, text: ExprId) -> Vec<(ExprId, ExprId)> {
    let mut found = Vec::new();
    let mut open = vec![text];
    let mut steps = 0;
    while let Some(value) = open.pop() {
        steps += 1;
        if steps > 40 {
            break;
        }
        let mut inner = value;
        for _ in 0..4 {
            let Some(Node::Expr(parent)) = unit.parents.parent(Node::Expr(inner)) else { break };
            match &unit.module[parent].kind {
                ExprKind::Call { args, .. } if args.iter().any(|arg| arg.expr == inner) => {
                    found.push((parent, value));
                    break;
                }
                ExprKind::New { args, .. } if args.iter().any(|arg| arg.expr == inner) => inner = parent,
                ExprKind::Object(_) | ExprKind::Cast { .. } | ExprKind::Conditional { .. } | ExprKind::Logical { .. } => inner = parent,
                _ => break,
            }
        }
        if let Some(symbol) = unit.declared_symbol(value).or_else(|| unit.declared_symbol(inner)) {
            for reference in unit.scopes.references(symbol) {
                open.push(unit.whole_text(apis, *reference));
            }
        }
        // `url = …` on a variable that was declared before.
        if let Some(Node::Expr(assign)) = unit.parents.parent(Node::Expr(value))
            && let ExprKind::Assign { target, .. } = &unit.module[assign].kind
            && let crate::hir::PatKind::Expr(name) = unit.module[*target].kind
            && let Some(symbol) = unit.scopes.symbol_of_expr(name)
        {
            open.extend(unit.scopes.references(symbol).iter().copied().filter(|reference| *reference != name));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

impl Unit {
    /// The whole text that a piece belongs to: the outermost concatenation or template around it.
    fn whole_text(&self, apis: &RustApis, piece: ExprId) -> ExprId {
        let mut whole = piece;
        while let Some(Node::Expr(parent)) = self.parents.parent(Node::Expr(whole)) {
            match &self.module[parent].kind {
                ExprKind::Binary { op: BinaryOp::Add, .. } | ExprKind::Template { .. } | ExprKind::Cast { .. } => whole = parent,
                ExprKind::Call { callee, .. } if matches!(&self.module[self.uncast(*callee)].kind, ExprKind::Member { object, property, .. } if *object == whole && matches!(&**property, "concat" | "replace" | "toString")) =>
                {
                    whole = parent;
                }
                // `url.as_str()`
                ExprKind::Member { object, property, .. } if *object == whole && self.passes_on(apis, property) => whole = parent,
                ExprKind::Call { callee, .. } if self.is_rust() && *callee == whole => whole = parent,
                _ => break,
            }
        }
        whole
    }
}

/// Whether anything near the call names the service's host: its own text, or the module around it.
fn talks_to_service(rest: &Rest, unit: &Unit, call: ExprId) -> bool {
    let text = unit.source.slice(unit.module[call].span);
    rest.hosts.iter().any(|host| text.contains(host.as_str()))
}

/// Whether a path is the first one of a list, or stands below it.
fn starts_with_first(path: &str, paths: &[String]) -> bool {
    paths.first().is_some_and(|first| path.starts_with(first.as_str()))
}

/// The part of a URL pattern from the service's resource on.
fn service_path<'p>(rest: &Rest, pattern: &'p str) -> Option<&'p str> {
    let at = rest.roots().filter_map(|root| pattern.find(root)).min();
    let path = pattern.get(at?..)?;
    Some(path.split(['?', '#']).next().unwrap_or(path))
}

/// Whether a path pattern (`/a/{id}/b`) matches a text whose holes are `{}`.
fn path_matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.trim_matches('/').split('/').collect();
    let path: Vec<&str> = path.trim_matches('/').split('/').collect();
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(pattern, path)| pattern.starts_with('{') || pattern == path)
}

/// The hole between `/telephony_credentials/` and `/token`.
fn credential_hole(rest: &Rest, text: &Text) -> Option<Site> {
    text.0.windows(2).find_map(|pair| match pair {
        [Part::Known(before), Part::Hole(site)] if rest.before_id().any(|known| before.ends_with(known)) => Some(*site),
        _ => None,
    })
}

/// Whether the id in a mint's path is written out.
fn fixed_id(path: &str) -> bool {
    let mut segments = path.trim_matches('/').split('/');
    segments.next();
    segments.next().is_some_and(|id| {
        let written =
            id.starts_with(char::is_alphanumeric) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        written && id != "token" && !crate::secrets::placeholder::is_placeholder(id)
    })
}
