//! Phase 5, second half: stakes move as decided.

use super::components::{Affinity, Holdings, Restake, Stake, StakeSum};
use super::decide::Decisions;
use super::kernels::{self, Row, Stakes};
use super::resources::Commons;
use super::tables::Columns;
use super::tiles::LANES;
use crate::model::RuleSet;
use bevy_ecs::prelude::*;
use fearless_simd::dispatch;

/// Splits the holdings of those who act over what they decided to support; under rule idle_stake
/// v3, also anew those of the idle whose support has changed. Keeps the sums per candidate.
pub fn move_stakes(
    commons: Res<Commons>,
    decisions: Res<Decisions>,
    mut participants: Columns<(&'static Holdings, &'static mut Restake)>,
    mut edges: Columns<(&'static Affinity, &'static mut Stake)>,
    mut seats: Columns<&'static mut StakeSum>,
    mut weights: Local<Vec<Row>>,
) {
    let rules = &commons.setting.rules;
    let (holdings, restake) = participants.slices();
    let (affinities, stakes) = edges.slices();
    let mut stakes = Stakes {
        stakes: stakes.as_chunks_mut::<LANES>().0,
        sums: seats.slices().as_chunks_mut::<LANES>().0,
        tiling: commons.tiles.tiling(),
    };

    // Whoever acts is settled first: a mark left after this belongs to an idle participant.
    for &row in &decisions.acting {
        restake[row as usize] = false;
    }
    if rules.idle_stake == RuleSet::V3 {
        weights.resize(stakes.tiling.count, [0.0; LANES]);
        let affinities = affinities.as_chunks::<LANES>().0;
        let marked = &mut restake[..commons.population.participants];
        let raw = rules.stake_weight == RuleSet::V3;
        dispatch!(commons.vectors, simd => kernels::split_idle(
            simd, &mut stakes, affinities, marked, holdings, raw, &mut weights,
        ));
    }
    dispatch!(commons.vectors, simd => {
        kernels::split_acting(simd, &mut stakes, &decisions, restake)
    });
}
