//! `authlint fix`: makes the fixes, or shows them.

use std::io::{self, Write};

use authlint::fix::{Applicability, FixRequest, Fixes};
use authlint::report::{self, Detail, Format, Prepared, Presentation, Report, Thresholds};
use authlint::rules::EVERY_RULE;
use authlint::{CheckRequest, fix};

use crate::cli::FixArgs;
use crate::{Failure, Verdict, terminal, to_stdout};

/// Fixes what can be fixed; the verdict is about what stands on disk afterwards.
pub(crate) fn run(args: &FixArgs) -> Result<Verdict, Failure> {
    let root = std::env::current_dir().map_err(Failure::NoFolder)?;
    let check = CheckRequest { root, paths: args.paths.clone(), config: args.config(), ..CheckRequest::default() };
    let fixes = fix::run(&FixRequest { check, with_suggested: args.with_suggested })?;
    let presentation = Presentation {
        color: terminal::colors(args.color.color, &io::stdout()),
        unicode: terminal::has_unicode(),
        width: terminal::width(),
        detail: Detail::Normal,
        elapsed: None,
    };
    let on_disk = if args.diff {
        to_stdout(|out| fixes.write_diff(out))?;
        &fixes.before
    } else {
        for file in &fixes.files {
            fix::write(file)?;
        }
        to_stdout(|out| report_fixed(&fixes, &presentation, out))?;
        &fixes.after
    };
    // Nothing is to be done when even the standard error cannot be written.
    let _ = remarks(&fixes, args, &presentation);
    let prepared = Prepared::new(on_disk);
    let report = Report::new(&prepared, EVERY_RULE, Thresholds::default());
    let fails = args.fail_on.severity().is_some_and(|severity| report.reaches(severity));
    Ok(if fails { Verdict::Findings } else { Verdict::Clean })
}

/// What was fixed, then what is left, one line each.
fn report_fixed(fixes: &Fixes, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
    for fixed in &fixes.fixed {
        writeln!(out, "fixed {}:{}: {} [{}]", fixed.path, fixed.line, fixed.title, fixed.rule)?;
    }
    let prepared = Prepared::new(&fixes.after);
    Report::new(&prepared, EVERY_RULE, Thresholds::default()).write(Format::Concise, presentation, out)
}

/// The summary, the files that were left alone, and the notices.
fn remarks(fixes: &Fixes, args: &FixArgs, presentation: &Presentation) -> io::Result<()> {
    let mut out = io::stderr().lock();
    for refused in &fixes.refused {
        writeln!(out, "left alone: {}: {}", refused.path, refused.why)?;
    }
    let made = fixes.fixed.len();
    let plural = |count: usize, ending: &'static str| if count == 1 { "" } else { ending };
    let suggested = fixes.fixed.iter().filter(|fixed| fixed.applicability == Applicability::Suggested).count();
    let verb = if args.diff { "to make" } else { "made" };
    let look = if suggested > 0 { format!(" ({suggested} to look at)") } else { String::new() };
    let prepared = Prepared::new(&fixes.after);
    let left = Report::new(&prepared, EVERY_RULE, Thresholds::default());
    let (changed, open) = (fixes.files.len(), left.findings.len());
    let waiting = match fixes.suggested_left() {
        more if more > 0 && !args.with_suggested => format!("; --unsafe would fix {more} more"),
        _ => String::new(),
    };
    writeln!(
        out,
        "{made} fix{} {verb} in {changed} file{}{look}; {open} finding{} left{waiting}",
        plural(made, "es"),
        plural(changed, "s"),
        plural(open, "s"),
    )?;
    let presentation = Presentation { color: terminal::colors(args.color.color, &out), ..*presentation };
    report::write_notices(&left.notices, &presentation, &mut out)
}
