//! Stored state of a Gardens v2 pool: its version, settings, proposals and members.

use crate::contract::history::Account;
use crate::contract::stored::Stored;
use ruint::aliases::U256;

/// Version of the contracts, by its commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// The largest number of points seen enters a threshold.
    V15ad374,
    /// Points weighted by time enter a threshold.
    #[default]
    Va75a6efe2,
}

impl Version {
    const ALL: [Self; 2] = [Self::V15ad374, Self::Va75a6efe2];

    /// Returns its name, as the value of `arithmetic` of runs that follow it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V15ad374 => "gardens2-15ad374",
            Self::Va75a6efe2 => "gardens2",
        }
    }

    /// Returns the version with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.name() == name)
    }

    /// Returns the short hash of its commit.
    pub const fn commit(self) -> &'static str {
        match self {
            Self::V15ad374 => "15ad374",
            Self::Va75a6efe2 => "a75a6efe2",
        }
    }

    /// Returns the version with this short hash.
    pub fn of(commit: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.commit() == commit)
    }
}

/// Settings as the contract stores them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Share of conviction kept per block, scaled by 10⁷.
    pub decay: U256,
    /// β, scaled by 10⁷.
    pub max_ratio: U256,
    /// ρ, scaled by 10⁷.
    pub weight: U256,
    /// Points whose largest conviction is the minimum threshold.
    pub min_threshold_points: U256,
}

/// Status of a proposal, with the contract's number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// No such proposal.
    #[default]
    Inactive = 0,
    /// Open.
    Active = 1,
    /// Paused.
    Paused = 2,
    /// Cancelled by its submitter.
    Cancelled = 3,
    /// Executed.
    Executed = 4,
    /// Disputed; takes support.
    Disputed = 5,
    /// Rejected by the arbitrator.
    Rejected = 6,
}

impl Status {
    /// Returns the status of a number of the contract.
    pub fn of(number: u8) -> Option<Self> {
        use Status::{Active, Cancelled, Disputed, Executed, Inactive, Paused, Rejected};
        let all = [
            Inactive, Active, Paused, Cancelled, Executed, Disputed, Rejected,
        ];
        all.get(usize::from(number)).copied()
    }

    /// Returns true if support may grow.
    pub(in crate::contract) fn takes_support(self) -> bool {
        matches!(self, Self::Active | Self::Paused | Self::Disputed)
    }
}

/// Points at a block; block 0 if this version has not stored any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Points.
    pub points: U256,
    /// Block.
    pub block: u64,
}

/// Stored state of the support of a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Supported {
    /// Support and conviction.
    pub stored: Stored,
    /// Points stored with them.
    pub snapshot: Snapshot,
}

/// Proposal.
#[derive(Clone, Copy, Debug, Default)]
pub struct PoolProposal {
    /// Request.
    pub requested: U256,
    /// Support and stored conviction.
    pub stored: Stored,
    /// Status.
    pub status: Status,
    /// Submitter.
    pub submitter: Option<Account>,
    /// Points stored with it.
    pub snapshot: Snapshot,
}

/// Account in the community.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// True if it is a member now.
    pub is_member: bool,
    /// Stake in the community.
    pub stake: U256,
    /// True if it is active in the pool.
    pub is_active: bool,
    /// Points in the pool.
    pub points: U256,
    /// Sum of its support.
    pub support: U256,
    /// Support by proposal, in the contract's order; some entries may be 0.
    pub supports: Vec<(U256, U256)>,
}
