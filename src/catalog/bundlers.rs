//! Where configurations put values into what browsers and phones get, read from `rules/models/bundlers.toml`.

use std::sync::LazyLock;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use super::{CatalogError, read_table};

const FILE: &str = "bundlers.toml";

/// The containers of values that ship.
#[derive(Debug)]
pub struct Bundlers {
    containers: Vec<Container>,
    /// Folders whose files are served as they are.
    pub served: Vec<String>,
}

/// One kind of object whose values ship.
#[derive(Debug)]
pub struct Container {
    files: GlobSet,
    /// The keys that lead to it.
    pub keys: Vec<String>,
    /// The end of the name of the constructor whose argument it is.
    pub call: Option<String>,
    /// How messages call it.
    pub title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    container: Vec<RawContainer>,
    served: RawServed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawContainer {
    files: Vec<String>,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    call: Option<String>,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawServed {
    folders: Vec<String>,
}

impl Bundlers {
    /// Reads a table.
    ///
    /// # Errors
    /// When the text is not TOML of the documented shape, or a path is no glob.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let raw: Raw = read_table(FILE, text)?;
        let globs = |container: &RawContainer| {
            let mut builder = GlobSetBuilder::new();
            for file in &container.files {
                builder.add(Glob::new(file)?);
            }
            builder.build()
        };
        let container = |container: RawContainer| match globs(&container) {
            Ok(files) => Ok(Container { files, keys: container.keys, call: container.call, title: container.title }),
            Err(error) => Err(CatalogError::Value {
                file: FILE.to_owned(),
                place: format!("container {}", container.title),
                key: "files",
                problem: error.to_string(),
            }),
        };
        let containers = raw.container.into_iter().map(container).collect::<Result<_, _>>()?;
        Ok(Self { containers, served: raw.served.folders })
    }

    /// The containers that a file may have.
    pub fn of<'b>(&'b self, path: &'b str) -> impl Iterator<Item = &'b Container> {
        self.containers.iter().filter(move |container| container.files.is_match(path))
    }
}

static BUNDLERS: LazyLock<Result<Bundlers, CatalogError>> =
    LazyLock::new(|| Bundlers::parse(include_str!("../../rules/models/bundlers.toml")));

/// The compiled-in table.
///
/// # Errors
/// Only when the compiled-in file is malformed, which a test rules out.
pub fn bundlers() -> Result<&'static Bundlers, &'static CatalogError> {
    BUNDLERS.as_ref()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_containers_of_its_tool() {
        for (path, titles) in [
            (
                "apps/web/next.config.mjs",
                vec![
                    "`env` in the Next.js",
                    "`publicRuntimeConfig`",
                    "`define`",
                    "webpack's `DefinePlugin`",
                    "webpack's `EnvironmentPlugin`",
                ],
            ),
            ("app.json", vec!["`extra`"]),
            ("src/environments/environment.prod.ts", vec!["Angular's"]),
            ("src/app.ts", vec![]),
        ] {
            let found: Vec<&str> = bundlers().unwrap().of(path).map(|container| container.title.as_str()).collect();
            assert_eq!(found.len(), titles.len(), "{path}: {found:?}");
            assert!(found.iter().zip(&titles).all(|(found, title)| found.starts_with(title)), "{path}: {found:?}");
        }
        assert!(Bundlers::parse("[[container]]\nfiles = ['[']\ntitle = 'x'\n[served]\nfolders = []").is_err());
    }
}
