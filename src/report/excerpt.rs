//! Code frames: the lines around the places of one file, drawn by miette.
//!
//! miette draws what it is given, so it is given little: only the lines that will be seen, with long ones cut around what
//! matters, in an [`Excerpt`] that keeps the file's own line numbers.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::layout::{harmless, long_masks, without, wrap};
use super::style::Styles;
use super::{Place, Presentation};
use crate::finding::Severity;

/// Lines shown above and below a place.
const CONTEXT_LINES: u32 = 1;
/// Columns that line numbers and the frame take.
const GUTTER: usize = 10;
/// Labels are not wrapped into less than this.
const LEAST_LABEL: usize = 24;
/// How much of a cut line stays visible before the place.
const LEAD: usize = 24;

/// A place in a frame.
pub(super) struct Mark<'a> {
    pub(super) place: Place<'a>,
    pub(super) label: &'a str,
    pub(super) is_primary: bool,
}

/// Draws the frame of places that all lie in one file. Empty when the file's text was not kept.
pub(super) fn frame(marks: &[Mark<'_>], severity: Severity, presentation: &Presentation) -> String {
    let Some(excerpt) = Excerpt::new(marks, presentation) else { return String::new() };
    let theme = Styles::new(presentation.color).frames(severity, presentation.unicode, excerpt.labels.iter().map(LabeledSpan::primary));
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(presentation.width)
        .with_context_lines(CONTEXT_LINES as usize)
        .with_links(false)
        .without_primary_span_start()
        .without_syntax_highlighting();
    let mut drawn = String::new();
    if handler.render_report(&mut drawn, &excerpt).is_err() {
        return String::new();
    }
    // The first line is miette's own title, which is empty here.
    drawn.split_once('\n').map_or(String::new(), |(_, frame)| frame.to_owned())
}

/// The lines of a file that a frame shows, with the places in them.
#[derive(Debug)]
pub(super) struct Excerpt {
    first_line: u32,
    text: String,
    labels: Vec<LabeledSpan>,
    /// For each label, in their order: where it starts in `text`, and how the frame names the place.
    names: Vec<(usize, String)>,
}

impl Excerpt {
    /// The lines around places that all lie in one file. None when the file's text was not kept.
    pub(super) fn new(marks: &[Mark<'_>], presentation: &Presentation) -> Option<Self> {
        let file = marks.first()?.place.file()?;
        let room = presentation.width.saturating_sub(GUTTER).max(40);
        let mut marks: Vec<(u32, &Mark<'_>)> = marks.iter().map(|mark| (mark.place.start().line, mark)).collect();
        marks.sort_by_key(|(_, mark)| mark.place.span());
        let (first, last) = (marks.first()?.0, marks.last()?.0);
        let is_blank = |line: &u32| file.line(*line).trim().is_empty();
        // Blank lines at the edges show nothing.
        let first_line = (first.saturating_sub(CONTEXT_LINES).max(1)..first).find(|line| !is_blank(line)).unwrap_or(first);
        let last_line = (last + 1..=(last + CONTEXT_LINES).min(file.source().line_count())).rfind(|line| !is_blank(line)).unwrap_or(last);
        let mut excerpt = Self { first_line, text: String::new(), labels: Vec::new(), names: Vec::new() };
        for line in first_line..=last_line {
            let here = marks.iter().filter(|(at, _)| *at == line).map(|(_, mark)| *mark);
            let is_seen = marks.iter().any(|(at, _)| at.abs_diff(line) <= CONTEXT_LINES);
            if is_seen {
                excerpt.push_line(line, file.line(line), file.source().line_span(line).start, here, room, presentation.unicode);
            }
            excerpt.text.push('\n');
        }
        Some(excerpt)
    }

    /// The shown lines, first to last; lines between two places that are far apart are left out.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        let mut offset = 0;
        let at: Vec<usize> = self.labels.iter().map(|label| self.text.get(..label.offset()).unwrap_or("").matches('\n').count()).collect();
        for (index, (number, text)) in (self.first_line..).zip(self.text.lines()).enumerate() {
            if at.iter().any(|line| line.abs_diff(index) <= CONTEXT_LINES as usize) {
                let here = self.labels.iter().zip(&at).filter(|(_, line)| **line == index).map(|(label, _)| label);
                let marks = here.map(|label| {
                    let from = label.offset().saturating_sub(offset).min(text.len());
                    let to = (from + label.len()).min(text.len());
                    (from..to, label.primary(), label.label().unwrap_or(""))
                });
                rows.push(Row { number, text, marks: marks.collect() });
            }
            offset += text.len() + 1;
        }
        rows
    }

    fn push_line<'m>(
        &mut self,
        number: u32,
        line: &str,
        line_start: u32,
        marks: impl Iterator<Item = &'m Mark<'m>>,
        room: usize,
        unicode: bool,
    ) {
        let hidden = long_masks(line);
        let shorter = without(line, &hidden);
        let spans: Vec<_> = marks
            .map(|mark| {
                let span = mark.place.span();
                // A place of several lines is shown by its first one: the frame must stay small.
                let end = (span.end.saturating_sub(line_start) as usize).min(line.trim_end().len());
                let start = (span.start.saturating_sub(line_start) as usize).min(line.len());
                (moved(start, &hidden), moved(end.max(start), &hidden), mark)
            })
            .collect();
        let focus = spans.iter().find(|(.., mark)| mark.is_primary).or(spans.first()).map(|(start, ..)| *start);
        let window = Window::new(&shorter, focus, room, unicode);
        let base = self.text.len();
        self.text.push_str(&harmless(&window.text));
        for (start, end, mark) in spans {
            let (start, end) = (window.place(start), window.place(end));
            let span = SourceSpan::new((base + start).into(), end.saturating_sub(start).max(1));
            // A label stands below the middle of its place, behind a short arrow.
            let taken = window.text.get(..usize::midpoint(start, end)).unwrap_or("").chars().map(columns).sum::<usize>() + 4;
            let label = wrap(&harmless(mark.label), room.saturating_sub(taken).max(LEAST_LABEL), 0, 0);
            let label = Some(label).filter(|label| !label.is_empty());
            self.labels.push(if mark.is_primary {
                LabeledSpan::new_primary_with_span(label, span)
            } else {
                LabeledSpan::new_with_span(label, span)
            });
            let column = mark.place.start().column;
            self.names.push((base + start, format!("{}:{number}:{column}", harmless(mark.place.path()))));
        }
    }
}

/// A line of an excerpt.
pub(super) struct Row<'e> {
    /// 1-based, in the file.
    pub(super) number: u32,
    pub(super) text: &'e str,
    /// The places on it: their bytes, whether it is the primary one, and what is said of it.
    pub(super) marks: Vec<(Range<usize>, bool, &'e str)>,
}

/// Where a byte stands when the ranges before it are left out.
fn moved(at: usize, ranges: &[Range<usize>]) -> usize {
    at - ranges.iter().map(|range| at.clamp(range.start, range.end) - range.start).sum::<usize>()
}

/// The part of a line that fits.
struct Window<'l> {
    text: Cow<'l, str>,
    /// The first byte of the line that is in the window.
    from: usize,
    /// One past the last byte of the line that is in the window.
    to: usize,
    /// Bytes before it: the ellipsis.
    lead: usize,
}

impl<'l> Window<'l> {
    fn new(line: &'l str, focus: Option<usize>, room: usize, unicode: bool) -> Self {
        // Most lines are short enough by their bytes alone; tabs count as up to four.
        if line.len() <= room && !line.contains('\t') || line.chars().map(columns).sum::<usize>() <= room {
            return Self { text: Cow::Borrowed(line), from: 0, to: line.len(), lead: 0 };
        }
        let ellipsis = if unicode { "…" } else { "..." };
        let focus = focus.unwrap_or(0);
        let before: usize = line.get(..focus).unwrap_or("").chars().map(columns).sum();
        let from = if before + LEAD <= room { 0 } else { nth_before(line, focus, LEAD) };
        let ellipsis_width = ellipsis.chars().count();
        let mut used = if from > 0 { ellipsis_width } else { 0 };
        let to = line
            .get(from..)
            .unwrap_or("")
            .char_indices()
            .find(|(_, character)| {
                used += columns(*character);
                used + ellipsis_width > room
            })
            .map_or(line.len(), |(at, _)| from + at);
        let lead = if from > 0 { ellipsis } else { "" };
        let trail = if to < line.len() { ellipsis } else { "" };
        Self { text: Cow::Owned(format!("{lead}{}{trail}", line.get(from..to).unwrap_or(""))), from, to, lead: lead.len() }
    }

    /// Where a byte of the line stands in the window.
    fn place(&self, at: usize) -> usize {
        at.clamp(self.from, self.to) - self.from + self.lead
    }
}

fn columns(character: char) -> usize {
    if character == '\t' { 4 } else { 1 }
}

/// The byte offset of the character that stands `count` characters before `at`.
fn nth_before(line: &str, at: usize, count: usize) -> usize {
    line.get(..at).unwrap_or("").char_indices().rev().nth(count.saturating_sub(1)).map_or(0, |(offset, _)| offset)
}

impl fmt::Display for Excerpt {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Excerpt {}

impl Diagnostic for Excerpt {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.read_span(span, before, after)?;
        let name = self.names.iter().find(|(start, _)| *start == span.offset()).map_or("", |(_, name)| name);
        Ok(Box::new(MietteSpanContents::new_named(
            name.to_owned(),
            contents.data(),
            *contents.span(),
            contents.line() + self.first_line as usize - 1,
            contents.column(),
            contents.line_count(),
        )))
    }
}
