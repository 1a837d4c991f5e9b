//! The file of a baseline.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Baseline, Entry, canonical};

/// Raised when an older authlint could misread the file.
const SCHEMA_VERSION: u32 = 1;

/// Why a baseline could not be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BaselineError {
    /// The file cannot be opened.
    #[error("cannot read the baseline {}", path.display())]
    #[diagnostic(help("`authlint baseline` writes one"))]
    Read {
        /// The file as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not a baseline.
    #[error("{} is no baseline", path.display())]
    #[diagnostic(help("`authlint baseline` writes it anew; after a merge conflict keep the lines of both sides"))]
    Malformed {
        /// The file as given.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// It was written by a later version.
    #[error("{} has schema version {version}; this authlint knows {SCHEMA_VERSION}", path.display())]
    #[diagnostic(help("update authlint, or write the baseline anew with `authlint baseline`"))]
    Version {
        /// The file as given.
        path: PathBuf,
        /// The version that it has.
        version: u32,
    },
}

#[derive(Deserialize)]
struct Written {
    schema_version: u32,
    findings: Vec<WrittenEntry>,
}

#[derive(Serialize, Deserialize)]
struct WrittenEntry {
    path: String,
    rule: String,
    snippet: String,
    #[serde(default, skip_serializing_if = "is_first")]
    ordinal: u32,
}

/// Serde hands a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_first(ordinal: &u32) -> bool {
    *ordinal == 0
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// When the file cannot be read, is no baseline, or was written by a later version.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let text = std::fs::read_to_string(path).map_err(|source| BaselineError::Read { path: path.to_owned(), source })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let written: Written = serde_json::from_str(text).map_err(|source| BaselineError::Malformed { path: path.to_owned(), source })?;
        if written.schema_version > SCHEMA_VERSION {
            return Err(BaselineError::Version { path: path.to_owned(), version: written.schema_version });
        }
        let entries = written.findings.into_iter();
        let entries = entries.map(|WrittenEntry { path, rule, snippet, ordinal }| Entry { path, rule, snippet, ordinal }).collect();
        Ok(Self { folder: canonical(path.parent().unwrap_or(path)), entries }.sorted())
    }

    /// Writes the file: one finding a line, sorted.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\n  \"schema_version\": {SCHEMA_VERSION},\n  \"findings\": [")?;
        for (index, entry) in self.entries.iter().enumerate() {
            let Entry { path, rule, snippet, ordinal } = entry.clone();
            let line = serde_json::to_string(&WrittenEntry { path, rule, snippet, ordinal })?;
            write!(out, "{}\n    {line}", if index == 0 { "" } else { "," })?;
        }
        writeln!(out, "{}]\n}}", if self.entries.is_empty() { "" } else { "\n  " })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<Baseline, BaselineError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.json");
        std::fs::write(&path, text).unwrap();
        Baseline::read(&path)
    }

    #[test]
    fn what_is_written_is_read() {
        let entry = |path: &str, ordinal| Entry { path: path.to_owned(), rule: "x".to_owned(), snippet: "ab".to_owned(), ordinal };
        for entries in [vec![], vec![entry("a \"b\".ts", 0)], vec![entry("a.ts", 0), entry("a.ts", 1), entry("b.ts", 0)]] {
            let baseline = Baseline { folder: PathBuf::new(), entries: entries.clone() };
            let mut out = Vec::new();
            baseline.write(&mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert_eq!(text.lines().count(), if entries.is_empty() { 4 } else { 5 + entries.len() }, "{text}");
            assert_eq!(written(&text).unwrap().entries, entries, "{text}");
        }
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        for text in ["", "[]", "{}", "<<<<<<< HEAD", r#"{"schema_version": 1, "findings": [{"path": "a"}]}"#] {
            assert!(matches!(written(text), Err(BaselineError::Malformed { .. })), "{text}");
        }
        assert!(matches!(written(r#"{"schema_version": 2, "findings": []}"#), Err(BaselineError::Version { version: 2, .. })));
        assert!(matches!(Baseline::read(Path::new("/no/such/file")), Err(BaselineError::Read { .. })));
    }
}
