//! A value's way as numbered lines: where, the code there, and what happens.

use std::borrow::Borrow;
use std::io::{self, Write};

use super::layout::{counted, harmless, harmless_text, long_masks, shorten_around, shorten_path, without, wrap};
use super::style::Styles;
use super::{Detail, Links, Noted, Presentation};

/// Columns that keywords such as `flow:` take.
const INDENT: usize = 8;
/// How many steps of a value's way are shown unless everything is asked for. The middle is left out, because both ends matter.
const MOST_STEPS: usize = 8;
/// Code in a step is not shortened below this.
const LEAST_CODE: usize = 24;

/// Prints steps.
pub(super) struct Steps<'p> {
    presentation: &'p Presentation,
    styles: Styles,
    links: Option<&'p Links>,
}

impl<'p> Steps<'p> {
    pub(super) fn new(presentation: &'p Presentation) -> Self {
        Self { presentation, styles: Styles::new(presentation.color), links: None }
    }

    /// Steps whose places are links.
    pub(super) fn with_links(self, links: Option<&'p Links>) -> Self {
        Self { links, ..self }
    }

    /// What opens the file of a place.
    pub(super) fn opening(&self, noted: &Noted<'_>, text: String) -> String {
        match self.links {
            Some(links) => links.file(noted.place, &text),
            None => text,
        }
    }

    /// The steps that tell a reader something: all when everything is asked for. Otherwise several things that happen on one line are one
    /// step, the first of them, which says what the line is about.
    pub(super) fn telling<'n, N: Borrow<Noted<'n>>>(&self, steps: Vec<N>) -> Vec<N> {
        if self.presentation.detail < Detail::Verbose { one_a_line(steps) } else { steps }
    }

    /// The steps, numbered: those that matter or, when everything is asked for, all. The keyword stands before the first one.
    pub(super) fn list(&self, keyword: Option<&str>, steps: &[Noted<'_>], out: &mut dyn Write) -> io::Result<()> {
        let steps: Vec<&Noted<'_>> = self.telling(steps.iter().collect());
        let is_cut = steps.len() > MOST_STEPS && self.presentation.detail < Detail::Verbose;
        let hidden = if is_cut { MOST_STEPS / 2..steps.len() - MOST_STEPS / 2 } else { 0..0 };
        let shown = || steps.iter().copied().enumerate().filter(|(index, _)| !hidden.contains(index));
        let widest = shown().map(|(_, step)| self.position(step).chars().count()).max().unwrap_or(0);
        for (index, step) in shown() {
            if is_cut && index == hidden.end {
                let count = counted(hidden.len(), "more step");
                let indent = " ".repeat(keyword.map_or(2, |keyword| keyword.len() + 3));
                writeln!(out, "{indent}{}", self.styles.dim(format!("{count}, shown with --verbose")))?;
            }
            let number = format!("{}.", index + 1);
            let lead = keyword.map_or(0, |keyword| keyword.len() + 1);
            let head = match keyword.filter(|_| index == 0) {
                Some(keyword) => format!("{} {number}", self.styles.keyword(keyword)),
                None => format!("{}{number}", " ".repeat(lead)),
            };
            self.step(&head, lead + number.len(), step, widest, out)?;
        }
        Ok(())
    }

    /// One line: where, the code there, and what it means. The code gives way when the line is short.
    pub(super) fn step(&self, head: &str, head_width: usize, step: &Noted<'_>, widest: usize, out: &mut dyn Write) -> io::Result<()> {
        let width = self.presentation.width;
        let (ellipsis, dash) = if self.presentation.unicode { ("…", "—") } else { ("...", "--") };
        let position = self.position(step);
        let padding = " ".repeat(widest.saturating_sub(position.chars().count()));
        let message = harmless_text(&step.message);
        let (code, focus) = code(step);
        let before = 2 + head_width + 1 + position.chars().count() + padding.len() + 2;
        let after = if message.is_empty() { 0 } else { message.chars().count() + 2 + dash.chars().count() };
        let room = width.saturating_sub(before + after);
        let fits = room >= LEAST_CODE.min(code.chars().count());
        let room = if fits { room } else { width.saturating_sub(before).max(LEAST_CODE) };
        let code = shorten_around(&code, focus, room, ellipsis);
        write!(out, "  {head} {}{padding}  {}", self.opening(step, position), self.styles.dim(&code))?;
        if message.is_empty() {
            return writeln!(out);
        }
        if fits {
            writeln!(out, " {dash} {message}")
        } else {
            let indent = 2 + head_width + 1 + dash.chars().count() + 1;
            writeln!(out, "\n{}{dash} {}", " ".repeat(indent - dash.chars().count() - 1), wrap(&message, width, indent, indent))
        }
    }

    /// `path:line`. Long paths lose their beginning, unless everything is asked for.
    pub(super) fn position(&self, noted: &Noted<'_>) -> String {
        let ellipsis = if self.presentation.unicode { "…" } else { "..." };
        let width = if self.presentation.detail == Detail::Verbose { usize::MAX } else { self.presentation.width * 2 / 5 };
        let path = shorten_path(&harmless(noted.place.path()), width, ellipsis);
        format!("{path}:{}", noted.place.start().line)
    }

    /// A keyword and a text, wrapped; nothing when there is no text.
    pub(super) fn field(&self, keyword: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let text = wrap(&harmless_text(text), self.presentation.width, keyword.len() + 3, INDENT);
        writeln!(out, "  {} {text}", self.styles.keyword(keyword))
    }
}

/// The first of the steps that follow each other on one line.
pub(super) fn one_a_line<'n, N: Borrow<Noted<'n>>>(mut steps: Vec<N>) -> Vec<N> {
    steps.dedup_by(|next, kept| {
        let (next, kept) = ((*next).borrow().place, (*kept).borrow().place);
        next.path() == kept.path() && next.start().line == kept.start().line
    });
    steps
}

/// The line of a step on one line without long masks, and how many characters of it stand before the place.
pub(super) fn code(step: &Noted<'_>) -> (String, usize) {
    let start = step.place.start();
    let line = step.place.line(start.line);
    let tidy = |text: &str| harmless_text(&without(text, &long_masks(text)));
    let before = line.get(..step.place.offset_in_line()).unwrap_or("");
    (tidy(line), tidy(before).chars().count())
}
