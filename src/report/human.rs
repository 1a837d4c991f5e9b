//! The report for a person: what is wrong, where, why authlint believes so, and what to do, in as few lines as possible.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::excerpt::{Mark, frame};
use super::layout::{counted, harmless, harmless_text, thousands, wrap};
use super::links::link;
use super::steps::Steps;
use super::style::Styles;
use super::{Detail, Links, Noted, Presentation, Report, Shown, Standing};
use crate::finding::{Confidence, Notice, NoticeKind, Timings};
use crate::fix::Applicability;

/// How many notices are shown unless everything is asked for.
const MOST_NOTICES: usize = 5;

/// Prints the findings, then the summary.
pub(super) fn write(report: &Report<'_>, links: Option<&Links>, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings.iter().chain(report.shown_aside()) {
        let address = links.and_then(|_| report.rule(finding.rule)?.reference());
        Printer { presentation, styles: Styles::new(presentation.color), finding, links, address }.write(out)?;
        writeln!(out)?;
    }
    if presentation.detail > Detail::Quiet { write_summary(report, presentation, out) } else { Ok(()) }
}

struct Printer<'p, 'f> {
    presentation: &'p Presentation,
    styles: Styles,
    finding: &'f Shown<'f>,
    links: Option<&'p Links>,
    /// Where the name of the rule leads.
    address: Option<String>,
}

impl Printer<'_, '_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.title(out)?;
        self.frames(out)?;
        self.flow(out)?;
        self.zone(out)?;
        match &self.finding.standing {
            Standing::Open => self.steps().field("help:", &self.finding.help, out)?,
            Standing::Suppressed { reason } => return self.steps().field("suppressed:", reason.as_deref().unwrap_or("by a comment"), out),
            Standing::Known => return self.steps().field("suppressed:", "known in the baseline", out),
        }
        let Some(fix) = &self.finding.fix else { return Ok(()) };
        let command = if fix.applicability == Applicability::Safe { "authlint fix" } else { "authlint fix --unsafe" };
        self.steps().field("fix:", &format!("{} (`{command}`)", fix.title), out)
    }

    fn title(&self, out: &mut dyn Write) -> io::Result<()> {
        let finding = self.finding;
        let head = format!("{}[{}]", finding.severity.as_str(), finding.rule);
        let name = self.address.as_ref().map_or_else(|| finding.rule.to_owned(), |address| link(address, finding.rule));
        let painted = self.styles.severity(finding.severity, format!("{}[{name}]", finding.severity.as_str()));
        let doubt = match finding.confidence {
            Confidence::High => String::new(),
            confidence => format!(" ({} confidence)", confidence.as_str()),
        };
        let taken = head.len() + doubt.len() + 2;
        let message = wrap(&harmless_text(&finding.message), self.presentation.width, taken, 2);
        writeln!(out, "{painted}{}: {}", self.styles.dim(doubt), self.styles.bold(message))
    }

    /// The frame of the primary place with all labels of the same file; labels elsewhere as lines, or as frames of their own
    /// when everything is asked for. A place that the flow shows anyway is not shown twice.
    fn frames(&self, out: &mut dyn Write) -> io::Result<()> {
        let finding = self.finding;
        let primary = Mark { place: finding.primary, label: &finding.primary_label, is_primary: true };
        let (near, far): (Vec<_>, Vec<_>) = finding.labels.iter().partition(|label| label.place.path() == finding.primary.path());
        let near = near.into_iter().filter(|label| !label.place.is_same(&finding.primary));
        let marks: Vec<_> = std::iter::once(primary).chain(near.map(mark)).collect();
        out.write_all(self.frame(&marks).as_bytes())?;
        let in_flow: BTreeSet<_> = finding.flow.iter().map(|step| (step.place.path(), step.place.start().line)).collect();
        for label in far {
            if self.presentation.detail == Detail::Verbose {
                writeln!(out, "  {} {}", self.styles.keyword("also:"), self.steps().opening(label, self.steps().position(label)))?;
                out.write_all(self.frame(&[mark(label)]).as_bytes())?;
            } else if !in_flow.contains(&(label.place.path(), label.place.start().line)) {
                self.steps().step(&self.styles.keyword("also:"), "also:".len(), label, 0, out)?;
            }
        }
        Ok(())
    }

    /// The value's way as numbered steps.
    fn flow(&self, out: &mut dyn Write) -> io::Result<()> {
        self.steps().list(Some("flow:"), &self.finding.flow, out)
    }

    fn steps(&self) -> Steps<'_> {
        Steps::new(self.presentation).with_links(self.links)
    }

    /// A frame, whose heading opens the file.
    fn frame(&self, marks: &[Mark<'_>]) -> String {
        let drawn = frame(marks, self.finding.severity, self.presentation);
        let (Some(links), Some((heading, rest))) = (self.links, drawn.split_once('\n')) else { return drawn };
        let named = marks.iter().find_map(|mark| {
            let start = mark.place.start();
            let name = format!("{}:{}:{}", harmless(mark.place.path()), start.line, start.column);
            heading.contains(&name).then(|| heading.replacen(&name, &links.file(mark.place, &name), 1))
        });
        format!("{}\n{rest}", named.unwrap_or_else(|| heading.to_owned()))
    }

    fn zone(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(zone) = &self.finding.zone else { return Ok(()) };
        let arrow = if self.presentation.unicode { " → " } else { " -> " };
        let because = zone.because.iter().map(|reason| harmless_text(reason)).collect::<Vec<_>>().join(arrow);
        let because = if because.is_empty() { because } else { format!(" ({because})") };
        self.steps().field("runs in:", &format!("{}{because}", zone.kind.as_str()), out)
    }
}

fn mark<'a>(label: &'a Noted<'a>) -> Mark<'a> {
    Mark { place: label.place, label: &label.message, is_primary: false }
}

/// Prints `3 errors, 1 warning in 2 files (1,204 seen, 31 parsed) in 0.04 s`.
///
/// # Errors
/// When `out` fails.
pub fn write_summary(report: &Report<'_>, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
    let styles = Styles::new(presentation.color);
    let (seen, parsed) = (report.counts.files_seen, thousands(report.counts.files_parsed));
    let found = report.headline();
    let among = if report.findings.is_empty() {
        format!("in {} ({parsed} parsed)", counted(seen, "file"))
    } else {
        format!("({} seen, {parsed} parsed)", thousands(seen))
    };
    let found_width = found.len();
    let found = match report.findings.iter().map(|finding| finding.severity).max() {
        Some(worst) => styles.severity(worst, found),
        None => styles.bold(found),
    };
    let elapsed = presentation.elapsed.map_or(String::new(), |elapsed| format!(" in {:.2} s", elapsed.as_secs_f64()));
    let below = (report.hidden > 0).then(|| format!("{} below the thresholds", thousands(report.hidden)));
    let is_shown = |notice: &&Notice| presentation.detail == Detail::Verbose || notice.kind != NoticeKind::Skipped;
    let notices = report.notices.iter().filter(is_shown).count();
    let notices = (notices > 0).then(|| counted(notices, "notice"));
    let aside = report.put_aside();
    let suppressed = (aside.suppressed > 0).then(|| format!("{} suppressed", thousands(aside.suppressed)));
    let known = (aside.known > 0).then(|| format!("{} hidden by the baseline", counted(aside.known, "known finding")));
    let rest: Vec<_> = [Some(among + &elapsed), below, suppressed, known, notices].into_iter().flatten().collect();
    let rest = wrap(&rest.join(", "), presentation.width, found_width + 1, 2);
    write!(out, "{found} {rest}")?;
    writeln!(out)?;
    if let Some(first) = report.findings.first() {
        writeln!(out, "{}", styles.dim(format!("`authlint explain {}` says more about a rule", first.rule)))?;
    }
    Ok(())
}

/// Prints what each stage took, in one line.
///
/// # Errors
/// When `out` fails.
pub fn write_timings(timings: &Timings, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
    let stages: Vec<_> = timings.iter().map(|(stage, took)| format!("{stage} {:.0} ms", took.as_secs_f64() * 1000.0)).collect();
    let text = wrap(&stages.join(", "), presentation.width, "timings: ".len(), 2);
    writeln!(out, "{} {text}", Styles::new(presentation.color).keyword("timings:"))
}

/// Prints the notices: the first ones, or all when everything is asked for. What was skipped on purpose is shown only then.
///
/// # Errors
/// When `out` fails.
pub fn write_notices(notices: &[Notice], presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
    let styles = Styles::new(presentation.color);
    let most = match presentation.detail {
        Detail::Quiet => return Ok(()),
        Detail::Normal => MOST_NOTICES,
        Detail::Verbose => usize::MAX,
    };
    let shown = || notices.iter().filter(|notice| presentation.detail == Detail::Verbose || notice.kind != NoticeKind::Skipped);
    for notice in shown().take(most) {
        let path = notice.path.as_ref().map_or(String::new(), |path| format!("{}: ", harmless(path)));
        let head = format!("notice[{}]", notice.kind.as_str());
        let text = wrap(&format!("{path}{}", harmless_text(&notice.message)), presentation.width, head.len() + 2, 2);
        writeln!(out, "{}: {text}", styles.keyword(head))?;
    }
    let left = shown().count().saturating_sub(most);
    if left > 0 {
        writeln!(out, "{}", styles.dim(format!("{} more, shown with --verbose", counted(left, "notice"))))?;
    }
    Ok(())
}
