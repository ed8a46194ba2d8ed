//! A dataset at a glance: the means of each point.

use super::means::{PointMeans, append, means};
use super::runs::Runs;
use crate::input::TableError;
use crate::study::Dataset;

/// The means of these columns by point, in the order of points.
///
/// # Errors
/// When a part is missing or cannot be read.
pub fn by_point(dataset: &Dataset, columns: &[&str]) -> Result<Vec<PointMeans>, TableError> {
    let mut points = Vec::new();
    Runs::of(dataset).each_part(columns, |rows| {
        append(&mut points, means(&rows));
        Ok::<_, TableError>(())
    })?;
    Ok(points)
}
