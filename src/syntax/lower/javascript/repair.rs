//! Valid syntax that the TypeScript grammar does not know, covered up so that the code around it parses.
//!
//! When a text does not parse, the spots below are replaced by an identifier or blanks of the same length and it is parsed
//! again. All of them are types, or text whose value is read from the source and not from the tree, so nothing is lost. A wrong
//! guess does no harm either: the new tree counts only if it has fewer errors.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::{Node, Tree};

use super::grammar::{Field, Grammar, Kind};
use super::parse::Filler;
use crate::source::Span;

/// A stretch of text that the parser does not read as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patch {
    /// The stretch.
    pub(super) span: Span,
    /// What is read instead.
    pub(super) filler: Filler,
}

/// How many errors are looked at; a text with more is no case for repair.
const MAX_ERRORS: usize = 2_000;

/// Causes that the text shows: the first capture group of the pattern is covered up.
const CAUSES: [(&str, Filler); 13] = [
    // `f<typeof import("m")>()`
    (r#"[<,]\s*(typeof\s+import\s*\(\s*(?:"[^"\n]*"|'[^'\n]*')\s*\))"#, Filler::Identifier),
    // `x: import("m").T[]`, `import("m").T<S>`: a promise has no such member.
    (r#"\b(import\s*\(\s*(?:"[^"\n]*"|'[^'\n]*')\s*\)(?:\s*\.\s*[\w$]+)*\s*\.\s*\p{Lu}[\w$]*)\s*[<\[]"#, Filler::Identifier),
    // `export type * from "m"`
    (r"\bexport\s+(type)\s*\*", Filler::Blank),
    // `type Box<in out T> = …`
    (r"[<,]\s*((?:in|out)\s+(?:out\s+)?)[\p{L}_$]", Filler::Blank),
    // `(string) => void`: a parameter that is named like a type.
    (r"\(\s*(any|boolean|never|number|object|string|symbol|unknown|void)\s*\)\s*=>", Filler::Identifier),
    // `{ abstract?: string }`: a member that is named like a modifier.
    (r"(?m)(?:^|[{;,])[ \t]*(?:readonly[ \t]+)?(abstract)\??[ \t]*:", Filler::Identifier),
    // A line that begins with `in:` or `in_app` after one without a semicolon is taken for the operator.
    (r"(?m)^[ \t]*(in(?:[_$\d][\w$]*)?)[ \t]*\??:", Filler::Identifier),
    (r"(?m)^[ \t]*(in[_$\d][\w$]*)\b", Filler::Identifier),
    // `({ overrides }?: Options) => void`
    (r"[}\]](\?)[ \t]*:", Filler::Blank),
    // Two signatures of an object type without a semicolon, of which the second begins with `<T>(`, which no element does.
    (r"\)[ \t]*:[ \t]*[\w$.<>\[\] ]*[\w$>\]][ \t]*(\n)\s*(?:/\*[^/]*\*/\s*)?<(?:const\s+)?\p{Lu}[^\n(/]*>\(", Filler::Semicolon),
    // `String.raw`: in a tagged template a backslash may be followed by anything.
    (r"(\\u)(?:[^{0-9a-fA-F]|[0-9a-fA-F]{1,3}[^0-9a-fA-F])", Filler::Identifier),
    (r"(\\x)(?:[^0-9a-fA-F]|[0-9a-fA-F][^0-9a-fA-F])", Filler::Identifier),
    // The parser takes a NUL for the end of the text.
    (r"(\x00+)", Filler::Blank),
];

/// How many errors a tree has, up to a limit.
pub(super) fn count_errors(tree: &Tree) -> usize {
    errors(tree).len()
}

/// Adds what can be covered up in the text of `region` to `patches`, which stay in order and apart.
pub(super) fn add(tree: &Tree, grammar: &Grammar, text: &str, region: Span, patches: &mut Vec<Patch>) {
    static PATTERNS: LazyLock<Vec<(Regex, Filler)>> =
        LazyLock::new(|| CAUSES.iter().filter_map(|(pattern, filler)| Some((Regex::new(pattern).ok()?, *filler))).collect());
    let before = patches.clone();
    let inside = text.get(region.range()).unwrap_or("");
    for (pattern, filler) in PATTERNS.iter() {
        let spots = pattern.captures_iter(inside).filter_map(|captures| captures.get(1));
        let offset = region.range().start;
        patches.extend(spots.map(|spot| Patch { span: Span::new(offset + spot.start(), offset + spot.end()), filler: *filler }));
    }
    for (error, parent) in errors(tree) {
        if error.is_missing() {
            patches.extend(parent.and_then(|parent| template_type_arguments(parent, grammar)));
        } else {
            ampersands(error, text, patches);
        }
    }
    // Earlier patches first, so that a hole of the text keeps its place.
    patches.sort_by_key(|patch| (patch.span.start, !before.contains(patch)));
    let mut end = 0;
    patches.retain(|patch| {
        let apart = patch.span.start >= end;
        if apart {
            end = patch.span.end;
        }
        apart
    });
}

/// ``tag<T>`…` ``: the parser makes up a `!` between the type arguments and the template.
fn template_type_arguments(around: Node<'_>, grammar: &Grammar) -> Option<Patch> {
    if grammar.syntax(around, None).kind != Kind::NonNull {
        return None;
    }
    let instantiation = around.child(0)?;
    let arguments = instantiation.child_by_field_name(Field::TypeArguments.name())?;
    Some(Patch { span: Span::new(arguments.start_byte(), arguments.end_byte()), filler: Filler::Blank })
}

/// `&` in JSX text and attributes, where it need not begin a character reference.
fn ampersands(error: Node<'_>, text: &str, patches: &mut Vec<Patch>) {
    let start = error.start_byte();
    let bytes = text.get(error.byte_range()).unwrap_or("").as_bytes();
    for at in memchr::memchr_iter(b'&', bytes) {
        let operator = bytes.get(at + 1) == Some(&b'&') || at.checked_sub(1).is_some_and(|before| bytes.get(before) == Some(&b'&'));
        if !operator {
            patches.push(Patch { span: Span::new(start + at, start + at + 1), filler: Filler::Identifier });
        }
    }
}

/// The error and missing nodes of a tree with their parents, outermost only.
fn errors(tree: &Tree) -> Vec<(Node<'_>, Option<Node<'_>>)> {
    let mut found = Vec::new();
    super::salvage::visit_broken(&mut tree.walk(), &mut |node, parent| {
        found.push((node, parent));
        found.len() < MAX_ERRORS
    });
    found
}
