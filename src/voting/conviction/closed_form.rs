//! Computes conviction under a constant stake in closed form.

/// Returns the share of conviction kept each day, α = 2^(−1/half-life), for a half-life in days ≥ 0.
///
/// A half-life of 0 keeps nothing (α = 0).
///
/// ```
/// assert!((conviction::voting::conviction::alpha_from_half_life(3.0) - 0.7937005259840998).abs() < 1e-15);
/// ```
pub fn alpha_from_half_life(half_life_days: f64) -> f64 {
    libm::exp2(-1.0 / half_life_days)
}

/// Returns the days in which conviction halves once the stake is withdrawn: −1 / log₂ α.
pub fn half_life_from_alpha(alpha: f64) -> f64 {
    if alpha == 0.0 {
        0.0
    } else {
        -1.0 / libm::log2(alpha)
    }
}

/// Returns the conviction (token-days) that a permanent stake approaches: x / (1 − α).
pub fn max_conviction(stake: f64, alpha: f64) -> f64 {
    stake / (1.0 - alpha)
}

/// Returns conviction (token-days) after `days` of a constant stake, from `start`: y_t = αᵗ y_0 + x (1 − αᵗ) /
/// (1 − α).
pub fn conviction_after(start: f64, stake: f64, alpha: f64, days: f64) -> f64 {
    let kept = if days == 0.0 {
        1.0
    } else {
        libm::pow(alpha, days)
    };
    kept * start + (1.0 - kept) * max_conviction(stake, alpha)
}

/// Returns the first whole day on which a constant stake, from conviction `start`, exceeds `trigger`; `None` if
/// it never does (x / (1 − α) ≤ y*).
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
    Some(first_day(exact, |day| {
        conviction_after(start, stake, alpha, day as f64) > trigger
    }))
}

/// Returns the smallest number for which `reached` holds, as it must for all larger ones. `estimate` may be off
/// by rounding errors, so `reached` decides.
pub fn first_day(estimate: f64, reached: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, libm::ceil(estimate).max(0.0) as u64);
    let mut step: u64 = 1;
    while high < u64::MAX && !reached(high) {
        low = high + 1;
        high = high.saturating_add(step);
        step = step.saturating_mul(2);
    }
    // The result lies between `low` and `high`: usually one step down, then steps double, then bisection.
    step = 1;
    while low < high {
        let day = high - step.min((high - low).div_ceil(2));
        if reached(day) {
            high = day;
            step = step.saturating_mul(2);
        } else {
            low = day + 1;
        }
    }
    high
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

    #[test]
    fn a_trigger_on_a_whole_day_is_exceeded_on_the_next() {
        // Powers of two are exact: after three days conviction is 7/8 of the maximum.
        let most = max_conviction(8.0, 0.5);
        assert_eq!(days_to_reach(0.875 * most, 0.0, 8.0, 0.5), Some(4));
        for alpha in [0.5, 0.75, 0.9, 0.999] {
            for day in [1_u32, 2, 10, 30] {
                let at = conviction_after(0.0, 8.0, alpha, f64::from(day));
                let next = u64::from(day) + 1;
                assert_eq!(days_to_reach(at, 0.0, 8.0, alpha), Some(next));
                assert_eq!(
                    days_to_reach(at.next_down(), 0.0, 8.0, alpha),
                    Some(next - 1)
                );
            }
        }
    }

    #[test]
    fn the_first_day_is_found_from_any_estimate() {
        for estimate in [-4.0, 0.0, 6.99, 7.0, 7.01, 8.0, 1e6, 1e300, f64::NAN] {
            for first in [0, 1, 7, 1 << 40] {
                assert_eq!(first_day(estimate, |day| day >= first), first, "{estimate}");
            }
        }
        assert_eq!(first_day(0.0, |_| false), u64::MAX);
    }
}
