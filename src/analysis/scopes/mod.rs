//! Name resolution inside one module.
//!
//! [`resolve`] builds the scope tree of a module and ties every identifier expression to the symbol that it names, after
//! ECMAScript's static semantics (hoisting, block scopes, parameter scopes, own names of function and class expressions)
//! and TypeScript's additions that have values (enums, namespaces, merging). Markup files add one thing of their own: which
//! script region sees which other one (see [`ScopeKind`]).
//!
//! Types are not in the HIR, so nothing here resolves type names. A type-only import has a symbol, but no value reference
//! ever resolves to it: at run time the name is not bound.
//!
//! `this`, `super`, labels, lower-case JSX tags and `arguments` name nothing here; `arguments` comes out as a global.

mod bind;
mod declare;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;

use super::grouped::Grouped;
use crate::hir::visit::Node;
use crate::hir::{BindingId, BindingKind, ExprId, Module, Name, ProgramKind};
use crate::source::Span;

/// A symbol: one variable, function, class, import or enum member of the module, however often it is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SymbolId(pub u32);

impl SymbolId {
    /// The index into [`Scopes::symbols`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A scope of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(pub u32);

impl ScopeId {
    /// The index into [`Scopes::scopes`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One scope.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// The scope around it; none for the page and for server script, which runs elsewhere.
    pub parent: Option<ScopeId>,
    /// What opens it.
    pub kind: ScopeKind,
    /// The node that opens it; none for program scopes.
    pub node: Option<Node>,
}

/// What opens a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScopeKind {
    /// The global scope of the page: the names of all classic scripts. The outermost scope of every module.
    Page,
    /// A script region. Regions of kind [`ProgramKind::Classic`] have no scope of their own; all
    /// [`ProgramKind::Component`] regions share one, and all [`ProgramKind::Setup`] regions share one inside it.
    /// [`ProgramKind::Inline`] stands inside the innermost of setup, component, server and page.
    Program(ProgramKind),
    /// The own name of a function expression.
    FunctionName,
    /// The parameters of a function.
    Function,
    /// The braces of a function: its `var`s and top-level declarations. Default values of parameters do not see it.
    FunctionBody,
    /// `{ … }`
    Block,
    /// The head of a `for` loop.
    For,
    /// The cases of a `switch`.
    Switch,
    /// The parameter of a `catch`.
    Catch,
    /// A class: its own name when it is an expression.
    Class,
    /// `static { … }` of a class.
    StaticBlock,
    /// An enum: its members, visible to the initialisers.
    Enum,
    /// A namespace.
    Namespace,
}

/// One symbol.
#[derive(Debug, Clone)]
pub struct Symbol {
    /// Its name.
    pub name: Name,
    /// The scope that it belongs to (for a `var`, the one that it is hoisted to).
    pub scope: ScopeId,
    /// Its declarations in source order: more than one for repeated `var`s, a `var` or function that takes a parameter's
    /// name, function overloads, merged enums and namespaces. Empty for an enum member.
    pub bindings: Vec<BindingId>,
    /// How it is declared (first).
    pub kind: SymbolKind,
    /// Where its name stands in the first declaration.
    pub span: Span,
}

/// How a symbol is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// By a declaration of this kind.
    Binding(BindingKind),
    /// As an enum member with this value, inside its own enum.
    EnumMember(ExprId),
}

/// What an identifier expression names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A symbol of the module.
    Symbol(SymbolId),
    /// Nothing that the module declares.
    Global,
}

/// The names of a module.
#[derive(Debug)]
pub struct Scopes {
    /// All scopes; a parent stands before its children.
    pub scopes: Vec<Scope>,
    /// All symbols.
    pub symbols: Vec<Symbol>,
    /// Identifier expressions that name nothing of the module, in source order of their regions.
    pub unresolved: Vec<ExprId>,
    by_binding: Vec<Option<SymbolId>>,
    by_expr: Vec<Option<Reference>>,
    references: Grouped<ExprId>,
    table: NameTable,
}

impl Scopes {
    /// The symbol that a declaration declares. None only for declarations that no node of the module contains.
    #[must_use]
    pub fn symbol_of_binding(&self, binding: BindingId) -> Option<SymbolId> {
        self.by_binding.get(binding.index()).copied().flatten()
    }

    /// What an identifier expression names; none for expressions of any other kind.
    #[must_use]
    pub fn reference(&self, expr: ExprId) -> Option<Reference> {
        self.by_expr.get(expr.index()).copied().flatten()
    }

    /// The symbol that an identifier expression names; none for globals and for expressions of any other kind.
    #[must_use]
    pub fn symbol_of_expr(&self, expr: ExprId) -> Option<SymbolId> {
        match self.reference(expr) {
            Some(Reference::Symbol(symbol)) => Some(symbol),
            Some(Reference::Global) | None => None,
        }
    }

    /// The name of a global that an identifier expression names; none when the module declares it.
    #[must_use]
    pub fn global_name<'m>(&self, module: &'m Module, expr: ExprId) -> Option<&'m Name> {
        match (&module[expr].kind, self.reference(expr)) {
            (crate::hir::ExprKind::Ident(name), Some(Reference::Global)) => Some(name),
            _ => None,
        }
    }

    /// Every identifier expression that names the symbol, reads and writes, in source order of their regions.
    #[must_use]
    pub fn references(&self, symbol: SymbolId) -> &[ExprId] {
        self.references.of(symbol.index())
    }

    /// The symbol itself; none for an id of another module.
    #[must_use]
    pub fn symbol(&self, symbol: SymbolId) -> Option<&Symbol> {
        self.symbols.get(symbol.index())
    }

    /// The symbol that `name` would name if it stood in `scope`.
    #[must_use]
    pub fn lookup(&self, scope: ScopeId, name: &str) -> Option<SymbolId> {
        self.table.lookup(&self.scopes, scope, self.table.names.get(name).copied()?)
    }

    /// Whether the symbol is declared at the top of a script region.
    #[must_use]
    pub fn is_top_level(&self, symbol: SymbolId) -> bool {
        let scope = self.symbol(symbol).and_then(|symbol| self.scopes.get(symbol.scope.index()));
        matches!(scope.map(|scope| scope.kind), Some(ScopeKind::Page | ScopeKind::Program(_)))
    }
}

/// Which name is which symbol in which scope.
#[derive(Debug, Default)]
struct NameTable {
    names: FxHashMap<Name, u32>,
    symbols: FxHashMap<(ScopeId, u32), SymbolId>,
}

impl NameTable {
    fn lookup(&self, scopes: &[Scope], from: ScopeId, name: u32) -> Option<SymbolId> {
        let mut next = Some(from);
        let mut in_template = false;
        while let Some(scope) = next {
            if let Some(symbol) = self.symbols.get(&(scope, name)) {
                return Some(*symbol);
            }
            let entry = scopes.get(scope.index())?;
            in_template |= entry.kind == ScopeKind::Program(ProgramKind::Inline);
            next = entry.parent;
        }
        // Server script has no scope around it, but an event handler in the same file also sees the page's scripts.
        if in_template { self.symbols.get(&(declare::PAGE, name)).copied() } else { None }
    }
}

/// Resolves the names of a module.
#[must_use]
pub fn resolve(module: &Module) -> Scopes {
    bind::bind(module, declare::declare(module))
}
