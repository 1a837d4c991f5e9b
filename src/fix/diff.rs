//! The changes as a unified diff for people, with every secret masked.
//!
//! Masking changes no length, so lines and columns are those of the files; a diff in which nothing is masked applies with `patch -p1`.

use std::io::{self, Write};
use std::sync::Arc;

use similar::{ChangeTag, TextDiff};

use super::Fixes;
use crate::finding::Outcome;
use crate::report::masking::{MaskedFile, Masker};
use crate::source::{FileId, SourceFile, Span};

/// Lines around each change.
const CONTEXT: usize = 3;

impl Fixes {
    /// Prints what changes, file by file.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_diff(&self, out: &mut dyn Write) -> io::Result<()> {
        let masker = Masker::new(&self.before.masks, &self.before.sources);
        for file in &self.files {
            let old = masked(&masker, &file.path, &file.before, &self.before);
            // A value that was a secret stays one, also where the fix has taken away what said so.
            let new = masked(&masker, &file.path, &file.after, &self.after);
            writeln!(out, "--- a/{path}\n+++ b/{path}", path = file.path)?;
            let (old_lines, new_lines) = (lines(&file.before), lines(&file.after));
            let diff = TextDiff::from_slices(&old_lines, &new_lines);
            for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
                writeln!(out, "{}", hunk.header())?;
                for change in hunk.iter_changes() {
                    let (sign, line) = match change.tag() {
                        ChangeTag::Insert => ('+', line_at(&new, change.new_index())),
                        ChangeTag::Delete => ('-', line_at(&old, change.old_index())),
                        ChangeTag::Equal => (' ', line_at(&old, change.old_index())),
                    };
                    let end = if change.value().ends_with("\r\n") { "\r" } else { "" };
                    writeln!(out, "{sign}{line}{end}")?;
                    if change.missing_newline() {
                        writeln!(out, "\\ No newline at end of file")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The lines of a text with their ends, counted as [`SourceFile`] counts them.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A line by its index from 0, without its end.
fn line_at(file: &MaskedFile, index: Option<usize>) -> &str {
    index.and_then(|index| u32::try_from(index + 1).ok()).map_or("", |line| file.line(line))
}

/// A text with everything masked that a report of the run would mask.
fn masked(masker: &Masker, path: &Arc<str>, text: &Arc<str>, outcome: &Outcome) -> MaskedFile {
    let kept = outcome.sources.iter().find(|source| source.path == *path).map(|source| source.id);
    let named: Vec<Span> = outcome.masks.iter().filter(|mask| Some(mask.file) == kept).map(|mask| mask.span).collect();
    masker.file(&Arc::new(SourceFile::new(FileId(0), Arc::clone(path), path.as_ref().into(), Arc::clone(text))), named)
}
