//! Going on inside of calls: what a value or a text is where the arguments of the calls around it are known.
//!
//! A helper such as `api(path) { return fetch(BASE + path) }` asks for another URL at each of its calls, and a handler's helper
//! (`ok(response, body)`) answers with another body. An origin that was found inside of calls carries them; the questions here are asked
//! in the same calls, or in one call more.

use std::rc::Rc;

use super::text::{Part, Text};
use super::{BoundArg, Cursor, FRAMES, Frame, Frames, FunctionSite, Origin, Receiver, Site, Trail, Values};
use crate::analysis::unit::Unit;
use crate::analysis::usage::{PatternStep, WriteKind};
use crate::hir::{BinaryOp, ExprId, ExprKind, Literal, LogicalOp, Name};

/// How many pieces a text may have.
const PIECES: u32 = 200;
/// How deep they may nest.
const DEPTH: u8 = 24;

/// The arguments that the calls around a value are written with, those of the innermost call first.
pub(crate) fn arguments(frames: &Frames) -> Vec<Site> {
    std::iter::successors(frames.as_ref(), |frame| frame.outer.as_ref())
        .flat_map(|frame| &frame.args)
        .filter_map(|arg| match arg {
            BoundArg::Value(site, _) | BoundArg::Spread(site) | BoundArg::Selected(site, _) => Some(*site),
            BoundArg::Opaque | BoundArg::Followed => None,
        })
        .collect()
}

impl Values<'_> {
    /// The calls around a value that is returned by `function` when `call` calls it inside of `outer`; none when that is too deep or
    /// goes in a circle.
    pub(crate) fn inside(&self, call: Site, function: FunctionSite, outer: &Frames) -> Frames {
        let depth = outer.as_ref().map_or(0, |frame| frame.depth);
        let circle = std::iter::successors(outer.as_ref(), |frame| frame.outer.as_ref()).any(|frame| frame.function == function);
        if depth >= FRAMES || circle {
            return None;
        }
        let unit = self.unit(call.file)?;
        let (ExprKind::Call { args, .. } | ExprKind::New { args, .. }) = &unit.module[call.expr].kind else { return None };
        let args = super::instances::bound(call, args);
        Some(Rc::new(Frame::new(function, args, Receiver::OfCall(call), outer.clone())))
    }

    /// The origins of the value at `path` below an expression inside of `frames`, as the way of `origin` goes on there along `trail`.
    /// Empty when nothing stands at the path.
    pub(crate) fn further(&self, site: Site, path: &[Name], frames: &Frames, origin: &Origin, trail: Trail) -> Vec<Origin> {
        let mut cursor = Cursor::start(path);
        cursor.trail = trail;
        cursor.frames.clone_from(frames);
        cursor.derived = origin.derived;
        cursor.conditions.clone_from(&origin.conditions);
        let mut walk = self.walk();
        walk.expr(site, &cursor);
        if walk.origins.is_empty() && !walk.limited {
            return Vec::new();
        }
        walk.finish(site)
    }

    /// The text of an expression inside of `frames`: URLs that helpers put together out of what they are given.
    pub(crate) fn text_in(&self, site: Site, frames: &Frames) -> Text {
        let mut text = Text::default();
        self.framed_pieces(site, frames, &mut text, &mut PIECES.clone(), 0);
        text
    }

    /// The expression that a name or member is bound to by the calls around it, and the calls around that.
    pub(crate) fn bound_in(&self, site: Site, frames: &Frames) -> Option<(Site, Frames)> {
        let unit = self.unit(site.file)?;
        let expr = unit.uncast(site.expr);
        if let ExprKind::Member { object, property, .. } = &unit.module[expr].kind {
            let (object, outer) = self.bound_in(Site { file: site.file, expr: *object }, frames)?;
            return Some((self.property_value(object, property)?, outer));
        }
        let symbol = unit.scopes.symbol_of_expr(expr)?;
        let [write] = unit.usage.writes(symbol) else { return None };
        let WriteKind::Param { function, index, rest: false } = write.kind else { return None };
        let function = FunctionSite { file: site.file, function };
        let frame = std::iter::successors(frames.as_ref(), |frame| frame.outer.as_ref()).find(|frame| frame.function == function)?;
        let BoundArg::Value(value, below) = frame.args.get(index)? else { return None };
        if !below.is_empty() {
            return None;
        }
        match write.path.as_slice() {
            [] => Some((*value, frame.outer.clone())),
            [PatternStep::Property(name), defaults @ ..] if defaults.iter().all(|step| matches!(step, PatternStep::Default(_))) => {
                Some((self.property_value(*value, name)?, frame.outer.clone()))
            }
            _ => None,
        }
    }

    fn framed_pieces(&self, site: Site, frames: &Frames, text: &mut Text, budget: &mut u32, depth: u8) {
        let Some(unit) = self.unit(site.file) else { return };
        if *budget == 0 || depth > DEPTH {
            text.push(Part::Hole(site));
            return;
        }
        *budget -= 1;
        let to = |expr| Site { file: site.file, expr };
        match &unit.module[site.expr].kind {
            ExprKind::Template { quasis, exprs } => {
                for (index, (quasi, _)) in quasis.iter().enumerate() {
                    if !quasi.is_empty() {
                        text.push(Part::Known(quasi.to_string()));
                    }
                    if let Some(hole) = exprs.get(index) {
                        self.framed_pieces(to(*hole), frames, text, budget, depth + 1);
                    }
                }
            }
            ExprKind::Binary { op: BinaryOp::Add, left, right } => {
                self.framed_pieces(to(*left), frames, text, budget, depth + 1);
                self.framed_pieces(to(*right), frames, text, budget, depth + 1);
            }
            ExprKind::Cast { expr, .. } | ExprKind::Await(expr) => self.framed_pieces(to(*expr), frames, text, budget, depth + 1),
            // `id ? `/api/${id}` : null`: a request is made on one side only.
            ExprKind::Conditional { yes, no, .. } => match (is_nothing(unit, *yes), is_nothing(unit, *no)) {
                (false, true) => self.framed_pieces(to(*yes), frames, text, budget, depth + 1),
                (true, false) => self.framed_pieces(to(*no), frames, text, budget, depth + 1),
                _ => text.push(Part::Hole(site)),
            },
            ExprKind::Logical { op: LogicalOp::And, right, .. } => self.framed_pieces(to(*right), frames, text, budget, depth + 1),
            // `BASE || "http://localhost:3000"`: the default tells what the path below the host is.
            ExprKind::Logical { right, .. } => match self.text(to(*right)).constant() {
                Some(default) if default.contains("://") => text.push(Part::Known(default)),
                _ => text.push(Part::Hole(site)),
            },
            // `new URL("/api/token", base)`, `new Request(url)`.
            ExprKind::New { callee, args } if matches!(unit.source.slice(unit.module[*callee].span), "URL" | "Request") => {
                match args.first() {
                    Some(first) => self.framed_pieces(to(first.expr), frames, text, budget, depth + 1),
                    None => text.push(Part::Hole(site)),
                }
            }
            ExprKind::Member { object, property, .. } if matches!(&**property, "href") => {
                self.framed_pieces(to(*object), frames, text, budget, depth + 1);
            }
            ExprKind::Call { callee, .. } => {
                if let ExprKind::Member { object, property, .. } = &unit.module[unit.uncast(*callee)].kind
                    && matches!(&**property, "toString" | "trim")
                {
                    self.framed_pieces(to(*object), frames, text, budget, depth + 1);
                    return;
                }
                if unit.is_rust()
                    && let Some(inner) = unit.passing_receiver(&self.apis().rust, site.expr)
                {
                    self.framed_pieces(to(inner), frames, text, budget, depth + 1);
                    return;
                }
                match self.returned_once(to(*callee)) {
                    Some((function, returned)) => {
                        let inner = self.inside(site, function, frames);
                        self.framed_pieces(returned, &inner, text, budget, depth + 2);
                    }
                    None => text.push(Part::Hole(site)),
                }
            }
            ExprKind::Ident(_) | ExprKind::Member { .. } => {
                if let Some((value, outer)) = self.bound_in(site, frames) {
                    self.framed_pieces(value, &outer, text, budget, depth + 1);
                } else if let Some(init) = declared_once(unit, site.expr) {
                    self.framed_pieces(to(init), frames, text, budget, depth + 1);
                } else {
                    self.text(site).0.into_iter().for_each(|part| text.push(part));
                }
            }
            _ => self.text(site).0.into_iter().for_each(|part| text.push(part)),
        }
    }

    /// The function of the project that a callee is, when it is one and returns in one place.
    fn returned_once(&self, callee: Site) -> Option<(FunctionSite, Site)> {
        let answer = self.answer(callee);
        let mut functions = answer.functions();
        let (Some(function), None) = (functions.next(), functions.next()) else { return None };
        match self.unit(function.file)?.usage.returns(function.function) {
            [only] => Some((function, Site { file: function.file, expr: *only })),
            _ => None,
        }
    }
}

/// A name that is declared once, as something put together: the declaration's value.
fn declared_once(unit: &Unit, expr: ExprId) -> Option<ExprId> {
    let [write] = unit.usage.writes(unit.scopes.symbol_of_expr(expr)?) else { return None };
    let WriteKind::Declared { init: Some(init) } = write.kind else { return None };
    let put_together = matches!(
        unit.module[unit.uncast(init)].kind,
        ExprKind::Template { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Conditional { .. }
            | ExprKind::Logical { .. }
            | ExprKind::New { .. }
            | ExprKind::Call { .. }
    );
    (write.path.is_empty() && put_together).then_some(init)
}

/// `null`, `undefined`, `""`.
fn is_nothing(unit: &Unit, expr: ExprId) -> bool {
    match &unit.module[unit.uncast(expr)].kind {
        ExprKind::Literal(Literal::Null | Literal::Bool(false)) => true,
        ExprKind::Literal(Literal::String(text)) => text.is_empty(),
        ExprKind::Ident(name) => &**name == "undefined",
        _ => false,
    }
}
