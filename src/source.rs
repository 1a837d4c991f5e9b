//! Source texts and positions.
//!
//! Every position inside the program is a byte offset into the decoded text of one file ([`Span`] + [`FileId`]). Lines
//! and columns exist only at the edge, where [`SourceFile::position`] turns an offset into the 1-based line and the
//! 1-based UTF-16 column that editors and SARIF count with.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// One file of the run. An index into [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

impl FileId {
    /// The index into tables that hold one entry a file.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A half-open range of byte offsets in the decoded text of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets. Offsets beyond 4 GiB saturate; no file of that size is ever read.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// As a range for slicing.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies wholly inside this span.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A span in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// Where in its text.
    pub span: Span,
}

impl Location {
    /// Pairs a file and a span.
    #[must_use]
    pub fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }
}

/// A position as people and editors count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in UTF-16 code units.
    pub column: u32,
    /// Byte offset.
    pub offset: u32,
}

/// The decoded text of one file, with its line table.
#[derive(Debug)]
pub struct SourceFile {
    /// Identity in the run.
    pub id: FileId,
    /// Path relative to the working root, with `/` separators: what reports print.
    pub path: Arc<str>,
    /// Where the file stands on disk.
    pub absolute: PathBuf,
    /// The text. For UTF-8 files its bytes are the file's bytes (a byte-order mark included).
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// Builds the line table of `text`. Lines end at `\n`; a preceding `\r` belongs to the line it ends.
    #[must_use]
    pub fn new(id: FileId, path: Arc<str>, absolute: PathBuf, text: Arc<str>) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| Span::new(at + 1, at + 1).start));
        Self { id, path, absolute, text, line_starts }
    }

    /// The text that `span` covers; empty when the span does not fit the text.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The line (1-based) on which `offset` stands.
    #[must_use]
    pub fn line_of(&self, offset: u32) -> u32 {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        u32::try_from(line.max(1)).unwrap_or(u32::MAX)
    }

    /// The byte range of a 1-based line, without its line ending. Empty for a line that does not exist.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Span {
        let index = (line as usize).saturating_sub(1);
        let Some(start) = self.line_starts.get(index) else {
            return Span::new(self.text.len(), self.text.len());
        };
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |next| *next as usize - 1);
        let end = if self.text.as_bytes().get(end.wrapping_sub(1)) == Some(&b'\r') && end > *start as usize { end - 1 } else { end };
        Span::new(*start as usize, end)
    }

    /// How many lines the text has.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.line_starts.len()).unwrap_or(u32::MAX)
    }

    /// Line and UTF-16 column of a byte offset. Offsets inside a character count as its start. A byte-order mark takes no
    /// column: editors do not show it.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(Span::new(self.text.len(), self.text.len()).start);
        let line = self.line_of(offset);
        let start = self.line_span(line).start as usize;
        let before = self.text.get(start..).unwrap_or("");
        let mut column = 1;
        for (at, character) in before.char_indices() {
            if start + at + character.len_utf8() > offset as usize {
                break;
            }
            if character != '\u{feff}' || start + at > 0 {
                column += u32::try_from(character.len_utf16()).unwrap_or(1);
            }
        }
        Position { line, column, offset }
    }

    /// The byte offset of a 1-based line and UTF-16 column, as [`SourceFile::position`] counts them. None beyond the end of the file or of
    /// the line; one past the line's last character still counts, as an editor's cursor can stand there.
    #[must_use]
    pub fn offset(&self, line: u32, column: u32) -> Option<u32> {
        if line == 0 || column == 0 || line > self.line_count() {
            return None;
        }
        let span = self.line_span(line);
        let mut at = span.start;
        let mut left = column - 1;
        for character in self.slice(span).chars() {
            let is_mark = character == '\u{feff}' && at == 0;
            let units = if is_mark { 0 } else { u32::try_from(character.len_utf16()).unwrap_or(1) };
            if units > left {
                return Some(at);
            }
            left -= units;
            at += u32::try_from(character.len_utf8()).unwrap_or(1);
        }
        (left == 0).then_some(at)
    }
}

/// All texts of a run that were kept: parsed files, and files with findings.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    files: Vec<Option<Arc<SourceFile>>>,
}

impl Sources {
    /// Keeps a file. Its id need not be the next one.
    pub fn insert(&mut self, file: Arc<SourceFile>) {
        let index = file.id.index();
        if self.files.len() <= index {
            self.files.resize(index + 1, None);
        }
        if let Some(slot) = self.files.get_mut(index) {
            *slot = Some(file);
        }
    }

    /// The file, when its text was kept.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&Arc<SourceFile>> {
        self.files.get(id.index()).and_then(Option::as_ref)
    }

    /// Every kept file, in id order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.files.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_positions_are_each_others_inverse() {
        let text = "\u{feff}const ü = '😀';\r\n\n  x\n";
        let file = SourceFile::new(FileId(0), "a".into(), "a".into(), text.into());
        for (offset, _) in text.char_indices().filter(|(_, character)| !matches!(character, '\n' | '\r' | '\u{feff}')) {
            let position = file.position(Span::new(offset, offset).start);
            assert_eq!(file.offset(position.line, position.column), Some(position.offset), "{position:?}");
        }
        for (line, column, expected) in [
            (1, 12, Some(15)),
            (1, 13, Some(15)),
            (1, 16, Some(21)),
            (1, 17, None),
            (2, 1, Some(23)),
            (2, 2, None),
            (4, 1, Some(28)),
            (5, 1, None),
            (0, 1, None),
            (1, 0, None),
        ] {
            assert_eq!(file.offset(line, column), expected, "{line}:{column}");
        }
    }
}
