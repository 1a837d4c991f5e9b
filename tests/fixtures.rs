//! Every project under `fixtures/` gives exactly the findings that its `expected.txt` lists, no more and no fewer.
//!
//! `expected.txt` holds one `path:line severity rule` a line, sorted; `#` starts a comment (the reason). An empty file
//! means a clean project. Rules outside [`RULES`] do not count.

mod harness;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use harness::{EXPECTED, Project, Reported, TestResult, difference, files, fixtures};
use regex::Regex;

/// The rules that every fixture is judged by.
const RULES: [&str; 11] = [
    "api-key-in-client",
    "broken-token-refresh",
    "client-side-token-mint",
    "credential-id-from-request",
    "credential-leaves-server",
    "hardcoded-secret",
    "missing-token-refresh",
    "password-login",
    "secret-in-log",
    "shared-credential",
    "unauthenticated-token-endpoint",
];

#[test]
fn every_fixture_gives_exactly_its_expected_findings() -> TestResult {
    let folders = fixtures()?;
    assert!(folders.len() >= 16, "only {} fixtures", folders.len());

    let mut failures = Vec::new();
    let mut clean = 0;
    for folder in &folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let expected = expected(folder)?;
        clean += usize::from(expected.is_empty());
        let outcome = files(folder).and_then(|files| {
            let project = Project::new(&files)?;
            project.check(&RULES)
        });
        match outcome {
            Ok(found) => {
                if let Some(difference) = difference(&expected, &found) {
                    failures.push(format!("fixtures/{name}\n{difference}"));
                }
            }
            Err(error) => failures.push(format!("fixtures/{name}\n    failed: {error}\n")),
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.concat());
    assert!(clean * 4 >= folders.len(), "only {clean} of {} fixtures are clean", folders.len());
    Ok(())
}

#[test]
fn placeholders_become_strings_of_the_documented_shape() -> TestResult {
    let shapes = [
        ("api-key", r"^KEY[0-9A-F]{32}_[0-9A-Za-z]{22}$"),
        ("jwt", r"^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{86}$"),
        ("expired-jwt", r"^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{86}$"),
        ("other-jwt", r"^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{86}$"),
        ("password", r"^[0-9A-Za-z]{16}$"),
    ];
    for (kind, shape) in shapes {
        let line = format!("{{{{fake:{kind}:1}}}}\n{{{{fake:{kind}:2}}}}\n{{{{fake:{kind}:1}}}}\n");
        let project = Project::new(&BTreeMap::from([("nested/secret.txt".to_owned(), line.into_bytes())]))?;
        let text = fs::read_to_string(project.root().join("nested/secret.txt"))?;
        let values: Vec<&str> = text.lines().collect();
        let [first, second, again] = values.as_slice() else { return Err(format!("{kind}: line numbers moved").into()) };
        assert!(Regex::new(shape)?.is_match(first), "{kind}");
        assert!(first == again && first != second, "{kind}: the number decides");
    }
    assert!(Project::new(&BTreeMap::from([("a.txt".to_owned(), b"{{fake:pasword:1}}".to_vec())])).is_err(), "a typing mistake is told");
    Ok(())
}

/// The hand-written expectations, which must be sorted and name real places and known rules.
fn expected(folder: &Path) -> TestResult<Vec<Reported>> {
    let list = folder.join(EXPECTED);
    let text = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (place, rule) = line.rsplit_once(' ').ok_or_else(|| format!("{}: cannot read `{line}`", list.display()))?;
        assert!(RULES.contains(&rule), "{}: no rule is called `{rule}`", list.display());
        let line = Reported::parse(place, rule)?;
        let target = folder.join(&line.path);
        let length = fs::read_to_string(&target).map_err(|error| format!("{}: {error}", target.display()))?.lines().count();
        assert!((1..=length).contains(&(line.line as usize)), "{}: {line} is outside its file", list.display());
        lines.push(line);
    }
    assert!(lines.is_sorted(), "{} is not sorted by path, line, severity, rule", list.display());
    Ok(lines)
}
