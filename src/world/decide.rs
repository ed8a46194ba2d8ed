//! Phase 5, first half: who acts, and what those who act support.

use super::chance::Chance;
use super::components::NONE;
use super::kernels::{self, Row};
use super::resources::{Conditions, Population};
use super::tables::{InfluenceEdges, Participants, SupportEdges};
use super::tiles::{LANES, Tiles};
use crate::model::RuleSet;
use bevy_ecs::prelude::*;

/// What was decided today, before any stake moves.
#[derive(Resource, Default)]
pub struct Decisions {
    /// Rows of the participants who act, in order.
    pub acting: Vec<u32>,
    /// For each of them, a row of weights per tile.
    pub weights: Vec<Row>,
    /// For each of them, the sum of its weights.
    pub sums: Vec<f64>,
}

/// Draws who acts today: those whose u is below base_engagement_rate · own sentiment.
pub fn draw_engagement<C: Chance>(
    mut chance: ResMut<C>,
    conditions: Res<Conditions>,
    population: Res<Population>,
    mut decisions: ResMut<Decisions>,
    mut participants: Participants,
    mut draws: Local<Vec<f64>>,
) {
    let rate = conditions.setting.parameters.base_engagement_rate;
    draws.resize(population.participants, 0.0);
    chance.bypass_change_detection().engagement(&mut draws);
    let sentiments = participants.columns().sentiment;
    decisions.acting.clear();
    for (row, (&u, &sentiment)) in draws.iter().zip(&*sentiments).enumerate() {
        if u < rate * sentiment {
            decisions.acting.push(row as u32);
        }
    }
}

/// Lets each participant who acts decide what to support, from stakes as the day before left them.
/// Candidate j is boosted by Σ_k w_k x_kj / (h_i Σ_k w_k) over the influencers k.
pub fn decide_support(
    conditions: Res<Conditions>,
    tiles: Res<Tiles>,
    mut decisions: ResMut<Decisions>,
    mut participants: Participants,
    mut influences: InfluenceEdges,
    mut edges: SupportEdges,
) {
    let parameters = &conditions.setting.parameters;
    let raw = conditions.setting.rules.stake_weight == RuleSet::V3;
    let people = participants.columns();
    let influences = influences.columns();
    let edges = edges.columns();
    let affinities = edges.affinity.as_chunks::<LANES>().0;
    let stakes = edges.stake.as_chunks::<LANES>().0;

    let Decisions {
        acting,
        weights,
        sums,
    } = &mut *decisions;
    let tiling = tiles.tiling();
    weights.clear();
    weights.resize(acting.len() * tiling.count, [0.0; LANES]);
    sums.clear();
    for (place, &row) in acting.iter().enumerate() {
        let row = row as usize;
        let favourite = kernels::favourite(affinities, tiling, row);
        let cutoff =
            (parameters.sensitivity * favourite).max(parameters.lowest_affinity_to_support);
        // Boosts first, from which the weights are made in place.
        let weights = &mut weights[place * tiling.count..][..tiling.count];
        let scale = people.holdings[row] * people.influence_sum[row];
        if scale > 0.0 {
            let mut next = people.first_influence[row];
            while next != NONE {
                let edge = next as usize;
                let influencer = influences.influencer[edge] as usize;
                let weight = influences.influence[edge] / scale;
                kernels::add_scaled(weights, weight, stakes, tiling, influencer);
                next = influences.next[edge];
            }
        }
        sums.push(kernels::weigh(
            weights, affinities, tiling, row, cutoff, raw,
        ));
    }
}
