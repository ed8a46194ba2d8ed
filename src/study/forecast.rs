//! What a sweep will take: time, size and memory, from counts; and, where runs are short, held against
//! a few of them, simulated into memory.

use super::cost::Cost;
use super::plan::Plan;
use super::tables::Gatherer;
use crate::output::TableWriter;
use crate::run::Simulator;
use std::time::{Duration, Instant};

/// What a sweep will take.
#[derive(Clone, Copy, Debug)]
pub struct Forecast {
    /// Seconds of one thread, for all runs.
    pub seconds: f64,
    /// Bytes of all files.
    pub bytes: f64,
    /// Bytes of memory for each thread, besides the plan's.
    pub memory: f64,
    /// Runs that it was measured on; 0 where it is from counts alone.
    pub measured: u64,
}

impl Forecast {
    /// From counts alone.
    pub fn of(plan: &Plan) -> Self {
        let expected = &plan.expected;
        let tables = plan.spec.output.tables.len() as f64;
        Self {
            seconds: expected.nanoseconds * 1e-9,
            bytes: expected.bytes * COMPRESSED + tables * FOOTER * plan.parts.count as f64,
            // What is gathered, encoded and put is there up to three times.
            memory: expected.largest.1 + 3.0 * expected.part_bytes,
            measured: 0,
        }
    }

    /// Held against a few runs, where that takes no second; else from counts alone.
    pub fn measured(plan: &Plan) -> Self {
        let counted = Self::of(plan);
        measure(plan, &counted).unwrap_or(counted)
    }
}

/// What is left of a byte of a table.
const COMPRESSED: f64 = 0.8;

/// What a file takes besides its rows.
const FOOTER: f64 = 12_000.0;

/// Runs that are measured at the most.
const SAMPLE: u64 = 2048;

/// How long measuring may go on before another run is begun.
const PATIENCE: Duration = Duration::from_millis(400);

/// A run that is expected to take longer is not tried.
const LONGEST: f64 = 50e6;

/// Simulates and encodes a handful of runs spread over the sweep.
fn measure(plan: &Plan, counted: &Forecast) -> Option<Forecast> {
    let most = SAMPLE.min(plan.runs);
    let cost = Cost::new(plan);
    let expected = |run: u64| cost.nanoseconds(&plan.setting(plan.place(run).0));
    let spread = |place: u64| (u128::from(place) * u128::from(plan.runs) / u128::from(most)) as u64;
    let sample: Vec<_> = (0..most)
        .map(spread)
        .filter(|&run| expected(run) < LONGEST)
        .collect();
    // Neighbours are simulated together; so are runs of the sample, whatever parts them.
    let (mut simulator, mut gatherer) = (Simulator::new(), Gatherer::new(plan));
    // The first ones also build the world.
    let warm = sample.first().copied();
    gatherer.add(&mut simulator, &mut warm.into_iter().peekable(), |_, _| {});
    gatherer.take();

    let begun = Instant::now();
    let (mut runs, mut done, mut bytes) = (sample.iter().copied().peekable(), 0, 0.0);
    let mut writers = gatherer
        .columns()
        .map(|columns| TableWriter::new(Vec::new(), columns, &Vec::new()))
        .collect::<Result<Vec<_>, _>>()
        .ok()?;
    while runs.peek().is_some() && begun.elapsed() < PATIENCE {
        done += gatherer.add(&mut simulator, &mut runs, |_, _| {});
        if gatherer.is_full() {
            for (writer, batch) in writers.iter_mut().zip(gatherer.take()) {
                writer.write(&batch).ok()?;
            }
        }
    }
    if done == 0 {
        return None;
    }
    for (mut writer, batch) in writers.into_iter().zip(gatherer.take()) {
        writer.write(&batch).ok()?;
        bytes += writer.finish().ok()?.len() as f64;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let empty = gatherer
        .columns()
        .map(|columns| {
            let writer = TableWriter::new(Vec::new(), columns, &Vec::new())?;
            Ok(writer.finish()?.len() as f64)
        })
        .sum::<Result<f64, parquet::errors::ParquetError>>()
        .ok()?;
    let metadata: usize = plan.metadata().iter().map(|(k, v)| k.len() + v.len()).sum();
    let footers = empty + (metadata * plan.spec.output.tables.len()) as f64;

    // What all runs take is to what these took as what was expected of each.
    let tried = &sample[..done as usize];
    let share = plan.expected.nanoseconds / tried.iter().map(|&run| expected(run)).sum::<f64>();
    let all_bytes = plan.expected.bytes;
    let tried_bytes: f64 = tried
        .iter()
        .map(|&run| cost.bytes(&plan.setting(plan.place(run).0)))
        .sum();
    Some(Forecast {
        seconds: seconds * share,
        bytes: (bytes - empty).max(0.0) * all_bytes / tried_bytes
            + footers * plan.parts.count as f64,
        measured: done,
        ..*counted
    })
}
