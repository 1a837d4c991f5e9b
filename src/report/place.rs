//! Places of a report: a span in a masked text of this run, or what another report said of one.

use super::masking::MaskedFile;
use crate::source::{Location, Position, SourceFile, Span};

/// What stands for the path of a file whose text the run did not keep.
pub(super) const UNKNOWN_FILE: &str = "(unknown file)";

/// A place in a file.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a>(Anchor<'a>);

#[derive(Debug, Clone, Copy)]
enum Anchor<'a> {
    /// In a text of this run.
    Text(&'a MaskedFile, Span),
    /// In a text that this run did not keep.
    Lost(Location),
    /// In a text that only the run knew whose report was read.
    Told(&'a ToldPlace),
}

/// A place as a report of another run names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ToldPlace {
    pub(super) path: String,
    pub(super) start: Edge,
    pub(super) end: Edge,
}

/// One end of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Line, UTF-16 column and offset.
    pub position: Position,
    /// 1-based column in bytes of the line's UTF-8 text, as reviewdog counts.
    pub byte_column: u32,
}

impl<'a> Place<'a> {
    pub(super) fn new(file: Option<&'a MaskedFile>, location: Location) -> Self {
        Self(file.map_or(Anchor::Lost(location), |file| Anchor::Text(file, location.span)))
    }

    pub(super) fn told(place: &'a ToldPlace) -> Self {
        Self(Anchor::Told(place))
    }

    /// The path as reports print it.
    #[must_use]
    pub fn path(&self) -> &'a str {
        match self.0 {
            Anchor::Text(file, _) => &file.source().path,
            Anchor::Lost(_) => UNKNOWN_FILE,
            Anchor::Told(place) => &place.path,
        }
    }

    /// Line, column and offset of the start.
    #[must_use]
    pub fn start(&self) -> Position {
        self.first_edge().position
    }

    /// Line, column and offset of the end, which does not belong to the place any more.
    #[must_use]
    pub fn end(&self) -> Position {
        self.last_edge().position
    }

    /// The start.
    #[must_use]
    pub fn first_edge(&self) -> Edge {
        match self.0 {
            Anchor::Text(file, span) => edge(file.source(), span.start),
            Anchor::Lost(location) => lost(location.span.start),
            Anchor::Told(place) => place.start,
        }
    }

    /// The end.
    #[must_use]
    pub fn last_edge(&self) -> Edge {
        match self.0 {
            Anchor::Text(file, span) => edge(file.source(), span.end),
            Anchor::Lost(location) => lost(location.span.end),
            Anchor::Told(place) => place.end,
        }
    }

    /// The file, when this run has its text.
    pub(super) fn file(&self) -> Option<&'a MaskedFile> {
        match self.0 {
            Anchor::Text(file, _) => Some(file),
            Anchor::Lost(_) | Anchor::Told(_) => None,
        }
    }

    /// The bytes of the file that the place covers.
    pub(super) fn span(&self) -> Span {
        match self.0 {
            Anchor::Text(_, span) => span,
            Anchor::Lost(location) => location.span,
            Anchor::Told(place) => Span { start: place.start.position.offset, end: place.end.position.offset },
        }
    }

    /// Whether a file can be opened at the place.
    pub(super) fn is_known(&self) -> bool {
        self.path() != UNKNOWN_FILE
    }

    /// Whether both are the same stretch of the same file.
    pub(super) fn is_same(&self, other: &Place<'_>) -> bool {
        self.span() == other.span() && self.path() == other.path()
    }

    /// How many bytes of its first line stand before the place.
    pub(super) fn offset_in_line(&self) -> usize {
        self.first_edge().byte_column.saturating_sub(1) as usize
    }

    /// The masked text of the place; empty when this run does not have it.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.file().map_or("", |file| file.slice(self.span()))
    }

    /// The masked text of a line of the file; empty when this run does not have it.
    #[must_use]
    pub fn line(&self, line: u32) -> &'a str {
        self.file().map_or("", |file| file.line(line))
    }
}

fn edge(file: &SourceFile, offset: u32) -> Edge {
    let position = file.position(offset);
    let start = file.line_span(position.line).start;
    Edge { position, byte_column: position.offset.saturating_sub(start) + 1 }
}

fn lost(offset: u32) -> Edge {
    Edge { position: Position { line: 1, column: 1, offset }, byte_column: 1 }
}

/// The lines that a span covers, first and last.
pub(super) fn lines_of(file: &SourceFile, span: Span) -> (u32, u32) {
    let first = file.line_of(span.start);
    // A span that ends with a line break does not reach the next line.
    let last = file.line_of(span.end.saturating_sub(1).max(span.start));
    (first, last)
}
