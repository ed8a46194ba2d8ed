//! Simulates one run in detail, with every table of a single run.

#[cfg(feature = "files")]
use super::dataset::Dataset;
#[cfg(feature = "files")]
use super::plan::world;
#[cfg(feature = "files")]
use super::points::{RunOfError, run_of};
use super::spec::Spec;
use super::tables::{RUNS, outcome};
use super::world::World;
use crate::engine::{Batch, Model, Moment, Output, RunFailure, RunOf, Seeds, Setting, TableRows};
use crate::output::{Column, Metadata, batch, metadata};
use arrow_array::RecordBatch;
use fearless_simd::Level;
use std::sync::atomic::{AtomicBool, Ordering};

/// Run to be simulated alone.
#[derive(Clone, Debug)]
pub struct Single {
    /// Model.
    pub model: Model,
    /// Setting.
    pub setting: Setting,
    /// Root seed.
    pub seed: u64,
    /// Random world.
    pub world: World,
}

/// End of a run.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Last day simulated; the day of the failure in a failed run.
    pub last_day: u32,
    /// Reason why the run did not reach its horizon; `None` if it did.
    pub failure: Option<RunFailure>,
    /// Outcomes: one row, with the columns of a sweep's table of runs.
    pub outcome: RecordBatch,
}

/// Table handed over while the run continues: tables with rows for every participant, proposal and edge grow with the
/// cube of its days.
struct Gathering {
    table: Output,
    columns: Vec<Column>,
    rows: TableRows,
}

impl Gathering {
    /// Rows at which a table is handed over; the days of any run fit in one batch.
    const ENOUGH: usize = 1 << 16;

    /// Hands over the rows in batches; returns `None` if stopped before the last.
    fn hand_over<E>(
        &mut self,
        stop: &AtomicBool,
        mut give: impl FnMut(RecordBatch) -> Result<(), E>,
    ) -> Result<Option<()>, E> {
        let rows = batch(&self.columns, self.rows.arrays());
        let mut first = 0;
        loop {
            let count = Self::ENOUGH.min(rows.num_rows() - first);
            give(rows.slice(first, count))?;
            first += count;
            if first == rows.num_rows() {
                return Ok(Some(()));
            }
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
        }
    }
}

impl Single {
    /// Returns the run defined by a spec's seed and base setting.
    pub fn of(spec: &Spec) -> Self {
        Self {
            model: spec.model.clone(),
            setting: spec.base.clone(),
            seed: spec.seed,
            world: spec.world,
        }
    }

    /// Returns run number `run` of a dataset.
    ///
    /// # Errors
    /// When the dataset has no such run, is broken or has another version.
    #[cfg(feature = "files")]
    pub fn of_dataset(dataset: &Dataset, model: &Model, run: u64) -> Result<Self, RunOfError> {
        let of = run_of(dataset, model, run)?;
        Ok(Self {
            world: world(of.randomness, run, of.replicate),
            model: of.model,
            setting: of.setting,
            seed: of.seed,
        })
    }

    /// Returns the setting as TOML for `conviction run --config`.
    pub fn text(&self) -> String {
        let mut spec = Spec::of(&self.model);
        spec.seed = self.seed;
        spec.world = self.world;
        spec.base = self.setting.clone();
        spec.run_text()
    }

    /// Returns the metadata of every file of the run.
    pub fn metadata(&self) -> Metadata {
        metadata(&[
            ("seed", self.seed.to_string()),
            ("world", self.world.0.to_string()),
            ("spec", self.text()),
        ])
    }

    /// Returns the tables that only a single run writes.
    pub fn detail(&self) -> impl Iterator<Item = Output> + '_ {
        let outputs = self.model.outputs().iter();
        outputs.filter(|table| table.folder.is_none()).copied()
    }

    /// Returns the bytes of memory that the run is expected to need with these tables.
    pub fn bytes(&self, tables: &[Output]) -> f64 {
        /// Bytes of a row kept until the run ends, including the engine's data about it.
        const ROW: f64 = 200.0;
        let at_end = tables.iter().filter(|table| table.moment == Moment::End);
        let rows: f64 = at_end.map(|table| (table.rows)(&self.setting)).sum();
        self.model.bytes(&self.setting, 1.0) + ROW * rows
    }

    /// Simulates the run. Hands over the rows of `tables` with their place in that list, in at least one batch per
    /// table. A failed run hands over its rows up to the failure. Returns `None` if stopped before the end.
    ///
    /// # Errors
    /// When `give` fails.
    pub fn simulate<E>(
        &self,
        tables: &[Output],
        stop: &AtomicBool,
        mut give: impl FnMut(usize, RecordBatch) -> Result<(), E>,
    ) -> Result<Option<Ended>, E> {
        let Self { model, setting, .. } = self;
        let mut names: Vec<_> = tables.iter().map(|table| table.name).collect();
        names.push(RUNS);
        let mut run = Batch::new(model, setting, &names, Level::new());
        let seeds = Seeds {
            root: self.seed,
            world: self.world.0,
        };
        let mut gathering: Vec<_> = tables
            .iter()
            .map(|table| Gathering {
                table: *table,
                columns: model.columns(table.name),
                rows: TableRows::new(model, table.name),
            })
            .collect();
        let runs = std::iter::once(RunOf { setting, seeds });
        if !run.begin_unless(runs, || stop.load(Ordering::Relaxed)) {
            return Ok(None);
        }
        let mut not_finite;
        loop {
            run.look(|_| true);
            not_finite = run.not_finite(0);
            if not_finite.is_some() {
                // Drops the rows of this day.
                for table in tables {
                    let mut rows = TableRows::new(model, table.name);
                    run.take(0, &mut rows);
                }
                break;
            }
            let daily = gathering.iter_mut().enumerate();
            for (place, table) in daily.filter(|(_, of)| of.table.moment == Moment::Day) {
                run.take(0, &mut table.rows);
                if table.rows.len() >= Gathering::ENOUGH
                    && table.hand_over(stop, |rows| give(place, rows))?.is_none()
                {
                    return Ok(None);
                }
            }
            if run.going_on() == 0 {
                break;
            }
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            run.advance();
        }
        // Some tables share columns with those of days, whose rows have been taken.
        run.look_at_ends();
        let not_finite = not_finite.or_else(|| run.not_finite(0));
        for (place, table) in gathering.iter_mut().enumerate() {
            if table.table.moment == Moment::End {
                run.take(0, &mut table.rows);
            }
            if table.hand_over(stop, |rows| give(place, rows))?.is_none() {
                return Ok(None);
            }
        }
        let mut rows = TableRows::new(model, RUNS);
        run.take(0, &mut rows);
        let ended = run.run(0);
        let not_finite = not_finite.map(|not_finite| not_finite.failure(ended.day));
        let failure = run.failure(0).cloned().or(not_finite);
        Ok(Some(Ended {
            last_day: ended.day,
            outcome: outcome(model, ended, failure.as_ref(), rows.arrays()),
            failure,
        }))
    }
}
