//! One self-contained page: the picture, and the same in tables for those who do not see it or want to read on.
//!
//! Nothing is loaded and no script runs: the page's own content security policy allows its one style sheet, by its hash, and nothing else.
//! Every text of the project is escaped.

use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{EMPTY, drawing, left_out, severities, sign, tally, title};
use crate::finding::Confidence;
use crate::map::graph::{ArchitectureMap, Mark, Mood, Node, Place};
use crate::report::layout::capitalised;
use crate::report::markup::{breakable, code, escaped};

const STYLE: &str = include_str!("page.css");
/// The picture shrinks with the page, but not to less than this part of its size: below, it is moved sideways.
const SMALLEST: f64 = 0.72;
/// A node may have more places than a cell should hold.
const MOST_PLACES: usize = 6;

/// Prints the page.
pub(super) fn write(map: &ArchitectureMap, out: &mut dyn Write) -> io::Result<()> {
    let picture = if map.nodes.is_empty() { format!("<p>{}.</p>\n", capitalised(EMPTY)) } else { figure(map) };
    let style = style(map, &picture);
    let hash = STANDARD.encode(Sha256::digest(&style));
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>Telnyx authentication architecture</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n\
         <h1>Telnyx authentication architecture</h1>\n<p>{}</p>\n{picture}",
        escaped(&summary(map))
    )?;
    write!(out, "{}", findings(map))?;
    write!(out, "{}", parts(map))?;
    write!(out, "{}", notices(map))?;
    writeln!(
        out,
        "<p class=\"soft\">Made by authlint {}. No secret value is shown.</p>\n</main>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION")
    )
}

fn summary(map: &ArchitectureMap) -> String {
    let parts = [Some(tally(map)).filter(|parts| !parts.is_empty()), Some(severities(map)), left_out(map)];
    let summary = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    format!("{}.", capitalised(&summary))
}

pub(in crate::report) fn figure(map: &ArchitectureMap) -> String {
    format!(
        "<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of the architecture\">\n{}</div>\n\
         <figcaption>Arrows lead from who asks to who gives. {} error, {} warning, {} note. Each card leads to its row in the table.</figcaption>\n</figure>\n",
        drawing::draw(map),
        sign(crate::finding::Severity::Error, true),
        sign(crate::finding::Severity::Warning, true),
        sign(crate::finding::Severity::Note, true)
    )
}

/// The style sheet with what depends on the picture: how far it may shrink, and which edges a card lights up.
pub(in crate::report) fn style(map: &ArchitectureMap, picture: &str) -> String {
    let mut style = STYLE.to_owned();
    let width = picture.split_once(" width=\"").and_then(|(_, rest)| rest.split('"').next()?.parse::<f64>().ok()).unwrap_or(0.0);
    let _ = writeln!(style, "figure svg {{ min-width: {:.0}px; }}", width * SMALLEST);
    for id in 0..map.nodes.len() {
        let _ = writeln!(
            style,
            "svg:has(#card-{id}:is(:hover, :focus)) :is(.from-{id}, .to-{id}) {{ stroke: var(--accent); stroke-width: 3; }}"
        );
    }
    style
}

fn findings(map: &ArchitectureMap) -> String {
    let mut html = String::from("<h2 id=\"findings\">Findings</h2>\n");
    if map.findings.is_empty() {
        html.push_str("<p>None.</p>\n");
        return html;
    }
    html.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Findings\">\n<table class=\"findings\">\n<thead><tr><th scope=\"col\">Finding</th><th scope=\"col\">What is wrong</th><th scope=\"col\">Where</th><th scope=\"col\">Part</th></tr></thead>\n<tbody>\n",
    );
    for finding in &map.findings {
        let doubt = match finding.confidence {
            Confidence::High => String::new(),
            confidence => format!("<br><span class=\"soft\">{} confidence</span>", confidence.as_str()),
        };
        let parts: Vec<String> = finding.nodes.iter().filter_map(|id| Some(link(*id, map.node(*id)?))).collect();
        let parts = if parts.is_empty() { "none of those in the picture".to_owned() } else { parts.join("<br>") };
        let _ = writeln!(
            html,
            "<tr><td class=\"{severity}\"><strong>{} {severity}</strong><br>{}{doubt}</td><td>{}<br><span class=\"soft\">{}</span></td><td>{}</td><td>{parts}</td></tr>",
            sign(finding.severity, true),
            escaped(finding.rule),
            code(&capitalised(&finding.message)),
            code(&format!("{}.", capitalised(&finding.help))),
            position(&finding.place),
            severity = finding.severity.as_str(),
        );
    }
    html.push_str("</tbody>\n</table>\n</div>\n");
    html
}

pub(in crate::report) fn parts(map: &ArchitectureMap) -> String {
    let mut html = String::new();
    if map.nodes.is_empty() {
        return html;
    }
    html.push_str(
        "<h2 id=\"parts\">Parts</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Parts\">\n<table class=\"parts\">\n<caption>Every part of the picture, and what it leads to.</caption>\n<thead><tr><th scope=\"col\">Part</th><th scope=\"col\">Runs in</th><th scope=\"col\">Where</th><th scope=\"col\">Leads to</th><th scope=\"col\">Findings</th></tr></thead>\n<tbody>\n",
    );
    for (id, node) in map.nodes.iter().enumerate() {
        let _ = writeln!(
            html,
            "<tr id=\"part-{id}\"><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            name(node),
            zone(node),
            places(node),
            leads(map, id),
            marks(map.findings_on(id))
        );
    }
    html.push_str("</tbody>\n</table>\n</div>\n");
    html
}

/// A part's kind, label and facts.
fn name(node: &Node) -> String {
    let mut html = format!("<span class=\"soft\">{}</span> {}", node.kind.title(), labelled(node));
    for fact in &node.facts {
        let class = match fact.mood {
            Mood::Good => "good",
            Mood::Plain => "soft",
            Mood::Bad => "bad",
        };
        let _ = write!(html, "<br><span class=\"{class}\">{}</span>", code(&fact.text));
    }
    html
}

fn labelled(node: &Node) -> String {
    if node.kind.is_source() && !node.label.contains([' ', '`']) {
        format!("<code>{}</code>", escaped(&node.label))
    } else {
        code(&node.label)
    }
}

fn zone(node: &Node) -> String {
    let because = node.because.iter().map(|reason| breakable(reason)).collect::<Vec<_>>().join(" → ");
    if because.is_empty() {
        node.zone.title().to_owned()
    } else {
        format!("{}<br><span class=\"soft path\">{because}</span>", node.zone.title())
    }
}

fn places(node: &Node) -> String {
    let mut shown: Vec<String> = node.places.iter().take(MOST_PLACES).map(position).collect();
    if node.places.len() > MOST_PLACES {
        shown.push(format!("and {} more", node.places.len() - MOST_PLACES));
    }
    shown.join("<br>")
}

fn leads(map: &ArchitectureMap, id: usize) -> String {
    let mut html = String::new();
    for edge in map.edges_from(id) {
        let Some(node) = map.node(edge.to) else { continue };
        let options = edge.options.iter().map(|option| format!("<code>{}</code>", escaped(option))).collect::<Vec<_>>().join(", ");
        let colon = if options.is_empty() { "" } else { ": " };
        let _ = write!(html, "<li>{options}{colon}{} {}</li>", edge.kind.words(), link(edge.to, node));
    }
    if html.is_empty() { html } else { format!("<ul>{html}</ul>") }
}

fn marks<'a>(findings: impl Iterator<Item = &'a Mark>) -> String {
    let mut html = String::new();
    for finding in findings {
        let _ = write!(
            html,
            "<li class=\"{severity}\"><strong>{} {severity}</strong> {}</li>",
            sign(finding.severity, true),
            escaped(finding.rule),
            severity = finding.severity.as_str()
        );
    }
    if html.is_empty() { html } else { format!("<ul>{html}</ul>") }
}

fn notices(map: &ArchitectureMap) -> String {
    let told: Vec<_> = map.notices.iter().filter(|notice| notice.kind != crate::finding::NoticeKind::Skipped).collect();
    if told.is_empty() {
        return String::new();
    }
    let mut html = String::from("<h2 id=\"notices\">What limited the run</h2>\n<ul>\n");
    for notice in told {
        let path = notice.path.as_ref().map_or(String::new(), |path| format!("<span class=\"path\">{}</span>: ", escaped(path)));
        let _ = writeln!(html, "<li>{path}{}</li>", escaped(&notice.message));
    }
    html.push_str("</ul>\n");
    html
}

fn link(id: usize, node: &Node) -> String {
    format!("<a href=\"#part-{id}\">{}</a>", breakable(&title(node)))
}

fn position(place: &Place) -> String {
    format!("<span class=\"path\">{}</span>", breakable(&place.to_string()))
}
