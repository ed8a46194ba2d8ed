//! Replays histories of whole DAOs from CSV under a contract, and compares the states with the recorded ones.
//!
//! Files are read row by row, so memory does not depend on their size.

use super::csv::CsvError;
use super::file::{FileError, MOST_TABLE, open};
use crate::contract::{Accounts, Cell, CellFault, Cells, Contract, U256, whole_number};
use csv::StringRecord;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// Column that distinguishes histories of DAOs from those of single proposals.
pub const KIND: &str = "kind";

/// Columns before those of a contract's events.
const HEAD: [&str; 4] = ["history", "step", "block", KIND];

/// Reason why a history cannot be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The file is not CSV with a header.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// A column is missing.
    #[error("{path}: column {column} missing; add it")]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A cell is invalid.
    #[error("{path}:{line}: {fault}")]
    Cell {
        /// The file.
        path: PathBuf,
        /// Line of the file, from 1.
        line: u64,
        /// Description of the fault.
        fault: CellFault,
    },
    /// A block number is lower than the one before.
    #[error("{path}:{line}: block: {block} follows {last}; put the events in order")]
    Backwards {
        /// The file.
        path: PathBuf,
        /// Block number.
        line: u64,
        /// The block.
        block: u64,
        /// Block of the previous event.
        last: u64,
    },
    /// The computed state differs from the recorded one.
    #[error("{path}:{line}: {column}: recorded {recorded}, computed {computed}")]
    Differs {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// Recorded value.
        recorded: String,
        /// Computed value, with the revert reason if the contract reverts.
        computed: String,
    },
    /// The states cannot be written.
    #[error("states cannot be written")]
    Write(#[from] io::Error),
}

/// Summary of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Number of events, checks included.
    pub events: u64,
    /// Remarks on unusual events: first line and number of occurrences.
    pub remarks: BTreeMap<&'static str, (u64, u64)>,
}

/// Returns the column names of a CSV file.
///
/// # Errors
/// When the file is missing or has no header.
pub fn read_header(path: &Path) -> Result<Vec<String>, CsvError> {
    let mut rows = Rows::open(path)?;
    let header = rows.reader.headers().map_err(rows_of(path))?;
    Ok(header.iter().map(str::to_owned).collect())
}

/// Returns the histories of a file that contain an event of this kind.
///
/// # Errors
/// When the file is missing or malformed.
pub fn histories_with(path: &Path, kind: &str) -> Result<BTreeSet<String>, ReplayError> {
    histories_where(path, |other| other == kind)
}

/// Returns the histories of a file.
pub(super) fn histories_in(path: &Path) -> Result<BTreeSet<String>, ReplayError> {
    histories_where(path, |_| true)
}

fn histories_where(
    path: &Path,
    has_kind: impl Fn(&str) -> bool,
) -> Result<BTreeSet<String>, ReplayError> {
    let mut rows = Rows::open(path)?;
    let header = rows.reader.headers().map_err(rows_of(path))?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let (history, kinds) = (place(HEAD[0]), place(KIND));
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or("");
        let history = cell(history);
        if has_kind(cell(kinds)) && !found.contains(history) {
            found.insert(history.to_owned());
        }
    }
    Ok(found)
}

/// Replays every history of a file. Passes the header to `write`, then the state after each event, in the
/// columns of recorded histories. Stops after the first row whose recorded state differs; blank cells count as
/// not recorded.
///
/// # Errors
/// When the file is malformed, an event is invalid, a recorded state differs, or a state cannot be written.
pub fn replay<C: Contract>(
    path: &Path,
    start: impl Fn(&str) -> C,
    mut write: impl FnMut(&StringRecord) -> io::Result<()>,
) -> Result<Replayed, ReplayError> {
    // Checked before anything is written.
    let mut rows = Rows::open(path)?;
    expect_columns(path, rows.reader.headers().map_err(rows_of(path))?)?;
    let mut written = StringRecord::new();
    let states = start("").state_columns();
    written.extend(HEAD.iter().chain(C::EVENT_COLUMNS).chain(states));
    write(&written)?;
    let mut replayed = Replayed::default();
    follow(path, u64::MAX, start, |row, state| {
        if row.outcome.is_ok()
            && let Some(remark) = row.contract.remark(row.event)
        {
            replayed.remarks.entry(remark).or_insert((row.line, 0)).1 += 1;
        }
        replayed.events += 1;
        written.clear();
        for &place in &row.places.head {
            written.push_field(row.cell(place));
        }
        let mut text = String::new();
        for (&column, &recorded) in C::EVENT_COLUMNS.iter().zip(row.texts) {
            match row.created {
                Some(created) if column == "proposal" => {
                    set(&mut text, &created);
                    written.push_field(&text);
                }
                _ => written.push_field(recorded),
            }
        }
        for computed in state {
            set(&mut text, computed);
            written.push_field(&text);
        }
        Ok(write(&written)?)
    })?;
    Ok(replayed)
}

/// Checks that the columns of every history exist.
fn expect_columns(path: &Path, header: &StringRecord) -> Result<(), ReplayError> {
    let missing = [HEAD[2], KIND]
        .into_iter()
        .find(|column| !header.iter().any(|other| other == *column));
    missing.map_or(Ok(()), |column| {
        let path = path.to_owned();
        Err(ReplayError::Column { path, column })
    })
}

/// Places of the columns of a history in a file.
struct Places {
    head: [Option<usize>; 4],
    events: Vec<Option<usize>>,
    states: Vec<Option<usize>>,
}

/// An event just applied.
pub(super) struct Row<'a, C: Contract> {
    cells: &'a StringRecord,
    places: &'a Places,
    /// The line of the file, from 1.
    pub line: u64,
    /// The block.
    pub block: u64,
    /// Cells of the event.
    texts: &'a [&'a str],
    /// The event.
    pub event: &'a C::Event,
    /// Result of the event.
    pub outcome: Result<(), C::Revert>,
    /// Proposal that the event created.
    pub created: Option<U256>,
    /// Contract after the event.
    pub contract: &'a C,
}

impl<C: Contract> Row<'_, C> {
    fn cell(&self, place: Option<usize>) -> &str {
        place.and_then(|place| self.cells.get(place)).unwrap_or("")
    }

    /// Returns the first column whose recorded value differs from the computed one, with both values.
    fn difference(&self, state: &[Cell<C::Revert>]) -> Option<(&'static str, String, String)> {
        let mut text = String::new();
        let mut differs = |column: &'static str, recorded: &str, computed: &dyn Display| {
            if recorded.is_empty() {
                return None;
            }
            set(&mut text, computed);
            let same = is_same(column, recorded, &text);
            (!same).then(|| (column, recorded.to_owned(), text.clone()))
        };
        let created = self.created.and_then(|created| {
            let place = C::EVENT_COLUMNS
                .iter()
                .position(|&column| column == "proposal")?;
            differs("proposal", self.texts[place], &created)
        });
        created.or_else(|| {
            let states = self
                .contract
                .state_columns()
                .iter()
                .zip(&self.places.states);
            let mut states = states.zip(state);
            states.find_map(|((&column, &place), computed)| {
                differs(column, self.cell(place), computed)
            })
        })
    }
}

/// Result of following the histories of a file.
pub(super) struct Followed<C> {
    /// Histories by name.
    pub histories: BTreeMap<String, History<C>>,
    /// Block of the first row after the last requested block.
    pub beyond: Option<u64>,
}

/// Applies the events of every history of a file, up to a block, and passes each event to `each` with the state after
/// it. Stops after the first row whose recorded state differs; blank cells count as not recorded.
///
/// # Errors
/// Returns an error if the file or an event is invalid, or if a recorded state differs; and the errors of `each`.
pub(super) fn follow<C: Contract>(
    path: &Path,
    until: u64,
    start: impl Fn(&str) -> C,
    mut each: impl FnMut(&Row<C>, &[Cell<C::Revert>]) -> Result<(), ReplayError>,
) -> Result<Followed<C>, ReplayError> {
    let mut rows = Rows::open(path)?;
    let header = rows.reader.headers().map_err(rows_of(path))?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    expect_columns(path, &header)?;
    let all = |columns: &[&str]| columns.iter().map(|column| place(column)).collect();
    let places = Places {
        head: HEAD.map(place),
        events: all(C::EVENT_COLUMNS),
        states: all(start("").state_columns()),
    };
    let mut histories: BTreeMap<String, History<C>> = BTreeMap::new();
    let (mut state, mut beyond) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or("");
        let fault = |fault| ReplayError::Cell {
            path: path.to_owned(),
            line,
            fault,
        };
        let block = cell(places.head[2]);
        let block = block
            .parse()
            .map_err(|_| fault(CellFault::new(HEAD[2], block, "a whole number below 2^64")))?;
        if block > until {
            beyond.get_or_insert(block);
            continue;
        }
        let name = cell(places.head[0]);
        if !histories.contains_key(name) {
            let history = History {
                contract: start(name),
                accounts: Accounts::default(),
                block: 0,
            };
            histories.insert(name.to_owned(), history);
        }
        let Some(history) = histories.get_mut(name) else {
            continue;
        };
        if block < history.block {
            return Err(ReplayError::Backwards {
                path: path.to_owned(),
                line,
                block,
                last: history.block,
            });
        }
        history.block = block;
        let texts: Vec<&str> = places.events.iter().map(|&place| cell(place)).collect();
        let mut cells = Cells::new(C::EVENT_COLUMNS, &texts, &mut history.accounts);
        let event = C::read_event(cell(places.head[3]), &mut cells).map_err(fault)?;
        let contract = &mut history.contract;
        let outcome = contract.apply(block, &event);
        let row = Row {
            cells: row,
            places: &places,
            line,
            block,
            texts: &texts,
            event: &event,
            outcome,
            created: outcome.ok().and_then(|()| contract.created(&event)),
            contract,
        };
        state.clear();
        row.contract.write_state(block, &event, outcome, &mut state);
        each(&row, &state)?;
        if let Some((column, recorded, computed)) = row.difference(&state) {
            let computed = match (column, outcome) {
                ("ok", Err(reason)) => format!("{computed} ({reason})"),
                _ => computed,
            };
            return Err(ReplayError::Differs {
                path: path.to_owned(),
                line,
                column,
                recorded,
                computed,
            });
        }
    }
    Ok(Followed { histories, beyond })
}

/// One history of a file.
pub(super) struct History<C> {
    /// The contract after the last event.
    pub contract: C,
    accounts: Accounts,
    /// The block of the last event.
    pub block: u64,
}

fn set<T: Display + ?Sized>(text: &mut String, value: &T) {
    text.clear();
    // Writing to a string never fails.
    let _ = write!(text, "{value}");
}

/// Compares a recorded cell, which is not blank, with the computed one.
fn is_same(column: &str, recorded: &str, computed: &str) -> bool {
    if recorded == computed {
        return true;
    }
    if computed.is_empty() {
        return column != "revert_reason";
    }
    let numbers = (whole_number(recorded), whole_number(computed));
    matches!(numbers, (Some(recorded), Some(computed)) if recorded == computed)
}

/// The rows of a CSV file, one at a time.
struct Rows<'a> {
    path: &'a Path,
    reader: csv::Reader<BufReader<File>>,
    row: StringRecord,
}

impl<'a> Rows<'a> {
    fn open(path: &'a Path) -> Result<Self, CsvError> {
        let file = open(path, MOST_TABLE)?;
        let mut builder = csv::ReaderBuilder::new();
        let reader = builder
            .trim(csv::Trim::All)
            .from_reader(BufReader::with_capacity(1 << 16, file));
        Ok(Self {
            path,
            reader,
            row: StringRecord::new(),
        })
    }

    fn next(&mut self) -> Result<Option<&StringRecord>, CsvError> {
        let found = self.reader.read_record(&mut self.row);
        let found = found.map_err(rows_of(self.path))?;
        Ok(found.then_some(&self.row))
    }
}

fn rows_of(path: &Path) -> impl Fn(csv::Error) -> CsvError {
    |source| {
        let path = path.to_owned();
        if !source.is_io_error() {
            return CsvError::Rows { path, source };
        }
        let source = match source.into_kind() {
            csv::ErrorKind::Io(source) => source,
            kind => io::Error::other(format!("{kind:?}")),
        };
        FileError::Read { path, source }.into()
    }
}
