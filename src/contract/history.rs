//! What the histories of all contracts share: events from cells by name, and states as cells in order.

use super::integers::{Signed, whole_number};
use ruint::aliases::U256;
use std::collections::BTreeMap;
use std::fmt::Display;

/// What changed settings do to conviction, in every contract.
pub(super) const RETROACTIVE: &str = "new settings apply to all blocks since each proposal's last block, also those before the change";

/// A deployed contract with all it stores, brought along event by event.
pub trait Contract {
    /// What somebody does.
    type Event;
    /// Why the contract refuses an event, or cannot compute a number.
    type Revert: Display + Copy + Eq;

    /// The columns that an event may have, as in recorded histories, after `block` and `kind`.
    const EVENT_COLUMNS: &'static [&'static str];

    /// The columns of the state after an event, as in recorded histories: `ok` first, then the reason.
    fn state_columns(&self) -> &'static [&'static str];

    /// Reads an event of a kind.
    ///
    /// # Errors
    /// When the kind is unknown or a cell makes no sense.
    fn read_event(kind: &str, cells: &mut Cells) -> Result<Self::Event, CellFault>;

    /// Applies an event in a block, which is not before that of the last one.
    ///
    /// # Errors
    /// When the contract refuses; nothing has then changed.
    fn apply(&mut self, block: u64, event: &Self::Event) -> Result<(), Self::Revert>;

    /// Appends the state after an event, in the order of the columns; blank where a column says nothing
    /// of the event.
    fn write_state(
        &self,
        block: u64,
        event: &Self::Event,
        outcome: Result<(), Self::Revert>,
        cells: &mut Vec<Cell<Self::Revert>>,
    );

    /// The proposal that an event has just created.
    fn created(&self, event: &Self::Event) -> Option<U256>;

    /// What readers may not expect of an event that has just been applied.
    fn remark(&self, event: &Self::Event) -> Option<&'static str>;
}

/// A cell of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<R> {
    /// Nothing.
    Blank,
    /// A number.
    Whole(U256),
    /// The reason of a refusal.
    Reason(R),
    /// The reason why a number cannot be computed.
    Reverts(R),
}

impl<R: Display> Display for Cell<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Blank => Ok(()),
            // Short numbers, which most are, print quicker.
            Self::Whole(number) => match u128::try_from(*number) {
                Ok(short) => write!(f, "{short}"),
                Err(_) => write!(f, "{number}"),
            },
            Self::Reason(reason) => write!(f, "{reason}"),
            Self::Reverts(reason) => write!(f, "revert: {reason}"),
        }
    }
}

impl<R> From<bool> for Cell<R> {
    fn from(flag: bool) -> Self {
        Self::Whole(U256::from(u8::from(flag)))
    }
}

impl<R> From<u64> for Cell<R> {
    fn from(number: u64) -> Self {
        Self::Whole(U256::from(number))
    }
}

impl<R> From<U256> for Cell<R> {
    fn from(number: U256) -> Self {
        Self::Whole(number)
    }
}

impl<R> From<Result<U256, R>> for Cell<R> {
    fn from(computed: Result<U256, R>) -> Self {
        computed.map_or_else(Self::Reverts, Self::Whole)
    }
}

/// Somebody with tokens or points, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account(pub u32);

impl Account {
    /// Who administers a 1Hive contract; recorded histories call them 0.
    pub const ADMINISTRATOR: Self = Self(0);

    /// The place in a list of accounts.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The names of accounts, numbered as they appear.
#[derive(Clone, Debug)]
pub struct Accounts(BTreeMap<String, Account>);

impl Default for Accounts {
    fn default() -> Self {
        Self([("0".to_owned(), Account::ADMINISTRATOR)].into())
    }
}

impl Accounts {
    /// The account of a name.
    pub fn of(&mut self, name: &str) -> Account {
        if let Some(&account) = self.0.get(name) {
            return account;
        }
        // A history has fewer rows than there are numbers.
        let account = Account(self.0.len() as u32);
        self.0.insert(name.to_owned(), account);
        account
    }
}

/// Why a cell makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{column}: {found}, expected {expected}")]
pub struct CellFault {
    /// The column.
    pub column: &'static str,
    /// What the cell holds.
    pub found: String,
    /// What it may hold.
    pub expected: &'static str,
}

impl CellFault {
    /// A fault of a cell with this text.
    pub fn new(column: &'static str, text: &str, expected: &'static str) -> Self {
        let found = match text {
            "" => "missing".to_owned(),
            text => format!("found \"{text}\""),
        };
        Self {
            column,
            found,
            expected,
        }
    }
}

/// The cells of an event, by the names of their columns.
pub struct Cells<'a> {
    columns: &'static [&'static str],
    texts: &'a [&'a str],
    accounts: &'a mut Accounts,
}

impl<'a> Cells<'a> {
    /// Cells with these columns; a column without a text is blank.
    pub fn new(
        columns: &'static [&'static str],
        texts: &'a [&'a str],
        accounts: &'a mut Accounts,
    ) -> Self {
        Self {
            columns,
            texts,
            accounts,
        }
    }

    /// The text of a cell.
    pub fn text(&self, column: &'static str) -> &'a str {
        let place = self.columns.iter().position(|&other| other == column);
        let text = place.and_then(|place| self.texts.get(place));
        text.copied().unwrap_or("")
    }

    /// A whole number below 2²⁵⁶.
    ///
    /// # Errors
    /// When the cell holds anything else.
    pub fn whole(&self, column: &'static str) -> Result<U256, CellFault> {
        let text = self.text(column);
        whole_number(text).ok_or_else(|| CellFault::new(column, text, "a whole number below 2^256"))
    }

    /// The account of a name.
    ///
    /// # Errors
    /// When the cell is blank.
    pub fn account(&mut self, column: &'static str) -> Result<Account, CellFault> {
        match self.text(column) {
            "" => Err(CellFault::new(column, "", "a number or an address")),
            name => Ok(self.accounts.of(name)),
        }
    }

    /// Numbers with a sign by proposal: `id:delta;id:delta`.
    ///
    /// # Errors
    /// When the cell holds anything else.
    pub fn deltas(&self, column: &'static str) -> Result<Vec<(U256, Signed)>, CellFault> {
        let text = self.text(column);
        let delta = |pair: &str| {
            let (proposal, delta) = pair.split_once(':')?;
            Some((whole_number(proposal)?, Signed::parse(delta)?))
        };
        let deltas = text.split(';').filter(|pair| !pair.is_empty()).map(delta);
        let deltas: Option<_> = deltas.collect();
        deltas.ok_or_else(|| {
            CellFault::new(
                column,
                text,
                "id:delta;id:delta, each delta below 2^255 in magnitude",
            )
        })
    }
}
