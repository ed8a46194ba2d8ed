//! The network of runs at which nobody looks before they end. Drawing it day by day took a tenth of the time of
//! a run with every extension; at the end the same numbers are drawn for eight runs at once, and of the links
//! only those between granted proposals are made out.

use super::network::CHANCE;
use crate::engine::{LANES, Lanes, Seeded, Seeds, Stream};
use crate::voting::chance::{CONFLICT, NONE};
use crate::voting::proposals::{History, Status};
use bevy_ecs::prelude::*;
use fearless_simd::{Level, dispatch};

/// The seed of the stream of conflicts, with which it is drawn from its beginning.
#[derive(Component, Default)]
pub struct LateDraws(u64);

impl Seeded for LateDraws {
    fn seed(&mut self, seeds: Seeds) {
        self.0 = seeds.seed(Stream::numbered(CONFLICT));
    }
}

/// Pairs that are drawn one after another.
#[derive(Clone, Copy)]
struct Stretch {
    /// How many pairs.
    pairs: u64,
    /// The row of the proposal to which all belong, or [`NONE`] where no link matters.
    proposal: u32,
    /// Where those begin that it may be linked with.
    others: usize,
    /// Whether each of them is drawn twice in turn, a way each.
    both_ways: bool,
}

/// What matters of a proposal.
#[derive(Clone, Copy)]
struct Life {
    /// Its row if it was granted, or [`NONE`].
    row_if_granted: u32,
    /// The day on which it left candidacy, or [`NONE`].
    left: u32,
}

/// The network of one run.
#[derive(Default)]
pub struct LateNetwork {
    seed: u64,
    stretches: Vec<Stretch>,
    /// Those that a proposal may be linked with, by row; [`NONE`] where that does not matter.
    others: Vec<u32>,
    /// The proposals, by row.
    lives: Vec<Life>,
    /// How many of them left candidacy, by day.
    left_on: Vec<u32>,
    /// The stretch that is read, and how many of its pairs were.
    stretch: usize,
    read: u64,
    /// Whether the next number is how strong the last link is.
    strength_follows: bool,
    /// Granted proposals that are linked, by row, in the order drawn.
    pub links: Vec<[u32; 2]>,
}

impl LateNetwork {
    /// Makes out which pairs were to be drawn in which order: those of the initial proposals; then, if newcomers are
    /// linked, those of each new proposal with the candidates before it.
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

    /// Begins the pairs of a proposal with others, if links of it matter; otherwise they are only passed over.
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

    /// Lists the candidates before a proposal that was made on a day. Who left on that day did so after proposals had
    /// arrived.
    fn list_candidates(&mut self, proposal: usize, created: u32) {
        let mut end = self.others.len();
        self.others.resize(end + proposal, NONE);
        for life in &self.lives[..proposal] {
            // Written whether it was one or not: a wrong guess takes longer.
            self.others[end] = life.row_if_granted;
            end += usize::from(life.left >= created);
        }
        self.others.truncate(end);
    }

    /// Whether all is read that matters.
    fn is_read(&self) -> bool {
        self.stretch == self.stretches.len()
    }

    /// Reads 64 numbers of the stream, of which those are below the chance of a link whose bits are set. A pair takes
    /// one, and one more if it is linked.
    fn read(&mut self, below: u64) {
        let (linked, strengths) = links_and_strengths(below, &mut self.strength_follows);
        // The numbers that are drawn for pairs, and not read yet.
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

    /// Notes the links of a stretch among the numbers drawn for its pairs.
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

/// Draws the networks that were planned, eight at a time.
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

/// Of 64 numbers drawn one after another, of which some are below the chance of a link: which of them link a pair,
/// and which say how strong a link is. `strength_follows` says that the first does, and then whether the next one
/// after these will.
fn links_and_strengths(below: u64, strength_follows: &mut bool) -> (u64, u64) {
    const EVEN: u64 = u64::MAX / 3;
    let first = u64::from(*strength_follows);
    let below = below & !first;
    // In a row of numbers that are all below, every other one links, from the first on. A number that is added to
    // the first of a row carries beyond it, and so takes the whole row away.
    let begins = below & !(below << 1);
    let from_even = below & !below.wrapping_add(begins & EVEN);
    let linked = from_even & EVEN | below & !from_even & !EVEN;
    *strength_follows = linked >> 63 == 1;
    (linked, linked << 1 | first)
}

/// The lowest bits that are set, so many of them; there are at least as many.
fn lowest(bits: u64, count: u32) -> u64 {
    // The place below which there are as many, by halves.
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

    /// As numbers that are looked at one by one.
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
