//! Simulates runs and gathers the rows that they leave, for each table of a plan.

use super::ids::Ids;
use super::{Gather, Looks, columns};
use crate::model::Setting;
use crate::output::{Column, batch};
use crate::run::{Moment, Outcome, Simulator, lockstep};
use crate::study::plan::Plan;
use crate::world::{Detail, RunFailure, View};
use arrow_array::RecordBatch;
use std::iter::Peekable;

/// A table that is being gathered.
struct Gathering<'p> {
    columns: Vec<Column>,
    looks: Looks,
    ids: Ids<'p>,
    rows: Box<dyn Gather>,
}

/// Simulates runs and gathers the rows that they leave, for each table of a plan.
pub struct Gatherer<'p> {
    plan: &'p Plan,
    /// What is kept of runs to be looked at; `None` where no table looks.
    detail: Option<Detail>,
    tables: Vec<Gathering<'p>>,
    /// The runs that are simulated together: setting, seed and world of each.
    batch: Vec<(u64, (Setting, u64, u64))>,
    /// How each of them ended.
    outcomes: Vec<Outcome>,
}

impl<'p> Gatherer<'p> {
    /// Begins without rows.
    pub fn new(plan: &'p Plan) -> Self {
        let output = &plan.spec.output;
        let looks = output
            .tables
            .iter()
            .filter_map(|table| table.looks().detail());
        let tables = output.tables.iter().map(|&table| Gathering {
            columns: columns(table, plan),
            looks: table.looks(),
            ids: Ids::new(plan),
            rows: table.gather(output),
        });
        Self {
            plan,
            detail: looks.max(),
            tables: tables.collect(),
            batch: Vec::new(),
            outcomes: Vec::new(),
        }
    }

    /// The columns of each table.
    pub fn columns(&self) -> impl Iterator<Item = &[Column]> {
        self.tables.iter().map(|table| &*table.columns)
    }

    /// Simulates as many of the next runs as are best simulated together, and adds their rows. Calls
    /// `failed` with those that failed, and why; returns how many there were.
    pub fn add(
        &mut self,
        simulator: &mut Simulator,
        runs: &mut Peekable<impl Iterator<Item = u64>>,
        mut failed: impl FnMut(u64, RunFailure),
    ) -> u64 {
        self.take_batch(runs);
        let Self {
            tables,
            batch,
            outcomes,
            ..
        } = self;
        let together = batch.iter().map(|&(_, run)| run);
        if let Some(detail) = self.detail {
            let look = |place: usize, moment: Moment, view: &View| {
                for table in &mut *tables {
                    if table.looks.at(moment) {
                        table.rows.look(place, view);
                    }
                }
            };
            outcomes.extend(simulator.run_together_observed(together, detail, look));
        } else {
            outcomes.extend(simulator.run_together(together));
        }
        for (place, outcome) in outcomes.drain(..).enumerate() {
            let run = batch[place].0;
            for table in &mut *tables {
                let rows = table.rows.end(place, &outcome);
                table.ids.push(run, rows);
            }
            if let Some(failure) = outcome.failure {
                failed(run, failure);
            }
        }
        batch.len() as u64
    }

    /// Takes the next runs: as many as each of them would be simulated with.
    fn take_batch(&mut self, runs: &mut Peekable<impl Iterator<Item = u64>>) {
        let plan = self.plan;
        self.batch.clear();
        let mut most = usize::MAX;
        while let Some(&run) = runs.peek() {
            let (point, _) = plan.place(run);
            let setting = plan.setting(point);
            most = most.min(lockstep(&setting));
            if self.batch.len() >= most {
                return;
            }
            runs.next();
            let world = plan.world(run);
            self.batch.push((run, (setting, plan.spec.seed, world)));
        }
    }

    /// Whether there are so many rows that they had better be written.
    pub fn is_full(&self) -> bool {
        const ROWS: usize = 1 << 12;
        self.tables.iter().any(|table| table.ids.len() >= ROWS)
    }

    /// The rows gathered so far, a batch for each table; begins anew.
    pub fn take(&mut self) -> Vec<RecordBatch> {
        let plan = self.plan;
        let tables = self.tables.iter_mut();
        tables
            .map(|table| {
                let ids = std::mem::replace(&mut table.ids, Ids::new(plan));
                let mut arrays = ids.arrays();
                arrays.extend(table.rows.take());
                batch(&table.columns, arrays)
            })
            .collect()
    }
}
