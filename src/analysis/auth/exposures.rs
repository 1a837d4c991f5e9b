//! Exposures: secrets that are written to storage, to a log or into a URL.
//!
//! Each sink takes the values that it is given apart (objects, templates, `JSON.stringify`) and asks `secrecy` what they are. Storage is also
//! looked at from its other end: a client that logs in with what it reads from storage proves that the write under that key keeps a secret.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Builder;
use super::secrecy::{Births, Held};
use crate::analysis::model::{Client, Exposed, ExposedIn, Exposure, OptionRole, Provenance};
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberObject};
use crate::analysis::values::text::Part;
use crate::analysis::values::{Identity, OriginKind, Site};
use crate::catalog::apis::ApiRole;
use crate::catalog::vendor::Words;
use crate::finding::Confidence;
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExprId, ExprKind, Name, StmtKind, UnaryOp};
use crate::secrets::names::{NameRole, names_vendor, stored_role};
use crate::source::FileId;

/// How many files are read again to find what writes a key.
const FILES_READ: usize = 800;
/// Globals whose members are storage.
const STORES: [&str; 2] = ["localStorage", "sessionStorage"];

impl<'w> Builder<'w> {
    /// Every exposure in the anchored files, in file order.
    pub(super) fn exposures(&self, clients: &[Client], births: &Births) -> Vec<Exposure> {
        let mut found = Vec::new();
        for unit in self.workspace.anchored_units() {
            for node in unit.parents.nodes() {
                let Node::Expr(expr) = *node else { continue };
                match &unit.module[expr].kind {
                    ExprKind::Call { .. } => self.told_by_call(unit, expr, births, &mut found),
                    ExprKind::Template { .. } | ExprKind::Binary { op: BinaryOp::Add, .. } => {
                        self.told_by_url(unit, expr, births, &mut found);
                    }
                    _ => {}
                }
            }
            self.told_by_assignment(unit, births, &mut found);
        }
        self.kept_for_clients(clients, &mut found);
        found.sort_by_key(|exposure: &Exposure| exposure.at);
        found.dedup_by_key(|exposure| exposure.at);
        found
    }

    fn exposure(&self, unit: &Unit, expr: ExprId, held: Held, place: ExposedIn) -> Exposure {
        Exposure {
            at: unit.at(unit.module[expr].span),
            what: held.what,
            words: held.words,
            place,
            whole: held.whole,
            flow: held.flow,
            zone: self.zone_at(unit, expr),
            development_only: self.values.is_development_guarded(unit, Node::Expr(expr)),
            confidence: held.confidence,
        }
    }

    /// Logs and storage writes.
    fn told_by_call(&self, unit: &'w Unit, call: ExprId, births: &Births, found: &mut Vec<Exposure>) {
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return };
        let callee = unit.callee_text(call);
        let name = if unit.is_rust() { callee.replace("::", ".") } else { callee.clone() };
        if Identity::Global(name).plays(self.values.apis(), ApiRole::Log) {
            for arg in args {
                if let Some(held) =
                    self.secret_held(unit, arg.expr, births, 0).filter(|held| !held.is_answer || !tells_of_failure(unit, call))
                {
                    found.push(self.exposure(unit, arg.expr, held, ExposedIn::Log(callee.clone())));
                }
            }
            return;
        }
        if !self.writes_storage(unit, call) {
            return;
        }
        // `setItem(key, value)`, `set({ key: value })`.
        let values = if args.len() > 1 { args.get(1..2) } else { args.get(..1) };
        for value in values.unwrap_or_default() {
            let held = self.secret_held(unit, value.expr, births, 0).filter(|held| held.what != Exposed::Credential || held.whole);
            let by_key = || args.first().filter(|_| args.len() > 1).and_then(|key| self.held_by_key(unit, key.expr, value.expr));
            if let Some(held) = held.or_else(by_key) {
                found.push(self.exposure(unit, value.expr, held, ExposedIn::Storage(callee.clone())));
            }
        }
    }

    /// A value that is kept under a key that only a secret has: `setItem("phone_sip_password", typed)`.
    fn held_by_key(&self, unit: &'w Unit, key: ExprId, value: ExprId) -> Option<Held> {
        let key = self.values.constant_string(Self::site(unit, key))?;
        let what = match stored_role(&key)? {
            NameRole::SipPassword => Exposed::Password,
            NameRole::ApiKey if names_vendor(&key) => Exposed::ApiKey,
            _ => return None,
        };
        let origins = self.values.origins(Self::site(unit, value), &[]);
        // Clearing the entry and remembering that there is one keep no secret.
        let kept = origins.iter().find(|origin| !origin.derived && !matches!(origin.kind, OriginKind::Literal(_) | OriginKind::Limit))?;
        Some(Held {
            what,
            words: self.own_words(),
            whole: false,
            is_answer: false,
            under: None,
            flow: Self::flow(kept),
            confidence: Confidence::Medium,
        })
    }

    fn writes_storage(&self, unit: &Unit, call: ExprId) -> bool {
        let named = unit.called_method(call).is_some_and(|method| matches!(&**method, "setItem" | "set" | "setCookie" | "GM_setValue"))
            || unit.call_callee(call).is_some_and(|callee| matches!(unit.module[callee].kind, ExprKind::Ident(_)));
        named
            && unit.call_callee(call).is_some_and(|callee| {
                Identity::Global(unit.callee_text(call).replacen("window.", "", 1)).plays(self.values.apis(), ApiRole::StorageWrite)
                    || self.values.answer(Self::site(unit, callee)).plays(self.values.apis(), ApiRole::StorageWrite)
            })
    }

    /// `localStorage.token = …`, `document.cookie = …`.
    fn told_by_assignment(&self, unit: &'w Unit, births: &Births, found: &mut Vec<Exposure>) {
        for write in unit.usage.member_writes() {
            let (MemberObject::Global(object), Some(value)) = (&write.object, write.kind.value()) else { continue };
            let keys: Vec<&str> = write.keys.iter().map(|key| if let MemberKey::Name(name) = key { &**name } else { "" }).collect();
            let place = match (&**object, keys.as_slice()) {
                (store, [_]) if STORES.contains(&store) => store,
                ("window", [store, _]) if STORES.contains(store) => store,
                ("document", ["cookie"]) | ("window", ["document", "cookie"]) => "document.cookie",
                _ => continue,
            };
            if let Some(held) = self.secret_held(unit, value, births, 0) {
                found.push(self.exposure(unit, value, held, ExposedIn::Storage(place.to_owned())));
            }
        }
    }

    /// `…?token=${token}`: a parameter of a URL whose value is a secret.
    fn told_by_url(&self, unit: &'w Unit, expr: ExprId, births: &Births, found: &mut Vec<Exposure>) {
        // The outermost text only.
        if let Some(Node::Expr(outer)) = unit.parents.parent(Node::Expr(expr))
            && matches!(unit.module[outer].kind, ExprKind::Template { .. } | ExprKind::Binary { op: BinaryOp::Add, .. })
        {
            return;
        }
        let source = unit.source.slice(unit.module[expr].span);
        if !source.contains('=') || !source.contains(['?', '&']) {
            return;
        }
        let text = self.values.text(Self::site(unit, expr));
        let pattern = text.pattern();
        let absolute = ["http://", "https://", "ws://", "wss://", "/", "?"].iter().any(|start| pattern.starts_with(start));
        if !absolute && !self.is_asked_for(unit, expr) {
            return;
        }
        for pair in text.0.windows(2) {
            let [Part::Known(before), Part::Hole(hole)] = pair else { continue };
            let Some(name) =
                before.strip_suffix('=').and_then(|before| before.rsplit(['?', '&']).next().filter(|_| before.contains(['?', '&'])))
            else {
                continue;
            };
            if name.is_empty() || hole.file != unit.file {
                continue;
            }
            if let Some(held) = self.secret_held(unit, hole.expr, births, 0).filter(|held| !held.whole) {
                found.push(self.exposure(unit, hole.expr, held, ExposedIn::Url(Some(name.to_owned()))));
            }
        }
    }

    /// Whether an expression is the first argument of a request or of something that opens an address.
    fn is_asked_for(&self, unit: &Unit, expr: ExprId) -> bool {
        let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(expr)) else { return false };
        match &unit.module[call].kind {
            ExprKind::Call { args, callee, .. } => {
                args.first().is_some_and(|first| first.expr == expr)
                    && (self.values.answer(Self::site(unit, *callee)).plays(self.values.apis(), ApiRole::Request)
                        || matches!(&*unit.callee_text(call), "window.open" | "open" | "location.assign" | "location.replace"))
            }
            ExprKind::New { args, callee } => {
                args.first().is_some_and(|first| first.expr == expr)
                    && matches!(unit.source.slice(unit.module[*callee].span), "URL" | "WebSocket" | "EventSource" | "Request")
            }
            _ => false,
        }
    }

    /// The writes under the keys that clients read their password or token from.
    fn kept_for_clients(&self, clients: &[Client], found: &mut Vec<Exposure>) {
        let mut keys: Vec<(Name, Exposed, Arc<Words>)> = Vec::new();
        let options = clients.iter().flat_map(|client| client.options.iter().map(move |option| (client, option)));
        for (client, option) in options {
            let what = match option.role {
                OptionRole::Password => Exposed::Password,
                OptionRole::Token => Exposed::Token,
                OptionRole::User | OptionRole::Anonymous => continue,
            };
            for source in option.sources.iter().filter(|source| !source.in_development_file) {
                if let Provenance::Storage(Some(key)) = &source.provenance
                    && !keys.iter().any(|(known, ..)| known == key)
                {
                    keys.push((key.clone(), what, Arc::clone(&client.sdk.words)));
                }
            }
        }
        for (key, words) in self.keys_of_forms(clients) {
            if !keys.iter().any(|(known, ..)| *known == key) {
                keys.push((key, Exposed::Password, words));
            }
        }
        if keys.is_empty() {
            return;
        }
        for unit in self.files_that_name(&keys) {
            let calls = unit.usage.method_calls("setItem").iter().chain(unit.usage.method_calls("set"));
            for call in calls {
                let ExprKind::Call { args, .. } = &unit.module[*call].kind else { continue };
                let [key, value, ..] = args.as_slice() else { continue };
                let text = self.values.text(Self::site(unit, key.expr)).pattern();
                let Some((_, what, words)) = keys.iter().find(|(known, ..)| matches(&text, known)) else { continue };
                let at = unit.at(unit.module[value.expr].span);
                if found.iter().any(|known| known.at == at) || !self.writes_storage(unit, *call) {
                    continue;
                }
                let flow = self.values.origins(Site { file: unit.file, expr: value.expr }, &[]).first().map(Self::flow).unwrap_or_default();
                let confidence = if text.contains("{}") { Confidence::Medium } else { Confidence::High };
                let words = Arc::clone(words);
                let held = Held { what: *what, words, whole: false, is_answer: false, under: None, flow, confidence };
                found.push(self.exposure(unit, value.expr, held, ExposedIn::Storage(unit.callee_text(*call))));
            }
        }
    }
}

impl<'w> Builder<'w> {
    /// The keys under which the file of a client whose password is typed in keeps one to fill the form again next time.
    fn keys_of_forms(&self, clients: &[Client]) -> Vec<(Name, Arc<Words>)> {
        let mut keys = Vec::new();
        let options = clients.iter().flat_map(|client| client.options.iter().map(move |option| (client, option)));
        for (client, option) in options.filter(|(_, option)| option.role == OptionRole::Password) {
            let typed = option.sources.iter().any(|source| source.provenance == Provenance::Form && !source.in_development_file);
            let Some(unit) = self.workspace.unit(option.at.file).filter(|_| typed) else { continue };
            for call in unit.usage.method_calls("getItem") {
                let ExprKind::Call { args, .. } = &unit.module[*call].kind else { continue };
                let Some(key) = args.first().and_then(|first| self.values.constant_string(Self::site(unit, first.expr))) else { continue };
                let last = key.rsplit(['.', ':', '/', '_', '-']).next().unwrap_or(&key).to_ascii_lowercase();
                if matches!(last.as_str(), "password" | "passwd") || stored_role(&key) == Some(NameRole::SipPassword) {
                    keys.push((key, Arc::clone(&client.sdk.words)));
                }
            }
        }
        keys
    }

    /// The scripts of the project whose text holds one of the keys, or that are parsed already. Few projects read a login from storage, so the
    /// files are read again only for these; of large ones a part.
    fn files_that_name(&self, keys: &[(Name, Exposed, Arc<Words>)]) -> Vec<&'w Unit> {
        let project = &self.workspace.project;
        let mut units: Vec<&Unit> = self.workspace.parsed().collect();
        let known: FxHashSet<FileId> = units.iter().map(|unit| unit.file).collect();
        let scripts =
            project.iter().filter(|(file, entry)| entry.kind.is_script() && !entry.minified && entry.readable && !known.contains(file));
        for (file, _) in scripts.take(FILES_READ) {
            let names = project.read(file).is_ok_and(|text| keys.iter().any(|(key, ..)| text.contains(&**key)));
            if names {
                units.extend(self.workspace.unit(file));
            }
        }
        units
    }
}

/// Whether code runs because something went wrong: what a request has answered there is an error, not a secret.
pub(super) fn tells_of_failure(unit: &Unit, call: ExprId) -> bool {
    let mut inner = Node::Expr(call);
    for outer in unit.parents.ancestors(Node::Expr(call)) {
        match outer {
            Node::Function(_) => return false,
            Node::Stmt(statement) => {
                if let StmtKind::If { test, then, otherwise } = &unit.module[statement].kind {
                    let failed = inner == Node::Stmt(*then) && is_failure(unit, *test, 0);
                    let unsuccessful = otherwise.is_some_and(|branch| inner == Node::Stmt(branch)) && is_success(unit, *test);
                    if failed || unsuccessful {
                        return true;
                    }
                }
            }
            _ => {}
        }
        inner = outer;
    }
    false
}

/// `!response.ok`, `!data.token`, `status >= 400`, `result.error`.
fn is_failure(unit: &Unit, test: ExprId, depth: u8) -> bool {
    let test = unit.uncast(test);
    match &unit.module[test].kind {
        ExprKind::Unary { op: UnaryOp::Not, .. } => true,
        ExprKind::Logical { left, right, .. } => depth < 4 && (is_failure(unit, *left, depth + 1) || is_failure(unit, *right, depth + 1)),
        ExprKind::Binary { op, .. } => {
            let asked = unit.source.slice(unit.module[test].span);
            *op != BinaryOp::Add && asked.contains("tatus") && (asked.contains("!=") || asked.contains('>'))
        }
        ExprKind::Ident(name) => name.to_ascii_lowercase().contains("err"),
        ExprKind::Member { property, .. } => property.to_ascii_lowercase().contains("error"),
        _ => false,
    }
}

/// `response.ok`, `data.token`, `Array.isArray(data)`.
fn is_success(unit: &Unit, test: ExprId) -> bool {
    matches!(
        unit.module[unit.uncast(test)].kind,
        ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Call { .. } | ExprKind::Logical { .. }
    )
}

/// Whether a pattern with `{}` for its holes can be a text. A pattern that is all hole can be anything and says nothing.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    let mut pieces = pattern.split("{}").peekable();
    let Some(first) = pieces.next() else { return false };
    if pieces.peek().is_none() {
        return pattern == text;
    }
    if first.len() < 3 {
        return false;
    }
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or("");
    }
    false
}
