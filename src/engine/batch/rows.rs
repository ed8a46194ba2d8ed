//! Records rows of runs in output tables.

use super::{Batch, every_run, run_all};
use crate::engine::columns::{ArrayRef, Columns};
use crate::engine::model::Model;
use crate::engine::output::{Buffer, Choice, Gathered};
use crate::engine::run::{NotFinite, Run};
use std::ops::DerefMut;

impl Batch {
    /// Adds the day's rows of daily tables for each run that continued to this day and for which `wanted` returns
    /// true.
    pub fn look(&mut self, wanted: impl Fn(&Run) -> bool) {
        every_run(&mut self.every_run, &mut self.world, |run, failing| {
            run.shown = run.went_on && failing.failure().is_none() && wanted(run);
        });
        run_all(&mut self.looks[0].systems, &mut self.world);
    }

    /// Adds the rows of tables that show the ends of runs.
    pub fn look_at_ends(&mut self) {
        let begun = self.begun;
        for (place, &run) in self.runs.iter().enumerate() {
            if let Some(mut run) = self.world.get_mut::<Run>(run) {
                run.shown = place < begun;
            }
        }
        run_all(&mut self.looks[1].systems, &mut self.world);
    }

    /// Returns the first column with a number that is not finite, among the untaken rows of a run.
    pub fn not_finite(&self, run: usize) -> Option<NotFinite> {
        let entity = self.runs[..self.begun][run];
        let groups = &self.registry().groups;
        let looks = self.looks.iter().flat_map(|looks| &looks.groups);
        looks
            .filter_map(|&group| (groups[group].rows)(&self.world, entity)?.not_finite())
            .map(|column| NotFinite { column })
            .next()
    }

    /// Moves the rows of a run in columns of a table to the end of `rows`.
    pub fn take(&mut self, run: usize, rows: &mut TableRows) {
        let entity = self.runs[..self.begun][run];
        let groups = &self.model.variants[self.kind].registry.groups;
        for (group, buffer) in &mut rows.groups {
            (groups[*group].take)(&mut self.world, entity, buffer.as_mut());
        }
    }
}

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
