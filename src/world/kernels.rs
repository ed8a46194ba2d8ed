//! The loops over edges and seats, on bare slices. A row of a tile is eight neighbouring numbers, so
//! every loop here runs over vectors of eight: no horizontal steps, and the same sums in the same
//! order on every machine.
//!
//! Each is written once, for vectors of any machine, and compiled for several; whoever calls chooses
//! with `dispatch!`. None contracts a product and a sum, so results are the same on all. What they
//! call must be inlined into them, or it would be compiled for the narrowest: no closures, which
//! cannot be told to.

use super::components::{Influence, NONE, Swayed};
use super::decide::Decisions;
use super::tiles::{LANES, Tiling};
use crate::model::Parameters;
use fearless_simd::prelude::*;
use fearless_simd::{f64x8, i64x8, mask64x8};

/// Eight lanes of a tile's row.
pub type Row = [f64; LANES];

#[inline(always)]
fn load<S: Simd>(simd: S, row: &Row) -> f64x8<S> {
    f64x8::load_array_ref(simd, row)
}

/// The lanes where a condition holds, as bits.
#[inline(always)]
fn bits<S: Simd>(mask: mask64x8<S>) -> u8 {
    mask.to_bitmask() as u8
}

/// The greater of two lanes; the second unless the first is greater.
#[inline(always)]
fn greater<S: Simd>(a: f64x8<S>, b: f64x8<S>) -> f64x8<S> {
    a.simd_gt(b).select(a, b)
}

/// The sum of the lanes, pair by pair.
#[inline(always)]
fn sum<S: Simd>(row: f64x8<S>) -> f64 {
    let row = row.to_array();
    ((row[0] + row[4]) + (row[2] + row[6])) + ((row[1] + row[5]) + (row[3] + row[7]))
}

/// The greatest lane.
#[inline(always)]
fn most<S: Simd>(row: f64x8<S>) -> f64 {
    let row = row.to_array();
    pick(
        pick(pick(row[0], row[4]), pick(row[2], row[6])),
        pick(pick(row[1], row[5]), pick(row[3], row[7])),
    )
}

/// The greater of two numbers; the second unless the first is greater.
#[inline(always)]
fn pick(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The sum of rows of numbers.
#[inline(always)]
pub fn total<S: Simd>(simd: S, rows: &[Row]) -> f64 {
    let mut sums = f64x8::splat(simd, 0.0);
    for row in rows {
        sums += load(simd, row);
    }
    sum(sums)
}

/// How many of rows of numbers lie below a value.
#[inline(always)]
pub fn count_below<S: Simd>(simd: S, rows: &[Row], value: f64) -> usize {
    let value = f64x8::splat(simd, value);
    let (pairs, last) = rows.as_chunks::<2>();
    let mut counts = [i64x8::splat(simd, 0); 2];
    for [first, second] in pairs {
        // A mask is −1 where it holds.
        counts[0] -= load(simd, first).simd_lt(value).to_vector();
        counts[1] -= load(simd, second).simd_lt(value).to_vector();
    }
    for row in last {
        counts[0] -= load(simd, row).simd_lt(value).to_vector();
    }
    (counts[0] + counts[1]).to_array().iter().sum::<i64>() as usize
}

/// The lanes of a row that lie below a value.
#[inline(always)]
pub fn below<S: Simd>(simd: S, row: &Row, value: f64) -> u8 {
    bits(load(simd, row).simd_lt(value))
}

/// One day: y ← x + αy, for rows of stakes and convictions.
#[inline(always)]
pub fn accrue<S: Simd>(simd: S, stakes: &[Row], convictions: &mut [Row], alpha: f64) {
    for (x, y) in stakes.iter().zip(convictions) {
        (load(simd, x) + load(simd, y) * alpha).store_array(y);
    }
}

/// What a candidate must exceed to be paid.
#[derive(Clone, Copy)]
pub struct Bar<'a> {
    /// The day.
    pub day: f64,
    /// F, Honey.
    pub funds: f64,
    /// E, Honey.
    pub effective_supply: f64,
    /// α, β, ρ and tmin.
    pub parameters: &'a Parameters,
}

/// The lanes of a tile whose candidates are older than tmin and exceed their trigger
/// y* = ρE / ((1 − α)(β − r/F)²), as bits; and the least request of its candidates.
#[inline(always)]
pub fn convincing<S: Simd>(
    simd: S,
    requested: &Row,
    born: &Row,
    conviction: &Row,
    taken: u8,
    bar: &Bar,
) -> (u8, f64) {
    let p = bar.parameters;
    let requested = load(simd, requested);
    let headroom = f64x8::splat(simd, p.beta) - requested / bar.funds;
    let scale = f64x8::splat(simd, p.rho * bar.effective_supply);
    let trigger = scale / (headroom * headroom * (1.0 - p.alpha));
    let age = f64x8::splat(simd, bar.day) - load(simd, born);
    let convincing =
        headroom.simd_gt(0.0) & load(simd, conviction).simd_gt(trigger) & age.simd_gt(p.tmin);
    let taken = mask64x8::from_bitmask(simd, u64::from(taken));
    let no_less = f64x8::splat(simd, f64::NEG_INFINITY);
    let least = -most(taken.select(-requested, no_less));
    (bits(convincing & taken), least)
}

/// The rows of participants whose draw is below `rate` times their sentiment.
#[inline(always)]
pub fn acting<S: Simd>(
    simd: S,
    draws: &[f64],
    sentiments: &[f64],
    rate: f64,
    acting: &mut Vec<u32>,
) {
    acting.clear();
    let (rows, last) = draws.as_chunks::<LANES>();
    let (sentiment_rows, last_sentiments) = sentiments.as_chunks::<LANES>();
    for (place, (draws, sentiments)) in rows.iter().zip(sentiment_rows).enumerate() {
        let acts = load(simd, draws).simd_lt(load(simd, sentiments) * rate);
        let mut acts = bits(acts);
        while acts != 0 {
            acting.push((place * LANES) as u32 + acts.trailing_zeros());
            acts &= acts - 1;
        }
    }
    for (place, (draw, sentiment)) in last.iter().zip(last_sentiments).enumerate() {
        if *draw < sentiment * rate {
            acting.push((rows.len() * LANES + place) as u32);
        }
    }
}

/// Those who decide, and what they decide from.
pub struct Electorate<'a> {
    /// h of each participant.
    pub holdings: &'a [f64],
    /// Who sways each participant.
    pub swayed: &'a [Swayed],
    /// The influence edges.
    pub influences: &'a [Influence],
    /// a of each edge.
    pub affinities: &'a [Row],
    /// x of each edge.
    pub stakes: &'a [Row],
    /// Where the rows of participants are.
    pub tiling: Tiling,
}

/// How participants weigh what to support.
pub struct Weighing {
    /// How close to the favourite a proposal must be.
    pub sensitivity: f64,
    /// Least affinity at which a proposal is supported.
    pub lowest: f64,
    /// Whether stakes are split by the affinity alone, and not with the boost.
    pub raw: bool,
}

/// Lets everybody who acts decide: the weights by which its holdings will be split. They are where
/// affinity and boost together exceed the cutoff: the affinity (`raw`) or the sum, not below 0;
/// elsewhere 0.
#[inline(always)]
pub fn decide<S: Simd>(
    simd: S,
    electorate: &Electorate,
    weighing: &Weighing,
    decisions: &mut Decisions,
) {
    let Electorate {
        holdings,
        swayed,
        influences,
        affinities,
        stakes,
        tiling,
    } = *electorate;
    let Decisions {
        acting,
        weights,
        tokens,
    } = decisions;
    let zero = f64x8::splat(simd, 0.0);
    weights.resize(acting.len() * tiling.count, [0.0; LANES]);
    tokens.clear();
    for (place, &participant) in acting.iter().enumerate() {
        let participant = participant as usize;
        let mut favourite = f64x8::splat(simd, f64::NEG_INFINITY);
        for tile in 0..tiling.count {
            let affinity = load(simd, &affinities[tile * tiling.stride + participant]);
            favourite = greater(affinity, favourite);
        }
        let cutoff = pick(weighing.sensitivity * most(favourite), weighing.lowest);

        let weights = &mut weights[place * tiling.count..][..tiling.count];
        let swayed = swayed[participant];
        let scale = holdings[participant] * swayed.sum;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let mut sums = zero;
        for (tile, weights) in weights.iter_mut().enumerate() {
            let first = tile * tiling.stride;
            let mut boost = zero;
            let mut next = swayed.first;
            while next != NONE {
                let edge = &influences[next as usize];
                let stake = load(simd, &stakes[first + edge.influencer as usize]);
                boost += stake * edge.strength;
                next = edge.next;
            }
            let affinity = load(simd, &affinities[first + participant]);
            let boosted = affinity + boost * inverse;
            let weight = if weighing.raw {
                affinity
            } else {
                greater(boosted, zero)
            };
            let weight = boosted.simd_gt(cutoff).select(weight, zero);
            weight.store_array(weights);
            sums += weight;
        }
        tokens.push(holdings[participant] / sum(sums));
    }
}

/// The stakes of everybody, with their sums.
pub struct Stakes<'a> {
    /// x of each edge.
    pub stakes: &'a mut [Row],
    /// Σ_i x_ij of each seat.
    pub sums: &'a mut [Row],
    /// Where the rows of participants are.
    pub tiling: Tiling,
}

impl Stakes<'_> {
    /// Sets a participant's stakes to what weights come to. Returns whether one is negative.
    #[inline(always)]
    fn split<S: Simd>(
        &mut self,
        simd: S,
        participant: usize,
        weights: &[Row],
        tokens_per_weight: f64,
    ) -> bool {
        let zero = f64x8::splat(simd, 0.0);
        let mut negative = mask64x8::splat(simd, false);
        let sums = &mut self.sums[..weights.len()];
        for (tile, (weights, sums)) in weights.iter().zip(sums).enumerate() {
            let stakes = &mut self.stakes[tile * self.tiling.stride + participant];
            let weight = load(simd, weights);
            // A weight of 0 is no stake, whatever the sum.
            let moved = weight
                .simd_eq(zero)
                .select(zero, weight * tokens_per_weight);
            (load(simd, sums) + (moved - load(simd, stakes))).store_array(sums);
            negative |= moved.simd_lt(zero);
            moved.store_array(stakes);
        }
        bits(negative) != 0
    }
}

/// Splits the holdings of everybody who acts as decided; marks whose stakes will change again.
#[inline(always)]
pub fn split_acting<S: Simd>(
    simd: S,
    stakes: &mut Stakes,
    decisions: &Decisions,
    restake: &mut [bool],
) {
    let count = stakes.tiling.count;
    let each = decisions.acting.iter().zip(&decisions.tokens);
    for (place, (&participant, &tokens_per_weight)) in each.enumerate() {
        let weights = &decisions.weights[place * count..][..count];
        let participant = participant as usize;
        // Negative stakes are no support on an idle day, so the split will change then.
        restake[participant] = stakes.split(simd, participant, weights, tokens_per_weight);
    }
}

/// Splits the holdings of the idle participants that are marked over what they have staked on, by
/// the affinity (`raw`) or the stake itself. `weights` has room for a row per tile.
#[inline(always)]
pub fn split_idle<S: Simd>(
    simd: S,
    stakes: &mut Stakes,
    affinities: &[Row],
    restake: &mut [bool],
    holdings: &[f64],
    raw: bool,
    weights: &mut [Row],
) {
    let zero = f64x8::splat(simd, 0.0);
    for (participant, restake) in restake.iter_mut().enumerate() {
        if !*restake {
            continue;
        }
        let mut sums = zero;
        for (tile, weights) in weights.iter_mut().enumerate() {
            let at = tile * stakes.tiling.stride + participant;
            let stake = load(simd, &stakes.stakes[at]);
            let weight = if raw {
                load(simd, &affinities[at])
            } else {
                stake
            };
            let weight = stake.simd_gt(zero).select(weight, zero);
            weight.store_array(weights);
            sums += weight;
        }
        let tokens_per_weight = holdings[participant] / sum(sums);
        *restake = stakes.split(simd, participant, weights, tokens_per_weight);
    }
}
