//! The loops over edges and seats, on bare slices. A row of a tile is eight neighbouring numbers, so
//! every loop here runs over vectors of eight: no horizontal steps, and the same sums in the same
//! order on every machine.
//!
//! Each is written once, for vectors of any machine, and compiled for several; whoever calls chooses
//! with `dispatch!`. None contracts a product and a sum, so results are the same on all. What they
//! call must be inlined into them, or it would be compiled for the narrowest: no closures, which
//! cannot be told to.

use super::components::{Influence, NONE, Swayed, VACANT};
use super::ranks::Ranks;
use super::tiles::{LANES, Tiling};
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

/// The greatest number below a value, and the least that is not, among rows of numbers.
#[inline(always)]
pub fn neighbours<S: Simd>(simd: S, rows: &[Row], value: f64) -> (f64, f64) {
    let infinity = f64x8::splat(simd, f64::INFINITY);
    let (mut low, mut high) = (-infinity, -infinity);
    for row in rows {
        let numbers = load(simd, row);
        let below = numbers.simd_lt(value);
        low = greater(below.select(numbers, -infinity), low);
        high = greater(below.select(-infinity, -numbers), high);
    }
    (most(low), -most(high))
}

/// Gives a lane (every eighth of `edges`, from the first) an affinity of each participant, and counts
/// them in.
#[inline(always)]
pub fn fill_lane<S: Simd>(simd: S, edges: &mut [f64], affinities: &[f64], ranks: &mut Ranks) {
    let cuts = load(simd, &Ranks::CUTS);
    let mut below = i64x8::load_array_ref(simd, &ranks.below);
    for (edge, &affinity) in edges.iter_mut().step_by(LANES).zip(affinities) {
        *edge = affinity;
        // A mask is −1 where it holds.
        below -= cuts.simd_gt(affinity).to_vector();
    }
    below.store_array(&mut ranks.below);
}

/// Clears a lane (every eighth of `affinities` and `stakes`, from the first), marks who had staked
/// there, and counts the affinities out.
#[inline(always)]
pub fn clear_lane<S: Simd>(
    simd: S,
    affinities: &mut [f64],
    stakes: &mut [f64],
    restake: &mut [bool],
    ranks: &mut Ranks,
) {
    let cuts = load(simd, &Ranks::CUTS);
    let mut below = i64x8::load_array_ref(simd, &ranks.below);
    let affinities = affinities.iter_mut().step_by(LANES);
    let stakes = stakes.iter_mut().step_by(LANES);
    for ((affinity, stake), restake) in affinities.zip(stakes).zip(restake) {
        below += cuts.simd_gt(*affinity).to_vector();
        *restake |= *stake != 0.0;
        *affinity = VACANT;
        *stake = 0.0;
    }
    below.store_array(&mut ranks.below);
}

/// The lanes of a row that lie below a value.
#[inline(always)]
pub fn below<S: Simd>(simd: S, row: &Row, value: f64) -> u8 {
    bits(load(simd, row).simd_lt(value))
}

/// One day: y ← gain · x + kept · y, for rows of stakes and convictions.
#[inline(always)]
pub fn accrue<S: Simd>(simd: S, stakes: &[Row], convictions: &mut [Row], (gain, kept): (f64, f64)) {
    for (x, y) in stakes.iter().zip(convictions) {
        (load(simd, x) * gain + load(simd, y) * kept).store_array(y);
    }
}

/// What a candidate must exceed to be paid.
#[derive(Clone, Copy)]
pub struct Bar {
    /// The day.
    pub day: f64,
    /// Days; a candidate must be older.
    pub tmin: f64,
    /// F, Honey.
    pub funds: f64,
    /// β.
    pub beta: f64,
    /// ρE, Honey.
    pub scale: f64,
    /// 1 − α.
    pub lost: f64,
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
    let requested = load(simd, requested);
    let headroom = f64x8::splat(simd, bar.beta) - requested / bar.funds;
    let trigger = f64x8::splat(simd, bar.scale) / (headroom * headroom * bar.lost);
    let age = f64x8::splat(simd, bar.day) - load(simd, born);
    let convincing =
        headroom.simd_gt(0.0) & load(simd, conviction).simd_gt(trigger) & age.simd_gt(bar.tmin);
    let taken = mask64x8::from_bitmask(simd, u64::from(taken));
    let no_less = f64x8::splat(simd, f64::NEG_INFINITY);
    let least = -most(taken.select(-requested, no_less));
    (bits(convincing & taken), least)
}

/// Those who decide, and what they decide from.
pub struct Electorate<'a> {
    /// h of each participant.
    pub holdings: &'a [f64],
    /// Its own sentiment.
    pub sentiments: &'a [f64],
    /// Who sways it.
    pub swayed: &'a [Swayed],
    /// The influence edges.
    pub influences: &'a [Influence],
    /// a of each edge.
    pub affinities: &'a [Row],
    /// Where the rows of participants are.
    pub tiling: Tiling,
}

/// The stakes of everybody, with their sums.
pub struct Stakes<'a> {
    /// x of each edge.
    pub stakes: &'a mut [Row],
    /// Σ_i x_ij of each seat.
    pub sums: &'a mut [Row],
    /// Whose stakes no longer match what it supports.
    pub restake: &'a mut [bool],
}

/// How participants weigh what to support.
pub struct Weighing {
    /// The chance to act on a day at full sentiment.
    pub engagement: f64,
    /// How close to the favourite a proposal must be.
    pub sensitivity: f64,
    /// Least affinity at which a proposal is supported.
    pub lowest: f64,
    /// Whether stakes are split by the affinity alone, and not with the boost.
    pub raw: bool,
}

/// What was decided today, before any stake moves.
#[derive(Default)]
pub struct Decisions {
    /// Rows of the participants who act, in order.
    pub acting: Vec<u32>,
    /// For each of them, a row of weights per tile.
    pub weights: Vec<Row>,
    /// For each of them, tokens per weight: its holdings over the sum of its weights.
    tokens: Vec<f64>,
}

/// Finds the participants whose draw is below `rate` times their sentiment.
#[inline(always)]
fn acting<S: Simd>(simd: S, draws: &[f64], sentiments: &[f64], rate: f64, acting: &mut Vec<u32>) {
    acting.clear();
    let (rows, last) = draws.as_chunks::<LANES>();
    let (sentiment_rows, last_sentiments) = sentiments.as_chunks::<LANES>();
    for (place, (draws, sentiments)) in rows.iter().zip(sentiment_rows).enumerate() {
        let mut acts = bits(load(simd, draws).simd_lt(load(simd, sentiments) * rate));
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

/// Finds who acts, and lets each decide: the weights by which its holdings will be split. They are
/// where affinity and boost together exceed the cutoff: the affinity (`raw`) or the sum, not below
/// 0; elsewhere 0.
#[inline(always)]
pub fn decide<S: Simd>(
    simd: S,
    electorate: &Electorate,
    stakes: &Stakes,
    weighing: &Weighing,
    draws: &[f64],
    decisions: &mut Decisions,
) {
    let Electorate {
        holdings,
        sentiments,
        swayed,
        influences,
        affinities,
        tiling,
    } = *electorate;
    acting(
        simd,
        draws,
        sentiments,
        weighing.engagement,
        &mut decisions.acting,
    );
    let Decisions {
        acting,
        weights,
        tokens,
    } = decisions;
    let zero = f64x8::splat(simd, 0.0);
    weights.resize(acting.len() * tiling.count, [0.0; LANES]);
    tokens.clear();
    for (&participant, weights) in acting
        .iter()
        .zip(weights.chunks_exact_mut(tiling.count.max(1)))
    {
        let participant = participant as usize;
        let mut favourite = f64x8::splat(simd, f64::NEG_INFINITY);
        for (tile, boost) in weights.iter_mut().enumerate() {
            let affinity = load(simd, &affinities[tile * tiling.stride + participant]);
            favourite = greater(affinity, favourite);
            *boost = [0.0; LANES];
        }
        let cutoff = pick(weighing.sensitivity * most(favourite), weighing.lowest);

        // Boosts first, from which the weights are made in place.
        let swayed = swayed[participant];
        let scale = holdings[participant] * swayed.sum;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let mut next = swayed.first;
        while next != NONE {
            let edge = &influences[next as usize];
            for (tile, boost) in weights.iter_mut().enumerate() {
                let stake = &stakes.stakes[tile * tiling.stride + edge.influencer as usize];
                (load(simd, boost) + load(simd, stake) * edge.strength).store_array(boost);
            }
            next = edge.next;
        }
        let mut sums = zero;
        for (tile, weights) in weights.iter_mut().enumerate() {
            let affinity = load(simd, &affinities[tile * tiling.stride + participant]);
            let boosted = affinity + load(simd, weights) * inverse;
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

impl Stakes<'_> {
    /// Sets a participant's stakes to what weights come to, and marks it if one is negative:
    /// negative stakes are no support on an idle day, so the split will change then.
    #[inline(always)]
    fn split<S: Simd>(
        &mut self,
        simd: S,
        tiling: Tiling,
        participant: usize,
        weights: &[Row],
        tokens_per_weight: f64,
    ) {
        let zero = f64x8::splat(simd, 0.0);
        let mut negative = mask64x8::splat(simd, false);
        let sums = &mut self.sums[..weights.len()];
        for (tile, (weights, sums)) in weights.iter().zip(sums).enumerate() {
            let stakes = &mut self.stakes[tile * tiling.stride + participant];
            let weight = load(simd, weights);
            // A weight of 0 is no stake, whatever the sum.
            let moved = weight
                .simd_eq(zero)
                .select(zero, weight * tokens_per_weight);
            (load(simd, sums) + (moved - load(simd, stakes))).store_array(sums);
            negative |= moved.simd_lt(zero);
            moved.store_array(stakes);
        }
        self.restake[participant] = bits(negative) != 0;
    }
}

/// Splits the holdings of everybody who acts as decided.
#[inline(always)]
pub fn split_acting<S: Simd>(
    simd: S,
    electorate: &Electorate,
    stakes: &mut Stakes,
    decisions: &Decisions,
) {
    let tiling = electorate.tiling;
    let each = decisions.acting.iter().zip(&decisions.tokens);
    for ((&participant, &tokens), weights) in
        each.zip(decisions.weights.chunks_exact(tiling.count.max(1)))
    {
        stakes.split(simd, tiling, participant as usize, weights, tokens);
    }
}

/// Splits the holdings of the idle participants that are marked over what they have staked on, by
/// the affinity (`raw`) or the stake itself.
#[inline(always)]
pub fn split_idle<S: Simd>(
    simd: S,
    electorate: &Electorate,
    stakes: &mut Stakes,
    weighing: &Weighing,
    decisions: &Decisions,
    weights: &mut Vec<Row>,
) {
    let tiling = electorate.tiling;
    let zero = f64x8::splat(simd, 0.0);
    weights.resize(tiling.count, [0.0; LANES]);
    for &participant in &decisions.acting {
        stakes.restake[participant as usize] = false;
    }
    for participant in 0..electorate.holdings.len() {
        if !stakes.restake[participant] {
            continue;
        }
        let mut sums = zero;
        for (tile, weights) in weights.iter_mut().enumerate() {
            let at = tile * tiling.stride + participant;
            let stake = load(simd, &stakes.stakes[at]);
            let weight = if weighing.raw {
                load(simd, &electorate.affinities[at])
            } else {
                stake
            };
            let weight = stake.simd_gt(zero).select(weight, zero);
            weight.store_array(weights);
            sums += weight;
        }
        let tokens = electorate.holdings[participant] / sum(sums);
        stakes.split(simd, tiling, participant, weights, tokens);
    }
}
