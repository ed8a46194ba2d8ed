//! What accrues on seats, and who convinces.

use super::{Row, bits, load, sum};
use crate::model::{Parameters, largest_passable_share};
use crate::world::tiles::lanes;
use fearless_simd::f64x8;
use fearless_simd::prelude::*;

/// The sum of rows of numbers.
#[inline(always)]
pub fn total<S: Simd>(simd: S, rows: &[Row]) -> f64 {
    let mut sums = f64x8::splat(simd, 0.0);
    for row in rows {
        sums += load(simd, row);
    }
    sum(sums)
}

/// The lanes of a row that lie below a value.
#[inline(always)]
pub fn below<S: Simd>(simd: S, row: &Row, value: f64) -> u8 {
    bits(load(simd, row).simd_lt(value))
}

/// One day: y ← gain · x + kept · y, for rows of stakes and convictions.
#[inline(always)]
pub fn accrue<S: Simd>(simd: S, stakes: &[Row], convictions: &mut [Row], (gain, kept): (f64, f64)) {
    for (x, y) in stakes.iter().zip(convictions) {
        (load(simd, x) * gain + load(simd, y) * kept).store_array(y);
    }
}

/// What a candidate must exceed to be paid.
#[derive(Clone, Copy)]
pub struct Bar {
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
    /// ρE, Honey.
    pub scale: f64,
    /// 1 − α.
    pub lost: f64,
}

impl Bar {
    /// The bar on a day with F and E, Honey.
    pub fn on(day: u32, funds: f64, effective: f64, parameters: &Parameters) -> Self {
        Self {
            day: f64::from(day),
            tmin: parameters.tmin,
            funds,
            most: largest_passable_share(parameters) * funds,
            beta: parameters.beta,
            scale: parameters.rho * effective,
            lost: 1.0 - parameters.alpha,
        }
    }
}

/// The sum of y / y* over rows of requests and convictions; what cannot pass has no share.
#[inline(always)]
pub fn shares_of_trigger<S: Simd>(
    simd: S,
    requested: &[Row],
    conviction: &[Row],
    bar: &Bar,
) -> f64 {
    let zero = f64x8::splat(simd, 0.0);
    let (mut shares, beta) = (zero, f64x8::splat(simd, bar.beta));
    for (requested, conviction) in requested.iter().zip(conviction) {
        let headroom = (beta - load(simd, requested) / bar.funds).max(zero);
        shares += load(simd, conviction) * (headroom * headroom);
    }
    sum(shares) * (bar.lost / bar.scale)
}

/// What candidates are judged by, tile by tile.
#[derive(Clone, Copy)]
pub struct Candidates<'a> {
    /// r, Honey.
    pub requested: &'a [Row],
    /// The day from which their age counts.
    pub born: &'a [Row],
    /// y, token-days.
    pub conviction: &'a [Row],
    /// Which lanes are taken, a bit each.
    pub taken: &'a [u8],
}

/// Whether any candidate requests less than the most that can ever pass, and whether any may
/// convince. Divisions are slow, and mostly nobody is near: without, and generously.
#[inline(always)]
pub fn prospects<S: Simd>(simd: S, candidates: Candidates, bar: &Bar) -> (bool, bool) {
    /// More than roundings come to.
    const SLACK: f64 = 1e-9;
    let (most, near) = (bar.beta + SLACK, bar.scale * (1.0 - SLACK));
    let (inverse, lost) = (1.0 / bar.funds, bar.lost * (1.0 + SLACK));
    let (mut ever, mut soon) = (0, 0);
    let each = candidates.requested.iter().zip(candidates.conviction);
    for ((requested, conviction), taken) in each.zip(candidates.taken) {
        let requested = load(simd, requested);
        ever |= bits(requested.simd_lt(bar.most)) & taken;
        let headroom = f64x8::splat(simd, most) - requested * inverse;
        let reached = load(simd, conviction) * (headroom * headroom * lost);
        soon |= bits(headroom.simd_gt(0.0) & reached.simd_ge(near)) & taken;
    }
    (ever != 0, soon != 0)
}

/// Finds the seats whose candidates are older than tmin and exceed their trigger
/// y* = ρE / ((1 − α)(β − r/F)²), and adds them to `convincing`.
#[inline(always)]
pub fn convincing<S: Simd>(
    simd: S,
    candidates: Candidates,
    bar: &Bar,
    convincing: &mut Vec<usize>,
) {
    let each = candidates.requested.iter().zip(candidates.conviction);
    let each = each.zip(candidates.born).zip(candidates.taken);
    for (tile, (((requested, conviction), born), taken)) in each.enumerate() {
        let headroom = f64x8::splat(simd, bar.beta) - load(simd, requested) / bar.funds;
        let trigger = f64x8::splat(simd, bar.scale) / (headroom * headroom * bar.lost);
        let exceeds = headroom.simd_gt(0.0) & load(simd, conviction).simd_gt(trigger);
        let age = f64x8::splat(simd, bar.day) - load(simd, born);
        let found = bits(exceeds & age.simd_gt(bar.tmin)) & taken;
        convincing.extend(lanes(tile, found));
    }
}
