//! One part of a plan, simulated into memory.

use super::execute::{OnFailure, Progress};
use super::manifest::{part_file, part_record};
use super::plan::Plan;
use super::record::commit;
use super::store::{Store, StoreError};
use super::tables::{Gatherer, columns, folder};
use crate::engine::RunFailure;
use crate::output::{Metadata, TableWriter, sha256};
use arrow_array::RecordBatch;
use parquet::errors::ParquetError;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// A whole file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The name in a store.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The SHA-256 of the bytes, in hex.
    pub sha256: String,
}

impl File {
    /// A file of these bytes.
    pub fn new(name: String, bytes: Vec<u8>) -> Self {
        Self {
            sha256: sha256(&bytes),
            name,
            bytes,
        }
    }
}

/// A part of a plan: the files that it comes to, the same whoever makes it.
#[derive(Clone, Debug)]
pub struct Part {
    /// Which part, from 0.
    pub number: u64,
    /// A file for each table.
    pub files: Vec<File>,
    /// How many runs it holds.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
}

impl Part {
    /// Puts the part into a store: its files, and at last the record that they are whole. `mend` puts
    /// them also in the place of others.
    ///
    /// # Errors
    /// When the store has other bytes there and that is not to be mended, or cannot be written.
    pub fn commit(&self, store: &dyn Store, mend: bool) -> Result<(), StoreError> {
        commit(store, &part_record(self.number), &self.files, mend)
    }
}

/// The rows that a part of a plan comes to, the same whoever makes it.
#[derive(Clone, Debug)]
pub struct PartRows {
    /// Which part, from 0.
    pub number: u64,
    /// The rows of each table, in the order of the plan's tables.
    pub tables: Vec<Vec<RecordBatch>>,
    /// How many runs it holds.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// Why a part could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PartError {
    /// A run failed, and that was to end the work.
    #[error(
        "run {run} (point {point}: {values}) failed; --on-failure record goes on past failed runs"
    )]
    Run {
        /// The part.
        part: u64,
        /// The run.
        run: u64,
        /// Its point.
        point: u32,
        /// The point's values.
        values: String,
        /// Why it failed.
        source: RunFailure,
    },
    /// The Parquet writer refused a table.
    #[error("part {part} cannot be written as Parquet")]
    Parquet {
        /// The part.
        part: u64,
        /// Why.
        source: ParquetError,
    },
}

impl PartError {
    /// The part that could not be made.
    pub fn part(&self) -> u64 {
        match self {
            Self::Run { part, .. } | Self::Parquet { part, .. } => *part,
        }
    }
}

/// How parts are made; none of it changes what they hold.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Asks for an end, before the part is whole.
    pub stop: &'a AtomicBool,
    /// What to do about a run that fails.
    pub on_failure: OnFailure,
    /// Hears of runs that are done.
    pub progress: &'a dyn Progress,
}

/// The rows of a piece of a part.
pub(super) struct Piece {
    /// The rows of each table, in the order of the plan's tables.
    pub tables: Vec<Vec<RecordBatch>>,
    /// How many runs it holds.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// A part that is assembled from its pieces, in their order.
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

/// A part that is being written: a Parquet writer for each table.
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
            let writer = TableWriter::new(Vec::new(), &columns(table, plan), metadata);
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

    /// Ends the files.
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

/// Makes one part of a plan after another, in a world that is kept.
pub struct Worker<'p> {
    plan: &'p Plan,
    gatherer: Gatherer<'p>,
}

impl<'p> Worker<'p> {
    /// A worker for a plan.
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            gatherer: Gatherer::new(plan),
        }
    }

    /// The plan.
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// Simulates a part; `None` where it was asked to stop before the end.
    ///
    /// # Errors
    /// When a run failed and that was to end the work, or the Parquet writer refused a table.
    pub fn part(&mut self, part: u64, watch: &Watch) -> Result<Option<Part>, PartError> {
        let writer = PartWriter::begin(self.plan, part, &self.plan.metadata())?;
        match self.assemble(part, watch, writer)? {
            Some(writer) => writer.finish().map(Some),
            None => Ok(None),
        }
    }

    /// Simulates a part, and keeps its rows as they are; `None` where it was asked to stop before the
    /// end.
    ///
    /// # Errors
    /// When a run failed and that was to end the work.
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

    /// Simulates a piece of a part; `None` where it was asked to stop before the end.
    pub(super) fn piece(
        &mut self,
        part: u64,
        runs: Range<u64>,
        watch: &Watch,
    ) -> Result<Option<Piece>, PartError> {
        let made = self.simulate(part, runs, watch);
        if !matches!(made, Ok(Some(_))) {
            // Rows of a part that was given up belong to no other.
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
            // Often enough to be seen, and seldom enough to cost nothing.
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
