//! Where the binary writes what: several formats in one run, the summary of a job, and the subcommands that print no findings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::cargo::cargo_bin_cmd;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/next-app-sip-login")
}

/// Runs the binary with variables and gives its exit code and both streams.
fn run_with(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
    let mut command = cargo_bin_cmd!("authlint");
    command.current_dir(folder).env_remove("GITHUB_STEP_SUMMARY").env("COLUMNS", "100").env("LC_ALL", "C.UTF-8");
    let output = command.envs(variables.iter().copied()).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    run_with(folder, &[], arguments)
}

const MACHINE: [&str; 10] = ["concise", "json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "markdown", "html"];

#[test]
fn one_run_writes_every_format_as_runs_of_their_own_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = |format: &str| folder.path().join(format).display().to_string();
    let targets: Vec<String> = MACHINE.iter().map(|format| format!("{format}={}", file(format))).collect();
    let mut arguments: Vec<&str> = targets.iter().flat_map(|target| ["--format", target]).collect();
    let (code, stdout, stderr) = run(&fixture(), &arguments);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert!(stderr.starts_with("3 errors in 2 files (11 seen, 7 parsed)"), "{stderr}");
    for format in MACHINE {
        let (code, alone, _) = run(&fixture(), &["--format", format]);
        assert_eq!(code, 1);
        assert!(fs::read_to_string(file(format)).unwrap() == alone, "{format} differs beside others");
    }
    arguments.extend(["--format", "human"]);
    let (code, stdout, stderr) = run(&fixture(), &arguments);
    assert_eq!((code, stderr.as_str()), (1, ""));
    assert!(stdout.contains("error[password-login]") && stdout.contains("3 errors in 2 files"), "{stdout}");
}

#[test]
fn colours_go_to_the_terminal_and_never_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let target = format!("human={}", folder.path().join("out.txt").display());
    let arguments = ["--format", &target, "--format", "concise", "--color", "always"];
    assert_eq!(run_with(&fixture(), &[("FORCE_HYPERLINK", "1")], &arguments).0, 1);
    let text = fs::read_to_string(folder.path().join("out.txt")).unwrap();
    assert!(text.contains("error[password-login]") && !text.contains('\u{1b}'), "{text}");
    // A pipe gets no links, whatever the environment says.
    let (_, stdout, _) = run_with(&fixture(), &[("FORCE_HYPERLINK", "1")], &["--color", "always"]);
    assert!(stdout.contains("\u{1b}[") && !stdout.contains("\u{1b}]8"), "{stdout}");
}

#[test]
fn targets_that_cannot_be_are_wrong_usage_before_anything_is_read() {
    for (arguments, expected) in [
        (&["--format", "json", "--format", "sarif"][..], "only one --format can go to the standard output"),
        (&["--format", "json=a", "--format", "sarif=a"], "two formats cannot go to the same file"),
        (&["--format", "json=a", "--output", "b"], "--output goes with one --format"),
        (&["--format", "jsn=a"], "invalid value 'jsn'"),
        (&["--step-summary"], "no job summary to append to"),
    ] {
        let (code, stdout, stderr) = run(&fixture(), arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    let (code, _, stderr) = run(&fixture(), &["--format", "json=/no/such/folder/a"]);
    assert!(code == 3 && stderr.contains("cannot write /no/such/folder/a"), "{stderr}");
}

#[test]
fn a_job_summary_is_appended_to() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "# Before\n").unwrap();
    let variables = [("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let (code, stdout, _) = run_with(&fixture(), &variables, &["--step-summary", "--format", "concise"]);
    assert_eq!((code, stdout.lines().count()), (1, 3));
    let text = fs::read_to_string(&summary).unwrap();
    let (_, markdown, _) = run(&fixture(), &["--format", "markdown"]);
    assert_eq!(text, format!("# Before\n{markdown}"));
    // Without the option the file is left alone.
    run_with(&fixture(), &variables, &[]);
    assert_eq!(fs::read_to_string(&summary).unwrap(), text);
}

#[test]
fn the_page_of_a_check_has_the_map_of_what_was_checked() {
    let (_, page, _) = run(&fixture(), &["--format", "html"]);
    assert!(page.contains("<h2 id=\"map\">") && page.contains("<svg") && page.contains("id=\"part-0\""));
    assert!(page.contains("data-rule=\"shared-credential\""));
    let (_, page, _) = run(&fixture(), &["--format", "html", "--ignore", "shared-credential"]);
    assert!(page.contains("<svg") && !page.contains("shared-credential"));
}

#[test]
fn the_doctor_tells_about_the_run_and_nothing_about_the_contents() {
    let home = tempfile::Builder::new().prefix("home-of-alice-").tempdir().unwrap();
    let project = home.path().join("secret-project");
    fs::create_dir_all(project.join("src")).unwrap();
    fs::write(project.join("src/hidden-name.ts"), "const password = 'T7r-wq9Z-fK2m'\n").unwrap();
    fs::write(project.join("authlint.toml"), "min-confidence = 'nonsense'\n").unwrap();
    let variables = [("HOME", home.path().to_str().unwrap()), ("NO_COLOR", "planted-value"), ("TELNYX_API_KEY", "planted-value")];
    let (code, stdout, stderr) = run_with(&project, &variables, &["doctor"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    for expected in ["authlint 0.1.0", "target: ", "1 TypeScript", "authlint.toml: here, not valid", "NO_COLOR", "8 MiB"] {
        assert!(stdout.contains(expected), "{expected}: {stdout}");
    }
    for hidden in ["planted-value", "T7r-wq9Z", "hidden-name", "home-of-alice", "secret-project", "TELNYX_API_KEY", "nonsense"] {
        assert!(!stdout.contains(hidden), "{hidden}: {stdout}");
    }
}

#[test]
fn shells_and_man_learn_every_subcommand() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, script, _) = run(folder.path(), &["completions", shell]);
        assert_eq!(code, 0);
        for word in ["trace", "merge", "step-summary"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        assert_eq!(script, run(folder.path(), &["completions", shell]).1);
    }
    let (_, bash, _) = run(folder.path(), &["completions", "bash"]);
    fs::write(folder.path().join("authlint.bash"), bash).unwrap();
    let parsed = std::process::Command::new("bash").arg("-n").arg(folder.path().join("authlint.bash")).status();
    assert!(parsed.is_ok_and(|status| status.success()));

    let (code, page, _) = run(folder.path(), &["man"]);
    assert!(code == 0 && page.contains(".TH AUTHLINT 1") && page.contains("fail\\-on"), "{page}");
    let (code, page, _) = run(folder.path(), &["man", "merge"]);
    assert!(code == 0 && page.contains(".TH AUTHLINT-MERGE 1") && page.contains("authlint merge"), "{page}");
    let (code, _, stderr) = run(folder.path(), &["man", "nothing"]);
    assert!(code == 2 && stderr.contains("there is no subcommand `nothing`"), "{stderr}");
    assert_eq!(run(folder.path(), &["completions", "tcsh"]).0, 2);
}

#[test]
fn no_help_text_is_wider_than_80_columns() {
    let folder = tempfile::tempdir().unwrap();
    let (_, help, _) = run_with(folder.path(), &[("COLUMNS", "200")], &["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 8, "{names:?}");
    for name in std::iter::once("").chain(names) {
        for option in ["-h", "--help"] {
            let arguments: Vec<&str> =
                [name, option].into_iter().filter(|word| !word.is_empty() && (*word != "--help" || name != "help")).collect();
            let (_, text, _) = run_with(folder.path(), &[("COLUMNS", "200")], &arguments);
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{arguments:?}: {line}");
            }
        }
    }
}

/// Runs the binary in a terminal of its own, which `script` opens, and gives what the terminal gets. None where there is no `script`.
fn in_terminal(folder: &Path, arguments: &str) -> Option<String> {
    let binary = cargo_bin_cmd!("authlint").get_program().to_owned();
    let command = format!("'{}' {arguments}", binary.to_str()?);
    let mut script = std::process::Command::new("script");
    script.current_dir(folder).env("TERM", "xterm").env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR").env_remove("CI");
    let output =
        script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).stdin(std::process::Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()
}

/// A project that takes a debug build well over a second.
fn long_run() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let client = "const account = await fetch('/api/account').then((r) => r.json())\nnew TelnyxRTC({ login: account.login, password: account.password }).connect()\n";
    for index in 0..300 {
        let text =
            format!("import {{ TelnyxRTC }} from '@telnyx/webrtc'\n{}", client.replace("account", &format!("account{index}")).repeat(4));
        fs::write(folder.path().join(format!("phone{index}.ts")), text).unwrap();
    }
    folder
}

#[test]
fn a_long_run_shows_its_progress_in_a_terminal_only_and_leaves_nothing_behind() {
    let folder = long_run();
    let Some(seen) = in_terminal(folder.path(), "--format concise --select outdated-sdk") else { return };
    assert!(seen.contains("authlint: ") && seen.contains(" s)"), "{seen:?}");
    assert!(
        seen.ends_with("\r\u{1b}[K") || seen.contains("\r\u{1b}[Knotice"),
        "the line is cleared before anything else is printed: {seen:?}"
    );
    for quiet in ["--no-progress", "--quiet"] {
        let seen = in_terminal(folder.path(), &format!("--format concise --select outdated-sdk {quiet}")).unwrap();
        assert!(!seen.contains("authlint: ") && !seen.contains("\u{1b}[K"), "{quiet}: {seen:?}");
    }
    let (_, stdout, stderr) = run(folder.path(), &["--format", "concise", "--select", "outdated-sdk"]);
    assert!(!stdout.contains('\u{1b}') && !stderr.contains('\u{1b}') && !stderr.contains("authlint: "), "{stderr}");
}

#[test]
fn paths_and_rules_are_links_in_a_terminal_that_knows_links() {
    let Some(plain) = in_terminal(&fixture(), "lib/softphone.ts --no-progress --color never") else { return };
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let binary = |variables: &str| {
        let program = cargo_bin_cmd!("authlint").get_program().to_str().unwrap().to_owned();
        let mut script = std::process::Command::new("script");
        let command = format!("{variables} '{program}' lib/softphone.ts --no-progress");
        script.current_dir(fixture()).env("TERM", "xterm").env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR");
        script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).stdin(std::process::Stdio::null());
        String::from_utf8(script.output().unwrap().stdout).unwrap()
    };
    let linked = binary("FORCE_HYPERLINK=1");
    let root = fixture().canonicalize().unwrap();
    assert!(linked.contains(&format!("\u{1b}]8;;file://{}/lib/softphone.ts\u{1b}\\lib/softphone.ts:19:17", root.display())), "{linked:?}");
    assert!(linked.contains(&format!("\u{1b}]8;;file://{}/app/api/telnyx/account/route.ts\u{1b}\\", root.display())), "{linked:?}");
    assert!(linked.contains("\u{1b}\\password-login\u{1b}]8;;\u{1b}\\"), "{linked:?}");
    // What a reader sees is the same with and without links.
    let visible = |text: &str| {
        let mut seen = String::new();
        let mut rest = text;
        while let Some((before, link)) = rest.split_once("\u{1b}]8;;") {
            seen.push_str(before);
            rest = link.split_once("\u{1b}\\").unwrap().1;
        }
        let seen = seen + rest;
        seen.lines().filter(|line| !line.contains("seen, ")).map(str::to_owned).collect::<Vec<_>>()
    };
    let without = binary("FORCE_HYPERLINK=0");
    assert!(!without.contains("\u{1b}]8"));
    assert_eq!(visible(&linked), visible(&without));
}
