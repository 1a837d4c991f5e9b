//! Classes and their instances: fields, methods, accessors, constructors, inheritance, `this` and `super`.
//!
//! An instance is known by its class and, where the walk has met it, by the `new` that makes it. A constructor's parameters are then
//! bound to that call's arguments, through `super(…)` up to the class that writes the field, so that two instances are not mixed up.
//! Inside of a call of a method, `this` is what the method is called on.

use std::rc::Rc;

use super::walk::ANY;
use super::{BoundArg, ClassSite, Cursor, FRAMES, Frame, Frames, FunctionSite, OriginKind, Receiver, Site, Values, Walk};
use crate::analysis::parents::ThisOwner;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{FunctionName, MemberKey};
use crate::catalog::apis::ApiRole;
use crate::hir::visit::Node;
use crate::hir::{ClassId, ClassMember, ClassMemberKind, Element, ExprId, ExprKind, FunctionId, FunctionKind, PropertyKey};
use crate::source::Location;

/// How many classes a class extends at most, one after the other.
const ANCESTORS: usize = 8;
/// In how many classes below one a method that has no body is looked for.
const OVERRIDES: usize = 8;

/// An instance of a class of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Instance {
    /// Its own class, not one above it.
    pub(crate) class: ClassSite,
    /// The `new` that makes it, evaluated in the calls that the walk is inside of.
    pub(crate) created: Option<Site>,
}

impl<'w> Walk<'w> {
    /// A class as a value; below it its static members.
    pub(crate) fn class_value(&mut self, class: ClassSite, at: Location, cursor: &Cursor) {
        if cursor.path.is_empty() {
            self.born(at, OriginKind::Class(class), cursor);
        } else {
            self.class_member(class, None, cursor);
        }
    }

    /// `new X(…)`.
    pub(crate) fn new_expr(&mut self, unit: &'w Unit, site: Site, callee: ExprId, args: &[Element], cursor: &Cursor) {
        let at = unit.at(unit.module[site.expr].span);
        let callee = Site { file: site.file, expr: callee };
        let made_by = self.ask(callee, cursor);
        let classes: Vec<ClassSite> = made_by
            .facts
            .iter()
            .filter_map(|fact| match fact.kind {
                OriginKind::Class(class) if fact.path.is_empty() => Some(class),
                _ => None,
            })
            .collect();
        if classes.is_empty() {
            let identities = made_by.identities();
            if made_by.plays(self.values.apis(), ApiRole::DomQuery) {
                self.born(at, OriginKind::UserInput, cursor);
            } else if self.container(unit, site, args, made_by.roles(self.values.apis()), cursor) {
                // A subject: known by what it keeps.
            } else if identities.iter().any(|identity| matches!(identity, super::Identity::Global(name) if name == "Promise")) {
                // `new Promise((resolve) => …)`: whatever is passed to resolve.
                if let Some(first) = args.first() {
                    self.resolved_by(unit, first.expr, cursor);
                }
            } else if identities.iter().any(super::collections::is_collection) {
                self.collection_value(site, args.first(), at, cursor);
            } else if identities.iter().any(|identity| matches!(identity, super::Identity::Global(name) if name == "Proxy")) {
                // Whatever its handler makes of the target.
                self.born(at, OriginKind::Unknown, cursor);
            } else if unit.is_rust() {
                self.foreign_literal(site, args, cursor);
            } else if let Some(function) = made_by.functions().next().filter(|_| !cursor.path.is_empty()) {
                self.constructed(function, site, args, cursor);
            } else if identities
                .iter()
                .any(|identity| matches!(identity, super::Identity::Global(name) if matches!(name.as_str(), "URLSearchParams" | "URL" | "String")))
            {
                let inner = Cursor { path: Vec::new(), ..cursor.derived() };
                args.iter().for_each(|arg| self.expr(Site { file: site.file, expr: arg.expr }, &inner));
            } else {
                self.born(at, OriginKind::New(site), cursor);
            }
            return;
        }
        for class in classes {
            self.instance(Instance { class, created: Some(site) }, site, cursor);
        }
    }

    /// An instance as a value; below it its members.
    fn instance(&mut self, instance: Instance, at: Site, cursor: &Cursor) {
        let Some(unit) = self.values.unit(at.file) else { return };
        if cursor.path.is_empty() {
            self.born(unit.at(unit.module[at.expr].span), OriginKind::Instance(instance.class, at), cursor);
        } else {
            self.class_member(instance.class, Some(instance), cursor);
        }
    }

    /// `new f(…)` of a function: what it writes to `this`, and the methods of its prototype.
    fn constructed(&mut self, function: FunctionSite, created: Site, args: &[Element], cursor: &Cursor) {
        let Some(unit) = self.values.unit(function.file) else { return };
        let args = bound(created, args);
        let mut inside = cursor.clone();
        inside.frames = self.framed(function, args, Receiver::OfCall(created), &cursor.frames);
        for write in unit.usage.this_writes(ThisOwner::Function(function.function)) {
            self.member_written(unit, write, &inside);
        }
        if let Some(FunctionName::Symbol(symbol)) = unit.usage.function_name(function.function) {
            for write in unit.usage.member_writes_of(*symbol) {
                if let Some(MemberKey::Name(first)) = write.keys.first()
                    && &**first == "prototype"
                {
                    self.member_written(unit, write, &cursor.below([first.clone()]));
                }
            }
        }
    }

    /// `this`, and below it the members of the class or object around it.
    pub(crate) fn this(&mut self, unit: &'w Unit, site: Site, cursor: &Cursor) {
        let at = unit.at(unit.module[site.expr].span);
        let owner = unit.parents.this_owner(&unit.module, Node::Expr(site.expr));
        let method = unit.owner_function(site.expr).map(|function| FunctionSite { file: site.file, function });
        if let Some(method) = method
            && matches!(owner, Some(ThisOwner::Instance(_) | ThisOwner::Function(_)))
        {
            // Inside of another call it would be another one.
            self.context.depends_on(method);
            if self.receiver(method, owner, cursor) {
                return;
            }
        }
        match owner {
            Some(ThisOwner::Instance(class)) => {
                self.instance(Instance { class: ClassSite { file: site.file, class }, created: None }, site, cursor);
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

    /// What a method that the walk is inside of was called on. False when that is not known to be an instance of its class.
    fn receiver(&mut self, method: FunctionSite, owner: Option<ThisOwner>, cursor: &Cursor) -> bool {
        let frame =
            std::iter::successors(cursor.frames.as_ref(), |frame| frame.outer.as_ref()).find(|frame| frame.function == method).cloned();
        let Some(frame) = frame else { return false };
        let mut outside = cursor.clone();
        outside.frames.clone_from(&frame.outer);
        match frame.receiver {
            Receiver::Instance(instance, at) => {
                self.instance(instance, at, &outside);
                true
            }
            Receiver::OfCall(call) => {
                let Some(unit) = self.values.unit(call.file) else { return false };
                let Some(receiver) = unit.call_receiver(call.expr) else { return false };
                if matches!(unit.module[receiver].kind, ExprKind::Super) {
                    // `super.f()` keeps `this`.
                    self.this(unit, Site { file: call.file, expr: receiver }, &outside);
                    return true;
                }
                let receiver = Site { file: call.file, expr: receiver };
                let known = self.ask(receiver, &outside);
                let fits = known.facts.iter().any(|fact| match (&fact.kind, owner) {
                    (OriginKind::Instance(of, _), Some(ThisOwner::Instance(class))) => {
                        fact.path.is_empty() && self.values.is_or_extends(*of, ClassSite { file: method.file, class })
                    }
                    (OriginKind::New(_), Some(ThisOwner::Function(_))) => fact.path.is_empty(),
                    _ => false,
                });
                if fits {
                    self.expr(receiver, &outside);
                }
                fits
            }
        }
    }

    /// `super`, and below it the members of the class above.
    pub(crate) fn super_member(&mut self, unit: &'w Unit, site: Site, cursor: &Cursor) {
        let owner = unit.parents.this_owner(&unit.module, Node::Expr(site.expr));
        let (class, is_static) = match owner {
            Some(ThisOwner::Instance(class)) => (class, false),
            Some(ThisOwner::Static(class)) => (class, true),
            _ => return,
        };
        let class = ClassSite { file: site.file, class };
        for parent in self.values.parents_of(class) {
            self.class_member(parent, (!is_static).then_some(Instance { class, created: None }), cursor);
        }
    }

    /// A member of a class of the project: fields, assignments to `this`, methods, accessors, inherited ones. Static ones where there is
    /// no instance.
    pub(crate) fn class_member(&mut self, class: ClassSite, instance: Option<Instance>, cursor: &Cursor) {
        let Some(unit) = self.values.unit(class.file) else { return };
        if cursor.path.is_empty() {
            return;
        }
        if self.fuel == 0 {
            self.limited = true;
            return;
        }
        self.fuel -= 1;
        let mut found = match (instance, cursor.head().cloned()) {
            (Some(instance), Some(head)) => {
                self.python_member(class, instance.created, &head, cursor) || self.rust_member(class, instance.created, &head, cursor)
            }
            _ => false,
        };
        found |= self.fields(unit, class, instance, cursor);
        for member in &unit.module[class.class].members {
            // In Python a class hands its members to its instances, and is asked for all of them itself.
            if (member.is_static == instance.is_none() || unit.is_python()) && self.is_named(unit, member, cursor) {
                found |= self.class_method(unit, class, member, instance, cursor);
            }
        }
        if instance.is_some() {
            self.class_template_writes(class, cursor);
        }
        // What is written to a known instance is found through its names.
        if instance.is_some_and(|instance| instance.created.is_none()) {
            self.set_from_outside(class, cursor);
        }
        if found {
            return;
        }
        for parent in self.values.parents_of(class) {
            self.class_member(parent, instance, cursor);
        }
    }

    /// What is written to `this` in a class. True when something came of it.
    fn fields(&mut self, unit: &'w Unit, class: ClassSite, instance: Option<Instance>, cursor: &Cursor) -> bool {
        let is_static = instance.is_none() && !unit.is_python();
        let owner = if is_static { ThisOwner::Static(class.class) } else { ThisOwner::Instance(class.class) };
        let mut found = false;
        let mut inside: Option<Cursor> = None;
        let puts = unit.usage.this_mutations(owner).map(|write| (write, true));
        for (write, put) in unit.usage.this_writes(owner).map(|write| (write, false)).chain(puts) {
            if self.is_spent() {
                return found;
            }
            let inside = inside.get_or_insert_with(|| {
                let mut inside = cursor.clone();
                if let Some(instance) = instance {
                    inside.frames = self.constructor_frames(instance, class, &cursor.frames);
                }
                inside
            });
            let before = self.origins.len();
            if put {
                self.put(unit, write, inside);
            } else {
                self.member_written(unit, write, inside);
            }
            found |= self.origins.len() > before;
        }
        found
    }

    /// Whether a class member is the one that is asked for: by its name, or as what iterating over the instance calls.
    fn is_named(&self, unit: &Unit, member: &ClassMember, cursor: &Cursor) -> bool {
        let (Some(key), Some(head)) = (&member.key, cursor.head()) else { return false };
        match key {
            PropertyKey::Computed(key) if &**head == ANY => {
                matches!(unit.source.slice(unit.module[*key].span), "Symbol.iterator" | "Symbol.asyncIterator")
            }
            key => self.key_of(unit, key).as_ref() == Some(head),
        }
    }

    fn class_method(
        &mut self,
        unit: &'w Unit,
        class: ClassSite,
        member: &ClassMember,
        instance: Option<Instance>,
        cursor: &Cursor,
    ) -> bool {
        let ClassMemberKind::Method(function) = member.kind else { return false };
        let site = FunctionSite { file: class.file, function };
        let declared = &unit.module[function];
        if declared.body.is_none() {
            // Abstract: what the classes below make of it. An overload has its body elsewhere in the class.
            if let Some(instance) = instance.filter(|instance| instance.class == class) {
                for below in self.values.subclasses(class).into_iter().take(OVERRIDES) {
                    self.class_member(below, Some(Instance { class: below, ..instance }), cursor);
                }
            }
            return false;
        }
        let is_iterator = cursor.head().is_some_and(|head| &**head == ANY);
        match declared.kind {
            FunctionKind::Setter => return false,
            FunctionKind::Getter => self.accessor(site, class, instance, &cursor.rest()),
            _ if is_iterator => self.accessor(site, class, instance, cursor),
            _ if cursor.path.len() == 1 => self.born(unit.at(member.span), OriginKind::Function(site), &cursor.rest()),
            _ => {}
        }
        true
    }

    /// Goes into a function that reading a member calls.
    fn accessor(&mut self, function: FunctionSite, class: ClassSite, instance: Option<Instance>, cursor: &Cursor) {
        let Some(unit) = self.values.unit(function.file) else { return };
        let Some(start) = unit.usage.returns(function.function).first().or(unit.usage.yields(function.function).first()) else { return };
        let at = Site { file: function.file, expr: *start };
        let receiver = match instance {
            Some(instance) => Receiver::Instance(instance, instance.created.unwrap_or(at)),
            None => Receiver::Instance(Instance { class, created: None }, at),
        };
        let mut inside = cursor.clone();
        if instance.is_some() {
            inside.frames = self.framed(function, Vec::new(), receiver, &cursor.frames);
        }
        self.results(function, &inside);
    }

    /// The calls that a class's own constructor is in when this instance is made: its arguments bound to those of `new`, or of the
    /// `super(…)` calls on the way up. Without a known `new` only the calls that the walk is inside of anyway.
    fn constructor_frames(&mut self, instance: Instance, of: ClassSite, frames: &Frames) -> Frames {
        let Some(created) = instance.created else { return frames.clone() };
        let Some(unit) = self.values.unit(created.file) else { return frames.clone() };
        let ExprKind::New { args, .. } = &unit.module[created.expr].kind else { return frames.clone() };
        let mut args = bound(created, args);
        let mut frames = frames.clone();
        let mut class = instance.class;
        for _ in 0..ANCESTORS {
            let Some(unit) = self.values.unit(class.file) else { break };
            let constructor = unit.constructor_of(class.class);
            if let Some(constructor) = constructor {
                let function = FunctionSite { file: class.file, function: constructor };
                frames = self.framed(function, args, Receiver::Instance(instance, created), &frames);
                if class == of {
                    break;
                }
                // Code that calls `super` in two branches is rare; the first stands for both.
                let Some(call) = unit.usage.super_calls(class.class).first() else { break };
                let ExprKind::Call { args: passed, .. } = &unit.module[*call].kind else { break };
                args = bound(Site { file: class.file, expr: *call }, passed);
            } else if class == of {
                break;
            }
            let Some(parent) = self.values.parents_of(class).into_iter().next() else { break };
            class = parent;
        }
        frames
    }

    /// `frames` and a call of `function` inside of them; without the calls where that would go round in circles or too deep.
    pub(super) fn framed(&mut self, function: FunctionSite, args: Vec<BoundArg>, receiver: Receiver, frames: &Frames) -> Frames {
        let depth = frames.as_ref().map_or(0, |frame| frame.depth);
        let recursive = std::iter::successors(frames.as_ref(), |frame| frame.outer.as_ref()).any(|frame| frame.function == function);
        self.context.depends_on(function);
        if depth >= FRAMES || recursive {
            self.context.only_outside();
            return None;
        }
        self.context.entered(depth + 1);
        Some(Rc::new(Frame::new(function, args, receiver, frames.clone())))
    }
}

/// The arguments of a call, up to the first spread.
pub(super) fn bound(call: Site, args: &[Element]) -> Vec<BoundArg> {
    let mut bound = Vec::with_capacity(args.len());
    for arg in args {
        let site = Site { file: call.file, expr: arg.expr };
        if arg.spread {
            bound.push(BoundArg::Spread(site));
            break;
        }
        bound.push(BoundArg::Value(site, Vec::new()));
    }
    bound
}

impl Values<'_> {
    /// The classes of the project that a class extends directly.
    pub(crate) fn parents_of(&self, class: ClassSite) -> Vec<ClassSite> {
        let Some(parent) = self.unit(class.file).and_then(|unit| unit.module[class.class].super_class) else { return Vec::new() };
        let answer = self.answer(Site { file: class.file, expr: parent });
        let parents = answer.facts.iter().filter_map(|fact| match fact.kind {
            OriginKind::Class(parent) if parent != class && fact.path.is_empty() => Some(parent),
            _ => None,
        });
        parents.collect()
    }

    /// Whether a class is another one or stands below it.
    pub(crate) fn is_or_extends(&self, class: ClassSite, above: ClassSite) -> bool {
        let mut open = vec![class];
        for _ in 0..ANCESTORS {
            let Some(class) = open.pop() else { return false };
            if class == above {
                return true;
            }
            open.extend(self.parents_of(class));
        }
        false
    }
}

impl Unit {
    /// A class's own constructor.
    pub(crate) fn constructor_of(&self, class: ClassId) -> Option<FunctionId> {
        self.module[class].members.iter().find_map(|member| match member.kind {
            ClassMemberKind::Method(function) => {
                let function_kind = &self.module[function];
                (function_kind.kind == FunctionKind::Constructor && function_kind.body.is_some()).then_some(function)
            }
            _ => None,
        })
    }

    /// The function whose `this` an expression would see.
    pub(super) fn owner_function(&self, expr: ExprId) -> Option<FunctionId> {
        let functions = std::iter::successors(self.parents.enclosing_function(Node::Expr(expr)), |function| {
            self.parents.enclosing_function(Node::Function(*function))
        });
        // A field's initialiser stands in no function of the class.
        functions.take(64).find(|function| self.module[*function].kind != FunctionKind::Arrow)
    }
}
