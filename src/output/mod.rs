//! Writes tables to Parquet. Knows columns and files, but not the engine's worlds.

mod directory;
mod file;
mod parquet;
mod sync;
pub use crate::engine::columns as rows;

pub use directory::WholeDirectory;
pub use file::{OutputError, WholeFile, Written, hex, is_partial, sha256, sha256_of, write_whole};
pub use parquet::{Metadata, TableFile, TableWriter, metadata};
pub use rows::{Cell, Column, Columns, Kind, arrow_schema, batch};
pub use sync::sync_directory;
