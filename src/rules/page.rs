//! Rule pages: the one description of a rule.
//!
//! A page is Markdown with TOML front matter between `+++` lines. It is compiled in, and everything that explains a rule is
//! read from it: `authlint explain`, `authlint rules`, SARIF's rule metadata and the documentation.

use serde::Deserialize;

use crate::finding::Severity;
use crate::fix::Offer;

/// The second-level headings that a page must have, in this order.
pub const HEADINGS: [&str; 5] = ["What it flags", "Why it matters", "What it leaves alone", "How to fix", "Examples"];

/// The front matter, as written. Unknown keys are errors, so that a misspelt one is never silently without effect.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    /// The rule's name.
    pub name: String,
    /// What the rule reports, in one line.
    pub summary: String,
    /// Severity when no evidence moves it.
    pub severity: Severity,
    /// What lowers or raises severity or confidence, one sentence each.
    #[serde(default)]
    pub moves: Vec<String>,
    /// Common Weakness Enumeration number.
    pub cwe: u16,
    /// GitHub's `security-severity`, `"0.1"` to `"10.0"`.
    pub security_severity: String,
    /// The surest kind of fix that `authlint fix` knows.
    pub fix: Offer,
    /// Where the facts behind the rule are documented, the most useful address first.
    #[serde(default)]
    pub references: Vec<String>,
}

/// A parsed page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<'a> {
    /// The metadata.
    pub front: FrontMatter,
    /// The Markdown after the front matter.
    pub body: &'a str,
    /// The sections under second-level headings, in the order of the page.
    pub sections: Vec<Section<'a>>,
}

/// What stands under one second-level heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section<'a> {
    /// The heading's text.
    pub title: &'a str,
    /// The Markdown up to the next heading of the level, trimmed.
    pub body: &'a str,
}

/// Why a page could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The page does not start with front matter between two `+++` lines.
    #[error("the page has no front matter between `+++` lines")]
    NoFrontMatter,
    /// The front matter is not what [`FrontMatter`] says.
    #[error("the page's front matter is wrong")]
    FrontMatter(#[from] toml::de::Error),
}

impl<'a> Page<'a> {
    /// Reads a page.
    ///
    /// # Errors
    /// When the front matter is missing, is no TOML, lacks a key or has an unknown one.
    pub fn parse(text: &'a str) -> Result<Self, PageError> {
        let rest = fence(text).ok_or(PageError::NoFrontMatter)?;
        let (front, body) = split_at_fence(rest).ok_or(PageError::NoFrontMatter)?;
        Ok(Self { front: toml::from_str(front)?, body, sections: sections(body) })
    }

    /// The section under a heading, if the page has it.
    #[must_use]
    pub fn section(&self, title: &str) -> Option<&'a str> {
        self.sections.iter().find(|section| section.title == title).map(|section| section.body)
    }
}

/// The text after a leading `+++` line.
fn fence(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches('\u{feff}').strip_prefix("+++")?;
    rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))
}

/// What stands before and after the next `+++` line.
fn split_at_fence(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        if line.trim_end() == "+++" {
            return Some((text.get(..at)?, text.get(next..)?));
        }
        at = next;
    }
    None
}

/// Cuts Markdown at its second-level headings; headings inside fenced code do not count.
fn sections(body: &str) -> Vec<Section<'_>> {
    let mut found = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    let mut in_code = false;
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let next = at + line.len();
        in_code ^= line.starts_with("```");
        if let Some(title) = line.strip_prefix("## ").filter(|_| !in_code) {
            push_section(&mut found, body, open, at);
            open = Some((title.trim(), next));
        }
        at = next;
    }
    push_section(&mut found, body, open, at);
    found
}

fn push_section<'a>(found: &mut Vec<Section<'a>>, body: &'a str, open: Option<(&'a str, usize)>, end: usize) {
    if let Some((title, start)) = open {
        found.push(Section { title, body: body.get(start..end).unwrap_or("").trim() });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const PAGE: &str = "+++\nname = \"demo-rule\"\nsummary = \"Says so\"\nseverity = \"error\"\nmoves = [\"a typed-in value: note\"]\ncwe = 798\nsecurity_severity = \"8.1\"\nfix = \"none\"\nreferences = [\"https://example.com/a\"]\n+++\n\n## What it flags\n\nThis.\n\n```js\n## not a heading\n```\n\n## How to fix\n\nDo that.\n";

    #[test]
    fn reads_front_matter_and_sections() {
        let page = Page::parse(PAGE).unwrap();
        assert_eq!((page.front.name.as_str(), page.front.cwe, page.front.severity), ("demo-rule", 798, Severity::Error));
        assert_eq!(page.sections.iter().map(|section| section.title).collect::<Vec<_>>(), ["What it flags", "How to fix"]);
        assert_eq!(page.section("How to fix"), Some("Do that."));
        assert!(page.section("What it flags").unwrap().ends_with("## not a heading\n```"));
    }

    #[test]
    fn reads_windows_line_ends() {
        let text = PAGE.replace('\n', "\r\n");
        assert_eq!(Page::parse(&text).unwrap().section("How to fix"), Some("Do that."));
    }

    #[test]
    fn refuses_missing_or_unknown_metadata() {
        for (text, expected) in [
            ("no front matter", "no front matter"),
            ("+++\nname = \"x\"\n", "no front matter"),
            ("+++\nname = \"x\"\n+++\n", "is wrong"),
            (&PAGE.replace("cwe =", "cvve ="), "is wrong"),
        ] {
            let message = Page::parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
