//! Which parts a finding is about.
//!
//! A finding names places, a part has places. The best match wins: the primary place before the labels, the very span before one around
//! it, a narrow part before a wide one. Parts that match equally well (two clients that share their options) are all meant.

use std::cmp::Reverse;

use super::graph::NodeKind;
use super::weave::Part;
use crate::finding::Finding;
use crate::source::Location;

/// How well a part fits a place; the greater the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The part lies inside the place; how long the part is.
    Inside(u32),
    /// The part lies around the place; the shorter the part the better.
    Around(Reverse<u32>),
    /// The same span.
    Same,
}

/// The numbers of the parts that a finding is about.
pub(super) fn parts_of(finding: &Finding, parts: &[Part]) -> Vec<usize> {
    let labels: Vec<Location> = finding.labels.iter().map(|label| label.location).collect();
    let named = |part: &Part| part.at.iter().any(|at| labels.contains(at));
    let by_primary = best(parts, |part| {
        let own = part.at.iter().filter_map(|at| fit(*at, finding.primary)).max();
        let fit = own.max(part.also.iter().filter_map(|at| fit(*at, finding.primary)).max())?;
        // What gives a token away stands both for the mint and for the endpoint around it: a label says that the endpoint is meant.
        // What a client is given stands in the client: it is the client that does wrong.
        Some((fit, named(part), own == Some(fit) || part.kind == NodeKind::Client))
    });
    if !by_primary.is_empty() {
        return by_primary;
    }
    labels
        .into_iter()
        .map(|label| best(parts, |part| part.at.iter().filter_map(|at| fit(*at, label)).max()))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The parts with the highest mark.
fn best<M: Ord>(parts: &[Part], mark: impl Fn(&Part) -> Option<M>) -> Vec<usize> {
    let mut found = Vec::new();
    let mut highest = None;
    for (id, part) in parts.iter().enumerate() {
        let Some(mark) = mark(part).map(|mark| (mark, Reverse(part.kind))) else { continue };
        if highest.as_ref().is_none_or(|highest| mark > *highest) {
            found.clear();
            highest = Some(mark);
        } else if highest.as_ref() != Some(&mark) {
            continue;
        }
        found.push(id);
    }
    found
}

fn fit(part: Location, place: Location) -> Option<Fit> {
    if part.file != place.file {
        None
    } else if part.span == place.span {
        Some(Fit::Same)
    } else if part.span.contains(place.span) {
        Some(Fit::Around(Reverse(part.span.len().try_into().unwrap_or(u32::MAX))))
    } else if place.span.contains(part.span) {
        Some(Fit::Inside(part.span.len().try_into().unwrap_or(u32::MAX)))
    } else {
        None
    }
}
