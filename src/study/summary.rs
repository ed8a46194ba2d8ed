//! A dataset at a glance: the mean outcomes of each point, read back from its runs.

use super::dataset::Dataset;
use super::manifest::part_file;
use crate::input::{Table, TableError};

/// The mean outcomes of one point over its runs that reached their horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PointSummary {
    /// The point.
    pub point: u32,
    /// Runs that reached their horizon.
    pub runs: u32,
    /// Mean of proposals granted.
    pub proposals_granted: f64,
    /// Mean of Honey granted.
    pub funds_granted: f64,
    /// Mean of the pool at the horizon, Honey.
    pub funds: f64,
    /// Mean over the runs of the median of days to pass; `None` when nothing passed in any.
    pub days_to_pass: Option<f64>,
    /// Mean of sentiment over the days.
    pub sentiment: f64,
}

/// Reads the runs part by part.
///
/// # Errors
/// When a part is missing or broken.
pub fn by_point(dataset: &Dataset) -> Result<Vec<PointSummary>, TableError> {
    const COLUMNS: [&str; 7] = [
        "point",
        "status",
        "proposals_granted",
        "funds_granted",
        "funds",
        "median_days_to_pass",
        "mean_sentiment",
    ];
    let mut points: Vec<_> = (0..dataset.manifest.points)
        .map(|point| PointSummary {
            point,
            ..PointSummary::default()
        })
        .collect();
    let mut passing = vec![0u32; points.len()];
    for part in 0..dataset.manifest.parts {
        let path = dataset.directory.join(part_file("runs", part));
        let table = Table::read_columns(&path, &COLUMNS)?;
        let status = table.texts("status")?;
        let numbers = |column| table.optional_reals(column);
        let (point, granted, funds_granted) = (
            numbers("point")?,
            numbers("proposals_granted")?,
            numbers("funds_granted")?,
        );
        let (funds, days, sentiment) = (
            numbers("funds")?,
            numbers("median_days_to_pass")?,
            numbers("mean_sentiment")?,
        );
        for row in (0..status.len()).filter(|&row| status[row] == "completed") {
            let number = point[row].unwrap_or(f64::NAN) as usize;
            let Some(of) = points.get_mut(number) else {
                return Err(table.fault(row, "point", &number, "a point of this dataset"));
            };
            of.runs += 1;
            of.proposals_granted += granted[row].unwrap_or(0.0);
            of.funds_granted += funds_granted[row].unwrap_or(0.0);
            of.funds += funds[row].unwrap_or(0.0);
            of.sentiment += sentiment[row].unwrap_or(0.0);
            if let Some(days) = days[row] {
                *of.days_to_pass.get_or_insert(0.0) += days;
                passing[number] += 1;
            }
        }
    }
    for (of, passing) in points.iter_mut().zip(passing) {
        let runs = f64::from(of.runs.max(1));
        of.proposals_granted /= runs;
        of.funds_granted /= runs;
        of.funds /= runs;
        of.sentiment /= runs;
        of.days_to_pass = of.days_to_pass.map(|days| days / f64::from(passing));
    }
    Ok(points)
}
