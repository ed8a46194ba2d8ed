//! What accrues on seats, and who convinces: loops on bare slices.

use super::{Conviction, largest_passable_share};
use crate::voting::supply::Terms;
use crate::voting::support::kernel::{Eight, bits, load, sum};
use crate::voting::support::lanes;
use fearless_simd::f64x8;
use fearless_simd::prelude::*;

/// What a day does to conviction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// What it adds per token staked.
    pub gain: f64,
    /// The share that it keeps.
    pub kept: f64,
}

/// One day: y ← gain · x + kept · y, for rows of stakes and convictions.
#[inline(always)]
pub fn accrue<S: Simd>(simd: S, stakes: &[Eight], convictions: &mut [Eight], growth: Growth) {
    let Growth { gain, kept } = growth;
    for (x, y) in stakes.iter().zip(convictions) {
        (load(simd, x) * gain + load(simd, y) * kept).store_array(y);
    }
}

/// What a candidate must exceed to be paid.
#[derive(Clone, Copy)]
pub struct Threshold {
    /// The day.
    pub day: f64,
    /// Days; a candidate must be older.
    pub tmin: f64,
    /// F, Honey.
    pub funds: f64,
    /// The most that can ever pass with F, Honey.
    pub most: f64,
    /// β.
    pub beta: f64,
    /// ρE, Honey; or ρT, where an extension counts otherwise.
    pub scale: f64,
    /// 1 − α.
    pub lost: f64,
    /// No trigger is less, token-days.
    pub least: f64,
}

impl Threshold {
    /// The threshold in real numbers on a day, on these terms.
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

    /// Whether one candidate is older than tmin and exceeds its trigger, as [`convincing`] finds those on seats.
    pub fn is_exceeded(&self, requested: f64, born: f64, conviction: f64) -> bool {
        let headroom = self.beta - requested / self.funds;
        let trigger = self.scale / (headroom * headroom * self.lost);
        let trigger = trigger.max(self.least);
        headroom > 0.0 && conviction > trigger && self.day - born > self.tmin
    }
}

/// The sum of y / y* over rows of requests and convictions; what cannot pass has no share.
#[inline(always)]
pub fn shares_of_trigger<S: Simd>(
    simd: S,
    requested: &[Eight],
    conviction: &[Eight],
    threshold: &Threshold,
) -> f64 {
    let zero = f64x8::splat(simd, 0.0);
    let (mut shares, beta) = (zero, f64x8::splat(simd, threshold.beta));
    // Of the least trigger.
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

/// What candidates are judged by, eight by eight.
#[derive(Clone, Copy)]
pub struct Candidates<'a> {
    /// r, Honey.
    pub requested: &'a [Eight],
    /// The day from which their age counts.
    pub born: &'a [Eight],
    /// y, token-days.
    pub conviction: &'a [Eight],
    /// Which lanes have candidates that may pass, a bit each.
    pub may_pass: &'a [u8],
}

/// Whether any candidate requests less than the most that can ever pass, and whether any may
/// convince. Divisions are slow, and mostly nobody is near: without, and generously.
#[inline(always)]
pub fn prospects<S: Simd>(simd: S, candidates: Candidates, threshold: &Threshold) -> (bool, bool) {
    /// More than roundings come to.
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

/// Finds the seats whose candidates are older than tmin and exceed their trigger
/// y* = ρE / ((1 − α)(β − r/F)²), and the least there is, and adds them to `convincing`.
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
