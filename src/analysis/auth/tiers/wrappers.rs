//! What runs before a handler: middleware, wrappers, decorators, procedures' chains. Judged by the functions behind it, or else by its name.

use super::guards::{Check, Guards, Knows};
use crate::analysis::auth::control::{dotted, path};
use crate::analysis::unit::Unit;
use crate::analysis::values::{FunctionSite, OriginKind, Site};
use crate::hir::{ExprId, ExprKind, Literal, Property};

/// How many builders may lie between a middleware's name and its function.
const BUILDERS: u8 = 4;
/// How many calls one builder's chain may have.
const CHAIN: usize = 40;

impl Guards<'_, '_> {
    /// Whether a middleware, wrapper or decorator checks the caller. One of unknown content and name is an unsure check, or none where
    /// `strangers` may be anything (what a server runs before all of its routes is mostly no check). `handlers` are what it stands before:
    /// what they do themselves is no check of a wrapper that is given them.
    pub(super) fn runs_before(&self, site: Site, strangers: &Check, handlers: &[FunctionSite]) -> Check {
        let Some(unit) = self.builder.workspace.unit(site.file) else { return Check::None(None) };
        let expr = unit.uncast(site.expr);
        match &unit.module[expr].kind {
            ExprKind::Array(elements) => elements.iter().fold(Check::None(None), |check, element| {
                check.or(self.runs_before(Site { file: site.file, expr: element.expr }, strangers, handlers))
            }),
            ExprKind::Literal(_) | ExprKind::Object(_) | ExprKind::Template { .. } => Check::None(None),
            _ => {
                let name = if matches!(unit.module[expr].kind, ExprKind::Call { .. }) { dotted(unit, expr) } else { path(unit, expr) };
                if self.names.is_declared(&name) {
                    return Check::Stops;
                }
                if self.names.is_attaching(&name) || lets_strangers_through(self, unit, expr) {
                    return Check::None(None);
                }
                let takes_classes = self.builder.workspace.catalog.endpoints.decorators.guards.contains(&name);
                if takes_classes && let Some(check) = self.classes_before(unit, expr) {
                    return check;
                }
                let mut functions = Vec::new();
                self.functions_behind(Site { file: site.file, expr }, &mut functions, BUILDERS);
                functions.retain(|function| !handlers.contains(function));
                if functions.is_empty() {
                    return if self.names.says_check(&name) || self.names.is_assertion(&name) || self.names.is_session(&name) {
                        Check::Stops
                    } else if self.names.is_harmless(&name) {
                        Check::None(None)
                    } else {
                        strangers.clone()
                    };
                }
                functions.into_iter().fold(Check::None(None), |check, function| check.or(self.function_before(function, &name)))
            }
        }
    }

    /// Whether a function that runs before a handler checks the caller.
    fn function_before(&self, function: FunctionSite, name: &str) -> Check {
        let judged = self.judge(function, 0);
        let weak = judged.knows == Knows::Something && self.names.says_check(name);
        let turns_away = judged.denies || judged.halts || self.hands_over(function);
        match (judged.knows == Knows::Caller || weak, turns_away) {
            (true, true) => Check::Stops,
            (true, false) => Check::Unsure,
            (false, _) => Check::None(None),
        }
    }

    /// The functions of the project that a middleware is made of: itself, what its builder is called, and what that is given
    /// (`fp(async (app) => …)`, `t.middleware(f)`, `client.use(f)`), through the names of builders.
    fn functions_behind(&self, site: Site, functions: &mut Vec<FunctionSite>, depth: u8) {
        let Some(unit) = self.builder.workspace.unit(site.file) else { return };
        let mut add = |function: FunctionSite| {
            if !functions.contains(&function) {
                functions.push(function);
            }
        };
        let mut builders = Vec::new();
        for asked in [Some(site.expr), unit.call_callee(site.expr)].into_iter().flatten() {
            for origin in self.builder.values.origins(Site { file: site.file, expr: asked }, &[]) {
                match origin.kind {
                    OriginKind::Function(function) => add(function),
                    OriginKind::Call(call) if origin.path.is_empty() => builders.push(call),
                    _ => {}
                }
            }
        }
        if depth == 0 {
            return;
        }
        for builder in builders {
            let Some(unit) = self.builder.workspace.unit(builder.file) else { continue };
            let mut call = unit.uncast(builder.expr);
            for _ in 0..CHAIN {
                let ExprKind::Call { args, .. } = &unit.module[call].kind else { break };
                for arg in args {
                    match &unit.module[unit.uncast(arg.expr)].kind {
                        ExprKind::Function(function) => {
                            let function = FunctionSite { file: unit.file, function: *function };
                            if !functions.contains(&function) {
                                functions.push(function);
                            }
                        }
                        ExprKind::Ident(_) => self.functions_behind(Site { file: unit.file, expr: arg.expr }, functions, depth - 1),
                        _ => {}
                    }
                }
                let Some(receiver) = unit.call_receiver(call) else { break };
                call = unit.uncast(receiver);
            }
            // The chain starts at a builder that another one was made of: `publicProcedure.use(f)`.
            if matches!(unit.module[call].kind, ExprKind::Ident(_)) {
                self.functions_behind(Site { file: unit.file, expr: call }, functions, depth - 1);
            }
        }
    }

    /// Whether a middleware hands the request over to another one: `(c, next) => jwt({ secret })(c, next)`.
    fn hands_over(&self, function: FunctionSite) -> bool {
        let Some(unit) = self.builder.workspace.unit(function.file) else { return false };
        unit.usage.returns(function.function).iter().any(|returned| {
            let inner = match unit.module[*returned].kind {
                ExprKind::Await(inner) => inner,
                _ => *returned,
            };
            unit.call_callee(inner).is_some_and(|made| {
                matches!(unit.module[unit.uncast(made)].kind, ExprKind::Call { .. })
                    && self.names.says_check(&dotted(unit, unit.uncast(made)))
            })
        })
    }
}

/// Whether a middleware's options say that it only looks: `expressjwt({ secret, credentialsRequired: false })`.
fn lets_strangers_through(guards: &Guards<'_, '_>, unit: &Unit, expr: ExprId) -> bool {
    let ExprKind::Call { args, .. } = &unit.module[expr].kind else { return false };
    args.iter().any(|arg| match &unit.module[unit.uncast(arg.expr)].kind {
        ExprKind::Object(properties) => properties.iter().any(|property| match property {
            Property::Value { key, value } => key.name().is_some_and(
                |key| matches!(unit.module[*value].kind, ExprKind::Literal(Literal::Bool(set)) if guards.names.is_optional(key, set)),
            ),
            _ => false,
        }),
        _ => false,
    })
}
