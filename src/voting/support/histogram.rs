//! Distribution of affinities, which mostly decides without a search on which side of a value the median lies.

use crate::engine::LANES;
use bevy_ecs::prelude::*;

/// Cumulative histogram: number of affinities below each of a few cuts, of one seat or of all; updated as edges come
/// and go. Arrivals ask only on which side of a value the median lies. The counts decide that unless no cut separates
/// the two.
#[derive(Component, Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub struct Histogram {
    /// Number of affinities below each cut.
    pub below: [i64; LANES],
}

impl Histogram {
    /// Cuts, close to where medians lie. The fourth decides if the median is above 0.
    pub const CUTS: [f64; LANES] = [-0.3, -0.15, -0.05, f64::MIN_POSITIVE, 0.05, 0.12, 0.2, 0.4];

    /// Adds an affinity.
    #[inline]
    pub fn add(&mut self, affinity: f64) {
        for (below, cut) in self.below.iter_mut().zip(Self::CUTS) {
            *below += i64::from(affinity < cut);
        }
    }

    /// Removes an affinity.
    #[inline]
    pub fn take_out(&mut self, affinity: f64) {
        for (below, cut) in self.below.iter_mut().zip(Self::CUTS) {
            *below -= i64::from(affinity < cut);
        }
    }

    /// Adds the counts of another histogram.
    #[inline]
    pub fn join(&mut self, other: &Self) {
        for (below, other) in self.below.iter_mut().zip(other.below) {
            *below += other;
        }
    }

    /// Removes the counts of another histogram.
    #[inline]
    pub fn part(&mut self, other: &Self) {
        for (below, other) in self.below.iter_mut().zip(other.below) {
            *below -= other;
        }
    }

    /// Returns the least and the largest possible number of `all` affinities below a value.
    #[inline]
    pub fn bounds(&self, value: f64, all: i64) -> (i64, i64) {
        // The cuts are in order.
        let up_to = Self::CUTS.partition_point(|&cut| cut <= value);
        let most = self.below.get(up_to).copied().unwrap_or(all);
        match up_to.checked_sub(1) {
            None => (0, most),
            Some(last) if Self::CUTS[last] == value => (self.below[last], self.below[last]),
            Some(last) => (self.below[last], most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_and_are_exact_at_a_cut() {
        let affinities: Vec<f64> = (-100..100).map(|i| f64::from(i) / 100.0).collect();
        let mut histogram = Histogram::default();
        for &affinity in &affinities {
            histogram.add(affinity);
        }
        let values = affinities
            .iter()
            .copied()
            .chain(Histogram::CUTS)
            .chain([-2.0, 2.0]);
        for value in values {
            let (least, most) = histogram.bounds(value, 200);
            let below = affinities.iter().filter(|&&a| a < value).count() as i64;
            assert!((least..=most).contains(&below), "{value}: {below}");
            if Histogram::CUTS.contains(&value) {
                assert_eq!(least, most);
            }
        }
    }
}
