//! Reading tables that somebody else wrote, with errors that say where and what.

mod table;

pub use table::{Table, TableError};
