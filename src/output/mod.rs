//! Tables to Parquet. Knows columns and files, no world.

mod file;
mod parquet;
pub use crate::engine::columns as rows;

pub use file::{
    OutputError, WholeFile, Written, hex, is_partial, new_directory, sha256, sha256_of,
    sync_directory, write_whole,
};
pub use parquet::{Metadata, TableFile, TableWriter, metadata};
pub use rows::{Cell, Column, Columns, Kind, arrow_schema, batch};
