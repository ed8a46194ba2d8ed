//! Loops over edges and seats, on plain slices. Numbers of eight seats are neighbours, so every loop runs over
//! vectors of eight. There are no horizontal steps, and sums have the same order on every machine.
//!
//! Each loop is written once, for vectors of any machine, and compiled for several; systems choose with `dispatch!`,
//! once a day for all runs. None fuses a product and a sum, so results are the same on all machines. Functions that
//! they call must be inlined, otherwise they are compiled for the narrowest vectors. So they call no closures, which
//! have no such attribute.
//!
//! | file | contents |
//! |---|---|
//! | [`affinities`] | arrangement of affinities |
//! | [`acting`] | decisions of participants, and moves of stakes |
//! | [`chosen`] | random choice of participants on a day |
//! | [`following`] | stakes after a fall of holdings |

/// Calls a kernel for the eights in use, block by block; the last block may have fewer:
/// `$kernel::<_, EIGHTS>(simd, first eight, …)`.
macro_rules! by_blocks {
    ($count:expr, $simd:ident, $kernel:ident($($argument:expr),*)) => {
        let (mut first, count) = (0, $count);
        while first < count {
            match count - first {
                1 => $kernel::<_, 1>($simd, first, $($argument),*),
                2 => $kernel::<_, 2>($simd, first, $($argument),*),
                3 => $kernel::<_, 3>($simd, first, $($argument),*),
                4 => $kernel::<_, 4>($simd, first, $($argument),*),
                5 => $kernel::<_, 5>($simd, first, $($argument),*),
                6 => $kernel::<_, 6>($simd, first, $($argument),*),
                _ => $kernel::<_, BLOCK>($simd, first, $($argument),*),
            }
            first += BLOCK;
        }
    };
}

pub mod acting;
pub mod affinities;
pub mod chosen;
pub mod following;

use crate::engine::LANES;
use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

/// Neighbouring numbers of eight seats.
pub type Eight = [f64; LANES];

#[inline(always)]
pub fn load<S: Simd>(simd: S, row: &Eight) -> f64x8<S> {
    f64x8::load_array_ref(simd, row)
}

/// Returns the lanes where a condition holds, as bits.
#[inline(always)]
pub fn bits<S: Simd>(mask: mask64x8<S>) -> u8 {
    mask.to_bitmask() as u8
}

/// Returns the sum of the lanes, pair by pair.
#[inline(always)]
pub fn sum<S: Simd>(row: f64x8<S>) -> f64 {
    let (low, high) = row.split();
    let (low, high) = (low + high).split();
    let [low, high] = (low + high).to_array();
    low + high
}

/// Returns the greatest lane.
#[inline(always)]
fn lane_max<S: Simd>(row: f64x8<S>) -> f64 {
    let (low, high) = row.split();
    let (low, high) = low.max(high).split();
    let [low, high] = low.max(high).to_array();
    select_max(low, high)
}

/// Returns the greater of two numbers; the second unless the first is greater.
#[inline(always)]
fn select_max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// Returns the sum of rows of numbers.
#[inline(always)]
pub fn total<S: Simd>(simd: S, rows: &[Eight]) -> f64 {
    let mut sums = f64x8::splat(simd, 0.0);
    for row in rows {
        sums += load(simd, row);
    }
    sum(sums)
}

/// Returns the lanes of a row that are below a value.
#[inline(always)]
pub fn below<S: Simd>(simd: S, row: &Eight, value: f64) -> u8 {
    bits(load(simd, row).simd_lt(value))
}
