//! Which support edge lives in which row.
//!
//! Candidates sit on seats, eight to a tile. Edges lie participant by participant, a row for each
//! seat: of every tile a participant has eight neighbouring numbers, and the sums per candidate need
//! no horizontal reduction. A proposal that leaves candidacy vacates its seat; a new one takes the
//! lowest vacant seat. There is room for more tiles than are in use; their seats are vacant.

/// Seats per tile.
pub const LANES: usize = 8;

/// Support edges of `participants` with `width` tiles each.
pub fn edges(participants: usize, width: usize) -> usize {
    participants * width * LANES
}

/// The arrangement of seats and edges in a run.
#[derive(Default)]
pub struct Tiles {
    /// Tiles that each participant has room for.
    width: usize,
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
    /// Begins a run with room for `width` tiles and no candidates.
    pub fn clear(&mut self, width: usize) {
        self.width = width;
        self.taken.clear();
        self.count = 0;
        self.candidates = 0;
    }

    /// Makes room for `width` tiles.
    pub fn widen(&mut self, width: usize) {
        self.width = width;
    }

    /// Tiles that each participant has room for.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Tiles in use.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Seats there is room for, and so edges of each participant.
    pub fn seats(&self) -> usize {
        self.width * LANES
    }

    /// Seats taken.
    pub fn candidates(&self) -> usize {
        self.candidates
    }

    /// The rows of a participant's edges.
    #[inline]
    pub fn rows(&self, participant: usize) -> std::ops::Range<usize> {
        let first = self.edge(0, participant);
        first..first + self.seats()
    }

    /// Row of the edge between a participant and the candidate on a seat.
    #[inline]
    pub fn edge(&self, seat: usize, participant: usize) -> usize {
        participant * self.width * LANES + seat
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
        debug_assert!(seat < self.seats());
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

    #[test]
    fn the_lowest_vacant_seat_is_taken() {
        let mut tiles = Tiles::default();
        tiles.clear(2);
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
        let mut tiles = Tiles::default();
        tiles.clear(3);
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
        let mut tiles = Tiles::default();
        tiles.clear(9);
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
        let mut tiles = Tiles::default();
        tiles.clear(2);
        let rows: std::collections::BTreeSet<_> = (0..16)
            .flat_map(|seat| (0..3).map(move |participant| (seat, participant)))
            .map(|(seat, participant)| tiles.edge(seat, participant))
            .collect();
        assert_eq!(rows.len(), 48);
        assert_eq!(*rows.last().unwrap(), 47);
    }
}
