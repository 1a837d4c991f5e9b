//! Lowers every script below the folders of `AUTHLINT_TREES` and checks that spans say what they claim.

#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::spans;
use crate::project::kind::FileKind;
use crate::source::{FileId, SourceFile};

#[derive(Default)]
struct Tally {
    files: usize,
    bytes: usize,
    time: Duration,
    slowest: Option<(Duration, PathBuf)>,
    broken: BTreeMap<PathBuf, Vec<String>>,
}

#[test]
fn spans_in_real_files_name_what_they_cover() {
    let Ok(trees) = std::env::var("AUTHLINT_TREES") else { return };
    for tree in trees.split(':').filter(|tree| !tree.is_empty()) {
        let mut tally = Tally::default();
        for entry in walkdir::WalkDir::new(tree).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
            let kind = FileKind::of(entry.path());
            if matches!(kind, FileKind::JavaScript | FileKind::TypeScript | FileKind::Tsx)
                && let Ok(text) = std::fs::read_to_string(entry.path())
            {
                lower(kind, entry.path(), text, &mut tally);
            }
        }
        #[allow(clippy::cast_precision_loss)]
        let speed = tally.bytes as f64 / 1e6 / tally.time.as_secs_f64();
        eprintln!("{tree}: {} files, {} with problems, {} bytes, {speed:.1} MB/s", tally.files, tally.broken.len(), tally.bytes);
        eprintln!("  slowest {:?}", tally.slowest);
        for (path, lines) in &tally.broken {
            eprintln!("  {}: {}", path.display(), lines.join(" "));
        }
    }
}

fn lower(kind: FileKind, path: &Path, text: String, tally: &mut Tally) {
    let start = Instant::now();
    let module = crate::syntax::lower(kind, &text);
    let took = start.elapsed();
    tally.files += 1;
    tally.bytes += text.len();
    tally.time += took;
    if tally.slowest.as_ref().is_none_or(|(slowest, _)| *slowest < took) {
        tally.slowest = Some((took, path.to_owned()));
    }
    spans::check(&module, &text, &path.display().to_string());
    if !module.problems.is_empty() {
        let file = SourceFile::new(FileId(0), "".into(), path.to_owned(), text.into());
        let lines = module.problems.iter().take(5).map(|problem| format!("{}{:?}", file.line_of(problem.span.start), problem.kind));
        tally.broken.insert(path.to_owned(), lines.collect());
    }
}
