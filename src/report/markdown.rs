//! GitHub-flavoured Markdown for the summary of a job: a table of all findings, then each with its code, flow and advice behind a fold.
//!
//! GitHub takes 1 MiB for one step and shows nothing of a longer summary, so the page ends before that and says so
//! (<https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-job-summary>). Texts of the project
//! cannot become markup: everything outside of code is escaped, and code stands between more back ticks than it holds.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::excerpt::{Mark, frame};
use super::layout::{counted, harmless_text, sentence, shorten_around};
use super::map::sign;
use super::steps::{code, one_a_line};
use super::{Detail, Noted, Presentation, Report, Shown};
use crate::finding::{Confidence, NoticeKind};

/// What the whole may hold, in bytes. Below GitHub's limit, so that another tool's part of the same step has room.
const MOST: usize = 900 << 10;
/// What the table may take of it.
const TABLE: usize = MOST / 2;
/// Columns of the code frames.
const WIDTH: usize = 100;
/// Columns of the code in a step.
const STEP: usize = 80;

/// Prints the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = format!("## authlint: {}\n", report.headline());
    if report.hidden > 0 {
        let _ = writeln!(page, "\n{} below the thresholds.", sentence(&counted(report.hidden, "finding")).trim_end_matches('.'));
    }
    if !report.findings.is_empty() {
        table(report, &mut page);
        details(report, &mut page);
    }
    notices(report, &mut page);
    out.write_all(page.as_bytes())
}

fn table(report: &Report<'_>, page: &mut String) {
    page.push_str("\n| severity | rule | where | what is wrong |\n| --- | --- | --- | --- |\n");
    for (index, finding) in report.findings.iter().enumerate() {
        let place = format!("{}:{}", finding.primary.path(), finding.primary.start().line);
        let row = format!(
            "| {} {} | {} | {} | {} |\n",
            sign(finding.severity, true),
            finding.severity.as_str(),
            cell(&span(finding.rule)),
            cell(&span(&place)),
            cell(&prose(&sentence(&finding.message)))
        );
        if page.len() + row.len() > TABLE {
            let left = counted(report.findings.len() - index, "more finding");
            let _ = writeln!(page, "\n{left}: the `json`, `sarif` and `html` formats have all.");
            return;
        }
        page.push_str(&row);
    }
}

fn details(report: &Report<'_>, page: &mut String) {
    page.push('\n');
    for (index, finding) in report.findings.iter().enumerate() {
        let part = detail(finding);
        if page.len() + part.len() > MOST {
            let left = counted(report.findings.len() - index, "finding");
            let _ = writeln!(page, "The details of {left} are left out, because a summary may not be longer.\n");
            return;
        }
        page.push_str(&part);
    }
}

fn detail(finding: &Shown<'_>) -> String {
    let start = finding.primary.start();
    let mut part = String::new();
    let _ = writeln!(
        part,
        "<details>\n<summary>{} {}: <code>{}</code></summary>\n",
        sign(finding.severity, true),
        html(finding.rule),
        html(&format!("{}:{}:{}", finding.primary.path(), start.line, start.column)),
    );
    let doubt = match finding.confidence {
        Confidence::High => String::new(),
        confidence => format!(" ({} confidence)", confidence.as_str()),
    };
    let _ = writeln!(part, "{}{doubt}\n", prose(&sentence(&finding.message)));
    let presentation = Presentation { color: false, unicode: true, width: WIDTH, detail: Detail::Normal, elapsed: None };
    let near = finding.labels.iter().filter(|label| label.place.path() == finding.primary.path());
    let near = near.filter(|label| !label.place.is_same(&finding.primary)).map(mark);
    let marks: Vec<_> =
        std::iter::once(Mark { place: finding.primary, label: &finding.primary_label, is_primary: true }).chain(near).collect();
    block(&frame(&marks, finding.severity, &presentation), &mut part);
    let far = || finding.labels.iter().filter(|label| label.place.path() != finding.primary.path());
    for (heading, numbered, steps) in
        [("Flow:", true, one_a_line(finding.flow.iter().collect())), ("Also:", false, far().collect::<Vec<_>>())]
    {
        if !steps.is_empty() {
            let _ = writeln!(part, "{heading}\n");
            for (number, noted) in (1..).zip(steps) {
                let bullet = if numbered { format!("{number}.") } else { "-".to_owned() };
                let _ = writeln!(part, "{bullet} {}", step(noted));
            }
            part.push('\n');
        }
    }
    if let Some(zone) = &finding.zone {
        let because = zone.because.iter().map(|reason| prose(reason)).collect::<Vec<_>>().join(" → ");
        let because = if because.is_empty() { because } else { format!(" ({because})") };
        let _ = writeln!(part, "Runs in: {}{because}\n", zone.kind.as_str());
    }
    if !finding.help.is_empty() {
        let _ = writeln!(part, "**How to fix:** {}\n", prose(&sentence(&finding.help)));
    }
    part.push_str("</details>\n\n");
    part
}

fn mark<'a>(label: &'a Noted<'a>) -> Mark<'a> {
    Mark { place: label.place, label: &label.message, is_primary: false }
}

fn step(noted: &Noted<'_>) -> String {
    let place = span(&format!("{}:{}", noted.place.path(), noted.place.start().line));
    let (text, focus) = code(noted);
    let text = shorten_around(&text, focus, STEP, "…");
    let text = if text.is_empty() { text } else { format!(" {}", span(&text)) };
    let message = if noted.message.is_empty() { String::new() } else { format!(" — {}", prose(&noted.message)) };
    format!("{place}{text}{message}")
}

fn notices(report: &Report<'_>, page: &mut String) {
    let told: Vec<_> = report.notices.iter().filter(|notice| notice.kind != NoticeKind::Skipped).collect();
    if told.is_empty() {
        return;
    }
    page.push_str("### What limited the run\n\n");
    for (index, notice) in told.iter().enumerate() {
        let path = notice.path.as_ref().map_or(String::new(), |path| format!("{}: ", span(path)));
        let line = format!("- {path}{}\n", prose(&sentence(&notice.message)));
        if page.len() + line.len() > MOST {
            let _ = writeln!(page, "- {}", counted(told.len() - index, "more notice"));
            return;
        }
        page.push_str(&line);
    }
}

/// A fenced block of text.
fn block(text: &str, page: &mut String) {
    if text.is_empty() {
        return;
    }
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let _ = writeln!(page, "{fence}text\n{}\n{fence}\n", text.trim_end());
}

/// A span of code, on one line.
fn span(text: &str) -> String {
    let text = harmless_text(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    // A space on both sides is taken off again by the reader.
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// How many back ticks stand together at most.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// A sentence whose back ticks mark code; everything else is text and not markup.
fn prose(text: &str) -> String {
    let text = harmless_text(text);
    let mut page = String::with_capacity(text.len() + 16);
    let mut pieces = text.split('`').peekable();
    let mut is_code = false;
    while let Some(piece) = pieces.next() {
        match (is_code, pieces.peek().is_some()) {
            (true, true) => page.push_str(&span(piece)),
            // A last opening tick without a closing one is a tick.
            (true, false) => page.extend(["\\`", &plain(piece)]),
            (false, _) => page.push_str(&plain(piece)),
        }
        is_code = !is_code;
    }
    page
}

fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '*' | '_' | '[' | ']' | '#' | '~' | '|' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            // Neither a mention nor a bare address becomes a link.
            '@' => escaped.push_str("&#64;"),
            other => escaped.push(other),
        }
    }
    escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A cell ends at a bar, also inside of code, unless a backslash stands before it.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    let mut before = ' ';
    for character in text.chars() {
        if character == '|' && before != '\\' {
            cell.push('\\');
        }
        cell.push(character);
        before = character;
    }
    cell
}

/// Text in an HTML element on one line.
fn html(text: &str) -> String {
    super::markup::escaped(&harmless_text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_project_never_becomes_markup() {
        for (text, expected) in [
            ("a *b* _c_ [d](e) <f> # g", r"a \*b\* \_c\_ \[d\](e) &lt;f&gt; \# g"),
            ("take `a_b*` now", "take `a_b*` now"),
            ("one ` tick", r"one \` tick"),
            ("@team see https://x.y", "&#64;team see https&#58;//x.y"),
            ("a\n# b\r\n- c", r"a \# b - c"),
            ("a\\|b", r"a\\\|b"),
        ] {
            assert_eq!(prose(text), expected);
        }
        for (text, expected) in [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("```x", "```` ```x ````"), ("", "`  `")] {
            assert_eq!(span(text), expected);
        }
        assert_eq!(cell("`a|b` c"), r"`a\|b` c");
        assert_eq!(cell(&prose("a|b")), r"a\|b");
        let mut page = String::new();
        block("a\n````\nb\n", &mut page);
        assert_eq!(page, "`````text\na\n````\nb\n`````\n\n");
    }
}
