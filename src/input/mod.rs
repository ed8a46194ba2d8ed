//! Reading tables that somebody else wrote, with errors that say where and what.

mod points;
mod table;

pub use points::{PointsError, PointsFile, RawValue, read_points};
pub use table::{Table, TableError};
