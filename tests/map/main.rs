//! What `authlint map` promises: its formats on two apps, judged by eye in `look.sh`, and what holds for hostile names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../harness/mod.rs"]
mod harness;

use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use harness::{Files, Project, TestResult, files};
use regex::Regex;

const FORMATS: [&str; 5] = ["text", "mermaid", "dot", "json", "html"];

fn run(root: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = cargo_bin_cmd!("authlint");
    command.current_dir(root).env("COLUMNS", "100").env("LC_ALL", "C.UTF-8").env_remove("CLICOLOR_FORCE");
    let output = command.arg("map").args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn fixture(name: &str) -> Project {
    Project::new(&files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap()).unwrap()
}

/// What changes with the version and the style sheet is of no interest to a snapshot.
fn settled(text: &str) -> String {
    let text = Regex::new(r"sha256-[^']+").unwrap().replace(text, "sha256-…");
    let text = Regex::new(r"(?s)<style>.*</style>").unwrap().replace(&text, "<style>…</style>");
    let text = Regex::new(r#"authlint \d+\.\d+\.\d+|"version": "[^"]+""#).unwrap().replace(&text, "authlint …");
    text.into_owned()
}

#[test]
fn every_format_shows_two_apps() {
    for name in ["next-app-sip-login", "supabase-vite"] {
        let project = fixture(name);
        for format in FORMATS {
            let (code, stdout, stderr) = run(project.root(), &["--format", format]);
            assert_eq!((code, stderr.as_str()), (0, ""), "findings are no failure of a map");
            insta::assert_snapshot!(format!("{name}.{format}"), settled(&stdout));
        }
    }
}

#[test]
fn text_fits_eighty_columns_of_ascii() {
    let project = fixture("supabase-vite");
    let mut command = cargo_bin_cmd!("authlint");
    command.current_dir(project.root()).env("COLUMNS", "80").env("LC_ALL", "C").args(["map", "--color", "never"]);
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(text.is_ascii(), "{text}");
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn colour_says_nothing_that_words_do_not() {
    let project = fixture("supabase-vite");
    let coloured = run(project.root(), &["--color", "always"]).1;
    assert!(coloured.contains('\u{1b}'));
    let bare = Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(&coloured, "").into_owned();
    assert_eq!(bare, run(project.root(), &["--color", "never"]).1);
}

#[test]
fn exit_codes_are_those_of_a_view() {
    let project = fixture("supabase-vite");
    for (arguments, code) in [
        (&["."][..], 0),
        (&["src"], 0),
        (&["--format", "picture"], 2),
        (&["--fail-on", "note"], 2),
        (&["no/such/folder"], 3),
        (&["--output", "no/such/folder/map.html"], 3),
    ] {
        assert_eq!(run(project.root(), arguments).0, code, "{arguments:?}");
    }
}

#[test]
fn a_project_without_calls_is_said_to_be_empty() -> TestResult {
    let project = Project::new(&Files::from([("index.ts".to_owned(), b"export const answer = 42\n".to_vec())]))?;
    for format in ["text", "mermaid", "dot", "html"] {
        let (code, stdout, _) = run(project.root(), &["--format", format]);
        assert!(code == 0 && stdout.to_lowercase().contains("no telnyx client, token endpoint or service call was found"), "{stdout}");
    }
    let json: serde_json::Value = serde_json::from_str(&run(project.root(), &["--format", "json"]).1)?;
    assert_eq!((&json["schema_version"], &json["nodes"]), (&1.into(), &serde_json::json!([])));
    Ok(())
}

#[test]
fn the_file_is_what_the_terminal_shows() -> TestResult {
    let project = fixture("supabase-vite");
    let target = tempfile::tempdir()?;
    let path = target.path().join("map.html");
    let (code, stdout, _) = run(project.root(), &["--format", "html", "--output", path.to_str().unwrap()]);
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(path)?, run(project.root(), &["--format", "html"]).1);
    Ok(())
}

#[test]
fn the_json_hangs_together_and_every_finding_of_check_is_on_it() -> TestResult {
    for folder in harness::fixtures()? {
        let project = Project::new(&files(&folder)?)?;
        let map: serde_json::Value = serde_json::from_str(&run(project.root(), &["--format", "json"]).1)?;
        let nodes = map["nodes"].as_array().unwrap();
        let is_node = |id: &serde_json::Value| id.as_u64().is_some_and(|id| usize::try_from(id).unwrap() < nodes.len());
        for edge in map["edges"].as_array().unwrap() {
            assert!(is_node(&edge["from"]) && is_node(&edge["to"]), "{edge}");
        }
        let findings = map["findings"].as_array().unwrap();
        assert!(findings.iter().flat_map(|finding| finding["nodes"].as_array().unwrap()).all(is_node));
        let check = cargo_bin_cmd!("authlint").current_dir(project.root()).args(["--format", "json"]).output()?;
        let check: serde_json::Value = serde_json::from_slice(&check.stdout)?;
        let fingerprints = |log: &serde_json::Value| -> Vec<String> {
            log["findings"].as_array().unwrap().iter().map(|finding| finding["fingerprint"].to_string()).collect()
        };
        // What is said of comments is no part of the architecture.
        let mut check = check;
        let of_code = |finding: &serde_json::Value| authlint::rules::RULES.iter().any(|rule| finding["rule"] == rule.name);
        check["findings"].as_array_mut().unwrap().retain(of_code);
        assert_eq!(fingerprints(&map), fingerprints(&check), "{}", folder.display());
    }
    Ok(())
}

#[test]
fn a_part_of_a_project_comes_with_what_it_leads_to() {
    let project = fixture("vite-react-browser-mint");
    let map: serde_json::Value = serde_json::from_str(&run(project.root(), &["--format", "json", "src/config.ts"]).1).unwrap();
    let kinds: Vec<&str> = map["nodes"].as_array().unwrap().iter().map(|node| node["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"key-source") && kinds.contains(&"mint") && kinds.contains(&"client"), "{kinds:?}");
    assert!(!kinds.contains(&"service"), "the service is no neighbour of a key: {kinds:?}");
}

/// Names that mean something in each of the formats.
fn hostile() -> Files {
    let app = "import { TelnyxRTC } from '@telnyx/webrtc'\n\
        const url = '/api/\"]<img src=x onerror=alert(1)>\\\\N|}end%%{init}`$<!--\\u202e\\u001b[31m/token'\n\
        const answer = await fetch(url)\n\
        new TelnyxRTC({ login_token: await answer.text() }).connect()\n\
        new TelnyxRTC({ login: process.env['A\"]<b>\\\\l&#35;;'], password: localStorage.getItem('\"><script>alert(2)</script>') }).connect()\n";
    Files::from([
        ("package.json".to_owned(), br#"{ "dependencies": { "@telnyx/webrtc": "^2.26.1" } }"#.to_vec()),
        (
            "index.html".to_owned(),
            b"<script type=module src='/src/<i>&quot;;end.ts'></script><script type=module src='/src/a.ts'></script>".to_vec(),
        ),
        ("src/a.ts".to_owned(), app.as_bytes().to_vec()),
        ("src/<i>\";end.ts".to_owned(), app.as_bytes().to_vec()),
    ])
}

#[test]
fn hostile_names_stay_text() -> TestResult {
    let project = Project::new(&hostile())?;
    for format in FORMATS {
        let (code, text, _) = run(project.root(), &["--format", format]);
        assert_eq!(code, 0);
        if let Some(folder) = std::env::var_os("AUTHLINT_SAMPLES") {
            std::fs::write(Path::new(&folder).join(format!("hostile.{format}")), &text)?;
        }
        // JSON gives the texts as they are: whoever prints them makes them harmless.
        assert!(!text.contains('\u{1b}') && (format == "json" || !text.contains('\u{202e}')), "{format}: a control character");
        match format {
            "html" => {
                for mark in ["<img", "<script", "<b>", "<i>", "<!--"] {
                    assert!(!text.contains(mark), "{mark}");
                }
                assert!(text.contains("&lt;img src=x"), "{text}");
            }
            "mermaid" => {
                // One statement a line, and every label in one pair of quotes.
                assert!(text.lines().all(|line| line.matches('"').count() <= 2), "{text}");
                assert!(!text.contains("<img") && !text.contains("%%{"), "{text}");
            }
            "dot" => {
                let quotes = |line: &str| line.replace(r"\\", "").replace(r#"\""#, "").matches('"').count();
                assert!(text.lines().all(|line| quotes(line).is_multiple_of(2)), "{text}");
            }
            "json" => drop(serde_json::from_str::<serde_json::Value>(&text)?),
            _ => {}
        }
    }
    Ok(())
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let project = fixture("next-app-sip-login");
    let (_, page, _) = run(project.root(), &["--format", "html"]);
    assert!(page.contains("default-src 'none'; style-src 'sha256-"), "{page}");
    for mark in ["<script", "<link", "@import", "url(http", "<img", "<iframe", " style=", " onclick"] {
        assert!(!page.contains(mark), "{mark}");
    }
    let outside: Vec<&str> =
        Regex::new(r#"(?:href|src|xlink:href)="([^#"][^"]*)""#).unwrap().find_iter(&page).map(|found| found.as_str()).collect();
    assert_eq!(outside, [""; 0]);
}
