//! Resolves a user's question against a dataset.

use super::{Question, Robustness, WorldKind, robustness};
use crate::analyse::AnalyseError;
use crate::analyse::runs::Runs;
use crate::analyse::worlds::Worlds;
use crate::engine::Goal;
use crate::study::Dataset;
use crate::study::objective::{Empty, Meet, Objective, ObjectiveError};
use std::sync::atomic::AtomicBool;

/// Question of a user.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Objectives in the syntax of [`Objective::parse`]; those of the dataset if empty.
    pub objectives: Vec<String>,
    /// Kind of worlds; by default a run if all points meet the same worlds, else a point.
    pub kind: Option<WorldKind>,
    /// Uncertain point from which changes and distances are measured.
    pub base: usize,
    /// Lever setting with which others are paired.
    pub reference: usize,
    /// Columns that are levers; `None` uses the roles in the dataset.
    pub levers: Option<Vec<String>>,
    /// True if regret is a share of the best outcome of each world; worlds whose best is 0 are then left out.
    pub is_relative: bool,
    /// Quantile that Pareto sets compare, counted from the worst; `None` for the mean.
    pub pareto_quantile: Option<f64>,
}

/// Compares the lever settings of a dataset. Setting `stop` ends this with [`AnalyseError::Interrupted`].
///
/// # Errors
/// When the question does not fit the dataset, or its files are not intact.
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

/// Returns the objectives in the texts; without texts, those of the dataset.
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
