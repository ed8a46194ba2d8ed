//! Which support edge lives in which row.
//!
//! Candidates sit on seats, eight to a tile, and tiles lie in blocks. Edges lie block by block, in
//! each participant by participant, a row for each seat: of every tile a participant has eight
//! neighbouring numbers, so the sums per candidate need no horizontal reduction, and kernels work on
//! a block at a time. More candidates need another block; what is there stays where it is. A proposal
//! that leaves candidacy vacates its seat; a new one takes the lowest vacant seat. There is room for
//! more tiles than are in use; their seats are vacant.

use std::ops::Range;

/// Seats per tile.
pub const LANES: usize = 8;

/// Tiles per block: an odd number, so that the edges of one seat are spread over all sets of a cache,
/// and no more than the registers of the widest vectors hold.
pub const BLOCK: usize = 7;

/// Seats per block.
pub const SEATS: usize = BLOCK * LANES;

/// How many edges there is room for.
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

/// The arrangement of seats and edges in a run.
#[derive(Default)]
pub struct Tiles {
    /// What there is room for.
    shape: Shape,
    /// For each tile, eight at a time, which of its seats are taken.
    taken: Vec<[u8; TOGETHER]>,
    /// Tiles in use: up to the last that has a seat taken.
    count: usize,
    /// How many seats are taken in all.
    candidates: usize,
}

/// Tiles that are searched at once for a vacant seat.
const TOGETHER: usize = size_of::<u64>();

impl Tiles {
    /// Begins a run with this room and no candidates.
    pub fn clear(&mut self, shape: Shape) {
        self.shape = shape;
        self.taken.clear();
        self.count = 0;
        self.candidates = 0;
    }

    /// Makes more room.
    pub fn enlarge(&mut self, shape: Shape) {
        self.shape = shape;
    }

    /// What there is room for.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Tiles in use.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Seats taken.
    pub fn candidates(&self) -> usize {
        self.candidates
    }

    /// The rows of neighbouring participants' edges in each block from `first` on.
    pub fn rows(&self, first: usize, people: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let shape = self.shape;
        (first..shape.blocks).map(move |block| {
            let start = (block * shape.people + people.start) * SEATS;
            start..start + people.len() * SEATS
        })
    }

    /// Row of the edge between a participant and the candidate on a seat.
    #[inline]
    pub fn edge(&self, seat: usize, participant: usize) -> usize {
        (seat / SEATS * self.shape.people + participant) * SEATS + seat % SEATS
    }

    /// What a column of edges holds of one seat, participant by participant.
    pub fn column<'a, T>(&self, column: &'a [T], seat: usize) -> impl Iterator<Item = &'a T> {
        column[self.edge(seat, 0)..].iter().step_by(SEATS)
    }

    /// Takes the lowest vacant seat.
    pub fn take(&mut self) -> usize {
        let full = |tiles: &&[u8; TOGETHER]| **tiles == [u8::MAX; TOGETHER];
        let group = self.taken.iter().take_while(full).count();
        if group == self.taken.len() {
            self.taken.push([0; TOGETHER]);
        }
        // Eight tiles as one number, the first tile's seats its lowest bits.
        let bits = u64::from_le_bytes(self.taken[group]);
        let seat = group * TOGETHER * LANES + bits.trailing_ones() as usize;
        debug_assert!(seat < self.shape.seats());
        let tile = seat / LANES;
        self.taken.as_flattened_mut()[tile] |= 1 << (seat % LANES);
        self.count = self.count.max(tile + 1);
        self.candidates += 1;
        seat
    }

    /// Vacates a seat that was taken.
    pub fn vacate(&mut self, seat: usize) {
        debug_assert!(self.is_taken(seat));
        let taken = self.taken.as_flattened_mut();
        taken[seat / LANES] &= !(1 << (seat % LANES));
        self.candidates -= 1;
        while self.count > 0 && taken[self.count - 1] == 0 {
            self.count -= 1;
        }
    }

    /// Which lanes of each tile in use are taken, a bit each.
    pub fn taken_by_tile(&self) -> &[u8] {
        &self.taken.as_flattened()[..self.count]
    }

    /// The seats that are taken, in order.
    pub fn taken(&self) -> impl Iterator<Item = usize> {
        let tiles = self.taken_by_tile().iter().enumerate();
        tiles.flat_map(|(tile, &taken)| lanes(tile, taken))
    }

    /// Whether a seat is taken.
    pub fn is_taken(&self, seat: usize) -> bool {
        self.taken.as_flattened()[seat / LANES] & (1 << (seat % LANES)) != 0
    }
}

/// The seats of a tile whose bits are set, in order.
pub fn lanes(tile: usize, mut bits: u8) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(tile * LANES + lane)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_blocks(blocks: usize) -> Tiles {
        let mut tiles = Tiles::default();
        tiles.clear(Shape { blocks, people: 5 });
        tiles
    }

    #[test]
    fn the_lowest_vacant_seat_is_taken() {
        let mut tiles = with_blocks(1);
        for seat in 0..9 {
            assert_eq!(tiles.take(), seat);
        }
        tiles.vacate(5);
        tiles.vacate(2);
        assert_eq!(tiles.taken().collect::<Vec<_>>(), [0, 1, 3, 4, 6, 7, 8]);
        assert_eq!(tiles.take(), 2);
        assert_eq!(tiles.take(), 5);
        assert_eq!(tiles.take(), 9);
        assert_eq!(tiles.candidates(), 10);
        assert_eq!(tiles.count(), 2);
    }

    #[test]
    fn empty_tiles_at_the_end_are_not_in_use() {
        let mut tiles = with_blocks(1);
        for _ in 0..17 {
            tiles.take();
        }
        for seat in 8..16 {
            tiles.vacate(seat);
        }
        assert_eq!(tiles.count(), 3);
        tiles.vacate(16);
        assert_eq!(tiles.count(), 1);
        assert_eq!(tiles.take(), 8);
    }

    #[test]
    fn seats_beyond_those_searched_at_once_are_taken() {
        let mut tiles = with_blocks(2);
        for seat in 0..70 {
            assert_eq!(tiles.take(), seat);
        }
        assert_eq!(tiles.count(), 9);
        tiles.vacate(66);
        tiles.vacate(63);
        assert_eq!(tiles.take(), 63);
        assert_eq!(tiles.take(), 66);
        assert_eq!(tiles.taken().count(), 70);
    }

    #[test]
    fn rows_do_not_overlap() {
        let mut tiles = with_blocks(2);
        let rows: std::collections::BTreeSet<_> = (0..2 * SEATS)
            .flat_map(|seat| (0..5).map(move |participant| (seat, participant)))
            .map(|(seat, participant)| tiles.edge(seat, participant))
            .collect();
        assert_eq!(rows.len(), tiles.shape().edges());
        assert_eq!(*rows.last().unwrap(), rows.len() - 1);
        let by_block: Vec<usize> = tiles.rows(0, 0..5).flatten().collect();
        assert_eq!(by_block, rows.into_iter().collect::<Vec<_>>());
        let column: Vec<_> = tiles.column(&by_block, SEATS + 3).take(5).collect();
        assert_eq!(
            column,
            [0, 1, 2, 3, 4].map(|row| &by_block[tiles.edge(SEATS + 3, row)])
        );
        assert_eq!(
            tiles.rows(1, 2..3).next(),
            Some(tiles.edge(SEATS, 2)..tiles.edge(SEATS, 3))
        );
        assert_eq!(tiles.rows(1, 2..3).count(), 1);
        tiles.enlarge(Shape {
            blocks: 3,
            people: 6,
        });
        assert_eq!(tiles.edge(SEATS, 0), 6 * SEATS);
    }
}
