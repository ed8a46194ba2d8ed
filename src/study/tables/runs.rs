//! `runs`: a row per run.

use super::{Gather, Looks, Table};
use crate::model::Setting;
use crate::output::schema::{EndRows, OutcomeRows, StateRows};
use crate::output::{Column, Columns};
use crate::run::Outcome;
use crate::study::spec::OutputSpec;
use arrow_array::{Array, ArrayRef, make_array};
use arrow_buffer::{BooleanBuffer, NullBuffer};

/// A row per run.
pub struct Runs;

impl Table for Runs {
    fn name(&self) -> &'static str {
        "runs"
    }

    fn meaning(&self) -> &'static str {
        "of a sweep: a row per run; the variant and the axes follow replicate; from funds on the columns are empty where status is failed"
    }

    fn columns(&self) -> Vec<Column> {
        // Outcomes of a failed run are empty.
        let outcomes = StateRows::columns()
            .into_iter()
            .chain(OutcomeRows::columns());
        let outcomes = outcomes.map(|column| Column {
            nullable: true,
            ..column
        });
        EndRows::columns().into_iter().chain(outcomes).collect()
    }

    fn looks(&self) -> Looks {
        Looks::Never
    }

    fn rows_of(&self, _: &Setting, _: &OutputSpec) -> f64 {
        1.0
    }

    fn gather(&self, _: &OutputSpec) -> Box<dyn Gather> {
        Box::<Rows>::default()
    }
}

#[derive(Default)]
struct Rows {
    end: EndRows,
    state: StateRows,
    outcome: OutcomeRows,
    completed: Vec<bool>,
}

impl Gather for Rows {
    fn end(&mut self, _place: usize, outcome: &Outcome) -> usize {
        self.end.push(outcome.end);
        self.state.push(outcome.state);
        self.outcome.push(outcome.summary);
        self.completed.push(outcome.failure.is_none());
        1
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        let rows = std::mem::take(self);
        let mut arrays = rows.end.arrays();
        let mut outcomes = rows.state.arrays();
        outcomes.extend(rows.outcome.arrays());
        if rows.completed.contains(&false) {
            let completed = NullBuffer::new(BooleanBuffer::from(rows.completed));
            for array in &mut outcomes {
                *array = emptied(array, &completed);
            }
        }
        arrays.extend(outcomes);
        arrays
    }
}

/// A column with its values only where `valid`.
fn emptied(array: &ArrayRef, valid: &NullBuffer) -> ArrayRef {
    let nulls = NullBuffer::union(array.nulls(), Some(valid));
    let data = array.to_data().into_builder().nulls(nulls);
    make_array(data.build().expect("as many values as before"))
}
