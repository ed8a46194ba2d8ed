//! Implements eight Xoshiro256++ generators in lockstep, for the processes that draw most. Their state is
//! stored by lane, so that a vector unit advances all eight at once.

use super::hash::hash64;
use fearless_simd::prelude::*;
use fearless_simd::{f64x8, u64x8};
use rand::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;

const LANES: usize = 8;

/// Eight generators in lockstep; lane l is Xoshiro256++ seeded with hash64(seed ^ l).
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct Lanes {
    state: [[u64; LANES]; 4],
}

impl Default for Lanes {
    /// Returns the generators of seed 0, which belong to no world.
    fn default() -> Self {
        Self::new(0)
    }
}

impl Lanes {
    /// Creates the eight generators of a stream's seed.
    pub fn new(seed: u64) -> Self {
        Self::of_words(|lane| SplitMix64::seed_from_u64(hash64(seed ^ lane as u64)))
    }

    /// Combines eight unrelated streams in lockstep: lane l draws the same numbers as a
    /// [`Source`](super::Source) of seed l.
    pub fn of_sources(seeds: [u64; LANES]) -> Self {
        Self::of_words(|lane| SplitMix64::seed_from_u64(seeds[lane]))
    }

    /// Creates the generators whose state consists of each lane's first words.
    fn of_words(words_of: impl Fn(usize) -> SplitMix64) -> Self {
        let mut state = [[0; LANES]; 4];
        for lane in 0..LANES {
            let mut words = words_of(lane);
            for word in &mut state {
                word[lane] = words.next_u64();
            }
        }
        Self { state }
    }

    /// Compares the next 64 numbers of each lane, as uniforms of 53 bits, with a chance. Each lane gets a word
    /// whose set bits mark the numbers below the chance, first number lowest.
    #[inline(always)]
    pub fn below<S: Simd>(&mut self, simd: S, chance: f64, words: &mut [u64; LANES]) {
        /// Step between neighbouring uniforms.
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        // A uniform is a whole number of steps.
        let steps = u64x8::splat(simd, (chance / STEP).ceil() as u64);
        let mut loaded = self.load(simd);
        *words = [0; LANES];
        for shift in (0..u64::BITS).step_by(LANES) {
            let mut rows = [0; LANES];
            for row in &mut rows {
                *row = (loaded.next() >> 11).simd_lt(steps).to_bitmask() as u8;
            }
            let of_lanes = turned(u64::from_le_bytes(rows)).to_le_bytes();
            for (word, bits) in words.iter_mut().zip(of_lanes) {
                *word |= u64::from(bits) << shift;
            }
        }
        self.keep(loaded);
    }

    /// Fills `out` with uniforms on [low, high). Surplus numbers of the last step are dropped.
    #[inline(always)]
    pub fn fill<S: Simd>(&mut self, simd: S, out: &mut [f64], low: f64, high: f64) {
        let (width, mut loaded) = (high - low, self.load(simd));
        let (blocks, rest) = out.as_chunks_mut::<LANES>();
        for block in blocks {
            (unit(loaded.next()) * width + low).store_array(block);
        }
        if !rest.is_empty() {
            let numbers = unit(loaded.next()) * width + low;
            copy_few(rest, &numbers.to_array());
        }
        self.keep(loaded);
    }

    /// Fills `out` with uniforms of 32 bits on [0, 1), two from each number, which suffices for comparison with
    /// a chance. Surplus numbers of the last step are dropped.
    #[inline(always)]
    pub fn fill_halves<S: Simd>(&mut self, simd: S, out: &mut [f64]) {
        let mut loaded = self.load(simd);
        for block in out.chunks_mut(2 * LANES) {
            let [high, low] = loaded.halves();
            match block.as_chunks_mut() {
                ([first, second], _) => {
                    high.store_array(first);
                    low.store_array(second);
                }
                ([first], rest) => {
                    high.store_array(first);
                    copy_few(rest, &low.to_array());
                }
                (_, rest) => copy_few(rest, &high.to_array()),
            }
        }
        self.keep(loaded);
    }

    /// Loads the generators into registers, for use during drawing; [`Lanes::keep`] stores them back.
    #[inline(always)]
    pub fn load<S: Simd>(&self, simd: S) -> Loaded<S> {
        let mut local = [u64x8::splat(simd, 0); 4];
        for (local, word) in local.iter_mut().zip(&self.state) {
            *local = u64x8::load_array_ref(simd, word);
        }
        Loaded(local)
    }

    /// Stores generators back from registers.
    #[inline(always)]
    pub fn keep<S: Simd>(&mut self, loaded: Loaded<S>) {
        for (word, local) in self.state.iter_mut().zip(loaded.0) {
            local.store_array(word);
        }
    }
}

/// Eight generators in registers.
pub struct Loaded<S: Simd>([u64x8<S>; 4]);

impl<S: Simd> Loaded<S> {
    /// Returns the next number of each generator.
    #[inline(always)]
    fn next(&mut self) -> u64x8<S> {
        let [s0, s1, s2, s3] = self.0;
        let out = rotated(s0 + s3, 23) + s0;
        let (t2, t3) = (s2 ^ s0, s3 ^ s1);
        self.0 = [s0 ^ t3, s1 ^ t2, t2 ^ (s1 << 17), rotated(t3, 45)];
        out
    }

    /// Returns the next two uniforms of 32 bits on [0, 1) of each lane, as [`Lanes::fill_halves`] draws them.
    #[inline(always)]
    pub fn halves(&mut self) -> [f64x8<S>; 2] {
        /// Mask of the bits that a half keeps, of the 52 of a uniform.
        const HIGHEST: u64 = !(u64::MAX >> 32);
        let bits = self.next();
        [unit(bits & HIGHEST), unit(bits << 32)]
    }
}

/// Transposes an 8 × 8 matrix of bits, one byte per row.
#[inline(always)]
fn turned(mut square: u64) -> u64 {
    // Exchanges bits within 2 × 2 blocks, then ever larger blocks.
    for (by, kept) in [
        (7, 0x00aa_00aa_00aa_00aa),
        (14, 0x0000_cccc_0000_cccc),
        (28, 0x0000_0000_f0f0_f0f0),
    ] {
        let differ = (square ^ (square >> by)) & kept;
        square ^= differ ^ (differ << by);
    }
    square
}

/// Copies fewer than eight numbers in pieces of constant size, which needs no call of memcpy.
#[inline(always)]
fn copy_few(out: &mut [f64], numbers: &[f64; LANES]) {
    let mut place = 0;
    for piece in [4, 2, 1] {
        if out.len() & piece != 0 {
            out[place..place + piece].copy_from_slice(&numbers[place..place + piece]);
            place += piece;
        }
    }
}

#[inline(always)]
fn rotated<S: Simd>(x: u64x8<S>, by: u32) -> u64x8<S> {
    (x << by) | (x >> (64 - by))
}

/// Converts bits to a uniform of 52 bits in [0, 1), through the mantissa: narrow vector units cannot convert
/// 64-bit integers.
#[inline(always)]
fn unit<S: Simd>(bits: u64x8<S>) -> f64x8<S> {
    f64x8::from_bits((bits >> 12) | 1f64.to_bits()) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use fearless_simd::{Level, dispatch};
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn fill(lanes: &mut Lanes, out: &mut [f64]) {
        dispatch!(Level::new(), simd => lanes.fill(simd, out, 0.0, 1.0));
    }

    #[test]
    fn each_lane_is_the_generator_it_claims_to_be() {
        let mut lanes = Lanes::new(42);
        let mut singles: Vec<_> = (0..LANES as u64)
            .map(|lane| Xoshiro256PlusPlus::seed_from_u64(hash64(42 ^ lane)))
            .collect();
        for _ in 0..1000 {
            let bits = singles.iter_mut().map(Rng::next_u64);
            let expected: Vec<_> = bits
                .map(|bits| (bits >> 12) as f64 * 0.5f64.powi(52))
                .collect();
            let mut drawn = [0.0; LANES];
            fill(&mut lanes, &mut drawn);
            assert_eq!(drawn.to_vec(), expected);
        }
    }

    #[test]
    fn streams_side_by_side_are_each_its_own() {
        let seeds = [3, 1, 4, 1, 5, 9, 2, 6];
        for chance in [0.25, 0.0, 1.0, 0.3, 1e-3] {
            let mut lanes = Lanes::of_sources(seeds);
            let mut singles = seeds.map(Xoshiro256PlusPlus::seed_from_u64);
            for _ in 0..20 {
                let mut words = [0; LANES];
                dispatch!(Level::new(), simd => lanes.below(simd, chance, &mut words));
                for (word, single) in words.iter().zip(&mut singles) {
                    for place in 0..64 {
                        let uniform = (single.next_u64() >> 11) as f64 * 0.5f64.powi(53);
                        assert_eq!(word >> place & 1 == 1, uniform < chance);
                    }
                }
            }
        }
    }

    #[test]
    fn halves_are_those_of_the_numbers() {
        let (mut lanes, mut whole) = (Lanes::new(9), Lanes::new(9));
        for length in [5, 8, 13, 16, 40] {
            let mut halves = vec![0.0; length];
            dispatch!(Level::new(), simd => lanes.fill_halves(simd, &mut halves));
            for block in halves.chunks(2 * LANES) {
                let mut numbers = [0.0; LANES];
                fill(&mut whole, &mut numbers);
                for (place, half) in block.iter().enumerate() {
                    assert!((0.0..1.0).contains(half));
                    assert_eq!((half * 0.5f64.powi(-32)).fract(), 0.0);
                    if place < LANES {
                        assert!((0.0..0.5f64.powi(32)).contains(&(numbers[place] - half)));
                    }
                }
            }
        }
    }

    #[test]
    fn filling_takes_whole_steps() {
        let (mut a, mut b) = (Lanes::new(7), Lanes::new(7));
        let (mut short, mut long) = ([0.0; 5], [0.0; 8]);
        fill(&mut a, &mut short);
        fill(&mut b, &mut long);
        assert_eq!(short, long[..5]);
        fill(&mut a, &mut long);
        let mut next = [0.0; 8];
        fill(&mut b, &mut next);
        assert_eq!(long, next);
    }
}
