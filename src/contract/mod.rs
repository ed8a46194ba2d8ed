//! Implements the arithmetic and rules of deployed contracts in 256-bit unsigned integers, bit for bit, reverts
//! included. Time is in blocks.
//!
//! | contract | module | histories |
//! |---|---|---|
//! | 1Hive `ConvictionVoting` | [`one_hive`], and by name here | [`one_hive::OneHive`] |
//! | Gardens v2, at 15ad374 and at a75a6efe2 | [`gardens2`] | [`gardens2::Gardens2`] |
//!
//! Each contract stores three integers, scaled by D = 10⁷: `decay`, the share of conviction kept per block;
//! `max_ratio`, β; and `weight`, ρ. Tokens are in units of 10⁻¹⁸. All contracts share one computation of
//! conviction; each adds its threshold, errors and rules. A [`Contract`] replays a history: events of many
//! proposals and voters, in the order of the chain.

mod decay;
pub mod gardens2;
mod history;
mod integers;
mod issuance;
pub mod one_hive;
mod snapshot;
mod span;
mod stored;
mod undo;
mod units;

pub use history::{Account, Accounts, Cell, CellFault, Cells, Contract};
pub use integers::{Signed, whole_number};
pub use issuance::{Adjustment, IssuancePolicy, adjustment};
pub use one_hive::{
    Action, Decay, HistoryError, Proposal, ProposalEvent as Event, Revert, State, ThresholdQuery,
    conviction, threshold,
};
pub use ruint::aliases::U256;
pub use snapshot::{
    Deployed, Holder, NotASnapshot, OpenProposal, Past, PastProposal, Pool, Sample, Snapshot,
};
pub use stored::Stored;
pub use units::{integer, real, tokens, tokens_within, units};
