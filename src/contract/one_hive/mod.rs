//! Implements the 1Hive `ConvictionVoting` contract, as deployed on Gnosis Chain.

mod arithmetic;
mod dao;
mod event;
mod proposal;
mod state;
mod stored;

pub use arithmetic::{Decay, Revert, ThresholdQuery, conviction, threshold};
pub use dao::OneHive;
pub use event::Event;
pub use proposal::{Action, Event as ProposalEvent, HistoryError, Proposal, State};
pub use state::{ABSTAIN, DaoProposal, Settings, Status, Totals, Voter};
