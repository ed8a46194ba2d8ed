//! The first pass: the best of each world, the worst of all, the reference.

use super::{Frame, Question, fill, sign};
use crate::analyse::worlds::LeverRuns;
use crate::study::objective::{Empty, Objective};

/// What the second pass compares with.
pub(super) struct First {
    frame: Frame,
    reference: usize,
    /// How many lever settings were simulated in each world.
    present: Vec<u32>,
    /// By objective.
    pub objectives: Vec<FirstOf>,
}

/// What the second pass compares with, of one objective.
pub(super) struct FirstOf {
    objective: Objective,
    /// The best outcome of each world, more being better; NaN where a lever setting has none.
    pub best: Vec<f64>,
    /// How many lever settings have an outcome in each world.
    filled: Vec<u32>,
    /// The worst outcome seen.
    pub worst: f64,
    /// The outcomes of the reference, and where it was simulated.
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
                // NaN, until there is one.
                of.worst = sign * (sign * of.worst).min(sign * value);
            }
            if lever == self.reference {
                of.reference = values;
            }
        }
    }

    /// Settles which worlds count, once every lever setting is there.
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
            // A world that the reference does not have stays empty: points are the same for all, or were never simulated.
            let present: Vec<bool> = self.present.iter().map(|&count| count > 0).collect();
            fill(&of.objective, &mut of.reference, &present, of.worst);
        }
    }
}
