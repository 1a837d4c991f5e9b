//! Masking: no report ever shows a secret.
//!
//! Every piece of scanned text that a report prints comes out of a [`MaskedFile`], every sentence goes through
//! [`Masker::prose`]. Four things are masked: the spans that rules name ([`crate::finding::Outcome::masks`]) and the same values wherever
//! else they stand; strings of a key's or token's shape; what a secret-sounding name is given (`keyed`); and credentials
//! in URLs and headers. Masking is deliberately generous: a masked word costs a reader little, a printed secret is a leak.
//!
//! A masked text has the same bytes length and the same columns as the original, so that every span keeps its place.

mod keyed;

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use crate::source::{Location, SourceFile, Sources, Span};

/// Values of named spans that are shorter than this many bytes are masked in their place only: as a value they would
/// be found everywhere.
const SHORTEST_KNOWN_VALUE: usize = 6;

/// How much of an API key stays readable: `KEY0` tells a person which kind of thing it was, and nothing else.
pub(super) const KEY_PREFIX: usize = 4;

/// A Telnyx API key or the beginning of one.
static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("KEY[0-9A-Za-z_-]{20,}").ok());
/// A JSON Web Token, or a piece of one.
static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"eyJ[0-9A-Za-z_-]{8,}(?:\.[0-9A-Za-z_-]*){0,4}").ok());
/// A secret-named query parameter.
static QUERY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"[?&;]{}=([^&\s"'`#<>{{}}$]+)"#, keyed::NAME)).ok());
/// The password of `scheme://user:password@host`.
static USER_INFO: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"://[^\s/:@"'`]*:([^\s/@"'`${}]+)@"#).ok());
/// The value of an `Authorization` header.
static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\b(?:bearer|basic)\s+([0-9A-Za-z._~+/=-]{8,})").ok());

/// Knows the secret values of a run.
#[derive(Debug)]
pub struct Masker {
    known: Option<AhoCorasick>,
}

impl Masker {
    /// Learns the values that stand at `masks`, such as [`crate::finding::Outcome::masks`].
    #[must_use]
    pub fn new(masks: &[Location], sources: &Sources) -> Self {
        let mut values: Vec<&str> = masks
            .iter()
            .filter_map(|mask| sources.get(mask.file).map(|file| unquoted(file.slice(mask.span))))
            .filter(|value| value.len() >= SHORTEST_KNOWN_VALUE)
            .collect();
        values.sort_unstable();
        values.dedup();
        let known =
            (!values.is_empty()).then(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(values).ok()).flatten();
        Self { known }
    }

    /// The masked text of a file. `named` are the file's own spans that hold secrets.
    #[must_use]
    pub fn file(&self, file: &Arc<SourceFile>, named: impl IntoIterator<Item = Span>) -> MaskedFile {
        let mut ranges: Vec<Range<usize>> = named.into_iter().map(|span| unquoted_range(&file.text, span.range())).collect();
        keyed::find(&file.text, keyed::Style::of(&file.path), &mut ranges);
        self.shapes(&file.text, &mut ranges);
        MaskedFile { text: cover(&file.text, ranges), file: Arc::clone(file) }
    }

    /// A sentence of ours or of a rule, with known values and key-shaped strings masked.
    #[must_use]
    pub fn prose(&self, text: &str) -> String {
        let mut ranges = Vec::new();
        self.shapes(text, &mut ranges);
        cover(text, ranges)
    }

    /// Whether a secret stands in this piece of a file: what reports would mask, but for the arguments of calls that ask for something
    /// (`getToken("desk")`), which say for what.
    #[must_use]
    pub fn hides(&self, path: &str, piece: &str) -> bool {
        let mut ranges = Vec::new();
        keyed::find(piece, keyed::Style::of(path), &mut ranges);
        ranges.retain(|range| !piece.get(..range.start).is_some_and(asks_for));
        self.shapes(piece, &mut ranges);
        ranges.iter().any(|range| !range.is_empty())
    }

    /// What is a secret by its value or shape alone.
    fn shapes(&self, text: &str, ranges: &mut Vec<Range<usize>>) {
        if let Some(known) = &self.known {
            ranges.extend(known.find_iter(text).map(|found| found.range()));
        }
        ranges.extend(whole(&KEY, text).filter(|range| !text.get(range.clone()).is_some_and(is_identifier)));
        ranges.extend(whole(&TOKEN, text));
        ranges.extend(group(&QUERY, text));
        ranges.extend(group(&USER_INFO, text));
        // "bearer authentication" is prose.
        let is_random = |range: &Range<usize>| {
            range.len() >= 20 || text.as_bytes().get(range.clone()).is_some_and(|value| value.iter().any(u8::is_ascii_digit))
        };
        ranges.extend(group(&HEADER, text).filter(is_random));
    }
}

fn whole<'t>(pattern: &'static LazyLock<Option<Regex>>, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    pattern.as_ref().into_iter().flat_map(move |pattern| pattern.find_iter(text).map(|found| found.range()))
}

fn group<'t>(pattern: &'static LazyLock<Option<Regex>>, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let captures = pattern.as_ref().into_iter().flat_map(move |pattern| pattern.captures_iter(text));
    captures.filter_map(|captures| captures.get(1).map(|found| found.range()))
}

/// `KEY_BINDINGS_FOR_ALL_MODES` is a name, not a key: keys are random, and twenty random characters without a digit or
/// a second case do not happen.
fn is_identifier(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// Whether a text ends with the start of a call that asks for something.
fn asks_for(before: &str) -> bool {
    let Some(callee) = before.trim_end_matches(['"', '\'', '`']).trim_end().strip_suffix('(') else { return false };
    let name = callee.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or("").to_ascii_lowercase();
    ["get", "fetch", "load", "request", "mint", "create", "obtain", "refresh", "issue", "invoke", "call", "post", "query", "rpc"]
        .iter()
        .any(|verb| name.starts_with(verb))
}

/// The content of a literal: without the quotes, when it has them.
fn unquoted(literal: &str) -> &str {
    literal.get(unquoted_range(literal, 0..literal.len())).unwrap_or("")
}

fn unquoted_range(text: &str, range: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let edges = (bytes.get(range.start), range.end.checked_sub(1).and_then(|last| bytes.get(last)));
    match edges {
        (Some(first @ (b'"' | b'\'' | b'`')), Some(last)) if first == last && range.len() >= 2 => range.start + 1..range.end - 1,
        _ => range,
    }
}

/// Replaces every character of the ranges by a mask of the same number of bytes and of UTF-16 units. Line ends stay, and
/// so does the beginning of an API key.
fn cover(text: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut ranges = ranges.into_iter().peekable();
    let mut keys = whole(&KEY, text).peekable();
    let mut readable_to = 0;
    let mut covered_to = 0;
    let mut masked = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        while let Some(range) = ranges.next_if(|range| range.start <= at) {
            covered_to = covered_to.max(range.end);
        }
        if let Some(key) = keys.next_if(|key| key.start <= at) {
            readable_to = key.start + KEY_PREFIX;
        }
        if (readable_to..covered_to).contains(&at) && !matches!(character, '\n' | '\r') {
            masked.push_str(mask_of(character));
        } else {
            masked.push(character);
        }
    }
    masked
}

/// A stand-in of the same size in bytes and in UTF-16 units.
fn mask_of(character: char) -> &'static str {
    match character.len_utf8() {
        1 => "*",
        2 => "\u{b7}",
        3 => "\u{2022}",
        _ => "\u{2022}*",
    }
}

/// The text of a file as reports may print it.
#[derive(Debug)]
pub struct MaskedFile {
    file: Arc<SourceFile>,
    text: String,
}

impl MaskedFile {
    /// The file, for its path and positions. Its text is not masked.
    #[must_use]
    pub fn source(&self) -> &SourceFile {
        &self.file
    }

    /// The masked text that a span covers; empty when the span does not fit.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The masked text of a 1-based line, without its line ending.
    #[must_use]
    pub fn line(&self, line: u32) -> &str {
        self.slice(self.file.line_span(line))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::finding::Outcome;
    use crate::source::FileId;

    fn masked(path: &str, text: &str) -> String {
        let file = Arc::new(SourceFile::new(FileId(0), path.into(), path.into(), text.into()));
        let masked = Masker::new(&[], &Sources::default()).file(&file, []).text;
        assert_eq!(masked.len(), text.len(), "{path}: {text}");
        assert_eq!(masked.encode_utf16().count(), text.encode_utf16().count(), "{path}: {text}");
        masked
    }

    #[test]
    fn masks_what_secret_names_are_given() {
        for (path, text, expected) in [
            ("a.ts", r#"{ login: "bob", password: "hunter2" }"#, r#"{ login: "bob", password: "*******" }"#),
            ("a.ts", r#"{ "sip-password" : 'hunter2', x: "y" }"#, r#"{ "sip-password" : '*******', x: "y" }"#),
            ("a.ts", "const apiKey: string = `ab${x}cd`;", "const apiKey: string = `**${x}**`;"),
            ("a.ts", r#"password: process.env.SIP_PW || "hunter2","#, r#"password: process.env.SIP_PW || "*******","#),
            ("a.ts", r#"setPassword("it\"s me");"#, r#"setPassword("********");"#),
            ("a.ts", r#"const [token, setToken] = useState<string>("abc1");"#, r#"const [token, setToken] = useState<string>("****");"#),
            ("a.ts", r#"const secret = ["hun", "ter2"].join("");"#, r#"const secret = ["***", "****"].join("");"#),
            ("a.ts", r#"const secret = "hun" + "ter2";"#, r#"const secret = "***" + "****";"#),
            ("a.ts", r#"const getPassword = () => "hunter2";"#, r#"const getPassword = () => "*******";"#),
            (
                "a.ts",
                r#"const getPassword = async () => { return "hunter2"; };"#,
                r#"const getPassword = async () => { return "*******"; };"#,
            ),
            ("a.ts", r#"if (password === "hunter2") {}"#, r#"if (password === "*******") {}"#),
            ("a.ts", r#"localStorage.setItem("sip_token", "abc1");"#, r#"localStorage.setItem("sip_token", "****");"#),
            ("a.ts", "// password: hunter2 (old)", "// password: ******* (old)"),
            ("a.ts", r#"{name: "SIP_PASSWORD", value: "hunter2"}"#, r#"{name: "SIP_PASSWORD", value: "*******"}"#),
            (
                "a.tsx",
                r#"<Phone password="hunter2" token={"abc1"} name="bob" />"#,
                r#"<Phone password="*******" token={"****"} name="bob" />"#,
            ),
            ("a.tsx", r#"<Phone password={dev ? "hunter2" : pw} />"#, r#"<Phone password={dev ? "*******" : pw} />"#),
            ("a.php", "$c = ['password' => 'hunter2', 'a' => 'b'];", "$c = ['password' => '*******', 'a' => 'b'];"),
            ("a.php", "define('SIP_PASSWORD', 'hunter2');", "define('SIP_PASSWORD', '*******');"),
            ("a.php", "$this->password = 'hunter2';", "$this->password = '*******';"),
            (
                "a.py",
                r#"SIP_PASSWORD = os.getenv("SIP_PASSWORD", "x") or "hunter2""#,
                r#"SIP_PASSWORD = os.getenv("SIP_PASSWORD", "*") or "*******""#,
            ),
            ("a.py", r#"password = """hunter2""""#, r#"password = """*******""""#),
            ("a.go", r#"var password string = "hunter2""#, r#"var password string = "*******""#),
            (".env", "SIP_PASSWORD=hunter 2 # old\nA=b", "SIP_PASSWORD=******** # old\nA=b"),
            (".env", "export TOKEN=\"hunter\n2\"\nA=b", "export TOKEN=\"******\n*\"\nA=b"),
            ("a.yml", "password: hunter2\nname: x", "password: *******\nname: x"),
            ("a.yml", "secret: |\n  hunter2\n  abc\nname: x", "secret: |\n  *******\n  ***\nname: x"),
            ("a.yml", "- name: SIP_PASSWORD\n  value: hunter2\n", "- name: SIP_PASSWORD\n  value: *******\n"),
            ("a.yml", "p: ${SIP_PASSWORD:-hunter2}", "p: ${SIP_PASSWORD:-*******}"),
            ("Dockerfile", "ENV SIP_PASSWORD hunter2", "ENV SIP_PASSWORD *******"),
            ("a.sh", "phone --password hunter2 --user bob", "phone --password ******* --user bob"),
            ("a.xml", "<password>hunter2</password>", "<password>*******</password>"),
            ("a.md", "The password: hunter2 is old", "The password: ******* is old"),
            ("a.js", r#"fetch("https://x.y/a?token=abc1&b=c")"#, r#"fetch("https://x.y/a?token=****&b=c")"#),
            ("a.js", r#"connect("wss://bob:hunter2@x.y/")"#, r#"connect("wss://bob:*******@x.y/")"#),
            ("a.js", r#"h("Bearer abcdefgh1")"#, r#"h("Bearer *********")"#),
            ("a.js", "password: 'hé漢😀'", "password: '*·••*'"),
        ] {
            assert_eq!(masked(path, text), expected, "{path}");
        }
    }

    #[test]
    fn leaves_names_reads_and_paths_readable() {
        for (path, text) in [
            ("a.ts", "password: config.sip.password,"),
            ("a.ts", "password: process.env.SIP_PASSWORD,"),
            ("a.ts", r#"password: process.env["SIP_PASSWORD"],"#),
            ("a.ts", "const token = import.meta.env.VITE_TOKEN;"),
            ("a.ts", "new TelnyxRTC({ login, password })"),
            ("a.ts", r#"import { token } from "./auth";"#),
            ("a.ts", r#"const token = await fetch("/api/token").then(r => r.text());"#),
            ("a.ts", r#"const token = localStorage.getItem("telnyx_token");"#),
            ("a.ts", r#"const tokenUrl = "https://example.com/api/token";"#),
            ("a.ts", "const headers = { Authorization: `Bearer ${apiKey}` };"),
            ("a.ts", r#"auth = { user: "bob" }"#),
            ("a.ts", r#"if (!token) throw new Error("no token");"#),
            ("a.ts", "const TOKEN_LIFE = 86400;"),
            ("a.ts", "const KEY_BINDINGS_FOR_THE_WHOLE_APPLICATION = 1;"),
            ("a.json", r#"{ "author": "Bob" }"#),
            ("a.vue", r#"<Phone :password="form.password" />"#),
            ("a.yml", "token: ${{ secrets.TELNYX_TOKEN }}"),
            (".env", "SIP_PASSWORD=\nA=b"),
            (".env", "SIP_PASSWORD=$OTHER_PASSWORD"),
            ("a.php", "'password' => env('SIP_PASSWORD'),"),
        ] {
            assert_eq!(masked(path, text), text, "{path}");
        }
    }

    #[test]
    fn asking_for_a_secret_holds_none() {
        let masker = Masker::new(&[], &Sources::default());
        for (piece, expected) in [
            ("login_token: await getToken('desk')", false),
            ("await api.fetchToken(\"desk\")", false),
            ("setToken('abc1')", true),
            ("body: JSON.stringify({ password: 'hunter2' })", true),
            ("fetch('/api/token', { method: 'POST' })", false),
            ("const { data, tokenError } = await db.functions.invoke('token-mint')", false),
        ] {
            assert_eq!(masker.hides("a.ts", piece), expected, "{piece}");
        }
    }

    #[test]
    fn masks_key_and_token_shapes_anywhere() {
        let key = format!("KEY0{}", "a1B2".repeat(12));
        let token = format!("eyJ{}.eyJ{}.{}", "hbGciOi1", "zdWIiOiIx", "c2lnbmF0");
        let text = format!("let x = go(\"{key}\", '{token}');");
        let expected = format!("let x = go(\"KEY0{}\", '{}');", "*".repeat(48), "*".repeat(token.len()));
        assert_eq!(masked("a.ts", &text), expected);
        assert_eq!(Masker::new(&[], &Sources::default()).prose(&key), format!("KEY0{}", "*".repeat(48)));
    }

    #[test]
    fn masks_named_spans_and_their_values_everywhere() {
        let mut outcome = Outcome::default();
        let texts = ["phone.connect(\"bob\", \"correct horse\");", "x = 'correct horse'"];
        for (id, text) in (0..).zip(texts) {
            outcome.sources.insert(Arc::new(SourceFile::new(FileId(id), "a.ts".into(), "a.ts".into(), text.into())));
        }
        outcome.masks.push(Location::new(FileId(0), Span::new(21, 36)));
        let masker = Masker::new(&outcome.masks, &outcome.sources);
        let mask = |id: u32, spans: &[Span]| masker.file(outcome.sources.get(FileId(id)).unwrap(), spans.iter().copied()).text;
        assert_eq!(mask(0, &[Span::new(21, 36)]), "phone.connect(\"bob\", \"*************\");");
        assert_eq!(mask(1, &[]), "x = '*************'");
        assert_eq!(masker.prose("the password correct horse leaks"), "the password ************* leaks");
    }

    #[test]
    fn survives_hostile_text() {
        for text in [
            "password: ".repeat(5000),
            format!("password: {}", "(".repeat(100_000)),
            format!("password: {}", "`${".repeat(50_000)),
            format!("password: {}", "[{".repeat(50_000)),
            format!("password = {}", "a.".repeat(100_000)),
            "token(".repeat(20_000),
            "pass".repeat(50_000),
            "password=\"".to_owned(),
            "password: 'é".to_owned(),
            "token:\u{feff}\u{0}\\".to_owned(),
        ] {
            for path in ["a.ts", ".env", "a.md"] {
                masked(path, &text);
            }
        }
    }
}
