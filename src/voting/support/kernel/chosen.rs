//! Random choice of participants on a day: those whose draw is below a rate times their own sentiment.

use super::{Eight, bits, load};
use crate::engine::{LANES, Lanes};
use crate::voting::support::grow_to;
use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch};

/// Participants per word of bits.
pub const WORD: usize = u64::BITS as usize;

/// Buffer of the choice; reused so that a day allocates nothing.
#[derive(Default)]
pub struct Chosen {
    words: Vec<u64>,
}

/// Rows of the chosen participants, in order.
#[derive(Clone)]
pub struct ChosenRows<'a> {
    words: std::slice::Iter<'a, u64>,
    /// Remaining bits of a word, and the row of the first bit of the next word.
    left: u64,
    next: usize,
}

impl Iterator for ChosenRows<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            self.left = *self.words.next()?;
            self.next += WORD;
        }
        let row = self.next - WORD + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(row)
    }
}

impl Chosen {
    /// Draws u for each of the first `people` participants, and returns the rows, in order, of those whose u is below
    /// `rate` times their sentiment. `sentiments` has complete vectors.
    pub fn draw(
        &mut self,
        vectors: Level,
        stream: &mut Lanes,
        rate: f64,
        sentiments: &[f64],
        people: usize,
    ) -> ChosenRows<'_> {
        let words = grow_to(&mut self.words, people.div_ceil(WORD));
        dispatch!(vectors, simd => draw_chosen(simd, stream, sentiments, rate, people, words));
        ChosenRows {
            words: words.iter(),
            left: 0,
            next: 0,
        }
    }
}

/// Draws a number for each of the first `people` participants, 64 per word. Sets the bits of those whose number is
/// below `rate` times their sentiment. Sentiments have complete vectors.
#[inline(always)]
fn draw_chosen<S: Simd>(
    simd: S,
    stream: &mut Lanes,
    sentiments: &[f64],
    rate: f64,
    people: usize,
    words: &mut [u64],
) {
    let sentiments: &[Eight] = &sentiments.as_chunks().0[..people.div_ceil(LANES)];
    let mut loaded = stream.load(simd);
    for (place, (word, sentiments)) in words
        .iter_mut()
        .zip(sentiments.chunks(WORD / LANES))
        .enumerate()
    {
        let (mut chosen, mut shift) = (0, 0);
        for pair in sentiments.chunks(2) {
            for (drawn, sentiments) in loaded.halves().into_iter().zip(pair) {
                let below = drawn.simd_lt(load(simd, sentiments) * rate);
                chosen |= u64::from(bits(below)) << shift;
                shift += LANES;
            }
        }
        *word = chosen & valid_mask(place, people);
    }
    stream.keep(loaded);
}

/// Sets the bits of those of the first `people` participants whose draw is below `rate` times their sentiment, 64
/// participants per word. Draws and sentiments have complete vectors.
#[inline(always)]
pub fn find_chosen<S: Simd>(
    simd: S,
    draws: &[f64],
    sentiments: &[f64],
    rate: f64,
    people: usize,
    words: &mut [u64],
) {
    let vectors = people.div_ceil(LANES);
    let draws: &[Eight] = &draws.as_chunks().0[..vectors];
    let sentiments: &[Eight] = &sentiments.as_chunks().0[..vectors];
    let each = draws
        .chunks(WORD / LANES)
        .zip(sentiments.chunks(WORD / LANES));
    for (place, (word, (draws, sentiments))) in words.iter_mut().zip(each).enumerate() {
        let (mut chosen, mut shift) = (0, 0);
        for (draws, sentiments) in draws.iter().zip(sentiments) {
            let below = load(simd, draws).simd_lt(load(simd, sentiments) * rate);
            chosen |= u64::from(bits(below)) << shift;
            shift += LANES;
        }
        *word = chosen & valid_mask(place, people);
    }
}

/// Returns the bits of a word that stand for existing participants.
#[inline(always)]
pub fn valid_mask(word: usize, people: usize) -> u64 {
    let there = people - word * WORD;
    if there < WORD { (1 << there) - 1 } else { !0 }
}

/// Writes the places of set bits, from `count` on; returns the new count.
#[inline(always)]
pub fn write_places(places: &mut [u32], mut count: usize, words: &[u64]) -> usize {
    for (word, &bits) in words.iter().enumerate() {
        let (first, mut bits) = ((word * WORD) as u32, bits);
        while bits != 0 {
            places[count] = first + bits.trailing_zeros();
            count += 1;
            bits &= bits - 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tests several numbers of participants.
    #[test]
    fn those_below_their_rate_are_chosen_in_order() {
        let mut chosen = Chosen::default();
        for (seed, people) in [(1, 1_usize), (2, 7), (3, 64), (4, 65), (5, 200)] {
            let (mut stream, mut again) = (Lanes::new(seed), Lanes::new(seed));
            let room = people.next_multiple_of(LANES);
            let sentiments: Vec<f64> = (0..room).map(|row| (row % 10) as f64 / 9.0).collect();
            for _day in 0..5 {
                let mut draws = vec![0.0; people];
                dispatch!(Level::new(), simd => again.fill_halves(simd, &mut draws));
                let expected: Vec<_> = (0..people)
                    .filter(|&row| draws[row] < 0.6 * sentiments[row])
                    .collect();
                let rows = chosen.draw(Level::new(), &mut stream, 0.6, &sentiments, people);
                assert_eq!(rows.collect::<Vec<_>>(), expected);
            }
        }
    }
}
