//! The deployed 1Hive contract: whole units of 10⁻¹⁸ tokens, block by block.

use super::chain::{BlockClock, Chain, Parameters, share};
use super::splitting::Splitting;
use super::whole::{
    A_LITTLE_LESS, InTurn, NEAR, Reverts, Whole, WholeSupply, estimate_changed, in_sum,
    open_accounts, pay_in_turn, resumed, start,
};
use super::{Capabilities, Clock, Execution, Mechanism, Numbers, Votes};
use crate::contract::{Decay, Revert, ThresholdQuery, U256, integer, threshold, tokens, units};
use crate::engine::{Failing, ModelBuilder, PerRun, Run, Runs, Start};
use crate::voting::Day;
use crate::voting::conviction::{
    Accepted, Conviction, Convinced, Growth, InSum, Passing, Seated, Threshold,
    largest_passable_share,
};
use crate::voting::opening::{OnChainCandidate, Opening, OpeningCandidate};
use crate::voting::rules::Rules;
use crate::voting::supply::{Staked, Supply, Terms, Turnout};
use crate::voting::support::{Decisions, Fall, Layout, Seats, Stakes, StakesOfRun, Staking};
use bevy_ecs::prelude::*;
use fearless_simd::{Level, Simd};

/// The contract's record of the candidate on a seat: a column of seats.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct OnChain(pub OnChainCandidate);

crate::record!(OnChain);

/// Most candidates that a voter may support at a time.
pub const MOST_SUPPORTED: usize = 10;

/// Contract of a run, with its supply in whole units.
#[derive(Component, Clone, Debug, Default)]
pub struct Gardens1 {
    parameters: Parameters,
    clock: BlockClock,
    /// Decay of the parameters, with its powers.
    decay: Decay,
    supply: WholeSupply,
    by_conviction: Vec<(U256, usize)>,
    splitting: Splitting,
    by_id: Vec<usize>,
}

impl PerRun for Gardens1 {
    /// Keeps the powers of the decay from an earlier run, until `begin` reads the setting.
    fn begin(&mut self) {}
}

impl Mechanism for Gardens1 {
    const NAMES: &'static [Capabilities] = &[Capabilities {
        name: "contract",
        numbers: Numbers::Whole,
        clock: Clock::Blocks,
        votes: Votes::Tokens,
        execution: Execution::InTurn,
        times_real: 4.0,
    }];

    fn register(model: &mut ModelBuilder) {
        model
            .column::<Seats, OnChain>()
            .start(Start::Draw, begin)
            .after(&["supply", "history"])
            .system(Day::Arrivals, open_accounts::<Self>)
            .after(&["arrivals"]);
        if model.copies("change") > 0 {
            model
                .system(Day::Start, take_up)
                .system(Day::Start, estimate_changed::<Self>);
        }
    }
}

crate::view! {
    /// Access of [`begin`] to a run.
    struct Beginning<'w> {
        conviction: &'w Conviction,
        chain: &'w Chain,
        opening: &'w Opening,
        supply: &'w mut Supply,
        contract: &'w mut Gardens1,
    }
}

/// Converts the supply to whole units.
fn begin(mut runs: Runs<Beginning>) {
    for (_, of) in runs.batch() {
        (of.contract.clock, of.contract.supply) = start(of.chain, of.opening, of.supply);
        // Other chains need other powers: kept ones would only accumulate.
        if of.contract.parameters.chain != *of.chain {
            of.contract.decay = Decay::default();
        }
        of.contract.take_up(Parameters::of(of.conviction, of.chain));
    }
}

/// Stores changed settings.
fn take_up(mut runs: Runs<(&Conviction, &Chain, &mut Gardens1)>) {
    for (run, (conviction, chain, contract)) in runs.batch() {
        let parameters = Parameters::of(conviction, chain);
        if parameters != contract.parameters {
            contract.clock.go_on(run.day, chain);
            contract.take_up(parameters);
        }
    }
}

impl Gardens1 {
    /// Stores parameters, which apply from now on.
    fn take_up(&mut self, parameters: Parameters) {
        if self.decay.stored() != parameters.decay {
            self.decay = Decay::new(parameters.decay);
        }
        self.parameters = parameters;
    }

    /// Returns the staked tokens. Tokens that support no candidate are on the abstain proposal, so that the whole
    /// effective supply counts, unless an extension counts otherwise.
    fn counted(&self, supply: &Supply) -> i128 {
        match supply.turnout {
            None => self.supply.effective,
            Some(Turnout {
                staked:
                    Some(Staked {
                        units: Some(units),
                        abstain: 0.0,
                        ..
                    }),
                min_share: 0.0,
                ..
            }) => units,
            Some(_) => units(supply.terms().counted),
        }
    }

    /// Returns the threshold (token-blocks) of a request, given the pool and the staked tokens.
    fn threshold_with(&self, requested: i128, funds: i128, staked: i128) -> Result<U256, Revert> {
        threshold(&ThresholdQuery {
            decay: self.parameters.decay,
            max_ratio: self.parameters.max_ratio,
            weight: self.parameters.weight,
            min_threshold_stake_percentage: self.parameters.min_threshold_stake_percentage,
            funds: integer(funds),
            stake_token_total_supply: integer(self.supply.total - self.supply.apart),
            total_staked: integer(staked),
            requested: integer(requested),
        })
    }

    /// Changes one voter's stake on a candidate, on a day.
    fn change(
        &mut self,
        candidate: &mut OnChain,
        day: u32,
        before: f64,
        after: f64,
    ) -> Result<(), Revert> {
        let (block, stored) = (self.clock.at(day), &mut candidate.0.stored);
        // A few units may be missing from stakes that the chain rounded differently.
        let staked = (stored.staked + integer(units(after))).saturating_sub(integer(units(before)));
        stored.change(block, staked, &mut self.decay)
    }
}

impl Whole for Gardens1 {
    fn clock(&self) -> &BlockClock {
        &self.clock
    }

    fn whole_supply(&mut self) -> &mut WholeSupply {
        &mut self.supply
    }
}

impl Staking for Gardens1 {
    type Stored = OnChain;

    const MOST_SUPPORTED: usize = MOST_SUPPORTED;

    /// Returns an empty record: the contract stores nothing of a proposal before its first stake.
    fn created(&self, _day: u32) -> OnChain {
        OnChain::default()
    }

    fn resume(&self, candidate: &OpeningCandidate) -> (OnChain, f64) {
        resumed(self, OnChain(candidate.on_chain), candidate)
    }

    fn staked(stored: Option<&OnChain>, stake: f64) -> i128 {
        let known = stored.and_then(|of| i128::try_from(of.0.stored.staked).ok());
        known.unwrap_or_else(|| units(stake))
    }

    #[inline(always)]
    fn split<S: Simd>(
        &mut self,
        simd: S,
        run: &Run,
        stakes: &mut Stakes,
        decisions: &mut Decisions,
        holdings: &[f64],
        stored: &mut [OnChain],
        failing: &mut Failing,
    ) {
        let mut splitting = std::mem::take(&mut self.splitting);
        let done = splitting.split(
            simd,
            MOST_SUPPORTED,
            stakes,
            decisions,
            holdings,
            stored,
            |candidate, before, after| self.change(candidate, run.day, before, after),
        );
        self.splitting = splitting;
        if let Err(revert) = done {
            failing.fail("reverts", run.day, Reverts(revert));
        }
    }

    /// Takes stakes off candidates one after another, in order of id, so that the last ones keep their stakes.
    fn take_back(
        &mut self,
        _vectors: Level,
        run: &Run,
        layout: &Layout,
        falls: &[Fall],
        stakes: &mut StakesOfRun<OnChain>,
        failing: &mut Failing,
    ) {
        let mut by_id = std::mem::take(&mut self.by_id);
        by_id.clear();
        by_id.extend(layout.taken());
        by_id.sort_unstable_by_key(|&seat| stakes.occupant[seat]);
        for fall in falls {
            let participant = fall.participant as usize;
            if fall.held >= stakes.of_participant(layout, participant) {
                continue;
            }
            let mut left = fall.held * A_LITTLE_LESS;
            for &seat in by_id.iter().rev() {
                let stake = &mut stakes.stake[layout.edge(seat, participant)];
                let (before, after) = (*stake, left.min(*stake));
                left -= after;
                if before == after {
                    continue;
                }
                if let Err(revert) = self.change(&mut stakes.stored[seat], run.day, before, after) {
                    failing.fail("reverts", run.day, Reverts(revert));
                    break;
                }
                stakes.stake_sum[seat] += after - before;
                *stake = after;
            }
        }
        self.by_id = by_id;
    }
}

impl InTurn for Gardens1 {
    type Revert = Revert;

    fn conviction_at(&mut self, stored: &OnChain, block: u64) -> Result<U256, Revert> {
        stored.0.stored.conviction_at(block, &mut self.decay)
    }

    fn threshold_at(
        &mut self,
        supply: &Supply,
        _stored: &OnChain,
        requested: i128,
        _block: u64,
    ) -> Option<U256> {
        let staked = self.counted(supply);
        self.threshold_with(requested, self.supply.funds, staked)
            .ok()
    }

    fn known_request(stored: &OnChain) -> i128 {
        stored.0.requested
    }

    fn by_conviction(&mut self) -> &mut Vec<(U256, usize)> {
        &mut self.by_conviction
    }
}

impl Passing for Gardens1 {
    fn growth(&self, day: u32, _conviction: &Conviction) -> Growth {
        self.clock.growth(day, self.parameters.decay)
    }

    fn threshold(&mut self, day: u32, supply: &Supply, conviction: &Conviction) -> Threshold {
        let funds = tokens(self.supply.funds);
        Threshold {
            day: f64::from(day),
            tmin: conviction.tmin,
            funds,
            most: largest_passable_share(conviction) * funds,
            beta: share(self.parameters.max_ratio),
            scale: NEAR * share(self.parameters.weight) * supply.terms().counted,
            lost: (1.0 - share(self.parameters.decay)) * self.clock.per_day(),
            least: 0.0,
        }
    }

    fn accept(
        &mut self,
        run: &Run,
        supply: &mut Supply,
        _conviction: &Conviction,
        _rules: &Rules,
        convinced: Convinced<OnChain>,
        accepted: &mut Vec<Accepted>,
        failing: &mut Failing,
    ) {
        pay_in_turn(self, run, supply, convinced, accepted, failing);
    }

    fn restake(&mut self, stored: &mut OnChain, day: u32, stake: f64, failing: &mut Failing) {
        let (block, staked) = (self.clock.at(day), integer(units(stake * A_LITTLE_LESS)));
        if let Err(revert) = stored.0.stored.change(block, staked, &mut self.decay) {
            failing.fail("reverts", day, Reverts(revert));
        }
    }

    fn trigger(
        &self,
        _stored: Option<&OnChain>,
        _day: u32,
        requested: f64,
        terms: Terms,
        _: &Conviction,
    ) -> f64 {
        self.threshold_with(units(requested), units(terms.funds), units(terms.counted))
            .map_or(f64::INFINITY, |threshold| self.clock.token_days(threshold))
    }

    /// Returns the conviction at the end of a day; infinite if the contract reverts.
    fn conviction_at_end(&self, stored: Option<&OnChain>, day: u32, estimate: f64) -> f64 {
        let Some(stored) = stored else {
            return estimate;
        };
        stored
            .0
            .stored
            .peek(self.clock.at(day + 1), &self.decay)
            .map_or(f64::INFINITY, |conviction| {
                self.clock.token_days(conviction)
            })
    }

    fn in_sum<S: Simd>(
        &self,
        _simd: S,
        day: u32,
        supply: &Supply,
        conviction: &Conviction,
        seated: Seated<OnChain>,
    ) -> InSum {
        in_sum(self, day, supply, conviction, &seated)
    }
}
