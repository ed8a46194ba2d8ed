//! Real numbers, day by day.

use super::{Capabilities, Clock, Execution, Mechanism, Numbers, Votes};
use crate::engine::{Failing, ModelBuilder, PerRun, Run};
use crate::voting::conviction::{
    Accepted, Conviction, Convinced, Growth, InSum, Judged, Passing, Rivals, Seated, Threshold,
    kernel, paid, trigger,
};
use crate::voting::issuance::{Issuance, Issuing, adjustment};
use crate::voting::rules::{RuleSet, Rules};
use crate::voting::supply::{Ledger, Supply, Terms};
use crate::voting::support::kernel::{acting, following, total};
use crate::voting::support::{Decisions, Fall, Layout, Stakes, StakesOfRun, Staking};
use bevy_ecs::prelude::*;
use fearless_simd::{Level, Simd, dispatch};

/// Mechanism in real numbers.
#[derive(Component, Default, Clone, Copy, Debug)]
pub struct Real;

impl PerRun for Real {}

/// Record of a candidate: empty in real numbers.
#[derive(Component, Default, Clone, Copy, Debug)]
pub struct Nothing;

crate::record!(Nothing);

/// Crash of the published program.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "{accepted} accepted proposals request {requested} Honey, but the pool holds {funds}. \
     The published program crashes here (IndexError: list index out of range), since the loop that \
     should pick the strongest never adds up what it has released; rule over_release = \"corrected\" \
     accepts the strongest that fit"
)]
pub struct OverRelease {
    /// Number of accepted proposals.
    pub accepted: usize,
    /// Sum of their requests, Honey.
    pub requested: f64,
    /// The pool, Honey.
    pub funds: f64,
}

impl Mechanism for Real {
    const NAMES: &'static [Capabilities] = &[Capabilities {
        name: "real",
        numbers: Numbers::Real,
        clock: Clock::Days,
        votes: Votes::Tokens,
        execution: Execution::Together,
        times_real: 1.0,
    }];

    fn register(_model: &mut ModelBuilder) {}
}

impl Ledger for Real {
    #[inline]
    fn held(&self, tokens: f64) -> f64 {
        tokens
    }

    #[inline]
    fn mint(&mut self, supply: &mut Supply, minted: f64) {
        supply.total += minted;
        supply.funds += minted;
    }

    #[inline]
    fn admit(&mut self, supply: &mut Supply, holdings: f64) {
        supply.effective += holdings;
        supply.other -= holdings;
    }

    fn dismiss(&mut self, supply: &mut Supply, holdings: f64) {
        supply.effective -= holdings;
        supply.other += holdings;
    }
}

impl Issuing for Real {
    fn adjust(&mut self, supply: &mut Supply, issuance: &Issuance) -> f64 {
        let (target, most) = (issuance.target, issuance.most());
        let change = adjustment(supply.funds, supply.total, target, most, issuance.every);
        supply.total += change;
        supply.funds += change;
        change
    }
}

impl Staking for Real {
    type Stored = Nothing;

    const MOST_SUPPORTED: usize = usize::MAX;

    fn created(&self, _day: u32) -> Nothing {
        Nothing
    }

    #[inline(always)]
    fn split<S: Simd>(
        &mut self,
        simd: S,
        _run: &Run,
        stakes: &mut Stakes,
        decisions: &mut Decisions,
        _holdings: &[f64],
        _stored: &mut [Nothing],
        _failing: &mut Failing,
    ) {
        acting::split(simd, stakes, decisions);
    }

    /// Scales all stakes of a participant by the same share.
    fn take_back(
        &mut self,
        vectors: Level,
        _run: &Run,
        layout: &Layout,
        falls: &[Fall],
        stakes: &mut StakesOfRun<Nothing>,
        _failing: &mut Failing,
    ) {
        dispatch!(vectors, simd => following::scale(simd, layout, falls, stakes));
    }
}

/// Keeps the places of candidates that are paid, in this order. It skips candidates barred by an earlier rival, and
/// stops at the first that does not fit in the funds.
fn keep_payable(
    places: &mut Vec<usize>,
    judged: &Judged<Nothing>,
    funds: f64,
    mut rivals: Option<&mut Rivals>,
) {
    let (mut running, mut fits) = (0.0, true);
    places.retain(|&place| {
        let id = judged.order(place);
        let barred = rivals.as_ref().is_some_and(|rivals| rivals.is_barred(id));
        if !fits || barred {
            return false;
        }
        running += judged.requested(place);
        fits = running <= funds;
        if let (true, Some(rivals)) = (fits, &mut rivals) {
            rivals.bar_rivals_of(id);
        }
        fits
    });
}

impl Passing for Real {
    #[inline]
    fn growth(&self, _day: u32, conviction: &Conviction) -> Growth {
        Growth {
            gain: 1.0,
            kept: conviction.alpha,
        }
    }

    #[inline(always)]
    fn threshold(&mut self, day: u32, supply: &Supply, conviction: &Conviction) -> Threshold {
        Threshold::real(day, supply.terms(), conviction)
    }

    /// Accepts all candidates that convince, in order of id. If they request more than the pool holds, it accepts the
    /// strongest, up to the first that does not fit. Of rivals it accepts the stronger.
    #[inline]
    fn accept(
        &mut self,
        run: &Run,
        supply: &mut Supply,
        conviction: &Conviction,
        rules: &Rules,
        convinced: Convinced<Nothing>,
        accepted: &mut Vec<Accepted>,
        failing: &mut Failing,
    ) {
        let Convinced {
            places,
            judged,
            rivals,
            with_triggers,
        } = convinced;
        let (funds, terms) = (supply.funds, supply.terms());
        places.sort_unstable_by_key(|&place| judged.order(place));
        let requested: f64 = places.iter().map(|&place| judged.requested(place)).sum();
        let fit = requested <= funds;
        if !fit || rivals.is_some() {
            if !fit && rules.over_release == RuleSet::V3 {
                let crash = OverRelease {
                    accepted: places.len(),
                    requested,
                    funds,
                };
                failing.fail("over_release", run.day, crash);
                return;
            }
            // A stable sort: ties stay in order of id.
            places.sort_by(|&a, &b| judged.conviction(b).total_cmp(&judged.conviction(a)));
            keep_payable(places, &judged, funds, rivals);
            places.sort_unstable_by_key(|&place| judged.order(place));
        }
        accepted.extend(places.iter().map(|&place| Accepted {
            place,
            requested: judged.requested(place),
            conviction: judged.conviction(place),
            trigger: if with_triggers {
                self.trigger(None, run.day, judged.requested(place), terms, conviction)
            } else {
                f64::NAN
            },
        }));
        let released = paid(accepted);
        supply.funds -= released;
        supply.other += released;
    }

    fn restake(&mut self, _: &mut Nothing, _day: u32, _stake: f64, _: &mut Failing) {}

    fn trigger(
        &self,
        _stored: Option<&Nothing>,
        _day: u32,
        requested: f64,
        terms: Terms,
        conviction: &Conviction,
    ) -> f64 {
        let least = terms.least_stake / (1.0 - conviction.alpha);
        trigger(requested, terms.funds, terms.counted, conviction).max(least)
    }

    #[inline]
    fn conviction_at_end(&self, _stored: Option<&Nothing>, _day: u32, estimate: f64) -> f64 {
        estimate
    }

    #[inline(always)]
    fn in_sum<S: Simd>(
        &self,
        simd: S,
        day: u32,
        supply: &Supply,
        conviction: &Conviction,
        seated: Seated<Nothing>,
    ) -> InSum {
        let threshold = Threshold::real(day, supply.at_day_start, conviction);
        InSum {
            shares_of_trigger: kernel::shares_of_trigger(
                simd,
                seated.requested,
                seated.conviction,
                &threshold,
            ),
            conviction: total(simd, seated.conviction),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_is_paid_and_its_rivals_are_passed_over() {
        let requested = [5.0, 40.0, 30.0, 20.0, 1.0];
        let judged = Judged::of_seats(&[10, 11, 12, 13, 14], &requested, &[0.0; 5], &[Nothing; 5]);
        let paid = |funds, rivals: Option<&mut Rivals>| {
            let mut places = vec![3, 1, 0, 2, 4];
            keep_payable(&mut places, &judged, funds, rivals);
            places
        };
        // The first that does not fit ends the payment, even if later ones would fit.
        assert_eq!(paid(70.0, None), [3, 1, 0]);
        assert_eq!(paid(1e9, None), [3, 1, 0, 2, 4]);
        let mut rivals = Rivals::default();
        rivals.add(11, 13);
        rivals.add(11, 0);
        rivals.add(14, 11);
        // Barred candidates neither count, nor end the payment, nor bar others.
        assert_eq!(paid(56.0, Some(&mut rivals)), [3, 0, 2, 4]);
    }
}
