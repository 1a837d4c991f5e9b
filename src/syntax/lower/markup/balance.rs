//! Matching brackets in code that stands inside markup, without parsing it.
//!
//! Attribute expressions (`{…}` of Svelte and Astro) and directive arguments (`(…)` of Blade and Razor) end at their own
//! closing bracket, which strings and comments may hide. This is a lexer just good enough for that; a regular expression
//! literal with an unpaired quote or bracket can deceive it, at the cost of that attribute.

/// Whose strings hide brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lexis {
    /// JavaScript: template strings with nested expressions.
    JavaScript,
    /// PHP and C#: no template strings.
    Server,
}

/// Finds closing brackets, within a budget of work for the whole file: brackets that never close would otherwise each cost a
/// scan to the end of the file.
#[derive(Debug)]
pub(super) struct Balance<'a> {
    bytes: &'a [u8],
    budget: usize,
}

/// What the lexer stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Code,
    TemplateString,
}

impl<'a> Balance<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), budget: text.len().saturating_mul(4).saturating_add(4096) }
    }

    /// One past the bracket that closes the one at `open`; none when nothing does, or the budget is spent.
    pub(super) fn end(&mut self, open: usize, lexis: Lexis) -> Option<usize> {
        let opening = *self.bytes.get(open)?;
        let closing = match opening {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        };
        // Only brackets of the one kind are counted, except that a template string's holes are braces in any case.
        let mut inside = vec![Inside::Code];
        let mut at = open + 1;
        while let Some(&byte) = self.bytes.get(at) {
            self.budget = self.budget.checked_sub(1)?;
            at += match (inside.last()?, byte) {
                (Inside::TemplateString, b'\\') => 2,
                (Inside::TemplateString, b'`') => {
                    inside.pop();
                    1
                }
                (Inside::TemplateString, b'$') if self.bytes.get(at + 1) == Some(&b'{') => {
                    inside.push(Inside::Code);
                    2
                }
                (Inside::Code, b'`') if lexis == Lexis::JavaScript => {
                    inside.push(Inside::TemplateString);
                    1
                }
                (Inside::Code, b'"' | b'\'') => self.string_length(at, byte)?,
                (Inside::Code, b'/') => self.comment_length(at)?,
                (Inside::Code, _) if byte == opening => {
                    inside.push(Inside::Code);
                    1
                }
                (Inside::Code, _) if byte == closing || (byte == b'}' && inside.iter().nth_back(1) == Some(&Inside::TemplateString)) => {
                    inside.pop();
                    if inside.is_empty() {
                        return Some(at + 1);
                    }
                    1
                }
                _ => 1,
            };
        }
        None
    }

    /// The length of the string at `start`. A quote that nothing closes on its line is an apostrophe: one byte.
    fn string_length(&mut self, start: usize, quote: u8) -> Option<usize> {
        let mut at = start + 1;
        while let Some(&byte) = self.bytes.get(at) {
            self.budget = self.budget.checked_sub(1)?;
            match byte {
                b'\\' => at += 2,
                b'\n' => break,
                _ if byte == quote => return Some(at + 1 - start),
                _ => at += 1,
            }
        }
        Some(1)
    }

    /// The length of the comment at `start`; one byte when none starts there.
    fn comment_length(&mut self, start: usize) -> Option<usize> {
        let rest = self.bytes.get(start..)?;
        let length = match rest {
            [b'/', b'/', ..] => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            [b'/', b'*', ..] => rest.get(2..).and_then(|body| memchr::memmem::find(body, b"*/")).map_or(rest.len(), |length| length + 4),
            _ => 1,
        };
        self.budget = self.budget.checked_sub(length)?;
        Some(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_hide_brackets() {
        let cases = [
            ("{a}b", Lexis::JavaScript, Some("{a}")),
            ("{ {a: '}'}, \"}\" }}", Lexis::JavaScript, Some("{ {a: '}'}, \"}\" }")),
            ("{`}${ {a: `}`} }`}}", Lexis::JavaScript, Some("{`}${ {a: `}`} }`}")),
            ("{a /* } */ // }\n}}", Lexis::JavaScript, Some("{a /* } */ // }\n}")),
            ("{<p>don't</p>}\n'", Lexis::JavaScript, Some("{<p>don't</p>}")),
            ("($a['x)'], fn() => 1))", Lexis::Server, Some("($a['x)'], fn() => 1)")),
            ("(`${a)}`)", Lexis::JavaScript, Some("(`${a)}`)")),
            ("[a[0], ']']]", Lexis::Server, Some("[a[0], ']']")),
            ("{a", Lexis::JavaScript, None),
            ("{'a\\", Lexis::JavaScript, None),
        ];
        for (text, lexis, expected) in cases {
            let end = Balance::new(text).end(0, lexis);
            assert_eq!(end.and_then(|end| text.get(..end)), expected, "{text}");
        }
    }

    #[test]
    fn unclosed_brackets_and_quotes_cost_linear_time() {
        for unit in ["{", "{'", "{'\\'", "{`${", "{\"", "{/*"] {
            let text = unit.repeat(300_000);
            let mut balance = Balance::new(&text);
            let start = std::time::Instant::now();
            let closed = (0..text.len()).step_by(unit.len()).filter(|open| balance.end(*open, Lexis::JavaScript).is_some()).count();
            assert_eq!(closed, 0);
            assert!(start.elapsed().as_secs() < 5, "{unit}");
        }
    }
}
