//! Finds what secret-sounding names are given: `password: "…"`, `SIP_TOKEN=…`, `setSecret("…")`, `<P password="…">`.
//!
//! This runs on text, not on a tree: it must also work where nothing parsed, in every language, in comments and in files
//! that hold no code. It errs on the side of masking, but leaves names, member accesses, environment reads and paths
//! readable, because they are the evidence that a finding shows.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::project::kind::FileKind;

/// A name that says its value is a secret, as a piece of a regular expression.
pub(super) const NAME: &str =
    r"[0-9A-Za-z_$-]*(?i:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|auth|credential|pwd|jwt)[0-9A-Za-z_$-]*";

static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(NAME).ok());
/// Between a name that is itself a value (`name: SIP_PASSWORD`) and the value beside it.
static VALUE_BESIDE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"^["']?[,\s]{1,40}["']?value["']?\s*[:=]"#).ok());
/// A type between a name and its value, as Go writes it.
static TYPE_BETWEEN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[ \t]+(?:string|String|\[\]byte)[ \t]*=").ok());

/// Groups deeper than this are left to the next secret name inside them.
const DEEPEST: usize = 12;
/// Operands that one value may be put together from.
const MOST_OPERANDS: usize = 32;
/// Operands and calls that one name's value may take altogether: hostile nesting must not cost more than its length.
const FUEL: u32 = 128;
/// How far back a line is read to see whether a name stands in a comment, in bytes.
const COMMENT_REACH: usize = 400;
/// How long a bracket group may be that is passed over unread, in bytes.
const GROUP_REACH: usize = 4096;
/// How long a literal may be, in bytes; what follows is masked to the end of its line.
const LITERAL_REACH: usize = 65_536;

/// Calls that are given the *name* of a thing, never a secret.
const READERS: &[&str] = &[
    "config",
    "cookie",
    "env",
    "error",
    "fetch",
    "find",
    "get",
    "getcookie",
    "getelementbyid",
    "getenv",
    "getitem",
    "has",
    "header",
    "import",
    "param",
    "post",
    "prompt",
    "query",
    "queryselector",
    "request",
    "require",
    "t",
];
/// Words before an operand.
const PREFIXES: &[&str] = &["async", "await", "const", "new", "return", "static", "typeof", "void", "yield"];
/// Operators after which a value goes on, longest first.
const OPERATORS: &[&str] = &["===", "!==", "||", "??", "&&", "==", "=>", "or ", "and ", "as ", "+", "?", "=", ".", "|"];
/// What stands between a name and its value, longest first.
const SEPARATORS: &[&str] = &["===", "||=", "==", "=>", ":=", ":-", "+=", "=", ":", "("];

/// How values are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// In literals; a bare word is a name.
    Code,
    /// Bare, up to the end of the line (dotenv, YAML, properties).
    Lines,
    /// Bare, one word (shell, prose).
    Words,
}

impl Style {
    /// The style of a file, by its name.
    pub(super) fn of(path: &str) -> Self {
        match FileKind::of(Path::new(path)) {
            FileKind::Dotenv | FileKind::Yaml | FileKind::Toml => Self::Lines,
            FileKind::Dockerfile => Self::Words,
            FileKind::Text => match path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase().as_str() {
                "ini" | "cfg" | "conf" | "properties" | "tfvars" => Self::Lines,
                "py" | "php" | "rb" | "go" | "rs" | "java" | "kt" | "kts" | "swift" | "dart" | "cs" | "fs" | "c" | "h" | "cc" | "cpp"
                | "hpp" | "m" | "scala" | "ex" | "exs" | "lua" | "graphql" | "css" | "tf" | "coffee" | "gradle" => Self::Code,
                _ => Self::Words,
            },
            _ => Self::Code,
        }
    }
}

/// Adds the byte ranges of all values of secret names.
pub(super) fn find(text: &str, style: Style, ranges: &mut Vec<Range<usize>>) {
    let Some(names) = NAMES.as_ref() else { return };
    let mut scanner = Scanner { text, bytes: text.as_bytes(), style, masked: BTreeMap::new(), fuel: FUEL };
    for name in names.find_iter(text) {
        // A name inside a masked value is part of the secret.
        if !scanner.is_masked(name.start()) && !is_author(name.as_str()) {
            scanner.fuel = FUEL;
            scanner.value_of(name.range());
        }
    }
    ranges.extend(scanner.masked.into_iter().map(|(start, end)| start..end));
}

/// `author` and its kin only look like `auth`, and so does an authority.
fn is_author(name: &str) -> bool {
    let lower = name.to_ascii_lowercase().replace("authority", "author");
    lower.contains("author")
        && !lower.contains("authori")
        && NAMES.as_ref().is_some_and(|names| !names.is_match(&lower.replace("author", "")))
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    style: Style,
    /// End by start of what is masked so far.
    masked: BTreeMap<usize, usize>,
    /// What is left of [`FUEL`] for the name at hand.
    fuel: u32,
}

impl Scanner<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn rest(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or("")
    }

    fn mask(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            let end = self.masked.entry(range.start).or_insert(range.end);
            *end = range.end.max(*end);
        }
    }

    fn is_masked(&self, at: usize) -> bool {
        self.masked.range(..=at).next_back().is_some_and(|(_, end)| *end > at)
    }

    /// The first offset from `at` whose byte does not please `wanted`.
    fn while_byte(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(at..).unwrap_or(&[]);
        at + rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len())
    }

    fn blank(&self, at: usize) -> usize {
        self.while_byte(at, |byte| byte.is_ascii_whitespace())
    }

    /// Takes one unit of fuel, if there is one.
    fn burn(&mut self) -> bool {
        self.fuel = self.fuel.saturating_sub(1);
        self.fuel > 0
    }

    fn line_end(&self, at: usize) -> usize {
        self.while_byte(at, |byte| !matches!(byte, b'\n' | b'\r'))
    }

    /// Masks what the name at `name` is given, if it is given something.
    fn value_of(&mut self, name: Range<usize>) {
        let style = if self.style == Style::Code && self.in_comment(name.start) { Style::Words } else { self.style };
        let before = self.bytes.get(..name.start).and_then(<[u8]>::last).copied().unwrap_or(b'\n');
        if before == b'<' && self.byte(name.end) == b'>' {
            return self.element(name.end + 1);
        }
        if let Some(beside) = VALUE_BESIDE.as_ref().and_then(|beside| beside.find(self.rest(name.end))) {
            return self.value(name.end + beside.end(), style);
        }
        let word_follows = self.byte(name.end) == b' ' && self.byte(name.end + 1).is_ascii_alphanumeric();
        let is_flag = self.rest(name.start).starts_with("--");
        if word_follows && (is_flag || self.text.get(..name.start).is_some_and(|before| before.ends_with("ENV "))) {
            return self.unquoted(name.end + 1, if is_flag { Style::Words } else { Style::Lines });
        }
        if let Some(between) = TYPE_BETWEEN.as_ref().and_then(|between| between.find(self.rest(name.end))) {
            return self.value(name.end + between.end(), style);
        }
        let closed = self.while_byte(name.end, |byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b']' | b'}' | b'!' | b'?'));
        let closes_quote = self.bytes.get(name.end..closed).is_some_and(|closers| closers.iter().any(|byte| matches!(byte, b'"' | b'\'')));
        if closes_quote && self.byte(closed) == b',' {
            let at = self.blank(closed + 1);
            if matches!(self.byte(at), b'"' | b'\'' | b'`') {
                self.expression(at, 0);
            }
            return;
        }
        let rest = self.rest(closed);
        let Some(separator) = SEPARATORS.iter().find(|separator| rest.starts_with(**separator)) else { return };
        let at = closed + separator.len();
        let is_bound = before == b':'
            && *separator == "="
            && self.text.get(..name.start - 1).is_some_and(|before| before.ends_with(char::is_whitespace) || before.ends_with("v-bind"));
        if is_bound && matches!(self.byte(at), b'"' | b'\'') {
            self.expression(at + 1, 0);
        } else if *separator == ":-" {
            let end = self.while_byte(at, |byte| !matches!(byte, b'}' | b'\n' | b'\r' | b'"' | b'\''));
            self.mask(at..end);
        } else {
            self.number(self.blank(at), &name);
            self.value(at, style);
        }
    }

    /// Whether the line says before `at` that it is a comment.
    fn in_comment(&self, at: usize) -> bool {
        let from = at.saturating_sub(COMMENT_REACH);
        let before = self.bytes.get(from..at).unwrap_or(&[]);
        let line = before.iter().rposition(|byte| *byte == b'\n').map_or(before, |newline| before.get(newline + 1..).unwrap_or(&[]));
        let line = line.trim_ascii_start();
        [&b"//"[..], b"#", b"*", b"/*", b"<!--"].iter().any(|mark| line.starts_with(mark))
            || line.windows(4).any(|window| matches!(window, b" // " | b"; //"))
    }

    /// `<password>…</password>`.
    fn element(&mut self, at: usize) {
        let end = self.while_byte(at, |byte| !matches!(byte, b'<' | b'\n' | b'\r' | b'{'));
        if self.rest(end).starts_with("</") {
            self.mask(at..end);
        }
    }

    /// A number is a secret only under a name that can have nothing else: tokens and logins have lifetimes and counts.
    fn number(&mut self, at: usize, name: &Range<usize>) {
        let name = self.text.get(name.clone()).unwrap_or("").to_ascii_lowercase();
        let is_secret = ["pass", "pwd", "secret"].iter().any(|word| name.contains(word));
        let is_measure = ["len", "min", "max", "ttl", "expir", "time", "count", "age"].iter().any(|word| name.contains(word));
        let end = self.while_byte(at, |byte| byte.is_ascii_digit());
        if is_secret && !is_measure && end - at >= 4 {
            self.mask(at..end);
        }
    }

    fn value(&mut self, at: usize, style: Style) {
        if style == Style::Code {
            self.expression(at, 0);
            return;
        }
        let at = self.while_byte(at, |byte| matches!(byte, b' ' | b'\t' | b'*'));
        match self.byte(at) {
            quote @ (b'"' | b'\'' | b'`') => {
                let end = self.literal(at, quote, style == Style::Lines);
                if !self.byte(end).is_ascii_whitespace() && !matches!(self.byte(end), b',' | b';' | b')' | b'}' | b']' | b'.') {
                    self.unquoted(end, Style::Words);
                }
            }
            b'|' | b'>' if style == Style::Lines => self.block(at),
            _ => self.unquoted(at, style),
        }
    }

    /// A bare value, unless it reads the secret from somewhere else.
    fn unquoted(&mut self, at: usize, style: Style) {
        let line_end = self.line_end(at);
        let line = self.text.get(at..line_end).unwrap_or("");
        let value = match style {
            Style::Lines => line.split(" #").next().unwrap_or(line).trim_end(),
            Style::Code | Style::Words => {
                let end = line.find(|character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '`' | '<'));
                line.get(..end.unwrap_or(line.len())).unwrap_or(line)
            }
        };
        if !is_read(value) {
            self.mask(at..at + value.len());
        }
    }

    /// A YAML block: the lines after the mark that are indented deeper than the key's line.
    fn block(&mut self, mark: usize) {
        let key_line = self.bytes.get(..mark).unwrap_or(&[]).iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let indent_of = |scanner: &Self, at: usize| scanner.while_byte(at, |byte| byte == b' ') - at;
        let key_indent = indent_of(self, key_line);
        let mut at = self.line_end(mark);
        while at < self.bytes.len() && at - mark < LITERAL_REACH {
            let start = self.while_byte(at, |byte| byte == b'\r') + 1;
            let end = self.line_end(start);
            let indent = indent_of(self, start);
            if end > start + indent && indent <= key_indent {
                break;
            }
            if end > start + indent {
                self.mask(start + indent..end);
            }
            at = end.max(start);
        }
    }

    /// Masks the literals of one value. Returns where it ends.
    fn expression(&mut self, at: usize, depth: usize) -> usize {
        let mut at = at;
        let mut in_ternary = false;
        for _ in 0..MOST_OPERANDS {
            let start = self.blank(at);
            let end = self.operand(start, depth);
            if end == start {
                break;
            }
            at = end;
            let next = self.blank(end);
            let rest = self.rest(next);
            if matches!(self.byte(next), b'"' | b'\'') && matches!(self.byte(end - 1), b'"' | b'\'') {
                at = next;
            } else if in_ternary && rest.starts_with(':') {
                at = next + 1;
            } else if let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
                in_ternary |= *operator == "?";
                at = next + operator.len();
            } else {
                break;
            }
        }
        at
    }

    fn operand(&mut self, at: usize, depth: usize) -> usize {
        if !self.burn() {
            return at;
        }
        let at = self.while_byte(at, |byte| matches!(byte, b'!' | b'&' | b'*' | b'~' | b'-'));
        let end = match self.byte(at) {
            quote @ (b'"' | b'\'' | b'`') => self.literal(at, quote, false),
            b'(' | b'[' if depth < DEEPEST => self.group(at, depth),
            b'{' if depth < DEEPEST => {
                let end = self.expression(at + 1, depth + 1);
                let end = self.blank(end);
                if self.byte(end) == b'}' { end + 1 } else { end }
            }
            byte if is_name(byte) => return self.chain(at, depth),
            _ => return at,
        };
        self.postfix(end, "", depth)
    }

    /// `process.env.X`, `await call("…")`, `r"…"`.
    fn chain(&mut self, at: usize, depth: usize) -> usize {
        let mut at = at;
        for _ in 0..MOST_OPERANDS {
            let end = self.while_byte(at, is_name);
            let word = self.text.get(at..end).unwrap_or("");
            if matches!(self.byte(end), b'"' | b'\'' | b'`') && word.len() <= 2 {
                return self.literal(end, self.byte(end), false);
            }
            let next = self.blank(end);
            if !PREFIXES.contains(&word) || next == end {
                let word = word.to_ascii_lowercase();
                return self.postfix(end, &word, depth);
            }
            if !is_name(self.byte(next)) {
                return if depth < DEEPEST { self.operand(next, depth + 1) } else { next };
            }
            at = next;
        }
        at
    }

    /// Member accesses, indices and calls after an operand. `callee` is the operand's last word, in lower case.
    fn postfix(&mut self, at: usize, callee: &str, depth: usize) -> usize {
        let mut at = at;
        let mut callee = callee.to_owned();
        while self.burn() {
            let rest = self.rest(at);
            let link = ["?.", "!.", "::", "->", "."].into_iter().find(|link| rest.starts_with(link) && is_name(self.byte(at + link.len())));
            if let Some(link) = link {
                let end = self.while_byte(at + link.len(), is_name);
                callee = self.text.get(at + link.len()..end).unwrap_or("").to_ascii_lowercase();
                at = end;
                continue;
            }
            match self.byte(at) {
                b'[' => at = self.skip(at, b'[', b']'),
                b'<' => {
                    let end = self.while_byte(at, |byte| !matches!(byte, b'\n' | b'(' | b'>'));
                    if !self.rest(end).starts_with(">(") {
                        return at;
                    }
                    at = end + 1;
                }
                b'(' if READERS.contains(&callee.as_str()) => at = self.skip(at, b'(', b')'),
                b'(' if depth < DEEPEST => at = self.group(at, depth),
                _ => return at,
            }
        }
        at
    }

    /// The expressions of a bracket group.
    fn group(&mut self, open: usize, depth: usize) -> usize {
        let mut at = open + 1;
        for _ in 0..MOST_OPERANDS {
            at = self.expression(at, depth + 1);
            at = self.blank(at);
            match self.byte(at) {
                b',' => at += 1,
                b')' | b']' => return at + 1,
                _ => break,
            }
        }
        at
    }

    /// Passes over a bracket group without reading it.
    fn skip(&self, at: usize, open: u8, close: u8) -> usize {
        let mut depth = 0usize;
        for (offset, byte) in self.bytes.get(at..).unwrap_or(&[]).iter().take(GROUP_REACH).enumerate() {
            if *byte == open {
                depth += 1;
            } else if *byte == close {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + offset + 1;
                }
            }
        }
        at + 1
    }

    /// Masks the content of the literal that opens at `at`. Returns where it ends.
    fn literal(&mut self, at: usize, quote: u8, many_lines: bool) -> usize {
        let is_triple = self.byte(at + 1) == quote && self.byte(at + 2) == quote;
        let width = if is_triple { 3 } else { 1 };
        let start = at + width;
        let many_lines = many_lines || is_triple || quote == b'`';
        let mut end = start;
        let mut piece = start;
        loop {
            match self.byte(end) {
                0 if end >= self.bytes.len() => break,
                b'\\' => end += 1,
                b'\n' if !many_lines => break,
                b'$' if quote == b'`' && self.byte(end + 1) == b'{' => {
                    self.content(piece..end);
                    end = self.skip(end + 1, b'{', b'}');
                    piece = end;
                    continue;
                }
                byte if byte == quote && (!is_triple || (self.byte(end + 1) == quote && self.byte(end + 2) == quote)) => {
                    if !self.is_key(at, end + 1) {
                        self.content(piece..end);
                    }
                    return end + width;
                }
                _ => {}
            }
            end += 1;
            if end - start > LITERAL_REACH {
                end = self.line_end(end);
                break;
            }
        }
        let end = end.min(self.bytes.len());
        // An unclosed quote: what follows on the line may still be the secret.
        let end = if many_lines { self.line_end(start).max(piece) } else { end };
        self.content(piece..end);
        end
    }

    /// Whether a literal is the first key of an object, not a value.
    fn is_key(&self, start: usize, end: usize) -> bool {
        let before = self.bytes.get(..start).unwrap_or(&[]).trim_ascii_end();
        before.ends_with(b"{") && self.byte(self.while_byte(end, |byte| byte == b' ')) == b':'
    }

    fn content(&mut self, range: Range<usize>) {
        let content = self.text.get(range.clone()).unwrap_or("");
        let scheme = ["Bearer ", "Basic "].into_iter().find(|scheme| content.starts_with(scheme)).map_or(0, str::len);
        if !is_path(content) && !is_read(content) {
            self.mask(range.start + scheme..range.end);
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// Whether a bare value says where the secret comes from rather than what it is.
fn is_read(value: &str) -> bool {
    let value = value.trim();
    let is_variable =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    ["${", "$(", "{{", "process.env.", "import.meta.env.", "os.environ", "Deno.env"].iter().any(|start| value.starts_with(start))
        || value.strip_prefix('$').is_some_and(is_variable)
        || matches!(value, "true" | "false" | "null" | "yes" | "no" | "{" | "[" | "")
}

/// Whether a literal is a path or an address rather than a secret: made of words, not of random characters.
fn is_path(value: &str) -> bool {
    let rest = if let Some((scheme, rest)) = value.split_once("://") {
        if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return false;
        }
        rest.split_once('/').map_or("", |(_, path)| path)
    } else if ["/", "./", "../", "@/", "~/"].iter().any(|start| value.starts_with(start)) {
        value
    } else {
        return false;
    };
    let path = rest.split(['?', '#']).next().unwrap_or(rest);
    path.split('/').all(|segment| {
        segment.len() <= 40
            && segment.bytes().filter(u8::is_ascii_digit).count() <= 2
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:@{}[]$*~".contains(&byte))
    })
}
