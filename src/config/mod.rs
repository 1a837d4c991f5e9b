//! The configuration: `authlint.toml`, joined with what the command line says.
//!
//! One file counts: the nearest one at or above the folder that authlint runs in, not beyond the repository. Files are not merged and no
//! manifest is searched, so that one look tells what holds. [`Written`] is the file as its types say; [`ConfigFile`] is a file that was
//! read and found to make sense; [`Settings`] is what holds in a run, and [`Settings::at`] what holds for one path of it. Mistakes are
//! [`ConfigError`]s that show the place and offer what was probably meant: a key that silently does nothing is worse than a run that stops.

mod error;
mod file;
mod layer;
mod schema;
mod settings;
mod shown;
mod unknown;
mod words;
mod written;

pub use error::{ConfigError, Mistake};
pub use file::{ConfigFile, FILE_NAME};
pub use schema::schema;
pub use settings::{ConfigRequest, ConfigSource, Effective, Origin, RuleSetting, Settings, Sourced};
pub use shown::{ShownSettings, write_json, write_toml};
pub(crate) use unknown::unknown_keys_of;
pub(crate) use words::nearest;
pub use written::{Override, Suppressions, Written};
