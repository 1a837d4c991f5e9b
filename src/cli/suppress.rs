//! `authlint suppress`: what users type.

use std::path::PathBuf;

use authlint::config::ConfigRequest;
use clap::Args;

use super::{ColorArgs, ConfigArgs};

pub(crate) const HELP: &str = "Each finding gets a comment above it in the form of its file, which hides it
from then on:
  // authlint-ignore password-login -- staging only, behind the VPN

JSON has no comments; `authlint baseline` hides findings there.

Exit codes:
  0  every finding is suppressed
  1  some findings cannot be suppressed by a comment; they are listed
  2  wrong usage, such as an empty reason
  3  the run itself failed, such as a path that cannot be read";

#[derive(Debug, Args)]
pub(crate) struct SuppressArgs {
    /// Files and folders whose findings to suppress [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Why the findings may stay; it is written into every comment
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Suppress only findings of these rules (may be repeated; commas separate)
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    rule: Vec<String>,
    /// Say what would be written, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}

impl SuppressArgs {
    /// What the command line says about the configuration.
    pub(crate) fn config(&self) -> ConfigRequest {
        ConfigRequest { select: self.rule.clone(), ..self.config.request() }
    }
}
