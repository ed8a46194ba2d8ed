//! Measures the inequality of holdings.

/// Measures of inequality among participants with holdings above 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Concentration {
    /// Gini coefficient: 0 for equal holdings, approaching 1 if one participant holds everything.
    pub gini: f64,
    /// Minimum number of holders who together have more than half.
    pub nakamoto: u32,
    /// Share of the largest holder.
    pub top1: f64,
    /// Share of the ten largest holders.
    pub top10: f64,
    /// 1 / Σ share²: the number of equal holders with the same concentration.
    pub effective_holders: f64,
}

impl Concentration {
    /// Measures the holdings above 0; departed participants hold nothing. `scratch` is a buffer for sorting.
    pub fn of_holders(holdings: &[f64], scratch: &mut Vec<f64>) -> Self {
        scratch.clear();
        scratch.extend(holdings.iter().filter(|&&held| held > 0.0));
        Self::of(scratch)
    }

    /// Measures holdings above 0, and sorts them: gini = 2 Σ i x_i / (n Σ x) − (n + 1)/n, with x in ascending
    /// order and i from 1.
    pub fn of(holdings: &mut [f64]) -> Self {
        /// Exceeds the rounding error in sums of equal holdings.
        const ROUNDING: f64 = 1e-12;
        if holdings.is_empty() {
            return Self::default();
        }
        // The bits of positive numbers are ordered like the numbers.
        holdings.sort_unstable_by_key(|held| held.to_bits());
        let count = holdings.len() as f64;
        let total: f64 = holdings.iter().sum();
        let ranked: f64 = (1..)
            .zip(&*holdings)
            .map(|(rank, held)| f64::from(rank) * held)
            .sum();
        let (mut largest, mut nakamoto) = (0.0, 0);
        for held in holdings.iter().rev() {
            largest += held;
            nakamoto += 1;
            if largest > total / 2.0 * (1.0 + ROUNDING) {
                break;
            }
        }
        let top10: f64 = holdings.iter().rev().take(10).sum();
        let squares: f64 = holdings.iter().map(|held| (held / total).powi(2)).sum();
        Self {
            gini: 2.0 * ranked / (count * total) - (count + 1.0) / count,
            nakamoto,
            top1: holdings[holdings.len() - 1] / total,
            top10: if holdings.len() <= 10 {
                1.0
            } else {
                top10 / total
            },
            effective_holders: 1.0 / squares,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_are_equal() {
        for n in [1, 2, 7, 10, 11, 30, 1001] {
            // A number whose multiples are rounded.
            let of = Concentration::of(&mut vec![14_020.008 / 3.0; n]);
            assert!(of.gini.abs() < 1e-12, "{of:?}");
            assert_eq!(of.nakamoto as usize, n / 2 + 1);
            assert!((of.top1 * n as f64 - 1.0).abs() < 1e-12);
            assert!((of.top10 - (10.0 / n as f64).min(1.0)).abs() < 1e-12);
            assert!((of.effective_holders / n as f64 - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_small_list_by_hand() {
        let of = Concentration::of(&mut [6.0, 1.0, 3.0]);
        // 2 (1 + 6 + 18) / (3 · 10) − 4/3.
        assert!((of.gini - 1.0 / 3.0).abs() < 1e-15);
        assert_eq!((of.nakamoto, of.top1, of.top10), (1, 0.6, 1.0));
        assert!((of.effective_holders - 100.0 / 46.0).abs() < 1e-12);
        assert_eq!(Concentration::of(&mut []), Concentration::default());
    }
}
