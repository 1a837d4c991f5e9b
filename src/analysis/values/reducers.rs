//! Reducers: `useReducer`, and Redux with its toolkit: slices, thunks, selectors.
//!
//! A reducer is a function `(state, action) => state`. What a member of the state can be is what the reducer's returns, or its writes to
//! the state that it is given, make of the actions that are dispatched. An action with a constant `type` reaches only the cases of that type.

use std::rc::Rc;

use super::calls::stepped_with;
use super::containers::{Container, STATE};
use super::holders::Holders;
use super::{BoundArg, Cursor, FunctionSite, OriginKind, Site, Values, Walk};
use crate::analysis::mentions::Mention;
use crate::analysis::unit::Unit;
use crate::catalog::apis::ApiRole;
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExprId, ExprKind, Name, Property, StmtKind};
use crate::source::FileId;

/// How deep reducers of reducers are followed.
const NESTED: u8 = 8;

impl<'w> Walk<'w> {
    /// `useReducer(reducer, initial, init)`: the first state, and what the reducer makes of every dispatched action.
    pub(super) fn reducer_state(&mut self, made: Site, [reducer, initial, init]: [Option<Site>; 3], cursor: &Cursor) {
        let cursor = &self.kept_in(made, cursor, Container::State);
        match (initial, init) {
            (Some(initial), Some(init)) => self.result_of(init, made, &[BoundArg::Value(initial, Vec::new())], cursor),
            (Some(initial), None) => self.expr(initial, cursor),
            _ => {}
        }
        let Some(reducer) = reducer else { return };
        let reducers = self.ask(reducer, cursor);
        for change in self.values.changes(made).iter() {
            if self.is_spent() {
                return;
            }
            let Some(unit) = self.values.unit(change.at.file) else { continue };
            let kind = self.values.property_value(change.value, "type").and_then(|kind| self.values.constant_string(kind));
            let next = stepped_with(cursor, unit.at(unit.module[change.at.expr].span), || match &kind {
                Some(kind) => format!("set by the action `{kind}`"),
                None => "set by the action that is dispatched here".to_owned(),
            });
            for function in reducers.functions() {
                let args = vec![BoundArg::Followed, BoundArg::Value(change.value, Vec::new())];
                self.updated(function, change.at, args, kind.as_deref(), &next);
            }
        }
    }

    /// The state that a reducer keeps: an object of reducers, a slice's, or a function's.
    pub(super) fn reduced(&mut self, reducer: Site, cursor: &Cursor, nested: u8) {
        if nested > NESTED || self.is_spent() {
            return;
        }
        let reducers = self.ask(reducer, cursor);
        for fact in &reducers.facts {
            match fact.kind {
                OriginKind::Object(object) => {
                    let Some(head) = cursor.head() else { continue };
                    if let Some(inner) = self.values.property_value(object, head) {
                        self.reduced(inner, &cursor.rest(), nested + 1);
                    }
                }
                OriginKind::Call(made) => {
                    let roles = self.values.roles_of_made(made);
                    let Some(unit) = self.values.unit(made.file) else { continue };
                    if roles.contains(ApiRole::Slice) {
                        self.expr(made, &cursor.below([Name::from("reducer"), Name::from(STATE)]));
                    } else if roles.contains(ApiRole::CombineReducers) {
                        if let Some(inner) = unit.argument(made.expr, 0) {
                            self.reduced(inner, cursor, nested + 1);
                        }
                    } else if roles.contains(ApiRole::PersistReducer)
                        && let Some(inner) = unit.argument(made.expr, 1)
                    {
                        self.reduced(inner, cursor, nested + 1);
                    }
                }
                OriginKind::Function(function) => {
                    let args = vec![BoundArg::Followed, BoundArg::Opaque];
                    self.updated(function, reducer, args, None, cursor);
                }
                _ => {}
            }
        }
    }

    /// What a function makes of the state that it is given: what it returns, and what it writes to its first parameter.
    pub(super) fn updated(&mut self, function: FunctionSite, call: Site, args: Vec<BoundArg>, kind: Option<&str>, cursor: &Cursor) {
        let Some(unit) = self.values.unit(function.file) else { return };
        let Some(next) = self.entered(function, call, args, cursor) else { return };
        self.made_of_state(unit, function, kind, &next);
    }

    fn made_of_state(&mut self, unit: &'w Unit, function: FunctionSite, kind: Option<&str>, cursor: &Cursor) {
        let reaches = |node| kind.is_none_or(|kind| self.values.is_case_of(unit, function, node, kind));
        let returned: Vec<ExprId> =
            unit.usage.returns(function.function).iter().copied().filter(|returned| reaches(Node::Expr(*returned))).collect();
        let state = unit.module[function.function].params.first().and_then(|param| unit.binding_symbol(param.pat));
        let writes = state.into_iter().flat_map(|state| unit.usage.member_writes_of(state));
        let writes: Vec<_> = writes.filter(|write| write.expr.is_none_or(|expr| reaches(Node::Expr(expr)))).collect();
        for returned in returned {
            let mut here = cursor.clone();
            here.trail = here.trail.step(unit.at(unit.module[returned].span), "returned here");
            self.expr(Site { file: unit.file, expr: returned }, &here);
        }
        for write in writes {
            self.member_written(unit, write, cursor);
        }
    }

    /// The state of `createSlice({ initialState, reducers, extraReducers })`.
    pub(super) fn slice(&mut self, made: Site, cursor: &Cursor) {
        let Some(unit) = self.values.unit(made.file) else { return };
        let Some(options) = unit.argument(made.expr, 0) else { return };
        let cursor = &self.kept_in(made, cursor, Container::Slice);
        self.expr(options, &cursor.below([Name::from("initialState")]));
        let mut reducers = Vec::new();
        for part in ["reducers", "extraReducers"] {
            let Some(value) = self.values.property_value(options, part) else { continue };
            let expr = unit.uncast(value.expr);
            match &unit.module[expr].kind {
                ExprKind::Object(properties) => {
                    for property in properties {
                        if let Property::Value { value, .. } = property {
                            let prepared = self.values.property_value(Site { file: made.file, expr: *value }, "reducer");
                            reducers.push(prepared.map_or(*value, |prepared| prepared.expr));
                        }
                    }
                }
                // `(builder) => builder.addCase(…)`
                ExprKind::Function(builder) => {
                    for call in unit.added_cases(*builder) {
                        reducers.extend(unit.argument(call, 1).map(|reducer| reducer.expr));
                    }
                }
                _ => {}
            }
        }
        for reducer in reducers {
            let ExprKind::Function(function) = unit.module[unit.uncast(reducer)].kind else { continue };
            if self.is_spent() {
                return;
            }
            let action = unit.property_of(reducer).map(|(_, name)| name);
            let next = stepped_with(cursor, unit.at(unit.module[reducer].span), || match action {
                Some(action) => format!("set by the action `{action}`"),
                None => "set by this reducer".to_owned(),
            });
            self.made_of_state(unit, FunctionSite { file: made.file, function }, None, &next);
        }
    }

    /// The parameters of a slice's reducer: the state, and the action with what its calls are given. False when the function is none.
    pub(super) fn slice_param(&mut self, unit: &'w Unit, function: FunctionSite, index: usize, cursor: &Cursor) -> bool {
        let Some((slice, action)) = self.values.slice_around(unit, function) else { return false };
        match (index, cursor.head().map(AsRef::as_ref)) {
            (0, _) => self.expr(slice, &cursor.below([Name::from("reducer"), Name::from(STATE)])),
            (1, Some("payload")) => self.payload(action, &cursor.rest()),
            _ => {}
        }
        true
    }

    fn payload(&mut self, action: ActionRef, cursor: &Cursor) {
        let (slice, name) = match action {
            ActionRef::Own(slice, name) => (slice, name),
            ActionRef::Of(action) => {
                let actions = self.values.answer(action);
                for fact in &actions.facts {
                    let OriginKind::Call(made) = fact.kind else { continue };
                    match fact.path.iter().map(AsRef::as_ref).collect::<Vec<_>>().as_slice() {
                        ["fulfilled"] => self.thunk(made, cursor),
                        ["actions", name] => self.payload(ActionRef::Own(made, Name::from(*name)), cursor),
                        _ => {}
                    }
                }
                return;
            }
        };
        for call in self.values.action_calls(slice, &name) {
            let Some(caller) = self.values.unit(call.file) else { continue };
            if let Some(argument) = caller.argument(call.expr, 0) {
                let mut next =
                    stepped_with(cursor, caller.at(caller.module[call.expr].span), || format!("given to the action `{name}` here"));
                next.frames = None;
                next.development_only |= self.values.is_development_guarded(caller, Node::Expr(call.expr));
                self.expr(argument, &next);
            }
        }
    }

    /// `createAsyncThunk(name, function)`: what the function gives.
    pub(super) fn thunk(&mut self, made: Site, cursor: &Cursor) {
        let Some(function) = self.values.unit(made.file).and_then(|unit| unit.argument(made.expr, 1)) else { return };
        let mut next = self.kept_in(made, cursor, Container::Thunk);
        next.frames = None;
        self.result_of(function, made, &[], &next);
    }

    /// What a selector gives of a state: a function of it, or a selector that others make.
    pub(super) fn apply_selector(&mut self, selector: Site, state: &BoundArg, call: Site, cursor: &Cursor) {
        let selectors = self.ask(selector, cursor);
        for fact in &selectors.facts {
            match fact.kind {
                OriginKind::Function(function) => self.enter_bound(function, call, vec![state.clone()], cursor),
                OriginKind::Call(made) if self.values.call_plays(made, ApiRole::Selector) => {
                    let Some(unit) = self.values.unit(made.file) else { continue };
                    let Some((of, inputs)) = unit.composed_selector(made.expr) else { continue };
                    let at = |expr| Site { file: made.file, expr };
                    let state = Rc::new(state.clone());
                    let args: Vec<BoundArg> = inputs.into_iter().map(|input| BoundArg::Selected(at(input), Rc::clone(&state))).collect();
                    self.result_of(at(of), call, &args, cursor);
                }
                _ => {}
            }
        }
    }

    /// `useSelector(selector)`: the selector on the state of the app's store.
    pub(super) fn select(&mut self, unit: &'w Unit, site: Site, selector: Option<Site>, cursor: &Cursor) {
        let before = self.origins.len();
        if let Some(selector) = selector {
            for store in self.values.redux_stores(unit.file) {
                self.apply_selector(selector, &BoundArg::Value(store, vec![Name::from(STATE)]), site, cursor);
            }
        }
        if self.origins.len() == before {
            self.born(unit.at(unit.module[site.expr].span), OriginKind::Call(site), cursor);
        }
    }
}

/// Which action a slice's reducer answers.
enum ActionRef {
    /// The one of the slice that has the reducer's name.
    Own(Site, Name),
    /// The one that an expression is.
    Of(Site),
}

impl<'w> Values<'w> {
    /// The slice whose reducer a function is, and the action that it answers.
    fn slice_around(&self, unit: &'w Unit, function: FunctionSite) -> Option<(Site, ActionRef)> {
        let value = unit.function_value(function.function)?;
        let at = |expr| Site { file: unit.file, expr };
        if let Some((mut object, mut name)) = unit.property_of(value) {
            if &*name == "reducer" {
                (object, name) = unit.property_of(object)?;
            }
            let (options, part) = unit.property_of(object)?;
            let slice = at(unit.argument_of_call(options)?);
            let is_slice = matches!(&*part, "reducers") && self.call_plays(slice, ApiRole::Slice);
            return is_slice.then_some((slice, ActionRef::Own(slice, name)));
        }
        // `builder.addCase(action, (state, action) => …)`
        let Node::Expr(call) = unit.parents.parent(Node::Expr(value))? else { return None };
        let added = unit.called_method(call).is_some_and(|method| matches!(&**method, "addCase" | "addMatcher"));
        let action = unit.argument(call, 0).filter(|_| added)?;
        let slice = unit.parents.ancestors(Node::Expr(call)).find_map(|outer| match outer {
            Node::Expr(outer) if matches!(unit.module[outer].kind, ExprKind::Call { .. }) => {
                Some(at(outer)).filter(|outer| self.call_plays(*outer, ApiRole::Slice))
            }
            _ => None,
        })?;
        Some((slice, ActionRef::Of(action)))
    }

    /// The calls of a slice's action, wherever it goes by its name.
    fn action_calls(&self, slice: Site, name: &Name) -> Vec<Site> {
        let Some(unit) = self.unit(slice.file) else { return Vec::new() };
        let mut holders = Holders::default();
        let mut units = vec![unit];
        for mention in [Mention::Taken, Mention::Member] {
            units.extend(self.workspace.importing_units_deep_naming(unit.file, name, mention));
        }
        units.sort_by_key(|unit| unit.file);
        units.dedup_by_key(|unit| unit.file);
        for other in units {
            for symbol in other.destructured(name) {
                holders.symbols.push((other, *symbol, false));
                holders
                    .symbols
                    .extend(self.workspace.importing_symbols(other, *symbol).into_iter().map(|(unit, symbol)| (unit, symbol, false)));
            }
            holders.properties.push((other, name.clone()));
        }
        self.calls_of_held(&holders, slice, &["actions", name])
    }

    /// The Redux stores of the package that a file belongs to; the only one of the project where its package has none.
    fn redux_stores(&self, file: FileId) -> Vec<Site> {
        let package = |file| self.workspace.project.package_of(file).map(|package| package.folder.clone());
        let all = self.calls_playing(ApiRole::ReduxStore);
        let own: Vec<Site> = all.iter().copied().filter(|store| package(store.file) == package(file)).collect();
        match (own.is_empty(), &*all) {
            (true, [only]) => vec![*only],
            _ => own,
        }
    }

    /// Whether code of a reducer runs for actions of this type, as far as a `switch` or `if` around it tells.
    fn is_case_of(&self, unit: &Unit, function: FunctionSite, node: Node, kind: &str) -> bool {
        let text = |test: ExprId| self.constant_string(Site { file: unit.file, expr: test });
        let mut inner = node;
        for outer in unit.parents.ancestors(node) {
            match outer {
                Node::Function(at) if at == function.function => return true,
                Node::Stmt(stmt) => match &unit.module[stmt].kind {
                    StmtKind::Switch { cases, .. } => {
                        let Some(at) = cases.iter().position(|(_, body)| body.iter().any(|stmt| inner == Node::Stmt(*stmt))) else {
                            continue;
                        };
                        // Cases without statements of their own share those of the next one.
                        let shared = cases.iter().take(at).rev().take_while(|(_, body)| body.is_empty());
                        let tests: Vec<Option<ExprId>> = cases.get(at).into_iter().chain(shared).map(|(test, _)| *test).collect();
                        let named = |test: &Option<ExprId>| test.is_some_and(|test| text(test).is_none_or(|text| &*text == kind));
                        let is_default = tests.iter().any(Option::is_none) && !cases.iter().any(|(test, _)| named(test));
                        if !is_default && !tests.iter().any(named) {
                            return false;
                        }
                    }
                    StmtKind::If { test, then, .. } => {
                        if let ExprKind::Binary { op: BinaryOp::StrictEqual, left, right } = &unit.module[*test].kind
                            && matches!(&unit.module[unit.uncast(*left)].kind, ExprKind::Member { property, .. } if &**property == "type")
                            && text(*right).is_some_and(|text| &*text != kind)
                            && inner == Node::Stmt(*then)
                        {
                            return false;
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
            inner = outer;
        }
        true
    }
}

impl Unit {
    /// The `addCase` and `addMatcher` calls in a function.
    fn added_cases(&self, builder: crate::hir::FunctionId) -> Vec<ExprId> {
        let calls = ["addCase", "addMatcher"].into_iter().flat_map(|method| self.usage.method_calls(method));
        calls.copied().filter(|call| self.parents.is_within(Node::Expr(*call), Node::Function(builder))).collect()
    }

    /// The function of `createSelector(selectors…, function)` or `createSelector([selectors…], function)`, and its selectors.
    fn composed_selector(&self, call: ExprId) -> Option<(ExprId, Vec<ExprId>)> {
        let ExprKind::Call { args, .. } = &self.module[call].kind else { return None };
        let function = args.iter().rposition(|arg| matches!(self.module[self.uncast(arg.expr)].kind, ExprKind::Function(_)))?;
        let before = args.get(..function)?;
        let inputs = match before {
            [only] => match &self.module[self.uncast(only.expr)].kind {
                ExprKind::Array(elements) => elements.iter().map(|element| element.expr).collect(),
                _ => vec![only.expr],
            },
            _ => before.iter().map(|arg| arg.expr).collect(),
        };
        Some((args.get(function)?.expr, inputs))
    }

    /// The call that an expression is the first argument of.
    fn argument_of_call(&self, value: ExprId) -> Option<ExprId> {
        let Node::Expr(call) = self.parents.parent(Node::Expr(value))? else { return None };
        let ExprKind::Call { args, .. } = &self.module[call].kind else { return None };
        args.first().is_some_and(|first| first.expr == value).then_some(call)
    }
}
