//! A proposal's history: what the contract stores as stakes come and go.

use super::arithmetic::{Decay, Revert, ThresholdQuery, threshold};
use crate::contract::Stored;
use ruint::aliases::U256;
use std::collections::BTreeMap;

/// What somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Stakes tokens on the proposal.
    Stake {
        /// Who.
        voter: String,
        /// How much.
        amount: U256,
    },
    /// Takes staked tokens back.
    Withdraw {
        /// Who.
        voter: String,
        /// How much.
        amount: U256,
    },
    /// Only looks.
    Check,
}

/// An action in a block, with what the threshold depends on in that block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The block.
    pub block: u64,
    /// What is done.
    pub action: Action,
    /// What the threshold depends on.
    pub query: ThresholdQuery,
}

/// A proposal and its voters.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    stored: Stored,
    voters: BTreeMap<String, U256>,
    block: u64,
}

/// A proposal after an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Tokens staked on it.
    pub staked: U256,
    /// The block up to which its conviction is stored; 0 before the first stake.
    pub block_last: u64,
    /// The stored conviction.
    pub conviction_last: U256,
    /// Conviction at the block, not stored.
    pub conviction_now: Result<U256, Revert>,
    /// What its conviction must exceed.
    pub threshold: Result<U256, Revert>,
    /// Whether executing it would succeed.
    pub executable: bool,
}

/// What the contract would not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// Blocks only go forward.
    #[error("block {block} comes after block {last}; put the events in order")]
    Backwards {
        /// The block.
        block: u64,
        /// The block of the event before.
        last: u64,
    },
    /// More is taken back than is there.
    #[error("voter {voter} withdraws {amount}, but has staked {staked}")]
    Overdrawn {
        /// Who.
        voter: String,
        /// How much is taken back.
        amount: U256,
        /// How much is there.
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
    /// When the contract would not do it; the proposal is then as before.
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
