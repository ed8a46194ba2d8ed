//! Events of a Gardens v2 pool and its community.

use super::points::{Community, PointSystem};
use super::state::Settings;
use crate::contract::history::{Account, CellFault, Cells};
use crate::contract::integers::Signed;
use ruint::aliases::U256;

/// Columns of events, after `block` and `kind`.
pub const COLUMNS: [&str; 13] = [
    "proposal",
    "voter",
    "amount",
    "deltas",
    "requested",
    "decay",
    "max_ratio",
    "weight",
    "min_threshold_points",
    "point_system",
    "max_amount",
    "token_decimals",
    "registration_stake",
];

const KINDS: &str = "settings, funds, enable, disable, join, increase, decrease, activate, leave, deactivate, expel, \
                     propose, support, execute, cancel, edit, check, upgrade or migrate";

/// Event of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// New settings apply at once, and to all blocks since conviction was last stored.
    Settings(Settings, Option<Community>),
    /// The pool receives funds.
    Funds {
        /// Amount received.
        amount: U256,
    },
    /// The pool is enabled or disabled.
    Enable {
        /// True to enable, false to disable.
        is_enabled: bool,
    },
    /// An account becomes a member by paying the registration stake.
    Join {
        /// New member.
        voter: Account,
    },
    /// A member increases the stake.
    Increase {
        /// Member.
        voter: Account,
        /// Amount added.
        amount: U256,
    },
    /// A member decreases the stake.
    Decrease {
        /// Member.
        voter: Account,
        /// Amount removed.
        amount: U256,
    },
    /// A member activates points in the pool.
    Activate {
        /// Member.
        voter: Account,
    },
    /// A member leaves the community.
    Leave {
        /// Member.
        voter: Account,
    },
    /// A member gives up points and support.
    Deactivate {
        /// Member.
        voter: Account,
    },
    /// The pool removes a member from its allow list.
    Expel {
        /// Member.
        voter: Account,
    },
    /// A member creates a proposal.
    Propose {
        /// Submitter.
        voter: Account,
        /// Requested amount.
        requested: U256,
    },
    /// A member changes support.
    Support {
        /// Member.
        voter: Account,
        /// Changes of support by proposal.
        deltas: Vec<(U256, Signed)>,
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
    /// An account changes the amount that a proposal requests.
    Edit {
        /// Account.
        voter: Account,
        /// Proposal.
        proposal: U256,
        /// New requested amount.
        requested: U256,
    },
    /// A history records the state of a proposal.
    Check {
        /// Proposal.
        proposal: U256,
    },
    /// The pool's contracts are upgraded to a75a6efe2.
    Upgrade,
    /// The migration of a75a6efe2 runs.
    Migrate,
}

impl Event {
    pub(super) fn read(kind: &str, cells: &mut Cells) -> Result<Self, CellFault> {
        Ok(match kind {
            "settings" => Self::Settings(
                Settings {
                    decay: cells.whole("decay")?,
                    max_ratio: cells.whole("max_ratio")?,
                    weight: cells.whole("weight")?,
                    min_threshold_points: cells.whole("min_threshold_points")?,
                },
                community(cells)?,
            ),
            "funds" => Self::Funds {
                amount: cells.whole("amount")?,
            },
            "enable" => Self::Enable { is_enabled: true },
            "disable" => Self::Enable { is_enabled: false },
            "join" => Self::Join {
                voter: cells.account("voter")?,
            },
            "increase" => Self::Increase {
                voter: cells.account("voter")?,
                amount: cells.whole("amount")?,
            },
            "decrease" => Self::Decrease {
                voter: cells.account("voter")?,
                amount: cells.whole("amount")?,
            },
            "activate" => Self::Activate {
                voter: cells.account("voter")?,
            },
            "leave" => Self::Leave {
                voter: cells.account("voter")?,
            },
            "deactivate" => Self::Deactivate {
                voter: cells.account("voter")?,
            },
            "expel" => Self::Expel {
                voter: cells.account("voter")?,
            },
            "propose" => Self::Propose {
                voter: cells.account("voter")?,
                requested: cells.whole("requested")?,
            },
            "support" => Self::Support {
                voter: cells.account("voter")?,
                deltas: cells.deltas("deltas")?,
            },
            "execute" => Self::Execute {
                proposal: cells.whole("proposal")?,
            },
            "cancel" => Self::Cancel {
                voter: cells.account("voter")?,
                proposal: cells.whole("proposal")?,
            },
            "edit" => Self::Edit {
                voter: cells.account("voter")?,
                proposal: cells.whole("proposal")?,
                requested: cells.whole("requested")?,
            },
            "check" => Self::Check {
                proposal: cells.whole("proposal")?,
            },
            "upgrade" => Self::Upgrade,
            "migrate" => Self::Migrate,
            other => return Err(CellFault::new("kind", other, KINDS)),
        })
    }

    /// Returns the proposal of the event.
    pub(super) fn proposal(&self) -> Option<U256> {
        match *self {
            Self::Execute { proposal }
            | Self::Cancel { proposal, .. }
            | Self::Edit { proposal, .. }
            | Self::Check { proposal } => Some(proposal),
            _ => None,
        }
    }

    /// Returns the account of the event.
    pub(super) fn voter(&self) -> Option<Account> {
        match *self {
            Self::Join { voter }
            | Self::Increase { voter, .. }
            | Self::Decrease { voter, .. }
            | Self::Activate { voter }
            | Self::Leave { voter }
            | Self::Deactivate { voter }
            | Self::Expel { voter }
            | Self::Propose { voter, .. }
            | Self::Support { voter, .. }
            | Self::Cancel { voter, .. }
            | Self::Edit { voter, .. } => Some(voter),
            _ => None,
        }
    }
}

/// Parses a point system that a history can replay; another contract keeps custom points.
fn known_law(text: &str) -> Result<PointSystem, CellFault> {
    let known = text.parse().ok().filter(|&law| law != PointSystem::Custom);
    known.ok_or_else(|| {
        let expected = "fixed, capped, unlimited or quadratic";
        CellFault::new("point_system", text, expected)
    })
}

/// Parses the constants of a community, which appear in its first row.
fn community(cells: &Cells) -> Result<Option<Community>, CellFault> {
    if cells.text("point_system").is_empty() {
        return Ok(None);
    }
    let point_system = cells.text("point_system");
    let decimals = cells.text("token_decimals");
    Ok(Some(Community {
        point_system: known_law(point_system)?,
        max_amount: cells.whole("max_amount")?,
        token_decimals: decimals.parse().map_err(|_| {
            CellFault::new(
                "token_decimals",
                decimals,
                "a whole number up to 255, no_code or no_decimals",
            )
        })?,
        registration_stake: cells.whole("registration_stake")?,
    }))
}
