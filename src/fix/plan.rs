//! Which fixes are made together, and what the text is then.
//!
//! Fixes are taken in the order of their findings, worst first. One that touches what another has already changed waits for the next pass,
//! when it is made for the new text. The same edit asked for by two fixes (an import, a range in the manifest) is made once.

use std::collections::BTreeMap;

use super::{Edit, Fix};
use crate::source::{FileId, Span};

/// Edits by file, in order of place, free of overlaps.
#[derive(Debug, Default)]
pub(super) struct Plan {
    edits: BTreeMap<FileId, Vec<Edit>>,
}

impl Plan {
    /// Takes a fix in, unless it gets in the way of one that is in.
    pub(super) fn add(&mut self, fix: &Fix) -> bool {
        if fix.edits.is_empty() || !fix.edits.iter().all(|edit| self.fits(edit)) || overlap(&fix.edits) {
            return false;
        }
        for edit in &fix.edits {
            let edits = self.edits.entry(edit.file).or_default();
            if !edits.contains(edit) {
                edits.push(edit.clone());
            }
        }
        for edits in self.edits.values_mut() {
            edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        }
        true
    }

    fn fits(&self, edit: &Edit) -> bool {
        self.edits.get(&edit.file).is_none_or(|edits| edits.iter().all(|known| known == edit || !touch(known.span, edit.span)))
    }

    /// The files that change.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.edits.keys().copied()
    }

    /// The text of a file with its edits made; none when a place does not fit the text.
    pub(super) fn apply(&self, file: FileId, text: &str) -> Option<String> {
        let edits = self.edits.get(&file)?;
        let mut changed = String::with_capacity(text.len() + edits.iter().map(|edit| edit.replacement.len()).sum::<usize>());
        let mut at = 0;
        for edit in edits {
            let range = edit.span.range();
            changed.push_str(text.get(at..range.start)?);
            changed.push_str(&edit.replacement);
            at = range.end;
        }
        changed.push_str(text.get(at..)?);
        Some(changed)
    }
}

/// Whether two places get in each other's way. Places that merely meet do not, but two insertions at one place would have no order.
fn touch(left: Span, right: Span) -> bool {
    if left.is_empty() || right.is_empty() {
        let (point, other) = if left.is_empty() { (left, right) } else { (right, left) };
        return if other.is_empty() { point == other } else { other.start < point.start && point.start < other.end };
    }
    left.start < right.end && right.start < left.end
}

/// Whether edits of one fix get in each other's way.
fn overlap(edits: &[Edit]) -> bool {
    edits.iter().enumerate().any(|(index, edit)| {
        edits.iter().skip(index + 1).any(|other| edit.file == other.file && edit != other && touch(edit.span, other.span))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::Applicability;
    use super::*;

    fn fix(edits: &[(usize, usize, &str)]) -> Fix {
        let edit = |(start, end, text): &(usize, usize, &str)| Edit {
            file: FileId(0),
            span: Span::new(*start, *end),
            replacement: (*text).to_owned(),
        };
        Fix { title: String::new(), applicability: Applicability::Safe, edits: edits.iter().map(edit).collect() }
    }

    #[test]
    fn fixes_are_made_whole_and_never_across_each_other() {
        for (fixes, taken, expected) in [
            (vec![fix(&[(0, 1, "A")]), fix(&[(2, 3, "C")])], vec![true, true], "AbCd"),
            (vec![fix(&[(2, 3, "C"), (0, 0, "-")])], vec![true], "-abCd"),
            // What touches a taken place waits, with all that belongs to it.
            (vec![fix(&[(0, 2, "X")]), fix(&[(1, 3, "Y"), (3, 4, "Z")])], vec![true, false], "Xcd"),
            (vec![fix(&[(0, 4, "")]), fix(&[(2, 2, "Y")])], vec![true, false], ""),
            // Places that meet do not overlap.
            (vec![fix(&[(0, 2, "X")]), fix(&[(2, 4, "Y")]), fix(&[(2, 2, "-")])], vec![true, true, true], "X-Y"),
            // Two insertions at one place have no order, the same one is made once.
            (vec![fix(&[(1, 1, "X")]), fix(&[(1, 1, "Y")])], vec![true, false], "aXbcd"),
            (vec![fix(&[(1, 1, "X"), (0, 1, "A")]), fix(&[(1, 1, "X"), (3, 4, "D")])], vec![true, true], "AXbcD"),
            // A fix at odds with itself is none.
            (vec![fix(&[(0, 2, "X"), (1, 3, "Y")]), fix(&[])], vec![false, false], "abcd"),
        ] {
            let mut plan = Plan::default();
            assert_eq!(fixes.iter().map(|fix| plan.add(fix)).collect::<Vec<_>>(), taken, "{fixes:?}");
            assert_eq!(plan.apply(FileId(0), "abcd").unwrap_or_else(|| "abcd".to_owned()), expected, "{fixes:?}");
        }
    }

    #[test]
    fn a_place_outside_of_the_text_changes_nothing() {
        let mut plan = Plan::default();
        assert!(plan.add(&fix(&[(9, 9, "x")])));
        assert_eq!(plan.apply(FileId(0), "abcd"), None);
        assert_eq!(plan.apply(FileId(1), "abcd"), None);
    }
}
