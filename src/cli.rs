//! The command line: what users type, and nothing else.

mod baseline;
mod changes;
mod config;
mod fix;
mod init;
mod merge;
mod place;
mod suppress;
mod target;

use std::path::PathBuf;

use authlint::config::ConfigRequest;
use authlint::finding::{Confidence, Severity};
use authlint::report::{Format, MapFormat, Thresholds};
use authlint::shard::Shard;
pub(crate) use baseline::BaselineArgs;
use changes::ChangesArgs;
use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use config::{ConfigArgs, RuleArgs, SettingsArgs, SettingsFormat};
pub(crate) use fix::FixArgs;
pub(crate) use init::InitArgs;
pub(crate) use merge::MergeArgs;
pub(crate) use place::PlaceArg;
pub(crate) use suppress::SuppressArgs;
pub(crate) use target::{Target, TargetArgs};

const EXIT_CODES: &str = "Exit codes, the same for every format:
  0  nothing at or above --fail-on
  1  findings at or above --fail-on
  2  wrong usage or configuration, such as a rule that does not exist
  3  the run itself failed, such as a path that cannot be read

Examples:
  authlint                             check the current folder
  authlint src/phone.ts                report on one file only
  authlint fix --diff                  what `authlint fix` would change
  authlint explain password-login      what a rule means and how to fix it
  authlint trace src/phone.ts:12:20    where the value there comes from
  authlint --format sarif=out.sarif --format human
                                       for code scanning, and for you";

const TRACE_HELP: &str = "Which value is meant: the innermost expression that starts at the place,
otherwise the innermost one around it. A declared name, a parameter, an imported
name, a property and an attribute stand for their value.
  src/phone.ts:12        the first value that starts in the line
  src/phone.ts:12:20     the value at line and column, as an editor shows them
  src/phone.ts:12:20-35  the expression that covers the columns 20 to 34

Exit codes:
  0  traced
  2  wrong usage: not a place, or no value stands there
  3  the run itself failed, such as a file that cannot be read";

/// Finds wrong Telnyx WebRTC authentication in web-calling projects.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES, max_term_width = 80)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) check: CheckArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check files and folders (what happens without a command)
    Check(CheckArgs),
    /// Change the code so that findings go away
    #[command(after_help = fix::HELP)]
    Fix(FixArgs),
    /// Draw the authentication architecture, and what is wrong where
    Map(MapArgs),
    /// Say what a rule means, why it matters and how to fix what it finds
    Explain {
        /// The rule's name, as `authlint rules` lists it
        rule: String,
        #[command(flatten)]
        color: ColorArgs,
    },
    /// Say where the value at a place comes from, step by step, and where the code there runs
    #[command(after_help = TRACE_HELP)]
    Trace(TraceArgs),
    /// Write a comment above each finding that hides it, with the reason
    #[command(after_help = suppress::HELP)]
    Suppress(SuppressArgs),
    /// Write down what is found now, so that later runs report only what is new
    #[command(after_help = baseline::HELP)]
    Baseline(BaselineArgs),
    /// Write a commented authlint.toml for the project, and show what runs authlint in hooks and CI
    Init(InitArgs),
    /// Print the settings that hold for a file, and what says each of them
    Config(SettingsArgs),
    /// Join several reports into one
    #[command(after_help = merge::HELP)]
    Merge(MergeArgs),
    /// Print what a bug report needs; no secrets, no file names
    Doctor,
    /// Print the completions of a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or that of a subcommand
    Man {
        /// The subcommand
        command: Option<String>,
    },
    /// List all rules
    Rules {
        #[command(flatten)]
        color: ColorArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Files and folders to report on [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read the text of FILE from the standard input and report on it alone, judged in the light of the project
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    pub(crate) stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) changes: ChangesArgs,
    /// Report on the Ith of N shares of the packages; all shares together are the whole report
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    #[command(flatten)]
    pub(crate) rules: RuleArgs,
    /// Show only findings that are at least this bad
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = SeverityArg::Note)]
    pub(crate) min_severity: SeverityArg,
    /// Exit with 1 when a shown finding is at least this bad
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::Warning)]
    pub(crate) fail_on: FailOn,
    /// Hide the findings that this file has; `authlint baseline` writes it
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Show the findings that comments or the baseline hide as well; they still do not count
    #[arg(long)]
    pub(crate) show_suppressed: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
    #[command(flatten)]
    pub(crate) progress: ProgressArgs,
    /// Print the findings only: no summary, no notices
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print every step, every notice and what was skipped
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    /// Files and folders whose part of the architecture to draw [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How to draw
    #[arg(long, value_enum, default_value_t = MapFormatArg::Text)]
    pub(crate) format: MapFormatArg,
    /// Write the map to a file instead of the terminal
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
    #[command(flatten)]
    pub(crate) progress: ProgressArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MapFormatArg {
    /// A tree for the terminal
    Text,
    /// A Mermaid flowchart, for Markdown
    Mermaid,
    /// Graphviz
    Dot,
    /// The stable machine contract
    Json,
    /// One self-contained page with a picture
    Html,
}

impl From<MapFormatArg> for MapFormat {
    fn from(format: MapFormatArg) -> Self {
        match format {
            MapFormatArg::Text => Self::Text,
            MapFormatArg::Mermaid => Self::Mermaid,
            MapFormatArg::Dot => Self::Dot,
            MapFormatArg::Json => Self::Json,
            MapFormatArg::Html => Self::Html,
        }
    }
}

impl CheckArgs {
    pub(crate) fn thresholds(&self) -> Thresholds {
        // The configuration knows the least confidence, the command line's included.
        Thresholds { severity: self.min_severity.into(), confidence: Confidence::Low }
    }

    /// What the command line says beside the configuration.
    pub(crate) fn config(&self) -> ConfigRequest {
        self.rules.beside(self.config.request())
    }
}

#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// The place; the file as seen from the current folder, which is the project
    #[arg(value_name = "FILE:LINE[:COLUMN]")]
    pub(crate) place: PlaceArg,
    /// How to print the trace
    #[arg(long, value_enum, default_value_t = TraceFormat::Human)]
    pub(crate) format: TraceFormat,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) color: ColorArgs,
    #[command(flatten)]
    pub(crate) progress: ProgressArgs,
    /// Print every step and every notice
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceFormat {
    /// Numbered steps with their code, for people
    Human,
    /// For machines
    Json,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ProgressArgs {
    /// Show no progress, which only terminals see anyway
    #[arg(long)]
    pub(crate) no_progress: bool,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ColorArgs {
    /// When to colour (`auto`: on a terminal; `NO_COLOR` and `CLICOLOR_FORCE` are obeyed)
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// Code frames for people
    Human,
    /// One line a finding
    Concise,
    /// The stable machine contract
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// GitHub workflow commands (annotations)
    Github,
    /// GitLab Code Quality
    Gitlab,
    /// Test results in XML, for build servers
    Junit,
    /// Checkstyle XML
    Checkstyle,
    /// Diagnostics of reviewdog
    Rdjson,
    /// Markdown, for the summary of a job
    Markdown,
    /// One self-contained page, with the map
    Html,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Human => Self::Human,
            FormatArg::Concise => Self::Concise,
            FormatArg::Json => Self::Json,
            FormatArg::Sarif => Self::Sarif,
            FormatArg::Github => Self::Github,
            FormatArg::Gitlab => Self::Gitlab,
            FormatArg::Junit => Self::Junit,
            FormatArg::Checkstyle => Self::Checkstyle,
            FormatArg::Rdjson => Self::Rdjson,
            FormatArg::Markdown => Self::Markdown,
            FormatArg::Html => Self::Html,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    Note,
    Warning,
    Error,
}

impl From<SeverityArg> for Severity {
    fn from(severity: SeverityArg) -> Self {
        match severity {
            SeverityArg::Note => Self::Note,
            SeverityArg::Warning => Self::Warning,
            SeverityArg::Error => Self::Error,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfidenceArg {
    Low,
    Medium,
    High,
}

impl From<ConfidenceArg> for Confidence {
    fn from(confidence: ConfidenceArg) -> Self {
        match confidence {
            ConfidenceArg::Low => Self::Low,
            ConfidenceArg::Medium => Self::Medium,
            ConfidenceArg::High => Self::High,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Note,
    Warning,
    Error,
    /// Findings never fail the run
    Never,
}

impl FailOn {
    /// The least severity that fails a run.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Note => Some(Severity::Note),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
            Self::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    /// Texts that are set by hand; clap wraps the others itself.
    #[test]
    fn help_texts_fit_80_columns() {
        let cli = Cli::command();
        for command in std::iter::once(&cli).chain(cli.get_subcommands()) {
            let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
        }
    }
}
