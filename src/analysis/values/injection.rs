//! What a component or class is given from outside, without a call that passes it: values provided under a key (`provide`/`inject`,
//! Svelte's context), services of dependency injection, and the properties that parent components set in their markup.

use super::calls::{stepped, stepped_with};
use super::instances::Instance;
use super::{ClassSite, Cursor, FunctionSite, OriginKind, Site, Values, Walk};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::catalog::apis::ApiRole;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, FunctionKind, Imported, Name, PatKind, TypeName};
use crate::source::Location;
use std::sync::Arc;

/// How many files are parsed to find calls of one role.
const FILES: usize = 200;

impl<'w> Walk<'w> {
    /// `inject(key, default)`: what is provided under the key, and the default.
    pub(super) fn injected(&mut self, unit: &'w Unit, site: Site, key: Option<Site>, default: Option<Site>, cursor: &Cursor) {
        let before = self.origins.len();
        if let Some(key) = key {
            for (call, value) in self.values.provided(key) {
                if self.is_spent() {
                    return;
                }
                let Some(provider) = self.values.unit(call.file) else { continue };
                let mut next = stepped(cursor, provider.at(provider.module[call.expr].span), "provided to the components below here");
                next.frames = None;
                self.expr(value, &next);
            }
        }
        if let Some(default) = default {
            self.expr(default, cursor);
        }
        if self.origins.len() == before {
            self.born(unit.at(unit.module[site.expr].span), OriginKind::Call(site), cursor);
        }
    }

    /// What dependency injection holds under a token: an instance of a class, or the value that a provider gives.
    pub(super) fn service(&mut self, token: Site, asked: Site, cursor: &Cursor) {
        let tokens = self.values.answer(token);
        for fact in &tokens.facts {
            match fact.kind {
                OriginKind::Class(class) => self.injected_instance(class, asked, cursor),
                OriginKind::New(made) => {
                    for value in self.values.provided_by_token(made) {
                        let Some(unit) = self.values.unit(value.file) else { continue };
                        let mut next = stepped(cursor, unit.at(unit.module[value.expr].span), "provided for injection here");
                        next.frames = None;
                        self.expr(value, &next);
                    }
                }
                _ => {}
            }
        }
    }

    fn injected_instance(&mut self, class: ClassSite, asked: Site, cursor: &Cursor) {
        let Some(unit) = self.values.unit(asked.file) else { return };
        let at = unit.at(unit.module[asked.expr].span);
        let mut next = match self.values.unit(class.file).and_then(|unit| unit.class_name(class)) {
            Some(name) => stepped_with(cursor, at, || format!("a member of the injected `{name}`")),
            None => cursor.clone(),
        };
        next.frames = None;
        if next.path.is_empty() {
            self.born(at, OriginKind::Instance(class, asked), &next);
        } else {
            self.class_member(class, Some(Instance { class, created: None }), &next);
        }
    }

    /// A constructor parameter of a class that a framework makes: what it injects by the parameter's type or token. False when it is none.
    pub(super) fn constructor_param(
        &mut self,
        unit: &'w Unit,
        function: FunctionSite,
        index: usize,
        at: Location,
        cursor: &Cursor,
    ) -> bool {
        let declared = &unit.module[function.function];
        let Some(Node::Class(class)) = unit.parents.parent(Node::Function(function.function)) else { return false };
        if declared.kind != FunctionKind::Constructor || unit.module[class].decorators.is_empty() {
            return false;
        }
        let Some(param) = declared.params.get(index) else { return false };
        let before = self.origins.len();
        for decorator in &param.decorators {
            if let ExprKind::Call { args, .. } = &unit.module[*decorator].kind
                && let Some(token) = args.first()
            {
                let token = Site { file: unit.file, expr: token.expr };
                self.service(token, token, cursor);
            }
        }
        if self.origins.len() > before {
            return true;
        }
        let PatKind::Binding(binding) = unit.module[param.pat].kind else { return false };
        let classes = unit.module.bindings.get(binding.index()).and_then(|binding| binding.type_name.as_ref());
        let classes = classes.map(|types| self.values.classes_named(unit, types)).unwrap_or_default();
        for class in &classes {
            let mut next = stepped_with(cursor, at, || format!("injected here as `{}`", unit.source.slice(at.span)));
            next.frames = None;
            if next.path.is_empty() {
                // Whoever asks for the whole of it asks for its identity; the parameter itself stands for the expression that made it.
                self.born(at, OriginKind::Param(function, index), &next);
            } else {
                self.class_member(*class, Some(Instance { class: *class, created: None }), &next);
            }
        }
        !classes.is_empty()
    }

    /// Assignments to the members of an instance from other files: `this.session.token = …`, `authStore.token = …`.
    pub(super) fn set_from_outside(&mut self, class: ClassSite, cursor: &Cursor) {
        let Some(head) = cursor.head() else { return };
        let mut units = self.values.workspace.importing_units_deep_naming(class.file, head, crate::analysis::mentions::Mention::Written);
        units.extend(self.values.unit(class.file));
        for other in units {
            for write in other.usage.writes_to_property(head) {
                if self.is_spent() {
                    return;
                }
                let (Some(expr), Some(value), true) = (write.expr, write.kind.value(), write.path.is_empty()) else { continue };
                let object = other.assigned_object(expr).filter(|object| !matches!(other.module[*object].kind, ExprKind::This));
                let Some(object) = object else { continue };
                if self.values.is_instance_of(Site { file: other.file, expr: object }, class) {
                    let mut next = stepped_with(&cursor.rest(), other.at(write.span), || {
                        format!("`{}` is set here", super::walk::short(other.source.slice(write.span)))
                    });
                    next.frames = None;
                    next.under(self.values.around(other, Node::Expr(value)));
                    self.expr(Site { file: other.file, expr: value }, &next);
                }
            }
        }
    }
}

impl<'w> Values<'w> {
    /// The calls that provide a value under the key, with the value.
    fn provided(&self, key: Site) -> Vec<(Site, Site)> {
        let wanted = self.key_identity(key);
        let calls = self.calls_playing(ApiRole::Provide);
        let pairs = calls.iter().filter_map(|call| {
            let unit = self.unit(call.file)?;
            Some((*call, unit.argument(call.expr, 0)?, unit.argument(call.expr, 1)?))
        });
        pairs.filter(|(_, other, _)| self.key_identity(*other).same_as(&wanted)).map(|(call, _, value)| (call, value)).collect()
    }

    fn key_identity(&self, key: Site) -> Key {
        if let Some(text) = self.constant_string(key) {
            return Key::Text(text);
        }
        Key::Made(
            self.answer(key)
                .facts
                .iter()
                .filter_map(|fact| match fact.kind {
                    OriginKind::Call(made) | OriginKind::New(made) | OriginKind::Object(made) if !fact.derived => Some(made),
                    _ => None,
                })
                .collect(),
        )
    }

    /// The values that providers give for an injection token: `{ provide: TOKEN, useValue: … }`.
    fn provided_by_token(&self, made: Site) -> Vec<Site> {
        let mut values = Vec::new();
        for (unit, symbol, _) in &self.holders(made, None).symbols {
            for reference in unit.scopes.references(*symbol) {
                let Some((object, key)) = unit.property_of(*reference) else { continue };
                if &*key != "provide" {
                    continue;
                }
                let object = Site { file: unit.file, expr: object };
                values.extend(self.property_value(object, "useValue"));
            }
        }
        values
    }

    /// The classes of the project that a type annotation names.
    pub(crate) fn classes_named(&self, unit: &'w Unit, types: &TypeName) -> Vec<ClassSite> {
        let symbols = types.names.iter().filter_map(|name| {
            (0..u32::try_from(unit.scopes.symbols.len()).ok()?)
                .map(SymbolId)
                .find(|id| unit.scopes.is_top_level(*id) && unit.scopes.symbol(*id).is_some_and(|symbol| symbol.name == *name))
        });
        let mut classes = Vec::new();
        for symbol in symbols {
            let mut walk = self.walk();
            walk.symbol(unit, symbol, None, &Cursor { trail: super::Trail::off(), ..Cursor::start(&[]) });
            classes.extend(walk.origins.iter().filter_map(|origin| match origin.kind {
                OriginKind::Class(class) => Some(class),
                _ => None,
            }));
        }
        classes
    }

    fn is_instance_of(&self, site: Site, class: ClassSite) -> bool {
        self.answer(site).facts.iter().any(|fact| match fact.kind {
            OriginKind::Instance(of, _) => of == class,
            // An injected parameter is known by its type.
            OriginKind::Param(function, index) => self.unit(function.file).is_some_and(|unit| {
                let types = unit.module[function.function].params.get(index).and_then(|param| match unit.module[param.pat].kind {
                    PatKind::Binding(binding) => unit.module.bindings.get(binding.index())?.type_name.as_ref(),
                    _ => None,
                });
                types.is_some_and(|types| self.classes_named(unit, types).contains(&class))
            }),
            _ => false,
        })
    }

    /// The calls of well-known functions of a role, in all files that import a package which has one. Found once.
    pub(super) fn calls_playing(&self, role: ApiRole) -> Arc<[Site]> {
        self.workspace.answers.calls_playing(role, || self.find_calls_playing(role).into())
    }

    fn find_calls_playing(&self, role: ApiRole) -> Vec<Site> {
        let exports = self.apis().exports_playing(role);
        let project = &self.workspace.project;
        let candidates = project.iter().filter(|(file, entry)| {
            entry.kind.has_code()
                && !entry.minified
                && entry.readable
                && project.specifiers(*file).any(|specifier| exports.iter().any(|(package, _)| *package == specifier))
        });
        let mut calls = Vec::new();
        for unit in candidates.take(FILES).filter_map(|(file, _)| self.unit(file)) {
            for import in &unit.module.imports {
                for imported in &import.names {
                    let Imported::Named(name) = &imported.imported else { continue };
                    if !exports.iter().any(|(package, export)| *package == &*import.specifier && *export == &**name) {
                        continue;
                    }
                    let Some(symbol) = unit.scopes.symbol_of_binding(imported.local) else { continue };
                    calls.extend(unit.usage.calls_of(symbol).iter().map(|call| Site { file: unit.file, expr: *call }));
                }
            }
            // `app.provide(key, value)`
            if role == ApiRole::Provide {
                calls.extend(unit.usage.method_calls("provide").iter().map(|call| Site { file: unit.file, expr: *call }));
            }
        }
        calls
    }
}

/// What a key is.
enum Key {
    Text(Name),
    Made(Vec<Site>),
}

impl Key {
    fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(text), Self::Text(other)) => text == other,
            (Self::Made(made), Self::Made(other)) => made.iter().any(|made| other.contains(made)),
            _ => false,
        }
    }
}

impl Unit {
    fn class_name(&self, class: ClassSite) -> Option<&Name> {
        let binding = self.module[class.class].name?;
        self.module.bindings.get(binding.index()).map(|binding| &binding.name)
    }

    /// For `object.member = value`: the object.
    fn assigned_object(&self, assignment: ExprId) -> Option<ExprId> {
        let ExprKind::Assign { target, .. } = &self.module[assignment].kind else { return None };
        let PatKind::Expr(target) = self.module[*target].kind else { return None };
        match self.module[target].kind {
            ExprKind::Member { object, .. } | ExprKind::Index { object, .. } => Some(object),
            _ => None,
        }
    }
}
