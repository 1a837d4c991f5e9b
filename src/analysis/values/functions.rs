//! Parameters: back to the callers. A bound frame answers at once; otherwise every visible caller counts: calls by name,
//! across files, JSX elements for component functions, methods through their receivers, and the places that take callbacks.

use super::calls::{stepped, stepped_as, stepped_with};
use rustc_hash::FxHashSet;

use super::walk::ANY;
use super::{BoundArg, CALLERS, Cursor, FunctionSite, OriginKind, Site, Values, Walk};
use crate::analysis::mentions::Mention;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::FunctionName;
use crate::catalog::apis::ApiRole;
use crate::finding::StepKind;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, FunctionKind, JsxAttribute, JsxTag, Name, PatKind, StmtKind};
use crate::source::Location;

/// A place where a function is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'w> {
    /// The file of the call.
    pub unit: &'w Unit,
    /// The call, `new` or JSX element.
    pub expr: ExprId,
}

impl<'w> Walk<'w> {
    pub(crate) fn param(&mut self, function: FunctionSite, index: usize, rest: bool, at: Location, cursor: &Cursor) {
        let bound =
            std::iter::successors(cursor.frames.as_ref(), |frame| frame.outer.as_ref()).find(|frame| frame.function == function).cloned();
        if let Some(frame) = bound {
            if rest {
                let Some(position) = cursor.head().and_then(|head| head.parse::<usize>().ok()) else { return };
                if let Some(arg) = frame.args.get(index + position) {
                    self.bound(arg, &frame.outer, &cursor.rest());
                }
                return;
            }
            match frame.args.get(index) {
                Some(arg) => self.bound(arg, &frame.outer, cursor),
                None => {
                    if let Some(BoundArg::Spread(spread)) = frame.args.last() {
                        self.bound(&BoundArg::Spread(*spread), &frame.outer, cursor);
                    }
                }
            }
            if matches!(frame.args.get(index), Some(BoundArg::Opaque)) {
                self.born(at, OriginKind::Param(function, index), cursor);
            }
            return;
        }
        self.context.depends_on(function);
        let Some(unit) = self.values.unit(function.file) else { return };
        if self.initialiser_param(unit, function, index, cursor) || self.slice_param(unit, function, index, cursor) {
            return;
        }
        let before = self.origins.len();
        let callers = self.values.callers(function);
        for caller in callers.iter().take(CALLERS) {
            self.argument_of(*caller, Some(function), index, rest, cursor);
        }
        if callers.len() > CALLERS {
            self.limited = true;
        }
        if self.handed_over(unit, function, index, at, cursor) || self.setup_props(unit, function.function, index, cursor) {
            return;
        }
        if callers.is_empty() && self.handler_param(unit, function, index, at, cursor) {
            return;
        }
        if callers.is_empty() && self.constructor_param(unit, function, index, at, cursor) {
            return;
        }
        if callers.is_empty() && self.origins.len() == before {
            // `fetch(request, env)` of a worker: the bindings by their usual name and case.
            let name = unit.module[function.function].params.get(index).map(|param| unit.source.slice(unit.module[param.pat].span));
            let bindings = name.is_some_and(|name| name.split([':', ' ', '=']).next() == Some("env"));
            match cursor.path.as_slice() {
                [variable, rest @ ..] if bindings && is_constant_case(variable) => {
                    let kind = OriginKind::Env { name: variable.clone(), mechanism: super::EnvMechanism::Bindings };
                    self.born(at, kind, &cursor.with_path(rest.to_vec()));
                }
                _ => self.born(at, OriginKind::Param(function, index), cursor),
            }
        }
    }

    pub(super) fn argument_of(&mut self, caller: Caller<'w>, function: Option<FunctionSite>, index: usize, rest: bool, cursor: &Cursor) {
        let unit = caller.unit;
        let to = |expr| Site { file: unit.file, expr };
        let mut outside = cursor.clone();
        outside.frames = None;
        match &unit.module[caller.expr].kind {
            ExprKind::Call { args, .. } | ExprKind::New { args, .. } => {
                let next = stepped_as(&outside, unit.at(unit.module[caller.expr].span), StepKind::Argument, || {
                    format!("passed to `{}` here", unit.callee_text(caller.expr))
                });
                let by_name = function.and_then(|function| {
                    let target = self.values.unit(function.file)?;
                    super::python::argument_for(unit, caller.expr, target, &target.module[function.function], index)
                });
                if let Some(given) = by_name.filter(|_| !rest) {
                    let mut next = next;
                    next.development_only |= self.values.is_development_guarded(unit, Node::Expr(caller.expr));
                    if let super::python::Given::Argument(value) = given {
                        self.expr(to(value), &next);
                    }
                } else if rest {
                    let Some(position) = cursor.head().and_then(|head| head.parse::<usize>().ok()) else { return };
                    if let Some(arg) = args.get(index + position) {
                        self.expr(to(arg.expr), &next.rest());
                    }
                } else if let Some(arg) = positional(args, index) {
                    let mut next = next;
                    next.development_only |= self.values.is_development_guarded(unit, Node::Expr(caller.expr));
                    self.expr(to(arg.expr), &next);
                } else if let Some(spread) = args.iter().find(|arg| arg.spread) {
                    self.expr(to(spread.expr), &next.below([Name::from(ANY)]));
                }
            }
            ExprKind::Jsx(element) if index == 0 => {
                let Some(wanted) = cursor.head() else { return };
                for attribute in element.attributes.iter().rev() {
                    match attribute {
                        JsxAttribute::Named { name, span, value: Some(value) } if name == wanted => {
                            let next = stepped_with(&outside.rest(), unit.at(*span), || format!("given to the component as `{name}`"));
                            self.expr(to(*value), &next);
                            return;
                        }
                        JsxAttribute::Spread(value) => {
                            let next = stepped(&outside, unit.at(unit.module[*value].span), "spread into the component here");
                            self.expr(to(*value), &next);
                        }
                        JsxAttribute::Named { .. } => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// A function that is handed to something else: promise callbacks, array methods, event handlers, server routes.
    /// True when the place that takes it says what the parameter is.
    fn handed_over(&mut self, unit: &'w Unit, function: FunctionSite, index: usize, at: Location, cursor: &Cursor) -> bool {
        let Some(value) = unit.function_value(function.function) else { return false };
        let to = |expr| Site { file: unit.file, expr };
        let Some(Node::Expr(parent)) = unit.parents.parent(Node::Expr(value)) else {
            return false;
        };
        match &unit.module[parent].kind {
            ExprKind::Call { callee, args, .. } if args.iter().any(|arg| arg.expr == value) => {
                let callee = unit.uncast(*callee);
                if let ExprKind::Member { object, property, .. } = &unit.module[callee].kind {
                    let mut outside = cursor.clone();
                    outside.frames = None;
                    match (&**property, index) {
                        ("then", 0) => {
                            self.expr(to(*object), &outside);
                            return true;
                        }
                        ("map" | "forEach" | "filter" | "find" | "some" | "every" | "flatMap" | "findLast", 0) => {
                            self.expr(to(*object), &outside.below([Name::from(ANY)]));
                            return true;
                        }
                        ("catch", 0) => return true,
                        ("subscribe", 0) => {
                            self.observed(to(*object), &outside, 0);
                            return true;
                        }
                        _ => {}
                    }
                    if unit.is_route_registration(callee, property) {
                        // A worker's context carries the bindings beside the request: `c.env.API_KEY`.
                        match cursor.path.as_slice() {
                            [env, name, rest @ ..] if &**env == "env" => {
                                let kind = OriginKind::Env { name: name.clone(), mechanism: super::EnvMechanism::Bindings };
                                self.born(at, kind, &cursor.with_path(rest.to_vec()));
                            }
                            _ if matches!(index, 0 | 1) => self.born(at, OriginKind::RequestInput, cursor),
                            _ => {}
                        }
                        return true;
                    }
                }
                false
            }
            // `subscribe({ next: (value) => … })`
            ExprKind::Object(_) if index == 0 && unit.property_of(value).is_some_and(|(_, name)| &*name == "next") => {
                let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(parent)) else { return false };
                let subscribed = unit.called_method(call).is_some_and(|method| &**method == "subscribe");
                let Some(object) = unit.call_receiver(call).filter(|_| subscribed) else { return false };
                let mut outside = cursor.clone();
                outside.frames = None;
                self.observed(to(object), &outside, 0);
                true
            }
            ExprKind::Jsx(_) => {
                // `onChange={(event) => …}` on a plain element: what a person does.
                self.born(at, OriginKind::UserInput, cursor);
                true
            }
            _ => false,
        }
    }
}

/// `UPPER_CASE`, as environment variables are written.
fn is_constant_case(name: &str) -> bool {
    name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The argument at a position, when no spread comes before it.
fn positional(args: &[Element], index: usize) -> Option<&Element> {
    if args.iter().take(index + 1).any(|arg| arg.spread) {
        return None;
    }
    args.get(index)
}

impl<'w> Values<'w> {
    /// The visible calls of a function: by its name here and in the files that import it, by its method name, as a component.
    pub(crate) fn callers(&self, function: FunctionSite) -> Vec<Caller<'w>> {
        let sites = self.workspace.answers.callers(self.level(), function, || {
            self.find_callers(function).iter().map(|caller| Site { file: caller.unit.file, expr: caller.expr }).collect()
        });
        sites.iter().filter_map(|site| Some(Caller { unit: self.unit(site.file)?, expr: site.expr })).collect()
    }

    fn find_callers(&self, function: FunctionSite) -> Vec<Caller<'w>> {
        let mut callers = Vec::new();
        let Some(unit) = self.unit(function.file) else { return callers };
        let function_id = function.function;
        // `const f = useCallback(() => …)`: the wrapper's name is the function's name.
        let name =
            unit.usage.function_name(function_id).cloned().or_else(|| self.wrapper_symbol(unit, function_id).map(FunctionName::Symbol));
        match name {
            Some(FunctionName::Symbol(symbol)) => self.calls_of_symbol(unit, symbol, &mut callers),
            Some(FunctionName::ClassMember { class, name, .. }) => {
                if unit.module[function_id].kind == FunctionKind::Constructor {
                    if let Some(symbol) = unit.module[class].name.and_then(|name| unit.scopes.symbol_of_binding(name)) {
                        self.calls_of_symbol(unit, symbol, &mut callers);
                    }
                } else {
                    self.method_callers(unit, &name, function, &mut callers);
                    self.template_callers(super::ClassSite { file: function.file, class }, &name, &mut callers);
                }
            }
            Some(FunctionName::Property { name, .. }) => {
                self.method_callers(unit, &name, function, &mut callers);
                // `const { connect } = usePhone()`: an object of functions that a hook or store returns.
                self.destructured_callers(unit, &name, function, &mut callers);
                self.selected_callers(unit, &name, function, &mut callers);
            }
            Some(FunctionName::MemberWrite(index)) => {
                if let Some(name) = unit.usage.member_writes().get(index).and_then(|write| write.property()).cloned() {
                    self.method_callers(unit, &name, function, &mut callers);
                }
            }
            None => {}
        }
        // A returned or shared shorthand: `return { connect }` makes `connect` a property as well.
        if let Some(FunctionName::Symbol(symbol)) = unit.usage.function_name(function_id) {
            self.shared_callers(unit, *symbol, function, &mut callers);
        } else if let Some(symbol) = self.wrapper_symbol(unit, function.function) {
            self.shared_callers(unit, symbol, function, &mut callers);
        }
        callers.sort_by_key(|caller| (caller.unit.file, caller.expr));
        callers.dedup_by_key(|caller| (caller.unit.file, caller.expr));
        callers
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
                    if !self.answer(Site { file: unit.file, expr: *callee }).plays(ApiRole::Wrapper) {
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
        callers.extend(unit.usage.calls_of(symbol).iter().chain(unit.usage.jsx_uses(symbol)).map(|expr| Caller { unit, expr: *expr }));
        for (importer, imported) in self.workspace.importing_symbols(unit, symbol) {
            callers.extend(
                importer
                    .usage
                    .calls_of(imported)
                    .iter()
                    .chain(importer.usage.jsx_uses(imported))
                    .map(|expr| Caller { unit: importer, expr: *expr }),
            );
        }
        // Through a namespace: `phone.connect(…)` where `phone` is the module.
        if let Some(name) = unit.scopes.symbol(symbol).map(|symbol| symbol.name.clone())
            && unit.exports_symbol(symbol)
        {
            for importer in self.workspace.importing_units_naming(unit.file, &name, Mention::Member) {
                for call in importer.usage.method_calls(&name) {
                    if self.receiver_is_module(importer, *call, unit) {
                        callers.push(Caller { unit: importer, expr: *call });
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
                    callers.push(Caller { unit: other, expr: *call });
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
                let calls = other.usage.calls_of(*symbol).iter().map(|expr| Caller { unit: other, expr: *expr });
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
            callers.extend(calls.map(|expr| Caller { unit: other, expr: *expr }).filter(|caller| {
                let callee = other.call_callee(caller.expr);
                callee.is_some_and(|callee| self.answer(Site { file: other.file, expr: callee }).functions().any(|of| of == function))
            }));
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

    /// Whether a function is given to an element that the project does not define, as an event handler: `<input onChange={setName} />`,
    /// `<TextInput onChangeText={setName} />`. Then a person calls it.
    pub(crate) fn is_handler_of_foreign_element(&self, passed: Site) -> bool {
        let Some(unit) = self.unit(passed.file) else { return false };
        let Some(Node::Expr(parent)) = unit.parents.parent(Node::Expr(passed.expr)) else { return false };
        let ExprKind::Jsx(element) = &unit.module[parent].kind else { return false };
        let handler = element.attributes.iter().any(|attribute| {
            matches!(attribute, JsxAttribute::Named { name, value: Some(value), .. } if *value == passed.expr && name.starts_with("on"))
        });
        handler
            && match element.tag {
                JsxTag::Intrinsic(_) => true,
                JsxTag::Fragment => false,
                JsxTag::Component(tag) => self
                    .answer(Site { file: unit.file, expr: tag })
                    .facts
                    .iter()
                    .all(|fact| matches!(fact.kind, OriginKind::Package { .. })),
            }
    }

    /// The values that providers of a context give: `<Context.Provider value={…}>`, `<Context value={…}>`, `createContext(default)`.
    pub(crate) fn context_values(&self, context: Site) -> Vec<Site> {
        let mut values = Vec::new();
        let made: Vec<Site> = self
            .answer(context)
            .facts
            .iter()
            .filter_map(|fact| match fact.kind {
                OriginKind::Call(site) if self.call_plays(site, ApiRole::CreateContext) => Some(site),
                _ => None,
            })
            .collect();
        for created in made {
            let Some(unit) = self.unit(created.file) else { continue };
            let Some(symbol) = unit.declared_symbol(created.expr) else { continue };
            let mut holders = vec![(unit, symbol)];
            holders.extend(self.workspace.importing_symbols(unit, symbol));
            for (holder, symbol) in holders {
                for reference in holder.scopes.references(symbol) {
                    values.extend(holder.provider_value(*reference).map(|expr| Site { file: holder.file, expr }));
                }
            }
        }
        values
    }
}

impl Unit {
    /// The expression that makes a function a value (an arrow, a function expression, a method's object property value).
    #[must_use]
    pub fn function_value(&self, function: crate::hir::FunctionId) -> Option<ExprId> {
        match self.parents.parent(Node::Function(function))? {
            Node::Expr(expr) if matches!(self.module[expr].kind, ExprKind::Function(_)) => Some(expr),
            _ => None,
        }
    }

    /// For `const x = expr` (casts allowed): the symbol of `x`.
    #[must_use]
    pub fn declared_symbol(&self, expr: ExprId) -> Option<SymbolId> {
        let mut node = Node::Expr(expr);
        let mut inner = expr;
        loop {
            match self.parents.parent(node)? {
                Node::Stmt(statement) => {
                    let StmtKind::Declare { declarators, .. } = &self.module[statement].kind else { return None };
                    let (pat, _) = declarators.iter().find(|(_, init)| *init == Some(inner))?;
                    return match self.module[*pat].kind {
                        PatKind::Binding(binding) => self.scopes.symbol_of_binding(binding),
                        _ => None,
                    };
                }
                Node::Expr(outer) if matches!(self.module[outer].kind, ExprKind::Cast { .. } | ExprKind::Await(_)) => {
                    node = Node::Expr(outer);
                    inner = outer;
                }
                _ => return None,
            }
        }
    }

    /// The callee of a call.
    #[must_use]
    pub fn call_callee(&self, call: ExprId) -> Option<ExprId> {
        match &self.module[call].kind {
            ExprKind::Call { callee, .. } | ExprKind::New { callee, .. } => Some(*callee),
            _ => None,
        }
    }

    /// The object of a method call.
    #[must_use]
    pub fn call_receiver(&self, call: ExprId) -> Option<ExprId> {
        match &self.module[self.uncast(self.call_callee(call)?)].kind {
            ExprKind::Member { object, .. } | ExprKind::Index { object, .. } => Some(*object),
            _ => None,
        }
    }

    /// The name of the method that a call calls.
    #[must_use]
    pub fn called_method(&self, call: ExprId) -> Option<&Name> {
        match &self.module[self.uncast(self.call_callee(call)?)].kind {
            ExprKind::Member { property, .. } => Some(property),
            _ => None,
        }
    }

    /// Whether a symbol is exported under any name.
    #[must_use]
    pub fn exports_symbol(&self, symbol: SymbolId) -> bool {
        self.module.exports.iter().any(|export| match &export.kind {
            crate::hir::ExportKind::Binding { binding, .. } => self.scopes.symbol_of_binding(*binding) == Some(symbol),
            crate::hir::ExportKind::Expr { expr, .. } => self.scopes.symbol_of_expr(*expr) == Some(symbol),
            _ => false,
        })
    }

    /// For a reference to a context: the value of the provider element that it is the tag of.
    fn provider_value(&self, reference: ExprId) -> Option<ExprId> {
        let mut node = Node::Expr(reference);
        for _ in 0..2 {
            let Node::Expr(parent) = self.parents.parent(node)? else { return None };
            match &self.module[parent].kind {
                ExprKind::Member { property, .. } if &**property == "Provider" => node = Node::Expr(parent),
                ExprKind::Jsx(element) => {
                    return element.attributes.iter().find_map(|attribute| match attribute {
                        JsxAttribute::Named { name, value, .. } if &**name == "value" => *value,
                        _ => None,
                    });
                }
                _ => return None,
            }
        }
        None
    }
}
