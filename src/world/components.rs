//! What the entities are made of. A component that a loop runs over holds one number, so that a
//! column of it is a plain slice of numbers; what is only ever read together is one record. No
//! component belongs to two kinds of entity, so a component names its table.

use super::on_chain::OnChain;
use super::ranks::Ranks;
use super::slots::Table;
use bevy_ecs::prelude::*;
use bytemuck::TransparentWrapper;

/// A component whose column can be had as a slice.
pub trait Column: Component {
    /// The table that it belongs to.
    const TABLE: Table;
    /// What a slice of the column holds.
    type Value;
    /// A column, to be read.
    fn values(column: &[Self]) -> &[Self::Value]
    where
        Self: Sized;
    /// A column, to be written.
    fn values_mut(column: &mut [Self]) -> &mut [Self::Value]
    where
        Self: Sized;
}

macro_rules! numbers {
    ($($(#[doc = $doc:literal])+ $table:ident $name:ident($inner:ty) = $default:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Component, Clone, Copy, Debug, TransparentWrapper)]
        #[repr(transparent)]
        pub struct $name(pub $inner);

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }

        impl Column for $name {
            const TABLE: Table = Table::$table;
            type Value = $inner;

            fn values(column: &[Self]) -> &[$inner] {
                Self::peel_slice(column)
            }

            fn values_mut(column: &mut [Self]) -> &mut [$inner] {
                Self::peel_slice_mut(column)
            }
        }
    )+};
}

macro_rules! records {
    ($($table:ident $name:ident;)+) => {$(
        impl Column for $name {
            const TABLE: Table = Table::$table;
            type Value = Self;

            fn values(column: &[Self]) -> &[Self] {
                column
            }

            fn values_mut(column: &mut [Self]) -> &mut [Self] {
                column
            }
        }
    )+};
}

/// Stands where a row, a seat or a day is not there.
pub const NONE: u32 = u32::MAX;

numbers! {
    /// Participants and proposals share one sequence of ids, in order of creation.
    Participants ParticipantId(u32) = NONE;
    /// h: tokens of a participant, Honey.
    Participants Holdings(f64) = 0.0;
    /// A participant's own sentiment, 0 to 1.
    Participants OwnSentiment(f64) = 0.0;
    /// Whether an idle participant's stakes no longer match what it supports.
    Participants Restake(bool) = false;

    /// Participants and proposals share one sequence of ids, in order of creation.
    Proposals ProposalId(u32) = NONE;
    /// r: what a proposal asks for, Honey.
    Proposals FundsRequested(f64) = 0.0;

    /// The row of the proposal on a seat, or [`NONE`].
    Seats Occupant(u32) = NONE;
    /// What to add to the affinities of a seat before they are compared: nothing, or −∞ on a vacant
    /// seat, since no cutoff is lower.
    Seats Vacancy(f64) = f64::NEG_INFINITY;
    /// r of the proposal on a seat, Honey; 0 on a vacant seat.
    Seats SeatRequest(f64) = 0.0;
    /// The day from which the age of the proposal on a seat counts.
    Seats Born(f64) = 0.0;
    /// Σ_i x_ij of the proposal on a seat, Honey.
    Seats StakeSum(f64) = 0.0;
    /// y_j of the proposal on a seat, token-days.
    Seats ConvictionSum(f64) = 0.0;

    /// a: how much a participant likes a proposal, −1 to 1; means nothing without a candidate.
    SupportEdges Affinity(f64) = 0.0;
    /// x: tokens staked on an edge, Honey.
    SupportEdges Stake(f64) = 0.0;
    /// y_ij: an edge's part of its proposal's conviction, token-days; kept only in runs with detail
    /// of edges.
    SupportEdges EdgeConviction(f64) = 0.0;

    /// Row of the next of a participant's influence edges that came later, or [`NONE`].
    InfluenceEdges LaterInfluence(u32) = NONE;
}

records! {
    Participants Swayed;
    Proposals Status;
    Proposals History;
    Proposals Support;
    Seats Ranks;
    InfluenceEdges Influence;
    ConflictEdges Conflict;
    OnChain OnChain;
}

/// Who sways a participant. The edges that it came with lie in neighbouring rows, so that many are
/// read at the pace of memory; those that came later are a list.
#[derive(Component, Clone, Copy, Debug)]
pub struct Swayed {
    /// Σ w over its influencers.
    pub sum: f64,
    /// Row of the first of its neighbouring influence edges.
    pub first: u32,
    /// How many neighbouring ones there are.
    pub count: u32,
    /// Row of the first of the others, or [`NONE`].
    pub later: u32,
}

impl Default for Swayed {
    fn default() -> Self {
        Self {
            sum: 0.0,
            first: 0,
            count: 0,
            later: NONE,
        }
    }
}

/// An influence edge.
#[derive(Component, Clone, Copy, Debug)]
pub struct Influence {
    /// w: how strongly.
    pub strength: f64,
    /// Row of the participant who is swayed.
    pub influenced: u32,
    /// Row of the participant who sways.
    pub influencer: u32,
}

impl Default for Influence {
    fn default() -> Self {
        Self {
            strength: 0.0,
            influenced: NONE,
            influencer: NONE,
        }
    }
}

/// A conflict edge.
#[derive(Component, Clone, Copy, Debug)]
pub struct Conflict {
    /// c: how much the two exclude each other.
    pub strength: f64,
    /// Row of the proposal that it leaves.
    pub proposal: u32,
    /// Row of the proposal that it leads to.
    pub other: u32,
}

impl Default for Conflict {
    fn default() -> Self {
        Self {
            strength: 0.0,
            proposal: NONE,
            other: NONE,
        }
    }
}

/// What became of a proposal, and when.
#[derive(Component, Clone, Copy, Debug)]
pub struct History {
    /// The day on which it was made; 0 for those of the initial state.
    pub created: u32,
    /// The seat of a candidate, or [`NONE`].
    pub seat: u32,
    /// The day on which it left candidacy, or [`NONE`].
    pub left_candidacy: u32,
    /// y when it left candidacy, token-days.
    pub conviction: f64,
    /// The trigger (token-days) that it exceeded, with the F and E of that moment; kept only in runs
    /// with detail of proposals.
    pub passed_trigger: f64,
}

impl History {
    /// The history of a proposal made on a day, that takes a seat.
    pub fn begin(created: u32, seat: u32) -> Self {
        Self {
            created,
            seat,
            left_candidacy: NONE,
            conviction: 0.0,
            passed_trigger: f64::NAN,
        }
    }
}

impl Default for History {
    fn default() -> Self {
        Self::begin(0, NONE)
    }
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

/// How and when an active proposal ends, where that is drawn when it turns active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The day, or [`NONE`] when it is drawn day by day or never comes.
    pub day: u32,
    /// `Completed` or `Failed`.
    pub status: Status,
}

impl Default for Settlement {
    fn default() -> Self {
        Self {
            day: NONE,
            status: Status::Active,
        }
    }
}

/// Who supported a proposal when it left candidacy; kept only in runs with detail of proposals.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct Support {
    /// Participants with a stake.
    pub supporters: u32,
    /// Tokens of participants whose affinity is below 0, from 0 to below 0.5, and from 0.5 on.
    pub tokens_by_affinity: [f64; 3],
}

impl Support {
    /// Adds a stake of a participant with this affinity.
    pub fn add(&mut self, affinity: f64, stake: f64) {
        if stake != 0.0 {
            self.supporters += 1;
            let class = usize::from(affinity >= 0.0) + usize::from(affinity >= 0.5);
            self.tokens_by_affinity[class] += stake;
        }
    }
}
