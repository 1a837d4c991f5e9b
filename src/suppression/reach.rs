//! How far a directive reaches: by the nodes of the file's syntax, where it has one.

use super::directive::Scope;
use crate::analysis::unit::Unit;
use crate::hir::{ExprKind, JsxAttribute, Module, Property, PropertyKey};
use crate::source::{SourceFile, Span};

/// The nodes of a file, as far as they matter to how far a directive reaches.
pub(super) struct Reach<'s> {
    source: &'s SourceFile,
    /// Every node that a directive can speak for, by start.
    nodes: Vec<Span>,
    /// Tags of markup, which are one thing whatever their attributes hold; by start.
    tags: Vec<Span>,
    /// The statements, by start.
    statements: Vec<Span>,
}

/// Where a finding starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    offset: u32,
    line: u32,
    /// Where the innermost statement around it starts; 0 outside of statements.
    statement: u32,
}

/// What a directive speaks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cover {
    File,
    Lines(u32, u32),
    /// What starts on a line.
    Node {
        line: u32,
        /// Where the line ends.
        line_end: u32,
        /// How far the nodes that start on the line reach.
        nodes: u32,
        /// How far the tags that start on the line reach.
        tags: u32,
    },
}

impl Cover {
    /// Whether a finding that starts there is spoken for.
    pub(super) fn contains(self, place: Place) -> bool {
        match self {
            Self::File => true,
            Self::Lines(first, last) => (first..=last).contains(&place.line),
            Self::Node { line, line_end, nodes, tags } => {
                let in_node = place.offset < nodes && place.statement <= line_end;
                place.line == line || (place.line > line && (in_node || place.offset < tags))
            }
        }
    }
}

impl<'s> Reach<'s> {
    /// Gathers the nodes of a file; without a unit, lines and the tags of markup are all there is.
    pub(super) fn new(unit: Option<&Unit>, source: &'s SourceFile, tags: &[Span]) -> Self {
        let mut tags = tags.to_vec();
        let mut nodes = unit.map_or_else(Vec::new, |unit| self::nodes(&unit.module, source));
        let mut statements: Vec<Span> = unit.map_or_else(Vec::new, |unit| unit.module.stmts.iter().map(|stmt| stmt.span).collect());
        for spans in [&mut nodes, &mut tags, &mut statements] {
            spans.sort_unstable();
            spans.dedup();
        }
        Self { source, nodes, tags, statements }
    }

    /// Where something starts.
    pub(super) fn place(&self, offset: u32) -> Place {
        let before = self.statements.get(..self.statements.partition_point(|span| span.start <= offset)).unwrap_or_default();
        let statement = before.iter().rev().find(|span| offset < span.end).map_or(0, |span| span.start);
        Place { offset, line: self.source.line_of(offset), statement }
    }

    /// What a directive speaks for.
    pub(super) fn of(&self, scope: Scope) -> Cover {
        match scope {
            Scope::File => Cover::File,
            Scope::Lines(first, last) => Cover::Lines(first, last),
            Scope::Next(line) => self.below(line),
        }
    }

    /// What a directive above a line speaks for.
    fn below(&self, line: u32) -> Cover {
        let span = self.source.line_span(line);
        let farthest = |spans: &[Span]| {
            let first = spans.partition_point(|node| node.start < span.start);
            let starting = spans.get(first..).unwrap_or_default().iter().take_while(|node| node.start <= span.end);
            starting.map(|node| node.end).max().unwrap_or(0)
        };
        Cover::Node { line, line_end: span.end, nodes: farthest(&self.nodes), tags: farthest(&self.tags) }
    }

    /// The lines above which a directive would speak for what starts at `offset`, nearest first.
    pub(super) fn lines_for(&self, offset: u32) -> Vec<u32> {
        let place = self.place(offset);
        let around = self.nodes.iter().chain(&self.tags).filter(|span| span.start <= offset && offset < span.end);
        let mut lines: Vec<u32> = around.map(|span| self.source.line_of(span.start)).chain([place.line]).collect();
        lines.sort_unstable_by(|left, right| right.cmp(left));
        lines.dedup();
        lines.retain(|line| self.below(*line).contains(place));
        lines
    }
}

/// Everything that a directive above it can speak for.
fn nodes(module: &Module, source: &SourceFile) -> Vec<Span> {
    let is_data = module.value.is_some();
    let mut nodes: Vec<Span> = Vec::new();
    let mut pair = |start: u32, value: Span| nodes.push(Span { start, end: value.end });
    for expr in &module.exprs {
        match &expr.kind {
            ExprKind::Object(properties) => {
                for property in properties {
                    if let Property::Value { key: PropertyKey::Name(_, span), value } = property {
                        pair(span.start, module[*value].span);
                    }
                }
            }
            ExprKind::Jsx(element) => {
                for attribute in &element.attributes {
                    if let JsxAttribute::Named { span, value: Some(value), .. } = attribute {
                        pair(span.start, module[*value].span);
                    }
                }
            }
            // An item of a list may be a mapping, which begins with its first key.
            ExprKind::Array(elements) if is_data => elements.iter().for_each(|element| {
                let span = module[element.expr].span;
                pair(span.start, span);
            }),
            _ => {}
        }
    }
    // A mapping or list without brackets begins where its first entry does, and is not what a comment above that entry means.
    let is_bare = |expr: &&crate::hir::Expr| match expr.kind {
        ExprKind::Object(_) => !source.slice(expr.span).starts_with('{'),
        ExprKind::Array(_) => !source.slice(expr.span).starts_with('['),
        _ => false,
    };
    nodes.extend(module.exprs.iter().filter(|expr| !(is_data && is_bare(expr))).map(|expr| expr.span));
    nodes.extend(module.stmts.iter().map(|stmt| stmt.span));
    nodes.extend(module.functions.iter().map(|function| function.span));
    nodes.extend(module.classes.iter().flat_map(|class| class.members.iter().map(|member| member.span).chain([class.span])));
    nodes.extend(module.imports.iter().map(|import| import.span));
    nodes.extend(module.exports.iter().map(|export| export.span));
    nodes
}
