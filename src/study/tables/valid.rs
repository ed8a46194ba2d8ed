//! The rows of failed runs, up to their last valid day.

use crate::engine::{Batch, Moment, Run, RunFailure, RunOf, Setting, TableRows};
use crate::study::plan::Plan;
use fearless_simd::Level;

/// Simulates failed runs once more, one at a time, and stops before the day of the failure: what the failing
/// phase leaves behind belongs in no table.
pub struct Again {
    batch: Batch,
    /// Buffers for rows that nobody wants, the tables of days first.
    unwanted: Vec<TableRows>,
}

impl Again {
    /// Prepares for runs of a plan, of the kind that `setting` asks for, unless that is done.
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

    /// Drops the rows that a run of some batch has left.
    pub fn drop_rows(&mut self, batch: &mut Batch, run: usize) {
        drop_rows(&mut self.unwanted, batch, run);
    }

    /// Drops the rows that the run in hand has left.
    pub fn drop_all_rows(&mut self) {
        drop_rows(&mut self.unwanted, &mut self.batch, 0);
    }

    /// Finds the failure of a run whose daily rows hold a number that is not finite: on the first such day.
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

    /// The run at the end of its last valid day, with its daily rows until then. A run that failed at its
    /// start has none.
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

    /// The run at the end of its last valid day, with the rows of the tables that look at where runs end.
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
