//! One self-contained page: counts, filters, every finding with its code, its flow and its reasons, and the map.
//!
//! The page loads nothing: its content security policy allows its one style sheet and its one script, by their hashes, and nothing else.
//! Without the script everything is there and open, the filters are not. Every text of the project is escaped.

mod frame;

use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::excerpt::Mark;
use super::layout::{capitalised, counted, harmless_text, sentence, shorten_around, thousands};
use super::map::{html as map, sign};
use super::markup::{breakable, code, escaped};
use super::steps::{code as step_code, one_a_line};
use super::{Noted, Report, Shown};
use crate::finding::{Confidence, NoticeKind, Severity};
use crate::map::ArchitectureMap;
use crate::rules::page::Page;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
/// Columns of the code in a step.
const STEP: usize = 100;

/// Prints the page.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let drawn = report.map.filter(|map| !map.nodes.is_empty());
    let picture = drawn.map(map::figure).unwrap_or_default();
    let empty = ArchitectureMap::default();
    let style = format!("{}{STYLE}", map::style(drawn.unwrap_or(&empty), &picture));
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>authlint: {headline}</title>\n<style>{style}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n<main>\n<h1>Telnyx authentication: {headline}</h1>\n",
        hash(&style),
        hash(SCRIPT),
        headline = escaped(&report.headline()),
    )?;
    write!(out, "{}", counts(report))?;
    if !report.findings.is_empty() {
        write!(out, "{}", filters(report))?;
    }
    writeln!(out, "<h2 id=\"findings\" tabindex=\"-1\">Findings</h2>")?;
    if report.findings.is_empty() {
        writeln!(out, "<p>None.</p>")?;
    }
    for (number, finding) in (1..).zip(&report.findings) {
        write!(out, "{}", entry(report, number, finding))?;
    }
    if let Some(drawn) = drawn {
        writeln!(out, "<h2 id=\"map\">The architecture</h2>\n{picture}{}", map::parts(drawn))?;
    }
    write!(out, "{}", notices(report))?;
    writeln!(
        out,
        "<p class=\"soft\">Made by authlint {}. No secret value is shown.</p>\n</main>\n<script>{SCRIPT}</script>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION")
    )
}

const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];

fn count(report: &Report<'_>, severity: Severity) -> usize {
    report.findings.iter().filter(|finding| finding.severity == severity).count()
}

fn counts(report: &Report<'_>) -> String {
    let mut html = String::from("<ul class=\"counts\">\n");
    for severity in SEVERITIES {
        let noun = severity.as_str();
        let count = count(report, severity);
        let plural = if count == 1 { "" } else { "s" };
        let none = if count == 0 { " none" } else { "" };
        let _ = writeln!(
            html,
            "<li class=\"{noun}{none}\"><span aria-hidden=\"true\">{}</span> <strong>{}</strong> {noun}{plural}</li>",
            sign(severity, true),
            thousands(count)
        );
    }
    html.push_str("</ul>\n");
    let counts = report.counts;
    let below = if report.hidden > 0 {
        format!(" {} below the thresholds.", capitalised(&counted(report.hidden, "finding")))
    } else {
        String::new()
    };
    let _ = writeln!(
        html,
        "<p class=\"soft\">{} seen, {} read, {} parsed.{below}</p>",
        counted(counts.files_seen, "file"),
        thousands(counts.files_read),
        thousands(counts.files_parsed)
    );
    html
}

/// Hidden until the script has taken hold of it.
fn filters(report: &Report<'_>) -> String {
    let mut html = String::from("<form id=\"filters\" hidden aria-label=\"Filter the findings\">\n<fieldset>\n<legend>Severity</legend>\n");
    for severity in SEVERITIES.into_iter().filter(|severity| count(report, *severity) > 0) {
        let word = severity.as_str();
        let _ = writeln!(
            html,
            "<label class=\"{word}\"><input type=\"checkbox\" name=\"severity\" value=\"{word}\" checked> <span aria-hidden=\"true\">{}</span> {word} ({})</label>",
            sign(severity, true),
            thousands(count(report, severity))
        );
    }
    html.push_str("</fieldset>\n<fieldset>\n<legend>Only findings</legend>\n<div><label for=\"rule\">of the rule</label> <select id=\"rule\" name=\"rule\">\n<option value=\"\">any</option>\n");
    let mut rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        let count = report.findings.iter().filter(|finding| finding.rule == rule).count();
        let _ = writeln!(html, "<option value=\"{rule}\">{rule} ({count})</option>", rule = escaped(rule));
    }
    html.push_str(
        "</select></div>\n<div><label for=\"path\">whose path contains</label> <input id=\"path\" name=\"path\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></div>\n\
         <div><label for=\"text\">that mention</label> <input id=\"text\" name=\"text\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></div>\n</fieldset>\n\
         <div class=\"buttons\"><button type=\"reset\">Show all</button> <button type=\"button\" id=\"open\">Open all</button> <button type=\"button\" id=\"close\">Close all</button></div>\n\
         <p id=\"shown\" role=\"status\"></p>\n</form>\n",
    );
    html
}

fn entry(report: &Report<'_>, number: usize, finding: &Shown<'_>) -> String {
    let severity = finding.severity.as_str();
    let start = finding.primary.start();
    let path = finding.primary.path();
    let mut html = String::new();
    let _ = writeln!(
        html,
        "<details open class=\"finding {severity}\" id=\"finding-{number}\" data-severity=\"{severity}\" data-rule=\"{rule}\" data-path=\"{}\">\n\
         <summary><span class=\"badge {severity}\"><span aria-hidden=\"true\">{}</span> {severity}</span> <code class=\"name\">{rule}</code> <span class=\"path\">{}:{}:{}</span>\n\
         <span class=\"message\">{}</span></summary>",
        escaped(path),
        sign(finding.severity, true),
        breakable(path),
        start.line,
        start.column,
        code(&sentence(&finding.message)),
        rule = escaped(finding.rule),
    );
    frames(finding, &mut html);
    flow(&finding.flow, &mut html);
    html.push_str("<dl>\n");
    if let Some(zone) = &finding.zone {
        let because = zone.because.iter().map(|reason| breakable(&harmless_text(reason))).collect::<Vec<_>>().join(" → ");
        let because = if because.is_empty() { because } else { format!(" <span class=\"soft path\">{because}</span>") };
        let _ = writeln!(html, "<dt>Runs in</dt><dd>{}{because}</dd>", zone.kind.as_str());
    }
    if !finding.help.is_empty() {
        let _ = writeln!(html, "<dt>How to fix</dt><dd>{}</dd>", code(&sentence(&finding.help)));
    }
    if finding.confidence != Confidence::High {
        let _ = writeln!(html, "<dt>Confidence</dt><dd>{}</dd>", finding.confidence.as_str());
    }
    if let Some(page) = report.rule(finding.rule).and_then(|rule| Page::parse(rule.page).ok()) {
        let _ = writeln!(html, "<dt>The rule</dt><dd>{}</dd>", code(&sentence(&page.front.summary)));
    }
    let _ = writeln!(html, "<dt>Fingerprint</dt><dd class=\"soft path\">{}</dd>\n</dl>\n</details>", escaped(&finding.fingerprint));
    html
}

/// The frame of the primary place with the labels of its file, then one for each other file.
fn frames(finding: &Shown<'_>, html: &mut String) {
    let path = finding.primary.path();
    let mut files: Vec<(&str, Vec<Mark<'_>>)> =
        vec![(path, vec![Mark { place: finding.primary, label: &finding.primary_label, is_primary: true }])];
    for label in finding.labels.iter().filter(|label| !label.place.is_same(&finding.primary)) {
        let mark = Mark { place: label.place, label: &label.message, is_primary: false };
        match files.iter_mut().find(|(path, _)| *path == label.place.path()) {
            Some((_, marks)) => marks.push(mark),
            None => files.push((label.place.path(), vec![mark])),
        }
    }
    for (path, marks) in files {
        html.push_str(&frame::draw(path, &marks));
    }
}

fn flow(steps: &[Noted<'_>], html: &mut String) {
    if steps.is_empty() {
        return;
    }
    html.push_str("<h3>The way of the value</h3>\n<ol class=\"flow\">\n");
    for step in one_a_line(steps.iter().collect()) {
        let (text, focus) = step_code(step);
        let _ = writeln!(
            html,
            "<li><span class=\"path\">{}:{}</span> <code>{}</code> — {}</li>",
            breakable(step.place.path()),
            step.place.start().line,
            escaped(&shorten_around(&text, focus, STEP, "…")),
            code(&step.message)
        );
    }
    html.push_str("</ol>\n");
}

fn notices(report: &Report<'_>) -> String {
    let told: Vec<_> = report.notices.iter().filter(|notice| notice.kind != NoticeKind::Skipped).collect();
    if told.is_empty() {
        return String::new();
    }
    let mut html = String::from("<h2 id=\"notices\">What limited the run</h2>\n<ul>\n");
    for notice in told {
        let path = notice.path.as_ref().map_or(String::new(), |path| format!("<span class=\"path\">{}</span>: ", breakable(path)));
        let _ = writeln!(html, "<li>{path}{}</li>", code(&sentence(&notice.message)));
    }
    html.push_str("</ul>\n");
    html
}
