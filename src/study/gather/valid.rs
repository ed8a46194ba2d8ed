//! Simulates the rows of failed runs up to their last valid day.

use crate::engine::{Batch, Moment, Run, RunFailure, RunOf, Setting, TableRows};
use crate::study::plan::Plan;
use fearless_simd::Level;

/// Second simulation of failed runs, one at a time. It stops before the day of the failure, since the rows of the
/// failing phase belong in no table.
pub struct Again {
    batch: Batch,
    /// Buffers for dropped rows, tables of days first.
    unwanted: Vec<TableRows>,
}

impl Again {
    /// Prepares for runs of the kind of `setting`, unless already prepared.
    pub fn ready<'a>(again: &'a mut Option<Self>, plan: &Plan, setting: &Setting) -> &'a mut Self {
        if again
            .as_ref()
            .is_some_and(|again| !again.batch.is_for(setting))
        {
            *again = None;
        }
        again.get_or_insert_with(|| Self::new(plan, setting))
    }

    fn new(plan: &Plan, setting: &Setting) -> Self {
        let model = &plan.spec.model;
        let of_days = plan
            .spec
            .output
            .tables
            .iter()
            .map(|table| table.moment == Moment::Day);
        let leaving = plan.spec.output.leaving(model);
        let mut tables: Vec<_> = of_days.zip(&leaving).collect();
        tables.sort_by_key(|(of_days, _)| !of_days);
        let unwanted = tables
            .iter()
            .map(|(_, of)| TableRows::of(model, of.table, &of.columns));
        Self {
            unwanted: unwanted.collect(),
            batch: Batch::leaving(model, setting, &leaving, Level::new()),
        }
    }

    /// Drops the rows that a run of a batch has left.
    pub fn drop_rows(&mut self, batch: &mut Batch, run: usize) {
        drop_rows(&mut self.unwanted, batch, run);
    }

    /// Drops the rows of the current run.
    pub fn drop_all_rows(&mut self) {
        drop_rows(&mut self.unwanted, &mut self.batch, 0);
    }

    /// Returns the failure of a run on the first day on which its daily rows hold a number that is not finite.
    pub fn first_not_finite(
        &mut self,
        run: RunOf<'_>,
        wanted: impl Fn(&Run) -> bool,
    ) -> Option<RunFailure> {
        self.batch.begin(std::iter::once(run));
        loop {
            self.batch.look(&wanted);
            let found = self.batch.not_finite(0);
            self.drop_all_rows();
            if let Some(found) = found {
                return Some(found.failure(self.batch.run(0).day));
            }
            if self.batch.going_on() == 0 {
                return None;
            }
            self.batch.advance();
        }
    }

    /// Simulates the run up to the end of its last valid day, with its daily rows. A run that failed at its start has
    /// no rows.
    pub fn valid_days(
        &mut self,
        run: RunOf<'_>,
        failure: &RunFailure,
        wanted: impl Fn(&Run) -> bool,
    ) -> &mut Batch {
        self.batch.begin(std::iter::once(run));
        for day in 0..failure.day {
            if day > 0 {
                self.batch.advance();
            }
            self.batch.look(&wanted);
        }
        &mut self.batch
    }

    /// Simulates the run up to the end of its last valid day, with the rows of tables written at the end of runs.
    pub fn valid_end(&mut self, run: RunOf<'_>, failure: &RunFailure) -> &mut Batch {
        self.valid_days(run, failure, |_| false);
        if failure.day > 0 {
            self.batch.look_at_ends();
        }
        &mut self.batch
    }
}

fn drop_rows(unwanted: &mut [TableRows], batch: &mut Batch, run: usize) {
    for rows in unwanted {
        batch.take(run, rows);
        rows.clear();
    }
}
