//! The loops over edges and seats, on bare slices. A row of a tile is eight neighbouring numbers, so
//! every loop here runs over vectors of eight: no horizontal steps, and the same sums in the same
//! order on every machine.
//!
//! Each is written once, for vectors of any machine, and compiled for several; whoever calls chooses
//! with `dispatch!`. None contracts a product and a sum, so results are the same on all. What they
//! call must be inlined into them, or it would be compiled for the narrowest: no closures, which
//! cannot be told to.

use super::components::{Influence, Swayed};
use super::ranks::Ranks;
use super::tiles::LANES;
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
    let (low, high) = row.split();
    let (low, high) = (low + high).split();
    let [low, high] = (low + high).to_array();
    low + high
}

/// The greatest lane.
#[inline(always)]
fn most<S: Simd>(row: f64x8<S>) -> f64 {
    let (low, high) = row.split();
    let (low, high) = low.max(high).split();
    let [low, high] = low.max(high).to_array();
    pick(low, high)
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
    fn load<S: Simd>(&self, simd: S, participant: usize, tile: usize) -> f64x8<S> {
        load(simd, &self.rows[participant * self.width + tile]) + load(simd, &self.vacancy[tile])
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
    for (edges, &affinity) in edges.chunks_mut(width).zip(affinities) {
        edges[0] = affinity;
        below -= cuts.simd_gt(affinity).to_vector();
    }
    Ranks {
        below: below.to_array(),
    }
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
    /// The most that can ever pass with F, Honey.
    pub most: f64,
    /// β.
    pub beta: f64,
    /// ρE, Honey.
    pub scale: f64,
    /// 1 − α.
    pub lost: f64,
}

/// Which lanes of a tile convince, and which could, as bits.
#[derive(Clone, Copy)]
pub struct Convincing {
    /// Those whose candidates are older than tmin and exceed their trigger
    /// y* = ρE / ((1 − α)(β − r/F)²).
    pub now: u8,
    /// Those that request less than the most that can ever pass.
    pub ever: u8,
}

/// Finds the lanes of a tile that convince, of those that are taken.
#[inline(always)]
pub fn convincing<S: Simd>(
    simd: S,
    requested: &Row,
    born: &Row,
    conviction: &Row,
    taken: u8,
    bar: &Bar,
) -> Convincing {
    /// More than roundings come to.
    const SLACK: f64 = 1e-9;
    let (requested, conviction) = (load(simd, requested), load(simd, conviction));
    let ever = bits(requested.simd_lt(bar.most)) & taken;
    // Divisions are slow, and mostly nobody is near: first without, and generously.
    let headroom = f64x8::splat(simd, bar.beta + SLACK) - requested * (1.0 / bar.funds);
    let reached = conviction * (headroom * headroom * (bar.lost * (1.0 + SLACK)));
    let near = headroom.simd_gt(0.0) & reached.simd_ge(bar.scale * (1.0 - SLACK));
    if bits(near) & taken == 0 {
        return Convincing { now: 0, ever };
    }
    let headroom = f64x8::splat(simd, bar.beta) - requested / bar.funds;
    let trigger = f64x8::splat(simd, bar.scale) / (headroom * headroom * bar.lost);
    let age = f64x8::splat(simd, bar.day) - load(simd, born);
    let convincing = headroom.simd_gt(0.0) & conviction.simd_gt(trigger) & age.simd_gt(bar.tmin);
    Convincing {
        now: bits(convincing) & taken,
        ever,
    }
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
    pub affinities: Affinities<'a>,
    /// How they weigh.
    pub weighing: Weighing,
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
    /// Whether stakes of the idle are split anew where they no longer match what they support.
    pub idle_move: bool,
}

/// What was decided today, before any stake moves.
#[derive(Default)]
pub struct Decisions {
    /// Who acts, and who of the idle moves, a bit each.
    acting: Vec<u64>,
    idle: Vec<u64>,
    /// Whose stakes move: rows of participants, first of the idle, then of those who act.
    pub moving: Vec<u32>,
    /// For each of them who acts, what it decides by.
    voters: Vec<Voter>,
    /// For each of them, a row of weights per tile in use.
    pub weights: Vec<Row>,
    /// For each of them, tokens per weight: its holdings over the sum of its weights.
    tokens: Vec<f64>,
}

/// A participant who acts.
struct Voter {
    /// 1 / (h Σ w), or 0 without influencers.
    inverse: f64,
    cutoff: f64,
}

/// Bits of eight truths.
#[inline(always)]
fn packed(truths: &[bool; LANES]) -> u64 {
    // The product gathers the lowest bits of eight bytes in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    u64::from_le_bytes(truths.map(u8::from)).wrapping_mul(GATHER) >> 56
}

/// Adds the places of the bits that are set.
#[inline(always)]
fn push_places(places: &mut Vec<u32>, words: &[u64]) {
    for (first, &word) in (0..).step_by(u64::BITS as usize).zip(words) {
        let mut bits = word;
        while bits != 0 {
            places.push(first + bits.trailing_zeros());
            bits &= bits - 1;
        }
    }
}

impl Decisions {
    /// Finds the participants who act, since their draw is below the rate of engagement times their
    /// sentiment, and of the idle those whose stakes move; says how many of the idle. Rows beyond the
    /// last participant must be there, up to whole vectors.
    #[inline(always)]
    fn find_moving<S: Simd>(
        &mut self,
        simd: S,
        electorate: &Electorate,
        draws: &[f64],
        restake: &[bool],
    ) -> usize {
        /// Vectors whose bits are found before any is looked at.
        const VECTORS: usize = u64::BITS as usize / LANES;
        let (people, weighing) = (electorate.holdings.len(), &electorate.weighing);
        let (draws, sentiments) = (draws.as_chunks().0, electorate.sentiments.as_chunks().0);
        let restake = restake.as_chunks().0;
        let vectors = people.div_ceil(LANES);
        self.idle.clear();
        self.acting.clear();
        for first in (0..vectors).step_by(VECTORS) {
            let (mut acts, mut marked) = (0, 0);
            for vector in first..vectors.min(first + VECTORS) {
                let shift = (vector - first) * LANES;
                let chances = load(simd, &sentiments[vector]) * weighing.engagement;
                let act = load(simd, &draws[vector]).simd_lt(chances);
                acts |= u64::from(bits(act)) << shift;
                if weighing.idle_move {
                    marked |= packed(&restake[vector]) << shift;
                }
            }
            let there = people - first * LANES;
            if there < u64::BITS as usize {
                acts &= (1 << there) - 1;
                marked &= (1 << there) - 1;
            }
            self.idle.push(marked & !acts);
            self.acting.push(acts);
        }
        self.moving.clear();
        push_places(&mut self.moving, &self.idle);
        let idle = self.moving.len();
        push_places(&mut self.moving, &self.acting);
        idle
    }
}

/// Tiles that are worked on at a time: as many as the registers of the widest vectors hold.
const BLOCK: usize = 4;

/// Calls a kernel for the tiles in use, block by block: `$kernel::<_, TILES>(first tile, …)`.
macro_rules! by_blocks {
    ($count:expr, $simd:ident, $kernel:ident($($argument:expr),*)) => {
        for first in (0..$count).step_by(BLOCK) {
            match $count - first {
                1 => $kernel::<_, 1>($simd, first, $($argument),*),
                2 => $kernel::<_, 2>($simd, first, $($argument),*),
                3 => $kernel::<_, 3>($simd, first, $($argument),*),
                _ => $kernel::<_, BLOCK>($simd, first, $($argument),*),
            }
        }
    };
}

/// Some neighbouring rows.
#[inline(always)]
fn rows<const TILES: usize>(rows: &[Row], first: usize) -> &[Row; TILES] {
    rows[first..].first_chunk().expect("rows of every tile")
}

/// Some neighbouring rows, to be written.
#[inline(always)]
fn rows_mut<const TILES: usize>(rows: &mut [Row], first: usize) -> &mut [Row; TILES] {
    rows[first..].first_chunk_mut().expect("rows of every tile")
}

/// Finds who acts, and lets each decide: the weights by which its holdings will be split. They are
/// where affinity and boost together exceed the cutoff: the affinity (`raw`) or the sum, not below
/// 0; elsewhere 0. Where the idle move, finds also those that are marked: the weights of what they
/// have staked on are the affinity (`raw`) or the stake itself.
#[inline(always)]
pub fn decide<S: Simd>(
    simd: S,
    electorate: &Electorate,
    stakes: &Stakes,
    draws: &[f64],
    decisions: &mut Decisions,
) {
    let idle = decisions.find_moving(simd, electorate, draws, stakes.restake);
    let (count, holdings) = (electorate.count(), electorate.holdings);
    let Decisions {
        moving,
        voters,
        weights,
        tokens,
        ..
    } = decisions;
    let acting = &moving[idle..];
    voters.clear();
    for &participant in acting {
        voters.push(electorate.voter(simd, participant as usize));
    }
    weights.resize((moving.len() * count).max(weights.len()), [0.0; LANES]);
    let (idle_weights, weights) = weights.split_at_mut(idle * count);
    tokens.clear();
    for (place, &participant) in moving[..idle].iter().enumerate() {
        let (participant, mut sums) = (participant as usize, f64x8::splat(simd, 0.0));
        let weights = &mut idle_weights[place * count..][..count];
        by_blocks!(
            count,
            simd,
            weigh_idle(electorate, stakes, participant, weights, &mut sums)
        );
        tokens.push(holdings[participant] / sum(sums));
    }
    for (place, (&participant, voter)) in acting.iter().zip(&*voters).enumerate() {
        let (participant, mut sums) = (participant as usize, f64x8::splat(simd, 0.0));
        let weights = &mut weights[place * count..][..count];
        by_blocks!(
            count,
            simd,
            weigh(electorate, stakes, (participant, voter), weights, &mut sums)
        );
        tokens.push(holdings[participant] / sum(sums));
    }
}

impl Electorate<'_> {
    /// Tiles in use.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.affinities.vacancy.len()
    }

    /// What a participant decides by.
    #[inline(always)]
    fn voter<S: Simd>(&self, simd: S, participant: usize) -> Voter {
        let mut favourite = f64x8::splat(simd, f64::NEG_INFINITY);
        for tile in 0..self.count() {
            let affinity = self.affinities.load(simd, participant, tile);
            favourite = affinity.max(favourite);
        }
        let scale = self.holdings[participant] * self.swayed[participant].sum;
        Voter {
            inverse: if scale > 0.0 { 1.0 / scale } else { 0.0 },
            cutoff: pick(
                self.weighing.sensitivity * most(favourite),
                self.weighing.lowest,
            ),
        }
    }
}

/// The weights of a participant who acts, in some tiles; adds them to `sums`.
#[inline(always)]
fn weigh<S: Simd, const TILES: usize>(
    simd: S,
    first: usize,
    electorate: &Electorate,
    stakes: &Stakes,
    (participant, voter): (usize, &Voter),
    weights: &mut [Row],
    sums: &mut f64x8<S>,
) {
    let zero = f64x8::splat(simd, 0.0);
    let width = electorate.affinities.width;
    let mut boosts = [zero; TILES];
    let swayed = &electorate.swayed[participant];
    let mut next = swayed.first;
    // Counting tells the end before the list has been followed to it.
    for _ in 0..swayed.count {
        let edge = &electorate.influences[next as usize];
        let stakes = rows::<TILES>(stakes.stakes, edge.influencer as usize * width + first);
        for tile in 0..TILES {
            boosts[tile] += load(simd, &stakes[tile]) * edge.strength;
        }
        next = edge.next;
    }
    let affinities = rows::<TILES>(electorate.affinities.rows, participant * width + first);
    let vacancy = rows::<TILES>(electorate.affinities.vacancy, first);
    let weights = rows_mut::<TILES>(weights, first);
    for tile in 0..TILES {
        let affinity = load(simd, &affinities[tile]) + load(simd, &vacancy[tile]);
        let boosted = affinity + boosts[tile] * voter.inverse;
        let weight = if electorate.weighing.raw {
            affinity
        } else {
            greater(boosted, zero)
        };
        let weight = boosted.simd_gt(voter.cutoff).select(weight, zero);
        weight.store_array(&mut weights[tile]);
        *sums += weight;
    }
}

/// The weights of an idle participant, in some tiles; adds them to `sums`.
#[inline(always)]
fn weigh_idle<S: Simd, const TILES: usize>(
    simd: S,
    first: usize,
    electorate: &Electorate,
    stakes: &Stakes,
    participant: usize,
    weights: &mut [Row],
    sums: &mut f64x8<S>,
) {
    let zero = f64x8::splat(simd, 0.0);
    let at = participant * electorate.affinities.width + first;
    let stakes = rows::<TILES>(stakes.stakes, at);
    let affinities = rows::<TILES>(electorate.affinities.rows, at);
    let weights = rows_mut::<TILES>(weights, first);
    for tile in 0..TILES {
        let stake = load(simd, &stakes[tile]);
        let weight = if electorate.weighing.raw {
            load(simd, &affinities[tile])
        } else {
            stake
        };
        let weight = stake.simd_gt(zero).select(weight, zero);
        weight.store_array(&mut weights[tile]);
        *sums += weight;
    }
}

/// Splits the holdings of everybody whose stakes move, as decided.
#[inline(always)]
pub fn split<S: Simd>(
    simd: S,
    electorate: &Electorate,
    stakes: &mut Stakes,
    decisions: &Decisions,
) {
    for &participant in &decisions.moving {
        stakes.restake[participant as usize] = false;
    }
    by_blocks!(
        electorate.count(),
        simd,
        split_tiles(electorate, stakes, decisions)
    );
}

/// Sets the stakes in some tiles to what the weights come to, and marks who has a negative one:
/// negative stakes are no support on an idle day, so the split will change then.
#[inline(always)]
fn split_tiles<S: Simd, const TILES: usize>(
    simd: S,
    first: usize,
    electorate: &Electorate,
    stakes: &mut Stakes,
    decisions: &Decisions,
) {
    let zero = f64x8::splat(simd, 0.0);
    let (width, count) = (electorate.affinities.width, electorate.count());
    let sums = rows_mut::<TILES>(stakes.sums, first);
    let mut kept = [zero; TILES];
    for tile in 0..TILES {
        kept[tile] = load(simd, &sums[tile]);
    }
    let each = decisions.moving.iter().zip(&decisions.tokens);
    for (place, (&participant, &tokens_per_weight)) in each.enumerate() {
        let participant = participant as usize;
        let weights = rows::<TILES>(&decisions.weights, place * count + first);
        let stakes_here = rows_mut::<TILES>(stakes.stakes, participant * width + first);
        let mut negative = mask64x8::splat(simd, false);
        for tile in 0..TILES {
            let weight = load(simd, &weights[tile]);
            // A weight of 0 is no stake, whatever the sum.
            let moved = weight
                .simd_eq(zero)
                .select(zero, weight * tokens_per_weight);
            kept[tile] += moved - load(simd, &stakes_here[tile]);
            negative |= moved.simd_lt(zero);
            moved.store_array(&mut stakes_here[tile]);
        }
        stakes.restake[participant] |= bits(negative) != 0;
    }
    for tile in 0..TILES {
        kept[tile].store_array(&mut sums[tile]);
    }
}
