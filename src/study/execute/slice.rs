//! Selects the parts of a sweep that a process does.

use std::hash::{BuildHasher, RandomState};

/// Parts of a sweep that a process does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slice {
    /// All parts.
    #[default]
    Whole,
    /// Every `of`-th part, so that slow points are shared out.
    Every {
        /// Number of the slice, from 1.
        number: u64,
        /// Number of slices, at least 1.
        of: u64,
    },
    /// Missing parts, together with any number of other processes.
    Any,
}

impl Slice {
    /// Returns the parts in the order in which to do them.
    pub fn parts(self, count: u64) -> Vec<u64> {
        match self {
            Self::Whole => (0..count).collect(),
            Self::Every { number, of } => {
                (0..count).filter(|part| part % of == number - 1).collect()
            }
            Self::Any => {
                // Each process takes its own order, so that processes rarely meet at one part. The order changes no
                // output.
                let mut parts: Vec<_> = (0..count).collect();
                let chance = RandomState::new();
                parts.sort_by_cached_key(|part| chance.hash_one(part));
                parts
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_share_out_all_parts() {
        let mut all: Vec<_> = (1..=3)
            .flat_map(|number| Slice::Every { number, of: 3 }.parts(10))
            .collect();
        all.sort_unstable();
        assert_eq!(all, Slice::Whole.parts(10));
        let mut any = Slice::Any.parts(100);
        assert_ne!(any, Slice::Any.parts(100));
        any.sort_unstable();
        assert_eq!(any, Slice::Whole.parts(100));
    }
}
