//! Finding and reading the file.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

use crate::config::error::{ConfigError, Mistake};
use crate::config::layer::Layers;
use crate::config::unknown::unknown_keys;
use crate::config::written::Written;
use crate::project::discover::display_name;

/// The name of the file.
pub const FILE_NAME: &str = "authlint.toml";
/// Nobody writes a larger one, in bytes.
const MAX_BYTES: u64 = 256 << 10;

/// A configuration file that was read and makes sense.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Where it stands, absolute.
    pub path: PathBuf,
    /// What messages call it: as seen from the working root where it lies below, absolute otherwise.
    name: String,
    /// What its paths and patterns are relative to, absolute.
    pub base: PathBuf,
    /// Its text, so that what interprets a part of it can point at the place.
    pub text: String,
    /// What it says.
    pub written: Written,
    pub(crate) layers: Layers,
}

impl ConfigFile {
    /// The nearest file at or above a folder, but not beyond the repository's root.
    ///
    /// # Errors
    /// When it is a link: a project that was only cloned must not say which files of the machine are read.
    pub fn find(folder: &Path) -> Result<Option<PathBuf>, ConfigError> {
        for ancestor in folder.ancestors() {
            let path = ancestor.join(FILE_NAME);
            match path.symlink_metadata() {
                Ok(metadata) if metadata.is_symlink() => {
                    let source =
                        io::Error::new(io::ErrorKind::InvalidInput, "it is a link, and links are followed only where they are named");
                    return Err(ConfigError::Unreadable { path, source });
                }
                Ok(metadata) if metadata.is_file() => return Ok(Some(path)),
                _ => {}
            }
            if ancestor.join(".git").exists() {
                break;
            }
        }
        Ok(None)
    }

    /// Reads a file. Its paths and patterns are relative to `base`; messages name the file as seen from `root`.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or has a key or value that makes no sense.
    pub fn read(path: &Path, base: &Path, root: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.to_path_buf(), source };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            let reason = if metadata.is_file() { "it is larger than 256 KiB" } else { "it is no file" };
            return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, reason)));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(path, base, &display_name(root, path), text)
    }

    /// Makes sense of the text of a file that messages call `name`.
    ///
    /// # Errors
    /// When it is no TOML, or has a key or value that makes no sense.
    pub fn parse(path: &Path, base: &Path, name: &str, text: String) -> Result<Self, ConfigError> {
        let (written, layers) = understood(&text, base).map_err(|found| ConfigError::in_file(name, &text, found))?;
        Ok(Self { path: path.to_path_buf(), name: name.to_owned(), base: base.to_path_buf(), text, written, layers })
    }

    /// What messages call the file: as seen from the working root where it lies below, absolute otherwise.
    #[must_use]
    pub fn name(&self) -> String {
        self.name.clone()
    }

    /// The file's tables with the place of every key and value, for what reads a part of them in a shape of its own (`[[model]]`).
    ///
    /// # Errors
    /// Never in practice: the text has been parsed before.
    pub fn table(&self) -> Result<Spanned<DeTable<'_>>, ConfigError> {
        DeTable::parse(&self.text).map_err(|error| self.mistakes(vec![syntax(&error)]))
    }

    /// An error that points into the file.
    #[must_use]
    pub fn mistakes(&self, found: Vec<Mistake>) -> ConfigError {
        ConfigError::in_file(&self.name(), &self.text, found)
    }

    /// The line, from 1, of a byte offset.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> usize {
        self.text.as_bytes().get(..offset).map_or(1, |before| memchr::memchr_iter(b'\n', before).count() + 1)
    }
}

/// What the TOML reader says, in the words of TOML.
fn syntax(error: &toml::de::Error) -> Mistake {
    let message = error.message().trim_end_matches('.').replace('\n', ", ");
    let message = message.replace("a sequence", "an array").replace("sequence", "array").replace("map", "table");
    Mistake { message, span: error.span().unwrap_or_default(), help: None }
}

/// The file as its types say, and what it means.
fn understood(text: &str, base: &Path) -> Result<(Written, Layers), Vec<Mistake>> {
    let table = DeTable::parse(text).map_err(|error| vec![syntax(&error)])?;
    let mut found = unknown_keys(table.get_ref());
    let read = Written::deserialize(Deserializer::from(table)).map_err(|error| vec![syntax(&error)]);
    match read.and_then(|written| Layers::new(&written, base).map(|layers| (written, layers))) {
        Ok(understood) if found.is_empty() => Ok(understood),
        Ok(_) => Err(found),
        Err(more) => {
            found.extend(more);
            Err(found)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use miette::{GraphicalReportHandler, GraphicalTheme};

    use super::*;

    /// Every kind of key and value, and characters of several bytes.
    const SAMPLE: &str = "# é\nselect = ['password-login']\nignore = [\"secret-in-log\", ]\nmin-confidence = 'high'\nexclude = ['a/**/é', '!b{c,d}[e-f]']\n\
        models = []\nvendors = ['x']\nbaseline = 'b'\n[severity]\npassword-login = 'note'\n[suppressions]\nrequire-reason = true\n\
        [[override]]\npaths = ['😀']\nseverity.\"hardcoded-secret\" = 'error'\n[[model]]\nkind = { a = 1 }\n";

    #[test]
    fn no_text_is_beyond_an_answer() {
        let parse = |text: String| ConfigFile::parse(Path::new("/p/authlint.toml"), Path::new("/p"), "authlint.toml", text);
        parse(SAMPLE.to_owned()).unwrap();
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::none());
        let mut wrong = 0;
        for (at, character) in SAMPLE.char_indices() {
            let (before, after) = (&SAMPLE[..at], &SAMPLE[at + character.len_utf8()..]);
            for text in [before.to_owned(), format!("{before}{after}"), format!("{before}[{after}"), format!("{before}'ü{after}")] {
                if let Err(error) = parse(text) {
                    wrong += 1;
                    let mut rendered = String::new();
                    handler.render_report(&mut rendered, &error).unwrap();
                    assert!(rendered.contains('×') || rendered.contains('x'), "{rendered}");
                }
            }
        }
        assert!(wrong > 500, "{wrong}");
    }
}
