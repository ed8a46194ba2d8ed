//! Phase 5, at last: conviction accrues, and candidates without support die.

use super::components::{NONE, Status};
use super::kernels;
use super::resources::{Conditions, Mood, Population, Supply, Tally, Today};
use super::seating::Seating;
use super::tiles::LANES;
use bevy_ecs::prelude::*;

/// y_ij ← x_ij + α y_ij on every edge to a candidate, with the sums of both per candidate.
pub fn accrue_conviction(
    conditions: Res<Conditions>,
    population: Res<Population>,
    mut seating: Seating,
) {
    let alpha = conditions.setting.parameters.alpha;
    let seats = seating.seats.columns();
    let edges = seating.edges.columns();
    let stakes = edges.stake.as_chunks::<LANES>().0;
    let convictions = edges.conviction.as_chunks_mut::<LANES>().0;
    let tiling = seating.tiles.tiling();
    for tile in 0..tiling.count {
        let first = tile * tiling.stride;
        let rows = first..first + population.participants;
        let (stake, conviction) =
            kernels::accrue(&stakes[rows.clone()], &mut convictions[rows], alpha);
        let lanes = tile * LANES..(tile + 1) * LANES;
        seats.stake[lanes.clone()].copy_from_slice(&stake);
        seats.conviction[lanes].copy_from_slice(&conviction);
    }
}

/// Kills the candidates on which less than min_supp is staked.
pub fn kill_unsupported(
    conditions: Res<Conditions>,
    population: Res<Population>,
    today: Res<Today>,
    mut seating: Seating,
    mut unsupported: Local<Vec<usize>>,
) {
    let min_supp = conditions.setting.parameters.min_supp;
    let seats = seating.seats.columns();
    unsupported.clear();
    for seat in 0..seating.tiles.seats() {
        if seats.stake[seat] < min_supp && seats.occupant[seat] != NONE {
            unsupported.push(seat);
        }
    }
    for &seat in &*unsupported {
        let row = seating.vacate(seat, &today, &conditions, population.participants);
        seating.proposals.columns().status[row] = Status::Killed;
    }
}

/// Notes what the day came to.
pub fn note_day(supply: Res<Supply>, mood: Res<Mood>, mut tally: ResMut<Tally>) {
    tally.least_pool = tally.least_pool.min(supply.funds);
    tally.sentiment_sum += mood.0;
}
