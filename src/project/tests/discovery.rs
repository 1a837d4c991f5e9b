use super::Tree;
use crate::finding::NoticeKind;
use crate::project::{FileKind, SkipReason, surroundings};

#[test]
fn gitignore_counts_without_a_repository_and_nested_files_refine_it() {
    let tree = Tree::new(&[
        (".gitignore", "*.log\n/generated\n"),
        ("a.js", ""),
        ("a.log", ""),
        ("generated/b.js", ""),
        ("sub/.gitignore", "!keep.log\nsecret.js\n"),
        ("sub/keep.log", ""),
        ("sub/secret.js", ""),
        ("sub/generated/c.js", ""),
    ]);
    assert_eq!(tree.paths(&["."]), [".gitignore", "a.js", "sub/.gitignore", "sub/generated/c.js", "sub/keep.log"]);
}

#[test]
fn ignore_files_between_the_working_root_and_a_named_folder_count() {
    let tree = Tree::new(&[(".gitignore", "*.gen.js\n"), ("src/a.js", ""), ("src/a.gen.js", ""), ("other/b.js", "")]);
    assert_eq!(tree.paths(&["src"]), ["src/a.js"]);
}

#[test]
fn ignore_files_above_the_repository_do_not_count() {
    let tree = Tree::new(&[(".gitignore", "*.js\n"), ("repo/.git/HEAD", ""), ("repo/src/a.js", "")]);
    assert_eq!(tree.paths(&["repo"]), ["repo/src/a.js"]);
    assert_eq!(tree.paths(&["repo/src"]), ["repo/src/a.js"]);
    assert_eq!(tree.paths(&["repo/src/a.js"]), ["repo/src/a.js"]);
}

#[test]
fn ignore_files_of_the_repository_above_a_named_folder_count() {
    let tree = Tree::new(&[(".git/HEAD", ""), (".gitignore", "*.gen.js\n"), ("src/a.js", ""), ("src/a.gen.js", "")]);
    assert_eq!(tree.paths(&["src"]), ["src/a.js"]);
    assert_eq!(tree.paths(&["src/a.js", "src/a.gen.js"]), ["src/a.js"]);
}

#[test]
fn other_tools_ignore_files_do_not_count() {
    let tree = Tree::new(&[(".ignore", "a.js\n"), (".rgignore", "a.js\n"), ("a.js", "")]);
    assert!(tree.paths(&["."]).contains(&"a.js".to_owned()));
}

#[test]
fn a_named_file_that_is_excluded_is_said_to_be() {
    let tree = Tree::new(&[(".gitignore", "secret.js\n"), ("secret.js", ""), ("node_modules/x/a.js", ""), ("logo.png", ""), ("b.js", "")]);
    let (found, notices) = tree.discover(&["secret.js", "node_modules/x/a.js", "b.js"]);
    assert_eq!(found.candidates.len(), 1);
    let excluded: Vec<&str> = found.skipped.iter().filter(|it| it.reason == SkipReason::Excluded).map(|it| &*it.path).collect();
    assert_eq!(excluded, ["node_modules/x/a.js", "secret.js"]);
    assert!(notices.is_empty() && found.missing.is_empty());
    // The same beside a folder that holds it.
    let (found, _) = tree.discover(&[".", "secret.js"]);
    assert!(found.skipped.iter().any(|it| it.reason == SkipReason::Excluded && it.path == "secret.js"));
}

#[test]
fn a_named_folder_is_walked_even_if_it_is_ignored() {
    let tree = Tree::new(&[(".gitignore", "private\n"), ("private/a.js", ""), ("node_modules/x/a.js", "")]);
    assert_eq!(tree.paths(&["private"]), ["private/a.js"]);
    assert_eq!(tree.paths(&["node_modules/x"]), ["node_modules/x/a.js"]);
}

#[test]
fn tool_folders_are_skipped_and_listed_but_hidden_files_are_not() {
    let tree = Tree::new(&[
        (".github/workflows/ci.yml", ""),
        (".vscode/settings.json", ""),
        (".storybook/preview.ts", ""),
        (".git/config", ""),
        (".next/server/a.js", ""),
        ("node_modules/x/a.js", ""),
        ("package.json", "{}"),
        ("dist/a.js", ""),
        ("build/webpack.config.js", ""),
        ("docs/dist/a.js", ""),
        ("php/vendor/a.php", ""),
        ("go/go.mod", ""),
        ("go/vendor/a.js", ""),
    ]);
    assert_eq!(
        tree.paths(&["."]),
        [
            ".github/workflows/ci.yml",
            ".storybook/preview.ts",
            ".vscode/settings.json",
            "build/webpack.config.js",
            "docs/dist/a.js",
            "go/go.mod",
            "package.json",
            "php/vendor/a.php",
        ]
    );
    let skipped: Vec<(String, SkipReason)> = tree.discover(&["."]).0.skipped.into_iter().map(|it| (it.path, it.reason)).collect();
    assert_eq!(
        skipped,
        [
            (".next".to_owned(), SkipReason::BuildOutput),
            ("dist".to_owned(), SkipReason::BuildOutput),
            ("go/vendor".to_owned(), SkipReason::Dependencies),
            ("node_modules".to_owned(), SkipReason::Dependencies),
        ]
    );
}

#[test]
fn ignored_dotenv_files_beside_a_manifest_are_candidates_with_a_mark() {
    let tree = Tree::new(&[
        (".gitignore", ".env*\n!.env.example\n"),
        (".env", "A=1"),
        (".env.example", "A="),
        ("app/package.json", "{}"),
        ("app/.env.local", "B=2"),
        ("deep/er/.env", "C=3"),
    ]);
    let (found, _) = tree.discover(&["."]);
    let dotenv: Vec<(&str, bool)> =
        found.candidates.iter().filter(|it| it.kind == FileKind::Dotenv).map(|it| (&*it.path, it.ignored)).collect();
    assert_eq!(dotenv, [(".env", true), (".env.example", false), ("app/.env.local", true)]);
}

#[test]
fn lockfiles_are_marked_and_binary_files_counted() {
    let tree = Tree::new(&[("yarn.lock", ""), ("pnpm-lock.yaml", ""), ("logo.PNG", ""), ("a.woff2", ""), ("a.js", "")]);
    let (found, _) = tree.discover(&["."]);
    let lockfiles: Vec<&str> = found.candidates.iter().filter(|it| it.lockfile).map(|it| &*it.path).collect();
    assert_eq!(lockfiles, ["pnpm-lock.yaml", "yarn.lock"]);
    assert_eq!((found.candidates.len(), found.binary), (3, 2));
}

#[test]
fn a_missing_root_is_reported_and_an_empty_tree_is_fine() {
    let tree = Tree::new(&[]);
    let (found, notices) = tree.discover(&["."]);
    assert!(found.candidates.is_empty() && notices.is_empty() && found.missing.is_empty());
    let (found, _) = tree.discover(&["nowhere", "."]);
    assert_eq!(found.missing.len(), 1);
}

#[test]
fn overlapping_roots_give_each_file_once() {
    let tree = Tree::new(&[("src/a.js", ""), ("src/lib/b.js", "")]);
    assert_eq!(tree.paths(&["src/lib", "src", "./src/../src", "src/a.js"]), ["src/a.js", "src/lib/b.js"]);
}

#[test]
fn a_limit_stops_the_walk_with_a_notice() {
    let files: Vec<String> = (0..50).map(|number| format!("{number}.js")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|path| (path.as_str(), "")).collect();
    let tree = Tree::new(&files);
    let mut notices = Vec::new();
    let options = crate::project::DiscoverOptions { max_files: 10, ..crate::project::DiscoverOptions::new(tree.root()) };
    let found = crate::project::discover(&[tree.root()], &options, &mut notices);
    assert!(found.candidates.len() <= 10, "{}", found.candidates.len());
    assert_eq!(notices.iter().map(|notice| notice.kind).collect::<Vec<_>>(), [NoticeKind::Limit]);
}

#[test]
fn the_surroundings_of_a_file_are_its_package() {
    let tree = Tree::new(&[("package.json", ""), ("apps/web/package.json", ""), ("apps/web/src/a.ts", ""), ("tools/b.ts", "")]);
    let root = tree.root();
    assert_eq!(surroundings(&["apps/web/src/a.ts".into()], &root), [root.join("apps/web")]);
    assert_eq!(surroundings(&["tools/b.ts".into()], &root), std::slice::from_ref(&root));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_are_not_followed_and_loops_do_no_harm() {
        let outside = Tree::new(&[("secret.js", "")]);
        let tree = Tree::new(&[("src/a.js", "")]);
        symlink(tree.root(), tree.root().join("src/loop")).unwrap();
        symlink(outside.root(), tree.root().join("outside")).unwrap();
        symlink(outside.root().join("secret.js"), tree.root().join("link.js")).unwrap();
        symlink("nowhere", tree.root().join("dangling.js")).unwrap();
        let (found, notices) = tree.discover(&["."]);
        assert_eq!(found.candidates.iter().map(|it| &*it.path).collect::<Vec<_>>(), ["src/a.js"]);
        assert!(notices.is_empty(), "{notices:?}");
    }

    #[test]
    fn an_unreadable_folder_or_file_is_a_notice() {
        let tree = Tree::new(&[("a.js", ""), ("locked/b.js", ""), ("c.js", "import 'x'")]);
        std::fs::set_permissions(tree.root().join("locked"), std::fs::Permissions::from_mode(0o000)).unwrap();
        std::fs::set_permissions(tree.root().join("c.js"), std::fs::Permissions::from_mode(0o000)).unwrap();
        let readable_anyway = std::fs::read_dir(tree.root().join("locked")).is_ok();
        let (project, notices) = tree.load();
        std::fs::set_permissions(tree.root().join("locked"), std::fs::Permissions::from_mode(0o755)).unwrap();
        // The superuser may read everything.
        if !readable_anyway {
            let said: Vec<(Option<&str>, NoticeKind)> = notices.iter().map(|it| (it.path.as_deref(), it.kind)).collect();
            assert_eq!(said, [(Some("locked"), NoticeKind::Unreadable), (Some("c.js"), NoticeKind::Unreadable)]);
            let id = project.file_by_path("c.js").unwrap();
            assert!(!project.file(id).unwrap().readable);
        }
    }

    #[test]
    fn a_name_that_is_not_unicode_is_a_notice() {
        let tree = Tree::new(&[("a.js", "")]);
        let name = std::ffi::OsStr::from_bytes(b"b\xFF.js");
        if std::fs::write(tree.root().join(name), "").is_err() {
            return;
        }
        let (found, notices) = tree.discover(&["."]);
        assert_eq!(found.candidates.len(), 1);
        assert_eq!(notices.iter().map(|it| it.kind).collect::<Vec<_>>(), [NoticeKind::Unreadable]);
    }

    #[test]
    fn special_files_are_left_alone() {
        let tree = Tree::new(&[("a.js", "")]);
        // Opening a socket or a pipe could block for ever.
        let _socket = std::os::unix::net::UnixListener::bind(tree.root().join("s.js")).unwrap();
        assert_eq!(tree.paths(&["."]), ["a.js"]);
    }
}
