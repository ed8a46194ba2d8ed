//! Phase 5, at last: conviction accrues, and candidates without support die.
//!
//! Conviction is linear: Σ_i (x_ij + α y_ij) = Σ_i x_ij + α Σ_i y_ij. Nothing in the model asks for
//! the parts y_ij, so what accrues each day is a candidate's conviction, from the sum of its stakes,
//! which is kept as stakes move. The parts accrue too in runs whose tables show them.

use super::components::{ConvictionSum, EdgeConviction, Stake, StakeSum, Status};
use super::kernels;
use super::resources::Commons;
use super::seating::SeatingTables;
use super::tables::Columns;
use super::tiles::{LANES, lanes};
use bevy_ecs::prelude::*;
use fearless_simd::dispatch;

/// y_j ← Σ_i x_ij + α y_j for each candidate; with detail, y_ij ← x_ij + α y_ij on each edge.
pub fn accrue_conviction(
    commons: Res<Commons>,
    mut seats: Columns<(&'static StakeSum, &'static mut ConvictionSum)>,
    mut edges: Columns<(&'static Stake, &'static mut EdgeConviction)>,
) {
    let alpha = commons.setting.parameters.alpha;
    let tiles = &commons.tiles;
    let (stakes, convictions) = seats.slices();
    let stakes = &stakes.as_chunks().0[..tiles.count()];
    let convictions = &mut convictions.as_chunks_mut().0[..tiles.count()];
    dispatch!(commons.vectors, simd => kernels::accrue(simd, stakes, convictions, alpha));
    if commons.detail {
        let (stakes, convictions) = edges.slices();
        for tile in 0..tiles.count() {
            let rows = tiles.rows(tile, commons.population.participants);
            let stakes = &stakes.as_chunks().0[rows.clone()];
            let convictions = &mut convictions.as_chunks_mut().0[rows];
            dispatch!(commons.vectors, simd => kernels::accrue(simd, stakes, convictions, alpha));
        }
    }
}

/// How far a sum kept while stakes move may be from the sum of the stakes, as a share of the total
/// supply: each move rounds at 2⁻⁵³ of a holding.
const DRIFT: f64 = 1e-10;

/// Kills the candidates on which less than min_supp is staked.
pub fn kill_unsupported(
    commons: ResMut<Commons>,
    mut tables: SeatingTables,
    mut unsupported: Local<Vec<usize>>,
) {
    let commons = commons.into_inner();
    let min_supp = commons.setting.parameters.min_supp;
    let drift = DRIFT * commons.supply.total;
    unsupported.clear();
    let seats = tables.seats();
    let sums = seats.stake.as_chunks().0;
    dispatch!(commons.vectors, simd => {
        for (tile, (sums, &taken)) in sums.iter().zip(commons.tiles.taken_by_tile()).enumerate() {
            let below = kernels::below(simd, sums, min_supp + drift) & taken;
            unsupported.extend(lanes(tile, below));
        }
    });
    if unsupported.is_empty() {
        return;
    }
    let mut seating = tables.columns();
    for &seat in &*unsupported {
        let sum = &mut seating.seats.stake[seat];
        if *sum >= min_supp - drift {
            // Too close for a kept sum to say.
            let first = commons.tiles.edge(seat, 0);
            let lane = seating.edges.stake[first..].iter().step_by(LANES);
            *sum = lane.take(commons.population.participants).sum();
        }
        if *sum < min_supp {
            seating.vacate(commons, seat, Status::Killed);
        }
    }
}

/// Notes what the day came to.
pub fn note_day(mut commons: ResMut<Commons>) {
    let commons = &mut *commons;
    commons.tally.least_pool = commons.tally.least_pool.min(commons.supply.funds);
    commons.tally.sentiment_sum += commons.mood.0;
}
