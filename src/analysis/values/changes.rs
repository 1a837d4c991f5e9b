//! Changes: every place that changes what a container keeps, found once from where the container is made.
//!
//! A setter is looked for under all names that it goes by ([`super::holders`]): what a hook, a store or an atom hands out, and the methods of
//! the container itself.

use std::sync::Arc;

use super::containers::SET;
use super::holders::Holders;
use super::{FunctionSite, OriginKind, Site, Values};
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::usage::{MemberKey, MemberWrite};
use crate::catalog::apis::{ApiRole, ApiRoles};
use crate::hir::visit::Node;
use crate::hir::{ClassId, ClassMemberKind, ExprId, ExprKind, JsxAttribute, JsxTag, Language, Name, Property, PropertyKey};

/// How many changes of one container are followed.
const CHANGES: usize = 200;
/// Methods of observable values that change them.
const CHANGING: &[&str] = &["set", "next", "update"];
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
        let roles = answer.roles(self.apis());
        answer.facts.iter().fold(roles, |roles, fact| match fact.kind {
            OriginKind::Call(inner) if fact.path.is_empty() && self.is_bare_call(inner) => {
                let inner = self.answer_of_callee(inner).map(|answer| answer.roles(self.apis())).unwrap_or_default();
                let passed = [ApiRole::Store, ApiRole::Dispatcher];
                passed.into_iter().filter(|role| inner.contains(*role)).fold(roles, ApiRoles::with)
            }
            _ => roles,
        })
    }

    pub(super) fn is_bare_call(&self, call: Site) -> bool {
        self.unit(call.file).is_some_and(|unit| matches!(&unit.module[call.expr].kind, ExprKind::Call { args, .. } if args.is_empty()))
    }

    fn answer_of_callee(&self, call: Site) -> Option<Arc<super::memo::Answer>> {
        let callee = self.unit(call.file)?.call_callee(call.expr)?;
        Some(self.answer(Site { file: call.file, expr: callee }))
    }

    /// For `observable.pipe(operators…)`: the observable, and the function of the last operator that makes another value.
    pub(super) fn pipe(&self, call: Site) -> Option<(Site, Option<Site>)> {
        let unit = self.unit(call.file)?;
        unit.called_method(call.expr).filter(|method| &***method == "pipe")?;
        let ExprKind::Call { args, .. } = &unit.module[call.expr].kind else { return None };
        let operators = args.iter().rev().map(|arg| Site { file: call.file, expr: arg.expr });
        let function =
            operators.filter(|operator| self.call_plays(*operator, ApiRole::Operator)).find_map(|operator| unit.argument(operator.expr, 0));
        Some((Site { file: call.file, expr: unit.call_receiver(call.expr)? }, function))
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
    pub(super) fn maker_around(&self, unit: &'w Unit, function: FunctionSite) -> Option<(Site, usize)> {
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
            self.changes_of_boxes(made, if is(ApiRole::Ref) { "current" } else { "value" })
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
    fn changes_of_boxes(&self, made: Site, member: &str) -> Vec<Change> {
        let own = self.unit(made.file).and_then(|unit| unit.declared_symbol(made.expr));
        let holders = self.holders_writing(made, member);
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

    /// The name of the variable, field or property that an expression is the value of.
    pub(super) fn name_of_value(&self, value: ExprId) -> Option<Name> {
        if let Some(symbol) = self.declared_symbol(value) {
            return self.scopes.symbol(symbol).map(|symbol| symbol.name.clone());
        }
        if let Some(Node::Class(class)) = self.parents.parent(Node::Expr(value)) {
            return self.field_name(class, value);
        }
        self.property_of(value).map(|(_, name)| name)
    }

    /// The name of the field of a class that an expression initialises.
    pub(super) fn field_name(&self, class: ClassId, value: ExprId) -> Option<Name> {
        self.module[class].members.iter().find_map(|member| match (&member.kind, &member.key) {
            (ClassMemberKind::Field(Some(initial)), Some(PropertyKey::Name(name, _))) if *initial == value => Some(name.clone()),
            _ => None,
        })
    }

    /// What is called or assigned, for a message.
    pub(super) fn change_text(&self, change: ExprId) -> String {
        match &self.module[change].kind {
            ExprKind::Assign { target, .. } => super::walk::short(self.source.slice(self.module[*target].span)),
            _ => self.callee_text(change),
        }
    }

    /// Whether an expression is the `ref` of an element of the page.
    pub(super) fn is_ref_of_element(&self, expr: ExprId) -> bool {
        let Some(Node::Expr(outer)) = self.parents.parent(Node::Expr(expr)) else { return false };
        let ExprKind::Jsx(element) = &self.module[outer].kind else { return false };
        matches!(element.tag, JsxTag::Intrinsic(_))
            && element.attributes.iter().any(
                |attribute| matches!(attribute, JsxAttribute::Named { name, value: Some(value), .. } if *value == expr && &**name == "ref"),
            )
    }

    /// For `$name` in a Svelte component: the symbol that `name` is.
    pub(super) fn subscribed_symbol(&self, name: &str) -> Option<SymbolId> {
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
