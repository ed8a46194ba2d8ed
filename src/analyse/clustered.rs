//! Uncertainty of means over runs that are not independent, since they share uncertain points or random worlds.

use super::moments::Moments;
use super::statistics::{student, wilson};

/// Means over the runs of each uncertain point, and over those of each random world.
///
/// Runs of one point depend on each other, and so do runs of different points in one world. The variance of the
/// total mean is estimated by the sum of both variances, that between points and that between worlds. The sum counts chance
/// within a cell twice, so intervals are rather too wide than too narrow. Source: A. C. Cameron, J. B. Gelbach and
/// D. L. Miller, Robust Inference With Multiway Clustering, Journal of Business & Economic Statistics 29 (2011).
#[derive(Clone, Copy, Debug, Default)]
pub struct Clustered {
    /// Means by uncertain point; none if there is one point.
    pub points: Moments,
    /// Means by random world, where points share it, or values of runs, where there is one point; else none.
    pub worlds: Moments,
}

impl Clustered {
    /// Returns the means of outcomes, point by point with `replicates` values each; NaN is a missing value.
    /// `are_common` is true if replicates of equal number share their random world.
    ///
    /// # Panics
    /// If `replicates` is 0.
    pub fn of(outcomes: &[f64], replicates: usize, are_common: bool) -> Self {
        let points = outcomes.chunks_exact(replicates);
        let mut found = Self::default();
        if points.len() > 1 {
            found.points = Moments::of(points.clone().map(mean).filter(|mean| !mean.is_nan()));
        }
        if are_common || points.len() == 1 {
            let mut sums = vec![(0.0, 0.0); replicates];
            for point in points {
                for ((sum, count), value) in sums.iter_mut().zip(point) {
                    if !value.is_nan() {
                        *sum += value;
                        *count += 1.0;
                    }
                }
            }
            let present = sums.into_iter().filter(|(_, count)| *count > 0.0);
            found.worlds = Moments::of(present.map(|(sum, count)| sum / count));
        }
        found
    }

    /// Returns half the width of the 95 % interval of the mean, by Student's law; NaN for fewer than two clusters.
    /// Degrees of freedom are those of Satterthwaite's approximation.
    pub fn half_width(&self) -> f64 {
        let variances = self.known().map(|of| of.deviation().powi(2) / of.n);
        let variance: f64 = variances.clone().sum();
        let squares = variances.zip(self.known());
        let squares: f64 = squares.map(|(part, of)| part * part / (of.n - 1.0)).sum();
        match self.known().next() {
            None => f64::NAN,
            Some(_) if variance == 0.0 => 0.0,
            Some(_) => student(variance * variance / squares) * variance.sqrt(),
        }
    }

    /// Returns Wilson's 95 % interval of a share, the mean of these shares; NaN without any. The number of
    /// cases is the one that gives the variance of that mean; if all clusters are equal, it is the smaller number of
    /// clusters.
    pub fn wilson(&self, share: f64) -> (f64, f64) {
        let shrunk = |of: &Moments| of.deviation().powi(2) * (of.n - 1.0) / (of.n * of.n);
        let variance: f64 = self.known().map(shrunk).sum();
        let fewest = self.known().map(|of| of.n).fold(f64::NAN, f64::min);
        let cases = match variance > 0.0 {
            true => share * (1.0 - share) / variance,
            false if fewest.is_nan() => self.points.n.max(self.worlds.n),
            false => fewest,
        };
        wilson(share * cases, cases)
    }

    /// Returns the moments whose variance is known.
    fn known(&self) -> impl Iterator<Item = &Moments> + Clone {
        [&self.points, &self.worlds]
            .into_iter()
            .filter(|of| of.n > 1.0)
    }
}

/// Returns the mean of the values that are not missing; NaN if all are.
pub(super) fn mean(values: &[f64]) -> f64 {
    let present = values.iter().filter(|value| !value.is_nan());
    let (sum, count) = present.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn points_and_the_worlds_that_they_share_both_count() {
        // Three points with two replicates.
        let outcomes = [1.0, 3.0, 2.0, 6.0, 6.0, f64::NAN];
        let own = Clustered::of(&outcomes, 2, false);
        assert!(close(
            own.half_width(),
            Moments::of([2.0, 4.0, 6.0]).half_width()
        ));
        let shared = Clustered::of(&outcomes, 2, true);
        let (points, worlds): (f64, f64) = (4.0 / 3.0, 1.125 / 2.0);
        let freedom = (points + worlds).powi(2) / (points.powi(2) / 2.0 + worlds.powi(2));
        assert!(freedom > 2.0 && freedom < 3.0, "{freedom}");
        let expected = student(freedom) * (points + worlds).sqrt();
        assert!(close(shared.half_width(), expected), "{shared:?}");
    }

    #[test]
    fn runs_of_one_point_are_clusters_of_their_own() {
        for are_common in [false, true] {
            let one = Clustered::of(&[1.0, f64::NAN, 2.0, 4.0], 4, are_common);
            assert!(close(
                one.half_width(),
                Moments::of([1.0, 2.0, 4.0]).half_width()
            ));
        }
        assert!(Clustered::of(&[1.0], 1, true).half_width().is_nan());
        assert_eq!(Clustered::of(&[2.0; 6], 3, true).half_width(), 0.0);
    }

    #[test]
    fn shares_count_as_what_their_clusters_tell() {
        let alone = [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0];
        let both = |(low, high): (f64, f64), (to_low, to_high): (f64, f64)| {
            close(low, to_low) && close(high, to_high)
        };
        let one = Clustered::of(&alone, 10, true).wilson(0.8);
        assert!(both(one, wilson(8.0, 10.0)));
        // A hundred runs that agree at each of ten points count as ten cases.
        let agreeing: Vec<f64> = alone.iter().flat_map(|share| [*share; 10]).collect();
        assert!(both(
            Clustered::of(&agreeing, 10, false).wilson(0.8),
            wilson(8.0, 10.0)
        ));
        // Worlds in which all fail or none are as many cases, at however many points.
        let repeated = alone.repeat(50);
        assert!(both(
            Clustered::of(&repeated, 10, true).wilson(0.8),
            wilson(8.0, 10.0)
        ));
        // Where nothing fails, the smaller number of clusters is the number of cases.
        assert!(both(
            Clustered::of(&[1.0; 60], 3, true).wilson(1.0),
            wilson(3.0, 3.0)
        ));
        assert!(both(
            Clustered::of(&[1.0; 20], 1, true).wilson(1.0),
            wilson(20.0, 20.0)
        ));
        // Similar shares narrow the interval.
        let (low, high) = Clustered::of(&[0.75, 0.85, 0.8, 0.8, 0.8], 1, false).wilson(0.8);
        assert!(low > 0.7 && high < 0.9, "{low} {high}");
        assert!(Clustered::default().wilson(f64::NAN).0.is_nan());
    }

    /// Intervals of means over points and worlds, whichever of them vary, hold the true mean in 95 % of trials, or more.
    #[test]
    fn intervals_hold_what_they_promise() {
        const TRIALS: u64 = 1000;
        for (points, replicates, of_point, of_world, of_run) in [
            (20, 30, 0.2, 1.0, 0.5),
            (20, 5, 0.0, 1.0, 0.2),
            (6, 8, 1.0, 1.0, 1.0),
            (8, 40, 1.0, 0.1, 0.3),
            (10, 10, 0.0, 0.0, 1.0),
            (1, 12, 0.0, 1.0, 0.0),
        ] {
            let held = (0..TRIALS).filter(|&trial| {
                let mut random = Xoshiro256PlusPlus::seed_from_u64(trial);
                // Nearly normal, of mean 0 and variance 1.
                let mut draw = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
                let worlds: Vec<f64> = (0..replicates).map(|_| of_world * draw()).collect();
                let mut outcomes = Vec::new();
                for _ in 0..points {
                    let point = of_point * draw();
                    outcomes.extend(worlds.iter().map(|world| point + world + of_run * draw()));
                }
                let half_width = Clustered::of(&outcomes, replicates, true).half_width();
                mean(&outcomes).abs() <= half_width
            });
            let share = held.count() as f64 / TRIALS as f64;
            // Three standard errors below what they promise.
            assert!(share > 0.929, "{points} × {replicates}: {share}");
        }
    }
}
