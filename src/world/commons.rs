//! A run: what its participants and proposals have in common.

use super::chance::Chance;
use super::components::{NONE, Settlement, Status};
use super::on_chain::ChainState;
use super::ranks::Ranks;
use super::slots::Slot;
use super::supply::Supply;
use super::tiles::Tiles;
use crate::contract::{Revert, tokens, units};
use crate::model::{Setting, trigger};
use bevy_ecs::change_detection::ContiguousMut;
use bevy_ecs::prelude::*;
use fearless_simd::Level;

/// The vectors that systems use: those of the machine, or narrower ones.
#[derive(Resource, Clone, Copy)]
pub struct Vectors(pub Level);

/// What of a run to keep although nothing in the model depends on it, since tables show it. Each
/// keeps what those before it do; the results are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Nothing.
    #[default]
    Outcome,
    /// Who supported a proposal when it left candidacy, and the trigger that it passed.
    Proposals,
    /// The conviction of each support edge, and the conflict network.
    Edges,
}

/// All that a run holds once. A run is an entity: this, and its source of chance.
#[derive(Component, Default)]
pub struct Commons {
    /// Which rows of the tables are the run's.
    pub slot: Slot,
    /// Whether the run has not yet ended.
    pub goes_on: bool,
    /// The last day for which there surely is room, whatever arrives.
    pub ample_until: u32,
    /// The setting that the run follows.
    pub setting: Setting,
    /// What to keep besides.
    pub detail: Detail,
    /// Where the tokens are.
    pub supply: Supply,
    /// s.
    pub mood: Mood,
    /// The day.
    pub today: Today,
    /// How many rows of each pool are in use.
    pub population: Population,
    /// Which seats are taken, and where their edges live.
    pub tiles: Tiles,
    /// How the affinities of candidates are ranked.
    pub ranks: Ranks,
    /// What the run has come to.
    pub tally: Tally,
    /// The chain, in runs that compute as the contract does.
    pub chain: Option<ChainState>,
    /// Why the run cannot go on, if it cannot.
    pub failure: Option<RunFailure>,
}

impl Commons {
    /// Tokens that can be held: with a chain, whole units.
    pub fn held(&self, holdings: f64) -> f64 {
        match self.chain {
            None => holdings,
            Some(_) => tokens(units(holdings)),
        }
    }

    /// S and F grow.
    pub fn mint(&mut self, minted: f64) {
        match &mut self.chain {
            None => {
                self.supply.total += minted;
                self.supply.funds += minted;
            }
            Some(chain) => {
                chain.mint(minted);
                self.supply = chain.supply();
            }
        }
    }

    /// A newcomer's holdings go from L to E.
    pub fn admit(&mut self, holdings: f64) {
        match &mut self.chain {
            None => {
                self.supply.effective += holdings;
                self.supply.other -= holdings;
            }
            Some(chain) => {
                chain.admit(holdings);
                self.supply = chain.supply();
            }
        }
    }

    /// The trigger (token-days) of a request with this F and E.
    pub fn trigger(&self, requested: f64, funds: f64, effective: f64) -> f64 {
        match &self.chain {
            None => trigger(requested, funds, effective, &self.setting.parameters),
            Some(chain) => chain.trigger(requested, funds, effective),
        }
    }

    /// The trigger (token-days) of a request, as stated today.
    pub fn trigger_today(&self, requested: f64) -> f64 {
        self.trigger(requested, self.today.funds, self.today.effective)
    }
}

/// The runs of a world, each with its source of chance.
pub type Runs<'w, 's, C> = Query<'w, 's, (&'static mut Commons, &'static mut C)>;

/// The runs that go on, with their source of chance.
pub fn each_run<'a, C: Chance>(
    runs: &'a mut Runs<C>,
) -> impl Iterator<Item = (&'a mut Commons, &'a mut C)> {
    let tables = runs.contiguous_iter_mut();
    let table = tables.expect("components of runs are dense").next();
    let (commons, chances) = table.map_or_else(Default::default, |(commons, chances)| {
        (
            ContiguousMut::bypass_change_detection_split(commons).0,
            ContiguousMut::bypass_change_detection_split(chances).0,
        )
    });
    let runs = commons.iter_mut().zip(chances);
    runs.filter(|(commons, _)| commons.goes_on)
}

/// The runs that go on.
pub fn going_on<'a>(runs: &'a mut Query<&mut Commons>) -> impl Iterator<Item = &'a mut Commons> {
    let tables = runs.contiguous_iter_mut();
    let table = tables.expect("components of runs are dense").next();
    let runs = table.map_or_else(Default::default, |runs| {
        ContiguousMut::bypass_change_detection_split(runs).0
    });
    runs.iter_mut().filter(|commons| commons.goes_on)
}

/// s: the system's mood, 0 to 1.
#[derive(Default)]
pub struct Mood(pub f64);

impl Mood {
    /// The effect of `net` good news: s ← clamp₀₁(0.75 s + 0.25 net).
    pub fn hear(&mut self, net: f64) {
        self.0 = (0.75 * self.0 + 0.25 * net).clamp(0.0, 1.0);
    }
}

/// The day, with the supply as the day began: triggers are stated with it.
#[derive(Default)]
pub struct Today {
    /// The day, from 1; 0 is the initial state.
    pub day: u32,
    /// F as the day began.
    pub funds: f64,
    /// E as the day began.
    pub effective: f64,
}

impl Today {
    /// The age of a proposal created on a day: days since; one that arrives on a day has age 1 by
    /// that day's end.
    pub fn age(&self, created: u32) -> u32 {
        self.day - born(created)
    }
}

/// The day from which the age of a proposal counts.
pub fn born(created: u32) -> u32 {
    created.saturating_sub(1)
}

/// Entities in use in each pool.
#[derive(Default)]
pub struct Population {
    /// Participants.
    pub participants: usize,
    /// Proposals of every status.
    pub proposals: usize,
    /// Influence edges.
    pub influences: usize,
    /// Conflict edges.
    pub conflicts: usize,
    /// The active proposals, in order of id.
    pub active: Vec<Active>,
    /// The first day on which one of them ends, or [`NONE`].
    pub next_settlement: u32,
}

/// A proposal that was funded and is under way.
#[derive(Clone, Copy)]
pub struct Active {
    /// Its row.
    pub row: u32,
    /// How and when it ends.
    pub settlement: Settlement,
}

impl Population {
    /// Begins a run with nobody.
    pub fn clear(&mut self) {
        self.active.clear();
        *self = Self {
            active: std::mem::take(&mut self.active),
            next_settlement: NONE,
            ..Self::default()
        };
    }

    /// Adds an active proposal.
    pub fn activate(&mut self, active: Active) {
        let place = self.active.partition_point(|other| other.row < active.row);
        self.active.insert(place, active);
        self.next_settlement = self.next_settlement.min(active.settlement.day);
    }

    /// Notes when the next of the active proposals ends.
    pub fn note_settlements(&mut self) {
        let days = self.active.iter().map(|active| active.settlement.day);
        self.next_settlement = days.min().unwrap_or(NONE);
    }

    /// The id of whoever comes next.
    pub fn next_id(&self) -> u32 {
        (self.participants + self.proposals) as u32
    }
}

/// Proposals in one status.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// How many there are.
    pub count: u32,
    /// What they request in sum, Honey.
    pub funds: f64,
}

impl Group {
    /// Adds a proposal.
    pub fn add(&mut self, requested: f64) {
        self.count += 1;
        self.funds += requested;
    }
}

/// What a run has come to so far.
#[derive(Default)]
pub struct Tally {
    /// Proposals that completed.
    pub completed: Group,
    /// Proposals that failed.
    pub failed: Group,
    /// Proposals that were killed.
    pub killed: Group,
    /// Proposals granted.
    pub granted: u32,
    /// Honey granted.
    pub funds_granted: f64,
    /// Days from creation to passing, of each proposal granted, in ascending order.
    pub days_to_pass: Vec<u32>,
    /// The least F of any day's end, the initial state included, Honey.
    pub least_pool: f64,
    /// Sum over the days of s at the day's end.
    pub sentiment_sum: f64,
    /// Days on which no candidate could have passed, however much had been staked on it.
    pub days_nothing_could_pass: u32,
}

impl Tally {
    /// Begins a run with `funds` in the pool.
    pub fn clear(&mut self, funds: f64) {
        self.days_to_pass.clear();
        *self = Self {
            least_pool: funds,
            days_to_pass: std::mem::take(&mut self.days_to_pass),
            ..Self::default()
        };
    }

    /// Notes how a proposal ended.
    pub fn note_end(&mut self, status: Status, requested: f64) {
        match status {
            Status::Completed => self.completed.add(requested),
            Status::Failed => self.failed.add(requested),
            Status::Killed => self.killed.add(requested),
            Status::Candidate | Status::Active => {}
        }
    }

    /// Notes that a proposal passed, so many days after its creation.
    pub fn note_passing(&mut self, days: u32) {
        let place = self.days_to_pass.partition_point(|&other| other < days);
        self.days_to_pass.insert(place, days);
    }

    /// Notes what a day came to.
    pub fn note_day(&mut self, supply: &Supply, mood: &Mood) {
        self.least_pool = self.least_pool.min(supply.funds);
        self.sentiment_sum += mood.0;
    }
}

/// Why a run cannot go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RunFailure {
    /// What the published program crashes on.
    #[error(
        "day {day}: {accepted} accepted proposals request {requested} Honey, but the pool holds {funds}. \
         The published program crashes here (IndexError: list index out of range), since the loop that \
         should pick the strongest never adds up what it has released; rule over_release = \"corrected\" \
         accepts the strongest that fit"
    )]
    OverRelease {
        /// The day.
        day: u32,
        /// How many proposals were accepted.
        accepted: usize,
        /// What they request in sum, Honey.
        requested: f64,
        /// What the pool holds, Honey.
        funds: f64,
    },
    /// The contract would revert.
    #[error(
        "day {day}: the contract reverts ({revert}) when a stake moves; its 256 bits do not hold \
         what this supply comes to, so take less supply, or arithmetic = \"real\""
    )]
    Reverts {
        /// The day.
        day: u32,
        /// Why.
        revert: Revert,
    },
}

impl RunFailure {
    /// A short name, as written in tables.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OverRelease { .. } => "over_release",
            Self::Reverts { .. } => "reverts",
        }
    }
}

/// Supply and mood after each phase of the day, for those who ask.
#[derive(Component, Default)]
pub struct PhaseLog(pub Vec<(Supply, f64)>);
