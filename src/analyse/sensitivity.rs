//! Sensitivity of outcomes to settings: rank correlation for any design, variance-based indices for Saltelli's, elementary
//! effects for Morris'.

use super::histogram::Histogram;
use super::levels::Axis;
use crate::input::RawValue;

/// Spearman's rank correlation between an axis of numbers and an outcome, from the outcome's
/// histograms by level; ties have their mean rank.
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

/// An axis' share of an outcome's variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sobol {
    /// Alone: Σ f_B (f_AB − f_A) / n over the variance (Saltelli et al. 2010).
    pub first: f64,
    /// With all its interactions: Σ (f_A − f_AB)² / 2n over the variance (Jansen 1999).
    pub total: f64,
}

/// The indices of each of `axes` axes from the means of the points, in the order of Saltelli's
/// scheme; `None` where the points are not such a scheme or do not vary.
pub fn sobol(means: &[f64], axes: usize, second_order: bool) -> Option<Vec<Sobol>> {
    let block = if second_order { 2 * axes + 2 } else { axes + 2 };
    let blocks = means.chunks_exact(block);
    if blocks.len() == 0 || !blocks.remainder().is_empty() || means.iter().any(|y| y.is_nan()) {
        return None;
    }
    let n = blocks.len() as f64;
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    let ends = || {
        means
            .chunks_exact(block)
            .flat_map(|block| [block[0], block[block.len() - 1]])
    };
    let ends_mean = ends().sum::<f64>() / (2.0 * n);
    let variance = ends()
        .map(|y| (y - ends_mean) * (y - ends_mean))
        .sum::<f64>()
        / (2.0 * n);
    if variance <= 0.0 {
        return None;
    }
    let indices = (0..axes).map(|axis| {
        let (mut first, mut total) = (0.0, 0.0);
        for block in means.chunks_exact(block) {
            let (a, ab, b) = (block[0], block[1 + axis], block[block.len() - 1]);
            first += (b - mean) * (ab - a);
            total += (a - ab) * (a - ab) / 2.0;
        }
        Sobol {
            first: first / n / variance,
            total: total / n / variance,
        }
    });
    Some(indices.collect())
}

/// The elementary effects of an axis on an outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Morris {
    /// The mean effect.
    pub mean: f64,
    /// The mean of its size, μ*.
    pub mean_size: f64,
    /// The deviation of the effects: interactions and curvature.
    pub deviation: f64,
}

/// The elementary effects of each axis, from the means of the points, in trajectories that change one
/// axis a step; `None` where the points are not such.
pub fn morris(means: &[f64], axes: &[&Axis], levels: u32) -> Option<Vec<Morris>> {
    let length = axes.len() + 1;
    if !means.len().is_multiple_of(length) || means.iter().any(|y| y.is_nan()) {
        return None;
    }
    let delta = f64::from(levels) / (2.0 * (f64::from(levels) - 1.0));
    let mut effects = vec![Vec::new(); axes.len()];
    for start in (0..means.len()).step_by(length) {
        for step in start..start + axes.len() {
            let moved = axes
                .iter()
                .position(|axis| axis.values[step] != axis.values[step + 1])?;
            let axis = axes[moved];
            let upwards = match (&axis.values[step], &axis.values[step + 1]) {
                (RawValue::Number(before), RawValue::Number(after)) => after > before,
                _ => axis.level[step + 1] > axis.level[step],
            };
            let effect = (means[step + 1] - means[step]) / if upwards { delta } else { -delta };
            effects[moved].push(effect);
        }
    }
    let indices = effects.iter().map(|effects| {
        let n = effects.len() as f64;
        let mean = effects.iter().sum::<f64>() / n;
        let squares: f64 = effects.iter().map(|e| (e - mean) * (e - mean)).sum();
        Morris {
            mean,
            mean_size: effects.iter().map(|e| e.abs()).sum::<f64>() / n,
            deviation: (squares / (n - 1.0)).sqrt(),
        }
    });
    Some(indices.collect())
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

    #[test]
    fn a_sum_has_its_known_indices() {
        // f = 2 x0 + x1 with x uniform: shares 4/5 and 1/5, no interaction.
        let mut state = 1u64;
        let mut uniform = || {
            state = crate::engine::mix(state);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let f = |x: [f64; 2]| 2.0 * x[0] + x[1];
        let mut means = Vec::new();
        for _ in 0..20_000 {
            let (a, b) = ([uniform(), uniform()], [uniform(), uniform()]);
            means.extend([f(a), f([b[0], a[1]]), f([a[0], b[1]]), f(b)]);
        }
        let found = sobol(&means, 2, false).unwrap();
        for (found, expected) in found.iter().zip([0.8, 0.2]) {
            assert!((found.first - expected).abs() < 0.03, "{found:?}");
            assert!((found.total - expected).abs() < 0.03, "{found:?}");
        }
        assert_eq!(sobol(&means[1..], 2, false), None);
        assert_eq!(sobol(&[1.0; 8], 2, false), None);
    }
}
