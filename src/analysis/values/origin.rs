//! Origins: where a value is born, and the way it went from there.

use std::rc::Rc;

use crate::analysis::guards::Conditions;
use crate::finding::{FlowStep, StepKind};
use crate::hir::{ClassId, ExprId, FunctionId, Literal, Name};
use crate::source::{FileId, Location};

/// An expression of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// The file.
    pub file: FileId,
    /// The expression in its module.
    pub expr: ExprId,
}

/// A function of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionSite {
    /// The file.
    pub file: FileId,
    /// The function in its module.
    pub function: FunctionId,
}

/// A class of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassSite {
    /// The file.
    pub file: FileId,
    /// The class in its module.
    pub class: ClassId,
}

/// How an environment value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EnvMechanism {
    /// `process.env.X`
    Process,
    /// `import.meta.env.X`
    ImportMeta,
    /// `Deno.env.get("X")`
    Deno,
    /// `Bun.env.X`
    Bun,
    /// A worker's bindings: `env.X`, `c.env.X`.
    Bindings,
    /// Python's `os.environ["X"]`, `os.getenv("X")`, or a class of settings.
    Os,
    /// Rust's `env!("X")`: read when the program is built, and part of it from then on.
    Compiled,
    /// A framework's module (`$env/static/public`, `@env`) or runtime configuration object.
    Framework,
}

/// Where a value is born.
#[derive(Debug, Clone, PartialEq)]
pub enum OriginKind {
    /// A constant in the code.
    Literal(Literal),
    /// An environment variable.
    Env {
        /// Its name.
        name: Name,
        /// How it is read.
        mechanism: EnvMechanism,
    },
    /// Something a package exports: the package specifier and the member path below it.
    Package {
        /// The specifier, subpath included.
        package: Name,
        /// The member path, `default` first for default imports.
        path: Vec<Name>,
    },
    /// A global object's member path (`window.` and `globalThis.` taken off).
    Global(Vec<Name>),
    /// The answer of an HTTP request; the request is the site of the call.
    Response(Site),
    /// The result of a call that the project does not define.
    Call(Site),
    /// `new X(…)` of a class that the project does not define.
    New(Site),
    /// An instance of a class of the project; the site is the `new` expression.
    Instance(ClassSite, Site),
    /// An object or array literal, when the whole of it was asked for.
    Object(Site),
    /// The value expression of the asked member, where it is written ([`super::Values::properties`] only).
    Property(Site),
    /// A function of the project.
    Function(FunctionSite),
    /// A class of the project.
    Class(ClassSite),
    /// A JSX element.
    Element(Site),
    /// What a person typed: a form field, a prompt, an event.
    UserInput,
    /// The page's URL (query or fragment).
    PageUrl,
    /// Browser or device storage, with the key when it is constant.
    Storage(Option<Name>),
    /// The request that a server handler got.
    RequestInput,
    /// A file on disk.
    File(Site),
    /// A hole of a server template.
    TemplateHole(Name),
    /// A parameter that no visible caller fills.
    Param(FunctionSite, usize),
    /// Nothing is known: an uninitialised variable, an unsupported construct.
    Unknown,
    /// A limit of the analysis was hit on the way.
    Limit,
}

/// One origin of a value.
#[derive(Debug, Clone)]
pub struct Origin {
    /// What.
    pub kind: OriginKind,
    /// Where.
    pub at: Location,
    /// The part of the origin that is taken (`data.token` of a response), outermost first.
    pub path: Vec<Name>,
    /// The way from the origin to the asked expression.
    pub trail: Trail,
    /// The value is computed from the origin (concatenated, decoded, passed through an unknown function), not the origin itself.
    pub derived: bool,
    /// The conditions that the value is under.
    pub conditions: Conditions,
    /// The calls that the walk was inside of, so that the walk can go on from here.
    pub(crate) frames: super::Frames,
}

impl Origin {
    /// Whether the value is there in development only.
    #[must_use]
    pub fn development_only(&self) -> bool {
        self.conditions.development_only()
    }
}

/// A persistent list of steps, the one nearest to the origin first.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    nearest: Option<Rc<TrailNode>>,
    /// Nobody will read it: steps are not kept, and their messages not made.
    is_off: bool,
}

#[derive(Debug)]
struct TrailNode {
    step: FlowStep,
    towards_sink: Trail,
}

impl Trail {
    /// A trail that nobody will read.
    pub(super) fn off() -> Self {
        Self { nearest: None, is_off: true }
    }

    /// Whether steps are not kept.
    pub(super) fn is_off(&self) -> bool {
        self.is_off
    }

    /// [`Trail::step`] of a kind, with a message that costs something to make.
    pub(super) fn step_with(&self, location: Location, kind: StepKind, message: impl FnOnce() -> String) -> Self {
        if self.is_off || self.nearest.as_ref().is_some_and(|node| node.step.location == location) {
            return self.clone();
        }
        let step = FlowStep { location, message: message(), kind };
        Self { nearest: Some(Rc::new(TrailNode { step, towards_sink: self.clone() })), is_off: false }
    }

    /// This trail with one more step, nearer to the origin.
    #[must_use]
    pub fn step(&self, location: Location, message: impl Into<String>) -> Self {
        self.step_with(location, StepKind::Other, || message.into())
    }

    /// This trail, where its nearest step stands at `location` with another message for it; else with one more step.
    pub(crate) fn retold(&self, location: Location, message: impl Into<String>) -> Self {
        match &self.nearest {
            Some(node) if node.step.location == location => node.towards_sink.step(location, message),
            _ => self.step(location, message),
        }
    }

    /// The steps, origin first.
    #[must_use]
    pub fn steps(&self) -> Vec<FlowStep> {
        let mut steps = Vec::new();
        let mut node = &self.nearest;
        while let Some(step) = node {
            steps.push(step.step.clone());
            node = &step.towards_sink.nearest;
        }
        steps
    }
}

impl Drop for TrailNode {
    // A long chain would otherwise be dropped recursively.
    fn drop(&mut self) {
        let mut next = self.towards_sink.nearest.take();
        while let Some(node) = next {
            match Rc::try_unwrap(node) {
                Ok(mut node) => next = node.towards_sink.nearest.take(),
                Err(_) => break,
            }
        }
    }
}
