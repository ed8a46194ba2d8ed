//! Cuts the runs of a plan into parts of about equal work, by the spec alone.

use std::ops::Range;

/// Greatest weight of a part.
pub const WHOLE: u64 = 1 << 40;

/// Consecutive runs of equal weight.
#[derive(Clone, Debug)]
struct Stretch {
    /// First run.
    first: u64,
    /// Weight of each run.
    weight: u64,
    /// Weight of all runs before the first.
    before: u128,
}

/// Weights of runs: the share that each takes of the greatest part.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    stretches: Vec<Stretch>,
    runs: u64,
}

impl Weights {
    /// Appends runs of equal weight, as a share of [`WHOLE`].
    pub fn push(&mut self, weight: f64, runs: u64) {
        let weight = ((weight * WHOLE as f64) as u64).clamp(1, WHOLE);
        if self
            .stretches
            .last()
            .is_none_or(|last| last.weight != weight)
        {
            self.stretches.push(Stretch {
                first: self.runs,
                weight,
                before: 0,
            });
        }
        self.runs += runs;
    }

    /// Cuts the runs into at least `least` parts if there are as many runs.
    pub fn cut(mut self, least: u64) -> Parts {
        let mut quota = WHOLE;
        // The weight of a run beyond a part does not count, which leaves less to share out.
        for _ in 0..8 {
            let share = self.weigh(quota).div_ceil(u128::from(least.max(1)));
            quota = u64::try_from(share).unwrap_or(WHOLE).clamp(1, quota);
        }
        let all = self.weigh(quota);
        let before_the_last = self
            .stretches
            .last()
            .map(|last| all - u128::from(last.weight));
        Parts {
            stretches: self.stretches,
            quota,
            runs: self.runs,
            count: before_the_last.map_or(0, |weight| weight / u128::from(quota) + 1) as u64,
        }
    }

    /// Caps weights at `most`, sums the weights before each stretch, and returns the weight of all runs.
    fn weigh(&mut self, most: u64) -> u128 {
        let ends: Vec<_> = self
            .stretches
            .iter()
            .skip(1)
            .map(|next| next.first)
            .collect();
        let mut all = 0;
        for (stretch, end) in self
            .stretches
            .iter_mut()
            .zip(ends.into_iter().chain([self.runs]))
        {
            stretch.weight = stretch.weight.min(most);
            stretch.before = all;
            all += u128::from(stretch.weight) * u128::from(end - stretch.first);
        }
        all
    }
}

/// Runs cut into parts. Part p holds the runs preceded by a weight from p to below p + 1 quotas. No run weighs more
/// than a quota, so no part is empty.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    stretches: Vec<Stretch>,
    quota: u64,
    runs: u64,
    /// Number of parts.
    pub count: u64,
}

impl Parts {
    /// Returns the runs of a part.
    pub fn runs(&self, part: u64) -> Range<u64> {
        self.first(part)..self.first(part + 1)
    }

    /// Returns the numbers that determine the runs of every part: equal numbers mean equal parts.
    pub fn law(&self) -> impl Iterator<Item = u64> {
        let stretches = self.stretches.iter();
        let stretches = stretches.flat_map(|stretch| [stretch.first, stretch.weight]);
        stretches.chain([self.runs, self.quota])
    }

    /// Returns the part that holds a run.
    pub fn of(&self, run: u64) -> u64 {
        let place = self
            .stretches
            .partition_point(|stretch| stretch.first <= run);
        let stretch = &self.stretches[place - 1];
        let before = stretch.before + u128::from(stretch.weight) * u128::from(run - stretch.first);
        (before / u128::from(self.quota)) as u64
    }

    /// Returns the first run preceded by a weight of at least `part` quotas.
    fn first(&self, part: u64) -> u64 {
        if part >= self.count {
            return self.runs;
        }
        let wanted = u128::from(part) * u128::from(self.quota);
        let place = self
            .stretches
            .partition_point(|stretch| stretch.before < wanted);
        let Some(stretch) = place.checked_sub(1).map(|place| &self.stretches[place]) else {
            return 0;
        };
        let more = (wanted - stretch.before).div_ceil(u128::from(stretch.weight));
        stretch.first + more as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_run_is_in_one_part(
            stretches in prop::collection::vec((1e-13..3.0f64, 1..2000u64), 1..20),
            least in 0..64u64,
        ) {
            let mut weights = Weights::default();
            for &(weight, runs) in &stretches {
                weights.push(weight, runs);
            }
            let runs = weights.runs;
            let parts = weights.cut(least);
            let mut next = 0;
            for part in 0..parts.count {
                let held = parts.runs(part);
                prop_assert_eq!(held.start, next);
                prop_assert!(held.end > held.start);
                prop_assert_eq!(parts.of(held.start), part);
                prop_assert_eq!(parts.of(held.end - 1), part);
                next = held.end;
            }
            prop_assert_eq!(next, runs);
        }
    }

    #[test]
    fn work_is_shared_out_evenly() {
        let cut = |weight: f64, runs, least| {
            let mut weights = Weights::default();
            weights.push(weight, runs);
            weights.cut(least)
        };
        assert_eq!(cut(1e-6, 3200, 32).count, 32);
        assert_eq!(cut(1e-6, 3200, 32).runs(1), 100..200);
        assert_eq!(cut(1e-6, 5, 32).count, 5);
        assert_eq!(cut(0.5, 100, 32).count, 50);
        assert_eq!(cut(7.0, 100, 32).count, 100);
        assert_eq!(cut(1e-6, 100, 0).count, 1);
        let most = u64::from(u32::MAX) * 10_000_000;
        assert_eq!(cut(1.0, most, 32).count, most);
    }

    #[test]
    fn one_heavy_run_does_not_keep_the_light_ones_together() {
        let mut weights = Weights::default();
        weights.push(0.5, 1);
        weights.push(1e-5, 10_000);
        let parts = weights.cut(32);
        assert!(parts.count >= 31, "{}", parts.count);
        assert_eq!(parts.runs(0), 0..1);
    }
}
