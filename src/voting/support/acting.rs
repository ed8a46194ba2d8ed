//! Participants act. All decide before any stake moves.

use super::following::{Fall, StakesOfRun};
use super::kernel::acting::{self, Decisions, Electorate, Stakes, Weighing};
use super::kernel::affinities::Affinities;
use super::*;
use crate::contract::units;
use crate::engine::{Column, Domain, Failing, Run};
use crate::voting::influence::{Influence, LaterInfluence, Swayed};
use crate::voting::opening::OpeningCandidate;
use crate::voting::participants::{Holdings, OwnSentiment, VotingWeight};
use crate::voting::rules::{RuleSet, Rules};
use crate::voting::supply::{Ledger, Supply};

crate::settings! {
    /// How participants decide.
    Deciding {
        sensitivity: f64 = 0.75, "", Domain::from_to(0.0, 1e6), "how close to the favourite a proposal must be to be supported";
        base_engagement_rate: f64 = 0.3, "1/day", Domain::from_to(0.0, 1.0), "chance to act on a day at full sentiment";
        lowest_affinity_to_support: f64 = 0.3, "", Domain::from_to(-1.0, 1.0), "least affinity at which a proposal is supported";
    }
}

/// How a mechanism lets stakes move.
pub trait Staking: Ledger {
    /// What it stores of the candidate on a seat: a column of a table with a row per seat.
    type Stored: Column<Value = Self::Stored>;

    /// The most candidates that one account can stake on at a time.
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

    /// Splits the holdings of everybody whose stakes move, as decided, over the `count` eights in use.
    #[allow(clippy::too_many_arguments, reason = "each is a column")]
    fn split<S: Simd>(
        &mut self,
        simd: S,
        run: &Run,
        count: usize,
        stakes: &mut Stakes,
        decisions: &mut Decisions,
        holdings: &[f64],
        stored: &mut [Self::Stored],
        failing: &mut Failing,
    );

    /// Takes back what participants have at stake beyond what they may stake since a change outside of acting,
    /// one after another: stakes fall, and the sums of their seats by as much; conviction stays as it is.
    fn take_back(
        &mut self,
        vectors: Level,
        run: &Run,
        layout: &Layout,
        falls: &[Fall],
        stakes: &mut StakesOfRun<<Self::Stored as Column>::Value>,
        failing: &mut Failing,
    );

    /// Notes what is on accounts (Honey) that are no participants', after that may have changed on a day.
    fn note_accounts(
        &mut self,
        _supply: &mut Supply,
        _day: u32,
        _accounts: impl Iterator<Item = f64>,
        _failing: &mut Failing,
    ) {
    }
}

/// What acting needs only while it works; kept so that a day allocates nothing.
#[derive(Default)]
pub struct Scratch {
    draws: Vec<f64>,
    decisions: Decisions,
}

/// Draws who acts today: those whose u is below base_engagement_rate · own sentiment.
/// Each who acts decides what to support, from stakes as the day before left them, where candidate j is
/// boosted by Σ_k w_k x_kj / (h_i Σ_k w_k) over the influencers k. Under rule idle_stake v3, the idle
/// whose support has changed split their holdings anew. Then the holdings of everybody whose stakes move
/// are split over what was decided. The sums per candidate are kept.
#[allow(
    clippy::too_many_arguments,
    clippy::type_complexity,
    reason = "each is a table, what is read of a run, or what is kept from day to day"
)]
pub fn act<M: Staking>(
    mut runs: Runs<(
        &'static Supply,
        &'static Population,
        &'static Deciding,
        &'static Rules,
        &'static Layout,
        &'static mut Chance,
        &'static mut M,
        &'static mut Failing,
    )>,
    mut people: Rows<(
        &'static Holdings,
        &'static OwnSentiment,
        &'static Swayed,
        &'static mut Restake,
        Option<&'static VotingWeight>,
    )>,
    mut influences: Rows<(&'static Influence, &'static LaterInfluence)>,
    mut edges: Rows<(&'static Affinity, &'static mut Stake)>,
    mut seats: Rows<(&'static Vacancy, &'static mut StakeSum)>,
    mut stored: Rows<&'static mut M::Stored>,
    mut scratch: Local<Scratch>,
) {
    let batch = runs.batch();
    let (mut people, mut influences) = (people.of_batch(&batch), influences.of_batch(&batch));
    let (mut edges, mut seats) = (edges.of_batch(&batch), seats.of_batch(&batch));
    let mut stored = stored.of_batch(&batch);
    let Scratch { draws, decisions } = &mut *scratch;
    dispatch!(batch.vectors, simd => {
        for (run, components) in batch {
            let (supply, population, deciding, rules, layout, chance, mechanism, failing) = components;
            let (holdings, sentiments, swayed, restake, weights) = people.of(run);
            let holdings = supply.weights(holdings, weights);
            let (affinities, stakes) = edges.of(run);
            let (vacancy, sums) = seats.of(run);
            let (influences, later) = influences.of(run);
            let people = population.participants;
            let draws = sized(draws, people.next_multiple_of(LANES));
            chance.engagement(simd, &mut draws[..people]);
            let electorate = Electorate {
                holdings: &holdings[..people],
                sentiments,
                swayed: &swayed[..people],
                influences,
                later,
                affinities: Affinities::new(affinities, vacancy, layout),
                weighing: Weighing {
                    engagement: deciding.base_engagement_rate,
                    sensitivity: deciding.sensitivity,
                    lowest: deciding.lowest_affinity_to_support,
                    raw: rules.stake_weight == RuleSet::V3,
                    idle_move: rules.idle_stake == RuleSet::V3,
                },
            };
            let mut stakes = Stakes {
                stakes: stakes.as_chunks_mut().0.as_chunks_mut().0,
                people: layout.shape().people,
                sums: sums.as_chunks_mut::<LANES>().0,
                restake,
            };
            acting::decide(simd, &electorate, &stakes, draws, decisions);
            mechanism.split(
                simd,
                run,
                layout.count(),
                &mut stakes,
                decisions,
                electorate.holdings,
                stored.of(run),
                failing,
            );
        }
    });
}
