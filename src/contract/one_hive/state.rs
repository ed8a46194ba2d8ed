//! State of a 1Hive DAO: settings, proposals, voters and totals.

use crate::contract::history::Account;
use crate::contract::stored::Stored;
use ruint::aliases::U256;

/// Proposal that exists from the start and can never be executed.
pub const ABSTAIN: U256 = U256::from_limbs([1, 0, 0, 0]);

/// Settings that the contract stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Share of conviction kept per block, scaled by 10⁷.
    pub decay: U256,
    /// β, scaled by 10⁷.
    pub max_ratio: U256,
    /// ρ, scaled by 10⁷.
    pub weight: U256,
    /// Minimum share of the supply that counts as staked, scaled by 10¹⁸.
    pub min_threshold_stake_percentage: U256,
}

/// Status of a proposal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Open.
    #[default]
    Active,
    /// Challenged: accepts stakes, but cannot be executed or cancelled.
    Paused,
    /// Cancelled or rejected.
    Cancelled,
    /// Executed.
    Executed,
}

impl Status {
    pub(super) fn takes_stakes(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }
}

/// A proposal.
#[derive(Clone, Copy, Debug, Default)]
pub struct DaoProposal {
    /// Requested amount.
    pub requested: U256,
    /// Stake and stored conviction.
    pub stored: Stored,
    /// Status.
    pub status: Status,
    /// Submitter; `None` for the abstain proposal.
    pub submitter: Option<Account>,
}

/// A holder of tokens.
#[derive(Clone, Debug, Default)]
pub struct Voter {
    /// Balance.
    pub balance: U256,
    /// Sum of the stakes.
    pub staked: U256,
    /// Nonzero stakes by proposal, in the contract's order.
    pub stakes: Vec<(U256, U256)>,
}

impl Voter {
    pub(super) fn place(&self, proposal: U256) -> Option<usize> {
        self.stakes.iter().position(|&(other, _)| other == proposal)
    }

    pub(super) fn stake_on(&self, proposal: U256) -> U256 {
        self.place(proposal)
            .map_or(U256::ZERO, |place| self.stakes[place].1)
    }
}

/// State that belongs to neither a proposal nor a voter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// Current settings.
    pub settings: Settings,
    /// Pool balance.
    pub funds: U256,
    /// Supply of the staked token.
    pub supply: U256,
    /// Tokens staked on all proposals.
    pub total_staked: U256,
    /// True while the contract is paused.
    pub is_paused: bool,
}
