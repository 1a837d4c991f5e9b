//! A lexer that knows one thing about a JavaScript text: whether an offset stands in code, or in a comment, a string, a regular
//! expression or the text of a template.
//!
//! It guesses where only a parser can know. Every guess ends with the line, so that an apostrophe in JSX text costs one line and not the file,
//! and none costs more than linear time in the length of the text.

use memchr::{memchr, memchr3, memmem};

/// Runs over a text once, from left to right.
pub(crate) struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    /// Depth of braces since the text or the innermost template hole began.
    braces: u32,
    /// For each template that is open around here, the depth of braces outside its current hole.
    holes: Vec<u32>,
    in_template: bool,
    /// Up to these offsets no closing quote or slash follows on the line: looking again would cost quadratic time.
    unclosed_single: usize,
    unclosed_double: usize,
    unclosed_regex: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Self {
        let hashbang = text.starts_with(b"#!");
        let at = if hashbang { memchr(b'\n', text).unwrap_or(text.len()) } else { 0 };
        Self { text, at, braces: 0, holes: Vec::new(), in_template: false, unclosed_single: 0, unclosed_double: 0, unclosed_regex: 0 }
    }

    /// Moves to `target`, which must not lie behind earlier targets. Whether it stands in code.
    pub(crate) fn advance_to(&mut self, target: usize) -> bool {
        while self.at < target {
            if self.in_template {
                self.template_text();
            } else {
                self.code(target);
            }
        }
        self.at == target && !self.in_template
    }

    /// Goes on behind tokens that the caller has read itself.
    pub(crate) fn skip_to(&mut self, at: usize) {
        self.at = self.at.max(at);
    }

    /// One step in code: over plain bytes, or over one token.
    fn code(&mut self, target: usize) {
        let Some(rest) = self.text.get(self.at..target) else {
            self.at = target;
            return;
        };
        let plain = rest.iter().position(|byte| INTERESTING.get(usize::from(*byte)) == Some(&true));
        let Some(plain) = plain else {
            self.at = target;
            return;
        };
        self.at += plain;
        match self.text.get(self.at) {
            Some(quote @ (b'\'' | b'"')) => self.string(*quote),
            Some(b'`') => {
                self.at += 1;
                self.holes.push(self.braces);
                self.in_template = true;
            }
            Some(b'/') => self.slash(),
            Some(b'{') => {
                self.at += 1;
                self.braces += 1;
            }
            Some(b'}') => {
                self.at += 1;
                if let Some(outside) = self.holes.last()
                    && self.braces == *outside + 1
                {
                    self.braces = *outside;
                    self.in_template = true;
                } else {
                    self.braces = self.braces.saturating_sub(1);
                }
            }
            _ => self.at += 1,
        }
    }

    /// Over template text, up to behind its end or the opening of a hole.
    fn template_text(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(found) = memchr3(b'`', b'\\', b'$', rest) else {
            self.at = self.text.len();
            return;
        };
        match rest.get(found..) {
            Some([b'`', ..]) => {
                self.at += found + 1;
                self.holes.pop();
                self.in_template = false;
            }
            Some([b'$', b'{', ..]) => {
                self.at += found + 2;
                self.braces += 1;
                self.in_template = false;
            }
            Some([b'\\', ..]) => self.at += found + 2,
            _ => self.at += found + 1,
        }
    }

    fn string(&mut self, quote: u8) {
        let unclosed = if quote == b'"' { &mut self.unclosed_double } else { &mut self.unclosed_single };
        self.at += 1;
        if self.at < *unclosed {
            return;
        }
        let mut end = self.at;
        loop {
            let rest = self.text.get(end..).unwrap_or_default();
            match memchr3(quote, b'\\', b'\n', rest).map(|found| (found, rest.get(found))) {
                Some((found, Some(b'\\'))) => {
                    // A line break with a carriage return continues like one without.
                    end += found + if rest.get(found + 1..).is_some_and(|rest| rest.starts_with(b"\r\n")) { 3 } else { 2 };
                }
                Some((found, Some(byte))) if *byte == quote => {
                    self.at = end + found + 1;
                    return;
                }
                found => {
                    *unclosed = found.map_or(self.text.len(), |(found, _)| end + found);
                    return;
                }
            }
        }
    }

    fn slash(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match rest.get(1) {
            // `https://` in JSX text is no comment.
            Some(b'/') if self.before().ends_with(b":") && self.before().iter().rev().nth(1).is_some_and(u8::is_ascii_lowercase) => {
                self.at += 2;
            }
            Some(b'/') => self.at += memchr(b'\n', rest).unwrap_or(rest.len()),
            Some(b'*') => {
                let length = rest.get(2..).and_then(|rest| memmem::find(rest, b"*/"));
                self.at += length.map_or(rest.len(), |length| length + 4);
            }
            _ if self.at >= self.unclosed_regex && self.regex_may_start() => self.regex(),
            _ => self.at += 1,
        }
    }

    fn before(&self) -> &'t [u8] {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// Whether a slash here begins a regular expression rather than divides, told by what stands before it.
    fn regex_may_start(&self) -> bool {
        // `/>` ends a JSX tag.
        if self.text.get(self.at + 1) == Some(&b'>') {
            return false;
        }
        let before = self.before();
        let code = before.trim_ascii_end();
        match code.last() {
            None => true,
            // `</` closes a JSX tag, `a < /x/` compares.
            Some(b'<') => code.len() < before.len(),
            Some(b'>') => code.ends_with(b"=>"),
            Some(byte) if is_word(*byte) => {
                let start = code.iter().rposition(|byte| !is_word(*byte)).map_or(0, |at| at + 1);
                REGEX_AFTER.contains(&code.get(start..).unwrap_or_default())
            }
            Some(byte) => matches!(
                byte,
                b'(' | b',' | b'=' | b':' | b'[' | b'!' | b'&' | b'|' | b'?' | b'{' | b'}' | b';' | b'+' | b'-' | b'*' | b'%' | b'~' | b'^'
            ),
        }
    }

    fn regex(&mut self) {
        let start = self.at;
        let mut end = start + 1;
        let mut in_class = false;
        while let Some(byte) = self.text.get(end) {
            match byte {
                b'\n' => break,
                b'\\' => end += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at = end + 1;
                    return;
                }
                _ => {}
            }
            end += 1;
        }
        self.unclosed_regex = end;
        self.at = start + 1;
    }
}

/// Words behind which a value begins, so that a slash cannot divide.
const REGEX_AFTER: &[&[u8]] =
    &[b"return", b"typeof", b"case", b"in", b"of", b"delete", b"void", b"throw", b"do", b"else", b"await", b"yield", b"instanceof"];

/// The bytes at which the state of the lexer can change.
const INTERESTING: [bool; 256] = {
    let mut table = [false; 256];
    table[b'\'' as usize] = true;
    table[b'"' as usize] = true;
    table[b'`' as usize] = true;
    table[b'/' as usize] = true;
    table[b'{' as usize] = true;
    table[b'}' as usize] = true;
    table
};

/// A byte of an identifier; every byte of a character outside ASCII counts.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
