//! Computes the distribution of states by day.

use super::histogram::{Histogram, Scale, Scan};
use super::outcome::Outcome;
use super::runs::Runs;
use crate::input::{RowGroups, TableError};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Most days shown.
const MOST_DAYS: usize = 400;

/// Values of all runs, by state and day.
#[derive(Clone, Debug)]
pub struct Fans {
    /// Days.
    pub days: Vec<u32>,
    /// States: the outcomes of the table of days.
    pub states: Vec<Outcome>,
    /// Values by state and day.
    pub values: Vec<Vec<Histogram>>,
}

/// Gathers the states of the table `days`.
pub(super) fn fans(runs: Runs) -> Result<Fans, TableError> {
    let states = runs.outcomes(DAYS)?;
    let parts: Vec<_> = runs.files(DAYS).collect();
    let mut scans = vec![Scan::of_range(); states.len()];
    let mut all = BTreeSet::new();
    each_day(&parts, &states, |days, state, values| {
        all.extend(days);
        present(values).for_each(|(_, value)| scans[state].add(value));
    })?;
    let all: Vec<u32> = all.into_iter().collect();
    let days: Vec<u32> = spread(all.len(), MOST_DAYS)
        .map(|place| all[place])
        .collect();
    let scales: Vec<_> = scans.iter().map(Scale::new).collect();
    let mut fans: Vec<_> = scales
        .iter()
        .map(|scale| vec![Histogram::new(scale); days.len()])
        .collect();
    each_day(&parts, &states, |of_rows, state, values| {
        for (row, value) in present(values) {
            if let Ok(day) = days.binary_search(&of_rows[row]) {
                fans[state][day].add(value);
            }
        }
    })?;
    Ok(Fans {
        days,
        states,
        values: fans,
    })
}

/// Folder of the table.
const DAYS: &str = "days";

fn present(values: &[Option<f64>]) -> impl Iterator<Item = (usize, f64)> {
    let values = values.iter().enumerate();
    values.filter_map(|(row, value)| Some((row, (*value)?)))
}

/// Shows the rows of `days`, state by state: the day of each row, the number of the state and its values.
fn each_day(
    parts: &[PathBuf],
    states: &[Outcome],
    mut show: impl FnMut(&[u32], usize, &[Option<f64>]),
) -> Result<(), TableError> {
    let mut columns = vec!["day"];
    columns.extend(states.iter().map(|state| state.name.as_str()));
    for part in parts {
        for rows in RowGroups::open(part)?.columns(&columns) {
            let rows = rows?;
            let days = rows.counts("day")?;
            for (number, state) in states.iter().enumerate() {
                show(&days, number, &rows.optional_reals(&state.name)?);
            }
        }
    }
    Ok(())
}

/// Returns at most `most` of `count` places, evenly spread and including both ends; `most` is at least 2.
pub(crate) fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let kept = count.min(most);
    (0..kept).map(move |place| match kept == count {
        true => place,
        false => place * (count - 1) / (most - 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_days_are_all_kept_and_many_are_spread() {
        assert_eq!(spread(3, 5).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(spread(101, 5).collect::<Vec<_>>(), [0, 25, 50, 75, 100]);
        assert_eq!(spread(0, 5).count(), 0);
    }
}
