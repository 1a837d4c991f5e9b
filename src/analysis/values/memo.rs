//! Answers that are kept.
//!
//! Most questions are small ones inside of others (who is the callee? is this text constant? who calls this function?), asked again and
//! again about the same expressions. Their answers need no trail, so they are kept in the workspace, shared by all threads.
//!
//! An answer may depend on the calls that the walk is inside of, and questions at different nesting levels have different fuel. So what
//! is kept is the answer outside of all calls, by level, and with it the functions whose arguments would have changed it
//! ([`Context`]): inside of calls of other functions it holds as well. Where it does not, the answer is kept for these calls. What an answer is never depends on who asked first.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHasher};

use super::callers::Call;
use super::changes::Change;
use super::{Cursor, FRAMES, Frames, FunctionSite, Identity, NESTING, Origin, OriginKind, Site, Trail, Values, Walk};
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::catalog::apis::{ApiRole, ApiRoles, ApiTable};
use crate::hir::{ExprId, ExprKind, Name};
use crate::source::{FileId, Location};

/// How many expressions all questions of a run may visit: fifteen times what the largest known project takes, a second or two.
const BUDGET: u64 = 3_000_000;
/// How many answers of one kind are kept; far more than any project asks for.
const KEPT: usize = 1 << 18;
/// How many functions a kept answer may depend on.
const FUNCTIONS: usize = 24;
/// How many names a parameter may be handed on through before it is called.
const NAMES: u8 = 4;
/// How many parts the table of answers has, each with its own lock.
const SHARDS: usize = 16;

/// The answers that are kept.
#[derive(Debug, Default)]
pub struct Answers {
    /// How many expressions all questions together have visited.
    spent: AtomicU64,
    values: [Shard; SHARDS],
    framed: [FramedShard; SHARDS],
    callers: Mutex<FxHashMap<(u8, FunctionSite), Callers>>,
    changes: Mutex<FxHashMap<(u8, Site), Changes>>,
    playing: Mutex<FxHashMap<ApiRole, Arc<[Site]>>>,
}

/// One part of the table of answers, by the depth that the question was asked at.
type Shard = Mutex<FxHashMap<(u8, Site), Arc<Answer>>>;

/// One part of the table of answers inside of calls: by the depth that the question was asked at, and the innermost call.
type FramedShard = Mutex<FxHashMap<(u8, Site, u64), Arc<Answer>>>;

/// The calls of a function.
type Callers = Arc<[Call]>;

/// The changes of what a container keeps.
type Changes = Arc<[Change]>;

impl Answers {
    /// Whether all questions together have had their share: then the run ends soon, with a notice.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.spent.load(Ordering::Relaxed) >= BUDGET
    }

    pub(super) fn spend(&self, fuel: u32) {
        self.spent.fetch_add(u64::from(fuel), Ordering::Relaxed);
    }

    fn shard(&self, site: Site) -> &Shard {
        shard_of(&self.values, site)
    }

    fn framed(&self, site: Site) -> &FramedShard {
        shard_of(&self.framed, site)
    }

    fn get(&self, level: u8, site: Site) -> Option<Arc<Answer>> {
        self.shard(site).lock().unwrap_or_else(PoisonError::into_inner).get(&(level, site)).cloned()
    }

    /// The kept callers of a function, or the ones that `find` finds.
    pub(super) fn callers(&self, level: u8, function: FunctionSite, find: impl FnOnce() -> Callers) -> Callers {
        if let Some(known) = self.callers.lock().unwrap_or_else(PoisonError::into_inner).get(&(level, function)) {
            return Arc::clone(known);
        }
        // Found without the lock, as finding asks further questions.
        let found = find();
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() < KEPT {
            callers.insert((level, function), Arc::clone(&found));
        }
        found
    }

    /// The kept changes of what was made at `made`, or the ones that `find` finds.
    pub(super) fn changes(&self, level: u8, made: Site, find: impl FnOnce() -> Changes) -> Changes {
        if let Some(known) = self.changes.lock().unwrap_or_else(PoisonError::into_inner).get(&(level, made)) {
            return Arc::clone(known);
        }
        let found = find();
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if changes.len() < KEPT {
            changes.insert((level, made), Arc::clone(&found));
        }
        found
    }

    /// The kept calls of the functions of a role, or the ones that `find` finds.
    pub(super) fn calls_playing(&self, role: ApiRole, find: impl FnOnce() -> Arc<[Site]>) -> Arc<[Site]> {
        if let Some(known) = self.playing.lock().unwrap_or_else(PoisonError::into_inner).get(&role) {
            return Arc::clone(known);
        }
        let found = find();
        Arc::clone(self.playing.lock().unwrap_or_else(PoisonError::into_inner).entry(role).or_insert(found))
    }

    fn keep(&self, level: u8, site: Site, answer: &Arc<Answer>) {
        let mut shard = self.shard(site).lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() < KEPT / SHARDS {
            shard.insert((level, site), Arc::clone(answer));
        }
    }
}

fn shard_of<T>(shards: &[T; SHARDS], site: Site) -> &T {
    use std::hash::{Hash, Hasher};
    let mut hasher = FxHasher::default();
    site.hash(&mut hasher);
    let [first, ..] = shards;
    usize::try_from(hasher.finish() >> 32).ok().and_then(|hash| shards.get(hash % SHARDS)).unwrap_or(first)
}

/// One origin without the way from it.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) kind: OriginKind,
    pub(crate) at: Location,
    pub(crate) path: Vec<Name>,
    pub(crate) derived: bool,
}

/// What the value of an expression can be.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) facts: Vec<Fact>,
    limited: bool,
    context: Context,
    identities: OnceLock<Vec<Identity>>,
    roles: OnceLock<ApiRoles>,
}

impl Answer {
    fn new(origins: Vec<Origin>, limited: bool, context: Context) -> Self {
        let facts = origins
            .into_iter()
            .map(|origin| Fact { kind: origin.kind, at: origin.at, path: origin.path, derived: origin.derived })
            .collect();
        Self { facts, limited, context, identities: OnceLock::new(), roles: OnceLock::new() }
    }

    /// What the value is outside of the project.
    pub(crate) fn identities(&self) -> &[Identity] {
        self.identities.get_or_init(|| self.facts.iter().filter_map(|fact| Identity::of(&fact.kind, &fact.path)).collect())
    }

    /// Everything that any of the identities plays.
    pub(super) fn roles(&self, apis: &ApiTable) -> ApiRoles {
        *self.roles.get_or_init(|| self.identities().iter().fold(ApiRoles::default(), |roles, identity| roles.and(identity.roles(apis))))
    }

    /// Whether any of the identities plays the role.
    pub(crate) fn plays(&self, apis: &ApiTable, role: ApiRole) -> bool {
        self.roles(apis).contains(role)
    }

    /// The functions of the project that the value is.
    pub(crate) fn functions(&self) -> impl Iterator<Item = FunctionSite> {
        self.facts.iter().filter_map(|fact| match fact.kind {
            OriginKind::Function(function) if fact.path.is_empty() && !fact.derived => Some(function),
            _ => None,
        })
    }

    /// Whether the value comes out of a request factory (`axios.create()`).
    pub(crate) fn requests(&self, values: &Values<'_>) -> bool {
        self.facts.iter().any(|fact| matches!(fact.kind, OriginKind::Call(made) if values.call_plays(made, ApiRole::RequestFactory)))
    }
}

/// In which calls an answer that was found outside of all calls holds as well.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    /// The functions that the walk went into, or whose arguments it looked for.
    functions: Vec<FunctionSite>,
    /// How many calls the walk was inside of at most.
    depth: u8,
    /// The answer holds outside of all calls only.
    outside: bool,
}

impl Context {
    /// The answer would be another one inside of a call of this function.
    pub(crate) fn depends_on(&mut self, function: FunctionSite) {
        if self.outside || self.functions.contains(&function) {
            return;
        }
        if self.functions.len() < FUNCTIONS {
            self.functions.push(function);
        } else {
            self.only_outside();
        }
    }

    /// The walk went into a call at this depth.
    pub(crate) fn entered(&mut self, depth: u8) {
        self.depth = self.depth.max(depth);
    }

    /// The answer would be another one inside of any call.
    pub(crate) fn only_outside(&mut self) {
        self.outside = true;
        self.functions = Vec::new();
    }

    /// An answer of this context was used inside of `frames`.
    fn join(&mut self, other: &Self, frames: &Frames) {
        if other.outside {
            self.only_outside();
        }
        other.functions.iter().for_each(|function| self.depends_on(*function));
        self.entered(other.depth.saturating_add(depth(frames)));
    }

    fn holds_in(&self, frames: &Frames) -> bool {
        frames.is_none()
            || (!self.outside
                && self.depth.saturating_add(depth(frames)) <= FRAMES
                && !functions(frames).any(|function| self.functions.contains(&function)))
    }
}

fn depth(frames: &Frames) -> u8 {
    frames.as_ref().map_or(0, |frame| frame.depth)
}

/// The functions that the walk is inside of, innermost first.
fn functions(frames: &Frames) -> impl Iterator<Item = FunctionSite> {
    std::iter::successors(frames.as_ref(), |frame| frame.outer.as_ref()).map(|frame| frame.function)
}

impl Walk<'_> {
    /// Asks what an expression is, in the calls that the walk is inside of. Costs a nested question unless the answer is known.
    pub(crate) fn ask(&mut self, site: Site, cursor: &Cursor) -> Arc<Answer> {
        if !self.values.is_argument(site, &cursor.frames) {
            let answer = self.values.answer(site);
            if answer.context.holds_in(&cursor.frames) && (!answer.limited || cursor.frames.is_none()) {
                self.context.join(&answer.context, &cursor.frames);
                return answer;
            }
        }
        let answer = self.values.answer_in(site, &cursor.frames);
        self.context.join(&answer.context, &None);
        answer
    }
}

impl Values<'_> {
    /// What an expression is, outside of all calls. Kept.
    pub(crate) fn answer(&self, site: Site) -> Arc<Answer> {
        let start = Cursor { trail: Trail::off(), ..Cursor::start(&[]) };
        if self.nesting > NESTING {
            return Arc::new(self.found(site, &start));
        }
        let answers = &self.workspace.answers;
        if let Some(known) = answers.get(self.nesting, site) {
            return known;
        }
        let answer = Arc::new(self.found(site, &start));
        answers.keep(self.nesting, site, &answer);
        answer
    }

    /// What an expression is inside of calls. Kept by the innermost one, whose identity stands for all.
    fn answer_in(&self, site: Site, frames: &Frames) -> Arc<Answer> {
        let start = Cursor { trail: Trail::off(), frames: frames.clone(), ..Cursor::start(&[]) };
        let Some(frame) = frames.as_ref().filter(|_| self.nesting <= NESTING) else { return Arc::new(self.found(site, &start)) };
        let answers = &self.workspace.answers;
        let key = (self.nesting, site, frame.id);
        if let Some(known) = answers.framed(site).lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        // Found without the lock, as finding asks further questions.
        let answer = Arc::new(self.found(site, &start));
        let mut shard = answers.framed(site).lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() < KEPT / SHARDS {
            shard.insert(key, Arc::clone(&answer));
        }
        answer
    }

    /// How many questions this one is asked inside of.
    pub(super) fn level(&self) -> u8 {
        self.nesting
    }

    fn found(&self, site: Site, cursor: &Cursor) -> Answer {
        let mut walk = self.walk();
        walk.expr(site, cursor);
        let (context, limited) = (std::mem::take(&mut walk.context), walk.limited);
        Answer::new(walk.finish(site), limited, context)
    }

    /// Whether the expression is, or is taken out of, an argument of a call that the walk is inside of: then no kept answer can hold.
    fn is_argument(&self, site: Site, frames: &Frames) -> bool {
        frames.is_some() && self.unit(site.file).is_some_and(|unit| is_argument(unit, site.file, site.expr, frames, NAMES))
    }
}

fn is_argument(unit: &Unit, file: FileId, expr: ExprId, frames: &Frames, names: u8) -> bool {
    let mut root = expr;
    while let ExprKind::Member { object: inner, .. } | ExprKind::Index { object: inner, .. } | ExprKind::Cast { expr: inner, .. } =
        unit.module[root].kind
    {
        root = inner;
    }
    let Some(symbol) = unit.scopes.symbol_of_expr(root) else { return false };
    unit.usage.writes(symbol).iter().any(|write| match write.kind {
        WriteKind::Param { function, .. } => functions(frames).any(|inside| inside == FunctionSite { file, function }),
        WriteKind::Declared { init: Some(init) } => names > 0 && is_argument(unit, file, init, frames, names - 1),
        _ => false,
    })
}
