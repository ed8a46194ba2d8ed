//! Computes variance-based indices from Saltelli's scheme: each setting's share of an outcome's variance.

use super::Index;
use super::bootstrap::half_widths;
use std::sync::atomic::AtomicBool;

/// Fewest rows of a scheme whose bootstrap shows how sure an index is.
const FEWEST_ROWS: usize = 32;

/// Largest half width of an index that counts as sure: a tenth of the variance.
const SURE: f64 = 0.1;

/// Sobol indices of an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Sobol {
    /// Number of pairs of rows A, B.
    pub rows: usize,
    /// Share of the variance alone, by axis: Σ f_B (f_AB − f_A) / n over the variance (Saltelli et al. 2010).
    pub first: Vec<Index>,
    /// Share with all interactions, by axis: Σ (f_A − f_AB)² / 2n over the variance (Jansen 1999).
    pub total: Vec<Index>,
    /// Share of the interaction, by pair of axes (Saltelli 2002); empty without second order.
    pub second: Vec<((usize, usize), Index)>,
}

/// Returns the indices of each of `axes` axes from the means of the points, in the order of Saltelli's scheme.
/// Returns `None` if the points do not form such a scheme or do not vary, or once `stop` is set.
pub fn sobol(means: &[f64], axes: usize, second_order: bool, stop: &AtomicBool) -> Option<Sobol> {
    let block = if second_order { 2 * axes + 2 } else { axes + 2 };
    let blocks = means.chunks_exact(block);
    let is_scheme = blocks.len() > 0 && blocks.remainder().is_empty();
    if !is_scheme || means.iter().any(|y| y.is_nan()) || means.iter().all(|y| *y == means[0]) {
        return None;
    }
    let rows = blocks.len();
    let middle = means.iter().sum::<f64>() / means.len() as f64;
    let pairs: Vec<(usize, usize)> = match second_order {
        true => (0..axes)
            .flat_map(|j| (j + 1..axes).map(move |k| (j, k)))
            .collect(),
        false => Vec::new(),
    };
    // Products by row, whose means give the indices; the first two give the variance.
    let mut columns = vec![Vec::with_capacity(rows); 2 + 2 * axes + pairs.len()];
    for block in blocks {
        let y = |place: usize| block[place] - middle;
        let (a, b) = (y(0), y(block.len() - 1));
        columns[0].push((a + b) / 2.0);
        columns[1].push((a * a + b * b) / 2.0);
        for axis in 0..axes {
            let ab = y(1 + axis);
            columns[2 + axis].push(b * (ab - a));
            columns[2 + axes + axis].push((a - ab) * (a - ab) / 2.0);
        }
        for (place, (j, k)) in pairs.iter().enumerate() {
            let (ba_j, ab_k) = (y(1 + axes + j), y(1 + k));
            columns[2 + 2 * axes + place].push(ba_j * ab_k - a * b);
        }
    }
    let indices = |means: &[f64]| -> Vec<f64> {
        let variance = means[1] - means[0] * means[0];
        let share = |product: &f64| match variance > 0.0 {
            true => product / variance,
            false => 0.0,
        };
        let mut indices: Vec<f64> = means[2..].iter().map(share).collect();
        for (place, &(j, k)) in pairs.iter().enumerate() {
            indices[2 * axes + place] -= indices[j] + indices[k];
        }
        indices
    };
    let sums = columns.iter().map(|column| column.iter().sum::<f64>());
    let found = indices(&sums.map(|sum| sum / rows as f64).collect::<Vec<_>>());
    let widths = half_widths(&columns, indices, stop)?;
    let index = |place: usize| Index {
        value: found[place],
        half_width: widths[place],
        is_unsure: rows < FEWEST_ROWS || widths[place] > SURE,
    };
    let second = pairs.iter().enumerate();
    Some(Sobol {
        rows,
        first: (0..axes).map(index).collect(),
        total: (axes..2 * axes).map(index).collect(),
        second: second
            .map(|(place, pair)| (*pair, index(2 * axes + place)))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(rows: usize, f: impl Fn([f64; 2]) -> f64) -> Vec<f64> {
        let mut state = 1u64;
        let mut uniform = || {
            state = crate::engine::hash64(state);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let mut means = Vec::new();
        for _ in 0..rows {
            let (a, b) = ([uniform(), uniform()], [uniform(), uniform()]);
            means.extend([f(a), f([b[0], a[1]]), f([a[0], b[1]])]);
            means.extend([f([a[0], b[1]]), f([b[0], a[1]]), f(b)]);
        }
        means
    }

    #[test]
    fn a_sum_has_its_known_indices() {
        // f = 2 x0 + x1 with x uniform: shares 4/5 and 1/5, no interaction.
        let stop = AtomicBool::new(false);
        let means = points(2000, |x| 2.0 * x[0] + x[1]);
        let found = sobol(&means, 2, true, &stop).unwrap();
        for (axis, expected) in [0.8, 0.2].into_iter().enumerate() {
            for index in [found.first[axis], found.total[axis]] {
                assert!((index.value - expected).abs() < 0.1, "{found:?}");
                assert!(
                    (index.value - expected).abs() < 2.0 * index.half_width,
                    "{found:?}"
                );
                assert!(!index.is_unsure, "{found:?}");
            }
        }
        assert_eq!(found.second[0].0, (0, 1));
        assert!(found.second[0].1.value.abs() < 0.1, "{found:?}");
    }

    #[test]
    fn few_rows_are_unsure_and_what_is_no_scheme_has_no_indices() {
        let stop = AtomicBool::new(false);
        let means = points(16, |x| 2.0 * x[0] + x[1]);
        let found = sobol(&means, 2, true, &stop).unwrap();
        assert!(found.first.iter().all(|index| index.is_unsure));
        assert_eq!(sobol(&means[1..], 2, true, &stop), None);
        assert_eq!(sobol(&[1.0; 8], 2, false, &stop), None);
        assert_eq!(sobol(&[1.0, 2.0, 3.0, f64::NAN], 2, false, &stop), None);
    }
}
