//! Which valid code does not parse here: script files that `oxc_parser` accepts and in which the lowering reports a problem.
//!
//! `AUTHLINT_TREES` names folders, separated as in `PATH`. Every such file costs its user a notice and some statements of salvaged shape,
//! so their share is held down; what stays is listed with its text. A parser's own fixtures (syntax of proposals, keywords as names) are no
//! measure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, missing_docs)]

use std::path::Path;

use authlint::project::{DiscoverOptions, FileKind, Project, Screener, discover};
use authlint::syntax::lower;
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;
use rayon::prelude::*;

/// Of the files that the oracle accepts, at least this share parses here without a problem.
const WANTED: f64 = 0.999;

#[test]
#[ignore = "needs trees"]
fn code_that_is_valid_parses() {
    let trees = std::env::var_os("AUTHLINT_TREES").expect("AUTHLINT_TREES names folders, separated as in PATH");
    let (mut valid, mut noticed) = (0, 0);
    for tree in std::env::split_paths(&trees) {
        let (files, broken) = compare(&tree);
        eprintln!("{}: {files} valid files, {} with a problem", tree.display(), broken.len());
        for line in &broken {
            eprintln!("  {line}");
        }
        valid += files;
        noticed += broken.len();
    }
    #[allow(clippy::cast_precision_loss)]
    let share = 1.0 - f64::from(u32::try_from(noticed).unwrap()) / f64::from(u32::try_from(valid).unwrap()).max(1.0);
    eprintln!("{valid} valid files, {noticed} with a problem: {:.3} % parse", share * 100.0);
    assert!(share >= WANTED, "only {share:.5} parse");
}

/// How many files the oracle accepts, and where the lowering has problems in them.
fn compare(tree: &Path) -> (usize, Vec<String>) {
    let root = tree.canonicalize().unwrap();
    let mut notices = Vec::new();
    let discovery = discover(std::slice::from_ref(&root), &DiscoverOptions::new(root.clone()), &mut notices);
    let project = Project::load(&root, discovery.candidates, &Screener::new([""; 0]).unwrap(), &mut notices);
    let files: Vec<_> = project.iter().filter(|(_, file)| file.kind.is_script() && !file.minified && file.size < 1 << 20).collect();
    let mut seen: Vec<(bool, Option<String>)> = files
        .par_iter()
        .filter_map(|(id, file)| {
            let text = project.read(*id).ok()?;
            let problems = lower(file.kind, &text).problems;
            // Where the oracle itself panics it says nothing.
            if !std::panic::catch_unwind(|| accepts(file.kind, &file.path, &text)).unwrap_or(false) {
                return None;
            }
            let line = problems.first().map(|problem| {
                let start = problem.span.range().start;
                let line = text.get(..start).unwrap_or("").matches('\n').count() + 1;
                let around = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
                let excerpt: String = text.get(around..).unwrap_or("").lines().next().unwrap_or("").chars().take(160).collect();
                format!("{}:{line}: {} problems: {}", file.path, problems.len(), excerpt.trim())
            });
            Some((true, line))
        })
        .collect();
    seen.sort();
    (seen.len(), seen.into_iter().filter_map(|(_, line)| line).collect())
}

/// Whether the oracle parses a text without an error.
fn accepts(kind: FileKind, path: &str, text: &str) -> bool {
    let source_type = match kind {
        FileKind::JavaScript => Ok(SourceType::jsx()),
        _ => SourceType::from_path(path),
    };
    let allocator = Allocator::default();
    source_type.is_ok_and(|source_type| {
        let parsed = Parser::new(&allocator, text, source_type).parse();
        !parsed.panicked && !parsed.diagnostics.has_errors()
    })
}
