//! Robustness: compares lever settings over worlds, by objectives.
//!
//! A world is an uncertain point and a replicate, or an uncertain point with the mean of its replicates. Neither the
//! replicates of a point are independent nor those of one number, which share random numbers, so intervals count both
//! kinds of clusters ([`Clustered`]). The first of two passes over the runs finds the best outcome in each world. The
//! second compares each lever setting with it. A pass before finds the worst value of all, if an objective counts
//! missing ones so.
//!
//! | file | purpose |
//! |---|---|
//! | `across` | follows outcomes along each uncertainty |
//! | `asked` | resolves the question against a dataset |
//! | `chance` | tells when intervals do not cover chance |
//! | `first` | finds the best in each world, and the outcomes of the reference |
//! | `lever` | computes the numbers of one lever setting |
//! | `pareto` | finds the settings that no other dominates, and how sure that is |
//! | `document`, `table` | write JSON and a table |

mod across;
mod asked;
mod chance;
mod document;
mod first;
mod lever;
mod pareto;
mod table;

pub use across::{Across, Level, across};
pub use asked::{Asked, robust};
pub use chance::shared_chance;
pub use lever::{Change, Distribution, LeverResult, Paired, QUANTILES, Regret, Satisficing};
pub use pareto::Pareto;

use super::AnalyseError;
use super::clustered::{Clustered, mean};
use super::runs::Runs;
use super::worlds::{LeverRuns, Worlds};
use crate::engine::Goal;
use crate::study::objective::{Empty, Objective};
use first::First;
use lever::Judge;
use pareto::Resampling;

/// Kind of worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorldKind {
    /// Uncertain point and replicate.
    Run,
    /// Uncertain point, with the mean of its replicates that have a value.
    Point,
}

impl WorldKind {
    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Point => "point",
        }
    }
}

/// Question about a dataset.
#[derive(Clone, Debug)]
pub struct Question {
    /// Objectives, at least one.
    pub objectives: Vec<Objective>,
    /// Kind of worlds.
    pub kind: WorldKind,
    /// Uncertain point from which changes and distances are measured.
    pub base: usize,
    /// Lever setting with which others are paired.
    pub reference: usize,
    /// True if regret is a share of the best outcome of each world, instead of in its unit.
    pub is_relative: bool,
    /// Quantile that Pareto sets compare, counted from the worst; `None` for the mean.
    pub pareto_quantile: Option<f64>,
}

/// Comparison of lever settings over worlds.
#[derive(Clone, Debug)]
pub struct Robustness {
    /// Question.
    pub question: Question,
    /// Number of worlds.
    pub worlds: usize,
    /// Number of uncertain points.
    pub points: usize,
    /// Unit of each objective; empty for pure numbers.
    pub units: Vec<String>,
    /// Lever settings in the order of points.
    pub levers: Vec<LeverResult>,
    /// Pareto sets of every pair of objectives, and of all if there are more than two.
    pub pareto: Vec<Pareto>,
}

/// Rules that turn the runs of a lever setting into outcomes in worlds.
#[derive(Clone, Copy, Debug)]
struct Frame {
    kind: WorldKind,
    points: usize,
    replicates: usize,
}

impl Frame {
    /// Returns the number of runs in a world.
    fn runs(self) -> usize {
        match self.kind {
            WorldKind::Run => 1,
            WorldKind::Point => self.replicates,
        }
    }

    /// Returns the number of worlds.
    fn worlds(self) -> usize {
        self.points * self.replicates / self.runs()
    }

    /// Returns the uncertain point of a world.
    fn point(self, world: usize) -> usize {
        world * self.runs() / self.replicates
    }

    /// Returns the number of worlds at each uncertain point.
    fn worlds_of_point(self) -> usize {
        self.replicates / self.runs()
    }

    /// Returns true for each simulated world.
    fn present(self, runs: &LeverRuns) -> Vec<bool> {
        let worlds = runs.present.chunks_exact(self.runs());
        worlds.map(|runs| runs.contains(&true)).collect()
    }

    /// Returns the outcome of a column in each world, the mean over its runs with a value; NaN if missing. `filling`
    /// replaces the missing values of simulated runs.
    fn outcomes(self, runs: &LeverRuns, column: usize, filling: Option<f64>) -> Vec<f64> {
        let mut values = runs.columns[column].clone();
        if let Some(worst) = filling {
            for (value, present) in values.iter_mut().zip(&runs.present) {
                if *present && value.is_nan() {
                    *value = worst;
                }
            }
        }
        values.chunks_exact(self.runs()).map(mean).collect()
    }

    /// Returns true for each world in which no simulated run lacks a value.
    fn whole(self, runs: &LeverRuns, column: usize) -> Vec<bool> {
        let lacks = (runs.columns[column].iter().zip(&runs.present))
            .map(|(value, present)| *present && value.is_nan());
        let lacks: Vec<bool> = lacks.collect();
        let worlds = lacks.chunks_exact(self.runs());
        worlds.map(|runs| !runs.contains(&true)).collect()
    }

    /// Returns the clusters of an outcome by world.
    fn clustered(self, values: &[f64]) -> Clustered {
        // Runs are worlds only where all points share the random ones.
        Clustered::of(values, self.worlds_of_point(), self.kind == WorldKind::Run)
    }
}

/// Returns the factor that makes more better.
fn sign(objective: &Objective) -> f64 {
    match objective.goal {
        Goal::Min => -1.0,
        _ => 1.0,
    }
}

/// Returns the quantile of sorted outcomes, counted from the worst.
fn from_worst(objective: &Objective, share: f64) -> f64 {
    match objective.goal {
        Goal::Min => 1.0 - share,
        _ => share,
    }
}

/// Returns, for each objective, what fills missing values: the worst value of any run, if it treats them so and there
/// is one.
fn fillings(
    runs: Runs,
    objectives: &[Objective],
    columns: &[&str],
) -> Result<Vec<Option<f64>>, AnalyseError> {
    let mut fillings = vec![None; objectives.len()];
    if objectives.iter().all(|of| of.empty != Empty::Worst) {
        return Ok(fillings);
    }
    runs.each_part(columns, |rows| {
        for ((objective, values), filling) in
            objectives.iter().zip(&rows.columns).zip(&mut fillings)
        {
            let sign = sign(objective);
            let present = values.iter().filter(|value| !value.is_nan());
            let worst = present
                .map(|value| sign * value)
                .fold(f64::INFINITY, f64::min);
            if objective.empty == Empty::Worst && worst.is_finite() {
                let before = filling.map_or(f64::INFINITY, |before: f64| sign * before);
                *filling = Some(sign * worst.min(before));
            }
        }
    })?;
    Ok(fillings)
}

/// Compares the lever settings of a dataset.
///
/// # Errors
/// When the question names a missing point or lever setting, or a part cannot be read.
pub fn robustness(
    runs: Runs,
    worlds: &Worlds,
    question: Question,
) -> Result<Robustness, AnalyseError> {
    expect("base", question.base, worlds.points)?;
    expect("reference", question.reference, worlds.levers.len())?;
    if let Some(share) = question.pareto_quantile
        && !(0.0..=1.0).contains(&share)
    {
        return Err(AnalyseError::Share {
            option: "pareto-quantile",
            share,
        });
    }
    if question.kind == WorldKind::Run && !worlds.are_common {
        return Err(AnalyseError::Independent);
    }
    let frame = Frame {
        kind: question.kind,
        points: worlds.points,
        replicates: worlds.replicates,
    };
    let columns = question.objectives.iter();
    let columns: Vec<&str> = columns.map(|objective| objective.column.as_str()).collect();
    let fillings = fillings(runs, &question.objectives, &columns)?;
    let mut first = First::new(frame, &question, fillings);
    worlds.each_lever(runs, &columns, |lever, runs| first.add(lever, runs))?;
    first.finish(worlds.levers.len());
    let mut resampling = Resampling::new(frame, worlds.levers.len(), &question);
    let judge = Judge::new(frame, &question, &first, worlds);
    let mut levers: Vec<Option<LeverResult>> = vec![None; worlds.levers.len()];
    worlds.each_lever(runs, &columns, |lever, runs| {
        let setting = worlds.levers[lever].clone();
        levers[lever] = Some(judge.result(setting, runs, |objective, values| {
            resampling.add(lever, objective, values);
        }));
    })?;
    let levers: Vec<LeverResult> = levers.into_iter().flatten().collect();
    let units = runs.units()?;
    let unit = |column: &&str| units.get(*column).cloned().unwrap_or_default();
    Ok(Robustness {
        units: columns.iter().map(unit).collect(),
        worlds: frame.worlds(),
        points: worlds.points,
        pareto: pareto::sets(&question.objectives, &levers, &resampling),
        levers,
        question,
    })
}

fn expect(option: &'static str, number: usize, count: usize) -> Result<(), AnalyseError> {
    match number < count {
        true => Ok(()),
        false => Err(AnalyseError::Number {
            option,
            number,
            count,
        }),
    }
}
