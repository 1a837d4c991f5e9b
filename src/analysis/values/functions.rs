//! Parameters: back to the arguments. A bound frame answers at once; otherwise every visible caller counts (`callers`), and the places
//! that take callbacks.

use super::callers::{Caller, Given};
use super::calls::{stepped, stepped_as, stepped_with};
use super::walk::ANY;
use super::{BoundArg, CALLERS, Cursor, FunctionSite, OriginKind, Site, Values, Walk};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::catalog::apis::ApiRole;
use crate::finding::StepKind;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, JsxAttribute, JsxTag, Name, PatKind, StmtKind};
use crate::source::Location;

impl<'w> Walk<'w> {
    pub(crate) fn param(&mut self, function: FunctionSite, index: usize, rest: bool, at: Location, cursor: &Cursor) {
        let bound =
            std::iter::successors(cursor.frames.as_ref(), |frame| frame.outer.as_ref()).find(|frame| frame.function == function).cloned();
        if let Some(frame) = bound {
            if !rest {
                self.bound_argument(&frame, index, at, cursor);
            } else if let Some(position) = cursor.head().and_then(|head| head.parse::<usize>().ok()) {
                self.bound_argument(&frame, index + position, at, &cursor.rest());
            } else if cursor.head().is_some_and(|head| &**head == ANY) {
                for position in index..frame.args.len() {
                    self.bound_argument(&frame, position, at, &cursor.rest());
                }
            }
            return;
        }
        self.context.depends_on(function);
        let Some(unit) = self.values.unit(function.file) else { return };
        if self.initialiser_param(unit, function, index, cursor) || self.slice_param(unit, function, index, cursor) {
            return;
        }
        let before = self.origins.len();
        let callers = self.values.calls_into(function);
        for caller in callers.iter().take(CALLERS) {
            self.argument_of(*caller, index, rest, cursor);
        }
        if callers.len() > CALLERS {
            self.limited = true;
        }
        if self.handed_over(unit, function, index, at, cursor) || self.setup_props(unit, function.function, index, cursor) {
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

    /// What a call binds a position to.
    fn bound_argument(&mut self, frame: &super::Frame, index: usize, at: Location, cursor: &Cursor) {
        // A spread is the last that is bound: the arguments from it on are its elements.
        let spread = frame.args.len().checked_sub(1).filter(|last| index >= *last);
        match (spread, spread.and_then(|last| frame.args.get(last)), frame.args.get(index)) {
            (Some(last), Some(BoundArg::Spread(site)), _) => {
                let mut next = cursor.below([Name::from((index - last).to_string())]);
                next.frames.clone_from(&frame.outer);
                self.expr(*site, &next);
            }
            (_, _, Some(BoundArg::Opaque)) => self.born(at, OriginKind::Param(frame.function, index), cursor),
            (_, _, Some(arg)) => self.bound(arg, &frame.outer, cursor),
            (_, _, None) => {}
        }
    }

    pub(super) fn argument_of(&mut self, caller: Caller<'w>, index: usize, rest: bool, cursor: &Cursor) {
        let unit = caller.unit;
        let to = |expr| Site { file: unit.file, expr };
        let mut outside = cursor.clone();
        outside.frames = None;
        match &unit.module[caller.expr].kind {
            ExprKind::Assign { value, .. } if index == 0 => {
                let mut next =
                    stepped_as(&outside, unit.at(unit.module[caller.expr].span), StepKind::Argument, || "assigned here".to_owned());
                next.under(self.values.around(unit, Node::Expr(caller.expr)));
                self.expr(to(*value), &next);
            }
            ExprKind::Call { args, .. } | ExprKind::New { args, .. } => {
                let mut next = stepped_as(&outside, unit.at(unit.module[caller.expr].span), StepKind::Argument, || {
                    format!("passed to `{}` here", unit.callee_text(caller.expr))
                });
                next.under(self.values.around(unit, Node::Expr(caller.expr)));
                match (rest, cursor.head().map(|head| head.parse::<usize>())) {
                    (false, _) => self.given(caller, args, index, &next),
                    (true, Some(Ok(position))) => self.given(caller, args, index + position, &next.rest()),
                    (true, Some(Err(_))) if cursor.head().is_some_and(|head| &**head == ANY) => {
                        for position in index..args.len().max(index + 1) {
                            self.given(caller, args, position, &next.rest());
                        }
                    }
                    (true, _) => {}
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

    /// The argument for a position, as the call gives it.
    fn given(&mut self, caller: Caller<'w>, args: &[Element], index: usize, cursor: &Cursor) {
        let to = |expr| Site { file: caller.unit.file, expr };
        let before = |skipped: usize, bound: usize| (index + skipped).checked_sub(bound);
        match caller.given {
            Given::Listed { skipped, bound } => {
                let Some(position) = before(usize::from(skipped), usize::from(bound)) else { return };
                match args.iter().position(|arg| arg.spread) {
                    Some(spread) if spread <= position => {
                        if let Some(arg) = args.get(spread) {
                            self.expr(to(arg.expr), &cursor.below([Name::from((position - spread).to_string())]));
                        }
                    }
                    _ => {
                        if let Some(arg) = args.get(position) {
                            self.expr(to(arg.expr), cursor);
                        }
                    }
                }
            }
            Given::Array => {
                if let Some(arg) = args.get(1).filter(|arg| !arg.spread) {
                    self.expr(to(arg.expr), &cursor.below([Name::from(index.to_string())]));
                }
            }
        }
    }

    /// A function that is handed to something else: promise callbacks, array methods, event handlers, server routes.
    /// True when the place that takes it says what the parameter is.
    fn handed_over(&mut self, unit: &'w Unit, function: FunctionSite, index: usize, at: Location, cursor: &Cursor) -> bool {
        let mut says = false;
        for (holder, value) in self.values.places_of(unit, function) {
            says |= self.handed_over_at(holder, value, index, at, cursor);
        }
        says
    }

    fn handed_over_at(&mut self, unit: &'w Unit, value: ExprId, index: usize, at: Location, cursor: &Cursor) -> bool {
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
                    let first = args.first().is_some_and(|first| first.expr == value);
                    match (&**property, index) {
                        ("then", 0) if first => {
                            self.expr(to(*object), &outside);
                            return true;
                        }
                        ("map" | "forEach" | "filter" | "find" | "some" | "every" | "flatMap" | "findLast", 0) => {
                            self.expr(to(*object), &outside.below([Name::from(ANY)]));
                            return true;
                        }
                        ("reduce" | "reduceRight", 1) => {
                            self.expr(to(*object), &outside.below([Name::from(ANY)]));
                            return true;
                        }
                        ("reduce" | "reduceRight", 0) => {
                            if let Some(start) = args.get(1).filter(|start| !start.spread) {
                                self.expr(to(start.expr), &outside);
                            }
                            return true;
                        }
                        ("then" | "catch", 0) => return true,
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
            ExprKind::Jsx(element) => {
                // `onChange={(event) => …}` on a plain element: what a person does. Children that are functions are called by the element.
                let inline = matches!(unit.module[value].kind, ExprKind::Function(_));
                let attribute = element
                    .attributes
                    .iter()
                    .any(|attribute| matches!(attribute, JsxAttribute::Named { value: Some(given), .. } if *given == value));
                if !inline && !attribute {
                    return false;
                }
                if self.values.calls_of_passed(to(value)).is_empty() {
                    self.born(at, OriginKind::UserInput, cursor);
                }
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

impl<'w> Values<'w> {
    /// The calls made of a function that is passed on as an argument or JSX attribute: `<Login onLogin={setUser} />` → `onLogin(user)`.
    pub(crate) fn calls_of_passed(&self, passed: Site) -> Vec<(&'w Unit, ExprId)> {
        let mut calls = Vec::new();
        let Some(unit) = self.unit(passed.file) else { return calls };
        let Some(Node::Expr(parent)) = unit.parents.parent(Node::Expr(passed.expr)) else { return calls };
        let ExprKind::Jsx(element) = &unit.module[parent].kind else { return calls };
        let JsxTag::Component(tag) = element.tag else { return calls };
        let Some(attribute) = element.attributes.iter().find_map(|attribute| match attribute {
            JsxAttribute::Named { name, value: Some(value), .. } if *value == passed.expr => Some(name.clone()),
            _ => None,
        }) else {
            return calls;
        };
        for fact in &self.answer(Site { file: unit.file, expr: tag }).facts {
            let OriginKind::Function(component) = fact.kind else { continue };
            let Some(other) = self.unit(component.file) else { continue };
            for symbol in other.destructured(&attribute) {
                calls.extend(other.usage.calls_of(*symbol).iter().map(|call| (other, *call)));
            }
            calls.extend(other.usage.method_calls(&attribute).iter().map(|call| (other, *call)));
        }
        calls
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
