//! What the language's own objects do: maps, sets and arrays by their methods, `Object`'s functions, generators, promises made by hand,
//! `bind` and `apply`.
//!
//! The value under a key of a map is a path segment of its own (`get(key)`), so that a map's entries are no members of it.

use super::walk::ANY;
use super::{BoundArg, Cursor, FunctionSite, Identity, OriginKind, Site, Values, Walk};
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberWrite, WriteKind};
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, Name, PatKind, Property, PropertyKey};
use crate::source::Location;

/// The path segment of the value under any key of a map.
const ANY_ENTRY: &str = "get()";
/// How deep objects are looked into for a member that they surely have.
const SURE: u8 = 6;

/// The path segment of the value under a key of a map.
fn entry(key: Option<&str>) -> Name {
    Name::from(format!("get({})", key.unwrap_or_default()))
}

fn is_entry(segment: &str) -> bool {
    segment.starts_with("get(") && segment.ends_with(')')
}

/// Any element, or the one at a position.
fn is_element(segment: &str) -> bool {
    segment == ANY || segment.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a class is a map or set of the language.
pub(super) fn is_collection(identity: &Identity) -> bool {
    matches!(identity, Identity::Global(name) if matches!(name.as_str(), "Map" | "WeakMap" | "Set" | "WeakSet"))
}

impl<'w> Walk<'w> {
    /// Follows what a function gives: what it returns, or of a generator what it yields.
    pub(crate) fn results(&mut self, function: FunctionSite, cursor: &Cursor) {
        let Some(unit) = self.values.unit(function.file) else { return };
        let generates = unit.module[function.function].is_generator && cursor.head().is_some_and(|head| is_element(head));
        let results = if generates { unit.usage.yields(function.function) } else { unit.usage.returns(function.function) };
        for result in results {
            let on = generates && !unit.is_delegated(*result);
            let mut here = if on { cursor.rest() } else { cursor.clone() };
            let what = if generates { "yielded here" } else { "returned here" };
            here.trail = here.trail.step(unit.at(unit.module[*result].span), what);
            here.under(self.values.around(unit, Node::Expr(*result)));
            self.expr(Site { file: function.file, expr: *result }, &here);
        }
    }

    /// Calls whose meaning the language gives. False when the call is none of them.
    pub(crate) fn language_call(&mut self, unit: &'w Unit, site: Site, callee: ExprId, args: &[Element], cursor: &Cursor) -> bool {
        match &unit.module[callee].kind {
            ExprKind::Member { object, property, .. } => {
                let global = match &unit.module[*object].kind {
                    ExprKind::Ident(name) if unit.scopes.symbol_of_expr(*object).is_none() => Some(&**name),
                    _ => None,
                };
                match global {
                    Some("Object" | "Array" | "Promise") => self.static_call(unit, site, property, args, cursor),
                    Some("Reflect") => {
                        self.born(unit.at(unit.module[site.expr].span), OriginKind::Unknown, cursor);
                        true
                    }
                    _ => self.method_call(site, *object, property, args, cursor),
                }
            }
            _ => self.bound_call(unit, site, callee, args, cursor),
        }
    }

    /// `Object.values(x)`, `Array.from(x)` and the like.
    fn static_call(&mut self, unit: &'w Unit, site: Site, name: &str, args: &[Element], cursor: &Cursor) -> bool {
        let Some(first) = args.first().filter(|arg| !arg.spread).map(|arg| Site { file: site.file, expr: arg.expr }) else {
            return name == "withResolvers" && self.with_resolvers(unit, site, cursor);
        };
        let rest = |taken: usize| cursor.path.iter().skip(taken).cloned().collect::<Vec<_>>();
        let (head, second) = (cursor.path.first().map(AsRef::as_ref), cursor.path.get(1).map(AsRef::as_ref));
        match (name, head, second) {
            ("values", Some(head), _) if is_element(head) => {
                self.expr(first, &cursor.with_path(rest(1)).below([Name::from(ANY)]));
                true
            }
            ("entries", Some(head), Some("1")) if is_element(head) => {
                self.expr(first, &cursor.with_path(rest(2)).below([Name::from(ANY)]));
                true
            }
            // The keys.
            ("entries", Some(head), Some("0")) => is_element(head),
            ("fromEntries", Some(_), _) => {
                self.expr(first, &cursor.with_path(rest(1)).below([Name::from(ANY), Name::from("1")]));
                true
            }
            ("create", Some(_), _) => {
                self.expr(first, cursor);
                true
            }
            ("from", Some(head), _) if is_element(head) => {
                match args.get(1).filter(|arg| !arg.spread) {
                    Some(made) => {
                        let made = Site { file: site.file, expr: made.expr };
                        self.result_of(made, site, &[BoundArg::Value(first, vec![Name::from(ANY)])], &cursor.rest());
                    }
                    None => self.expr(first, cursor),
                }
                true
            }
            ("defineProperty" | "defineProperties", _, _) => {
                self.expr(first, cursor);
                true
            }
            _ => false,
        }
    }

    /// Methods of maps, sets, arrays, iterators, promises and functions.
    fn method_call(&mut self, site: Site, object: ExprId, name: &str, args: &[Element], cursor: &Cursor) -> bool {
        let receiver = Site { file: site.file, expr: object };
        let plain = |index: usize| args.get(index).filter(|arg| !arg.spread).map(|arg| Site { file: site.file, expr: arg.expr });
        let head = cursor.head().map(AsRef::as_ref);
        match (name, args.len()) {
            ("get", 1) if self.holds_entries(receiver, cursor) => {
                let key = plain(0).and_then(|key| self.values.constant_key(key));
                self.expr(receiver, &cursor.below([entry(key.as_deref())]));
                true
            }
            ("values", 0) if head.is_some_and(is_element) && self.holds_entries(receiver, cursor) => {
                self.expr(receiver, &cursor.rest().below([Name::from(ANY_ENTRY)]));
                true
            }
            ("entries", 0) if head.is_some_and(is_element) && self.holds_entries(receiver, cursor) => {
                self.expr(receiver, cursor);
                true
            }
            ("values", 0) if head.is_some_and(is_element) => {
                self.expr(receiver, cursor);
                true
            }
            ("entries", 0) if head.is_some_and(is_element) && cursor.path.get(1).is_some_and(|key| &**key == "1") => {
                self.expr(receiver, &cursor.with_path(cursor.path.iter().skip(2).cloned().collect()).below([Name::from(ANY)]));
                true
            }
            ("next", _) if head == Some("value") => {
                self.expr(receiver, &cursor.rest().below([Name::from(ANY)]));
                true
            }
            ("reduce" | "reduceRight", 1 | 2) => {
                let Some(callback) = plain(0) else { return false };
                let start = plain(1).map_or(BoundArg::Opaque, |start| BoundArg::Value(start, Vec::new()));
                let element = BoundArg::Value(receiver, vec![Name::from(ANY)]);
                if let Some(start) = plain(1) {
                    self.expr(start, cursor);
                }
                self.result_of(callback, site, &[start, element], cursor);
                true
            }
            ("concat", _) if head.is_some_and(is_element) => {
                let any = cursor.rest().below([Name::from(ANY)]);
                self.expr(receiver, &any);
                args.iter().for_each(|arg| self.expr(Site { file: site.file, expr: arg.expr }, &any));
                true
            }
            ("join", 0 | 1) if cursor.path.is_empty() && self.is_list(receiver, cursor) => {
                self.expr(receiver, &cursor.derived().below([Name::from(ANY)]));
                true
            }
            ("then", 2..) => {
                if let Some(refused) = plain(1) {
                    self.result_of(refused, site, &[BoundArg::Opaque], cursor);
                }
                // The first callback is everybody's.
                false
            }
            ("apply", 2) => {
                let callees = self.ask(receiver, cursor);
                let Some(list) = plain(1) else { return false };
                for function in callees.functions() {
                    self.enter_bound(function, site, vec![BoundArg::Spread(list)], cursor);
                }
                callees.functions().next().is_some()
            }
            _ => false,
        }
    }

    /// A call of what `f.bind(this, a)` made: the arguments that were bound come first.
    fn bound_call(&mut self, unit: &'w Unit, site: Site, callee: ExprId, args: &[Element], cursor: &Cursor) -> bool {
        let Some(bind) = unit.bind_call(callee) else { return false };
        let ExprKind::Call { callee: member, args: given, .. } = &unit.module[bind].kind else { return false };
        let ExprKind::Member { object, .. } = unit.module[unit.uncast(*member)].kind else { return false };
        let all: Vec<Element> = given.iter().skip(1).chain(args).copied().collect();
        let callees = self.ask(Site { file: site.file, expr: object }, cursor);
        for function in callees.functions() {
            self.enter(function, site, &all, cursor);
        }
        callees.functions().next().is_some()
    }

    /// `Object.assign(a, b)`: later arguments win, from the last that surely has the member on.
    pub(crate) fn merged(&mut self, unit: &'w Unit, args: &[Element], cursor: &Cursor) {
        for arg in args.iter().rev() {
            let site = Site { file: unit.file, expr: arg.expr };
            self.expr(site, &if arg.spread { cursor.below([Name::from(ANY)]) } else { cursor.clone() });
            if let Some(head) = cursor.head()
                && !arg.spread
                && self.values.surely_has(unit, arg.expr, head, 0)
            {
                return;
            }
        }
    }

    /// A tagged template: a tag of the project is called with the holes.
    pub(crate) fn tagged(&mut self, unit: &'w Unit, site: Site, tag: ExprId, template: ExprId, cursor: &Cursor) {
        let callees = self.ask(Site { file: site.file, expr: tag }, cursor);
        let ExprKind::Template { exprs, .. } = &unit.module[template].kind else { return };
        let holes = exprs.iter().map(|hole| BoundArg::Value(Site { file: site.file, expr: *hole }, Vec::new()));
        let args: Vec<BoundArg> = std::iter::once(BoundArg::Opaque).chain(holes).collect();
        for function in callees.functions() {
            self.enter_bound(function, site, args.clone(), cursor);
        }
        if callees.functions().next().is_none() {
            self.born(unit.at(unit.module[site.expr].span), OriginKind::Call(site), cursor);
        }
    }

    /// A map or set as it is made: `new Map([[key, value]])`, `new Set([value])`.
    pub(crate) fn collection_value(&mut self, site: Site, start: Option<&Element>, at: Location, cursor: &Cursor) {
        let Some(head) = cursor.head().cloned() else {
            self.born(at, OriginKind::New(site), cursor);
            return;
        };
        let Some(start) = start.filter(|start| !start.spread) else { return };
        if !is_entry(&head) {
            if is_element(&head) {
                // `forEach` gives the value of a pair by itself.
                let of_pair = cursor.path.get(1).is_none_or(|key| matches!(&**key, "0" | "1"));
                if !of_pair && self.values.is_map(site) {
                    self.collection_value(site, Some(start), at, &cursor.rest().below([Name::from(ANY_ENTRY)]));
                } else {
                    self.expr(Site { file: site.file, expr: start.expr }, cursor);
                }
            }
            return;
        }
        let start = Site { file: site.file, expr: start.expr };
        let rest = cursor.rest();
        let pairs = self.values.pairs(start);
        if pairs.is_empty() {
            self.expr(start, &rest.below([Name::from(ANY), Name::from("1")]));
        }
        for (key, value) in pairs {
            let key = self.values.constant_key(key);
            if key.as_deref().is_none_or(|key| &*head == ANY_ENTRY || entry(Some(key)) == head) {
                self.expr(value, &rest);
            }
        }
    }

    /// Follows what a call puts into the asked object.
    pub(crate) fn put(&mut self, unit: &'w Unit, write: &MemberWrite, cursor: &Cursor) {
        let (keys, put) = match write.keys.split_last() {
            Some((MemberKey::Put(key), before)) => (before, Some(*key)),
            _ => (write.keys.as_slice(), None),
        };
        let Some(keys) = self.values.constant_keys(unit, keys) else { return };
        if cursor.path.len() <= keys.len().saturating_sub(usize::from(put.is_none() && !keys.is_empty()))
            || !cursor.path.iter().zip(&keys).all(|(asked, key)| asked == key || &**asked == ANY)
        {
            return;
        }
        let path = |taken: usize| cursor.with_path(cursor.path.iter().skip(keys.len() + taken).cloned().collect());
        let segment = |index: usize| cursor.path.get(keys.len() + index).map(AsRef::as_ref);
        let below = match (put, segment(0), segment(1)) {
            // A whole object is merged in.
            (None, ..) => path(0),
            (Some(None), Some(head), _) if is_element(head) => path(1),
            (Some(Some(key)), Some(head), _) if is_entry(head) => {
                let key = self.values.constant_key(Site { file: unit.file, expr: key });
                if key.as_deref().is_some_and(|key| head != ANY_ENTRY && *head != *entry(Some(key))) {
                    return;
                }
                path(1)
            }
            (Some(Some(_)), Some(head), Some("1")) if is_element(head) => path(2),
            (Some(Some(_)), Some(head), Some("0")) if is_element(head) => return,
            (Some(Some(_)), Some(ANY), _) => path(1),
            _ => return,
        };
        self.written(unit, &write.kind, &write.path, write.span, &below);
    }

    /// Whether an expression is a map of the language.
    fn holds_entries(&mut self, receiver: Site, cursor: &Cursor) -> bool {
        let answer = self.ask(receiver, cursor);
        answer.facts.iter().any(|fact| match fact.kind {
            OriginKind::New(made) if fact.path.is_empty() => self.values.is_map(made),
            _ => false,
        })
    }

    fn is_list(&mut self, receiver: Site, cursor: &Cursor) -> bool {
        let answer = self.ask(receiver, cursor);
        answer.facts.iter().any(|fact| matches!(fact.kind, OriginKind::Object(_)) && fact.path.is_empty())
    }

    /// `const { promise, resolve } = Promise.withResolvers()`.
    fn with_resolvers(&mut self, unit: &'w Unit, site: Site, cursor: &Cursor) -> bool {
        if cursor.head().is_none_or(|head| &**head != "promise") {
            return false;
        }
        let inner = cursor.rest();
        for symbol in unit.destructured("resolve") {
            let here = unit
                .usage
                .writes(*symbol)
                .iter()
                .any(|write| matches!(write.kind, WriteKind::Declared { init: Some(init) } if unit.uncast(init) == site.expr));
            if here {
                self.resolved_with(unit, *symbol, &inner);
            }
        }
        let held = unit.declared_symbol(site.expr);
        for call in unit.usage.method_calls("resolve") {
            let receiver = unit.call_receiver(*call).and_then(|receiver| unit.scopes.symbol_of_expr(receiver));
            if let (Some(receiver), ExprKind::Call { args, .. }) = (receiver, &unit.module[*call].kind)
                && held == Some(receiver)
                && let Some(arg) = args.first()
            {
                self.expr(Site { file: unit.file, expr: arg.expr }, &inner);
            }
        }
        true
    }

    /// `new Promise((resolve) => …)`: whatever `resolve` is called with, here or by what it is handed to.
    pub(crate) fn resolved_by(&mut self, unit: &'w Unit, executor: ExprId, cursor: &Cursor) {
        let ExprKind::Function(function) = unit.module[unit.uncast(executor)].kind else { return };
        let Some(param) = unit.module[function].params.first() else { return };
        let PatKind::Binding(binding) = unit.module[param.pat].kind else { return };
        let Some(resolve) = unit.scopes.symbol_of_binding(binding) else { return };
        self.resolved_with(unit, resolve, cursor);
    }

    fn resolved_with(&mut self, unit: &'w Unit, resolve: crate::analysis::scopes::SymbolId, cursor: &Cursor) {
        for caller in self.values.calls_of_local(unit, resolve) {
            if let ExprKind::Call { args, .. } = &caller.unit.module[caller.expr].kind
                && let Some(arg) = args.first()
            {
                let mut next = cursor.clone();
                if caller.unit.file != unit.file {
                    next.frames = None;
                }
                self.expr(Site { file: caller.unit.file, expr: arg.expr }, &next);
            }
        }
    }
}

impl<'w> Values<'w> {
    fn is_map(&self, made: Site) -> bool {
        let Some(unit) = self.unit(made.file) else { return false };
        let ExprKind::New { callee, .. } = unit.module[made.expr].kind else { return false };
        self.identities(Site { file: made.file, expr: callee })
            .iter()
            .any(|identity| matches!(identity, Identity::Global(name) if matches!(name.as_str(), "Map" | "WeakMap")))
    }

    /// The pairs of an array literal of pairs.
    fn pairs(&self, list: Site) -> Vec<(Site, Site)> {
        let Some(unit) = self.unit(list.file) else { return Vec::new() };
        let ExprKind::Array(elements) = &unit.module[unit.uncast(list.expr)].kind else { return Vec::new() };
        let pair = |element: &Element| match &unit.module[element.expr].kind {
            ExprKind::Array(pair) => match pair.as_slice() {
                [key, value] if !key.spread && !value.spread => {
                    Some((Site { file: list.file, expr: key.expr }, Site { file: list.file, expr: value.expr }))
                }
                _ => None,
            },
            _ => None,
        };
        let pairs: Vec<_> = elements.iter().filter_map(pair).collect();
        // With anything else in the list, the pairs are not all there is.
        if pairs.len() == elements.len() { pairs } else { Vec::new() }
    }

    /// Whether an expression is an object that has a member of its own under the name, whatever happens.
    pub(crate) fn surely_has(&self, unit: &'w Unit, expr: ExprId, name: &str, depth: u8) -> bool {
        if depth > SURE {
            return false;
        }
        let expr = unit.uncast(expr);
        match &unit.module[expr].kind {
            ExprKind::Object(properties) => properties.iter().any(|property| match property {
                Property::Value { key: PropertyKey::Name(key, _), .. } => &**key == name,
                Property::Spread(inner) => self.surely_has(unit, *inner, name, depth + 1),
                _ => false,
            }),
            ExprKind::Ident(_) => {
                let declared = unit.scopes.symbol_of_expr(expr).and_then(|symbol| self.declaration(unit, symbol));
                declared.is_some_and(|(unit, symbol)| match unit.usage.writes(symbol) {
                    [write] if write.path.is_empty() && unit.usage.deletes_of(symbol).is_empty() => match write.kind {
                        WriteKind::Declared { init: Some(init) } => self.surely_has(unit, init, name, depth + 1),
                        _ => false,
                    },
                    _ => false,
                })
            }
            _ => false,
        }
    }
}

impl Unit {
    /// Whether a yielded expression is the operand of `yield*`: another iterator, not a value.
    fn is_delegated(&self, operand: ExprId) -> bool {
        let Some(Node::Expr(parent)) = self.parents.parent(Node::Expr(operand)) else { return false };
        let text = self.source.slice(self.module[parent].span);
        matches!(self.module[parent].kind, ExprKind::Yield(_))
            && text.strip_prefix("yield").is_some_and(|rest| rest.trim_start().starts_with('*'))
    }

    /// The call of `bind` with arguments to keep that an expression, or the declaration of a name, is.
    fn bind_call(&self, callee: ExprId) -> Option<ExprId> {
        let mut expr = self.uncast(callee);
        if let Some(symbol) = self.scopes.symbol_of_expr(expr) {
            let [write] = self.usage.writes(symbol) else { return None };
            let WriteKind::Declared { init: Some(init) } = write.kind else { return None };
            expr = self.uncast(init);
        }
        let ExprKind::Call { callee, args, .. } = &self.module[expr].kind else { return None };
        let bind = matches!(&self.module[self.uncast(*callee)].kind, ExprKind::Member { property, .. } if &**property == "bind");
        (bind && args.len() > 1 && args.iter().all(|arg| !arg.spread)).then_some(expr)
    }
}
