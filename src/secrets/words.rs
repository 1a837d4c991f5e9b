//! Cutting names and values into words, so that vocabulary can judge them.

use rustc_hash::FxHashSet;

/// The longest text that is cut; longer values are never made of words.
const LONGEST: usize = 256;

/// The words of a name or value in lower case: cut at everything that is neither letter nor digit, between letters and digits, and at
/// camelCase humps (`TelnyxRTCPassword2` gives `telnyx rtc password 2`). Empty for texts over 256 bytes.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    if text.len() > LONGEST {
        return words;
    }
    let characters: Vec<char> = text.chars().collect();
    let mut word = String::new();
    let mut previous: Option<char> = None;
    for (at, &character) in characters.iter().enumerate() {
        let next_is_lower = characters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if previous.is_some_and(|previous| is_border(previous, character, next_is_lower)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        previous = Some(character);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a word ends between two neighbouring characters.
fn is_border(previous: char, character: char, next_is_lower: bool) -> bool {
    if !previous.is_alphanumeric() || !character.is_alphanumeric() {
        return true;
    }
    let kinds_differ = previous.is_numeric() != character.is_numeric();
    let hump = character.is_uppercase() && (previous.is_lowercase() || (previous.is_uppercase() && next_is_lower));
    kinds_differ || hump
}

/// The words of `vocabulary` that `word` is written of without separators (`telnyxapikey`), or nothing. The longest first words win.
pub(super) fn unfuse<'a>(word: &'a str, vocabulary: &FxHashSet<String>) -> Option<Vec<&'a str>> {
    if word.len() > 64 {
        return None;
    }
    // `reach[end]` holds the start of the last word of one way to cut `word[..end]`.
    let mut reach: Vec<Option<usize>> = vec![None; word.len() + 1];
    if let Some(first) = reach.first_mut() {
        *first = Some(0);
    }
    for end in 1..=word.len() {
        let start = (0..end).find(|&start| {
            reach.get(start).copied().flatten().is_some() && word.get(start..end).is_some_and(|part| vocabulary.contains(part))
        });
        if let Some(slot) = reach.get_mut(end) {
            *slot = start;
        }
    }
    let mut parts = Vec::new();
    let mut end = word.len();
    while end > 0 {
        let start = reach.get(end).copied().flatten()?;
        parts.push(word.get(start..end)?);
        end = start;
    }
    parts.reverse();
    Some(parts)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_separators_humps_and_digits() {
        let cases = [
            ("TELNYX_API_KEY", "telnyx api key"),
            ("telnyxApiKey", "telnyx api key"),
            ("TelnyxRTCPassword2", "telnyx rtc password 2"),
            ("sip-password", "sip password"),
            ("config.telnyx.apiKey", "config telnyx api key"),
            ("ваш_ключ", "ваш ключ"),
            ("", ""),
            ("__", ""),
        ];
        for (name, expected) in cases {
            assert_eq!(split(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn fused_words_are_cut_only_when_the_vocabulary_covers_them_wholly() {
        let vocabulary: FxHashSet<String> = ["telnyx", "api", "key", "a", "pi"].into_iter().map(String::from).collect();
        assert_eq!(unfuse("telnyxapikey", &vocabulary).unwrap(), ["telnyx", "api", "key"]);
        assert_eq!(unfuse("telnyxapikeys", &vocabulary), None);
        assert_eq!(unfuse(&"a".repeat(65), &vocabulary), None);
    }
}
