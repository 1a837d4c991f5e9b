//! The map as trees for a terminal: one block a client with its options, and for each where it comes from, down to credential and key.
//! What no client leads to follows under headings of its own.

use std::io::{self, Write};

use super::{EMPTY, left_out, severities, sign, tally};
use crate::finding::Severity;
use crate::map::graph::{ArchitectureMap, Edge, EdgeKind, Fact, Mark, Mood, Node, NodeKind, Zone};
use crate::report::Presentation;
use crate::report::layout::{harmless, shorten_path};
use crate::report::style::Styles;

/// Trees are not drawn deeper than this: a terminal has no more room, and the model bounds nothing.
const DEEPEST: usize = 24;
/// A path may take this part of the width.
const PATH_SHARE: (usize, usize) = (9, 20);

/// What stands under each heading, in the order of printing.
const SECTIONS: [(&str, &[NodeKind]); 6] = [
    ("Clients", &[NodeKind::Client]),
    ("Requests that no client's login needs", &[NodeKind::Request]),
    ("Endpoints that no request of the project is known to reach", &[NodeKind::Endpoint]),
    ("Service calls that no endpoint or client is known to reach", &[NodeKind::Mint, NodeKind::CredentialCall]),
    ("Secrets in answers of unknown routes", &[NodeKind::Handout]),
    ("API keys that no known call uses", &[NodeKind::KeySource]),
];

/// Prints the trees, then what was found elsewhere and a summary.
pub(super) fn write(map: &ArchitectureMap, presentation: &Presentation, out: &mut dyn Write) -> io::Result<()> {
    let mut printer = Printer { map, presentation, styles: Styles::new(presentation.color), shown: vec![false; map.nodes.len()], out };
    for (heading, kinds) in SECTIONS {
        printer.section(heading, |id| map.node(id).is_some_and(|node| kinds.contains(&node.kind)) && !map.is_reached(id))?;
    }
    // Parts that only lead to each other.
    printer.section("Other parts", |_| true)?;
    printer.elsewhere()?;
    printer.summary()
}

struct Printer<'a, 'o> {
    map: &'a ArchitectureMap,
    presentation: &'a Presentation,
    styles: Styles,
    shown: Vec<bool>,
    out: &'o mut dyn Write,
}

/// Where a line stands in its tree.
#[derive(Debug, Clone, Copy)]
struct Trunk<'t> {
    /// What stands before every line of the branch.
    before: &'t str,
    /// What stands before the first line, in place of the end of `before`.
    first: &'t str,
    depth: usize,
}

/// A piece of a line.
struct Piece {
    text: String,
    paint: Paint,
}

#[derive(Debug, Clone, Copy)]
enum Paint {
    Plain,
    Name,
    Dim,
    /// Dim, and never broken.
    Place,
    Keyword,
    Severity(Severity),
}

fn piece(text: impl AsRef<str>, paint: Paint) -> Piece {
    Piece { text: harmless(&text.as_ref().split_whitespace().collect::<Vec<_>>().join(" ")), paint }
}

/// The facts of a node that are wanted, in one line.
fn told(node: &Node, wanted: impl Fn(&Fact) -> bool) -> String {
    node.facts.iter().filter(|fact| wanted(fact)).map(|fact| fact.text.as_str()).collect::<Vec<_>>().join("; ")
}

impl Printer<'_, '_> {
    fn section(&mut self, heading: &str, belongs: impl Fn(usize) -> bool) -> io::Result<()> {
        let mut is_open = false;
        for id in 0..self.map.nodes.len() {
            if self.is_shown(id) || !belongs(id) {
                continue;
            }
            if !is_open {
                writeln!(self.out, "{}", self.styles.bold(heading))?;
                is_open = true;
            }
            writeln!(self.out)?;
            self.node(id, None, Trunk { before: "", first: "", depth: 0 }, Vec::new())?;
        }
        if is_open { writeln!(self.out) } else { Ok(()) }
    }

    fn is_shown(&self, id: usize) -> bool {
        self.shown.get(id).copied().unwrap_or(true)
    }

    /// A node's line, what is known of it, its findings, and what it leads to. `lead` are the words before it.
    fn node(&mut self, id: usize, parent: Option<Zone>, trunk: Trunk<'_>, lead: Vec<Piece>) -> io::Result<()> {
        let map = self.map;
        let Some(node) = map.node(id) else { return Ok(()) };
        let edges: Vec<&Edge> = map.edges_from(id).collect();
        let is_new = !self.is_shown(id);
        let mut pieces = lead;
        self.title(node, parent, &mut pieces);
        let is_bare = edges.is_empty() && map.findings_on(id).next().is_none();
        if !is_new && !is_bare {
            pieces.push(piece("(shown above)", Paint::Dim));
        }
        // Below the node's own lines runs the line to its first branch.
        let stem = if is_new && !edges.is_empty() { self.art("│ ", "| ") } else { "  " };
        let own = format!("{}{stem}", trunk.before);
        self.line(trunk.first, &own, &pieces)?;
        if !is_new {
            return Ok(());
        }
        if let Some(shown) = self.shown.get_mut(id) {
            *shown = true;
        }
        // What a call does, its name says; what an endpoint gives, the next lines say.
        let says_little = matches!(node.kind, NodeKind::Endpoint | NodeKind::Mint | NodeKind::CredentialCall);
        let facts = told(node, |fact| fact.mood != Mood::Plain || !says_little);
        if !node.kind.is_source() && !facts.is_empty() {
            self.line(&own, &own, &[piece(facts, Paint::Plain)])?;
        }
        for finding in map.findings_on(id) {
            let mut pieces = vec![self.mark(finding)];
            if node.places.first().is_none_or(|place| (&place.path, place.line) != (&finding.place.path, finding.place.line)) {
                pieces.push(piece(format!("at {}", self.position(&finding.place.path, finding.place.line)), Paint::Place));
            }
            self.line(&own, &own, &pieces)?;
        }
        self.branches(&edges, node.zone, trunk)
    }

    /// What a node is called, where it stands and where it runs.
    fn title(&self, node: &Node, parent: Option<Zone>, pieces: &mut Vec<Piece>) {
        // The words of the edge say what such a thing is.
        let is_told = parent.is_some() && (node.kind.is_source() || node.kind == NodeKind::Handout);
        if node.kind != NodeKind::Service && !is_told {
            pieces.push(piece(node.kind.title(), Paint::Plain));
        }
        let facts = told(node, |_| true);
        if node.kind.is_source() && !facts.is_empty() {
            pieces.push(piece(format!("{},", node.label), Paint::Name));
            pieces.push(piece(facts, Paint::Plain));
        } else {
            pieces.push(piece(&node.label, Paint::Name));
        }
        if let Some(place) = node.places.first() {
            let more = if node.places.len() > 1 { format!(" and {} more", node.places.len() - 1) } else { String::new() };
            pieces.push(piece(format!("at {}{more}", self.position(&place.path, place.line)), Paint::Place));
        }
        if parent != Some(node.zone) {
            pieces.push(piece(format!("({})", node.zone.phrase()), Paint::Keyword));
        }
    }

    fn branches(&mut self, edges: &[&Edge], zone: Zone, trunk: Trunk<'_>) -> io::Result<()> {
        for (index, edge) in edges.iter().enumerate() {
            let is_last = index + 1 == edges.len();
            let (fork, beside) =
                if is_last { (self.art("└─ ", "`- "), "   ") } else { (self.art("├─ ", "|- "), self.art("│  ", "|  ")) };
            let (first, before) = (format!("{}{fork}", trunk.before), format!("{}{beside}", trunk.before));
            let mut lead = Vec::new();
            if !edge.options.is_empty() {
                lead.push(piece(format!("{}:", edge.options.join(", ")), Paint::Name));
            }
            if edge.kind != EdgeKind::LogsInWith {
                lead.push(piece(edge.kind.words(), Paint::Plain));
            }
            if trunk.depth == DEEPEST {
                self.line(&first, &before, &[piece("deeper than can be shown here", Paint::Dim)])?;
            } else {
                self.node(edge.to, Some(zone), Trunk { before: &before, first: &first, depth: trunk.depth + 1 }, lead)?;
            }
        }
        Ok(())
    }

    fn elsewhere(&mut self) -> io::Result<()> {
        let map = self.map;
        let mut is_open = false;
        for finding in map.findings_elsewhere() {
            if !is_open {
                writeln!(self.out, "{}\n", self.styles.bold("Findings that belong to none of these parts"))?;
                is_open = true;
            }
            let place = piece(format!("at {}", self.position(&finding.place.path, finding.place.line)), Paint::Place);
            let mark = self.mark(finding);
            self.line("", "", &[mark, place])?;
        }
        if is_open { writeln!(self.out) } else { Ok(()) }
    }

    fn summary(&mut self) -> io::Result<()> {
        let map = self.map;
        let parts = if map.nodes.is_empty() { EMPTY.to_owned() } else { tally(map) };
        let rest = left_out(map).map_or(String::new(), |sentence| format!("; {sentence}"));
        self.line("", "", &[piece(format!("{parts}; {}{rest}", severities(map)), Paint::Plain)])?;
        if let Some(first) = map.findings.first() {
            self.line("", "", &[piece(format!("`authlint explain {}` says more about a rule", first.rule), Paint::Dim)])?;
        }
        Ok(())
    }

    fn mark(&self, finding: &Mark) -> Piece {
        let text = format!("{} {}[{}]", sign(finding.severity, self.presentation.unicode), finding.severity.as_str(), finding.rule);
        piece(text, Paint::Severity(finding.severity))
    }

    fn position(&self, path: &str, line: u32) -> String {
        let (part, of) = PATH_SHARE;
        let path = shorten_path(&harmless(path), self.presentation.width * part / of, self.art("…", "..."));
        format!("{path}:{line}")
    }

    fn art(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.presentation.unicode { unicode } else { ascii }
    }

    /// Prints pieces into as many lines as they need. `first` and `before` stand before the first line and the others.
    fn line(&mut self, first: &str, before: &str, pieces: &[Piece]) -> io::Result<()> {
        let width = self.presentation.width;
        let mut line = String::new();
        let mut column = first.chars().count();
        let mut is_start = true;
        write!(self.out, "{}", self.styles.dim(first))?;
        for piece in pieces {
            let text = if self.presentation.unicode { piece.text.clone() } else { piece.text.replace('…', "...") };
            let words: Vec<&str> = if matches!(piece.paint, Paint::Place) { vec![&text] } else { text.split(' ').collect() };
            let mut painted = String::new();
            for word in words {
                let length = word.chars().count();
                if !is_start && column + 1 + length > width {
                    line.push_str(&self.paint(&painted, piece.paint));
                    painted.clear();
                    writeln!(self.out, "{line}")?;
                    write!(self.out, "{}", self.styles.dim(before))?;
                    "  ".clone_into(&mut line);
                    column = before.chars().count() + 2;
                    is_start = true;
                }
                if !is_start {
                    // A blank before a piece is not painted.
                    if painted.is_empty() { &mut line } else { &mut painted }.push(' ');
                    column += 1;
                }
                painted.push_str(word);
                column += length;
                is_start = false;
            }
            line.push_str(&self.paint(&painted, piece.paint));
        }
        writeln!(self.out, "{line}")
    }

    fn paint(&self, text: &str, paint: Paint) -> String {
        match paint {
            Paint::Plain => text.to_owned(),
            Paint::Name => self.styles.bold(text),
            Paint::Dim | Paint::Place => self.styles.dim(text),
            Paint::Keyword => self.styles.keyword(text),
            Paint::Severity(severity) => self.styles.severity(severity, text),
        }
    }
}
