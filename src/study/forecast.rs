//! Forecasts the time, size and memory of a sweep from expected counts. A few simulated runs correct these if runs
//! are short.

use super::cost::Cost;
use super::gather::Gatherer;
use super::plan::Plan;
use crate::engine::{Model, RunOf, Seeds, Simulator};
use crate::output::{Column, TableWriter};
use arrow_array::RecordBatch;
use parquet::errors::ParquetError;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Expected time, size and memory of a sweep.
#[derive(Clone, Copy, Debug)]
pub struct Forecast {
    /// Seconds of one thread for all runs.
    pub seconds: f64,
    /// Bytes of all files.
    pub bytes: f64,
    /// Bytes of memory for each thread, besides the memory of the plan.
    pub memory: f64,
    /// Number of runs measured; 0 if the forecast rests on expected counts alone.
    pub measured: u64,
}

impl Forecast {
    /// Returns the forecast from expected counts alone.
    pub fn of(plan: &Plan) -> Self {
        let expected = &plan.expected;
        let tables = plan.spec.output.tables.len() as f64;
        Self {
            seconds: expected.nanoseconds * 1e-9,
            bytes: expected.bytes * COMPRESSED + tables * FOOTER * plan.parts.count as f64,
            // Gathered rows, encoded files and files being written coexist: up to three copies.
            memory: expected.largest.1 + 3.0 * expected.part_bytes,
            measured: 0,
        }
    }

    /// Returns the forecast corrected by measuring: a few runs if they are short, else the pace of this machine. A
    /// sweep too short to be worth measuring is not measured.
    pub fn measured(plan: &Plan) -> Self {
        let counted = Self::of(plan);
        if counted.seconds < WORTH_MEASURING {
            return counted;
        }
        measure(plan, &counted).unwrap_or_else(|| Self {
            seconds: counted.seconds * pace(&plan.spec.model),
            ..counted
        })
    }
}

/// Returns the ratio of measured to expected time of a common run on this machine, at this moment.
fn pace(model: &Model) -> f64 {
    let setting = model.setting();
    let mut simulator = Simulator::new(model, &[]);
    let mut simulate = || {
        let begun = Instant::now();
        let runs = model.together(&setting);
        let worlds: Vec<u64> = (0..runs as u64).collect();
        let batch = simulator.batch(&setting);
        batch.begin(worlds.iter().map(|&world| RunOf {
            setting: &setting,
            seeds: Seeds { root: 0, world },
        }));
        while batch.going_on() > 0 {
            batch.advance();
        }
        begun.elapsed().as_secs_f64() / runs as f64
    };
    // The first simulation also builds the world.
    simulate();
    simulate().min(simulate()) / (model.nanoseconds(&setting) * 1e-9)
}

/// Share of a table's bytes left after compression.
const COMPRESSED: f64 = 0.8;

/// Bytes of a file besides its rows.
const FOOTER: f64 = 17_000.0;

/// Least expected seconds of a sweep that is measured; a shorter one takes less time than building a world.
const WORTH_MEASURING: f64 = 0.01;

/// Most runs measured.
const SAMPLE: u64 = 2048;

/// Least runs measured for an estimate of size: with fewer, values rarely repeat, so that little is compressed.
const ENOUGH_FOR_SIZE: u64 = 16;

/// Time after which measuring begins no more runs.
const PATIENCE: Duration = Duration::from_millis(400);

/// Greatest expected time of runs simulated together that are still measured, in nanoseconds.
const LONGEST: f64 = 100e6;

/// A table in memory: rows as in the files of a sweep, and the size of a file with the first of them alone.
struct Encoded<'p> {
    columns: &'p [Column],
    writer: TableWriter<Vec<u8>>,
    frame: Option<f64>,
}

impl<'p> Encoded<'p> {
    fn new(columns: &'p [Column]) -> Result<Self, ParquetError> {
        Ok(Self {
            columns,
            writer: TableWriter::new(Vec::new(), columns, &Vec::new())?,
            frame: None,
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        if self.frame.is_none() && batch.num_rows() > 0 {
            let mut one = Self::new(self.columns)?;
            one.writer.write(&batch.slice(0, 1))?;
            self.frame = Some(one.writer.finish()?.len() as f64);
        }
        self.writer.write(batch)
    }

    /// Returns the bytes of all rows but the first, and those of a file with the first.
    fn sizes(self) -> Result<(f64, f64), ParquetError> {
        let whole = self.writer.finish()?.len() as f64;
        let frame = self.frame.unwrap_or(whole);
        Ok((whole - frame, frame))
    }
}

/// Simulates and encodes some runs spread over the sweep.
fn measure(plan: &Plan, counted: &Forecast) -> Option<Forecast> {
    let most = SAMPLE.min(plan.runs);
    let cost = Cost::new(&plan.spec);
    let expected = |run: u64| cost.nanoseconds(&plan.setting(plan.place(run).0));
    let spread = |place: u64| (u128::from(place) * u128::from(plan.runs) / u128::from(most)) as u64;
    let is_short = |run: &u64| {
        let setting = plan.setting(plan.place(*run).0);
        cost.nanoseconds(&setting) * plan.spec.model.together(&setting) as f64 <= LONGEST
    };
    let sample: Vec<_> = (0..most).map(spread).filter(is_short).collect();
    let (mut gatherer, never) = (Gatherer::new(plan), AtomicBool::new(false));
    let columns: Vec<Vec<Column>> = gatherer.columns().map(<[Column]>::to_vec).collect();
    let files = columns.iter().map(|columns| Encoded::new(columns));
    let mut files = files.collect::<Result<Vec<_>, _>>().ok()?;
    let mut runs = sample.iter().copied().peekable();
    let (mut begun, mut first, mut done) = (Instant::now(), 0, 0);
    while runs.peek().is_some() && begun.elapsed() < PATIENCE {
        done += gatherer.add(&mut runs, &never, |_, _| {})?;
        if gatherer.is_full() {
            for (file, batch) in files.iter_mut().zip(gatherer.take()) {
                file.write(&batch).ok()?;
            }
        }
        if first == 0 && runs.peek().is_some() && begun.elapsed() < PATIENCE / 2 {
            // The first runs also built the world: they count only if no time is left for others.
            first = done;
            begun = Instant::now();
        }
    }
    if done == 0 {
        return None;
    }
    let metadata: usize = plan.metadata().iter().map(|(k, v)| k.len() + v.len()).sum();
    let (mut bytes, mut frames) = (0.0, (metadata * files.len()) as f64);
    for (mut file, batch) in files.into_iter().zip(gatherer.take()) {
        file.write(&batch).ok()?;
        let (rows, frame) = file.sizes().ok()?;
        bytes += rows;
        frames += frame;
    }
    let seconds = begun.elapsed().as_secs_f64();

    // The ratio of measured to expected time is the same for all runs as for these.
    let tried = &sample[..done as usize];
    let timed = tried[first as usize..].iter().map(|&run| expected(run));
    let share = plan.expected.nanoseconds / timed.sum::<f64>();
    let all_bytes = plan.expected.bytes;
    let tried_bytes: f64 = tried
        .iter()
        .map(|&run| cost.bytes(&plan.setting(plan.place(run).0)))
        .sum();
    let in_all = bytes * all_bytes / tried_bytes;
    Some(Forecast {
        seconds: seconds * share,
        bytes: match done >= ENOUGH_FOR_SIZE {
            true => in_all + frames * plan.parts.count as f64,
            false => counted.bytes,
        },
        measured: done,
        ..*counted
    })
}
