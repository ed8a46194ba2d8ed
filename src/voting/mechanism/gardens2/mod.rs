//! The Gardens v2 contracts: a pool whose members vote with points, in whole units of 10⁻¹⁸, block by block.
//!
//! A participant stakes all that they hold in the community. Founders have long been active in the pool, or are the
//! members of a history. Newcomers join, and become active, when they first act; thresholds follow the active points.
//! There is no abstain proposal.
//! All of a day happens in its first block: proposals are submitted, the pool grows, and proposals are executed. Then
//! newcomers who act for the first time become active, and all who act move their support. Support of executed or
//! killed proposals is withdrawn at once.
//!
//! A member's list of proposals may hold 128, including those without support left. A member with a full list would
//! deactivate and activate again in the same block. That empties the list, and otherwise changes roundings only, so
//! runs do not count the list. Runs limit support to 128 candidates at a time.
//!
//! | file | contents |
//! |---|---|
//! | `settings` | settings of a community and its pool |
//! | `members` | active members and their points |
//! | `invariants` | invariants between phases |

mod invariants;
mod members;
mod settings;

pub use members::Member;
pub use settings::{Community, PointsOf, checks};

use super::chain::{BlockClock, Chain, Parameters, share};
use super::splitting::Splitting;
use super::whole::{
    A_LITTLE_LESS, InTurn, NEAR, Reverts, Whole, WholeSupply, estimate_changed, in_sum,
    open_accounts, pay_in_turn, resumed, start,
};
use super::{Arithmetic, Capabilities, Clock, Execution, Mechanism, Numbers, Votes};
use crate::contract::gardens2::{
    Decay, MOST_SUPPORTED, PoolTotals, Revert, Settings, Supported, Version,
};
use crate::contract::{Pool, U256, integer, real, tokens, units};
use crate::engine::{Failing, ModelBuilder, PerRun, Run, Runs, Start};
use crate::voting::Day;
use crate::voting::conviction::{
    Accepted, Conviction, Convinced, Growth, InSum, Passing, Seated, Threshold,
    largest_passable_share,
};
use crate::voting::opening::{Opening, OpeningCandidate};
use crate::voting::participants::{Participants, VotingWeight};
use crate::voting::rules::Rules;
use crate::voting::supply::{Supply, Terms};
use crate::voting::support::{Decisions, Fall, Layout, Seats, Stakes, StakesOfRun, Staking};
use bevy_ecs::prelude::*;
use fearless_simd::{Level, Simd};

/// The contract's record of the candidate on a seat: a column of seats.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct OnPool {
    /// Request in units of 10⁻¹⁸; 0 if only its real number is known.
    pub requested: i128,
    /// Its support, conviction and points.
    pub supported: Supported,
}

crate::record!(OnPool);

/// Pool of a run, with its supply in whole units and its members.
#[derive(Component, Clone, Debug, Default)]
pub struct Gardens2 {
    parameters: Parameters,
    community: Community,
    clock: BlockClock,
    /// Decay of the parameters, with its powers.
    decay: Decay,
    supply: WholeSupply,
    /// Settings and points; its pool is that of the supply.
    totals: PoolTotals,
    /// Participants so far, by row.
    members: Vec<Member>,
    /// Points of accounts that do not belong to participants.
    of_accounts: U256,
    by_conviction: Vec<(U256, usize)>,
    splitting: Splitting,
}

impl PerRun for Gardens2 {
    /// Keeps the powers of the decay from an earlier run, until `begin` reads the setting.
    fn begin(&mut self) {
        self.members.clear();
        self.of_accounts = U256::ZERO;
    }
}

/// Returns the capabilities of a version of the contracts.
const fn version(name: &'static str) -> Capabilities {
    Capabilities {
        name,
        numbers: Numbers::Whole,
        clock: Clock::Blocks,
        votes: Votes::Points,
        execution: Execution::InTurn,
        times_real: 4.5,
    }
}

impl Mechanism for Gardens2 {
    const NAMES: &'static [Capabilities] = &[
        version(Version::Va75a6efe2.name()),
        version(Version::V15ad374.name()),
    ];

    fn register(model: &mut ModelBuilder) {
        // [voting] has its own points, and is rejected with this mechanism.
        if model.copies("voting") == 0 {
            model.column::<Participants, VotingWeight>();
        }
        model
            .column::<Seats, OnPool>()
            .start(Start::Draw, begin)
            .after(&["supply", "history"])
            .start(Start::Fill, members::found)
            .after(&["participants"])
            .start(Start::Fill, open_accounts::<Self>)
            .after(&["arrivals"])
            .system(Day::Arrivals, members::follow)
            .after(&["arrivals", "attacker"])
            .system(Day::Arrivals, open_accounts::<Self>)
            .after(&["arrivals"])
            .system(Day::Market, members::follow)
            .system(Day::End, members::tell)
            .invariant(invariants::check);
        if model.copies("attacker") > 0 {
            model
                .system(Day::Act, members::follow)
                .after(&["support", "attacker"]);
        }
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
        arithmetic: &'w Arithmetic,
        conviction: &'w Conviction,
        chain: &'w Chain,
        community: &'w Community,
        opening: &'w Opening,
        supply: &'w mut Supply,
        pool: &'w mut Gardens2,
    }
}

/// Converts the supply to whole units; there are no members yet.
fn begin(mut runs: Runs<Beginning>) {
    for (_, of) in runs.batch() {
        (of.pool.clock, of.pool.supply) = start(of.chain, of.opening, of.supply);
        // Other chains need other powers: kept ones would only accumulate.
        if of.pool.parameters.chain != *of.chain {
            of.pool.decay = Decay::default();
        }
        let observed = of.opening.pool();
        // Only runs under the names of versions have this mechanism.
        let version = Version::named(of.arithmetic.arithmetic).unwrap_or_default();
        of.pool.totals = PoolTotals {
            community: observed.map_or_else(|| of.community.stored(), |from| from.community),
            snapshot: observed.map(|from| from.snapshot).unwrap_or_default(),
            ..PoolTotals::new(version)
        };
        let parameters = Parameters::of(of.conviction, of.chain);
        of.pool.take_up(parameters, of.community, observed);
    }
}

crate::view! {
    /// Access of [`take_up`] to a run.
    struct TakingUp<'w> {
        conviction: &'w Conviction,
        chain: &'w Chain,
        community: &'w Community,
        opening: &'w Opening,
        pool: &'w mut Gardens2,
    }
}

/// Stores changed settings.
fn take_up(mut runs: Runs<TakingUp>) {
    for (run, of) in runs.batch() {
        let parameters = Parameters::of(of.conviction, of.chain);
        if parameters != of.pool.parameters || *of.community != of.pool.community {
            of.pool.clock.go_on(run.day, of.chain);
            of.pool.take_up(parameters, of.community, of.opening.pool());
        }
    }
}

impl Gardens2 {
    /// Returns settings and points of the pool.
    pub fn totals(&self) -> &PoolTotals {
        &self.totals
    }

    /// Returns the participants so far, by row.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Stores settings, which apply from now on. Those of the pool from which the run starts are exact.
    fn take_up(&mut self, parameters: Parameters, community: &Community, from: Option<&Pool>) {
        if self.decay.stored() != parameters.decay {
            self.decay = Decay::new(parameters.decay);
        }
        self.totals.settings = Settings {
            decay: parameters.decay,
            max_ratio: parameters.max_ratio,
            weight: parameters.weight,
            min_threshold_points: community.stored_least(from),
        };
        (self.parameters, self.community) = (parameters, *community);
    }

    /// Changes one member's support of a candidate, on a day.
    fn change(&mut self, of: &mut OnPool, day: u32, before: f64, after: f64) -> Result<(), Revert> {
        let support = of.supported.stored.staked + integer(units(after)) - integer(units(before));
        self.support(&mut of.supported, day, support)
    }

    fn support(&mut self, of: &mut Supported, day: u32, support: U256) -> Result<(), Revert> {
        let block = self.clock.at(day);
        let of_pool = self.totals.points_by(block, &mut self.decay)?;
        let is_stored = of.stored.block_last == block && of.snapshot.block == block;
        // A proposal created in this block stores the activated points, which may be fewer than those of the pool.
        if is_stored && of.snapshot.points >= of_pool {
            // Settings change before anybody supports, so a second change in a block only changes the support.
            debug_assert_eq!(
                self.totals.up_to_date(*of, block, support, &mut self.decay),
                Ok(Supported {
                    stored: crate::contract::Stored {
                        staked: support,
                        ..of.stored
                    },
                    ..*of
                })
            );
            of.stored.staked = support;
            return Ok(());
        }
        *of = self
            .totals
            .up_to_date(*of, block, support, &mut self.decay)?;
        Ok(())
    }

    /// Returns the threshold of a request, given the pool, if it can be executed at all.
    fn threshold_with(
        &self,
        funds: i128,
        requested: i128,
        total_points: impl FnOnce(&PoolTotals) -> Result<U256, Revert>,
    ) -> Result<U256, Revert> {
        let totals = PoolTotals {
            funds: integer(funds),
            ..self.totals
        };
        let requested = integer(requested);
        totals.check_request(U256::ZERO, requested)?;
        totals.threshold(requested, total_points(&totals)?)
    }
}

impl Whole for Gardens2 {
    fn clock(&self) -> &BlockClock {
        &self.clock
    }

    fn whole_supply(&mut self) -> &mut WholeSupply {
        &mut self.supply
    }
}

impl Staking for Gardens2 {
    type Stored = OnPool;

    const MOST_SUPPORTED: usize = MOST_SUPPORTED;

    fn created(&self, day: u32) -> OnPool {
        OnPool {
            requested: 0,
            supported: self.totals.created(self.clock.at(day)),
        }
    }

    fn resume(&self, candidate: &OpeningCandidate) -> (OnPool, f64) {
        let stored = OnPool {
            requested: candidate.on_chain.requested,
            supported: Supported {
                stored: candidate.on_chain.stored,
                snapshot: candidate.snapshot,
            },
        };
        resumed(self, stored, candidate)
    }

    #[inline(always)]
    fn split<S: Simd>(
        &mut self,
        simd: S,
        run: &Run,
        stakes: &mut Stakes,
        decisions: &mut Decisions,
        holdings: &[f64],
        stored: &mut [OnPool],
        failing: &mut Failing,
    ) {
        let mut acting = decisions.acting().iter();
        let activated = acting.try_for_each(|&row| self.activate(run.day, row as usize));
        if let Err(revert) = activated {
            failing.fail("reverts", run.day, Reverts(revert));
            return;
        }
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

    fn note_accounts(
        &mut self,
        supply: &mut Supply,
        day: u32,
        accounts: impl Iterator<Item = f64>,
        failing: &mut Failing,
    ) {
        if let Err(revert) = self.weigh_accounts(day, accounts) {
            failing.fail("reverts", day, Reverts(revert));
        }
        self.tell_points(supply);
    }

    /// Reduces all support of a member in proportion, as a loss of points does.
    fn take_back(
        &mut self,
        _vectors: Level,
        run: &Run,
        layout: &Layout,
        falls: &[Fall],
        stakes: &mut StakesOfRun<OnPool>,
        failing: &mut Failing,
    ) {
        for fall in falls {
            if let Err(revert) = self.lose(run.day, layout, fall, stakes) {
                failing.fail("reverts", run.day, Reverts(revert));
                return;
            }
        }
    }
}

impl InTurn for Gardens2 {
    type Revert = Revert;

    fn conviction_at(&mut self, of: &OnPool, block: u64) -> Result<U256, Revert> {
        let stored = of.supported.stored;
        self.totals.conviction_of(stored, block, &mut self.decay)
    }

    fn threshold_at(
        &mut self,
        _supply: &Supply,
        of: &OnPool,
        requested: i128,
        block: u64,
    ) -> Option<U256> {
        let snapshot = of.supported.snapshot;
        let points = self
            .totals
            .points_of_proposal_by(snapshot, block, &mut self.decay);
        self.threshold_with(self.supply.funds, requested, |_| points)
            .ok()
    }

    fn known_request(of: &OnPool) -> i128 {
        of.requested
    }

    fn by_conviction(&mut self) -> &mut Vec<(U256, usize)> {
        &mut self.by_conviction
    }
}

impl Passing for Gardens2 {
    fn growth(&self, day: u32, _conviction: &Conviction) -> Growth {
        self.clock.growth(day, self.parameters.decay)
    }

    /// Returns a lower bound of thresholds: the points of every proposal are at least those of the pool.
    fn threshold(&mut self, day: u32, _supply: &Supply, conviction: &Conviction) -> Threshold {
        let funds = tokens(self.supply.funds);
        let block = self.clock.at(day);
        let of_pool = self.totals.points_by(block, &mut self.decay);
        let lost = (1.0 - share(self.parameters.decay)) * self.clock.per_day();
        let least = real(self.totals.settings.min_threshold_points) / lost;
        Threshold {
            day: f64::from(day),
            tmin: conviction.tmin,
            funds,
            most: largest_passable_share(conviction) * funds,
            beta: share(self.parameters.max_ratio),
            scale: NEAR * share(self.parameters.weight) * of_pool.map_or(0.0, real),
            lost,
            least: NEAR * least,
        }
    }

    fn accept(
        &mut self,
        run: &Run,
        supply: &mut Supply,
        _conviction: &Conviction,
        _rules: &Rules,
        convinced: Convinced<OnPool>,
        accepted: &mut Vec<Accepted>,
        failing: &mut Failing,
    ) {
        pay_in_turn(self, run, supply, convinced, accepted, failing);
    }

    fn restake(&mut self, of: &mut OnPool, day: u32, stake: f64, failing: &mut Failing) {
        let support = integer(units(stake * A_LITTLE_LESS));
        if let Err(revert) = self.support(&mut of.supported, day, support) {
            failing.fail("reverts", day, Reverts(revert));
        }
    }

    /// Returns the trigger by the points at the day's block: those of the proposal, or, for a request that is not a
    /// candidate, those of the pool.
    fn trigger(
        &self,
        stored: Option<&OnPool>,
        day: u32,
        requested: f64,
        terms: Terms,
        _: &Conviction,
    ) -> f64 {
        let block = self.clock.at(day);
        let requested = match stored {
            Some(of) => Self::requested(of, requested),
            None => units(requested),
        };
        let funds = self.supply.exact(terms.funds);
        let threshold = self.threshold_with(funds, requested, |totals| {
            let by = &mut self.decay.peek();
            match stored {
                Some(of) => totals.points_of_proposal_by(of.supported.snapshot, block, by),
                None => totals.points_by(block, by),
            }
        });
        threshold.map_or(f64::INFINITY, |threshold| self.clock.token_days(threshold))
    }

    /// Returns the conviction at the end of a day; infinite if the contract reverts.
    fn conviction_at_end(&self, stored: Option<&OnPool>, day: u32, estimate: f64) -> f64 {
        let Some(of) = stored else {
            return estimate;
        };
        let (block, by) = (self.clock.at(day + 1), &mut self.decay.peek());
        self.totals
            .conviction_of(of.supported.stored, block, by)
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
        seated: Seated<OnPool>,
    ) -> InSum {
        in_sum(self, day, supply, conviction, &seated)
    }
}
