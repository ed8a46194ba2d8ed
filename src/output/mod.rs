//! Tables to Parquet. Knows columns and files, no world.

pub mod rows;
pub mod schema;

pub use rows::{Cell, Column, Columns, Kind};
