//! Tables that a sweep writes about its runs.
//!
//! A feature registers a table as an [`Output`] with a folder; specs, manifests, the schema, parts and forecasts
//! follow the model's list. This module adds the columns that identify the run of a row, gathers rows, and writes the
//! table of points.

mod ends;
mod gather;
mod ids;
mod kept;
#[cfg(feature = "files")]
pub mod points;
mod valid;

pub use gather::Gatherer;

use super::plan::Plan;
use super::spec::{OutputSpec, Spec};
use crate::engine::{Columns, Horizon, Kind, Model, Moment, Output, Run, RunFailure, Setting};
use crate::output::{Column, batch};
use arrow_array::{ArrayRef, RecordBatch};
use ids::Ids;

/// Table of outcomes, a row per run, which every sweep writes.
pub const RUNS: &str = "runs";

/// Returns the tables that a sweep of a model can write, the table of outcomes first.
pub fn tables(model: &Model) -> impl Iterator<Item = Output> + '_ {
    let outputs = || {
        model
            .outputs()
            .iter()
            .filter(|output| output.folder.is_some())
    };
    let first = outputs().filter(|output| output.name == RUNS);
    first
        .chain(outputs().filter(|output| output.name != RUNS))
        .copied()
}

/// Returns the folder of a table in a dataset, which is its name in `[output] tables`.
pub fn folder(table: &Output) -> &'static str {
    table.folder.unwrap_or(table.name)
}

/// Returns a table's own columns, which follow those that identify the run of a row.
fn own_columns(table: &Output, model: &Model) -> Vec<Column> {
    let columns = model.columns(table.name);
    if table.name == RUNS {
        ends::columns(columns)
    } else {
        columns
    }
}

/// Returns all columns of a table in the sweep of a plan.
pub fn columns(table: &Output, plan: &Plan) -> Vec<Column> {
    let mut columns = Ids::columns(plan);
    let own = own_columns(table, &plan.spec.model).into_iter();
    columns.extend(
        own.zip(kept(table, plan))
            .filter(|(_, kept)| *kept)
            .map(|(column, _)| column),
    );
    columns
}

/// Marks the own columns of a table that are written; those of how a run ended always are.
fn kept(table: &Output, plan: &Plan) -> Vec<bool> {
    let Spec { model, output, .. } = &plan.spec;
    let choice = output.choice(table, model);
    let ends = match table.name {
        RUNS => ends::EndRows::columns(),
        _ => Vec::new(),
    };
    let is_end = |name: &str| ends.iter().any(|column| column.name == name);
    let own = own_columns(table, model).into_iter();
    own.map(|column| is_end(&column.name) || choice.has(&column.name))
        .collect()
}

/// Returns the columns of a table in any sweep, without those of varied settings.
pub fn common_columns(table: &Output, model: &Model) -> Vec<Column> {
    let mut columns = ids::RunIdRows::columns();
    columns.extend(own_columns(table, model));
    columns
}

/// Returns the row of a run in the table of outcomes, without the columns that identify the run.
pub(super) fn outcome(
    model: &Model,
    run: Run,
    failure: Option<&RunFailure>,
    outcomes: Vec<ArrayRef>,
) -> RecordBatch {
    let mut ends = ends::Ends::default();
    ends.push(run, failure);
    batch(&ends::columns(model.columns(RUNS)), ends.take(outcomes))
}

/// Estimates the rows of a run in a table.
pub fn rows_of(table: &Output, setting: &Setting, output: &OutputSpec) -> f64 {
    let days = setting.group::<Horizon>().days;
    let looks = match table.moment {
        Moment::End => 1,
        Moment::Day => 1 + days / output.every + u32::from(!days.is_multiple_of(output.every)),
    };
    f64::from(looks) * (table.rows)(setting)
}

/// Estimates the bytes of a row of these columns: numbers at their width, words in a dictionary.
pub fn bytes_per_row(columns: &[Column]) -> f64 {
    let width = |column: &Column| match column.kind {
        Kind::F64 => 8.0,
        Kind::I64 | Kind::I32 => 2.0,
        Kind::Bool | Kind::Text => 0.5,
    };
    columns.iter().map(width).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Spec;

    #[test]
    fn tables_without_rows_have_their_columns() {
        let spec = "[axes]\nrules = [\"v3\"]\ndays = [3, 4]\nbeta = [0.1]\n\
                    [[variant]]\nname = \"slow\"\nhalf_life_days = 9.0\n\
                    [output]\ntables = [\"runs\", \"days\", \"proposals\"]";
        let model = crate::model();
        let spec = Spec::parse(&model, spec, "a spec", std::path::Path::new("")).unwrap();
        let plan = Plan::new(spec).unwrap();
        let mut gatherer = Gatherer::new(&plan);
        assert_eq!(gatherer.columns().count(), tables(&model).count());
        for (batch, table) in gatherer.take().into_iter().zip(tables(&model)) {
            let columns = columns(&table, &plan);
            assert_eq!((batch.num_rows(), batch.num_columns()), (0, columns.len()));
        }
    }

    #[test]
    fn no_two_tables_share_a_folder() {
        let model = crate::model();
        let folders: std::collections::BTreeSet<_> =
            tables(&model).map(|table| folder(&table)).collect();
        assert_eq!(folders.len(), tables(&model).count());
    }
}
