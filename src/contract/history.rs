//! Shared machinery of contract histories: reads events from cells by name, and writes states as cells in
//! order.

use super::integers::{Signed, whole_number};
use ruint::aliases::U256;
use std::collections::BTreeMap;
use std::fmt::Display;

/// Remark on settings that change, in every contract.
pub(super) const RETROACTIVE: &str = "new settings apply to all blocks since each proposal's last block, also those before the change";

/// State of a deployed contract, updated event by event.
pub trait Contract {
    /// Event of the contract.
    type Event;
    /// Reason why the contract reverts.
    type Revert: Display + Copy + Eq;

    /// Columns of events in recorded histories, after `block` and `kind`.
    const EVENT_COLUMNS: &'static [&'static str];

    /// Returns the columns of the state after an event, as in recorded histories: `ok` first, then the reason.
    fn state_columns(&self) -> &'static [&'static str];

    /// Reads an event of this kind.
    ///
    /// # Errors
    /// When the kind is unknown or a cell is invalid.
    fn read_event(kind: &str, cells: &mut Cells) -> Result<Self::Event, CellFault>;

    /// Applies an event in a block that is not earlier than the previous event's.
    ///
    /// # Errors
    /// When the contract reverts; its state is then unchanged.
    fn apply(&mut self, block: u64, event: &Self::Event) -> Result<(), Self::Revert>;

    /// Appends the state after an event, in the order of the columns; a column that does not apply is blank.
    fn write_state(
        &self,
        block: u64,
        event: &Self::Event,
        outcome: Result<(), Self::Revert>,
        cells: &mut Vec<Cell<Self::Revert>>,
    );

    /// Returns the proposal that an event has just created.
    fn created(&self, event: &Self::Event) -> Option<U256>;

    /// Returns a remark if the effect of an event just applied may surprise readers.
    fn remark(&self, event: &Self::Event) -> Option<&'static str>;
}

/// Cell of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<R> {
    /// The column does not apply.
    Blank,
    /// Whole number.
    Whole(U256),
    /// Reason of a revert.
    Reason(R),
    /// Reason why a number cannot be computed.
    Reverts(R),
}

impl<R: Display> Display for Cell<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Blank => Ok(()),
            // Most numbers are short, and those print faster.
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

/// Holder of tokens or points, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account(pub u32);

impl Account {
    /// Administrator of a 1Hive contract, called 0 in recorded histories.
    pub const ADMINISTRATOR: Self = Self(0);

    /// Returns the position in a list of accounts.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Names of accounts, numbered by first appearance.
#[derive(Clone, Debug)]
pub struct Accounts(BTreeMap<String, Account>);

impl Default for Accounts {
    fn default() -> Self {
        Self([("0".to_owned(), Account::ADMINISTRATOR)].into())
    }
}

impl Accounts {
    /// Returns the account of a name.
    pub fn of(&mut self, name: &str) -> Account {
        if let Some(&account) = self.0.get(name) {
            return account;
        }
        // A history has fewer rows than there are account numbers.
        let account = Account(self.0.len() as u32);
        self.0.insert(name.to_owned(), account);
        account
    }
}

/// An invalid cell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{column}: {found}, expected {expected}")]
pub struct CellFault {
    /// Column.
    pub column: &'static str,
    /// Description of the cell.
    pub found: String,
    /// Description of a valid cell.
    pub expected: &'static str,
}

impl CellFault {
    /// Describes an invalid cell with this text.
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

/// Cells of an event, by column name.
pub struct Cells<'a> {
    columns: &'static [&'static str],
    texts: &'a [&'a str],
    accounts: &'a mut Accounts,
}

impl<'a> Cells<'a> {
    /// Wraps the cells of these columns; a column without a text is blank.
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

    /// Returns the text of a cell.
    pub fn text(&self, column: &'static str) -> &'a str {
        let place = self.columns.iter().position(|&other| other == column);
        let text = place.and_then(|place| self.texts.get(place));
        text.copied().unwrap_or("")
    }

    /// Parses a whole number below 2²⁵⁶.
    ///
    /// # Errors
    /// When the cell holds anything else.
    pub fn whole(&self, column: &'static str) -> Result<U256, CellFault> {
        let text = self.text(column);
        whole_number(text).ok_or_else(|| CellFault::new(column, text, "a whole number below 2^256"))
    }

    /// Returns the account of a name.
    ///
    /// # Errors
    /// When the cell is blank.
    pub fn account(&mut self, column: &'static str) -> Result<Account, CellFault> {
        match self.text(column) {
            "" => Err(CellFault::new(column, "", "a number or an address")),
            name => Ok(self.accounts.of(name)),
        }
    }

    /// Parses signed numbers by proposal: `id:delta;id:delta`.
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
