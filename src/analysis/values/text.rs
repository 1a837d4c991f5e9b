//! Constant strings, and texts with holes (URLs built from templates).

use super::{OriginKind, Site, Values};
use crate::analysis::unit::Unit;
use crate::hir::{BinaryOp, Element, ExprId, ExprKind, Literal, Name};

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Known text.
    Known(String),
    /// An expression whose text is not constant.
    Hole(Site),
}

/// A text of known parts and holes, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Text(pub Vec<Part>);

impl Text {
    pub(super) fn push(&mut self, part: Part) {
        if let (Some(Part::Known(last)), Part::Known(more)) = (self.0.last_mut(), &part) {
            last.push_str(more);
        } else {
            self.0.push(part);
        }
    }

    /// The text with `{}` for each hole.
    #[must_use]
    pub fn pattern(&self) -> String {
        self.0.iter().map(|part| if let Part::Known(text) = part { text.as_str() } else { "{}" }).collect()
    }

    /// The whole text, when it has no hole.
    #[must_use]
    pub fn constant(&self) -> Option<String> {
        self.0.iter().all(|part| matches!(part, Part::Known(_))).then(|| self.pattern())
    }

    /// The holes, in order.
    pub fn holes(&self) -> impl Iterator<Item = Site> + '_ {
        self.0.iter().filter_map(|part| if let Part::Hole(site) = part { Some(*site) } else { None })
    }
}

/// How many nested pieces a text may have.
const PIECES: u32 = 400;
/// A name that is written more often is no constant.
const WRITES: usize = 16;
/// How deep they may nest.
const DEPTH: u8 = 40;

impl Values<'_> {
    /// The text of an expression: literals, templates, concatenation, and names that are constants.
    #[must_use]
    pub fn text(&self, site: Site) -> Text {
        let mut text = Text::default();
        self.pieces(site, &mut text, &mut PIECES.clone(), 0);
        text
    }

    /// The constant string that an expression is, by itself or through constants.
    #[must_use]
    pub fn constant_string(&self, site: Site) -> Option<Name> {
        let unit = self.unit(site.file)?;
        if !may_be_constant(unit, site.expr, 0) {
            return None;
        }
        self.text(site).constant().map(Name::from)
    }

    /// A constant member key: a string or an index.
    #[must_use]
    pub fn constant_key(&self, site: Site) -> Option<Name> {
        let unit = self.unit(site.file)?;
        if let ExprKind::Literal(Literal::Number(number)) = &unit.module[site.expr].kind {
            return Some(Name::from(number.to_string()));
        }
        self.constant_string(site)
    }

    fn pieces(&self, site: Site, text: &mut Text, budget: &mut u32, depth: u8) {
        let Some(unit) = self.unit(site.file) else { return };
        if *budget == 0 || depth > DEPTH {
            text.push(Part::Hole(site));
            return;
        }
        *budget -= 1;
        let to = |expr| Site { file: site.file, expr };
        match &unit.module[site.expr].kind {
            ExprKind::Literal(Literal::String(value)) => text.push(Part::Known(value.to_string())),
            ExprKind::Literal(Literal::Number(value)) => text.push(Part::Known(value.to_string())),
            ExprKind::Template { quasis, exprs } => {
                for (index, (quasi, _)) in quasis.iter().enumerate() {
                    if !quasi.is_empty() {
                        text.push(Part::Known(quasi.to_string()));
                    }
                    if let Some(hole) = exprs.get(index) {
                        self.pieces(to(*hole), text, budget, depth + 1);
                    }
                }
            }
            ExprKind::Binary { op: BinaryOp::Add, left, right } => {
                self.pieces(to(*left), text, budget, depth + 1);
                self.pieces(to(*right), text, budget, depth + 1);
            }
            ExprKind::Cast { expr, .. } | ExprKind::Await(expr) => self.pieces(to(*expr), text, budget, depth + 1),
            ExprKind::Call { .. } if !unit.is_rust() => match joined(unit, site.expr) {
                Some((elements, between)) => {
                    for (index, element) in elements.iter().enumerate() {
                        if index > 0 && !between.is_empty() {
                            text.push(Part::Known(between.to_string()));
                        }
                        self.pieces(to(element.expr), text, budget, depth + 1);
                    }
                }
                None => text.push(Part::Hole(site)),
            },
            ExprKind::Ident(_) | ExprKind::Member { .. } | ExprKind::Index { .. } => match self.single_literal(site) {
                Some(value) => text.push(Part::Known(value)),
                None => match self.single_template(site) {
                    Some(inner) if inner != site => self.pieces(inner, text, budget, depth + 4),
                    _ => text.push(Part::Hole(site)),
                },
            },
            ExprKind::Call { .. } if unit.is_rust() => match unit.passing_receiver(&self.apis().rust, site.expr) {
                Some(receiver) => self.pieces(to(receiver), text, budget, depth + 1),
                None => text.push(Part::Hole(site)),
            },
            _ => text.push(Part::Hole(site)),
        }
    }

    fn single_literal(&self, site: Site) -> Option<String> {
        let unit = self.unit(site.file)?;
        if unit.scopes.symbol_of_expr(site.expr).is_some_and(|symbol| unit.usage.writes(symbol).len() > WRITES) {
            return None;
        }
        let answer = self.answer(site);
        let facts = &answer.facts;
        match facts.as_slice() {
            [fact] if !fact.derived && fact.path.is_empty() => match &fact.kind {
                OriginKind::Literal(Literal::String(value)) => Some(value.to_string()),
                OriginKind::Literal(Literal::Number(value)) => Some(value.to_string()),
                _ => None,
            },
            // `const API = process.env.TELNYX_API_BASE ?? "https://…"`: the default is what the code is about.
            [_, _] => {
                let literals: Vec<_> = facts
                    .iter()
                    .filter_map(|fact| match &fact.kind {
                        OriginKind::Literal(Literal::String(value)) if !fact.derived && value.contains("://") => Some(value.to_string()),
                        _ => None,
                    })
                    .collect();
                match (literals.as_slice(), facts.iter().any(|fact| matches!(fact.kind, OriginKind::Env { .. }))) {
                    ([value], true) => Some(value.clone()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A name that is declared once as a template or concatenation: the declaration's value.
    fn single_template(&self, site: Site) -> Option<Site> {
        let unit = self.unit(site.file)?;
        let symbol = unit.scopes.symbol_of_expr(site.expr)?;
        match unit.usage.writes(symbol) {
            [write] if write.path.is_empty() => match &write.kind {
                crate::analysis::usage::WriteKind::Declared { init: Some(init) } => {
                    let init = unit.uncast(*init);
                    matches!(unit.module[init].kind, ExprKind::Template { .. } | ExprKind::Binary { op: BinaryOp::Add, .. })
                        .then_some(Site { file: site.file, expr: init })
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Whether an expression could be a constant text by its shape: a look before names are followed.
fn may_be_constant(unit: &Unit, expr: ExprId, depth: u8) -> bool {
    let inside = |expr: &ExprId| may_be_constant(unit, *expr, depth + 1);
    match &unit.module[expr].kind {
        // Deeper than a text is followed.
        _ if depth > DEPTH => false,
        ExprKind::Literal(Literal::String(_) | Literal::Number(_))
        | ExprKind::Ident(_)
        | ExprKind::Member { .. }
        | ExprKind::Index { .. } => true,
        ExprKind::Template { exprs, .. } => exprs.iter().all(inside),
        ExprKind::Binary { op: BinaryOp::Add, left, right } => inside(left) && inside(right),
        ExprKind::Cast { expr, .. } | ExprKind::Await(expr) => inside(expr),
        ExprKind::Call { .. } => {
            unit.is_rust() || joined(unit, expr).is_some_and(|(elements, _)| elements.iter().all(|element| inside(&element.expr)))
        }
        _ => false,
    }
}

/// `['a', b].join('-')`: the elements and what comes between them.
fn joined(unit: &Unit, call: ExprId) -> Option<(&[Element], &str)> {
    let ExprKind::Call { args, .. } = &unit.module[call].kind else { return None };
    let ExprKind::Array(elements) = &unit.module[unit.uncast(unit.call_receiver(call)?)].kind else { return None };
    let is_join = unit.called_method(call).is_some_and(|method| &**method == "join");
    if !is_join || elements.iter().any(|element| element.spread) {
        return None;
    }
    match args.as_slice() {
        [] => Some((elements, ",")),
        [only] => match &unit.module[only.expr].kind {
            ExprKind::Literal(Literal::String(between)) => Some((elements, between)),
            _ => None,
        },
        _ => None,
    }
}
