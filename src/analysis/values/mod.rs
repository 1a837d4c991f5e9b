//! Values: where does an expression's value come from?
//!
//! One question, answered backwards and on demand: [`Values::origins`] gives the set of [`Origin`]s of an expression (or of a
//! member path below it), each with the steps that lead there. The walk follows bindings and reassignments, destructuring,
//! object members and spreads, both sides of conditionals, calls into functions of the project (arguments bound by a `Frame`, so that two
//! callers are not mixed up), parameters back to all visible callers, promises, imports across files, class fields, and the state
//! containers of the common frameworks (`rules/models/apis.toml`).
//!
//! The walk is bounded by fuel, by depth and by a visited set, so it ends on any input. When a limit was hit the answer holds an
//! [`OriginKind::Limit`] origin: rules then lower their confidence instead of guessing.
//!
//! `calls` holds what calls do, `functions` what parameters and returns are, `modules` imports and exports, `objects` members, classes and
//! instances, `text` constant strings and URLs; `containers` component state, stores and observable values, `changes` what sets them, `reducers` what changes by actions,
//! `injection` what is given without a call, `holders` the names that a value goes by.

mod aliases;
mod callers;
mod calls;
mod changes;
mod collections;
mod components;
mod containers;
mod framed;
mod functions;
mod holders;
mod injection;
mod instances;
mod memo;
mod modules;
mod objects;
mod order;
mod origin;
mod python;
mod reducers;
pub(crate) mod rust;
#[cfg(test)]
mod tests;
pub mod text;
pub(crate) mod walk;

use std::hash::BuildHasher;
use std::rc::Rc;

use rustc_hash::FxHashMap;

pub(crate) use framed::arguments;
pub use memo::Answers;
pub use origin::{ClassSite, EnvMechanism, FunctionSite, Origin, OriginKind, Site, Trail};
pub use walk::ANY;

use super::guards::{Condition, Conditions};
use super::scopes::SymbolId;
use super::unit::Unit;
use super::workspace::Workspace;
use crate::hir::{ExprId, Name};
use crate::source::{FileId, Location};

/// How many expressions one question may visit.
const FUEL: u32 = 6_000;
/// How deep questions may nest.
const NESTING: u8 = 4;
/// How deep the walk may recurse; each level costs some hundred bytes of stack.
const DEPTH: u16 = 220;
/// How many nested calls are kept apart before callers are mixed.
const FRAMES: u8 = 8;
/// How many callers of one function are looked at.
const CALLERS: usize = 40;
/// How many origins an answer may hold.
const ORIGINS: usize = 96;

/// The value analysis over a workspace. Cheap to make; what it has found is kept in the workspace.
#[derive(Debug, Clone, Copy)]
pub struct Values<'w> {
    /// The files.
    pub workspace: &'w Workspace,
    /// How many questions this one is asked inside of (who is the callee? is this text constant?). Each level gets less fuel.
    nesting: u8,
}

/// A call that the walk has gone into: what its parameters are bound to.
#[derive(Debug)]
pub(crate) struct Frame {
    function: FunctionSite,
    args: Vec<BoundArg>,
    /// What the function is called on.
    receiver: Receiver,
    /// Where the arguments are evaluated.
    outer: Frames,
    depth: u8,
    /// Identity, for the visited set: the same call inside of the same calls binds the same.
    id: u64,
}

impl Frame {
    /// A call of `function` inside of `outer`.
    fn new(function: FunctionSite, args: Vec<BoundArg>, receiver: Receiver, outer: Frames) -> Self {
        let depth = outer.as_ref().map_or(0, |frame| frame.depth) + 1;
        let id = rustc_hash::FxBuildHasher.hash_one((function, &args, receiver, outer.as_ref().map(|frame| frame.id)));
        Self { function, args, receiver, outer, depth, id }
    }
}

/// What a function is called on.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) enum Receiver {
    /// The object of this call's callee, if it has one.
    OfCall(Site),
    /// An instance, met at this place: in a constructor or accessor.
    Instance(instances::Instance, Site),
}

/// What one parameter is bound to.
#[derive(Debug, Clone, Hash)]
pub(crate) enum BoundArg {
    /// An expression, and the path below it.
    Value(Site, Vec<Name>),
    /// Given, but nothing is known of it.
    Opaque,
    /// Given, and followed by who asks: the state before a change.
    Followed,
    /// What a selector gives of a state.
    Selected(Site, Rc<BoundArg>),
    /// `...rest` from here on: unknown positions.
    Spread(Site),
}

/// The calls that a walk is inside of, innermost first.
pub(crate) type Frames = Option<Rc<Frame>>;

/// The state of the walk at one expression.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    path: Vec<Name>,
    trail: Trail,
    frames: Frames,
    derived: bool,
    conditions: Conditions,
    depth: u16,
}

impl Cursor {
    fn start(path: &[Name]) -> Self {
        Self { path: path.to_vec(), trail: Trail::default(), frames: None, derived: false, conditions: Conditions::default(), depth: 0 }
    }

    /// The cursor with `names` put before the path.
    fn below<I: IntoIterator<Item = Name>>(&self, names: I) -> Self {
        let mut path: Vec<Name> = names.into_iter().collect();
        path.extend(self.path.iter().cloned());
        Self { path, ..self.clone() }
    }

    /// The cursor with another path.
    fn with_path(&self, path: Vec<Name>) -> Self {
        Self { path, ..self.clone() }
    }

    /// The cursor with the first path segment taken off.
    fn rest(&self) -> Self {
        self.with_path(self.path.iter().skip(1).cloned().collect())
    }

    fn head(&self) -> Option<&Name> {
        self.path.first()
    }

    fn derived(&self) -> Self {
        Self { derived: true, ..self.clone() }
    }

    /// Puts the cursor under more conditions. They belong to the way, so nobody reads them where the way is not kept.
    fn under<'c>(&mut self, more: impl IntoIterator<Item = &'c Condition>) {
        if !self.trail.is_off() {
            self.conditions = self.conditions.with(more);
        }
    }

    /// How much is held against what is found from here.
    fn reservations(&self) -> Reservations {
        Reservations(
            u8::from(self.derived) | u8::from(self.conditions.development_only()) << 1 | u8::from(!self.conditions.is_empty()) << 2,
        )
    }
}

/// What is held against a value on the way: computed, in development only, under a condition. A way with fewer reservations to a place that
/// was visited before is worth a second look; there are no more than eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reservations(u8);

/// With which reservations a place was visited.
#[derive(Debug, Clone, Copy, Default)]
struct Visits(u8);

impl Visits {
    /// Notes a visit. False when an earlier one had no reservation that this one has not.
    fn add(&mut self, visit: Reservations) -> bool {
        let covered = (0..8).any(|earlier: u8| self.0 & 1 << earlier != 0 && earlier & !visit.0 == 0);
        self.0 |= 1 << visit.0;
        !covered
    }
}

/// One running question.
pub(crate) struct Walk<'w> {
    pub(crate) values: Values<'w>,
    pub(crate) origins: Vec<Origin>,
    visited: FxHashMap<(Site, Vec<Name>, u64), Visits>,
    /// The fuel that the walk started with.
    given: u32,
    fuel: u32,
    limited: bool,
    /// Stop where the asked member is written instead of following its value.
    stop_at_property: bool,
    /// In which calls the same walk would find the same.
    context: memo::Context,
}

impl<'w> Values<'w> {
    /// The analysis over `workspace`.
    #[must_use]
    pub fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, nesting: 0 }
    }

    /// The origins of the value at `path` below the expression. Never empty: what is not understood is [`OriginKind::Unknown`].
    #[must_use]
    pub fn origins(&self, site: Site, path: &[Name]) -> Vec<Origin> {
        self.origins_in(site, &Cursor::start(path))
    }

    pub(crate) fn origins_in(&self, site: Site, cursor: &Cursor) -> Vec<Origin> {
        let mut walk = self.walk();
        walk.expr(site, cursor);
        walk.finish(site)
    }

    /// The origins of everything that is ever written to a name. Never empty.
    pub(crate) fn origins_of_symbol(&self, unit: &'w Unit, symbol: SymbolId) -> Vec<Origin> {
        let mut walk = self.walk();
        walk.symbol(unit, symbol, None, &Cursor::start(&[]));
        walk.finish_at(unit.at(unit.scopes.symbol(symbol).map(|symbol| symbol.span).unwrap_or_default()))
    }

    /// The origins of a field or method of a class, declared at a place. Never empty.
    pub(crate) fn origins_of_member(&self, class: ClassSite, is_static: bool, name: Name, at: Location) -> Vec<Origin> {
        let mut walk = self.walk();
        let instance = (!is_static).then_some(instances::Instance { class, created: None });
        walk.class_member(class, instance, &Cursor::start(&[name]));
        walk.finish_at(at)
    }

    fn walk(&self) -> Walk<'w> {
        let fuel = if self.nesting > NESTING || self.workspace.answers.is_exhausted() { 0 } else { FUEL >> (u32::from(self.nesting) * 2) };
        Walk {
            values: Self { nesting: self.nesting.saturating_add(1), ..*self },
            origins: Vec::new(),
            visited: FxHashMap::default(),
            given: fuel,
            fuel,
            limited: false,
            stop_at_property: false,
            context: memo::Context::default(),
        }
    }

    /// The places where the member at `path` of an object is written ([`OriginKind::Property`]), and the origins that hide it
    /// (a response, a parameter, …) where there is no such place.
    #[must_use]
    pub fn properties(&self, object: Site, path: &[Name]) -> Vec<Origin> {
        let mut walk = self.walk();
        walk.stop_at_property = true;
        walk.expr(object, &Cursor::start(path));
        std::mem::take(&mut walk.origins)
    }

    /// The origins of the value at a [`OriginKind::Property`], in the calls that led there.
    #[must_use]
    pub fn origins_of_property(&self, property: &Origin) -> Vec<Origin> {
        let OriginKind::Property(site) = property.kind else { return Vec::new() };
        let mut cursor = Cursor::start(&[]);
        cursor.frames.clone_from(&property.frames);
        cursor.derived = property.derived;
        cursor.conditions.clone_from(&property.conditions);
        self.origins_in(site, &cursor)
    }

    /// The unit of a file, parsed on demand.
    #[must_use]
    pub fn unit(&self, file: FileId) -> Option<&'w Unit> {
        self.workspace.unit(file)
    }

    /// The dotted names by which the expression can be known outside the project: `package#path` and global paths.
    /// Wrappers such as `(sdk.TelnyxRTC ?? sdk.default)` give several.
    #[must_use]
    pub fn identities(&self, site: Site) -> Vec<Identity> {
        self.answer(site).identities().to_vec()
    }
}

/// What an expression is outside of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// An export of a package, with the dotted path below it (`default` first for default imports; empty for the namespace).
    Package {
        /// The specifier.
        package: Name,
        /// The dotted path.
        path: String,
    },
    /// A global, by its dotted path.
    Global(String),
}

impl Identity {
    /// The identity of an origin of this kind, at the path below it.
    fn of(kind: &OriginKind, below: &[Name]) -> Option<Self> {
        match kind {
            OriginKind::Package { package, path } => {
                let path: Vec<&str> = path.iter().chain(below).map(AsRef::as_ref).collect();
                Some(Self::Package { package: package.clone(), path: path.join(".") })
            }
            OriginKind::Global(path) => {
                let path: Vec<&str> = path.iter().chain(below).map(AsRef::as_ref).collect();
                Some(Self::Global(path.join(".")))
            }
            _ => None,
        }
    }
}

impl Drop for Walk<'_> {
    fn drop(&mut self) {
        self.values.workspace.answers.spend(self.given - self.fuel);
    }
}

impl Walk<'_> {
    /// Whether nothing more is found: loops stop here, as what they would follow ends at once.
    pub(crate) fn is_spent(&mut self) -> bool {
        self.limited |= self.fuel == 0;
        self.fuel == 0
    }

    fn finish(self, asked: Site) -> Vec<Origin> {
        let at = self
            .values
            .unit(asked.file)
            .map_or(crate::source::Location { file: asked.file, span: crate::source::Span::default() }, |unit| {
                unit.at(unit.module[asked.expr].span)
            });
        self.finish_at(at)
    }

    fn finish_at(mut self, at: Location) -> Vec<Origin> {
        let terminal = |kind| Origin {
            kind,
            at,
            path: Vec::new(),
            trail: Trail::default(),
            derived: false,
            conditions: Conditions::default(),
            frames: None,
        };
        if self.limited {
            self.origins.push(terminal(OriginKind::Limit));
        }
        if self.origins.is_empty() {
            self.origins.push(terminal(OriginKind::Unknown));
        }
        std::mem::take(&mut self.origins)
    }
}

/// Shorthand for building a site.
#[must_use]
pub fn site(file: FileId, expr: ExprId) -> Site {
    Site { file, expr }
}
