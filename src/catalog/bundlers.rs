//! Where configurations put values into what browsers and phones get, read from `rules/models/bundlers.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::pattern::Globs;

/// The containers of values that ship.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bundlers {
    /// Objects whose values ship.
    #[serde(rename = "container")]
    pub containers: Vec<Container>,
    /// What is served as it is.
    pub served: Served,
}

/// What a web server gives to everyone as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Served {
    /// The folders, below the package.
    pub folders: Vec<String>,
}

/// One kind of object whose values ship.
#[derive(Debug, Deserialize, JsonSchema)]
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
    /// How messages call it.
    pub title: String,
}

impl Bundlers {
    /// The containers that a file may have.
    pub fn of<'b>(&'b self, path: &'b str) -> impl Iterator<Item = &'b Container> {
        self.containers.iter().filter(move |container| container.files.is_match(path))
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
