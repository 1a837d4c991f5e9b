//! Holes of server templates: the places of a page that a server fills in before a browser sees it.
//!
//! Template engines do not know HTML or JavaScript, so holes are found first, over the whole text, by their delimiters alone:
//!
//! | delimiters | engines |
//! | --- | --- |
//! | `{{ }}` `{{{ }}}` | Jinja, Django, Twig, Nunjucks, Liquid, Blade, Handlebars, Mustache, Go |
//! | `{% %}` `{# #}` | Jinja, Django, Twig, Nunjucks, Liquid |
//! | `{!! !!}` `{{-- --}}` | Blade |
//! | `<% %>` `<%= %>` `<%- %>` | EJS, ERB, JSP, ASP |
//! | `<?php ?>` `<?= ?>` | PHP |
//! | `@if(…)` `@json(…)` `@Model.X` `@(…)` | Blade and Razor, see [`super::at_sign`] |
//!
//! A file kind does not name its engine, and mixtures are common (Blade with Vue, EJS with Mustache), so all delimiters that
//! JavaScript cannot hold are always recognised. Only `{{` is ambiguous. In a page that is not known to be a template it
//! counts when what it holds reads like a template's expression on one line.

use super::at_sign::AtSign;
use super::balance::Balance;
use crate::source::Span;
use crate::syntax::lower::javascript::{Hole, HoleKind};

/// The longest `{{ }}`, in bytes, that counts in a file that may not be a template.
const LONGEST_DOUBTFUL: usize = 200;

/// Whether a file is known to be a server template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// By its extension.
    Template,
    /// A plain page; it may have holes all the same.
    Page,
}

/// Finds all holes, in order and without overlaps.
pub(super) fn find(text: &str, certainty: Certainty) -> Vec<Hole> {
    let bytes = text.as_bytes();
    let has = |needle: &str| memchr::memmem::find(bytes, needle.as_bytes()).is_some();
    let at_sign = if certainty == Certainty::Template { AtSign::detect(text) } else { AtSign::Plain };
    let percent_braces = has("{%");
    let doubtful = certainty == Certainty::Page || at_sign == AtSign::Razor || (has("<%") && !percent_braces);
    let mut finder =
        Finder { text, closers: Closers::default(), balance: Balance::new(text), at_sign, doubtful, percent_braces, holes: Vec::new() };
    let mut at = 0;
    while let Some(step) = bytes.get(at..).and_then(|rest| memchr::memchr3(b'{', b'<', b'@', rest)) {
        at = finder.hole(at + step).max(at + step + 1);
    }
    finder.holes
}

/// Where delimiters next stand. Each text is searched once for each delimiter, however often its opening half occurs.
#[derive(Debug, Default)]
pub(super) struct Closers {
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    needle: &'static str,
    from: usize,
    found: Option<usize>,
}

impl Closers {
    /// The first place of `needle` at or after `from`.
    pub(super) fn next(&mut self, text: &str, needle: &'static str, from: usize) -> Option<usize> {
        let search = || {
            let rest = text.as_bytes().get(from..)?;
            memchr::memmem::find(rest, needle.as_bytes()).map(|step| from + step)
        };
        if let Some(known) = self.known.iter_mut().find(|known| known.needle == needle) {
            if known.from > from || known.found.is_some_and(|found| found < from) {
                *known = Known { needle, from, found: search() };
            }
            return known.found;
        }
        let found = search();
        self.known.push(Known { needle, from, found });
        found
    }
}

pub(super) struct Finder<'a> {
    pub(super) text: &'a str,
    pub(super) closers: Closers,
    pub(super) balance: Balance<'a>,
    at_sign: AtSign,
    doubtful: bool,
    percent_braces: bool,
    holes: Vec<Hole>,
}

impl Finder<'_> {
    /// Reads the hole that starts at `at`, if any, and returns where to go on.
    fn hole(&mut self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        let next = match rest.as_bytes() {
            [b'{', b'{', ..] => self.braces(at, rest),
            [b'{', b'%', ..] => self.statement_tag(at),
            [b'{', b'!', b'!', ..] => self.delimited(at, 3, "!!}", HoleKind::Value),
            // A private class member in minified code starts like this too.
            [b'{', b'#', ..] if self.percent_braces => self.delimited(at, 2, "#}", HoleKind::Statement),
            [b'<', b'%', b'-', b'-', ..] => self.delimited(at, 4, "--%>", HoleKind::Statement),
            [b'<', b'%', b'%', ..] => Some(at + 3),
            [b'<', b'%', ..] => self.percent(at),
            [b'<', b'?', ..] => self.php(at, rest),
            [b'@', ..] => self.at_sign.hole(self, at),
            _ => None,
        };
        next.unwrap_or(at + 1)
    }

    pub(super) fn push(&mut self, start: usize, end: usize, text: &str, kind: HoleKind) -> usize {
        self.holes.push(Hole { span: Span::new(start, end), text: text.trim().into(), kind });
        end
    }

    /// A hole whose content ends at the next `closer`.
    fn delimited(&mut self, at: usize, opener: usize, closer: &'static str, kind: HoleKind) -> Option<usize> {
        let close = self.closers.next(self.text, closer, at + opener)?;
        let content = self.text.get(at + opener..close)?;
        Some(self.push(at, close + closer.len(), content, kind))
    }

    /// `{{ … }}` and its relatives.
    fn braces(&mut self, at: usize, rest: &str) -> Option<usize> {
        for (opener, closer) in [("{{--", "--}}"), ("{{!--", "--}}")] {
            if rest.starts_with(opener) {
                return self.delimited(at, opener.len(), closer, HoleKind::Statement);
            }
        }
        let (opener, closer) = if rest.starts_with("{{{") { (3, "}}}") } else { (2, "}}") };
        let close = self.closers.next(self.text, closer, at + opener)?;
        let content = self.text.get(at + opener..close)?;
        let template_string = at.checked_sub(1).and_then(|before| self.text.as_bytes().get(before)) == Some(&b'$');
        if self.doubtful && template_string {
            return None;
        }
        if (self.doubtful || template_string) && !reads_like_a_template(content) {
            return None;
        }
        let content = content.trim_matches(['-', '~']).trim();
        let kind = if is_statement(content) { HoleKind::Statement } else { HoleKind::Value };
        Some(self.push(at, close + closer.len(), content, kind))
    }

    /// `{% … %}`; the blocks in which nothing is a hole are passed over.
    fn statement_tag(&mut self, at: usize) -> Option<usize> {
        let close = self.closers.next(self.text, "%}", at + 2)?;
        let content = self.text.get(at + 2..close)?.trim_matches(['-', '+']).trim();
        let end = close + 2;
        match first_word(content) {
            "raw" => Some(self.verbatim(at, end, "endraw")),
            "verbatim" => Some(self.verbatim(at, end, "endverbatim")),
            "comment" => match self.closers.next(self.text, "endcomment", end).and_then(|word| self.closers.next(self.text, "%}", word)) {
                Some(close) => Some(self.push(at, close + 2, "comment", HoleKind::Statement)),
                None => Some(self.push(at, end, content, HoleKind::Statement)),
            },
            _ => Some(self.push(at, end, content, HoleKind::Statement)),
        }
    }

    /// The opening tag of a verbatim block is a hole; reading goes on at the tag that has the closing `word`.
    fn verbatim(&mut self, at: usize, end: usize, word: &'static str) -> usize {
        self.push(at, end, "", HoleKind::Statement);
        let Some(word) = self.closers.next(self.text, word, end) else { return end };
        let closing_tag = self.text.get(end..word).and_then(|body| body.rfind("{%"));
        closing_tag.map_or(word, |step| end + step)
    }

    /// `<% … %>` and its relatives.
    fn percent(&mut self, at: usize) -> Option<usize> {
        let close = self.closers.next(self.text, "%>", at + 2)?;
        let content = self.text.get(at + 2..close)?;
        let (kind, content) = match content.as_bytes() {
            [b'=' | b':', ..] => (HoleKind::Value, content.trim_start_matches(['=', ':'])),
            // Unescaped output in EJS, a statement with its blanks trimmed in ERB.
            [b'-', ..] if !is_ruby_statement(content) => (HoleKind::Value, content.trim_start_matches('-')),
            _ => (HoleKind::Statement, content.trim_start_matches(['-', '_', '#', '@', '!'])),
        };
        Some(self.push(at, close + 2, content.trim_end_matches(['-', '_']), kind))
    }

    /// `<?php … ?>` and `<?= … ?>`, to the end of the file when unclosed, as PHP has it.
    fn php(&mut self, at: usize, rest: &str) -> Option<usize> {
        let open = ["<?php", "<?=", "<? ", "<?\n", "<?\r"].iter().find(|open| rest.starts_with(**open))?;
        let close = self.closers.next(self.text, "?>", at + open.len());
        let content = self.text.get(at + open.len()..close.unwrap_or(self.text.len()))?.trim();
        let end = close.map_or(self.text.len(), |close| close + 2);
        let echoed = if *open == "<?=" { Some(content) } else { content.strip_prefix("echo").or(content.strip_prefix("print")) };
        let one_statement = |content: &&str| !content.trim_end_matches(';').contains(';');
        match echoed.filter(one_statement) {
            Some(value) => Some(self.push(at, end, value.trim_end_matches(';'), HoleKind::Value)),
            None => Some(self.push(at, end, content, HoleKind::Statement)),
        }
    }
}

fn first_word(content: &str) -> &str {
    content.split(|character: char| !character.is_alphanumeric() && character != '_').next().unwrap_or("")
}

/// Whether the content of a `{{ }}` makes no output: block helpers and comments of Handlebars, actions of Go.
fn is_statement(content: &str) -> bool {
    content.starts_with(['#', '/', '^', '>', '!'])
        || content.contains(":=")
        || matches!(first_word(content), "if" | "else" | "end" | "range" | "with" | "define" | "block" | "template")
}

/// Whether the content of `<%- … %>` is Ruby that makes no output.
fn is_ruby_statement(content: &str) -> bool {
    let content = content.trim_matches('-').trim();
    let keyword = matches!(
        first_word(content),
        "if" | "else" | "elsif" | "end" | "unless" | "case" | "when" | "for" | "while" | "until" | "begin" | "rescue" | "ensure"
    );
    keyword || content.ends_with(" do") || (content.ends_with('|') && content.contains(" do |"))
}

/// Whether what stands between `{{` and `}}` reads like a template's expression rather than JavaScript blocks or objects: one
/// line, a path, call or helper with arguments, then filters.
fn reads_like_a_template(content: &str) -> bool {
    // Before anything else looks at it: what is refused here is read again from its second brace on.
    if content.len() > LONGEST_DOUBTFUL || content.contains('\n') {
        return false;
    }
    let content = content.trim_matches(['-', '~']).trim();
    let starts_like_one =
        content.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '$' | '.' | '#' | '/' | '^' | '>' | '\'' | '"'));
    let javascript = matches!(
        first_word(content),
        "return" | "const" | "let" | "var" | "throw" | "new" | "await" | "break" | "continue" | "function" | "typeof" | "delete"
    );
    if !starts_like_one || javascript {
        return false;
    }
    let (mut depth, mut filtered, mut quote) = (0usize, false, None);
    for character in content.chars() {
        match (quote, character) {
            (_, '{' | '}' | ';') => return false,
            (Some(open), _) => {
                if character == open {
                    quote = None;
                }
            }
            (None, '\'' | '"' | '`') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, '|') => filtered = true,
            // In an object or a block these stand outside brackets and filters.
            (None, ':' | ',' | '=' | '?') if depth == 0 && !filtered && !content.contains(":=") => return false,
            (None, _) => {}
        }
    }
    quote.is_none()
}
