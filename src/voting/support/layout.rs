//! Arrangement of support edges in rows.
//!
//! Each candidate has a **seat**. Eight seats are an **eight**, as vectors hold them, and seven eights are a
//! **block**. Edges are arranged block by block, and in each block participant by participant, with a row for each
//! seat:
//!
//! ```text
//! block 0                                                        | block 1
//! participant 0: seats 0–7, 8–15, … 48–55 | participant 1: … | … | participant 0: seats 56–63, …
//! ```
//!
//! In every eight, the numbers of a participant are neighbours. So sums per candidate need no horizontal reduction,
//! and kernels process a block at a time. More candidates need another block; existing edges keep their rows. A
//! proposal that leaves candidacy vacates its seat; a new one takes the lowest vacant seat. There is room for more
//! eights than are in use; their seats are vacant.

use super::histogram::Histogram;
use crate::engine::{LANES, PerRun};
use bevy_ecs::prelude::*;
use std::ops::Range;

/// Eights per block: odd, so that the edges of one seat are spread over all sets of a cache. They fit in the registers
/// of the widest vectors.
pub const BLOCK: usize = 7;

/// Seats per block.
pub const SEATS: usize = BLOCK * LANES;

/// Room for edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Blocks of seats.
    pub blocks: usize,
    /// Participants in each block.
    pub people: usize,
}

impl Shape {
    /// Rows of edges.
    pub fn edges(&self) -> usize {
        self.blocks * self.people * SEATS
    }

    /// Seats.
    pub fn seats(&self) -> usize {
        self.blocks * SEATS
    }
}

/// Returns the room for the edges of this many candidates and participants.
pub fn shape_for(candidates: usize, participants: usize) -> Shape {
    /// Most newcomers to provide for.
    const NEWCOMERS: usize = 64;
    Shape {
        blocks: candidates.div_ceil(SEATS),
        people: participants + (participants / 2).min(NEWCOMERS),
    }
}

/// Data kept for tables only, on which nothing in the model depends. Each level includes the earlier ones; results
/// are the same.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Nothing.
    #[default]
    Outcome,
    /// Support of a proposal when it left candidacy, and the trigger that it passed.
    Proposals,
    /// Conviction of each support edge, and the conflict network.
    Edges,
}

/// Arrangement of seats and edges in a run.
#[derive(Component, Default)]
pub struct Layout {
    /// Room.
    shape: Shape,
    /// Taken seats of each eight, for eight eights at a time.
    taken: Vec<[u8; TOGETHER]>,
    /// Taken seats whose candidates may pass, in the same arrangement.
    may_pass: Vec<[u8; TOGETHER]>,
    /// Eights in use: up to the last one with a taken seat.
    count: usize,
    /// Eights that have been in use in this run. Edges of other eights have values of another run.
    opened: usize,
    /// Number of taken seats.
    candidates: usize,
    /// Distribution of the affinities of all candidates.
    pub affinities: Histogram,
    /// Data kept for tables.
    pub detail: Detail,
}

impl PerRun for Layout {
    fn begin(&mut self) {
        self.clear(Shape::default());
    }
}

/// Eights searched at once for a vacant seat.
const TOGETHER: usize = size_of::<u64>();

impl Layout {
    /// Begins a run with this room and no candidates.
    pub fn clear(&mut self, shape: Shape) {
        self.shape = shape;
        self.taken.clear();
        self.may_pass.clear();
        (self.count, self.opened) = (0, 0);
        self.candidates = 0;
        self.affinities = Histogram::default();
    }

    /// Sets larger room.
    pub fn enlarge(&mut self, shape: Shape) {
        self.shape = shape;
    }

    /// Returns the room required after this many more candidates and participants: the present room, unless it may be
    /// insufficient.
    pub fn shape_with(&self, candidates: usize, participants: usize) -> Shape {
        let enough = shape_for(self.candidates + candidates, participants);
        Shape {
            blocks: self.shape.blocks.max(enough.blocks),
            people: if participants > self.shape.people {
                enough.people
            } else {
                self.shape.people
            },
        }
    }

    /// Returns the room.
    #[inline]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Returns the number of eights in use.
    #[inline]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the number of taken seats.
    #[inline]
    pub fn candidates(&self) -> usize {
        self.candidates
    }

    /// Returns the rows of neighbouring participants' edges in each block from `first` on.
    #[inline]
    pub fn rows(&self, first: usize, people: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let shape = self.shape;
        (first..shape.blocks).map(move |block| {
            let start = (block * shape.people + people.start) * SEATS;
            start..start + people.len() * SEATS
        })
    }

    /// Returns the rows of a participant's edges in the eights in use, block by block.
    #[inline]
    pub fn rows_in_use(&self, participant: usize) -> impl Iterator<Item = Range<usize>> {
        self.rows_of_eights(self.count, participant)
    }

    /// Returns the rows of a participant's edges in the eights that have been in use, block by block.
    #[inline]
    pub fn rows_opened(&self, participant: usize) -> impl Iterator<Item = Range<usize>> {
        self.rows_of_eights(self.opened, participant)
    }

    fn rows_of_eights(
        &self,
        eights: usize,
        participant: usize,
    ) -> impl Iterator<Item = Range<usize>> {
        let mut seats = eights * LANES;
        self.rows(0, participant..participant + 1).map(move |rows| {
            let used = seats.min(SEATS);
            seats -= used;
            rows.start..rows.start + used
        })
    }

    /// Returns the row of the edge between a participant and the candidate on a seat.
    #[inline]
    pub fn edge(&self, seat: usize, participant: usize) -> usize {
        (seat / SEATS * self.shape.people + participant) * SEATS + seat % SEATS
    }

    /// Returns the values of a column of edges for one seat, participant by participant.
    #[inline]
    pub fn column<'a, T>(&self, column: &'a [T], seat: usize) -> impl Iterator<Item = &'a T> {
        let rows = column[self.edge(seat - seat % SEATS, 0)..].as_chunks::<SEATS>();
        rows.0.iter().map(move |row| &row[seat % SEATS])
    }

    /// Returns the mutable values of a column of edges for one seat, participant by participant.
    #[inline]
    pub fn column_mut<'a, T>(
        &self,
        column: &'a mut [T],
        seat: usize,
    ) -> impl Iterator<Item = &'a mut T> {
        let rows = column[self.edge(seat - seat % SEATS, 0)..].as_chunks_mut::<SEATS>();
        rows.0.iter_mut().map(move |row| &mut row[seat % SEATS])
    }

    /// Returns the mutable values of a column of edges for one eight, participant by participant.
    #[inline]
    pub fn eight_mut<'a, T>(
        &self,
        column: &'a mut [T],
        eight: usize,
    ) -> impl Iterator<Item = &'a mut [T]> {
        let rows = column[self.edge(eight / BLOCK * SEATS, 0)..].as_chunks_mut::<SEATS>();
        let first = eight % BLOCK * LANES;
        rows.0
            .iter_mut()
            .map(move |row| &mut row[first..first + LANES])
    }

    /// Returns true if the eight of a taken seat is in use for the first time, and records its use.
    #[inline]
    pub fn opens(&mut self, seat: usize) -> bool {
        let opens = seat / LANES >= self.opened;
        self.opened += usize::from(opens);
        opens
    }

    /// Takes the lowest vacant seat.
    #[inline]
    pub fn take(&mut self) -> usize {
        let full = |eights: &&[u8; TOGETHER]| **eights == [u8::MAX; TOGETHER];
        let group = self.taken.iter().take_while(full).count();
        if group == self.taken.len() {
            self.taken.push([0; TOGETHER]);
            self.may_pass.push([0; TOGETHER]);
        }
        // Eight eights as one number, with the first eight's seats as its lowest bits.
        let bits = u64::from_le_bytes(self.taken[group]);
        let seat = group * TOGETHER * LANES + bits.trailing_ones() as usize;
        debug_assert!(seat < self.shape.seats());
        let eight = seat / LANES;
        for seats in [&mut self.taken, &mut self.may_pass] {
            seats.as_flattened_mut()[eight] |= 1 << (seat % LANES);
        }
        self.count = self.count.max(eight + 1);
        self.candidates += 1;
        seat
    }

    /// Vacates a seat that was taken.
    pub fn vacate(&mut self, seat: usize) {
        debug_assert!(self.is_taken(seat));
        self.never_passes(seat);
        let taken = self.taken.as_flattened_mut();
        taken[seat / LANES] &= !(1 << (seat % LANES));
        self.candidates -= 1;
        while self.count > 0 && taken[self.count - 1] == 0 {
            self.count -= 1;
        }
    }

    /// Records that the candidate on a seat never passes, whatever its conviction.
    #[inline]
    pub fn never_passes(&mut self, seat: usize) {
        self.may_pass.as_flattened_mut()[seat / LANES] &= !(1 << (seat % LANES));
    }

    /// Returns the lanes of each eight in use whose candidates may pass, one bit each.
    #[inline]
    pub fn may_pass_by_eight(&self) -> &[u8] {
        &self.may_pass.as_flattened()[..self.count]
    }

    /// Returns the taken lanes of each eight in use, one bit each.
    #[inline]
    pub fn taken_by_eight(&self) -> &[u8] {
        &self.taken.as_flattened()[..self.count]
    }

    /// Returns the taken seats, in order.
    pub fn taken(&self) -> impl Iterator<Item = usize> {
        let eights = self.taken_by_eight().iter().enumerate();
        eights.flat_map(|(eight, &taken)| lanes(eight, taken))
    }

    /// Returns true if a seat is taken.
    #[inline]
    pub fn is_taken(&self, seat: usize) -> bool {
        self.taken.as_flattened()[seat / LANES] & (1 << (seat % LANES)) != 0
    }
}

/// Returns the seats of an eight whose bits are set, in order.
pub fn lanes(eight: usize, mut bits: u8) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(eight * LANES + lane)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_blocks(blocks: usize) -> Layout {
        let mut layout = Layout::default();
        layout.clear(Shape { blocks, people: 5 });
        layout
    }

    #[test]
    fn the_lowest_vacant_seat_is_taken() {
        let mut layout = with_blocks(1);
        for seat in 0..9 {
            assert_eq!(layout.take(), seat);
        }
        layout.vacate(5);
        layout.vacate(2);
        assert_eq!(layout.taken().collect::<Vec<_>>(), [0, 1, 3, 4, 6, 7, 8]);
        assert_eq!(layout.take(), 2);
        assert_eq!(layout.take(), 5);
        assert_eq!(layout.take(), 9);
        assert_eq!(layout.candidates(), 10);
        assert_eq!(layout.count(), 2);
    }

    #[test]
    fn empty_eights_at_the_end_are_not_in_use() {
        let mut layout = with_blocks(1);
        for _ in 0..17 {
            layout.take();
        }
        for seat in 8..16 {
            layout.vacate(seat);
        }
        assert_eq!(layout.count(), 3);
        layout.vacate(16);
        assert_eq!(layout.count(), 1);
        assert_eq!(layout.take(), 8);
    }

    #[test]
    fn seats_beyond_those_searched_at_once_are_taken() {
        let mut layout = with_blocks(2);
        for seat in 0..70 {
            assert_eq!(layout.take(), seat);
        }
        assert_eq!(layout.count(), 9);
        layout.vacate(66);
        layout.vacate(63);
        assert_eq!(layout.take(), 63);
        assert_eq!(layout.take(), 66);
        assert_eq!(layout.taken().count(), 70);
    }

    #[test]
    fn rows_do_not_overlap() {
        let mut layout = with_blocks(2);
        let rows: std::collections::BTreeSet<_> = (0..2 * SEATS)
            .flat_map(|seat| (0..5).map(move |participant| (seat, participant)))
            .map(|(seat, participant)| layout.edge(seat, participant))
            .collect();
        assert_eq!(rows.len(), layout.shape().edges());
        assert_eq!(*rows.last().unwrap(), rows.len() - 1);
        let by_block: Vec<usize> = layout.rows(0, 0..5).flatten().collect();
        assert_eq!(by_block, rows.into_iter().collect::<Vec<_>>());
        let column: Vec<_> = layout.column(&by_block, SEATS + 3).take(5).collect();
        assert_eq!(
            column,
            [0, 1, 2, 3, 4].map(|row| &by_block[layout.edge(SEATS + 3, row)])
        );
        assert_eq!(
            layout.rows(1, 2..3).next(),
            Some(layout.edge(SEATS, 2)..layout.edge(SEATS, 3))
        );
        assert_eq!(layout.rows(1, 2..3).count(), 1);
        layout.enlarge(Shape {
            blocks: 3,
            people: 6,
        });
        assert_eq!(layout.edge(SEATS, 0), 6 * SEATS);
    }
}
