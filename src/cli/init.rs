//! `authlint init`.

use clap::Args;

use super::ColorArgs;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Overwrite an authlint.toml that is there
    #[arg(long, conflicts_with = "stdout")]
    pub(crate) force: bool,
    /// Print the configuration instead of writing it
    #[arg(long)]
    pub(crate) stdout: bool,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}
