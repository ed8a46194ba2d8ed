//! Tables that a sweep of a model can write about its runs, and their columns.
//!
//! A feature registers a table as an [`Output`] with a folder; specs, manifests, the schema, parts and forecasts
//! follow the model's list. This module adds the columns that identify the run of a row, and those of how runs ended.

mod ends;

pub use ends::{EndRow, EndRows, Ends};

use crate::engine::{
    Columns, Domain, Horizon, Key, Kind, Model, Moment, Output, Run, RunFailure, Setting,
};
use crate::output::{Column, batch};
use arrow_array::{ArrayRef, RecordBatch};

/// Table of outcomes, a row per run, which every sweep writes.
pub const RUNS: &str = "runs";

/// File of the table of points: every setting of every point.
pub const POINTS: &str = "points.parquet";

crate::columns! {
    /// Run of a row.
    RunIdRow, RunIdRows {
        run: u64, "", "number of the run in its sweep: point times replicates, plus replicate";
        point: u32, "", "number of the point in points.parquet";
        replicate: u32, "", "number of the replicate of its point";
    }
}

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
pub fn own_columns(table: &Output, model: &Model) -> Vec<Column> {
    let columns = model.columns(table.name);
    if table.name == RUNS {
        ends::columns(columns)
    } else {
        columns
    }
}

/// Returns the columns of a table in any sweep, without those of varied settings.
pub fn common_columns(table: &Output, model: &Model) -> Vec<Column> {
    let mut columns = RunIdRows::columns();
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

/// Estimates the rows of a run in a table whose days are written at this interval.
pub fn rows_of(table: &Output, setting: &Setting, every: u32) -> f64 {
    let days = setting.group::<Horizon>().days;
    let looks = match table.moment {
        Moment::End => 1,
        Moment::Day => 1 + days / every + u32::from(!days.is_multiple_of(every)),
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

/// Returns the column that holds a setting.
pub fn setting_column(key: &Key, role: Option<&'static str>) -> Column {
    let kind = match key.domain {
        Domain::Real { .. } => Kind::F64,
        Domain::Count { .. } => Kind::I64,
        Domain::Names(_) | Domain::List { .. } | Domain::Document { .. } => Kind::Text,
    };
    Column {
        unit: key.unit.to_owned(),
        meaning: key.meaning.to_owned(),
        role,
        ..Column::new(key.name, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tables_share_a_folder() {
        let model = crate::model();
        let folders: std::collections::BTreeSet<_> =
            tables(&model).map(|table| folder(&table)).collect();
        assert_eq!(folders.len(), tables(&model).count());
    }
}
