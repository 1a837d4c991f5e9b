//! Replies of handlers in Rust: what they return, out of what it is wrapped in.
//!
//! `Json(x)`, `(StatusCode::CREATED, Json(x))`, `HttpResponse::Ok().json(x)`, `Json(x).into_response()`: the body is `x`. What leaves by `Err` is
//! a `throw` in HIR and no reply; an answer whose status says that something went wrong is none either.

use super::replies::{Reply, same};
use super::rust_routes::last_called;
use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{Frames, FunctionSite};
use crate::hir::{ExprId, ExprKind};

/// How deep wrappers and names are followed.
const DEPTH: u8 = 12;
/// Statuses that say that all went well, as crates call them.
const FINE: [&str; 10] =
    ["Ok", "Created", "Accepted", "OK", "CREATED", "ACCEPTED", "build", "builder", "NonAuthoritativeInformation", "default"];

/// What an expression gives to the caller.
enum Body {
    /// This value.
    Value(ExprId),
    /// What the functions that a call calls give.
    Call(ExprId),
    /// Nothing, or an error.
    None,
}

impl<'w> Builder<'w> {
    /// The replies of a function.
    pub(super) fn rust_replies(&self, unit: &'w Unit, function: FunctionSite, frames: &Frames, depth: u8, replies: &mut Vec<Reply>) {
        for returned in unit.usage.returns(function.function) {
            self.rust_reply(unit, *returned, frames, depth, 0, replies);
        }
    }

    fn rust_reply(&self, unit: &'w Unit, value: ExprId, frames: &Frames, depth: u8, names: u8, replies: &mut Vec<Reply>) {
        match body(unit, value, 0) {
            Body::None => {}
            Body::Value(body) => {
                // `let body = Json(…); body`: what the name was set to.
                let writes =
                    unit.scopes.symbol_of_expr(body).filter(|_| names < 4).map(|symbol| unit.usage.writes(symbol)).unwrap_or_default();
                let wrapped: Vec<ExprId> = writes
                    .iter()
                    .filter_map(|write| match write.kind {
                        WriteKind::Declared { init } => init,
                        WriteKind::Assigned { value, .. } => Some(value),
                        _ => None,
                    })
                    .filter(|init| *init != body && write_wraps(unit, *init))
                    .collect();
                if !wrapped.is_empty() {
                    for init in wrapped {
                        self.rust_reply(unit, init, frames, depth, names + 1, replies);
                    }
                    return;
                }
                let body = Self::site(unit, body);
                if !replies.iter().any(|known| known.body == body && same(&known.frames, frames)) {
                    replies.push(Reply { body, frames: frames.clone() });
                }
            }
            Body::Call(call) => {
                let Some(callee) = unit.call_callee(call) else { return };
                let site = Self::site(unit, call);
                let targets = self.functions(Self::site(unit, callee));
                if targets.is_empty() && !replies.iter().any(|known| known.body == site && same(&known.frames, frames)) {
                    replies.push(Reply { body: site, frames: frames.clone() });
                }
                for target in targets.into_iter().take(3) {
                    if let within @ Some(_) = self.values.inside(site, target, frames) {
                        self.collect_replies(target, &within, true, depth + 1, replies);
                    }
                }
            }
        }
    }
}

/// Whether a value is a wrapped body, a call or something else that a name stands for.
fn write_wraps(unit: &Unit, init: ExprId) -> bool {
    let init = unit.uncast(init);
    matches!(unit.module[init].kind, ExprKind::Call { .. } | ExprKind::Array(_) | ExprKind::Await(_) | ExprKind::Ident(_))
        && !matches!(body(unit, init, 0), Body::Value(same) if same == init)
}

fn body(unit: &Unit, value: ExprId, depth: u8) -> Body {
    let value = unit.uncast(value);
    if depth > DEPTH {
        return Body::Value(value);
    }
    match &unit.module[value].kind {
        ExprKind::Await(inner) => body(unit, *inner, depth + 1),
        // `(status, headers, body)`
        ExprKind::Array(elements) => {
            let fails = elements.iter().any(|element| {
                let text = unit.source.slice(unit.module[element.expr].span);
                text.contains("StatusCode::") && !FINE.iter().any(|fine| text.ends_with(fine))
                    || text.starts_with("Status::") && !text.ends_with("Ok")
            });
            match elements.last() {
                Some(last) if !fails => body(unit, last.expr, depth + 1),
                _ => Body::None,
            }
        }
        ExprKind::Literal(_) => Body::None,
        ExprKind::Call { callee, args, .. } => {
            let last = last_called(unit, value);
            let receiver = match &unit.module[*callee].kind {
                ExprKind::Member { object, property_span, .. } if !unit.is_path_member(*object, *property_span) => Some(*object),
                _ => None,
            };
            match (last.as_str(), receiver, args.first()) {
                ("Json" | "Html" | "Some" | "Ok" | "Created" | "Accepted" | "RawJson", None, Some(first)) => {
                    body(unit, first.expr, depth + 1)
                }
                ("from" | "new", None, Some(first)) if unit.callee_text(value).contains("Json") => body(unit, first.expr, depth + 1),
                (
                    "into_response" | "into" | "respond_to" | "unwrap" | "clone" | "unwrap_or_default" | "map_err" | "map",
                    Some(receiver),
                    _,
                ) => {
                    // `.map(Json)`: the value goes out as it is.
                    body(unit, receiver, depth + 1)
                }
                ("json" | "body", Some(receiver), Some(first)) => {
                    let text = unit.source.slice(unit.module[receiver].span);
                    let status = text.strip_prefix("HttpResponse::").or_else(|| text.strip_prefix("actix_web::HttpResponse::"));
                    let status = status.map(|rest| rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or(""));
                    match status {
                        Some(status) if !FINE.contains(&status) => Body::None,
                        _ => body(unit, first.expr, depth + 1),
                    }
                }
                ("to_string" | "to_value" | "to_json", None, Some(first)) => body(unit, first.expr, depth + 1),
                ("finish" | "no_content", Some(_), _) => Body::None,
                _ => Body::Call(value),
            }
        }
        _ => Body::Value(value),
    }
}

/// Whether a call sends its argument to the caller.
pub(super) fn rust_sends(unit: &Unit, call: ExprId) -> bool {
    let ExprKind::Call { callee, .. } = &unit.module[call].kind else { return false };
    let text = unit.source.slice(unit.module[*callee].span);
    let is_method = matches!(&unit.module[*callee].kind, ExprKind::Member { object, property_span, .. } if !unit.is_path_member(*object, *property_span));
    if is_method {
        return text.contains("HttpResponse::") || text.contains("Response::builder");
    }
    matches!(last_called(unit, call).as_str(), "Json" | "Html" | "RawJson")
}
