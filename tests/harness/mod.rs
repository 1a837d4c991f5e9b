//! Small whole projects on disk, checked through the library's public door, and compared line by line with what a
//! person wrote down.
//!
//! No tracked file may hold a string of a real secret's shape, so fixtures and page examples write placeholders, and
//! [`Project::new`] fills them in while it lays the files out in a temporary folder. The filled-in values are derived from the
//! placeholder's number alone: the same on every machine and in every run.

#![allow(dead_code, reason = "every test binary uses a part")]

pub(crate) mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use authlint::finding::{Finding, Severity};
use authlint::source::Sources;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regex::{Captures, Regex};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use walkdir::WalkDir;

/// What tests return.
pub(crate) type TestResult<T = ()> = Result<T, Box<dyn Error>>;

/// A project's files: relative path with `/`, content.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The file of a fixture that is not part of its project.
pub(crate) const EXPECTED: &str = "expected.txt";
/// The folder under `fixtures/` whose apps show where values come from, and each app's list of them.
const ORIGINS: &str = "origins";
/// The file of an app under `fixtures/origins/` that is not part of its project.
pub(crate) const EXPECTED_ORIGINS: &str = "origins.txt";

/// The folders of the projects with expected findings, sorted.
pub(crate) fn fixtures() -> TestResult<Vec<PathBuf>> {
    let mut folders = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))?;
    folders.retain(|folder| folder.file_name() != Some(ORIGINS.as_ref()));
    Ok(folders)
}

/// The folders of the apps with expected origins, sorted.
pub(crate) fn origin_fixtures() -> TestResult<Vec<PathBuf>> {
    folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(ORIGINS))
}

fn folders(folder: &Path) -> TestResult<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

/// The files of a fixture, its expectations left out.
pub(crate) fn files(folder: &Path) -> TestResult<Files> {
    let mut files = BTreeMap::new();
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        let path = entry.path().strip_prefix(folder)?;
        if entry.file_type().is_file() && ![EXPECTED, EXPECTED_ORIGINS].map(Path::new).contains(&path) {
            let path = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(files)
}

/// The values that the placeholders of some files stand for.
pub(crate) fn planted(files: &Files) -> TestResult<BTreeSet<String>> {
    let placeholder = Regex::new(PLACEHOLDER)?;
    let texts = files.values().filter_map(|content| std::str::from_utf8(content).ok());
    texts.flat_map(|text| placeholder.find_iter(text)).map(|found| fill_placeholders(found.as_str())).collect()
}

/// One finding, reduced to what a person writes down. Ordered by place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reported {
    /// Relative to the project's root, with `/`.
    pub(crate) path: String,
    /// 1-based.
    pub(crate) line: u32,
    /// The severity's word.
    pub(crate) severity: String,
    /// The rule's name.
    pub(crate) rule: String,
}

impl Reported {
    /// Reads `path:line severity`, the form that fixtures and pages share.
    pub(crate) fn parse(text: &str, rule: &str) -> TestResult<Self> {
        let (place, severity) = text.trim().split_once(' ').ok_or_else(|| format!("no severity in `{text}`"))?;
        let (path, line) = place.rsplit_once(':').ok_or_else(|| format!("no line number in `{text}`"))?;
        let known = [Severity::Error, Severity::Warning, Severity::Note].map(Severity::as_str);
        if !known.contains(&severity) {
            return Err(format!("unknown severity in `{text}`").into());
        }
        Ok(Self { path: path.to_owned(), line: line.parse()?, severity: severity.to_owned(), rule: rule.to_owned() })
    }

    pub(crate) fn of(finding: &Finding, sources: &Sources) -> TestResult<Self> {
        let file = sources.get(finding.primary.file).ok_or_else(|| format!("the text of a finding of {} was not kept", finding.rule))?;
        Ok(Self {
            path: file.path.to_string(),
            line: file.line_of(finding.primary.span.start),
            severity: finding.severity.as_str().to_owned(),
            rule: finding.rule.to_owned(),
        })
    }
}

impl fmt::Display for Reported {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}:{} {} {}", self.path, self.line, self.severity, self.rule)
    }
}

/// A project in a temporary folder, gone when dropped.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// Lays out `files` (relative path with `/`, content) with their placeholders filled in.
    pub(crate) fn new(files: &Files) -> TestResult<Self> {
        Self::in_order(files.iter())
    }

    /// The same, with the files written in a given order.
    pub(crate) fn in_order<'f>(files: impl Iterator<Item = (&'f String, &'f Vec<u8>)>) -> TestResult<Self> {
        // A name without a leading dot: a hidden root must not be what keeps files from being found.
        let folder = tempfile::Builder::new().prefix("project-").tempdir()?;
        for (path, content) in files {
            let target = folder.path().join(path);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)?;
            }
            match std::str::from_utf8(content) {
                Ok(text) => fs::write(target, fill_placeholders(text)?)?,
                Err(_) => fs::write(target, content)?,
            }
        }
        Ok(Self { folder })
    }

    /// The folder on disk.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Checks the whole project; the findings of `rules`, sorted by place.
    pub(crate) fn check(&self, rules: &[&str]) -> TestResult<Vec<Reported>> {
        let request = authlint::CheckRequest { root: self.root().to_path_buf(), ..Default::default() };
        let outcome = authlint::check(&request).map_err(|error| error.to_string())?;
        let mut lines = outcome
            .findings
            .iter()
            .filter(|finding| rules.contains(&finding.rule))
            .map(|finding| Reported::of(finding, &outcome.sources))
            .collect::<TestResult<Vec<_>>>()?;
        lines.sort();
        Ok(lines)
    }
}

/// What differs between the two lists, one line each, or none. Lists count: the same finding twice is a difference.
pub(crate) fn difference(expected: &[Reported], found: &[Reported]) -> Option<String> {
    let mut counts: BTreeMap<&Reported, i32> = BTreeMap::new();
    for line in expected {
        *counts.entry(line).or_default() -= 1;
    }
    for line in found {
        *counts.entry(line).or_default() += 1;
    }
    let text = counts.iter().fold(String::new(), |text, (line, count)| match count {
        0 => text,
        count if *count < 0 => format!("{text}    missing:    {line}\n"),
        _ => format!("{text}    unexpected: {line}\n"),
    });
    (!text.is_empty()).then_some(text)
}

const PLACEHOLDER: &str = r"\{\{fake:([a-z-]+):(\d+)\}\}";

/// Replaces `{{fake:KIND:NUMBER}}`. A placeholder stays on its line, so line numbers hold.
pub(crate) fn fill_placeholders(text: &str) -> TestResult<String> {
    let placeholder = Regex::new(PLACEHOLDER)?;
    let filled = placeholder.replace_all(text, |found: &Captures<'_>| match (&found[1], &found[2]) {
        ("api-key", number) => api_key(number),
        ("jwt", number) => login_token(number, FAR_FUTURE),
        ("expired-jwt", number) => login_token(number, LONG_PAST),
        ("other-jwt", number) => other_token(number),
        ("password" | "sip-password", number) => characters("password", number, 16),
        _ => found[0].to_owned(),
    });
    match filled.find("{{fake:") {
        None => Ok(filled.into_owned()),
        Some(at) => Err(format!("unknown placeholder: {}", filled[at..].lines().next().unwrap_or_default()).into()),
    }
}

/// Thirty-two bytes that look random and depend on the arguments only.
fn bytes(kind: &str, number: &str) -> [u8; 32] {
    Sha256::digest(format!("authlint fixture {kind} {number}")).into()
}

/// Up to 32 letters and digits.
fn characters(kind: &str, number: &str, count: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    bytes(kind, number).iter().take(count).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// Upper-case hexadecimal digits, two for each of the first `count` bytes.
fn hexadecimal(kind: &str, number: &str, count: usize) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let half_bytes = |byte: &u8| [byte >> 4, byte & 0xF];
    bytes(kind, number).iter().take(count).flat_map(half_bytes).map(|half| char::from(DIGITS[usize::from(half)])).collect()
}

/// A v2 API key: `KEY`, 32 hexadecimal digits, an underscore, 22 letters and digits.
fn api_key(number: &str) -> String {
    format!("KEY{}_{}", hexadecimal("key id", number, 16), characters("key secret", number, 22))
}

/// 2100-01-01, so that no test changes with the calendar.
const FAR_FUTURE: u64 = 4_102_444_800;
/// 2021-01-01.
const LONG_PAST: u64 = 1_609_459_200;
/// 2020-12-31, when all tokens here were issued.
const ISSUED: u64 = 1_609_372_800;

/// A login token with the claims of a real one, valid until `expiry` (seconds since 1970).
fn login_token(number: &str, expiry: u64) -> String {
    let uuid = |kind: &str| {
        let digits = hexadecimal(kind, number, 16).to_lowercase();
        [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
    };
    token(
        number,
        &serde_json::json!({
            "aud": "telnyx_telephony",
            "exp": expiry,
            "iat": ISSUED,
            "iss": "telnyx_telephony",
            "jti": uuid("jti"),
            "nbf": ISSUED - 1,
            "sub": uuid("sub"),
            "tel_token": characters("tel_token", number, 32).repeat(4),
            "typ": "access",
        }),
    )
}

/// A token of somebody else: the public key of a hosted database.
fn other_token(number: &str) -> String {
    let project = characters("project", number, 20).to_lowercase();
    token(number, &serde_json::json!({ "iss": "supabase", "ref": project, "role": "anon", "iat": ISSUED, "exp": FAR_FUTURE }))
}

/// A signed token of three parts around `claims`.
fn token(number: &str, claims: &serde_json::Value) -> String {
    let header = serde_json::json!({ "alg": "HS512", "typ": "JWT" });
    let signature = [bytes("signature", number), bytes("signature, second half", number)].concat();
    [header.to_string().into_bytes(), claims.to_string().into_bytes(), signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}
