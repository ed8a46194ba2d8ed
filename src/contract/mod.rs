//! What the chain would do: the arithmetic of the 1Hive `ConvictionVoting` contract, in 256-bit
//! unsigned integers, bit for bit, reverts included. Time is in blocks.
//!
//! The contract stores three integers, all scaled by D = 10⁷: `decay`, the share of conviction kept
//! from block to block; `max_ratio`, β; and `weight`, ρ. Tokens are in units of 10⁻¹⁸.

mod arithmetic;
mod history;
mod issuance;
mod stored;
mod units;

pub use arithmetic::{Decay, Revert, ThresholdQuery, conviction, threshold};
pub use history::{Action, Event, HistoryError, Proposal, State};
pub use issuance::{Adjustment, IssuancePolicy, adjustment};
pub use ruint::aliases::U256;
pub use stored::Stored;
pub use units::{integer, real, tokens, units};

/// A whole number below 2²⁵⁶ from its decimal digits, and nothing but those.
pub fn whole_number(digits: &str) -> Option<U256> {
    let sound = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    sound
        .then(|| U256::from_str_radix(digits, 10).ok())
        .flatten()
}
