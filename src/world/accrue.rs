//! Phase 5, at last: conviction accrues, and candidates without support die.
//!
//! Conviction is linear: Σ_i (x_ij + α y_ij) = Σ_i x_ij + α Σ_i y_ij. Nothing in the model asks for
//! the parts y_ij, so what accrues each day is a candidate's conviction, from the sum of its stakes,
//! which is kept as stakes move. The parts accrue too in runs whose tables show them.

use super::commons::{Commons, Detail, Vectors, going_on};
use super::components::Status;
use super::kernels::seats;
use super::seating::{SeatingTables, WholeSeating};
use super::tables::{Slices, SupportEdgeColumns};
use super::tiles::lanes;
use bevy_ecs::prelude::*;
use fearless_simd::{Simd, dispatch};

/// How far a sum kept while stakes move may be from the sum of the stakes, as a share of the total
/// supply: each move rounds at 2⁻⁵³ of a holding.
const DRIFT: f64 = 1e-10;

/// y_j ← Σ_i x_ij + α y_j for each candidate; with detail of edges, y_ij ← x_ij + α y_ij on each
/// edge. Then kills the candidates on which less than min_supp is staked.
pub fn accrue_conviction(
    mut runs: Query<&mut Commons>,
    mut tables: SeatingTables,
    mut unsupported: Local<Vec<usize>>,
    vectors: Res<Vectors>,
) {
    let mut tables = tables.whole();
    dispatch!(vectors.0, simd => {
        for commons in going_on(&mut runs) {
            accrue(simd, commons, &mut tables, &mut unsupported);
        }
    });
}

#[inline(always)]
fn accrue<S: Simd>(
    simd: S,
    commons: &mut Commons,
    tables: &mut WholeSeating,
    unsupported: &mut Vec<usize>,
) {
    let parameters = &commons.setting.parameters;
    let min_supp = parameters.min_supp;
    let growth = growth(commons);
    if commons.detail >= Detail::Edges {
        accrue_edges(simd, commons, growth, tables.edges.of(&commons.slot));
    }
    commons.tally.note_day(&commons.supply, &commons.mood);
    let drift = DRIFT * commons.supply.total;
    let taken = commons.tiles.taken_by_tile();
    let stakes = tables.seats.stake.of(&commons.slot);
    let stakes = &stakes.as_chunks().0[..taken.len()];
    let convictions = tables.seats.conviction.of(&commons.slot);
    let convictions = &mut convictions.as_chunks_mut().0[..taken.len()];
    unsupported.clear();
    seats::accrue(simd, stakes, convictions, growth);
    for (tile, (stakes, taken)) in stakes.iter().zip(taken).enumerate() {
        let below = seats::below(simd, stakes, min_supp + drift) & taken;
        unsupported.extend(lanes(tile, below));
    }
    if unsupported.is_empty() {
        return;
    }
    let mut seating = tables.of(&commons.slot);
    for &seat in &*unsupported {
        let sum = &mut seating.seats.stake[seat];
        if *sum >= min_supp - drift {
            // Too close for a kept sum to say.
            let column = commons.tiles.column(seating.edges.stake, seat);
            *sum = column.take(commons.population.participants).sum();
        }
        if *sum < min_supp {
            let conviction = match &commons.chain {
                None => seating.seats.conviction[seat],
                Some(chain) => chain.conviction_at_end(&seating.chain[seat], commons.today.day),
            };
            seating.vacate(commons, seat, Status::Killed, conviction);
        }
    }
}

/// What a day adds to conviction per token staked, and what share it keeps.
fn growth(commons: &Commons) -> (f64, f64) {
    match &commons.chain {
        None => (1.0, commons.setting.parameters.alpha),
        Some(chain) => chain.estimate(commons.today.day),
    }
}

/// y_ij ← x_ij + α y_ij.
#[inline(always)]
fn accrue_edges<S: Simd>(
    simd: S,
    commons: &Commons,
    growth: (f64, f64),
    edges: SupportEdgeColumns,
) {
    for rows in commons.tiles.rows(0, 0..commons.population.participants) {
        let stakes = edges.stake[rows.clone()].as_chunks().0;
        let convictions = edges.conviction[rows].as_chunks_mut().0;
        seats::accrue(simd, stakes, convictions, growth);
    }
}
