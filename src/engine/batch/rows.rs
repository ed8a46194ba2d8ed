//! Takes the rows of runs.

use crate::engine::columns::{ArrayRef, Columns};
use crate::engine::model::Model;
use crate::engine::output::{Buffer, Choice, Gathered};
use std::ops::DerefMut;

/// Rows of runs in one table, column by column.
pub struct TableRows {
    pub(super) groups: Vec<(usize, Box<dyn Buffer>)>,
    /// Marks of the wanted columns; the others are read only to compute these.
    wanted: Vec<bool>,
}

impl TableRows {
    /// Creates a buffer without rows for every column of a table.
    pub fn new(model: &Model, table: &str) -> Self {
        Self::of(model, table, &Choice::All)
    }

    /// Creates a buffer without rows for the chosen columns of a table.
    pub fn of(model: &Model, table: &str, columns: &Choice) -> Self {
        let groups = model.variants[0].registry.groups_for(table, columns);
        let all = groups.iter().flat_map(|(_, group)| (group.columns)());
        Self {
            wanted: all.map(|column| columns.has(&column.name)).collect(),
            groups: groups
                .into_iter()
                .map(|(number, group)| (number, (group.buffer)()))
                .collect(),
        }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.groups.first().map_or(0, |(_, buffer)| buffer.rows())
    }

    /// Returns true if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops all rows, and keeps their memory.
    pub fn clear(&mut self) {
        for (_, buffer) in &mut self.groups {
            buffer.forget();
        }
    }

    /// Returns the columns as arrays, in the order registered, and empties the buffer.
    pub fn arrays(&mut self) -> Vec<ArrayRef> {
        let groups = self.groups.iter_mut();
        let all = groups.flat_map(|(_, buffer)| buffer.take());
        let wanted = all.zip(&self.wanted).filter(|(_, wanted)| **wanted);
        wanted.map(|(array, _)| array).collect()
    }

    /// Returns the rows of one group of columns.
    pub fn group<B: Columns>(&mut self) -> Option<&mut B> {
        let mut groups = self.groups.iter_mut();
        let rows = groups.find_map(|(_, buffer)| buffer.as_any().downcast_mut::<Gathered<B>>());
        rows.map(DerefMut::deref_mut)
    }
}
