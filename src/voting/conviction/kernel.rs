//! Loops over bare slices that accrue conviction, and find candidates that pass.

use super::{Conviction, largest_passable_share};
use crate::voting::supply::Terms;
use crate::voting::support::kernel::{Eight, bits, load, sum};
use crate::voting::support::lanes;
use fearless_simd::f64x8;
use fearless_simd::prelude::*;

/// Change of conviction in a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Gain per staked token.
    pub gain: f64,
    /// Share of conviction kept.
    pub kept: f64,
}

/// Advances one day: y ← gain · x + kept · y, for rows of stakes and convictions.
#[inline(always)]
pub fn accrue<S: Simd>(simd: S, stakes: &[Eight], convictions: &mut [Eight], growth: Growth) {
    let Growth { gain, kept } = growth;
    for (x, y) in stakes.iter().zip(convictions) {
        (load(simd, x) * gain + load(simd, y) * kept).store_array(y);
    }
}

/// Condition that a candidate must fulfil to be paid.
#[derive(Clone, Copy)]
pub struct Threshold {
    /// Day.
    pub day: f64,
    /// Minimum age, in days; candidates must be older.
    pub tmin: f64,
    /// F, Honey.
    pub funds: f64,
    /// Largest request that can ever pass with F, Honey.
    pub most: f64,
    /// β.
    pub beta: f64,
    /// ρE, Honey; or ρT, if an extension counts votes differently.
    pub scale: f64,
    /// 1 − α.
    pub lost: f64,
    /// Minimum trigger, token-days.
    pub least: f64,
}

impl Threshold {
    /// Creates the threshold in real numbers, on a day and on these terms.
    pub fn real(day: u32, terms: Terms, conviction: &Conviction) -> Self {
        let Terms {
            funds,
            counted,
            least_stake,
        } = terms;
        let lost = 1.0 - conviction.alpha;
        Self {
            day: f64::from(day),
            tmin: conviction.tmin,
            funds,
            most: largest_passable_share(conviction) * funds,
            beta: conviction.beta,
            scale: conviction.rho * counted,
            lost,
            least: least_stake / lost,
        }
    }

    /// Returns true if a candidate is older than tmin and exceeds its trigger; same condition as [`convincing`].
    pub fn is_exceeded(&self, requested: f64, born: f64, conviction: f64) -> bool {
        let headroom = self.beta - requested / self.funds;
        let trigger = self.scale / (headroom * headroom * self.lost);
        let trigger = trigger.max(self.least);
        headroom > 0.0 && conviction > trigger && self.day - born > self.tmin
    }
}

/// Sums y / y* over rows of requests and convictions; requests that cannot pass contribute 0.
#[inline(always)]
pub fn shares_of_trigger<S: Simd>(
    simd: S,
    requested: &[Eight],
    conviction: &[Eight],
    threshold: &Threshold,
) -> f64 {
    let zero = f64x8::splat(simd, 0.0);
    let (mut shares, beta) = (zero, f64x8::splat(simd, threshold.beta));
    // Bound from the minimum trigger.
    let most = if threshold.least > 0.0 {
        threshold.scale / (threshold.lost * threshold.least)
    } else {
        f64::INFINITY
    };
    for (requested, conviction) in requested.iter().zip(conviction) {
        let headroom = (beta - load(simd, requested) / threshold.funds).max(zero);
        shares += load(simd, conviction) * (headroom * headroom).min(f64x8::splat(simd, most));
    }
    sum(shares) * (threshold.lost / threshold.scale)
}

/// Properties by which candidates are judged, in groups of eight.
#[derive(Clone, Copy)]
pub struct Candidates<'a> {
    /// r, Honey.
    pub requested: &'a [Eight],
    /// Day from which their age counts.
    pub born: &'a [Eight],
    /// y, token-days.
    pub conviction: &'a [Eight],
    /// Lanes with candidates that may pass, one bit each.
    pub may_pass: &'a [u8],
}

/// Checks, generously and without slow divisions, whether any candidate requests less than can ever pass, and
/// whether any may exceed its trigger; usually none does.
#[inline(always)]
pub fn prospects<S: Simd>(simd: S, candidates: Candidates, threshold: &Threshold) -> (bool, bool) {
    /// Exceeds rounding errors.
    const SLACK: f64 = 1e-9;
    let (most, near) = (threshold.beta + SLACK, threshold.scale * (1.0 - SLACK));
    let (inverse, lost) = (1.0 / threshold.funds, threshold.lost * (1.0 + SLACK));
    let (mut ever, mut soon) = (0, 0);
    let each = candidates.requested.iter().zip(candidates.conviction);
    for ((requested, conviction), may_pass) in each.zip(candidates.may_pass) {
        let requested = load(simd, requested);
        ever |= bits(requested.simd_lt(threshold.most)) & may_pass;
        let headroom = f64x8::splat(simd, most) - requested * inverse;
        let reached = load(simd, conviction) * (headroom * headroom * lost);
        soon |= bits(headroom.simd_gt(0.0) & reached.simd_ge(near)) & may_pass;
    }
    (ever != 0, soon != 0)
}

/// Adds to `convincing` the seats whose candidates are older than tmin and exceed their trigger, y* = ρE / ((1
/// − α)(β − r/F)²), or the minimum trigger.
#[inline(always)]
pub fn convincing<S: Simd>(
    simd: S,
    candidates: Candidates,
    threshold: &Threshold,
    convincing: &mut Vec<usize>,
) {
    let each = candidates.requested.iter().zip(candidates.conviction);
    let each = each.zip(candidates.born).zip(candidates.may_pass);
    for (eight, (((requested, conviction), born), may_pass)) in each.enumerate() {
        let headroom = f64x8::splat(simd, threshold.beta) - load(simd, requested) / threshold.funds;
        let trigger = f64x8::splat(simd, threshold.scale) / (headroom * headroom * threshold.lost);
        let trigger = trigger.max(f64x8::splat(simd, threshold.least));
        let exceeds = headroom.simd_gt(0.0) & load(simd, conviction).simd_gt(trigger);
        let age = f64x8::splat(simd, threshold.day) - load(simd, born);
        let found = bits(exceeds & age.simd_gt(threshold.tmin)) & may_pass;
        convincing.extend(lanes(eight, found));
    }
}
