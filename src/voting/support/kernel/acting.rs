//! Decisions of participants, and moves of stakes.
//!
//! Each kernel processes all participants whose stakes move, a block of eights at a time.

use super::affinities::Affinities;
use super::chosen::{WORD, find_chosen, valid_mask, write_places};
use super::{Eight, bits, lane_max, load, select_max, sum};
use crate::engine::{LANES, PerRun};
use crate::voting::chance::NONE;
use crate::voting::influence::{Influence, Swayed};
use crate::voting::support::grow_to;
use crate::voting::support::layout::BLOCK;
use bevy_ecs::component::Component;
use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

/// Participants who decide, and the data of their decisions.
pub struct Electorate<'a> {
    /// h of each participant.
    pub holdings: &'a [f64],
    /// Own sentiment of each participant.
    pub sentiments: &'a [f64],
    /// Influencers of each participant.
    pub swayed: &'a [Swayed],
    /// Influence edges.
    pub influences: &'a [Influence],
    /// Row of the next influence edge in a participant's list.
    pub later: &'a [u32],
    /// a of each edge.
    pub affinities: Affinities<'a>,
    /// x of each edge, before any stake moves: block by block, participant by participant.
    pub stakes: &'a [[Eight; BLOCK]],
    /// Participants that each block has room for.
    pub people: usize,
    /// Marks of participants whose stakes no longer match their support.
    pub restake: &'a [bool],
    /// Settings of their decisions.
    pub weighing: Weighing,
}

impl Electorate<'_> {
    /// Eights in use.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.affinities.count()
    }
}

/// Settings of decisions.
pub struct Weighing {
    /// Chance to act on a day at full sentiment.
    pub engagement: f64,
    /// Share of the favourite's affinity that a proposal must exceed.
    pub sensitivity: f64,
    /// Minimum affinity at which a proposal is supported.
    pub lowest: f64,
    /// True if stakes are split by affinity alone, without the boost.
    pub raw: bool,
    /// True if the idle split their stakes again when these no longer match their support.
    pub idle_move: bool,
}

/// Stakes of all participants, with their sums.
pub struct Stakes<'a> {
    /// x of each edge: block by block, participant by participant.
    pub stakes: &'a mut [[Eight; BLOCK]],
    /// Participants that each block has room for.
    pub people: usize,
    /// Σ_i x_ij of each seat.
    pub sums: &'a mut [Eight],
    /// Marks of participants whose stakes no longer match their support.
    pub restake: &'a mut [bool],
}

impl Stakes<'_> {
    /// Returns the stakes of a participant in the block that begins at an eight.
    #[inline]
    pub fn block(&self, first: usize, participant: usize) -> &[Eight; BLOCK] {
        &self.stakes[first / BLOCK * self.people + participant]
    }

    /// Changes the stake of a participant on a seat, and the sum of the seat by as much.
    #[inline]
    pub fn set(&mut self, participant: usize, seat: usize, after: f64) {
        let (eight, lane) = (seat / LANES, seat % LANES);
        let block = &mut self.stakes[eight / BLOCK * self.people + participant];
        let stake = &mut block[eight % BLOCK][lane];
        self.sums[eight][lane] += after - *stake;
        *stake = after;
    }
}

/// Decisions of a run's participants today, before any stake moves: a component of each run, which a system of
/// [`Day::Revise`](crate::voting::Day::Revise) may change. Buffers beyond the valid entries hold old values.
#[derive(Component, Default)]
pub struct Decisions {
    /// Participants who act, and idle ones whose stakes move, one bit each.
    acting: Vec<u64>,
    marked: Vec<u64>,
    /// Number of participants whose stakes move, and of the idle among them, who come first.
    movers: usize,
    idle: usize,
    /// Eights in use.
    count: usize,
    /// Rows of these participants.
    moving: Vec<u32>,
    /// Affinity of each acting participant for the favourite, if there is more than one block.
    favourites: Vec<f64>,
    /// Rows of weights per eight: block by block, and in each mover by mover.
    weights: Vec<Eight>,
    /// Sum of each mover's weights by lane, if there is more than one block.
    sums: Vec<Eight>,
    /// Tokens per weight of each mover: holdings over the sum of weights.
    tokens: Vec<f64>,
    /// True if weights may be negative.
    signed: bool,
    /// Changes since the decisions.
    revised: Revised,
}

/// Changes of decisions, and the weights of one participant by seat.
#[derive(Default)]
struct Revised {
    any: bool,
    fault: Option<InvalidDecision>,
    before: Vec<Eight>,
    after: Vec<Eight>,
}

/// Participant whose stakes move today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mover {
    /// Row of the participant.
    pub participant: usize,
    /// False if the participant is idle, and splits the same stakes again (rule `idle_stake` v3).
    pub acts: bool,
}

/// Decision that no stakes can follow.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InvalidDecision {
    /// A weight is not a number, too small or too large, or negative without the rule that permits it.
    #[error(
        "a feature gives participant {participant} the weight {weight} on seat {seat}; expected 0 or a size from \
         1e-100 to 1e100, negative only under rule stake_weight = \"v3\""
    )]
    Weight {
        /// Row of the participant.
        participant: usize,
        /// Seat of the candidate.
        seat: usize,
        /// Weight.
        weight: f64,
    },
    /// Weights of both signs cancel each other.
    #[error(
        "a feature gives participant {participant} weights that add up to 0; expected another sum"
    )]
    Sum {
        /// Row of the participant.
        participant: usize,
    },
}

/// Least size of a weight other than 0, and reciprocal of the greatest: tokens per weight remain finite.
const LEAST_WEIGHT: f64 = 1e-100;

impl PerRun for Decisions {
    /// Forgets all decisions, and keeps the memory.
    fn begin(&mut self) {
        (self.movers, self.idle, self.count) = (0, 0, 0);
        (self.revised.any, self.revised.fault) = (false, None);
    }
}

/// Returns the bits of eight truth values.
#[inline(always)]
fn packed(truths: &[bool; LANES]) -> u64 {
    // The product gathers the lowest bits of eight bytes in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    u64::from_le_bytes(truths.map(u8::from)).wrapping_mul(GATHER) >> 56
}

impl Decisions {
    /// Returns the rows of participants whose stakes move: first the idle, then those who act.
    pub fn moving(&self) -> &[u32] {
        &self.moving[..self.movers]
    }

    /// Returns the number of eights in use.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the rows of participants who act.
    pub fn acting(&self) -> &[u32] {
        &self.moving[self.idle..self.movers]
    }

    /// Finds the participants who act, whose draw is below the rate of engagement times their sentiment, and the idle
    /// ones whose stakes move. Rows beyond the last participant are required, up to complete vectors.
    #[inline(always)]
    fn find_moving<S: Simd>(&mut self, simd: S, electorate: &Electorate, draws: &[f64]) {
        let (people, weighing) = (electorate.holdings.len(), &electorate.weighing);
        let words = people.div_ceil(WORD);
        let acting = grow_to(&mut self.acting, words);
        let idle = grow_to(&mut self.marked, words);
        let (sentiments, rate) = (electorate.sentiments, weighing.engagement);
        find_chosen(simd, draws, sentiments, rate, people, acting);
        if weighing.idle_move {
            let restake = electorate.restake.as_chunks().0.chunks(WORD / LANES);
            for (word, ((idle, acting), restake)) in
                idle.iter_mut().zip(&*acting).zip(restake).enumerate()
            {
                let mut marked = 0;
                for (place, restake) in restake.iter().enumerate() {
                    marked |= packed(restake) << (place * LANES);
                }
                *idle = marked & !acting & valid_mask(word, people);
            }
        } else {
            idle.fill(0);
        }
        let moving = grow_to(&mut self.moving, people);
        self.idle = write_places(moving, 0, idle);
        self.movers = write_places(moving, self.idle, acting);
    }

    /// Finds the seats on which movers have a weight or a stake: a bit of each, mover by mover, in a byte per eight.
    #[inline(always)]
    pub fn find_touched<S: Simd>(&self, simd: S, stakes: &Stakes, touched: &mut Vec<u8>) {
        let (zero, count) = (f64x8::splat(simd, 0.0), self.count);
        let touched = grow_to(touched, self.movers * count);
        let mut first = 0;
        while first < count {
            let eights = BLOCK.min(count - first);
            let weights = &self.weights[first * self.movers..];
            let block = &stakes.stakes[first / BLOCK * stakes.people..];
            for (mover, &participant) in self.moving().iter().enumerate() {
                let weights = &weights[mover * eights..][..eights];
                let touched = &mut touched[mover * count + first..][..eights];
                let staked = &block[participant as usize];
                for ((touched, weight), stake) in touched.iter_mut().zip(weights).zip(staked) {
                    let none = load(simd, weight).simd_eq(zero) & load(simd, stake).simd_eq(zero);
                    *touched = !bits(none);
                }
            }
            first += BLOCK;
        }
    }

    /// Returns the place of a mover's weights in an eight.
    #[inline(always)]
    fn place(&self, mover: usize, eight: usize) -> usize {
        let first = eight / BLOCK * BLOCK;
        let eights = BLOCK.min(self.count - first);
        first * self.movers + mover * eights + eight - first
    }

    /// Returns the weights of a mover, block by block: the first eight of each, and a row for each of its eights in use.
    #[inline]
    pub fn blocks_of(&self, mover: usize) -> impl Iterator<Item = (usize, &[Eight])> {
        (0..self.count).step_by(BLOCK).map(move |first| {
            let eights = BLOCK.min(self.count - first);
            let rows = &self.weights[first * self.movers + mover * eights..];
            (first, &rows[..eights])
        })
    }

    /// Returns the rows of weights of a mover, one for each eight in use.
    pub fn weights_of(&self, mover: usize) -> impl Iterator<Item = &Eight> {
        (0..self.count).map(move |eight| &self.weights[self.place(mover, eight)])
    }

    /// Calls `revise` for each participant whose stakes move today, with their weights by seat
    /// ([`Layout::edge`](super::super::Layout::edge) finds the edge of a seat). Votes are split in proportion to
    /// these weights, which `revise` may change; those on vacant seats do not count. If all are 0, the participant
    /// withdraws every stake. An invalid weight fails the run.
    pub fn revise(&mut self, mut revise: impl FnMut(Mover, &mut [f64])) {
        let mut revised = std::mem::take(&mut self.revised);
        for mover in 0..self.movers {
            let participant = self.moving[mover] as usize;
            revised.before.clear();
            revised.before.extend(self.weights_of(mover));
            revised.after.clone_from(&revised.before);
            let of = Mover {
                participant,
                acts: mover >= self.idle,
            };
            revise(of, revised.after.as_flattened_mut());
            let both = revised.before.iter().zip(&revised.after).enumerate();
            for (eight, (before, after)) in both {
                let place = self.place(mover, eight);
                self.weights[place] = *after;
                for (lane, (&before, &weight)) in before.iter().zip(after).enumerate() {
                    if before.to_bits() == weight.to_bits() {
                        continue;
                    }
                    revised.any = true;
                    if !self.is_valid(weight) {
                        revised.fault.get_or_insert(InvalidDecision::Weight {
                            participant,
                            seat: eight * LANES + lane,
                            weight,
                        });
                    }
                }
            }
        }
        self.revised = revised;
    }

    fn is_valid(&self, weight: f64) -> bool {
        let size = if self.signed { weight.abs() } else { weight };
        size == 0.0 || (LEAST_WEIGHT..=1.0 / LEAST_WEIGHT).contains(&size)
    }

    /// Adds up weights that a feature has changed, without those on vacant seats, whose `vacancy` is −∞.
    ///
    /// # Errors
    /// When a feature has set an invalid weight, or weights that cancel each other.
    #[inline(always)]
    pub fn settle<S: Simd>(
        &mut self,
        simd: S,
        holdings: &[f64],
        vacancy: &[Eight],
    ) -> Result<(), InvalidDecision> {
        if let Some(fault) = self.revised.fault {
            return Err(fault);
        }
        if !self.revised.any {
            return Ok(());
        }
        let zero = f64x8::splat(simd, 0.0);
        for mover in 0..self.movers {
            let (mut lanes, mut weighs) = (zero, false);
            for (eight, vacancy) in vacancy[..self.count].iter().enumerate() {
                let place = self.place(mover, eight);
                let weight = load(simd, &self.weights[place]);
                let weight = load(simd, vacancy).simd_eq(zero).select(weight, zero);
                weight.store_array(&mut self.weights[place]);
                lanes += weight;
                weighs |= bits(weight.simd_eq(zero)) != u8::MAX;
            }
            let (participant, sum) = (self.moving[mover] as usize, sum(lanes));
            if weighs && sum == 0.0 {
                return Err(InvalidDecision::Sum { participant });
            }
            self.tokens[mover] = holdings[participant] / sum;
        }
        Ok(())
    }
}

/// Finds the participants who act, and computes the weights by which they split their votes. Where affinity and boost
/// together exceed the cutoff, a weight is the affinity (`raw`), or their sum but at least 0; elsewhere it is 0. If the
/// idle move, it also finds the marked ones. Where these have stakes, their weights are the affinity (`raw`) or the
/// stake; elsewhere 0.
#[inline(always)]
pub fn decide<S: Simd>(simd: S, electorate: &Electorate, draws: &[f64], decisions: &mut Decisions) {
    decisions.find_moving(simd, electorate, draws);
    let count = electorate.count();
    decisions.count = count;
    decisions.signed = electorate.weighing.raw;
    (decisions.revised.any, decisions.revised.fault) = (false, None);
    let (idle, movers) = (decisions.idle, decisions.movers);
    let moving = &decisions.moving[..movers];
    let favourites = grow_to(&mut decisions.favourites, movers - idle);
    if count > BLOCK {
        favourites.fill(f64::NEG_INFINITY);
        let acting = &moving[idle..];
        by_blocks!(count, simd, find_favourites(electorate, acting, favourites));
    }
    let mut weighed = Weighed {
        moving,
        idle,
        weights: grow_to(&mut decisions.weights, movers * count),
        sums: grow_to(&mut decisions.sums, movers),
        tokens: grow_to(&mut decisions.tokens, movers),
    };
    by_blocks!(count, simd, weigh(electorate, favourites, &mut weighed));
}

/// Finds the highest affinity of each acting participant in some eights.
#[inline(always)]
fn find_favourites<S: Simd, const EIGHTS: usize>(
    simd: S,
    first: usize,
    electorate: &Electorate,
    acting: &[u32],
    favourites: &mut [f64],
) {
    let affinities = electorate.affinities.block::<S, EIGHTS>(simd, first);
    for (&participant, favourite) in acting.iter().zip(favourites) {
        let highest = highest(affinities.of(participant as usize));
        *favourite = select_max(highest, *favourite);
    }
}

/// Returns the highest of a participant's affinities in some eights.
#[inline(always)]
fn highest<S: Simd, const EIGHTS: usize>(affinities: [f64x8<S>; EIGHTS]) -> f64 {
    let mut highest = affinities[0];
    for affinity in affinities {
        highest = affinity.max(highest);
    }
    lane_max(highest)
}

/// Results of weighing.
struct Weighed<'a> {
    moving: &'a [u32],
    idle: usize,
    weights: &'a mut [Eight],
    sums: &'a mut [Eight],
    tokens: &'a mut [f64],
}

/// Computes the weights of all participants whose stakes move in some eights, and adds them up.
#[inline(always)]
fn weigh<S: Simd, const EIGHTS: usize>(
    simd: S,
    first: usize,
    electorate: &Electorate,
    favourites: &[f64],
    weighed: &mut Weighed,
) {
    let (zero, weighing) = (f64x8::splat(simd, 0.0), &electorate.weighing);
    let count = electorate.count();
    let stakes = &electorate.stakes[first / BLOCK * electorate.people..];
    let movers = weighed.moving.len();
    let affinities = electorate.affinities.block::<S, EIGHTS>(simd, first);
    let block = &mut weighed.weights[first * movers..];
    let block = &mut block.as_chunks_mut::<EIGHTS>().0[..movers];
    let (idle, acting) = weighed.moving.split_at(weighed.idle);
    let (idle_weights, weights) = block.split_at_mut(weighed.idle);
    let (idle_sums, sums) = weighed.sums.split_at_mut(weighed.idle);
    let (idle_tokens, tokens) = weighed.tokens.split_at_mut(weighed.idle);

    let found = idle_weights.iter_mut().zip(idle_sums).zip(idle_tokens);
    for (&participant, ((weights, sums), tokens)) in idle.iter().zip(found) {
        let participant = participant as usize;
        let staked = &stakes[participant];
        let affinities = affinities.of(participant);
        let mut sum = if first == 0 { zero } else { load(simd, sums) };
        for eight in 0..EIGHTS {
            let stake = load(simd, &staked[eight]);
            let weight = if weighing.raw {
                affinities[eight]
            } else {
                stake
            };
            let weight = stake.simd_gt(zero).select(weight, zero);
            weight.store_array(&mut weights[eight]);
            sum += weight;
        }
        sum.store_array(sums);
        *tokens = electorate.holdings[participant] / self::sum(sum);
    }

    let found = weights.iter_mut().zip(sums).zip(tokens);
    for ((&participant, &favourite), ((weights, sums), tokens)) in
        acting.iter().zip(favourites).zip(found)
    {
        let participant = participant as usize;
        let swayed = &electorate.swayed[participant];
        let mut boosts = [zero; EIGHTS];
        let neighbours = &electorate.influences[swayed.first as usize..][..swayed.count as usize];
        for edge in neighbours {
            boost(simd, stakes, edge, &mut boosts);
        }
        let mut next = swayed.later;
        while next != NONE {
            let edge = &electorate.influences[next as usize];
            boost(simd, stakes, edge, &mut boosts);
            next = electorate.later[next as usize];
        }
        let scale = electorate.holdings[participant] * swayed.sum;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let affinities = affinities.of(participant);
        let highest = highest(affinities);
        let favourite = if count > BLOCK {
            select_max(highest, favourite)
        } else {
            highest
        };
        let cutoff = select_max(weighing.sensitivity * favourite, weighing.lowest);
        let mut sum = if first == 0 { zero } else { load(simd, sums) };
        for eight in 0..EIGHTS {
            let boosted = affinities[eight] + boosts[eight] * inverse;
            let weight = if weighing.raw {
                affinities[eight]
            } else {
                boosted.max(zero)
            };
            let weight = boosted.simd_gt(cutoff).select(weight, zero);
            weight.store_array(&mut weights[eight]);
            sum += weight;
        }
        sum.store_array(sums);
        *tokens = electorate.holdings[participant] / self::sum(sum);
    }
}

/// Adds an influencer's stakes in some eights of a block to the boosts of the influenced participant.
#[inline(always)]
fn boost<S: Simd, const EIGHTS: usize>(
    simd: S,
    stakes: &[[Eight; BLOCK]],
    edge: &Influence,
    boosts: &mut [f64x8<S>; EIGHTS],
) {
    let staked = &stakes[edge.influencer as usize];
    for (boost, staked) in boosts.iter_mut().zip(staked) {
        *boost += load(simd, staked) * edge.strength;
    }
}

/// Splits the votes of all participants whose stakes move, as decided.
#[inline(always)]
pub fn split<S: Simd>(simd: S, stakes: &mut Stakes, decisions: &Decisions) {
    let count = decisions.count;
    if count == 0 {
        // Without candidates, no stakes remain.
        for &participant in decisions.moving() {
            stakes.restake[participant as usize] = false;
        }
    }
    by_blocks!(count, simd, split_eights(stakes, decisions));
}

/// Sets the stakes in some eights by the weights, and marks participants with a negative one. Negative stakes do not
/// count as support on an idle day, so the split will change then.
#[inline(always)]
fn split_eights<S: Simd, const EIGHTS: usize>(
    simd: S,
    first: usize,
    stakes: &mut Stakes,
    decisions: &Decisions,
) {
    let zero = f64x8::splat(simd, 0.0);
    let sums = &mut stakes.sums[first..first + EIGHTS];
    let block = &mut stakes.stakes[first / BLOCK * stakes.people..];
    let mut kept = [zero; EIGHTS];
    for eight in 0..EIGHTS {
        kept[eight] = load(simd, &sums[eight]);
    }
    let (moving, tokens) = (decisions.moving(), &decisions.tokens);
    let weights = decisions.weights[first * moving.len()..]
        .as_chunks::<EIGHTS>()
        .0;
    for ((&participant, weights), &tokens_per_weight) in moving.iter().zip(weights).zip(tokens) {
        let participant = participant as usize;
        let staked = &mut block[participant];
        let mut negative = mask64x8::splat(simd, false);
        for eight in 0..EIGHTS {
            let weight = load(simd, &weights[eight]);
            // A weight of 0 gives no stake, even if the sum is 0.
            let moved = weight
                .simd_eq(zero)
                .select(zero, weight * tokens_per_weight);
            kept[eight] += moved - load(simd, &staked[eight]);
            negative |= moved.simd_lt(zero);
            moved.store_array(&mut staked[eight]);
        }
        stakes.restake[participant] =
            first > 0 && stakes.restake[participant] || bits(negative) != 0;
    }
    for eight in 0..EIGHTS {
        kept[eight].store_array(&mut sums[eight]);
    }
}
