//! Lists of things by dense index, in one allocation.

/// For each index of a dense arena, its items in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Grouped<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T> Grouped<T> {
    /// Groups pairs of index and item. Items of indices beyond `len` are dropped.
    pub(super) fn new(len: usize, mut pairs: Vec<(usize, T)>) -> Self {
        pairs.retain(|(index, _)| *index < len);
        // A stable sort keeps the order inside each group.
        pairs.sort_by_key(|(index, _)| *index);
        let mut starts = Vec::with_capacity(len + 1);
        for (position, (index, _)) in pairs.iter().enumerate() {
            while starts.len() <= *index {
                starts.push(to_u32(position));
            }
        }
        starts.resize(len + 1, to_u32(pairs.len()));
        Self { starts, items: pairs.into_iter().map(|(_, item)| item).collect() }
    }

    /// The items of one index.
    pub(super) fn of(&self, index: usize) -> &[T] {
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(start), Some(end)) => self.items.get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}

pub(super) fn to_u32(count: usize) -> u32 {
    // Every item stands for a node of the module, whose arenas are indexed by 32 bits.
    u32::try_from(count).unwrap_or(u32::MAX)
}
