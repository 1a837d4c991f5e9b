//! A tolerant scanner for the tags of markup.
//!
//! Only opening tags matter here: their names, attributes and, for elements whose content is raw text, that content. No tree
//! is built and nothing is an error; the tokenising rules are the WHATWG HTML standard's (13.2.5) where they decide what a
//! browser would run, with what Vue, Svelte and Astro add to attributes. Holes of server templates are passed over wherever
//! they stand.

use super::Flavour;
use super::balance::{Balance, Lexis};
use super::holes::Closers;
use crate::source::Span;
use crate::syntax::lower::javascript::Hole;

/// An opening tag.
#[derive(Debug)]
pub(super) struct Tag {
    /// From `<` to `>`.
    pub(super) span: Span,
    /// The name.
    pub(super) name: Span,
    /// The attributes, in order.
    pub(super) attributes: Vec<Attribute>,
    /// The content of a raw-text element (`<script>`, `<style>`, `<textarea>`, `<title>`).
    pub(super) body: Option<Body>,
}

/// The content of a raw-text element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body {
    pub(super) span: Span,
    /// Whether a closing tag ends it, not the end of the file.
    pub(super) closed: bool,
}

/// An attribute.
#[derive(Debug)]
pub(super) struct Attribute {
    /// The name as written; empty for a bare `{…}`.
    pub(super) name: Span,
    /// What follows the name.
    pub(super) value: Written,
}

/// An attribute's value as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// No value.
    Nothing,
    /// A value without its quotes.
    Text {
        /// The value.
        span: Span,
        /// Whether quotes stand around it.
        quoted: bool,
    },
    /// `{…}`, the braces left out (Svelte, Astro).
    Braced(Span),
    /// A template string with its back ticks (Astro).
    TemplateString(Span),
}

impl Tag {
    /// The value of a static attribute, by its case-insensitive name: empty for a bare attribute.
    pub(super) fn attribute<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        self.text_span(text, name).map(|span| text.get(span.range()).unwrap_or(""))
    }

    /// Where the value of a static attribute stands.
    pub(super) fn text_span(&self, text: &str, name: &str) -> Option<Span> {
        let attribute =
            self.attributes.iter().find(|attribute| text.get(attribute.name.range()).is_some_and(|own| own.eq_ignore_ascii_case(name)))?;
        match attribute.value {
            Written::Text { span, .. } => Some(span),
            Written::Nothing => Some(Span::new(attribute.name.range().end, attribute.name.range().end)),
            Written::Braced(_) | Written::TemplateString(_) => None,
        }
    }
}

/// Scans one file, tag by tag.
pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    flavour: Flavour,
    holes: &'a [Hole],
    closers: Closers,
    balance: Balance<'a>,
    /// Whether `<script/>` has no content: in XHTML and in component files, not in HTML.
    self_closing: bool,
    /// Expressions in the text between tags.
    interpolations: Vec<Span>,
    /// Comments between tags.
    comments: Vec<Span>,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// A scanner that starts at `at`.
    pub(super) fn new(text: &'a str, flavour: Flavour, holes: &'a [Hole], at: usize) -> Self {
        let component = matches!(flavour, Flavour::Vue | Flavour::Svelte | Flavour::Astro);
        let self_closing = component || text.trim_start_matches('\u{FEFF}').starts_with("<?xml");
        let balance = Balance::new(text);
        Self {
            text,
            bytes: text.as_bytes(),
            flavour,
            holes,
            closers: Closers::default(),
            balance,
            self_closing,
            interpolations: Vec::new(),
            comments: Vec::new(),
            at,
        }
    }

    /// The hole in which `at` stands.
    fn hole_end(&self, at: usize) -> Option<usize> {
        let index = self.holes.partition_point(|hole| hole.span.range().end <= at);
        self.holes.get(index).filter(|hole| hole.span.range().start <= at).map(|hole| hole.span.range().end)
    }

    /// The next `needle` at or after `from` that stands in no hole.
    fn find_byte(&self, needle: u8, mut from: usize) -> Option<usize> {
        loop {
            let found = from + memchr::memchr(needle, self.bytes.get(from..)?)?;
            match self.hole_end(found) {
                Some(end) => from = end,
                None => return Some(found),
            }
        }
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_to(&mut self, needle: &'static str, from: usize) {
        self.at = self.closers.next(self.text, needle, from).map_or(self.bytes.len(), |found| found + needle.len());
    }

    /// The next opening tag.
    pub(super) fn tag(&mut self) -> Option<Tag> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let step = match self.flavour {
                // An interpolation may hold a less-than sign.
                Flavour::Vue | Flavour::Svelte | Flavour::Astro => memchr::memchr2(b'<', b'{', rest)?,
                _ => memchr::memchr(b'<', rest)?,
            };
            self.at += step;
            if let Some(end) = self.hole_end(self.at) {
                self.at = end;
                continue;
            }
            match self.bytes.get(self.at..)? {
                [b'{', b'{', ..] if self.flavour == Flavour::Vue => {
                    // A half-typed interpolation must not hide the rest of the file.
                    let close = self.closers.next(self.text, "}}", self.at);
                    self.interpolations.extend(close.map(|close| Span::new(self.at + 2, close)));
                    self.at = close.map_or(self.at + 2, |close| close + 2);
                }
                [b'{', ..] => self.text_expression(),
                [b'<', b'!', b'-', b'-', ..] => self.comment(),
                [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] => self.skip_to("]]>", self.at),
                [b'<', b'!' | b'?' | b'/', ..] => self.at = self.find_byte(b'>', self.at).map_or(self.bytes.len(), |found| found + 1),
                [b'<', first, ..] if first.is_ascii_alphabetic() => {
                    if let Some(tag) = self.opening_tag() {
                        return Some(tag);
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// `{expression}` between tags (Svelte, Astro). Blocks (`{#if …}`) and expressions with tags in them are read on from their inside.
    fn text_expression(&mut self) {
        let start = self.at;
        self.at += 1;
        if self.flavour == Flavour::Vue {
            return;
        }
        let Some(end) = self.balance.end(start, Lexis::JavaScript) else { return };
        let inner = self.text.get(start + 1..end - 1).unwrap_or("");
        let trimmed = inner.trim_start();
        if is_comment(trimmed.trim_end()) {
            self.comments.push(Span::new(start, end));
            self.at = end;
            return;
        }
        let holds_tags = inner.as_bytes().windows(2).any(|pair| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || pair[1] == b'>'));
        if holds_tags || trimmed.is_empty() || trimmed.starts_with(['#', ':', '/']) {
            return;
        }
        self.at = end;
        // `{@html x}`, `{@render x()}`; `{@const x = …}` declares, and is read as an assignment.
        let code = match trimmed.strip_prefix('@') {
            Some(directive) => directive.trim_start_matches(|character: char| character.is_ascii_alphabetic()),
            None => trimmed,
        };
        let offset = end - 1 - code.len();
        if !code.trim().is_empty() {
            self.interpolations.push(Span::new(offset, end - 1));
        }
    }

    /// The comments and the expressions in the text that was scanned, each in order.
    pub(super) fn between_tags(self) -> (Vec<Span>, Vec<Span>) {
        (self.comments, self.interpolations)
    }

    fn comment(&mut self) {
        let start = self.at;
        self.skip_comment();
        self.comments.push(Span::new(start, self.at));
    }

    fn skip_comment(&mut self) {
        // `<!-->` and `<!--->` are whole comments.
        match self.bytes.get(self.at + 4..) {
            Some([b'>', ..]) => self.at += 5,
            Some([b'-', b'>', ..]) => self.at += 6,
            _ => self.skip_to("-->", self.at + 4),
        }
    }

    /// The tag at the current place, which is `<` and a letter; none when what follows is no tag name.
    fn opening_tag(&mut self) -> Option<Tag> {
        let start = self.at;
        let name_start = start + 1;
        let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.') || *byte >= 0x80;
        let length = self.bytes.get(name_start..)?.iter().position(|byte| !in_name(byte)).unwrap_or(self.bytes.len() - name_start);
        self.at = name_start + length;
        let ends =
            matches!(self.byte(), None | Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0C | b'/' | b'>')) || self.hole_end(self.at).is_some();
        if !ends {
            return None;
        }
        let name = Span::new(name_start, self.at);
        let mut attributes = Vec::new();
        let mut self_closing = false;
        loop {
            if let Some(end) = self.hole_end(self.at) {
                self.at = end;
                continue;
            }
            match self.byte() {
                Some(b'>') => {
                    self.at += 1;
                    break;
                }
                Some(b'/') => {
                    self.at += 1;
                    self_closing = self.byte() == Some(b'>');
                }
                // The file ends, or a half-typed tag: the next one begins.
                None | Some(b'<') => break,
                Some(byte) if byte.is_ascii_whitespace() => self.at += 1,
                Some(_) => attributes.push(self.attribute()),
            }
        }
        let span = Span::new(start, self.at);
        let body = if self_closing && self.self_closing { None } else { self.body(name) };
        Some(Tag { span, name, attributes, body })
    }

    /// The content of the element that was just opened, when it is raw text; the scanner goes on after it.
    fn body(&mut self, name: Span) -> Option<Body> {
        let element = self.text.get(name.range())?;
        let closing =
            ["</script", "</style", "</textarea", "</title"].into_iter().find(|closing| element.eq_ignore_ascii_case(&closing[2..]))?;
        let start = self.at;
        let mut from = start;
        while let Some(found) = self.find_byte(b'<', from) {
            let after = found + closing.len();
            let matches = self.bytes.get(found..after).is_some_and(|word| word.eq_ignore_ascii_case(closing.as_bytes()));
            if matches && self.bytes.get(after).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')) {
                self.at = found;
                return Some(Body { span: Span::new(start, found), closed: true });
            }
            from = found + 1;
        }
        self.at = self.bytes.len();
        Some(Body { span: Span::new(start, self.at), closed: false })
    }

    /// The attribute at the current place, which is neither blank nor the tag's end.
    fn attribute(&mut self) -> Attribute {
        let start = self.at;
        if let Some(braced) = self.braced() {
            return Attribute { name: Span::new(start, start), value: Written::Braced(braced) };
        }
        // The first byte belongs to the name whatever it is, so that every attribute makes progress.
        self.at += 1;
        while let Some(byte) = self.byte() {
            if byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'/') || self.hole_end(self.at).is_some() {
                break;
            }
            self.at += 1;
        }
        let name = Span::new(start, self.at);
        let blanks = self.bytes.get(self.at..).unwrap_or(&[]).iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if self.bytes.get(self.at + blanks) != Some(&b'=') {
            return Attribute { name, value: Written::Nothing };
        }
        self.at += blanks + 1;
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        Attribute { name, value: self.value() }
    }

    /// The value at the current place.
    fn value(&mut self) -> Written {
        if let Some(braced) = self.braced() {
            let after = self.bytes.get(self.at..).unwrap_or(&[]);
            let ends = matches!(after, [] | [b'>', ..] | [b'/', b'>', ..]) || after.first().is_some_and(u8::is_ascii_whitespace);
            let whole = self.flavour == Flavour::Astro || ends;
            if whole {
                return Written::Braced(braced);
            }
            // Svelte: `href={base}/login`.
            return self.unquoted(braced.range().start - 1);
        }
        let start = self.at;
        match self.byte() {
            Some(quote @ (b'"' | b'\'')) if self.hole_end(start).is_none() => {
                let close = self.closing_quote(quote, start + 1);
                self.at = close.map_or(self.bytes.len(), |close| close + 1);
                Written::Text { span: Span::new(start + 1, close.unwrap_or(self.bytes.len())), quoted: true }
            }
            Some(b'`') if self.flavour == Flavour::Astro => {
                let close = self.find_byte(b'`', start + 1);
                self.at = close.map_or(self.bytes.len(), |close| close + 1);
                Written::TemplateString(Span::new(start, self.at))
            }
            _ => self.unquoted(start),
        }
    }

    /// The rest of an unquoted value that began at `start`.
    fn unquoted(&mut self, start: usize) -> Written {
        while let Some(byte) = self.byte() {
            if let Some(end) = self.hole_end(self.at) {
                self.at = end;
            } else if byte.is_ascii_whitespace() || byte == b'>' {
                break;
            } else if self.braced().is_none() {
                self.at += 1;
            }
        }
        Written::Text { span: Span::new(start, self.at), quoted: false }
    }

    /// The quote that ends a value. Svelte's expressions may hold quotes of the same kind.
    fn closing_quote(&mut self, quote: u8, from: usize) -> Option<usize> {
        if self.flavour != Flavour::Svelte {
            return self.find_byte(quote, from);
        }
        let mut at = from;
        loop {
            at += memchr::memchr2(quote, b'{', self.bytes.get(at..)?)?;
            if self.bytes.get(at) == Some(&quote) {
                return Some(at);
            }
            at = self.balance.end(at, Lexis::JavaScript).unwrap_or(at + 1);
        }
    }

    /// Passes over the `{…}` at the current place, and gives what stands in it.
    fn braced(&mut self) -> Option<Span> {
        if !matches!(self.flavour, Flavour::Svelte | Flavour::Astro) || self.byte() != Some(b'{') {
            return None;
        }
        let end = self.balance.end(self.at, Lexis::JavaScript)?;
        let inner = Span::new(self.at + 1, end - 1);
        self.at = end;
        Some(inner)
    }
}

/// Whether an expression is one block comment and nothing else.
fn is_comment(expression: &str) -> bool {
    expression.strip_prefix("/*").and_then(|rest| rest.strip_suffix("*/")).is_some_and(|inside| !inside.contains("*/"))
}
