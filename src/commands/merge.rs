//! `authlint merge`: several reports as one.

use std::io;

use authlint::report::merge::Merged;
use authlint::report::{self, Detail, Presentation, Report, Thresholds};
use authlint::rules::RULES;
use clap::CommandFactory as _;
use clap::error::ErrorKind;

use crate::cli::{Cli, FormatArg, MergeArgs};
use crate::{Failure, Verdict, output, terminal};

/// Reads the reports and writes the one that they make.
pub(crate) fn run(args: &MergeArgs) -> Result<Verdict, Failure> {
    let targets = args.targets.targets(FormatArg::Concise).unwrap_or_else(|error| error.exit());
    if targets.iter().any(|target| target.format == FormatArg::Human) {
        Cli::command().error(ErrorKind::InvalidValue, "reports hold no code, which `human` shows; `concise` is for people, too").exit();
    }
    let summary = if args.targets.step_summary { Some(output::step_summary()?) } else { None };
    let merged = Merged::read(&args.reports)?;
    let thresholds = Thresholds { severity: args.min_severity.into(), confidence: args.min_confidence.into() };
    let report = Report::merged(&merged, RULES, thresholds);
    let presentation = Presentation {
        color: terminal::colors(args.color.color, &io::stderr()),
        unicode: terminal::has_unicode(),
        width: terminal::width(),
        detail: if args.quiet { Detail::Quiet } else { Detail::Normal },
        elapsed: None,
    };
    output::write(&report, &targets, summary.as_deref(), &presentation)?;
    let mut err = io::stderr().lock();
    // Nothing is to be done when even the standard error cannot be written.
    let _ = (|| {
        if presentation.detail > Detail::Quiet && targets.iter().all(|target| target.file.is_some()) {
            report::write_summary(&report, &presentation, &mut err)?;
        }
        report::write_notices(&report.notices, &presentation, &mut err)
    })();
    let fails = args.fail_on.severity().is_some_and(|severity| report.reaches(severity));
    Ok(if fails { Verdict::Findings } else { Verdict::Clean })
}
