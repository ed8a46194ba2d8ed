//! Arrangement of affinities.

use super::{Eight, lane_max, load};
use crate::voting::support::histogram::Histogram;
use crate::voting::support::layout::{BLOCK, Layout};
use fearless_simd::prelude::*;
use fearless_simd::{f64x8, i64x8};

/// Affinities of all participants for all candidates.
#[derive(Clone, Copy)]
pub struct Affinities<'a> {
    /// a of each edge: block by block, participant by participant.
    rows: &'a [[Eight; BLOCK]],
    /// Addend on the seats of the eights in use: −∞ on vacant ones.
    vacancy: &'a [Eight],
    /// Participants that each block has room for.
    people: usize,
}

impl<'a> Affinities<'a> {
    /// Creates a view of the affinities of a run's edges, with the addend on each seat.
    pub fn new(affinities: &'a [f64], vacancy: &'a [f64], layout: &Layout) -> Self {
        Self {
            rows: affinities.as_chunks().0.as_chunks().0,
            vacancy: &vacancy.as_chunks().0[..layout.count()],
            people: layout.shape().people,
        }
    }

    /// Returns the number of eights in use.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.vacancy.len()
    }

    /// Returns the first eights of the block that begins with eight `first`.
    #[inline(always)]
    pub fn block<S: Simd, const EIGHTS: usize>(
        &self,
        simd: S,
        first: usize,
    ) -> Block<'a, S, EIGHTS> {
        let mut vacancy = [f64x8::splat(simd, 0.0); EIGHTS];
        for (vacancy, row) in vacancy.iter_mut().zip(&self.vacancy[first..first + EIGHTS]) {
            *vacancy = load(simd, row);
        }
        Block {
            rows: &self.rows[first / BLOCK * self.people..],
            vacancy,
            simd,
        }
    }
}

/// Affinities of all participants in the first eights of a block.
pub struct Block<'a, S: Simd, const EIGHTS: usize> {
    rows: &'a [[Eight; BLOCK]],
    vacancy: [f64x8<S>; EIGHTS],
    simd: S,
}

impl<S: Simd, const EIGHTS: usize> Block<'_, S, EIGHTS> {
    /// Returns a participant's rows; −∞ on vacant seats.
    #[inline(always)]
    pub fn of(&self, participant: usize) -> [f64x8<S>; EIGHTS] {
        let mut affinities = self.vacancy;
        for (affinity, row) in affinities.iter_mut().zip(&self.rows[participant]) {
            *affinity += load(self.simd, row);
        }
        affinities
    }
}

/// Returns the number of affinities of the first `people` participants below a value, including vacant seats.
#[inline(always)]
pub fn count_below<S: Simd>(simd: S, affinities: Affinities, people: usize, value: f64) -> usize {
    let mut count = i64x8::splat(simd, 0);
    by_blocks!(
        affinities.count(),
        simd,
        count_in(&affinities, people, value, &mut count)
    );
    count.to_array().iter().sum::<i64>() as usize
}

#[inline(always)]
fn count_in<S: Simd, const EIGHTS: usize>(
    simd: S,
    first: usize,
    affinities: &Affinities,
    people: usize,
    value: f64,
    count: &mut i64x8<S>,
) {
    let block = affinities.block::<S, EIGHTS>(simd, first);
    for participant in 0..people {
        for affinity in block.of(participant) {
            // A mask is −1 where it is true.
            *count -= affinity.simd_lt(value).to_vector();
        }
    }
}

/// Returns the greatest affinity of the first `people` participants below a value, and the least one not below it.
#[inline(always)]
pub fn neighbours<S: Simd>(
    simd: S,
    affinities: Affinities,
    people: usize,
    value: f64,
) -> (f64, f64) {
    let nowhere = f64x8::splat(simd, f64::NEG_INFINITY);
    // A value rarely separates the middle two: one loop for all sizes suffices.
    let (mut low, mut negative_high) = (nowhere, nowhere);
    for eight in 0..affinities.count() {
        let rows = &affinities.rows[eight / BLOCK * affinities.people..][..people];
        let vacancy = load(simd, &affinities.vacancy[eight]);
        for row in rows {
            let affinity = vacancy + load(simd, &row[eight % BLOCK]);
            let below = affinity.simd_lt(value);
            low = low.max(below.select(affinity, nowhere));
            negative_high = negative_high.max(below.select(nowhere, -affinity));
        }
    }
    (lane_max(low), -lane_max(negative_high))
}

/// Sets a seat's edges to the affinities of participants, and returns their histogram.
#[inline(always)]
pub fn fill_seat<'a, S: Simd>(
    simd: S,
    edges: impl Iterator<Item = &'a mut f64>,
    affinities: &[f64],
) -> Histogram {
    let cuts = load(simd, &Histogram::CUTS);
    let mut below = i64x8::splat(simd, 0);
    for (&affinity, edge) in affinities.iter().zip(edges) {
        *edge = affinity;
        below -= cuts.simd_gt(affinity).to_vector();
    }
    Histogram {
        below: below.to_array(),
    }
}
