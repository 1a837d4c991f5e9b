//! Screening: every candidate is read once, in parallel, and reduced to its anchors and import specifiers.
//!
//! No content is kept. Each thread reads into one buffer of its own and interns specifiers in a table of its own; the tables are
//! merged at the end.

use std::borrow::Cow;
use std::fs::File;
use std::hash::BuildHasher;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use memchr::{memchr, memchr_iter, memmem};
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::finding::{Notice, NoticeKind};
use crate::project::anchors::{AnchorSet, Screener};
use crate::project::discover::Candidate;
use crate::project::kind::FileKind;
use crate::project::overlay::Overlay;
use crate::project::python;
use crate::project::regions::regions;
use crate::project::rust;
use crate::project::specifiers::specifiers;
use crate::syntax::decode::{Decoded, decode};

/// Files with code larger than this are not read: no person wrote them.
pub const MAX_CODE_BYTES: u64 = 8 << 20;
/// Other files larger than this are not read.
pub const MAX_TEXT_BYTES: u64 = 16 << 20;

/// Average line length from which a file with code counts as minified.
const MINIFIED_LINE: usize = 600;
/// Files below this size are worth parsing however they are laid out.
const MINIFIED_SIZE: usize = 8 << 10;
/// A NUL in the first bytes means a wide encoding or a binary file.
const BINARY_PROBE: usize = 1 << 10;
/// A thread's read buffer. It grows for a larger file and is given back afterwards: steps in between would fragment the heap.
const BUFFER: usize = 512 << 10;
/// How many files a thread takes at a time.
const BATCH: usize = 64;

/// What screening found in one file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Screened {
    pub(crate) size: u32,
    pub(crate) anchors: AnchorSet,
    /// Range in [`Specifiers::lists`].
    pub(crate) specifiers: (u32, u32),
    pub(crate) minified: bool,
    pub(crate) state: Reading,
}

/// How the reading went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The content was screened.
    #[default]
    Read,
    /// A lockfile: nothing to screen.
    Unread,
    /// No text. The file is no part of the project.
    Binary,
    /// It could not be read, or is too large. It exists all the same: an import of it is not missing.
    Failed,
}

/// All import specifiers of the project, each distinct one stored once.
#[derive(Debug, Default)]
pub(crate) struct Specifiers {
    texts: Texts,
    /// Each file's specifiers, one behind the other, as indexes into `texts`.
    lists: Vec<u32>,
}

impl Specifiers {
    pub(crate) fn get(&self, id: u32) -> &str {
        self.texts.get(id)
    }

    pub(crate) fn list(&self, range: (u32, u32)) -> &[u32] {
        self.lists.get(range.0 as usize..range.1 as usize).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.ends.len()
    }
}

/// Strings in one allocation.
#[derive(Debug, Default)]
struct Texts {
    text: String,
    /// Where each string ends in `text`.
    ends: Vec<u32>,
}

impl Texts {
    fn get(&self, id: u32) -> &str {
        let index = id as usize;
        let end = self.ends.get(index).copied().unwrap_or(0) as usize;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0) as usize;
        self.text.get(start..end).unwrap_or("")
    }

    /// Appends a string and returns its index; none when four billion bytes are full.
    fn push(&mut self, text: &str) -> Option<u32> {
        let id = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.text.len() + text.len()).ok()?;
        self.text.push_str(text);
        self.ends.push(end);
        Some(id)
    }
}

/// Finds the index of a string that was seen before. By hash alone where hashes are distinct; where two strings share one, the
/// second is stored again each time, which costs only space.
#[derive(Default)]
struct Interner {
    texts: Texts,
    ids: FxHashMap<u64, u32>,
}

impl Interner {
    fn intern(&mut self, text: &str) -> Option<u32> {
        let hash = FxBuildHasher.hash_one(text);
        match self.ids.get(&hash) {
            Some(id) if self.texts.get(*id) == text => Some(*id),
            Some(_) => self.texts.push(text),
            None => {
                let id = self.texts.push(text)?;
                self.ids.insert(hash, id);
                Some(id)
            }
        }
    }
}

#[derive(Default)]
struct Worker {
    results: Vec<(usize, Screened)>,
    interner: Interner,
    /// The files' specifiers, one list behind the other, by index in `interner` until the merge.
    lists: Vec<u32>,
    notices: Vec<Notice>,
}

/// Reads and screens all candidates below `root` on the threads of the current rayon pool.
pub(crate) fn screen(
    root: &Path,
    candidates: &[Candidate],
    overlay: &Overlay,
    needles: &Screener,
    notices: &mut Vec<Notice>,
) -> (Vec<Screened>, Specifiers) {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Worker>> = Mutex::new(Vec::new());
    rayon::broadcast(|_| {
        let mut worker = Worker::default();
        let mut buffer = Vec::with_capacity(BUFFER);
        let mut words = Vec::new();
        loop {
            let start = next.fetch_add(BATCH, Ordering::Relaxed);
            let Some(batch) = candidates.get(start..candidates.len().min(start + BATCH)).filter(|batch| !batch.is_empty()) else { break };
            for (offset, candidate) in batch.iter().enumerate() {
                let screened = screen_one(root, candidate, overlay, needles, &mut buffer, &mut words, &mut worker);
                worker.results.push((start + offset, screened));
                if buffer.capacity() > BUFFER {
                    buffer = Vec::with_capacity(BUFFER);
                    words = Vec::new();
                }
            }
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
    });

    let mut screened = vec![Screened::default(); candidates.len()];
    let mut merged = Interner::default();
    let mut lists = Vec::new();
    for worker in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
        notices.extend(worker.notices);
        let texts = &worker.interner.texts;
        let count = u32::try_from(texts.ends.len()).unwrap_or(u32::MAX);
        let renamed: Vec<u32> = (0..count).map(|id| merged.intern(texts.get(id)).unwrap_or(0)).collect();
        let shift = u32::try_from(lists.len()).unwrap_or(u32::MAX);
        lists.extend(worker.lists.iter().filter_map(|id| renamed.get(*id as usize)));
        for (index, mut result) in worker.results {
            result.specifiers.0 += shift;
            result.specifiers.1 += shift;
            if let Some(slot) = screened.get_mut(index) {
                *slot = result;
            }
        }
    }
    let mut texts = merged.texts;
    texts.text.shrink_to_fit();
    texts.ends.shrink_to_fit();
    lists.shrink_to_fit();
    (screened, Specifiers { texts, lists })
}

fn screen_one(
    root: &Path,
    candidate: &Candidate,
    overlay: &Overlay,
    needles: &Screener,
    buffer: &mut Vec<u8>,
    words: &mut Vec<usize>,
    worker: &mut Worker,
) -> Screened {
    let mut screened = Screened::default();
    if candidate.lockfile {
        screened.state = Reading::Unread;
        return screened;
    }
    let limit = if candidate.kind.has_code() { MAX_CODE_BYTES } else { MAX_TEXT_BYTES };
    match read(&root.join(&*candidate.path), overlay, limit, buffer) {
        Ok(size) if size > limit => {
            worker.notices.push(Notice {
                path: Some(candidate.path.to_string()),
                kind: NoticeKind::TooLarge,
                message: format!("{} MiB is more than the limit of {} MiB; it was not read", size >> 20, limit >> 20),
            });
            screened.state = Reading::Failed;
            return screened;
        }
        Ok(size) => screened.size = u32::try_from(size).unwrap_or(u32::MAX),
        Err(error) => {
            worker.notices.push(Notice {
                path: Some(candidate.path.to_string()),
                kind: NoticeKind::Unreadable,
                message: format!("could not be read: {error}"),
            });
            screened.state = Reading::Failed;
            return screened;
        }
    }
    let Some(text) = text(buffer) else {
        screened.state = Reading::Binary;
        return screened;
    };
    if !candidate.kind.has_code() {
        screened.anchors = needles.anchors(&text);
        return screened;
    }
    screened.anchors = needles.anchors_and_words(&text, words);
    screened.minified = is_minified(&candidate.path, candidate.kind, &text);
    let start = worker.lists.len();
    if !screened.minified {
        let Worker { interner, lists, .. } = worker;
        let mut emit = |specifier: &str| lists.extend(interner.intern(specifier));
        if matches!(candidate.kind, FileKind::JavaScript | FileKind::TypeScript | FileKind::Tsx) {
            specifiers(&text, words, 0, &mut emit);
        } else if candidate.kind == FileKind::Python {
            python::specifiers(&text, words, &mut emit);
        } else if candidate.kind == FileKind::Rust {
            // One path is written many times.
            let mut seen = rustc_hash::FxHashSet::default();
            rust::specifiers(&text, &mut |specifier| {
                if seen.insert(FxBuildHasher.hash_one(specifier)) {
                    emit(specifier);
                }
            });
        } else {
            let found = regions(&text, candidate.kind);
            found.urls.iter().for_each(|url| emit(url));
            for region in found.code {
                let inside = words.get(words.partition_point(|at| *at < region.start)..words.partition_point(|at| *at < region.end));
                if let (Some(inside), Some(code)) = (inside, text.get(region.clone())) {
                    specifiers(code, inside, region.start, &mut emit);
                }
            }
        }
    }
    let clamp = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    screened.specifiers = (clamp(start), clamp(worker.lists.len()));
    screened
}

/// Reads a file into `buffer` and returns its size; reads nothing when that is above `limit`.
fn read(path: &Path, overlay: &Overlay, limit: u64, buffer: &mut Vec<u8>) -> std::io::Result<u64> {
    buffer.clear();
    if let Some(content) = overlay.get(path) {
        let size = content.len() as u64;
        if size <= limit {
            buffer.extend_from_slice(content);
        }
        return Ok(size);
    }
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > limit {
        return Ok(size);
    }
    // Stopping at the known size saves asking the file for its end, one system call in five.
    buffer.reserve_exact(usize::try_from(size).unwrap_or(0));
    let read = file.take(size).read_to_end(buffer)?;
    Ok(read as u64)
}

/// The bytes as text in which ASCII is ASCII; none for binary files. Single-byte encodings need no decoding for that.
fn text(buffer: &[u8]) -> Option<Cow<'_, [u8]>> {
    let probe = buffer.get(..buffer.len().min(BINARY_PROBE)).unwrap_or_default();
    if memchr(0, probe).is_none() && !matches!(buffer, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
        return Some(Cow::Borrowed(buffer.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(buffer)));
    }
    match decode(buffer) {
        Decoded::Text { text, .. } => Some(Cow::Owned(text.into_bytes())),
        Decoded::Binary => None,
    }
}

/// Whether a file with code was written by a tool for machines: a bundle or a minified library.
fn is_minified(path: &str, kind: FileKind, text: &[u8]) -> bool {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    if name.contains(".min.") || name.contains(".bundle.") {
        return true;
    }
    if text.len() < MINIFIED_SIZE {
        return false;
    }
    let lines = memchr_iter(b'\n', text).count() + 1;
    // A page may hold one huge line (an inlined picture) and still have scripts that a person wrote.
    if kind.is_script() && text.len() / lines > MINIFIED_LINE {
        return true;
    }
    // Bundlers leave a pointer to their source map in the last line.
    let tail = text.get(text.len().saturating_sub(400)..).unwrap_or_default();
    memmem::find(tail, b"\n//# sourceMappingURL=").is_some()
}
