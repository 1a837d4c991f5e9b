//! Containers: what keeps a value apart from the code that sets it: component state, stores, atoms, observable values.
//!
//! A container is known by the call that makes it, its *maker*. The walk asks a maker for segments that no program can write: below
//! [`STATE`] lies what it keeps, [`SET`] and [`GET`] stand for the functions that it hands to its initialiser. A question below `STATE`
//! is answered by the initial value and by every change ([`Values::changes`]): the calls of its setters, wherever they are made.

use super::calls::stepped_with;
use super::{BoundArg, Cursor, FunctionSite, OriginKind, Site, Walk};
use crate::analysis::unit::Unit;
use crate::catalog::apis::{ApiRole, ApiRoles};
use crate::hir::visit::Node;
use crate::hir::{Element, ExprKind, Name};

/// Below this lies what a container keeps.
pub(crate) const STATE: &str = "[state]";
/// The function that changes the state, as it is given to what makes the first one.
pub(crate) const SET: &str = "[set]";
/// The function that reads the state, as it is given to what makes the first one.
pub(crate) const GET: &str = "[get]";
/// Below this each element of an array is a container, whose state is asked for.
pub(crate) const EACH: &str = "[each]";

/// How many pipes of an observable are followed.
const PIPES: u8 = 6;

/// What keeps a value, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) enum Container {
    State,
    Store,
    Slice,
    Atom,
    Observable,
    Thunk,
}

impl Container {
    /// Before its name.
    fn named(self) -> &'static str {
        match self {
            Self::State => "kept in the component's state",
            Self::Store => "kept in the store",
            Self::Slice => "kept in the slice",
            Self::Atom => "kept in the atom",
            Self::Observable => "kept in the observable",
            Self::Thunk => "given by the asynchronous action",
        }
    }

    /// Without a name.
    fn unnamed(self) -> &'static str {
        match self {
            Self::State => "kept in the component's state",
            Self::Store => "kept in this store",
            Self::Slice => "kept in this slice",
            Self::Atom => "kept in this atom",
            Self::Observable => "kept in this observable",
            Self::Thunk => "given by this asynchronous action",
        }
    }
}

impl<'w> Walk<'w> {
    #[expect(clippy::too_many_lines, reason = "one case a role: a table")]
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
                // `selector({ get: ({ get }) => … })`
                Some("get") => self.born(at, OriginKind::Call(site), &inner.below([Name::from(GET)])),
                _ => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if is(ApiRole::Cell) {
            match head {
                Some(STATE) => {
                    let inner = self.kept_in(site, &inner, Container::Observable);
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
        } else if [ApiRole::AtomSetter, ApiRole::Selector, ApiRole::ToSignal, ApiRole::SelectFactory, ApiRole::Dispatcher, ApiRole::Thunk]
            .into_iter()
            .any(is)
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
        let cursor =
            &stepped_with(cursor, unit.at(unit.module[site.expr].span), || format!("read by `{}` here", unit.callee_text(site.expr)));
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
            [SET | "1"] => {}
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
            Some(selector) => self.apply_selector(selector, &BoundArg::Value(store, vec![Name::from(STATE)]), call, cursor),
            None => self.expr(store, &cursor.below([Name::from(STATE)])),
        }
    }

    /// `create((set, get) => state)`: the first state, and every change.
    fn store(&mut self, made: Site, initial: Option<Site>, cursor: &Cursor) {
        let Some(initial) = initial else { return };
        let cursor = &self.kept_in(made, cursor, Container::Store);
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
    pub(super) fn kept_in(&self, made: Site, cursor: &Cursor, what: Container) -> Cursor {
        let Some(unit) = self.values.unit(made.file) else { return cursor.clone() };
        let mut next = stepped_with(cursor, unit.at(unit.module[made.expr].span), || match unit.name_of_value(made.expr) {
            Some(name) => format!("{} `{name}`", what.named()),
            None => what.unnamed().to_owned(),
        });
        next.frames = None;
        next
    }

    /// The value of an atom: what it starts as or is derived from, and every change.
    fn atom(&mut self, unit: &'w Unit, made: Site, initial: Option<Site>, stored: bool, cursor: &Cursor) {
        let cursor = &self.kept_in(made, cursor, Container::Atom);
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
                        self.result_of(getter, made, &[BoundArg::Value(made, Vec::new())], cursor);
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
            next.under(self.values.around(unit, Node::Expr(change.at.expr)));
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
            && self.values.answer(Site { file: value.file, expr: *callee }).plays(self.values.apis(), ApiRole::Identity)
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
        if self.values.is_observable(observable) {
            self.expr(observable, &cursor.below([Name::from(STATE)]));
            return;
        }
        let made = self.ask(observable, cursor);
        let piped = made.facts.iter().find_map(|fact| match fact.kind {
            OriginKind::Call(call) if fact.path.is_empty() && !fact.derived => {
                self.values.pipe(call).map(|(of, operator)| (call, of, operator))
            }
            _ => None,
        });
        match piped {
            Some((call, receiver, Some(function))) => {
                let prefix = if self.values.is_observable(receiver) { vec![Name::from(STATE)] } else { Vec::new() };
                self.result_of(function, call, &[BoundArg::Value(receiver, prefix)], cursor);
            }
            Some((_, receiver, None)) if hops < PIPES => self.observed(receiver, cursor, hops + 1),
            _ => self.expr(observable, cursor),
        }
    }

    /// Options or a set-up function of a store: its members.
    fn defined_store(&mut self, unit: &'w Unit, made: Site, cursor: &Cursor) {
        let cursor = &self.kept_in(made, cursor, Container::Store);
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
        self.symbol(unit, symbol, None, &cursor.below([Name::from(STATE)]));
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
                for change in &self.values.setter_calls(made) {
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
