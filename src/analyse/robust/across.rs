//! Follows the outcomes of lever settings along each uncertainty.

use super::Robustness;
use crate::analyse::AnalyseError;
use crate::analyse::levels::{Axis, axes};
use crate::analyse::moments::Moments;
use crate::analyse::runs::{Rows, Runs};
use crate::analyse::worlds::Worlds;
use crate::study::Dataset;

/// Outcomes along an uncertainty.
#[derive(Clone, Debug)]
pub struct Across {
    /// Uncertainty, with its levels.
    pub axis: Axis,
    /// Outcomes by lever setting, objective and level: of the means of uncertain points, or of the replicates where a
    /// level has one point.
    pub outcomes: Vec<Vec<Vec<Moments>>>,
}

/// Follows the outcomes of lever settings `shown` along each uncertainty. `levers` names the columns that are levers;
/// `None` uses the roles in the dataset. Runs without a value are left out.
///
/// # Errors
/// When the points or a part cannot be read.
pub fn across(
    dataset: &Dataset,
    found: &Robustness,
    levers: Option<&[String]>,
    shown: &[usize],
) -> Result<Vec<Across>, AnalyseError> {
    let worlds = Worlds::of(dataset, levers)?;
    let is_uncertain = |axis: &Axis| worlds.uncertainties.iter().any(|of| of.name == axis.name);
    let axes: Vec<Axis> = axes(dataset)?.into_iter().filter(is_uncertain).collect();
    if axes.is_empty() {
        return Ok(Vec::new());
    }
    let objectives = found.question.objectives.iter();
    let columns: Vec<&str> = objectives.map(|of| of.column.as_str()).collect();
    let points = dataset.manifest.points as usize;
    let mut by_point = vec![vec![Moments::default(); points]; columns.len()];
    Runs::of(dataset).each_part(&columns, |rows: Rows| {
        for (moments, values) in by_point.iter_mut().zip(&rows.columns) {
            for (&point, &value) in rows.point.iter().zip(values) {
                if !value.is_nan() {
                    moments[point as usize].add(value);
                }
            }
        }
    })?;
    let of_lever = |lever: usize| -> Vec<usize> {
        let points = 0..points;
        points
            .filter(|&point| worlds.lever_of(point as u32) == lever)
            .collect()
    };
    let of_shown: Vec<Vec<usize>> = shown.iter().map(|&lever| of_lever(lever)).collect();
    let along = |axis: Axis| {
        let outcomes = of_shown.iter().map(|points| {
            let by_objective = by_point.iter();
            let by_objective = by_objective.map(|moments| levels(&axis, points, moments));
            by_objective.collect()
        });
        Across {
            outcomes: outcomes.collect(),
            axis,
        }
    };
    Ok(axes.into_iter().map(along).collect())
}

/// Returns the outcomes at each level of an axis.
fn levels(axis: &Axis, points: &[usize], by_point: &[Moments]) -> Vec<Moments> {
    let mut means = vec![Moments::default(); axis.labels.len()];
    let mut last = means.clone();
    for &point in points.iter().filter(|&&point| by_point[point].n > 0.0) {
        let level = axis.level[point] as usize;
        means[level].add(by_point[point].mean());
        last[level] = by_point[point];
    }
    let levels = means.into_iter().zip(last);
    levels
        .map(|(means, last)| if means.n == 1.0 { last } else { means })
        .collect()
}
