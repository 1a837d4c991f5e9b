//! Members of object and array literals, and of components' options objects.

use super::walk::ANY;
use super::{Cursor, FunctionSite, OriginKind, Site, Walk};
use crate::analysis::parents::ThisOwner;
use crate::analysis::unit::Unit;
use crate::catalog::apis::ApiRole;
use crate::finding::StepKind;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, FunctionKind, Name, Property, PropertyKey};

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
                                next.under(self.values.around(unit, Node::Expr(*value)));
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
                                let certain = self.values.surely_has(unit, *value, &key, 0);
                                let here = unit.at(unit.module[*value].span);
                                let next = super::calls::stepped_as(cursor, here, StepKind::Spread, || "spread in here".to_owned());
                                self.expr(to(*value), &next);
                                if certain {
                                    return;
                                }
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
                next.under(self.values.around(unit, Node::Expr(element.expr)));
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
                    return self.answer(Site { file: unit.file, expr: *callee }).plays(self.apis(), ApiRole::DomQuery);
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
