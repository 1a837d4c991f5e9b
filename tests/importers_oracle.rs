//! Reverse edges against brute force, on real trees: every specifier of the tree resolved, and turned round.
//!
//! `AUTHLINT_TREES` names folders, separated as in `PATH`; without it the test does nothing.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::time::Instant;

use authlint::project::{DiscoverOptions, Project, Resolved, Screener, discover};
use authlint::source::FileId;

#[test]
fn importers_are_the_reverse_of_resolve() {
    let Some(trees) = std::env::var_os("AUTHLINT_TREES") else { return };
    for tree in std::env::split_paths(&trees) {
        let root = tree.canonicalize().unwrap();
        let mut notices = Vec::new();
        let discovery = discover(std::slice::from_ref(&root), &DiscoverOptions::new(root.clone()), &mut notices);
        let project = Project::load(&root, discovery.candidates, &Screener::new([""; 0]).unwrap(), &mut notices);
        let start = Instant::now();
        let mut expected: BTreeMap<FileId, Vec<(FileId, String)>> = BTreeMap::new();
        let mut counts = [0_usize; 4];
        let mut missing = Vec::new();
        for (id, file) in project.iter() {
            for specifier in project.specifiers(id) {
                let kind = match project.resolve(id, specifier) {
                    Resolved::File(to) => {
                        if to != id {
                            expected.entry(to).or_default().push((id, specifier.to_owned()));
                        }
                        0
                    }
                    Resolved::Package { .. } => 1,
                    Resolved::Builtin(_) => 2,
                    Resolved::Missing => {
                        missing.push(format!("{} {specifier}", file.path));
                        3
                    }
                };
                counts[kind] += 1;
            }
        }
        eprintln!("{}: files, packages, builtins, missing {counts:?} in {:?}", tree.display(), start.elapsed());
        if std::env::var_os("AUTHLINT_SHOW_MISSING").is_some() {
            eprintln!("{}", missing.join("\n"));
        }
        let start = Instant::now();
        for (id, file) in project.iter() {
            let mut expected = expected.remove(&id).unwrap_or_default();
            expected.sort();
            expected.dedup();
            let found: Vec<(FileId, String)> =
                project.importers(id).iter().map(|(from, specifier)| (*from, specifier.to_string())).collect();
            assert_eq!(found, expected, "{}", file.path);
        }
        eprintln!("importers of all {} files in {:?}", project.files().len(), start.elapsed());
    }
}
