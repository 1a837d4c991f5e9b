//! How a file's text mentions names: the look before a parse.
//!
//! Who calls `connect`? Only a file that imports its module can, and only one whose text has the word where such a call or import would have
//! it. Finding the words of a text costs a small part of parsing it, so most importers of a widely used module are never parsed.
//!
//! A mention that means nothing (in a comment, in another object) costs a parse, nothing else. Names that are spelt with escapes are missed.

use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

/// What a mention may be, by what stands around the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mention {
    /// `x.name`, `x["name"]`.
    Member,
    /// `{ name }`, `{ name: other }`, `{ name as other }`, `{ name = 1 }`: taken out of a module or object.
    Taken,
    /// `x.name = …`, `x.name ||= …`: a member that is assigned.
    Written,
}

impl Mention {
    fn bit(self) -> u32 {
        match self {
            Self::Member => 1,
            Self::Taken => 2,
            Self::Written => 4,
        }
    }
}

/// The bits of a hash that say how its word is mentioned.
const FLAGS: u32 = 7;

/// The words of one text that are mentioned in some such way: sorted, each a hash with what its mentions may be in the lowest bits.
/// Two words of one hash cost a parse, nothing else.
#[derive(Debug)]
pub(super) struct Mentions {
    words: Box<[u32]>,
    /// The text has `export *`: it hands on names that it does not mention.
    stars: bool,
}

impl Mentions {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut words = Vec::new();
        let mut start = 0;
        while let Some(from) = bytes.get(start..).and_then(|rest| rest.iter().position(|byte| is_word(*byte))).map(|at| at + start) {
            let rest = bytes.get(from..).unwrap_or_default();
            let length = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            let flags = mention(bytes.get(..from).unwrap_or_default(), after);
            if flags != 0 {
                words.push(hash(word) | flags);
            }
            start = from + length;
        }
        words.sort_unstable();
        words.dedup_by(|later, kept| {
            let same = *later & !FLAGS == *kept & !FLAGS;
            *kept |= if same { *later & FLAGS } else { 0 };
            same
        });
        let re_exports = memchr::memmem::find_iter(bytes, "export")
            .any(|at| text.get(at + "export".len()..).is_some_and(|rest| rest.trim_start().starts_with('*')));
        Self { words: words.into(), stars: re_exports }
    }

    /// Whether the text may mention the name so. Names that are no single word (`data-id`, `@scope/x`) it always may.
    pub(super) fn has(&self, name: &str, mention: Mention) -> bool {
        let word = name.strip_prefix('#').unwrap_or(name).as_bytes();
        if word.is_empty() || !word.iter().all(|byte| is_word(*byte)) {
            return true;
        }
        let hash = hash(word);
        let at = self.words.partition_point(|other| *other < hash);
        self.words.get(at).is_some_and(|found| *found & !FLAGS == hash && *found & mention.bit() != 0)
    }

    /// Whether the text hands on what another module exports, whatever its name.
    pub(super) fn hands_on_all(&self) -> bool {
        self.stars
    }
}

/// What the mention of a word between two stretches of text may be, as bits.
fn mention(before: &[u8], after: &[u8]) -> u32 {
    const ANY: u32 = FLAGS;
    match before.iter().rev().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'.' | b'#') if is_assigned(after) => return Mention::Member.bit() | Mention::Written.bit(),
        Some(b'.' | b'#') => return Mention::Member.bit(),
        // A path of Rust: a member of a module, and at the end of a `use` what is taken out of it.
        Some(b':') if before.trim_ascii_end().ends_with(b"::") => return Mention::Member.bit() | Mention::Taken.bit(),
        Some(b'"' | b'\'' | b'`') => return ANY,
        _ => {}
    }
    let after = after.trim_ascii_start();
    let taken = match after {
        // A comment may hide anything.
        [b',' | b'}' | b'=' | b'/', ..] => true,
        [b':', target @ ..] => match target.trim_ascii_start() {
            [b'{' | b'[', ..] => true,
            [first, ..] => is_word(*first) && !first.is_ascii_digit(),
            [] => false,
        },
        _ => after.starts_with(b"as"),
    };
    if taken { Mention::Taken.bit() } else { 0 }
}

/// Whether an assignment operator, or a comment that may hide one, follows.
fn is_assigned(after: &[u8]) -> bool {
    match after.trim_ascii_start() {
        [b'=', next, ..] => !matches!(next, b'=' | b'>'),
        [b'/', b'/' | b'*', ..] | [b'|', b'|', b'=', ..] | [b'?', b'?', b'=', ..] | [b'&', b'&', b'=', ..] | [b'+', b'=', ..] => true,
        _ => false,
    }
}

/// Whether a byte belongs to a word: letters, digits, `_`, `$`, and everything beyond ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// A hash with the flags' place left free.
#[allow(clippy::cast_possible_truncation)] // The upper half is as good as the whole.
fn hash(word: &[u8]) -> u32 {
    (FxBuildHasher.hash_one(word) >> 32) as u32 & !FLAGS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_member_or_taken_by_what_stands_around_it() {
        use Mention::{Member, Taken};
        for (text, name, members, taken) in [
            ("phone.connect()", "connect", true, false),
            ("phone\n  ?. connect<T>(a)", "connect", true, false),
            ("this.#dial($x)", "#dial", true, false),
            ("phone['connect']()", "connect", true, true),
            ("import { connect } from './phone'", "connect", false, true),
            ("import { connect as join } from './phone'", "connect", false, true),
            ("const { connect: join, other } = usePhone()", "connect", false, true),
            ("const { connect: { inner } } = usePhone()", "connect", false, true),
            ("function Button({ größe = 1 }) {}", "größe", false, true),
            ("useQuery({ onSuccess: (data) => data })", "onSuccess", false, false),
            ("import { connect // joins\n } from './phone'", "connect", false, true),
            ("connect()", "connect", false, false),
            ("phone.connected()", "connect", false, false),
            ("", "data-id", true, true),
            ("", "", true, true),
        ] {
            let mentions = Mentions::of(text);
            assert_eq!((mentions.has(name, Member), mentions.has(name, Taken)), (members, taken), "{text}");
        }
    }

    #[test]
    fn a_member_is_written_where_an_assignment_follows() {
        for (text, expected) in [
            ("store.token = x", true),
            ("store.token ||= x", true),
            ("this.#token /* why */ = x", true),
            ("store['token'] = x", true),
            ("store.token == x", false),
            ("store.token === x", false),
            ("store.token => x", false),
            ("const token = x", false),
            ("read(store.token)", false),
        ] {
            assert_eq!(Mentions::of(text).has("token", Mention::Written), expected, "{text}");
        }
    }

    #[test]
    fn one_word_is_mentioned_in_several_ways() {
        let mentions = Mentions::of("const { connect } = phone; other.connect()");
        assert!(mentions.has("connect", Mention::Member) && mentions.has("connect", Mention::Taken));
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
