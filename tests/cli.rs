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

/// An app whose page loads `src/main.ts`, which gives `src/phone.ts` a password from `src/account.ts`.
fn app() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
    for (path, text) in [
        ("package.json", r#"{ "dependencies": { "@telnyx/webrtc": "^2.26.1" } }"#),
        ("index.html", r#"<script type="module" src="/src/main.ts"></script>"#),
        ("src/main.ts", "import { call } from './phone'\nimport { account } from './account'\ncall(account)\n"),
        (
            "src/phone.ts",
            "import { TelnyxRTC } from '@telnyx/webrtc'\nexport const call = ({ user, pass }) =>\n  new TelnyxRTC({ login: user, password: pass }).connect()\n",
        ),
        ("src/account.ts", "export const account = { user: 'alice', pass: 'T7r-wq9Z-fK2m' }\n"),
        ("src/other.ts", "export const answer = 42\n"),
        ("dist/app.js", "new TelnyxRTC({ login: 'alice', password: 'T7r-wq9Z-fK2m' })\n"),
        (".gitignore", "ignored.ts\n"),
        ("src/ignored.ts", "new TelnyxRTC({ login: 'alice', password: 'T7r-wq9Z-fK2m' })\n"),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn a_named_file_is_judged_in_the_light_of_the_project_and_reported_alone() {
    let folder = app();
    let files = ["src/phone.ts", "src/account.ts", "src/other.ts", "src/main.ts", "package.json"];
    let (_, whole, _) = run(folder.path(), &["--format", "concise"]);
    let mut alone = String::new();
    for file in files {
        let (code, stdout, stderr) = run(folder.path(), &["--format", "concise", file]);
        assert_eq!((code, stderr.as_str()), (i32::from(!stdout.is_empty()), ""), "{file}");
        assert!(stdout.lines().all(|line| line.starts_with(&format!("{file}:"))), "{stdout}");
        alone.push_str(&stdout);
    }
    // Each on its own, they say what the whole run says: the origin of the password was followed out of `src/phone.ts`.
    let sorted = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(sorted(&alone), sorted(&whole));
    assert!(whole.contains("error[password-login]") && whole.contains("src/account.ts:"), "{whole}");
    let together: Vec<&str> = ["--format", "concise"].into_iter().chain(files).collect();
    assert_eq!(run(folder.path(), &together).1, whole);
}

#[test]
fn named_files_that_are_excluded_are_a_note_and_no_failure() {
    let folder = app();
    for file in ["src/ignored.ts", "dist/app.js"] {
        let (code, stdout, stderr) = run(folder.path(), &[file]);
        assert_eq!(code, 0, "{stdout}");
        assert!(stdout.starts_with("no findings in ") && stderr.starts_with(&format!("notice[excluded]: {file}: ")), "{stdout}{stderr}");
        assert_eq!(run(folder.path(), &["--quiet", file]), (0, String::new(), String::new()), "{file}");
    }
    assert_eq!(run(folder.path(), &["--quiet", "dist/app.js", "src/other.ts"]).0, 0);
    assert_eq!(run(folder.path(), &["--quiet", "dist/app.js", "src/account.ts", "src/phone.ts"]).0, 1);
}

#[test]
fn a_trace_leads_from_the_option_to_the_literal_and_masks_it() {
    let folder = app();
    let (code, stdout, stderr) = run(folder.path(), &["trace", "src/phone.ts:3:42"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    for expected in ["trace of `pass`", "src/phone.ts:3:42", "runs in: client", "limits: none was hit", "src/account.ts:1"] {
        assert!(stdout.contains(expected), "{expected}: {stdout}");
    }
    assert!(!stdout.contains("T7r-wq9Z"), "{stdout}");

    let (code, stdout, _) = run(folder.path(), &["trace", "src/phone.ts:3:42", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(code, 0);
    assert_eq!((&json["schema_version"], &json["expression"]["text"]), (&1.into(), &"pass".into()), "{stdout}");
    assert_eq!((&json["zone"]["kind"], &json["limits"]), (&"client".into(), &serde_json::json!([])), "{stdout}");
    let origin = &json["origins"][0];
    assert_eq!((&origin["what"], &origin["kind"], &origin["path"]), (&"literal".into(), &"literal".into(), &"src/account.ts".into()));
    assert_eq!((&origin["derived"], &origin["conditions"]), (&false.into(), &serde_json::json!([])));
    let step = &origin["steps"][0];
    assert_eq!(step["span"]["start"]["line"], 1);
    assert!(step["code"].as_str().unwrap().starts_with("export const account = {"), "{stdout}");
    assert!(!stdout.contains("T7r-wq9Z"), "{stdout}");
}

#[test]
fn a_finding_and_a_trace_show_the_condition_that_a_value_is_under() {
    let folder = app();
    let script = "import { TelnyxRTC } from '@telnyx/webrtc';\nlet password = ask();\nif (import.meta.env.VITE_DEMO === 'on') {\n  \
                  password = import.meta.env.VITE_SIP_PASSWORD;\n}\nexport const client = new TelnyxRTC({ login: name(), password });\n";
    std::fs::write(folder.path().join("src/phone.ts"), script).unwrap();
    let (_, report, _) = run(folder.path(), &["--format", "json", "--select", "password-login"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let label = &report["findings"][0]["labels"][0];
    assert_eq!(label["message"], "only if `import.meta.env.VITE_DEMO === 'on'`", "{report:#}");
    assert_eq!((&label["path"], &label["span"]["start"]["line"]), (&"src/phone.ts".into(), &3.into()));
    let (code, traced, _) = run(folder.path(), &["trace", "src/phone.ts:6:57"]);
    assert_eq!(code, 0);
    assert!(
        traced.split_whitespace().collect::<Vec<_>>().join(" ").contains("only if import.meta.env.VITE_DEMO === 'on' (src/phone.ts:3)"),
        "{traced}"
    );
}

#[test]
fn a_place_may_be_written_in_several_ways() {
    let folder = app();
    let (_, expected, _) = run(folder.path(), &["trace", "src/phone.ts:3:42"]);
    let absolute = format!("{}:3:42", folder.path().join("src/phone.ts").display());
    for place in
        ["./src/phone.ts:3:42", "src/../src/phone.ts:3:42", "src/phone.ts:3:44", "src/phone.ts:3:33", &absolute, "src/phone.ts:3:42-46"]
    {
        let (code, stdout, stderr) = run(folder.path(), &["trace", place]);
        assert_eq!((code, stdout.as_str()), (0, expected.as_str()), "{place}: {stderr}");
    }
}

#[test]
fn a_trace_that_cannot_be_made_says_why_and_what_to_do() {
    let folder = app();
    for (place, code, expected) in [
        ("src/phone.ts", 2, "expected FILE:LINE or FILE:LINE:COLUMN"),
        ("src/phone.ts:0", 2, "lines and columns count from 1"),
        ("src/phone.ts:99", 2, "the file has 4 lines"),
        ("src/phone.ts:1:200", 2, "the line has 42 columns"),
        ("src/phone.ts:4", 2, "no value starts in this line"),
        ("src/phone.ts:3:1", 2, "values start in this line at column 3"),
        ("src:1", 2, "src is a folder"),
        ("src/ignored.ts:1", 2, "an ignore rule excludes it"),
        ("dist/app.js:1", 2, "build output"),
        (".gitignore:1", 2, "is not analysed as code"),
        ("missing.ts:1", 3, "cannot read missing.ts"),
    ] {
        let (found, stdout, stderr) = run(folder.path(), &["trace", place, "--color", "never"]);
        assert_eq!((found, stdout.as_str()), (code, ""), "{place}: {stderr}");
        let stderr = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(stderr.contains(expected), "{place}: {stderr}");
    }
}

#[test]
fn a_named_folder_is_judged_by_what_is_in_it() {
    let folder = app();
    let (_, inside, _) = run(folder.path(), &["--format", "concise"]);
    let outer = tempfile::Builder::new().prefix("project-").tempdir().unwrap();
    for name in ["fixtures", "__tests__/e2e", "examples"] {
        let target = outer.path().join(name).join("app");
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let copied =
            std::process::Command::new("cp").arg("-r").args([folder.path(), &target]).status().is_ok_and(|status| status.success());
        if !copied {
            continue;
        }
        let named = format!("{name}/app");
        let (_, found, _) = run(outer.path(), &["--format", "concise", &named]);
        assert_eq!(found.replace(&format!("{named}/"), ""), inside, "{named}");
    }
}

#[test]
fn verbose_says_what_was_left_out() {
    let folder = app();
    let (_, _, stderr) = run(folder.path(), &["--verbose"]);
    assert!(stderr.starts_with("notice[skipped]: folders with build output were not looked at: dist\n"), "{stderr}");
    assert_eq!(run(folder.path(), &[]).2, "");
}

#[test]
fn every_listed_rule_is_explained() {
    let folder = clean_project();
    let (code, list, _) = run(folder.path(), &["rules"]);
    assert_eq!(code, 0);
    let is_entry = |line: &&str| !line.starts_with(' ') && !line.is_empty() && !line.ends_with(':');
    for line in list.lines().filter(is_entry) {
        let name = line.split_whitespace().next().unwrap();
        let (code, page, _) = run(folder.path(), &["explain", name]);
        assert_eq!(code, 0, "{name}");
        assert!(page.starts_with(name) && page.contains("How to fix"), "{page}");
    }
}
