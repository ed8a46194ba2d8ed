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
    let count = tiles.count();

    // Whoever acts is settled first: a mark left after this belongs to an idle participant.
    for &row in &decisions.acting {
        people.restake[row as usize] = false;
    }
    if rules.idle_stake == RuleSet::V3 {
        let raw = rules.stake_weight == RuleSet::V3;
        for row in 0..population.participants {
            if !people.restake[row] {
                continue;
            }
            let mut lane_sums = [0.0; LANES];
            weights.clear();
            weights.resize(count, [0.0; LANES]);
            for (tile, weights) in weights.iter_mut().enumerate() {
                let block = tiles.row(tile, row) / LANES;
                kernels::weigh_again(
                    &affinities[block],
                    &stakes[block],
                    raw,
                    weights,
                    &mut lane_sums,
                );
            }
            let sum = kernels::sum(&lane_sums);
            people.restake[row] =
                split_over(row, &weights, people.holdings[row], sum, stakes, &tiles);
        }
    }
    for (place, &row) in decisions.acting.iter().enumerate() {
        let row = row as usize;
        let weights = &decisions.weights[place * count..][..count];
        // Negative stakes are no support on an idle day, so the split will change then.
        people.restake[row] = split_over(
            row,
            weights,
            people.holdings[row],
            decisions.sums[place],
            stakes,
            &tiles,
        );
    }
}

/// Writes a participant's stakes in every tile; returns whether one is negative.
fn split_over(
    row: usize,
    weights: &[Row],
    holdings: f64,
    sum: f64,
    stakes: &mut [Row],
    tiles: &Tiles,
) -> bool {
    let mut negative = false;
    for (tile, weights) in weights.iter().enumerate() {
        let stakes = &mut stakes[tiles.row(tile, row) / LANES];
        negative |= kernels::split(stakes, weights, holdings, sum);
    }
    negative
}
