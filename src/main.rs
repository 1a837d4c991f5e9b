//! Argument parsing and exit codes. The work is done by the library.

#![forbid(unsafe_code)]

mod cli;
mod commands;
mod output;
mod terminal;
mod waiting;

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use authlint::baseline::{Baseline, BaselineError};
use authlint::config::ConfigError;
use authlint::finding::Outcome;
use authlint::progress::Progress;
use authlint::project::MAX_TEXT_BYTES;
use authlint::report::merge::MergeError;
use authlint::report::trace::TraceReport;
use authlint::report::{self, Detail, Links, Prepared, Presentation, Report};
use authlint::rules::{ABOUT_SUPPRESSIONS, EVERY_RULE, RULES};
use authlint::suppression::SuppressError;
use authlint::{Buffer, CheckError, CheckRequest, MapRequest, TraceError, TraceRequest};
use clap::Parser;
use cli::{CheckArgs, Cli, ColorArg, Command, FormatArg, MapArgs, Target, TraceArgs, TraceFormat};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};
use output::{to_file, to_stdout};
use waiting::Waiting;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Clean,
    Findings,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error, Diagnostic)]
enum Failure {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Trace(#[from] TraceError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    UnknownRule(#[from] authlint::check::UnknownRule),
    #[error(transparent)]
    Fix(#[from] authlint::fix::WriteError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Suppress(#[from] SuppressError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Baseline(#[from] BaselineError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Merge(#[from] MergeError),
    #[error("there is no subcommand `{0}`")]
    #[diagnostic(help("`authlint --help` lists them all"))]
    UnknownCommand(String),
    #[error("authlint.toml exists already")]
    #[diagnostic(help("`--force` overwrites it, `--stdout` prints what would be written"))]
    Exists,
    #[error("cannot write {}", path.display())]
    Output { path: PathBuf, source: io::Error },
    #[error("there is no job summary to append to")]
    #[diagnostic(help(
        "--step-summary is for steps of GitHub Actions, which name the file in GITHUB_STEP_SUMMARY; elsewhere, write --format markdown=FILE"
    ))]
    NoSummary,
    #[error("cannot write to the standard output")]
    Stdout(#[source] io::Error),
    #[error("cannot read the standard input")]
    Stdin(#[source] io::Error),
    #[error("cannot tell the current folder")]
    NoFolder(#[source] io::Error),
}

impl Failure {
    /// 2: the user has to change the command. 3: the run failed.
    fn exit_code(&self) -> u8 {
        match self {
            Self::UnknownRule(_)
            | Self::Config(_)
            | Self::Exists
            | Self::NoSummary
            | Self::UnknownCommand(_)
            | Self::Merge(MergeError::Malformed { .. }) => 2,
            Self::Check(error) if error.is_usage() => 2,
            Self::Trace(error) if error.is_usage() => 2,
            Self::Suppress(error) if error.is_usage() => 2,
            Self::Baseline(_) => 2,
            Self::Check(_)
            | Self::Trace(_)
            | Self::Suppress(_)
            | Self::Merge(_)
            | Self::Fix(_)
            | Self::Output { .. }
            | Self::Stdin(_)
            | Self::Stdout(_)
            | Self::NoFolder(_) => 3,
        }
    }
}

fn main() -> ExitCode {
    // Wrong usage ends here, with 2.
    let cli = Cli::parse();
    let (color, result) = match cli.command {
        None => (cli.check.color.color, check(&cli.check)),
        Some(Command::Check(args)) => (args.color.color, check(&args)),
        Some(Command::Fix(args)) => (args.color.color, commands::fix::run(&args)),
        Some(Command::Map(args)) => (args.color.color, map(&args)),
        Some(Command::Explain { rule, color }) => (color.color, explain(&rule, color.color)),
        Some(Command::Trace(args)) => (args.color.color, trace(&args)),
        Some(Command::Suppress(args)) => (args.color.color, commands::suppress::run(&args)),
        Some(Command::Baseline(args)) => (args.color.color, commands::baseline::run(&args)),
        Some(Command::Init(args)) => (args.color.color, commands::init::run(&args)),
        Some(Command::Config(args)) => (args.color.color, commands::config::run(&args)),
        Some(Command::Rules { color }) => (color.color, rules(color.color)),
        Some(Command::Merge(args)) => (args.color.color, commands::merge::run(&args)),
        Some(Command::Doctor) => (ColorArg::Auto, commands::doctor::run()),
        Some(Command::Completions { shell }) => (ColorArg::Auto, commands::shell::completions(shell)),
        Some(Command::Man { command }) => (ColorArg::Auto, commands::shell::man(command.as_deref())),
    };
    match result {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Err(failure) => {
            show(&failure, color);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn check(args: &CheckArgs) -> Result<Verdict, Failure> {
    let start = Instant::now();
    let targets = args.targets.targets(FormatArg::Human).unwrap_or_else(|error| error.exit());
    let summary = if args.targets.step_summary { Some(output::step_summary()?) } else { None };
    let root = std::env::current_dir().map_err(Failure::NoFolder)?;
    let request = CheckRequest {
        root,
        paths: args.paths.clone(),
        config: args.config(),
        buffer: args.stdin_filename.as_deref().map(buffer).transpose()?,
        shard: args.shard,
        changes: args.changes.changes(),
        with_map: targets.iter().any(|target| target.format == FormatArg::Html),
        ..CheckRequest::default()
    };
    let waiting = Waiting::begin(&request.progress, !args.progress.no_progress && !args.quiet);
    let outcome = authlint::check(&request)?;
    drop(waiting);
    let baseline = args.baseline.as_deref().or(outcome.baseline.as_deref()).map(Baseline::read).transpose()?;
    let presentation = Presentation {
        color: terminal::colors(args.color.color, &io::stdout()),
        unicode: terminal::has_unicode(),
        width: terminal::width(),
        detail: match (args.quiet, args.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        },
        elapsed: Some(start.elapsed()),
    };
    let prepared = Prepared::new(&outcome);
    let recognised = baseline.map(|baseline| baseline.recognise(&prepared.identities()));
    let mut report = Report::against(&prepared, EVERY_RULE, args.thresholds(), recognised.as_ref());
    report.shows_aside = args.show_suppressed;
    report.links = terminal::links(args.color.color, &io::stdout()).then(|| Links::new(&request.root));
    output::write(&report, &targets, summary.as_deref(), &presentation)?;
    // Nothing is to be done when even the standard error cannot be written.
    let _ = remarks(&report, &outcome, args, &targets, &presentation);
    let fails = args.fail_on.severity().is_some_and(|severity| report.reaches(severity));
    Ok(if fails { Verdict::Findings } else { Verdict::Clean })
}

/// The text of a file from the standard input.
fn buffer(path: &Path) -> Result<Buffer, Failure> {
    let mut content = Vec::new();
    // One byte above the limit is read, so that the run says that it was exceeded.
    io::stdin().lock().take(MAX_TEXT_BYTES + 1).read_to_end(&mut content).map_err(Failure::Stdin)?;
    Ok(Buffer { path: path.to_owned(), content })
}

/// The notices, the summary where the report itself is out of sight, and what took how long when everything is asked for.
fn remarks(report: &Report<'_>, outcome: &Outcome, args: &CheckArgs, targets: &[Target], presentation: &Presentation) -> io::Result<()> {
    let shown = targets.iter().find(|target| target.file.is_none()).map(|target| target.format);
    let mut out = io::stderr().lock();
    let presentation = Presentation { color: terminal::colors(args.color.color, &out), ..*presentation };
    if shown.is_none() && presentation.detail > Detail::Quiet {
        report::write_summary(report, &presentation, &mut out)?;
    }
    report::write_notices(&report.notices, &presentation, &mut out)?;
    if targets.iter().any(|target| target.format == FormatArg::Human) && presentation.detail == Detail::Verbose {
        writeln!(out, "configuration: {}", outcome.config.as_deref().unwrap_or("none"))?;
        report::write_timings(&outcome.timings, &presentation, &mut out)?;
    }
    Ok(())
}

fn trace(args: &TraceArgs) -> Result<Verdict, Failure> {
    let root = std::env::current_dir().map_err(Failure::NoFolder)?;
    let request = TraceRequest { root, file: args.place.file.clone(), place: args.place.place, config: args.config.request() };
    let waiting = Waiting::begin(&Progress::default(), !args.progress.no_progress);
    let traced = authlint::trace(&request)?;
    drop(waiting);
    let report = TraceReport::new(&traced);
    let presentation = Presentation {
        color: terminal::colors(args.color.color, &io::stdout()),
        unicode: terminal::has_unicode(),
        width: terminal::width(),
        detail: if args.verbose { Detail::Verbose } else { Detail::Normal },
        elapsed: None,
    };
    to_stdout(|out| match args.format {
        TraceFormat::Human => report.write_human(&presentation, out),
        TraceFormat::Json => report.write_json(out),
    })?;
    let mut out = io::stderr().lock();
    let presentation = Presentation { color: terminal::colors(args.color.color, &out), ..presentation };
    // Nothing is to be done when even the standard error cannot be written.
    let _ = report::write_notices(&report.notices(presentation.detail), &presentation, &mut out);
    Ok(Verdict::Clean)
}

/// Draws the architecture. Findings are part of the picture, not a reason to fail.
fn map(args: &MapArgs) -> Result<Verdict, Failure> {
    let root = std::env::current_dir().map_err(Failure::NoFolder)?;
    let request = MapRequest { root, paths: args.paths.clone(), config: args.config.request(), progress: Progress::default() };
    let waiting = Waiting::begin(&request.progress, !args.progress.no_progress);
    let map = authlint::map(&request)?;
    drop(waiting);
    let presentation = Presentation {
        color: args.output.is_none() && terminal::colors(args.color.color, &io::stdout()),
        unicode: terminal::has_unicode(),
        width: terminal::width(),
        detail: Detail::Normal,
        elapsed: None,
    };
    match &args.output {
        Some(path) => to_file(path, |out| report::write_map(&map, args.format.into(), &presentation, out)),
        None => to_stdout(|out| report::write_map(&map, args.format.into(), &presentation, out)),
    }?;
    let mut out = io::stderr().lock();
    let presentation = Presentation { color: terminal::colors(args.color.color, &out), ..presentation };
    // Nothing is to be done when even the standard error cannot be written.
    let _ = report::write_notices(&map.notices, &presentation, &mut out);
    Ok(Verdict::Clean)
}

fn explain(rule: &str, color: ColorArg) -> Result<Verdict, Failure> {
    let rule = authlint::check::find_rule(EVERY_RULE, rule)?;
    to_stdout(|out| report::explain(rule, terminal::colors(color, &io::stdout()), terminal::width(), out))?;
    Ok(Verdict::Clean)
}

fn rules(color: ColorArg) -> Result<Verdict, Failure> {
    let color = terminal::colors(color, &io::stdout());
    to_stdout(|out| {
        report::list_rules(RULES, color, terminal::width(), out)?;
        writeln!(out, "\nAbout comments that suppress findings:")?;
        report::list_rules(ABOUT_SUPPRESSIONS, color, terminal::width(), out)
    })?;
    Ok(Verdict::Clean)
}

/// How to print notices where nothing else is printed to the stream.
fn plain(color: ColorArg, stream: &impl io::IsTerminal) -> Presentation {
    Presentation {
        color: terminal::colors(color, stream),
        unicode: terminal::has_unicode(),
        width: terminal::width(),
        detail: Detail::Normal,
        elapsed: None,
    }
}

/// Prints a failure with its causes and its advice.
fn show(failure: &Failure, color: ColorArg) {
    let characters = if terminal::has_unicode() { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let styles = if terminal::colors(color, &io::stderr()) { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles }).with_width(terminal::width());
    let mut text = String::new();
    if handler.render_report(&mut text, failure).is_ok() {
        // Nothing is to be done when even the standard error cannot be written.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}
