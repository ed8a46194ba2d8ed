//! Revert reasons of the Gardens v2 contracts.

use super::state::Status;
use crate::contract::integers::{ArithmeticFault, Signed};
use ruint::aliases::U256;

/// Reason why the contract reverts, with its arguments. Errors whose arguments are addresses appear by name
/// only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the names and arguments are the contract's")]
#[non_exhaustive]
pub enum Revert {
    #[error("Panic(0x11)")]
    Overflow,
    #[error("Panic(0x12)")]
    DivisionByZero,
    #[error("Math: mulDiv overflow")]
    MulDivOverflow,
    #[error("AShouldBeUnderTwo_128()")]
    DecayNotBelowOne,
    #[error("TooManyAllocations({0} {1})")]
    TooManyAllocations(usize, usize),
    #[error("ProposalInvalidForAllocation({0} {n})", n = *.1 as u8)]
    ProposalInvalidForAllocation(U256, Status),
    #[error("OnlyMember")]
    OnlyMember,
    #[error("UserIsInactive")]
    UserIsInactive,
    #[error("SupportUnderflow({0} {1} {2})")]
    SupportUnderflow(U256, Signed, Signed),
    #[error("NotEnoughPointsToSupport({0} {1})")]
    NotEnoughPointsToSupport(U256, U256),
    #[error("ProposalSupportDuplicated({0} {1})")]
    ProposalSupportDuplicated(U256, usize),
    #[error("TooManyVoterStakedProposals")]
    TooManyVoterStakedProposals,
    #[error("PoolIsEmpty(0)")]
    PoolIsEmpty,
    #[error("ProposalNotInList({0})")]
    ProposalNotInList(U256),
    #[error("ProposalNotActive({0} {n})", n = *.1 as u8)]
    ProposalNotActive(U256, Status),
    #[error("PoolAmountNotEnough({0} {1} {2})")]
    PoolAmountNotEnough(U256, U256, U256),
    #[error("AmountOverMaxRatio({0} {1} {2})")]
    AmountOverMaxRatio(U256, U256, U256),
    #[error("NoActiveGovernancePoints({0})")]
    NoActiveGovernancePoints(U256),
    #[error("ConvictionUnderMinimumThreshold({0} {1} {2})")]
    ConvictionUnderMinimumThreshold(U256, U256, U256),
    #[error("UserNotInRegistry()")]
    UserNotInRegistry,
    #[error("DecreaseUnderMinimum()")]
    DecreaseUnderMinimum,
    #[error("CantDecreaseMoreThanPower({0} {1})")]
    CantDecreaseMoreThanPower(U256, U256),
    #[error("StrategyDisabled()")]
    StrategyDisabled,
    #[error("UserAlreadyActivated()")]
    UserAlreadyActivated,
    #[error("OnlySubmitter")]
    OnlySubmitter,
    #[error("CannotEditRequestedAmountWithActiveSupport({0} {1} {2})")]
    CannotEditRequestedAmountWithActiveSupport(U256, U256, U256),
    #[error("StreamingRateOverflow({0})")]
    StreamingRateOverflow(U256),
    #[error("Initializable: contract is already initialized")]
    AlreadyInitialized,
    /// The older version has no migration.
    #[error("no such function")]
    NoSuchFunction,
}

impl From<ArithmeticFault> for Revert {
    fn from(fault: ArithmeticFault) -> Self {
        match fault {
            ArithmeticFault::Product | ArithmeticFault::Sum | ArithmeticFault::Difference => {
                Self::Overflow
            }
            ArithmeticFault::Division => Self::DivisionByZero,
            ArithmeticFault::Decay => Self::DecayNotBelowOne,
        }
    }
}
