//! The picture of a map as inline SVG: zones as boxes from the user to the service, parts as cards, findings as badges on them.
//!
//! Sizes are in pixels and are computed from character counts, because nothing here knows the reader's fonts: the widths below are those of
//! wide common fonts, so that text may end early but does not run over.

use std::fmt::Write as _;

use super::layers::{Item, Layout, Link, Point, Rect, lay_out};
use super::{bare, sign, title, words};
use crate::finding::Severity;
use crate::map::graph::{ArchitectureMap, EdgeKind, Mood, Node, NodeKind, Zone};
use crate::report::layout::shorten_path;
use crate::report::markup::escaped;

/// Width of a card.
const WIDTH: f64 = 180.0;
/// From the edge of a card to its text.
const INSET: f64 = 10.0;
/// Columns of the fixed-width texts in a card: its label and rows, its place.
const LABEL_COLUMNS: usize = 21;
const PLACE_COLUMNS: usize = 24;
/// Columns of its other text, in which small letters are narrower than that.
const FACT_COLUMNS: usize = 28;
/// Columns of a badge, which is bold.
const BADGE_COLUMNS: usize = 21;
/// More lines of a label or a fact are cut; the title and the table have them.
const MOST_LINES: usize = 3;
/// More badges are counted only.
const MOST_BADGES: usize = 4;
/// The heading of a zone's box, and the space around the picture.
const HEADING: f64 = 38.0;
const MARGIN: f64 = 2.0;
/// Below the cards in a box.
const FOOT: f64 = 16.0;

/// A line of a card.
struct Line {
    text: String,
    class: &'static str,
    /// From the line before to this one.
    advance: f64,
}

/// A card, measured.
struct Card {
    lines: Vec<Line>,
    /// The distance of each row's middle from the top of the card, by the words of the edges that leave there.
    ports: Vec<(String, f64)>,
    badges: Vec<(Severity, Vec<String>)>,
    /// Where the badges begin.
    badges_at: f64,
    height: f64,
}

/// Draws the picture. Its parts link to `#part-N`.
pub(super) fn draw(map: &ArchitectureMap) -> String {
    let cards: Vec<Card> = (0..map.nodes.len()).filter_map(|id| card(map, id)).collect();
    let items: Vec<Item> =
        map.nodes.iter().zip(&cards).map(|(node, card)| Item { zone: node.zone as usize, width: WIDTH, height: card.height }).collect();
    let mut links = Vec::new();
    let mut drawn = Vec::new();
    for (index, edge) in map.edges.iter().enumerate() {
        let Some(card) = cards.get(edge.from) else { continue };
        for row in rows(edge.kind, &edge.options) {
            let port = card.ports.iter().find(|(name, _)| *name == row).map_or(card.height / 2.0, |(_, at)| *at);
            links.push(Link { from: edge.from, to: edge.to, port });
            drawn.push(index);
        }
    }
    let layout = lay_out(&items, &links);
    let (width, height) = (layout.width + 2.0 * MARGIN, layout.height + HEADING + FOOT + 2.0 * MARGIN);
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"group\" aria-labelledby=\"picture-title picture-desc\">\n\
         <title id=\"picture-title\">Authentication architecture</title>\n<desc id=\"picture-desc\">{}</desc>\n\
         <defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\"><path d=\"M0 0 8 4 0 8z\" class=\"arrow\"/></marker></defs>\n",
        escaped(&description(map))
    );
    zones(&layout, &mut svg);
    for (index, points) in drawn.iter().zip(&layout.links) {
        let Some(edge) = map.edges.get(*index) else { continue };
        let tip = [edge.from, edge.to].map(|id| map.node(id).map(title).unwrap_or_default());
        let [from, to] = &tip;
        let dashed = if edge.kind == EdgeKind::Reaches { " reaches" } else { "" };
        let _ = writeln!(
            svg,
            "<path class=\"edge{dashed} from-{} to-{}\" d=\"{}\" marker-end=\"url(#arrow)\"><title>{}</title></path>",
            edge.from,
            edge.to,
            curve(points),
            escaped(&format!("{from} – {} – {to}", words(edge)))
        );
    }
    for (id, (node, (card, rect))) in map.nodes.iter().zip(cards.iter().zip(&layout.nodes)).enumerate() {
        part(map, id, node, card, *rect, &mut svg);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The rows of a card at which an edge begins.
fn rows(kind: EdgeKind, options: &[String]) -> Vec<String> {
    match kind {
        EdgeKind::MintedWith => vec!["credential".to_owned()],
        EdgeKind::UsesKey => vec!["API key".to_owned()],
        _ if options.is_empty() => vec![String::new()],
        _ => options.to_vec(),
    }
}

fn card(map: &ArchitectureMap, id: usize) -> Option<Card> {
    let node = map.node(id)?;
    let mut lines = vec![Line { text: node.kind.title().to_owned(), class: "kind", advance: 18.0 }];
    let line = |advance: f64, class| move |text| Line { text, class, advance };
    lines.extend(fold(&bare(&node.label), LABEL_COLUMNS, true).into_iter().map(line(16.0, "label")));
    for fact in &node.facts {
        let class = match fact.mood {
            Mood::Good => "fact good",
            Mood::Plain => "fact",
            Mood::Bad => "fact bad",
        };
        lines.extend(fold(&bare(&fact.text), FACT_COLUMNS, false).into_iter().map(line(14.0, class)));
    }
    if let Some(place) = node.places.first() {
        let number = format!(":{}", place.line);
        let more = if node.places.len() > 1 { format!(" +{}", node.places.len() - 1) } else { String::new() };
        let path = shorten_path(&place.path, PLACE_COLUMNS.saturating_sub(number.len() + more.len()), "…");
        lines.push(Line { text: format!("{path}{number}{more}"), class: "place", advance: 15.0 });
    }
    let mut height: f64 = lines.iter().map(|line| line.advance).sum::<f64>() + 8.0;
    let mut ports = Vec::new();
    for row in map.edges_from(id).flat_map(|edge| rows(edge.kind, &edge.options)) {
        if !row.is_empty() && !ports.iter().any(|(known, _)| *known == row) {
            ports.push((row, height + 9.0));
            height += 18.0;
        }
    }
    let mut badges = badges(map, id);
    if badges.len() > MOST_BADGES {
        let more = badges.split_off(MOST_BADGES - 1);
        badges.extend(more.first().map(|(severity, _)| (*severity, format!("{} more rules", more.len()))));
    }
    let badges_at = height + 2.0;
    let badges: Vec<_> = badges.into_iter().map(|(severity, text)| (severity, fold(&text, BADGE_COLUMNS, true))).collect();
    if !badges.is_empty() {
        height += badges.iter().map(|(_, lines)| badge_height(lines) + 3.0).sum::<f64>() + 6.0;
    }
    Some(Card { lines, ports, badges, badges_at, height })
}

fn badge_height(lines: &[String]) -> f64 {
    lines.iter().map(|_| 13.0).sum::<f64>() + 4.0
}

/// A badge for each rule that has something to say, worst first.
fn badges(map: &ArchitectureMap, id: usize) -> Vec<(Severity, String)> {
    let mut counted: Vec<(Severity, &str, usize)> = Vec::new();
    for finding in map.findings_on(id) {
        match counted.iter_mut().find(|(severity, rule, _)| (*severity, *rule) == (finding.severity, finding.rule)) {
            Some((_, _, count)) => *count += 1,
            None => counted.push((finding.severity, finding.rule, 1)),
        }
    }
    let text = |rule: &str, count| if count == 1 { rule.to_owned() } else { format!("{rule} ×{count}") };
    counted.into_iter().map(|(severity, rule, count)| (severity, text(rule, count))).collect()
}

fn zones(layout: &Layout, svg: &mut String) {
    for (zone, left, width) in &layout.zones {
        let Some(zone) = Zone::ALL.get(*zone) else { continue };
        let x = left + MARGIN;
        let _ = writeln!(
            svg,
            "<rect class=\"zone\" x=\"{x:.1}\" y=\"{MARGIN}\" width=\"{width:.1}\" height=\"{:.1}\" rx=\"10\"/><text class=\"zone-title\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            layout.height + HEADING + FOOT,
            x + 14.0,
            MARGIN + 24.0,
            zone.title()
        );
    }
}

fn part(map: &ArchitectureMap, id: usize, node: &Node, card: &Card, rect: Rect, svg: &mut String) {
    let worst = map.findings_on(id).map(|finding| finding.severity).max();
    let class = worst.map_or(String::new(), |severity| format!(" {}", severity.as_str()));
    let (x, y) = (rect.x + MARGIN, rect.y + MARGIN + HEADING);
    let _ = writeln!(
        svg,
        "<a id=\"card-{id}\" class=\"card {}{class}\" href=\"#part-{id}\"><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{WIDTH}\" height=\"{:.1}\" rx=\"{}\"/>",
        family(node.kind),
        escaped(&tip(map, id, node)),
        rect.height,
        if family(node.kind) == "value" { 14 } else { 6 },
    );
    let mut baseline = y;
    for line in &card.lines {
        baseline += line.advance;
        let _ = writeln!(svg, "<text class=\"{}\" x=\"{:.1}\" y=\"{baseline:.1}\">{}</text>", line.class, x + INSET, escaped(&line.text));
    }
    for (row, at) in &card.ports {
        let middle = y + at;
        let _ = writeln!(
            svg,
            "<line class=\"rule\" x1=\"{x:.1}\" x2=\"{:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/><text class=\"row\" x=\"{:.1}\" y=\"{:.1}\">{}</text><circle class=\"port\" cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"3\"/>",
            x + WIDTH,
            middle - 9.0,
            middle - 9.0,
            x + INSET,
            middle + 4.0,
            escaped(&clipped(row, LABEL_COLUMNS, true)),
            x + WIDTH,
        );
    }
    let mut top = y + card.badges_at;
    for (severity, lines) in &card.badges {
        let height = badge_height(lines);
        let _ = write!(
            svg,
            "<g class=\"badge {}\"><rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"4\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            severity.as_str(),
            x + 6.0,
            WIDTH - 12.0,
            x + 11.0,
            top + 12.5,
            sign(*severity, true),
        );
        let mut baseline = top + 12.5;
        for line in lines {
            let _ = write!(svg, "<text x=\"{:.1}\" y=\"{baseline:.1}\">{}</text>", x + 24.0, escaped(line));
            baseline += 13.0;
        }
        svg.push_str("</g>\n");
        top += height + 3.0;
    }
    svg.push_str("</a>\n");
}

/// Cards of one family look alike.
fn family(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Client => "client",
        NodeKind::Request => "request",
        NodeKind::Endpoint | NodeKind::Handout => "endpoint",
        NodeKind::Mint | NodeKind::CredentialCall => "call",
        NodeKind::LoginSource | NodeKind::CredentialSource | NodeKind::KeySource => "value",
        NodeKind::Service => "service",
    }
}

/// What a pointer that rests on a card shows, and what a screen reader says of it.
fn tip(map: &ArchitectureMap, id: usize, node: &Node) -> String {
    let mut lines = vec![title(node)];
    lines.extend(node.facts.iter().map(|fact| bare(&fact.text)));
    if !node.because.is_empty() {
        lines.push(format!("runs in: {} ({})", node.zone.title(), node.because.join(" → ")));
    }
    lines.extend(node.places.iter().take(8).map(ToString::to_string));
    lines.extend(map.findings_on(id).map(|finding| format!("{}[{}]: {}", finding.severity.as_str(), finding.rule, finding.message)));
    lines.join("\n")
}

fn description(map: &ArchitectureMap) -> String {
    format!(
        "{}; {}. Zones from left to right, from the user to the service; arrows lead from who asks to who gives. The tables below say the same in words.",
        super::tally(map),
        super::severities(map)
    )
}

/// A smooth curve: level at each of the points, straight between a point's pair.
fn curve(points: &[Point]) -> String {
    let mut path = String::new();
    let Some(first) = points.first() else { return path };
    let point = |point: &Point| Point { x: point.x + MARGIN, y: point.y + MARGIN + HEADING };
    let mut from = point(first);
    let _ = write!(path, "M{:.1} {:.1}", from.x, from.y);
    for (index, to) in points.iter().enumerate().skip(1) {
        let to = point(to);
        // Out of a node's side into the next layer's: odd steps are curves, even ones cross a layer.
        if index % 2 == 0 {
            let _ = write!(path, " L{:.1} {:.1}", to.x, to.y);
        } else if (to.x - from.x).abs() < 1.0 {
            // Inside a layer: around the outside.
            let side = to.x + 24.0;
            let _ = write!(path, " C{side:.1} {:.1} {side:.1} {:.1} {:.1} {:.1}", from.y, to.y, to.x, to.y);
        } else {
            let middle = f64::midpoint(from.x, to.x);
            let _ = write!(path, " C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}", from.y, to.y, to.x, to.y);
        }
        from = to;
    }
    path
}

/// The width of a character in tenths of a column. Where the font is not a fixed-width one, capitals and a few others are wider.
fn tenths(character: char, is_fixed: bool) -> usize {
    match character {
        // Scripts and signs that are drawn twice as wide begin here.
        '\u{1100}'..='\u{1fff}' | '\u{2e80}'.. => 20,
        'A'..='Z' | 'm' | 'w' | '@' | '%' | '_' if !is_fixed => 14,
        _ => 10,
    }
}

/// The text in lines of at most so many columns, broken after blanks and the marks of paths and names where possible.
fn fold(text: &str, columns: usize, is_fixed: bool) -> Vec<String> {
    let width = columns * 10;
    let of = |text: &str| text.chars().map(|character| tenths(character, is_fixed)).sum::<usize>();
    let mut lines: Vec<String> = vec![String::new()];
    let mut taken = 0;
    for word in text.split_inclusive([' ', '/', '-', '_', '.', ':']) {
        if taken > 0 && taken + of(word.trim_end()) > width {
            lines.push(String::new());
            taken = 0;
        }
        for character in word.chars() {
            let next = tenths(character, is_fixed);
            if taken + next > width && character != ' ' {
                lines.push(String::new());
                taken = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
            taken += next;
        }
    }
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        if let Some(last) = lines.last_mut() {
            *last = clipped(&format!("{last}…"), columns, is_fixed);
        }
    }
    lines
}

/// The text in one line; a cut is shown.
fn clipped(text: &str, columns: usize, is_fixed: bool) -> String {
    let mut taken = 0;
    let mut fits = 0;
    for (at, character) in text.char_indices() {
        taken += tenths(character, is_fixed);
        if taken > columns * 10 {
            return format!("{}…", text.get(..fits).unwrap_or("").trim_end());
        }
        // The ellipsis needs a column of its own.
        if taken <= columns * 10 - 10 {
            fits = at + character.len_utf8();
        }
    }
    text.to_owned()
}
