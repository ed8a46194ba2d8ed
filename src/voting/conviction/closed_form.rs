//! Conviction under constant stake, in closed form.

/// The share of conviction kept each day, α = 2^(−1/half-life), for a half-life in days ≥ 0.
///
/// A half-life of 0 keeps nothing (α = 0).
///
/// ```
/// assert!((conviction::voting::conviction::alpha_from_half_life(3.0) - 0.7937005259840998).abs() < 1e-15);
/// ```
pub fn alpha_from_half_life(half_life_days: f64) -> f64 {
    libm::exp2(-1.0 / half_life_days)
}

/// The days after which half of a conviction is left once its stake is gone: −1 / log₂ α.
pub fn half_life_from_alpha(alpha: f64) -> f64 {
    if alpha == 0.0 {
        0.0
    } else {
        -1.0 / libm::log2(alpha)
    }
}

/// The conviction (token-days) that a stake held for ever approaches: x / (1 − α).
pub fn max_conviction(stake: f64, alpha: f64) -> f64 {
    stake / (1.0 - alpha)
}

/// Conviction (token-days) after `days` of a constant stake, from `start`:
/// y_t = αᵗ y_0 + x (1 − αᵗ) / (1 − α).
pub fn conviction_after(start: f64, stake: f64, alpha: f64, days: f64) -> f64 {
    let kept = if days == 0.0 {
        1.0
    } else {
        libm::pow(alpha, days)
    };
    kept * start + (1.0 - kept) * max_conviction(stake, alpha)
}

/// The first whole day on which a constant stake, starting from conviction `start`, exceeds
/// `trigger`; `None` when it never does (x / (1 − α) ≤ y*).
pub fn days_to_reach(trigger: f64, start: f64, stake: f64, alpha: f64) -> Option<u64> {
    if start > trigger {
        return Some(0);
    }
    let limit = max_conviction(stake, alpha);
    if limit <= trigger || !trigger.is_finite() {
        return None;
    }
    if alpha == 0.0 {
        return Some(1);
    }
    let exact = libm::log((limit - trigger) / (limit - start)) / libm::log(alpha);
    // The logarithm may be off by a rounding; the closed form itself decides.
    let mut day = libm::floor(exact).max(0.0);
    for _ in 0..2 {
        if conviction_after(start, stake, alpha, day) <= trigger {
            day += 1.0;
        }
    }
    Some(day as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_life_and_alpha_are_inverse() {
        for days in [0.25, 1.0, 3.0, 7.0, 60.0] {
            let back = half_life_from_alpha(alpha_from_half_life(days));
            assert!(
                (back - days).abs() < 1e-12 * days,
                "{days} came back as {back}"
            );
        }
        assert_eq!(alpha_from_half_life(0.0), 0.0);
        assert_eq!(half_life_from_alpha(0.0), 0.0);
    }

    #[test]
    fn closed_form_equals_the_recurrence() {
        let (alpha, stake) = (0.9, 250.0);
        let mut y = 12.5;
        for day in 1..=200 {
            y = stake + alpha * y;
            let closed = conviction_after(12.5, stake, alpha, f64::from(day));
            assert!((closed - y).abs() < 1e-9 * y, "day {day}: {closed} and {y}");
        }
    }

    #[test]
    fn days_to_reach_is_the_first_day_beyond_the_trigger() {
        for alpha in [0.0, 0.5, 0.7937, 0.99] {
            for share in [0.01, 0.3, 0.9, 0.999] {
                let stake = 40.0;
                let trigger = share * max_conviction(stake, alpha);
                let reached = days_to_reach(trigger, 0.0, stake, alpha).unwrap();
                let (mut y, mut day) = (0.0, 0);
                while y <= trigger {
                    y = stake + alpha * y;
                    day += 1;
                }
                assert_eq!(reached, day, "alpha {alpha}, share {share}");
            }
        }
        assert_eq!(
            days_to_reach(max_conviction(40.0, 0.5), 0.0, 40.0, 0.5),
            None
        );
        assert_eq!(days_to_reach(f64::INFINITY, 0.0, 40.0, 0.5), None);
        assert_eq!(days_to_reach(10.0, 11.0, 0.0, 0.5), Some(0));
    }
}
