//! Eight Xoshiro256++ generators in lockstep, for the processes that draw most: their state lies
//! lane by lane, so that a vector unit steps all eight at once.

use super::mix;
use multiversion::multiversion;
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

    /// Fills `out` with uniforms on [low, high). Numbers of the last step that find no place are
    /// dropped.
    pub fn fill(&mut self, out: &mut [f64], low: f64, high: f64) {
        fill(&mut self.state, out, low, high - low);
    }
}

/// The next number of each generator.
#[inline(always)]
fn next(state: &mut [[u64; LANES]; 4]) -> [u64; LANES] {
    let [s0, s1, s2, s3] = state;
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

/// A uniform of 52 bits in [0, 1), by way of the mantissa: narrow vector units cannot convert whole
/// numbers of 64 bits.
#[inline(always)]
fn unit(bits: u64) -> f64 {
    f64::from_bits(bits >> 12 | 1f64.to_bits()) - 1.0
}

#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+bmi2",
    "x86_64+avx2+bmi2"
))]
fn fill(state: &mut [[u64; LANES]; 4], out: &mut [f64], low: f64, width: f64) {
    let mut local = *state;
    let (blocks, rest) = out.as_chunks_mut::<LANES>();
    for block in blocks {
        let bits = next(&mut local);
        for lane in 0..LANES {
            block[lane] = low + width * unit(bits[lane]);
        }
    }
    if !rest.is_empty() {
        let bits = next(&mut local);
        for (number, bits) in rest.iter_mut().zip(bits) {
            *number = low + width * unit(bits);
        }
    }
    *state = local;
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
            assert_eq!(next(&mut lanes.state).to_vec(), expected);
        }
    }

    #[test]
    fn filling_takes_whole_steps() {
        let (mut a, mut b) = (Lanes::new(7), Lanes::new(7));
        let mut short = [0.0; 5];
        a.fill(&mut short, 0.0, 1.0);
        let first = next(&mut b.state).map(unit);
        assert_eq!(short, first[..5]);
        let mut long = [0.0; 8];
        a.fill(&mut long, 0.0, 1.0);
        assert_eq!(long, next(&mut b.state).map(unit));
    }
}
