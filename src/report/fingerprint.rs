//! Fingerprints: the identity of a finding that survives moved lines.
//!
//! A fingerprint is a hash of the rule, the path, the text of the lines that the primary place covers, and the finding's
//! number among those that are equal in all three. The text is taken with its secrets masked (a hash of a short secret is
//! a secret that can be guessed) and with blanks and masks squeezed, so that neither formatting nor a rotated secret makes a
//! new finding.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Prepared;
use super::place::lines_of;
use crate::finding::Finding;

/// The fingerprints of all findings, in their order.
pub(super) fn of_all(prepared: &Prepared<'_>) -> Vec<String> {
    let findings = &prepared.outcome.findings;
    let mut by_place: Vec<usize> = (0..findings.len()).collect();
    by_place.sort_by_key(|index| findings.get(*index).map(|finding| (finding.primary, finding.message.as_str())));
    let mut seen: BTreeMap<[u8; 32], u32> = BTreeMap::new();
    let mut fingerprints = vec![String::new(); findings.len()];
    for index in by_place {
        if let (Some(finding), Some(slot)) = (findings.get(index), fingerprints.get_mut(index)) {
            let base = base(prepared, finding);
            let ordinal = seen.entry(base).or_insert(0);
            *slot = hex(&Sha256::new().chain_update(base).chain_update(ordinal.to_be_bytes()).finalize());
            *ordinal += 1;
        }
    }
    fingerprints
}

fn base(prepared: &Prepared<'_>, finding: &Finding) -> [u8; 32] {
    let place = prepared.place(finding.primary);
    let mut hash = Sha256::new();
    for part in [finding.rule, place.path()] {
        hash.update(part);
        hash.update([0]);
    }
    if let Some(file) = place.file() {
        let (first, last) = lines_of(file.source(), finding.primary.span);
        for line in first..=last {
            hash.update(squeezed(file.line(line)));
            hash.update("\n");
        }
    }
    hash.finalize().into()
}

/// The line without blanks, and with one `*` for every masked secret.
fn squeezed(line: &str) -> String {
    let mut squeezed = String::with_capacity(line.len());
    for character in line.chars().filter(|character| !character.is_whitespace()) {
        let character = if matches!(character, '\u{b7}' | '\u{2022}') { '*' } else { character };
        if character != '*' || !squeezed.ends_with('*') {
            squeezed.push(character);
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
