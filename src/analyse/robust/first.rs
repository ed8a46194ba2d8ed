//! The first pass: finds the best outcome in each world, and the outcomes of the reference.

use super::{Frame, Question, sign};
use crate::analyse::worlds::LeverRuns;
use crate::study::objective::Objective;

/// Results of the first pass, for comparisons in the second.
pub(super) struct First {
    frame: Frame,
    reference: usize,
    /// Results by objective.
    pub objectives: Vec<FirstOf>,
}

/// Results of the first pass for one objective.
pub(super) struct FirstOf {
    objective: Objective,
    /// Replacement of missing values.
    pub filling: Option<f64>,
    /// Best outcome in each world, with the sign that makes more better; NaN if a lever setting has no outcome.
    pub best: Vec<f64>,
    /// Number of lever settings with an outcome in each world.
    filled: Vec<u32>,
    /// Outcomes of the reference.
    pub reference: Vec<f64>,
}

impl First {
    pub fn new(frame: Frame, question: &Question, fillings: Vec<Option<f64>>) -> Self {
        let worlds = frame.worlds();
        let of = |(objective, filling): (&Objective, Option<f64>)| FirstOf {
            objective: objective.clone(),
            filling,
            best: vec![f64::NEG_INFINITY; worlds],
            filled: vec![0; worlds],
            reference: Vec::new(),
        };
        Self {
            frame,
            reference: question.reference,
            objectives: question.objectives.iter().zip(fillings).map(of).collect(),
        }
    }

    /// Adds a lever setting.
    pub fn add(&mut self, lever: usize, runs: &LeverRuns) {
        for (column, of) in self.objectives.iter_mut().enumerate() {
            let values = self.frame.outcomes(runs, column, of.filling);
            let sign = sign(&of.objective);
            for (world, value) in values
                .iter()
                .enumerate()
                .filter(|(_, value)| !value.is_nan())
            {
                of.filled[world] += 1;
                of.best[world] = of.best[world].max(sign * value);
            }
            if lever == self.reference {
                of.reference = values;
            }
        }
    }

    /// Decides which worlds count, after every lever setting was added.
    pub fn finish(&mut self, levers: usize) {
        for of in &mut self.objectives {
            for (best, filled) in of.best.iter_mut().zip(&of.filled) {
                if *filled as usize != levers {
                    *best = f64::NAN;
                }
            }
        }
    }
}
