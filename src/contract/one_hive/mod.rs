//! Implements the 1Hive `ConvictionVoting` contract, as deployed on Gnosis Chain.

mod arithmetic;
mod dao;
mod event;
mod proposal;

pub use arithmetic::{Decay, Revert, ThresholdQuery, conviction, threshold};
pub use dao::{ABSTAIN, DaoProposal, OneHive, Settings, Status, Totals, Voter};
pub use event::Event;
pub use proposal::{Action, Event as ProposalEvent, HistoryError, Proposal, State};
