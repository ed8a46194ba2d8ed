//! Reads a proposal's history from CSV: one row per action, in the columns of the recorded scenarios.

use super::csv::{CsvError, read_csv};
use crate::contract::{Action, Event, ThresholdQuery, U256, whole_number};
use std::path::{Path, PathBuf};

/// Required columns. The optional `scenario` distinguishes several proposals; other columns are ignored.
pub const EVENT_COLUMNS: [&str; 12] = [
    "decay",
    "max_ratio",
    "weight",
    "min_threshold_stake_percentage",
    "requested",
    "block",
    "action",
    "voter",
    "amount",
    "total_staked",
    "stake_token_total_supply",
    "funds",
];

/// An event and its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Line of the file, from 1.
    pub line: u64,
    /// Name of the event's history; empty if the file holds only one.
    pub scenario: String,
    /// The event.
    pub event: Event,
}

/// Reason why a history cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventsError {
    /// The file is not CSV with a header.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// A column is missing.
    #[error("{path}: column {column} missing; required columns are {}", EVENT_COLUMNS.join(", "))]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A value is invalid.
    #[error("{path}:{line}: {column}: found \"{found}\", expected {expected}")]
    Value {
        /// The file.
        path: PathBuf,
        /// Line of the file, from 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// The value.
        found: String,
        /// Description of a valid value.
        expected: &'static str,
    },
}

/// Reads a history.
///
/// # Errors
/// When the file is missing or malformed, or a value is invalid.
pub fn read_events(path: &Path) -> Result<Vec<EventRow>, EventsError> {
    let csv = read_csv(path)?;
    let place = |name: &str| csv.header.iter().position(|column| column == name);
    for column in EVENT_COLUMNS {
        place(column).ok_or_else(|| EventsError::Column {
            path: path.to_owned(),
            column,
        })?;
    }
    let mut events = Vec::new();
    for record in &csv.rows {
        let line = csv.line(record);
        let text = |column: &str| place(column).and_then(|at| record.get(at)).unwrap_or("");
        let fault = |column: &'static str, expected: &'static str| EventsError::Value {
            path: path.to_owned(),
            line,
            column,
            found: text(column).to_owned(),
            expected,
        };
        let whole = |column: &'static str| -> Result<U256, EventsError> {
            whole_number(text(column)).ok_or_else(|| fault(column, "a whole number below 2^256"))
        };
        let named = |amount: U256| (text("voter").to_owned(), amount);
        let action = match text("action") {
            "stake" => {
                let (voter, amount) = named(whole("amount")?);
                Action::Stake { voter, amount }
            }
            "withdraw" => {
                let (voter, amount) = named(whole("amount")?);
                Action::Withdraw { voter, amount }
            }
            "none" | "check" => Action::Check,
            _ => return Err(fault("action", "stake, withdraw or none")),
        };
        let block = text("block").parse();
        events.push(EventRow {
            line,
            scenario: text("scenario").to_owned(),
            event: Event {
                block: block.map_err(|_| fault("block", "a whole number below 2^64"))?,
                action,
                query: ThresholdQuery {
                    decay: whole("decay")?,
                    max_ratio: whole("max_ratio")?,
                    weight: whole("weight")?,
                    min_threshold_stake_percentage: whole("min_threshold_stake_percentage")?,
                    funds: whole("funds")?,
                    stake_token_total_supply: whole("stake_token_total_supply")?,
                    total_staked: whole("total_staked")?,
                    requested: whole("requested")?,
                },
            },
        });
    }
    Ok(events)
}
