//! Fingerprints: the identity of a finding that survives moved lines.
//!
//! A fingerprint is a hash of the rule, the path, the text of the lines that the primary place covers, and the finding's
//! number among those that are equal in all three. The text is taken with its secrets masked (a hash of a short secret is
//! a secret that can be guessed) and with blanks and masks squeezed, so that neither formatting nor a rotated secret makes a
//! new finding.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::Prepared;
use super::masking::KEY_PREFIX;
use super::place::lines_of;
use crate::finding::Finding;

/// What a finding is known by. Equal findings of one file are numbered by place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The rule.
    pub rule: &'static str,
    /// Where its file stands on disk.
    pub file: PathBuf,
    /// A hash of the text of its lines, secrets masked and blanks squeezed: 32 hexadecimal digits.
    pub snippet: String,
    /// Its number among those that are equal in all of the above, from 0.
    pub ordinal: u32,
    /// A hash of all of it, with the path as reports print it: 32 hexadecimal digits.
    pub fingerprint: String,
}

/// The identities of all findings, in their order: those that count, then those that comments suppress. They are numbered together, so
/// that a comment does not change the identity of another finding.
pub(super) fn of_all(prepared: &Prepared<'_>) -> Vec<Identity> {
    let findings: Vec<&Finding> = prepared.outcome.every_finding().collect();
    let mut by_place: Vec<usize> = (0..findings.len()).collect();
    by_place.sort_by_key(|index| findings.get(*index).map(|finding| (finding.primary, finding.message.as_str())));
    let mut seen: BTreeMap<[u8; 32], u32> = BTreeMap::new();
    let mut ordinals = vec![0; findings.len()];
    let bases: Vec<_> = findings.iter().map(|finding| base(prepared, finding)).collect();
    for index in by_place {
        if let (Some(base), Some(slot)) = (bases.get(index), ordinals.get_mut(index)) {
            let ordinal = seen.entry(base.whole).or_insert(0);
            *slot = *ordinal;
            *ordinal += 1;
        }
    }
    let parts = findings.iter().zip(bases).zip(ordinals);
    parts
        .map(|((finding, base), ordinal)| Identity {
            rule: finding.rule,
            file: prepared.place(finding.primary).file().map_or_else(PathBuf::new, |file| file.source().absolute.clone()),
            snippet: hex(&base.snippet),
            ordinal,
            fingerprint: hex(&Sha256::new().chain_update(base.whole).chain_update(ordinal.to_be_bytes()).finalize()),
        })
        .collect()
}

/// Hashes of a finding.
struct Base {
    /// Of rule, path and text.
    whole: [u8; 32],
    /// Of the text.
    snippet: [u8; 32],
}

fn base(prepared: &Prepared<'_>, finding: &Finding) -> Base {
    let place = prepared.place(finding.primary);
    let (mut whole, mut snippet) = (Sha256::new(), Sha256::new());
    for part in [finding.rule, place.path()] {
        whole.update(part);
        whole.update([0]);
    }
    if let Some(file) = place.file() {
        let (first, last) = lines_of(file.source(), finding.primary.span);
        for line in first..=last {
            let line = squeezed(file.line(line));
            for hash in [&mut whole, &mut snippet] {
                hash.update(&line);
                hash.update("\n");
            }
        }
    }
    Base { whole: whole.finalize().into(), snippet: snippet.finalize().into() }
}

/// The line without blanks, and with one `*` for every masked secret. The readable beginning of a masked key belongs to the key.
fn squeezed(line: &str) -> String {
    let mut squeezed = String::with_capacity(line.len());
    for character in line.chars().filter(|character| !character.is_whitespace()) {
        let is_mask = matches!(character, '*' | '\u{b7}' | '\u{2022}');
        if !is_mask {
            squeezed.push(character);
        } else if !squeezed.ends_with('*') {
            let start = squeezed.char_indices().rev().nth(KEY_PREFIX - 1).map_or(0, |(at, _)| at);
            if squeezed.get(start..).is_some_and(|end| end.starts_with("KEY")) {
                squeezed.truncate(start);
            }
            squeezed.push('*');
        }
    }
    squeezed
}

/// The first 16 bytes in hexadecimal.
fn hex(hash: &[u8]) -> String {
    hash.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
