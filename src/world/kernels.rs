//! The loops over edges, on bare slices. A row of a tile is eight neighbouring numbers, so every
//! loop here runs over blocks of eight: vectors without horizontal steps, and the same sums in the
//! same order on every machine.
//!
//! The loops are compiled for several vector widths, and the widest that the machine has is chosen
//! when they are called; none contracts a product and a sum, so results are the same on all. What
//! they call must be inlined into them, or it would be compiled for the narrowest.

use super::tiles::{LANES, Tiling};
use multiversion::multiversion;

/// Eight lanes of a tile's row.
pub type Row = [f64; LANES];

/// How many affinities lie below each of two values.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+bmi2",
    "x86_64+avx2+bmi2"
))]
pub fn count_below(affinities: &[Row], values: [f64; 2]) -> [usize; 2] {
    let (mut first, mut second) = (0u64, 0u64);
    for &affinity in affinities.as_flattened() {
        first += u64::from(affinity < values[0]);
        second += u64::from(affinity < values[1]);
    }
    [first as usize, second as usize]
}

/// One day of a tile: y ← x + αy on each edge. Returns the sums of x and of y per lane, over the
/// participants in order.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+bmi2",
    "x86_64+avx2+bmi2"
))]
pub fn accrue(stakes: &[Row], convictions: &mut [Row], alpha: f64) -> (Row, Row) {
    let (mut stake_sums, mut conviction_sums) = ([0.0; LANES], [0.0; LANES]);
    for (x, y) in stakes.iter().zip(convictions) {
        for lane in 0..LANES {
            y[lane] = x[lane] + alpha * y[lane];
            stake_sums[lane] += x[lane];
            conviction_sums[lane] += y[lane];
        }
    }
    (stake_sums, conviction_sums)
}

/// The greatest affinity of a participant for any candidate.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+bmi2",
    "x86_64+avx2+bmi2"
))]
pub fn favourite(affinities: &[Row], tiling: Tiling, participant: usize) -> f64 {
    let mut most = [f64::NEG_INFINITY; LANES];
    for tile in 0..tiling.count {
        let row = &affinities[tile * tiling.stride + participant];
        for lane in 0..LANES {
            most[lane] = if row[lane] > most[lane] {
                row[lane]
            } else {
                most[lane]
            };
        }
    }
    most.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// Adds `weight` times a participant's stakes to a row of boosts per tile.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+bmi2",
    "x86_64+avx2+bmi2"
))]
pub fn add_scaled(
    boosts: &mut [Row],
    weight: f64,
    stakes: &[Row],
    tiling: Tiling,
    participant: usize,
) {
    for (tile, boosts) in boosts.iter_mut().enumerate() {
        let row = &stakes[tile * tiling.stride + participant];
        for lane in 0..LANES {
            boosts[lane] += weight * row[lane];
        }
    }
}

/// The weights by which a participant's holdings are split: where affinity and boost together
/// exceed the cutoff, the affinity (`raw`) or the sum, not below 0; elsewhere 0. Takes a row of
/// boosts per tile, leaves a row of weights there, and returns their sum.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+bmi2",
    "x86_64+avx2+bmi2"
))]
pub fn weigh(
    boosts: &mut [Row],
    affinities: &[Row],
    tiling: Tiling,
    participant: usize,
    cutoff: f64,
    raw: bool,
) -> f64 {
    let mut sums = [0.0; LANES];
    for (tile, boosts) in boosts.iter_mut().enumerate() {
        let row = &affinities[tile * tiling.stride + participant];
        for lane in 0..LANES {
            let boosted = row[lane] + boosts[lane];
            let weight = if raw {
                row[lane]
            } else if boosted > 0.0 {
                boosted
            } else {
                0.0
            };
            boosts[lane] = if boosted > cutoff { weight } else { 0.0 };
            sums[lane] += boosts[lane];
        }
    }
    sum(&sums)
}

/// The weights by which an idle participant's holdings are split anew: where it has staked, the
/// affinity (`raw`) or the stake itself; elsewhere 0. Leaves a row of weights per tile and returns
/// their sum.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+bmi2",
    "x86_64+avx2+bmi2"
))]
pub fn weigh_again(
    weights: &mut [Row],
    affinities: &[Row],
    stakes: &[Row],
    tiling: Tiling,
    participant: usize,
    raw: bool,
) -> f64 {
    let mut sums = [0.0; LANES];
    for (tile, weights) in weights.iter_mut().enumerate() {
        let block = tile * tiling.stride + participant;
        let (affinities, stakes) = (&affinities[block], &stakes[block]);
        for lane in 0..LANES {
            let weight = if raw { affinities[lane] } else { stakes[lane] };
            weights[lane] = if stakes[lane] > 0.0 { weight } else { 0.0 };
            sums[lane] += weights[lane];
        }
    }
    sum(&sums)
}

/// Sets a participant's stakes to what weights come to: weight × holdings / sum. Returns whether
/// one is negative.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw+avx2+bmi2",
    "x86_64+avx2+bmi2"
))]
pub fn split(
    stakes: &mut [Row],
    weights: &[Row],
    tiling: Tiling,
    participant: usize,
    tokens_per_weight: f64,
) -> bool {
    let mut least = [0.0; LANES];
    for (tile, weights) in weights.iter().enumerate() {
        let stakes = &mut stakes[tile * tiling.stride + participant];
        for lane in 0..LANES {
            // A weight of 0 is no stake, whatever the sum.
            stakes[lane] = if weights[lane] != 0.0 {
                weights[lane] * tokens_per_weight
            } else {
                0.0
            };
            least[lane] = if stakes[lane] < least[lane] {
                stakes[lane]
            } else {
                least[lane]
            };
        }
    }
    least.iter().any(|&stake| stake < 0.0)
}

/// The sum of the lanes, pair by pair.
#[inline(always)]
fn sum(row: &Row) -> f64 {
    ((row[0] + row[4]) + (row[2] + row[6])) + ((row[1] + row[5]) + (row[3] + row[7]))
}
