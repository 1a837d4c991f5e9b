//! Running the parser: over one region of the outer text, with template holes papered over, and never without end.
//!
//! The parser reads the text in pieces through a callback, so papering over a hole costs no copy of the file: the callback
//! hands out filler of the hole's length instead of its bytes, and every offset stays an offset of the outer text.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{ParseOptions, ParseState, Parser, Point, Range, Tree};

use super::grammar::Grammar;
use super::{Hole, HoleKind};
use crate::source::Span;

/// Wall time that one file may take to parse, before the allowance for its size.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// Bytes that buy one more millisecond: a tenth of what the parser manages on ordinary code.
const BYTES_PER_MILLISECOND: usize = 1_000;

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

    fn chunk(&self, offset: usize) -> &[u8] {
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
        let next = self.holes.partition_point(|hole| hole.span.range().end <= offset);
        if let Some(hole) = self.holes.get(next) {
            let range = hole.span.range();
            if range.start <= offset {
                let filler = match hole.kind {
                    HoleKind::Value => IDENTIFIER_FILLER,
                    HoleKind::Statement => BLANK_FILLER,
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
pub(super) struct Budget {
    deadline: Instant,
}

impl Budget {
    /// The budget of a file of `bytes` bytes.
    pub(super) fn new(bytes: usize) -> Self {
        let allowance = Duration::from_millis(u64::try_from(bytes / BYTES_PER_MILLISECOND).unwrap_or(0));
        Self { deadline: Instant::now() + TIME_LIMIT + allowance }
    }
}

/// Parses a region. `None` when the budget ran out.
pub(super) fn parse(grammar: &Grammar, input: &Input<'_>, span: Span, budget: &Budget) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&grammar.language).ok()?;
    let (start, end) = input.range(span);
    // Lines and columns are never read from the tree, so the region may pretend to stand on the first line.
    let point = |offset| Point { row: 0, column: offset };
    let range = Range { start_byte: start, end_byte: end, start_point: point(start), end_point: point(end) };
    parser.set_included_ranges(&[range]).ok()?;
    let mut progress = |_: &ParseState| if Instant::now() < budget.deadline { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |offset, _| input.chunk(offset), None, Some(options))
}
