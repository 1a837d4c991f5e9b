//! `authlint baseline`: what users type.

use std::path::PathBuf;

use clap::Args;

use super::{ColorArgs, ConfigArgs};

pub(crate) const HELP: &str = "The file holds fingerprints only: rule, path, and a hash of the code without its
secrets. Commit it, and give it to every check:
  authlint baseline
  authlint --baseline authlint-baseline.json
or put `baseline = \"authlint-baseline.json\"` into authlint.toml.

Findings that it has are hidden and counted. `--prune` takes out those that were
fixed and adds none.";

#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    /// Files and folders to look at; what the file knows of others stays [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The file to write [default: the one that authlint.toml names, else authlint-baseline.json]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Take fixed findings out of the file, follow renamed files, and add nothing
    #[arg(long)]
    pub(crate) prune: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}
