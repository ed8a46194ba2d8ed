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

/// Runs that are measured.
const SAMPLE: u64 = 64;

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
    let sample = SAMPLE.min(plan.runs);
    // The first run also builds the world.
    gatherer.add(&mut simulator, 0);
    gatherer.take(&columns);
    let begun = Instant::now();
    for place in 0..sample {
        gatherer.add(&mut simulator, place * plan.runs / sample);
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
