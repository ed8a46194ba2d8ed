//! What the points of a plan come to, a row each: for those who search or analyse by function values.

use super::memory::each_part;
use super::{Progress, SweepError};
use crate::engine::{Cell, Kind, nearest};
use crate::output::{Column, batch};
use crate::study::part::PartRows;
use crate::study::plan::Plan;
use crate::study::tables::{RUNS, columns};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// Why points cannot be evaluated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// What was asked for is no number of a run.
    #[error("{name}: is no outcome{}; the columns of numbers in the table of runs are outcomes", nearest.as_ref().map_or(String::new(), |near| format!(", did you mean {near}?")))]
    Outcome {
        /// What was asked for.
        name: String,
        /// The outcome whose name is nearest.
        nearest: Option<String>,
    },
    /// The plan could not be run.
    #[error(transparent)]
    Sweep(#[from] SweepError),
}

/// Sums over the runs of a point, in their order.
#[derive(Clone, Debug, Default)]
struct Sums {
    /// For each outcome, the sum of its values, and how many there are.
    outcomes: Vec<(f64, u32)>,
    /// Runs that reached their horizon.
    completed: u32,
}

/// Simulates every run of a plan and gives the mean of each outcome, a column of the table of runs, by
/// point: a row per point in their order. The mean is over the runs that reached their horizon and in
/// which the outcome is not empty, and is empty where there are none; `completed` says how many runs
/// reached their horizon. `None` where it was asked to stop before the end.
///
/// # Errors
/// When an outcome is none, or as [`collect`](super::collect).
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
        |rows| sums(plan, &rows, outcomes),
        |part, sums| {
            parts.insert(part, sums);
        },
    )?;
    if stopped {
        return Ok(None);
    }
    let none = Sums {
        outcomes: vec![(0.0, 0); outcomes.len()],
        completed: 0,
    };
    let mut points = vec![none; plan.points as usize];
    // In the order of the parts, so that sums round in one way.
    for (point, sums) in parts.into_values().flatten() {
        let all = &mut points[point as usize];
        all.completed += sums.completed;
        for (all, more) in all.outcomes.iter_mut().zip(sums.outcomes) {
            all.0 += more.0;
            all.1 += more.1;
        }
    }
    let means = (0..outcomes.len()).map(|outcome| {
        let of = points.iter().map(|point| point.outcomes[outcome]);
        let mean = |(sum, count): (f64, u32)| (count > 0).then(|| sum / f64::from(count));
        <Option<f64> as Cell>::array(of.map(mean).collect())
    });
    let mut arrays: Vec<ArrayRef> = means.collect();
    arrays.push(u32::array(
        points.iter().map(|point| point.completed).collect(),
    ));
    shown.push(Column {
        name: "completed".to_owned(),
        kind: Kind::I32,
        nullable: false,
        unit: String::new(),
        meaning: "runs that reached their horizon, of the replicates of the point".to_owned(),
        role: None,
    });
    Ok(Some(batch(&shown, arrays)))
}

/// The column of the means of an outcome.
fn outcome(plan: &Plan, name: &str) -> Result<Column, EvaluateError> {
    let runs = plan
        .spec
        .output
        .tables
        .iter()
        .find(|table| table.name == RUNS);
    let all = runs.map_or(Vec::new(), |table| columns(table, plan));
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
            nearest: nearest(name, numbers.iter().map(|column| &*column.name)).map(str::to_owned),
        }),
    }
}

/// The sums over the runs of a part, by point.
fn sums(plan: &Plan, rows: &PartRows, outcomes: &[&str]) -> Vec<(u32, Sums)> {
    let place = plan
        .spec
        .output
        .tables
        .iter()
        .position(|table| table.name == RUNS);
    let batches = place.map_or(&[][..], |place| &rows.tables[place]);
    let mut points: Vec<(u32, Sums)> = Vec::new();
    for batch in batches {
        let column = |name: &str| batch.column_by_name(name);
        let point = column("point").and_then(|of| of.as_primitive_opt::<Int32Type>());
        let status = column("status").and_then(|of| of.as_string_opt::<i32>());
        let values: Vec<_> = outcomes.iter().filter_map(|name| column(name)).collect();
        let (Some(point), Some(status)) = (point, status) else {
            continue;
        };
        for row in 0..batch.num_rows() {
            let number = point.value(row) as u32;
            if points.last().is_none_or(|(last, _)| *last != number) {
                let outcomes = vec![(0.0, 0); outcomes.len()];
                points.push((
                    number,
                    Sums {
                        outcomes,
                        completed: 0,
                    },
                ));
            }
            let Some((_, sums)) = points.last_mut() else {
                continue;
            };
            sums.completed += u32::from(status.value(row) == "completed");
            for ((sum, count), values) in sums.outcomes.iter_mut().zip(&values) {
                if let Some(value) = number_at(values, row) {
                    *sum += value;
                    *count += 1;
                }
            }
        }
    }
    points
}

/// A number of a column; `None` where it is empty.
fn number_at(values: &ArrayRef, row: usize) -> Option<f64> {
    if values.is_null(row) {
        return None;
    }
    match values.as_primitive_opt::<Float64Type>() {
        Some(reals) => Some(reals.value(row)),
        None => {
            let counts = values.as_primitive_opt::<Int32Type>();
            counts.map(|counts| f64::from(counts.value(row)))
        }
    }
}
