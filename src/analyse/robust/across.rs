//! Follows the outcomes of lever settings along each uncertainty.

use super::Robustness;
use crate::analyse::AnalyseError;
use crate::analyse::clustered::{Clustered, mean};
use crate::analyse::levels::{Axis, axes};
use crate::analyse::runs::Runs;
use crate::analyse::worlds::Worlds;
use crate::study::Dataset;
use std::collections::BTreeSet;

/// Outcomes along an uncertainty.
#[derive(Clone, Debug)]
pub struct Across {
    /// Uncertainty, with its levels.
    pub axis: Axis,
    /// Outcomes by lever setting, objective and level.
    pub outcomes: Vec<Vec<Vec<Level>>>,
}

/// Outcome at a level of an uncertainty, over all its runs with a value.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Mean; NaN without a value.
    pub mean: f64,
    /// Half the width of its 95 % interval, from clusters of worlds; NaN for fewer than two clusters.
    pub half_width: f64,
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
    let mut along: Vec<Across> = axes
        .into_iter()
        .map(|axis| Across {
            outcomes: vec![Vec::new(); shown.len()],
            axis,
        })
        .collect();
    let levels: Vec<_> = along
        .iter()
        .map(|of| points_by_level(&of.axis, &worlds))
        .collect();
    worlds.each_lever(Runs::of(dataset), &columns, |lever, runs| {
        let Some(place) = shown.iter().position(|&shown| shown == lever) else {
            return;
        };
        for (Across { outcomes, .. }, points) in along.iter_mut().zip(&levels) {
            outcomes[place] = (runs.columns.iter())
                .map(|values| {
                    points
                        .iter()
                        .map(|points| level(points, values, &worlds))
                        .collect()
                })
                .collect();
        }
    })?;
    Ok(along)
}

/// Returns the uncertain points at each level of an axis.
fn points_by_level(axis: &Axis, worlds: &Worlds) -> Vec<BTreeSet<usize>> {
    let mut points = vec![BTreeSet::new(); axis.labels.len()];
    for (point, &level) in axis.level.iter().enumerate() {
        points[usize::from(level)].insert(worlds.uncertain_of(point as u32) as usize);
    }
    points
}

/// Returns the outcome over the runs of some points.
fn level(points: &BTreeSet<usize>, values: &[f64], worlds: &Worlds) -> Level {
    let of_points = points.iter().flat_map(|point| {
        let first = point * worlds.replicates;
        &values[first..first + worlds.replicates]
    });
    let values: Vec<f64> = of_points.copied().collect();
    Level {
        mean: mean(&values),
        half_width: Clustered::of(&values, worlds.replicates, worlds.are_common).half_width(),
    }
}
