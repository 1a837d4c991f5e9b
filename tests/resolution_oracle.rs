//! Module resolution against TypeScript's own (`ts.resolveModuleName`), on whole public monorepos.
//!
//! `tests/resolution/compare.sh TREE…` installs what it takes and runs this test. Every distinct specifier of every script and
//! component file is asked of both sides; they agree when both name the same file of the tree, or both say that it leads out of it.
//! How the oracle sees a tree (links of workspaces, options of each file, outputs of builds) stands at the top of `resolution/oracle.mjs`.
//!
//! Entries that nothing has built (`exports` to a `dist/` that is not checked in) are counted apart where TypeScript cannot know their
//! sources, because a bundler makes them; authlint maps them to the source of the same name, see `src/project/outputs.rs`. What `tsc` makes is
//! compared like everything else.
//!
//! Measured on eight public monorepos, as of November 2026:
//!
//! | tree | manager | specifiers | differ | agreement | mapped |
//! | --- | --- | --- | --- | --- | --- |
//! | babel/babel | yarn 4 | 5 372 | 17 | 99.674 % | 162 |
//! | documenso/documenso | npm | 14 895 | 0 | 100 % | 0 |
//! | excalidraw/excalidraw | yarn 1 | 4 173 | 0 | 100 % | 2 |
//! | formbricks/formbricks | pnpm | 18 161 | 0 | 100 % | 840 |
//! | hoppscotch/hoppscotch (Vue) | pnpm | 8 833 | 13 | 99.853 % | 0 |
//! | medusajs/medusa | yarn 3 | 22 704 | 62 | 99.727 % | 8 |
//! | novuhq/novu | pnpm | 19 204 | 6 | 99.968 % | 331 |
//! | payloadcms/payload | pnpm | 28 307 | 139 | 99.509 % | 15 |
//!
//! What differs, and why it stays:
//!
//! | difference | where | why |
//! | --- | --- | --- |
//! | the `browser` condition of `imports` and `exports` | 9 in babel | TypeScript knows no such condition; the client's build takes it |
//! | a source in the place of a checked-in `.d.ts` that only re-exports from `dist/` | 13 in hoppscotch | the declarations hold no values |
//! | a package of the tree that the importer does not declare, or its own name | 127 in payload, 6 in novu, 29 in medusa | a strict install would not find it; the tree has it, and nothing else can be meant |
//! | a path into an output folder that the manifest's entries do not name | 5 in babel, 1 in medusa | mapped to the source of the same name |
//! | `paths` that lead to a folder with an index file | 12 in payload | forbidden by TypeScript's `nodenext`, done by bundlers |
//! | `./x` for `x.json` | 2 in babel | CommonJS finds it |
//! | a subpath of the registry's copy, in `node10` mode | 32 in medusa | the oracle's stand-in has `exports`, which that mode does not read |
//! | a path into another tool's output (`dts/`) | 1 in babel | |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use authlint::project::{DiscoverOptions, FileKind, Project, Resolved, Screener, discover};

/// Agreement below this is a regression.
const WANTED: f64 = 0.995;

/// How many differences of each class are printed.
const SHOWN: usize = 40;

#[test]
#[ignore = "needs Node, the typescript package and trees; run by tests/resolution/compare.sh"]
fn resolution_agrees_with_typescript() {
    let trees = std::env::var_os("AUTHLINT_TREES").expect("AUTHLINT_TREES names folders, separated as in PATH");
    let mut failed = Vec::new();
    for tree in std::env::split_paths(&trees) {
        let share = compare(&tree);
        if share < WANTED {
            failed.push(format!("{}: {share:.5}", tree.display()));
        }
    }
    assert!(failed.is_empty(), "agreement below {WANTED}: {failed:?}");
}

/// Compares one tree, prints what differs, and gives the share of specifiers that agree.
fn compare(tree: &Path) -> f64 {
    let root = tree.canonicalize().unwrap();
    let mut notices = Vec::new();
    let discovery = discover(std::slice::from_ref(&root), &DiscoverOptions::new(root.clone()), &mut notices);
    let project = Project::load(&root, discovery.candidates, &Screener::new([""; 0]).unwrap(), &mut notices);

    let mut questions = String::new();
    let mut ours = Vec::new();
    let mut files = 0;
    for file in project.files() {
        writeln!(questions, "F\t{}", file.path).unwrap();
    }
    for (id, file) in project.iter() {
        let component = matches!(file.kind, FileKind::Vue | FileKind::Svelte | FileKind::Astro);
        if !component && !file.kind.is_script() {
            continue;
        }
        files += 1;
        let specifiers: BTreeSet<&str> = project.specifiers(id).filter(|text| !text.contains(['\t', '\n'])).collect();
        for specifier in specifiers {
            writeln!(questions, "S\t{}\t{specifier}", file.path).unwrap();
            let answer = match project.resolve(id, specifier) {
                Resolved::File(to) => Some(project.file(to).unwrap().path.to_string()),
                Resolved::Package { .. } | Resolved::Builtin(_) | Resolved::Missing => None,
            };
            ours.push((file.path.to_string(), specifier.to_owned(), answer));
        }
    }

    let answers = ask(&root, questions);
    let theirs: Vec<&str> = answers.lines().collect();
    assert_eq!(theirs.len(), ours.len(), "the oracle answers every question");
    let (mut agreed, mut inside, mut mapped) = (0_usize, 0_usize, 0_usize);
    let mut unbuilt: Vec<String> = Vec::new();
    let mut differences: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((file, specifier, own), answer) in ours.iter().zip(&theirs) {
        let (kind, place) = answer.split_once('\t').unwrap_or((answer, ""));
        let other = (kind == "file").then_some(place);
        if kind == "unbuilt" {
            let within = |path: &String| path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
            if own.as_ref().is_some_and(within) {
                mapped += 1;
                continue;
            }
            unbuilt.push(format!("{file}\t{specifier}\tours {own:?}"));
        }
        if own.as_deref() == other {
            agreed += 1;
            inside += usize::from(other.is_some());
            continue;
        }
        let class = match (own, other) {
            (Some(_), Some(_)) => "another file",
            (Some(_), None) => "only ours",
            (None, _) => "only theirs",
        };
        differences.entry(class).or_default().push(format!("{file}\t{specifier}\tours {own:?}, theirs {other:?}"));
    }
    let differing: usize = differences.values().map(Vec::len).sum();
    #[allow(clippy::cast_precision_loss)]
    let share = agreed as f64 / (agreed + differing).max(1) as f64;
    eprintln!(
        "{}: {files} files, {} specifiers, {agreed} agree ({inside} in the tree), {differing} differ: {:.3} %; entries that nothing has built: {mapped} mapped to a source, {} not",
        tree.display(),
        ours.len(),
        share * 100.0,
        unbuilt.len()
    );
    differences.insert("not mapped", unbuilt);
    for (class, list) in differences.iter().filter(|(_, list)| !list.is_empty()) {
        eprintln!("  {class}: {}", list.len());
        for line in list.iter().take(SHOWN) {
            eprintln!("    {line}");
        }
    }
    share
}

/// Runs the oracle.
fn ask(root: &Path, questions: String) -> String {
    let script = std::env::var_os("AUTHLINT_ORACLE").expect("AUTHLINT_ORACLE names oracle.mjs, beside its node_modules");
    let mut child = Command::new("node")
        .arg("--max-old-space-size=8192")
        .arg(script)
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(questions.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
