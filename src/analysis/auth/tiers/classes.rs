//! Guards that are classes, as Nest has them: on a controller or method (`@UseGuards(X)`), before the whole server (`APP_GUARD`,
//! `useGlobalGuards`), or as a middleware of a module (`consumer.apply(X)`).
//!
//! A class of the project is judged by its `canActivate` or `use`, or by the class that it extends; one of a package by its name.

use super::guards::{Check, Guards, Knows};
use crate::analysis::auth::Builder;
use crate::analysis::auth::control::{dotted, path};
use crate::analysis::unit::Unit;
use crate::analysis::values::{ClassSite, FunctionSite, OriginKind, Site};
use crate::catalog::endpoints::Decorators;
use crate::hir::visit::Node;
use crate::hir::{Class, ClassMember, ClassMemberKind, ExprId, ExprKind, PropertyKey};

/// How many files of one server are looked at for what stands before all of its routes.
const FILES: usize = 32;
/// How long a line of classes that extend each other may be.
const EXTENDS: u8 = 4;

impl<'w> Guards<'_, 'w> {
    /// What the classes among a decorator's or call's arguments check; none when no argument is a class.
    pub(super) fn classes_before(&self, unit: &'w Unit, call: ExprId) -> Option<Check> {
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return None };
        args.iter().filter_map(|arg| self.class_before(Builder::site(unit, arg.expr))).reduce(Check::or)
    }

    /// What a class, or an instance of one, checks when it stands before a handler.
    fn class_before(&self, site: Site) -> Option<Check> {
        let unit = self.builder.workspace.unit(site.file)?;
        let expr = unit.uncast(site.expr);
        let named = match &unit.module[expr].kind {
            ExprKind::New { callee, .. } => *callee,
            _ => expr,
        };
        let origins = self.builder.values.origins(Site { file: site.file, expr }, &[]);
        let classes: Vec<ClassSite> = origins
            .iter()
            .filter_map(|origin| match origin.kind {
                OriginKind::Class(class) | OriginKind::Instance(class, _) => Some(class),
                _ => None,
            })
            .collect();
        let name = if matches!(unit.module[named].kind, ExprKind::Call { .. }) { dotted(unit, named) } else { path(unit, named) };
        if self.names.is_declared(&name) {
            return Some(Check::Stops);
        }
        if classes.is_empty() {
            // `AuthGuard("jwt")` makes a class; `ThrottlerGuard` of a package only counts.
            let is_class = name.rsplit('.').next().is_some_and(|last| last.starts_with(char::is_uppercase));
            return is_class.then(|| if self.names.says_check(&name) { Check::Stops } else { Check::None(None) });
        }
        Some(classes.into_iter().fold(Check::None(None), |check, class| check.or(self.class_checks(class, EXTENDS))))
    }

    fn class_checks(&self, site: ClassSite, extends: u8) -> Check {
        let Some(unit) = self.builder.workspace.unit(site.file) else { return Check::None(None) };
        let class = &unit.module[site.class];
        let name = class.name.map_or("", |name| &*unit.module[name].name);
        let mut check = Check::None(None);
        for member in &class.members {
            let (ClassMemberKind::Method(function), Some("canActivate" | "use")) =
                (&member.kind, member.key.as_ref().and_then(PropertyKey::name))
            else {
                continue;
            };
            let judged = self.judge(FunctionSite { file: site.file, function: *function }, 0);
            check = check.or(match judged.knows {
                Knows::Caller => Check::Stops,
                Knows::Something if self.names.says_check(name) => Check::Unsure,
                _ => Check::None(None),
            });
        }
        let Some(above) = class.super_class.filter(|_| extends > 0) else { return check };
        let above_site = Builder::site(unit, above);
        let classes = self.builder.values.origins(above_site, &[]);
        let classes = classes.iter().filter_map(|origin| if let OriginKind::Class(class) = origin.kind { Some(class) } else { None });
        let mut own = false;
        for class in classes {
            own = true;
            check = check.or(self.class_checks(class, extends - 1));
        }
        if own { check } else { check.or(self.class_before(above_site).unwrap_or(Check::None(None))) }
    }

    /// What guards stand before all routes of the server that a controller belongs to.
    pub(super) fn global_guards(&self, controller: &Unit) -> Check {
        let project = &self.builder.workspace.project;
        let folder = project.package_of(controller.file).map_or("", |package| &package.folder);
        let inside = |path: &str| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let files = project.iter().filter(|(file, entry)| {
            entry.kind.is_script()
                && inside(&entry.path)
                && (entry.path.contains(".module.") || project.specifiers(*file).any(|name| name == "@nestjs/core"))
        });
        let mut check = Check::None(None);
        for unit in files.take(FILES).filter_map(|(file, _)| self.builder.workspace.unit(file)) {
            for call in unit.usage.method_calls("useGlobalGuards") {
                check = check.or(self.classes_before(unit, *call).unwrap_or(Check::Unsure));
            }
            // Which routes a module's middleware is for is not read.
            for call in unit.usage.method_calls("apply") {
                check = check.or(match self.classes_before(unit, *call) {
                    Some(Check::Stops | Check::Unsure) => Check::Unsure,
                    _ => Check::None(None),
                });
            }
            if unit.source.text.contains("APP_GUARD") {
                check = check.or(self.provided_guard(unit));
            }
        }
        check
    }

    /// `{ provide: APP_GUARD, useClass: X }`.
    fn provided_guard(&self, unit: &'w Unit) -> Check {
        let mut check = Check::None(None);
        for node in unit.parents.nodes() {
            let Node::Expr(object) = *node else { continue };
            let property = |name| self.builder.values.property_value(Builder::site(unit, object), name);
            let Some(provided) = property("provide") else { continue };
            if unit.source.slice(unit.module[provided.expr].span) != "APP_GUARD" {
                continue;
            }
            let class = ["useClass", "useExisting", "useValue"].into_iter().find_map(property);
            check = check.or(class.map_or(Check::Unsure, |class| self.class_before(class).unwrap_or(Check::Unsure)));
        }
        check
    }
}

impl Builder<'_> {
    /// Whether a decorator takes a controller or method out of the guard that stands before the whole server: by its name, or because it marks
    /// it so (`SetMetadata("isPublic", true)`).
    pub(super) fn is_open(&self, unit: &Unit, class: &Class, member: &ClassMember, names: &Decorators) -> bool {
        class.decorators.iter().chain(&member.decorators).any(|decorator| {
            let callee = unit.call_callee(*decorator).unwrap_or(*decorator);
            let text = unit.source.slice(unit.module[*decorator].span);
            if names.open.is_match(&path(unit, callee)) || (text.starts_with("SetMetadata") && names.open.is_match(text)) {
                return true;
            }
            self.values.origins(Self::site(unit, callee), &[]).iter().any(|origin| {
                let OriginKind::Function(function) = origin.kind else { return false };
                let Some(unit) = self.workspace.unit(function.file) else { return false };
                let text = unit.source.slice(unit.module[function.function].span);
                text.contains("SetMetadata") && names.open.is_match(text)
            })
        })
    }
}
