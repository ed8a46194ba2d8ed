//! Reads tables written by other programs; errors name the place and the fault.

mod csv;
mod events;
mod file;
mod form;
#[cfg(feature = "files")]
mod guard;
mod histories;
mod number;
#[cfg(feature = "files")]
mod parquet;
mod points;
mod snapshots;
mod table;

pub use self::csv::CsvError;
pub use events::{EVENT_COLUMNS, EventRow, EventsError, read_events};
pub use file::{FileError, MOST_TABLE, MOST_TEXT, read_standard_input, read_text};
#[cfg(feature = "files")]
pub(crate) use guard::guarded;
pub use histories::{KIND, ReplayError, Replayed, histories_with, read_header, replay};
pub use number::RawValue;
pub(crate) use number::{advice, meant};
#[cfg(feature = "files")]
pub use parquet::RowGroups;
pub use points::{PointsError, PointsFile, points_of, read_column, read_points};
pub use snapshots::{SnapshotError, read_snapshot};
pub use table::{Table, TableError};
