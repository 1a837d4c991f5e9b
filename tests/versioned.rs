//! `--staged` and `--changed`, through the binary, in repositories that the real git makes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::Command;

/// A client with a password that everybody can read: one finding of `password-login` in line 2.
const WRONG: &str =
    "import { TelnyxRTC } from '@telnyx/webrtc';\nnew TelnyxRTC({ login: user(), password: import.meta.env.VITE_PASSWORD }).connect();\n";
/// A client without a mistake of that rule.
const RIGHT: &str = "import { TelnyxRTC } from '@telnyx/webrtc';\nnew TelnyxRTC({ login_token: await token() }).connect();\n";

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_authlint"))
}

/// Runs git without anything of the machine's or the user's configuration.
fn git(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE");
    command.output().expect("git is installed")
}

fn must(folder: &Path, arguments: &[&str]) {
    let output = git(folder, arguments);
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A repository whose first commit holds a manifest, a page and these files.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("repository-").tempdir().unwrap();
    must(folder.path(), &["init", "--quiet"]);
    write(folder.path(), "package.json", r#"{ "dependencies": { "@telnyx/webrtc": "^2.26.1", "vite": "^6.0.0" } }"#);
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    must(folder.path(), &["add", "--all"]);
    must(folder.path(), &["commit", "--quiet", "--message", "first"]);
    folder
}

/// Exit code, the places of the findings and what the standard error says.
fn check(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, Vec<String>, String) {
    let mut command = binary();
    command.current_dir(folder).env_remove("GIT_INDEX_FILE").envs(variables.iter().copied());
    let output = command.args(["--select", "password-login", "--format", "json"]).args(arguments).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let places = findings.iter().map(|finding| format!("{}:{}", finding["path"].as_str().unwrap(), finding["span"]["start"]["line"]));
    (output.status.code().unwrap(), places.collect(), error)
}

fn found(folder: &Path, arguments: &[&str]) -> Vec<String> {
    check(folder, arguments, &[]).1
}

#[test]
fn staged_contents_are_judged_whatever_the_work_tree_has() {
    for (staged, on_disk, expected) in
        [(WRONG, RIGHT, &["src/phone.ts:2"][..]), (RIGHT, WRONG, &[]), (WRONG, WRONG, &["src/phone.ts:2"]), (RIGHT, RIGHT, &[])]
    {
        let folder = repository(&[("src/other.ts", "export const answer = 42;\n")]);
        write(folder.path(), "src/phone.ts", staged);
        must(folder.path(), &["add", "--all"]);
        write(folder.path(), "src/phone.ts", on_disk);
        assert_eq!(found(folder.path(), &["--staged"]), expected);
    }
}

#[test]
fn a_file_that_is_staged_and_gone_from_the_disk_is_judged() {
    let folder = repository(&[]);
    write(folder.path(), "src/phone.ts", WRONG);
    must(folder.path(), &["add", "--all"]);
    std::fs::remove_dir_all(folder.path().join("src")).unwrap();
    assert_eq!(found(folder.path(), &["--staged"]), ["src/phone.ts:2"]);
}

#[test]
fn only_what_the_commit_changes_is_reported_in_the_light_of_everything_it_holds() {
    let sink = "import { TelnyxRTC } from '@telnyx/webrtc';\nexport const start = (options) => new TelnyxRTC(options).connect();\n";
    let folder = repository(&[("src/old.ts", WRONG), ("src/start.ts", sink)]);
    write(
        folder.path(),
        "src/main.ts",
        "import { start } from './start';\nstart({ login: user(), password: import.meta.env.VITE_PASSWORD });\n",
    );
    must(folder.path(), &["add", "--all"]);
    write(folder.path(), "src/untracked.ts", WRONG);
    assert_eq!(found(folder.path(), &["--staged"]), ["src/main.ts:2"]);
    assert_eq!(found(folder.path(), &["--staged", "src/start.ts"]), [""; 0], "paths narrow it down");
    assert_eq!(found(folder.path(), &[]), ["src/main.ts:2", "src/old.ts:2", "src/untracked.ts:2"]);
}

#[test]
fn what_is_not_in_the_index_is_not_there() {
    // The staged file imports one that was forgotten.
    let folder = repository(&[]);
    let main =
        "import { TelnyxRTC } from '@telnyx/webrtc';\nimport { password } from './secret';\nnew TelnyxRTC({ login: user(), password });\n";
    write(folder.path(), "src/main.ts", main);
    must(folder.path(), &["add", "--all"]);
    write(folder.path(), "src/secret.ts", "export const password = 'T7r-wq9Z-fK2m';\n");
    let (_, places, _) = check(folder.path(), &["--staged"], &[]);
    assert_eq!(places, ["src/main.ts:3"]);
    let output = binary().current_dir(folder.path()).args(["--staged", "--format", "json"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("secret.ts"));
}

#[test]
fn nothing_staged_is_clean() {
    let folder = repository(&[("src/phone.ts", WRONG)]);
    write(folder.path(), "src/later.ts", WRONG);
    let (code, places, _) = check(folder.path(), &["--staged"], &[]);
    assert_eq!((code, places.len()), (0, 0));
}

#[test]
fn a_first_commit_has_no_parent_to_compare_with() {
    let folder = tempfile::tempdir().unwrap();
    must(folder.path(), &["init", "--quiet"]);
    write(folder.path(), "src/phone.ts", WRONG);
    must(folder.path(), &["add", "--all"]);
    assert_eq!(found(folder.path(), &["--staged"]), ["src/phone.ts:2"]);
    assert_eq!(found(folder.path(), &["--changed"]), ["src/phone.ts:2"]);
}

#[test]
fn a_merge_conflict_is_a_notice() {
    let folder = repository(&[("src/phone.ts", RIGHT)]);
    must(folder.path(), &["checkout", "--quiet", "-b", "other"]);
    write(folder.path(), "src/phone.ts", "one();\n");
    must(folder.path(), &["commit", "--quiet", "--all", "--message", "one"]);
    must(folder.path(), &["checkout", "--quiet", "main"]);
    write(folder.path(), "src/phone.ts", "two();\n");
    must(folder.path(), &["commit", "--quiet", "--all", "--message", "two"]);
    assert!(!git(folder.path(), &["merge", "other"]).status.success());
    let (code, _, error) = check(folder.path(), &["--staged"], &[]);
    assert_eq!(code, 0);
    assert!(error.contains("src/phone.ts") && error.contains("merge conflict"), "{error}");
}

#[test]
fn changes_are_told_against_the_commit_or_where_a_branch_was_left() {
    let folder = repository(&[("src/old.ts", WRONG), ("src/same.ts", WRONG)]);
    must(folder.path(), &["checkout", "--quiet", "-b", "work"]);
    write(folder.path(), "src/committed.ts", WRONG);
    must(folder.path(), &["add", "--all"]);
    must(folder.path(), &["commit", "--quiet", "--message", "work"]);
    must(folder.path(), &["checkout", "--quiet", "main"]);
    write(folder.path(), "src/old.ts", RIGHT);
    must(folder.path(), &["commit", "--quiet", "--all", "--message", "main goes on"]);
    must(folder.path(), &["checkout", "--quiet", "work"]);
    write(folder.path(), "src/staged.ts", WRONG);
    must(folder.path(), &["add", "--all"]);
    write(folder.path(), "src/new.ts", WRONG);
    // Written again with the same content: no change.
    write(folder.path(), "src/same.ts", WRONG);
    assert_eq!(found(folder.path(), &["--changed"]), ["src/new.ts:2", "src/staged.ts:2"]);
    for since in ["main", "HEAD~1"] {
        let places = found(folder.path(), &["--changed", "--since", since]);
        assert_eq!(places, ["src/committed.ts:2", "src/new.ts:2", "src/staged.ts:2"], "{since}");
    }
}

#[test]
fn line_ends_of_the_check_out_are_no_change() {
    let folder = repository(&[("src/phone.ts", WRONG)]);
    write(folder.path(), "src/phone.ts", &WRONG.replace('\n', "\r\n"));
    assert_eq!(found(folder.path(), &["--changed"]), [""; 0]);
    write(folder.path(), "src/phone.ts", &format!("\r\n{WRONG}"));
    assert_eq!(found(folder.path(), &["--changed"]), ["src/phone.ts:3"]);
}

#[test]
fn a_folder_of_a_repository_is_a_working_root_too() {
    let folder = repository(&[("web/package.json", "{}")]);
    write(folder.path(), "web/src/phone.ts", WRONG);
    write(folder.path(), "other/phone.ts", WRONG);
    must(folder.path(), &["add", "--all"]);
    for changes in ["--staged", "--changed"] {
        assert_eq!(found(&folder.path().join("web"), &[changes]), ["src/phone.ts:2"], "{changes}");
    }
}

#[test]
fn what_cannot_be_compared_is_wrong_usage() {
    let outside = tempfile::tempdir().unwrap();
    let inside = repository(&[]);
    for (folder, arguments, expected) in [
        (outside.path(), &["--staged"][..], "there is no git repository"),
        (outside.path(), &["--changed"], "there is no git repository"),
        (inside.path(), &["--changed", "--since", "nowhere"], "there is no revision `nowhere`"),
        (inside.path(), &["--since", "main"], "--changed"),
        (inside.path(), &["--staged", "--changed"], "cannot be used with"),
    ] {
        let (code, _, error) = check(folder, arguments, &[]);
        assert_eq!(code, 2, "{arguments:?}: {error}");
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

#[test]
fn a_commit_hook_sees_what_is_committed_in_every_form_of_a_commit() {
    let folder = repository(&[("src/phone.ts", RIGHT), ("src/other.ts", "export const a = 1;\n")]);
    let hook = folder.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let program = env!("CARGO_BIN_EXE_authlint");
    std::fs::write(&hook, format!("#!/bin/sh\nexec '{program}' --staged --quiet --select password-login\n")).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let commits =
        |arguments: &[&str]| git(folder.path(), &[&["commit", "--quiet", "--message", "next"], arguments].concat()).status.success();

    write(folder.path(), "src/phone.ts", WRONG);
    assert!(!commits(&["--all"]), "--all stages in an index of its own");
    assert!(!commits(&["src/phone.ts"]), "and so does naming a file");
    write(folder.path(), "src/other.ts", "export const a = 2;\n");
    assert!(commits(&["src/other.ts"]), "the mistake is not part of this commit");
    must(folder.path(), &["add", "src/phone.ts"]);
    assert!(!commits(&[]));
    write(folder.path(), "src/phone.ts", RIGHT);
    must(folder.path(), &["add", "src/phone.ts"]);
    write(folder.path(), "src/phone.ts", WRONG);
    write(folder.path(), "src/other.ts", "export const a = 3;\n");
    must(folder.path(), &["add", "src/other.ts"]);
    assert!(commits(&[]), "what is only in the work tree does not block");
}

#[test]
fn nothing_that_the_repository_configures_is_run() {
    let folder = repository(&[("src/phone.ts", RIGHT)]);
    let trace = folder.path().join("ran");
    let program = folder.path().join(".git/program");
    std::fs::write(&program, format!("#!/bin/sh\ntouch '{}'\ncat\n", trace.display())).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    write(folder.path(), ".gitattributes", "*.ts filter=run diff=run\n");
    write(folder.path(), "src/phone.ts", WRONG);
    must(folder.path(), &["add", "--all"]);
    for key in ["core.fsmonitor", "filter.run.clean", "filter.run.smudge", "filter.run.process", "diff.run.textconv", "core.hooksPath"] {
        must(folder.path(), &["config", key, program.to_str().unwrap()]);
    }
    for changes in ["--staged", "--changed"] {
        assert_eq!(found(folder.path(), &[changes]), ["src/phone.ts:2"], "{changes}");
    }
    assert!(!trace.exists());
}
