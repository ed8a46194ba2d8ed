//! Computes the mean outcomes of a plan's points, for searches and analyses by function values.

use super::means::{PointMeans, append, means};
use super::runs::Rows;
use crate::engine::{Cell, Kind, closest_name};
use crate::input::{Table, TableError};
use crate::output::{Column, batch};
use crate::study::execute::{Progress, SweepError, each_part};
use crate::study::part::PartRows;
use crate::study::plan::Plan;
use crate::study::tables::RUNS;
use arrow_array::{ArrayRef, RecordBatch};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// Reasons why points cannot be evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// A name is not that of a column of numbers.
    #[error("{name}: not an outcome{}; outcomes are the numeric columns of the table runs", nearest.as_ref().map_or(String::new(), |near| format!(", did you mean {near}?")))]
    Outcome {
        /// Name.
        name: String,
        /// Outcome with the closest name.
        nearest: Option<String>,
    },
    /// The plan could not be executed.
    #[error(transparent)]
    Sweep(#[from] SweepError),
    /// The rows of a part are inconsistent.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Simulates every run of a plan and returns the mean of each outcome by point, a row per point in their order.
/// Outcomes are columns of the table of runs. A mean covers the runs that reached their horizon and have a value, and
/// is empty without such runs. The column `completed` counts runs that reached their horizon. Returns `None` if
/// stopped before the end.
///
/// # Errors
/// When an outcome is not a column of numbers, or [`collect`](crate::study::execute::collect) fails.
pub fn evaluate(
    plan: &Plan,
    outcomes: &[&str],
    threads: usize,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Option<RecordBatch>, EvaluateError> {
    let mut shown = Vec::new();
    for name in outcomes {
        shown.push(outcome(plan, name)?);
    }
    let mut parts = BTreeMap::new();
    let stopped = each_part(
        plan,
        threads,
        progress,
        stop,
        |rows| means_of(plan, &rows, outcomes),
        |part, means| {
            parts.insert(part, means);
        },
    )?;
    if stopped {
        return Ok(None);
    }
    let mut points = Vec::new();
    // The order of the parts fixes how sums are rounded.
    for part in parts.into_values() {
        append(&mut points, part?);
    }
    let means = (0..outcomes.len()).map(|outcome| {
        let of_point = |point: &PointMeans| point.mean(outcome);
        <Option<f64> as Cell>::array(points.iter().map(of_point).collect())
    });
    let mut arrays: Vec<ArrayRef> = means.collect();
    arrays.push(u32::array(
        points.iter().map(|point| point.completed).collect(),
    ));
    shown.push(Column {
        meaning: "runs that reached their horizon, of the replicates of the point".to_owned(),
        ..Column::new("completed", Kind::I32)
    });
    Ok(Some(batch(&shown, arrays)))
}

/// Returns the column of the means of an outcome.
fn outcome(plan: &Plan, name: &str) -> Result<Column, EvaluateError> {
    let runs = plan
        .spec
        .output
        .tables
        .iter()
        .find(|table| table.name == RUNS);
    let all = runs.map_or(Vec::new(), |table| plan.spec.columns_of(table));
    let is_number = |column: &&Column| matches!(column.kind, Kind::F64 | Kind::I32);
    let numbers: Vec<_> = all.iter().filter(is_number).collect();
    match numbers.iter().find(|column| column.name == name) {
        Some(&column) => Ok(Column {
            kind: Kind::F64,
            nullable: true,
            meaning: format!("mean over the runs of the point: {}", column.meaning),
            ..column.clone()
        }),
        None => Err(EvaluateError::Outcome {
            name: name.to_owned(),
            nearest: closest_name(name, numbers.iter().map(|column| &*column.name))
                .map(str::to_owned),
        }),
    }
}

/// Returns the means of the points of a part.
fn means_of(
    plan: &Plan,
    rows: &PartRows,
    outcomes: &[&str],
) -> Result<Vec<PointMeans>, TableError> {
    let mut tables = plan.spec.output.tables.iter();
    let place = tables.position(|table| table.name == RUNS);
    let mut points = Vec::new();
    for batch in place.map_or(&[][..], |place| &rows.tables[place]) {
        let rows = Rows::of(&Table::of(batch, RUNS), plan.points, outcomes)?;
        append(&mut points, means(&rows));
    }
    Ok(points)
}
