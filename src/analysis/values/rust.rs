//! What calls and paths give in Rust and nowhere else: methods that give their receiver, requests that are built step by step, wrappers,
//! tuple structs, modules inside of a file and names that a `use` of everything brings. What is known by a type stands in `types`.

mod syntax;
mod types;

use rustc_hash::FxHashSet;

pub(crate) use syntax::literal_text;

use super::calls::stepped;
use super::instances::Instance;
use super::memo::Answer;
use super::walk::ANY;
use super::{BoundArg, ClassSite, Cursor, EnvMechanism, FunctionSite, OriginKind, Site, Walk};
use crate::analysis::unit::Unit;
use crate::catalog::apis::ApiRole;
use crate::hir::{Element, ExprId, ExprKind, Name, PatKind, StmtKind};
use crate::project::Resolved;
use crate::source::{Location, Span};

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
        let apis = &self.values.workspace.catalog.apis.rust;
        let known = |list: &FxHashSet<String>| list.contains(&path) || path.rsplit("::").next().is_some_and(|last| list.contains(last));
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
            if known(&apis.lazy) {
                self.result_of(first, site, &[], cursor);
                return;
            }
            // What a wrapper holds is what it is, also where it is asked for as `.0`.
            if known(&apis.wrapping) {
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
        if callees.plays(self.values.apis(), ApiRole::EnvGet) {
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
        if callees.plays(self.values.apis(), ApiRole::Request) || method.is_none() && callees.requests(&self.values) {
            self.born(at, OriginKind::Response(site), &stepped(cursor, at, "the answer of this request"));
            return;
        }
        if callees.plays(self.values.apis(), ApiRole::FileRead) {
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
        let apis = &self.values.workspace.catalog.apis.rust;
        if apis.passing.contains(name) || args.is_empty() && apis.passing_alone.contains(name) {
            self.expr(receiver, cursor);
            return true;
        }
        if apis.asking.contains(name) {
            return true;
        }
        if apis.deriving.contains(name) {
            self.expr(receiver, &Cursor { path: Vec::new(), ..cursor.derived() });
            return true;
        }
        let Some(first) = first else { return false };
        if apis.mapping.contains(name) {
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
        if apis.falling_back.contains(name) {
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
        let asks = self.values.apis().rust.verbs.contains(&**name) && !args.is_empty();
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
