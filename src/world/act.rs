//! Phase 5, first half: participants act. All decide before any stake moves.

use super::chance::Chance;
use super::commons::{Commons, RunFailure, Runs, Vectors, each_run};
use super::components::{
    Affinity, Holdings, Influence, LaterInfluence, OwnSentiment, Restake, Stake, StakeSum, Swayed,
    Vacancy,
};
use super::kernels::acting::{self, Decisions, Electorate, Stakes, Weighing};
use super::kernels::{Row, ranking::Affinities};
use super::on_chain::{self, ChainState, OnChain};
use super::scratch::sized;
use super::tables::system_tables;
use super::tiles::LANES;
use crate::contract::Revert;
use crate::model::RuleSet;
use bevy_ecs::prelude::*;
use fearless_simd::{Simd, dispatch};

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
    mut runs: Runs<C>,
    mut tables: ActingTables,
    mut scratch: Local<Scratch>,
    vectors: Res<Vectors>,
) {
    let mut tables = tables.whole();
    dispatch!(vectors.0, simd => {
        for (commons, chance) in each_run(&mut runs) {
            act(simd, commons, chance, &mut tables, &mut scratch);
        }
    });
}

system_tables! {
    /// What acting reads and moves.
    ActingTables, WholeActing {
        participants: (
            &'static Holdings,
            &'static OwnSentiment,
            &'static Swayed,
            &'static mut Restake,
        ),
        influences: (&'static Influence, &'static LaterInfluence),
        edges: (&'static Affinity, &'static mut Stake),
        seats: (&'static Vacancy, &'static mut StakeSum),
        candidates: &'static mut OnChain,
    }
}

#[inline(always)]
fn act<S: Simd, C: Chance>(
    simd: S,
    commons: &mut Commons,
    chance: &mut C,
    tables: &mut WholeActing,
    scratch: &mut Scratch,
) {
    let Scratch {
        draws,
        decisions,
        weights,
    } = scratch;
    let people = commons.population.participants;
    let draws = sized(draws, people.next_multiple_of(LANES));
    chance.engagement(simd, &mut draws[..people]);

    let slot = commons.slot;
    let (parameters, rules) = (&commons.setting.parameters, &commons.setting.rules);
    let (holdings, sentiments, swayed, restake) = tables.participants.of(&slot);
    let (affinities, stakes) = tables.edges.of(&slot);
    let (vacancy, sums) = tables.seats.of(&slot);
    let (influences, later) = tables.influences.of(&slot);
    let electorate = Electorate {
        holdings: &holdings[..people],
        sentiments,
        swayed: &swayed[..people],
        influences,
        later,
        affinities: Affinities::new(affinities, vacancy, &commons.tiles),
        weighing: Weighing {
            engagement: parameters.base_engagement_rate,
            sensitivity: parameters.sensitivity,
            lowest: parameters.lowest_affinity_to_support,
            raw: rules.stake_weight == RuleSet::V3,
            idle_move: rules.idle_stake == RuleSet::V3,
        },
    };
    let mut stakes = Stakes {
        stakes: stakes.as_chunks_mut().0.as_chunks_mut().0,
        people: commons.tiles.shape().people,
        sums: sums.as_chunks_mut::<LANES>().0,
        restake,
    };
    acting::decide(simd, &electorate, &stakes, draws, decisions);
    match &mut commons.chain {
        None => acting::split(simd, &electorate, &mut stakes, decisions),
        Some(chain) => {
            let day = commons.today.day;
            let candidates = tables.candidates.of(&slot);
            let moved = split_on_chain(
                &electorate,
                &mut stakes,
                decisions,
                weights,
                candidates,
                chain,
                day,
            );
            if let Err(revert) = moved {
                commons.failure = Some(RunFailure::Reverts { day, revert });
            }
        }
    }
}

/// Splits the holdings of everybody whose stakes move, as decided, as far as a chain can.
fn split_on_chain(
    electorate: &Electorate,
    stakes: &mut Stakes,
    decisions: &Decisions,
    weights: &mut Vec<Row>,
    candidates: &mut [OnChain],
    chain: &mut ChainState,
    day: u32,
) -> Result<(), Revert> {
    let (count, people) = (electorate.count(), stakes.people);
    for (mover, &participant) in decisions.moving().iter().enumerate() {
        let participant = participant as usize;
        stakes.restake[participant] = false;
        weights.clear();
        weights.extend(decisions.weights_of(mover, count));
        let weights = weights.as_flattened_mut();
        on_chain::split(weights, electorate.holdings[participant]);
        let blocks = stakes.stakes[participant..].iter_mut().step_by(people);
        let before = blocks.flat_map(|block| block.as_flattened_mut());
        let sums = stakes.sums.as_flattened_mut();
        for (seat, (before, &after)) in before.zip(&*weights).enumerate() {
            if *before != after {
                chain.change(&mut candidates[seat], day, *before, after)?;
                sums[seat] += after - *before;
                *before = after;
            }
        }
    }
    Ok(())
}
