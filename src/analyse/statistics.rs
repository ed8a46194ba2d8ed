//! Computes quantiles and intervals of values in memory.

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

/// z of a 95 % interval by the normal law.
const Z: f64 = 1.96;

/// Returns t of a 95 % interval, the 97.5 % quantile of Student's law, rounded as in its tables; broken degrees of freedom
/// are rounded down.
pub fn student(freedom: f64) -> f64 {
    const FEW: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042,
    ];
    // Rounding may put whole degrees of freedom slightly too low.
    let whole = (freedom * (1.0 + 1e-12)).floor().max(1.0);
    match FEW.get(whole as usize - 1) {
        Some(t) => *t,
        // The first terms of its expansion in 1/freedom.
        None => {
            let (z3, z5) = (Z.powi(3), Z.powi(5));
            Z + (z3 + Z) / (4.0 * whole) + (5.0 * z5 + 16.0 * z3 + 3.0 * Z) / (96.0 * whole * whole)
        }
    }
}

/// Returns Wilson's 95 % interval of a share of `cases`, not necessarily a whole number, of which `met` meet it; NaN
/// for 0 cases.
pub fn wilson(met: f64, cases: f64) -> (f64, f64) {
    let share = met / cases;
    let middle = share + Z * Z / (2.0 * cases);
    let half = Z * (share * (1.0 - share) / cases + Z * Z / (4.0 * cases * cases)).sqrt();
    let scale = 1.0 + Z * Z / cases;
    // At the ends the interval touches them, which rounding would hide.
    let low = if met == 0.0 {
        0.0
    } else {
        (middle - half) / scale
    };
    let high = if met == cases {
        1.0
    } else {
        (middle + half) / scale
    };
    match cases > 0.0 {
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
        let (low, high) = wilson(8.0, 10.0);
        assert!(
            (low - 0.4901572).abs() < 1e-5 && (high - 0.9433164).abs() < 1e-5,
            "{low} {high}"
        );
        assert_eq!((wilson(0.0, 10.0).0, wilson(10.0, 10.0).1), (0.0, 1.0));
        assert!(wilson(0.0, 0.0).0.is_nan());
    }

    #[test]
    fn students_law_has_its_known_quantiles() {
        for (freedom, expected) in [(1.0, 12.706), (2.9, 4.303), (30.0, 2.042)] {
            assert_eq!(student(freedom), expected);
        }
        // From tables of the law.
        for (freedom, expected) in [(31.0, 2.0395), (60.0, 2.0003), (120.0, 1.9799), (1e9, 1.96)] {
            assert!((student(freedom) - expected).abs() < 1e-4, "{freedom}");
        }
    }
}
