//! Aggregates all runs of a dataset in bounded memory: reads them part by part, and keeps only counts and sums.

use super::AnalyseError;
use super::differences::Differences;
use super::fans::{Fans, fans};
use super::histogram::{Histogram, Scale, Scan};
use super::levels::{Axis, axes};
use super::moments::Moments;
use super::outcome::Outcome;
use super::runs::{Rows, Runs};
use crate::study::Dataset;
use crate::study::tables::RUNS;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Most axes paired in maps.
const MOST_PAIRED: usize = 6;

/// Runs of a dataset, by varied setting.
pub struct Aggregate {
    /// Outcomes, whose order all fields by outcome share.
    pub outcomes: Vec<Outcome>,
    /// Varied settings, the variant first.
    pub axes: Vec<Axis>,
    /// Runs that reached their horizon.
    pub completed: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Distributions over all runs, by outcome.
    pub all: Vec<Histogram>,
    /// Number, mean and deviation, by outcome.
    pub moments: Vec<Moments>,
    /// Distributions by axis, outcome and level.
    pub by_level: Vec<Vec<Vec<Histogram>>>,
    /// Moments by pair of axes (first, second), then by outcome, level of the first and level of the second.
    pub pairs: BTreeMap<(usize, usize), Vec<Vec<Vec<Moments>>>>,
    /// Mean of each point, by outcome, if the design needs it.
    pub points: Vec<Vec<f64>>,
    /// Differences to the first variant, run by run, by later variant and outcome.
    pub differences: Vec<Vec<Moments>>,
    /// States by day, if days were written.
    pub fans: Option<Fans>,
}

/// Reads a dataset. `by_point` keeps the mean of each point; `are_common` tells that the replicates of all points
/// meet the same worlds.
///
/// # Errors
/// When a part is missing or altered.
pub fn aggregate(
    dataset: &Dataset,
    by_point: bool,
    are_common: bool,
) -> Result<Aggregate, AnalyseError> {
    let stop = AtomicBool::new(false);
    let runs = Runs::verified(dataset, &stop)?;
    let outcomes = runs.outcomes(RUNS)?;
    let columns: Vec<&str> = outcomes
        .iter()
        .map(|outcome| outcome.name.as_str())
        .collect();
    let scales = scales(runs, &columns)?;
    let axes = axes(dataset)?;
    let mut differences = Differences::new(dataset, &axes, columns.len(), are_common);
    let points = if by_point {
        dataset.manifest.points as usize
    } else {
        0
    };
    let mut by_point = vec![vec![Moments::default(); points]; columns.len()];
    let mut found = Aggregate::empty(axes, &scales);
    runs.each_part(&columns, |rows| {
        for row in 0..rows.len() {
            found.add(&rows, row, &scales);
            differences.add(&rows, row);
            if points > 0 {
                for (means, values) in by_point.iter_mut().zip(&rows.columns) {
                    if !values[row].is_nan() {
                        means[rows.point[row] as usize].add(values[row]);
                    }
                }
            }
        }
    })?;
    let means = by_point.iter().filter(|_| points > 0);
    found.points = means
        .map(|means| means.iter().map(Moments::mean).collect())
        .collect();
    found.differences = differences.finish();
    if dataset.manifest.tables.iter().any(|table| table == "days") {
        found.fans = Some(fans(runs)?);
    }
    found.outcomes = outcomes;
    Ok(found)
}

/// Keeps the marked items.
fn keep<T>(items: &mut Vec<T>, marks: &[bool]) {
    let mut marks = marks.iter();
    items.retain(|_| marks.next().is_none_or(|mark| *mark));
}

/// Returns the scale of each column.
fn scales(runs: Runs, columns: &[&str]) -> Result<Vec<Arc<Scale>>, AnalyseError> {
    let mut scans = vec![Scan::new(); columns.len()];
    runs.each_part(columns, |rows| {
        for (scan, values) in scans.iter_mut().zip(&rows.columns) {
            let present = values.iter().filter(|value| !value.is_nan());
            present.for_each(|&value| scan.add(value));
        }
    })?;
    Ok(scans.iter().map(Scale::new).collect())
}

impl Aggregate {
    /// Removes the outcomes that are the same in every run, and returns them with their value; NaN for one that no
    /// run has.
    pub fn split_constant(&mut self) -> Vec<(Outcome, f64)> {
        let varies = |of: &Moments| of.n == 1.0 || of.deviation() > 0.0;
        let kept: Vec<bool> = self.moments.iter().map(varies).collect();
        let constant = self.outcomes.iter().zip(&self.moments).zip(&kept);
        let constant = constant.filter(|(_, kept)| !**kept);
        let constant = constant.map(|((outcome, of), _)| (outcome.clone(), of.mean()));
        let constant = constant.collect();
        keep(&mut self.outcomes, &kept);
        keep(&mut self.all, &kept);
        keep(&mut self.moments, &kept);
        keep(&mut self.points, &kept);
        for by_outcome in &mut self.by_level {
            keep(by_outcome, &kept);
        }
        for by_outcome in self.pairs.values_mut() {
            keep(by_outcome, &kept);
        }
        for by_outcome in &mut self.differences {
            keep(by_outcome, &kept);
        }
        constant
    }

    /// Returns an aggregate without runs.
    fn empty(axes: Vec<Axis>, scales: &[Arc<Scale>]) -> Self {
        let histograms = || scales.iter().map(Histogram::new);
        let paired = axes.len().min(MOST_PAIRED);
        let pairs = (0..paired).flat_map(|a| (a + 1..paired).map(move |b| (a, b)));
        let pairs = pairs.map(|(a, b)| {
            let [rows, columns] = [a, b].map(|axis| axes[axis].labels.len());
            let empty = vec![vec![Moments::default(); columns]; rows];
            ((a, b), vec![empty; scales.len()])
        });
        let of_levels = |axis: &Axis| {
            histograms()
                .map(|one| vec![one; axis.labels.len()])
                .collect()
        };
        Self {
            outcomes: Vec::new(),
            completed: 0,
            failed: 0,
            all: histograms().collect(),
            moments: vec![Moments::default(); scales.len()],
            by_level: axes.iter().map(of_levels).collect(),
            pairs: pairs.collect(),
            points: Vec::new(),
            differences: Vec::new(),
            fans: None,
            axes,
        }
    }

    /// Adds a run.
    fn add(&mut self, rows: &Rows, row: usize, scales: &[Arc<Scale>]) {
        match rows.completed[row] {
            true => self.completed += 1,
            false => self.failed += 1,
        }
        let point = rows.point[row] as usize;
        for (outcome, values) in rows.columns.iter().enumerate() {
            let value = values[row];
            if value.is_nan() {
                continue;
            }
            let place = scales[outcome].place(value);
            self.all[outcome].add_at(place, value);
            self.moments[outcome].add(value);
            for (axis, by_level) in self.axes.iter().zip(&mut self.by_level) {
                by_level[outcome][usize::from(axis.level[point])].add_at(place, value);
            }
            for (&(a, b), pair) in &mut self.pairs {
                let [a, b] = [a, b].map(|axis| usize::from(self.axes[axis].level[point]));
                pair[outcome][a][b].add(value);
            }
        }
    }
}
