//! Comments in text that is not parsed: by the line alone.

use memchr::memmem;

use super::forms::{Form, MARKS, body};
use super::{Comment, Survey, Zone};
use crate::source::Span;

/// How many blanks and asterisks may stand between a comment's mark and its first word.
const WIDEST_GAP: usize = 16;

/// The comments that begin with `word`. Documents have comments of markup, and of any form in their samples of code.
pub(super) fn survey(path: &str, text: &str, word: &str, survey: &mut Survey) -> Vec<Comment> {
    let form = Form::of_name(path).or_else(|| text.starts_with("#!").then_some(Form::Hash));
    survey.base(form);
    survey.marks = marks_of(form);
    let is_document = matches!(form, Some(Form::Markup | Form::Braced));
    let samples = if is_document { samples(text) } else { Vec::new() };
    for (span, form) in &samples {
        survey.zone(*span, form.map_or(Zone::Sealed, Zone::Between));
    }
    let mut found = Vec::new();
    for comment in leading(text, Span::new(0, text.len()), word) {
        let in_sample = samples.iter().any(|(sample, _)| sample.contains(comment));
        let of_markup = text.get(comment.range()).is_some_and(|whole| whole.starts_with("<!--") || whole.starts_with("{/*"));
        if !is_document || in_sample || of_markup {
            found.push(Comment { span: comment, body: body(text, comment), in_sample });
        }
    }
    found
}

/// What a line of nothing but a comment begins with.
pub(super) fn marks_of(form: Option<Form>) -> &'static [&'static str] {
    match form {
        Some(Form::Slashes) => &["//", "/*"],
        Some(Form::Block) => &["/*"],
        Some(Form::Braced) => &["{/*"],
        Some(Form::Markup | Form::Xml) => &["<!--"],
        Some(Form::Hash) => &["#"],
        Some(Form::Dashes) => &["--"],
        Some(Form::Semicolon) => &[";", "#"],
        Some(Form::Rem) => &["REM ", "rem ", "::"],
        None => &["//", "#", "<!--"],
    }
}

/// The comments of a stretch of text that begin with `word`: where it stands behind a comment's mark, and that outside of quotes.
pub(in crate::syntax) fn leading(text: &str, stretch: Span, word: &str) -> Vec<Span> {
    let Some(inside) = text.get(stretch.range()) else { return Vec::new() };
    let hits = memmem::find_iter(inside.as_bytes(), word.as_bytes()).map(|at| stretch.range().start + at);
    hits.filter_map(|at| comment_before(text, stretch, at)).collect()
}

/// The comment whose first word stands at `at`.
fn comment_before(text: &str, stretch: Span, at: usize) -> Option<Span> {
    let before = text.get(stretch.range().start..at)?;
    // Over a line end only inside of a block: ` * word` on the second line of one.
    let gap = before.trim_end_matches(|character: char| character.is_whitespace() || matches!(character, '*' | '!'));
    let opened = MARKS.iter().filter(|(open, _)| !open.ends_with(['*', '!'])).find(|(open, _)| gap.ends_with(open));
    let starred = MARKS.iter().filter(|(open, _)| open.ends_with(['*', '!'])).find(|(open, _)| {
        let stem = open.trim_end_matches(['*', '!']);
        gap.ends_with(stem) && before.get(gap.len() - stem.len()..).is_some_and(|rest| rest.starts_with(open))
    });
    let (open, close, start) = match (starred, opened) {
        (Some((open, close)), _) => (*open, *close, gap.len() - open.trim_end_matches(['*', '!']).len()),
        (None, Some((open, close))) => (*open, *close, gap.len() - open.len()),
        (None, None) => return None,
    };
    let between = before.get(start + open.len()..)?;
    if between.len() > WIDEST_GAP || (between.contains('\n') && close.is_empty()) {
        return None;
    }
    let line = before.get(..start)?.rsplit_once('\n').map_or_else(|| before.get(..start).unwrap_or(""), |(_, line)| line);
    let rest = text.get(at..stretch.range().end)?;
    let rest_of_line = rest.split('\n').next().unwrap_or("");
    // A mark of one character or a word is a comment's only at the start of a word: `a#b`, `url;x`.
    let stands_apart = (open.len() > 1 && !open.starts_with(char::is_alphabetic)) || line.is_empty() || line.ends_with(char::is_whitespace);
    let is_address = open == "//" && line.ends_with(':');
    if !stands_apart || is_address || is_quoted(line, rest_of_line) {
        return None;
    }
    let length =
        if close.is_empty() { rest_of_line.trim_end().len() } else { rest.find(close).map_or(rest_of_line.len(), |end| end + close.len()) };
    Some(Span::new(stretch.range().start + start, at + length))
}

/// Whether a quote is open at the end of `before`. An apostrophe that nothing closes on the line is no quote.
fn is_quoted(before: &str, after: &str) -> bool {
    let mut open: Option<char> = None;
    let mut characters = before.char_indices();
    while let Some((at, character)) = characters.next() {
        match (open, character) {
            (Some(_), '\\') => {
                characters.next();
            }
            (Some(quote), _) if quote == character => open = None,
            (None, '"' | '`') => open = Some(character),
            (None, '\'') => {
                let rest = before.get(at + 1..).unwrap_or("");
                if rest.contains('\'') || after.contains('\'') {
                    open = Some(character);
                }
            }
            _ => {}
        }
    }
    open.is_some()
}

/// The samples of code in a document, between lines of three back ticks or tildes, with the form of a comment in them.
fn samples(text: &str) -> Vec<(Span, Option<Form>)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str, Option<Form>)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        let bare = line.trim();
        let fence = ["```", "~~~"].into_iter().find(|fence| bare.starts_with(fence));
        match (open, fence) {
            (None, Some(fence)) => {
                let info = bare.trim_start_matches(['`', '~']);
                let language = info.split(|character: char| !character.is_alphanumeric()).next().unwrap_or("");
                open = Some((next, fence, Form::of_language(language)));
            }
            (Some((start, fence, form)), Some(closing)) if fence == closing && bare.trim_matches(['`', '~']).is_empty() => {
                found.push((Span::new(start, at), form));
                open = None;
            }
            _ => {}
        }
        at = next;
    }
    found.extend(open.map(|(start, _, form)| (Span::new(start, text.len()), form)));
    found
}
