//! Phase 5, second half: stakes move as decided.

use super::decide::Decisions;
use super::kernels::{self, Row};
use super::resources::{Conditions, Population};
use super::tables::{Participants, SupportEdges};
use super::tiles::{LANES, Tiles};
use crate::model::RuleSet;
use bevy_ecs::prelude::*;

/// Splits the holdings of those who act over what they decided to support; under rule idle_stake
/// v3, also anew those of the idle whose support has changed.
pub fn move_stakes(
    conditions: Res<Conditions>,
    population: Res<Population>,
    tiles: Res<Tiles>,
    decisions: Res<Decisions>,
    mut participants: Participants,
    mut edges: SupportEdges,
    mut weights: Local<Vec<Row>>,
) {
    let rules = &conditions.setting.rules;
    let people = participants.columns();
    let edges = edges.columns();
    let affinities = edges.affinity.as_chunks::<LANES>().0;
    let stakes = edges.stake.as_chunks_mut::<LANES>().0;
    let tiling = tiles.tiling();

    // Whoever acts is settled first: a mark left after this belongs to an idle participant.
    for &row in &decisions.acting {
        people.restake[row as usize] = false;
    }
    if rules.idle_stake == RuleSet::V3 {
        let raw = rules.stake_weight == RuleSet::V3;
        weights.resize(tiling.count, [0.0; LANES]);
        for row in 0..population.participants {
            if people.restake[row] {
                let sum = kernels::weigh_again(&mut weights, affinities, stakes, tiling, row, raw);
                let tokens_per_weight = people.holdings[row] / sum;
                people.restake[row] =
                    kernels::split(stakes, &weights, tiling, row, tokens_per_weight);
            }
        }
    }
    for (place, &row) in decisions.acting.iter().enumerate() {
        let row = row as usize;
        let weights = &decisions.weights[place * tiling.count..][..tiling.count];
        let tokens_per_weight = people.holdings[row] / decisions.sums[place];
        // Negative stakes are no support on an idle day, so the split will change then.
        people.restake[row] = kernels::split(stakes, weights, tiling, row, tokens_per_weight);
    }
}
