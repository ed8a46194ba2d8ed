//! Which support edge lives in which row.
//!
//! Candidates sit on seats. Eight seats make a tile, and a tile's edges lie participant by
//! participant, eight lanes each: a participant's row in a tile is eight neighbouring numbers, and
//! the sums per candidate need no horizontal reduction. A proposal that leaves candidacy vacates
//! its lane; a new one takes the lowest vacant lane.

/// Seats per tile.
pub const LANES: usize = 8;

/// Support edges of the tiles that have `seats` seats at least, with room for `stride` participants.
pub fn edges(seats: usize, stride: usize) -> usize {
    seats.next_multiple_of(LANES) * stride
}

/// Where the rows of a tile's participants are: tile after tile, `stride` rows each, of which
/// `count` tiles are in use.
#[derive(Clone, Copy)]
pub struct Tiling {
    /// Rows from one tile to the next.
    pub stride: usize,
    /// Tiles in use.
    pub count: usize,
}

/// The arrangement of seats and edges in the current run.
#[derive(Default)]
pub struct Tiles {
    /// Participants that a tile has room for: the distance between tiles, in rows of eight lanes.
    stride: usize,
    /// For each tile in use, which of its lanes are taken.
    taken: Vec<u8>,
    /// How many seats are taken in all.
    candidates: usize,
}

impl Tiles {
    /// Begins a run with room for `stride` participants and no candidates.
    pub fn clear(&mut self, stride: usize) {
        self.stride = stride;
        self.taken.clear();
        self.candidates = 0;
    }

    /// Participants that a tile has room for.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Tiles in use.
    pub fn count(&self) -> usize {
        self.taken.len()
    }

    /// Seats in the tiles in use, vacant ones included.
    pub fn seats(&self) -> usize {
        self.taken.len() * LANES
    }

    /// Seats taken.
    pub fn candidates(&self) -> usize {
        self.candidates
    }

    /// First row of the eight edges between a participant and the candidates of a tile.
    #[inline]
    pub fn row(&self, tile: usize, participant: usize) -> usize {
        (tile * self.stride + participant) * LANES
    }

    /// The rows of a tile's first `participants`, in rows of eight lanes.
    #[inline]
    pub fn rows(&self, tile: usize, participants: usize) -> std::ops::Range<usize> {
        let first = tile * self.stride;
        first..first + participants
    }

    /// Where the rows of participants are.
    pub fn tiling(&self) -> Tiling {
        Tiling {
            stride: self.stride,
            count: self.taken.len(),
        }
    }

    /// Row of the edge between a participant and the candidate on a seat.
    #[inline]
    pub fn edge(&self, seat: usize, participant: usize) -> usize {
        self.row(seat / LANES, participant) + seat % LANES
    }

    /// Takes the lowest vacant seat; says whether that opened a new tile.
    pub fn take(&mut self) -> (usize, bool) {
        self.candidates += 1;
        let vacant = self.taken.iter().position(|&taken| taken != u8::MAX);
        let tile = vacant.unwrap_or_else(|| {
            self.taken.push(0);
            self.taken.len() - 1
        });
        let lane = self.taken[tile].trailing_ones() as usize;
        self.taken[tile] |= 1 << lane;
        (tile * LANES + lane, vacant.is_none())
    }

    /// Vacates a seat that was taken.
    pub fn vacate(&mut self, seat: usize) {
        debug_assert!(self.is_taken(seat));
        self.taken[seat / LANES] &= !(1 << (seat % LANES));
        self.candidates -= 1;
    }

    /// Which lanes of each tile are taken, a bit each.
    pub fn taken_by_tile(&self) -> &[u8] {
        &self.taken
    }

    /// The seats that are taken, in order.
    pub fn taken(&self) -> impl Iterator<Item = usize> {
        let tiles = self.taken.iter().enumerate();
        tiles.flat_map(|(tile, &taken)| lanes(tile, taken))
    }

    /// Whether a seat is taken.
    pub fn is_taken(&self, seat: usize) -> bool {
        self.taken[seat / LANES] & (1 << (seat % LANES)) != 0
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
        tiles.clear(3);
        assert_eq!(tiles.take(), (0, true));
        for seat in 1..8 {
            assert_eq!(tiles.take(), (seat, false));
        }
        assert_eq!(tiles.take(), (8, true));
        tiles.vacate(5);
        tiles.vacate(2);
        assert_eq!(tiles.taken().collect::<Vec<_>>(), [0, 1, 3, 4, 6, 7, 8]);
        assert_eq!(tiles.take(), (2, false));
        assert_eq!(tiles.take(), (5, false));
        assert_eq!(tiles.take(), (9, false));
        assert_eq!(tiles.candidates(), 10);
        assert_eq!((tiles.count(), tiles.seats()), (2, 16));
    }

    #[test]
    fn rows_do_not_overlap() {
        let mut tiles = Tiles::default();
        tiles.clear(3);
        let rows: std::collections::BTreeSet<_> = (0..16)
            .flat_map(|seat| (0..3).map(move |participant| (seat, participant)))
            .map(|(seat, participant)| tiles.edge(seat, participant))
            .collect();
        assert_eq!(rows.len(), 48);
        assert_eq!(*rows.last().unwrap(), 47);
    }
}
