//! Hashes numbers.

use rand::{Rng, SeedableRng};
use rand_xoshiro::SplitMix64;

/// Returns the first output of SplitMix64 seeded with `x`: a 64-bit hash.
pub(crate) fn hash64(x: u64) -> u64 {
    SplitMix64::seed_from_u64(x).next_u64()
}
