//! Rules for people: the list, and the page of one.

use std::io::{self, Write};

use super::layout::wrap;
use super::style::Styles;
use crate::fix::Offer;
use crate::rules::Rule;
use crate::rules::page::Page;

/// Prints name, severity and summary of every rule.
///
/// # Errors
/// When `out` fails.
pub fn list_rules(rules: &[Rule], color: bool, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let styles = Styles::new(color);
    let name_width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    for rule in rules {
        let page = Page::parse(rule.page).ok();
        let summary = page.as_ref().map_or("", |page| &page.front.summary);
        let severity = rule.severity.as_str();
        let indent = name_width + 2 + "warning".len() + 2;
        writeln!(
            out,
            "{}{}  {}{}  {}",
            styles.bold(rule.name),
            " ".repeat(name_width - rule.name.len()),
            styles.severity(rule.severity, severity),
            " ".repeat("warning".len().saturating_sub(severity.len())),
            wrap(&format!("{summary}{}", offered(rule)), width, indent, indent)
        )?;
    }
    Ok(())
}

/// What stands behind the summary of a rule that offers a fix.
fn offered(rule: &Rule) -> String {
    match rule.fix {
        Offer::None => String::new(),
        offer => format!(" ({} fix)", offer.as_str()),
    }
}

/// Prints the page of a rule, lightly rendered: metadata as a line, headings bold, code indented, prose wrapped.
///
/// # Errors
/// When `out` fails.
pub fn explain(rule: &Rule, color: bool, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let styles = Styles::new(color);
    let Ok(page) = Page::parse(rule.page) else {
        return writeln!(out, "{}", rule.page);
    };
    writeln!(out, "{}: {}", styles.bold(rule.name), wrap(&page.front.summary, width, rule.name.len() + 2, 2))?;
    let fix = if rule.fix == Offer::None { "no" } else { rule.fix.as_str() };
    writeln!(out, "{} by default, CWE-{}, {} fix", styles.severity(rule.severity, rule.severity.as_str()), rule.cwe, fix)?;
    for reason in &page.front.moves {
        writeln!(out, "  - {}", wrap(reason, width, 4, 4))?;
    }
    writeln!(out)?;
    // The first line has said the name.
    let text = page.body.trim();
    let text = text.strip_prefix('#').and_then(|text| text.trim_start().strip_prefix(rule.name)).unwrap_or(text);
    body(text.trim_start(), styles, width, out)?;
    if !page.front.references.is_empty() {
        writeln!(out, "\n{}", if styles.is_on() { styles.bold("References") } else { "## References".to_owned() })?;
        for reference in &page.front.references {
            writeln!(out, "  {reference}")?;
        }
    }
    Ok(())
}

/// Markdown, block by block: a paragraph or a list item is gathered until it ends, then wrapped.
fn body(markdown: &str, styles: Styles, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut paragraph = String::new();
    let mut indent = 0;
    let mut in_code = false;
    for line in markdown.lines() {
        let is_fence = line.trim_start().starts_with("```");
        let is_item = line.trim_start().starts_with("- ") || line.trim_start().starts_with("* ");
        let ends_block = in_code || is_fence || is_item || line.trim().is_empty() || line.starts_with('#') || line.starts_with('|');
        if ends_block && !paragraph.is_empty() {
            writeln!(out, "{}", wrap(&paragraph, width, 0, indent))?;
            paragraph.clear();
            indent = 0;
        }
        if is_fence {
            // The info string of an example names its file.
            let file = line.split_once("title=\"").and_then(|(_, title)| title.split_once('"'));
            if let Some((file, _)) = file {
                writeln!(out, "    {}", styles.dim(file))?;
            }
            in_code = !in_code;
        } else if in_code || line.starts_with('|') {
            writeln!(out, "    {line}")?;
        } else if let Some(heading) = line.strip_prefix('#') {
            // Without colour the mark of the heading stays, so that it is seen as one.
            writeln!(out, "{}", if styles.is_on() { styles.bold(heading.trim_start_matches('#').trim()) } else { line.to_owned() })?;
        } else if line.trim().is_empty() {
            writeln!(out)?;
        } else {
            indent = if is_item { 2 } else { indent };
            paragraph.push_str(line.trim());
            paragraph.push(' ');
        }
    }
    if paragraph.is_empty() { Ok(()) } else { writeln!(out, "{}", wrap(&paragraph, width, 0, indent)) }
}
