//! Events of a Gardens v2 pool and its community.

use super::points::{Decimals, PointSystem};
use super::pool::Settings;
use crate::contract::history::{Account, CellFault, Cells};
use crate::contract::integers::Signed;
use ruint::aliases::U256;

/// The columns of events, after `block` and `kind`.
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

/// What a community and its pool are created with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Community {
    /// How stakes give points.
    pub point_system: PointSystem,
    /// Most points of a member, where they are capped.
    pub max_amount: U256,
    /// Decimals of the staked token.
    pub token_decimals: Decimals,
    /// What a member stakes at least.
    pub registration_stake: U256,
}

/// What happens to a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// New settings apply, at once and to all the time since conviction was last stored.
    Settings(Settings, Option<Community>),
    /// The pool grows.
    Funds {
        /// By how much.
        amount: U256,
    },
    /// The pool is enabled or disabled.
    Enable {
        /// Whether it is enabled from now on.
        is_enabled: bool,
    },
    /// Somebody becomes a member, with the registration stake.
    Join {
        /// Who.
        voter: Account,
    },
    /// A member's stake grows.
    Increase {
        /// Whose.
        voter: Account,
        /// By how much.
        amount: U256,
    },
    /// A member's stake falls.
    Decrease {
        /// Whose.
        voter: Account,
        /// By how much.
        amount: U256,
    },
    /// A member takes points in the pool.
    Activate {
        /// Who.
        voter: Account,
    },
    /// A member leaves the community.
    Leave {
        /// Who.
        voter: Account,
    },
    /// A member gives points and support up.
    Deactivate {
        /// Who.
        voter: Account,
    },
    /// A member is taken off the pool's allow list.
    Expel {
        /// Who.
        voter: Account,
    },
    /// A proposal is created.
    Propose {
        /// The submitter.
        voter: Account,
        /// What it asks for.
        requested: U256,
    },
    /// A member moves support.
    Support {
        /// Who.
        voter: Account,
        /// Changes by proposal.
        deltas: Vec<(U256, Signed)>,
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
    /// A proposal asks for another amount.
    Edit {
        /// By whom.
        voter: Account,
        /// The proposal.
        proposal: U256,
        /// What it asks for from now on.
        requested: U256,
    },
    /// A proposal is looked at.
    Check {
        /// The proposal.
        proposal: U256,
    },
    /// The pool's contracts become those of a75a6efe2.
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

    /// The proposal that the event names.
    pub(super) fn proposal(&self) -> Option<U256> {
        match *self {
            Self::Execute { proposal }
            | Self::Cancel { proposal, .. }
            | Self::Edit { proposal, .. }
            | Self::Check { proposal } => Some(proposal),
            _ => None,
        }
    }

    /// The account that the event names.
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

/// A law of points that a history tells; custom points are kept by another contract.
fn known_law(text: &str) -> Result<PointSystem, CellFault> {
    let known = text.parse().ok().filter(|&law| law != PointSystem::Custom);
    known.ok_or_else(|| {
        let expected = "fixed, capped, unlimited or quadratic";
        CellFault::new("point_system", text, expected)
    })
}

/// The constants of a community, which its first row has.
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
