//! Running a plan into memory.

use super::threads::{Begun, Steps, share_out};
use super::{OnFailure, Progress, SweepError, countable};
use crate::engine::Output;
use crate::study::part::{PartRows, Watch};
use crate::study::plan::Plan;
use arrow_array::RecordBatch;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a plan came to in memory: the same rows, in the same order, as a dataset holds.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// The rows of each table, in the order of the plan's tables; those of a failed run say so.
    pub tables: Vec<(Output, Vec<RecordBatch>)>,
    /// Runs simulated.
    pub runs: u64,
    /// Runs that failed, of those.
    pub failed: u64,
    /// Whether it was asked to stop before its end: rows are then those of the parts that were whole.
    pub interrupted: bool,
}

/// Runs a plan into memory: every row of every table is kept until the end. `stop` asks for a clean end.
///
/// # Errors
/// When there are too many parts, or threads cannot be started.
pub fn collect(
    plan: &Plan,
    threads: usize,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Collected, SweepError> {
    let mut parts = BTreeMap::new();
    let interrupted = each_part(
        plan,
        threads,
        progress,
        stop,
        |rows| rows,
        |part, rows| {
            parts.insert(part, rows);
        },
    )?;
    let tables = plan.spec.output.tables.iter();
    let mut collected = Collected {
        tables: tables.map(|table| (*table, Vec::new())).collect(),
        interrupted,
        ..Collected::default()
    };
    for part in parts.into_values() {
        collected.runs += part.runs;
        collected.failed += part.failed;
        for ((_, rows), batches) in collected.tables.iter_mut().zip(part.tables) {
            rows.extend(batches);
        }
    }
    Ok(collected)
}

/// Makes the rows of every part, of which `reduce` keeps what is needed and `done` hears, in any order.
/// Returns whether it was asked to stop.
pub(crate) fn each_part<T: Send>(
    plan: &Plan,
    threads: usize,
    progress: &dyn Progress,
    stop: &AtomicBool,
    reduce: impl Fn(PartRows) -> T + Sync,
    done: impl FnMut(u64, T) + Send,
) -> Result<bool, SweepError> {
    countable(plan)?;
    let todo: Vec<_> = (0..plan.parts.count).collect();
    progress.begin(plan.runs);
    let watch = Watch {
        stop,
        on_failure: OnFailure::Record,
        progress,
    };
    let steps = Steps {
        begin: |part| Ok(Begun::Assembly(PartRows::begin(plan, part))),
        finish: |rows| Ok(reduce(rows)),
        keep: |_, reduced| Ok(reduced),
    };
    let worked = share_out(plan, threads, &todo, &watch, &steps, done);
    progress.end();
    worked?;
    Ok(stop.load(Ordering::Relaxed))
}
