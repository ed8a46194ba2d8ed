//! Implements the deferred conflict network: drawn at the end of a run when no table needs it earlier. Drawing
//! day by day took a tenth of the time of a run with every extension. At the end, the same numbers are drawn
//! for eight runs at once, and only links between granted proposals are resolved.

use super::network::CHANCE;
use crate::engine::{LANES, Lanes, Seeded, Stream, StreamSeeds};
use crate::voting::chance::{CONFLICT, NONE};
use crate::voting::proposals::{History, Status};
use bevy_ecs::prelude::*;
use fearless_simd::{Level, dispatch};

/// Seed of the stream of conflicts, from which it is drawn from the beginning.
#[derive(Component, Default)]
pub struct LateDraws(u64);

impl Seeded for LateDraws {
    fn seed(&mut self, seeds: StreamSeeds) {
        self.0 = seeds.seed_of_other(Stream::numbered(CONFLICT));
    }
}

/// Consecutive pairs of one proposal.
#[derive(Clone, Copy)]
struct Stretch {
    /// Number of pairs.
    pairs: u64,
    /// Row of the proposal, or [`NONE`] if its links do not matter.
    proposal: u32,
    /// Start of its possible partners in the list.
    others: usize,
    /// True if each pair is drawn twice in a row, once per direction.
    both_ways: bool,
}

/// Properties of a proposal that matter for links.
#[derive(Clone, Copy)]
struct Life {
    /// Row if it was granted, or [`NONE`].
    row_if_granted: u32,
    /// Day on which it ceased to be a candidate, or [`NONE`].
    left: u32,
}

/// Deferred network of one run.
#[derive(Default)]
pub struct LateNetwork {
    seed: u64,
    stretches: Vec<Stretch>,
    /// Rows of possible partners; [`NONE`] if the link does not matter.
    others: Vec<u32>,
    /// Proposals, by row.
    lives: Vec<Life>,
    /// Number of proposals that ceased to be candidates, by day.
    left_on: Vec<u32>,
    /// Current stretch, and number of its pairs already read.
    stretch: usize,
    read: u64,
    /// True if the next number is the strength of the last link.
    strength_follows: bool,
    /// Pairs of linked granted proposals, by row, in the order drawn.
    pub links: Vec<[u32; 2]>,
}

impl LateNetwork {
    /// Determines the order in which pairs were drawn: those of the initial proposals; then, if newcomers are
    /// linked, those of each new proposal with the earlier candidates.
    pub fn plan(
        &mut self,
        draws: &LateDraws,
        initial: usize,
        newcomers_are_linked: bool,
        statuses: &[Status],
        histories: &[History],
    ) {
        self.seed = draws.0;
        self.stretches.clear();
        self.others.clear();
        self.links.clear();
        (self.stretch, self.read, self.strength_follows) = (0, 0, false);
        self.lives.clear();
        self.lives
            .extend(
                statuses
                    .iter()
                    .zip(histories)
                    .zip(0..)
                    .map(|((status, history), row)| Life {
                        row_if_granted: if status.was_granted() { row } else { NONE },
                        left: history.left_candidacy,
                    }),
            );
        for proposal in 0..initial {
            let pairs = initial as u64 - 1;
            if self.begin_stretch(self.lives[proposal].row_if_granted, pairs, false) {
                let others = (0..initial).filter(|&other| other != proposal);
                let others = others.map(|other| self.lives[other].row_if_granted);
                self.others.extend(others);
            }
        }
        if newcomers_are_linked {
            self.count_left(histories);
            let (mut day, mut gone) = (0, 0);
            for (proposal, history) in histories.iter().enumerate().skip(initial) {
                let created = history.created as usize;
                let passed = self.left_on.get(day..created).unwrap_or_default();
                gone += passed.iter().map(|&left| u64::from(left)).sum::<u64>();
                day = created;
                let pairs = 2 * (proposal as u64 - gone);
                if self.begin_stretch(self.lives[proposal].row_if_granted, pairs, true) {
                    self.list_candidates(proposal, history.created);
                }
            }
        }
        if let Some(Stretch { proposal: NONE, .. }) = self.stretches.last() {
            self.stretches.pop();
        }
    }

    fn count_left(&mut self, histories: &[History]) {
        self.left_on.clear();
        let last = histories.last().map_or(0, |history| history.created);
        self.left_on.resize(last as usize, 0);
        for history in histories {
            if let Some(count) = self.left_on.get_mut(history.left_candidacy as usize) {
                *count += 1;
            }
        }
    }

    /// Begins a stretch of pairs of a proposal. Stretches whose links do not matter are merged and skipped.
    fn begin_stretch(&mut self, proposal: u32, pairs: u64, both_ways: bool) -> bool {
        match self.stretches.last_mut() {
            Some(last) if proposal == NONE && last.proposal == NONE => last.pairs += pairs,
            _ => self.stretches.push(Stretch {
                pairs,
                proposal,
                others: self.others.len(),
                both_ways,
            }),
        }
        proposal != NONE
    }

    /// Lists the candidates before a proposal created on this day. Proposals that ceased to be candidates on
    /// that day did so after arrivals.
    fn list_candidates(&mut self, proposal: usize, created: u32) {
        let mut end = self.others.len();
        self.others.resize(end + proposal, NONE);
        for life in &self.lives[..proposal] {
            // Written unconditionally: a mispredicted branch would take longer.
            self.others[end] = life.row_if_granted;
            end += usize::from(life.left >= created);
        }
        self.others.truncate(end);
    }

    /// Returns true once all relevant numbers are read.
    fn is_read(&self) -> bool {
        self.stretch == self.stretches.len()
    }

    /// Reads 64 numbers of the stream; set bits mark those below the chance of a link. A pair takes one number,
    /// and another if it is linked.
    fn read(&mut self, below: u64) {
        let (linked, strengths) = links_and_strengths(below, &mut self.strength_follows);
        // Numbers drawn for pairs and not read yet.
        let mut pairs = !strengths;
        while let Some(&stretch) = self.stretches.get(self.stretch) {
            let left = stretch.pairs - self.read;
            let ends = left <= u64::from(pairs.count_ones());
            let now = if ends {
                lowest(pairs, left as u32)
            } else {
                pairs
            };
            if stretch.proposal != NONE {
                self.note(&stretch, now, linked & now);
            }
            pairs &= !now;
            if !ends {
                self.read += u64::from(now.count_ones());
                return;
            }
            (self.stretch, self.read) = (self.stretch + 1, 0);
        }
    }

    /// Records the links of a stretch among the numbers drawn for its pairs.
    fn note(&mut self, stretch: &Stretch, pairs: u64, mut linked: u64) {
        while linked != 0 {
            let bit = linked & linked.wrapping_neg();
            let pair = self.read + u64::from((pairs & (bit - 1)).count_ones());
            let place = pair >> u32::from(stretch.both_ways);
            let other = self.others[stretch.others + place as usize];
            if other != NONE {
                self.links.push([stretch.proposal, other]);
            }
            linked &= linked - 1;
        }
    }
}

/// Draws the planned networks, eight at a time.
pub fn draw_together(vectors: Level, networks: &mut [LateNetwork]) {
    for eight in networks.chunks_mut(LANES) {
        let mut seeds = [0; LANES];
        for (seed, network) in seeds.iter_mut().zip(&*eight) {
            *seed = network.seed;
        }
        let mut streams = Lanes::of_sources(seeds);
        while !eight.iter().all(LateNetwork::is_read) {
            let mut below = [0; LANES];
            dispatch!(vectors, simd => streams.below(simd, CHANCE, &mut below));
            for (network, below) in eight.iter_mut().zip(below) {
                network.read(below);
            }
        }
    }
}

/// Classifies 64 consecutive numbers, given which are below the chance of a link: those that link a pair, and
/// those that are the strength of a link. `strength_follows` states whether the first is a strength, and on
/// return whether the next one after these will be.
fn links_and_strengths(below: u64, strength_follows: &mut bool) -> (u64, u64) {
    const EVEN: u64 = u64::MAX / 3;
    let first = u64::from(*strength_follows);
    let below = below & !first;
    // In a run of consecutive numbers below the chance, every other one links, from the first on. Adding a bit
    // to the first of a run carries beyond it, and so clears the whole run.
    let begins = below & !(below << 1);
    let from_even = below & !below.wrapping_add(begins & EVEN);
    let linked = from_even & EVEN | below & !from_even & !EVEN;
    *strength_follows = linked >> 63 == 1;
    (linked, linked << 1 | first)
}

/// Returns the `count` lowest set bits; at least as many are set.
fn lowest(bits: u64, count: u32) -> u64 {
    // Bisects for the place below which `count` bits are set.
    let (mut place, mut below) = (0, 0);
    for step in [32, 16, 8, 4, 2, 1] {
        let more = (bits >> place & ((1 << step) - 1)).count_ones();
        if below + more < count {
            (place, below) = (place + step, below + more);
        }
    }
    let all = u64::MAX >> (63 - place);
    if count == 0 { 0 } else { bits & all }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_bits_are_so_many() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..500 {
            bits = bits.rotate_left(7).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            for count in 0..=bits.count_ones() {
                let low = lowest(bits, count);
                assert_eq!(low.count_ones(), count);
                assert_eq!(low & !bits, 0);
                assert!(low < bits & !low || bits == low);
            }
        }
        assert_eq!(lowest(u64::MAX, 64), u64::MAX);
    }

    /// Reference: the numbers examined one by one.
    #[test]
    fn a_link_takes_the_number_after_it() {
        let (mut follows, mut follows_one_by_one) = (false, false);
        let mut below = 0x2545_f491_4f6c_dd1d_u64;
        for round in 0..2000 {
            below ^= below << 13;
            below ^= below >> 7;
            below ^= below << 17;
            let numbers = match round % 4 {
                0 => below,
                1 => below & below.rotate_left(11),
                2 => below | below.rotate_left(23),
                _ => u64::MAX << (round % 64),
            };
            let (mut linked, mut strengths) = (0, 0);
            for place in 0..64 {
                if follows_one_by_one {
                    strengths |= 1 << place;
                    follows_one_by_one = false;
                } else if numbers >> place & 1 == 1 {
                    linked |= 1 << place;
                    follows_one_by_one = true;
                }
            }
            assert_eq!(
                links_and_strengths(numbers, &mut follows),
                (linked, strengths)
            );
            assert_eq!(follows, follows_one_by_one);
        }
    }
}
