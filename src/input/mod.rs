//! Reading tables that somebody else wrote, with errors that say where and what.

mod events;
mod points;
mod table;

pub use events::{EVENT_COLUMNS, EventRow, EventsError, read_events};
pub use points::{PointsError, PointsFile, RawValue, points_of, read_points};
pub use table::{RowGroups, Table, TableError};
