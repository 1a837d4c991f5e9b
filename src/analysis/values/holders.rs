//! Who holds a value: the names that it goes by, here and in other files, and the calls that are made of it there.
//!
//! A store, a setter or a subject is made in one place and used in others, under the name of a variable, of an import, of a property of
//! an object that a hook returns or a context provides, or of a component's property. [`Values::holders`] lists them. Names of properties
//! are only likely to be the value: calls that were found through one are kept when the callee leads back to where the value was made.

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::{FunctionSite, OriginKind, Site, Values};
use crate::analysis::mentions::Mention;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::catalog::apis::{ApiRole, ApiTable};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, JsxAttribute, JsxTag, Name, PatKind, StmtKind};
use crate::source::FileId;

/// How many names of one value are followed.
const HELD: usize = 64;

/// The names that a value goes by.
#[derive(Debug, Default)]
pub(super) struct Holders<'w> {
    /// Variables and imports; true where it is the value for sure, false where only the name of a property says so.
    pub(super) symbols: Vec<(&'w Unit, SymbolId, bool)>,
    /// Properties, with the file that they may be asked for in.
    pub(super) properties: Vec<(&'w Unit, Name)>,
}

/// Something on the way from where a value is made.
enum Held<'w> {
    Expr(&'w Unit, ExprId, bool),
    Symbol(&'w Unit, SymbolId, bool),
}

impl<'w> Values<'w> {
    /// The names that the value of an expression goes by; with `position` that of the element of the array that it is.
    pub(super) fn holders(&self, made: Site, position: Option<usize>) -> Holders<'w> {
        let Some(unit) = self.unit(made.file) else { return Holders::default() };
        let start = match position {
            Some(position) => unit.element_symbol(made.expr, position).map(|symbol| Held::Symbol(unit, symbol, true)),
            None => Some(Held::Expr(unit, made.expr, true)),
        };
        self.hold(start.into_iter().collect(), None)
    }

    /// The names that a box goes by in files that assign its `member`; imports aside.
    pub(super) fn holders_writing(&self, made: Site, member: &str) -> Holders<'w> {
        let Some(unit) = self.unit(made.file) else { return Holders::default() };
        self.hold(VecDeque::from([Held::Expr(unit, made.expr, true)]), Some(member))
    }

    /// The names that a variable's value goes by.
    pub(super) fn holders_of_symbol(&self, unit: &'w Unit, symbol: SymbolId) -> Holders<'w> {
        self.hold(VecDeque::from([Held::Symbol(unit, symbol, true)]), None)
    }

    fn hold(&self, mut open: VecDeque<Held<'w>>, written: Option<&str>) -> Holders<'w> {
        let mut holders = Holders::default();
        let mut seen = FxHashSet::default();
        let mut named = FxHashSet::default();
        while let Some(held) = open.pop_front() {
            if holders.symbols.len() + holders.properties.len() >= HELD {
                break;
            }
            match held {
                Held::Symbol(unit, symbol, sure) => {
                    if !seen.insert((unit.file, symbol)) {
                        continue;
                    }
                    holders.symbols.push((unit, symbol, sure));
                    for reference in unit.scopes.references(symbol) {
                        open.push_back(Held::Expr(unit, *reference, sure));
                    }
                    if written.is_none() {
                        for (importer, local) in self.workspace.importing_symbols(unit, symbol) {
                            open.push_back(Held::Symbol(importer, local, sure));
                        }
                    }
                }
                Held::Expr(unit, expr, sure) => {
                    let Some(name) = self.passed_on(unit, expr, sure, &mut open) else { continue };
                    for file in self.asking_files(unit, expr, &name, written) {
                        let Some(other) = self.unit(file).filter(|other| named.insert((other.file, name.clone()))) else { continue };
                        open.extend(other.destructured(&name).iter().map(|symbol| Held::Symbol(other, *symbol, false)));
                        holders.properties.push((other, name.clone()));
                    }
                }
            }
        }
        holders
    }

    /// Where an expression's value goes from its place; the name of the property when it goes into one.
    fn passed_on(&self, unit: &'w Unit, expr: ExprId, sure: bool, open: &mut VecDeque<Held<'w>>) -> Option<Name> {
        let parent = unit.parents.parent(Node::Expr(expr))?;
        match parent {
            Node::Stmt(stmt) => match &unit.module[stmt].kind {
                StmtKind::Declare { declarators, .. } => {
                    let (pat, _) = declarators.iter().find(|(_, init)| *init == Some(expr))?;
                    if let PatKind::Binding(binding) = unit.module[*pat].kind
                        && let Some(symbol) = unit.scopes.symbol_of_binding(binding)
                    {
                        open.push_back(Held::Symbol(unit, symbol, sure));
                    }
                    None
                }
                StmtKind::Return(_) => self.returned(unit, parent, sure, open),
                _ => None,
            },
            Node::Function(_) => self.returned(unit, Node::Expr(expr), sure, open),
            Node::Class(class) => unit.field_name(class, expr),
            Node::Expr(outer) => match &unit.module[outer].kind {
                ExprKind::Cast { .. } | ExprKind::Await(_) | ExprKind::Logical { .. } | ExprKind::Conditional { .. } => {
                    open.push_back(Held::Expr(unit, outer, sure));
                    None
                }
                ExprKind::Object(_) => unit.property_of(expr).map(|(_, name)| name),
                ExprKind::Array(elements) => {
                    let position = elements.iter().position(|element| element.expr == expr)?;
                    for caller in self.callers_of_returned(unit, outer) {
                        let Some(other) = self.unit(caller.file) else { continue };
                        open.extend(other.element_symbol(caller.expr, position).map(|symbol| Held::Symbol(other, symbol, false)));
                    }
                    None
                }
                ExprKind::Assign { target, value, .. } if *value == expr => match unit.module[*target].kind {
                    PatKind::Expr(target) => {
                        if let Some(symbol) = unit.scopes.symbol_of_expr(target) {
                            open.push_back(Held::Symbol(unit, symbol, sure));
                        }
                        match &unit.module[target].kind {
                            ExprKind::Member { property, .. } => Some(property.clone()),
                            _ => None,
                        }
                    }
                    _ => None,
                },
                ExprKind::Jsx(element) => {
                    let name = element.attributes.iter().find_map(|attribute| match attribute {
                        JsxAttribute::Named { name, value: Some(value), .. } if *value == expr => Some(name.clone()),
                        _ => None,
                    })?;
                    matches!(element.tag, JsxTag::Component(_)).then_some(name)
                }
                ExprKind::Call { callee, args, .. } => {
                    let position = args.iter().position(|arg| arg.expr == expr && !arg.spread)?;
                    for function in self.answer(Site { file: unit.file, expr: *callee }).functions() {
                        let Some(other) = self.unit(function.file) else { continue };
                        let Some(param) = other.module[function.function].params.get(position) else { continue };
                        open.extend(other.binding_symbol(param.pat).map(|symbol| Held::Symbol(other, symbol, sure)));
                    }
                    None
                }
                _ => None,
            },
            Node::Pat(_) => None,
        }
    }

    /// A value that a function returns as a whole: the calls of the function are it.
    fn returned(&self, unit: &'w Unit, inside: Node, sure: bool, open: &mut VecDeque<Held<'w>>) -> Option<Name> {
        let function = unit.parents.enclosing_function(inside)?;
        for caller in self.callers(FunctionSite { file: unit.file, function }) {
            open.push_back(Held::Expr(caller.unit, caller.expr, sure));
        }
        None
    }

    /// The calls of the function that returns the expression.
    fn callers_of_returned(&self, unit: &'w Unit, mut expr: ExprId) -> Vec<Site> {
        while let Some(Node::Expr(outer)) = unit.parents.parent(Node::Expr(expr))
            && matches!(unit.module[outer].kind, ExprKind::Cast { .. })
        {
            expr = outer;
        }
        let function = match unit.parents.parent(Node::Expr(expr)) {
            Some(Node::Function(function)) => Some(function),
            Some(Node::Stmt(stmt)) if matches!(unit.module[stmt].kind, StmtKind::Return(_)) => {
                unit.parents.enclosing_function(Node::Stmt(stmt))
            }
            _ => None,
        };
        let callers = function.map(|function| self.callers(FunctionSite { file: unit.file, function })).unwrap_or_default();
        callers.iter().map(|caller| Site { file: caller.unit.file, expr: caller.expr }).collect()
    }

    /// The files in which a property of this name, made at `expr`, may be asked for.
    fn asking_files(&self, unit: &'w Unit, expr: ExprId, name: &str, written: Option<&str>) -> Vec<FileId> {
        let mut files = vec![unit.file];
        let importers = |file: FileId, files: &mut Vec<FileId>| {
            if let Some(written) = written {
                files.extend(self.workspace.importing_units_deep_writing(file, name, written).iter().map(|unit| unit.file));
                return;
            }
            for mention in [Mention::Taken, Mention::Member] {
                files.extend(self.workspace.importing_units_deep_naming(file, name, mention).iter().map(|unit| unit.file));
            }
        };
        importers(unit.file, &mut files);
        for outer in unit.parents.ancestors(Node::Expr(expr)).take(12) {
            let Node::Expr(outer) = outer else { continue };
            let ExprKind::Jsx(element) = &unit.module[outer].kind else { continue };
            let JsxTag::Component(tag) = element.tag else { break };
            files.extend(self.answer(Site { file: unit.file, expr: tag }).functions().map(|function| function.file));
            break;
        }
        // What a provider gives is asked for by whoever imports the context.
        for context in self.contexts_provided(unit) {
            files.push(context);
            importers(context, &mut files);
        }
        files.sort_unstable();
        files.dedup();
        files
    }

    /// The files of the contexts that a file provides values for.
    fn contexts_provided(&self, unit: &'w Unit) -> Vec<FileId> {
        let providers = unit.module.exprs.iter().filter_map(|expr| match &expr.kind {
            ExprKind::Jsx(element) => match element.tag {
                JsxTag::Component(tag) => Some(match &unit.module[tag].kind {
                    ExprKind::Member { object, property, .. } if &**property == "Provider" => *object,
                    _ => tag,
                }),
                _ => None,
            },
            _ => None,
        });
        let mut files: Vec<FileId> = providers
            .filter_map(|tag| unit.scopes.symbol_of_expr(tag))
            .filter_map(|symbol| self.workspace.imported_file(unit, symbol))
            .filter(|file| self.unit(*file).is_some_and(|unit| unit.makes_context(self.apis())))
            .collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// Whether the expression is what was made at `made`, at this path below it.
    pub(super) fn leads_to(&self, site: Site, made: Site, path: &[&str]) -> bool {
        self.answer(site).facts.iter().any(|fact| {
            matches!(fact.kind, OriginKind::Call(at) | OriginKind::New(at) if at == made)
                && !fact.derived
                && fact.path.iter().map(AsRef::as_ref).eq(path.iter().copied())
        })
    }

    /// The calls of a function that goes by these names and is what was made at `made`, at this path below it.
    pub(super) fn calls_of_held(&self, holders: &Holders<'w>, made: Site, path: &[&str]) -> Vec<Site> {
        let mut calls = Vec::new();
        let mut add = |unit: &'w Unit, call: ExprId, sure: bool| {
            let Some(callee) = unit.call_callee(call) else { return };
            if sure || self.leads_to(Site { file: unit.file, expr: callee }, made, path) {
                calls.push(Site { file: unit.file, expr: call });
            }
        };
        for (unit, symbol, sure) in &holders.symbols {
            unit.usage.calls_of(*symbol).iter().for_each(|call| add(unit, *call, *sure));
        }
        for (unit, name) in &holders.properties {
            unit.usage.method_calls(name).iter().for_each(|call| add(unit, *call, false));
        }
        calls.sort_unstable();
        calls.dedup();
        calls
    }

    /// The calls of methods of a value that goes by these names and was made at `made`.
    pub(super) fn method_calls_of_held(&self, holders: &Holders<'w>, made: Site, methods: &[&str]) -> Vec<Site> {
        let mut calls = Vec::new();
        let symbols: FxHashSet<(FileId, SymbolId)> = holders.symbols.iter().map(|(unit, symbol, _)| (unit.file, *symbol)).collect();
        let sure: FxHashSet<(FileId, SymbolId)> =
            holders.symbols.iter().filter(|(_, _, sure)| *sure).map(|(unit, symbol, _)| (unit.file, *symbol)).collect();
        let mut units: Vec<&'w Unit> =
            holders.symbols.iter().map(|(unit, _, _)| *unit).chain(holders.properties.iter().map(|(unit, _)| *unit)).collect();
        units.sort_by_key(|unit| unit.file);
        units.dedup_by_key(|unit| unit.file);
        for unit in units {
            for call in methods.iter().flat_map(|method| unit.usage.method_calls(method)) {
                let Some(receiver) = unit.call_receiver(*call).map(|receiver| unit.uncast(receiver)) else { continue };
                let site = Site { file: unit.file, expr: receiver };
                let is_held = match &unit.module[receiver].kind {
                    ExprKind::Member { property, .. } => {
                        holders.properties.iter().any(|(other, name)| other.file == unit.file && name == property)
                            && self.leads_to(site, made, &[])
                    }
                    _ => unit.scopes.symbol_of_expr(receiver).is_some_and(|symbol| {
                        sure.contains(&(unit.file, symbol)) || (symbols.contains(&(unit.file, symbol)) && self.leads_to(site, made, &[]))
                    }),
                };
                if is_held {
                    calls.push(Site { file: unit.file, expr: *call });
                }
            }
        }
        calls.sort_unstable();
        calls.dedup();
        calls
    }
}

impl Unit {
    /// The symbol that a pattern binds as a whole, a default aside.
    pub(super) fn binding_symbol(&self, pat: crate::hir::PatId) -> Option<SymbolId> {
        match self.module[pat].kind {
            PatKind::Binding(binding) => self.scopes.symbol_of_binding(binding),
            PatKind::Default { pat, .. } => match self.module[pat].kind {
                PatKind::Binding(binding) => self.scopes.symbol_of_binding(binding),
                _ => None,
            },
            _ => None,
        }
    }

    /// For `const [a, b] = call`: the symbol at a position.
    pub(super) fn element_symbol(&self, call: ExprId, position: usize) -> Option<SymbolId> {
        let mut node = Node::Expr(call);
        let statement = loop {
            match self.parents.parent(node)? {
                Node::Stmt(stmt) => break stmt,
                parent @ Node::Expr(expr) if matches!(self.module[expr].kind, ExprKind::Cast { .. } | ExprKind::Await(_)) => node = parent,
                _ => return None,
            }
        };
        let StmtKind::Declare { declarators, .. } = &self.module[statement].kind else { return None };
        let (pat, _) = declarators.iter().find(|(_, init)| init.is_some_and(|init| self.uncast(init) == call || init == call))?;
        let PatKind::Array { elements, .. } = &self.module[*pat].kind else { return None };
        self.binding_symbol(elements.get(position).copied().flatten()?)
    }

    /// Whether a call in this file makes a component context, by its name.
    fn makes_context(&self, apis: &ApiTable) -> bool {
        self.module.exprs.iter().any(|expr| match &expr.kind {
            ExprKind::Call { callee, .. } => match &self.module[self.uncast(*callee)].kind {
                ExprKind::Ident(name) | ExprKind::Member { property: name, .. } => {
                    apis.roles_of_global(name).contains(ApiRole::CreateContext)
                }
                _ => false,
            },
            _ => false,
        })
    }
}
