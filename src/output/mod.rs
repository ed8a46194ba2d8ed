//! Tables to Parquet. Knows columns and files, no world.

mod file;
mod parquet;
pub use crate::engine::columns as rows;
pub mod schema;

pub use file::{OutputError, PARTIAL, Written, hex, new_directory, sync_directory, write_whole};
pub use parquet::{Metadata, TableWriter};
pub use rows::{Cell, Column, Columns, Kind, arrow_schema, batch};
