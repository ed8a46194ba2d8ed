//! Where affinities lie.

use super::{Row, load, most};
use crate::world::ranks::Ranks;
use fearless_simd::prelude::*;
use fearless_simd::{f64x8, i64x8};

/// The affinities of everybody for everything.
#[derive(Clone, Copy)]
pub struct Affinities<'a> {
    /// a of each edge, participant by participant.
    pub rows: &'a [Row],
    /// What to add on the seats of the tiles in use: −∞ on those that are vacant.
    pub vacancy: &'a [Row],
    /// Tiles that each participant has room for.
    pub width: usize,
}

impl Affinities<'_> {
    /// A participant's row in a tile; −∞ on vacant seats.
    #[inline(always)]
    pub fn load<S: Simd>(&self, simd: S, participant: usize, tile: usize) -> f64x8<S> {
        load(simd, &self.rows[participant * self.width + tile]) + load(simd, &self.vacancy[tile])
    }
}

/// The affinities of everybody in some tiles.
pub struct Block<'a, S: Simd, const TILES: usize> {
    rows: &'a [Row],
    vacancy: [f64x8<S>; TILES],
    width: usize,
    simd: S,
}

impl Affinities<'_> {
    /// Some tiles, from `first`.
    #[inline(always)]
    pub fn block<S: Simd, const TILES: usize>(&self, simd: S, first: usize) -> Block<'_, S, TILES> {
        let mut vacancy = [f64x8::splat(simd, 0.0); TILES];
        for (vacancy, row) in vacancy.iter_mut().zip(&self.vacancy[first..first + TILES]) {
            *vacancy = load(simd, row);
        }
        Block {
            rows: &self.rows[first..],
            vacancy,
            width: self.width,
            simd,
        }
    }
}

impl<S: Simd, const TILES: usize> Block<'_, S, TILES> {
    /// A participant's rows; −∞ on vacant seats.
    #[inline(always)]
    pub fn of(&self, participant: usize) -> [f64x8<S>; TILES] {
        let rows = self.rows[participant * self.width..].first_chunk::<TILES>();
        let rows = rows.expect("rows of every tile");
        let mut affinities = self.vacancy;
        for (affinity, row) in affinities.iter_mut().zip(rows) {
            *affinity += load(self.simd, row);
        }
        affinities
    }
}

/// How many affinities of the first `people` participants lie below a value, vacant seats included.
#[inline(always)]
pub fn count_below<S: Simd>(simd: S, affinities: Affinities, people: usize, value: f64) -> usize {
    let mut count = i64x8::splat(simd, 0);
    for participant in 0..people {
        for tile in 0..affinities.vacancy.len() {
            let below = affinities.load(simd, participant, tile).simd_lt(value);
            // A mask is −1 where it holds.
            count -= below.to_vector();
        }
    }
    count.to_array().iter().sum::<i64>() as usize
}

/// The greatest affinity of the first `people` participants below a value, and the least that is
/// not.
#[inline(always)]
pub fn neighbours<S: Simd>(
    simd: S,
    affinities: Affinities,
    people: usize,
    value: f64,
) -> (f64, f64) {
    let infinity = f64x8::splat(simd, f64::INFINITY);
    let (mut low, mut high) = (-infinity, -infinity);
    for participant in 0..people {
        for tile in 0..affinities.vacancy.len() {
            let numbers = affinities.load(simd, participant, tile);
            let below = numbers.simd_lt(value);
            low = low.max(below.select(numbers, -infinity));
            high = high.max(below.select(-infinity, -numbers));
        }
    }
    (most(low), -most(high))
}

/// Gives a seat's edges (the first of every `width`) an affinity of each participant, and ranks
/// them.
#[inline(always)]
pub fn fill_seat<S: Simd>(simd: S, edges: &mut [f64], width: usize, affinities: &[f64]) -> Ranks {
    let cuts = load(simd, &Ranks::CUTS);
    let mut below = i64x8::splat(simd, 0);
    let mut edge = 0;
    for &affinity in affinities {
        edges[edge] = affinity;
        edge += width;
        below -= cuts.simd_gt(affinity).to_vector();
    }
    Ranks {
        below: below.to_array(),
    }
}
