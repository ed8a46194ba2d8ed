//! Computes the rate of a stream.

use crate::voting::conviction::{Conviction, minimum_conviction_share};

/// Returns the target of a standing proposal per period, as a share of the pool, if its conviction is `share`
/// of the largest possible: β (1 − √(m / share)), m = ρ/β², at least 0. This is the largest request that such
/// conviction passes.
///
/// ```
/// use conviction::voting::conviction::{Conviction, maximum_share_of_conviction};
/// use conviction::voting::streaming::wanted;
///
/// let p = Conviction::default();
/// assert!((maximum_share_of_conviction(wanted(0.4, &p), &p) - 0.4).abs() < 1e-12);
/// // At or below the minimum conviction, nothing is paid.
/// assert_eq!(wanted(0.06, &p), 0.0);
/// ```
pub fn wanted(share: f64, p: &Conviction) -> f64 {
    let least = minimum_conviction_share(p);
    p.beta * (1.0 - (least / share.max(least)).sqrt())
}

/// Returns the rate of a stream a day later: it follows its target as conviction follows a stake.
pub fn follow(rate: f64, target: f64, alpha: f64) -> f64 {
    alpha * rate + (1.0 - alpha) * target
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voting::conviction::largest_passable_share;

    #[test]
    fn a_rate_nears_its_target_by_alpha_a_day() {
        let p = Conviction::default();
        let (mut rate, target) = (0.0, wanted(0.5, &p));
        for day in 1..60 {
            rate = follow(rate, target, p.alpha);
            let left = libm::pow(p.alpha, f64::from(day));
            assert!((rate - target * (1.0 - left)).abs() < 1e-15);
        }
        assert_eq!(wanted(0.03, &p), 0.0);
        assert!((wanted(1.0, &p) - largest_passable_share(&p)).abs() < 1e-15);
    }
}
