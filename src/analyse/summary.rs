//! Summarises a dataset by the means of each point.

use super::AnalyseError;
use super::means::{PointMeans, append, means};
use super::runs::Runs;
use crate::study::Dataset;

/// Returns the means of these columns by point, in the order of points.
///
/// # Errors
/// When a part is missing or cannot be read.
pub fn by_point(dataset: &Dataset, columns: &[&str]) -> Result<Vec<PointMeans>, AnalyseError> {
    point_means(Runs::of(dataset), columns)
}

/// Returns [`by_point`] of runs.
pub(super) fn point_means(runs: Runs, columns: &[&str]) -> Result<Vec<PointMeans>, AnalyseError> {
    let mut points = Vec::new();
    runs.each_part(columns, |rows| append(&mut points, means(&rows)))?;
    Ok(points)
}
