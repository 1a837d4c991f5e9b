//! A layered drawing of a graph whose nodes stand in columns of zones (Sugiyama's method).
//!
//! 1. Each node gets a layer: one after the last of those that lead to it, and never before the first layer of its zone. A zone begins
//!    where the one before it ends, so that zones are columns that do not overlap.
//! 2. An edge over several layers gets a bend in each layer between, so that it goes around the nodes there.
//! 3. The order inside the layers is swept forth and back to the barycentres of the neighbours; the sweep with the fewest crossings wins.
//! 4. Heights: each node moves to the mean of its neighbours as far as order and distance allow, which is a least-squares fit (pool
//!    adjacent violators).
//!
//! General layout crates know neither columns that a node must stay in nor ports, and the rest of the method is short.

/// Sweeps for the order and for the heights. More change nothing on graphs of a hundred nodes.
const SWEEPS: usize = 12;
/// Pixels between two nodes of a layer, and between a node and an edge that passes by.
const GAP: f64 = 18.0;
/// Pixels that a passing edge takes.
const BEND: f64 = 6.0;
/// Pixels between two layers, for the edges.
const CHANNEL: f64 = 34.0;
/// Pixels between the edge of a zone's box and its nodes.
const PADDING: f64 = 14.0;

/// A node to place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    /// The column, from the left.
    pub(super) zone: usize,
    /// Width in pixels.
    pub(super) width: f64,
    /// Height in pixels.
    pub(super) height: f64,
}

/// An edge to draw.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// The node that it leaves.
    pub(super) from: usize,
    /// The node that it enters.
    pub(super) to: usize,
    /// How far below the top of `from` it leaves, in pixels.
    pub(super) port: f64,
}

/// A point of the picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A rectangle of the picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Where everything stands. The nodes' top left corner is at the origin's right and below.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// A rectangle for each node.
    pub(super) nodes: Vec<Rect>,
    /// For each edge the points that it goes through, each followed by where it goes on from: it runs straight between the two.
    pub(super) links: Vec<Vec<Point>>,
    /// The left edge and the width of the box of each zone that has nodes.
    pub(super) zones: Vec<(usize, f64, f64)>,
    /// The whole width.
    pub(super) width: f64,
    /// The whole height.
    pub(super) height: f64,
}

/// A node or a bend in a layer.
#[derive(Debug, Clone)]
struct Slot {
    layer: usize,
    height: f64,
    y: f64,
    /// The slots of the layer before, and how far below their top the edge leaves.
    before: Vec<(usize, f64)>,
    /// The slots of the layer after, and how far below this one's top the edge leaves.
    after: Vec<(usize, f64)>,
}

/// Lays a graph out.
pub(super) fn lay_out(items: &[Item], links: &[Link]) -> Layout {
    let layers = layers(items, links);
    let (mut slots, ways) = slots(items, links, &layers);
    let mut order = order(&mut slots);
    heights(&mut slots, &mut order);
    place(items, links, &slots, &ways, &layers)
}

/// The layer of each node.
fn layers(items: &[Item], links: &[Link]) -> Vec<usize> {
    let mut layers = vec![0; items.len()];
    let mut start = 0;
    let mut zones: Vec<usize> = items.iter().map(|item| item.zone).collect();
    zones.sort_unstable();
    zones.dedup();
    for zone in zones {
        let members: Vec<usize> = (0..items.len()).filter(|id| items.get(*id).is_some_and(|item| item.zone == zone)).collect();
        for id in &members {
            set(&mut layers, *id, start);
        }
        let inner: Vec<&Link> = links
            .iter()
            .filter(|link| link.from != link.to)
            .filter(|link| [link.from, link.to].iter().all(|end| items.get(*end).is_some_and(|item| item.zone == zone)))
            .collect();
        // Longest paths by relaxation. A circle would never settle: after as many rounds as there are nodes it is cut.
        for _ in 0..members.len() {
            let mut is_settled = true;
            for link in &inner {
                let least = get(&layers, link.from) + 1;
                if get(&layers, link.to) < least && least < start + members.len() {
                    set(&mut layers, link.to, least);
                    is_settled = false;
                }
            }
            if is_settled {
                break;
            }
        }
        // A cut circle leaves layers without nodes.
        let mut used: Vec<usize> = members.iter().map(|id| get(&layers, *id)).collect();
        used.sort_unstable();
        used.dedup();
        for id in &members {
            let rank = used.partition_point(|layer| *layer < get(&layers, *id));
            set(&mut layers, *id, start + rank);
        }
        start += used.len();
    }
    layers
}

/// Nodes as slots, then bends, tied from layer to layer; and the slots that each edge goes through.
fn slots(items: &[Item], links: &[Link], layers: &[usize]) -> (Vec<Slot>, Vec<Vec<usize>>) {
    let slot = |layer, height| Slot { layer, height, y: 0.0, before: Vec::new(), after: Vec::new() };
    let mut slots: Vec<Slot> = items.iter().zip(layers).map(|(item, layer)| slot(*layer, item.height)).collect();
    let mut ways = Vec::new();
    for link in links {
        let (from, to) = (get(layers, link.from), get(layers, link.to));
        let mut way = vec![link.from];
        let between: Vec<usize> = if from < to { (from + 1..to).collect() } else { (to + 1..from).rev().collect() };
        for layer in between {
            way.push(slots.len());
            slots.push(slot(layer, BEND));
        }
        way.push(link.to);
        for pair in way.windows(2) {
            let &[left, right] = pair else { continue };
            let port = if left == link.from { link.port } else { BEND / 2.0 };
            // An edge that goes back pulls its ends together all the same; one inside a layer has no say.
            let (earlier, later) = if from < to { (left, right) } else { (right, left) };
            if from != to
                && let Some(slot) = slots.get_mut(earlier)
            {
                slot.after.push((later, port));
            }
            if from != to
                && let Some(slot) = slots.get_mut(later)
            {
                slot.before.push((earlier, port));
            }
        }
        ways.push(way);
    }
    (slots, ways)
}

/// The slots of each layer from top to bottom.
fn order(slots: &mut [Slot]) -> Vec<Vec<usize>> {
    let count = slots.iter().map(|slot| slot.layer + 1).max().unwrap_or(0);
    let mut order: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (id, slot) in slots.iter().enumerate() {
        if let Some(layer) = order.get_mut(slot.layer) {
            layer.push(id);
        }
    }
    let mut best = order.clone();
    let mut fewest = crossings(slots, &order);
    for sweep in 0..SWEEPS {
        let forth = sweep % 2 == 0;
        let steps: Vec<usize> = if forth { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
        for layer in steps {
            let ranks = ranks(slots, &order);
            let Some(members) = order.get_mut(layer) else { continue };
            let mut keyed: Vec<(f64, usize)> = members
                .iter()
                .map(|id| {
                    let near = slots.get(*id).map_or(&[][..], |slot| if forth { &slot.before } else { &slot.after });
                    // Ports keep edges of one node apart: the upper port leads to the upper neighbour.
                    let places: Vec<f64> =
                        near.iter().map(|(other, port)| get(&ranks, *other) + if forth { port * 1e-4 } else { 0.0 }).collect();
                    (mean(&places).unwrap_or(get(&ranks, *id)), *id)
                })
                .collect();
            keyed.sort_by(|left, right| left.0.total_cmp(&right.0));
            *members = keyed.into_iter().map(|(_, id)| id).collect();
        }
        let crossed = crossings(slots, &order);
        if crossed < fewest {
            fewest = crossed;
            best.clone_from(&order);
        }
    }
    best
}

/// The rank of each slot in its layer.
fn ranks(slots: &[Slot], order: &[Vec<usize>]) -> Vec<f64> {
    let mut ranks = vec![0.0; slots.len()];
    for layer in order {
        let mut rank = 0.0;
        for id in layer {
            set(&mut ranks, *id, rank);
            rank += 1.0;
        }
    }
    ranks
}

/// How many pairs of edges between neighbouring layers cross.
fn crossings(slots: &[Slot], order: &[Vec<usize>]) -> usize {
    let ranks = ranks(slots, order);
    let mut crossed = 0;
    for layer in order {
        let ties: Vec<(f64, f64)> = layer
            .iter()
            .filter_map(|id| slots.get(*id).map(|slot| (get(&ranks, *id), slot)))
            .flat_map(|(rank, slot)| slot.after.iter().map(move |(to, port)| (rank + port * 1e-4, *to)))
            .map(|(from, to)| (from, get(&ranks, to)))
            .collect();
        for (index, (from, to)) in ties.iter().enumerate() {
            crossed += ties.iter().skip(index + 1).filter(|(other, end)| (from - other) * (to - end) < 0.0).count();
        }
    }
    crossed
}

/// Gives each slot its height in the picture.
fn heights(slots: &mut [Slot], order: &mut [Vec<usize>]) {
    for layer in order.iter() {
        let mut y = 0.0;
        for id in layer {
            if let Some(slot) = slots.get_mut(*id) {
                slot.y = y;
                y += slot.height + GAP;
            }
        }
    }
    let count = order.len();
    for sweep in 0..SWEEPS {
        let forth = sweep % 2 == 0;
        for step in 0..count {
            let layer = if forth { step } else { count - 1 - step };
            let Some(members) = order.get(layer) else { continue };
            let wishes: Vec<f64> = members.iter().map(|id| wish(slots, *id, forth)).collect();
            let heights: Vec<f64> = members.iter().map(|id| slots.get(*id).map_or(0.0, |slot| slot.height)).collect();
            for (id, y) in members.iter().zip(fit(&wishes, &heights)) {
                if let Some(slot) = slots.get_mut(*id) {
                    slot.y = y;
                }
            }
        }
    }
    let top = slots.iter().map(|slot| slot.y).fold(f64::INFINITY, f64::min);
    slots.iter_mut().for_each(|slot| slot.y -= top);
}

/// Where a slot would like to be: where its edges would run level.
fn wish(slots: &[Slot], id: usize, forth: bool) -> f64 {
    let Some(slot) = slots.get(id) else { return 0.0 };
    let y = |other: usize| slots.get(other).map_or((0.0, 0.0), |slot| (slot.y, slot.height));
    let from_before: Vec<f64> = slot.before.iter().map(|(other, port)| y(*other).0 + port - slot.height / 2.0).collect();
    let from_after: Vec<f64> = slot.after.iter().map(|(other, port)| y(*other).0 + y(*other).1 / 2.0 - port).collect();
    let (first, second) = if forth { (from_before, from_after) } else { (from_after, from_before) };
    mean(&first).or_else(|| mean(&second)).unwrap_or(slot.y)
}

/// The tops nearest to the wishes (least squares) that keep the order and the gaps: pool adjacent violators.
fn fit(wishes: &[f64], heights: &[f64]) -> Vec<f64> {
    // With the heights above taken off, keeping the gaps means not to decrease.
    let mut above = 0.0;
    let mut offsets = Vec::with_capacity(wishes.len());
    let mut pools: Vec<(f64, u32)> = Vec::new();
    for (wish, height) in wishes.iter().zip(heights) {
        offsets.push(above);
        let mut pool = (wish - above, 1);
        while let Some(last) = pools.pop_if(|last| last.0 > pool.0) {
            let count = last.1 + pool.1;
            pool = ((last.0 * f64::from(last.1) + pool.0 * f64::from(pool.1)) / f64::from(count), count);
        }
        pools.push(pool);
        above += height + GAP;
    }
    let levels = pools.into_iter().flat_map(|(level, count)| (0..count).map(move |_| level));
    levels.zip(offsets).map(|(level, offset)| level + offset).collect()
}

/// From layers and heights to pixels.
fn place(items: &[Item], links: &[Link], slots: &[Slot], ways: &[Vec<usize>], layers: &[usize]) -> Layout {
    let count = slots.iter().map(|slot| slot.layer + 1).max().unwrap_or(0);
    let mut widths = vec![0.0_f64; count];
    let mut zones = vec![0; count];
    for (item, layer) in items.iter().zip(layers) {
        let width = get(&widths, *layer).max(item.width);
        set(&mut widths, *layer, width);
        set(&mut zones, *layer, item.zone);
    }
    let mut lefts = Vec::with_capacity(count);
    let mut boxes: Vec<(usize, f64, f64)> = Vec::new();
    let mut x = 0.0;
    for (width, zone) in widths.iter().zip(&zones) {
        let is_first = boxes.is_empty();
        if let Some(open) = boxes.last_mut().filter(|open| open.0 == *zone) {
            x += CHANNEL;
            open.2 = x + width + PADDING - open.1;
        } else {
            // The paddings of two boxes widen the channel between them.
            x += if is_first { PADDING } else { PADDING + CHANNEL };
            boxes.push((*zone, x - PADDING, width + 2.0 * PADDING));
        }
        lefts.push(x);
        x += width;
    }
    let nodes: Vec<Rect> = items
        .iter()
        .zip(slots)
        .map(|(item, slot)| Rect { x: get(&lefts, slot.layer), y: slot.y, width: item.width, height: item.height })
        .collect();
    let height = slots.iter().map(|slot| slot.y + slot.height).fold(0.0, f64::max);
    let links = links.iter().zip(ways).map(|(link, way)| path(link, way, slots, &nodes, &lefts, &widths)).collect();
    Layout { nodes, links, zones: boxes, width: x + PADDING, height }
}

/// The points of an edge: out of its port, straight through each layer between, into the side of its end.
fn path(link: &Link, way: &[usize], slots: &[Slot], nodes: &[Rect], lefts: &[f64], widths: &[f64]) -> Vec<Point> {
    let (Some(from), Some(to)) = (nodes.get(link.from), nodes.get(link.to)) else { return Vec::new() };
    // Back to the left an edge leaves on the left and enters on the right; inside a layer it keeps to the right.
    let goes_back = to.x < from.x;
    let mut points = vec![Point { x: if goes_back { from.x } else { from.x + from.width }, y: from.y + link.port }];
    for bend in way.iter().skip(1).take(way.len().saturating_sub(2)).filter_map(|id| slots.get(*id)) {
        let left = get(lefts, bend.layer);
        let (near, far) = (left, left + get(widths, bend.layer));
        let y = bend.y + BEND / 2.0;
        points.extend(if goes_back { [Point { x: far, y }, Point { x: near, y }] } else { [Point { x: near, y }, Point { x: far, y }] });
    }
    let x = if to.x > from.x { to.x } else { to.x + to.width };
    points.push(Point { x, y: to.y + to.height / 2.0 });
    points
}

fn mean(values: &[f64]) -> Option<f64> {
    let count = u32::try_from(values.len()).ok().filter(|count| *count > 0)?;
    Some(values.iter().sum::<f64>() / f64::from(count))
}

fn get<T: Copy + Default>(values: &[T], at: usize) -> T {
    values.get(at).copied().unwrap_or_default()
}

fn set<T>(values: &mut [T], at: usize, value: T) {
    if let Some(slot) = values.get_mut(at) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(zone: usize) -> Item {
        Item { zone, width: 100.0, height: 40.0 }
    }

    fn link(from: usize, to: usize) -> Link {
        Link { from, to, port: 20.0 }
    }

    fn overlap(left: &Rect, right: &Rect) -> bool {
        left.x < right.x + right.width && right.x < left.x + left.width && left.y < right.y + right.height && right.y < left.y + left.height
    }

    #[test]
    fn layers_follow_the_edges_and_zones_follow_each_other() {
        for (zones, links, expected) in [
            (&[0, 0, 0][..], &[(0, 1), (1, 2)][..], &[0, 1, 2][..]),
            (&[0, 1, 2], &[(0, 1), (1, 2)], &[0, 1, 2]),
            (&[0, 0, 1], &[(0, 2)], &[0, 0, 1]),
            // A zone begins after the last layer of the one before, also for what that one does not lead to.
            (&[0, 0, 3, 3], &[(0, 1), (1, 2)], &[0, 1, 2, 2]),
            // Back from a server to a browser: the zones decide.
            (&[1, 0], &[(0, 1)], &[1, 0]),
            (&[0, 0, 0], &[(0, 2), (1, 2), (0, 1)], &[0, 1, 2]),
        ] {
            let items: Vec<Item> = zones.iter().map(|zone| item(*zone)).collect();
            let links: Vec<Link> = links.iter().map(|(from, to)| link(*from, *to)).collect();
            assert_eq!(layers(&items, &links), expected, "{zones:?}");
        }
    }

    #[test]
    fn circles_and_edges_to_oneself_are_drawn_too() {
        let items = [item(0), item(0), item(0)];
        let layout = lay_out(&items, &[link(0, 1), link(1, 2), link(2, 0), link(1, 1)]);
        assert!(layout.links.iter().all(|points| points.len() >= 2));
        assert!(layout.width.is_finite() && layout.height.is_finite());
    }

    #[test]
    fn nothing_and_nonsense_are_laid_out() {
        assert!(lay_out(&[], &[]).nodes.is_empty());
        assert_eq!(lay_out(&[item(0)], &[link(0, 7)]).links, [Vec::new()]);
    }

    #[test]
    fn crossings_are_taken_out() {
        // Four pairs, drawn in the wrong order.
        let items = [item(0), item(0), item(0), item(0), item(1), item(1), item(1), item(1)];
        let links = [link(0, 7), link(1, 6), link(2, 5), link(3, 4)];
        let (mut slots, _) = slots(&items, &links, &layers(&items, &links));
        let order = order(&mut slots);
        assert_eq!(crossings(&slots, &order), 0);
    }

    #[test]
    fn heights_are_as_near_to_the_wishes_as_the_gaps_allow() {
        for (wishes, expected) in [
            (&[0.0, 100.0][..], &[0.0, 100.0][..]),
            // Both want the same place: they share the loss.
            (&[50.0, 50.0], &[30.0 - GAP / 2.0, 70.0 + GAP / 2.0]),
            (&[], &[]),
        ] {
            let heights = vec![40.0; wishes.len()];
            assert_eq!(fit(wishes, &heights), expected);
        }
    }

    /// Numbers that look random and are the same in every run.
    fn numbers(mut seed: u64) -> impl FnMut(usize) -> usize {
        move |below| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap_or(0) % below.max(1)
        }
    }

    #[test]
    fn no_two_nodes_overlap_and_all_stand_in_their_zone() {
        for seed in 0..60 {
            let mut next = numbers(seed);
            let count = 1 + next(40);
            let items: Vec<Item> = (0..count).map(|_| Item { zone: next(5), width: 200.0, height: [40.0, 90.0, 160.0][next(3)] }).collect();
            let links: Vec<Link> = (0..next(80)).map(|_| Link { from: next(count), to: next(count), port: 30.0 }).collect();
            let layout = lay_out(&items, &links);
            for (index, rect) in layout.nodes.iter().enumerate() {
                assert!(layout.nodes.iter().skip(index + 1).all(|other| !overlap(rect, other)), "seed {seed}");
                let (_, left, width) = layout.zones.iter().find(|(zone, ..)| *zone == items[index].zone).copied().unwrap_or_default();
                assert!(left <= rect.x && rect.x + rect.width <= left + width, "seed {seed}: a node leaves its zone");
                assert!(rect.y >= -0.01 && rect.y + rect.height <= layout.height + 0.01, "seed {seed}");
            }
            for pair in layout.zones.windows(2) {
                assert!(pair[0].1 + pair[0].2 <= pair[1].1, "seed {seed}: zones overlap");
            }
        }
    }
}
