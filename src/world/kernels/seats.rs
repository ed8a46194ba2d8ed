//! What accrues on seats, and who convinces.

use super::{Row, bits, load, sum};
use crate::model::{Parameters, largest_passable_share};
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

/// Which lanes of a tile convince, and which could, as bits.
#[derive(Clone, Copy)]
pub struct Convincing {
    /// Those whose candidates are older than tmin and exceed their trigger
    /// y* = ρE / ((1 − α)(β − r/F)²).
    pub now: u8,
    /// Those that request less than the most that can ever pass.
    pub ever: u8,
}

/// Finds the lanes of a tile that convince, of those that are taken.
#[inline(always)]
pub fn convincing<S: Simd>(
    simd: S,
    requested: &Row,
    born: &Row,
    conviction: &Row,
    taken: u8,
    bar: &Bar,
) -> Convincing {
    /// More than roundings come to.
    const SLACK: f64 = 1e-9;
    let (requested, conviction) = (load(simd, requested), load(simd, conviction));
    let ever = bits(requested.simd_lt(bar.most)) & taken;
    // Divisions are slow, and mostly nobody is near: first without, and generously.
    let headroom = f64x8::splat(simd, bar.beta + SLACK) - requested * (1.0 / bar.funds);
    let reached = conviction * (headroom * headroom * (bar.lost * (1.0 + SLACK)));
    let near = headroom.simd_gt(0.0) & reached.simd_ge(bar.scale * (1.0 - SLACK));
    if bits(near) & taken == 0 {
        return Convincing { now: 0, ever };
    }
    let headroom = f64x8::splat(simd, bar.beta) - requested / bar.funds;
    let trigger = f64x8::splat(simd, bar.scale) / (headroom * headroom * bar.lost);
    let age = f64x8::splat(simd, bar.day) - load(simd, born);
    let convincing = headroom.simd_gt(0.0) & conviction.simd_gt(trigger) & age.simd_gt(bar.tmin);
    Convincing {
        now: bits(convincing) & taken,
        ever,
    }
}
