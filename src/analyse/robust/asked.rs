//! A question as a user asks it, resolved against a dataset.

use super::{Question, Robustness, WorldKind, robustness};
use crate::analyse::AnalyseError;
use crate::analyse::runs::Runs;
use crate::analyse::worlds::Worlds;
use crate::engine::Goal;
use crate::study::Dataset;
use crate::study::objective::{Empty, Meet, Objective, ObjectiveError};
use std::sync::atomic::AtomicBool;

/// A question as a user asks it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Objectives, as [`Objective::parse`] reads them; those of the dataset where there are none.
    pub objectives: Vec<String>,
    /// What a world is; a run where all points meet the same worlds, else a point.
    pub kind: Option<WorldKind>,
    /// The uncertain point that changes and distances start from.
    pub base: usize,
    /// The lever setting that others are paired with.
    pub reference: usize,
    /// The columns that are levers, where their roles in the dataset do not hold.
    pub levers: Option<Vec<String>>,
    /// Whether regret is a share of the best outcome of each world; worlds whose best is 0 are then left out.
    pub is_relative: bool,
    /// The quantile that Pareto sets compare, counted from the worst, instead of the mean.
    pub pareto_quantile: Option<f64>,
}

/// Compares the lever settings of a dataset, as asked. Setting `stop` ends it with [`AnalyseError::Interrupted`].
///
/// # Errors
/// When the question makes no sense for the dataset, or its files are not intact.
pub fn robust(
    dataset: &Dataset,
    asked: &Asked,
    stop: &AtomicBool,
) -> Result<Robustness, AnalyseError> {
    let runs = Runs::verified(dataset, stop)?;
    let objectives = objectives(runs, &asked.objectives)?;
    let worlds = Worlds::of(dataset, asked.levers.as_deref())?;
    let kind = asked.kind.unwrap_or(match worlds.are_common {
        true => WorldKind::Run,
        false => WorldKind::Point,
    });
    let (base, reference) = (asked.base, asked.reference);
    let question = Question {
        objectives,
        kind,
        base,
        reference,
        is_relative: asked.is_relative,
        pareto_quantile: asked.pareto_quantile,
    };
    robustness(runs, &worlds, question)
}

/// The objectives that the texts say, or else those of the dataset.
fn objectives(runs: Runs, texts: &[String]) -> Result<Vec<Objective>, AnalyseError> {
    let columns = runs.columns()?;
    let spec = &runs.dataset().manifest.spec;
    let stored = spec.get("objective").and_then(toml::Value::as_array);
    let stored = stored.map_or(&[][..], Vec::as_slice);
    let wrong = |text: &str| {
        let text = text.to_owned();
        move |error: ObjectiveError| AnalyseError::Objective {
            text,
            problem: error.problem,
        }
    };
    let mut objectives: Vec<Objective> = Vec::new();
    if texts.is_empty() {
        for table in stored {
            let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
            let column = text("column").unwrap_or_default();
            let goal = text("goal").and_then(Goal::of);
            let empty = Empty::ALL
                .into_iter()
                .find(|empty| Some(empty.name()) == text("empty"));
            objectives.push(Objective {
                meet: text("meet").and_then(Meet::parse),
                empty: empty.unwrap_or_default(),
                ..Objective::new(text("name"), column, goal, &columns).map_err(wrong(column))?
            });
        }
    }
    for text in texts {
        objectives.push(Objective::parse(text, &columns).map_err(wrong(text))?);
    }
    for (number, objective) in objectives.iter().enumerate() {
        if objectives[..number]
            .iter()
            .any(|other| other.name == objective.name)
        {
            return Err(AnalyseError::Objective {
                text: objective.name.clone(),
                problem: "name taken by another objective; choose another".to_owned(),
            });
        }
    }
    match objectives.is_empty() {
        false => Ok(objectives),
        true => Err(AnalyseError::NoObjective),
    }
}
