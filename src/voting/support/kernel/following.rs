//! Stakes after a fall of holdings.

use super::{Eight, load};
use crate::engine::LANES;
use crate::voting::support::layout::{BLOCK, SEATS};
use crate::voting::support::{Fall, Layout, StakesOfRun};
use fearless_simd::f64x8;
use fearless_simd::prelude::*;

/// Scales all stakes of each participant whose stakes exceed their votes, and lowers the sums of their seats by the
/// same amounts.
#[inline(always)]
pub fn scale<S: Simd, V>(simd: S, layout: &Layout, falls: &[Fall], of_run: &mut StakesOfRun<V>) {
    let count = layout.count();
    if count > BLOCK {
        for fall in falls {
            scale_in_blocks(simd, layout, fall, of_run);
        }
        return;
    }
    let stakes = of_run.stake.as_chunks_mut().0.as_chunks_mut().0;
    let sums = of_run.stake_sum.as_chunks_mut::<LANES>().0;
    by_blocks!(count, simd, scale_in_block(falls, stakes, sums));
}

/// Returns the share of stakes that remains, if they exceed the votes.
#[inline(always)]
fn share_kept(held: f64, staked: f64) -> Option<f64> {
    (held < staked).then(|| held / staked)
}

/// Returns the sum of lanes, one after another.
#[inline(always)]
fn in_turn<S: Simd>(lanes: f64x8<S>) -> f64 {
    lanes.to_array().iter().sum()
}

/// Scales stakes if all eights in use are in the first block.
#[inline(always)]
fn scale_in_block<S: Simd, const EIGHTS: usize>(
    simd: S,
    _first: usize,
    falls: &[Fall],
    stakes: &mut [[Eight; BLOCK]],
    sums: &mut [Eight],
) {
    let zero = f64x8::splat(simd, 0.0);
    let sums = &mut sums[..EIGHTS];
    let mut left = [zero; EIGHTS];
    for eight in 0..EIGHTS {
        left[eight] = load(simd, &sums[eight]);
    }
    for fall in falls {
        let staked = &mut stakes[fall.participant as usize];
        let mut before = [zero; EIGHTS];
        let mut lanes = zero;
        for eight in 0..EIGHTS {
            before[eight] = load(simd, &staked[eight]);
            lanes += before[eight];
        }
        if let Some(kept) = share_kept(fall.held, in_turn(lanes)) {
            for eight in 0..EIGHTS {
                let after = before[eight] * kept;
                left[eight] -= before[eight] - after;
                after.store_array(&mut staked[eight]);
            }
        }
    }
    for eight in 0..EIGHTS {
        left[eight].store_array(&mut sums[eight]);
    }
}

#[inline(always)]
fn scale_in_blocks<S: Simd, V>(simd: S, layout: &Layout, fall: &Fall, of_run: &mut StakesOfRun<V>) {
    let participant = fall.participant as usize;
    let mut staked = 0.0;
    for rows in layout.rows_in_use(participant) {
        let mut lanes = f64x8::splat(simd, 0.0);
        for eight in of_run.stake[rows].as_chunks().0 {
            lanes += load(simd, eight);
        }
        staked += in_turn(lanes);
    }
    let Some(kept) = share_kept(fall.held, staked) else {
        return;
    };
    let blocks = of_run.stake_sum.chunks_mut(SEATS);
    for (rows, sums) in layout.rows_in_use(participant).zip(blocks) {
        let rows = of_run.stake[rows].as_chunks_mut().0;
        for (row, sums) in rows.iter_mut().zip(sums.as_chunks_mut().0) {
            let before = load(simd, row);
            let after = before * kept;
            (load(simd, sums) - (before - after)).store_array(sums);
            after.store_array(row);
        }
    }
}
