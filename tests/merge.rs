//! Reports as the input of reports: nothing is lost on the way through JSON or SARIF, nothing is counted twice, and what is no report is
//! refused with its place.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod synthetic;

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::cargo::cargo_bin_cmd;
use authlint::finding::{Outcome, Severity};
use authlint::report::merge::Merged;
use authlint::report::{Detail, Format, Prepared, Presentation, Report, Thresholds};
use serde_json::Value;
use synthetic::{Builder, fake_key, rules};
use tempfile::TempDir;

const PRESENTATION: Presentation = Presentation { color: false, unicode: true, width: 100, detail: Detail::Normal, elapsed: None };
/// The formats that show no code.
const CODELESS: [Format; 7] =
    [Format::Concise, Format::Json, Format::Github, Format::Gitlab, Format::Junit, Format::Checkstyle, Format::Rdjson];

fn print(report: &Report<'_>, format: Format) -> String {
    let mut out = Vec::new();
    report.write(format, &PRESENTATION, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn render(outcome: &Outcome, format: Format) -> String {
    let rules = rules();
    print(&Report::new(&Prepared::new(outcome), &rules, Thresholds::default()), format)
}

fn write(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn merge(paths: &[PathBuf], format: Format) -> String {
    let rules = rules();
    print(&Report::merged(&Merged::read(paths).unwrap(), &rules, Thresholds::default()), format)
}

fn json(paths: &[PathBuf]) -> Value {
    serde_json::from_str(&merge(paths, Format::Json)).unwrap()
}

/// The made-up outcome in the order in which a check gives its findings.
fn outcome() -> Outcome {
    let mut outcome = synthetic::outcome();
    let Outcome { findings, sources, .. } = &mut outcome;
    findings.sort_by_key(|finding| {
        (Reverse(finding.severity), sources.get(finding.primary.file).unwrap().path.clone(), finding.primary.span, finding.rule)
    });
    outcome
}

/// A second shard: other files, and one finding of the first one once more.
fn other_shard() -> Outcome {
    let mut builder = Builder::default();
    builder.file("lib/b.ts", "call();\n");
    builder.finding("hardcoded-secret", Severity::Error, "lib/b.ts", "call()", "a key stands here").help = "rotate it".into();
    builder.finding("unbounded-credential", Severity::Note, "lib/b.ts", "call", "no end");
    builder.outcome.counts = authlint::finding::Counts { files_seen: 10, files_read: 9, files_parsed: 8 };
    builder.outcome
}

#[test]
fn a_report_survives_the_way_through_json_and_through_sarif() {
    let folder = tempfile::tempdir().unwrap();
    for (name, outcome) in [("full", outcome()), ("small", other_shard()), ("clean", Outcome::default())] {
        let from_json = write(&folder, &format!("{name}.json"), &render(&outcome, Format::Json));
        let from_sarif = write(&folder, &format!("{name}.sarif"), &render(&outcome, Format::Sarif));
        for format in CODELESS {
            let expected = render(&outcome, format);
            for path in [&from_json, &from_sarif] {
                assert_eq!(merge(std::slice::from_ref(path), format), expected, "{format:?} of {}", path.display());
            }
        }
    }
}

#[test]
fn sarif_of_a_merge_lacks_nothing_but_the_code() {
    fn without_code(value: &mut Value) {
        match value {
            Value::Object(entries) => {
                entries.retain(|name, _| name != "snippet" && name != "contextRegion");
                entries.values_mut().for_each(without_code);
            }
            Value::Array(values) => values.iter_mut().for_each(without_code),
            _ => {}
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut expected: Value = serde_json::from_str(&render(&outcome(), Format::Sarif)).unwrap();
    without_code(&mut expected);
    let path = write(&folder, "a.json", &render(&outcome(), Format::Json));
    let found: Value = serde_json::from_str(&merge(&[path], Format::Sarif)).unwrap();
    assert_eq!(found, expected);
    let schema: Value = serde_json::from_str(include_str!("sarif/sarif-schema-2.1.0.json")).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&found));
}

#[test]
fn shards_become_one_report_whatever_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let one = write(&folder, "1.json", &render(&outcome(), Format::Json));
    let two = write(&folder, "2.sarif", &render(&other_shard(), Format::Sarif));
    let whole = json(&[one.clone(), two.clone()]);
    assert_eq!(whole["findings"].as_array().unwrap().len(), outcome().findings.len() + 2);
    assert_eq!(whole["summary"]["files_seen"], 1204 + 10);
    assert_eq!(whole["summary"]["files_parsed"], 31 + 8);
    assert_eq!(whole["notices"].as_array().unwrap().len(), outcome().notices.len());
    for format in CODELESS.into_iter().chain([Format::Markdown, Format::Html, Format::Sarif]) {
        assert_eq!(merge(&[one.clone(), two.clone()], format), merge(&[two.clone(), one.clone()], format), "{format:?}");
    }
    let severities: Vec<_> = whole["findings"].as_array().unwrap().iter().map(|finding| finding["severity"].as_str().unwrap()).collect();
    let rank = |severity: &&str| ["error", "warning", "note"].iter().position(|known| known == severity);
    assert!(severities.is_sorted_by_key(rank), "{severities:?}");
}

#[test]
fn a_finding_that_two_reports_have_is_one_finding_the_worst_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let text = render(&outcome(), Format::Json);
    let milder = text.replace("\"severity\": \"error\"", "\"severity\": \"note\"");
    let paths =
        [write(&folder, "a.json", &milder), write(&folder, "b.json", &text), write(&folder, "c.sarif", &render(&outcome(), Format::Sarif))];
    let merged = json(&paths);
    let expected: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(merged["findings"], expected["findings"]);
    assert_eq!(merged["notices"], expected["notices"]);
    assert_eq!(merged["summary"]["files_seen"], 3 * 1204);
}

#[test]
fn suppressed_results_do_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut log: Value = serde_json::from_str(&render(&outcome(), Format::Sarif)).unwrap();
    log["runs"][0]["results"][0]["suppressions"] = serde_json::json!([{ "kind": "inSource" }]);
    let path = write(&folder, "a.sarif", &log.to_string());
    assert_eq!(json(&[path])["findings"].as_array().unwrap().len(), outcome().findings.len() - 1);
}

#[test]
fn an_edited_report_does_not_bring_a_key_into_another_one() {
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Json, Format::Sarif] {
        let key = fake_key();
        let text = render(&outcome(), format).replace("SIP password", &key).replace("the client", &key).replace("index.html", &key);
        let path = write(&folder, "a.json", &text);
        for format in CODELESS.into_iter().chain([Format::Markdown, Format::Html, Format::Sarif]) {
            assert!(!merge(std::slice::from_ref(&path), format).contains(&key), "{format:?}");
        }
    }
}

/// Runs the binary in a folder and gives its exit code and both streams.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = cargo_bin_cmd!("authlint");
    let output = command.current_dir(folder).env("COLUMNS", "140").env("LC_ALL", "C.UTF-8").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_is_no_report_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let good = render(&outcome(), Format::Json);
    let sarif = render(&outcome(), Format::Sarif);
    for (name, text, expected) in [
        ("cut.json", good[..good.len() / 2].to_owned(), "cut.json:"),
        ("line.json", "{\n  \"schema_version\": 1,\n  oops\n}\n".to_owned(), "line.json:3:3: key must be a string"),
        ("empty.json", String::new(), "empty.json:1:1: EOF while parsing a value"),
        ("list.json", "[1, 2]".to_owned(), "list.json:1:"),
        ("other.json", "{\"findings\": []}".to_owned(), "neither authlint's JSON nor its SARIF"),
        (
            "newer.json",
            good.replace("\"schema_version\": 1", "\"schema_version\": 2"),
            "`schema_version` 2 is of another version of authlint",
        ),
        ("eslint.sarif", sarif.replace("\"name\": \"authlint\"", "\"name\": \"ESLint\""), "this SARIF log is of `ESLint`, not of authlint"),
        ("word.json", good.replace("\"confidence\": \"high\"", "\"confidence\": \"\\u001b[31msure\""), "unknown variant"),
        ("deep.json", "[".repeat(100_000), "deep.json:1:"),
    ] {
        write(&folder, name, &text);
        let (code, stdout, stderr) = run(folder.path(), &["merge", name]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{name}: {stderr}");
        let told = stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(told.contains(expected) && told.contains(name) && !stderr.contains("\u{1b}[31msure"), "{name}: {stderr}");
    }
    let (code, _, stderr) = run(folder.path(), &["merge", "missing.json"]);
    assert!(code == 3 && stderr.contains("cannot read missing.json"), "{stderr}");
    assert_eq!(run(folder.path(), &["merge"]).0, 2);
    write(&folder, "good.json", &good);
    assert_eq!(run(folder.path(), &["merge", "good.json", "--format", "human"]).0, 2);
}

#[test]
fn the_command_joins_what_the_check_wrote() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let mut concise = String::new();
    for (name, extension) in [("next-app-sip-login", "json"), ("vite-react-browser-mint", "sarif")] {
        let target = format!("{extension}={}", file(&format!("{name}.{extension}")));
        let (code, stdout, _) = run(&fixtures.join(name), &["--format", &target, "--format", "concise"]);
        assert_eq!(code, 1);
        concise.push_str(&stdout);
    }
    let reports = [file("next-app-sip-login.json"), file("vite-react-browser-mint.sarif")];
    let (code, stdout, stderr) = run(folder.path(), &["merge", &reports[0], &reports[1]]);
    let sorted = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    assert_eq!((code, sorted(&stdout), stderr.as_str()), (1, sorted(&concise), ""));
    assert_eq!(run(folder.path(), &["merge", &reports[0], &reports[1], "--fail-on", "never"]).0, 0);
    let (code, stdout, stderr) = run(folder.path(), &["merge", &reports[0], &reports[1], "-o", "all.sarif", "--format", "sarif"]);
    assert!(code == 1 && stdout.is_empty() && stderr.contains("errors"), "{stderr}");
    assert_eq!(run(folder.path(), &["merge", "all.sarif"]).1, run(folder.path(), &["merge", &reports[1], &reports[0]]).1);
}

#[test]
fn the_shards_of_a_run_are_together_the_run() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folder = tempfile::tempdir().unwrap();
    let mut arguments = vec!["merge".to_owned()];
    for shard in 1..=3 {
        let extension = if shard == 2 { "sarif" } else { "json" };
        let file = folder.path().join(format!("{shard}.{extension}")).display().to_string();
        run(&fixtures, &["--shard", &format!("{shard}/3"), "--format", &format!("{extension}={file}")]);
        arguments.push(file);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (_, whole, _) = run(&fixtures, &["--format", "concise"]);
    let (code, merged, _) = run(folder.path(), &arguments);
    assert_eq!(code, 1);
    assert!(merged.lines().count() > 50 && merged == whole, "the shards say something else than the run");
}
