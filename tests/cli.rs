//! The command line's promises: exit codes, streams, and what users may type.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::{Output, Stdio};

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;

const FORMATS: [&str; 5] = ["human", "concise", "json", "sarif", "github"];

/// authlint in a folder, without what the surroundings say about colours and widths.
fn authlint(folder: &Path) -> Command {
    let mut command = cargo_bin_cmd!("authlint");
    command.current_dir(folder);
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM"] {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C.UTF-8");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = authlint(folder).args(arguments).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn clean_project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.ts"), "export const answer = 42;\n").unwrap();
    folder
}

#[test]
fn exit_codes_do_not_depend_on_the_format() {
    let folder = clean_project();
    for format in FORMATS {
        for (arguments, code) in [
            (&["."][..], 0),
            (&["check", "index.ts"], 0),
            (&["--select", "no-such-rule", "."], 2),
            (&["--ignore", "no-such-rule", "."], 2),
            (&["--fail-on", "nothing", "."], 2),
            (&["--no-such-option"], 2),
            (&["--quiet", "--verbose"], 2),
            (&["no/such/file.ts"], 3),
            (&["--output", "no/such/folder/report"], 3),
        ] {
            let arguments = [arguments, &["--format", format]].concat();
            let (found, _, stderr) = run(folder.path(), &arguments);
            assert_eq!(found, code, "{arguments:?}: {stderr}");
        }
    }
}

#[test]
fn failures_go_to_the_standard_error_only() {
    let folder = clean_project();
    for (arguments, expected) in [
        (&["--format", "json", "--select", "no-such-rule"][..], "there is no rule `no-such-rule`"),
        (&["--format", "json", "missing.ts"], "cannot read missing.ts"),
        (&["explain", "no-such-rule"], "`authlint rules` lists all rules"),
    ] {
        let (_, stdout, stderr) = run(folder.path(), arguments);
        assert_eq!(stdout, "", "{arguments:?}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn check_is_what_happens_without_a_command() {
    let folder = clean_project();
    assert_eq!(run(folder.path(), &["--format", "json", "index.ts"]), run(folder.path(), &["check", "--format", "json", "index.ts"]));
    let (code, stdout, _) = run(folder.path(), &[]);
    assert_eq!(code, 0);
    assert!(stdout.starts_with("no findings in "), "{stdout}");
}

#[test]
fn machine_formats_are_well_formed_on_a_clean_project() {
    let folder = clean_project();
    let json: serde_json::Value = serde_json::from_str(&run(folder.path(), &["--format", "json"]).1).unwrap();
    assert_eq!((&json["schema_version"], &json["findings"]), (&1.into(), &serde_json::json!([])));
    let sarif: serde_json::Value = serde_json::from_str(&run(folder.path(), &["--format", "sarif"]).1).unwrap();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], true);
    assert_eq!(run(folder.path(), &["--format", "concise"]).1, "");
    assert_eq!(run(folder.path(), &["--format", "github"]).1, "");
}

#[test]
fn output_goes_to_the_file_and_the_summary_to_the_standard_error() {
    let folder = clean_project();
    let on_screen = run(folder.path(), &["--format", "json"]).1;
    // The report lies outside the project, so that it is not part of what is checked.
    let target = tempfile::tempdir().unwrap();
    let path = target.path().join("report.json");
    let (code, stdout, stderr) = run(folder.path(), &["--format", "json", "--output", path.to_str().unwrap()]);
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert!(stderr.starts_with("no findings in "), "{stderr}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), on_screen);
}

#[test]
fn quiet_says_nothing_about_a_clean_project() {
    let folder = clean_project();
    assert_eq!(run(folder.path(), &["--quiet"]), (0, String::new(), String::new()));
}

#[test]
fn colours_follow_the_option_then_the_environment_then_the_terminal() {
    let folder = clean_project();
    for (arguments, variables, coloured) in [
        (&[][..], &[][..], false),
        (&["--color", "always"], &[], true),
        (&["--color", "always"], &["NO_COLOR"], true),
        (&[], &["CLICOLOR_FORCE"], true),
        (&[], &["CLICOLOR_FORCE", "NO_COLOR"], false),
        (&["--color", "never"], &["CLICOLOR_FORCE"], false),
    ] {
        let mut command = authlint(folder.path());
        command.args(arguments).envs(variables.iter().map(|name| (*name, "1")));
        let stdout = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert_eq!(stdout.contains('\u{1b}'), coloured, "{arguments:?} {variables:?}: {stdout:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = clean_project();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("authlint"))
        .args(["--format", "sarif"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_listed_rule_is_explained() {
    let folder = clean_project();
    let (code, list, _) = run(folder.path(), &["rules"]);
    assert_eq!(code, 0);
    for line in list.lines().filter(|line| !line.starts_with(' ')) {
        let name = line.split_whitespace().next().unwrap();
        let (code, page, _) = run(folder.path(), &["explain", name]);
        assert_eq!(code, 0, "{name}");
        assert!(page.starts_with(name) && page.contains("How to fix"), "{page}");
    }
}
