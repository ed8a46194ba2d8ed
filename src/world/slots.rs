//! Which rows of each table belong to which run.
//!
//! A world simulates several runs in lockstep, so that they share what a day costs the engine. Each
//! has a slot: as many rows of each table as any of them needs, one slot after another. Rows are
//! counted from a slot's first, so a slot can grow, and all move apart, without anybody noticing.

use super::tiles::LANES;
use std::ops::Range;

/// The tables.
#[derive(Clone, Copy, Debug)]
pub enum Table {
    /// Participants.
    Participants,
    /// Proposals of every status.
    Proposals,
    /// Seats for candidates.
    Seats,
    /// Support edges.
    SupportEdges,
    /// Influence edges.
    InfluenceEdges,
    /// Conflict edges.
    ConflictEdges,
    /// What the contract stores, a row per seat.
    OnChain,
}

/// How many tables there are.
pub const TABLES: usize = Table::OnChain as usize + 1;

/// A number of rows of each table, in the order of [`Table`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room(pub [usize; TABLES]);

impl Room {
    /// Rows of each table, in any order.
    pub fn new(rows: [(Table, usize); TABLES]) -> Self {
        let mut room = Self::default();
        for (table, rows) in rows {
            room.0[table as usize] = rows;
        }
        room
    }

    /// Rows of one table.
    #[inline]
    pub fn of(&self, table: Table) -> usize {
        self.0[table as usize]
    }

    /// Whether each table has at least the rows that another asks for.
    #[inline]
    pub fn holds(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).all(|(&a, b)| a >= b)
    }

    /// The rows of either, whichever are more.
    #[inline]
    pub fn or(self, other: &Self) -> Self {
        Self(std::array::from_fn(|table| {
            self.0[table].max(other.0[table])
        }))
    }

    /// What each of `slots` gets of these rows; whole tiles, as kernels take rows by eights.
    pub fn shared(&self, slots: usize) -> Self {
        Self(self.0.map(|rows| rows / slots / LANES * LANES))
    }
}

/// The rows of one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot {
    /// Which of the world's runs it is, from 0.
    pub number: usize,
    /// Rows of each table that every run has.
    pub room: Room,
}

impl Slot {
    /// Its rows of a table.
    #[inline]
    pub fn rows(&self, table: Table) -> Range<usize> {
        let room = self.room.of(table);
        self.number * room..(self.number + 1) * room
    }
}

/// Moves the rows of `slots` slots of `from` rows apart, to `to` rows each.
pub fn spread<T: Copy>(column: &mut [T], slots: usize, from: usize, to: usize) {
    for slot in (1..slots).rev() {
        column.copy_within(slot * from..(slot + 1) * from, slot * to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_move_apart_with_what_they_hold() {
        let mut column: Vec<usize> = (0..6).collect();
        column.resize(15, 99);
        spread(&mut column, 3, 2, 5);
        for slot in 0..3 {
            assert_eq!(column[slot * 5..][..2], [2 * slot, 2 * slot + 1]);
        }
    }

    #[test]
    fn slots_do_not_overlap() {
        let room = Room([100; TABLES]).shared(3);
        let slot = |number| Slot { number, room };
        assert_eq!(slot(0).rows(Table::Seats), 0..32);
        assert_eq!(slot(2).rows(Table::Seats), 64..96);
    }
}
