//! Questions about the shape of a Rust file: paths and chains of calls, which HIR spells as members, and the types of parameters.

use crate::analysis::unit::Unit;
use crate::catalog::apis::RustApis;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, Function, Language, Literal, Name, PatId, PatKind, TypeName};
use crate::source::Span;

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

    /// The request that a call makes the URL of: for `self.url(path)` the `post` in `client.post(self.url(path))`. Else the call itself.
    pub(crate) fn request_with(&self, apis: &RustApis, call: ExprId) -> ExprId {
        let mut at = call;
        for _ in 0..4 {
            let Some(Node::Expr(parent)) = self.parents.parent(Node::Expr(at)) else { break };
            match &self.module[parent].kind {
                ExprKind::Cast { .. } => at = parent,
                ExprKind::Call { args, .. } if args.iter().any(|arg| arg.expr == at) => {
                    let asks = self.called_method(parent).is_some_and(|method| apis.verbs.contains(&**method));
                    return if asks { parent } else { call };
                }
                _ => break,
            }
        }
        call
    }

    /// Whether a method of this name gives its receiver, in Rust.
    pub(crate) fn passes_on(&self, apis: &RustApis, method: &str) -> bool {
        self.is_rust() && apis.passing.contains(method)
    }

    /// Whether `inner` goes on as `outer`: a method that gives its receiver, or a function that gives its argument.
    pub(crate) fn is_passed_on(&self, apis: &RustApis, outer: ExprId, inner: ExprId) -> bool {
        match &self.module[outer].kind {
            ExprKind::Member { object, property, .. } => *object == inner && apis.passing.contains(&**property),
            ExprKind::Call { .. } => {
                self.passing_receiver(apis, outer).is_some_and(|given| given == inner)
                    && !matches!(self.called_path(outer).as_str(), "Json" | "Html")
            }
            _ => false,
        }
    }

    /// Whether a text is what a method gives that passes its receiver on: `url.as_str()`.
    pub(crate) fn passing_receiver(&self, apis: &RustApis, call: ExprId) -> Option<ExprId> {
        let ExprKind::Call { callee, args, .. } = &self.module[call].kind else { return None };
        if let ExprKind::Member { object, property, property_span, .. } = &self.module[*callee].kind
            && !self.is_path_member(*object, *property_span)
        {
            return (args.is_empty() && apis.passing.contains(&**property)).then_some(*object);
        }
        let path = self.called_path(call);
        args.first().filter(|_| apis.wrapping.contains(&*path)).map(|first| first.expr)
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

    pub(super) fn first_argument(&self, call: ExprId) -> Option<ExprId> {
        match &self.module[call].kind {
            ExprKind::Call { args, .. } | ExprKind::New { args, .. } => args.first().map(|arg| arg.expr),
            _ => None,
        }
    }
}

/// A literal that is a text.
pub(crate) fn literal_text(unit: &Unit, expr: ExprId) -> Option<Name> {
    match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Literal(Literal::String(text)) => Some(text.clone()),
        _ => None,
    }
}
