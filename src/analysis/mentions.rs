//! Which names a file's text mentions: the look before a parse.
//!
//! Who calls `connect`? Only a file that imports its module can, and only one whose text has the word. Finding the words of a text costs a
//! small part of parsing it, so most importers of a widely used module are never parsed.

use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// The words of one text, as sorted hashes. Two words of one hash cost a parse, nothing else.
#[derive(Debug)]
pub(super) struct Mentions {
    words: Box<[u32]>,
    /// The text has `export *`: it hands on names that it does not mention.
    stars: bool,
}

impl Mentions {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Self {
        let mut words: Vec<u32> = text.as_bytes().split(|byte| !is_word(*byte)).filter(|word| !word.is_empty()).map(hash).collect();
        words.sort_unstable();
        words.dedup();
        let stars = memchr::memmem::find_iter(text.as_bytes(), "export")
            .any(|at| text.get(at + "export".len()..).is_some_and(|rest| rest.trim_start().starts_with('*')));
        Self { words: words.into(), stars }
    }

    /// Whether the text may have the name as a word. Names that are no single word (`data-id`, `@scope/x`) it may always have.
    pub(super) fn has(&self, name: &str) -> bool {
        let word = name.strip_prefix('#').unwrap_or(name).as_bytes();
        word.is_empty() || !word.iter().all(|byte| is_word(*byte)) || self.words.binary_search(&hash(word)).is_ok()
    }

    /// Whether the text hands on what another module exports, whatever its name.
    pub(super) fn hands_on_all(&self) -> bool {
        self.stars
    }
}

/// Whether a byte belongs to a word: letters, digits, `_`, `$`, and everything beyond ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

#[allow(clippy::cast_possible_truncation)] // The upper half is as good as the whole.
fn hash(word: &[u8]) -> u32 {
    (FxBuildHasher.hash_one(word) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_mentions_its_words_whole() {
        let mentions = Mentions::of("import { connect as join } from './phone'; phone.#dial($x, größe); a['data-id']");
        for (name, expected) in [
            ("connect", true),
            ("join", true),
            ("#dial", true),
            ("$x", true),
            ("größe", true),
            ("data-id", true),
            ("@any/thing", true),
            ("", true),
            ("conn", false),
            ("x", false),
            ("connected", false),
        ] {
            assert_eq!(mentions.has(name), expected, "{name}");
        }
    }

    #[test]
    fn only_star_exports_hand_on_all() {
        for (text, expected) in [
            ("export * from './a'", true),
            ("export\n  * as b from './b'", true),
            ("export*from'./c'", true),
            ("export { a } from './a'", false),
            ("import * as a from './a'; export default a", false),
        ] {
            assert_eq!(Mentions::of(text).hands_on_all(), expected, "{text}");
        }
    }
}
