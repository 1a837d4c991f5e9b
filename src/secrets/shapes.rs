//! The shape of a Telnyx API key, and what tells a random key from one that somebody typed.
//!
//! Keys are `KEY` and 55 characters. Those of recent years are `KEY`, 32 upper-case hexadecimal digits (the key's public id), `_` and 22
//! base-62 characters (the secret); older ones have no inner structure. Every public detector asks for exactly 58 characters; none of
//! them knows the structure. There is no official grammar, so a structured key whose secret half has another length is still believed,
//! a little less: nothing else looks like it. The id half alone is shown by the vendor's own portal and opens nothing.

use super::model::MODEL;

/// What every key starts with.
pub(super) const PREFIX: &str = "KEY";
/// Length of a whole key in bytes.
const LENGTH: usize = 58;
/// Length of the id half behind the prefix.
const ID: usize = 32;
/// Length of the secret half.
const SECRET: usize = 22;
/// Length of the shortest body that is still believed: the id half, the underscore and 16 of the secret half.
const SHORTEST: usize = ID + 1 + 16;
/// Bits of entropy a character that a random key never falls below.
const LEAST_ENTROPY: f64 = 3.3;

/// How a string looks like an API key, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyShape {
    /// Id half, underscore and secret half, each of the right length.
    Structured,
    /// Id half and underscore, and a secret half of 16 to 32 characters, but not 22: shortened, extended or of another make.
    NearlyStructured,
    /// `KEY` and 55 random characters without structure.
    Opaque,
}

/// The shape of a string that is a key and nothing else. Typed, repeated, sequential and masked ones have none.
#[must_use]
pub fn key_shape(value: &str) -> Option<KeyShape> {
    let (length, shape) = key_at_start(value)?;
    (length == value.len()).then_some(shape)
}

/// The key that `text` starts with: its length in bytes and its shape. A key ends where a character follows that a key cannot hold.
pub(super) fn key_at_start(text: &str) -> Option<(usize, KeyShape)> {
    let body = text.as_bytes().strip_prefix(PREFIX.as_bytes())?;
    structured(body).or_else(|| opaque(body))
}

/// Whether the bytes at `at`, where [`PREFIX`] stands, may go on as a key: for screening, so rather too often than too seldom.
pub(crate) fn may_be_key(bytes: &[u8], at: usize) -> bool {
    let body = bytes.get(at + PREFIX.len()..).unwrap_or_default();
    starts_word(bytes, at) && run(body, is_key_byte) >= SHORTEST
}

/// Whether a word may start at `at`: nothing that belongs to a word stands before, or it is the end of an escape (`\n`, `%20`, `\u003d`).
pub(super) fn starts_word(bytes: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    if !(before(1).is_ascii_alphanumeric() || before(1) == b'_' || before(1) >= 0x80) {
        return true;
    }
    let hex = |range: std::ops::RangeInclusive<usize>| range.into_iter().all(|back| before(back).is_ascii_hexdigit());
    (before(2) == b'\\' && matches!(before(1), b'n' | b'r' | b't'))
        || (before(3) == b'%' && hex(1..=2))
        || (before(6) == b'\\' && before(5) == b'u' && hex(1..=4))
}

/// Number of leading bytes that a key's body may hold.
fn run(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> usize {
    // A run much longer than a key is never one, however it goes on.
    bytes.iter().take(2 * LENGTH).take_while(|byte| allowed(**byte)).count()
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn structured(body: &[u8]) -> Option<(usize, KeyShape)> {
    let id = body.get(..ID)?;
    if !id.iter().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte)) || body.get(ID) != Some(&b'_') {
        return None;
    }
    let rest = body.get(ID + 1..)?;
    let length = run(rest, |byte| byte.is_ascii_alphanumeric());
    let secret = rest.get(..length)?;
    // One more underscore means that the run is some other identifier.
    if rest.get(length) == Some(&b'_') || is_masked(rest.get(length..).unwrap_or_default()) {
        return None;
    }
    let shape = match length {
        SECRET => KeyShape::Structured,
        16..=32 => KeyShape::NearlyStructured,
        _ => return None,
    };
    let random = distinct(id) >= 7 && longest_repeat(id) < 6 && is_random(secret) && is_random(body.get(..ID + 1 + length)?);
    random.then_some((PREFIX.len() + ID + 1 + length, shape))
}

fn opaque(body: &[u8]) -> Option<(usize, KeyShape)> {
    let length = run(body, is_key_byte);
    if length != LENGTH - PREFIX.len() || is_masked(body.get(length..).unwrap_or_default()) {
        return None;
    }
    let key = body.get(..length)?;
    // All three kinds of character are certain in 55 random ones, and rare together in constants and slugs.
    let has = |kind: fn(&u8) -> bool| key.iter().filter(|byte| kind(byte)).count() >= 3;
    let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    (mixed && is_random(key)).then_some((LENGTH, KeyShape::Opaque))
}

/// Whether what follows a run is a mask (`…`, `...`, `***`): then the run is only the part of a key that may be seen.
fn is_masked(rest: &[u8]) -> bool {
    ["*", "...", "…", "•"].iter().any(|mask| rest.starts_with(mask.as_bytes()))
}

/// Whether bytes look drawn and not typed.
fn is_random(bytes: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    distinct(bytes) * 5 >= bytes.len().min(40)
        && (bytes.len() < 40 || entropy(bytes) >= LEAST_ENTROPY)
        && longest_repeat(bytes) < 6
        && sequential_pairs(bytes) * 5 < bytes.len() * 2
        && distinct_triples(bytes) * 10 >= bytes.len().saturating_sub(2) * 7
        && !MODEL.samples.key_words.iter().any(|word| lower.contains(word.as_str()))
}

/// Shannon entropy in bits a byte.
pub(super) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    let mut total = 0_u32;
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
            total += 1;
        }
    }
    let total = f64::from(total.max(1));
    counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / total).map(|share| -share * share.log2()).sum()
}

fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    seen.iter().filter(|slot| **slot).count()
}

/// Length of the longest run of one byte.
fn longest_repeat(bytes: &[u8]) -> usize {
    bytes.chunk_by(|left, right| left == right).map(<[u8]>::len).max().unwrap_or(0)
}

/// How many neighbours count up, down or stay (`abcd`, `9876`, `aaaa`).
pub(super) fn sequential_pairs(bytes: &[u8]) -> usize {
    bytes.iter().zip(bytes.iter().skip(1)).filter(|(left, right)| left.abs_diff(**right) <= 1).count()
}

fn distinct_triples(bytes: &[u8]) -> usize {
    let mut triples: Vec<&[u8]> = bytes.windows(3).collect();
    triples.sort_unstable();
    triples.dedup();
    triples.len()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{api_key, random};
    use super::*;

    #[test]
    fn whole_keys_are_recognised_by_their_shape() {
        for seed in 0..200 {
            assert_eq!(key_shape(&api_key(seed)), Some(KeyShape::Structured), "seed {seed}");
            let old = format!("KEY{}", random(seed, 55, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"));
            assert_eq!(key_shape(&old), Some(KeyShape::Opaque), "seed {seed}");
        }
    }

    #[test]
    fn a_secret_half_of_another_length_is_believed_less() {
        let key = api_key(3);
        assert_eq!(key_shape(&key[..56]), Some(KeyShape::NearlyStructured));
        assert_eq!(key_shape(&format!("{key}ab")), Some(KeyShape::NearlyStructured));
        assert_eq!(key_shape(&key[..40]), None, "most of the secret is cut off");
    }

    #[test]
    fn what_is_no_key_has_no_shape() {
        let key = api_key(1);
        let cases = [
            key[..35].to_owned(),
            key[..36].to_owned(),
            format!("{}…", &key[..57]),
            format!("KEY{}", "a1".repeat(28)),
            format!("KEY{}{}", "0123456789ABCDEF".repeat(2), "_abcdefghijklmnopqrstuv"),
            format!("KEY019{}", "X".repeat(52)),
            format!("KEY{}_{}", "0".repeat(32), &key[36..]),
            format!("KEY{}", "BOARD_SHORTCUT_TOGGLE_1".repeat(3))[..58].to_owned(),
            format!("KEY_your_telnyx_api_key_{}", "Goes4Here5And6_".repeat(4))[..58].to_owned(),
            "KEYtest123".to_owned(),
            key.to_ascii_lowercase(),
            format!("{key}_more"),
            String::new(),
        ];
        for case in cases {
            assert_eq!(key_shape(&case), None, "{case}");
        }
    }

    #[test]
    fn a_masked_end_hides_the_key() {
        let key = api_key(2);
        for mask in ["***", "...", "…"] {
            assert_eq!(key_at_start(&format!("{key}{mask}")), None, "{mask}");
        }
        assert!(key_at_start(&format!("{key}.")).is_some(), "the full stop of a sentence");
        assert!(key_at_start(&format!("{key}-suffix")).is_some());
    }
}
