//! Making secrets recognisable without showing them.

use std::borrow::Cow;

use crate::source::Span;

/// How many leading characters of a key or token are shown: its kind, and for keys one digit of the public id.
const SHOWN: usize = 4;
/// Shorter values show nothing: what looks like a key's prefix may be a part of a password.
const SHORTEST_SHOWN: usize = 35;

/// A value as reports may print it: `KEY0…(58 chars)` and `eyJh…(312 chars)` for what has a key's or token's form, `(11 chars)` for
/// everything else.
#[must_use]
pub fn redact(value: &str) -> String {
    let count = value.chars().count();
    let is_shown = count >= SHORTEST_SHOWN && (value.starts_with("KEY") || value.starts_with("eyJ"));
    let shown = if is_shown { value.get(..SHOWN) } else { None };
    shown.map_or_else(|| format!("({count} chars)"), |shown| format!("{shown}…({count} chars)"))
}

/// `text` with every character of `spans` replaced by `•`, so that columns stay where they are: for code frames. Spans that do not fit
/// the text are cut to it.
#[must_use]
pub fn mask<'a>(text: &'a str, spans: &[Span]) -> Cow<'a, str> {
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let mut spans = sorted.iter().peekable();
    // Everything before this offset that no earlier span left open is hidden.
    let mut hidden_until = 0;
    let mut masked = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        while let Some(span) = spans.next_if(|span| span.range().start <= at) {
            hidden_until = hidden_until.max(span.range().end);
        }
        masked.push(if at < hidden_until && character != '\n' { '•' } else { character });
    }
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{api_key, login_jwt, random};
    use super::*;

    #[test]
    fn only_the_kind_of_a_value_is_shown() {
        let key = api_key(1);
        assert_eq!(redact(&key), format!("{}…(58 chars)", &key[..4]));
        let token = login_jwt();
        assert_eq!(redact(&token), format!("eyJh…({} chars)", token.len()));
        for value in ["Kx7#mQ2pLw9z", "KEY0short", "eyJshort", "пароль"] {
            assert_eq!(redact(value), format!("({} chars)", value.chars().count()));
        }
        assert_eq!(redact(&random(3, 60, "abc")), "(60 chars)");
    }

    #[test]
    fn masked_text_keeps_its_columns_and_lines() {
        let text = "a = 'pä'\nb";
        assert_eq!(mask(text, &[Span::new(5, 8)]), "a = '••'\nb");
        assert_eq!(mask(text, &[Span::new(0, 900)]), "••••••••\n•");
        assert_eq!(mask(text, &[]), text);
    }
}
