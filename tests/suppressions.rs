//! Comments that hide findings: which they hide, what is wrong with them, and writing them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::cargo::cargo_bin_cmd;
use authlint::CheckRequest;
use authlint::finding::{NoticeKind, Outcome};
use authlint::suppression::{SuppressRequest, Why, suppress};
use harness::pages::{examples, name_of, pages};
use harness::{Files, Project, TestResult, fixtures};

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = cargo_bin_cmd!("authlint");
    let Output { status, stdout, stderr } = command.current_dir(folder).args(arguments).args(["--color", "never"]).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn project(files: &[(&str, &str)]) -> Project {
    let files: Files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    Project::new(&files).unwrap()
}

/// The findings as `path:line rule`, in the order of the concise format.
fn concise(project: &Project, arguments: &[&str]) -> Vec<String> {
    let (_, stdout, _) = run(project.root(), &[&["--format", "concise"], arguments].concat());
    stdout
        .lines()
        .map(|line| {
            let mut parts = line.splitn(4, ':');
            let (path, number) = (parts.next().unwrap(), parts.next().unwrap());
            let rule = line.split_once('[').unwrap().1.split_once(']').unwrap().0;
            let mark = if line.contains("] (suppressed) ") { " suppressed" } else { "" };
            format!("{path}:{number} {rule}{mark}")
        })
        .collect()
}

const MANIFEST: (&str, &str) = ("package.json", r#"{ "dependencies": { "@telnyx/webrtc": "^2.26.1" } }"#);
const PAGE: (&str, &str) = ("index.html", r#"<script type="module" src="/src/phone.ts"></script>"#);

/// A client whose two findings of one rule start on inner lines of the constructor call. `¦` marks places for comments.
fn phone(head: &str, inner: &str, tail: &str) -> Project {
    let text = format!(
        "import {{ TelnyxRTC }} from '@telnyx/webrtc'\n\nexport function start(form: HTMLFormElement) {{\n{head}  const client = new TelnyxRTC({{\n    \
         login: form.login.value,\n{inner}    password: import.meta.env.VITE_SIP_PASSWORD,{tail}\n  }})\n  return client\n}}\n"
    );
    project(&[MANIFEST, PAGE, ("src/phone.ts", &text)])
}

#[test]
fn a_comment_speaks_for_the_node_below_or_the_line_beside() {
    let why = "authlint-ignore password-login -- the office phone";
    for (head, inner, tail, hidden) in [
        ("", "", "", false),
        (&format!("  // {why}\n")[..], "", "", true),
        (&format!("  /* {why} */\n"), "", "", true),
        (&format!("  /*\n   * {why}\n   */\n"), "", "", true),
        (&format!("  // {why}\n  // eslint-disable-next-line no-new\n"), "", "", true),
        (&format!("  // {why}\n\n"), "", "", false),
        ("", &format!("    // {why}\n"), "", true),
        ("", "", &format!(" // {why}"), true),
        ("", "", &format!(" /* {why} */"), true),
        (&format!("  const a = '// {why}'\n"), "", "", false),
        (&format!("  const a = `\n// {why}\n`\n"), "", "", false),
    ] {
        let project = phone(head, inner, tail);
        let found = concise(&project, &["--select", "password-login"]);
        assert_eq!(found.is_empty(), hidden, "{head}{inner}{tail}: {found:?}");
    }
}

#[test]
fn a_comment_above_a_function_does_not_speak_for_its_body() {
    let text = "import { TelnyxRTC } from '@telnyx/webrtc'\n// authlint-ignore password-login -- whatever is in it\nexport function start(form: any) {\n  \
                return new TelnyxRTC({ login: form.login, password: import.meta.env.VITE_SIP_PASSWORD })\n}\n";
    let found = concise(&project(&[MANIFEST, PAGE, ("src/phone.ts", text)]), &[]);
    let expected = ["src/phone.ts:2 unused-suppression", "src/phone.ts:4 password-login"];
    assert!(expected.iter().all(|line| found.contains(&(*line).to_owned())), "{found:?}");
}

#[test]
fn only_the_named_rules_are_hidden() {
    let project = project(&[(
        "deploy.sh",
        "# authlint-ignore secret-in-log -- wrong rule\nexport A={{fake:api-key:1}}\nexport B={{fake:api-key:2}} # authlint-ignore hardcoded-secret, token-in-url -- revoked\n",
    )]);
    assert_eq!(
        concise(&project, &["--show-suppressed"]),
        [
            "deploy.sh:2 hardcoded-secret",
            "deploy.sh:1 unused-suppression",
            "deploy.sh:3 unused-suppression",
            "deploy.sh:3 hardcoded-secret suppressed"
        ]
    );
}

#[test]
fn a_file_may_be_suppressed_by_rule_or_whole() {
    for (comment, hidden) in [
        ("# authlint-ignore-file hardcoded-secret -- recorded samples", true),
        ("# authlint-ignore-file -- recorded samples", true),
        ("# authlint-ignore-file hardcoded-secret", false),
        ("# authlint-ignore-file token-in-url -- recorded samples", false),
    ] {
        let text = format!("export A={{{{fake:api-key:1}}}}\n{comment}\n\n\nexport B={{{{fake:api-key:2}}}}\n");
        let found = concise(&project(&[("deploy.sh", &text)]), &["--select", "hardcoded-secret"]);
        assert_eq!(found.len(), if hidden { 0 } else { 2 }, "{comment}: {found:?}");
    }
}

#[test]
fn every_form_of_comment_works_where_its_language_has_it() {
    let key = "{{fake:api-key:1}}";
    let why = "authlint-ignore hardcoded-secret -- revoked";
    let cases = [
        ("a.js", format!("// {why}\nsend('{key}')\n")),
        ("a.ts", format!("send('{key}') /* {why} */\n")),
        ("a.jsx", format!("export const A = () => <p>\n  {{/* {why} */}}\n  <b title=\"{key}\" />\n</p>\n")),
        ("a.html", format!("<p>\n  <!-- {why} -->\n  <b title=\"{key}\">x</b>\n</p>\n")),
        ("a.html", format!("<script>\n  // {why}\n  send('{key}')\n</script>\n")),
        ("a.vue", format!("<template>\n  <!-- {why} -->\n  <b\n    title=\"{key}\"\n  />\n</template>\n")),
        ("a.svelte", format!("{{#if a}}\n  <!-- {why} -->\n  <b title=\"{key}\" />\n{{/if}}\n")),
        ("a.astro", format!("---\nconst a = 1\n---\n<p>\n  {{/* {why} */}}\n  <b title=\"{key}\" />\n</p>\n")),
        ("a.php", format!("<?php\n// {why}\n$key = '{key}';\n")),
        ("a.php", format!("<?php\n$key = '{key}'; # {why}\n")),
        ("a.blade.php", format!("{{{{-- {why} --}}}}\n<b title=\"{key}\">x</b>\n")),
        ("a.py", format!("# {why}\nsend(\n    '{key}',\n)\n")),
        ("a.yml", format!("a:\n  # {why}\n  b: |\n    text\n    {key}\n")),
        ("a.toml", format!("a = '{key}' # {why}\n")),
        (".env", format!("# {why}\nA={key}\n")),
        ("Dockerfile", format!("FROM node\n# {why}\nENV A={key}\n")),
        ("a.jsonc", format!("{{\n  // {why}\n  \"a\": \"{key}\"\n}}\n")),
        ("a.go", format!("var a = \"{key}\" // {why}\n")),
        ("a.rb", format!("# {why}\na = '{key}'\n")),
        ("a.sql", format!("-- {why}\nselect '{key}';\n")),
        ("a.md", format!("<!-- {why} -->\nThe key {key}\n")),
        ("a.xml", format!("<a>\n  <!-- authlint-ignore hardcoded-secret: revoked -->\n  <b>{key}</b>\n</a>\n")),
    ];
    for (path, text) in cases {
        let found = concise(&project(&[(path, &text)]), &["--show-suppressed"]);
        assert!(!found.is_empty() && found.iter().all(|line| line.ends_with("hardcoded-secret suppressed")), "{path}: {text}{found:?}");
    }
}

#[test]
fn what_is_hidden_counts_nowhere_and_is_shown_when_asked_for() {
    let project = project(&[("deploy.sh", "# authlint-ignore hardcoded-secret -- revoked\nexport A={{fake:api-key:1}}\n")]);
    for format in ["human", "concise", "json", "sarif", "github"] {
        let (code, stdout, stderr) = run(project.root(), &["--format", format]);
        assert_eq!(code, 0, "{format}: {stdout}{stderr}");
        assert!(!stdout.contains("hardcoded-secret]"), "{format}: {stdout}");
    }
    let (_, human, _) = run(project.root(), &[]);
    assert!(human.contains("no findings in 1 file") && human.contains("1 suppressed"), "{human}");
    let (code, human, _) = run(project.root(), &["--show-suppressed"]);
    assert!(code == 0 && human.contains("error[hardcoded-secret]") && human.contains("suppressed: revoked"), "{human}");

    let json = |arguments: &[&str]| -> serde_json::Value { serde_json::from_str(&run(project.root(), arguments).1).unwrap() };
    let plain = json(&["--format", "json"]);
    assert_eq!((&plain["summary"]["suppressed"], &plain["findings"], plain.get("suppressed")), (&1.into(), &serde_json::json!([]), None));
    let shown = json(&["--format", "json", "--show-suppressed"]);
    assert_eq!(shown["suppressed"][0]["suppression"], serde_json::json!({ "kind": "inSource", "justification": "revoked" }));
    assert_eq!(json(&["--format", "sarif"])["runs"][0]["results"], serde_json::json!([]));
    let sarif = json(&["--format", "sarif", "--show-suppressed"]);
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["suppressions"], serde_json::json!([{ "kind": "inSource", "justification": "revoked" }]));
    assert_eq!(result.get("baselineState"), None);
    let schema: serde_json::Value = serde_json::from_str(include_str!("sarif/sarif-schema-2.1.0.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&sarif));
}

#[test]
fn findings_about_suppressions_are_selected_and_ignored_like_any() {
    let project = project(&[("a.js", "// authlint-ignore secret-in-log -- gone\nexport const a = 1\n")]);
    for (arguments, expected) in [
        (&[][..], 1),
        (&["--ignore", "unused-suppression"], 0),
        (&["--select", "unused-suppression"], 0),
        (&["--select", "unused-suppression,secret-in-log"], 1),
        (&["--select", "password-login"], 0),
        (&["--ignore", "secret-in-log"], 0),
        (&["--min-severity", "error"], 0),
    ] {
        assert_eq!(concise(&project, arguments).len(), expected, "{arguments:?}");
    }
    let (code, stdout, _) = run(project.root(), &["--format", "sarif"]);
    let sarif: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let index = usize::try_from(sarif["runs"][0]["results"][0]["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!((code, &rules[index]["id"]), (1, &"unused-suppression".into()));
    let (_, listed, _) = run(project.root(), &["rules"]);
    let (rules, about) = listed.split_once("\n\nAbout comments that suppress findings:\n").unwrap();
    assert_eq!(rules.lines().filter(|line| !line.starts_with(' ')).count(), 22);
    assert_eq!(about.lines().filter(|line| !line.starts_with(' ')).count(), 3);
    assert_eq!(run(project.root(), &["explain", "unused-suppression"]).0, 0);
}

#[test]
fn a_misspelt_rule_is_offered_the_right_one() {
    let project = project(&[("a.js", "// authlint-ignore pasword-login -- gone\nexport const a = 1\n")]);
    let (code, stdout, _) = run(project.root(), &[]);
    assert_eq!(code, 1);
    assert!(stdout.contains("did you mean `password-login`?"), "{stdout}");
}

#[test]
fn the_configuration_decides_about_reasons_and_rules() {
    let text = "# authlint-ignore hardcoded-secret\nexport A={{fake:api-key:1}}\n# authlint-ignore secret-in-log -- gone\necho\n";
    for (config, expected) in [
        ("", &["deploy.sh:2 hardcoded-secret", "deploy.sh:1 suppression-without-reason", "deploy.sh:3 unused-suppression"][..]),
        ("[suppressions]\nrequire-reason = false\n", &["deploy.sh:3 unused-suppression", "deploy.sh:2 hardcoded-secret suppressed"]),
        ("ignore = ['secret-in-log']\n", &["deploy.sh:2 hardcoded-secret", "deploy.sh:1 suppression-without-reason"]),
        ("ignore = ['unused-suppression', 'suppression-without-reason']\n", &["deploy.sh:2 hardcoded-secret"]),
        (
            "[severity]\nunused-suppression = 'error'\nsuppression-without-reason = 'note'\n",
            &["deploy.sh:2 hardcoded-secret", "deploy.sh:3 unused-suppression", "deploy.sh:1 suppression-without-reason"],
        ),
    ] {
        let project = project(&[("deploy.sh", text), ("authlint.toml", config)]);
        assert_eq!(concise(&project, &["--show-suppressed"]), expected, "{config}");
    }
}

/// Everything that is found, as `path rule`, with how often.
fn counts(outcome: &Outcome) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for finding in &outcome.findings {
        let path = outcome.sources.get(finding.primary.file).map_or("", |file| &file.path);
        *counts.entry(format!("{path} {}", finding.rule)).or_default() += 1;
    }
    counts
}

fn check(project: &Project) -> TestResult<Outcome> {
    let request = CheckRequest { root: project.root().to_path_buf(), ..CheckRequest::default() };
    Ok(authlint::check(&request).map_err(|error| error.to_string())?)
}

fn broken(outcome: &Outcome) -> usize {
    outcome.notices.iter().filter(|notice| notice.kind == NoticeKind::Syntax).count()
}

/// Suppresses everything in a project and says what went wrong: a finding that is still there though it was said to be hidden, one that
/// was not there before, a file that parses worse, a byte that changed outside of the new lines.
fn complaints(files: &Files, left: &mut BTreeMap<Why, Vec<String>>) -> TestResult<Option<String>> {
    let project = Project::new(files)?;
    let before = check(&project)?;
    let texts: BTreeMap<&String, Vec<u8>> =
        files.keys().map(|path| Ok((path, fs::read(project.root().join(path))?))).collect::<TestResult<_>>()?;
    let root = project.root().to_path_buf();
    let request = SuppressRequest { root, reason: "that is how it is".to_owned(), ..SuppressRequest::default() };
    let written = suppress(&request).map_err(|error| error.to_string())?;
    let after = check(&project)?;
    // What is wrong with suppressions that were there before stays wrong.
    let mut expected = counts(&before);
    expected.retain(|line, _| authlint::rules::ABOUT_SUPPRESSIONS.iter().any(|rule| line.ends_with(&format!(" {}", rule.name))));
    for stays in &written.left {
        *expected.entry(format!("{} {}", stays.path, stays.rule)).or_default() += 1;
        left.entry(stays.why).or_default().push(format!("{}:{} {}", stays.path, stays.line, stays.rule));
    }
    let mut said = String::new();
    if counts(&after) != expected {
        writeln!(said, "    left {expected:?}, found {:?}", counts(&after))?;
    }
    if after.findings.len() + after.suppressed.len() != before.findings.len() + before.suppressed.len() {
        writeln!(said, "    {} findings before, {} after", before.findings.len(), after.findings.len() + after.suppressed.len())?;
    }
    if broken(&after) > broken(&before) {
        writeln!(said, "    a file does not parse any more")?;
    }
    for (path, before) in texts {
        let after = String::from_utf8(fs::read(project.root().join(path))?)?;
        let others: String = after.split_inclusive('\n').filter(|line| !line.contains("that is how it is")).collect();
        if others.as_bytes() != before {
            writeln!(said, "    {path} changed outside of the comments")?;
        }
        if before.windows(2).any(|pair| pair == b"\r\n") && after.replace("\r\n", "").contains('\n') {
            writeln!(said, "    {path} has other line ends now")?;
        }
    }
    if !said.is_empty() {
        for path in files.keys() {
            let text = fs::read_to_string(project.root().join(path))?;
            if text.contains("that is how it is") {
                writeln!(said, "--- {path}\n{text}")?;
            }
        }
    }
    Ok((!said.is_empty()).then_some(said))
}

fn with_windows_line_ends(files: &Files) -> Files {
    let windows = |content: &Vec<u8>| match std::str::from_utf8(content) {
        Ok(text) => text.replace('\n', "\r\n").into_bytes(),
        Err(_) => content.clone(),
    };
    files.iter().map(|(path, content)| (path.clone(), windows(content))).collect()
}

#[test]
fn what_suppress_writes_hides_the_findings_of_every_example_and_nothing_else() -> TestResult {
    let (mut failures, mut left, mut examined) = (String::new(), BTreeMap::new(), 0);
    let about: Vec<&str> = authlint::rules::ABOUT_SUPPRESSIONS.iter().map(|rule| rule.name).collect();
    for page in pages()?.iter().filter(|page| !about.contains(&&*name_of(page))) {
        for (number, example) in examples(&name_of(page), &fs::read_to_string(page)?)?.iter().enumerate() {
            if example.expected.is_empty() {
                continue;
            }
            examined += 1;
            let files = if number % 3 == 0 { with_windows_line_ends(&example.files) } else { example.files.clone() };
            if let Some(said) = complaints(&files, &mut left)? {
                writeln!(failures, "{}, `{}`\n{said}", name_of(page), example.title)?;
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(left.keys().all(|why| *why == Why::NoComments || *why == Why::Generated), "{left:?}");
    assert!(examined > 150, "{examined}");
    Ok(())
}

#[test]
fn what_suppress_writes_hides_the_findings_of_every_fixture_and_nothing_else() -> TestResult {
    let (mut failures, mut left) = (String::new(), BTreeMap::new());
    for folder in fixtures()? {
        let files = harness::files(&folder)?;
        if let Some(said) = complaints(&files, &mut left)? {
            writeln!(failures, "{}\n{said}", folder.display())?;
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(left.keys().all(|why| *why == Why::NoComments || *why == Why::Generated), "{left:?}");
    Ok(())
}

#[test]
fn suppress_says_what_it_cannot_hide() {
    let project = project(&[
        ("package.json", r#"{ "dependencies": { "@telnyx/webrtc": "2.20.0" }, "key": "{{fake:api-key:3}}" }"#),
        ("notes.txt", "{{fake:api-key:1}}\n"),
        ("deploy.sh", "export A={{fake:api-key:2}}\n"),
    ]);
    fs::write(project.root().join("latin.sh"), [b"# caf\xe9\nexport A=".as_slice(), &fake_key(4), b"\n"].concat()).unwrap();
    let (code, stdout, _) = run(project.root(), &["suppress", "--reason", "revoked"]);
    assert_eq!(code, 1, "{stdout}");
    assert_eq!(
        stdout,
        "deploy.sh: 1 comment for 1 finding\n\
         latin.sh:2: hardcoded-secret stays: the file is not UTF-8\n\
         notes.txt:1: hardcoded-secret stays: no comment can stand there\n\
         package.json:1: hardcoded-secret stays: the format of the file has no comments\n\
         suppressed 1 finding by 1 comment in 1 file; 3 findings left: `authlint baseline` can hide them\n"
    );
    assert!(
        fs::read_to_string(project.root().join("deploy.sh")).unwrap().starts_with("# authlint-ignore hardcoded-secret -- revoked\nexport")
    );
    assert!(fs::read(project.root().join("latin.sh")).unwrap().starts_with(b"# caf\xe9\nexport"));
}

/// A key as the placeholder of the number would be.
fn fake_key(number: u32) -> Vec<u8> {
    harness::fill_placeholders(&format!("{{{{fake:api-key:{number}}}}}")).unwrap().into_bytes()
}

#[test]
fn suppress_obeys_its_options() {
    let files = [("deploy.sh", "export A={{fake:api-key:2}}\n"), ("other/deploy.sh", "export A={{fake:api-key:3}}\n")];
    for (arguments, code, changed) in [
        (&["--reason", "revoked"][..], 0, 2),
        (&["--reason", "revoked", "--dry-run"], 0, 0),
        (&["--reason", "revoked", "--rule", "hardcoded-secret", "other"], 0, 1),
        (&["--reason", "revoked", "--rule", "secret-in-log"], 0, 0),
        (&["--reason", "revoked", "--rule", "no-such-rule"], 2, 0),
        (&["--reason", "  "], 2, 0),
        (&["--reason", "a */ b"], 2, 0),
        (&[], 2, 0),
    ] {
        let project = project(&files);
        let (found, stdout, stderr) = run(project.root(), &[&["suppress"], arguments].concat());
        assert_eq!(found, code, "{arguments:?}: {stdout}{stderr}");
        let is_changed = |path: &&str| fs::read_to_string(project.root().join(path)).unwrap().contains("authlint-ignore");
        assert_eq!(files.iter().map(|(path, _)| *path).filter(is_changed).count(), changed, "{arguments:?}");
    }
}

#[test]
fn suppress_keeps_comments_of_other_tools_at_their_line() {
    let text = "import { TelnyxRTC } from '@telnyx/webrtc'\n\nexport const phone = (form: any) => {\n  // eslint-disable-next-line no-new\n  \
                return new TelnyxRTC({ login: form.login, password: import.meta.env.VITE_SIP_PASSWORD })\n}\n";
    let project = project(&[MANIFEST, PAGE, ("src/phone.ts", text)]);
    run(project.root(), &["suppress", "--reason", "the office phone"]);
    let written = fs::read_to_string(project.root().join("src/phone.ts")).unwrap();
    let lines: Vec<&str> = written.lines().skip(3).take(2).collect();
    assert!(lines[0].starts_with("  // authlint-ignore ") && lines[1] == "  // eslint-disable-next-line no-new", "{written}");
    assert_eq!(concise(&project, &[]), Vec::<String>::new(), "{written}");
}
