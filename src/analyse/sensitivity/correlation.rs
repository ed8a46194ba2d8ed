//! Computes Spearman's rank correlation of an axis with an outcome, from histograms.

use crate::analyse::histogram::Histogram;

/// Returns Spearman's rank correlation between an axis of numbers and an outcome, from the outcome's histograms by
/// level. Ties have their mean rank.
pub fn rank_correlation(by_level: &[Histogram]) -> f64 {
    let rows: Vec<f64> = by_level.iter().map(|level| level.count() as f64).collect();
    let bins = by_level.first().map_or(0, |level| level.counts.len());
    let columns: Vec<f64> = (0..bins)
        .map(|bin| by_level.iter().map(|level| level.counts[bin] as f64).sum())
        .collect();
    let (x, y) = (mean_ranks(&rows), mean_ranks(&columns));
    let n: f64 = rows.iter().sum();
    let middle = n / 2.0;
    let spread = |ranks: &[f64], counts: &[f64]| -> f64 {
        let squares = ranks.iter().zip(counts);
        squares
            .map(|(rank, count)| count * (rank - middle) * (rank - middle))
            .sum()
    };
    let mut product = 0.0;
    for (level, x) in by_level.iter().zip(&x) {
        for (&count, y) in level.counts.iter().zip(&y) {
            product += count as f64 * (x - middle) * (y - middle);
        }
    }
    product / (spread(&x, &rows) * spread(&y, &columns)).sqrt()
}

fn mean_ranks(counts: &[f64]) -> Vec<f64> {
    let mut below = 0.0;
    let ranks = counts.iter().map(|count| {
        below += count;
        below - count / 2.0
    });
    ranks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(counts: [[u64; 3]; 3]) -> Vec<Histogram> {
        let of_counts = counts.map(|counts| {
            let mut histogram = Histogram::of(&[0.0, 1.0, 2.0]);
            histogram.counts = counts.into();
            histogram
        });
        of_counts.into()
    }

    #[test]
    fn ranks_correlate_with_themselves() {
        let up = levels([[5, 0, 0], [0, 5, 0], [0, 0, 5]]);
        assert!((rank_correlation(&up) - 1.0).abs() < 1e-12);
        let down = levels([[0, 0, 5], [0, 5, 0], [5, 0, 0]]);
        assert!((rank_correlation(&down) + 1.0).abs() < 1e-12);
        let flat = levels([[5, 5, 5], [5, 5, 5], [5, 5, 5]]);
        assert!(rank_correlation(&flat).abs() < 1e-12);
    }
}
