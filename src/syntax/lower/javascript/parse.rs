//! Running the parser: over one region of the outer text, with template holes papered over, and never without end.
//!
//! The parser reads the text in pieces through a callback, so papering over a hole costs no copy of the file: the callback
//! hands out filler of the hole's length instead of its bytes, and every offset stays an offset of the outer text.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, ParseState, Parser, Point, Range, Tree};

use super::grammar::Grammar;
use super::repair::{self, Patch};
use super::{Dialect, Hole, HoleKind};
use crate::source::Span;

/// Wall time that one file may take to parse, before the allowance for its size.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// Bytes that buy one more millisecond: a tenth of what the parser manages on ordinary code.
const BYTES_PER_MILLISECOND: usize = 1_000;

/// How often a text is parsed again with more of it covered up: a repaired spot can bring out the next one.
const MAX_REPAIRS: usize = 3;

/// Filler for a hole that gives a value: an identifier, whatever its length.
const IDENTIFIER_FILLER: &[u8] = &[b'_'; 64];

/// Filler for a hole that gives nothing.
const BLANK_FILLER: &[u8] = &[b' '; 64];

/// What the parser reads.
#[derive(Debug)]
pub(super) struct Input<'a> {
    text: &'a str,
    holes: Vec<&'a Hole>,
    /// A span to be read as if it stood between parentheses.
    parenthesised: Option<Span>,
}

/// What is read in the place of a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filler {
    /// An identifier, whatever the length.
    Identifier,
    /// Blanks.
    Blank,
    /// A semicolon, then blanks.
    Semicolon,
}

impl<'a> Input<'a> {
    /// The text with holes. Holes that overlap an earlier one or do not fit the text are ignored.
    pub(super) fn new(text: &'a str, holes: &'a [Hole]) -> Self {
        let mut sorted: Vec<&Hole> =
            holes.iter().filter(|hole| text.get(hole.span.range()).is_some_and(|covered| !covered.is_empty())).collect();
        sorted.sort_by_key(|hole| hole.span);
        let mut end = 0;
        sorted.retain(|hole| {
            let apart = hole.span.start >= end;
            if apart {
                end = hole.span.end;
            }
            apart
        });
        Self { text, holes: sorted, parenthesised: None }
    }

    /// One expression of the text. The parentheses take the place of the bytes on either side (a quote or brace), so that
    /// `{ a: 1 }` is read as an object and offsets stay true.
    pub(super) fn expression(text: &'a str, span: Span) -> Self {
        Self { text, holes: Vec::new(), parenthesised: (span.start > 0).then_some(span) }
    }

    /// The whole outer text, as written.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The holes that touch `span`, in order.
    pub(super) fn holes_in(&self, span: Span) -> &[&'a Hole] {
        let first = self.holes.partition_point(|hole| hole.span.end <= span.start);
        let rest = self.holes.get(first..).unwrap_or_default();
        let count = rest.partition_point(|hole| hole.span.start < span.end);
        rest.get(..count).unwrap_or_default()
    }

    /// The range that the parser must be told for a region.
    fn range(&self, span: Span) -> (usize, usize) {
        match self.parenthesised {
            Some(inner) => (inner.start as usize - 1, inner.end as usize + 1),
            None => (span.start as usize, (span.end as usize).min(self.text.len())),
        }
    }

    /// Everything that is not read as written.
    fn patches(&self) -> Vec<Patch> {
        let filler = |kind| match kind {
            HoleKind::Value => Filler::Identifier,
            HoleKind::Statement => Filler::Blank,
        };
        self.holes.iter().map(|hole| Patch { span: hole.span, filler: filler(hole.kind) }).collect()
    }

    /// What the parser reads from `offset` on, up to some later offset.
    fn chunk(&self, offset: usize, patches: &[Patch]) -> &[u8] {
        let mut end = self.text.len();
        if let Some(inner) = self.parenthesised {
            end = inner.range().end.min(end);
            if offset + 1 == inner.range().start {
                return b"(";
            }
            if offset == inner.range().end {
                return b")";
            }
        }
        let next = patches.partition_point(|patch| patch.span.range().end <= offset);
        if let Some(patch) = patches.get(next) {
            let range = patch.span.range();
            if range.start <= offset {
                let filler = match patch.filler {
                    Filler::Identifier => IDENTIFIER_FILLER,
                    Filler::Semicolon if range.start == offset => b";",
                    Filler::Blank | Filler::Semicolon => BLANK_FILLER,
                };
                return filler.get(..range.end - offset).unwrap_or(filler);
            }
            end = range.start.min(end);
        }
        self.text.as_bytes().get(offset..end).unwrap_or_default()
    }
}

/// How long parsing may still take.
#[derive(Debug)]
pub(in crate::syntax::lower) struct Budget {
    deadline: Instant,
}

impl Budget {
    /// The budget of a file of `bytes` bytes.
    pub(in crate::syntax::lower) fn new(bytes: usize) -> Self {
        let allowance = Duration::from_millis(u64::try_from(bytes / BYTES_PER_MILLISECOND).unwrap_or(0));
        Self { deadline: Instant::now() + TIME_LIMIT + allowance }
    }

    /// Whether the parser may go on, as it asks.
    pub(in crate::syntax::lower) fn progress(&self) -> ControlFlow<()> {
        if Instant::now() < self.deadline { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// A parsed region.
pub(super) struct Parsed {
    /// The tree.
    pub(super) tree: Tree,
    /// The grammar that it is in: not always the one asked for.
    pub(super) grammar: &'static Grammar,
}

/// Parses a region. `None` when the budget ran out.
///
/// A text that does not parse is tried again with its spots that the grammar is known to lack covered up ([`repair`]), and
/// JavaScript as TypeScript, which reads the type annotations that many a `.js` file holds. The tree with the fewest errors
/// counts.
pub(super) fn parse(dialect: Dialect, input: &Input<'_>, span: Span, budget: &Budget) -> Option<Parsed> {
    let first = parse_as(dialect, input, span, budget)?;
    if dialect != Dialect::JavaScript || !first.tree.root_node().has_error() {
        return Some(first);
    }
    let errors = repair::count_errors(&first.tree);
    match parse_as(Dialect::Tsx, input, span, budget) {
        Some(second) if repair::count_errors(&second.tree) < errors => Some(second),
        _ => Some(first),
    }
}

fn parse_as(dialect: Dialect, input: &Input<'_>, span: Span, budget: &Budget) -> Option<Parsed> {
    let grammar = Grammar::of(dialect);
    let mut patches = input.patches();
    let mut tree = parse_once(grammar, input, span, &patches, budget)?;
    for _ in 0..MAX_REPAIRS {
        if dialect == Dialect::JavaScript || !tree.root_node().has_error() {
            break;
        }
        let before = patches.len();
        repair::add(&tree, grammar, input.text(), span, &mut patches);
        if patches.len() == before {
            break;
        }
        match parse_once(grammar, input, span, &patches, budget) {
            Some(repaired) if repair::count_errors(&repaired) < repair::count_errors(&tree) => tree = repaired,
            _ => break,
        }
    }
    Some(Parsed { tree, grammar })
}

fn parse_once(grammar: &Grammar, input: &Input<'_>, span: Span, patches: &[Patch], budget: &Budget) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&grammar.language).ok()?;
    let (start, end) = input.range(span);
    // Lines and columns are never read from the tree, so the region may pretend to stand on the first line.
    let point = |offset| Point { row: 0, column: offset };
    let range = Range { start_byte: start, end_byte: end, start_point: point(start), end_point: point(end) };
    parser.set_included_ranges(&[range]).ok()?;
    let mut progress = |_: &ParseState| budget.progress();
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |offset, _| input.chunk(offset, patches), None, Some(options))
}
