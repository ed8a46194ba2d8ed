//! Robustness: lever settings compared over worlds, by objectives.
//!
//! A world is an uncertain point and a replicate, or an uncertain point with the mean of its replicates. Replicates of one
//! point are not independent, so intervals are those of the means by point; where there is one point only, those of its
//! replicates. Two passes over the runs: the first finds the best outcome in each world, the second compares each lever
//! setting with it.
//!
//! | file | what it computes |
//! |---|---|
//! | `asked` | the question, resolved against a dataset |
//! | `first` | the best of each world, the worst of all, the reference |
//! | `lever` | the numbers of one lever setting |
//! | `pareto` | the settings that no other dominates, and how sure that is |
//! | `document`, `table` | as JSON, and as a table |

mod asked;
mod document;
mod first;
mod lever;
mod pareto;
mod table;

pub use asked::{Asked, robust};
pub use lever::{Change, Distribution, LeverResult, Paired, QUANTILES, Regret, Satisficing};
pub use pareto::Pareto;

use super::AnalyseError;
use super::moments::Moments;
use super::runs::Runs;
use super::worlds::{LeverRuns, Worlds};
use crate::engine::Goal;
use crate::study::objective::{Empty, Objective};
use first::First;
use lever::Judge;
use pareto::Resampling;

/// What a world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorldKind {
    /// An uncertain point and a replicate.
    Run,
    /// An uncertain point, with the mean of its replicates that have a value.
    Point,
}

impl WorldKind {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Point => "point",
        }
    }
}

/// What is asked of a dataset.
#[derive(Clone, Debug)]
pub struct Question {
    /// The objectives, at least one.
    pub objectives: Vec<Objective>,
    /// What a world is.
    pub kind: WorldKind,
    /// The uncertain point that changes and distances start from.
    pub base: usize,
    /// The lever setting that others are paired with.
    pub reference: usize,
    /// Whether regret is a share of the best outcome of each world, instead of in its unit.
    pub is_relative: bool,
    /// The quantile that Pareto sets compare, counted from the worst; the mean where there is none.
    pub pareto_quantile: Option<f64>,
}

/// Lever settings compared over worlds.
#[derive(Clone, Debug)]
pub struct Robustness {
    /// What was asked.
    pub question: Question,
    /// How many worlds there are.
    pub worlds: usize,
    /// How many uncertain points there are.
    pub points: usize,
    /// The lever settings, in the order of points.
    pub levers: Vec<LeverResult>,
    /// The Pareto sets: of every pair of objectives, and of all where there are more.
    pub pareto: Vec<Pareto>,
}

/// How the runs of a lever setting become outcomes in worlds.
#[derive(Clone, Copy, Debug)]
struct Frame {
    kind: WorldKind,
    points: usize,
    replicates: usize,
}

impl Frame {
    /// Runs in a world.
    fn runs(self) -> usize {
        match self.kind {
            WorldKind::Run => 1,
            WorldKind::Point => self.replicates,
        }
    }

    /// How many worlds there are.
    fn worlds(self) -> usize {
        self.points * self.replicates / self.runs()
    }

    /// The uncertain point of a world.
    fn point(self, world: usize) -> usize {
        world * self.runs() / self.replicates
    }

    /// Worlds that are not independent of each other.
    fn cluster(self) -> usize {
        match self.points {
            1 => 1,
            _ => self.replicates / self.runs(),
        }
    }

    /// Whether each world was simulated.
    fn present(self, runs: &LeverRuns) -> Vec<bool> {
        let worlds = runs.present.chunks_exact(self.runs());
        worlds.map(|runs| runs.contains(&true)).collect()
    }

    /// The outcome of a column in each world; NaN where it is missing.
    fn outcomes(self, runs: &LeverRuns, column: usize) -> Vec<f64> {
        means(&runs.columns[column], self.runs()).collect()
    }

    /// The moments of the means of clusters.
    fn clustered(self, values: &[f64]) -> Moments {
        Moments::of(means(values, self.cluster()).filter(|mean| !mean.is_nan()))
    }
}

/// The mean of each `length` values that follow each other, over those that are not NaN.
fn means(values: &[f64], length: usize) -> impl Iterator<Item = f64> {
    values.chunks_exact(length).map(|values| {
        let present = values.iter().filter(|value| !value.is_nan());
        let (sum, count) =
            present.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        sum / count
    })
}

/// The factor that makes more better.
fn sign(objective: &Objective) -> f64 {
    match objective.goal {
        Goal::Min => -1.0,
        _ => 1.0,
    }
}

/// The quantile of sorted outcomes, counted from the worst.
fn from_worst(objective: &Objective, share: f64) -> f64 {
    match objective.goal {
        Goal::Min => 1.0 - share,
        _ => share,
    }
}

/// Fills the missing outcomes of simulated worlds, where the objective says so.
fn fill(objective: &Objective, values: &mut [f64], present: &[bool], worst: f64) {
    if objective.empty == Empty::Worst {
        for (value, present) in values.iter_mut().zip(present) {
            if *present && value.is_nan() {
                *value = worst;
            }
        }
    }
}

/// Compares the lever settings of a dataset.
///
/// # Errors
/// When the question names what the dataset does not have, or a part cannot be read.
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
    let mut first = First::new(frame, &question);
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
    Ok(Robustness {
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
