//! Stores proposals of every status and their histories.

mod progress;

pub use progress::{Completion, Underway, progress_chances};

use super::Day;
use super::chance::NONE;
use super::participants::Population;
use crate::engine::{Domain, Horizon, ModelBuilder, PerRun, Runs, Setting};
use bevy_ecs::prelude::*;

/// Maximum number of proposals that arrive on a day.
pub const MOST_A_DAY: usize = 3;

crate::settings! {
    /// Number of initial proposals.
    InitialProposals in "initial" {
        proposals: u32 = 7, "", Domain::count(0, 100_000), "candidates at the start";
    }
}

crate::table! {
    /// Proposals of every status, one row each in order of creation.
    Proposals {
        /// Participants and proposals share one sequence of ids, in order of creation.
        ProposalId(u32) = NONE;
        /// r: requested amount, Honey.
        FundsRequested(f64) = 0.0;
        record Status;
        record History;
    }
}

/// History of a proposal.
#[derive(Component, Clone, Copy, Debug)]
pub struct History {
    /// Day of creation; 0 for initial proposals.
    pub created: u32,
    /// Row of the participant who proposed it, or [`NONE`] for initial proposals.
    pub proposer: u32,
    /// Seat of a candidate, or [`NONE`].
    pub seat: u32,
    /// Day on which it ceased to be a candidate, or [`NONE`].
    pub left_candidacy: u32,
    /// Conviction y at the end of its candidacy, token-days.
    pub conviction: f64,
    /// Trigger (token-days) that it exceeded, with the F and E of that moment; stored only if a table shows it.
    pub passed_trigger: f64,
}

impl History {
    /// Begins the history of a proposal created on a day, in a seat.
    pub fn begin(created: u32, seat: u32) -> Self {
        Self {
            created,
            proposer: NONE,
            seat,
            left_candidacy: NONE,
            conviction: 0.0,
            passed_trigger: f64::NAN,
        }
    }

    /// Returns the age on a day: days since creation; 1 at the end of the day of arrival.
    pub fn age(&self, day: u32) -> u32 {
        day - born(self.created)
    }
}

impl Default for History {
    fn default() -> Self {
        Self::begin(0, NONE)
    }
}

/// Returns the day from which the age of a proposal counts.
pub fn born(created: u32) -> u32 {
    created.saturating_sub(1)
}

/// Status of a proposal: `Candidate` → `Active` → `Completed` or `Failed`; `Candidate` → `Killed`.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Gathers conviction.
    #[default]
    Candidate,
    /// Funded and under way.
    Active,
    /// Funded and completed.
    Completed,
    /// Funded and failed.
    Failed,
    /// Killed for lack of support.
    Killed,
}

impl Status {
    /// All statuses, in order of life.
    pub const ALL: [Self; 5] = [
        Self::Candidate,
        Self::Active,
        Self::Completed,
        Self::Failed,
        Self::Killed,
    ];

    /// Returns true if it was paid, whatever its later fate.
    #[inline]
    pub fn was_granted(self) -> bool {
        matches!(self, Self::Active | Self::Completed | Self::Failed)
    }

    /// Returns the name used in every table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Killed => "killed",
        }
    }

    /// Returns true if the life cycle allows a change from `self` to `next`.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Candidate, Self::Active | Self::Killed)
                | (Self::Active, Self::Completed | Self::Failed)
        )
    }
}

/// Count and total request of proposals in one status.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Number of proposals.
    pub count: u32,
    /// Total request, Honey.
    pub funds: f64,
}

impl Group {
    /// Adds a proposal.
    pub fn add(&mut self, requested: f64) {
        self.count += 1;
        self.funds += requested;
    }
}

/// Proposals that have ended.
#[derive(Component, Default, Clone, Copy, Debug)]
pub struct Ended {
    /// Proposals that completed.
    pub completed: Group,
    /// Proposals that failed.
    pub failed: Group,
    /// Proposals that were killed.
    pub killed: Group,
}

impl PerRun for Ended {}

/// Registers proposals, and the life of granted ones.
pub fn proposals(model: &mut ModelBuilder) {
    model
        .settings::<InitialProposals>()
        .settings::<Completion>()
        .per_run::<Ended>()
        .per_run::<Underway>()
        .table::<Proposals, _>(demand)
        .system(Day::Progress, progress::settle);
}

fn demand(In(days): In<u32>, mut runs: Runs<(&Population, &InitialProposals)>) -> usize {
    let proposals = runs
        .batch()
        .map(|(_, (population, initial))| population.proposals.max(initial.proposals as usize));
    proposals.max().unwrap_or(0) + days as usize * MOST_A_DAY
}

/// Estimates the number of proposals at the end of a run: the more there are, the fewer arrive.
pub fn expected(setting: &Setting) -> f64 {
    let days = setting.group::<Horizon>().days;
    let initial: InitialProposals = setting.group();
    let arrived = 5.5 * libm::pow(f64::from(days), 0.66);
    libm::hypot(f64::from(initial.proposals), arrived)
}
