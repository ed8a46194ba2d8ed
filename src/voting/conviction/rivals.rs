//! Tracks candidates that exclude each other, for an extension.

use crate::engine::PerRun;
use crate::voting::chance::NONE;
use bevy_ecs::prelude::*;

/// Rivalries: a component of runs in which the acceptance of one proposal bars others.
#[derive(Component, Default, Debug)]
pub struct Rivals {
    /// Last rivalry of each proposal, or [`NONE`].
    last: Vec<u32>,
    rivalries: Vec<Rivalry>,
    /// Proposals barred today.
    barred: Vec<u32>,
    /// Number of candidates killed because a rival was accepted.
    pub killed: u32,
}

/// Rivalry of one proposal with another.
#[derive(Clone, Copy, Debug)]
struct Rivalry {
    /// Row of the other.
    other: u32,
    /// Previous rivalry of the same proposal, or [`NONE`].
    before: u32,
}

impl PerRun for Rivals {
    fn begin(&mut self) {
        self.last.clear();
        self.rivalries.clear();
        self.barred.clear();
        self.killed = 0;
    }
}

impl Rivals {
    /// Returns true if there are any rivalries.
    pub fn any(&self) -> bool {
        !self.rivalries.is_empty()
    }

    /// Makes two proposals exclude each other.
    pub fn add(&mut self, a: u32, b: u32) {
        for (one, other) in [(a, b), (b, a)] {
            let one = one as usize;
            if self.last.len() <= one {
                self.last.resize(one + 1, NONE);
            }
            let rivalry = self.rivalries.len() as u32;
            let before = std::mem::replace(&mut self.last[one], rivalry);
            self.rivalries.push(Rivalry { other, before });
        }
    }

    /// Bars the rivals of an accepted proposal; candidates without seats have none.
    pub fn bar_rivals_of(&mut self, accepted: u64) {
        let row = usize::try_from(accepted).ok();
        let last = row.and_then(|row| self.last.get(row));
        let mut next = last.copied().unwrap_or(NONE);
        while next != NONE {
            let Rivalry { other, before } = self.rivalries[next as usize];
            self.barred.push(other);
            next = before;
        }
    }

    /// Returns true if a rival of this proposal was accepted today.
    pub fn is_barred(&self, proposal: u64) -> bool {
        self.barred
            .iter()
            .any(|&barred| u64::from(barred) == proposal)
    }

    /// Removes and returns the proposals barred today, without duplicates, in order of id.
    pub(super) fn take_barred(&mut self) -> impl Iterator<Item = usize> {
        self.barred.sort_unstable();
        self.barred.dedup();
        self.barred.drain(..).map(|row| row as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rivals_bar_each_other_and_nobody_else() {
        let mut rivals = Rivals::default();
        assert!(!rivals.any());
        rivals.bar_rivals_of(5);
        rivals.add(3, 1);
        rivals.add(1, 3);
        rivals.add(0, 3);
        rivals.bar_rivals_of(2);
        assert!(rivals.any() && !rivals.is_barred(1));
        rivals.bar_rivals_of(3);
        assert_eq!(
            [0, 1, 2, 3].map(|row| rivals.is_barred(row)),
            [true, true, false, false]
        );
        assert_eq!(rivals.take_barred().collect::<Vec<_>>(), [0, 1]);
        rivals.bar_rivals_of(1);
        assert_eq!(rivals.take_barred().collect::<Vec<_>>(), [3]);
        rivals.begin();
        rivals.bar_rivals_of(3);
        assert!(!rivals.any() && !rivals.is_barred(0));
    }
}
