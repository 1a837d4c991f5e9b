//! Which configuration holds: options that every command shares that reads a project.

use std::path::PathBuf;

use authlint::config::{ConfigRequest, ConfigSource};
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Use this configuration file [default: the nearest authlint.toml at or above the current folder]
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Use no configuration file
    #[arg(long)]
    no_config: bool,
    /// Do not read what matches, as in .gitignore (may be repeated)
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
}

impl ConfigArgs {
    /// What these options say.
    pub(crate) fn request(&self) -> ConfigRequest {
        let source = match &self.config {
            Some(path) => ConfigSource::File(path.clone()),
            None if self.no_config => ConfigSource::None,
            None => ConfigSource::Nearest,
        };
        ConfigRequest { source, exclude: self.exclude.clone(), ..ConfigRequest::default() }
    }
}
