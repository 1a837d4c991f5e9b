//! Holes that start with an at sign: Blade's directives and Razor's expressions.
//!
//! Both engines own the sign, and a file kind does not say which one a template is for, so the file's own words decide. In
//! every other template the sign means nothing (it is common in package names, decorators, Vue and Alpine attributes).

use super::balance::Lexis;
use super::holes::Finder;
use crate::syntax::lower::javascript::HoleKind;

/// What an at sign means in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AtSign {
    /// Nothing.
    Plain,
    /// Laravel's Blade.
    Blade,
    /// ASP.NET's Razor.
    Razor,
}

/// Words that only Blade templates have.
const BLADE: [&str; 16] = [
    "{!!",
    "{{--",
    "{{ $",
    "{{$",
    "@extends(",
    "@section(",
    "@endsection",
    "@endif",
    "@endforeach",
    "@csrf",
    "@vite(",
    "@json(",
    "@include(",
    "@yield(",
    "@push(",
    "@endphp",
];

/// Words that only Razor templates have.
const RAZOR: [&str; 15] = [
    "@model ",
    "@using ",
    "@page",
    "@inject ",
    "@inherits ",
    "@layout ",
    "@{",
    "@Model",
    "@Html.",
    "@Url.",
    "@ViewBag",
    "@ViewData",
    "@code",
    "@RenderBody",
    "@Json.",
];

/// Directives of Blade that output a value.
const BLADE_VALUES: [&str; 4] = ["json", "js", "lang", "choice"];

/// Directives of Blade without arguments, besides those that start with `end`.
const BLADE_BARE: [&str; 16] = [
    "else",
    "auth",
    "guest",
    "production",
    "csrf",
    "parent",
    "show",
    "stop",
    "append",
    "overwrite",
    "break",
    "continue",
    "default",
    "once",
    "php",
    "verbatim",
];

/// At-rules of CSS that are followed by a bracket.
const CSS: [&str; 6] = ["media", "import", "supports", "container", "layer", "keyframes"];

/// Keywords of Razor that are followed by a bracket and a block.
const RAZOR_BLOCKS: [&str; 7] = ["if", "foreach", "for", "while", "switch", "lock", "using"];

/// Keywords of Razor whose directive takes the rest of its line.
const RAZOR_LINES: [&str; 12] = [
    "model",
    "using",
    "page",
    "inject",
    "inherits",
    "layout",
    "implements",
    "namespace",
    "attribute",
    "addTagHelper",
    "typeparam",
    "rendermode",
];

impl AtSign {
    /// Decides by the words of the file; Blade's count first, as Razor's are nearer to plain English.
    pub(super) fn detect(text: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some());
        match (has(&BLADE), has(&RAZOR)) {
            (true, _) => Self::Blade,
            (false, true) => Self::Razor,
            (false, false) => Self::Plain,
        }
    }

    /// Reads the hole whose at sign stands at `at`, and returns where to go on.
    pub(super) fn hole(self, finder: &mut Finder<'_>, at: usize) -> Option<usize> {
        let rest = finder.text.get(at + 1..)?;
        if self == Self::Plain {
            return None;
        }
        if rest.starts_with('@') {
            return Some(at + 2);
        }
        let before = at.checked_sub(1).and_then(|before| finder.text.as_bytes().get(before));
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            return None;
        }
        match rest.as_bytes().first()? {
            first if first.is_ascii_alphabetic() || *first == b'_' => {
                if self == Self::Blade {
                    blade_directive(finder, at)
                } else {
                    razor_expression(finder, at)
                }
            }
            // The rest of the hole is for the browser: `@{{ name }}` is a Vue interpolation in a Blade file.
            b'{' if self == Self::Blade => {
                let closer = if rest.starts_with("{!!") { "!!}" } else { "}}" };
                finder.closers.next(finder.text, closer, at)
            }
            b'*' => {
                let close = finder.closers.next(finder.text, "*@", at + 2)?;
                Some(finder.push(at, close + 2, "", HoleKind::Statement))
            }
            b':' => Some(finder.push(at, at + 2, "", HoleKind::Statement)),
            bracket @ (b'(' | b'{') => {
                let kind = if *bracket == b'(' { HoleKind::Value } else { HoleKind::Statement };
                let end = finder.balance.end(at + 1, Lexis::Server)?;
                let content = finder.text.get(at + 2..end - 1)?;
                Some(finder.push(at, end, content, kind))
            }
            _ => None,
        }
    }
}

/// The identifier that starts at `from`.
fn word(text: &str, from: usize) -> &str {
    let rest = text.get(from..).unwrap_or("");
    let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(rest.len());
    rest.get(..end).unwrap_or("")
}

/// The first place at or after `from` that is not a blank.
fn skip_blanks(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    from + rest.len() - rest.trim_start_matches([' ', '\t']).len()
}

fn blade_directive(finder: &mut Finder<'_>, at: usize) -> Option<usize> {
    let text = finder.text;
    let name = word(text, at + 1);
    let after = at + 1 + name.len();
    let bracket = skip_blanks(text, after);
    let has_bracket = text.as_bytes().get(bracket) == Some(&b'(') && !CSS.contains(&name);
    if has_bracket && let Some(end) = finder.balance.end(bracket, Lexis::Server) {
        let content = text.get(bracket + 1..end - 1)?;
        let kind = if BLADE_VALUES.contains(&name) { HoleKind::Value } else { HoleKind::Statement };
        return Some(finder.push(at, end, content, kind));
    }
    // `@default="…"`, `@show.once="…"` are attributes of Vue and Alpine.
    if !(name.starts_with("end") || BLADE_BARE.contains(&name))
        || matches!(text.as_bytes().get(after), Some(b'=' | b'.' | b'-' | b':' | b'/'))
    {
        return None;
    }
    let closed_by = match name {
        "php" => finder.closers.next(text, "@endphp", after).map(|close| close + "@endphp".len()),
        "verbatim" => {
            finder.push(at, after, name, HoleKind::Statement);
            return finder.closers.next(text, "@endverbatim", after).or(Some(after));
        }
        _ => None,
    };
    Some(finder.push(at, closed_by.unwrap_or(after), name, HoleKind::Statement))
}

fn razor_expression(finder: &mut Finder<'_>, at: usize) -> Option<usize> {
    let text = finder.text;
    let bytes = text.as_bytes();
    let name = word(text, at + 1);
    let after = at + 1 + name.len();
    let next = skip_blanks(text, after);
    // Attributes of Blazor (`@onclick="…"`, `@bind-Value="…"`) and scoped package names.
    if matches!(bytes.get(after), Some(b'=' | b'/' | b'-' | b':')) {
        return None;
    }
    if RAZOR_BLOCKS.contains(&name) && bytes.get(next) == Some(&b'(') {
        let end = finder.balance.end(next, Lexis::Server)?;
        return Some(finder.push(at, end, text.get(at + 1..end)?, HoleKind::Statement));
    }
    if matches!(name, "code" | "functions") {
        let block = text.get(after..)?.trim_start();
        let end = finder.balance.end(text.len() - block.len(), Lexis::Server).filter(|_| block.starts_with('{'))?;
        return Some(finder.push(at, end, name, HoleKind::Statement));
    }
    if RAZOR_LINES.contains(&name) || name == "section" {
        let line = text.get(at..)?.lines().next()?;
        return Some(finder.push(at, at + line.len(), line, HoleKind::Statement));
    }
    let mut end = if name == "await" { next + word(text, next).len() } else { after };
    loop {
        end = match bytes.get(end..) {
            Some([b'(' | b'[', ..]) => match finder.balance.end(end, Lexis::Server) {
                Some(end) => end,
                None => break,
            },
            Some([b'.', ..]) if !word(text, end + 1).is_empty() => end + 1 + word(text, end + 1).len(),
            Some([b'?', b'.', ..]) if !word(text, end + 2).is_empty() => end + 2 + word(text, end + 2).len(),
            _ => break,
        };
    }
    Some(finder.push(at, end, text.get(at + 1..end)?, HoleKind::Value))
}
