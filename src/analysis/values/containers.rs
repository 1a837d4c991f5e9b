//! Containers: what keeps a value apart from the code that sets it: component state, stores, atoms, observable values.
//!
//! A container is known by the call that makes it, its *maker*. The walk asks a maker for segments that no program can write: below
//! [`STATE`] lies what it keeps, [`SET`] and [`GET`] stand for the functions that it hands to its initialiser. A question below `STATE`
//! is answered by the initial value and by every change ([`Values::changes`]): the calls of its setters, wherever they are made.

use std::sync::Arc;

use super::calls::stepped_with;
use super::holders::Holders;
use super::{BoundArg, Cursor, FunctionSite, OriginKind, Site, Values, Walk};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberWrite};
use crate::catalog::apis::{ApiRole, ApiRoles};
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, JsxAttribute, JsxTag, Language, Name, Property, PropertyKey};

/// Below this lies what a container keeps.
pub(crate) const STATE: &str = "[state]";
/// The function that changes the state, as it is given to what makes the first one.
pub(crate) const SET: &str = "[set]";
/// The function that reads the state, as it is given to what makes the first one.
pub(crate) const GET: &str = "[get]";
/// Below this each element of an array is a container, whose state is asked for.
pub(crate) const EACH: &str = "[each]";

/// Methods of observable values that change them.
const CHANGING: &[&str] = &["set", "next", "update"];
/// How many changes of one container are followed.
const CHANGES: usize = 200;

/// A place where what a container keeps is changed.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The call or assignment.
    pub(crate) at: Site,
    /// The new value, or the function that makes it of the old one.
    pub(crate) value: Site,
    /// Which part is changed; empty for all of it.
    pub(crate) part: Vec<Name>,
}

impl Change {
    fn whole(at: Site, value: Site) -> Self {
        Self { at, value, part: Vec::new() }
    }
}

impl<'w> Walk<'w> {
    /// Calls of what makes a container, and of what a container hands out. False when the call is none of them.
    pub(super) fn container(&mut self, unit: &'w Unit, site: Site, args: &[Element], roles: ApiRoles, cursor: &Cursor) -> bool {
        let arg = |index: usize| unit.argument(site.expr, index);
        let head = cursor.head().map(|head| head.as_ref().to_owned());
        let head = head.as_deref();
        let inner = cursor.rest();
        let at = unit.at(unit.module[site.expr].span);
        let is = |role| roles.contains(role);
        if is(ApiRole::Store) && !args.is_empty() {
            match head {
                Some(STATE) => self.store(site, arg(0), &inner),
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::Atom) {
            match head {
                Some(STATE) => self.atom(unit, site, arg(0), is(ApiRole::StorageRead), &inner),
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::Cell) {
            match head {
                Some(STATE) => {
                    if let Some(first) = arg(0) {
                        self.expr(first, &inner);
                    }
                    self.changed(site, &inner);
                }
                Some("value") => self.expr(site, &inner.below([Name::from(STATE)])),
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::Derived) {
            match (head, arg(0), arg(1)) {
                (Some(STATE), Some(of), Some(made)) => {
                    let many = matches!(unit.module[unit.uncast(of.expr)].kind, ExprKind::Array(_));
                    let prefix = Name::from(if many { EACH } else { STATE });
                    self.result_of(made, site, &[BoundArg::Value(of, vec![prefix])], &inner);
                }
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::Slice) {
            match (head, cursor.path.get(1).map(AsRef::as_ref)) {
                (Some("reducer"), Some(STATE)) => self.slice(site, &inner.rest()),
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::ReduxStore) {
            match (head, arg(0)) {
                (Some(STATE), Some(options)) => {
                    let reducer = self.values.property_value(options, "reducer").unwrap_or(options);
                    self.reduced(reducer, &inner, 0);
                }
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::DefineStore) {
            match head {
                Some(STATE) => self.defined_store(unit, site, &inner),
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::Reducer) {
            match head {
                Some("0") => self.reducer_state(site, [arg(0), arg(1), arg(2)], &inner),
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::UseAtom) || is(ApiRole::AtomValue) {
            let pair = is(ApiRole::UseAtom);
            match (head, arg(0)) {
                (Some("1"), _) if pair => self.born(at, OriginKind::Call(site), cursor),
                (Some("0"), Some(atom)) if pair => self.expr(atom, &inner.below([Name::from(STATE)])),
                (_, Some(atom)) if !pair => self.expr(atom, &cursor.below([Name::from(STATE)])),
                _ => {}
            }
        } else if is(ApiRole::UseStore) {
            if let Some(store) = arg(0) {
                self.selected(store, arg(1), site, cursor);
            }
        } else if is(ApiRole::Select) {
            self.select(unit, site, arg(0), cursor);
        } else if is(ApiRole::Observed) {
            if let Some(first) = arg(0) {
                self.observed(first, cursor, 0);
            }
        } else if is(ApiRole::ToRefs) {
            match (arg(0), cursor.path.as_slice()) {
                (Some(of), [name, value, below @ ..]) if &**value == "value" => {
                    let path = std::iter::once(name.clone()).chain(below.iter().cloned()).collect();
                    self.expr(of, &cursor.with_path(path));
                }
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::ToRef) {
            if head == Some("value")
                && let Some(of) = arg(0)
            {
                match arg(1).and_then(|key| self.values.constant_key(key)) {
                    Some(key) => self.expr(of, &inner.below([key])),
                    None => self.result_of(of, site, &[], &inner),
                }
            }
        } else if is(ApiRole::Inject) {
            self.injected(unit, site, arg(0), arg(1), cursor);
        } else if is(ApiRole::InjectService) {
            if let Some(token) = arg(0) {
                self.service(token, site, cursor);
            }
        } else if is(ApiRole::Props) {
            self.given_by_parents(unit, at, cursor);
        } else if [ApiRole::AtomSetter, ApiRole::ToSignal, ApiRole::SelectFactory, ApiRole::Dispatcher, ApiRole::Thunk].into_iter().any(is)
        {
            self.born(at, OriginKind::Call(site), cursor);
        } else {
            return false;
        }
        true
    }

    /// Calls of what a container handed out: `useAuth(selector)`, `get()`, `token()`, `actions.setToken(value)`.
    pub(super) fn handle(&mut self, unit: &'w Unit, site: Site, made: Site, path: &[Name], cursor: &Cursor) -> bool {
        let roles = self.values.roles_of_made(made);
        let Some(maker) = self.values.unit(made.file) else { return false };
        let arg = |index: usize| unit.argument(site.expr, index);
        let made_arg = |index: usize| maker.argument(made.expr, index);
        let is = |role| roles.contains(role);
        let path: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
        match path.as_slice() {
            [] if is(ApiRole::Store) && !self.values.is_bare_call(made) => self.selected(made, arg(0), site, cursor),
            [] if is(ApiRole::DefineStore) || is(ApiRole::Cell) => self.expr(made, &cursor.below([Name::from(STATE)])),
            [] if is(ApiRole::Computed) => {
                if let Some(made_by) = made_arg(0) {
                    self.result_of(made_by, made, &[], cursor);
                }
            }
            [] if is(ApiRole::ToSignal) => {
                if let Some(of) = made_arg(0) {
                    self.observed(of, cursor, 0);
                }
            }
            [] if is(ApiRole::SelectFactory) => self.select(unit, site, arg(0), cursor),
            // `useDispatch.withTypes()` gives the hook, the hook gives the function.
            [] if is(ApiRole::Dispatcher) => match arg(0) {
                Some(action) => self.expr(action, cursor),
                None => self.born(unit.at(unit.module[site.expr].span), OriginKind::Call(site), cursor),
            },
            [] if is(ApiRole::Thunk) => {
                let inner = if cursor.head().is_some_and(|head| &**head == "payload") { cursor.rest() } else { cursor.clone() };
                self.thunk(made, &inner);
            }
            [] if is(ApiRole::AtomSetter) => {}
            [GET] if is(ApiRole::Store) => self.expr(made, &cursor.below([Name::from(STATE)])),
            [GET] if is(ApiRole::Atom) => {
                if let Some(atom) = arg(0) {
                    self.expr(atom, &cursor.below([Name::from(STATE)]));
                }
            }
            [SET] | ["1"] => {}
            ["actions", _] if is(ApiRole::Slice) => {
                if cursor.head().is_some_and(|head| &**head == "payload")
                    && let Some(payload) = arg(0)
                {
                    self.expr(payload, &cursor.rest());
                }
            }
            _ => return false,
        }
        true
    }

    /// The state of a store, through a selector where there is one.
    fn selected(&mut self, store: Site, selector: Option<Site>, call: Site, cursor: &Cursor) {
        match selector {
            Some(selector) => self.result_of(selector, call, &[BoundArg::Value(store, vec![Name::from(STATE)])], cursor),
            None => self.expr(store, &cursor.below([Name::from(STATE)])),
        }
    }

    /// `create((set, get) => state)`: the first state, and every change.
    fn store(&mut self, made: Site, initial: Option<Site>, cursor: &Cursor) {
        let Some(initial) = initial else { return };
        let cursor = &self.kept_in(made, cursor, "store");
        let handed = |name: Option<&str>| BoundArg::Value(made, name.map(Name::from).into_iter().collect());
        let args = [handed(Some(SET)), handed(Some(GET)), handed(None)];
        let first = self.ask(initial, cursor);
        for fact in &first.facts {
            match fact.kind {
                OriginKind::Function(function) => self.enter_bound(function, made, args.to_vec(), cursor),
                OriginKind::Call(call) if self.values.call_plays(call, ApiRole::Combine) => {
                    let Some(unit) = self.values.unit(call.file) else { continue };
                    if let Some(state) = unit.argument(call.expr, 0) {
                        self.expr(state, cursor);
                    }
                    if let Some(more) = unit.argument(call.expr, 1) {
                        self.result_of(more, made, &args, cursor);
                    }
                }
                OriginKind::Object(object) => self.expr(object, cursor),
                _ => {}
            }
        }
        self.changed(made, cursor);
    }

    /// The cursor with a step that names the container.
    pub(super) fn kept_in(&self, made: Site, cursor: &Cursor, what: &str) -> Cursor {
        let Some(unit) = self.values.unit(made.file) else { return cursor.clone() };
        let name = unit.declared_symbol(made.expr).and_then(|symbol| unit.scopes.symbol(symbol)).map(|symbol| symbol.name.clone());
        let mut next = stepped_with(cursor, unit.at(unit.module[made.expr].span), || match name {
            Some(name) => format!("kept in the {what} `{name}`"),
            None => format!("kept in this {what}"),
        });
        next.frames = None;
        next
    }

    /// The value of an atom: what it starts as or is derived from, and every change.
    fn atom(&mut self, unit: &'w Unit, made: Site, initial: Option<Site>, stored: bool, cursor: &Cursor) {
        let cursor = &self.kept_in(made, cursor, "atom");
        let initial = if stored {
            let key = initial.and_then(|key| self.values.constant_string(key));
            self.born(unit.at(unit.module[made.expr].span), OriginKind::Storage(key), &cursor.with_path(Vec::new()));
            unit.argument(made.expr, 1)
        } else {
            initial
        };
        if let Some(initial) = initial {
            let get = BoundArg::Value(made, vec![Name::from(GET)]);
            match &unit.module[unit.uncast(initial.expr)].kind {
                ExprKind::Function(_) => self.result_of(initial, made, &[get], cursor),
                // `atom({ key, default })`, `selector({ key, get: ({ get }) => … })`.
                ExprKind::Object(_) if self.values.property_value(initial, "key").is_some() => {
                    if let Some(default) = self.values.property_value(initial, "default") {
                        self.expr(default, cursor);
                    }
                    if let Some(getter) = self.values.property_value(initial, "get") {
                        self.result_of(getter, made, &[BoundArg::Opaque], cursor);
                    }
                }
                _ => self.expr(initial, cursor),
            }
        }
        self.changed(made, cursor);
    }

    /// Follows every change of a container.
    pub(super) fn changed(&mut self, made: Site, cursor: &Cursor) {
        let is_state = self.values.roles_of_made(made).contains(ApiRole::State);
        for change in self.values.changes(made).iter() {
            if self.is_spent() {
                return;
            }
            let Some(unit) = self.values.unit(change.at.file) else { continue };
            let agrees = |(asked, key): (&Name, &Name)| asked == key || &**key == super::ANY || &**asked == super::ANY;
            if cursor.path.len() < change.part.len() || !cursor.path.iter().zip(&change.part).all(agrees) {
                continue;
            }
            let below = cursor.with_path(cursor.path.iter().skip(change.part.len()).cloned().collect());
            let mut next = stepped_with(&below, unit.at(unit.module[change.at.expr].span), || {
                if is_state {
                    "kept in the component's state here".to_owned()
                } else {
                    format!("set by `{}`", unit.change_text(change.at.expr))
                }
            });
            next.frames = None;
            next.development_only |= self.values.is_development_guarded(unit, Node::Expr(change.at.expr));
            self.set_to(change.value, change.at, &next);
        }
    }

    /// The value that a setter is given, or that the function gives which it is given.
    pub(super) fn set_to(&mut self, value: Site, call: Site, cursor: &Cursor) {
        let Some(unit) = self.values.unit(value.file) else { return };
        let mut inner = unit.uncast(value.expr);
        // `set(produce((draft) => …))`
        if let ExprKind::Call { callee, args, .. } = &unit.module[inner].kind
            && let [only] = args.as_slice()
            && matches!(unit.module[unit.uncast(only.expr)].kind, ExprKind::Function(_))
            && self.values.answer(Site { file: value.file, expr: *callee }).plays(ApiRole::Identity)
        {
            inner = unit.uncast(only.expr);
        }
        match unit.module[inner].kind {
            ExprKind::Function(function) => {
                let function = FunctionSite { file: value.file, function };
                self.updated(function, call, vec![BoundArg::Followed], None, cursor);
            }
            _ => self.expr(value, cursor),
        }
    }

    /// What a subscriber of an observable gets.
    pub(super) fn observed(&mut self, observable: Site, cursor: &Cursor, hops: u8) {
        let Some(unit) = self.values.unit(observable.file) else { return };
        let expr = unit.uncast(observable.expr);
        if hops < 6
            && unit.called_method(expr).is_some_and(|method| &**method == "pipe")
            && let (Some(receiver), ExprKind::Call { args, .. }) = (unit.call_receiver(expr), &unit.module[expr].kind)
        {
            let receiver = Site { file: unit.file, expr: receiver };
            let operator = args.iter().rev().map(|arg| Site { file: unit.file, expr: arg.expr }).find_map(|operator| {
                self.values.call_plays(operator, ApiRole::Operator).then(|| unit.argument(operator.expr, 0)).flatten()
            });
            match operator {
                Some(function) => {
                    let prefix = if self.values.is_observable(receiver) { vec![Name::from(STATE)] } else { Vec::new() };
                    self.result_of(function, observable, &[BoundArg::Value(receiver, prefix)], cursor);
                }
                None => self.observed(receiver, cursor, hops + 1),
            }
        } else if self.values.is_observable(observable) {
            self.expr(observable, &cursor.below([Name::from(STATE)]));
        } else {
            self.expr(observable, cursor);
        }
    }

    /// Options or a set-up function of a store: its members.
    fn defined_store(&mut self, unit: &'w Unit, made: Site, cursor: &Cursor) {
        let cursor = &self.kept_in(made, cursor, "store");
        let Some(head) = cursor.head().cloned() else {
            self.born(unit.at(unit.module[made.expr].span), OriginKind::Object(made), cursor);
            return;
        };
        let ExprKind::Call { args, .. } = &unit.module[made.expr].kind else { return };
        let last = args.iter().rev().map(|arg| Site { file: made.file, expr: arg.expr });
        for options in last {
            match &unit.module[unit.uncast(options.expr)].kind {
                ExprKind::Function(_) => {
                    // A ref comes out of the store without its box.
                    let before = self.origins.len();
                    let boxed = std::iter::once(head.clone()).chain(std::iter::once(Name::from("value")));
                    self.result_of(options, made, &[], &cursor.rest().below(boxed));
                    if self.origins.len() == before {
                        self.result_of(options, made, &[], cursor);
                    }
                }
                ExprKind::Object(_) => {
                    if let Some(state) = self.values.property_value(options, "state") {
                        self.result_of(state, made, &[], cursor);
                    }
                    if let Some(actions) = self.values.property_value(options, "actions") {
                        self.expr(actions, cursor);
                    }
                    if let Some(getters) = self.values.property_value(options, "getters")
                        && let Some(getter) = self.values.property_value(getters, &head)
                    {
                        self.result_of(getter, made, &[BoundArg::Value(made, vec![Name::from(STATE)])], &cursor.rest());
                    }
                    for action in unit.object_functions(options.expr) {
                        for write in unit.usage.this_writes(crate::analysis::parents::ThisOwner::Function(action)) {
                            self.member_written(unit, write, cursor);
                        }
                    }
                }
                _ => {}
            }
        }
        self.changed(made, cursor);
    }

    /// The value of the form field that a ref is on: `<input ref={password} />`.
    pub(super) fn field_of(&mut self, made: Site, cursor: &Cursor) {
        for (unit, symbol, sure) in &self.values.holders(made, None).symbols {
            for reference in unit.scopes.references(*symbol) {
                let site = Site { file: unit.file, expr: *reference };
                if unit.is_ref_of_element(*reference) && (*sure || self.values.leads_to(site, made, &[])) {
                    self.born(unit.at(unit.module[*reference].span), OriginKind::UserInput, &cursor.with_path(Vec::new()));
                }
            }
        }
    }

    /// Below [`EACH`]: the state of the element that is asked for.
    pub(super) fn each(&mut self, elements: &[Element], site: Site, cursor: &Cursor) {
        let inner = cursor.rest();
        let Some(index) = inner.head().and_then(|head| head.parse::<usize>().ok()) else { return };
        if let Some(element) = elements.get(index) {
            self.expr(Site { file: site.file, expr: element.expr }, &inner.rest().below([Name::from(STATE)]));
        }
    }

    /// `$store` in a Svelte component: the state of the store that the name without the sign is.
    pub(super) fn subscribed(&mut self, unit: &'w Unit, name: &str, cursor: &Cursor) -> bool {
        let Some(symbol) = unit.subscribed_symbol(name) else { return false };
        self.symbol(unit, symbol, &cursor.below([Name::from(STATE)]));
        true
    }

    /// The parameters of the function that makes a container's first state: `(set, get, store)` of a store, `(get, set, …)` of an atom.
    /// False when the function is none.
    pub(super) fn initialiser_param(&mut self, unit: &'w Unit, function: FunctionSite, index: usize, cursor: &Cursor) -> bool {
        let Some((made, position)) = self.values.maker_around(unit, function) else { return false };
        let roles = self.values.roles_of_made(made);
        let handed = match (roles.contains(ApiRole::Store), roles.contains(ApiRole::Atom), index) {
            (true, _, 0) | (_, true, 1) => SET,
            (true, _, 1) | (_, true, 0) => GET,
            (true, _, 2) => {
                self.expr(made, cursor);
                return true;
            }
            (_, true, _) if position == 1 => {
                // `atom(null, (get, set, value) => …)`: what its setters are given.
                for change in self.values.setter_calls(made).iter() {
                    let Some(unit) = self.values.unit(change.file) else { continue };
                    if let Some(argument) = unit.argument(change.expr, index - 2) {
                        let mut next = stepped_with(cursor, unit.at(unit.module[change.expr].span), || {
                            format!("passed to `{}` here", unit.callee_text(change.expr))
                        });
                        next.frames = None;
                        self.expr(argument, &next);
                    }
                }
                return true;
            }
            _ => return false,
        };
        self.expr(made, &cursor.below([Name::from(handed)]));
        true
    }
}

impl<'w> Values<'w> {
    /// What the function plays whose call (or `new`) made something.
    pub(super) fn roles_of_made(&self, made: Site) -> ApiRoles {
        let Some(unit) = self.unit(made.file) else { return ApiRoles::default() };
        let Some(callee) = unit.call_callee(made.expr) else { return ApiRoles::default() };
        self.roles_of_callee(Site { file: made.file, expr: callee })
    }

    /// What a callee plays; `create()` of a store gives the function that makes it, and the hook of a typed one the hook.
    pub(super) fn roles_of_callee(&self, callee: Site) -> ApiRoles {
        let answer = self.answer(callee);
        self.roles_of_answer(&answer)
    }

    pub(super) fn roles_of_answer(&self, answer: &super::memo::Answer) -> ApiRoles {
        let roles = answer.roles();
        answer.facts.iter().fold(roles, |roles, fact| match fact.kind {
            OriginKind::Call(inner) if fact.path.is_empty() && self.is_bare_call(inner) => {
                let inner = self.answer_of_callee(inner).map(|answer| answer.roles()).unwrap_or_default();
                let passed = [ApiRole::Store, ApiRole::Dispatcher];
                passed.into_iter().filter(|role| inner.contains(*role)).fold(roles, ApiRoles::with)
            }
            _ => roles,
        })
    }

    fn is_bare_call(&self, call: Site) -> bool {
        self.unit(call.file).is_some_and(|unit| matches!(&unit.module[call.expr].kind, ExprKind::Call { args, .. } if args.is_empty()))
    }

    fn answer_of_callee(&self, call: Site) -> Option<Arc<super::memo::Answer>> {
        let callee = self.unit(call.file)?.call_callee(call.expr)?;
        Some(self.answer(Site { file: call.file, expr: callee }))
    }

    /// Whether an expression is an observable value of the project.
    pub(super) fn is_observable(&self, site: Site) -> bool {
        const OBSERVABLE: [ApiRole; 4] = [ApiRole::Cell, ApiRole::Derived, ApiRole::Store, ApiRole::ReduxStore];
        self.answer(site).facts.iter().any(|fact| match fact.kind {
            OriginKind::Call(made) | OriginKind::New(made) if fact.path.is_empty() => {
                let roles = self.roles_of_made(made);
                OBSERVABLE.into_iter().any(|role| roles.contains(role))
            }
            _ => false,
        })
    }

    /// The call that makes a container of what the function gives, and the position of its argument: through middleware.
    fn maker_around(&self, unit: &'w Unit, function: FunctionSite) -> Option<(Site, usize)> {
        let mut value = unit.function_value(function.function)?;
        for _ in 0..6 {
            let Node::Expr(outer) = unit.parents.parent(Node::Expr(value))? else { return None };
            if let ExprKind::Call { args, callee, .. } = &unit.module[outer].kind {
                let position = args.iter().position(|arg| arg.expr == value)?;
                let roles = self.roles_of_callee(Site { file: unit.file, expr: *callee });
                if roles.contains(ApiRole::Store) || roles.contains(ApiRole::Atom) {
                    return Some((Site { file: unit.file, expr: outer }, position));
                }
                if !roles.contains(ApiRole::Wrapper) && !roles.contains(ApiRole::Combine) {
                    return None;
                }
            } else if !matches!(unit.module[outer].kind, ExprKind::Cast { .. }) {
                return None;
            }
            value = outer;
        }
        None
    }

    /// Every place that changes what was made at `made`. Found once.
    pub(super) fn changes(&self, made: Site) -> Arc<[Change]> {
        self.workspace.answers.changes(self.level(), made, || {
            let mut changes = self.find_changes(made);
            changes.truncate(CHANGES);
            changes.into()
        })
    }

    fn find_changes(&self, made: Site) -> Vec<Change> {
        let roles = self.roles_of_made(made);
        let is = |role| roles.contains(role);
        let first_argument = |calls: Vec<Site>| {
            calls.into_iter().filter_map(|call| Some(Change::whole(call, self.unit(call.file)?.argument(call.expr, 0)?))).collect()
        };
        if is(ApiRole::State) || is(ApiRole::Reducer) || is(ApiRole::UseAtom) {
            first_argument(self.calls_of_held(&self.holders(made, Some(1)), made, &["1"]))
        } else if is(ApiRole::AtomSetter) {
            first_argument(self.calls_of_held(&self.holders(made, None), made, &[]))
        } else if is(ApiRole::Store) {
            let mut calls = self.calls_of_set(made);
            calls.extend(self.method_calls_of_held(&self.holders(made, None), made, &["setState"]));
            first_argument(calls)
        } else if is(ApiRole::Atom) {
            self.changes_of_atom(made)
        } else if is(ApiRole::Cell) {
            let holders = self.holders(made, None);
            let mut changes: Vec<Change> = first_argument(self.method_calls_of_held(&holders, made, CHANGING));
            changes.extend(assigned_subscriptions(&holders));
            changes
        } else if is(ApiRole::DefineStore) {
            self.changes_of_instances(made)
        } else if is(ApiRole::Ref) || is(ApiRole::Box) {
            self.changes_of_boxes(made)
        } else {
            Vec::new()
        }
    }

    /// The calls of the `set` that a store hands to what makes its first state.
    fn calls_of_set(&self, made: Site) -> Vec<Site> {
        let Some(initial) = self.unit(made.file).and_then(|unit| unit.argument(made.expr, 0)) else { return Vec::new() };
        let answer = self.answer(initial);
        let mut open: Vec<FunctionSite> = answer.functions().collect();
        for fact in &answer.facts {
            if let OriginKind::Call(call) = fact.kind
                && self.call_plays(call, ApiRole::Combine)
                && let Some(more) = self.unit(call.file).and_then(|unit| unit.argument(call.expr, 1))
            {
                open.extend(self.answer(more).functions());
            }
        }
        let mut calls = Vec::new();
        let mut seen = Vec::new();
        while let Some(function) = open.pop() {
            if seen.len() > 24 || seen.contains(&function) {
                continue;
            }
            seen.push(function);
            let Some(unit) = self.unit(function.file) else { continue };
            let Some(set) = unit.module[function.function].params.first() else { continue };
            let Some(symbol) = unit.binding_symbol(set.pat) else { continue };
            calls.extend(self.calls_of_held(&self.holders_of_symbol(unit, symbol), made, &[SET]));
            // `create((...all) => ({ ...authSlice(...all) }))`
            for reference in unit.scopes.references(symbol) {
                if let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(*reference))
                    && let ExprKind::Call { callee, args, .. } = &unit.module[call].kind
                    && args.first().is_some_and(|arg| arg.spread && arg.expr == *reference)
                {
                    open.extend(self.answer(Site { file: unit.file, expr: *callee }).functions());
                }
            }
        }
        calls
    }

    /// The calls of an atom's setters: of hooks, and `set(atom, …)` of other atoms and of stores.
    fn changes_of_atom(&self, made: Site) -> Vec<Change> {
        let mut changes: Vec<Change> = self
            .setter_calls(made)
            .iter()
            .filter_map(|call| Some(Change::whole(*call, self.unit(call.file)?.argument(call.expr, 0)?)))
            .collect();
        for (unit, symbol, _) in &self.holders(made, None).symbols {
            for reference in unit.scopes.references(*symbol) {
                let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(*reference)) else { continue };
                let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { continue };
                let ([atom, value], false) = (args.as_slice(), args.iter().any(|arg| arg.spread)) else { continue };
                if atom.expr != *reference {
                    continue;
                }
                let callee = unit.uncast(*callee);
                let by_store = matches!(&unit.module[callee].kind, ExprKind::Member { property, .. } if &**property == "set");
                let by_atom = || {
                    self.answer(Site { file: unit.file, expr: callee })
                        .facts
                        .iter()
                        .any(|fact| matches!(fact.kind, OriginKind::Call(_)) && matches!(fact.path.as_slice(), [set] if &**set == SET))
                };
                if by_store || by_atom() {
                    let at = |expr| Site { file: unit.file, expr };
                    changes.push(Change::whole(at(call), at(value.expr)));
                }
            }
        }
        changes
    }

    /// The calls of the setters that hooks give for an atom.
    pub(super) fn setter_calls(&self, made: Site) -> Vec<Site> {
        let mut calls = Vec::new();
        for (unit, symbol, _) in &self.holders(made, None).symbols {
            for reference in unit.scopes.references(*symbol) {
                let Some(Node::Expr(hook)) = unit.parents.parent(Node::Expr(*reference)) else { continue };
                if !matches!(&unit.module[hook].kind, ExprKind::Call { args, .. } if args.first().is_some_and(|arg| arg.expr == *reference))
                {
                    continue;
                }
                let hook = Site { file: unit.file, expr: hook };
                let roles = self.roles_of_made(hook);
                if roles.contains(ApiRole::UseAtom) {
                    calls.extend(self.calls_of_held(&self.holders(hook, Some(1)), hook, &["1"]));
                } else if roles.contains(ApiRole::AtomSetter) {
                    calls.extend(self.calls_of_held(&self.holders(hook, None), hook, &[]));
                }
            }
        }
        calls
    }

    /// Assignments to members of what a store's hook gives: `session.user = …`, `session.$patch({ … })`.
    fn changes_of_instances(&self, made: Site) -> Vec<Change> {
        let mut changes = Vec::new();
        for call in self.calls_of_held(&self.holders(made, None), made, &[]) {
            let holders = self.holders(call, None);
            changes.extend(
                holders.symbols.iter().filter(|(_, _, sure)| *sure).flat_map(|(unit, symbol, _)| self.written_members(unit, *symbol)),
            );
            for patch in self.method_calls_of_held(&holders, call, &["$patch"]) {
                if let Some(value) = self.unit(patch.file).and_then(|unit| unit.argument(patch.expr, 0)) {
                    changes.push(Change::whole(patch, value));
                }
            }
        }
        changes
    }

    /// Assignments to members of a box under the other names that it goes by: `const { token } = useSession(); token.value = …`.
    fn changes_of_boxes(&self, made: Site) -> Vec<Change> {
        let own = self.unit(made.file).and_then(|unit| unit.declared_symbol(made.expr));
        let holders = self.holders(made, None);
        let others = holders.symbols.iter().filter(|(unit, symbol, _)| !(unit.file == made.file && Some(*symbol) == own));
        others
            .filter(|(unit, symbol, sure)| {
                *sure
                    || unit
                        .scopes
                        .references(*symbol)
                        .first()
                        .is_some_and(|reference| self.leads_to(Site { file: unit.file, expr: *reference }, made, &[]))
            })
            .flat_map(|(unit, symbol, _)| self.written_members(unit, *symbol))
            .collect()
    }

    fn written_members(&self, unit: &'w Unit, symbol: SymbolId) -> Vec<Change> {
        unit.usage.member_writes_of(symbol).filter_map(|write| self.written_member(unit, write)).collect()
    }

    fn written_member(&self, unit: &Unit, write: &MemberWrite) -> Option<Change> {
        let at = |expr| Site { file: unit.file, expr };
        let part = self.constant_keys(unit, &write.keys)?;
        write.path.is_empty().then_some(Change { at: at(write.expr?), value: at(write.kind.value()?), part })
    }
}

/// `$store = …`, `$store.member = …` in Svelte components.
fn assigned_subscriptions(holders: &Holders<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (unit, symbol, _) in &holders.symbols {
        if unit.module.language != Language::Markup {
            continue;
        }
        let Some(name) = unit.scopes.symbol(*symbol).map(|symbol| format!("${}", symbol.name)) else { continue };
        for write in unit.usage.global_writes(&name) {
            let part: Option<Vec<Name>> =
                write.keys.iter().map(|key| if let MemberKey::Name(name) = key { Some(name.clone()) } else { None }).collect();
            if let (Some(part), Some(expr), Some(value)) = (part, write.expr, write.kind.value()) {
                changes.push(Change { at: Site { file: unit.file, expr }, value: Site { file: unit.file, expr: value }, part });
            }
        }
    }
    changes
}

impl Unit {
    /// The argument of a call at a position, when no spread comes before it.
    pub(super) fn argument(&self, call: ExprId, index: usize) -> Option<Site> {
        let (ExprKind::Call { args, .. } | ExprKind::New { args, .. }) = &self.module[call].kind else { return None };
        let before = args.get(..=index)?;
        before.iter().all(|arg| !arg.spread).then_some(())?;
        Some(Site { file: self.file, expr: before.last()?.expr })
    }

    /// What is called or assigned, for a message.
    fn change_text(&self, change: ExprId) -> String {
        match &self.module[change].kind {
            ExprKind::Assign { target, .. } => super::walk::short(self.source.slice(self.module[*target].span)),
            _ => self.callee_text(change),
        }
    }

    /// Whether an expression is the `ref` of an element of the page.
    fn is_ref_of_element(&self, expr: ExprId) -> bool {
        let Some(Node::Expr(outer)) = self.parents.parent(Node::Expr(expr)) else { return false };
        let ExprKind::Jsx(element) = &self.module[outer].kind else { return false };
        matches!(element.tag, JsxTag::Intrinsic(_))
            && element.attributes.iter().any(
                |attribute| matches!(attribute, JsxAttribute::Named { name, value: Some(value), .. } if *value == expr && &**name == "ref"),
            )
    }

    /// For `$name` in a Svelte component: the symbol that `name` is.
    fn subscribed_symbol(&self, name: &str) -> Option<SymbolId> {
        let own = name.strip_prefix('$').filter(|own| !own.is_empty() && self.module.language == Language::Markup)?;
        (0..u32::try_from(self.scopes.symbols.len()).ok()?)
            .map(SymbolId)
            .find(|id| self.scopes.is_top_level(*id) && self.scopes.symbol(*id).is_some_and(|symbol| &*symbol.name == own))
    }

    /// The property of an object literal that holds an expression as its value.
    pub(super) fn property_of(&self, value: ExprId) -> Option<(ExprId, Name)> {
        let Node::Expr(object) = self.parents.parent(Node::Expr(value))? else { return None };
        let ExprKind::Object(properties) = &self.module[object].kind else { return None };
        properties.iter().find_map(|property| match property {
            Property::Value { key: PropertyKey::Name(name, _), value: held } if *held == value => Some((object, name.clone())),
            _ => None,
        })
    }
}
