//! The rule pages under `rules/` and their examples.
//!
//! An example is a `###` heading, one or more fenced blocks with `title="path"` in the info string, and `Expect:` lines.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Files, Reported, TestResult};

/// One example of a page.
pub(crate) struct Example {
    /// The heading.
    pub(crate) title: String,
    /// Path in the project, content.
    pub(crate) files: Files,
    /// The findings of the page's rule, sorted.
    pub(crate) expected: Vec<Reported>,
    /// `Expect: nothing` was written, so that a forgotten `Expect:` is not taken for it.
    pub(crate) expects_nothing: bool,
}

/// The pages, sorted. `README.md` explains the folder and is none.
pub(crate) fn pages() -> TestResult<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut pages = Vec::new();
    for folder in [folder.join("about-suppressions"), folder] {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") && name_of(&path) != "README" {
                pages.push(path);
            }
        }
    }
    pages.sort();
    let known = authlint::rules::EVERY_RULE.len();
    assert_eq!(pages.len(), known, "{pages:?}");
    Ok(pages)
}

/// The rule of a page.
pub(crate) fn name_of(page: &Path) -> String {
    page.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Reads the examples of a page.
pub(crate) fn examples(rule: &str, text: &str) -> TestResult<Vec<Example>> {
    let (_, section) = text.split_once("\n## Examples\n").ok_or("no `## Examples`")?;
    let mut examples: Vec<Example> = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("### ") {
            let title = title.trim().to_owned();
            examples.push(Example { title, files: Files::new(), expected: Vec::new(), expects_nothing: false });
            continue;
        }
        let Some(example) = examples.last_mut() else { continue };
        if let Some(info) = line.strip_prefix("```") {
            let path = info
                .split_once("title=\"")
                .and_then(|(_, rest)| rest.split_once('"'))
                .map(|(path, _)| path.to_owned())
                .ok_or_else(|| format!("`{}`: a block without title=\"path\"", example.title))?;
            let content = lines.by_ref().take_while(|line| *line != "```").fold(String::new(), |text, line| text + line + "\n");
            if example.files.insert(path.clone(), content.into_bytes()).is_some() {
                return Err(format!("`{}`: {path} stands there twice", example.title).into());
            }
        } else if let Some(expectation) = line.strip_prefix("Expect:") {
            match expectation.trim() {
                "nothing" => example.expects_nothing = true,
                place => example.expected.push(Reported::parse(place, rule)?),
            }
        }
    }
    for example in &mut examples {
        example.expected.sort();
    }
    Ok(examples)
}
