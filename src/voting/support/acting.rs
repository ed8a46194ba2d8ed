//! Actions of participants. All decide before any stake moves.

use super::following::{Fall, StakesOfRun};
use super::kernel::acting::{self, Decisions, Electorate, Stakes, Weighing};
use super::kernel::affinities::Affinities;
use super::*;
use crate::contract::units;
use crate::engine::{Domain, Failing, Run, TableColumn};
use crate::voting::influence::{Influence, LaterInfluence, Swayed};
use crate::voting::opening::OpeningCandidate;
use crate::voting::participants::{Holdings, OwnSentiment, VotingWeight};
use crate::voting::rules::{RuleSet, Rules};
use crate::voting::supply::{Ledger, Supply};

crate::settings! {
    /// Settings of decisions.
    Deciding {
        sensitivity: f64 = 0.75, "", Domain::from_to(0.0, 1e6), "how close to the favourite a proposal must be to be supported";
        base_engagement_rate: f64 = 0.3, "1/day", Domain::from_to(0.0, 1.0), "chance to act on a day at full sentiment";
        lowest_affinity_to_support: f64 = 0.3, "", Domain::from_to(-1.0, 1.0), "least affinity at which a proposal is supported";
    }
}

/// Rules of a mechanism for moving stakes.
pub trait Staking: Ledger {
    /// Record of the candidate on a seat: a column of a table with a row per seat.
    type Stored: TableColumn<Value = Self::Stored>;

    /// Most candidates that one account may support at a time.
    const MOST_SUPPORTED: usize;

    /// Returns the record of a candidate that is created on a day.
    fn created(&self, day: u32) -> Self::Stored;

    /// Returns the record of a candidate of the initial state, and its conviction (token-days).
    fn resume(&self, candidate: &OpeningCandidate) -> (Self::Stored, f64) {
        (self.created(0), candidate.conviction)
    }

    /// Returns the stake on a candidate, `stake` (Honey) in real numbers, in units of 10⁻¹⁸.
    fn staked(_stored: Option<&Self::Stored>, stake: f64) -> i128 {
        units(stake)
    }

    /// Splits the votes of all participants whose stakes move, as decided.
    #[allow(clippy::too_many_arguments, reason = "each is a column")]
    fn split<S: Simd>(
        &mut self,
        simd: S,
        run: &Run,
        stakes: &mut Stakes,
        decisions: &mut Decisions,
        holdings: &[f64],
        stored: &mut [Self::Stored],
        failing: &mut Failing,
    );

    /// Takes back stakes of participants, one after another, that exceed their votes after a change outside of
    /// acting. Stakes and the sums of their seats fall by the same amounts; conviction does not change.
    fn take_back(
        &mut self,
        vectors: Level,
        run: &Run,
        layout: &Layout,
        falls: &[Fall],
        stakes: &mut StakesOfRun<<Self::Stored as TableColumn>::Value>,
        failing: &mut Failing,
    );

    /// Updates the tokens (Honey) on accounts of others, which may have changed on a day.
    fn note_accounts(
        &mut self,
        _supply: &mut Supply,
        _day: u32,
        _accounts: impl Iterator<Item = f64>,
        _failing: &mut Failing,
    ) {
    }
}

/// Reused buffers of acting, so that a day allocates nothing.
#[derive(Default)]
pub struct Scratch {
    draws: Vec<f64>,
    decisions: Decisions,
}

/// Components of a run on which decisions depend.
struct Voting<'a> {
    supply: &'a Supply,
    population: &'a Population,
    deciding: &'a Deciding,
    rules: &'a Rules,
    layout: &'a Layout,
}

crate::rows_view! {
    /// Columns of participants on which decisions depend.
    #[derive(Clone, Copy)]
    pub struct Voters<'w> {
        holdings: &'w Holdings,
        sentiments: &'w OwnSentiment,
        swayed: &'w Swayed,
        weights: Option<&'w VotingWeight>,
    }
}

impl<'a> Electorate<'a> {
    /// Collects the data of decisions from columns of participants, influence, edges (affinities and stakes) and seats.
    #[inline(always)]
    fn of<'v: 'a>(
        voting: Voting<'a>,
        voters: Voters<'v>,
        restake: &'a [bool],
        (influences, later): (&'a [Influence], &'a [u32]),
        (affinities, stakes): (&'a [f64], &'a [f64]),
        vacancy: &'a [f64],
    ) -> Self {
        let Voting {
            supply,
            population,
            deciding,
            rules,
            layout,
        } = voting;
        let people = population.participants;
        Self {
            holdings: &supply.weights(voters.holdings, voters.weights)[..people],
            sentiments: voters.sentiments,
            swayed: &voters.swayed[..people],
            influences,
            later,
            affinities: Affinities::new(affinities, vacancy, layout),
            stakes: stakes.as_chunks().0.as_chunks().0,
            people: layout.shape().people,
            restake,
            weighing: Weighing {
                engagement: deciding.base_engagement_rate,
                sensitivity: deciding.sensitivity,
                lowest: deciding.lowest_affinity_to_support,
                raw: rules.stake_weight == RuleSet::V3,
                idle_move: rules.idle_stake == RuleSet::V3,
            },
        }
    }
}

impl<'a> Stakes<'a> {
    /// Collects the stakes of a run, with their sums by seat.
    #[inline(always)]
    fn of(
        layout: &Layout,
        restake: &'a mut [bool],
        stakes: &'a mut [f64],
        sums: &'a mut [f64],
    ) -> Self {
        Self {
            stakes: stakes.as_chunks_mut().0.as_chunks_mut().0,
            people: layout.shape().people,
            sums: sums.as_chunks_mut::<LANES>().0,
            restake,
        }
    }
}

crate::view! {
    /// Access of [`act`] to a run.
    pub struct Acting<'w, M: Staking> {
        supply: &'w Supply,
        population: &'w Population,
        deciding: &'w Deciding,
        rules: &'w Rules,
        layout: &'w Layout,
        chance: &'w mut Chance,
        mechanism: &'w mut M,
        failing: &'w mut Failing,
    }
}

crate::view! {
    /// Access of [`decide`] to a run.
    pub struct Decided<'w> {
        supply: &'w Supply,
        population: &'w Population,
        deciding: &'w Deciding,
        rules: &'w Rules,
        layout: &'w Layout,
        chance: &'w mut Chance,
        decisions: &'w mut Decisions,
    }
}

crate::view! {
    /// Access of [`stake`] to a run.
    pub struct Moving<'w, M: Staking> {
        supply: &'w Supply,
        population: &'w Population,
        layout: &'w Layout,
        decisions: &'w mut Decisions,
        mechanism: &'w mut M,
        failing: &'w mut Failing,
    }
}

/// Lets participants act whose u is below base_engagement_rate · own sentiment. Each decides what to support by the
/// stakes of the day before. Candidate j is boosted by Σ_k w_k x_kj / (h_i Σ_k w_k) over the influencers k. Under
/// rule idle_stake v3, idle participants whose support has changed split their holdings again. Then the holdings of
/// all whose stakes move are split as decided. The sums per candidate are updated.
///
/// This is [`decide`] and [`stake`] in one, for batches in which no feature revises decisions.
#[allow(
    clippy::too_many_arguments,
    reason = "each is a table, what is read of a run, or what is kept from day to day"
)]
pub fn act<M: Staking>(
    mut runs: Runs<Acting<M>>,
    mut people: Rows<Voters>,
    mut restake: Rows<&mut Restake>,
    mut influences: Rows<(&Influence, &LaterInfluence)>,
    mut edges: Rows<(&Affinity, &mut Stake)>,
    mut seats: Rows<(&Vacancy, &mut StakeSum)>,
    mut stored: Rows<&mut M::Stored>,
    mut scratch: Local<Scratch>,
) {
    let batch = runs.batch();
    let (mut people, mut restake) = (people.of_batch(&batch), restake.of_batch(&batch));
    let mut influences = influences.of_batch(&batch);
    let (mut edges, mut seats) = (edges.of_batch(&batch), seats.of_batch(&batch));
    let mut stored = stored.of_batch(&batch);
    let Scratch { draws, decisions } = &mut *scratch;
    dispatch!(batch.vectors, simd => {
        for (run, of) in batch {
            let (voters, restake) = (people.of(run), restake.of(run));
            let (affinities, stakes) = edges.of(run);
            let (vacancy, sums) = seats.of(run);
            let electorate = Electorate::of(
                Voting {
                    supply: of.supply,
                    population: of.population,
                    deciding: of.deciding,
                    rules: of.rules,
                    layout: of.layout,
                },
                voters,
                restake,
                influences.of(run),
                (affinities, stakes),
                vacancy,
            );
            let people = of.population.participants;
            let draws = grow_to(draws, people.next_multiple_of(LANES));
            of.chance.engagement(simd, &mut draws[..people]);
            acting::decide(simd, &electorate, draws, decisions);
            let votes = &of.supply.weights(voters.holdings, voters.weights)[..people];
            let mut stakes = Stakes::of(of.layout, restake, stakes, sums);
            let stored = stored.of(run);
            of.mechanism.split(simd, run, &mut stakes, decisions, votes, stored, of.failing);
        }
    });
}

/// Decides as [`act`] does, and leaves the decisions for other features and [`stake`].
pub fn decide(
    mut runs: Runs<Decided>,
    mut people: Rows<Voters>,
    mut restake: Rows<&Restake>,
    mut influences: Rows<(&Influence, &LaterInfluence)>,
    mut edges: Rows<(&Affinity, &Stake)>,
    mut seats: Rows<&Vacancy>,
    mut draws: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let (mut people, mut restake) = (people.of_batch(&batch), restake.of_batch(&batch));
    let mut influences = influences.of_batch(&batch);
    let (mut edges, mut seats) = (edges.of_batch(&batch), seats.of_batch(&batch));
    dispatch!(batch.vectors, simd => {
        for (run, of) in batch {
            let electorate = Electorate::of(
                Voting {
                    supply: of.supply,
                    population: of.population,
                    deciding: of.deciding,
                    rules: of.rules,
                    layout: of.layout,
                },
                people.of(run),
                restake.of(run),
                influences.of(run),
                edges.of(run),
                seats.of(run),
            );
            let people = of.population.participants;
            let draws = grow_to(&mut draws, people.next_multiple_of(LANES));
            of.chance.engagement(simd, &mut draws[..people]);
            acting::decide(simd, &electorate, draws, of.decisions);
        }
    });
}

/// Moves stakes as decided, with the changes that features made of the decisions.
pub fn stake<M: Staking>(
    mut runs: Runs<Moving<M>>,
    mut people: Rows<(&Holdings, &mut Restake, Option<&VotingWeight>)>,
    mut edges: Rows<&mut Stake>,
    mut seats: Rows<(&Vacancy, &mut StakeSum)>,
    mut stored: Rows<&mut M::Stored>,
) {
    let batch = runs.batch();
    let (mut people, mut edges) = (people.of_batch(&batch), edges.of_batch(&batch));
    let (mut seats, mut stored) = (seats.of_batch(&batch), stored.of_batch(&batch));
    dispatch!(batch.vectors, simd => {
        for (run, of) in batch {
            let (holdings, restake, weights) = people.of(run);
            let votes = &of.supply.weights(holdings, weights)[..of.population.participants];
            let (vacancy, sums) = seats.of(run);
            if let Err(fault) = of.decisions.settle(simd, votes, vacancy.as_chunks().0) {
                of.failing.fail("decisions", run.day, fault);
                continue;
            }
            let mut stakes = Stakes::of(of.layout, restake, edges.of(run), sums);
            let stored = stored.of(run);
            of.mechanism.split(simd, run, &mut stakes, of.decisions, votes, stored, of.failing);
        }
    });
}
