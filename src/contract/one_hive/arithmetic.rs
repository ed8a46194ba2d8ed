//! Computes conviction and threshold. Every operation is checked, and follows the contract's order, since
//! rounding and revert reasons depend on it.

use crate::contract::integers::{ArithmeticFault, SCALE, div, mul, sub};
use crate::contract::span::Spans;
use ruint::aliases::U256;

/// 10¹⁸, the scale of percentages.
const ONE_HUNDRED_PERCENT: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// Reason why the contract reverts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Revert {
    /// A product beyond 256 bits.
    #[error("MATH_MUL_OVERFLOW")]
    MulOverflow,
    /// A sum beyond 256 bits.
    #[error("MATH_ADD_OVERFLOW")]
    AddOverflow,
    /// A difference below 0.
    #[error("MATH_SUB_UNDERFLOW")]
    SubUnderflow,
    /// A division by 0.
    #[error("MATH_DIV_ZERO")]
    DivZero,
    /// The request is not below max_ratio of the funds.
    #[error("CV_AMOUNT_OVER_MAX_RATIO")]
    AmountOverMaxRatio,
    /// The decay is 1 or more.
    #[error("_a should be less than 2^128")]
    DecayNotBelowOne,
    /// The proposal does not exist.
    #[error("CV_PROPOSAL_DOES_NOT_EXIST")]
    ProposalDoesNotExist,
    /// The amount to stake or withdraw is 0.
    #[error("CV_AMOUNT_CAN_NOT_BE_ZERO")]
    AmountZero,
    /// The proposal does not accept stakes.
    #[error("CV_INCORRECT_PROPOSAL_STATUS")]
    IncorrectStatus,
    /// The stakes would exceed the balance.
    #[error("CV_STAKING_MORE_THAN_AVAILABLE")]
    StakingMoreThanAvailable,
    /// The voter already has stakes.
    #[error("CV_STAKING_ALREADY_STAKED")]
    AlreadyStaked,
    /// The voter has stakes on the maximum number of proposals.
    #[error("CV_MAX_PROPOSALS_REACHED")]
    MaxProposalsReached,
    /// The voter has staked less on the proposal.
    #[error("CV_WITHDRAW_MORE_THAN_STAKED")]
    WithdrawMoreThanStaked,
    /// The abstain proposal cannot be executed.
    #[error("CV_CANNOT_EXECUTE_ABSTAIN_PROPOSAL")]
    CannotExecuteAbstain,
    /// A signalling proposal cannot be executed.
    #[error("CV_CANNOT_EXECUTE_ZERO_VALUE_PROPOSAL")]
    CannotExecuteZeroValue,
    /// The proposal is paused, cancelled or executed.
    #[error("CV_PROPOSAL_NOT_ACTIVE")]
    ProposalNotActive,
    /// Conviction does not exceed the threshold; the misspelling is the contract's.
    #[error("CV_INSUFFICIENT_CONVICION")]
    InsufficientConviction,
    /// The sender is neither the submitter nor the administrator.
    #[error("CV_SENDER_CANNOT_CANCEL")]
    SenderCannotCancel,
    /// The abstain proposal cannot be cancelled.
    #[error("CV_CANNOT_CANCEL_ABSTAIN_PROPOSAL")]
    CannotCancelAbstain,
    /// The contract is paused.
    #[error("CV_CONTRACT_PAUSED")]
    ContractPaused,
    /// The token returns false for a transfer beyond the balance, instead of reverting.
    #[error("returned false")]
    ReturnedFalse,
}

impl From<ArithmeticFault> for Revert {
    fn from(fault: ArithmeticFault) -> Self {
        match fault {
            ArithmeticFault::Product => Self::MulOverflow,
            ArithmeticFault::Sum => Self::AddOverflow,
            ArithmeticFault::Difference => Self::SubUnderflow,
            ArithmeticFault::Division => Self::DivZero,
            ArithmeticFault::Decay => Self::DecayNotBelowOne,
        }
    }
}

/// Returns conviction after `time_passed` blocks of a constant stake `amount`, given the `last` conviction.
///
/// # Errors
/// When the contract reverts.
///
/// ```
/// use conviction::contract::{U256, conviction};
/// let one = U256::from(10u64.pow(18));
/// let grown = conviction(U256::from(9_999_599), 1, one, U256::ZERO);
/// assert_eq!(grown, Ok(U256::from(999_959_900_000_000_000u64)));
/// ```
pub fn conviction(decay: U256, time_passed: u64, last: U256, amount: U256) -> Result<U256, Revert> {
    Decay::new(decay).conviction(time_passed, last, amount)
}

/// Stored decay, with a cache of spans. The contract does not check D − decay, which wraps.
#[derive(Clone, Debug, Default)]
pub struct Decay(Spans);

impl Decay {
    /// Creates a decay, scaled by 10⁷.
    pub fn new(decay: U256) -> Self {
        Self(Spans::new(decay))
    }

    /// Returns the decay, scaled by 10⁷.
    pub fn stored(&self) -> U256 {
        self.0.decay()
    }

    /// Same as [`conviction`], but faster for a span already computed.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn conviction(
        &mut self,
        time_passed: u64,
        last: U256,
        amount: U256,
    ) -> Result<U256, Revert> {
        Ok(self.0.of(time_passed)?.conviction(last, amount)?)
    }

    /// Same as [`Decay::conviction`], without caching.
    ///
    /// # Errors
    /// When the contract reverts.
    pub fn peek(&self, time_passed: u64, last: U256, amount: U256) -> Result<U256, Revert> {
        Ok(self.0.peek(time_passed)?.conviction(last, amount)?)
    }
}

/// Inputs of the threshold of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThresholdQuery {
    /// Share of conviction kept per block, scaled by 10⁷.
    pub decay: U256,
    /// β, scaled by 10⁷.
    pub max_ratio: U256,
    /// ρ, scaled by 10⁷.
    pub weight: U256,
    /// Minimum share of the supply that counts as staked, scaled by 10¹⁸.
    pub min_threshold_stake_percentage: U256,
    /// Pool balance.
    pub funds: U256,
    /// Supply of the staked token.
    pub stake_token_total_supply: U256,
    /// Tokens staked on all proposals, abstain proposal included.
    pub total_staked: U256,
    /// Requested amount.
    pub requested: U256,
}

/// Returns the conviction that a request must exceed.
///
/// # Errors
/// When the contract reverts.
pub fn threshold(query: &ThresholdQuery) -> Result<U256, Revert> {
    let ThresholdQuery {
        decay,
        max_ratio,
        weight,
        min_threshold_stake_percentage,
        funds,
        stake_token_total_supply,
        total_staked,
        requested,
    } = *query;
    if mul(max_ratio, funds)? <= mul(requested, SCALE)? {
        return Err(Revert::AmountOverMaxRatio);
    }
    let headroom = sub(div(max_ratio << 64, SCALE)?, div(requested << 64, funds)?)?;
    let headroom_squared = mul(headroom, headroom)? >> 64;
    let share = div(div(weight << 128, SCALE)?, headroom_squared)?;
    let share = div(mul(share, SCALE)?, sub(SCALE, decay)?)?;
    let least = div(
        mul(stake_token_total_supply, min_threshold_stake_percentage)?,
        ONE_HUNDRED_PERCENT,
    )?;
    Ok(mul(share, total_staked.max(least))? >> 64)
}
