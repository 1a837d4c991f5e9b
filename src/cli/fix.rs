//! What users type for `authlint fix`.

use std::path::PathBuf;

use authlint::config::ConfigRequest;
use clap::Args;

use super::{ColorArgs, ConfigArgs, FailOn, RuleArgs};

pub(super) const HELP: &str = "Safe fixes change only what throws, is ignored or never runs today, or keep
caches away. What is written keeps its line ends, permissions and byte-order
mark; a file that is not UTF-8, or that somebody else changed meanwhile, is left
alone.

Exit codes:
  0  nothing at or above --fail-on is left
  1  findings at or above --fail-on are left
  2  wrong usage, such as a rule that does not exist
  3  the run itself failed, such as a file that cannot be written

Examples:
  authlint fix --diff              what safe fixes would change
  authlint fix --unsafe --diff     what all fixes would change
  authlint fix src/phone.ts        make the safe fixes of one file's findings
  authlint fix --unsafe --select missing-token-refresh";

#[derive(Debug, Args)]
pub(crate) struct FixArgs {
    /// Files and folders whose findings to fix [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Also make the fixes that a person should look at
    #[arg(long = "unsafe")]
    pub(crate) with_suggested: bool,
    /// Print what would change as a unified diff, secrets masked, and write nothing
    #[arg(long)]
    pub(crate) diff: bool,
    #[command(flatten)]
    rules: RuleArgs,
    /// Exit with 1 when a finding that is left is at least this bad
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::Warning)]
    pub(crate) fail_on: FailOn,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
}

impl FixArgs {
    /// Which configuration holds, and what the command line says beside it.
    pub(crate) fn config(&self) -> ConfigRequest {
        self.rules.beside(self.config.request())
    }
}
