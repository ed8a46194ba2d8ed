//! Replays a single proposal: the state that the contract stores as stakes change.

use super::arithmetic::{Decay, Revert, ThresholdQuery, threshold};
use crate::contract::Stored;
use ruint::aliases::U256;
use std::collections::BTreeMap;

/// Action on a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Stakes tokens.
    Stake {
        /// Voter.
        voter: String,
        /// Amount.
        amount: U256,
    },
    /// Withdraws staked tokens.
    Withdraw {
        /// Voter.
        voter: String,
        /// Amount.
        amount: U256,
    },
    /// Reads the state.
    Check,
}

/// Action in a block, with the inputs of the threshold in that block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Block.
    pub block: u64,
    /// Action.
    pub action: Action,
    /// Inputs of the threshold.
    pub query: ThresholdQuery,
}

/// A proposal and its voters.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    stored: Stored,
    voters: BTreeMap<String, U256>,
    block: u64,
}

/// State of a proposal after an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Tokens staked on it.
    pub staked: U256,
    /// Block of the stored conviction; 0 before the first stake.
    pub block_last: u64,
    /// Stored conviction.
    pub conviction_last: U256,
    /// Conviction at the block, not stored.
    pub conviction_now: Result<U256, Revert>,
    /// Conviction that the proposal must exceed.
    pub threshold: Result<U256, Revert>,
    /// True if execution would succeed.
    pub executable: bool,
}

/// Event that the contract would reject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// An event precedes the previous one.
    #[error("block {block} follows block {last}; put the events in order")]
    Backwards {
        /// Block.
        block: u64,
        /// Block of the previous event.
        last: u64,
    },
    /// A voter withdraws more than staked.
    #[error("voter {voter} withdraws {amount}, but has staked {staked}")]
    Overdrawn {
        /// Voter.
        voter: String,
        /// Amount to withdraw.
        amount: U256,
        /// Staked amount.
        staked: U256,
    },
    /// The action reverts.
    #[error("the action reverts: {0}")]
    Reverts(#[from] Revert),
}

impl Proposal {
    /// Applies an event.
    ///
    /// # Errors
    /// When the contract would reject the event; the proposal is then unchanged.
    pub fn apply(&mut self, event: &Event) -> Result<State, HistoryError> {
        if event.block < self.block {
            return Err(HistoryError::Backwards {
                block: event.block,
                last: self.block,
            });
        }
        let mut decay = Decay::new(event.query.decay);
        match &event.action {
            Action::Stake { voter, amount } => {
                let staked = self
                    .stored
                    .staked
                    .checked_add(*amount)
                    .ok_or(Revert::AddOverflow)?;
                self.stored.change(event.block, staked, &mut decay)?;
                *self.voters.entry(voter.clone()).or_default() += *amount;
            }
            Action::Withdraw { voter, amount } => {
                let staked = self.voters.get(voter).copied().unwrap_or_default();
                let left = staked
                    .checked_sub(*amount)
                    .ok_or_else(|| HistoryError::Overdrawn {
                        voter: voter.clone(),
                        amount: *amount,
                        staked,
                    })?;
                let staked = self.stored.staked - *amount;
                self.stored.change(event.block, staked, &mut decay)?;
                self.voters.insert(voter.clone(), left);
            }
            Action::Check => {}
        }
        self.block = event.block;
        Ok(self.state(event, &mut decay))
    }

    fn state(&self, event: &Event, decay: &mut Decay) -> State {
        let conviction_now = self.stored.conviction_at(event.block, decay);
        // A request of zero is a signal: its threshold reads 0, and it is never executed.
        let is_signal = event.query.requested.is_zero();
        let threshold = if is_signal {
            Ok(U256::ZERO)
        } else {
            threshold(&event.query)
        };
        let passes = matches!((conviction_now, threshold), (Ok(now), Ok(least)) if now > least);
        State {
            staked: self.stored.staked,
            block_last: self.stored.block_last,
            conviction_last: self.stored.conviction_last,
            conviction_now,
            threshold,
            executable: passes && !is_signal,
        }
    }
}
