//! Every app under `fixtures/origins/` has its values come from exactly the places that its `origins.txt` lists, and `authlint trace` tells
//! the ways as its snapshot shows them.
//!
//! `origins.txt` is written by hand before the tool is asked:
//!
//! ```text
//! # a comment
//! src/phone.ts: login_token: «token»
//!   response `POST /api/token` src/api.ts:4
//!   literal src/config.ts:2 (derived) (only if development)
//! ```
//!
//! A question is a path and a part of one of the file's lines, unique in the file, with the asked expression between « and ». Below it stand
//! the expected origins in any order: what, where, and how. A response without a method matches any method.

mod harness;

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use authlint::report::trace::TraceReport;
use authlint::report::{Detail, Presentation};
use authlint::trace::{Place, TraceRequest, TracedOrigin};
use authlint::{Trace, trace};
use harness::{EXPECTED_ORIGINS, Project, TestResult, files, fill_placeholders, origin_fixtures};

#[test]
fn every_value_comes_from_exactly_where_a_person_says() -> TestResult {
    let folders = origin_fixtures()?;
    assert!(!folders.is_empty());
    let mut failures = String::new();
    for folder in &folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        match differences(folder) {
            Ok(text) if text.is_empty() => {}
            Ok(text) => write!(failures, "fixtures/origins/{name}\n{text}")?,
            Err(error) => write!(failures, "fixtures/origins/{name}\n    failed: {error}\n")?,
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    Ok(())
}

#[test]
fn every_way_is_told_as_its_snapshot_shows() -> TestResult {
    for folder in origin_fixtures()? {
        let project = Project::new(&files(&folder)?)?;
        let mut text = String::new();
        for question in questions(&fs::read_to_string(folder.join(EXPECTED_ORIGINS))?)? {
            let traced = question.ask(project.root())?;
            let mut out = Vec::new();
            TraceReport::new(&traced).write_human(&PRESENTATION, &mut out)?;
            write!(text, "{}: {}\n\n{}\n\n", question.path, question.marked, String::from_utf8(out)?)?;
        }
        insta::assert_snapshot!(folder.file_name().unwrap_or_default().to_string_lossy().as_ref(), text);
    }
    Ok(())
}

/// How the snapshots are printed.
const PRESENTATION: Presentation = Presentation { color: false, unicode: true, width: 100, detail: Detail::Normal, elapsed: None };

/// What differs in one app, a line each.
fn differences(folder: &Path) -> TestResult<String> {
    let project = Project::new(&files(folder)?)?;
    let mut text = String::new();
    for question in questions(&fs::read_to_string(folder.join(EXPECTED_ORIGINS))?)? {
        let traced = question.ask(project.root())?;
        let found = traced.origins.iter().map(|origin| Written::of(origin, &traced)).collect::<TestResult<BTreeSet<_>>>()?;
        let missing = question.expected.iter().filter(|line| !found.iter().any(|found| line.matches(found)));
        let unexpected = found.iter().filter(|found| !question.expected.iter().any(|line| line.matches(found)));
        let lines: Vec<String> =
            missing.map(|line| format!("missing:    {line}")).chain(unexpected.map(|line| format!("unexpected: {line}"))).collect();
        if !lines.is_empty() {
            writeln!(text, "  {}: {}\n    {}", question.path, question.marked, lines.join("\n    "))?;
        }
    }
    Ok(text)
}

/// A question of an app.
struct Question {
    path: String,
    /// The text with its marks.
    marked: String,
    expected: BTreeSet<Written>,
}

impl Question {
    fn ask(&self, root: &Path) -> TestResult<Trace> {
        let place = self.place(&fs::read_to_string(root.join(&self.path))?)?;
        let request =
            TraceRequest { root: root.to_path_buf(), file: (&self.path).into(), place, config: authlint::config::ConfigRequest::default() };
        trace(&request).map_err(|error| format!("{}: {}: {error}", self.path, self.marked).into())
    }

    fn place(&self, text: &str) -> TestResult<Place> {
        let marked = fill_placeholders(&self.marked)?;
        let (before, rest) = marked.split_once('«').ok_or_else(|| format!("no « in `{}`", self.marked))?;
        let (asked, after) = rest.split_once('»').ok_or_else(|| format!("no » in `{}`", self.marked))?;
        let plain = format!("{before}{asked}{after}");
        let mut found = text.lines().enumerate().filter_map(|(index, line)| Some((index, line.get(..line.find(&plain)?)?)));
        let (Some((index, lead)), None) = (found.next(), found.next()) else {
            return Err(format!("`{plain}` stands not in exactly one line of {}", self.path).into());
        };
        let width = |text: &str| u32::try_from(text.encode_utf16().count());
        let from = width(lead)? + width(before)? + 1;
        Ok(Place::Range { line: u32::try_from(index)? + 1, from, to: from + width(asked)? })
    }
}

/// Reads `origins.txt`.
fn questions(text: &str) -> TestResult<Vec<Question>> {
    let mut questions: Vec<Question> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            let question = questions.last_mut().ok_or_else(|| format!("an origin without a question: `{line}`"))?;
            question.expected.insert(Written::parse(line.trim())?);
        } else {
            let (path, marked) = line.split_once(": ").ok_or_else(|| format!("no path in `{line}`"))?;
            questions.push(Question { path: path.to_owned(), marked: marked.to_owned(), expected: BTreeSet::new() });
        }
    }
    Ok(questions)
}

/// An origin as a person writes it down.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Written {
    path: String,
    line: u32,
    what: String,
    derived: bool,
    conditions: Vec<String>,
}

impl Written {
    /// Reads `env NAME src/config.ts:3 (derived) (only if TEXT)`.
    fn parse(text: &str) -> TestResult<Self> {
        const DERIVED: &str = " (derived)";
        const ONLY_IF: &str = " (only if ";
        let mut conditions: Vec<String> = Vec::new();
        let mut rest = text;
        while let Some((before, condition)) = rest.strip_suffix(')').and_then(|inner| inner.rsplit_once(ONLY_IF)) {
            conditions.insert(0, condition.to_owned());
            rest = before;
        }
        let derived = rest.ends_with(DERIVED);
        let rest = rest.strip_suffix(DERIVED).unwrap_or(rest);
        let (what, place) = rest.rsplit_once(' ').ok_or_else(|| format!("no place in `{text}`"))?;
        let (path, line) = place.rsplit_once(':').ok_or_else(|| format!("no line number in `{text}`"))?;
        Ok(Self { path: path.to_owned(), line: line.parse()?, what: what.to_owned(), derived, conditions })
    }

    fn of(origin: &TracedOrigin, traced: &Trace) -> TestResult<Self> {
        let file = traced.sources.get(origin.at.file).ok_or("the text of an origin was not kept")?;
        Ok(Self {
            path: file.path.to_string(),
            line: file.line_of(origin.at.span.start),
            what: origin.what.to_string(),
            derived: origin.derived,
            conditions: origin.conditions.iter().map(|condition| condition.text.clone()).collect(),
        })
    }

    /// Whether this expectation is met.
    fn matches(&self, found: &Self) -> bool {
        let without_method = |what: &str| {
            let url = what.strip_prefix("response `")?.split_once(' ')?.1;
            Some(format!("response `{url}"))
        };
        let same = self.what == found.what || without_method(&found.what).is_some_and(|what| what == self.what);
        same && Self { what: found.what.clone(), ..self.clone() } == *found
    }
}

impl fmt::Display for Written {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} {}:{}", self.what, self.path, self.line)?;
        if self.derived {
            write!(to, " (derived)")?;
        }
        self.conditions.iter().try_for_each(|condition| write!(to, " (only if {condition})"))
    }
}

#[test]
fn expectations_are_read_as_documented() -> TestResult {
    for text in [
        "literal src/config.ts:2",
        "env VITE_SIP_PASSWORD src/config.ts:1 (derived)",
        "response `POST /api/token/…` src/a b.ts:4 (derived) (only if development)",
        "user input src/form.tsx:12 (only if mode is \"demo\") (only if development)",
    ] {
        let line = Written::parse(text)?;
        assert_eq!(line.to_string(), text);
        assert!(line.matches(&line));
    }
    let found = Written::parse("response `POST /api/token` a.ts:4")?;
    for (expected, matches) in [
        ("response `/api/token` a.ts:4", true),
        ("response `GET /api/token` a.ts:4", false),
        ("response `/api/other` a.ts:4", false),
        ("response `/api/token` a.ts:5", false),
        ("response `/api/token` a.ts:4 (derived)", false),
        ("response a.ts:4", false),
    ] {
        assert_eq!(Written::parse(expected)?.matches(&found), matches, "{expected}");
    }
    Ok(())
}
