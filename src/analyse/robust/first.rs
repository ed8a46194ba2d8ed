//! The first pass: finds the best outcome in each world, the worst of all, and the reference.

use super::{Frame, Question, fill, sign};
use crate::analyse::worlds::LeverRuns;
use crate::study::objective::{Empty, Objective};

/// Results of the first pass, for comparisons in the second.
pub(super) struct First {
    frame: Frame,
    reference: usize,
    /// Number of lever settings simulated in each world.
    present: Vec<u32>,
    /// Results by objective.
    pub objectives: Vec<FirstOf>,
}

/// Results of the first pass for one objective.
pub(super) struct FirstOf {
    objective: Objective,
    /// Best outcome in each world, with the sign that makes more better; NaN if a lever setting has no outcome.
    pub best: Vec<f64>,
    /// Number of lever settings with an outcome in each world.
    filled: Vec<u32>,
    /// Worst outcome of all.
    pub worst: f64,
    /// Outcomes of the reference.
    pub reference: Vec<f64>,
}

impl First {
    pub fn new(frame: Frame, question: &Question) -> Self {
        let worlds = frame.worlds();
        let of = |objective: &Objective| FirstOf {
            objective: objective.clone(),
            best: vec![f64::NEG_INFINITY; worlds],
            filled: vec![0; worlds],
            worst: f64::NAN,
            reference: Vec::new(),
        };
        Self {
            frame,
            reference: question.reference,
            present: vec![0; worlds],
            objectives: question.objectives.iter().map(of).collect(),
        }
    }

    /// Adds a lever setting.
    pub fn add(&mut self, lever: usize, runs: &LeverRuns) {
        for (count, present) in self.present.iter_mut().zip(self.frame.present(runs)) {
            *count += u32::from(present);
        }
        for (column, of) in self.objectives.iter_mut().enumerate() {
            let values = self.frame.outcomes(runs, column);
            let sign = sign(&of.objective);
            for (world, value) in values
                .iter()
                .enumerate()
                .filter(|(_, value)| !value.is_nan())
            {
                of.filled[world] += 1;
                of.best[world] = of.best[world].max(sign * value);
                // The minimum ignores NaN, the worst before the first value.
                of.worst = sign * (sign * of.worst).min(sign * value);
            }
            if lever == self.reference {
                of.reference = values;
            }
        }
    }

    /// Decides which worlds count, after every lever setting was added.
    pub fn finish(&mut self, levers: usize) {
        for of in &mut self.objectives {
            let worst = sign(&of.objective) * of.worst;
            for (world, best) in of.best.iter_mut().enumerate() {
                let with_value = match of.objective.empty {
                    Empty::Worst => self.present[world],
                    Empty::Fail | Empty::Drop => of.filled[world],
                };
                *best = match with_value as usize == levers {
                    true => best.max(worst),
                    false => f64::NAN,
                };
            }
            // Worlds that no lever setting simulated remain empty.
            let present: Vec<bool> = self.present.iter().map(|&count| count > 0).collect();
            fill(&of.objective, &mut of.reference, &present, of.worst);
        }
    }
}
