//! Places as users type them: `FILE:LINE`, `FILE:LINE:COLUMN`, `FILE:LINE:COLUMN-COLUMN`.

use std::path::PathBuf;
use std::str::FromStr;

use authlint::trace::Place;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlaceArg {
    pub(crate) file: PathBuf,
    pub(crate) place: Place,
}

/// Why a text is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoPlace {
    #[error("expected FILE:LINE or FILE:LINE:COLUMN, such as `src/phone.ts:12:5`")]
    Form,
    #[error("lines and columns count from 1")]
    Zero,
    #[error("the second column must be greater than the first: it is the one after the last character")]
    Backwards,
}

impl FromStr for PlaceArg {
    type Err = NoPlace;

    /// Reads from the end, because a path may hold colons (`C:\\app\\phone.ts:12`).
    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (before, last) = text.rsplit_once(':').ok_or(NoPlace::Form)?;
        let columns = match last.split_once('-') {
            Some((from, to)) => (number(from), number(to)),
            None => (number(last), None),
        };
        let (file, place) = match (before.rsplit_once(':').map(|(file, line)| (file, number(line))), columns) {
            (Some((file, Some(line))), (Some(from), Some(to))) => (file, Place::Range { line, from, to }),
            (Some((file, Some(line))), (Some(column), None)) if !last.contains('-') => (file, Place::Point { line, column }),
            (_, (Some(line), None)) if !last.contains('-') => (before, Place::Line(line)),
            _ => return Err(NoPlace::Form),
        };
        match place {
            Place::Line(0)
            | Place::Point { line: 0, .. }
            | Place::Point { column: 0, .. }
            | Place::Range { line: 0, .. }
            | Place::Range { from: 0, .. } => Err(NoPlace::Zero),
            Place::Range { from, to, .. } if to <= from => Err(NoPlace::Backwards),
            _ if file.is_empty() => Err(NoPlace::Form),
            _ => Ok(Self { file: file.into(), place }),
        }
    }
}

/// Digits only: no sign, no blanks.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_places_from_the_end() {
        for (text, file, place) in [
            ("src/phone.ts:12", "src/phone.ts", Place::Line(12)),
            ("src/phone.ts:12:5", "src/phone.ts", Place::Point { line: 12, column: 5 }),
            ("src/phone.ts:12:5-9", "src/phone.ts", Place::Range { line: 12, from: 5, to: 9 }),
            (r"C:\app\phone.ts:12", r"C:\app\phone.ts", Place::Line(12)),
            (r"C:\app\phone.ts:12:5", r"C:\app\phone.ts", Place::Point { line: 12, column: 5 }),
            ("a:b.ts:3", "a:b.ts", Place::Line(3)),
            ("a b/ü.vue:3:1", "a b/ü.vue", Place::Point { line: 3, column: 1 }),
        ] {
            assert_eq!(text.parse(), Ok(PlaceArg { file: file.into(), place }), "{text}");
        }
    }

    #[test]
    fn says_why_a_text_is_no_place() {
        for (text, expected) in [
            ("", NoPlace::Form),
            ("src/phone.ts", NoPlace::Form),
            ("src/phone.ts:", NoPlace::Form),
            ("src/phone.ts:x", NoPlace::Form),
            ("src/phone.ts:+3", NoPlace::Form),
            ("src/phone.ts:99999999999", NoPlace::Form),
            ("src/phone.ts:3-4", NoPlace::Form),
            ("src/phone.ts:1:3-", NoPlace::Form),
            (":12", NoPlace::Form),
            (r"C:\app\phone.ts", NoPlace::Form),
            ("a.ts:0", NoPlace::Zero),
            ("a.ts:1:0", NoPlace::Zero),
            ("a.ts:1:0-3", NoPlace::Zero),
            ("a.ts:1:5-5", NoPlace::Backwards),
        ] {
            assert_eq!(text.parse::<PlaceArg>(), Err(expected), "{text}");
        }
    }
}
