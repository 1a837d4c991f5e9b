//! What runs before a route of Python, and whether it checks the caller: decorators, dependencies, hooks, permission classes.
//!
//! A function of the project is judged by what it does, as everywhere (`guards`); what comes from a package, by its name
//! (`rules/models/guards.toml`). A dependency that only takes a token out of the request checks nobody.

use super::guards::{Check, Guards, Knows};
use super::python_routes::decorator_name;
use crate::analysis::auth::Builder;
use crate::analysis::unit::Unit;
use crate::analysis::values::{FunctionSite, OriginKind};
use crate::hir::{Class, ClassMemberKind, Element, ExprId, ExprKind, FunctionId, PatKind, PropertyKey};

/// How deep dependencies of dependencies are followed.
const DEPTH: u8 = 5;

/// Something that runs before a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PythonGuard {
    /// A function of the project.
    Function(FunctionSite),
    /// Something from a package, by its name.
    Named(String),
}

impl<'w> Guards<'_, 'w> {
    /// Whether a guard checks the caller.
    pub(super) fn python(&self, guard: &PythonGuard, depth: u8) -> Check {
        match guard {
            PythonGuard::Named(name) => {
                let last = name.rsplit('.').next().unwrap_or(name);
                if self.names.python.stopping.is_match(last) || self.names.is_assertion(name) {
                    Check::Stops
                } else if self.names.python.presence.is_match(last) || self.names.python.open.is_match(last) {
                    Check::None(None)
                } else if self.names.says_check(name) || self.names.is_session(name) {
                    Check::Unsure
                } else {
                    Check::None(None)
                }
            }
            PythonGuard::Function(function) if self.is_declared_function(*function) => Check::Stops,
            PythonGuard::Function(function) => self.python_function(*function, depth),
        }
    }

    /// Whether a team has declared that a function of this name turns strangers away.
    fn is_declared_function(&self, function: FunctionSite) -> bool {
        let unit = self.builder.workspace.unit(function.file);
        let name = unit.and_then(|unit| unit.module[function.function].name.map(|name| &unit.module[name].name));
        name.is_some_and(|name| self.names.is_declared(name))
    }

    fn python_function(&self, function: FunctionSite, depth: u8) -> Check {
        let Some(unit) = self.builder.workspace.unit(function.file) else { return Check::Unsure };
        if self.turns_away(function) {
            return Check::Stops;
        }
        let judged = self.judge(function, 0);
        let says = unit.module[function.function].name.is_some_and(|name| self.names.says_check(&unit.module[name].name));
        let own = match judged.knows {
            Knows::Something if says && (judged.denies || judged.halts) => Check::Stops,
            Knows::Caller => Check::Unsure,
            Knows::Something if says => Check::Unsure,
            _ => Check::None(None),
        };
        if depth >= DEPTH {
            return own;
        }
        let inner = self.builder.dependencies(unit, function.function);
        inner.iter().fold(own, |check, guard| check.or(self.python(guard, depth + 1)))
    }

    /// What the settings of the project put before every view: default permissions of the REST framework, a login middleware.
    pub(super) fn python_defaults(&self, unit: &'w Unit, before: &[PythonGuard]) -> Check {
        let opens = |guard: &PythonGuard| matches!(guard, PythonGuard::Named(name) if self.names.python.open.is_match(name) || name.ends_with("login_not_required"));
        let imports = |package: &str| unit.module.imports.iter().any(|import| import.specifier.split('.').next() == Some(package));
        if before.iter().any(opens) || !(imports("rest_framework") || imports("django")) {
            return Check::None(None);
        }
        let project = &self.builder.workspace.project;
        let settings = project
            .iter()
            .filter(|(_, file)| file.path.ends_with("settings.py") || file.path.contains("/settings/") && file.path.ends_with(".py"));
        for (file, _) in settings.take(8) {
            let text = project.read(file).unwrap_or_default();
            let defaults =
                text.split_once("DEFAULT_PERMISSION_CLASSES").map_or("", |(_, rest)| rest.split([']', ')']).next().unwrap_or(""));
            if imports("rest_framework")
                && self.names.python.stopping.is_match(defaults.trim_end_matches(['\'', '"', ',', ' ', '\n', '\r']))
            {
                return Check::Stops;
            }
            if text.contains("LoginRequiredMiddleware") {
                return Check::Stops;
            }
        }
        Check::None(None)
    }
}

impl<'w> Builder<'w> {
    /// The guards in a decorator: `@login_required`, `@permission_classes([IsAuthenticated])`, `@method_decorator(login_required)`.
    pub(super) fn guards_of_decorator(&self, unit: &'w Unit, decorator: ExprId) -> Vec<PythonGuard> {
        let name = decorator_name(unit, decorator);
        if let ExprKind::Call { args, .. } = &unit.module[decorator].kind
            && matches!(name.rsplit('.').next(), Some("permission_classes" | "method_decorator"))
        {
            return args.iter().flat_map(|arg| self.guards_of_value(unit, arg.expr)).collect();
        }
        let callee = unit.call_callee(decorator).unwrap_or(decorator);
        let functions = self.functions(Self::site(unit, callee));
        if functions.is_empty() { vec![PythonGuard::Named(name)] } else { functions.into_iter().map(PythonGuard::Function).collect() }
    }

    /// The guards that a value names: functions, classes, lists of them, combinations of permissions.
    pub(super) fn guards_of_value(&self, unit: &'w Unit, value: ExprId) -> Vec<PythonGuard> {
        match &unit.module[value].kind {
            ExprKind::Array(elements) => elements.iter().flat_map(|element| self.guards_of_value(unit, element.expr)).collect(),
            // `IsAuthenticated & IsOwner`
            ExprKind::Binary { left, right, .. } => {
                let mut both = self.guards_of_value(unit, *left);
                both.extend(self.guards_of_value(unit, *right));
                both
            }
            ExprKind::Call { .. } if Self::is_dependency(unit, value) => self.dependency(unit, value),
            ExprKind::Call { callee, .. } => self.named_or_functions(unit, *callee),
            ExprKind::Ident(_) | ExprKind::Member { .. } => self.named_or_functions(unit, value),
            _ => Vec::new(),
        }
    }

    fn named_or_functions(&self, unit: &'w Unit, value: ExprId) -> Vec<PythonGuard> {
        let mut found = Vec::new();
        for origin in self.values.origins(Self::site(unit, value), &[]) {
            match origin.kind {
                OriginKind::Function(function) => found.push(PythonGuard::Function(function)),
                // `__call__`, `dispatch` and `has_permission` of a class of the project are what runs.
                OriginKind::Class(class) | OriginKind::Instance(class, _) => {
                    let Some(unit) = self.workspace.unit(class.file) else { continue };
                    let methods = unit.module[class.class].members.iter().filter_map(|member| match member.kind {
                        ClassMemberKind::Method(function)
                            if matches!(
                                member.key.as_ref().and_then(PropertyKey::name),
                                Some("__call__" | "dispatch" | "has_permission" | "process_request")
                            ) =>
                        {
                            Some(PythonGuard::Function(FunctionSite { file: class.file, function }))
                        }
                        _ => None,
                    });
                    found.extend(methods);
                }
                // `security = HTTPBearer()`: what it was made of is its name.
                OriginKind::Call(made) | OriginKind::New(made) => {
                    let Some(maker) = self.workspace.unit(made.file) else { continue };
                    found.push(PythonGuard::Named(maker.callee_text(made.expr)));
                }
                _ => {}
            }
        }
        if found.is_empty() {
            found.push(PythonGuard::Named(unit.source.slice(unit.module[value].span).to_owned()));
        }
        found
    }

    fn is_dependency(unit: &Unit, call: ExprId) -> bool {
        matches!(unit.callee_text(call).rsplit('.').next(), Some("Depends" | "Security"))
    }

    /// `Depends(function)`, `Depends(make())`.
    fn dependency(&self, unit: &'w Unit, call: ExprId) -> Vec<PythonGuard> {
        let Some(given) = unit.argument_named(call, 0, "dependency") else { return Vec::new() };
        let ExprKind::Call { callee, .. } = &unit.module[given].kind else { return self.guards_of_value(unit, given) };
        // `require_role("admin")` gives the function that runs.
        let mut found: Vec<PythonGuard> = self.functions(Self::site(unit, given)).into_iter().map(PythonGuard::Function).collect();
        if found.is_empty() {
            found = self.named_or_functions(unit, *callee);
        }
        found
    }

    /// The `dependencies=[Depends(…)]` of a call.
    pub(super) fn listed_dependencies(&self, unit: &'w Unit, args: &[Element]) -> Vec<PythonGuard> {
        unit.keyword(args, "dependencies").map(|list| self.guards_of_value(unit, list)).unwrap_or_default()
    }

    /// What the parameters of a function depend on.
    pub(super) fn dependencies(&self, unit: &'w Unit, function: FunctionId) -> Vec<PythonGuard> {
        let mut found = Vec::new();
        for param in &unit.module[function].params {
            if let PatKind::Default { default, .. } = unit.module[param.pat].kind
                && Self::is_dependency(unit, default)
            {
                found.extend(self.guards_of_value(unit, default));
            }
            for marker in &param.decorators {
                self.marked(unit, *marker, 0, &mut found);
            }
        }
        found
    }

    /// The dependencies in `Annotated[T, Depends(f)]`, or in a name for that.
    fn marked(&self, unit: &'w Unit, marker: ExprId, depth: u8, found: &mut Vec<PythonGuard>) {
        match &unit.module[marker].kind {
            ExprKind::Call { .. } if Self::is_dependency(unit, marker) => found.extend(self.guards_of_value(unit, marker)),
            ExprKind::Unknown(parts) => parts.iter().for_each(|part| self.marked(unit, *part, depth, found)),
            ExprKind::Index { index, .. } => self.marked(unit, *index, depth, found),
            ExprKind::Ident(_) if depth < 3 => {
                if let Some((unit, value)) = self.values.name_value(unit, marker) {
                    self.marked(unit, value, depth + 1, found);
                }
            }
            _ => {}
        }
    }

    /// What the class around a view says: its permissions, its base classes, its decorators.
    pub(super) fn class_guards(&self, unit: &'w Unit, class: &Class) -> Vec<PythonGuard> {
        let mut found: Vec<PythonGuard> =
            class.decorators.iter().flat_map(|decorator| self.guards_of_decorator(unit, *decorator)).collect();
        for member in &class.members {
            let name = member.key.as_ref().and_then(PropertyKey::name);
            if let (Some("permission_classes" | "decorators" | "method_decorators"), ClassMemberKind::Field(Some(value))) =
                (name, &member.kind)
            {
                if name == Some("permission_classes")
                    && matches!(&unit.module[*value].kind, ExprKind::Array(elements) if elements.is_empty())
                {
                    found.push(PythonGuard::Named("AllowAny".to_owned()));
                }
                found.extend(self.guards_of_value(unit, *value));
            }
        }
        let bases = class.super_class.map_or("", |base| unit.source.slice(unit.module[base].span));
        found.extend(
            bases
                .trim_matches(['(', ')'])
                .split(',')
                .filter(|base| base.contains("Required") || base.contains("Auth"))
                .map(|base| PythonGuard::Named(base.trim().to_owned())),
        );
        found
    }
}
