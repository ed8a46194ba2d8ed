//! What the chain would do: the arithmetic of the 1Hive `ConvictionVoting` contract, in 256-bit
//! unsigned integers, bit for bit, reverts included. Time is in blocks.
//!
//! The contract stores three integers, all scaled by D = 10⁷: `decay`, the share of conviction kept
//! from block to block; `max_ratio`, β; and `weight`, ρ. Tokens are in units of 10⁻¹⁸.

mod arithmetic;
mod history;

pub use arithmetic::{Revert, ThresholdQuery, conviction, threshold};
pub use history::{Action, Event, HistoryError, Proposal, State};
pub use ruint::aliases::U256;
