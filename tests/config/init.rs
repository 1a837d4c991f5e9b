//! `authlint init` writes what holds by default, and only where nothing is lost.

use std::fs;

use super::{findings, monorepo, repository, run, write};

#[test]
fn init_writes_what_holds_by_default_and_never_overwrites() {
    let folder = monorepo();
    let root = folder.path();
    let before = findings(root, &[]);
    let (code, printed, stderr) = run(root, &["init", "--stdout"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(!root.join("authlint.toml").exists());
    assert!(
        printed.contains("# Found here: Node server library (apps/service)") && printed.contains("paths = [\"apps/service/\"]"),
        "{printed}"
    );

    let (code, stdout, stderr) = run(root, &["init"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.starts_with("wrote authlint.toml; found here: Node server library (apps/service)\n"), "{stdout}");
    assert_eq!(fs::read_to_string(root.join("authlint.toml")).unwrap(), printed);
    assert_eq!(findings(root, &[]), before);

    // The README shows the same snippets.
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let indented = |line: &str| line.starts_with([' ', '-']) || line.contains(": ") || line.ends_with(':');
    for start in ["repos:\n", "name: authlint\n"] {
        let snippet: String =
            stdout[stdout.find(start).unwrap()..].split_inclusive('\n').take_while(|line| indented(line.trim_end())).collect();
        assert!(snippet.lines().count() > 4 && readme.contains(&snippet), "{snippet}");
    }

    write(root, &[("authlint.toml", "selct = []\n")]);
    let (code, stdout, stderr) = run(root, &["init"]);
    assert!(code == 2 && stdout.is_empty() && stderr.contains("authlint.toml exists already") && stderr.contains("--force"), "{stderr}");
    assert_eq!(fs::read_to_string(root.join("authlint.toml")).unwrap(), "selct = []\n");
    // A configuration that is broken does not keep a new one from being written.
    assert_eq!(run(root, &["init", "--force"]).0, 0);
    assert_eq!(fs::read_to_string(root.join("authlint.toml")).unwrap(), printed);
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_out_of_the_project() {
    let folder = monorepo();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path().join("target"), folder.path().join("authlint.toml")).unwrap();
    assert_eq!(run(folder.path(), &["init"]).0, 2);
    fs::write(outside.path().join("secret"), "T7r-wq9Zk3 = 1").unwrap();
    let linked = monorepo();
    std::os::unix::fs::symlink(outside.path().join("secret"), linked.path().join("authlint.toml")).unwrap();
    let (code, _, stderr) = run(linked.path(), &[]);
    assert!(code == 2 && stderr.contains("it is a link") && !stderr.contains("T7r"), "{stderr}");
    // Whoever names it may.
    assert!(run(linked.path(), &["--config", "authlint.toml"]).2.contains("there is no key"));
    assert!(!outside.path().join("target").exists());
}
