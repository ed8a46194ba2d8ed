//! Phase 5, first half: participants act. All decide before any stake moves.

use super::chance::Chance;
use super::commons::{Commons, RunFailure, Runs, each_run};
use super::components::{
    Affinity, Holdings, Influence, OwnSentiment, Restake, Stake, StakeSum, Swayed,
};
use super::kernels::{self, Decisions, Electorate, Row, Stakes, Weighing};
use super::on_chain::{self, ChainState, OnChain};
use super::tables::Columns;
use super::tiles::{LANES, Tiling};
use crate::contract::Revert;
use crate::model::RuleSet;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
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
    mut runs: Runs<C>,
    mut tables: ActingTables,
    mut scratch: Local<Scratch>,
) {
    for (commons, chance) in each_run(&mut runs) {
        act(commons, chance, &mut tables, &mut scratch);
    }
}

/// What acting reads and moves.
#[derive(SystemParam)]
pub struct ActingTables<'w, 's> {
    participants: Columns<
        'w,
        's,
        (
            &'static Holdings,
            &'static OwnSentiment,
            &'static Swayed,
            &'static mut Restake,
        ),
    >,
    influences: Columns<'w, 's, &'static Influence>,
    edges: Columns<'w, 's, (&'static Affinity, &'static mut Stake)>,
    seats: Columns<'w, 's, &'static mut StakeSum>,
    candidates: Columns<'w, 's, &'static mut OnChain>,
}

fn act<C: Chance>(
    commons: &mut Commons,
    chance: &mut C,
    tables: &mut ActingTables,
    scratch: &mut Scratch,
) {
    let Scratch {
        draws,
        decisions,
        weights,
    } = scratch;
    let people = commons.population.participants;
    draws.resize(people, 0.0);
    chance.engagement(draws);

    let slot = commons.slot;
    let (parameters, rules) = (&commons.setting.parameters, &commons.setting.rules);
    let (holdings, sentiments, swayed, restake) = tables.participants.of(&slot);
    let (affinities, stakes) = tables.edges.of(&slot);
    let electorate = Electorate {
        holdings: &holdings[..people],
        sentiments: &sentiments[..people],
        swayed: &swayed[..people],
        influences: tables.influences.of(&slot),
        affinities: affinities.as_chunks::<LANES>().0,
        tiling: commons.tiles.tiling(),
    };
    let mut stakes = Stakes {
        stakes: stakes.as_chunks_mut::<LANES>().0,
        sums: tables.seats.of(&slot).as_chunks_mut::<LANES>().0,
        restake: &mut restake[..people],
    };
    let weighing = Weighing {
        engagement: parameters.base_engagement_rate,
        sensitivity: parameters.sensitivity,
        lowest: parameters.lowest_affinity_to_support,
        raw: rules.stake_weight == RuleSet::V3,
    };
    let idle_move = rules.idle_stake == RuleSet::V3;
    if let Some(state) = &mut commons.chain {
        dispatch!(commons.vectors, simd => {
            kernels::decide(simd, &electorate, &stakes, &weighing, draws, decisions);
        });
        let mut on_chain = OnChainStakes {
            day: commons.today.day,
            tiling: electorate.tiling,
            holdings: electorate.holdings,
            stakes: &mut stakes,
            candidates: tables.candidates.of(&slot),
            state,
        };
        if let Err(revert) = on_chain.move_stakes(idle_move, decisions, weights) {
            let day = commons.today.day;
            commons.failure = Some(RunFailure::Reverts { day, revert });
        }
        return;
    }
    dispatch!(commons.vectors, simd => {
        kernels::decide(simd, &electorate, &stakes, &weighing, draws, decisions);
        if idle_move {
            kernels::split_idle(simd, &electorate, &mut stakes, &weighing, decisions, weights);
        }
        kernels::split_acting(simd, &electorate, &mut stakes, decisions);
    });
}

/// Stakes that move on a chain.
struct OnChainStakes<'a, 'b> {
    day: u32,
    tiling: Tiling,
    holdings: &'a [f64],
    stakes: &'a mut Stakes<'b>,
    candidates: &'a mut [OnChain],
    state: &'a mut ChainState,
}

impl OnChainStakes<'_, '_> {
    fn move_stakes(
        &mut self,
        idle_move: bool,
        decisions: &mut Decisions,
        weights: &mut Vec<Row>,
    ) -> Result<(), Revert> {
        for &participant in &decisions.acting {
            self.stakes.restake[participant as usize] = false;
        }
        if idle_move {
            for participant in 0..self.holdings.len() {
                if std::mem::take(&mut self.stakes.restake[participant]) {
                    weights.clear();
                    weights.extend(
                        (0..self.tiling.count).map(|tile| {
                            self.stakes.stakes[tile * self.tiling.stride + participant]
                        }),
                    );
                    self.split(participant, weights)?;
                }
            }
        }
        let rows = decisions.weights.chunks_exact_mut(self.tiling.count.max(1));
        for (&participant, weights) in decisions.acting.iter().zip(rows) {
            self.split(participant as usize, weights)?;
        }
        Ok(())
    }

    /// Splits a participant's holdings by weights, a row per tile.
    fn split(&mut self, participant: usize, weights: &mut [Row]) -> Result<(), Revert> {
        on_chain::split(weights.as_flattened_mut(), self.holdings[participant]);
        for (tile, moved) in weights.iter().enumerate() {
            let stakes = &mut self.stakes.stakes[tile * self.tiling.stride + participant];
            for lane in 0..LANES {
                let (before, after) = (stakes[lane], moved[lane]);
                if before != after {
                    let candidate = &mut self.candidates[tile * LANES + lane];
                    self.state.change(candidate, self.day, before, after)?;
                    self.stakes.sums[tile][lane] += after - before;
                    stakes[lane] = after;
                }
            }
        }
        Ok(())
    }
}
