//! Events of a 1Hive DAO.

use super::state::{Settings, Status};
use crate::contract::history::{Account, CellFault, Cells};
use ruint::aliases::U256;

/// Columns of events, after `block` and `kind`.
pub const COLUMNS: [&str; 9] = [
    "proposal",
    "voter",
    "to",
    "amount",
    "requested",
    "decay",
    "max_ratio",
    "weight",
    "min_threshold_stake_percentage",
];

const KINDS: &str = "settings, supply, funds, propose, stake, stake_all, withdraw, withdraw_all, \
                     withdraw_inactive, transfer, burn, execute, cancel, challenge, allow, reject, pause or check";

/// Event of a DAO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// New settings apply at once, and to all blocks since conviction was last stored.
    Settings(Settings),
    /// Tokens are minted.
    Supply {
        /// Recipient.
        voter: Account,
        /// Amount.
        amount: U256,
    },
    /// The pool receives funds.
    Funds {
        /// Amount.
        amount: U256,
    },
    /// A voter creates a proposal.
    Propose {
        /// Submitter.
        voter: Account,
        /// Requested amount; 0 for a signalling proposal.
        requested: U256,
    },
    /// A voter stakes tokens on a proposal.
    Stake {
        /// Voter.
        voter: Account,
        /// Proposal.
        proposal: U256,
        /// Amount.
        amount: U256,
    },
    /// A voter stakes the whole balance on a proposal.
    StakeAll {
        /// Voter.
        voter: Account,
        /// Proposal.
        proposal: U256,
    },
    /// A voter withdraws staked tokens.
    Withdraw {
        /// Voter.
        voter: Account,
        /// Proposal.
        proposal: U256,
        /// Amount.
        amount: U256,
    },
    /// A voter withdraws all tokens staked on a proposal.
    WithdrawAll {
        /// Voter.
        voter: Account,
        /// Proposal.
        proposal: U256,
    },
    /// A voter withdraws all tokens staked on executed and cancelled proposals.
    WithdrawInactive {
        /// Voter.
        voter: Account,
    },
    /// A voter transfers tokens.
    Transfer {
        /// Sender.
        voter: Account,
        /// Recipient.
        to: Account,
        /// Amount.
        amount: U256,
    },
    /// Tokens are burnt.
    Burn {
        /// Holder.
        voter: Account,
        /// Amount.
        amount: U256,
    },
    /// Any account executes a proposal.
    Execute {
        /// Proposal.
        proposal: U256,
    },
    /// An account cancels a proposal.
    Cancel {
        /// Account.
        voter: Account,
        /// Proposal.
        proposal: U256,
    },
    /// The dispute layer challenges, allows or rejects a proposal.
    Dispute {
        /// Proposal.
        proposal: U256,
        /// New status.
        status: Status,
    },
    /// The contract is paused or resumed.
    Pause {
        /// True to pause, false to resume.
        is_paused: bool,
    },
    /// A history records the state of a proposal.
    Check {
        /// Proposal.
        proposal: U256,
    },
}

impl Event {
    pub(super) fn read(kind: &str, cells: &mut Cells) -> Result<Self, CellFault> {
        let dispute = |cells: &Cells, status| {
            let proposal = cells.whole("proposal")?;
            Ok(Self::Dispute { proposal, status })
        };
        Ok(match kind {
            "settings" => Self::Settings(Settings {
                decay: cells.whole("decay")?,
                max_ratio: cells.whole("max_ratio")?,
                weight: cells.whole("weight")?,
                min_threshold_stake_percentage: cells.whole("min_threshold_stake_percentage")?,
            }),
            "supply" => Self::Supply {
                voter: cells.account("voter")?,
                amount: cells.whole("amount")?,
            },
            "funds" => Self::Funds {
                amount: cells.whole("amount")?,
            },
            "propose" => Self::Propose {
                voter: cells.account("voter")?,
                requested: cells.whole("requested")?,
            },
            "stake" => Self::Stake {
                voter: cells.account("voter")?,
                proposal: cells.whole("proposal")?,
                amount: cells.whole("amount")?,
            },
            "stake_all" => Self::StakeAll {
                voter: cells.account("voter")?,
                proposal: cells.whole("proposal")?,
            },
            "withdraw" => Self::Withdraw {
                voter: cells.account("voter")?,
                proposal: cells.whole("proposal")?,
                amount: cells.whole("amount")?,
            },
            "withdraw_all" => Self::WithdrawAll {
                voter: cells.account("voter")?,
                proposal: cells.whole("proposal")?,
            },
            "withdraw_inactive" => Self::WithdrawInactive {
                voter: cells.account("voter")?,
            },
            "transfer" => Self::Transfer {
                voter: cells.account("voter")?,
                to: cells.account("to")?,
                amount: cells.whole("amount")?,
            },
            "burn" => Self::Burn {
                voter: cells.account("voter")?,
                amount: cells.whole("amount")?,
            },
            "execute" => Self::Execute {
                proposal: cells.whole("proposal")?,
            },
            "cancel" => Self::Cancel {
                voter: cells.account("voter")?,
                proposal: cells.whole("proposal")?,
            },
            "challenge" => return dispute(cells, Status::Paused),
            "allow" => return dispute(cells, Status::Active),
            "reject" => return dispute(cells, Status::Cancelled),
            "pause" => Self::Pause {
                is_paused: match cells.text("amount") {
                    "1" => true,
                    "0" => false,
                    other => {
                        return Err(CellFault::new("amount", other, "1 to pause or 0 to resume"));
                    }
                },
            },
            "check" => Self::Check {
                proposal: cells.whole("proposal")?,
            },
            other => return Err(CellFault::new("kind", other, KINDS)),
        })
    }

    /// Returns the proposal of the event.
    pub(super) fn proposal(&self) -> Option<U256> {
        match *self {
            Self::Stake { proposal, .. }
            | Self::StakeAll { proposal, .. }
            | Self::Withdraw { proposal, .. }
            | Self::WithdrawAll { proposal, .. }
            | Self::Execute { proposal }
            | Self::Cancel { proposal, .. }
            | Self::Dispute { proposal, .. }
            | Self::Check { proposal } => Some(proposal),
            _ => None,
        }
    }
}
