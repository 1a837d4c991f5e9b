//! Decoding: bytes of a file to text.
//!
//! Nearly every source file is UTF-8 and takes one validating pass. The rest is what editors on Windows leave behind:
//! UTF-16 with or without a byte-order mark, and single-byte Western text, read as windows-1252 as browsers do
//! (WHATWG Encoding Standard, label `latin1`). A NUL byte near the start of anything else marks a binary file, the
//! test that git and grep use as well.

use encoding_rs::{Encoding as Codec, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a file NUL bytes are looked for, in bytes.
const PROBE: usize = 1024;

/// What a file's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// Text.
    Text {
        /// The text. For valid UTF-8 its bytes are the file's bytes, a byte-order mark included; for UTF-16 the mark is gone.
        text: String,
        /// How the bytes were read.
        encoding: Encoding,
        /// Whether something could not be read and became U+FFFD.
        replaced: bool,
    },
    /// Not text: nothing to analyse.
    Binary,
}

/// How the bytes of a text file were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, ASCII included.
    Utf8,
    /// UTF-16 of either byte order.
    Utf16,
    /// windows-1252, the superset of ISO 8859-1 that the web reads for it.
    Latin1,
}

/// Decodes a file. Never fails: what is not text is [`Decoded::Binary`].
#[must_use]
pub fn decode(bytes: &[u8]) -> Decoded {
    if let Some(codec) = utf16_codec(bytes) {
        let (text, replaced) = codec.decode_with_bom_removal(bytes);
        return if has_nul(text.as_bytes()) {
            Decoded::Binary
        } else {
            Decoded::Text { text: text.into_owned(), encoding: Encoding::Utf16, replaced }
        };
    }
    if has_nul(bytes) {
        return Decoded::Binary;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded::Text { text: text.to_owned(), encoding: Encoding::Utf8, replaced: false };
    }
    if mostly_utf8(bytes) {
        return Decoded::Text { text: String::from_utf8_lossy(bytes).into_owned(), encoding: Encoding::Utf8, replaced: true };
    }
    let (text, replaced) = WINDOWS_1252.decode_without_bom_handling(bytes);
    Decoded::Text { text: text.into_owned(), encoding: Encoding::Latin1, replaced }
}

fn has_nul(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes.get(..PROBE).unwrap_or(bytes)).is_some()
}

/// The byte order of UTF-16 text, by its mark, or by Western characters whose other byte is always zero.
fn utf16_codec(bytes: &[u8]) -> Option<&'static Codec> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let probe = bytes.get(..PROBE).unwrap_or(bytes);
    let (mut units, mut little, mut big) = (0usize, 0usize, 0usize);
    for unit in probe.as_chunks::<2>().0 {
        units += 1;
        match *unit {
            [0, 0] => return None,
            [low, 0] if is_western_text(low) => little += 1,
            [0, low] if is_western_text(low) => big += 1,
            [0, _] | [_, 0] => return None,
            _ => {}
        }
    }
    // Source code is mostly ASCII, whatever its comments are written in.
    match (little, big) {
        (1.., 0) if little * 2 >= units => Some(UTF_16LE),
        (0, 1..) if big * 2 >= units => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether a code unit below 256 is a printable character or a blank.
fn is_western_text(unit: u8) -> bool {
    matches!(unit, b'\t' | b'\n' | b'\r' | 0x0C | b' '..=b'~' | 0xA0..=0xFF)
}

/// Whether a file that is not valid UTF-8 was meant as UTF-8: more good multi-byte characters than broken places. In
/// single-byte text a run of bytes that happens to form a character is rare.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    good > broken
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, Encoding, bool) {
        match decode(bytes) {
            Decoded::Text { text, encoding, replaced } => (text, encoding, replaced),
            Decoded::Binary => ("<binary>".to_owned(), Encoding::Utf8, false),
        }
    }

    fn utf16(content: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        content.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn every_encoding_gives_the_text_that_was_written() {
        let code = "const größe = 'ü';\n";
        let cases: [(&str, Vec<u8>, Encoding); 8] = [
            (code, code.as_bytes().to_vec(), Encoding::Utf8),
            ("", Vec::new(), Encoding::Utf8),
            ("\u{FEFF}let a", "\u{FEFF}let a".as_bytes().to_vec(), Encoding::Utf8),
            (code, [vec![0xFF, 0xFE], utf16(code, u16::to_le_bytes)].concat(), Encoding::Utf16),
            (code, [vec![0xFE, 0xFF], utf16(code, u16::to_be_bytes)].concat(), Encoding::Utf16),
            (code, utf16(code, u16::to_le_bytes), Encoding::Utf16),
            (code, utf16(code, u16::to_be_bytes), Encoding::Utf16),
            ("caf\u{e9} \u{20ac}", b"caf\xe9 \x80".to_vec(), Encoding::Latin1),
        ];
        for (expected, bytes, encoding) in cases {
            assert_eq!(text(&bytes), (expected.to_owned(), encoding, false), "{bytes:?}");
        }
    }

    #[test]
    fn broken_places_in_utf8_are_replaced_and_said() {
        let (decoded, encoding, replaced) = text(b"// \xC3\xA9\xC3\xA8 \xE2\x82\nlet a");
        assert_eq!((decoded.as_str(), encoding, replaced), ("// éè \u{FFFD}\nlet a", Encoding::Utf8, true));
    }

    #[test]
    fn a_lone_surrogate_is_replaced_and_said() {
        let (decoded, encoding, replaced) = text(&[0xFF, 0xFE, b'a', 0, 0x00, 0xD8, b'b', 0]);
        assert_eq!((decoded.as_str(), encoding, replaced), ("a\u{FFFD}b", Encoding::Utf16, true));
    }

    #[test]
    fn nul_bytes_near_the_start_mean_binary() {
        let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0; 64]].concat();
        let utf32 = [vec![0xFF, 0xFE, 0, 0], b"a\0\0\0b\0\0\0".to_vec()].concat();
        for bytes in [png, utf32, b"text\0text".to_vec(), vec![1, 0, 2, 0, 3, 0], vec![0; 3]] {
            assert_eq!(decode(&bytes), Decoded::Binary, "{bytes:?}");
        }
        let late = ["a".repeat(PROBE), "\0".to_owned()].concat();
        assert!(matches!(decode(late.as_bytes()), Decoded::Text { .. }));
    }
}
