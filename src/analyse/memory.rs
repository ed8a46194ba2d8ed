//! Analyses runs in memory while more are simulated.
//!
//! A dataset is read in two passes and bounded memory ([`aggregate`](super::aggregate())). Here all rows are in
//! memory, so quantiles are exact, and the answer at any moment covers the runs simulated so far.

use super::moments::Moments;
use super::statistics::{quantile, sorted};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use std::collections::BTreeMap;

/// Column that is missing or holds no numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{column}: not a column of numbers in this table; the schema lists all")]
pub struct SampleError {
    /// Name of the column.
    pub column: String,
}

impl SampleError {
    fn new(column: &str) -> Self {
        Self {
            column: column.to_owned(),
        }
    }
}

/// Returns the values of a column of counts without gaps.
fn counts<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b [i32], SampleError> {
    let array = batch.column_by_name(name);
    let counts = array.and_then(|array| array.as_primitive_opt::<Int32Type>());
    let counts = counts.ok_or_else(|| SampleError::new(name))?;
    Ok(counts.values())
}

/// Column of numbers with its values by row.
type Reals<'b> = (&'b dyn Array, Box<dyn Fn(usize) -> f64 + 'b>);

fn reals<'b>(batch: &'b RecordBatch, name: &str) -> Result<Reals<'b>, SampleError> {
    let missing = || SampleError::new(name);
    let array = batch.column_by_name(name).ok_or_else(missing)?;
    if let Some(reals) = array.as_primitive_opt::<Float64Type>() {
        let values = reals.values();
        return Ok((array, Box::new(move |row| values[row])));
    }
    let counts = array.as_primitive_opt::<Int32Type>().ok_or_else(missing)?;
    let values = counts.values();
    Ok((array, Box::new(move |row| f64::from(values[row]))))
}

/// Column of numbers of some rows, with the run and the day of each.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Replicate of each row.
    pub replicate: Vec<u32>,
    /// Day of each row; 0 in tables without days.
    pub day: Vec<u32>,
    /// Values; NaN if missing.
    pub values: Vec<f64>,
}

impl Sample {
    /// Takes a column of the rows of a point, in their order, from batches of a table of a sweep.
    ///
    /// # Errors
    /// When the table has no such column, or the column holds no numbers.
    pub fn of(batches: &[RecordBatch], column: &str, point: u32) -> Result<Self, SampleError> {
        let mut sample = Self::default();
        for batch in batches {
            let points = counts(batch, "point")?;
            let replicates = counts(batch, "replicate")?;
            let days = match batch.column_by_name("day") {
                Some(_) => Some(counts(batch, "day")?),
                None => None,
            };
            let (array, value) = reals(batch, column)?;
            for (row, _) in (points.iter().enumerate()).filter(|(_, of)| **of == point as i32) {
                sample.replicate.push(replicates[row] as u32);
                sample.day.push(days.map_or(0, |days| days[row] as u32));
                let is_there = array.is_valid(row);
                sample
                    .values
                    .push(if is_there { value(row) } else { f64::NAN });
            }
        }
        Ok(sample)
    }

    /// Returns the values that are not missing.
    pub fn present(&self) -> Vec<f64> {
        let values = self.values.iter().copied();
        values.filter(|value| !value.is_nan()).collect()
    }
}

/// Distribution over runs.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// Runs with a value.
    pub runs: u64,
    /// Runs without a value.
    pub empty: u64,
    /// Mean; NaN without values.
    pub mean: f64,
    /// Half the width of the 95 % interval of the mean; NaN for fewer than two values.
    pub half_width: f64,
    /// Quantiles .05, .25, .5, .75 and .95, by Hyndman and Fan's type 7; NaN without values.
    pub quantiles: [f64; 5],
}

impl Summary {
    /// Summarises a column with a row per run. The runs of a point meet independent worlds, so each counts once in
    /// the interval.
    pub fn of(sample: &Sample) -> Self {
        let present = sorted(sample.present());
        let moments = Moments::of(present.iter().copied());
        Self {
            runs: present.len() as u64,
            empty: (sample.values.len() - present.len()) as u64,
            mean: moments.mean(),
            half_width: moments.half_width(),
            quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| quantile(&present, share)),
        }
    }
}

/// Returns the moments of the differences of two columns with a row per run, second minus first. It covers replicates
/// in which both have a value. Replicates of equal number met the same world if the sweep's randomness is common.
pub fn paired(first: &Sample, second: &Sample) -> Moments {
    let values = |sample: &Sample| -> BTreeMap<u32, f64> {
        let replicates = sample.replicate.iter().copied();
        replicates.zip(sample.values.iter().copied()).collect()
    };
    let first = values(first);
    let differences = values(second).into_iter().filter_map(|(replicate, value)| {
        let difference = value - first.get(&replicate)?;
        (!difference.is_nan()).then_some(difference)
    });
    Moments::of(differences)
}

/// Quantiles by day.
#[derive(Clone, Debug, Default)]
pub struct Fan {
    /// Days on which some run has a value, ascending.
    pub days: Vec<u32>,
    /// Quantile of each share by day, by Hyndman and Fan's type 7.
    pub quantiles: Vec<Vec<f64>>,
}

impl Fan {
    /// Returns the quantiles of a column with a row per run and day.
    pub fn of(sample: &Sample, shares: &[f64]) -> Self {
        let last = sample.day.iter().max().map_or(0, |&last| last as usize);
        let mut by_day = vec![Vec::new(); last + 1];
        for (&day, &value) in sample.day.iter().zip(&sample.values) {
            if !value.is_nan() {
                by_day[day as usize].push(value);
            }
        }
        let mut fan = Self::default();
        for (day, values) in (0..).zip(by_day) {
            if values.is_empty() {
                continue;
            }
            let values = sorted(values);
            let quantiles = shares.iter().map(|&share| quantile(&values, share));
            fan.days.push(day);
            fan.quantiles.push(quantiles.collect());
        }
        fan
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array, Int32Array};
    use std::sync::Arc;

    fn rows(point: &[i32], replicate: &[i32], values: &[Option<f64>]) -> RecordBatch {
        let counts = |numbers: &[i32]| Arc::new(Int32Array::from(numbers.to_vec())) as ArrayRef;
        let values = Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
        let columns = [
            ("point", counts(point), false),
            ("replicate", counts(replicate), false),
            ("value", values, true),
        ];
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }

    #[test]
    fn a_point_is_summarised_over_its_runs_and_missing_values_are_counted() {
        let batches = [
            rows(&[0, 0, 1], &[0, 1, 0], &[Some(1.0), None, Some(9.0)]),
            rows(&[0, 1], &[2, 1], &[Some(3.0), Some(5.0)]),
        ];
        let summary = |point| Summary::of(&Sample::of(&batches, "value", point).unwrap());
        let first = summary(0);
        assert_eq!((first.runs, first.empty, first.mean), (2, 1, 2.0));
        assert_eq!(first.quantiles[2], 2.0);
        // t · √2 / √2, with one degree of freedom.
        assert!((first.half_width - 12.706).abs() < 1e-12);
        assert!(summary(2).mean.is_nan());
        assert!(Sample::of(&batches, "day", 0).is_err());
    }

    #[test]
    fn pairs_are_of_equal_replicates_in_any_order() {
        let batches = [rows(
            &[0, 0, 0, 1, 1, 1],
            &[0, 1, 2, 2, 0, 1],
            &[Some(1.0), Some(2.0), None, Some(7.0), Some(2.0), Some(5.0)],
        )];
        let sample = |point| Sample::of(&batches, "value", point).unwrap();
        let found = paired(&sample(0), &sample(1));
        assert_eq!((found.n, found.mean()), (2.0, 2.0));
    }

    #[test]
    fn fans_have_the_days_that_some_run_reached() {
        let sample = Sample {
            replicate: vec![0, 0, 1],
            day: vec![0, 10, 0],
            values: vec![1.0, 4.0, 3.0],
        };
        let fan = Fan::of(&sample, &[0.0, 0.5, 1.0]);
        assert_eq!(fan.days, [0, 10]);
        assert_eq!(fan.quantiles, [[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]);
    }
}
