//! Quantiles and intervals of values held in memory.

/// Sorts values, none of which is NaN.
pub fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The quantile of sorted values, by Hyndman and Fan's type 7; NaN without values.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let rank = share * last as f64;
    let below = sorted[rank.floor() as usize];
    let above = sorted[(rank.ceil() as usize).min(last)];
    below + (above - below) * rank.fract()
}

/// Wilson's 95 % interval of a share of `met` among `all`; NaN where there are none.
pub fn wilson(met: u64, all: u64) -> (f64, f64) {
    const Z: f64 = 1.96;
    let (met, n) = (met as f64, all as f64);
    let share = met / n;
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    // At the ends the interval touches them, but for rounding.
    let low = if met == 0.0 {
        0.0
    } else {
        (middle - half) / scale
    };
    let high = if met == n {
        1.0
    } else {
        (middle + half) / scale
    };
    match all {
        0 => (f64::NAN, f64::NAN),
        _ => (low, high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        let values = sorted(vec![4.0, 1.0, 2.0]);
        let quantiles = [0.0, 0.25, 0.5, 0.9, 1.0].map(|share| quantile(&values, share));
        assert_eq!(quantiles, [1.0, 1.5, 2.0, 3.6, 4.0]);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn shares_have_their_known_intervals() {
        let (low, high) = wilson(8, 10);
        assert!(
            (low - 0.4901572).abs() < 1e-5 && (high - 0.9433164).abs() < 1e-5,
            "{low} {high}"
        );
        assert_eq!((wilson(0, 10).0, wilson(10, 10).1), (0.0, 1.0));
        assert!(wilson(0, 0).0.is_nan());
    }
}
