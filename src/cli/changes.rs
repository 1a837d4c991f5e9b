//! Which changes to report on.

use std::path::PathBuf;

use authlint::versioned::Changes;
use clap::Args;

/// How git names the index of a partial commit to its hooks.
const INDEX_VARIABLE: &str = "GIT_INDEX_FILE";

#[derive(Debug, Args)]
pub(crate) struct ChangesArgs {
    /// Report on the files that the next commit changes, as they are staged
    #[arg(long, conflicts_with_all = ["changed", "stdin_filename"])]
    staged: bool,
    /// Report on the files that differ from the current commit, new ones included
    #[arg(long, conflicts_with = "stdin_filename")]
    changed: bool,
    /// With --changed: the files that differ from where the branch left REV
    #[arg(long, value_name = "REV", requires = "changed")]
    since: Option<String>,
}

impl ChangesArgs {
    /// What was asked for, in the environment that git gives to hooks.
    pub(crate) fn changes(&self) -> Option<Changes> {
        if self.staged {
            return Some(Changes::Staged { index: std::env::var_os(INDEX_VARIABLE).map(PathBuf::from) });
        }
        self.changed.then(|| Changes::Changed { since: self.since.clone() })
    }
}
