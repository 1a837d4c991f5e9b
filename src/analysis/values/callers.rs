//! Callers: the visible calls of a function. By its name here and in the files that import it, by its method name, as a component, and
//! through whatever hands it on: `call`, `apply` and `bind`, helpers that call their parameter, functions that return it, `super(…)`,
//! assignments to setters, and the events of the project's own emitters.

use rustc_hash::FxHashSet;

use super::{CALLERS, ClassSite, FunctionSite, OriginKind, Site, Values};
use crate::analysis::mentions::Mention;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{FunctionName, WriteKind};
use crate::catalog::apis::ApiRole;
use crate::hir::visit::Node;
use crate::hir::{ClassId, Element, ExprId, ExprKind, FunctionId, FunctionKind, PatKind, StmtKind};
use crate::source::Location;

/// How many times a function is handed on before its trace is lost.
const HOPS: u8 = 4;
/// In how many places a function may stand as a value.
const PLACES: usize = 24;
/// How many references of a name are looked at for such places.
const REFERENCES: usize = 200;
/// How many functions a callee, and how many callers a returned function may have.
const RETURNED: usize = 8;
/// How many classes below a class are looked at.
const SUBCLASSES: usize = 24;
/// How deeply nested questions still look for callers that take further questions to find.
const LEVEL: u8 = 2;

/// How a call gives a function its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Given {
    /// One by one, after some that are not for the function (`f.call(this, a)`), and after some that were bound before
    /// (`f.bind(null, a)`).
    Listed {
        /// How many come first that are not for the function.
        skipped: u8,
        /// How many the function was given before.
        bound: u8,
    },
    /// As an array, in the second argument (`f.apply(this, all)`).
    Array,
}

impl Given {
    /// As plain calls do.
    pub(crate) const ONE_BY_ONE: Self = Self::Listed { skipped: 0, bound: 0 };
}

/// A call of a function, without borrows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    site: Site,
    given: Given,
}

/// A place where a function is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'w> {
    /// The file of the call.
    pub unit: &'w Unit,
    /// The call, `new`, JSX element, or (of a setter) assignment.
    pub expr: ExprId,
    /// How the arguments are given.
    pub given: Given,
}

impl<'w> Caller<'w> {
    fn plain(unit: &'w Unit, expr: ExprId) -> Self {
        Self { unit, expr, given: Given::ONE_BY_ONE }
    }
}

impl<'w> Values<'w> {
    /// The visible calls of a function: by its name here and in the files that import it, by its method name, as a component.
    pub(crate) fn callers(&self, function: FunctionSite) -> Vec<Caller<'w>> {
        self.calls_into(function).into_iter().filter(|caller| caller.given == Given::ONE_BY_ONE).collect()
    }

    /// [`Values::callers`], and every other way in: `call`, `apply`, bound functions, helpers that call what they are given, assignments
    /// to setters, events of the project's own emitters.
    pub(crate) fn calls_into(&self, function: FunctionSite) -> Vec<Caller<'w>> {
        let calls = self.workspace.answers.callers(self.level(), function, || {
            self.find_callers(function)
                .iter()
                .map(|caller| Call { site: Site { file: caller.unit.file, expr: caller.expr }, given: caller.given })
                .collect()
        });
        calls.iter().filter_map(|call| Some(Caller { unit: self.unit(call.site.file)?, expr: call.site.expr, given: call.given })).collect()
    }

    fn find_callers(&self, function: FunctionSite) -> Vec<Caller<'w>> {
        let mut callers = Vec::new();
        let Some(unit) = self.unit(function.file) else { return callers };
        for (holder, place) in self.places_of(unit, function) {
            self.calls_of_value(holder, place, Given::ONE_BY_ONE, 0, &mut callers);
        }
        self.named_callers(unit, function, &mut callers);
        callers.sort_by_key(|caller| (caller.unit.file, caller.expr, caller.given));
        callers.dedup_by_key(|caller| (caller.unit.file, caller.expr, caller.given));
        callers
    }

    /// The calls of a function by its name.
    fn named_callers(&self, unit: &'w Unit, function: FunctionSite, callers: &mut Vec<Caller<'w>>) {
        let function_id = function.function;
        // `const f = useCallback(() => …)`: the wrapper's name is the function's name.
        let name =
            unit.usage.function_name(function_id).cloned().or_else(|| self.wrapper_symbol(unit, function_id).map(FunctionName::Symbol));
        match name {
            Some(FunctionName::Symbol(symbol)) => self.calls_of_symbol(unit, symbol, callers),
            Some(FunctionName::ClassMember { class, name, .. }) => {
                if unit.module[function_id].kind == FunctionKind::Constructor {
                    self.constructions(ClassSite { file: unit.file, class }, callers);
                } else if unit.module[function_id].kind == FunctionKind::Setter {
                    self.assignments(unit, &name, ClassSite { file: unit.file, class }, callers);
                } else {
                    self.method_callers(unit, &name, function, callers);
                    self.taken_methods(unit, &name, function, callers);
                    self.template_callers(ClassSite { file: function.file, class }, &name, callers);
                }
            }
            Some(FunctionName::Property { name, .. }) => {
                self.method_callers(unit, &name, function, callers);
                // `const { connect } = usePhone()`: an object of functions that a hook or store returns.
                self.destructured_callers(unit, &name, function, callers);
                self.selected_callers(unit, &name, function, callers);
            }
            Some(FunctionName::MemberWrite(index)) => {
                if let Some(name) = unit.usage.member_writes().get(index).and_then(|write| write.property()).cloned() {
                    self.method_callers(unit, &name, function, callers);
                }
            }
            None => {}
        }
        // A returned or shared shorthand: `return { connect }` makes `connect` a property as well.
        if let Some(FunctionName::Symbol(symbol)) = unit.usage.function_name(function_id) {
            self.shared_callers(unit, *symbol, function, callers);
        } else if let Some(symbol) = self.wrapper_symbol(unit, function.function) {
            self.shared_callers(unit, symbol, function, callers);
        }
    }

    /// For `const f = wrap(() => …)`: the symbol of `f`, when `wrap` hands the function back.
    pub(crate) fn wrapper_symbol(&self, unit: &'w Unit, function: crate::hir::FunctionId) -> Option<SymbolId> {
        let value = unit.function_value(function)?;
        let mut inner = value;
        for _ in 0..4 {
            let Node::Expr(call) = unit.parents.parent(Node::Expr(inner))? else {
                return None;
            };
            match &unit.module[call].kind {
                ExprKind::Call { callee, args, .. } if args.first().is_some_and(|arg| arg.expr == inner) => {
                    if !self.answer(Site { file: unit.file, expr: *callee }).plays(self.apis(), ApiRole::Wrapper) {
                        return None;
                    }
                }
                ExprKind::Cast { .. } => {}
                _ => return None,
            }
            if let Some(symbol) = unit.declared_symbol(call) {
                return Some(symbol);
            }
            inner = call;
        }
        None
    }

    fn calls_of_symbol(&self, unit: &'w Unit, symbol: SymbolId, callers: &mut Vec<Caller<'w>>) {
        callers.extend(unit.usage.calls_of(symbol).iter().chain(unit.usage.jsx_uses(symbol)).map(|expr| Caller::plain(unit, *expr)));
        for (importer, imported) in self.workspace.importing_symbols(unit, symbol) {
            callers.extend(
                importer
                    .usage
                    .calls_of(imported)
                    .iter()
                    .chain(importer.usage.jsx_uses(imported))
                    .map(|expr| Caller::plain(importer, *expr)),
            );
        }
        if unit.is_rust() {
            self.calls_by_path(unit, symbol, callers);
            return;
        }
        // Through a namespace: `phone.connect(…)` where `phone` is the module.
        if let Some(name) = unit.scopes.symbol(symbol).map(|symbol| symbol.name.clone())
            && unit.exports_symbol(symbol)
        {
            for importer in self.workspace.importing_units_naming(unit.file, &name, Mention::Member) {
                for call in importer.usage.method_calls(&name) {
                    if self.receiver_is_module(importer, *call, unit) {
                        callers.push(Caller::plain(importer, *call));
                    }
                }
            }
        }
    }

    fn receiver_is_module(&self, importer: &'w Unit, call: ExprId, module: &Unit) -> bool {
        let Some(object) = importer.call_receiver(call) else { return false };
        let ExprKind::Ident(_) = importer.module[object].kind else { return false };
        let Some(symbol) = importer.scopes.symbol_of_expr(object) else { return false };
        importer.usage.writes(symbol).iter().any(|write| match write.kind {
            crate::analysis::usage::WriteKind::Import { import, name } => importer.module.imports.get(import).is_some_and(|import| {
                import.names.get(name).is_some_and(|name| name.imported == crate::hir::Imported::Namespace)
                    && self.workspace.resolves_to(importer.file, &import.specifier, module.file)
            }),
            _ => false,
        })
    }

    /// The calls by a path of Rust: `tokens::mint(…)`, of a module inside of the file too.
    fn calls_by_path(&self, unit: &'w Unit, symbol: SymbolId, callers: &mut Vec<Caller<'w>>) {
        let Some(name) = unit.scopes.symbol(symbol).map(|symbol| symbol.name.clone()) else { return };
        let mut units = vec![unit];
        units.extend(self.workspace.importing_units_deep_naming(unit.file, &name, Mention::Member));
        for other in units {
            let calls = other.usage.method_calls(&name).iter().filter(|call| self.is_path_to(other, **call, unit, symbol));
            callers.extend(calls.map(|call| Caller::plain(other, *call)));
        }
    }

    /// Whether a call by a path of Rust calls a function: `crate::tokens::mint(…)`.
    fn is_path_to(&self, importer: &'w Unit, call: ExprId, unit: &Unit, symbol: SymbolId) -> bool {
        if !importer.is_rust() {
            return false;
        }
        let Some(callee) = importer.call_callee(call) else { return false };
        self.answer(Site { file: importer.file, expr: callee }).functions().any(|function| {
            let name = self.unit(function.file).filter(|_| function.file == unit.file).and_then(|unit| unit.module[function.function].name);
            name.and_then(|name| unit.scopes.symbol_of_binding(name)) == Some(symbol)
        })
    }

    /// Calls `x.name(…)` whose receiver may be the object or class that holds the function.
    fn method_callers(&self, unit: &'w Unit, name: &str, function: FunctionSite, callers: &mut Vec<Caller<'w>>) {
        if self.nesting > 2 {
            return;
        }
        let mut units = vec![unit];
        units.extend(self.workspace.importing_units_deep_naming(unit.file, name, Mention::Member));
        for other in units {
            for call in other.usage.method_calls(name) {
                let Some(callee) = other.call_callee(*call) else { continue };
                let answer = self.answer(Site { file: other.file, expr: callee });
                let holds = answer.facts.iter().any(|fact| matches!(fact.kind, OriginKind::Function(target) if target == function));
                if holds {
                    callers.push(Caller::plain(other, *call));
                }
            }
        }
    }

    /// Calls of names that are destructured out of the object: `const { connect } = usePhone(); connect(…)`.
    fn destructured_callers(&self, unit: &'w Unit, name: &str, function: FunctionSite, callers: &mut Vec<Caller<'w>>) {
        let mut units = vec![unit];
        units.extend(self.workspace.importing_units_deep_naming(unit.file, name, Mention::Taken));
        for other in units {
            for symbol in other.destructured(name) {
                let calls = other.usage.calls_of(*symbol).iter().map(|expr| Caller::plain(other, *expr));
                callers.extend(calls.filter(|caller| self.may_call(*caller, function)));
            }
        }
    }

    /// Whether a call that was found by its name may be one of the function: not when the name is known to be other functions of the project.
    fn may_call(&self, call: Caller<'w>, function: FunctionSite) -> bool {
        let Some(called) = call.unit.call_callee(call.expr).filter(|_| self.nesting <= 2) else { return true };
        let answer = self.answer(Site { file: call.unit.file, expr: called });
        let mut functions = answer.functions().peekable();
        functions.peek().is_none() || functions.any(|of| of == function)
    }

    /// Calls of names that selectors take out of a store: `const connect = usePhone((state) => state.connect); connect(…)`.
    fn selected_callers(&self, unit: &'w Unit, name: &str, function: FunctionSite, callers: &mut Vec<Caller<'w>>) {
        if self.nesting > 2 {
            return;
        }
        let mut units = vec![unit];
        units.extend(self.workspace.importing_units_deep_naming(unit.file, name, Mention::Member));
        for other in units {
            let calls = other.selected(name).iter().flat_map(|symbol| other.usage.calls_of(*symbol));
            callers.extend(calls.map(|expr| Caller::plain(other, *expr)).filter(|caller| {
                let callee = other.call_callee(caller.expr);
                callee.is_some_and(|callee| self.answer(Site { file: other.file, expr: callee }).functions().any(|of| of == function))
            }));
        }
    }

    /// Calls of a method that is taken out of its instance: `const { open } = new Line(); open(…)`.
    fn taken_methods(&self, unit: &'w Unit, name: &str, function: FunctionSite, callers: &mut Vec<Caller<'w>>) {
        if self.level() > LEVEL {
            return;
        }
        let mut units = vec![unit];
        units.extend(self.workspace.importing_units_deep_naming(unit.file, name, Mention::Taken));
        for other in units {
            for symbol in other.destructured(name) {
                for call in other.usage.calls_of(*symbol) {
                    let callee = other.call_callee(*call).map(|callee| self.answer(Site { file: other.file, expr: callee }));
                    if callee.is_some_and(|callee| callee.functions().any(|target| target == function)) {
                        callers.push(Caller::plain(other, *call));
                    }
                }
            }
        }
    }

    /// Callers of a function that is shared as a property: `return { connect }`, `value={{ connect }}`.
    fn shared_callers(&self, unit: &'w Unit, symbol: SymbolId, function: FunctionSite, callers: &mut Vec<Caller<'w>>) {
        let mut names = FxHashSet::default();
        for reference in unit.scopes.references(symbol) {
            let Some(Node::Expr(parent)) = unit.parents.parent(Node::Expr(*reference)) else { continue };
            if let ExprKind::Object(properties) = &unit.module[parent].kind {
                for property in properties {
                    if let crate::hir::Property::Value { key: crate::hir::PropertyKey::Name(name, _), value } = property
                        && value == reference
                        && names.insert(name)
                    {
                        self.destructured_callers(unit, name, function, callers);
                        self.method_callers(unit, name, function, callers);
                    }
                }
            }
        }
    }

    /// Where a function stands as a value: where it is written, and where its name is read without being called.
    pub(crate) fn places_of(&self, unit: &'w Unit, function: FunctionSite) -> Vec<(&'w Unit, ExprId)> {
        let mut places: Vec<(&'w Unit, ExprId)> = unit.function_value(function.function).map(|value| (unit, value)).into_iter().collect();
        if let Some(FunctionName::Symbol(symbol)) = unit.usage.function_name(function.function) {
            places.extend(handed_on(unit, *symbol));
            if unit.exports_symbol(*symbol) {
                for (importer, imported) in self.workspace.importing_symbols(unit, *symbol) {
                    places.extend(handed_on(importer, imported));
                }
            }
        }
        places.truncate(PLACES);
        places
    }

    /// The calls of the function that an expression is, by where the expression stands.
    fn calls_of_value(&self, unit: &'w Unit, value: ExprId, given: Given, hops: u8, callers: &mut Vec<Caller<'w>>) {
        if hops > HOPS || callers.len() > CALLERS {
            return;
        }
        let mut value = value;
        let parent = loop {
            let Some(Node::Expr(parent)) = unit.parents.parent(Node::Expr(value)) else { break None };
            match unit.module[parent].kind {
                ExprKind::Cast { .. } | ExprKind::Await(_) => value = parent,
                _ => break Some(parent),
            }
        };
        let Some(parent) = parent else {
            if let Some(symbol) = unit.declared_symbol(value).filter(|_| hops > 0) {
                self.calls_of_name(unit, symbol, given, hops + 1, callers);
            } else if let Some(outer) = unit.returned_by(value) {
                // What a function returns is called where the function's own calls stand.
                let mut outer_calls = Vec::new();
                self.named_callers(unit, FunctionSite { file: unit.file, function: outer }, &mut outer_calls);
                for caller in outer_calls.iter().take(RETURNED) {
                    self.calls_of_value(caller.unit, caller.expr, given, hops + 1, callers);
                }
            }
            return;
        };
        match &unit.module[parent].kind {
            ExprKind::Call { callee, .. } if unit.uncast(*callee) == unit.uncast(value) => {
                callers.push(Caller { unit, expr: parent, given });
            }
            ExprKind::Call { callee, args, .. } => {
                if let Some(position) = args.iter().position(|arg| arg.expr == value) {
                    self.calls_of_argument(unit, *callee, args, position, given, hops, callers);
                }
            }
            ExprKind::Member { property, .. } => {
                let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(parent)) else { return };
                let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { return };
                if *callee != parent || given != Given::ONE_BY_ONE {
                    return;
                }
                match &**property {
                    "call" => callers.push(Caller { unit, expr: call, given: Given::Listed { skipped: 1, bound: 0 } }),
                    "apply" => callers.push(Caller { unit, expr: call, given: Given::Array }),
                    "bind" => {
                        callers.push(Caller { unit, expr: call, given: Given::Listed { skipped: 1, bound: 0 } });
                        let bound = u8::try_from(args.len().saturating_sub(1)).unwrap_or(u8::MAX);
                        self.calls_of_value(unit, call, Given::Listed { skipped: 0, bound }, hops + 1, callers);
                    }
                    _ => {}
                }
            }
            ExprKind::Jsx(_) => {
                let site = Site { file: unit.file, expr: value };
                callers.extend(self.calls_of_passed(site).into_iter().map(|(unit, expr)| Caller { unit, expr, given }));
            }
            _ => {}
        }
    }

    /// A function that is given to a call: the calls that the called function makes of its parameter, and the events that an emitter of
    /// the project sends to its listeners.
    #[expect(clippy::too_many_arguments, reason = "one place of a recursion over calls")]
    fn calls_of_argument(
        &self,
        unit: &'w Unit,
        callee: ExprId,
        args: &'w [Element],
        position: usize,
        given: Given,
        hops: u8,
        callers: &mut Vec<Caller<'w>>,
    ) {
        if self.level() > LEVEL || args.iter().take(position).any(|arg| arg.spread) {
            return;
        }
        let answer = self.answer(Site { file: unit.file, expr: callee });
        for function in answer.functions().take(RETURNED) {
            let Some(other) = self.unit(function.file) else { continue };
            let Some(param) = other.module[function.function].params.get(position).filter(|param| !param.rest) else { continue };
            let mut pat = param.pat;
            while let PatKind::Default { pat: inner, .. } = other.module[pat].kind {
                pat = inner;
            }
            if let PatKind::Binding(binding) = other.module[pat].kind
                && let Some(symbol) = other.scopes.symbol_of_binding(binding)
            {
                self.calls_of_name(other, symbol, given, hops + 1, callers);
            }
        }
        if position == 1
            && given == Given::ONE_BY_ONE
            && let ExprKind::Member { object, property, .. } = &unit.module[unit.uncast(callee)].kind
            && matches!(&**property, "on" | "once" | "addListener" | "prependListener")
            && let Some(event) = args.first().and_then(|event| self.constant_string(Site { file: unit.file, expr: event.expr }))
        {
            self.emitted(unit, *object, &event, callers);
        }
    }

    /// The calls of a parameter or variable, and of what it is handed on to.
    pub(crate) fn calls_of_local(&self, unit: &'w Unit, symbol: SymbolId) -> Vec<Caller<'w>> {
        let mut callers = Vec::new();
        self.calls_of_name(unit, symbol, Given::ONE_BY_ONE, 0, &mut callers);
        callers.retain(|caller| caller.given == Given::ONE_BY_ONE);
        callers
    }

    /// The calls of a name, and of what it is handed on to.
    fn calls_of_name(&self, unit: &'w Unit, symbol: SymbolId, given: Given, hops: u8, callers: &mut Vec<Caller<'w>>) {
        callers.extend(unit.usage.calls_of(symbol).iter().chain(unit.usage.jsx_uses(symbol)).map(|expr| Caller {
            unit,
            expr: *expr,
            given,
        }));
        for (unit, place) in handed_on(unit, symbol).into_iter().take(PLACES) {
            self.calls_of_value(unit, place, given, hops, callers);
        }
    }

    /// Where an event is sent by an emitter of the project: one that the project makes itself.
    fn emitted(&self, unit: &'w Unit, emitter: ExprId, event: &str, callers: &mut Vec<Caller<'w>>) {
        let made = |site| -> Vec<Location> {
            let facts = &self.answer(site);
            let made = facts.facts.iter().filter(|fact| {
                fact.path.is_empty()
                    && matches!(fact.kind, OriginKind::New(_) | OriginKind::Call(_) | OriginKind::Instance(..))
                    && !fact.derived
            });
            made.map(|fact| fact.at).collect()
        };
        let born = made(Site { file: unit.file, expr: emitter });
        let mut units = vec![unit];
        for at in &born {
            units.extend(self.unit(at.file));
            units.extend(self.workspace.importing_units_deep_naming(at.file, "emit", Mention::Member));
        }
        units.sort_by_key(|unit| unit.file);
        units.dedup_by_key(|unit| unit.file);
        for other in units {
            for call in other.usage.method_calls("emit") {
                let ExprKind::Call { args, .. } = &other.module[*call].kind else { continue };
                let Some(name) = args.first().filter(|name| !name.spread) else { continue };
                let Some(receiver) = other.call_receiver(*call) else { continue };
                let same = self.constant_string(Site { file: other.file, expr: name.expr }).is_some_and(|name| &*name == event)
                    && made(Site { file: other.file, expr: receiver }).iter().any(|at| born.contains(at));
                if same {
                    callers.push(Caller { unit: other, expr: *call, given: Given::Listed { skipped: 1, bound: 0 } });
                }
            }
        }
    }

    /// Where instances of a class are made: `new`, and `super(…)` of the classes below, or their own `new` where they pass everything on.
    fn constructions(&self, class: ClassSite, callers: &mut Vec<Caller<'w>>) {
        let mut open = vec![class];
        let mut seen = vec![class];
        while let Some(class) = open.pop() {
            let Some(unit) = self.unit(class.file) else { continue };
            let Some(symbol) = unit.class_symbol(class.class) else { continue };
            self.calls_of_symbol(unit, symbol, callers);
            for below in self.subclasses(class) {
                if seen.len() > SUBCLASSES || seen.contains(&below) {
                    continue;
                }
                seen.push(below);
                let Some(other) = self.unit(below.file) else { continue };
                if other.constructor_of(below.class).is_some() {
                    callers.extend(other.usage.super_calls(below.class).iter().map(|call| Caller::plain(other, *call)));
                } else {
                    open.push(below);
                }
            }
        }
    }

    /// The classes of the project that extend a class directly.
    pub(crate) fn subclasses(&self, class: ClassSite) -> Vec<ClassSite> {
        let mut found = Vec::new();
        let Some(unit) = self.unit(class.file) else { return found };
        let Some(symbol) = unit.class_symbol(class.class) else { return found };
        let mut holders = vec![(unit, symbol)];
        holders.extend(self.workspace.importing_symbols(unit, symbol));
        for (holder, symbol) in holders {
            for reference in holder.scopes.references(symbol) {
                if let Some(Node::Class(below)) = holder.parents.parent(Node::Expr(*reference))
                    && holder.module[below].super_class == Some(*reference)
                {
                    found.push(ClassSite { file: holder.file, class: below });
                }
            }
        }
        found
    }

    /// Assignments to a member of instances of a class, from anywhere.
    pub(crate) fn assignments(&self, unit: &'w Unit, name: &str, class: ClassSite, callers: &mut Vec<Caller<'w>>) {
        if self.level() > LEVEL {
            return;
        }
        let mut units = vec![unit];
        units.extend(self.workspace.importing_units_deep_naming(unit.file, name, Mention::Member));
        for other in units {
            for write in other.usage.writes_to_property(name).take(CALLERS) {
                let (Some(expr), WriteKind::Assigned { .. }, true) = (write.expr, write.kind, write.path.is_empty()) else { continue };
                let ExprKind::Assign { target, .. } = other.module[expr].kind else { continue };
                let PatKind::Expr(target) = other.module[target].kind else { continue };
                let ExprKind::Member { object, .. } = other.module[other.uncast(target)].kind else { continue };
                let facts = self.answer(Site { file: other.file, expr: object });
                let instance =
                    facts.facts.iter().any(|fact| matches!(fact.kind, OriginKind::Instance(of, _) if self.is_or_extends(of, class)));
                if instance {
                    callers.push(Caller::plain(other, expr));
                }
            }
        }
    }
}

/// Where the name of a function is read without being called, in a place that hands the function on.
fn handed_on(unit: &Unit, symbol: SymbolId) -> Vec<(&Unit, ExprId)> {
    let references = unit.scopes.references(symbol).iter().take(REFERENCES);
    let handed = references.filter(|reference| match unit.parents.parent(Node::Expr(**reference)) {
        Some(Node::Expr(parent)) => match &unit.module[parent].kind {
            ExprKind::Call { callee, .. } => callee != *reference,
            ExprKind::Member { property, .. } => matches!(&**property, "call" | "apply" | "bind"),
            ExprKind::Jsx(_) | ExprKind::Cast { .. } => true,
            _ => false,
        },
        Some(Node::Stmt(statement)) => matches!(unit.module[statement].kind, StmtKind::Return(_) | StmtKind::Declare { .. }),
        _ => false,
    });
    handed.map(|reference| (unit, *reference)).collect()
}

impl Unit {
    /// The function that returns an expression.
    fn returned_by(&self, value: ExprId) -> Option<FunctionId> {
        match self.parents.parent(Node::Expr(value))? {
            Node::Stmt(statement) if matches!(self.module[statement].kind, StmtKind::Return(_)) => {
                self.parents.enclosing_function(Node::Stmt(statement))
            }
            Node::Function(function) => Some(function),
            _ => None,
        }
    }

    /// The name of a class.
    pub(crate) fn class_symbol(&self, class: ClassId) -> Option<SymbolId> {
        let declared = self.module[class].name.and_then(|name| self.scopes.symbol_of_binding(name));
        declared.or_else(|| match self.parents.parent(Node::Class(class))? {
            Node::Expr(value) => self.declared_symbol(value),
            _ => None,
        })
    }
}
