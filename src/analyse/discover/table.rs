//! Writes a discovery as a table, a row per box.

use super::prim::Step;
use super::{Discovery, density, words};
use crate::analyse::answer::Answer;
use arrow_array::RecordBatch;

impl Discovery {
    /// Returns the boxes as a table, a row per step, from all rows to the last.
    pub fn table(&self) -> RecordBatch {
        let steps = || self.steps.iter();
        let share = |of: u64, all: u64| of as f64 / all as f64;
        let limits = |step: &Step| words(self, step).join(" and ");
        let mut table = Answer::default();
        table
            .counts("step", "number of the step", 0..self.steps.len() as u64)
            .numbers(
                "coverage",
                "share of all cases that the box holds",
                steps().map(|step| share(step.hits, self.hits)),
            )
            .numbers(
                "density",
                "share of the box in which the condition holds",
                steps().map(density),
            )
            .numbers(
                "mass",
                "share of all rows in the box",
                steps().map(|step| share(step.rows, self.rows)),
            )
            .counts(
                "restricted",
                "inputs that are restricted",
                steps().map(|step| step.restricted as u64),
            )
            .words(
                "limits",
                "the limits in words; nothing for all rows",
                steps().map(limits),
            );
        table.finish().1
    }
}
