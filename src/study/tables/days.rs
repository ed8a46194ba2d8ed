//! `days`: a row per run and day.

use super::{Gather, Looks, Table};
use crate::model::Setting;
use crate::output::schema::{DayRow, DayRows, StateRows};
use crate::output::{Column, Columns};
use crate::run::{Outcome, state};
use crate::study::spec::OutputSpec;
use crate::world::View;
use arrow_array::ArrayRef;

/// A row per run and day.
pub struct Days;

impl Table for Days {
    fn name(&self) -> &'static str {
        "days"
    }

    fn meaning(&self) -> &'static str {
        "of a sweep: a row per run and day (the start, every so many days, the last); the variant and \
         the axes follow replicate"
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = DayRows::columns();
        columns.extend(StateRows::columns());
        columns
    }

    fn looks(&self) -> Looks {
        Looks::EachDay
    }

    fn rows_of(&self, setting: &Setting, output: &OutputSpec) -> f64 {
        let last = u32::from(!setting.days.is_multiple_of(output.every));
        f64::from(1 + setting.days / output.every + last)
    }

    fn gather(&self, output: &OutputSpec) -> Box<dyn Gather> {
        Box::new(Rows {
            every: output.every,
            going_on: Vec::new(),
            day: DayRows::default(),
            state: StateRows::default(),
        })
    }
}

struct Rows {
    every: u32,
    /// The days of the runs that are simulated together, a buffer for each place.
    going_on: Vec<(DayRows, StateRows)>,
    day: DayRows,
    state: StateRows,
}

impl Gather for Rows {
    fn look(&mut self, place: usize, view: &View) {
        let day = view.day();
        if !day.is_multiple_of(self.every) && day != view.setting().days {
            return;
        }
        if self.going_on.len() <= place {
            self.going_on.resize_with(place + 1, Default::default);
        }
        let (days, states) = &mut self.going_on[place];
        days.push(DayRow { day });
        states.push(state(view));
    }

    fn end(&mut self, place: usize, _: &Outcome) -> usize {
        // A run that fails on its first day is never looked at.
        let Some((days, states)) = self.going_on.get_mut(place) else {
            return 0;
        };
        let rows = days.len();
        self.day.append(days);
        self.state.append(states);
        rows
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        // The next rows are about as many.
        let state = self.state.another();
        let mut arrays = std::mem::take(&mut self.day).arrays();
        arrays.extend(std::mem::replace(&mut self.state, state).arrays());
        arrays
    }
}
