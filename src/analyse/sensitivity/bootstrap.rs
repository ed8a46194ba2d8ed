//! Computes half widths of 95 % intervals by the bootstrap, which draws rows with replacement.

use crate::analyse::moments::Moments;
use crate::engine::hash64;
use std::sync::atomic::{AtomicBool, Ordering};

/// Number of resamples.
pub const RESAMPLES: usize = 1000;

/// Returns the half width of each statistic, 1.96 deviations over [`RESAMPLES`] draws of the rows. `statistics`
/// computes the statistics from the mean of each column over the rows drawn. The draws depend only on the number of
/// rows. Returns `None` once `stop` is set.
pub(super) fn half_widths(
    columns: &[Vec<f64>],
    statistics: impl Fn(&[f64]) -> Vec<f64>,
    stop: &AtomicBool,
) -> Option<Vec<f64>> {
    let rows = columns.first().map_or(0, Vec::len);
    let mut spread: Vec<Moments> = Vec::new();
    let mut means = vec![0.0; columns.len()];
    let mut weights = vec![0.0; rows];
    for resample in 0..RESAMPLES {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        weights.fill(0.0);
        for draw in 0..rows {
            let drawn = hash64((resample * rows + draw) as u64) % rows as u64;
            weights[drawn as usize] += 1.0;
        }
        for (mean, column) in means.iter_mut().zip(columns) {
            let products = column.iter().zip(&weights);
            *mean = products.map(|(value, weight)| value * weight).sum::<f64>() / rows as f64;
        }
        let found = statistics(&means);
        spread.resize(found.len(), Moments::default());
        for (spread, value) in spread.iter_mut().zip(found) {
            spread.add(value);
        }
    }
    Some(
        spread
            .iter()
            .map(|spread| 1.96 * spread.deviation())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_its_known_half_width() {
        // 400 evenly spread values from 0 to 1 have deviation 1/√12.
        let values: Vec<f64> = (0..400).map(|row| (f64::from(row) + 0.5) / 400.0).collect();
        let stop = AtomicBool::new(false);
        let found = half_widths(&[values], <[f64]>::to_vec, &stop).unwrap();
        let expected = 1.96 / (12.0f64 * 400.0).sqrt();
        assert!(
            (found[0] / expected - 1.0).abs() < 0.1,
            "{found:?} {expected}"
        );
        stop.store(true, Ordering::Relaxed);
        assert_eq!(half_widths(&[vec![1.0]], <[f64]>::to_vec, &stop), None);
    }
}
