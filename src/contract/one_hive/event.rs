//! Events of a 1Hive DAO.

use super::dao::{Settings, Status};
use crate::contract::history::{Account, CellFault, Cells};
use ruint::aliases::U256;

/// The columns of events, after `block` and `kind`.
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

/// What happens to a DAO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// New settings apply, at once and to all the time since conviction was last stored.
    Settings(Settings),
    /// Tokens are minted.
    Supply {
        /// To whom.
        voter: Account,
        /// How much.
        amount: U256,
    },
    /// The pool grows.
    Funds {
        /// By how much.
        amount: U256,
    },
    /// A proposal is created.
    Propose {
        /// The submitter.
        voter: Account,
        /// What it asks for; 0 for a signalling proposal.
        requested: U256,
    },
    /// Tokens are staked on a proposal.
    Stake {
        /// Whose.
        voter: Account,
        /// The proposal.
        proposal: U256,
        /// How much.
        amount: U256,
    },
    /// The whole balance is staked on a proposal.
    StakeAll {
        /// Whose.
        voter: Account,
        /// The proposal.
        proposal: U256,
    },
    /// Staked tokens are taken back.
    Withdraw {
        /// Whose.
        voter: Account,
        /// The proposal.
        proposal: U256,
        /// How much.
        amount: U256,
    },
    /// All tokens staked on a proposal are taken back.
    WithdrawAll {
        /// Whose.
        voter: Account,
        /// The proposal.
        proposal: U256,
    },
    /// All tokens staked on executed and cancelled proposals are taken back.
    WithdrawInactive {
        /// Whose.
        voter: Account,
    },
    /// Tokens change hands.
    Transfer {
        /// From whom.
        voter: Account,
        /// To whom.
        to: Account,
        /// How much.
        amount: U256,
    },
    /// Tokens are burnt.
    Burn {
        /// Whose.
        voter: Account,
        /// How much.
        amount: U256,
    },
    /// Anybody executes a proposal.
    Execute {
        /// The proposal.
        proposal: U256,
    },
    /// A proposal is cancelled.
    Cancel {
        /// By whom.
        voter: Account,
        /// The proposal.
        proposal: U256,
    },
    /// The dispute layer challenges, allows or rejects a proposal.
    Dispute {
        /// The proposal.
        proposal: U256,
        /// Its status from now on.
        status: Status,
    },
    /// The contract is paused or unpaused.
    Pause {
        /// Whether it is paused from now on.
        is_paused: bool,
    },
    /// A proposal is looked at.
    Check {
        /// The proposal.
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
                        return Err(CellFault::new("amount", other, "1 to pause or 0 to go on"));
                    }
                },
            },
            "check" => Self::Check {
                proposal: cells.whole("proposal")?,
            },
            other => return Err(CellFault::new("kind", other, KINDS)),
        })
    }

    /// The proposal that the event names.
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
