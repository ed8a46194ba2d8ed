//! Evaluates a setting under attack in closed form, without simulation.
//!
//! An attacker holds a constant share s of the effective supply E and stakes all of it on a request for a share
//! q of the pool, or equal parts of it on several at once. The request passes when its conviction, as a share of the
//! largest possible E / (1 − α), exceeds θ(q) = ρ / (β − q)². After n days under the stake, that share is s (1 − αⁿ).
//! There are no other requests and no inflows, so a paid request leaves 1 − q of the pool.

use crate::voting::conviction::{
    Conviction, days_to_pass, first_day, half_life_from_alpha, largest_passing,
    maximum_share_of_conviction, minimum_conviction_share, passes_eventually, trigger_of_share,
};
use std::iter::successors;

/// Time at which an attacker files the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The morning after the payment.
    Plain,
    /// The morning of the day of the payment: one day less per cycle.
    Eager,
}

/// Repeated requests for the same share of the pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drain {
    /// Number of requests that are filed at once.
    pub requests: u32,
    /// Requested share of the pool; of several requests, of what the earlier ones leave.
    pub ask: f64,
    /// Days from one payment to the next.
    pub cycle_days: u64,
    /// Days until the pool is halved at that rate: `cycle_days` · ln 2 / −ln(1 − taken), where a cycle takes
    /// 1 − (1 − ask)^requests; at least one cycle.
    pub half_life_days: f64,
}

/// Returns the days of stake after which a request of `ask` (a share of the pool, 0 to β) passes, with a stake
/// of `share` of E. It is the least n with s (1 − αⁿ) > θ(q) for which the request is older than tmin; `None`
/// if the request never passes (s ≤ θ).
///
/// A request that is opened on day c is paid on day c + n: stakes move and accrue after payments.
pub fn days_of_stake(p: &Conviction, ask: f64, share: f64) -> Option<u64> {
    // On day c + n the request is n + 1 days old.
    let old_enough = libm::floor(p.tmin) as u64;
    Some(days_to_pass(p, ask, share)?.max(old_enough))
}

/// Returns the days from one payment to the next: n + 1, or n at an eager pace; `None` if nothing is ever paid.
pub fn cycle_days(p: &Conviction, ask: f64, share: f64, pace: Pace) -> Option<u64> {
    let days = days_of_stake(p, ask, share)?;
    Some(match pace {
        Pace::Plain => days.saturating_add(1),
        Pace::Eager => days,
    })
}

/// Returns the days of stake in continuous time, h log₂(s / (s − θ)) for the half-life h, ignoring whole days
/// and tmin; `None` if the request never passes.
pub fn continuous_days(p: &Conviction, ask: f64, share: f64) -> Option<f64> {
    let threshold = maximum_share_of_conviction(ask, p);
    passes_eventually(p, ask, share)
        .then(|| half_life_from_alpha(p.alpha) * libm::log2(share / (share - threshold)))
}

/// Returns κ, in days: a setting's resistance to a steady drain, 6.75 m h / β, with m = ρ/β² and the half-life
/// h. In the limit of continuous time and of s far above m, a share s of E halves the pool in κ/s days.
pub fn resistance(p: &Conviction) -> f64 {
    6.75 * minimum_conviction_share(p) * half_life_from_alpha(p.alpha) / p.beta
}

/// Returns κ/s, the days in which a share of E halves the pool in the limit of [`resistance`]. In whole days,
/// and for shares near m, it takes longer: see [`best_at_once`]. `None` if the share can take nothing (s ≤ m).
pub fn pool_half_life(p: &Conviction, share: f64) -> Option<f64> {
    passes_eventually(p, 0.0, share).then(|| resistance(p) / share)
}

/// Result of several equal requests filed at once, with equal parts of the stake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtOnce {
    /// Number of requests.
    pub requests: u32,
    /// Amount of each, as a share of the pool that the earlier ones leave.
    pub ask: f64,
    /// Total taken, as a share of the pool.
    pub taken: f64,
}

/// Maximum number of simultaneous requests that are tried.
const MOST_AT_ONCE: u32 = 1000;

/// Returns the most that a share of E takes within `days` by 1 to 1000 equal simultaneous requests. It ignores
/// tmin, which the contract lacks. `None` if nothing passes in time.
pub fn at_once(p: &Conviction, share: f64, days: f64) -> Option<AtOnce> {
    most_within(p, share, days, MOST_AT_ONCE)
}

/// Returns the most that a share of E takes within `days` by at most so many equal simultaneous requests.
fn most_within(p: &Conviction, share: f64, days: f64, most_requests: u32) -> Option<AtOnce> {
    let mut most: Option<AtOnce> = None;
    for requests in 1..=most_requests {
        let count = f64::from(requests);
        // More requests, each with a smaller stake, eventually pass nothing.
        let Some(ask) = largest_passing(p, share / count, days) else {
            break;
        };
        let taken = -libm::expm1(count * libm::log1p(-ask));
        if most.is_none_or(|most| taken > most.taken) {
            most = Some(AtOnce {
                requests,
                ask,
                taken,
            });
        }
    }
    most
}

/// Returns the least number of token-days per token taken, at a request of β/3: 27ρE / (4 (1 − α) β³ F).
/// Conviction never exceeds the staked token-days, so anything that passes costs at least its trigger.
///
/// Attackers who rent tokens profit if the price per token and day is below the inverse of this.
pub fn price_of_conviction(p: &Conviction, effective: f64, funds: f64) -> f64 {
    let ask = p.beta / 3.0;
    trigger_of_share(ask, effective, p) / (ask * funds)
}

/// Returns the share of E that passes a request of β/3 with a single day of stake, 9ρ / (4β² (1 − α)); above 1,
/// it is impossible.
pub fn one_day_stake(p: &Conviction) -> f64 {
    trigger_of_share(p.beta / 3.0, 1.0, p)
}

/// Returns the day by which the pool is halved, if the first request is opened on day 1 and each asks for `ask`
/// of the rest. `None` if nothing is ever paid.
pub fn days_to_half(p: &Conviction, ask: f64, share: f64, pace: Pace) -> Option<u64> {
    let cycle = cycle_days(p, ask, share, pace).filter(|_| ask > 0.0)?;
    let left = |payments: u64| libm::pow(1.0 - ask, payments as f64);
    let payments = first_day(payments_to_half(ask), |payments| left(payments) <= 0.5);
    Some(match pace {
        Pace::Plain => payments.saturating_mul(cycle),
        Pace::Eager => payments.saturating_mul(cycle).saturating_add(1),
    })
}

/// Returns the request that, filed again and again, drains the pool fastest in whole days. `None` if the share cannot pass
/// anything.
pub fn best_ask(p: &Conviction, share: f64, pace: Pace) -> Option<Drain> {
    drain(p, share, pace, 1)
}

/// Returns the equal requests, one or several at once, that, filed again and again, drain the pool fastest in whole days.
/// Several are faster for large shares, whose single request soon passes, whatever it asks for. `None` if the share cannot
/// pass anything.
pub fn best_at_once(p: &Conviction, share: f64, pace: Pace) -> Option<Drain> {
    drain(p, share, pace, MOST_AT_ONCE)
}

/// Returns the fastest drain by at most so many requests at once.
fn drain(p: &Conviction, share: f64, pace: Pace, most_requests: u32) -> Option<Drain> {
    /// Part of the limit that each request leaves, so that it passes despite rounding.
    const BELOW: f64 = 1e-9;
    // A first cycle that takes more than half of the pool is paid no earlier.
    let half_life = |cycle: u64, taken: f64| cycle as f64 * payments_to_half(taken).max(1.0);
    let within = |days| most_within(p, share, days, most_requests);
    // No cycle takes more than one that waits for ever.
    let most = within(f64::INFINITY)?.taken;
    let mut best: Option<Drain> = None;
    // Beyond a thousand days, steps of a thousandth are as good as whole days.
    let first = (libm::floor(p.tmin) as u64).max(1);
    for days in successors(Some(first), |days| days.checked_add((days / 1000).max(1))) {
        let cycle_days = match pace {
            Pace::Plain => days.saturating_add(1),
            Pace::Eager => days,
        };
        if best.is_some_and(|best| half_life(cycle_days, most) >= best.half_life_days) {
            break;
        }
        if let Some(found) = within(days as f64) {
            let half_life_days = half_life(cycle_days, found.taken);
            if best.is_none_or(|best| half_life_days < best.half_life_days) {
                best = Some(Drain {
                    requests: found.requests,
                    ask: found.ask * (1.0 - BELOW),
                    cycle_days,
                    half_life_days,
                });
            }
        }
    }
    best
}

/// Returns the number of requests for a share of the pool that halve it: ln 2 / −ln(1 − q).
fn payments_to_half(ask: f64) -> f64 {
    std::f64::consts::LN_2 / -libm::log1p(-ask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voting::conviction::{
        alpha_from_half_life, days_to_pass_as_points_move, max_conviction,
    };

    /// E and F of 1Hive on 2020-08-05, the published defaults.
    const FUNDS: f64 = 4867.21;
    const EFFECTIVE: f64 = 0.8 * (22392.22 - FUNDS);

    fn setting(half_life_days: f64, beta: f64, minimum: f64) -> Conviction {
        Conviction {
            alpha: alpha_from_half_life(half_life_days),
            beta,
            rho: minimum * beta * beta,
            ..Conviction::default()
        }
    }

    fn v3() -> Conviction {
        setting(3.0, 0.2, 0.0625)
    }

    fn readme() -> Conviction {
        setting(3.0, 0.2, 0.05)
    }

    fn vote_13() -> Conviction {
        setting(2.0, 0.2, 0.00625)
    }

    fn vote_14() -> Conviction {
        setting(2.0, 0.2, 0.025)
    }

    fn gardens() -> Conviction {
        setting(2.0, 0.1, 0.025)
    }

    fn tec() -> Conviction {
        setting(7.0, 0.11, 0.04)
    }

    fn tec_runner_up() -> Conviction {
        setting(3.0, 0.09, 0.03)
    }

    /// Compares two numbers to the number of decimals given.
    fn assert_to(found: f64, expected: &str) {
        let places = expected.split_once('.').map_or(0, |(_, after)| after.len());
        assert_eq!(format!("{found:.places$}"), expected);
    }

    #[test]
    fn one_number_ranks_settings() {
        // Days to half the pool, token-days per token taken, stake of a day in per cent.
        let expected = [
            (v3(), "6.33", "29.5", "68"),
            (readme(), "5.06", "23.6", "55"),
            (vote_13(), "0.42", "2.07", "4.8"),
            (vote_14(), "1.69", "8.3", "19"),
            (gardens(), "3.38", "16.6", "19"),
            (setting(2.0, 0.2, 0.005), "0.34", "1.66", "3.8"),
            (tec(), "17.2", "75", "95"),
            (tec_runner_up(), "6.75", "31", "33"),
        ];
        for (p, resists, price, stake) in expected {
            // 1.6875 and 3.375 are published rounded up; their binary neighbours may round down.
            assert_to(resistance(&p) + 1e-9, resists);
            assert_to(price_of_conviction(&p, EFFECTIVE, FUNDS), price);
            assert_to(100.0 * one_day_stake(&p), stake);
            let formula = 27.0 * p.rho * EFFECTIVE
                / (4.0 * (1.0 - p.alpha) * p.beta * p.beta * p.beta * FUNDS);
            let found = price_of_conviction(&p, EFFECTIVE, FUNDS);
            assert!((found / formula - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_best_ask_on_whole_days() {
        let expected = [
            (v3(), 0.1, "220", "0.031"),
            (v3(), 0.2, "60", "0.056"),
            (readme(), 0.1, "129", "0.042"),
            (readme(), 0.2, "46", "0.059"),
            (vote_13(), 0.02, "44", "0.061"),
            (vote_13(), 0.05, "19", "0.069"),
            (vote_14(), 0.05, "92", "0.044"),
            (vote_14(), 0.1, "34.4", "0.059"),
            (gardens(), 0.1, "70", "0.029"),
            (gardens(), 0.2, "39", "0.035"),
            (tec(), 0.1, "334", "0.025"),
            (tec(), 0.2, "130", "0.036"),
            (tec_runner_up(), 0.1, "129", "0.027"),
            (tec_runner_up(), 0.2, "63", "0.033"),
        ];
        for (p, share, days, ask) in expected {
            let best = best_ask(&p, share, Pace::Plain).unwrap();
            assert_to(best.half_life_days, days);
            assert_to(best.ask, ask);
        }
        assert_eq!(best_ask(&v3(), 0.0625, Pace::Plain), None);
    }

    /// Expected values are those of all pairs of up to 400 requests and 400 days, by Python.
    #[test]
    fn several_at_once_are_faster_for_large_shares_only() {
        for (p, share, requests, ask, cycle, days) in [
            (v3(), 0.2, 1, "0.0560", 5, "60"),
            (vote_13(), 0.1, 3, "0.0775", 3, "8.59"),
            (gardens(), 0.5, 4, "0.0368", 3, "13.9"),
            (gardens(), 1.0, 9, "0.0329", 3, "6.90"),
        ] {
            let best = best_at_once(&p, share, Pace::Plain).unwrap();
            assert_eq!(
                (best.requests, best.cycle_days),
                (requests, cycle),
                "{best:?}"
            );
            assert_to(best.ask, ask);
            assert_to(best.half_life_days, days);
            let one = best_ask(&p, share, Pace::Plain).unwrap().half_life_days;
            assert_eq!(best.half_life_days < one, requests > 1, "{one}");
            // Each passes after the days of a cycle, with its part of the stake, and a larger one does not.
            let needs = |ask| days_of_stake(&p, ask, share / f64::from(requests));
            assert_eq!(needs(best.ask), Some(cycle - 1));
            assert_ne!(needs(best.ask * (1.0 + 3e-9)), Some(cycle - 1));
        }
        let eager = best_at_once(&gardens(), 0.5, Pace::Eager).unwrap();
        assert_eq!((eager.requests, eager.cycle_days), (3, 1));
        assert_to(eager.half_life_days, "8.01");
        assert_eq!(best_at_once(&v3(), 0.0625, Pace::Plain), None);
        // An attacker who can take more than half at once takes it as soon as possible.
        let at_once = best_at_once(&setting(2.0, 0.2, 0.005), 0.5, Pace::Plain).unwrap();
        assert_eq!(
            (at_once.cycle_days, at_once.half_life_days),
            (2, 2.0),
            "{at_once:?}"
        );
        assert!(1.0 - (1.0 - at_once.ask).powi(at_once.requests as i32) > 0.5);
        // The longest half-life there is still has an answer: about that of continuous time.
        let slow = Conviction {
            alpha: 1.0f64.next_down(),
            ..v3()
        };
        let best = best_at_once(&slow, 1.0, Pace::Plain)
            .unwrap()
            .half_life_days;
        assert!(
            (best / pool_half_life(&slow, 1.0).unwrap() - 1.0).abs() < 0.2,
            "{best}"
        );
        // A minimum age of a week makes the first day as good as the seventh.
        let old = Conviction {
            tmin: 7.5,
            ..vote_13()
        };
        assert_eq!(best_at_once(&old, 0.5, Pace::Plain).unwrap().cycle_days, 8);
    }

    #[test]
    fn half_the_pool_by_asks_of_a_third_of_beta() {
        let expected = [
            (v3(), 0.2, 77, 67),
            (vote_13(), 0.05, 22, 12),
            (vote_14(), 0.1, 44, 34),
            (tec(), 0.2, 152, 134),
        ];
        for (p, share, plain, eager) in expected {
            let days = |pace| days_to_half(&p, p.beta / 3.0, share, pace);
            assert_eq!(days(Pace::Plain), Some(plain));
            assert_eq!(days(Pace::Eager), Some(eager));
        }
    }

    /// Simulates, day by day, the first day on which requests have taken half of the pool.
    fn half_by_simulation(p: &Conviction, ask: f64, share: f64, pace: Pace) -> u64 {
        let threshold = maximum_share_of_conviction(ask, p) * max_conviction(1.0, p.alpha);
        let (mut pool, mut opened, mut conviction) = (1.0, 1, 0.0);
        for day in 1..100_000 {
            if conviction > threshold && (day - opened + 1) as f64 > p.tmin {
                pool *= 1.0 - ask;
                conviction = 0.0;
                opened = match pace {
                    Pace::Plain => day + 1,
                    Pace::Eager => day,
                };
                if pool <= 0.5 {
                    return day;
                }
            }
            if day >= opened {
                conviction = share + p.alpha * conviction;
            }
        }
        panic!("the pool lasts");
    }

    #[test]
    fn whole_days_are_those_of_a_simulation() {
        for mut p in [v3(), vote_13(), tec(), setting(0.0, 0.2, 0.05)] {
            for tmin in [0.0, 1.0, 3.0, 7.5] {
                p.tmin = tmin;
                for ask in [0.01, 0.3, 0.6].map(|part| part * p.beta) {
                    let threshold = maximum_share_of_conviction(ask, &p);
                    for share in [1.001, 1.5, 4.0].map(|times| times * threshold) {
                        for pace in [Pace::Plain, Pace::Eager] {
                            assert_eq!(
                                days_to_half(&p, ask, share, pace),
                                Some(half_by_simulation(&p, ask, share, pace)),
                                "{p:?} {ask} {share} {pace:?}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn requests_at_once_take_what_their_stakes_pass() {
        // 8 hours, all of E: by Python, 1 − (1 − q)^k with q = β − √(ρk / (1 − 2^(−1/(3h)))), the best k.
        for (p, requests, ask, taken) in [
            (v3(), 1, 0.016351744065848772, 0.016351744065848717),
            (readme(), 1, 0.035740006312783484, 0.03574000631278351),
            (vote_13(), 8, 0.06460579666155408, 0.4139193351622248),
            (vote_14(), 2, 0.06460579666155408, 0.12503768436083407),
            (gardens(), 2, 0.03230289833077704, 0.06356231942098556),
        ] {
            let found = at_once(&p, 1.0, 1.0 / 3.0).unwrap();
            assert_eq!(found.requests, requests, "{p:?}");
            assert!((found.ask / ask - 1.0).abs() < 1e-9, "{found:?}");
            assert!((found.taken / taken - 1.0).abs() < 1e-9, "{found:?}");
        }
        assert_eq!(at_once(&v3(), 0.5, 1.0 / 3.0), None);
        assert_eq!(at_once(&tec(), 1.0, 1.0 / 3.0), None);
        // Without a time limit, the best single request is the largest that can pass.
        let ever = at_once(&setting(3.0, 0.2, 0.5), 1.0, f64::INFINITY).unwrap();
        assert_eq!(ever.requests, 1);
        assert!((ever.ask - 0.2 * (1.0 - 0.5_f64.sqrt())).abs() < 1e-12);
    }

    #[test]
    fn a_share_at_the_bar_never_passes() {
        // A power of two makes the threshold exact in binary.
        let p = Conviction {
            beta: 0.5,
            rho: 0.0625,
            ..v3()
        };
        assert_eq!(maximum_share_of_conviction(0.25, &p), 1.0);
        assert_eq!(days_of_stake(&p, 0.25, 1.0), None);
        assert_eq!(continuous_days(&p, 0.25, 1.0), None);
        assert_eq!(days_to_half(&p, 0.25, 1.0, Pace::Plain), None);
        assert_eq!(
            pool_half_life(&p, 0.25),
            None,
            "the share that passes nothing"
        );
        assert!(days_of_stake(&p, 0.25, 1.0 + 1e-9).is_some());
        // Rounding puts 4 ρ/β², the limit of β/2, slightly below its share.
        assert_eq!(days_of_stake(&readme(), 0.1, 0.2), None);
        assert_eq!(days_of_stake(&readme(), 0.0, 0.05), None);
        assert_eq!(continuous_days(&readme(), 0.1, 0.2), None);
        assert_eq!(pool_half_life(&readme(), 0.05), None);
        assert_eq!(days_to_pass_as_points_move(&readme(), 0.1, 0.2, 1.0), None);
        assert!(pool_half_life(&p, 0.2500001).is_some());
    }

    #[test]
    fn whole_days_follow_continuous_time() {
        let p = tec();
        for share in [0.06, 0.1, 0.3, 0.9] {
            for ask in [0.0, 0.01, 0.02].map(|ask: f64| ask.min(p.beta / 6.0)) {
                let exact = continuous_days(&p, ask, share).unwrap();
                let days = days_of_stake(&p, ask, share).unwrap() as f64;
                assert!(days > exact && days <= exact + 1.0, "{share} {ask}");
            }
        }
        // Far above the threshold, the best request approaches β/3, and the pool is halved in κ/s days.
        let slow = setting(4000.0, 0.02, 0.01);
        let best = best_ask(&slow, 0.9, Pace::Eager).unwrap();
        let about = pool_half_life(&slow, 0.9).unwrap();
        assert!((best.ask / slow.beta - 1.0 / 3.0).abs() < 0.01, "{best:?}");
        assert!(
            (best.half_life_days / about - 1.0).abs() < 0.03,
            "{best:?} {about}"
        );
    }
}
