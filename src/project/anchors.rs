//! Anchors: the marks in a file's bytes that say "this may have to do with calling".
//!
//! Screening is one pass of a multi-pattern search over each file. A file without an anchor is parsed only when the import
//! graph asks for it. Needles are case-sensitive byte strings: case folding would cost speed and finds nothing that real code writes.

use std::collections::BTreeMap;
use std::ops::{BitOr, BitOrAssign};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, BuildError, MatchKind};

use crate::secrets::shapes::may_be_key;

/// Which anchors a file has. A set of bit flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AnchorSet(u32);

impl AnchorSet {
    /// `telnyx`, `Telnyx` or `TELNYX`.
    pub const TELNYX: Self = Self(1);
    /// `login_token`, the option that carries a login JWT.
    pub const LOGIN_TOKEN: Self = Self(1 << 1);
    /// A word that may be an API key, plain or in base64.
    pub const KEY_SHAPE: Self = Self(1 << 2);
    /// `eyJ….eyJ`: what every JSON Web Token starts with; or what may be its base64.
    pub const JWT_SHAPE: Self = Self(1 << 3);
    /// A host of the service: `api.telnyx.com`, `rtc.telnyx.com`.
    pub const TELNYX_HOST: Self = Self(1 << 4);
    /// A needle of the models in `rules/models/`.
    pub const MODEL: Self = Self(1 << 5);
    /// `authlint`: a comment that speaks to this program may be here. It is no reason to parse the file.
    pub const AUTHLINT: Self = Self(1 << 6);

    /// The set with no anchor.
    pub const EMPTY: Self = Self(0);

    /// Whether every anchor of `other` is in this set.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any anchor of `other` is in this set.
    #[must_use]
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the set has no anchor.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for AnchorSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for AnchorSet {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What a needle asks for when it is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// The hit itself is the anchor.
    Mark(AnchorSet),
    /// `KEY`: an anchor only with the rest of a key's shape around it.
    Key,
    /// `eyJ`: an anchor only with the rest of a token's first part behind it.
    Jwt,
    /// The base64 of the start of a secret: an anchor only where base64 goes on behind it.
    Encoded(AnchorSet),
    /// `import`, `export`, `require`: a place where an import specifier may stand.
    ImportWord,
}

/// The anchors that need no model: facts sections 1, 5 and 6.
const NEEDLES: &[(&str, Action)] = &[
    ("telnyx", Action::Mark(AnchorSet::TELNYX)),
    ("Telnyx", Action::Mark(AnchorSet::TELNYX)),
    ("TELNYX", Action::Mark(AnchorSet::TELNYX)),
    ("api.telnyx.com", Action::Mark(AnchorSet::TELNYX_HOST)),
    ("rtc.telnyx.com", Action::Mark(AnchorSet::TELNYX_HOST)),
    ("login_token", Action::Mark(AnchorSet::LOGIN_TOKEN)),
    ("KEY", Action::Key),
    ("eyJ", Action::Jwt),
    ("authlint", Action::Mark(AnchorSet::AUTHLINT)),
    // Keys and tokens in base64.
    ("S0VZ", Action::Encoded(AnchorSet::KEY_SHAPE)),
    ("ZXlK", Action::Encoded(AnchorSet::JWT_SHAPE)),
];

/// Words that begin what may name another module.
const IMPORT_WORDS: &[&str] = &["import", "export", "require"];

/// Length of the base64 of the shortest key.
const SHORTEST_ENCODED: usize = 69;

/// The compiled multi-pattern search. Build once a run.
#[derive(Debug)]
pub struct Screener {
    /// For files that cannot hold code.
    plain: Needles,
    /// The same needles and the import words.
    code: Needles,
}

#[derive(Debug)]
struct Needles {
    automaton: AhoCorasick,
    actions: Vec<(Action, AnchorSet)>,
}

impl Needles {
    fn new(needles: &BTreeMap<String, Action>) -> Result<Self, BuildError> {
        let automaton = AhoCorasickBuilder::new().match_kind(MatchKind::LeftmostLongest).build(needles.keys())?;
        // A longer needle swallows the shorter ones inside it, so it stands for them too.
        let actions = needles
            .iter()
            .map(|(needle, action)| {
                let mut implied = AnchorSet::EMPTY;
                for (other, other_action) in needles {
                    if let Action::Mark(anchors) = other_action
                        && needle.contains(other.as_str())
                    {
                        implied |= *anchors;
                    }
                }
                (*action, implied)
            })
            .collect();
        Ok(Self { automaton, actions })
    }
}

impl Screener {
    /// Compiles the built-in needles and those of the models, which mark [`AnchorSet::MODEL`].
    ///
    /// # Errors
    ///
    /// When the needles together are too large for the search automaton.
    pub fn new<S: AsRef<str>>(models: impl IntoIterator<Item = S>) -> Result<Self, BuildError> {
        let mut needles: BTreeMap<String, Action> = BTreeMap::new();
        for needle in models {
            // A needle of one or two bytes would hit everywhere and slow the whole run down.
            if needle.as_ref().len() > 2 {
                needles.insert(needle.as_ref().to_owned(), Action::Mark(AnchorSet::MODEL));
            }
        }
        for (needle, action) in NEEDLES {
            let action = match (needles.get(*needle), action) {
                (Some(Action::Mark(model)), Action::Mark(own)) => Action::Mark(*model | *own),
                _ => *action,
            };
            needles.insert((*needle).to_owned(), action);
        }
        let plain = Needles::new(&needles)?;
        for word in IMPORT_WORDS {
            needles.entry((*word).to_owned()).or_insert(Action::ImportWord);
        }
        Ok(Self { plain, code: Needles::new(&needles)? })
    }

    /// The anchors of a file that cannot hold code.
    #[must_use]
    pub fn anchors(&self, bytes: &[u8]) -> AnchorSet {
        run(&self.plain, bytes, |_| {})
    }

    /// The anchors of a file with code; `words` receives the offsets of `import`, `export` and `require`, ascending.
    pub fn anchors_and_words(&self, bytes: &[u8], words: &mut Vec<usize>) -> AnchorSet {
        words.clear();
        run(&self.code, bytes, |at| words.push(at))
    }
}

fn run(needles: &Needles, bytes: &[u8], mut word: impl FnMut(usize)) -> AnchorSet {
    let mut found = AnchorSet::EMPTY;
    for hit in needles.automaton.find_iter(bytes) {
        let Some((action, implied)) = needles.actions.get(hit.pattern().as_usize()) else { continue };
        found |= *implied;
        match action {
            Action::Mark(anchors) => found |= *anchors,
            Action::Key => {
                if !found.contains(AnchorSet::KEY_SHAPE) && may_be_key(bytes, hit.start()) {
                    found |= AnchorSet::KEY_SHAPE;
                }
            }
            Action::Jwt => {
                if !found.contains(AnchorSet::JWT_SHAPE) && is_jwt_at(bytes, hit.start()) {
                    found |= AnchorSet::JWT_SHAPE;
                }
            }
            Action::Encoded(anchors) => {
                if !found.contains(*anchors) && is_encoded_at(bytes, hit.start()) {
                    found |= *anchors;
                }
            }
            Action::ImportWord => word(hit.start()),
        }
    }
    found
}

/// Whether base64 goes on behind `start` for as long as that of a key does.
fn is_encoded_at(bytes: &[u8], start: usize) -> bool {
    let rest = bytes.get(start..).unwrap_or_default().iter().take(SHORTEST_ENCODED);
    rest.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).count() == SHORTEST_ENCODED
}

/// Whether `eyJ` at `start` goes on as the first part of a token: a run of base64url and a dot.
fn is_jwt_at(bytes: &[u8], start: usize) -> bool {
    let rest = bytes.get(start..).unwrap_or_default();
    // A header is short; the bound keeps a long run of `eyJ` from costing quadratic time.
    let run = rest.iter().take(2048).take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    run >= 10 && rest.get(run) == Some(&b'.') && rest.get(run + 1..).is_some_and(|after| after.starts_with(b"eyJ"))
}
