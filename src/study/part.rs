//! One part of a plan, simulated into memory.

use super::file::File;
use super::gather::Gatherer;
use super::manifest::{part_file, part_record};
use super::plan::Plan;
use super::progress::{OnFailure, Progress};
use super::record::commit;
use super::store::{Store, StoreError};
use super::tables::folder;
use crate::engine::RunFailure;
use crate::output::{Metadata, TableWriter};
use arrow_array::RecordBatch;
use parquet::errors::ParquetError;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Files of a part of a plan, the same whichever process makes it.
#[derive(Clone, Debug)]
pub struct Part {
    /// Number of the part, from 0.
    pub number: u64,
    /// Files, one for each table.
    pub files: Vec<File>,
    /// Number of runs.
    pub runs: u64,
    /// Number of failed runs.
    pub failed: u64,
}

impl Part {
    /// Commits the part to a store: its files, then the record that they are complete. `mend` overwrites differing
    /// files.
    ///
    /// # Errors
    /// When the store holds different bytes and `mend` is false, or cannot be written.
    pub fn commit(&self, store: &dyn Store, mend: bool) -> Result<(), StoreError> {
        commit(store, &part_record(self.number), &self.files, mend)
    }
}

/// Rows of a part of a plan, the same whichever process makes it.
#[derive(Clone, Debug)]
pub struct PartRows {
    /// Number of the part, from 0.
    pub number: u64,
    /// Rows of each table, in the order of the plan's tables.
    pub tables: Vec<Vec<RecordBatch>>,
    /// Number of runs.
    pub runs: u64,
    /// Number of failed runs.
    pub failed: u64,
}

/// Reasons why a part could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PartError {
    /// A run failed, and the work was to stop at the first failure.
    #[error(
        "run {run} (point {point}: {values}) failed; --on-failure record continues past failed runs"
    )]
    Run {
        /// Number of the part.
        part: u64,
        /// Number of the run.
        run: u64,
        /// Point of the run.
        point: u32,
        /// Values of the point.
        values: String,
        /// Cause.
        source: RunFailure,
    },
    /// The Parquet writer refused a table.
    #[error("part {part} cannot be written as Parquet")]
    Parquet {
        /// Number of the part.
        part: u64,
        /// Cause.
        source: ParquetError,
    },
}

impl PartError {
    /// Returns the number of the part that could not be made.
    pub fn part(&self) -> u64 {
        match self {
            Self::Run { part, .. } | Self::Parquet { part, .. } => *part,
        }
    }
}

/// Controls of the making of parts; none changes their content.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Flag that stops the work before the part is complete.
    pub stop: &'a AtomicBool,
    /// How to handle failed runs.
    pub on_failure: OnFailure,
    /// Receiver of the number of finished runs.
    pub progress: &'a dyn Progress,
}

/// Rows of a piece of a part.
pub(super) struct Piece {
    /// Rows of each table, in the order of the plan's tables.
    pub tables: Vec<Vec<RecordBatch>>,
    /// Number of runs.
    pub runs: u64,
    /// Number of failed runs.
    pub failed: u64,
}

/// Part assembled from its pieces, in their order.
pub(super) trait Assembly {
    /// Adds the next piece.
    fn add(&mut self, piece: Piece) -> Result<(), PartError>;
}

impl PartRows {
    /// Begins a part without rows.
    pub(super) fn begin(plan: &Plan, part: u64) -> Self {
        Self {
            number: part,
            tables: vec![Vec::new(); plan.spec.output.tables.len()],
            runs: 0,
            failed: 0,
        }
    }
}

impl Assembly for PartRows {
    fn add(&mut self, piece: Piece) -> Result<(), PartError> {
        for (rows, batches) in self.tables.iter_mut().zip(piece.tables) {
            rows.extend(batches);
        }
        self.runs += piece.runs;
        self.failed += piece.failed;
        Ok(())
    }
}

/// Part being written: a Parquet writer for each table.
pub(super) struct PartWriter<'p> {
    plan: &'p Plan,
    part: u64,
    writers: Vec<TableWriter<Vec<u8>>>,
    runs: u64,
    failed: u64,
}

impl<'p> PartWriter<'p> {
    /// Begins the files of a part, each with this metadata.
    pub(super) fn begin(plan: &'p Plan, part: u64, metadata: &Metadata) -> Result<Self, PartError> {
        let tables = plan.spec.output.tables.iter();
        let writers = tables.map(|table| {
            let writer = TableWriter::new(Vec::new(), &plan.spec.columns_of(table), metadata);
            writer.map_err(|source| PartError::Parquet { part, source })
        });
        Ok(Self {
            writers: writers.collect::<Result<_, _>>()?,
            plan,
            part,
            runs: 0,
            failed: 0,
        })
    }

    /// Completes the files.
    pub(super) fn finish(self) -> Result<Part, PartError> {
        let part = self.part;
        let tables = self.plan.spec.output.tables.iter();
        let files = tables.zip(self.writers).map(|(table, writer)| {
            let bytes = writer
                .finish()
                .map_err(|source| PartError::Parquet { part, source })?;
            Ok(File::new(part_file(folder(table), part), bytes))
        });
        Ok(Part {
            number: part,
            files: files.collect::<Result<_, _>>()?,
            runs: self.runs,
            failed: self.failed,
        })
    }
}

impl Assembly for PartWriter<'_> {
    fn add(&mut self, piece: Piece) -> Result<(), PartError> {
        for (writer, batches) in self.writers.iter_mut().zip(piece.tables) {
            let mut written = batches.iter().map(|batch| writer.write(batch));
            written
                .try_for_each(|written| written)
                .map_err(|source| PartError::Parquet {
                    part: self.part,
                    source,
                })?;
        }
        self.runs += piece.runs;
        self.failed += piece.failed;
        Ok(())
    }
}

/// Maker of a plan's parts, which reuses one simulated world.
pub struct Worker<'p> {
    plan: &'p Plan,
    gatherer: Gatherer<'p>,
}

impl<'p> Worker<'p> {
    /// Returns a worker for a plan.
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            gatherer: Gatherer::new(plan),
        }
    }

    /// Returns the plan.
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// Simulates a part; returns `None` if stopped before the end.
    ///
    /// # Errors
    /// When a run failed and the work was to stop, or the Parquet writer refused a table.
    pub fn part(&mut self, part: u64, watch: &Watch) -> Result<Option<Part>, PartError> {
        let writer = PartWriter::begin(self.plan, part, &self.plan.metadata())?;
        match self.assemble(part, watch, writer)? {
            Some(writer) => writer.finish().map(Some),
            None => Ok(None),
        }
    }

    /// Simulates a part and returns its rows unencoded; `None` if stopped before the end.
    ///
    /// # Errors
    /// When a run failed and the work was to stop.
    pub fn rows(&mut self, part: u64, watch: &Watch) -> Result<Option<PartRows>, PartError> {
        self.assemble(part, watch, PartRows::begin(self.plan, part))
    }

    fn assemble<A: Assembly>(
        &mut self,
        part: u64,
        watch: &Watch,
        mut assembly: A,
    ) -> Result<Option<A>, PartError> {
        for runs in self.plan.pieces(part) {
            match self.piece(part, runs, watch)? {
                Some(piece) => assembly.add(piece)?,
                None => return Ok(None),
            }
        }
        Ok(Some(assembly))
    }

    /// Simulates a piece of a part; returns `None` if stopped before the end.
    pub(super) fn piece(
        &mut self,
        part: u64,
        runs: Range<u64>,
        watch: &Watch,
    ) -> Result<Option<Piece>, PartError> {
        let made = self.simulate(part, runs, watch);
        if !matches!(made, Ok(Some(_))) {
            // Discards rows of the part that was given up.
            self.gatherer = Gatherer::new(self.plan);
        }
        made
    }

    fn simulate(
        &mut self,
        part: u64,
        runs: Range<u64>,
        watch: &Watch,
    ) -> Result<Option<Piece>, PartError> {
        let mut piece = Piece {
            tables: vec![Vec::new(); self.plan.spec.output.tables.len()],
            runs: runs.end - runs.start,
            failed: 0,
        };
        let mut untold = 0;
        let mut left = runs.peekable();
        while left.peek().is_some() {
            if watch.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let mut first_failure = None;
            let added = self.gatherer.add(&mut left, watch.stop, |run, source| {
                piece.failed += 1;
                first_failure.get_or_insert((run, source));
            });
            let Some(added) = added else {
                return Ok(None);
            };
            untold += added;
            if let Some((run, source)) = first_failure
                && watch.on_failure == OnFailure::Stop
            {
                let (point, _) = self.plan.place(run);
                return Err(PartError::Run {
                    part,
                    run,
                    point,
                    values: self.plan.describe(point),
                    source,
                });
            }
            // Reports often enough for a display, and too rarely to cost time.
            const RUNS_BETWEEN_WORDS: u64 = 64;
            let ended = left.peek().is_none();
            if untold >= RUNS_BETWEEN_WORDS || ended {
                watch.progress.advance(untold);
                untold = 0;
            }
            if ended || self.gatherer.is_full() {
                for (rows, batch) in piece.tables.iter_mut().zip(self.gatherer.take()) {
                    rows.push(batch);
                }
            }
        }
        Ok(Some(piece))
    }
}
