//! What is asked of the pool: proposals of every status, their lives, and what became of them.

mod progress;

pub use progress::{Completion, Underway, progress_chances};

use super::Day;
use super::chance::NONE;
use super::participants::Population;
use crate::engine::{Domain, Horizon, ModelBuilder, PerRun, Runs, Setting};
use bevy_ecs::prelude::*;

/// Most proposals that can arrive on a day.
pub const MOST_A_DAY: usize = 3;

crate::settings! {
    /// How many there are at the start.
    InitialProposals in "initial" {
        proposals: u32 = 7, "", Domain::count(0, 100_000), "candidates at the start";
    }
}

crate::table! {
    /// Proposals of every status, a row each in order of creation.
    Proposals {
        /// Participants and proposals share one sequence of ids, in order of creation.
        ProposalId(u32) = NONE;
        /// r: what a proposal asks for, Honey.
        FundsRequested(f64) = 0.0;
        record Status;
        record History;
    }
}

/// What became of a proposal, and when.
#[derive(Component, Clone, Copy, Debug)]
pub struct History {
    /// The day on which it was made; 0 for those of the initial state.
    pub created: u32,
    /// The row of the participant who proposed it, or [`NONE`] for those of the initial state.
    pub proposer: u32,
    /// The seat of a candidate, or [`NONE`].
    pub seat: u32,
    /// The day on which it left candidacy, or [`NONE`].
    pub left_candidacy: u32,
    /// y when it left candidacy, token-days.
    pub conviction: f64,
    /// The trigger (token-days) that it exceeded, with the F and E of that moment; kept only where a
    /// table shows it.
    pub passed_trigger: f64,
}

impl History {
    /// The history of a proposal made on a day, that takes a seat.
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

    /// The age of the proposal on a day: days since creation; one that arrives on a day has age 1 by
    /// that day's end.
    pub fn age(&self, day: u32) -> u32 {
        day - born(self.created)
    }
}

impl Default for History {
    fn default() -> Self {
        Self::begin(0, NONE)
    }
}

/// The day from which the age of a proposal counts.
pub fn born(created: u32) -> u32 {
    created.saturating_sub(1)
}

/// Where a proposal is in its life: `Candidate` → `Active` → `Completed` or `Failed`;
/// `Candidate` → `Killed`.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Gathers conviction.
    #[default]
    Candidate,
    /// Funded and under way.
    Active,
    /// Funded and done.
    Completed,
    /// Funded and given up.
    Failed,
    /// Died for want of support.
    Killed,
}

impl Status {
    /// Every status, in the order of life.
    pub const ALL: [Self; 5] = [
        Self::Candidate,
        Self::Active,
        Self::Completed,
        Self::Failed,
        Self::Killed,
    ];

    /// Whether it was paid, whatever became of it since.
    #[inline]
    pub fn was_granted(self) -> bool {
        matches!(self, Self::Active | Self::Completed | Self::Failed)
    }

    /// The name as written in every table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Killed => "killed",
        }
    }

    /// Whether the life cycle allows a move from `self` to `next`.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Candidate, Self::Active | Self::Killed)
                | (Self::Active, Self::Completed | Self::Failed)
        )
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

/// The proposals whose lives have ended.
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

/// Registers the proposals and their lives after they were granted.
pub fn proposals(model: &mut ModelBuilder) {
    model
        .settings::<InitialProposals>()
        .settings::<Completion>()
        .per_run::<Ended>()
        .per_run::<Underway>()
        .table::<Proposals, _>(demand)
        .system(Day::Progress, progress::settle);
}

fn demand(
    In(days): In<u32>,
    mut runs: Runs<(&'static Population, &'static InitialProposals)>,
) -> usize {
    let proposals = runs
        .batch()
        .map(|(_, (population, initial))| population.proposals.max(initial.proposals as usize));
    proposals.max().unwrap_or(0) + days as usize * MOST_A_DAY
}

/// About how many proposals there are where a run ends: those that arrive become fewer, the more are
/// there.
pub fn expected(setting: &Setting) -> f64 {
    let days = setting.group::<Horizon>().days;
    let initial: InitialProposals = setting.group();
    let arrived = 5.5 * libm::pow(f64::from(days), 0.66);
    libm::hypot(f64::from(initial.proposals), arrived)
}
