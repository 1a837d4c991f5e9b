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

/// The name of the file.
pub const FILE_NAME: &str = "authlint.toml";
/// Nobody writes a larger one, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A configuration file that was read and makes sense.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Where it stands, absolute.
    pub path: PathBuf,
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
    #[must_use]
    pub fn find(folder: &Path) -> Option<PathBuf> {
        for ancestor in folder.ancestors() {
            let path = ancestor.join(FILE_NAME);
            if path.is_file() {
                return Some(path);
            }
            if ancestor.join(".git").exists() {
                break;
            }
        }
        None
    }

    /// Reads a file. Its paths and patterns are relative to `base`.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or has a key or value that makes no sense.
    pub fn read(path: &Path, base: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.to_path_buf(), source };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            let reason = if metadata.is_file() { "it is larger than 1 MiB" } else { "it is no file" };
            return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, reason)));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(path, base, text)
    }

    /// Makes sense of a text.
    ///
    /// # Errors
    /// When it is no TOML, or has a key or value that makes no sense.
    pub fn parse(path: &Path, base: &Path, text: String) -> Result<Self, ConfigError> {
        let (written, layers) = understood(&text, base).map_err(|found| ConfigError::in_file(&name(path, base), &text, found))?;
        Ok(Self { path: path.to_path_buf(), base: base.to_path_buf(), text, written, layers })
    }

    /// The file as errors name it: as seen from its base where it lies below.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.path, &self.base)
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

fn name(path: &Path, base: &Path) -> String {
    crate::project::discover::display_name(base, path)
}

/// What the TOML reader says.
fn syntax(error: &toml::de::Error) -> Mistake {
    Mistake { message: error.message().trim_end_matches('.').replace('\n', ", "), span: error.span().unwrap_or_default(), help: None }
}

/// The file as its types say, and what it means.
fn understood(text: &str, base: &Path) -> Result<(Written, Layers), Vec<Mistake>> {
    let table = DeTable::parse(text).map_err(|error| vec![syntax(&error)])?;
    let unknown = unknown_keys(table.get_ref());
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let written = Written::deserialize(Deserializer::from(table)).map_err(|error| vec![syntax(&error)])?;
    let layers = Layers::new(&written, base)?;
    Ok((written, layers))
}
