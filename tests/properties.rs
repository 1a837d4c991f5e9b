//! What holds for every project: the same bytes on any number of threads, places that exist, no secret in any format, and the
//! same findings with and without screening.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use authlint::finding::Outcome;
use authlint::report::trace::TraceReport;
use authlint::report::{Detail, Presentation};
use authlint::source::Location;
use authlint::trace::Place;
use authlint::{CheckRequest, TraceRequest, check, trace};
use harness::{Files, Project, TestResult, files, fixtures, planted};

/// The formats that say nothing about time: all but `human`.
const TIMELESS: [&str; 10] = ["concise", "json", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "markdown", "html"];
/// The formats of the map.
const MAPS: [&str; 5] = ["text", "mermaid", "dot", "json", "html"];

/// Every way to print something about a project that says nothing about time, by its name: a check in all formats at once, and the maps.
/// The standard error stands beside.
fn timeless(root: &Path, threads: &str) -> TestResult<BTreeMap<String, String>> {
    let folder = tempfile::tempdir()?;
    let targets: Vec<String> = TIMELESS.iter().map(|format| format!("{format}={}", folder.path().join(format).display())).collect();
    let arguments: Vec<&str> = targets.iter().flat_map(|target| ["--format", target]).chain(["--quiet"]).collect();
    let mut printed = BTreeMap::new();
    let (code, stdout, stderr) = run(root, threads, &arguments);
    printed.insert(format!("check, which ends with {code:?}"), String::from_utf8([stdout, stderr].concat())?);
    for format in TIMELESS {
        printed.insert(format.to_owned(), fs::read_to_string(folder.path().join(format))?);
    }
    for format in MAPS {
        let (_, stdout, stderr) = run(root, threads, &["map", "--format", format]);
        printed.insert(format!("map as {format}"), String::from_utf8([stdout, stderr].concat())?);
    }
    Ok(printed)
}

/// Every fixture by name, and all of them as one tree: a monorepo of twenty apps.
fn projects() -> TestResult<Vec<(String, Files)>> {
    let mut projects = Vec::new();
    let mut together = Files::new();
    for folder in fixtures()? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = files(&folder)?;
        together.extend(files.iter().map(|(path, content)| (format!("{name}/{path}"), content.clone())));
        projects.push((name, files));
    }
    projects.push(("all fixtures".to_owned(), together));
    projects.push(("a project full of secrets".to_owned(), full_of_secrets()));
    Ok(projects)
}

/// A key that stands nowhere in one piece.
fn key_in_halves() -> String {
    planted(&Files::from([(String::new(), b"{{fake:api-key:9}}".to_vec())])).unwrap().pop_first().unwrap()
}

/// Secrets wherever a report could pick them up: beside a finding, in a comment, in a URL, cut by a line end, under a key, on the way
/// of a value, in a message of a type, in a path segment, twice on a line.
fn full_of_secrets() -> Files {
    let app = r"import { TelnyxRTC } from '@telnyx/webrtc'
import { account as renamed } from './account'
// the old password was {{fake:password:1}} and the key {{fake:api-key:1}}, '{{fake:password:2}}'
const url = `https://alice:{{fake:password:1}}@example.com/?token={{fake:jwt:1}}&key={{fake:api-key:2}}`
const table = { '{{fake:password:1}}': renamed.password, key: '{{fake:api-key:1}}' }
const password = renamed.password || '{{fake:password:2}}' || table['{{fake:password:1}}']
const client = new TelnyxRTC({ login: 'alice', password, login_token: '{{fake:jwt:1}}' }) // {{fake:password:2}}
client.on('telnyx.warning', (event) => { if (event.code === 34001) console.log('{{fake:password:2}}', '{{fake:jwt:2}}') })
const halves = FIRST + '_' + SECOND
fetch('https://api.telnyx.com/v2/telephony_credentials/abc/token?k={{fake:api-key:3}}', {
  method: 'POST', headers: { Authorization: `Bearer {{fake:api-key:3}}`, 'X-{{fake:api-key:3}}': 'x' },
})
fetch('https://api.telnyx.com/v2/telephony_credentials/abc/token', { method: 'POST', headers: { Authorization: `Bearer ${halves}` } })
client.connect()
";
    let key = key_in_halves();
    let (first, second) = key.split_once('_').unwrap();
    let app = app.replace("FIRST", &format!("'{first}'")).replace("SECOND", &format!("'{second}'"));
    let text = |text: &str| text.as_bytes().to_vec();
    Files::from([
        ("package.json".to_owned(), text(r#"{ "dependencies": { "@telnyx/webrtc": "^2.26.1" } }"#)),
        (
            "index.html".to_owned(),
            text(
                r#"<script type="module" src="/src/app.ts?key={{fake:api-key:2}}"></script><script type="module" src="/src/app.ts"></script>"#,
            ),
        ),
        ("src/app.ts".to_owned(), text(&app)),
        (
            "src/account.ts".to_owned(),
            text(
                "export const account = {\n  login: 'alice',\n  password: '{{fake:password:1}}',\n  note: \"{{fake:password:1}} {{fake:expired-jwt:1}}\",\n}\n",
            ),
        ),
        (
            ".env".to_owned(),
            text("VITE_TELNYX_API_KEY={{fake:api-key:2}}\nTELNYX_SIP_PASSWORD=\"{{fake:password:1}}\"\n# TELNYX_TOKEN={{fake:jwt:2}}\n"),
        ),
        (
            "notes/deploy.sh".to_owned(),
            text(
                "curl -H 'Authorization: Bearer {{fake:api-key:1}}' https://api.telnyx.com/v2/x\nexport TELNYX_PASSWORD={{fake:password:1}}\n",
            ),
        ),
        (
            "README.md".to_owned(),
            text(
                "Log in to sip.telnyx.com as `alice` / `{{fake:password:1}}`.\n\n    telnyx password: {{fake:password:2}}\n    {{fake:jwt:1}}\n",
            ),
        ),
    ])
}

/// Runs the binary and gives its exit code and both streams.
fn run(root: &Path, threads: &str, arguments: &[&str]) -> (Option<i32>, Vec<u8>, Vec<u8>) {
    let mut command = cargo_bin_cmd!("authlint");
    command.current_dir(root).env("RAYON_NUM_THREADS", threads).env("LC_ALL", "C.UTF-8").env("COLUMNS", "100");
    let output = command.args(arguments).output().unwrap();
    (output.status.code(), output.stdout, output.stderr)
}

#[test]
fn threads_and_the_order_of_files_change_no_byte() -> TestResult {
    for (name, files) in projects()? {
        let forwards = Project::new(&files)?;
        let backwards = Project::in_order(files.iter().rev())?;
        let expected = timeless(forwards.root(), "1")?;
        for (root, threads) in [(forwards.root(), "1"), (forwards.root(), "4"), (backwards.root(), "1"), (backwards.root(), "7")] {
            for (what, found) in timeless(root, threads)? {
                assert!(expected.get(&what) == Some(&found), "{name}, {what}, {threads} threads:\n{found}");
            }
        }
    }
    Ok(())
}

fn outcome(project: &Project, unscreened: bool) -> TestResult<Outcome> {
    let request = CheckRequest { root: project.root().to_path_buf(), unscreened, ..Default::default() };
    check(&request).map_err(|error| error.to_string().into())
}

#[test]
fn every_place_lies_inside_its_file() -> TestResult {
    let mut places = 0;
    for (name, files) in projects()? {
        let project = Project::new(&files)?;
        let outcome = outcome(&project, false)?;
        for finding in &outcome.findings {
            let labels = finding.labels.iter().map(|label| label.location);
            let steps = finding.flow.iter().map(|step| step.location);
            for Location { file, span } in std::iter::once(finding.primary).chain(labels).chain(steps) {
                let source =
                    outcome.sources.get(file).unwrap_or_else(|| panic!("{name}: the text of a place of {} was not kept", finding.rule));
                assert!(
                    source.text.get(span.range()).is_some_and(|text| !text.is_empty()),
                    "{name}: {} at {}:{span:?}",
                    finding.rule,
                    source.path
                );
                places += 1;
            }
        }
    }
    assert!(places > 100, "only {places} places");
    Ok(())
}

/// Line and UTF-16 column of a byte offset, counted the slow way.
fn counted(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").trim_start_matches('\u{feff}').encode_utf16().count() + 1;
    (line, column)
}

#[test]
fn lines_and_columns_of_the_reports_are_those_of_the_files() -> TestResult {
    let number = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    for (name, files) in projects()? {
        let project = Project::new(&files)?;
        let report: serde_json::Value = serde_json::from_slice(&run(project.root(), "2", &["--format", "json"]).1)?;
        let sarif: serde_json::Value = serde_json::from_slice(&run(project.root(), "2", &["--format", "sarif"]).1)?;
        let findings = report["findings"].as_array().unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(findings.len(), results.len(), "{name}");
        for (finding, result) in findings.iter().zip(results) {
            let mut places = vec![finding];
            places.extend(finding["labels"].as_array().unwrap());
            places.extend(finding["flow"].as_array().unwrap());
            for place in places {
                let text = fs::read_to_string(project.root().join(place["path"].as_str().unwrap()))?;
                for edge in ["start", "end"] {
                    let position = &place["span"][edge];
                    let expected = counted(&text, number(&position["offset"]));
                    assert_eq!((number(&position["line"]), number(&position["column"])), expected, "{name}: {place}");
                }
            }
            let region = &result["locations"][0]["physicalLocation"]["region"];
            let start = &finding["span"]["start"];
            assert_eq!((&region["startLine"], &region["startColumn"]), (&start["line"], &start["column"]), "{name}");
            assert_eq!(result["ruleId"], finding["rule"], "{name}");
        }
    }
    Ok(())
}

/// Pieces of a secret that must not be printed either: all stretches of ten characters, but for what keys and tokens have in common at
/// their start. A token's first part is its public header.
fn pieces(secret: &str) -> BTreeSet<&str> {
    let secret = match secret.strip_prefix("eyJ") {
        Some(token) => token.split_once('.').map_or(token, |(_, rest)| rest),
        None => secret.strip_prefix("KEY").map_or(secret, |key| &key[4..]),
    };
    (0..=secret.len() - 10).map(|start| &secret[start..start + 10]).filter(|piece| !piece.starts_with("eyJ")).collect()
}

/// What `authlint merge` makes of a run's JSON and SARIF.
fn merged(printed: &BTreeMap<String, String>) -> TestResult<BTreeMap<String, String>> {
    let folder = tempfile::tempdir()?;
    for report in ["json", "sarif"] {
        fs::write(folder.path().join(report), printed.get(report).map_or("", String::as_str))?;
    }
    let mut merged = BTreeMap::new();
    for format in TIMELESS {
        let (_, stdout, stderr) = run(folder.path(), "1", &["merge", "json", "sarif", "--format", format]);
        merged.insert(format!("merged as {format}"), String::from_utf8([stdout, stderr].concat())?);
    }
    Ok(merged)
}

#[test]
fn no_format_prints_a_secret() -> TestResult {
    let mut secrets = 0;
    for (name, files) in projects()? {
        let project = Project::new(&files)?;
        let mut planted = planted(&files)?;
        planted.insert(key_in_halves());
        secrets += planted.len();
        let mut printed = timeless(project.root(), "2")?;
        for arguments in [&[][..], &["--verbose"], &["--quiet"], &["--format", "concise", "--verbose"], &["doctor"], &["config"]] {
            let (_, stdout, stderr) = run(
                project.root(),
                "2",
                &[arguments, if arguments.first() == Some(&"doctor") { &[] } else { &["--color", "never"] }].concat(),
            );
            printed.insert(format!("{arguments:?}"), String::from_utf8([stdout, stderr].concat())?);
        }
        printed.extend(merged(&printed)?);
        // In this order: what is known or suppressed is shown afterwards.
        for arguments in [
            &["baseline"][..],
            &["--baseline", "authlint-baseline.json", "--show-suppressed", "--verbose"],
            &["--baseline", "authlint-baseline.json", "--show-suppressed", "--format", "sarif"],
            &["suppress", "--reason", "known"],
            &["--show-suppressed", "--verbose"],
            &["--show-suppressed", "--format", "json"],
        ] {
            let (_, stdout, stderr) = run(project.root(), "2", &[arguments, &["--color", "never"]].concat());
            printed.insert(format!("{arguments:?}, afterwards"), String::from_utf8([stdout, stderr].concat())?);
        }
        for (what, text) in printed {
            // Frames are drawn around long lines: what is cut there must not join again either.
            let leak = planted.iter().flat_map(|secret| pieces(secret)).find(|piece| text.contains(piece));
            let line = leak.and_then(|piece| text.lines().find(|line| line.contains(piece)));
            assert_eq!(line, None, "{name}, {what}");
        }
    }
    assert!(secrets > 20, "only {secrets} secrets");
    Ok(())
}

/// The lines of a project's code that speak of secrets, as places.
fn telling_lines(files: &Files) -> Vec<(String, u32)> {
    const TELLING: [&str; 4] = ["{{fake:", "password", "login_token", "halves"];
    let has_code = |path: &str| Path::new(path).extension().is_some_and(|extension| extension != "sh" && extension != "md");
    let code = files.iter().filter(|(path, _)| has_code(path) || path.contains(".env"));
    let texts = code.filter_map(|(path, content)| Some((path, std::str::from_utf8(content).ok()?)));
    let lines = texts.flat_map(|(path, text)| text.lines().zip(1..).map(move |(line, number)| (path.clone(), line, number)));
    lines.filter(|(_, line, _)| TELLING.iter().any(|word| line.contains(word))).map(|(path, _, number)| (path, number)).collect()
}

#[test]
fn no_trace_prints_a_secret() -> TestResult {
    let mut asked = 0;
    for (name, files) in projects()?.into_iter().filter(|(name, _)| name != "all fixtures") {
        let project = Project::new(&files)?;
        let mut planted = planted(&files)?;
        planted.insert(key_in_halves());
        for (path, line) in telling_lines(&files) {
            let text = fs::read_to_string(project.root().join(&path))?;
            let length = u32::try_from(text.lines().nth(line as usize - 1).unwrap_or("").encode_utf16().count())?;
            let points = (1..=length).step_by(29).map(|column| Place::Point { line, column });
            for place in std::iter::once(Place::Line(line)).chain(points) {
                let request = TraceRequest {
                    root: project.root().to_path_buf(),
                    file: (&path).into(),
                    place,
                    config: authlint::config::ConfigRequest::default(),
                };
                let printed = match trace(&request) {
                    Ok(traced) => {
                        let report = TraceReport::new(&traced);
                        let mut out = Vec::new();
                        report.write_human(&EVERYTHING, &mut out)?;
                        report.write_json(&mut out)?;
                        String::from_utf8(out)?
                    }
                    Err(error) => format!("{error:?}"),
                };
                let leak = planted.iter().flat_map(|secret| pieces(secret)).find(|piece| printed.contains(piece));
                let leak = leak.and_then(|piece| printed.lines().find(|line| line.contains(piece)));
                assert_eq!(leak, None, "{name}: {path}, {place}");
                asked += 1;
            }
        }
    }
    assert!(asked > 300, "only {asked} traces");
    Ok(())
}

const EVERYTHING: Presentation = Presentation { color: false, unicode: true, width: 100, detail: Detail::Verbose, elapsed: None };

/// What a finding says and where, for comparing two runs over the same files.
fn said(outcome: &Outcome) -> Vec<String> {
    let told = |finding: &authlint::finding::Finding| {
        let path = outcome.sources.get(finding.primary.file).map(|source| source.path.clone());
        format!("{path:?} {finding:?}")
    };
    outcome.findings.iter().map(told).collect()
}

#[test]
fn screening_changes_no_finding() -> TestResult {
    let mut projects = projects()?;
    let files = |files: &[(&str, &str)]| files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect::<Files>();
    let manifest = ("package.json", r#"{ "dependencies": { "@telnyx/webrtc": "^2.26.1" } }"#);
    let page = ("index.html", r#"<script type="module" src="/src/main.ts"></script>"#);
    projects.push((
        "the class travels under another name".to_owned(),
        files(&[
            manifest,
            page,
            ("src/sdk.ts", "export { TelnyxRTC as Phone } from '@telnyx/webrtc'\n"),
            ("src/main.ts", "import { Phone } from './sdk'\nimport { options } from './options'\nnew Phone(options).connect()\n"),
            ("src/options.ts", "import { secret } from './secret'\nexport const options = { login: 'alice', password: secret }\n"),
            ("src/secret.ts", "export const secret = 'T7r-wq9Z-fK2m'\n"),
        ]),
    ));
    projects.push((
        "the client travels to its handler".to_owned(),
        files(&[
            manifest,
            page,
            (
                "src/main.ts",
                "import { make } from './make'\nimport { listen } from './listen'\nlisten(make(await (await fetch('/t')).text()))\n",
            ),
            (
                "src/make.ts",
                "import { TelnyxRTC } from '@telnyx/webrtc'\nexport const make = (t: string) => new TelnyxRTC({ login_token: t })\n",
            ),
            ("src/listen.ts", "import { log } from './log'\nexport const listen = (c: any) => c.on('telnyx.warning', log)\n"),
            ("src/log.ts", "export const log = (e: any) => console.log(e)\n"),
        ]),
    ));
    projects.push((
        "the service's address travels to the call".to_owned(),
        files(&[
            manifest,
            page,
            ("src/main.ts", "import { token } from './token'\nimport { TelnyxRTC } from '@telnyx/webrtc'\nnew TelnyxRTC({ login_token: await token() }).connect()\n"),
            ("src/token.ts", "import { base, key } from './config'\nexport const token = async () =>\n  (await fetch(`${base}/telephony_credentials/abc/token`, { method: 'POST', headers: { Authorization: `Bearer ${key}` } })).text()\n"),
            ("src/config.ts", "export const base = 'https://api.telnyx.com/v2'\nexport const key = import.meta.env.VITE_TELNYX_API_KEY\n"),
        ]),
    ));
    let mut failures = String::new();
    for (name, files) in projects {
        let project = Project::new(&files)?;
        let (screened, whole) = (said(&outcome(&project, false)?), said(&outcome(&project, true)?));
        if screened != whole {
            writeln!(failures, "{name}\n  screened: {screened:#?}\n  whole: {whole:#?}")?;
        }
    }
    assert!(failures.is_empty(), "{failures}");
    Ok(())
}
