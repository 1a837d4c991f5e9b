//! One comment read as a directive: what it is for, which rules it names, and why.

use crate::config::nearest;
use crate::rules::RULES;
use crate::source::{SourceFile, Span};
use crate::syntax::comments::{Comment, Comments};

use super::{IGNORE, IGNORE_FILE, Reasons, WORD};

/// How many lines of comments may stand between a directive and its code.
const MOST_COMMENT_LINES: u32 = 40;
/// How alike a word must be to one that authlint knows to be taken for it (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.85;

/// What a directive speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The whole file.
    File,
    /// The lines that the comment shares with code, first and last.
    Lines(u32, u32),
    /// What starts on a line.
    Next(u32),
}

/// A rule that a directive names.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// The rule, when there is one of that name.
    pub(super) rule: Option<&'static str>,
    /// The name as written.
    pub(super) written: String,
    /// Where.
    pub(super) span: Span,
}

/// What a comment that speaks to authlint says.
#[derive(Debug)]
pub(super) struct Directive {
    /// The comment.
    pub(super) span: Span,
    /// What it speaks for.
    pub(super) scope: Scope,
    /// The word that it begins with, when authlint does not know it.
    pub(super) unknown_word: Option<Named>,
    /// The rules.
    pub(super) rules: Vec<Named>,
    /// Why the findings may stay.
    pub(super) reason: Option<String>,
    /// Words behind the rules that no ` -- ` introduces.
    pub(super) unmarked: bool,
    /// It stands in a sample of code in a document.
    pub(super) in_sample: bool,
}

impl Directive {
    /// Reads a comment that begins with `authlint`; none when it is prose.
    pub(super) fn read(source: &SourceFile, comments: &Comments<'_>, comment: Comment) -> Option<Self> {
        let body = source.slice(comment.body);
        let is_word = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | ':');
        let word = body.get(..body.find(|character| !is_word(character)).unwrap_or(body.len()))?;
        // `authlint-ignore: reason` ends with the word, `authlint:ignore` does not.
        let word = word.trim_end_matches([':', '-']);
        let word = if word.starts_with(IGNORE) { word.split(':').next().unwrap_or(word) } else { word };
        let start = comment.body.range().start;
        let unknown_word = match word {
            IGNORE | IGNORE_FILE => None,
            _ if is_meant(word) => Some(Named { rule: None, written: word.to_owned(), span: Span::new(start, start + word.len()) }),
            _ => return None,
        };
        let (rules, reason, unmarked) = arguments(body, word.len(), start);
        let scope = if word == IGNORE_FILE { Scope::File } else { scope(source, comments, comment.span) };
        Some(Self { span: comment.span, scope, unknown_word, rules, reason, unmarked, in_sample: comment.in_sample })
    }

    /// Which of its rules, by index, speaks of a finding's rule; 0 for all of them.
    pub(super) fn speaks_of(&self, rule: &str, reasons: Reasons) -> Option<usize> {
        if self.unknown_word.is_some() || (self.reason.is_none() && reasons == Reasons::Required) {
            return None;
        }
        if self.is_for_all() {
            return Some(0);
        }
        self.rules.iter().position(|named| named.rule == Some(rule))
    }

    /// Whether it speaks of all rules.
    pub(super) fn is_for_all(&self) -> bool {
        self.rules.is_empty() && self.scope == Scope::File
    }
}

/// Whether a word that begins with `authlint` but is no directive was meant as one: `authlint-ingore`, `authlint-ignore-next-line`,
/// `authlint-disable`, `authlint:ignore`.
fn is_meant(word: &str) -> bool {
    const VERBS: [&str; 7] = ["ignore", "ignore-file", "disable", "suppress", "skip", "allow", "nolint"];
    let Some(verb) = word.strip_prefix(WORD).and_then(|rest| rest.strip_prefix(['-', ':', '_'])) else { return false };
    let verb = verb.to_ascii_lowercase().replace('_', "-");
    VERBS.iter().any(|known| verb.starts_with(&format!("{known}-")) || strsim::jaro_winkler(known, &verb) >= ALIKE)
}

/// The rules and the reason behind a directive's word. The reason follows ` -- `, or a colon where a comment may hold no two dashes.
fn arguments(body: &str, from: usize, offset: usize) -> (Vec<Named>, Option<String>, bool) {
    let mut rules = Vec::new();
    let mut at = from;
    let mut after_comma = true;
    loop {
        let rest = body.get(at..).unwrap_or("");
        at += rest.len() - rest.trim_start_matches(|character: char| character.is_whitespace()).len();
        let rest = body.get(at..).unwrap_or("");
        if rest.is_empty() {
            return (rules, None, false);
        }
        if let Some(reason) = ["--", ":", "\u{2014}", "\u{2013}"].iter().find_map(|mark| rest.strip_prefix(mark)) {
            let reason = reason.trim_start_matches('-');
            let words: Vec<&str> = reason.split_whitespace().filter(|word| *word != "*").collect();
            let reason = words.join(" ");
            return (rules, reason.contains(char::is_alphanumeric).then_some(reason), false);
        }
        if rest.starts_with(',') {
            at += 1;
            after_comma = true;
            continue;
        }
        let length = rest.find(|character: char| character.is_whitespace() || matches!(character, ',' | ':')).unwrap_or(rest.len());
        let written = rest.get(..length).unwrap_or("");
        let rule = RULES.iter().map(|rule| rule.name).find(|name| *name == written);
        // Words that follow a rule without a comma are prose, unless they are rules.
        if !after_comma && rule.is_none() {
            return (rules, None, true);
        }
        rules.push(Named { rule, written: written.to_owned(), span: Span::new(offset + at, offset + at + length) });
        at += length.max(1);
        after_comma = false;
    }
}

/// What a directive speaks for that is not for the file.
fn scope(source: &SourceFile, comments: &Comments<'_>, comment: Span) -> Scope {
    let (first, last) = (source.line_of(comment.start), source.line_of(comment.end.saturating_sub(1).max(comment.start)));
    let before = source.slice(Span { start: source.line_span(first).start, end: comment.start });
    let after = source.slice(Span { start: comment.end, end: source.line_span(last).end.max(comment.end) });
    let before = before.trim_start_matches('\u{feff}').trim();
    let braced = before == "{" && after.trim() == "}";
    if !(braced || before.is_empty() && after.trim().is_empty()) {
        return Scope::Lines(first, last);
    }
    let skipped = (last + 1..=source.line_count()).take_while(|line| comments.is_comment_line(source.line_span(*line)));
    let skipped = u32::try_from(skipped.take(MOST_COMMENT_LINES as usize).count()).unwrap_or(0);
    Scope::Next(last + 1 + skipped)
}

/// What to offer for a rule that there is not.
pub(super) fn advice(written: &str) -> String {
    match nearest(written, RULES.iter().map(|rule| rule.name)) {
        Some(nearest) => format!("did you mean `{nearest}`? `authlint rules` lists all rules"),
        None => "`authlint rules` lists all rules".to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::project::FileKind;
    use crate::source::FileId;

    fn directives(path: &str, text: &str) -> Vec<Directive> {
        let source = SourceFile::new(FileId(0), path.into(), path.into(), text.into());
        super::super::read(&source, &Comments::new(FileKind::of(path.as_ref()), path, text, WORD))
    }

    #[test]
    fn rules_and_reason_are_read_as_people_write_them() {
        for (comment, rules, reason) in [
            ("authlint-ignore password-login -- staging only", &["password-login"][..], Some("staging only")),
            ("authlint-ignore password-login, secret-in-log -- a -- b", &["password-login", "secret-in-log"], Some("a -- b")),
            ("authlint-ignore password-login,secret-in-log--why", &["password-login", "secret-in-log--why"], None),
            ("authlint-ignore password-login secret-in-log -- why", &["password-login", "secret-in-log"], Some("why")),
            ("authlint-ignore password-login: why not", &["password-login"], Some("why not")),
            ("authlint-ignore password-login \u{2014} why", &["password-login"], Some("why")),
            ("authlint-ignore password-login", &["password-login"], None),
            ("authlint-ignore password-login --", &["password-login"], None),
            ("authlint-ignore password-login -- ...", &["password-login"], None),
            ("authlint-ignore password-login because", &["password-login"], None),
            ("authlint-ignore -- why", &[], Some("why")),
            ("authlint-ignore-file: why", &[], Some("why")),
        ] {
            let found = directives("a.js", &format!("// {comment}\nlet a\n"));
            let [directive] = &found[..] else { unreachable!("{comment}: {found:?}") };
            let names: Vec<&str> = directive.rules.iter().map(|named| named.written.as_str()).collect();
            assert_eq!((&names[..], directive.reason.as_deref()), (rules, reason), "{comment}");
        }
    }

    #[test]
    fn the_scope_is_the_line_the_next_code_or_the_file() {
        for (path, text, expected) in [
            ("a.js", "// authlint-ignore x -- y\nlet a", Scope::Next(2)),
            ("a.js", "// authlint-ignore x -- y\n// eslint-disable-next-line\n/* z\n */\nlet a", Scope::Next(5)),
            ("a.js", "// authlint-ignore x -- y\n\nlet a", Scope::Next(2)),
            ("a.js", "let a // authlint-ignore x -- y\nlet b", Scope::Lines(1, 1)),
            ("a.js", "/* authlint-ignore x -- y */ let a\nlet b", Scope::Lines(1, 1)),
            ("a.js", "/**\n * authlint-ignore x -- y\n */\nlet a", Scope::Next(4)),
            ("a.js", "let a\n// authlint-ignore-file x -- y\n", Scope::File),
            ("a.tsx", "const a = <p>\n  {/* authlint-ignore x -- y */}\n  <b/></p>", Scope::Next(3)),
            ("a.html", "\u{feff}<!-- authlint-ignore x -- y -->\r\n<p>", Scope::Next(2)),
            ("a.yml", "a: b # authlint-ignore x -- y\nc: d", Scope::Lines(1, 1)),
        ] {
            let found = directives(path, text);
            assert_eq!(found.iter().map(|directive| directive.scope).collect::<Vec<_>>(), [expected], "{text}");
        }
    }

    #[test]
    fn only_what_is_meant_as_a_directive_is_one() {
        for (comment, unknown) in [
            ("authlint-ingore x -- y", Some("authlint-ingore")),
            ("authlint-ignore-next-line x -- y", Some("authlint-ignore-next-line")),
            ("authlint-disable x -- y", Some("authlint-disable")),
            ("authlint:ignore x -- y", Some("authlint:ignore")),
            ("authlint_ignore x -- y", Some("authlint_ignore")),
            ("authlint-ignored x -- y", Some("authlint-ignored")),
        ] {
            let found = directives("a.js", &format!("// {comment}\n"));
            let words: Vec<_> = found.iter().map(|directive| directive.unknown_word.as_ref().map(|word| word.written.as_str())).collect();
            assert_eq!(words, [unknown], "{comment}");
        }
        for comment in ["authlint is run by CI", "authlint-baseline.json is generated", "authlint: see the README", "authlint-fixtures"] {
            assert!(directives("a.js", &format!("// {comment}\n")).is_empty(), "{comment}");
        }
    }
}
