//! What calls return: functions of the project by their returns, well-known functions by their role, methods by name.

use std::rc::Rc;

use super::{BoundArg, Cursor, FRAMES, Frame, FunctionSite, Identity, OriginKind, Receiver, Site, Walk};
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::walk::ANY;
use crate::catalog::apis::{ApiRole, ApiRoles, ApiTable};
use crate::finding::StepKind;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, Name};

impl Identity {
    /// Whether a well-known function plays `role`.
    #[must_use]
    pub fn plays(&self, apis: &ApiTable, role: ApiRole) -> bool {
        self.roles(apis).contains(role)
    }

    /// Everything that a well-known function plays.
    pub(crate) fn roles(&self, apis: &ApiTable) -> ApiRoles {
        match self {
            Self::Package { package, path } => apis.roles_of_export(package, path),
            Self::Global(path) => apis.roles_of_global(path),
        }
    }
}

impl<'w> Walk<'w> {
    #[expect(clippy::too_many_lines, reason = "one case a role: a table")]
    pub(crate) fn call(&mut self, unit: &'w Unit, site: Site, callee: ExprId, args: &[Element], cursor: &Cursor) {
        let to = |expr| Site { file: site.file, expr };
        let at = unit.at(unit.module[site.expr].span);
        let callee = unit.uncast(callee);
        let arg = |index: usize| args.get(index).filter(|arg| !arg.spread).map(|arg| to(arg.expr));

        if unit.is_rust() {
            self.rust_call(unit, site, callee, args, cursor);
            return;
        }
        if let ExprKind::Ident(name) = &unit.module[callee].kind
            && &**name == "require"
            && unit.scopes.symbol_of_expr(callee).is_none()
            && let Some(text) = arg(0).and_then(|first| self.values.constant_string(first))
        {
            self.namespace(unit, at, &text, cursor);
            return;
        }
        if self.props_call(unit, callee, args, cursor) || self.language_call(unit, site, callee, args, cursor) {
            return;
        }
        if let ExprKind::Member { object, property, .. } = &unit.module[callee].kind
            && self.method(unit, site, *object, property, args, cursor)
        {
            return;
        }
        let callees = self.ask(to(callee), cursor);
        if callees.functions().next().is_some() {
            for function in callees.functions().take(8) {
                self.enter(function, site, args, cursor);
            }
            return;
        }
        if unit.is_python() && self.python_call(unit, site, callee, args, &callees, cursor) {
            return;
        }
        for fact in &callees.facts {
            if let OriginKind::Call(made) | OriginKind::New(made) = fact.kind
                && !fact.derived
                && self.handle(unit, site, made, &fact.path, cursor)
            {
                return;
            }
        }
        if self.container(unit, site, args, self.values.roles_of_answer(&callees), cursor) {
            return;
        }
        let roles = callees.roles(self.values.apis());
        let named = |role| roles.contains(role);
        if named(ApiRole::State) {
            self.state(unit, site, arg(0), cursor);
        } else if named(ApiRole::Ref) || named(ApiRole::Box) {
            let inner = if named(ApiRole::Ref) { "current" } else { "value" };
            match cursor.head() {
                Some(head) if &**head == inner => {
                    if let Some(first) = arg(0) {
                        self.expr(first, &cursor.rest());
                    }
                    self.changed(site, cursor);
                    if inner == "current" && cursor.path.get(1).is_some_and(|member| &**member == "value") {
                        self.field_of(site, cursor);
                    }
                }
                Some(_) => {}
                None => self.born(at, OriginKind::Call(site), cursor),
            }
        } else if named(ApiRole::Memo) {
            if let Some(first) = arg(0) {
                self.result_of(first, site, &[], cursor);
            }
        } else if named(ApiRole::Computed) {
            match (cursor.head(), arg(0)) {
                (Some(head), Some(first)) if &**head == "value" => self.result_of(first, site, &[], &cursor.rest()),
                (None, _) => self.born(at, OriginKind::Call(site), cursor),
                _ => {}
            }
        } else if named(ApiRole::Wrapper) || named(ApiRole::Identity) {
            if let Some(first) = arg(0) {
                self.expr(first, cursor);
            }
        } else if named(ApiRole::EnvSchema) {
            if let Some(first) = arg(0) {
                for source in ["runtimeEnv", "runtimeEnvStrict", "experimental__runtimeEnv"] {
                    self.expr(first, &cursor.below([Name::from(source)]));
                }
            }
        } else if named(ApiRole::Assign) {
            self.merged(unit, args, cursor);
        } else if named(ApiRole::PromiseAll) {
            if let Some(first) = arg(0) {
                self.expr(first, cursor);
            }
        } else if named(ApiRole::PromiseSettled) {
            if let (Some(first), Some(index)) = (arg(0), cursor.head())
                && cursor.path.get(1).is_some_and(|key| &**key == "value")
            {
                let path = std::iter::once(index.clone()).chain(cursor.path.iter().skip(2).cloned()).collect();
                self.expr(first, &cursor.with_path(path));
            }
        } else if named(ApiRole::PromiseRace) {
            if let Some(first) = arg(0) {
                self.expr(first, &cursor.below([Name::from(ANY)]));
            }
        } else if named(ApiRole::Request) || callees.requests(&self.values) {
            // Python's libraries give the body as an attribute, where `fetch` has a method.
            let body = unit.is_python() && cursor.head().is_some_and(|head| matches!(&**head, "text" | "content"));
            let cursor = if body { cursor.rest() } else { cursor.clone() };
            self.born(at, OriginKind::Response(site), &stepped(&cursor, at, "the answer of this request"));
        } else if named(ApiRole::StorageRead) {
            // A helper reads under the key that it is given.
            let key = arg(0).and_then(|first| {
                self.values.constant_string(first).or_else(|| self.values.text_in(first, &cursor.frames).constant().map(Name::from))
            });
            self.born(at, OriginKind::Storage(key), &stepped(cursor, at, "read from storage"));
        } else if named(ApiRole::Prompt) {
            self.born(at, OriginKind::UserInput, &stepped(cursor, at, "typed in by the user"));
        } else if named(ApiRole::DomQuery) {
            self.born(at, OriginKind::UserInput, &stepped(cursor, at, "read from the page's form"));
        } else if named(ApiRole::PageUrl) {
            self.born(at, OriginKind::PageUrl, &stepped(cursor, at, "read from the page's address"));
        } else if named(ApiRole::RequestInput) {
            self.born(at, OriginKind::RequestInput, &stepped(cursor, at, "sent by the caller"));
        } else if named(ApiRole::FileRead) {
            self.born(at, OriginKind::File(site), &stepped(cursor, at, "read from a file"));
        } else if named(ApiRole::EnvGet) {
            self.env_get(unit, site, arg(0), arg(1), cursor);
        } else if named(ApiRole::UseContext) {
            if let Some(first) = arg(0) {
                self.context(first, cursor);
            }
        } else if named(ApiRole::Flag) || named(ApiRole::Effect) || named(ApiRole::Log) {
            // Says nothing about where the value comes from.
        } else if named(ApiRole::Derive) {
            let inner = Cursor { path: Vec::new(), ..cursor.derived() };
            args.iter().for_each(|arg| self.expr(to(arg.expr), &inner));
        } else {
            self.born(at, OriginKind::Call(site), cursor);
            // A function that nobody here defines may hand its input on (`decrypt(row.password)`).
            let inner = Cursor { path: Vec::new(), ..cursor.derived() };
            if callees.identities().iter().all(|identity| !identity.is_component_hook()) {
                args.iter().for_each(|arg| {
                    if !matches!(unit.module[arg.expr].kind, ExprKind::Function(_) | ExprKind::Object(_) | ExprKind::Literal(_)) {
                        self.expr(to(arg.expr), &inner);
                    }
                });
            }
        }
    }

    /// Goes into a function with its arguments bound and follows what it returns.
    pub(crate) fn enter(&mut self, function: FunctionSite, call: Site, args: &[Element], cursor: &Cursor) {
        let bound = self.bound_by_name(function, call, args).unwrap_or_else(|| super::instances::bound(call, args));
        self.enter_bound(function, call, bound, cursor);
    }

    pub(crate) fn enter_bound(&mut self, function: FunctionSite, call: Site, args: Vec<BoundArg>, cursor: &Cursor) {
        let Some(next) = self.entered(function, call, args, cursor) else { return };
        self.results(function, &next);
    }

    /// The cursor inside of a function with its arguments bound; none when the walk is in it already or goes no deeper.
    pub(super) fn entered(&mut self, function: FunctionSite, call: Site, args: Vec<BoundArg>, cursor: &Cursor) -> Option<Cursor> {
        let depth = cursor.frames.as_ref().map_or(0, |frame| frame.depth);
        if depth >= FRAMES {
            self.limited = true;
            self.context.only_outside();
            return None;
        }
        let recursive = std::iter::successors(cursor.frames.as_ref(), |frame| frame.outer.as_ref()).any(|frame| frame.function == function);
        if recursive {
            return None;
        }
        self.context.depends_on(function);
        self.context.entered(depth + 1);
        let caller = self.values.unit(call.file)?;
        let at = caller.at(caller.module[call.expr].span);
        // A getter or a reducer is entered without a call in the text.
        let is_call = caller.call_callee(call.expr).is_some();
        let mut next = if is_call {
            stepped_as(cursor, at, StepKind::Call, || format!("returned by `{}`", caller.callee_text(call.expr)))
        } else {
            cursor.clone()
        };
        next.frames = Some(Rc::new(Frame::new(function, args, Receiver::OfCall(call), cursor.frames.clone())));
        Some(next)
    }

    /// Follows what the functions that `callback` may be return when they are called with `args`.
    pub(crate) fn result_of(&mut self, callback: Site, call: Site, args: &[BoundArg], cursor: &Cursor) {
        let callees = self.ask(callback, cursor);
        for function in callees.functions() {
            self.enter_bound(function, call, args.to_vec(), cursor);
        }
    }

    /// Calls of methods that are known by their name. False when the name says nothing.
    fn method(&mut self, unit: &'w Unit, site: Site, object: ExprId, name: &Name, args: &[Element], cursor: &Cursor) -> bool {
        let to = |expr| Site { file: site.file, expr };
        let receiver = to(object);
        let first = args.first().filter(|arg| !arg.spread).map(|arg| to(arg.expr));
        match (&**name, first) {
            ("then", Some(callback)) => {
                self.result_of(callback, site, &[BoundArg::Value(receiver, Vec::new())], cursor);
                true
            }
            ("catch" | "finally", _) if args.len() <= 1 => {
                self.expr(receiver, cursor);
                if let Some(callback) = first
                    && &**name == "catch"
                {
                    self.result_of(callback, site, &[BoundArg::Opaque], cursor);
                }
                true
            }
            // Bodies of HTTP answers and copies of values.
            ("json" | "text" | "blob" | "clone" | "unwrap" | "toPromise" | "valueOf" | "toString" | "trim" | "asObservable", None) => {
                if self.is_request_receiver(unit, receiver) {
                    return false;
                }
                self.expr(receiver, cursor);
                true
            }
            ("toLowerCase" | "toUpperCase" | "trimEnd" | "trimStart" | "normalize", None)
            | ("slice" | "substring" | "substr" | "replace" | "replaceAll" | "padStart" | "padEnd" | "concat" | "split", _)
                if !matches!(&**name, "concat") || cursor.path.is_empty() =>
            {
                let listy = matches!(&**name, "slice" | "concat") && !cursor.path.is_empty();
                self.expr(receiver, &if listy { cursor.clone() } else { Cursor { path: Vec::new(), ..cursor.derived() } });
                true
            }
            ("map" | "flatMap", Some(callback)) => {
                let inner = if cursor.path.is_empty() { cursor.clone() } else { cursor.rest() };
                self.result_of(callback, site, &[BoundArg::Value(receiver, vec![Name::from(ANY)])], &inner);
                true
            }
            ("find" | "findLast", Some(callback)) => {
                // `find(c => c.name === "desk")` always gives the same one; a comparison with a person's value does not.
                let picked = if self.picks_fixed(callback) { "0" } else { ANY };
                self.expr(receiver, &cursor.below([Name::from(picked)]));
                true
            }
            ("at", Some(_)) | ("pop" | "shift", None) => {
                self.expr(receiver, &cursor.below([Name::from("0")]));
                true
            }
            // Schemas hand their input on: `schema.parse(process.env)`.
            ("parse" | "parseAsync" | "validateSync", Some(input)) if unit.source.slice(unit.module[object].span) != "JSON" => {
                self.expr(input, cursor);
                true
            }
            ("safeParse", Some(input)) if cursor.head().is_some_and(|head| &**head == "data") => {
                self.expr(input, &cursor.rest());
                true
            }
            ("filter" | "sort" | "reverse" | "toSorted", _) => {
                self.expr(receiver, cursor);
                true
            }
            ("bind", Some(_)) => {
                let callee = unit.member_object_callee(site.expr);
                if let Some(callee) = callee {
                    self.expr(to(callee), cursor);
                }
                true
            }
            ("get", None) if self.values.is_observable(receiver) => {
                self.observed(receiver, cursor, 0);
                true
            }
            ("getState" | "getValue", None) => {
                self.observed(receiver, cursor, 0);
                true
            }
            ("call", Some(_)) => {
                let callees = self.ask(receiver, cursor);
                for function in callees.functions() {
                    self.enter(function, site, args.get(1..).unwrap_or(&[]), cursor);
                }
                callees.functions().next().is_some()
            }
            _ => false,
        }
    }

    /// Whether a predicate picks the same element for everybody: it speaks of nothing but the element, constants and environment variables.
    fn picks_fixed(&self, callback: Site) -> bool {
        let Some(unit) = self.values.unit(callback.file) else { return false };
        let ExprKind::Function(function) = unit.module[unit.uncast(callback.expr)].kind else { return false };
        let mut open = vec![Node::Function(function)];
        while let Some(node) = open.pop() {
            crate::hir::visit::children(&unit.module, node, &mut |child| open.push(child));
            let Node::Expr(expr) = node else { continue };
            if !matches!(unit.module[expr].kind, ExprKind::Ident(_)) {
                continue;
            }
            let own = unit.scopes.symbol_of_expr(expr).is_some_and(|symbol| {
                unit.usage.writes(symbol).iter().any(|write| matches!(write.kind, WriteKind::Param { function: of, .. } if of == function))
            });
            let fixed = |origin: &super::memo::Fact| {
                matches!(origin.kind, OriginKind::Env { .. } | OriginKind::Literal(_) | OriginKind::Global(_)) && !origin.derived
            };
            if !own && !self.values.answer(Site { file: callback.file, expr }).facts.iter().all(fixed) {
                return false;
            }
        }
        true
    }

    /// `req.json()`, `request.text()` in a server handler: the caller's input, not an answer.
    fn is_request_receiver(&self, _unit: &Unit, receiver: Site) -> bool {
        self.values.answer(receiver).facts.iter().any(|fact| matches!(fact.kind, OriginKind::RequestInput))
    }

    /// `const [value, set] = useState(initial)`: the initial value, and whatever is passed to the setter.
    fn state(&mut self, unit: &'w Unit, site: Site, initial: Option<Site>, cursor: &Cursor) {
        match cursor.head().map(AsRef::as_ref) {
            Some("0") => {}
            Some("1") => {
                self.born(unit.at(unit.module[site.expr].span), OriginKind::Call(site), cursor);
                return;
            }
            _ => return,
        }
        let inner = cursor.rest();
        if let Some(initial) = initial {
            if matches!(unit.module[unit.uncast(initial.expr)].kind, ExprKind::Function(_)) {
                self.result_of(initial, site, &[], &inner);
            } else {
                self.expr(initial, &inner);
            }
        }
        self.changed(site, &inner);
        let Some(setter) = unit.element_symbol(site.expr, 1) else { return };
        // The setter handed to something else: follow what that calls it with.
        for (unit, symbol, sure) in &self.values.holders_of_symbol(unit, setter).symbols {
            for reference in unit.scopes.references(*symbol) {
                if self.is_spent() {
                    return;
                }
                let passed = Site { file: unit.file, expr: *reference };
                let foreign = self.values.is_handler_of_foreign_element(passed);
                if !sure && (!foreign || !self.values.leads_to(passed, site, &["1"])) {
                    continue;
                }
                if foreign {
                    self.born(unit.at(unit.module[*reference].span), OriginKind::UserInput, &inner.with_path(Vec::new()));
                }
                self.set_through(unit, *reference, &inner);
            }
        }
    }

    /// The setter handed to a call: `promise.then(setToken)` sets what the promise gives; of any other call nothing is known.
    fn set_through(&mut self, unit: &'w Unit, setter: ExprId, inner: &Cursor) {
        let Some(Node::Expr(call)) = unit.parents.parent(Node::Expr(setter)) else { return };
        let ExprKind::Call { callee, args, .. } = &unit.module[call].kind else { return };
        if !args.iter().any(|arg| arg.expr == setter) {
            return;
        }
        let at = unit.at(unit.module[setter].span);
        let mut next = stepped(inner, at, "kept in the component's state here");
        next.frames = None;
        match unit.call_receiver(call) {
            Some(receiver) if unit.called_method(call).is_some_and(|method| &**method == "then") => {
                self.expr(Site { file: unit.file, expr: receiver }, &next);
            }
            // A function of the project: its calls of the parameter are followed.
            _ if self.values.answer(Site { file: unit.file, expr: *callee }).functions().next().is_some() => {}
            _ => self.born(at, OriginKind::Unknown, &next),
        }
    }

    fn env_get(&mut self, unit: &'w Unit, site: Site, name: Option<Site>, default: Option<Site>, cursor: &Cursor) {
        let at = unit.at(unit.module[site.expr].span);
        match name.and_then(|name| self.values.constant_string(name)) {
            Some(name) => self.born(
                at,
                OriginKind::Env { name, mechanism: if unit.is_python() { super::EnvMechanism::Os } else { super::EnvMechanism::Deno } },
                cursor,
            ),
            None => self.born(at, OriginKind::Call(site), cursor),
        }
        if let Some(default) = default {
            self.expr(default, cursor);
        }
    }

    /// `useContext(Context)`: every value that a provider of it gives, and the default.
    fn context(&mut self, context: Site, cursor: &Cursor) {
        for provided in self.values.context_values(context) {
            if self.is_spent() {
                return;
            }
            let Some(unit) = self.values.unit(provided.file) else { continue };
            let mut next = stepped(cursor, unit.at(unit.module[provided.expr].span), "given to the components below by this provider");
            next.frames = None;
            self.expr(provided, &next);
        }
    }
}

impl super::Values<'_> {
    /// What well-known functions do with values, in this run.
    pub(crate) fn apis(&self) -> &ApiTable {
        &self.workspace.catalog.apis
    }

    /// Whether the call at `site` is a well-known function of that role.
    pub(crate) fn call_plays(&self, site: Site, role: ApiRole) -> bool {
        let Some(unit) = self.unit(site.file) else { return false };
        match &unit.module[site.expr].kind {
            ExprKind::Call { callee, .. } => self.answer(Site { file: site.file, expr: *callee }).plays(self.apis(), role),
            _ => false,
        }
    }
}

impl Unit {
    /// The expression without casts around it.
    #[must_use]
    pub fn uncast(&self, mut expr: ExprId) -> ExprId {
        while let ExprKind::Cast { expr: inner, .. } = &self.module[expr].kind {
            expr = *inner;
        }
        expr
    }

    /// The source text of a call's callee, shortened for messages.
    #[must_use]
    pub fn callee_text(&self, call: ExprId) -> String {
        let text = match &self.module[call].kind {
            ExprKind::Call { callee, .. } | ExprKind::New { callee, .. } => self.source.slice(self.module[*callee].span),
            _ => "",
        };
        super::walk::short(text)
    }

    fn member_object_callee(&self, call: ExprId) -> Option<ExprId> {
        match &self.module[call].kind {
            ExprKind::Call { callee, .. } => match &self.module[self.uncast(*callee)].kind {
                ExprKind::Member { object, .. } => Some(*object),
                _ => None,
            },
            _ => None,
        }
    }
}

pub(crate) fn stepped(cursor: &Cursor, at: crate::source::Location, message: &str) -> Cursor {
    stepped_with(cursor, at, || message.to_owned())
}

pub(super) fn stepped_with(cursor: &Cursor, at: crate::source::Location, message: impl FnOnce() -> String) -> Cursor {
    stepped_as(cursor, at, StepKind::Other, message)
}

pub(super) fn stepped_as(cursor: &Cursor, at: crate::source::Location, kind: StepKind, message: impl FnOnce() -> String) -> Cursor {
    Cursor { trail: cursor.trail.step_with(at, kind, message), ..cursor.clone() }
}

impl Identity {
    /// React and Vue hooks whose answer has nothing to do with their arguments.
    pub(crate) fn is_component_hook(&self) -> bool {
        let name = match self {
            Self::Package { path, .. } | Self::Global(path) => path.rsplit('.').next().unwrap_or(path),
        };
        name.strip_prefix("use").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
    }
}
