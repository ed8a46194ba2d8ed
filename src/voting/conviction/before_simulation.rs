//! Computes consequences of a setting without simulation.

use super::closed_form::first_day;
use super::{Conviction, days_to_reach, max_conviction, maximum_share_of_conviction};

/// Returns the trigger (token-days) of a request of `share` of the pool, with `effective_supply` tokens voting;
/// infinite from β on.
pub fn trigger_of_share(share: f64, effective_supply: f64, p: &Conviction) -> f64 {
    maximum_share_of_conviction(share, p) * max_conviction(effective_supply, p.alpha)
}

/// Returns true if a request of this share of the pool passes eventually, with this share of the effective supply staked
/// on it: s > θ(q). A stake that is exactly the limit never passes, though rounding may put it slightly above.
pub fn passes_eventually(p: &Conviction, request: f64, staked: f64) -> bool {
    const ROUNDING: f64 = 1e-12;
    staked > maximum_share_of_conviction(request, p) * (1.0 + ROUNDING)
}

/// Returns the first whole day on which a request of this share of the pool passes, with this share of the
/// effective supply staked on it from day 0; `None` for never.
pub fn days_to_pass(p: &Conviction, request: f64, staked: f64) -> Option<u64> {
    if !passes_eventually(p, request, staked) {
        return None;
    }
    days_to_reach(trigger_of_share(request, 1.0, p), 0.0, staked, p.alpha)
}

/// Returns [`days_to_pass`] under a threshold that follows all points as conviction follows a stake, as in Gardens
/// v2. The points are 1 from day 0, `staked` of them on the request, and were `before` until then. Their weighted
/// number is W = 1 + (before − 1) αⁿ after n days, and the request passes if s (1 − αⁿ) > θ(q) W.
///
/// ```
/// use conviction::voting::conviction::{Conviction, days_to_pass, days_to_pass_as_points_move};
/// let p = Conviction::default();
/// assert_eq!(days_to_pass_as_points_move(&p, 0.1, 0.5, 1.0), days_to_pass(&p, 0.1, 0.5));
/// // If half of the points have left, the threshold falls slowly.
/// assert!(days_to_pass_as_points_move(&p, 0.1, 0.5, 2.0) > days_to_pass(&p, 0.1, 0.5));
/// ```
pub fn days_to_pass_as_points_move(
    p: &Conviction,
    request: f64,
    staked: f64,
    before: f64,
) -> Option<u64> {
    if !passes_eventually(p, request, staked) {
        return None;
    }
    let theta = maximum_share_of_conviction(request, p);
    let kept = |day: u64| libm::pow(p.alpha, day as f64);
    let passes = |day: u64| {
        day > 0 && staked * (1.0 - kept(day)) > theta * (1.0 + (before - 1.0) * kept(day))
    };
    let exact = (staked - theta) / (staked + theta * (before - 1.0));
    Some(first_day(libm::log(exact) / libm::log(p.alpha), passes))
}

/// Returns the share of its largest possible conviction that a constant stake reaches within this time, in
/// days: 1 − α^days.
pub fn charged_within(p: &Conviction, days: f64) -> f64 {
    1.0 - libm::pow(p.alpha, days)
}

/// Returns the share of the effective supply above which a request of this share of the pool passes within this
/// many days, θ(q) / (1 − α^days); `None` if even all of it does not suffice.
pub fn stake_to_pass(p: &Conviction, request: f64, days: f64) -> Option<f64> {
    let stake = maximum_share_of_conviction(request, p) / charged_within(p, days);
    (stake < 1.0).then_some(stake)
}

/// Returns the share of the pool below which a request passes within this many days, with this share of the
/// effective supply staked on it: β − √(ρ / (s (1 − α^days))); `None` if nothing passes.
pub fn largest_passing(p: &Conviction, staked: f64, days: f64) -> Option<f64> {
    let request = p.beta - (p.rho / (staked * charged_within(p, days))).sqrt();
    // A stake that only just passes a request of 0 leaves a rounding error.
    (request > 1e-12).then_some(request)
}

/// Returns conviction at the end of each day from 0 to `days`, as a share of its limit under a permanent stake;
/// `staked` states on which days the stake is present.
pub fn charged(alpha: f64, days: u32, staked: impl Fn(u32) -> bool) -> Vec<f64> {
    let most = max_conviction(1.0, alpha);
    let mut conviction = 0.0;
    let mut shares = vec![0.0];
    for day in 0..days {
        conviction = f64::from(u8::from(staked(day))) + alpha * conviction;
        shares.push(conviction / most);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::super::{conviction_after, trigger};
    use super::*;

    const REQUESTS: [f64; 4] = [0.0, 0.1, 0.5, 0.9];
    const STAKED: [f64; 4] = [0.02, 0.1, 0.5, 1.0];

    #[test]
    fn days_to_pass_are_those_of_the_closed_form() {
        let p = Conviction::default();
        for request in REQUESTS.map(|share| share * p.beta) {
            for staked in STAKED {
                let share = maximum_share_of_conviction(request, &p);
                match days_to_pass(&p, request, staked) {
                    None => assert!(staked <= share),
                    Some(days) => {
                        let at = |day: u64| {
                            conviction_after(0.0, staked, p.alpha, day as f64)
                                / max_conviction(1.0, p.alpha)
                        };
                        assert!(at(days) > share, "{request} {staked}");
                        assert!(days == 0 || at(days - 1) <= share, "{request} {staked}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_stake_and_the_request_at_the_bar_are_inverse() {
        let p = Conviction::default();
        for days in [1.0 / 3.0, 1.0, 7.0, 90.0] {
            for request in [0.0, 0.01, 0.1] {
                let Some(stake) = stake_to_pass(&p, request, days) else {
                    assert!(largest_passing(&p, 1.0, days).is_none_or(|most| most <= request));
                    continue;
                };
                match largest_passing(&p, stake, days) {
                    Some(most) => assert!((most - request).abs() < 1e-12),
                    None => assert!(request < 1e-12),
                }
                // In whole days, slightly more passes in time and slightly less does not.
                if days >= 1.0 {
                    let in_time = |stake| {
                        days_to_pass(&p, request, stake).is_some_and(|first| first as f64 <= days)
                    };
                    assert!(in_time(1.000001 * stake) && !in_time(0.999999 * stake));
                }
            }
        }
        // By hand: within a third of a day, at a half-life of 3 days, conviction reaches 1 - 2^(-1/9).
        assert!((charged_within(&p, 1.0 / 3.0) - 0.07412528771270954).abs() < 1e-12);
        assert!((stake_to_pass(&p, 0.0, 1.0 / 3.0).unwrap() - 0.8431670476913877).abs() < 1e-12);
        assert_eq!(stake_to_pass(&p, 0.1, 1.0 / 3.0), None);
        assert_eq!(largest_passing(&p, 0.05, f64::INFINITY), None);
        let ever = largest_passing(&p, 1.0, f64::INFINITY).unwrap();
        assert!((ever - 0.15).abs() < 1e-12);
    }

    #[test]
    fn points_that_move_are_followed_day_by_day() {
        let p = Conviction::default();
        for request in REQUESTS.map(|share| share * p.beta) {
            for staked in STAKED {
                for before in [0.0, 0.5, 1.0 - staked, 1.0, 1.1, 2.0] {
                    let theta = maximum_share_of_conviction(request, &p);
                    let passes = |day: u64| {
                        let kept = libm::pow(p.alpha, day as f64);
                        staked * (1.0 - kept) > theta * (1.0 + (before - 1.0) * kept)
                    };
                    let first = (1..2000).find(|&day| passes(day));
                    let found = days_to_pass_as_points_move(&p, request, staked, before);
                    let found = found.filter(|&day| day < 2000);
                    // A stake of θ at most may pass for a while only, where points were fewer.
                    if staked > theta {
                        assert_eq!(found, first, "{request} {staked} {before}");
                    } else {
                        assert_eq!(found, None);
                    }
                }
            }
        }
    }

    #[test]
    fn a_share_of_the_pool_has_the_trigger_of_its_request() {
        let p = Conviction::default();
        let (funds, effective) = (5000.0, 14_000.0);
        for share in [0.0, 0.1, 0.19, 0.3] {
            let expected = trigger(share * funds, funds, effective, &p);
            let found = trigger_of_share(share, effective, &p);
            assert!(found == expected || (found / expected - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn conviction_charges_and_is_lost_by_the_half_life() {
        let alpha = super::super::alpha_from_half_life(5.0);
        let shares = charged(alpha, 400, |day| day < 200);
        assert!((shares[5] - 0.5).abs() < 1e-12 && (shares[200] - 1.0).abs() < 1e-9);
        assert!((shares[205] - 0.5).abs() < 1e-9 && shares[400] < 1e-9);
    }
}
