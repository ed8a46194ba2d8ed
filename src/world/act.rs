//! Phase 5, first half: participants act. All decide before any stake moves.

use super::chance::Chance;
use super::components::{
    Affinity, Holdings, Influence, OwnSentiment, Restake, Stake, StakeSum, Swayed,
};
use super::kernels::{self, Decisions, Electorate, Row, Stakes, Weighing};
use super::resources::Commons;
use super::tables::Columns;
use super::tiles::LANES;
use crate::model::RuleSet;
use bevy_ecs::prelude::*;
use fearless_simd::dispatch;

/// What acting needs only while it works; kept so that a day allocates nothing.
#[derive(Default)]
pub struct Scratch {
    draws: Vec<f64>,
    decisions: Decisions,
    weights: Vec<Row>,
}

/// Draws who acts today: those whose u is below base_engagement_rate · own sentiment. Each of them
/// decides what to support, from stakes as the day before left them, where candidate j is boosted by
/// Σ_k w_k x_kj / (h_i Σ_k w_k) over the influencers k. Then the holdings of those who act are split
/// over what they decided to support; under rule idle_stake v3, also anew those of the idle whose
/// support has changed. The sums per candidate are kept.
pub fn let_participants_act<C: Chance>(
    mut chance: ResMut<C>,
    commons: Res<Commons>,
    mut participants: Columns<(
        &'static Holdings,
        &'static OwnSentiment,
        &'static Swayed,
        &'static mut Restake,
    )>,
    mut influences: Columns<&'static Influence>,
    mut edges: Columns<(&'static Affinity, &'static mut Stake)>,
    mut seats: Columns<&'static mut StakeSum>,
    mut scratch: Local<Scratch>,
) {
    let Scratch {
        draws,
        decisions,
        weights,
    } = &mut *scratch;
    let people = commons.population.participants;
    draws.resize(people, 0.0);
    chance.bypass_change_detection().engagement(draws);

    let (parameters, rules) = (&commons.setting.parameters, &commons.setting.rules);
    let (holdings, sentiments, swayed, restake) = participants.slices();
    let (affinities, stakes) = edges.slices();
    let electorate = Electorate {
        holdings: &holdings[..people],
        sentiments: &sentiments[..people],
        swayed: &swayed[..people],
        influences: influences.slices(),
        affinities: affinities.as_chunks::<LANES>().0,
        tiling: commons.tiles.tiling(),
    };
    let mut stakes = Stakes {
        stakes: stakes.as_chunks_mut::<LANES>().0,
        sums: seats.slices().as_chunks_mut::<LANES>().0,
        restake: &mut restake[..people],
    };
    let weighing = Weighing {
        engagement: parameters.base_engagement_rate,
        sensitivity: parameters.sensitivity,
        lowest: parameters.lowest_affinity_to_support,
        raw: rules.stake_weight == RuleSet::V3,
    };
    let idle_move = rules.idle_stake == RuleSet::V3;
    dispatch!(commons.vectors, simd => {
        kernels::decide(simd, &electorate, &stakes, &weighing, draws, decisions);
        if idle_move {
            kernels::split_idle(simd, &electorate, &mut stakes, &weighing, decisions, weights);
        }
        kernels::split_acting(simd, &electorate, &mut stakes, decisions);
    });
}
