//! What the entities are made of. One component holds one number, so that a column of a table is a
//! plain slice of numbers.

use bevy_ecs::prelude::*;
use bytemuck::TransparentWrapper;

macro_rules! components {
    ($($(#[doc = $doc:literal])+ $name:ident($inner:ty) = $default:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Component, Clone, Copy, Debug, TransparentWrapper)]
        #[repr(transparent)]
        pub struct $name(pub $inner);

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }
    )+};
}

/// Stands where a row, a seat or a day is not there.
pub const NONE: u32 = u32::MAX;

/// The affinity of an edge whose seat is vacant: below every cutoff.
pub const VACANT: f64 = f64::NEG_INFINITY;

components! {
    /// Participants and proposals share one sequence of ids, in order of creation.
    Id(u32) = NONE;
    /// h: tokens of a participant, Honey.
    Holdings(f64) = 0.0;
    /// A participant's own sentiment, 0 to 1.
    OwnSentiment(f64) = 0.0;
    /// Sum of the influence that others have on a participant.
    InfluenceSum(f64) = 0.0;
    /// Row of the first influence edge on a participant, or [`NONE`].
    FirstInfluence(u32) = NONE;
    /// Whether an idle participant's stakes no longer match what it supports.
    Restake(bool) = false;

    /// r: what a proposal asks for, Honey; 0 on a vacant seat.
    FundsRequested(f64) = 0.0;
    /// The day on which a proposal was made; 0 for those of the initial state.
    Created(u32) = 0;
    /// The day on which a proposal left candidacy, or [`NONE`].
    LeftCandidacy(u32) = NONE;
    /// y* (token-days) of the day on which a proposal left candidacy.
    Trigger(f64) = f64::NAN;
    /// The trigger (token-days) that a granted proposal exceeded, with the F and E of that moment.
    PassedTrigger(f64) = f64::NAN;
    /// The seat of a candidate, or [`NONE`].
    Seat(u32) = NONE;
    /// The row of the proposal on a seat, or [`NONE`].
    Occupant(u32) = NONE;

    /// a: how much a participant likes a proposal, −1 to 1; [`VACANT`] without a candidate.
    Affinity(f64) = VACANT;
    /// x: tokens staked, Honey: on an edge, or in sum on a seat.
    Stake(f64) = 0.0;
    /// y: conviction, token-days: of an edge, in sum on a seat, or at the last of a proposal.
    Conviction(f64) = 0.0;

    /// Row of the participant who is swayed.
    Influenced(u32) = NONE;
    /// Row of the participant who sways.
    Influencer(u32) = NONE;
    /// w: how strongly.
    Influence(f64) = 0.0;
    /// Row of the next influence edge on the same participant, or [`NONE`].
    NextInfluence(u32) = NONE;

    /// Row of the proposal that a conflict edge leaves.
    ConflictOf(u32) = NONE;
    /// Row of the proposal that it leads to.
    ConflictWith(u32) = NONE;
    /// c: how much the two exclude each other.
    Conflict(f64) = 0.0;
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
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
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

/// Who supported a proposal when it left candidacy; kept only in runs with detail.
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
