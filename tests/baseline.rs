//! The baseline: what it hides, what it keeps, and that nothing but fingerprints stands in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::cargo::cargo_bin_cmd;
use harness::{Files, Project, TestResult, fixtures, planted};

const FILE: &str = "authlint-baseline.json";

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = cargo_bin_cmd!("authlint");
    let Output { status, stdout, stderr } = command.current_dir(folder).args(arguments).args(["--color", "never"]).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn project(files: &[(&str, &str)]) -> Project {
    let files: Files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    Project::new(&files).unwrap()
}

fn write(project: &Project, path: &str, text: &str) {
    let target = project.root().join(path);
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    fs::write(target, harness::fill_placeholders(text).unwrap()).unwrap();
}

/// What a check against the baseline still reports, as `path:line`.
fn new_findings(project: &Project) -> Vec<String> {
    let (_, stdout, _) = run(project.root(), &["--baseline", FILE, "--format", "concise"]);
    stdout.lines().map(|line| line.splitn(3, ':').take(2).collect::<Vec<_>>().join(":")).collect()
}

const ONE: (&str, &str) = ("deploy.sh", "export A={{fake:api-key:1}}\n");
const TWO: (&str, &str) = ("b/run.sh", "start --key {{fake:api-key:2}}\nstop\nexport B={{fake:api-key:3}}\n");

#[test]
fn known_findings_are_hidden_and_counted_in_every_format() {
    let project = project(&[ONE, TWO]);
    assert_eq!(run(project.root(), &[]).0, 1);
    assert_eq!(run(project.root(), &["baseline"]).1, format!("{FILE}: 3 known findings\n"));
    for format in ["human", "concise", "json", "sarif", "github"] {
        let (code, stdout, stderr) = run(project.root(), &["--baseline", FILE, "--format", format]);
        assert_eq!(code, 0, "{format}: {stdout}{stderr}");
        assert!(!stdout.contains("deploy.sh"), "{format}: {stdout}");
    }
    let (_, human, _) = run(project.root(), &["--baseline", FILE]);
    assert!(human.contains("3 known findings hidden by the baseline"), "{human}");
    let json = |arguments: &[&str]| -> serde_json::Value { serde_json::from_str(&run(project.root(), arguments).1).unwrap() };
    assert_eq!(json(&["--baseline", FILE, "--format", "json"])["summary"]["in_baseline"], 3);

    write(&project, "c.sh", "export C={{fake:api-key:4}}\n");
    let sarif = json(&["--baseline", FILE, "--format", "sarif", "--show-suppressed"]);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let states: Vec<_> =
        results.iter().map(|result| (result["baselineState"].as_str().unwrap(), result["suppressions"][0]["kind"].as_str())).collect();
    assert_eq!(states, [("new", None), ("unchanged", Some("external")), ("unchanged", Some("external")), ("unchanged", Some("external"))]);
    let schema: serde_json::Value = serde_json::from_str(include_str!("sarif/sarif-schema-2.1.0.json")).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&sarif));
    let plain = json(&["--baseline", FILE, "--format", "sarif"]);
    assert_eq!((plain["runs"][0]["results"].as_array().unwrap().len(), plain["runs"][0]["results"][0].get("baselineState")), (1, None));
}

#[test]
fn moved_lines_and_rotated_secrets_stay_known_and_copies_are_new() {
    let project = project(&[ONE, TWO]);
    run(project.root(), &["baseline"]);
    write(&project, ONE.0, "#!/bin/sh\n\n\nexport   A={{fake:api-key:9}}\n");
    assert_eq!(new_findings(&project), Vec::<String>::new());
    write(&project, ONE.0, "export A={{fake:api-key:1}}\necho\nexport A={{fake:api-key:1}}\nexport Z={{fake:api-key:1}}\n");
    assert_eq!(new_findings(&project), ["deploy.sh:3", "deploy.sh:4"]);
    write(&project, "copy.sh", ONE.1);
    assert!(new_findings(&project).contains(&"copy.sh:1".to_owned()));
}

#[test]
fn renamed_files_and_folders_stay_known() {
    let project = project(&[ONE, TWO]);
    run(project.root(), &["baseline"]);
    fs::rename(project.root().join("deploy.sh"), project.root().join("release.sh")).unwrap();
    fs::rename(project.root().join("b"), project.root().join("scripts")).unwrap();
    assert_eq!(new_findings(&project), Vec::<String>::new());
    let (code, stdout, _) = run(project.root(), &["baseline", "--prune"]);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "b/run.sh is scripts/run.sh now\ndeploy.sh is release.sh now\nauthlint-baseline.json: 3 known findings, 0 fixed, 0 new\n")
    );
    let text = fs::read_to_string(project.root().join(FILE)).unwrap();
    assert!(text.contains("\"scripts/run.sh\"") && !text.contains("\"b/run.sh\""), "{text}");
}

#[test]
fn pruning_takes_out_what_was_fixed_and_adds_nothing() {
    let project = project(&[ONE, TWO]);
    run(project.root(), &["baseline"]);
    write(&project, ONE.0, "echo\n");
    write(&project, "c.sh", "export C={{fake:api-key:4}}\n");
    assert_eq!(run(project.root(), &["baseline", "--prune"]).1, format!("{FILE}: 2 known findings, 1 fixed, 0 new\n"));
    assert_eq!(new_findings(&project), ["c.sh:1"]);
    assert_eq!(run(project.root(), &["baseline"]).1, format!("{FILE}: 3 known findings, 0 fixed, 1 new\n"));
    assert_eq!(new_findings(&project), Vec::<String>::new());
}

#[test]
fn a_run_on_some_paths_keeps_what_is_known_of_the_others() {
    let project = project(&[ONE, TWO]);
    run(project.root(), &["baseline"]);
    write(&project, ONE.0, "echo\n");
    write(&project, TWO.0, "echo\n");
    assert_eq!(run(project.root(), &["baseline", "--prune", "b"]).1, format!("{FILE}: 1 known finding, 2 fixed, 0 new\n"));
    assert_eq!(run(project.root(), &["baseline", "b"]).1, format!("{FILE}: 1 known finding, 0 fixed, 0 new\n"));
    assert_eq!(run(project.root(), &["baseline", "--prune"]).1, format!("{FILE}: 0 known findings, 1 fixed, 0 new\n"));
}

#[test]
fn paths_are_those_of_the_file_wherever_authlint_runs() {
    let project = project(&[ONE, TWO]);
    run(project.root(), &["baseline"]);
    let (code, stdout, stderr) = run(&project.root().join("b"), &["--baseline", "../authlint-baseline.json"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("2 known findings hidden"), "{stdout}");
}

#[test]
fn the_configuration_names_the_file() {
    let project = project(&[ONE, TWO, ("authlint.toml", "baseline = 'ci/known.json'\n")]);
    fs::create_dir(project.root().join("ci")).unwrap();
    assert_eq!(run(project.root(), &["--format", "concise"]).0, 2);
    assert_eq!(run(project.root(), &["--no-config"]).0, 1);
    assert_eq!(run(project.root(), &["baseline"]).1, "ci/known.json: 3 known findings\n");
    for folder in [project.root().to_owned(), project.root().join("b")] {
        assert_eq!(run(&folder, &[]).0, 0);
    }
}

#[test]
fn suppressed_findings_need_no_baseline() {
    let project = project(&[ONE, ("a.sh", "# authlint-ignore hardcoded-secret -- revoked\nexport A={{fake:api-key:1}}\n")]);
    assert_eq!(run(project.root(), &["baseline"]).1, format!("{FILE}: 1 known finding\n"));
}

#[test]
fn what_is_no_baseline_is_wrong_usage() {
    let project = project(&[ONE]);
    fs::write(project.root().join("conflict.json"), "<<<<<<< HEAD\n{}").unwrap();
    for (arguments, expected) in [
        (&["--baseline", "missing.json"][..], "cannot read the baseline missing.json"),
        (&["--baseline", "conflict.json"], "conflict.json is no baseline"),
        (&["baseline", "--output", "conflict.json"], "conflict.json is no baseline"),
        (&["baseline", "--prune"], "cannot read the baseline authlint-baseline.json"),
    ] {
        let (code, stdout, stderr) = run(project.root(), arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}

/// The same files with every planted secret exchanged for another one.
fn rotated(files: &Files) -> Files {
    let placeholder = regex::Regex::new(r"\{\{fake:([a-z-]+):(\d+)\}\}").unwrap();
    let rotate = |content: &Vec<u8>| match std::str::from_utf8(content) {
        Ok(text) => placeholder.replace_all(text, "{{fake:$1:7$2}}").into_owned().into_bytes(),
        Err(_) => content.clone(),
    };
    files.iter().map(|(path, content)| (path.clone(), rotate(content))).collect()
}

#[test]
fn nothing_of_a_secret_goes_into_the_file() -> TestResult {
    let mut known = 0;
    for folder in fixtures()? {
        let files = harness::files(&folder)?;
        let mut written = Vec::new();
        for files in [&files, &rotated(&files)] {
            let project = Project::new(files)?;
            let (_, stdout, stderr) = run(project.root(), &["baseline"]);
            let text = fs::read_to_string(project.root().join(FILE))?;
            for secret in planted(files)? {
                assert!([&text, &stdout, &stderr].iter().all(|text| !text.contains(&secret)), "{}", folder.display());
            }
            known += text.matches("\"rule\"").count();
            written.push(text);
        }
        // A hash of a secret could be guessed. Another secret gives the same file, so that there is none in it.
        assert_eq!(written[0], written[1], "{}", folder.display());
    }
    assert!(known > 50, "{known}");
    Ok(())
}
