//! The deployed 1Hive contract: in whole units of 10⁻¹⁸ tokens, block by block.
//!
//! The day's real numbers stay as estimates: they say which candidates are nowhere near their
//! threshold, and the contract's integers decide about the others. Conviction and thresholds in
//! token-blocks are stated over blocks per day, so as token-days, everywhere outside this folder.

mod chain;
mod changes;

pub use chain::{Chain, scaled};

use crate::contract::{
    Adjustment, Decay, IssuancePolicy, Revert, ThresholdQuery, U256, adjustment, integer, real,
    threshold, tokens, units,
};
use crate::engine::{Failing, Fault, ModelBuilder, PerRun, Rows, Run, Runs, Setting, Start};
use crate::voting::Day;
use crate::voting::arrivals::Arriving;
use crate::voting::chance::NONE;
use crate::voting::conviction::{
    Accepted, Conviction, Convinced, Growth, InSum, Passing, Seated, Threshold,
    largest_passable_share,
};
use crate::voting::issuance::{Cap, Issuance, Issuing};
use crate::voting::mechanism::is_real;
use crate::voting::opening::{OnChainCandidate, Opening, OpeningCandidate};
use crate::voting::participants::Population;
use crate::voting::proposals::History;
use crate::voting::rules::{RuleSet, Rules};
use crate::voting::supply::{Expansion, InitialSupply, Ledger, Staked, Supply, Terms, Turnout};
use crate::voting::support::{Decisions, Fall, Layout, Seats, Stakes, StakesOfRun, Staking};
use bevy_ecs::prelude::*;
use fearless_simd::{Level, Simd};
use std::cmp::Reverse;

/// What the contract stores of the candidate on a seat: a column of seats.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct OnChain(pub OnChainCandidate);

crate::record!(OnChain);

/// The contract would revert.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the contract reverts ({0}) when a stake moves; its 256 bits do not hold what this supply comes \
     to, so take less supply, or arithmetic = \"real\""
)]
pub struct Reverts(pub Revert);

/// Most candidates that a voter may stake on at a time.
pub const MOST_SUPPORTED: usize = 10;

/// How near its threshold an estimate must be for the contract to be asked: estimates are off by
/// roundings.
const NEAR: f64 = 0.98;

/// A share so little below 1 that stakes split in real numbers never exceed the holdings.
const A_LITTLE_LESS: f64 = 1.0 - f64::EPSILON * 8.0;

/// Most tokens whose conviction the contract's intermediate results hold: tokens · 10¹⁸ · 10⁷ · 2¹²⁸
/// must stay below 2²⁵⁶.
const MOST_TOKENS: f64 = 1e13;

/// The chain as a run finds it, with its supply in whole units.
#[derive(Component, Clone, Debug, Default)]
pub struct Gardens1 {
    parameters: Parameters,
    since: Since,
    /// That of the parameters, with its powers.
    decay: Decay,
    funds: i128,
    effective: i128,
    other: i128,
    total: i128,
    /// Of the total, what is not of the token that is staked.
    apart: i128,
    by_conviction: Vec<(U256, usize)>,
    weights: Vec<f64>,
    by_id: Vec<usize>,
}

/// What settings come to, as the contract stores it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Parameters {
    chain: Chain,
    decay: U256,
    max_ratio: U256,
    weight: U256,
    min_threshold_stake_percentage: U256,
}

impl Parameters {
    fn of(conviction: &Conviction, chain: &Chain) -> Self {
        Self {
            chain: *chain,
            decay: U256::from(chain.decay(conviction.alpha)),
            max_ratio: U256::from(scaled(conviction.beta)),
            weight: U256::from(scaled(conviction.rho)),
            min_threshold_stake_percentage: integer(units(chain.min_threshold_stake_share)),
        }
    }
}

/// Since when the chain has its block time, and its block then.
#[derive(Clone, Copy, Debug)]
struct Since {
    day: u32,
    /// Below 0 where the run starts from a block of the first day.
    block: i64,
}

impl Default for Since {
    /// Since the start; no day is block 0.
    fn default() -> Self {
        Self { day: 0, block: 1 }
    }
}

impl PerRun for Gardens1 {
    /// Keeps the powers of the decay that an earlier run computed, until `begin` has seen the setting.
    fn begin(&mut self) {}
}

/// Registers what the contract has besides.
pub fn gardens1(model: &mut ModelBuilder) {
    model
        .column::<Seats, OnChain>()
        .start(Start::Draw, begin)
        .system(Day::Arrivals, open_accounts);
    changes::register(model);
}

/// What the contract cannot hold.
pub(super) fn fault(setting: &Setting) -> Option<Fault> {
    if is_real(setting) {
        return None;
    }
    if setting.group::<Rules>().stake_weight == RuleSet::V3 {
        return Some(Fault {
            key: "rules.stake_weight",
            message:
                "is \"v3\", under which stakes can be negative; the contract knows none, so set it \
                      to \"corrected\", or arithmetic to \"real\""
                    .to_owned(),
        });
    }
    let days = setting.group::<crate::engine::Horizon>().days;
    let gamma = setting.group::<Expansion>().gamma;
    let growth = match setting.group_if_on::<Issuance>() {
        Some(issuance) => issuance.greatest_growth(gamma, days),
        None => libm::pow(1.0 + gamma, f64::from(days)),
    };
    let last = setting.group::<InitialSupply>().supply * growth;
    (last.is_nan() || last > MOST_TOKENS).then(|| Fault {
        key: "initial.supply",
        message: format!(
            "grows to {last:e} Honey by the horizon; the contract's 256 bits hold the conviction of at \
             most {MOST_TOKENS:e}, so set arithmetic to \"real\", or take less supply, issuance or days"
        ),
    })
}

/// Counts the supply in whole units.
fn begin(
    mut runs: Runs<(
        &'static Conviction,
        &'static Chain,
        &'static Opening,
        &'static mut Supply,
        &'static mut Gardens1,
    )>,
) {
    for (_, (conviction, chain, opening, supply, contract)) in runs.batch() {
        contract.since = Since::default();
        // Spans of other blocks are asked for: powers kept would only grow.
        if contract.parameters.chain != *chain {
            contract.decay = Decay::default();
        }
        contract.take_up(Parameters::of(conviction, chain));
        let [funds, effective, total] = [supply.funds, supply.effective, supply.total].map(units);
        (contract.funds, contract.effective, contract.total) = (funds, effective, total);
        contract.other = total - funds - effective;
        contract.apart = 0;
        if let Some(observed) = &opening.observed {
            contract.since.block = observed.block as i64 - chain.blocks(1) as i64;
            let (funds, held, elsewhere) = (observed.funds, observed.held, observed.elsewhere);
            (contract.funds, contract.effective, contract.other) = (funds, held, elsewhere);
            contract.total = funds + held + elsewhere;
            contract.apart = funds;
        }
        contract.tell(supply);
    }
}

/// The contract knows nothing yet of the proposals of the day.
fn open_accounts(
    mut runs: Runs<(&'static Population, &'static Arriving)>,
    mut proposals: Rows<&'static History>,
    mut stored: Rows<&'static mut OnChain>,
) {
    let batch = runs.batch();
    let (mut proposals, mut stored) = (proposals.of_batch(&batch), stored.of_batch(&batch));
    for (run, (population, arriving)) in batch {
        if arriving.first == NONE {
            continue;
        }
        let new = arriving.first as usize..population.proposals;
        for history in &proposals.of(run)[new] {
            stored.of(run)[history.seat as usize] = OnChain::default();
        }
    }
}

impl Gardens1 {
    /// The supply as real numbers.
    fn tell(&self, supply: &mut Supply) {
        supply.funds = tokens(self.funds);
        supply.effective = tokens(self.effective);
        supply.other = tokens(self.other);
        supply.total = tokens(self.total);
    }

    /// Stores parameters, from now on.
    fn take_up(&mut self, parameters: Parameters) {
        if self.decay.stored() != parameters.decay {
            self.decay = Decay::new(parameters.decay);
        }
        self.parameters = parameters;
    }

    /// The block at a day's beginning.
    fn block(&self, day: u32) -> u64 {
        let blocks = self.parameters.chain.blocks(day - self.since.day);
        self.since.block.saturating_add_unsigned(blocks) as u64
    }

    /// Blocks per day, in which token-blocks are stated as token-days.
    fn per_day(&self) -> f64 {
        self.parameters.chain.blocks_per_day()
    }

    /// Token-blocks as token-days.
    fn token_days(&self, token_blocks: U256) -> f64 {
        real(token_blocks) / self.per_day()
    }

    /// What is staked: all of the effective supply is, what supports no candidate on the abstain proposal, unless an
    /// extension counts otherwise.
    fn counted(&self, supply: &Supply) -> i128 {
        match supply.turnout {
            None => self.effective,
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

    /// The threshold (token-blocks) of a request with so much staked.
    fn threshold_with(&self, requested: i128, funds: i128, staked: i128) -> Result<U256, Revert> {
        threshold(&ThresholdQuery {
            decay: self.parameters.decay,
            max_ratio: self.parameters.max_ratio,
            weight: self.parameters.weight,
            min_threshold_stake_percentage: self.parameters.min_threshold_stake_percentage,
            funds: integer(funds),
            stake_token_total_supply: integer(self.total - self.apart),
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
        let (block, stored) = (self.block(day), &mut candidate.0.stored);
        // Of stakes that the chain rounded otherwise, a few units may be missing.
        let staked = (stored.staked + integer(units(after))).saturating_sub(integer(units(before)));
        stored.change(block, staked, &mut self.decay)
    }

    /// Splits the holdings of everybody whose stakes move, as decided, as far as the contract can.
    fn split_all(
        &mut self,
        day: u32,
        count: usize,
        stakes: &mut Stakes,
        decisions: &Decisions,
        holdings: &[f64],
        stored: &mut [OnChain],
    ) -> Result<(), Revert> {
        let mut weights = std::mem::take(&mut self.weights);
        let people = stakes.people;
        let mut done = Ok(());
        'movers: for (mover, &participant) in decisions.moving().iter().enumerate() {
            let participant = participant as usize;
            stakes.restake[participant] = false;
            weights.clear();
            weights.extend(decisions.weights_of(mover, count).flatten());
            split(&mut weights, holdings[participant]);
            let blocks = stakes.stakes[participant..].iter_mut().step_by(people);
            let before = blocks.flat_map(|block| block.as_flattened_mut());
            let sums = stakes.sums.as_flattened_mut();
            for (seat, (before, &after)) in before.zip(&*weights).enumerate() {
                if *before != after {
                    done = self.change(&mut stored[seat], day, *before, after);
                    if done.is_err() {
                        break 'movers;
                    }
                    sums[seat] += after - *before;
                    *before = after;
                }
            }
        }
        self.weights = weights;
        done
    }
}

impl Ledger for Gardens1 {
    fn held(&self, holdings: f64) -> f64 {
        tokens(units(holdings))
    }

    fn mint(&mut self, supply: &mut Supply, minted: f64) {
        self.total += units(minted);
        self.funds += units(minted);
        self.tell(supply);
    }

    fn admit(&mut self, supply: &mut Supply, holdings: f64) {
        self.effective += units(holdings);
        self.other -= units(holdings);
        self.tell(supply);
    }

    fn dismiss(&mut self, supply: &mut Supply, holdings: f64) {
        self.effective -= units(holdings);
        self.other += units(holdings);
        self.tell(supply);
    }
}

impl Issuing for Gardens1 {
    fn adjust(&mut self, supply: &mut Supply, issuance: &Issuance) -> f64 {
        /// Seconds of a day, and of the contract's year.
        const DAY: u64 = 86_400;
        const YEAR: f64 = 31_536_000.0;
        let per_second = |per_year: f64| integer((per_year / YEAR * 1e18) as i128);
        let target = integer((issuance.target * 1e10) as i128);
        let policy = match issuance.bound() {
            Cap::Contract => IssuancePolicy::deployed(target, per_second(issuance.throttle)),
            Cap::Published => IssuancePolicy {
                target,
                most_per_second: per_second(issuance.throttle),
            },
        };
        let seconds = u64::from(issuance.every) * DAY;
        let [funds, total] = [self.funds, self.total].map(integer);
        // The greatest supply of the mechanism keeps all products within 256 bits.
        let change = match adjustment(policy, funds, total, seconds) {
            Some(Adjustment::Mint(minted)) => i128::try_from(minted).unwrap_or(0),
            Some(Adjustment::Burn(burnt)) => -i128::try_from(burnt).unwrap_or(0),
            None => 0,
        };
        self.total += change;
        self.funds += change;
        self.tell(supply);
        tokens(change)
    }
}

impl Staking for Gardens1 {
    type Stored = OnChain;

    const MOST_SUPPORTED: usize = MOST_SUPPORTED;

    fn resume(&self, candidate: &OpeningCandidate) -> (OnChain, f64) {
        let stored = OnChain(candidate.on_chain);
        let conviction = self.conviction_at_end(Some(&stored), 0, candidate.conviction);
        (stored, conviction)
    }

    fn staked(stored: Option<&OnChain>, stake: f64) -> i128 {
        let known = stored.and_then(|of| i128::try_from(of.0.stored.staked).ok());
        known.unwrap_or_else(|| units(stake))
    }

    #[inline(always)]
    fn split<S: Simd>(
        &mut self,
        _simd: S,
        run: &Run,
        count: usize,
        stakes: &mut Stakes,
        decisions: &mut Decisions,
        holdings: &[f64],
        stored: &mut [OnChain],
        failing: &mut Failing,
    ) {
        if let Err(revert) = self.split_all(run.day, count, stakes, decisions, holdings, stored) {
            failing.fail("reverts", run.day, Reverts(revert));
        }
    }

    /// Candidates are emptied one after another, in order of id: so what is held stays with the last.
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

impl Passing for Gardens1 {
    /// Over the blocks until the next day, which are not as many every day.
    fn growth(&self, day: u32, _conviction: &Conviction) -> Growth {
        let blocks = self.block(day + 1) - self.block(day);
        let per_block = share(self.parameters.decay);
        let kept = libm::pow(per_block, blocks as f64);
        Growth {
            gain: (1.0 - kept) / ((1.0 - per_block) * self.per_day()),
            kept,
        }
    }

    fn threshold(&self, day: u32, supply: &Supply, conviction: &Conviction) -> Threshold {
        Threshold {
            day: f64::from(day),
            tmin: conviction.tmin,
            funds: tokens(self.funds),
            most: largest_passable_share(conviction) * tokens(self.funds),
            beta: share(self.parameters.max_ratio),
            scale: NEAR * share(self.parameters.weight) * supply.terms().counted,
            lost: (1.0 - share(self.parameters.decay)) * self.per_day(),
            least: 0.0,
        }
    }

    /// As the contract executes, one after another, the strongest first: each whose conviction exceeds
    /// its threshold with what is then left in the pool, unless a rival before has barred it.
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
        let mut by_conviction = std::mem::take(&mut self.by_conviction);
        by_conviction.clear();
        let block = self.block(run.day);
        let staked = self.counted(supply);
        let Convinced {
            places,
            judged,
            mut rivals,
            ..
        } = convinced;
        for &place in &*places {
            let stored = judged.stored(place).0.stored;
            match stored.conviction_at(block, &mut self.decay) {
                Ok(conviction) => by_conviction.push((conviction, place)),
                Err(revert) => {
                    failing.fail("reverts", run.day, Reverts(revert));
                    return;
                }
            }
        }
        by_conviction.sort_unstable_by_key(|&(conviction, place)| {
            (Reverse(conviction), judged.order(place))
        });
        for &(conviction, place) in &by_conviction {
            let (id, requested) = (judged.order(place), judged.requested(place));
            let units_requested = match judged.stored(place).0.requested {
                0 => units(requested),
                known => known,
            };
            if rivals.as_ref().is_some_and(|rivals| rivals.is_barred(id)) {
                continue;
            }
            if let Ok(threshold) = self.threshold_with(units_requested, self.funds, staked)
                && conviction > threshold
            {
                self.funds -= units_requested;
                self.other += units_requested;
                accepted.push(Accepted {
                    place,
                    requested,
                    conviction: self.token_days(conviction),
                    trigger: self.token_days(threshold),
                });
                if let Some(rivals) = &mut rivals {
                    rivals.bar_rivals_of(id);
                }
            }
        }
        self.by_conviction = by_conviction;
        self.tell(supply);
    }

    fn restake(&mut self, stored: &mut OnChain, day: u32, stake: f64, failing: &mut Failing) {
        let (block, staked) = (self.block(day), integer(units(stake * A_LITTLE_LESS)));
        if let Err(revert) = stored.0.stored.change(block, staked, &mut self.decay) {
            failing.fail("reverts", day, Reverts(revert));
        }
    }

    fn trigger(&self, requested: f64, terms: Terms, _: &Conviction) -> f64 {
        self.threshold_with(units(requested), units(terms.funds), units(terms.counted))
            .map_or(f64::INFINITY, |threshold| self.token_days(threshold))
    }

    /// Infinite where the contract reverts.
    fn conviction_at_end(&self, stored: Option<&OnChain>, day: u32, estimate: f64) -> f64 {
        let Some(stored) = stored else {
            return estimate;
        };
        stored
            .0
            .stored
            .peek(self.block(day + 1), &self.decay)
            .map_or(f64::INFINITY, |conviction| self.token_days(conviction))
    }

    fn in_sum<S: Simd>(
        &self,
        _simd: S,
        day: u32,
        supply: &Supply,
        conviction: &Conviction,
        seated: Seated<OnChain>,
    ) -> InSum {
        let requested = seated.requested.as_flattened();
        let mut sums = InSum::default();
        for history in seated
            .histories
            .iter()
            .filter(|history| history.seat != NONE)
        {
            let seat = history.seat as usize;
            let conviction_now = self.conviction_at_end(seated.stored.get(seat), day, f64::NAN);
            let trigger = self.trigger(requested[seat], supply.at_dawn, conviction);
            sums.conviction += conviction_now;
            sums.shares_of_trigger += conviction_now / trigger;
        }
        sums
    }
}

/// A share as the contract stores it, as a real number.
fn share(stored: U256) -> f64 {
    f64::from(stored) / 1e7
}

/// The stakes that weights come to, a little below the holdings in sum: the ten greatest weights
/// count, of equal ones those on lower seats.
fn split(weights: &mut [f64], holdings: f64) {
    let supported = weights.iter().filter(|&&weight| weight > 0.0).count();
    for _ in MOST_SUPPORTED..supported {
        let positive = weights.iter_mut().filter(|weight| **weight > 0.0);
        // Of equal weights the last.
        let least = positive.reduce(|least, weight| if *weight <= *least { weight } else { least });
        if let Some(least) = least {
            *least = 0.0;
        }
    }
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        let tokens_per_weight = holdings * A_LITTLE_LESS / sum;
        for weight in weights {
            *weight *= tokens_per_weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_greatest_weights_count_and_holdings_are_not_exceeded() {
        let mut weights: Vec<f64> = (0..14).map(|i| f64::from(i % 12)).collect();
        split(&mut weights, 100.0);
        let supported: Vec<usize> = (0..14).filter(|&i| weights[i] > 0.0).collect();
        // 1 is least, and of the two 1s the last goes first.
        assert_eq!(supported, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        let staked: i128 = weights.iter().map(|&x| units(x)).sum();
        assert!(staked <= units(100.0));
        assert!(staked > units(99.999_999_999));
        let mut nothing = [0.0; 3];
        split(&mut nothing, 5.0);
        assert_eq!(nothing, [0.0; 3]);
    }
}
