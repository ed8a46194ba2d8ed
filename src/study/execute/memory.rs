//! Executes plans into memory.

use super::threads::{Begun, Steps, share_out};
use super::{OnFailure, Progress, SweepError, countable};
use crate::engine::Output;
use crate::study::part::{PartRows, Watch};
use crate::study::plan::Plan;
use arrow_array::RecordBatch;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows of a plan in memory, the same and in the same order as in a dataset.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// Rows of each table, in the order of the plan's tables; the table of runs marks failed runs.
    pub tables: Vec<(Output, Vec<RecordBatch>)>,
    /// Runs simulated.
    pub runs: u64,
    /// Failed runs among those simulated.
    pub failed: u64,
    /// True if stopped before the end: rows are then those of complete parts.
    pub interrupted: bool,
}

/// Executes a plan into memory, keeping every row of every table. Setting `stop` asks for a clean end.
///
/// # Errors
/// When the plan has too many parts, or threads cannot be started.
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

/// Makes the rows of every part, reduces them by `reduce` and passes the result to `done`, in any order. Returns true
/// if stopped before the end.
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
