//! How each name is written and used: the facts that value flow starts from.
//!
//! [`Usage::of`] reads a module once and files every write under the symbol or member that it writes, every call under
//! what it calls, and every `return`, `yield` and `throw` under its function. It decides nothing: which of several writes is
//! in force at a read is for the reader to judge.

mod collect;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;

use crate::hir::{AssignOp, ClassId, ExprId, FunctionId, Module, Name};
use crate::source::Span;

use super::grouped::Grouped;
use super::parents::{Parents, ThisOwner};
use super::scopes::{Scopes, SymbolId};

/// Where a written value comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WriteKind {
    /// A declaration, a class field or an enum member, with its initialiser.
    Declared {
        /// The initialiser.
        init: Option<ExprId>,
    },
    /// An assignment.
    Assigned {
        /// Which operator.
        op: AssignOp,
        /// The right side.
        value: ExprId,
    },
    /// The variable of a `for … of` or `for … in`.
    ForEach {
        /// What is iterated.
        iterable: ExprId,
        /// Values (`of`) rather than keys.
        of: bool,
    },
    /// A parameter, or the field that a TypeScript parameter property declares.
    Param {
        /// Of which function.
        function: FunctionId,
        /// Which position, from 0.
        index: usize,
        /// Takes all arguments from this position on, as an array.
        rest: bool,
    },
    /// What a `catch` caught.
    Catch,
    /// A static import.
    Import {
        /// The index into [`Module::imports`].
        import: usize,
        /// The index into its names.
        name: usize,
    },
    /// A function under its own name.
    Function(FunctionId),
    /// A class under its own name.
    Class(ClassId),
    /// An enum: its members as an object.
    Enum(ExprId),
    /// A namespace.
    Namespace,
    /// `++` or `--`.
    Update,
    /// `delete`.
    Deleted,
}

impl WriteKind {
    /// The expression that the written value is made of; none where there is no such expression in this place.
    #[must_use]
    pub fn value(&self) -> Option<ExprId> {
        match self {
            Self::Declared { init } => *init,
            Self::Assigned { value, .. } => Some(*value),
            Self::Enum(object) => Some(*object),
            Self::Deleted
            | Self::ForEach { .. }
            | Self::Param { .. }
            | Self::Catch
            | Self::Import { .. }
            | Self::Function(_)
            | Self::Class(_)
            | Self::Namespace
            | Self::Update => None,
        }
    }
}

/// How a part is taken out of a whole value by a destructuring pattern, outermost step first; empty for the whole value.
/// `const { a: { b = 1 }, ...rest } = f()` gives `b` the path `a`, `b`, default `1`.
pub type PatternPath = Vec<PatternStep>;

/// One step of a [`PatternPath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternStep {
    /// The property of this name.
    Property(Name),
    /// The property whose name this expression gives.
    Computed(ExprId),
    /// The element at this position.
    Index(usize),
    /// All properties but these (and but computed ones).
    ObjectRest {
        /// The names that the pattern takes before.
        excluded: Vec<Name>,
    },
    /// All elements from this position on.
    ArrayRest {
        /// The position.
        from: usize,
    },
    /// The value up to here, or this one where that is `undefined`.
    Default(ExprId),
}

/// One write of a symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// Where the value comes from.
    pub kind: WriteKind,
    /// Which part of that value.
    pub path: PatternPath,
    /// The written name.
    pub span: Span,
}

/// One write of a member: `options.login_token = t`, `({ token: this.token } = f())`, a class field, a parameter property.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberWrite {
    /// The object at the start of the member chain.
    pub object: MemberObject,
    /// The keys from there to the written member. Empty only where a global itself is assigned (`phone = x` in a classic
    /// script that declares no `phone`).
    pub keys: Vec<MemberKey>,
    /// Where the value comes from.
    pub kind: WriteKind,
    /// Which part of that value.
    pub path: PatternPath,
    /// The written target.
    pub span: Span,
    /// The assignment expression; none for class fields, parameter properties and loop variables.
    pub expr: Option<ExprId>,
}

impl MemberWrite {
    /// The name of the written member; none when it is computed.
    #[must_use]
    pub fn property(&self) -> Option<&Name> {
        match self.keys.last() {
            Some(MemberKey::Name(name)) => Some(name),
            Some(MemberKey::Computed(_) | MemberKey::Put(_)) | None => None,
        }
    }
}

/// The start of a member chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberObject {
    /// A symbol of the module.
    Symbol(SymbolId),
    /// A name that the module does not declare (`window`, `module`).
    Global(Name),
    /// `this`.
    This(ThisOwner),
    /// Any other expression (a call, a top-level `this`, …).
    Expr(ExprId),
}

/// One key of a member chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberKey {
    /// `.name`, `["name"]`, `[0]`.
    Name(Name),
    /// `[expr]`.
    Computed(ExprId),
    /// The element or value that a method puts in: at an unknown position (`list.push(x)`), or under this key (`map.set(key, x)`).
    Put(Option<ExprId>),
}

/// What names a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FunctionName {
    /// A declaration or a variable that starts as the function.
    Symbol(SymbolId),
    /// A property of an object literal.
    Property {
        /// The object literal.
        object: ExprId,
        /// The key.
        name: Name,
    },
    /// A method, accessor, constructor or function-valued field of a class.
    ClassMember {
        /// The class.
        class: ClassId,
        /// The key.
        name: Name,
        /// `static`.
        is_static: bool,
    },
    /// An assignment to a member: the index into [`Usage::member_writes`].
    MemberWrite(usize),
}

/// How the names of a module are written and used.
#[derive(Debug)]
pub struct Usage {
    writes: Vec<Vec<Write>>,
    member_writes: Vec<MemberWrite>,
    mutations: Vec<MemberWrite>,
    symbol_mutations: Grouped<u32>,
    this_mutations: FxHashMap<ThisOwner, Vec<u32>>,
    deletes: Grouped<MemberWrite>,
    super_calls: Grouped<ExprId>,
    symbol_members: Grouped<u32>,
    this_members: FxHashMap<ThisOwner, Vec<u32>>,
    global_members: FxHashMap<Name, Vec<u32>>,
    named_members: FxHashMap<Name, Vec<u32>>,
    calls: Grouped<ExprId>,
    jsx: Grouped<ExprId>,
    method_calls: FxHashMap<Name, Vec<ExprId>>,
    returns: Grouped<ExprId>,
    yields: Grouped<ExprId>,
    throws: Grouped<ExprId>,
    names: Vec<Option<FunctionName>>,
}

impl Usage {
    /// Reads a module.
    #[must_use]
    pub fn of(module: &Module, scopes: &Scopes, parents: &Parents) -> Self {
        collect::collect(module, scopes, parents)
    }

    /// The writes of a symbol in source order; imports, parameters and declarations without a value included.
    #[must_use]
    pub fn writes(&self, symbol: SymbolId) -> &[Write] {
        self.writes.get(symbol.index()).map_or(&[], Vec::as_slice)
    }

    /// All member writes in source order.
    #[must_use]
    pub fn member_writes(&self) -> &[MemberWrite] {
        &self.member_writes
    }

    /// The member writes whose chain starts at the symbol, in source order.
    pub fn member_writes_of(&self, symbol: SymbolId) -> impl Iterator<Item = &MemberWrite> {
        self.members(self.symbol_members.of(symbol.index()))
    }

    /// The member writes whose chain starts at this `this`, in source order, class fields included.
    pub fn this_writes(&self, owner: ThisOwner) -> impl Iterator<Item = &MemberWrite> {
        self.members(self.this_members.get(&owner).map_or(&[], Vec::as_slice))
    }

    /// The writes of a global of this name and the member writes whose chain starts at it (`module.exports = …`,
    /// `window.phone = …`), in source order.
    pub fn global_writes(&self, name: &str) -> impl Iterator<Item = &MemberWrite> {
        self.members(self.global_members.get(name).map_or(&[], Vec::as_slice))
    }

    /// The member writes whose last key has this name, on any object, in source order.
    pub fn writes_to_property(&self, name: &str) -> impl Iterator<Item = &MemberWrite> {
        self.members(self.named_members.get(name).map_or(&[], Vec::as_slice))
    }

    /// What calls put into the object that a symbol holds: `list.push(x)`, `map.set(key, x)`, `Object.assign(options, x)`. In source order;
    /// the keys are empty where a whole object is merged in.
    pub fn mutations_of(&self, symbol: SymbolId) -> impl Iterator<Item = &MemberWrite> {
        let indices = self.symbol_mutations.of(symbol.index());
        indices.iter().filter_map(|index| self.mutations.get(*index as usize))
    }

    /// [`Usage::mutations_of`], of members of this `this`.
    pub fn this_mutations(&self, owner: ThisOwner) -> impl Iterator<Item = &MemberWrite> {
        let indices = self.this_mutations.get(&owner).map_or(&[][..], Vec::as_slice);
        indices.iter().filter_map(|index| self.mutations.get(*index as usize))
    }

    /// The members of a symbol that `delete` takes away, in source order.
    #[must_use]
    pub fn deletes_of(&self, symbol: SymbolId) -> &[MemberWrite] {
        self.deletes.of(symbol.index())
    }

    /// The calls `super(…)` in a class's own constructor, in source order.
    #[must_use]
    pub fn super_calls(&self, class: ClassId) -> &[ExprId] {
        self.super_calls.of(class.index())
    }

    fn members<'a>(&'a self, indices: &'a [u32]) -> impl Iterator<Item = &'a MemberWrite> {
        indices.iter().filter_map(|index| self.member_writes.get(*index as usize))
    }

    /// Calls and `new` expressions whose callee is exactly the symbol, in source order.
    #[must_use]
    pub fn calls_of(&self, symbol: SymbolId) -> &[ExprId] {
        self.calls.of(symbol.index())
    }

    /// Calls of a member with this name (`x.name()`, `x["name"]()`), in source order.
    #[must_use]
    pub fn method_calls(&self, name: &str) -> &[ExprId] {
        self.method_calls.get(name).map_or(&[], Vec::as_slice)
    }

    /// The JSX elements whose tag is exactly the symbol, in source order.
    #[must_use]
    pub fn jsx_uses(&self, symbol: SymbolId) -> &[ExprId] {
        self.jsx.of(symbol.index())
    }

    /// The values that a function returns: of its own `return` statements, or the body of an arrow without braces.
    #[must_use]
    pub fn returns(&self, function: FunctionId) -> &[ExprId] {
        self.returns.of(function.index())
    }

    /// The operands of a generator's own `yield` and `yield*`.
    #[must_use]
    pub fn yields(&self, function: FunctionId) -> &[ExprId] {
        self.yields.of(function.index())
    }

    /// The values that a function's own `throw` statements throw, caught or not.
    #[must_use]
    pub fn throws(&self, function: FunctionId) -> &[ExprId] {
        self.throws.of(function.index())
    }

    /// What names a function; none for one that is only passed on.
    #[must_use]
    pub fn function_name(&self, function: FunctionId) -> Option<&FunctionName> {
        self.names.get(function.index()).and_then(Option::as_ref)
    }
}
