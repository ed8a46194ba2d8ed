//! Writes tables to Parquet. Knows columns and files, but not the engine's worlds.

#[cfg(feature = "files")]
mod directory;
#[cfg(feature = "files")]
mod file;
mod hash;
mod metadata;
#[cfg(feature = "files")]
mod parquet;
#[cfg(feature = "files")]
mod sync;
pub use crate::engine::columns as rows;

#[cfg(feature = "files")]
pub use directory::WholeDirectory;
#[cfg(feature = "files")]
pub use file::{OutputError, WholeFile, is_by_the_dead, is_partial, write_whole};
pub use hash::{hex, sha256, sha256_of};
pub use metadata::{Metadata, metadata};
#[cfg(feature = "files")]
pub use parquet::{TableFile, TableWriter};
pub use rows::{Cell, Column, Columns, Kind, arrow_schema, batch};
#[cfg(feature = "files")]
pub use sync::sync_directory;
