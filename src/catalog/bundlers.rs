//! Where configurations put values into what browsers and phones get, read from `rules/models/bundlers.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::pattern::Globs;

/// The containers of values that ship, and what else configurations say about what ships.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bundlers {
    /// Objects whose values ship.
    #[serde(rename = "container")]
    pub containers: Vec<Container>,
    /// Settings that name a prefix: variables that begin so ship.
    #[serde(default, rename = "prefix")]
    pub prefixes: Vec<OwnPrefix>,
    /// Which files take the place of others.
    #[serde(default)]
    pub replacements: Replacements,
    /// What is served as it is.
    pub served: Served,
}

/// What a web server gives to everyone as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Served {
    /// The folders, below the package.
    pub folders: Vec<String>,
}

/// One kind of object whose values ship.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// Globs of the files that have it.
    files: Globs,
    /// The keys that lead to it.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The end of the name of the constructor whose argument it is.
    #[serde(default)]
    pub call: Option<String>,
    /// A key that stands at the top of the file.
    #[serde(default)]
    pub beside: Option<String>,
    /// What the options of a call hold that makes a value ship; all values do without it.
    #[serde(default)]
    pub only: Option<Pair>,
    /// How messages call it.
    pub title: String,
}

/// A key with its value.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// The value, a string.
    pub value: String,
}

/// A setting that names a prefix: variables that begin so ship.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPrefix {
    /// Globs of the files that have it.
    files: Globs,
    /// The key; its value is a string or a list of strings.
    pub key: String,
    /// The tool that ships them.
    pub bundler: String,
}

/// A setting that puts one file in the place of another when the app is built.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replacements {
    /// Globs of the files that have it.
    files: Globs,
    /// The key of the list.
    pub key: String,
    /// The key, in each item, of the file that is built in.
    pub with: String,
    /// How messages call what is built in.
    pub title: String,
}

impl Bundlers {
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

    /// What a file that is built in is: every object of it ships.
    #[must_use]
    pub fn container(&self) -> Container {
        Container { title: self.title.clone(), ..Container::default() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::catalog::Catalog;

    #[test]
    fn a_file_has_the_containers_of_its_tool() {
        let catalog = Catalog::builtin().unwrap();
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
            let found: Vec<&str> = catalog.bundlers.of(path).map(|container| container.title.as_str()).collect();
            assert_eq!(found.len(), titles.len(), "{path}: {found:?}");
            assert!(found.iter().zip(&titles).all(|(found, title)| found.starts_with(title)), "{path}: {found:?}");
        }
    }
}
