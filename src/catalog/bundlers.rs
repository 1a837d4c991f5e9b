//! Where configurations put values into what browsers and phones get, read from `rules/models/bundlers.toml`.

use std::sync::LazyLock;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use super::{CatalogError, read_table};

const FILE: &str = "bundlers.toml";

/// The containers of values that ship, and what else configurations say about what ships.
#[derive(Debug)]
pub struct Bundlers {
    containers: Vec<Container>,
    prefixes: Vec<OwnPrefix>,
    /// Which files take the place of others.
    pub replacements: Replacements,
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
    /// A key that stands at the top of the file.
    pub beside: Option<String>,
    /// What the options of a call hold that makes a value ship; all values do without it.
    pub only: Option<Pair>,
    /// How messages call it.
    pub title: String,
}

/// A key with its value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// The value, a string.
    pub value: String,
}

/// A setting that names a prefix: variables that begin so ship.
#[derive(Debug)]
pub struct OwnPrefix {
    files: GlobSet,
    /// The key; its value is a string or a list of strings.
    pub key: String,
    /// The tool that ships them.
    pub bundler: String,
}

/// A setting that puts one file in the place of another when the app is built.
#[derive(Debug)]
pub struct Replacements {
    files: GlobSet,
    /// The key of the list.
    pub key: String,
    /// The key, in each item, of the file that is built in.
    pub with: String,
    /// What such a file is: every object of it ships.
    pub container: Container,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    container: Vec<RawContainer>,
    #[serde(default)]
    prefix: Vec<RawPrefix>,
    replacements: RawReplacements,
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
    #[serde(default)]
    beside: Option<String>,
    #[serde(default)]
    only: Option<Pair>,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPrefix {
    files: Vec<String>,
    key: String,
    bundler: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReplacements {
    files: Vec<String>,
    key: String,
    with: String,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawServed {
    folders: Vec<String>,
}

fn globs(files: &[String], place: &str) -> Result<GlobSet, CatalogError> {
    let add = |mut builder: GlobSetBuilder, file: &String| {
        builder.add(Glob::new(file)?);
        Ok(builder)
    };
    let built = files.iter().try_fold(GlobSetBuilder::new(), add).and_then(|builder| builder.build());
    built.map_err(|error| CatalogError::Value { file: FILE.to_owned(), place: place.to_owned(), key: "files", problem: error.to_string() })
}

impl Bundlers {
    /// Reads a table.
    ///
    /// # Errors
    /// When the text is not TOML of the documented shape, or a path is no glob.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let raw: Raw = read_table(FILE, text)?;
        let container = |container: RawContainer| {
            Ok(Container {
                files: globs(&container.files, &format!("container {}", container.title))?,
                keys: container.keys,
                call: container.call,
                beside: container.beside,
                only: container.only,
                title: container.title,
            })
        };
        let prefix = |prefix: RawPrefix| {
            let files = globs(&prefix.files, &format!("prefix {}", prefix.key))?;
            Ok(OwnPrefix { files, key: prefix.key, bundler: prefix.bundler })
        };
        let RawReplacements { files, key, with, title } = raw.replacements;
        Ok(Self {
            containers: raw.container.into_iter().map(container).collect::<Result<_, _>>()?,
            prefixes: raw.prefix.into_iter().map(prefix).collect::<Result<_, _>>()?,
            replacements: Replacements {
                files: globs(&files, "replacements")?,
                key,
                with,
                container: Container { files: GlobSet::empty(), keys: Vec::new(), call: None, beside: None, only: None, title },
            },
            served: raw.served.folders,
        })
    }

    /// The containers that a file may have.
    pub fn of<'b>(&'b self, path: &'b str) -> impl Iterator<Item = &'b Container> {
        self.containers.iter().filter(move |container| container.files.is_match(path))
    }

    /// The settings for a prefix that a file may have.
    pub fn prefixes_of<'b, 'p>(&'b self, path: &'p str) -> impl Iterator<Item = &'b OwnPrefix> + use<'b, 'p> {
        self.prefixes.iter().filter(move |prefix| prefix.files.is_match(path))
    }
}

impl Replacements {
    /// Whether a file may say what takes the place of what.
    #[must_use]
    pub fn stand_in(&self, path: &str) -> bool {
        self.files.is_match(path)
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
        let rest = "[replacements]\nfiles = []\nkey = 'k'\nwith = 'w'\ntitle = 't'\n[served]\nfolders = []";
        assert!(Bundlers::parse(&format!("[[container]]\nfiles = ['x']\ntitle = 'x'\n{rest}")).is_ok());
        assert!(Bundlers::parse(&format!("[[container]]\nfiles = ['[']\ntitle = 'x'\n{rest}")).is_err());
    }
}
