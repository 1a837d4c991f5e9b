//! What runs before a route of Rust, and whether it checks the caller: layers of a router, and types of parameters that can only be made for a
//! caller who is known.
//!
//! A function of the project is judged by what it does, as everywhere (`guards`); what comes from a crate, by its name
//! (`rules/models/guards.toml`). A type that only takes a token out of the request checks nobody.

use super::guards::{Check, Guards, Knows};
use super::rust_routes::last_called;
use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::values::{ClassSite, FunctionSite, OriginKind};
use crate::hir::{ClassMemberKind, ExprId, ExprKind, FunctionId, PropertyKey};

/// How deep a layer's arguments are looked at.
const DEPTH: u8 = 4;

/// Something that runs before a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RustGuard {
    /// A function of the project.
    Function(FunctionSite),
    /// The function of a type of the project that makes it out of a request, with the type's name.
    Extractor(FunctionSite, String),
    /// Something from a crate, by its name.
    Named(String),
}

impl Guards<'_, '_> {
    /// Whether a guard checks the caller.
    pub(super) fn rust(&self, guard: &RustGuard) -> Check {
        match guard {
            RustGuard::Named(name) => {
                let last = name.rsplit([':', '.']).next().unwrap_or(name);
                let names = &self.names.rust;
                if names.presence.is_match(last) {
                    Check::None(None)
                } else if names.stopping.is_match(last) || names.stopping.is_match(name) {
                    Check::Stops
                } else if self.names.is_harmless(last) {
                    Check::None(None)
                } else if self.names.says_check(last) {
                    Check::Unsure
                } else {
                    Check::None(None)
                }
            }
            RustGuard::Function(function) => self.rust_function(*function, None),
            RustGuard::Extractor(function, name) => self.rust_function(*function, Some(name)),
        }
    }

    fn rust_function(&self, function: FunctionSite, of: Option<&str>) -> Check {
        if self.turns_away(function) {
            return Check::Stops;
        }
        let Some(unit) = self.builder.workspace.unit(function.file) else { return Check::Unsure };
        let judged = self.judge(function, 0);
        let own = unit.module[function.function].name.map(|name| unit.module[name].name.clone());
        let says = of.or(own.as_deref()).is_some_and(|name| self.names.says_check(name));
        match judged.knows {
            Knows::Caller => Check::Unsure,
            Knows::Something if says && (judged.denies || judged.halts) => Check::Stops,
            Knows::Something if says => Check::Unsure,
            _ => Check::None(None),
        }
    }
}

impl<'w> Builder<'w> {
    /// The guards in a layer: `from_fn(auth)`, `HttpAuthentication::bearer(validator)`, `AuthLayer::new(…)`, `AuthMiddleware`.
    pub(super) fn rust_guard(&self, unit: &'w Unit, value: ExprId) -> Vec<RustGuard> {
        self.rust_guard_at(unit, value, 0)
    }

    fn rust_guard_at(&self, unit: &'w Unit, value: ExprId, depth: u8) -> Vec<RustGuard> {
        let value = unit.uncast(value);
        if depth > DEPTH {
            return Vec::new();
        }
        match &unit.module[value].kind {
            ExprKind::Call { args, .. } | ExprKind::New { args, .. } => {
                let mut found: Vec<RustGuard> = args
                    .iter()
                    .filter(|arg| {
                        matches!(
                            unit.module[unit.uncast(arg.expr)].kind,
                            ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Function(_) | ExprKind::Call { .. }
                        )
                    })
                    .flat_map(|arg| {
                        let inner = unit.uncast(arg.expr);
                        match unit.module[inner].kind {
                            ExprKind::Call { .. } => self.rust_guard_at(unit, inner, depth + 1),
                            _ => self.own_guards(unit, inner),
                        }
                    })
                    .collect();
                // `ServiceBuilder::new().layer(from_fn(auth))`
                if let Some(receiver) = unit.call_receiver(value)
                    && matches!(unit.module[unit.uncast(receiver)].kind, ExprKind::Call { .. })
                {
                    found.extend(self.rust_guard_at(unit, receiver, depth + 1));
                }
                if found.is_empty() && last_called(unit, value) != "from_fn" {
                    found.extend(self.own_guards(unit, value));
                    found.push(RustGuard::Named(unit.callee_text(value)));
                }
                found
            }
            _ => {
                let mut found = self.own_guards(unit, value);
                if found.is_empty() {
                    found.push(RustGuard::Named(unit.source.slice(unit.module[value].span).to_owned()));
                }
                found
            }
        }
    }

    /// The functions of the project that a value is, or that a middleware of the project runs.
    fn own_guards(&self, unit: &'w Unit, value: ExprId) -> Vec<RustGuard> {
        let mut found = Vec::new();
        for origin in self.values.origins(Self::site(unit, value), &[]) {
            match origin.kind {
                OriginKind::Function(function) if !origin.derived => found.push(RustGuard::Function(function)),
                OriginKind::Class(class) | OriginKind::Instance(class, _) => {
                    let Some(owner) = self.workspace.unit(class.file) else { continue };
                    let runs = owner.module[class.class].members.iter().filter_map(|member| match member.kind {
                        ClassMemberKind::Method(function)
                            if matches!(member.key.as_ref().and_then(PropertyKey::name), Some("call" | "handle" | "on_request")) =>
                        {
                            Some(RustGuard::Function(FunctionSite { file: class.file, function }))
                        }
                        _ => None,
                    });
                    let before = found.len();
                    found.extend(runs);
                    // What it runs is made by it, in a type of its own.
                    if found.len() == before
                        && let Some(name) = owner.module[class.class].name
                    {
                        found.push(RustGuard::Named(owner.module[name].name.to_string()));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The guards among the parameters of a handler: types that are made out of the request.
    pub(super) fn extractors(&self, unit: &'w Unit, function: FunctionId) -> Vec<RustGuard> {
        let declared = &unit.module[function];
        let mut found = Vec::new();
        for index in 0..declared.params.len() {
            let Some(types) = unit.type_of_param(declared, index) else { continue };
            // What may be missing turns nobody away.
            if matches!(types.names.first().map(AsRef::as_ref), Some("Option" | "Result")) {
                continue;
            }
            let own: Vec<ClassSite> = self.values.classes_named(unit, types);
            let mut known = false;
            for class in own {
                if let Some(extractor) = self.values.extractor(class) {
                    let owner = self.workspace.unit(class.file);
                    let name = owner.and_then(|owner| Some(owner.module[owner.module[class.class].name?].name.to_string()));
                    found.push(RustGuard::Extractor(extractor, name.unwrap_or_default()));
                    known = true;
                }
            }
            if !known {
                found.extend(types.names.iter().map(|name| RustGuard::Named(name.to_string())).filter(|guard| match guard {
                    RustGuard::Named(name) => {
                        !matches!(name.as_str(), "State" | "Data" | "Json" | "Path" | "Query" | "Form" | "Arc" | "AppState" | "String")
                    }
                    _ => true,
                }));
            }
        }
        found
    }
}
