//! Computes quantiles and intervals of values in memory.

use super::moments::Moments;

/// Sorts values, none of which is NaN.
pub fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Returns the quantile of sorted values, by Hyndman and Fan's type 7; NaN without values.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let rank = share * last as f64;
    let below = sorted[rank.floor() as usize];
    let above = sorted[(rank.ceil() as usize).min(last)];
    below + (above - below) * rank.fract()
}

/// Returns Wilson's 95 % interval of the share of `met` among `all`; NaN if `all` is 0.
pub fn wilson(met: u64, all: u64) -> (f64, f64) {
    wilson_of(met as f64, all as f64)
}

/// Returns Wilson's 95 % interval of the mean of shares from independent clusters. The number of cases is the one
/// that gives the variance of that mean; if all shares are equal, it is the number of clusters.
pub fn wilson_clustered(shares: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let moments = Moments::of(shares);
    let (n, mean) = (moments.n, moments.mean());
    let variance = match n > 1.0 {
        true => moments.deviation().powi(2) * (n - 1.0) / (n * n),
        false => 0.0,
    };
    let cases = match variance > 0.0 {
        true => mean * (1.0 - mean) / variance,
        false => n,
    };
    wilson_of(mean * cases, cases)
}

fn wilson_of(met: f64, n: f64) -> (f64, f64) {
    const Z: f64 = 1.96;
    let share = met / n;
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    // At the ends the interval touches them, which rounding would hide.
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
    match n > 0.0 {
        true => (low, high),
        false => (f64::NAN, f64::NAN),
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

    #[test]
    fn clusters_count_as_what_they_tell() {
        let close = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() + (a.1 - b.1).abs() < 1e-9;
        let alone = [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0];
        assert!(close(wilson_clustered(alone), wilson(8, 10)));
        // A hundred runs that agree in each of ten worlds count as ten cases.
        assert!(close(wilson_clustered([0.0; 10]), wilson(0, 10)));
        // Similar shares in all worlds narrow the interval.
        let (low, high) = wilson_clustered([0.75, 0.85, 0.8, 0.8, 0.8]);
        assert!(low > 0.7 && high < 0.9, "{low} {high}");
        assert!(wilson_clustered([]).0.is_nan());
    }
}
