//! The loops over edges, on bare slices. A row of a tile is eight neighbouring numbers, so every
//! loop here runs over blocks of eight: vectors without horizontal steps, and the same sums in the
//! same order on every machine.

use super::tiles::LANES;

/// Eight lanes of a tile's row.
pub type Row = [f64; LANES];

/// How many affinities lie below `value`.
pub fn count_below(affinities: &[f64], value: f64) -> usize {
    let mut counts = [0u64; LANES];
    for row in affinities.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            counts[lane] += u64::from(row[lane] < value);
        }
    }
    counts.iter().sum::<u64>() as usize
}

/// One day of a tile: y ← x + αy on each edge. Returns the sums of x and of y per lane, over the
/// participants in order.
pub fn accrue(stakes: &[f64], convictions: &mut [f64], alpha: f64) -> (Row, Row) {
    let (mut stake_sums, mut conviction_sums) = ([0.0; LANES], [0.0; LANES]);
    let stakes = stakes.as_chunks::<LANES>().0;
    let convictions = convictions.as_chunks_mut::<LANES>().0;
    for (x, y) in stakes.iter().zip(convictions) {
        for lane in 0..LANES {
            y[lane] = x[lane] + alpha * y[lane];
            stake_sums[lane] += x[lane];
            conviction_sums[lane] += y[lane];
        }
    }
    (stake_sums, conviction_sums)
}

/// Adds `weight` times a row of stakes to a row of boosts.
pub fn add_scaled(boosts: &mut Row, weight: f64, stakes: &Row) {
    for lane in 0..LANES {
        boosts[lane] += weight * stakes[lane];
    }
}

/// The greatest of each lane.
pub fn raise(most: &mut Row, row: &Row) {
    for lane in 0..LANES {
        most[lane] = if row[lane] > most[lane] {
            row[lane]
        } else {
            most[lane]
        };
    }
}

/// The greatest of the lanes.
pub fn greatest(row: &Row) -> f64 {
    row.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The sum of the lanes, pair by pair.
pub fn sum(row: &Row) -> f64 {
    ((row[0] + row[4]) + (row[2] + row[6])) + ((row[1] + row[5]) + (row[3] + row[7]))
}

/// The weights by which a participant's holdings are split: where affinity and boost together
/// exceed the cutoff, the affinity (`raw`) or the sum, not below 0; elsewhere 0. Adds them to
/// `sums`.
pub fn weigh(
    affinities: &Row,
    boosts: &Row,
    cutoff: f64,
    raw: bool,
    weights: &mut Row,
    sums: &mut Row,
) {
    for lane in 0..LANES {
        let boosted = affinities[lane] + boosts[lane];
        let weight = if raw {
            affinities[lane]
        } else if boosted > 0.0 {
            boosted
        } else {
            0.0
        };
        weights[lane] = if boosted > cutoff { weight } else { 0.0 };
        sums[lane] += weights[lane];
    }
}

/// The weights by which an idle participant's holdings are split anew: where it has staked, the
/// affinity (`raw`) or the stake itself. Adds them to `sums`.
pub fn weigh_again(affinities: &Row, stakes: &Row, raw: bool, weights: &mut Row, sums: &mut Row) {
    for lane in 0..LANES {
        let weight = if raw { affinities[lane] } else { stakes[lane] };
        weights[lane] = if stakes[lane] > 0.0 { weight } else { 0.0 };
        sums[lane] += weights[lane];
    }
}

/// The stakes that weights come to: holdings × weight / sum. Returns whether one is negative.
pub fn split(stakes: &mut Row, weights: &Row, holdings: f64, sum: f64) -> bool {
    let mut negative = false;
    for lane in 0..LANES {
        let stake = holdings * weights[lane] / sum;
        // A weight of 0 is no stake, whatever the sum.
        stakes[lane] = if weights[lane] != 0.0 { stake } else { 0.0 };
        negative |= stakes[lane] < 0.0;
    }
    negative
}
