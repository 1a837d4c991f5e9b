//! What the README shows is what the program does: its commands, outputs, rules, options and links.
//!
//! An output (of errors, where there is no other) stands in a fenced block after `<!-- output: FOLDER $ authlint ARGUMENTS -->`. A line `⋮` in it stands for any lines.
//! `AUTHLINT_BLESS=1 cargo test --test readme` writes the outputs without such lines anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::cargo::cargo_bin_cmd;
use authlint::rules::RULES;
use regex::Regex;

/// Stands for any number of lines.
const GAP: &str = "⋮";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// Runs authlint as somebody at a terminal of 100 columns would; exit code, standard output, standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = cargo_bin_cmd!("authlint");
    command.current_dir(folder).env("COLUMNS", "100").env("LC_ALL", "C.UTF-8").env_remove("CLICOLOR_FORCE");
    let output = command.args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The lines of the rows of the table whose header line begins with `header`.
fn table<'t>(text: &'t str, header: &str) -> Vec<Vec<&'t str>> {
    let rows = text.lines().skip_while(|line| !line.starts_with(header)).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

/// Whether `shown`, with its gaps, is `found`.
fn matches(shown: &str, found: &str) -> bool {
    let timing = Regex::new(r"\d+\.\d\d s\b").unwrap();
    let (shown, found) = (timing.replace_all(shown, "? s"), timing.replace_all(found, "? s"));
    let pattern: Vec<String> = shown.trim_end().split('\n').map(regex::escape).collect();
    let pattern = pattern.join("\n").replace(&format!("{GAP}\n"), "(?:.*\n)*?");
    Regex::new(&format!("^{pattern}$")).unwrap().is_match(found.trim_end())
}

#[test]
fn outputs_are_those_of_the_program() {
    let text = readme();
    let block = Regex::new(r"(?m)^<!-- output: (\S+) \$ authlint ?(.*?) ?-->\n```\w+\n((?s:.*?))^```$").unwrap();
    let mut blessed = text.clone();
    let mut failures = Vec::new();
    let mut blocks = 0;
    for found in block.captures_iter(&text) {
        let (command, shown) = (&found[2], &found[3]);
        let (_, output, errors) = run(&root().join(&found[1]), &command.split_whitespace().collect::<Vec<_>>());
        let output = if output.is_empty() { errors } else { output };
        blocks += 1;
        if !matches(shown, &output) {
            failures.push(format!("authlint {command} in {}:\n{output}", &found[1]));
            if !shown.contains(GAP) {
                let (before, after) = found[0].split_at(found[0].len() - shown.len() - "```".len());
                let fence = &after[shown.len()..];
                blessed = blessed.replace(&found[0], &format!("{before}{}\n{fence}", output.trim_end()));
            }
        }
    }
    assert!(blocks >= 3, "only {blocks} outputs");
    if std::env::var_os("AUTHLINT_BLESS").is_some() {
        fs::write(root().join("README.md"), blessed).unwrap();
    }
    assert!(failures.is_empty(), "README.md shows something else:\n{}", failures.join("\n"));
}

#[test]
fn the_first_commands_do_what_the_readme_says() {
    let text = readme();
    let commands: Vec<&str> =
        text.split("```sh\n").skip(1).filter_map(|block| block.split("```").next()).flat_map(str::lines).take(2).collect();
    let [first, second] = commands.as_slice() else { panic!("two commands, not {commands:?}") };
    let arguments: Vec<&str> = first.strip_prefix("cargo run --release -- ").expect(first).split_whitespace().collect();
    let (code, stdout, stderr) = run(&root(), &arguments);
    assert!(code == 1 && stdout.contains("error[") && stderr.is_empty(), "{code} {stdout} {stderr}");
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(ci.lines().any(|line| line.trim().starts_with(second)), "`{second}` is not what .ci/run runs");
}

#[test]
fn the_tables_list_every_rule_and_option() {
    let text = readme();
    let expected: Vec<(String, &str)> = RULES.iter().map(|rule| (format!("`{}`", rule.name), rule.severity.as_str())).collect();
    let rows = table(&text, "| rule |");
    let listed: Vec<(String, &str)> = rows.iter().map(|row| (row[0].to_owned(), row[1])).collect();
    assert_eq!(listed, expected);

    let options = Regex::new(r"(?:^|[\s`])--([a-z-]+)").unwrap();
    let named = |text: &str| options.captures_iter(text).map(|found| found[1].to_owned()).collect::<BTreeSet<_>>();
    let (_, help, _) = run(&root(), &["check", "-h"]);
    let expected: BTreeSet<String> =
        help.lines().filter_map(|line| named(line.trim_start()).pop_first()).filter(|name| name != "help" && name != "version").collect();
    let rows = table(&text, "| option |");
    let listed: BTreeSet<String> = rows.iter().flat_map(|row| named(row[0])).collect();
    assert_eq!(listed, expected);

    let (_, _, complaint) = run(&root(), &["--format", "nothing"]);
    let (_, formats) = complaint.split_once("[possible values: ").unwrap();
    let expected: Vec<String> = formats.split(']').next().unwrap().split(", ").map(|format| format!("`{format}`")).collect();
    let listed: Vec<&str> = table(&text, "| format |").iter().map(|row| row[0]).collect();
    assert_eq!(listed, expected);
}

#[test]
fn local_links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#]+)").unwrap();
    for page in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "rules/README.md"] {
        let path = root().join(page);
        let text = fs::read_to_string(&path).unwrap();
        for target in link.captures_iter(&text).map(|found| found[1].to_owned()).filter(|target| !target.starts_with("https://")) {
            assert!(path.parent().unwrap().join(&target).exists(), "{page}: {target}");
        }
    }
}
