//! Records how runs ended: the first columns of the table of outcomes.

use crate::engine::{Columns, Run, RunFailure};
use crate::output::Column;
use arrow_array::{Array, ArrayRef, make_array};
use arrow_buffer::{BooleanBuffer, NullBuffer};

crate::columns! {
    /// End of a run.
    EndRow, EndRows {
        status: &'static str, "", "completed: reached its horizon; failed: stopped before, and its other outcomes are empty";
        reason: Option<&'static str>, "", "reason of the failure", empty "the run completed";
        last_day: u32, "days", "the last day simulated; of a failed run, the day on which it failed";
    }
}

/// Returns the columns of how runs ended and of their outcomes; the outcomes of failed runs are empty.
pub fn columns(outcomes: Vec<Column>) -> Vec<Column> {
    let outcomes = outcomes.into_iter().map(|column| Column {
        nullable: true,
        ..column
    });
    EndRows::columns().into_iter().chain(outcomes).collect()
}

/// Gathered ends of runs.
#[derive(Default)]
pub struct Ends {
    rows: EndRows,
    completed: Vec<bool>,
}

impl Ends {
    /// Adds a run.
    pub fn push(&mut self, run: Run, failure: Option<&RunFailure>) {
        self.rows.push(EndRow {
            status: if failure.is_none() {
                "completed"
            } else {
                "failed"
            },
            reason: failure.map(|failure| failure.name),
            last_day: failure.map_or(run.day, |failure| failure.day),
        });
        self.completed.push(failure.is_none());
    }

    /// Takes the columns: ends of runs, then outcomes.
    pub fn take(&mut self, outcomes: Vec<ArrayRef>) -> Vec<ArrayRef> {
        let Self { rows, completed } = std::mem::take(self);
        let mut arrays = rows.arrays();
        if completed.contains(&false) {
            let completed = NullBuffer::new(BooleanBuffer::from(completed));
            arrays.extend(outcomes.iter().map(|array| emptied(array, &completed)));
        } else {
            arrays.extend(outcomes);
        }
        arrays
    }
}

/// Returns a column that keeps its values only where `valid`.
fn emptied(array: &ArrayRef, valid: &NullBuffer) -> ArrayRef {
    let nulls = NullBuffer::union(array.nulls(), Some(valid));
    let data = array.to_data().into_builder().nulls(nulls);
    make_array(data.build().expect("as many values as before"))
}
