//! Members: object and array literals, classes and their instances, `this`.

use super::walk::ANY;
use super::{ClassSite, Cursor, FunctionSite, OriginKind, Site, Walk};
use crate::analysis::parents::ThisOwner;
use crate::analysis::unit::Unit;
use crate::analysis::usage::FunctionName;
use crate::catalog::apis::ApiRole;
use crate::finding::StepKind;
use crate::hir::visit::Node;
use crate::hir::{ClassMemberKind, Element, ExprId, ExprKind, FunctionKind, Name, Property, PropertyKey};
use crate::source::Location;

impl<'w> Walk<'w> {
    /// `object.key`: asks the object for the member, after the environment objects and forms that are known by shape.
    pub(crate) fn member(&mut self, unit: &'w Unit, site: Site, object: ExprId, key: Name, cursor: &Cursor) {
        let receiver = Site { file: site.file, expr: object };
        // Elements of forms: `document.getElementById("x").value`, `event.target.value`, `form.elements.password.value`.
        if &*key == "value" && self.values.is_form_field(unit, object) {
            let at = unit.at(unit.module[site.expr].span);
            self.born(at, OriginKind::UserInput, &cursor.with_path(Vec::new()));
            return;
        }
        self.expr(receiver, &cursor.below([key]));
    }

    pub(crate) fn literal_object(&mut self, unit: &'w Unit, site: Site, cursor: &Cursor) {
        let to = |expr| Site { file: site.file, expr };
        let at = unit.at(unit.module[site.expr].span);
        let Some(key) = cursor.head().cloned() else {
            self.born(at, OriginKind::Object(site), cursor);
            return;
        };
        match &unit.module[site.expr].kind {
            ExprKind::Object(properties) => {
                let any = &*key == ANY;
                // Later properties win, so the last plain one with the name ends the search; spreads may or may not have it.
                for property in properties.iter().rev() {
                    match property {
                        Property::Value { key: name, value } => match self.key_of(unit, name) {
                            Some(name) if any || name == key => {
                                let mut next = cursor.rest();
                                let here = unit.at(unit.module[*value].span);
                                next.trail = next.trail.step_with(here, StepKind::Other, || format!("the value of `{name}`"));
                                next.development_only |= self.values.is_development_guarded(unit, Node::Expr(*value));
                                if self.stop_at_property && next.path.is_empty() {
                                    self.born(here, OriginKind::Property(to(*value)), &next);
                                } else {
                                    self.expr(to(*value), &next);
                                }
                                if !any {
                                    return;
                                }
                            }
                            Some(_) => {}
                            None => self.expr(to(*value), &cursor.rest().derived()),
                        },
                        Property::Accessor { key: name, function } => {
                            if unit.module[*function].kind == FunctionKind::Getter
                                && self.key_of(unit, name).is_some_and(|name| any || name == key)
                            {
                                self.enter(FunctionSite { file: site.file, function: *function }, site, &[], &cursor.rest());
                                if !any {
                                    return;
                                }
                            }
                        }
                        Property::Spread(value) => {
                            if !any {
                                let here = unit.at(unit.module[*value].span);
                                let next = super::calls::stepped_as(cursor, here, StepKind::Spread, || "spread in here".to_owned());
                                self.expr(to(*value), &next);
                            }
                        }
                    }
                }
            }
            ExprKind::Array(elements) if &*key == super::containers::EACH => self.each(elements, site, cursor),
            ExprKind::Array(elements) => self.array(unit, site, elements, &key, cursor),
            _ => {}
        }
    }

    fn array(&mut self, unit: &'w Unit, site: Site, elements: &[Element], key: &Name, cursor: &Cursor) {
        let index = key.parse::<usize>().ok();
        let spread_before = |index: usize| elements.iter().take(index + 1).any(|element| element.spread);
        for (position, element) in elements.iter().enumerate() {
            let value = Site { file: site.file, expr: element.expr };
            if element.spread {
                if index.is_none_or(|index| index >= position) {
                    self.expr(value, &cursor.below([]));
                }
            } else if &**key == ANY || index == Some(position) || index.is_some_and(spread_before) {
                let mut next = cursor.rest();
                next.development_only |= self.values.is_development_guarded(unit, Node::Expr(element.expr));
                self.expr(value, &next);
            }
        }
    }

    pub(crate) fn key_of(&self, unit: &Unit, key: &PropertyKey) -> Option<Name> {
        match key {
            PropertyKey::Name(name, _) => Some(name.clone()),
            PropertyKey::Computed(expr) => self.values.constant_key(Site { file: unit.file, expr: *expr }),
        }
    }

    /// A class as a value; below it its static members.
    pub(crate) fn class_value(&mut self, class: ClassSite, at: Location, cursor: &Cursor) {
        if cursor.path.is_empty() {
            self.born(at, OriginKind::Class(class), cursor);
        } else {
            self.class_member(class, true, None, cursor);
        }
    }

    /// `new X(…)`.
    pub(crate) fn new_expr(&mut self, unit: &'w Unit, site: Site, callee: ExprId, args: &[Element], cursor: &Cursor) {
        let at = unit.at(unit.module[site.expr].span);
        let callee = Site { file: site.file, expr: callee };
        let classes: Vec<ClassSite> = self
            .values
            .answer(callee)
            .facts
            .iter()
            .filter_map(|fact| match fact.kind {
                OriginKind::Class(class) if fact.path.is_empty() => Some(class),
                _ => None,
            })
            .collect();
        if classes.is_empty() {
            let made_by = self.ask(callee, cursor);
            let identities = made_by.identities();
            if made_by.plays(ApiRole::DomQuery) {
                self.born(at, OriginKind::UserInput, cursor);
            } else if self.container(unit, site, args, made_by.roles(), cursor) {
                // A subject: known by what it keeps.
            } else if identities.iter().any(|identity| matches!(identity, super::Identity::Global(name) if name == "Promise")) {
                // `new Promise((resolve) => …)`: whatever is passed to resolve.
                if let Some(first) = args.first() {
                    self.resolved_by(unit, site, first.expr, cursor);
                }
            } else if identities
                .iter()
                .any(|identity| matches!(identity, super::Identity::Global(name) if matches!(name.as_str(), "URLSearchParams" | "URL" | "Map" | "Set" | "Proxy" | "String")))
            {
                let inner = Cursor { path: Vec::new(), ..cursor.derived() };
                args.iter().for_each(|arg| self.expr(Site { file: site.file, expr: arg.expr }, &inner));
            } else {
                self.born(at, OriginKind::New(site), cursor);
            }
            return;
        }
        for class in classes {
            if cursor.path.is_empty() {
                self.born(at, OriginKind::Instance(class, site), cursor);
            } else {
                self.class_member(class, false, Some(site), cursor);
            }
        }
    }

    fn resolved_by(&mut self, unit: &'w Unit, site: Site, executor: ExprId, cursor: &Cursor) {
        let ExprKind::Function(function) = unit.module[unit.uncast(executor)].kind else { return };
        let Some(param) = unit.module[function].params.first() else { return };
        let crate::hir::PatKind::Binding(binding) = unit.module[param.pat].kind else { return };
        let Some(resolve) = unit.scopes.symbol_of_binding(binding) else { return };
        for call in unit.usage.calls_of(resolve) {
            if let ExprKind::Call { args, .. } = &unit.module[*call].kind
                && let Some(arg) = args.first()
            {
                self.expr(Site { file: site.file, expr: arg.expr }, cursor);
            }
        }
    }

    /// `this`, and below it the members of the class or object around it.
    pub(crate) fn this(&mut self, unit: &'w Unit, site: Site, cursor: &Cursor) {
        let at = unit.at(unit.module[site.expr].span);
        match unit.parents.this_owner(&unit.module, Node::Expr(site.expr)) {
            Some(ThisOwner::Instance(class)) => {
                let class = ClassSite { file: site.file, class };
                if cursor.path.is_empty() {
                    self.born(at, OriginKind::Instance(class, site), cursor);
                } else {
                    self.class_member(class, false, None, cursor);
                }
            }
            Some(ThisOwner::Static(class)) => self.class_value(ClassSite { file: site.file, class }, at, cursor),
            Some(ThisOwner::Function(function)) => {
                for write in unit.usage.this_writes(ThisOwner::Function(function)) {
                    self.member_written(unit, write, cursor);
                }
                if let Some(FunctionName::Property { object, .. }) = unit.usage.function_name(function) {
                    self.options_this(unit, *object, cursor);
                }
            }
            None => self.born(at, OriginKind::Unknown, cursor),
        }
    }

    /// `this` in a method of an object literal: the object itself; in a component's options object also its data, computed values and methods.
    pub(super) fn options_this(&mut self, unit: &'w Unit, object: ExprId, cursor: &Cursor) {
        let mut objects = vec![object];
        // Methods stand one level down (`methods: { … }`), their siblings in the object around it.
        if let Some(outer) = unit.enclosing_object(object) {
            objects.push(outer);
        }
        for object in objects {
            let owner = Site { file: unit.file, expr: object };
            self.expr(owner, cursor);
            for function in unit.object_functions(object) {
                for write in unit.usage.this_writes(ThisOwner::Function(function)) {
                    self.member_written(unit, write, cursor);
                }
            }
            let ExprKind::Object(properties) = &unit.module[object].kind else { continue };
            for property in properties {
                let Property::Value { key: PropertyKey::Name(name, _), value } = property else { continue };
                let value = Site { file: unit.file, expr: *value };
                match &**name {
                    "data" | "setup" | "asyncData" | "state" => self.result_of(value, owner, &[], cursor),
                    "computed" | "getters" => {
                        if let Some(head) = cursor.head().cloned() {
                            let getter = self.values.property_value(value, &head);
                            if let Some(getter) = getter {
                                self.result_of(getter, owner, &[], &cursor.rest());
                            }
                        }
                    }
                    "methods" | "actions" => self.expr(value, cursor),
                    "props" => self.props(unit, cursor),
                    _ => {}
                }
            }
        }
        self.template_writes(unit, cursor);
    }

    /// A member of a class of the project: fields, assignments to `this`, methods, accessors, inherited ones.
    pub(crate) fn class_member(&mut self, class: ClassSite, is_static: bool, created: Option<Site>, cursor: &Cursor) {
        let Some(unit) = self.values.unit(class.file) else { return };
        let Some(head) = cursor.head().cloned() else { return };
        if self.fuel == 0 {
            self.limited = true;
            return;
        }
        self.fuel -= 1;
        let owner = if is_static { ThisOwner::Static(class.class) } else { ThisOwner::Instance(class.class) };
        let mut found = !is_static && self.python_member(class, created, &head, cursor);
        // In Python a class hands its members to its instances, and is asked for all of them itself.
        let owner = if unit.is_python() { ThisOwner::Instance(class.class) } else { owner };
        for write in unit.usage.this_writes(owner) {
            if self.is_spent() {
                return;
            }
            let before = self.origins.len();
            self.member_written(unit, write, cursor);
            found |= self.origins.len() > before;
        }
        if !is_static {
            self.class_template_writes(class, cursor);
        }
        let declared = &unit.module[class.class];
        for member in &declared.members {
            if member.is_static != is_static && !unit.is_python()
                || member.key.as_ref().and_then(|key| self.key_of(unit, key)).as_ref() != Some(&head)
            {
                continue;
            }
            if let ClassMemberKind::Method(function) = member.kind {
                found = true;
                let site = FunctionSite { file: class.file, function };
                match unit.module[function].kind {
                    FunctionKind::Getter => {
                        let call = created.unwrap_or(Site { file: class.file, expr: ExprId(0) });
                        self.enter(site, call, &[], &cursor.rest());
                    }
                    FunctionKind::Setter => {}
                    _ if cursor.path.len() == 1 => self.born(unit.at(member.span), OriginKind::Function(site), &cursor.rest()),
                    _ => {}
                }
            }
        }
        // What is written to a known instance is found through its names.
        if !is_static && created.is_none() {
            self.set_from_outside(class, cursor);
        }
        if !found && let Some(parent) = declared.super_class {
            let parents = self.values.answer(Site { file: class.file, expr: parent });
            for fact in &parents.facts {
                if let OriginKind::Class(parent) = fact.kind
                    && parent != class
                {
                    self.class_member(parent, is_static, created, cursor);
                }
            }
        }
    }
}

impl super::Values<'_> {
    /// The value of a property of an object literal that the expression is, directly.
    pub(crate) fn property_value(&self, object: Site, key: &str) -> Option<Site> {
        let unit = self.unit(object.file)?;
        let ExprKind::Object(properties) = &unit.module[unit.uncast(object.expr)].kind else { return None };
        properties.iter().rev().find_map(|property| match property {
            Property::Value { key: PropertyKey::Name(name, _), value } if &**name == key => Some(Site { file: object.file, expr: *value }),
            _ => None,
        })
    }

    /// Whether an expression is a form field by its shape: an element found in the page, an event's target, a field of a form.
    pub(crate) fn is_form_field(&self, unit: &Unit, mut expr: ExprId) -> bool {
        for _ in 0..8 {
            match &unit.module[unit.uncast(expr)].kind {
                ExprKind::Member { object, property, .. } => match &**property {
                    "target" | "currentTarget" | "elements" | "nativeEvent" => return true,
                    _ => expr = *object,
                },
                ExprKind::Index { object, .. } => expr = *object,
                ExprKind::Call { callee, .. } => {
                    return self.answer(Site { file: unit.file, expr: *callee }).plays(ApiRole::DomQuery);
                }
                ExprKind::Ident(_) => {
                    let answer = self.answer(Site { file: unit.file, expr });
                    return answer.facts.iter().any(|fact| matches!(fact.kind, super::OriginKind::UserInput) && !fact.derived);
                }
                _ => return false,
            }
        }
        false
    }
}

impl Unit {
    /// The object literal that holds this one as a property value.
    fn enclosing_object(&self, object: ExprId) -> Option<ExprId> {
        match self.parents.parent(Node::Expr(object))? {
            Node::Expr(outer) if matches!(self.module[outer].kind, ExprKind::Object(_)) => Some(outer),
            _ => None,
        }
    }

    /// The functions that are properties of an object literal, or of object literals that are its properties.
    pub(super) fn object_functions(&self, object: ExprId) -> Vec<crate::hir::FunctionId> {
        let mut functions = Vec::new();
        let mut open = vec![(object, 0)];
        while let Some((object, depth)) = open.pop() {
            let ExprKind::Object(properties) = &self.module[object].kind else { continue };
            for property in properties {
                if let Property::Value { value, .. } = property {
                    match self.module[*value].kind {
                        ExprKind::Function(function) => functions.push(function),
                        ExprKind::Object(_) if depth < 1 => open.push((*value, depth + 1)),
                        _ => {}
                    }
                }
            }
        }
        functions
    }
}
