//! Eight Xoshiro256++ generators in lockstep, for the processes that draw most: their state lies
//! lane by lane, so that a vector unit steps all eight at once.

use super::{mix, unit};
use rand::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;

const LANES: usize = 8;

/// Eight generators in lockstep; lane l is Xoshiro256++ seeded with mix(seed ^ l).
#[derive(Clone, Debug)]
pub struct Lanes {
    state: [[u64; LANES]; 4],
}

impl Lanes {
    /// The eight generators of a stream's seed.
    pub fn new(seed: u64) -> Self {
        let mut state = [[0; LANES]; 4];
        for lane in 0..LANES {
            let mut words = SplitMix64::seed_from_u64(mix(seed ^ lane as u64));
            for word in &mut state {
                word[lane] = words.next_u64();
            }
        }
        Self { state }
    }

    /// The next number of each generator.
    #[inline(always)]
    fn next(&mut self) -> [u64; LANES] {
        let [s0, s1, s2, s3] = &mut self.state;
        let mut out = [0; LANES];
        for lane in 0..LANES {
            out[lane] = s0[lane]
                .wrapping_add(s3[lane])
                .rotate_left(23)
                .wrapping_add(s0[lane]);
            let shifted = s1[lane] << 17;
            s2[lane] ^= s0[lane];
            s3[lane] ^= s1[lane];
            s1[lane] ^= s2[lane];
            s0[lane] ^= s3[lane];
            s2[lane] ^= shifted;
            s3[lane] = s3[lane].rotate_left(45);
        }
        out
    }

    /// Fills `out` with uniforms on [0, 1), each passed through `shape`. Numbers of the last step
    /// that find no place are dropped.
    #[inline(always)]
    pub fn fill(&mut self, out: &mut [f64], shape: impl Fn(f64) -> f64) {
        let (blocks, rest) = out.as_chunks_mut::<LANES>();
        for block in blocks {
            *block = self.next().map(|bits| shape(unit(bits)));
        }
        if !rest.is_empty() {
            let last = self.next().map(|bits| shape(unit(bits)));
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn each_lane_is_the_generator_it_claims_to_be() {
        let mut lanes = Lanes::new(42);
        let mut singles: Vec<_> = (0..LANES as u64)
            .map(|lane| Xoshiro256PlusPlus::seed_from_u64(mix(42 ^ lane)))
            .collect();
        for _ in 0..1000 {
            let expected: Vec<_> = singles.iter_mut().map(Rng::next_u64).collect();
            assert_eq!(lanes.next().to_vec(), expected);
        }
    }

    #[test]
    fn filling_takes_whole_steps() {
        let (mut a, mut b) = (Lanes::new(7), Lanes::new(7));
        let mut short = [0.0; 5];
        a.fill(&mut short, |u| u);
        let first = b.next().map(unit);
        assert_eq!(short, first[..5]);
        let mut next = [0.0; 8];
        a.fill(&mut next, |u| u);
        assert_eq!(next, b.next().map(unit));
    }
}
