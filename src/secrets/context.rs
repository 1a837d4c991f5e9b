//! What surrounds a candidate: whose file it is in, what the file is for, and how the file writes literals.

use std::cell::OnceCell;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;

use super::model::MODEL;
use super::shapes::starts_word;
use crate::project::kind::FileKind;

/// Bytes around a place that count as its neighbourhood: about forty lines of code.
const NEAR: usize = 2_000;

/// How a file writes down a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// A language that the value analysis reads: only what it cannot see is looked for here.
    Analysed,
    /// A language with quoted literals.
    Quoted,
    /// Everything behind `=` or `:` is a literal.
    Plain,
    /// Prose and unknown files: quoted literals, and `NAME=value` in environment style.
    Prose,
}

/// One text and what is known of it. Made once a file; all questions are answered by searching sorted positions.
pub(super) struct Context<'a> {
    pub(super) text: &'a str,
    pub(super) syntax: Syntax,
    /// Tests, stories and mocks.
    pub(super) is_test: bool,
    /// Documentation, samples and example files.
    pub(super) is_doc: bool,
    path_names_vendor: bool,
    vendor: Vec<usize>,
    /// Places of other SIP stacks and carriers; found when first asked for, as most files never ask.
    others: OnceCell<Vec<usize>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(text: &'a str, path: &str, kind: FileKind) -> Self {
        let path = path.to_ascii_lowercase().replace('\\', "/");
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let scan = &MODEL.scan;
        let is_test = folders.split('/').any(|folder| scan.test_folders.contains(folder))
            || scan
                .test_names
                .iter()
                .any(|part| if part.starts_with(['.', '_']) { name.contains(part.as_str()) } else { name.starts_with(part.as_str()) });
        let is_doc = scan.doc_extensions.contains(extension) || scan.doc_names.iter().any(|part| name.contains(part.as_str()));
        let is_plain = scan.plain_extensions.contains(extension) || scan.plain_names.iter().any(|part| name.starts_with(part.as_str()));
        // Secrets are looked for in the text of configuration files, as in any other text.
        let kind = if matches!(kind, FileKind::Yaml | FileKind::Toml | FileKind::Dockerfile) { FileKind::Text } else { kind };
        let syntax = match kind {
            FileKind::Dotenv => Syntax::Plain,
            FileKind::Text if is_plain => Syntax::Plain,
            FileKind::Text if scan.literal_extensions.contains(extension) => Syntax::Quoted,
            FileKind::Text => Syntax::Prose,
            // Analysed too, but its secrets are still found by their text alone.
            FileKind::Python | FileKind::Rust => Syntax::Quoted,
            FileKind::Json | FileKind::Template => Syntax::Quoted,
            _ => Syntax::Analysed,
        };
        let path_names_vendor = VENDOR.spans(&path).next().is_some();
        Self {
            text,
            syntax,
            is_test,
            is_doc,
            path_names_vendor,
            vendor: VENDOR.spans(text).map(|span| span.start).collect(),
            others: OnceCell::new(),
        }
    }

    /// Whether the text or its path names the vendor anywhere.
    pub(super) fn names_vendor(&self) -> bool {
        self.path_names_vendor || !self.vendor.is_empty()
    }

    /// Whether the vendor is named close to `at`, or by the file's path.
    pub(super) fn vendor_is_near(&self, at: usize) -> bool {
        self.path_names_vendor || distance(&self.vendor, at) <= NEAR
    }

    /// Whether another SIP stack or carrier is named closer to `at` than the vendor.
    pub(super) fn other_stack_is_nearer(&self, at: usize) -> bool {
        let other = distance(self.others.get_or_init(|| OTHERS.spans(self.text).map(|span| span.start).collect()), at);
        other <= NEAR && other < distance(&self.vendor, at)
    }

    /// Whether the few lines around `at` speak of a SIP account.
    pub(super) fn speaks_of_sip(&self, at: usize) -> bool {
        const LINES: usize = 400;
        let range = self.text.floor_char_boundary(at.saturating_sub(LINES))..self.text.floor_char_boundary(at + LINES);
        SIP.spans(self.text.get(range).unwrap_or_default()).next().is_some()
    }

    /// Whether a word may start at `at`.
    pub(super) fn starts_word(&self, at: usize) -> bool {
        starts_word(self.text.as_bytes(), at)
    }

    /// Places of a needle, in order.
    pub(super) fn places(&self, needle: &'a str) -> impl Iterator<Item = usize> + use<'a> {
        memmem::find_iter(self.text.as_bytes(), needle)
    }
}

/// Distance to the nearest of sorted positions.
fn distance(positions: &[usize], at: usize) -> usize {
    let next = positions.partition_point(|position| *position < at);
    let neighbours = [next.checked_sub(1).and_then(|index| positions.get(index)), positions.get(next)];
    neighbours.into_iter().flatten().map(|position| position.abs_diff(at)).min().unwrap_or(usize::MAX)
}

static VENDOR: LazyLock<Needles> = LazyLock::new(|| Needles::of(MODEL.names.vendor.iter().map(String::as_str)));
static OTHERS: LazyLock<Needles> = LazyLock::new(|| Needles::of(MODEL.scan.other_stacks.iter().map(String::as_str)));
static SIP: LazyLock<Needles> = LazyLock::new(|| Needles::of(MODEL.scan.sip_context.iter().map(String::as_str)));
/// What every password's and client secret's name holds.
pub(super) static STEMS: LazyLock<Needles> =
    LazyLock::new(|| Needles::of(MODEL.names.password.iter().map(String::as_str).chain(["secret"])));

/// Whether a text names a stack or carrier whose SIP passwords are its own.
pub(super) fn names_other_stack(text: &str) -> bool {
    OTHERS.spans(text).next().is_some()
}

/// A search for several words at once, in any ASCII case.
pub(super) struct Needles(Option<AhoCorasick>);

impl Needles {
    fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        // Building fails for lists of millions of words only.
        Self(AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest).build(words).ok())
    }

    /// Where the words stand, first to last, not overlapping.
    pub(super) fn spans<'t>(&'t self, text: &'t str) -> impl Iterator<Item = std::ops::Range<usize>> + 't {
        self.0.iter().flat_map(move |search| search.find_iter(text).map(|found| found.range()))
    }
}
