//! Running a sweep: parts in parallel, each simulated and written by one worker, exactly once.

use super::dataset::{Dataset, DatasetError, Existing, POINTS};
use super::plan::Plan;
use super::rows::{Gatherer, points_batch, points_columns, table_columns};
use crate::output::{Column, Metadata, OutputError, TableWriter};
use crate::run::Simulator;
use crate::world::RunFailure;
use rayon::prelude::*;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What to do about a run that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Its row says so, and the sweep goes on.
    #[default]
    Record,
    /// The sweep stops; the parts written so far stay.
    Stop,
}

/// How a sweep is run; none of it changes what is written.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Workers, at least 1.
    pub threads: usize,
    /// Whether to finish a dataset that is there.
    pub resume: bool,
    /// Which slice of the parts to run: I of N, I from 1.
    pub shard: Option<(u64, u64)>,
    /// What to do about a run that fails.
    pub on_failure: OnFailure,
}

/// Hears how a sweep goes.
pub trait Progress: Sync {
    /// There are `runs` runs to do.
    fn begin(&self, runs: u64);
    /// So many more are done.
    fn advance(&self, runs: u64);
    /// Nothing more will come.
    fn end(&self);
}

/// What a sweep did.
#[derive(Debug)]
pub struct Swept {
    /// The dataset.
    pub dataset: Dataset,
    /// Runs simulated.
    pub runs: u64,
    /// Parts of the slice that were whole already.
    pub parts_kept: usize,
    /// Parts of the slice.
    pub parts: usize,
    /// Runs that failed, of those simulated.
    pub failed: u64,
    /// Whether it was asked to stop before its end.
    pub interrupted: bool,
}

/// Why a sweep ended before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The directory cannot be used.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A part could not be written. Parts already written stay.
    #[error("the sweep stopped; --resume goes on where it stopped")]
    Output(#[from] OutputError),
    /// A run failed, and that was to stop the sweep.
    #[error(
        "run {run} (point {point}: {values}) failed; --on-failure record goes on past failed runs"
    )]
    Run {
        /// The run.
        run: u64,
        /// Its point.
        point: u32,
        /// The point's values.
        values: String,
        /// Why it failed.
        source: RunFailure,
    },
    /// The worker threads could not be started.
    #[error("cannot start {threads} threads; take fewer")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why.
        source: rayon::ThreadPoolBuildError,
    },
}

/// Runs a plan into a directory. `stop` asks for a clean end.
///
/// # Errors
/// When the directory cannot be used or written, or a run failed and that was to stop the sweep.
pub fn sweep(
    plan: &Plan,
    directory: &Path,
    options: Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Swept, SweepError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build()
        .map_err(|source| SweepError::Threads {
            threads: options.threads,
            source,
        })?;
    // Another shard may have made the dataset.
    let existing = if options.resume || options.shard.is_some() {
        Existing::Join
    } else {
        Existing::Refuse
    };
    let dataset = Dataset::prepare(directory, plan, existing)?;
    pool.install(|| {
        write_points(plan, &dataset)?;
        let slice = slice(&dataset, options.shard);
        let todo = missing(&dataset, &slice)?;
        for &part in &slice {
            let record = Dataset::part_record(part);
            dataset.remove_leftovers(dataset.part_files(part).iter().chain([&record]))?;
        }
        if !options.resume && todo.len() < slice.len() {
            return Err(DatasetError::Exists {
                path: directory.to_owned(),
            }
            .into());
        }
        let runs_of = |part: &u64| {
            let runs = plan.part_runs(*part);
            runs.end - runs.start
        };
        progress.begin(todo.iter().map(runs_of).sum());
        let work = Work {
            plan,
            dataset: &dataset,
            columns: table_columns(plan),
            metadata: dataset.metadata(),
            on_failure: options.on_failure,
            progress,
            stop,
            failed: AtomicU64::new(0),
            runs: AtomicU64::new(0),
        };
        let outcome = work.run(&todo);
        progress.end();
        outcome?;
        Ok(Swept {
            runs: work.runs.into_inner(),
            failed: work.failed.into_inner(),
            parts_kept: slice.len() - todo.len(),
            parts: slice.len(),
            interrupted: stop.load(Ordering::Relaxed),
            dataset: dataset.clone(),
        })
    })
}

/// The parts of a shard: every N-th, so that slow points are shared out.
fn slice(dataset: &Dataset, shard: Option<(u64, u64)>) -> Vec<u64> {
    let (number, of) = shard.unwrap_or((1, 1));
    (0..dataset.manifest.parts)
        .filter(|part| part % of == number - 1)
        .collect()
}

/// The parts that are not whole.
fn missing(dataset: &Dataset, parts: &[u64]) -> Result<Vec<u64>, OutputError> {
    let whole: Vec<_> = parts
        .par_iter()
        .map(|&part| Ok(dataset.check_part(part)?.is_empty()))
        .collect::<Result<_, OutputError>>()?;
    Ok(parts
        .iter()
        .zip(whole)
        .filter(|pair| !pair.1)
        .map(|pair| *pair.0)
        .collect())
}

/// Writes the table of points, unless it is there.
fn write_points(plan: &Plan, dataset: &Dataset) -> Result<(), OutputError> {
    let file = [POINTS.to_owned()];
    dataset.remove_leftovers([&file[0], &Dataset::POINTS_RECORD.to_owned()])?;
    if dataset.check(Dataset::POINTS_RECORD, &file)?.is_empty() {
        return Ok(());
    }
    const POINTS_PER_BATCH: u32 = 1 << 14;
    let columns = points_columns(plan);
    let path = dataset.directory.join(POINTS);
    let mut writer = TableWriter::create(&path, &columns, &dataset.metadata())?;
    for first in (0..plan.points).step_by(POINTS_PER_BATCH as usize) {
        let points = first..first.saturating_add(POINTS_PER_BATCH).min(plan.points);
        writer.write(&points_batch(plan, points, &columns))?;
    }
    let [name] = file;
    let written = writer.finish()?.publish()?;
    dataset.record(Dataset::POINTS_RECORD, &[(name, written.sha256)])
}

/// What workers share.
struct Work<'a> {
    plan: &'a Plan,
    dataset: &'a Dataset,
    columns: Vec<Vec<Column>>,
    metadata: Metadata,
    on_failure: OnFailure,
    progress: &'a dyn Progress,
    stop: &'a AtomicBool,
    failed: AtomicU64,
    runs: AtomicU64,
}

impl Work<'_> {
    /// Lets every thread of the pool take one part after another. The first error ends the work.
    fn run(&self, parts: &[u64]) -> Result<(), SweepError> {
        let next = AtomicUsize::new(0);
        let first_error = Mutex::new(None);
        let halt = AtomicBool::new(false);
        rayon::broadcast(|_| {
            let mut simulator = Simulator::new();
            while let Some(&part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                let done = self.part(part, &mut simulator, &halt);
                if let Err(error) = done {
                    halt.store(true, Ordering::Relaxed);
                    let mut first = first_error.lock().expect("no worker panics with it");
                    first.get_or_insert(error);
                }
                if halt.load(Ordering::Relaxed) || self.stop.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        let error = first_error.into_inner().expect("no worker panics with it");
        error.map_or(Ok(()), Err)
    }

    /// Simulates and writes one part. A part that is cut short leaves nothing.
    fn part(
        &self,
        part: u64,
        simulator: &mut Simulator,
        halt: &AtomicBool,
    ) -> Result<(), SweepError> {
        let files = self.dataset.part_files(part);
        let mut writers = files
            .iter()
            .zip(&self.columns)
            .map(|(file, columns)| {
                TableWriter::create(&self.dataset.directory.join(file), columns, &self.metadata)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut gatherer = Gatherer::new(self.plan);
        let mut unreported = 0;
        let mut runs = self.plan.part_runs(part).peekable();
        while runs.peek().is_some() {
            if self.stop.load(Ordering::Relaxed) || halt.load(Ordering::Relaxed) {
                return Ok(());
            }
            let mut first_failure = None;
            unreported += gatherer.add(simulator, &mut runs, |run, source| {
                self.failed.fetch_add(1, Ordering::Relaxed);
                first_failure.get_or_insert((run, source));
            });
            if let Some((run, source)) = first_failure
                && self.on_failure == OnFailure::Stop
            {
                let (point, _) = self.plan.place(run);
                return Err(SweepError::Run {
                    run,
                    point,
                    values: self.plan.describe(point),
                    source,
                });
            }
            if unreported >= 64 {
                self.report(&mut unreported);
            }
            if gatherer.is_full() {
                self.write(&mut gatherer, &mut writers)?;
            }
        }
        self.report(&mut unreported);
        self.write(&mut gatherer, &mut writers)?;

        // Every table is on the disk before any takes its name, and all have theirs before the
        // record says so.
        let whole = writers
            .into_iter()
            .map(TableWriter::finish)
            .collect::<Result<Vec<_>, _>>()?;
        let mut sums = Vec::with_capacity(whole.len());
        for (name, file) in files.into_iter().zip(whole) {
            sums.push((name, file.publish()?.sha256));
        }
        self.dataset.record(&Dataset::part_record(part), &sums)?;
        Ok(())
    }

    fn report(&self, runs: &mut u64) {
        self.progress.advance(*runs);
        self.runs.fetch_add(*runs, Ordering::Relaxed);
        *runs = 0;
    }

    fn write(
        &self,
        gatherer: &mut Gatherer,
        writers: &mut [TableWriter],
    ) -> Result<(), OutputError> {
        for (writer, batch) in writers.iter_mut().zip(gatherer.take(&self.columns)) {
            writer.write(&batch)?;
        }
        Ok(())
    }
}
