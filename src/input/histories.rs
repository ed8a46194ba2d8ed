//! Replays histories of whole DAOs from CSV under a contract, and compares the states with the recorded ones.
//!
//! Files are read row by row, so memory does not depend on their size.

use super::csv::CsvError;
use super::file::{FileError, MOST_TABLE, open};
use crate::contract::{Accounts, CellFault, Cells, Contract, whole_number};
use csv::StringRecord;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
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
    let mut rows = Rows::open(path)?;
    let header = rows.reader.headers().map_err(rows_of(path))?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let (history, kinds) = (place(HEAD[0]), place(KIND));
    let mut found = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or("");
        if cell(kinds) == kind {
            found.insert(cell(history).to_owned());
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
    let mut rows = Rows::open(path)?;
    let header = rows.reader.headers().map_err(rows_of(path))?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    for column in [HEAD[2], KIND] {
        place(column).ok_or_else(|| ReplayError::Column {
            path: path.to_owned(),
            column,
        })?;
    }
    let states = start("").state_columns();
    let [head, events, states_at]: [Vec<_>; 3] = [&HEAD[..], C::EVENT_COLUMNS, states]
        .map(|columns| columns.iter().map(|column| place(column)).collect());
    let mut written = StringRecord::new();
    written.extend(HEAD.iter().chain(C::EVENT_COLUMNS).chain(states));
    write(&written)?;
    let mut histories: BTreeMap<String, History<C>> = BTreeMap::new();
    let (mut replayed, mut state, mut text) = (Replayed::default(), Vec::new(), String::new());
    while let Some(row) = rows.next()? {
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).unwrap_or("");
        let fault = |fault| ReplayError::Cell {
            path: path.to_owned(),
            line,
            fault,
        };
        let name = cell(head[0]);
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
        let block = cell(head[2]);
        let block = block
            .parse()
            .map_err(|_| fault(CellFault::new(HEAD[2], block, "a whole number below 2^64")))?;
        if block < history.block {
            return Err(ReplayError::Backwards {
                path: path.to_owned(),
                line,
                block,
                last: history.block,
            });
        }
        history.block = block;
        let texts: Vec<&str> = events.iter().map(|&place| cell(place)).collect();
        let mut cells = Cells::new(C::EVENT_COLUMNS, &texts, &mut history.accounts);
        let event = C::read_event(cell(head[3]), &mut cells).map_err(fault)?;
        let contract = &mut history.contract;
        let outcome = contract.apply(block, &event);
        if outcome.is_ok()
            && let Some(remark) = contract.remark(&event)
        {
            replayed.remarks.entry(remark).or_insert((line, 0)).1 += 1;
        }
        replayed.events += 1;
        let created = outcome.ok().and_then(|()| contract.created(&event));
        state.clear();
        contract.write_state(block, &event, outcome, &mut state);

        written.clear();
        for &place in &head {
            written.push_field(cell(place));
        }
        let mut differs = None;
        let mut compare = |column: &'static str, recorded: &str, computed: &str| {
            if differs.is_none() && !is_same(column, recorded, computed) {
                differs = Some((column, recorded.to_owned(), computed.to_owned()));
            }
        };
        for ((&column, &place), &recorded) in C::EVENT_COLUMNS.iter().zip(&events).zip(&texts) {
            match created {
                Some(created) if column == "proposal" => {
                    set(&mut text, &created);
                    compare(column, recorded, &text);
                    written.push_field(&text);
                }
                _ => written.push_field(cell(place)),
            }
        }
        for ((&column, &place), computed) in states.iter().zip(&states_at).zip(&state) {
            set(&mut text, computed);
            compare(column, cell(place), &text);
            written.push_field(&text);
        }
        write(&written)?;
        if let Some((column, recorded, computed)) = differs {
            let reason = match (column, outcome) {
                ("ok", Err(reason)) => format!("{computed} ({reason})"),
                _ => computed,
            };
            return Err(ReplayError::Differs {
                path: path.to_owned(),
                line,
                column,
                recorded,
                computed: reason,
            });
        }
    }
    Ok(replayed)
}

/// One history of a file.
struct History<C> {
    contract: C,
    accounts: Accounts,
    block: u64,
}

fn set(text: &mut String, value: &impl std::fmt::Display) {
    text.clear();
    // Writing to a string never fails.
    let _ = write!(text, "{value}");
}

/// Compares a recorded cell with the computed one; blank cells count as not recorded.
fn is_same(column: &str, recorded: &str, computed: &str) -> bool {
    if recorded.is_empty() || recorded == computed {
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
