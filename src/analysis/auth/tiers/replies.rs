//! Replies: the expressions that a handler's callers get, with the calls they stand in.
//!
//! A handler sends (`res.json(x)`, `new Response(x)`) or returns (`return { token }`), by itself or through functions of the project that it
//! hands its response to. Answers that say that something went wrong are left out: nobody logs in with them.

use super::answers::sends;
use crate::analysis::auth::Builder;
use crate::analysis::auth::handler::nodes_in;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{Frames, FunctionSite, Site};
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, Literal, PatKind};

/// How many functions deep a reply is looked for.
const DEPTH: u8 = 4;
/// How many replies of one handler count.
const REPLIES: usize = 24;

/// An expression that goes out to the caller.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// The body.
    pub(crate) body: Site,
    /// The calls that it stands in.
    pub(crate) frames: Frames,
}

impl Builder<'_> {
    /// What callers of a handler get.
    pub(crate) fn replies(&self, handler: FunctionSite) -> Vec<Reply> {
        let mut replies = Vec::new();
        self.collect_replies(handler, &None, true, 0, &mut replies);
        replies.truncate(REPLIES);
        replies
    }

    /// `answers`: what the function returns is the answer.
    pub(super) fn collect_replies(&self, function: FunctionSite, frames: &Frames, answers: bool, depth: u8, replies: &mut Vec<Reply>) {
        let Some(unit) = self.workspace.unit(function.file) else { return };
        if depth > DEPTH || replies.len() >= REPLIES {
            return;
        }
        let push = |body: ExprId, replies: &mut Vec<Reply>| {
            let body = Self::site(unit, Self::unwrapped(unit, body));
            if !replies.iter().any(|known: &Reply| known.body == body && same(&known.frames, frames)) {
                replies.push(Reply { body, frames: frames.clone() });
            }
        };
        if unit.is_rust() {
            self.rust_replies(unit, function, frames, depth, replies);
            return;
        }
        let mut inner: Vec<(ExprId, bool)> = Vec::new();
        for node in nodes_in(unit, Node::Function(function.function)) {
            let Node::Expr(expr) = node else { continue };
            match &unit.module[expr].kind {
                ExprKind::Call { args, .. } => {
                    if sent(unit, expr, args) {
                        if let Some(body) = body_of(unit, args)
                            && !is_failure(unit, expr, args)
                        {
                            push(body, replies);
                        }
                    } else if args.iter().any(|arg| is_response(unit, function, arg.expr)) {
                        inner.push((expr, false));
                    }
                }
                ExprKind::New { callee, args } if unit.source.slice(unit.module[*callee].span).ends_with("Response") => {
                    if let Some(first) = args.first()
                        && !is_failure(unit, expr, args)
                    {
                        push(first.expr, replies);
                    }
                }
                // Koa: `ctx.body = …`.
                ExprKind::Assign { target, value, .. } => {
                    if let PatKind::Expr(target) = unit.module[*target].kind
                        && let ExprKind::Member { property, .. } = &unit.module[target].kind
                        && &**property == "body"
                    {
                        push(*value, replies);
                    }
                }
                _ => {}
            }
        }
        if answers {
            for returned in unit.usage.returns(function.function) {
                let mut value = unit.uncast(*returned);
                while let ExprKind::Await(inside) = unit.module[value].kind {
                    value = unit.uncast(inside);
                }
                match &unit.module[value].kind {
                    ExprKind::Call { args, .. } if !sent(unit, value, args) => {
                        // `return res.status(401).end()` says nothing.
                        if !is_response(unit, function, start_of(unit, value)) {
                            inner.push((value, true));
                        }
                    }
                    ExprKind::Call { .. } | ExprKind::New { .. } | ExprKind::Literal(_) => {}
                    // Lambda and Netlify: `{ statusCode: 200, body: JSON.stringify(x) }`.
                    ExprKind::Object(_) => {
                        let property = |name| self.values.property_value(Self::site(unit, value), name);
                        match (property("statusCode"), property("body")) {
                            (Some(status), Some(body)) if body.file == unit.file => {
                                let failed = matches!(&unit.module[status.expr].kind, ExprKind::Literal(Literal::Number(status)) if *status >= 400.0);
                                if !failed {
                                    push(body.expr, replies);
                                }
                            }
                            _ => push(value, replies),
                        }
                    }
                    _ => push(value, replies),
                }
            }
        }
        for (call, returned) in inner {
            let Some(callee) = unit.call_callee(call) else { continue };
            let site = Self::site(unit, call);
            let targets = self.functions(Self::site(unit, callee));
            // What nobody here defines is an answer itself: `return credentialOf(user)`.
            if returned && answers && targets.is_empty() {
                push(call, replies);
            }
            for target in targets.into_iter().take(3) {
                if let within @ Some(_) = self.values.inside(site, target, frames) {
                    self.collect_replies(target, &within, returned && answers, depth + 1, replies);
                }
            }
        }
    }

    /// The value that is serialised: `JSON.stringify(x)`.
    fn unwrapped(unit: &Unit, body: ExprId) -> ExprId {
        let body = unit.uncast(body);
        match &unit.module[body].kind {
            ExprKind::Call { args, .. } if unit.callee_text(body).ends_with("stringify") => args.first().map_or(body, |arg| arg.expr),
            // `const body = JSON.stringify({ … }); return new Response(body)`
            ExprKind::Ident(_) => {
                let Some(symbol) = unit.scopes.symbol_of_expr(body) else { return body };
                match unit.usage.writes(symbol) {
                    [write] if write.path.is_empty() => match write.kind {
                        WriteKind::Declared { init: Some(init) } if unit.callee_text(unit.uncast(init)).ends_with("stringify") => {
                            Self::unwrapped(unit, init)
                        }
                        _ => body,
                    },
                    _ => body,
                }
            }
            _ => body,
        }
    }
}

pub(super) fn same(left: &Frames, right: &Frames) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => std::rc::Rc::ptr_eq(left, right),
        (None, None) => true,
        _ => false,
    }
}

/// Whether a call sends its argument to the caller, and is not one of the project's own helpers, which are gone into.
fn sent(unit: &Unit, call: ExprId, args: &[Element]) -> bool {
    let callee = unit.callee_text(call);
    let own = unit.call_callee(call).is_some_and(|callee| {
        unit.scopes.symbol_of_expr(unit.uncast(callee)).is_some_and(|symbol| {
            unit.usage.writes(symbol).iter().any(|write| match write.kind {
                WriteKind::Function(_) | WriteKind::Declared { .. } => true,
                WriteKind::Import { import, .. } => unit
                    .module
                    .imports
                    .get(import)
                    .is_some_and(|import| import.specifier.starts_with(['.', '@', '~', '#', '$']) && !is_framework(&import.specifier)),
                _ => false,
            })
        })
    });
    !args.is_empty()
        && !own
        && sends(&callee)
        && !callee.ends_with("stringify")
        && !callee.starts_with("console")
        && !callee.starts_with("JSON")
}

/// Packages of frameworks whose functions answer (`json` of `SvelteKit` and Remix).
fn is_framework(specifier: &str) -> bool {
    specifier.starts_with("@sveltejs/") || specifier.starts_with("@remix-run/") || specifier.starts_with("@tanstack/")
}

/// The body among the arguments of a sending call: the first that is no response, event or status.
fn body_of(unit: &Unit, args: &[Element]) -> Option<ExprId> {
    let is_body = |arg: &&Element| {
        !arg.spread
            && match &unit.module[unit.uncast(arg.expr)].kind {
                ExprKind::Literal(Literal::Number(_)) => false,
                ExprKind::Ident(name) => !matches!(&**name, "res" | "response" | "reply" | "event" | "ctx" | "c" | "req" | "request"),
                _ => true,
            }
    };
    args.iter().find(is_body).map(|arg| arg.expr)
}

/// `res.status(500).json(…)`, `json(…, { status: 401 })`, `c.json(…, 404)`.
fn is_failure(unit: &Unit, call: ExprId, args: &[Element]) -> bool {
    let failing =
        |expr: ExprId| matches!(unit.module[unit.uncast(expr)].kind, ExprKind::Literal(Literal::Number(number)) if number >= 400.0);
    let mut receiver = unit.call_receiver(call);
    for _ in 0..4 {
        let Some(inner) = receiver.map(|receiver| unit.uncast(receiver)) else { break };
        if let ExprKind::Call { args, .. } = &unit.module[inner].kind
            && matches!(unit.called_method(inner).map(AsRef::as_ref), Some("status" | "code"))
            && args.first().is_some_and(|arg| failing(arg.expr))
        {
            return true;
        }
        receiver = unit.call_receiver(inner);
    }
    args.iter().skip(1).any(|arg| match &unit.module[unit.uncast(arg.expr)].kind {
        ExprKind::Object(properties) => properties.iter().any(|property| match property {
            crate::hir::Property::Value { key: crate::hir::PropertyKey::Name(name, _), value } => &**name == "status" && failing(*value),
            _ => false,
        }),
        _ => failing(arg.expr),
    })
}

/// The object that a chain of method calls starts at.
fn start_of(unit: &Unit, call: ExprId) -> ExprId {
    let mut at = call;
    for _ in 0..8 {
        match unit.call_receiver(at) {
            Some(receiver) => at = unit.uncast(receiver),
            None => break,
        }
    }
    at
}

/// Whether an argument is the response (or context) that the function itself was given, by its usual name or place.
fn is_response(unit: &Unit, function: FunctionSite, arg: ExprId) -> bool {
    let arg = unit.uncast(arg);
    let ExprKind::Ident(name) = &unit.module[arg].kind else { return false };
    let param = unit.scopes.symbol_of_expr(arg).is_some_and(|symbol| {
        unit.usage.writes(symbol).iter().any(|write| matches!(write.kind, WriteKind::Param { function: of, .. } if of == function.function))
    });
    param && matches!(&**name, "res" | "response" | "reply" | "ctx" | "c" | "context" | "resp")
}
