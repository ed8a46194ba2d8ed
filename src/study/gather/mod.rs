//! Simulates runs and gathers their rows, for each table of a plan.

mod ids;
mod kept;
#[cfg(feature = "files")]
pub mod points;
mod valid;

use super::plan::Plan;
use super::tables::{Ends, RUNS};
use crate::engine::{Batch, Moment, Run, RunFailure, RunOf, Seeds, Setting, Simulator, TableRows};
use crate::output::{Column, batch};
use arrow_array::RecordBatch;
use ids::Ids;
use kept::{keep, simulator};
use std::iter::Peekable;
use std::sync::atomic::{AtomicBool, Ordering};
use valid::Again;

/// Table being gathered.
struct Gathering<'p> {
    name: &'static str,
    moment: Moment,
    columns: Vec<Column>,
    /// Marks of the own columns that are written.
    kept: Vec<bool>,
    ids: Ids<'p>,
    ends: Ends,
    rows: TableRows,
}

/// Simulator of a plan's runs that gathers their rows, for each table.
pub struct Gatherer<'p> {
    plan: &'p Plan,
    simulator: Simulator,
    /// True while the simulator holds neither unfinished runs nor rows.
    is_idle: bool,
    tables: Vec<Gathering<'p>>,
    /// Runs simulated together, each with its world, and the settings of their points.
    batch: Vec<(u64, u64)>,
    settings: Vec<(u32, Setting)>,
    /// Second simulation of failed runs.
    again: Option<Again>,
}

impl Gathering<'_> {
    /// Appends the rows that a run has left to the table.
    fn take(&mut self, batch: &mut Batch, place: usize, run: u64) {
        let before = self.rows.len();
        batch.take(place, &mut self.rows);
        self.ids.push(run, self.rows.len() - before);
    }
}

impl<'p> Gatherer<'p> {
    /// Begins without rows.
    pub fn new(plan: &'p Plan) -> Self {
        let model = &plan.spec.model;
        let leaving = plan.spec.output.leaving(model);
        let tables = plan.spec.output.tables.iter().zip(&leaving);
        let tables = tables.map(|(table, leaving)| Gathering {
            name: table.name,
            moment: table.moment,
            columns: plan.spec.columns_of(table),
            kept: plan.spec.written(table),
            ids: Ids::new(plan),
            ends: Ends::default(),
            rows: TableRows::of(model, table.name, &leaving.columns),
        });
        Self {
            plan,
            simulator: simulator(model, &leaving),
            is_idle: true,
            tables: tables.collect(),
            batch: Vec::new(),
            settings: Vec::new(),
            again: None,
        }
    }

    /// Returns the columns of each table.
    pub fn columns(&self) -> impl Iterator<Item = &[Column]> {
        self.tables.iter().map(|table| &*table.columns)
    }

    /// Simulates a batch of the next runs and adds their rows. Calls `failed` with each failed run and the cause.
    /// Returns the number of runs, or `None` if stopped before their end.
    pub fn add(
        &mut self,
        runs: &mut Peekable<impl Iterator<Item = u64>>,
        stop: &AtomicBool,
        mut failed: impl FnMut(u64, RunFailure),
    ) -> Option<u64> {
        self.take_batch(runs);
        self.is_idle = false;
        let Self {
            plan,
            simulator,
            is_idle,
            tables,
            batch: together,
            settings,
            again,
        } = self;
        let setting_of = |run: u64| {
            let (point, _) = plan.place(run);
            let place = settings.binary_search_by_key(&point, |(of, _)| *of);
            &settings[place.unwrap_or(0)].1
        };
        let root = plan.spec.seed;
        let first = &settings.first()?.1;
        let batch = simulator.batch(first);
        let run_of = |&(run, world): &(u64, u64)| RunOf {
            setting: setting_of(run),
            seeds: Seeds { root, world },
        };
        if !batch.begin_unless(together.iter().map(run_of), || stop.load(Ordering::Relaxed)) {
            return None;
        }
        let every = plan.spec.output.every;
        let wanted = |run: &Run| run.day.is_multiple_of(every) || run.day == run.horizon;
        let daily = tables.iter().any(|table| table.moment == Moment::Day);
        loop {
            if daily {
                batch.look(wanted);
            }
            if batch.going_on() == 0 {
                break;
            }
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            batch.advance();
        }
        // Tables of different moments may share columns: rows of days are taken first.
        let mut failures = Vec::with_capacity(together.len());
        for (place, known) in together.iter().enumerate() {
            let (mut from, mut slot) = (&mut *batch, place);
            let mut failure = from.failure(place).cloned();
            if failure.is_none() && from.not_finite(place).is_some() {
                let again = Again::ready(again, plan, first);
                again.drop_rows(from, place);
                failure = again.first_not_finite(run_of(known), wanted);
                if let Some(failure) = &failure {
                    (from, slot) = (again.valid_days(run_of(known), failure, wanted), 0);
                }
            }
            for table in tables
                .iter_mut()
                .filter(|table| table.moment == Moment::Day)
            {
                table.take(from, slot, known.0);
            }
            failures.push(failure);
        }
        batch.look_at_ends();
        for ((place, known), failure) in together.iter().enumerate().zip(&mut failures) {
            let day = batch.run(place).day;
            if failure.is_none() {
                *failure = batch.not_finite(place).map(|found| found.failure(day));
            }
            for table in tables
                .iter_mut()
                .filter(|table| table.moment == Moment::End)
            {
                match failure {
                    Some(failure) if table.name != RUNS => {
                        let again = Again::ready(again, plan, first);
                        let valid = again.valid_end(run_of(known), failure);
                        table.take(valid, 0, known.0);
                        again.drop_all_rows();
                    }
                    _ => table.take(batch, place, known.0),
                }
                if table.name == RUNS {
                    table.ends.push(batch.run(place), failure.as_ref());
                }
            }
            if let Some(failure) = failure.take() {
                Again::ready(again, plan, first).drop_rows(batch, place);
                failed(known.0, failure);
            }
        }
        *is_idle = true;
        Some(together.len() as u64)
    }

    /// Takes the next runs for one batch: all of one kind, and no more than any of their settings allows.
    fn take_batch(&mut self, runs: &mut Peekable<impl Iterator<Item = u64>>) {
        let (plan, model) = (self.plan, &self.plan.spec.model);
        self.batch.clear();
        let (mut most, mut kind) = (self.most_together(), None);
        let mut points = 0;
        while let Some(&run) = runs.peek() {
            let (point, _) = plan.place(run);
            if points == 0 || self.settings[points - 1].0 != point {
                self.set_setting(points, point);
                let setting = &self.settings[points].1;
                if *kind.get_or_insert(model.kind(setting)) != model.kind(setting) {
                    break;
                }
                most = most.min(model.together(setting));
                points += 1;
            }
            if self.batch.len() >= most {
                break;
            }
            runs.next();
            self.batch.push((run, plan.world(run)));
        }
        self.settings.truncate(points);
    }

    /// Returns how many runs may be simulated together: few in small plans, where building the world takes the
    /// time.
    fn most_together(&self) -> usize {
        const FEW_RUNS: u64 = 2048;
        const FEW_TOGETHER: usize = 4;
        match self.plan.runs <= FEW_RUNS {
            true => FEW_TOGETHER,
            false => usize::MAX,
        }
    }

    /// Sets the setting in a place to that of a point, unless it is already.
    fn set_setting(&mut self, place: usize, point: u32) {
        match self.settings.get_mut(place) {
            Some((of, _)) if *of == point => {}
            Some((of, setting)) => {
                *of = point;
                self.plan.put_setting(point, setting);
            }
            None => self.settings.push((point, self.plan.setting(point))),
        }
    }

    /// Returns true if enough rows are gathered to be written.
    pub fn is_full(&self) -> bool {
        const ROWS: usize = 1 << 12;
        self.tables.iter().any(|table| table.ids.len() >= ROWS)
    }

    /// Takes the rows gathered so far, a batch for each table.
    pub fn take(&mut self) -> Vec<RecordBatch> {
        let plan = self.plan;
        let tables = self.tables.iter_mut();
        tables
            .map(|table| {
                let ids = std::mem::replace(&mut table.ids, Ids::new(plan));
                let mut arrays = ids.arrays();
                let rows = table.rows.arrays();
                match table.name {
                    RUNS => {
                        let own = table.ends.take(rows).into_iter().zip(&table.kept);
                        arrays.extend(own.filter(|(_, kept)| **kept).map(|(array, _)| array));
                    }
                    _ => arrays.extend(rows),
                }
                batch(&table.columns, arrays)
            })
            .collect()
    }
}

impl Drop for Gatherer<'_> {
    fn drop(&mut self) {
        if self.is_idle {
            let none = Simulator::leaving(&self.plan.spec.model, Vec::new());
            keep(std::mem::replace(&mut self.simulator, none), self.plan);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Spec;
    use crate::study::tables::tables;

    #[test]
    fn tables_without_rows_have_their_columns() {
        let spec = "[axes]\nrules = [\"v3\"]\ndays = [3, 4]\nbeta = [0.1]\n\
                    [[variant]]\nname = \"slow\"\nhalf_life_days = 9.0\n\
                    [output]\ntables = [\"runs\", \"days\", \"proposals\"]";
        let model = crate::model();
        let spec = Spec::parse(&model, spec, "a spec", std::path::Path::new("")).unwrap();
        let plan = Plan::new(spec).unwrap();
        let mut gatherer = Gatherer::new(&plan);
        assert_eq!(gatherer.columns().count(), tables(&model).count());
        for (batch, table) in gatherer.take().into_iter().zip(tables(&model)) {
            let columns = plan.spec.columns_of(&table);
            assert_eq!((batch.num_rows(), batch.num_columns()), (0, columns.len()));
        }
    }
}
