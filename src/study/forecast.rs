//! What a sweep will take: time and size, measured on a handful of its runs.

use super::dataset::Manifest;
use super::plan::Plan;
use super::rows::{Gatherer, table_columns};
use crate::output::{OutputError, TableWriter};
use crate::run::Simulator;
use std::path::Path;
use std::time::{Duration, Instant};

/// What a sweep will take.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// Of one thread, for all runs.
    pub time: Duration,
    /// Of all files.
    pub bytes: u64,
}

/// Runs that are measured at the most.
const SAMPLE: u64 = 64;

/// How long measuring may go on before another run is begun.
const PATIENCE: Duration = Duration::from_secs(1);

/// Measures a handful of runs spread over the sweep, written to a directory of their own below
/// `scratch`, which is removed again.
///
/// # Errors
/// When nothing can be written there.
pub fn forecast(plan: &Plan, scratch: &Path) -> Result<Forecast, OutputError> {
    let columns = table_columns(plan);
    let tables = Manifest::of(plan).tables;
    let mut simulator = Simulator::new();
    let mut gatherer = Gatherer::new(plan);
    let most = SAMPLE.min(plan.runs);
    let mut runs = (0..most).map(|place| place * plan.runs / most).peekable();
    let mut begun = Instant::now();
    let first = runs.clone().take(1);
    let mut sample = gatherer.add(&mut simulator, &mut first.peekable(), |_, _| {});
    if begun.elapsed() < PATIENCE / 20 {
        // The first run also built the world: it counts only where runs are long.
        gatherer.take(&columns);
        begun = Instant::now();
        sample = 0;
    } else {
        runs.next();
    }
    while sample == 0 || (sample < most && begun.elapsed() < PATIENCE) {
        sample += gatherer.add(&mut simulator, &mut runs, |_, _| {});
    }
    let batches = gatherer.take(&columns);
    let mut bytes = 0;
    for ((table, columns), batch) in tables.iter().zip(&columns).zip(batches) {
        let path = scratch.join(format!("{table}.parquet"));
        let empty = TableWriter::create(&path, columns, &Vec::new())?
            .finish()?
            .publish()?
            .bytes;
        let mut writer = TableWriter::create(&path, columns, &Vec::new())?;
        writer.write(&batch)?;
        let full = writer.finish()?.publish()?.bytes;
        bytes += (full - empty) * plan.runs / sample + empty * plan.parts();
    }
    let time = begun.elapsed().mul_f64(plan.runs as f64 / sample as f64);
    Ok(Forecast { time, bytes })
}
