//! `authlint merge`: its arguments.

use std::path::PathBuf;

use clap::Args;

use super::{ColorArgs, ConfidenceArg, FailOn, SeverityArg, TargetArgs};

/// What the help says last.
pub(crate) const HELP: &str = "A finding that several reports have is one finding. Counts are added up.
The texts of the project are not in a report: `human` is no format of a merge,
and the other formats show no code.

Exit codes:
  0  nothing at or above --fail-on
  1  findings at or above --fail-on
  2  wrong usage, or a file that is no report of authlint
  3  a file that cannot be read or written

Example, after three jobs of one pipeline:
  authlint merge shard-*.json --format sarif=all.sarif --step-summary";

#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// Reports that `--format json` or `--format sarif` wrote
    #[arg(value_name = "REPORT", required = true)]
    pub(crate) reports: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    /// Show only findings that are at least this bad
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = SeverityArg::Note)]
    pub(crate) min_severity: SeverityArg,
    /// Show only findings that are at least this sure
    #[arg(long, value_name = "CONFIDENCE", value_enum, default_value_t = ConfidenceArg::Low)]
    pub(crate) min_confidence: ConfidenceArg,
    /// Exit with 1 when a shown finding is at least this bad
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::Warning)]
    pub(crate) fail_on: FailOn,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
    /// Print the findings only: no summary, no notices
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
