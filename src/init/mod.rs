//! `init`: a commented configuration for the project at hand, and what runs authlint in hooks and CI.

use std::collections::BTreeMap;
use std::path::Path;

use crate::analysis::workspace::Workspace;
use crate::analysis::zones::claims::Claims;
use crate::check::CheckError;
use crate::config::{ConfigRequest, ConfigSource};
use crate::session;

/// For `.pre-commit-config.yaml`.
pub const PRE_COMMIT: &str = include_str!("pre-commit.yaml");
/// A workflow of GitHub Actions that uploads to code scanning.
pub const GITHUB_ACTIONS: &str = include_str!("github-actions.yml");
/// The configuration, with holes for what depends on the project.
const TEMPLATE: &str = include_str!("authlint.toml");

/// How many folders a line names for one framework.
const FOLDERS_NAMED: usize = 4;

/// What a project is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Frameworks by name, each with the folders that show it; the root is empty.
    pub frameworks: BTreeMap<String, Vec<String>>,
}

impl Found {
    /// In one line: `Next.js, Electron (apps/desk)`. Empty when nothing is known.
    #[must_use]
    pub fn line(&self) -> String {
        let one = |(name, folders): (&String, &Vec<String>)| {
            if folders.iter().all(String::is_empty) {
                return name.clone();
            }
            let shown: Vec<&str> =
                folders.iter().take(FOLDERS_NAMED).map(|folder| if folder.is_empty() { "." } else { folder.as_str() }).collect();
            let more = folders.len().saturating_sub(FOLDERS_NAMED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!("{name} ({}{more})", shown.join(", "))
        };
        self.frameworks.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// A folder that can stand for others in an example.
    fn folder(&self) -> &str {
        self.frameworks.values().flatten().map(String::as_str).filter(|folder| !folder.is_empty()).min().unwrap_or("scripts")
    }
}

/// Looks at the project of a working root; a configuration that is there already does not count.
///
/// # Errors
/// When the root cannot be read, or the machine gives no thread.
pub fn look(root: &Path) -> Result<Found, CheckError> {
    let config = ConfigRequest { source: ConfigSource::None, ..ConfigRequest::default() };
    session::run(root, &[], &config, |session| Ok(frameworks(&session.workspace)))
}

fn frameworks(workspace: &Workspace) -> Found {
    let claims = Claims::new(&workspace.catalog.frameworks);
    let mut folders: Vec<&str> = workspace.project.packages().iter().map(|package| &*package.folder).collect();
    folders.push("");
    folders.sort_unstable();
    folders.dedup();
    let mut found = Found::default();
    for folder in folders {
        for name in claims.present(workspace, folder) {
            found.frameworks.entry(name.to_owned()).or_default().push(folder.to_owned());
        }
    }
    found
}

/// The text of a configuration for a project.
#[must_use]
pub fn config_text(found: &Found) -> String {
    // Names of folders are the project's own and stand in a comment: a line break in one must not end it.
    let plain = |text: &str| text.chars().map(|character| if character.is_control() { '?' } else { character }).collect::<String>();
    let line = plain(&found.line());
    let known = if line.is_empty() {
        String::new()
    } else {
        format!("#\n# Found here: {line}.\n# Where their code runs is known; nothing needs to be said about it.\n")
    };
    TEMPLATE.replace("{found}\n", &format!("{known}\n")).replace("{folder}", &plain(found.folder()).replace(['"', '\\'], "?"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::config::{ConfigFile, schema};

    fn found(frameworks: &[(&str, &[&str])]) -> Found {
        let one = |(name, folders): &(&str, &[&str])| ((*name).to_owned(), folders.iter().map(|folder| (*folder).to_owned()).collect());
        Found { frameworks: frameworks.iter().map(one).collect() }
    }

    #[test]
    fn frameworks_are_named_with_their_folders() {
        for (frameworks, expected) in [
            (&[][..], ""),
            (&[("Vite", &[""][..])], "Vite"),
            (&[("Electron", &["apps/desk"]), ("Vite", &["", "apps/web"])], "Electron (apps/desk), Vite (., apps/web)"),
            (&[("Vite", &["a", "b", "c", "d", "e", "f"])], "Vite (a, b, c, d and 2 more)"),
        ] {
            assert_eq!(found(frameworks).line(), expected);
        }
    }

    #[test]
    fn the_text_makes_sense_commented_out_or_not_and_shows_every_key_with_its_default() {
        for found in [Found::default(), found(&[("Vite", &["web\n[x]", "a\"b"])])] {
            let text = config_text(&found);
            let parse = |text: &str| ConfigFile::parse(Path::new("/p/authlint.toml"), Path::new("/p"), "authlint.toml", text.to_owned());
            parse(&text).unwrap();
            let is_setting = |line: &&str| {
                line.strip_prefix("# ")
                    .is_some_and(|rest| rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')))
            };
            let settings: String = text.lines().filter(is_setting).flat_map(|line| [&line[2..], "\n"]).collect();
            parse(&settings).map_err(|error| format!("{settings}: {error}")).unwrap();
            let shown: toml::Table = toml::from_str(&settings).unwrap();
            let schema = schema();
            for (key, schema) in schema["properties"].as_object().unwrap().iter().filter(|(key, _)| *key != "model") {
                let value = serde_json::to_value(shown.get(key).expect(key)).unwrap();
                let is_example = text.contains(&format!("For example:\n# {key} =")) || value.is_object() || key == "override";
                assert!(is_example || schema["default"] == value || key == "vendors", "{key} = {value}");
            }
        }
    }
}
