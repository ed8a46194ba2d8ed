//! Phase 5, first half: who acts, and what those who act support.

use super::chance::Chance;
use super::components::{Affinity, Holdings, Influence, OwnSentiment, Stake, Swayed};
use super::kernels::{self, Electorate, Row, Weighing};
use super::resources::Commons;
use super::tables::Columns;
use super::tiles::LANES;
use crate::model::RuleSet;
use bevy_ecs::prelude::*;
use fearless_simd::dispatch;

/// What was decided today, before any stake moves.
#[derive(Resource, Default)]
pub struct Decisions {
    /// Rows of the participants who act, in order.
    pub acting: Vec<u32>,
    /// For each of them, a row of weights per tile.
    pub weights: Vec<Row>,
    /// For each of them, tokens per weight: its holdings over the sum of its weights.
    pub tokens: Vec<f64>,
}

/// Draws who acts today: those whose u is below base_engagement_rate · own sentiment. Each of them
/// decides what to support, from stakes as the day before left them. Candidate j is boosted by
/// Σ_k w_k x_kj / (h_i Σ_k w_k) over the influencers k.
pub fn decide_support<C: Chance>(
    mut chance: ResMut<C>,
    commons: Res<Commons>,
    mut decisions: ResMut<Decisions>,
    mut participants: Columns<(&'static Holdings, &'static OwnSentiment, &'static Swayed)>,
    mut influences: Columns<&'static Influence>,
    mut edges: Columns<(&'static Affinity, &'static Stake)>,
    mut draws: Local<Vec<f64>>,
) {
    let (holdings, sentiments, swayed) = participants.slices();
    let people = commons.population.participants;
    let parameters = &commons.setting.parameters;
    let decisions = decisions.bypass_change_detection();

    draws.resize(people, 0.0);
    chance.bypass_change_detection().engagement(&mut draws);
    let (affinities, stakes) = edges.slices();
    let electorate = Electorate {
        holdings,
        swayed,
        influences: influences.slices(),
        affinities: affinities.as_chunks::<LANES>().0,
        stakes: stakes.as_chunks::<LANES>().0,
        tiling: commons.tiles.tiling(),
    };
    let weighing = Weighing {
        sensitivity: parameters.sensitivity,
        lowest: parameters.lowest_affinity_to_support,
        raw: commons.setting.rules.stake_weight == RuleSet::V3,
    };
    let rate = parameters.base_engagement_rate;
    dispatch!(commons.vectors, simd => {
        kernels::acting(simd, &draws, &sentiments[..people], rate, &mut decisions.acting);
        kernels::decide(simd, &electorate, &weighing, decisions);
    });
}
