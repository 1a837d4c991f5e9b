//! Timers that renew a token: on its expiry, on a period that is shorter than a token lives, or by asking a clock again and again.
//!
//! A short timer after a lost connection is none of them: it runs when the token has been lost already.

use rustc_hash::FxHashSet;

use super::Builder;
use super::clients::FoundClient;
use super::handler::nodes_in;
use super::renewal::Subject;
use crate::analysis::model::{Basis, RefreshFault};
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::{FunctionSite, OriginKind, Site};
use crate::catalog::habits::TimerHabits;
use crate::finding::ZoneKind;
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, ExprId, ExprKind, Literal};
use crate::source::{FileId, Location, Span};

/// The shortest fixed period, in milliseconds, that is meant for a token rather than for a connection or a display.
const SHORTEST: f64 = 600_000.0;
/// How long a token lives at most, in milliseconds: a timer that is not shorter comes too late.
const LIFETIME: f64 = 86_400_000.0;
/// How far a delay is followed through variables, parameters and functions.
const DEPTH: u8 = 4;
/// How many expressions that may visit.
const EXPRESSIONS: u32 = 200;
/// A timer of the project.
struct Timer<'w> {
    unit: &'w Unit,
    call: ExprId,
    callback: ExprId,
    delay: ExprId,
    repeats: bool,
}

impl<'w> Builder<'w> {
    /// What the first timer that gives the client a new token in time rests on; none when no timer does.
    pub(crate) fn timer_refresh(&self, found: &FoundClient, subject: &Subject<'_>) -> Option<Basis> {
        let habits = &self.catalog.habits.timers;
        if self.refetches(subject) {
            return Some(Basis::Own);
        }
        self.units_near(found).into_iter().find_map(|unit| {
            unit.timers(habits).into_iter().find_map(|timer| {
                let functions = self.functions(Self::site(unit, timer.callback));
                if functions.is_empty() || !self.is_in_time(&timer, &functions) {
                    return None;
                }
                let reach = self.reach(&functions);
                if self.gets_new_token(&reach, subject) {
                    return Some(self.only_login(&reach, subject).map_or(Basis::Own, Basis::Login));
                }
                (self.is_set_by_expiry(&timer) && self.hands_over(&reach, subject)).then_some(Basis::Own)
            })
        })
    }

    /// Where some timer that is in time hands a new token over in vain.
    pub(crate) fn timer_fails(&self, found: &FoundClient, subject: &Subject<'_>) -> Option<(RefreshFault, Location)> {
        let habits = &self.catalog.habits.timers;
        self.units_near(found).into_iter().find_map(|unit| {
            unit.timers(habits).into_iter().find_map(|timer| {
                let functions = self.functions(Self::site(unit, timer.callback));
                if functions.is_empty() || !self.is_in_time(&timer, &functions) {
                    return None;
                }
                self.sets_ignored_property(&self.reach(&functions), subject)
            })
        })
    }

    /// The files whose timers may be meant for a client: those of its package that name the vendor, those that use its file, and those that
    /// its token comes through.
    fn units_near(&self, found: &FoundClient) -> Vec<&'w Unit> {
        let package = self.package_folder(found.site);
        let mut files: Vec<FileId> = vec![found.site.file];
        let at_home = |unit: &&Unit| self.package_folder(Site { file: unit.file, expr: ExprId(0) }) == package;
        files.extend(self.workspace.anchored_units().filter(at_home).map(|unit| unit.file));
        files.extend(self.workspace.importing_units_deep(found.site.file).map(|unit| unit.file));
        let tokens = found.options.iter().filter(|option| option.role == crate::analysis::model::OptionRole::Token);
        files.extend(
            tokens
                .flat_map(|option| option.sources.iter().flat_map(|source| &source.flow).chain(&option.way))
                .map(|step| step.location.file),
        );
        let mut seen = FxHashSet::default();
        files.retain(|file| seen.insert(*file) && self.zones.zone_of(*file).kind != ZoneKind::Server);
        files.into_iter().filter_map(|file| self.workspace.unit(file)).collect()
    }

    /// Whether a timer runs before the token is lost: on its expiry, within its life, or often while it looks at the expiry.
    fn is_in_time(&self, timer: &Timer<'w>, callback: &[FunctionSite]) -> bool {
        match self.milliseconds(timer.unit, timer.delay, 0) {
            Some(milliseconds) if milliseconds >= LIFETIME => false,
            Some(milliseconds) if milliseconds >= SHORTEST => true,
            Some(_) => {
                let unit = timer.unit;
                let rearms = callback.iter().any(|function| {
                    function.file == unit.file && unit.module[function.function].span.contains(unit.module[timer.call].span)
                });
                (timer.repeats || rearms) && callback.iter().any(|function| self.looks_at_expiry(*function))
            }
            None => self.is_set_by_expiry(timer),
        }
    }

    /// Whether a function compares or computes with an expiry itself, or asks a function that is named so.
    fn looks_at_expiry(&self, function: FunctionSite) -> bool {
        let habits = &self.catalog.habits.timers;
        let Some(unit) = self.workspace.unit(function.file) else { return false };
        nodes_in(unit, Node::Function(function.function)).into_iter().any(|node| match node {
            Node::Expr(expr) => match &unit.module[expr].kind {
                ExprKind::Binary { op: BinaryOp::Compare | BinaryOp::Arithmetic, .. } => {
                    unit.names_below(expr).iter().any(|name| habits.speak_of_expiry(name))
                }
                ExprKind::Call { .. } => habits.speak_of_expiry(unit.callee_text(expr).rsplit('.').next().unwrap_or_default()),
                _ => false,
            },
            _ => false,
        })
    }

    fn is_set_by_expiry(&self, timer: &Timer<'w>) -> bool {
        self.follows_expiry(timer.unit, timer.delay, 0, &mut { EXPRESSIONS })
    }

    /// Whether a delay is computed from an expiry: by the names in it, and in what those stand for.
    fn follows_expiry(&self, unit: &'w Unit, delay: ExprId, depth: u8, budget: &mut u32) -> bool {
        let habits = &self.catalog.habits.timers;
        let names = unit.names_below(delay);
        if names.iter().any(|name| habits.speak_of_retry(name)) {
            return false;
        }
        if names.iter().any(|name| habits.speak_of_expiry(name) || habits.speak_of_renewal(name)) {
            return true;
        }
        if depth >= DEPTH || *budget == 0 {
            return false;
        }
        *budget -= 1;
        nodes_in(unit, Node::Expr(delay)).into_iter().any(|node| {
            let Node::Expr(expr) = node else { return false };
            if let ExprKind::Call { callee, .. } = &unit.module[expr].kind {
                return self.functions(Self::site(unit, *callee)).into_iter().any(|function| {
                    self.workspace.unit(function.file).is_some_and(|other| {
                        other
                            .usage
                            .returns(function.function)
                            .iter()
                            .any(|returned| self.follows_expiry(other, *returned, depth + 1, budget))
                    })
                });
            }
            let Some(symbol) = unit.scopes.symbol_of_expr(expr) else { return false };
            unit.usage.writes(symbol).iter().any(|write| match write.kind {
                WriteKind::Param { function, index, rest: false } => {
                    self.values.callers(FunctionSite { file: unit.file, function }).iter().any(|caller| {
                        match &caller.unit.module[caller.expr].kind {
                            ExprKind::Call { args, .. } => {
                                args.get(index).is_some_and(|arg| self.follows_expiry(caller.unit, arg.expr, depth + 1, budget))
                            }
                            _ => false,
                        }
                    })
                }
                _ => write.kind.value().is_some_and(|value| self.follows_expiry(unit, value, depth + 1, budget)),
            })
        })
    }

    /// The constant number that an expression is.
    fn milliseconds(&self, unit: &Unit, expr: ExprId, depth: u8) -> Option<f64> {
        if depth > 12 {
            return None;
        }
        match &unit.module[unit.uncast(expr)].kind {
            ExprKind::Literal(Literal::Number(number)) => Some(*number),
            ExprKind::Binary { op: BinaryOp::Arithmetic, left, right } => {
                let (first, second) = (self.milliseconds(unit, *left, depth + 1)?, self.milliseconds(unit, *right, depth + 1)?);
                let between = Span::new(unit.module[*left].span.end as usize, unit.module[*right].span.start as usize);
                match unit.source.slice(between).trim().trim_matches(['(', ')']).trim() {
                    "*" => Some(first * second),
                    "-" => Some(first - second),
                    "/" => Some(first / second),
                    _ => None,
                }
            }
            ExprKind::Binary { op: BinaryOp::Add, left, right } => {
                Some(self.milliseconds(unit, *left, depth + 1)? + self.milliseconds(unit, *right, depth + 1)?)
            }
            ExprKind::Ident(_) => {
                let symbol = unit.scopes.symbol_of_expr(expr)?;
                match unit.usage.writes(symbol) {
                    [write] if write.path.is_empty() && write.kind.value().is_some() => {
                        self.milliseconds(unit, write.kind.value()?, depth + 1)
                    }
                    _ => self.constant_number(Self::site(unit, expr)),
                }
            }
            ExprKind::Member { .. } => self.constant_number(Self::site(unit, expr)),
            _ => None,
        }
    }

    fn constant_number(&self, site: Site) -> Option<f64> {
        match self.values.origins(site, &[]).as_slice() {
            [origin] if !origin.derived => match origin.kind {
                OriginKind::Literal(Literal::Number(number)) => Some(number),
                _ => None,
            },
            _ => None,
        }
    }

    /// `useQuery({ …, refetchInterval })`: a query that the client's token comes from, and that fetches again in time.
    fn refetches(&self, subject: &Subject<'_>) -> bool {
        let habits = &self.catalog.habits.timers;
        subject.inputs.births.iter().chain(&subject.inputs.steps).any(|at| {
            let Some(unit) = self.workspace.unit(at.file) else { return false };
            unit.calls_at(*at).into_iter().any(|call| {
                let ExprKind::Call { args, .. } = &unit.module[call].kind else { return false };
                args.iter().any(|arg| {
                    let written = |option| self.values.property_value(Self::site(unit, arg.expr), option);
                    habits.refetching.iter().filter_map(|option| written(option.as_str())).any(|period| {
                        self.milliseconds(unit, period.expr, 0).is_none_or(|milliseconds| milliseconds > 0.0 && milliseconds < LIFETIME)
                    })
                })
            })
        })
    }
}

impl Unit {
    fn timers(&self, habits: &TimerHabits) -> Vec<Timer<'_>> {
        let mut timers = Vec::new();
        for node in self.parents.nodes() {
            let Node::Expr(call) = *node else { continue };
            let ExprKind::Call { callee, args, .. } = &self.module[call].kind else { continue };
            let [callback, delay, ..] = args.as_slice() else { continue };
            let name = match &self.module[*callee].kind {
                ExprKind::Ident(name) | ExprKind::Member { property: name, .. } => &**name,
                _ => continue,
            };
            let repeats = habits.repeating.iter().any(|repeating| repeating == name);
            if repeats || habits.once.iter().any(|once| once == name) {
                timers.push(Timer { unit: self, call, callback: callback.expr, delay: delay.expr, repeats });
            }
        }
        timers
    }

    /// The names and member names in an expression.
    pub(super) fn names_below(&self, expr: ExprId) -> Vec<&str> {
        nodes_in(self, Node::Expr(expr))
            .into_iter()
            .filter_map(|node| match node {
                Node::Expr(expr) => match &self.module[expr].kind {
                    ExprKind::Ident(name) => Some(&**name),
                    ExprKind::Member { property, object, .. } => match &self.module[*object].kind {
                        // `Math.exp`, `Math.min`.
                        ExprKind::Ident(object) if &**object == "Math" => None,
                        _ => Some(&**property),
                    },
                    _ => None,
                },
                _ => None,
            })
            .collect()
    }

    /// The calls that stand exactly at a place.
    pub(crate) fn calls_at(&self, at: Location) -> Vec<ExprId> {
        (0u32..)
            .map(ExprId)
            .zip(&self.module.exprs)
            .filter(|(_, expr)| expr.span == at.span && matches!(expr.kind, ExprKind::Call { .. }))
            .map(|(id, _)| id)
            .collect()
    }
}
