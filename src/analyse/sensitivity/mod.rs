//! Sensitivity of outcomes to settings.
//!
//! Sobol indices need Saltelli's scheme and elementary effects Morris' trajectories; PAWN indices and rank correlations take
//! any design. All but the correlations are computed from the means of points: replicates of one point are not
//! independent. An index that its points do not support is marked unsure.
//!
//! | file | purpose |
//! |---|---|
//! | `scheme` | finds points that form a scheme |
//! | `sobol` | computes shares of variance: first, total and second order |
//! | `morris` | computes elementary effects |
//! | `pawn` | computes distances between distributions |
//! | `correlation` | computes rank correlation from histograms |
//! | `bootstrap` | computes half widths |
//! | `document`, `table` | write JSON and a table |

mod bootstrap;
mod correlation;
mod document;
mod morris;
mod pawn;
mod scheme;
mod sobol;
mod table;

pub use bootstrap::RESAMPLES;
pub use correlation::rank_correlation;
pub use morris::Morris;
pub use pawn::{Pawn, SLICES};
pub use scheme::{Kind, Scheme};
pub use sobol::Sobol;

use super::AnalyseError;
use super::levels::{Axis, axes};
use super::outcome::Outcome;
use super::runs::Runs;
use super::summary::point_means;
use crate::engine::{Goal, closest_name};
use crate::study::Dataset;
use crate::study::tables::RUNS;
use morris::morris;
use pawn::Ordered;
use rayon::prelude::*;
use sobol::sobol;
use std::sync::atomic::{AtomicBool, Ordering};

/// Estimate with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// Estimate.
    pub value: f64,
    /// Half the width of its 95 % interval, by the bootstrap.
    pub half_width: f64,
    /// True if its points are too few to estimate it.
    pub is_unsure: bool,
}

/// Question about a dataset.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Outcomes, columns of numbers of `runs`; all that declare a goal if empty.
    pub outcomes: Vec<String>,
    /// Combination of settings outside the scheme, such as a variant or lever setting, whose points give Sobol
    /// indices or elementary effects.
    pub combination: usize,
}

/// Sensitivity of outcomes to the varied settings.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    /// Varied settings.
    pub axes: Vec<Axis>,
    /// Schemes among the designs.
    pub schemes: Vec<Scheme>,
    /// Combination outside each scheme.
    pub combination: usize,
    /// Number of points.
    pub points: usize,
    /// Sensitivity by outcome.
    pub outcomes: Vec<OutcomeSensitivity>,
}

/// Sensitivity of an outcome.
#[derive(Clone, Debug)]
pub struct OutcomeSensitivity {
    /// Outcome.
    pub outcome: Outcome,
    /// Number of points in which no run has a value.
    pub missing: usize,
    /// True if all points have the same mean.
    pub is_constant: bool,
    /// Indices by scheme; `None` if a point is missing or all are equal.
    pub schemes: Vec<Option<Indices>>,
    /// PAWN indices by axis, where defined.
    pub pawn: Vec<Option<Pawn>>,
}

/// Indices of a scheme, in the order of its axes.
#[derive(Clone, Debug, PartialEq)]
pub enum Indices {
    /// Sobol indices of Saltelli's scheme.
    Sobol(Sobol),
    /// Elementary effects of Morris' trajectories.
    Morris(Vec<Morris>),
}

/// Computes the sensitivity of a dataset's outcomes. Setting `stop` ends this with [`AnalyseError::Interrupted`].
///
/// # Errors
/// When the question names an outcome or combination that the dataset lacks, or its files are not intact.
pub fn sensitivity(
    dataset: &Dataset,
    asked: &Asked,
    stop: &AtomicBool,
) -> Result<Sensitivity, AnalyseError> {
    let runs = Runs::verified(dataset, stop)?;
    let outcomes = outcomes(runs, &asked.outcomes)?;
    let axes = axes(dataset)?;
    if axes.is_empty() {
        return Err(AnalyseError::NothingVaried);
    }
    let columns: Vec<&str> = outcomes
        .iter()
        .map(|outcome| outcome.name.as_str())
        .collect();
    let mut means = vec![vec![f64::NAN; dataset.manifest.points as usize]; columns.len()];
    for point in point_means(runs, &columns)? {
        for (column, means) in means.iter_mut().enumerate() {
            means[point.point as usize] = point.mean(column).unwrap_or(f64::NAN);
        }
    }
    let spec = &dataset.manifest.spec;
    of_means(axes, spec, outcomes, &means, asked.combination, stop)
}

/// Computes the sensitivity of outcomes by the means of their points, NaN where missing.
///
/// # Errors
/// When `combination` is out of range, or `stop` is set.
pub fn of_means(
    axes: Vec<Axis>,
    spec: &toml::Table,
    outcomes: Vec<Outcome>,
    means: &[Vec<f64>],
    combination: usize,
    stop: &AtomicBool,
) -> Result<Sensitivity, AnalyseError> {
    let points = axes.first().map_or(0, |axis| axis.values.len());
    let schemes = Scheme::all(spec, &axes, points);
    let most = schemes
        .iter()
        .map(|scheme| scheme.combinations)
        .min()
        .unwrap_or(1);
    if combination >= most {
        return Err(AnalyseError::Number {
            option: "combination",
            number: combination,
            count: most,
        });
    }
    let of_outcome = |(outcome, means): (Outcome, &Vec<f64>)| {
        let present = || means.iter().filter(|mean| !mean.is_nan());
        let is_constant = present().all(|mean| Some(mean) == present().next());
        let by_scheme = schemes.iter().map(|scheme| match is_constant {
            true => None,
            false => indices(scheme, &axes, means, combination, stop),
        });
        let schemes = by_scheme.collect();
        let ordered = Ordered::new(means);
        let pawn = axes
            .iter()
            .map(|axis| match is_constant || stop.load(Ordering::Relaxed) {
                true => None,
                false => ordered.pawn(axis),
            });
        OutcomeSensitivity {
            missing: means.len() - present().count(),
            is_constant,
            schemes,
            pawn: pawn.collect(),
            outcome,
        }
    };
    let pairs: Vec<_> = outcomes.into_iter().zip(means).collect();
    let outcomes = pairs.into_par_iter().map(of_outcome).collect();
    match stop.load(Ordering::Relaxed) {
        true => Err(AnalyseError::Interrupted),
        false => Ok(Sensitivity {
            axes,
            schemes,
            combination,
            points,
            outcomes,
        }),
    }
}

fn indices(
    scheme: &Scheme,
    axes: &[Axis],
    means: &[f64],
    combination: usize,
    stop: &AtomicBool,
) -> Option<Indices> {
    let means = scheme.means(combination, means);
    match scheme.kind {
        Kind::Saltelli { second_order } => {
            sobol(&means, scheme.axes.len(), second_order, stop).map(Indices::Sobol)
        }
        Kind::Morris { levels } => {
            let axes: Vec<&Axis> = scheme.axes.iter().map(|&axis| &axes[axis]).collect();
            let point = |row| scheme.point(combination, row);
            morris(&means, &axes, levels, point, stop).map(Indices::Morris)
        }
    }
}

/// Returns the outcomes of these names; all if empty.
fn outcomes(runs: Runs, names: &[String]) -> Result<Vec<Outcome>, AnalyseError> {
    let all = runs.outcomes(RUNS)?;
    if names.is_empty() {
        return Ok(all);
    }
    let columns = runs.columns()?;
    let find = |name: &String| {
        let known = all.iter().find(|outcome| outcome.name == *name).cloned();
        let column = columns.iter().find(|(column, _)| column == name);
        let plain = column.map(|(column, goal)| Outcome {
            name: column.clone(),
            unit: String::new(),
            goal: goal.unwrap_or(Goal::Neither),
        });
        known.or(plain).ok_or_else(|| AnalyseError::Column {
            option: "outcome",
            name: name.clone(),
            nearest: closest_name(name, columns.iter().map(|(column, _)| column.as_str()))
                .map(str::to_owned),
        })
    };
    names.iter().map(find).collect()
}
