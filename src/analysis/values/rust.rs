//! What values do in Rust and nowhere else: methods that give their receiver, requests that are built step by step, struct literals, values
//! that are known by their type alone, paths, and what the frameworks give a handler.

use super::calls::stepped;
use super::instances::Instance;
use super::memo::Answer;
use super::walk::ANY;
use super::{BoundArg, ClassSite, Cursor, EnvMechanism, FunctionSite, OriginKind, Site, Values, Walk};
use crate::analysis::unit::Unit;
use crate::catalog::apis::ApiRole;
use crate::catalog::endpoints::{RustNames, endpoints};
use crate::hir::visit::Node;
use crate::hir::{
    ClassMember, ClassMemberKind, Element, ExprId, ExprKind, Function, Language, Literal, Name, PatId, PatKind, PropertyKey, StmtKind,
    TypeName,
};
use crate::project::Resolved;
use crate::source::{Location, Span};

/// Methods that give their receiver, or what it holds, whatever their arguments.
const PASSING: &[&str] = &[
    "clone",
    "cloned",
    "copied",
    "to_owned",
    "to_string",
    "into",
    "try_into",
    "as_str",
    "as_ref",
    "as_mut",
    "as_deref",
    "as_bytes",
    "as_slice",
    "unwrap",
    "expect",
    "unwrap_or_default",
    "ok",
    "iter",
    "into_iter",
    "iter_mut",
    "borrow",
    "borrow_mut",
    "lock",
    "get_ref",
    "get_mut",
    "into_inner",
    "inner",
    "deref",
    "error_for_status",
    "context",
    "with_context",
    "map_err",
    "ok_or",
    "ok_or_else",
    "trim",
    "expose_secret",
    "into_string",
    "to_str",
    "boxed",
    "collect",
    "into_boxed_str",
    "as_string",
    "as_object",
    "as_array",
    "into_json",
    "read_json",
    "to_vec",
    "leak",
    "inspect",
    "inspect_err",
    "flatten",
    "filter",
    "rev",
    "transpose",
    "await",
    "into_response",
    "unwrap_unchecked",
    "secret",
    "blocking_lock",
    "load",
];
/// The same, but only where nothing is given to them.
const PASSING_ALONE: &[&str] = &[
    "send",
    "json",
    "text",
    "bytes",
    "build",
    "finish",
    "read",
    "write",
    "body_string",
    "body_json",
    "call",
    "into_body",
    "get",
    "take",
    "recv",
];
/// Methods that give something made of their receiver.
const DERIVING: &[&str] = &[
    "replace",
    "replacen",
    "split",
    "splitn",
    "split_once",
    "rsplit",
    "split_whitespace",
    "trim_start_matches",
    "trim_end_matches",
    "strip_prefix",
    "strip_suffix",
    "chars",
    "to_lowercase",
    "to_uppercase",
    "to_ascii_lowercase",
    "to_ascii_uppercase",
    "slice",
    "repeat",
    "concat",
    "lines",
    "parse",
    "encode",
    "decode",
    "bytes",
    "as_hex",
    "trim_start",
    "trim_end",
    "trim_matches",
    "truncate",
];
/// Methods that say something about their receiver that is not it.
const ASKING: &[&str] = &[
    "len",
    "is_empty",
    "is_some",
    "is_none",
    "is_ok",
    "is_err",
    "contains",
    "starts_with",
    "ends_with",
    "eq",
    "cmp",
    "count",
    "any",
    "all",
    "status",
    "is_some_and",
    "contains_key",
];
/// Methods that call a function with what the receiver holds and give what that gives.
const MAPPING: &[&str] = &["map", "and_then", "then", "flat_map", "filter_map"];
/// Methods that give the receiver, or else what their argument is or gives.
const FALLING_BACK: &[&str] = &["unwrap_or", "unwrap_or_else", "or", "or_else", "get_or_init", "get_or_try_init", "get_or_insert_with"];
/// Functions that give their first argument, by the last two parts of their path.
const WRAPPING: &[&str] = &[
    "Arc::new",
    "Rc::new",
    "Box::new",
    "Mutex::new",
    "RwLock::new",
    "RefCell::new",
    "Cell::new",
    "String::from",
    "Cow::from",
    "Cow::Borrowed",
    "Cow::Owned",
    "Data::new",
    "Data::from",
    "Secret::new",
    "SecretString::new",
    "SecretString::from",
    "SecretBox::new",
    "HeaderValue::from_str",
    "HeaderValue::from_static",
    "HeaderValue::try_from",
    "Url::parse",
    "Pin::new",
    "Box::pin",
    "Arc::clone",
    "Rc::clone",
    "ArcSwap::new",
    "OnceCell::with_value",
    "Bytes::from",
    "Body::from",
    "serde_json::from_str",
    "serde_json::from_slice",
    "serde_json::from_value",
    "serde_json::to_value",
    "Zeroizing::new",
    "Some",
    "Ok",
    "Json",
    "State",
    "Extension",
    "Json::from",
    "Reverse",
    "Wrapping",
    "Html",
    "Query",
    "Form",
    "Path",
    "str::from_utf8",
    "String::from_utf8",
    "String::from_utf8_lossy",
    "Ready::ok",
    "future::ready",
    "ready",
    "timeout",
];
/// Functions that call their argument and give what that gives.
const LAZY: &[&str] = &["Lazy::new", "LazyLock::new", "LazyCell::new", "spawn", "spawn_blocking", "block_on"];
/// Methods of a client that make a request of the URL that they are given.
const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "request"];
/// How many struct literals of one type are looked at.
const LITERALS: usize = 8;
/// How many calls one chain may have.
const CHAIN: usize = 64;

impl Unit {
    /// Whether the file is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.module.language == Language::Rust
    }

    /// Whether a member is a part of a path (`Client::new`), rather than of a value (`client.get`).
    pub(crate) fn is_path_member(&self, object: ExprId, property_span: Span) -> bool {
        let between = Span { start: self.module[object].span.end, end: property_span.start };
        between.start <= between.end && self.source.slice(between).contains("::")
    }

    /// The last two parts of the path that a call calls: `Arc::new`; one for a plain function.
    pub(crate) fn called_path(&self, call: ExprId) -> String {
        let text = self.callee_text(call);
        let mut parts = text.rsplit("::").map(|part| part.split('<').next().unwrap_or(part).trim());
        match (parts.next(), parts.find(|part| !part.is_empty())) {
            (Some(last), Some(owner)) => format!("{owner}::{last}"),
            (Some(last), None) => last.to_owned(),
            _ => text,
        }
    }

    /// The calls of a chain around one, innermost first: of `client.post(url)` in `client.post(url).bearer_auth(key).send()` the other two.
    pub(crate) fn chained_after(&self, call: ExprId) -> Vec<ExprId> {
        let mut calls = Vec::new();
        let mut at = call;
        while calls.len() < CHAIN {
            let Some(Node::Expr(parent)) = self.parents.parent(Node::Expr(at)) else { break };
            match &self.module[parent].kind {
                ExprKind::Cast { .. } | ExprKind::Await(_) => at = parent,
                ExprKind::Member { object, .. } if *object == at => at = parent,
                ExprKind::Call { callee, .. } if *callee == at => {
                    calls.push(parent);
                    at = parent;
                }
                _ => break,
            }
        }
        calls
    }

    /// The arguments that a request of Rust is built with as its body.
    pub(crate) fn bodies_of_request(&self, call: ExprId) -> Vec<&Element> {
        self.chained_after(call)
            .into_iter()
            .filter(|built| {
                matches!(self.called_method(*built).map(AsRef::as_ref), Some("json" | "body" | "form" | "send_json" | "send_form"))
            })
            .filter_map(|built| match &self.module[built].kind {
                ExprKind::Call { args, .. } => args.first(),
                _ => None,
            })
            .collect()
    }

    /// The type that a parameter is written with.
    pub(crate) fn type_of_param(&self, function: &Function, index: usize) -> Option<&TypeName> {
        let mut pat: PatId = function.params.get(index)?.pat;
        for _ in 0..8 {
            pat = match &self.module[pat].kind {
                PatKind::Binding(binding) => return self.module[*binding].type_name.as_ref(),
                PatKind::Array { elements, .. } => elements.iter().flatten().next().copied()?,
                PatKind::Object { properties, .. } => properties.first()?.pat,
                _ => return None,
            };
        }
        None
    }

    fn first_argument(&self, call: ExprId) -> Option<ExprId> {
        match &self.module[call].kind {
            ExprKind::Call { args, .. } | ExprKind::New { args, .. } => args.first().map(|arg| arg.expr),
            _ => None,
        }
    }
}

/// The names of the frameworks; none when the table is malformed, which is reported elsewhere.
pub(crate) fn rust_names() -> Option<&'static RustNames> {
    endpoints().ok().map(|names| &names.rust)
}

impl<'w> Walk<'w> {
    /// What a call gives.
    pub(super) fn rust_call(&mut self, unit: &'w Unit, site: Site, callee: ExprId, args: &[Element], cursor: &Cursor) {
        let to = |expr| Site { file: site.file, expr };
        let at = unit.at(unit.module[site.expr].span);
        let first = args.first().map(|arg| to(arg.expr));
        let method = match &unit.module[callee].kind {
            ExprKind::Member { object, property, property_span, .. } if !unit.is_path_member(*object, *property_span) => {
                Some((*object, property.clone()))
            }
            _ => None,
        };
        if let Some((object, name)) = &method
            && self.passed_on(unit, site, *object, name, args, cursor)
        {
            return;
        }
        // `async { … }`
        if let ExprKind::Function(function) = unit.module[callee].kind {
            self.enter(FunctionSite { file: site.file, function }, site, args, cursor);
            return;
        }
        let path = if method.is_none() { unit.called_path(site.expr) } else { String::new() };
        let known =
            |list: &[&str]| list.iter().any(|known| path == *known || !known.contains("::") && path.rsplit("::").next() == Some(known));
        let callees = self.ask(to(callee), cursor);
        if callees.functions().next().is_some() {
            for function in callees.functions().take(8) {
                self.enter(function, site, args, cursor);
            }
            return;
        }
        if method.is_none()
            && let Some(first) = first
        {
            if known(LAZY) {
                self.result_of(first, site, &[], cursor);
                return;
            }
            // What a wrapper holds is what it is, also where it is asked for as `.0`.
            if known(WRAPPING) {
                self.expr(first, &unwrapped(cursor));
                return;
            }
        }
        if callees.facts.iter().any(|fact| matches!(fact.kind, OriginKind::RequestInput) && !fact.derived) {
            self.born(at, OriginKind::RequestInput, &stepped(cursor, at, "sent by the caller"));
            return;
        }
        let class = callees.facts.iter().find_map(|fact| match fact.kind {
            OriginKind::Class(class) if !fact.derived => Some((class, fact.path.is_empty())),
            _ => None,
        });
        if let Some((class, whole)) = class {
            self.tuple(class, whole, site, args, cursor);
            return;
        }
        if callees.plays(ApiRole::EnvGet) {
            let name = first.and_then(|name| self.values.constant_string(name));
            let kind = name.map_or(OriginKind::Call(site), |name| OriginKind::Env { name, mechanism: EnvMechanism::Os });
            self.born(at, kind, cursor);
            return;
        }
        if matches!(
            &*unit.callee_text(site.expr),
            "env!" | "std::env!" | "option_env!" | "std::option_env!" | "dotenv!" | "dotenvy_macro::dotenv!"
        ) && let Some(name) = first.and_then(|name| self.values.constant_string(name))
        {
            let built = stepped(cursor, at, "built into the program");
            self.born(at, OriginKind::Env { name, mechanism: EnvMechanism::Compiled }, &built);
            return;
        }
        if callees.plays(ApiRole::Request) || callees.requests(&self.values) {
            self.born(at, OriginKind::Response(site), &stepped(cursor, at, "the answer of this request"));
            return;
        }
        if callees.plays(ApiRole::FileRead) {
            self.born(at, OriginKind::File(site), &stepped(cursor, at, "read from a file"));
            return;
        }
        if let Some((object, name)) = &method {
            self.other_method(unit, site, *object, name, args, cursor);
            return;
        }
        self.born(at, OriginKind::Call(site), cursor);
        let inner = Cursor { path: Vec::new(), ..cursor.derived() };
        args.iter().for_each(|arg| {
            if !matches!(unit.module[arg.expr].kind, ExprKind::Function(_) | ExprKind::Object(_) | ExprKind::Literal(_)) {
                self.expr(to(arg.expr), &inner);
            }
        });
    }

    /// Methods that are known by their name alone. False when the name says nothing.
    fn passed_on(&mut self, unit: &'w Unit, site: Site, object: ExprId, name: &Name, args: &[Element], cursor: &Cursor) -> bool {
        let receiver = Site { file: site.file, expr: object };
        let first = args.first().map(|arg| Site { file: site.file, expr: arg.expr });
        let name: &str = name;
        if PASSING.contains(&name) || args.is_empty() && PASSING_ALONE.contains(&name) {
            self.expr(receiver, cursor);
            return true;
        }
        if ASKING.contains(&name) {
            return true;
        }
        if DERIVING.contains(&name) {
            self.expr(receiver, &Cursor { path: Vec::new(), ..cursor.derived() });
            return true;
        }
        let Some(first) = first else { return false };
        if MAPPING.contains(&name) {
            let listed = unit.source.slice(unit.module[object].span).contains("iter()");
            let inner = if listed && !cursor.path.is_empty() { cursor.rest() } else { cursor.clone() };
            let below = if listed { vec![Name::from(ANY)] } else { Vec::new() };
            let before = self.origins.len();
            self.result_of(first, site, &[BoundArg::Value(receiver, below)], &inner);
            // A function of another crate: `.map(String::from)`.
            if self.origins.len() == before && !matches!(unit.module[first.expr].kind, ExprKind::Function(_)) {
                self.expr(receiver, cursor);
            }
            return true;
        }
        if FALLING_BACK.contains(&name) {
            self.expr(receiver, cursor);
            if matches!(unit.module[first.expr].kind, ExprKind::Function(_)) {
                self.result_of(first, site, &[BoundArg::Opaque], cursor);
            } else if !name.ends_with("else") {
                self.expr(first, cursor);
            }
            return true;
        }
        match (name, args.get(1)) {
            ("map_or", Some(function)) => {
                self.expr(first, cursor);
                let function = Site { file: site.file, expr: function.expr };
                self.result_of(function, site, &[BoundArg::Value(receiver, Vec::new())], cursor);
                true
            }
            ("map_or_else", Some(function)) => {
                self.result_of(first, site, &[BoundArg::Opaque], cursor);
                let function = Site { file: site.file, expr: function.expr };
                self.result_of(function, site, &[BoundArg::Value(receiver, Vec::new())], cursor);
                true
            }
            // A JSON value, a map, headers. A path or address is a request's.
            ("get" | "remove" | "get_mut" | "get_one", None) => {
                let Some(key) = self.values.constant_key(first).filter(|key| !key.starts_with(['/', 'h']) || key.starts_with("host"))
                else {
                    return false;
                };
                if self.is_request(receiver, cursor) == Some(Asking::Client) {
                    return false;
                }
                self.expr(receiver, &cursor.below([key]));
                true
            }
            ("pointer", None) => {
                let Some(pointer) = self.values.constant_string(first) else { return false };
                let below: Vec<Name> = pointer.split('/').filter(|part| !part.is_empty()).map(Name::from).collect();
                self.expr(receiver, &cursor.below(below));
                true
            }
            _ => false,
        }
    }

    /// A method that nobody in the project defines: of a client, of a request that is being built, or of anything else.
    fn other_method(&mut self, unit: &'w Unit, site: Site, object: ExprId, name: &Name, args: &[Element], cursor: &Cursor) {
        let at = unit.at(unit.module[site.expr].span);
        let receiver = Site { file: site.file, expr: object };
        let asks = VERBS.contains(&&**name) && !args.is_empty();
        let addressed = asks
            && unit.first_argument(site.expr).is_some_and(|first| {
                let text = self.values.text(Site { file: site.file, expr: first }).pattern();
                text.contains("://") || text.starts_with("{}/") || text.starts_with("{}{}")
            });
        match self.is_request(receiver, cursor) {
            Some(Asking::Client) if asks => {
                self.born(at, OriginKind::Response(site), &stepped(cursor, at, "the answer of this request"));
            }
            _ if addressed => self.born(at, OriginKind::Response(site), &stepped(cursor, at, "the answer of this request")),
            // `.bearer_auth(key)`, `.timeout(…)`: still the same.
            Some(_) => self.expr(receiver, cursor),
            None => {
                self.born(at, OriginKind::Call(site), cursor);
                let inner = Cursor { path: Vec::new(), ..cursor.derived() };
                args.iter().for_each(|arg| {
                    if !matches!(unit.module[arg.expr].kind, ExprKind::Function(_) | ExprKind::Object(_) | ExprKind::Literal(_)) {
                        self.expr(Site { file: site.file, expr: arg.expr }, &inner);
                    }
                });
            }
        }
    }

    /// Whether a value is a client, or a request or its answer.
    fn is_request(&mut self, value: Site, cursor: &Cursor) -> Option<Asking> {
        let answer: std::sync::Arc<Answer> = self.ask(value, cursor);
        if answer.facts.iter().any(|fact| matches!(fact.kind, OriginKind::Response(_))) {
            return Some(Asking::Request);
        }
        answer.requests(&self.values).then_some(Asking::Client)
    }

    /// A tuple struct or a variant of an enum, made of its fields: what it holds is what it is.
    fn tuple(&mut self, class: ClassSite, whole: bool, site: Site, args: &[Element], cursor: &Cursor) {
        let to = |expr| Site { file: site.file, expr };
        let index = cursor.head().and_then(|head| head.parse::<usize>().ok());
        if let Some(field) = index.and_then(|index| args.get(index)) {
            self.expr(to(field.expr), &cursor.rest());
            return;
        }
        let Some(unit) = self.values.unit(site.file) else { return };
        let at = unit.at(unit.module[site.expr].span);
        if whole && cursor.path.is_empty() {
            self.born(at, OriginKind::Instance(class, site), cursor);
        } else if whole {
            self.class_member(class, Some(Instance { class, created: Some(site) }), cursor);
        }
        if let [only] = args {
            self.expr(to(only.expr), cursor);
        }
    }

    /// A struct literal of a type that the project does not declare, or a variant with named fields.
    pub(super) fn foreign_literal(&mut self, site: Site, args: &[Element], cursor: &Cursor) {
        if let [only] = args {
            self.expr(Site { file: site.file, expr: only.expr }, cursor);
        }
    }

    /// A name that no statement of the file binds: one that a `use` of everything brings, a crate, or one of the language's own.
    pub(super) fn rust_unbound(&mut self, unit: &'w Unit, site: Site, name: &Name, cursor: &Cursor) {
        // What lowering made names for is bound; a number stands for nothing else.
        if !self.starred(unit, name, cursor) {
            self.namespace(unit, unit.at(unit.module[site.expr].span), name, cursor);
        }
    }

    /// A module inside of the file: the item that the path names.
    pub(super) fn inner_module(&mut self, unit: &'w Unit, at: Span, cursor: &Cursor) {
        let Some(head) = cursor.head().cloned() else { return };
        let body = unit.module.stmts.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Namespace { binding, body } if unit.module[*binding].span == at => Some(body),
            _ => None,
        });
        for stmt in body.into_iter().flatten() {
            let binding = match &unit.module[*stmt].kind {
                StmtKind::Function(function) => unit.module[*function].name,
                StmtKind::Class(class) => unit.module[*class].name,
                StmtKind::Namespace { binding, .. } => Some(*binding),
                StmtKind::Declare { declarators, .. } => declarators.first().and_then(|(pat, _)| match unit.module[*pat].kind {
                    PatKind::Binding(binding) => Some(binding),
                    _ => None,
                }),
                _ => None,
            };
            let Some(binding) = binding.filter(|binding| unit.module[*binding].name == head) else { continue };
            if let Some(symbol) = unit.scopes.symbol_of_binding(binding) {
                self.symbol(unit, symbol, None, &cursor.rest());
            }
        }
    }

    /// A path that leaves the tree, or goes on below a module: the longest beginning that is a file, with the rest below it.
    pub(super) fn rust_namespace(&mut self, unit: &'w Unit, at: Location, specifier: &str, cursor: &Cursor) {
        let mut module = specifier;
        let mut below: Vec<Name> = Vec::new();
        loop {
            if let Resolved::File(file) = self.values.workspace.resolve(unit.file, module) {
                let mut next = cursor.below(below);
                next.frames = None;
                // The module that asks: a member of it is one of its own items.
                self.export(file, at, &next, 0);
                return;
            }
            match module.rsplit_once("::") {
                Some((outer, last)) => {
                    below.insert(0, Name::from(last));
                    module = outer;
                }
                None => break,
            }
        }
        below.extend(cursor.path.iter().cloned());
        let kind = OriginKind::Package { package: Name::from(module), path: below };
        self.born(at, kind, &cursor.with_path(Vec::new()));
    }

    /// A member of an instance of a struct: the field of its literal, of all literals of its type where it is not known which, or else what
    /// the type of the field says. True when that says what it is.
    pub(super) fn rust_member(&mut self, class: ClassSite, created: Option<Site>, head: &Name, cursor: &Cursor) -> bool {
        let Some(unit) = self.values.unit(class.file).filter(|unit| unit.is_rust()) else { return false };
        let declared = &unit.module[class.class];
        let field: Option<&ClassMember> = declared.members.iter().find(|member| {
            matches!(member.kind, ClassMemberKind::Field(_)) && member.key.as_ref().and_then(PropertyKey::name) == Some(&**head)
        });
        if field.is_none() {
            return false;
        }
        let before = self.origins.len();
        match created {
            Some(created) => {
                let Some(maker) = self.values.unit(created.file) else { return false };
                if let Some(fields) = maker.first_argument(created.expr) {
                    self.expr(Site { file: created.file, expr: fields }, cursor);
                }
            }
            None => {
                for literal in self.values.literals_of(class) {
                    if self.is_spent() {
                        return true;
                    }
                    let mut outside = cursor.clone();
                    outside.frames = None;
                    self.expr(literal, &outside);
                }
            }
        }
        if self.origins.len() > before || cursor.path.len() < 2 {
            return self.origins.len() > before;
        }
        let Some(types) = field.and_then(|field| field.type_name.as_ref()) else { return false };
        for class in self.values.classes_named(unit, types) {
            let mut next = cursor.rest();
            next.frames = None;
            self.class_member(class, Some(Instance { class, created: None }), &next);
        }
        self.origins.len() > before
    }

    /// A parameter that no visible caller fills: what a framework gives a handler by the parameter's type, or an instance of that type.
    pub(super) fn rust_param(&mut self, unit: &'w Unit, function: FunctionSite, index: usize, at: Location, cursor: &Cursor) -> bool {
        let Some(names) = rust_names() else { return false };
        let declared = &unit.module[function.function];
        let Some(types) = unit.type_of_param(declared, index) else { return false };
        let outer = types.names.iter().find(|name| !matches!(&***name, "Option" | "Result")).map_or("", AsRef::as_ref);
        let is = |list: &[String]| list.iter().any(|known| known == outer);
        // `Path<String>` of a framework; `&Path` is one of the file system.
        if is(&names.inputs) || is(&names.generic_inputs) && types.names.len() > 1 {
            self.born(at, OriginKind::RequestInput, cursor);
            return true;
        }
        let found_out = stepped(
            &cursor.with_path(std::iter::once(Name::from("user")).chain(cursor.path.iter().cloned()).collect()),
            at,
            "found out about the caller",
        );
        let classes = self.values.classes_named(unit, types);
        if classes.iter().any(|class| self.values.extractor(*class).is_some()) || names.caller.is_match(outer) {
            self.born(at, OriginKind::RequestInput, &found_out);
            return true;
        }
        let plain = matches!(outer, "String" | "str" | "Uuid" | "i32" | "i64" | "u32" | "u64");
        if plain && self.values.is_attributed_handler(unit, function) {
            self.born(at, OriginKind::RequestInput, cursor);
            return true;
        }
        if cursor.path.is_empty() || classes.is_empty() {
            return false;
        }
        let before = self.origins.len();
        for class in classes {
            let mut next = stepped(cursor, at, "known by its type");
            next.frames = None;
            self.class_member(class, Some(Instance { class, created: None }), &next);
        }
        self.origins.len() > before
    }
}

/// What a value asks with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Client,
    Request,
}

/// Below what a wrapper holds: `wrapper.0` is it.
fn unwrapped(cursor: &Cursor) -> Cursor {
    if cursor.head().is_some_and(|head| &**head == "0") { cursor.rest() } else { cursor.clone() }
}

impl<'w> Values<'w> {
    /// The function of a type that makes it out of a request, and may turn the caller away.
    pub(crate) fn extractor(&self, class: ClassSite) -> Option<FunctionSite> {
        let unit = self.unit(class.file)?;
        unit.module[class.class].members.iter().find_map(|member| match member.kind {
            ClassMemberKind::Method(function)
                if matches!(member.key.as_ref().and_then(PropertyKey::name), Some("from_request_parts" | "from_request")) =>
            {
                Some(FunctionSite { file: class.file, function })
            }
            _ => None,
        })
    }

    /// Whether an attribute registers a function as a handler whose plain parameters come from the request.
    fn is_attributed_handler(&self, unit: &Unit, function: FunctionSite) -> bool {
        let Some(names) = rust_names() else { return false };
        unit.module[function.function].decorators.iter().any(|decorator| {
            let last = unit.called_path(*decorator);
            let last = last.rsplit("::").next().unwrap_or("");
            names.verbs.iter().any(|verb| verb == last) || last == "route"
        })
    }

    /// The struct literals of a type, as the objects of their fields.
    fn literals_of(&self, class: ClassSite) -> Vec<Site> {
        let mut found = Vec::new();
        let Some(unit) = self.unit(class.file) else { return found };
        let Some(name) = unit.module[class.class].name.map(|name| unit.module[name].name.clone()) else { return found };
        let mut units = vec![unit];
        units.extend(self.workspace.importing_units_deep(class.file).filter(|user| user.is_rust() && user.file != class.file));
        for unit in units {
            for node in unit.parents.nodes() {
                let Node::Expr(expr) = *node else { continue };
                let ExprKind::New { callee, args } = &unit.module[expr].kind else { continue };
                let last = match &unit.module[*callee].kind {
                    ExprKind::Ident(last) => last,
                    ExprKind::Member { property, .. } => property,
                    _ => continue,
                };
                if *last != name {
                    continue;
                }
                let is_class = self
                    .answer(Site { file: unit.file, expr: *callee })
                    .facts
                    .iter()
                    .any(|fact| matches!(fact.kind, OriginKind::Class(of) if of == class));
                if let Some(fields) = args.first().filter(|_| is_class) {
                    found.push(Site { file: unit.file, expr: fields.expr });
                }
                if found.len() >= LITERALS {
                    return found;
                }
            }
        }
        found
    }

    /// Whether `inner` goes on as `outer`: a method that gives its receiver, or a function that gives its argument.
    pub(crate) fn is_passed_on(&self, unit: &Unit, outer: ExprId, inner: ExprId) -> bool {
        match &unit.module[outer].kind {
            ExprKind::Member { object, property, .. } => *object == inner && PASSING.contains(&&**property),
            ExprKind::Call { .. } => {
                self.passing_receiver(unit, outer).is_some_and(|given| given == inner)
                    && !matches!(unit.called_path(outer).as_str(), "Json" | "Html")
            }
            _ => false,
        }
    }

    /// Whether a text is what a method gives that passes its receiver on: `url.as_str()`.
    pub(crate) fn passing_receiver(&self, unit: &Unit, call: ExprId) -> Option<ExprId> {
        let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { return None };
        if let ExprKind::Member { object, property, property_span, .. } = &unit.module[*callee].kind
            && !unit.is_path_member(*object, *property_span)
        {
            return (args.is_empty() && PASSING.contains(&&**property)).then_some(*object);
        }
        let path = unit.called_path(call);
        args.first().filter(|_| WRAPPING.contains(&&*path)).map(|first| first.expr)
    }
}

/// A literal that is a text.
pub(crate) fn literal_text(unit: &Unit, expr: ExprId) -> Option<Name> {
    match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Literal(Literal::String(text)) => Some(text.clone()),
        _ => None,
    }
}
