//! The authentication architecture of a project: which client logs in with what, whom it asks, who answers, what is minted from which
//! credential with which key, and what is wrong where.
//!
//! `weave` ties the parts of the auth model together, `attach` puts the findings on them, [`graph`] is the result. It is a view of what
//! the analysis knows: it finds nothing of its own.

mod attach;
pub mod graph;
mod weave;
mod words;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use rustc_hash::FxHashSet;

pub use graph::ArchitectureMap;
use graph::{Edge, Fact, Mark, Node, Place};
use weave::{Graph, Part};

use crate::analysis::model::App;
use crate::analysis::workspace::Workspace;
use crate::check::{CheckError, judged, kept};
use crate::config::ConfigRequest;
use crate::finding::Outcome;
use crate::progress::Progress;
use crate::report::masking::Masker;
use crate::report::{Prepared, Report, Thresholds};
use crate::rules::RULES;
use crate::session::{self, Reading, Session};
use crate::source::Location;

/// What to draw.
#[derive(Debug, Clone, Default)]
pub struct MapRequest {
    /// The working root: paths are relative to it.
    pub root: PathBuf,
    /// The files and folders whose parts are drawn, with all that leads to them and from them; everything when empty.
    pub paths: Vec<PathBuf>,
    /// Which configuration holds, and what the command line says beside it.
    pub config: ConfigRequest,
    /// Tells whoever waits which stage the run is in.
    pub progress: Progress,
}

/// Maps the authentication architecture of a project.
///
/// # Errors
/// When the configuration makes no sense, a path cannot be read, or when the machine gives no thread.
pub fn map(request: &MapRequest) -> Result<ArchitectureMap, CheckError> {
    let MapRequest { root, paths, config, progress } = request;
    session::read(&Reading { progress: Some(progress), ..Reading::new(root, paths, config) }, |mut session| {
        session.parse_anchored(false);
        let app = session.app();
        let outcome = judged(&mut session, &app);
        Ok(draw(&session, &app, &outcome))
    })
}

/// Draws the part of a model that was asked for, with what was found in it.
pub(crate) fn draw(session: &Session, app: &App, outcome: &Outcome) -> ArchitectureMap {
    let graph = weave::weave(app);
    let asked: Vec<bool> = graph.parts.iter().map(|part| part.at.iter().any(|at| session.reports(at.file))).collect();
    // What is masked is known by its text: the texts of secrets that no finding points at are needed too. Not in the outcome itself: its
    // fingerprints are made of masked lines and must not depend on whether a map was drawn.
    let places: Vec<Location> = graph.parts.iter().flat_map(|part| &part.at).chain(&outcome.masks).copied().collect();
    let mut outcome = Outcome {
        // What is said of comments is no part of the architecture.
        findings: outcome.findings.iter().filter(|finding| RULES.iter().any(|rule| rule.name == finding.rule)).cloned().collect(),
        least_confidence: outcome.least_confidence.clone(),
        notices: outcome.notices.clone(),
        counts: outcome.counts,
        sources: outcome.sources.clone(),
        masks: outcome.masks.clone(),
        ..Outcome::default()
    };
    keep_texts(&mut outcome, &session.workspace, &places);
    finish(within(graph, &asked), &outcome)
}

fn keep_texts(outcome: &mut Outcome, workspace: &Workspace, places: &[Location]) {
    for place in places {
        if outcome.sources.get(place.file).is_none()
            && let Some(source) = kept(workspace, place.file)
        {
            outcome.sources.insert(source);
        }
    }
}

/// The parts that were asked for, what they lead to and what leads to them.
fn within(graph: Graph, asked: &[bool]) -> Graph {
    let follow = |next: &dyn Fn(&Edge) -> (usize, usize)| {
        let mut reached: FxHashSet<usize> = asked.iter().enumerate().filter_map(|(id, is_asked)| is_asked.then_some(id)).collect();
        let mut open: Vec<usize> = reached.iter().copied().collect();
        while let Some(id) = open.pop() {
            open.extend(graph.edges.iter().map(next).filter(|(from, _)| *from == id).map(|(_, to)| to).filter(|to| reached.insert(*to)));
        }
        reached
    };
    let mut keep = follow(&|edge| (edge.from, edge.to));
    keep.extend(follow(&|edge| (edge.to, edge.from)));
    let Graph { parts, edges, left_out } = graph;
    let mut numbers = vec![None; parts.len()];
    let mut kept = Vec::new();
    for (id, part) in parts.into_iter().enumerate().filter(|(id, _)| keep.contains(id)) {
        if let Some(number) = numbers.get_mut(id) {
            *number = Some(kept.len());
        }
        kept.push(part);
    }
    let number = |id: usize| numbers.get(id).copied().flatten();
    let edges = edges.into_iter().filter_map(|edge| Some(Edge { from: number(edge.from)?, to: number(edge.to)?, ..edge })).collect();
    Graph { parts: kept, edges, left_out }
}

/// Puts the findings on the parts, and turns spans into lines and every text into one that may be printed.
fn finish(graph: Graph, outcome: &Outcome) -> ArchitectureMap {
    let masker = Masker::new(&outcome.masks, &outcome.sources);
    let prepared = Prepared::new(outcome);
    let report = Report::new(&prepared, RULES, Thresholds::default());
    let shown = outcome.findings.iter().filter(|finding| outcome.wants(finding)).zip(report.findings);
    let findings = shown.map(|(finding, shown)| Mark {
        rule: finding.rule,
        severity: shown.severity,
        confidence: shown.confidence,
        place: place(outcome, finding.primary),
        message: shown.message,
        help: shown.help,
        fingerprint: shown.fingerprint,
        nodes: attach::parts_of(finding, &graph.parts),
    });
    let findings = findings.collect();
    ArchitectureMap {
        nodes: graph.parts.into_iter().map(|part| node(part, outcome, &masker)).collect(),
        edges: graph
            .edges
            .into_iter()
            .map(|edge| Edge { options: edge.options.iter().map(|option| masker.prose(option)).collect(), ..edge })
            .collect(),
        findings,
        left_out: graph.left_out,
        notices: report.notices,
        counts: outcome.counts,
    }
}

fn node(part: Part, outcome: &Outcome, masker: &Masker) -> Node {
    let mut places: Vec<Place> = part.at.iter().map(|at| place(outcome, *at)).collect();
    // Two reads of one variable on one line are one place to the reader.
    places.dedup_by(|left, right| left.path == right.path && left.line == right.line);
    Node {
        kind: part.kind,
        zone: part.zone,
        because: part.because.iter().map(|reason| masker.prose(reason)).collect(),
        label: masker.prose(&part.label),
        facts: part.facts.into_iter().map(|fact| Fact { text: masker.prose(&fact.text), ..fact }).collect(),
        places,
    }
}

fn place(outcome: &Outcome, at: Location) -> Place {
    outcome.sources.get(at.file).map_or(Place { path: "(unknown file)".to_owned(), line: 1, column: 1 }, |file| {
        let position = file.position(at.span.start);
        Place { path: file.path.to_string(), line: position.line, column: position.column }
    })
}
