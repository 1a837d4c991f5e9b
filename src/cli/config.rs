//! Which configuration holds: options that commands share, and `authlint config`.

use std::path::PathBuf;

use authlint::config::{ConfigRequest, ConfigSource};
use clap::{Args, ValueEnum};

use super::{ColorArgs, ConfidenceArg};

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

/// Options that say which rules hold and how sure they must be.
#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    /// Run only these rules (may be repeated; commas separate)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Do not run these rules (may be repeated; commas separate)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Show only findings that are at least this sure [default: as configured, else low]
    #[arg(long, value_name = "CONFIDENCE", value_enum)]
    min_confidence: Option<ConfidenceArg>,
}

impl RuleArgs {
    /// A request with what these options say.
    pub(crate) fn beside(&self, request: ConfigRequest) -> ConfigRequest {
        ConfigRequest {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            min_confidence: self.min_confidence.map(Into::into),
            ..request
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    /// The file [default: none; what holds where no override says otherwise]
    pub(crate) file: Option<PathBuf>,
    /// How to print the settings
    #[arg(long, value_enum, default_value_t = SettingsFormat::Toml)]
    pub(crate) format: SettingsFormat,
    /// Print the JSON schema of authlint.toml instead
    #[arg(long)]
    pub(crate) schema: bool,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}

impl SettingsArgs {
    /// What the command line says.
    pub(crate) fn request(&self) -> ConfigRequest {
        self.rules.beside(self.config.request())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SettingsFormat {
    /// A configuration file, with what says each value as a comment
    Toml,
    /// For machines
    Json,
}
