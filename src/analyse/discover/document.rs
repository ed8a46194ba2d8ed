//! Writes a discovery as JSON.

use super::prim::{Limits, Step};
use super::{Discovery, density, words};
use serde_json::{Map, Value, json};

impl Discovery {
    /// Returns all boxes as a document.
    pub fn json(&self) -> Value {
        let by_step = |number: &dyn Fn(&Step) -> Value| -> Value {
            self.steps.iter().map(number).collect::<Vec<_>>().into()
        };
        let hits = self.hits as f64;
        let rows = self.rows as f64;
        let held_out = self.held_out.as_ref().map(|held| {
            json!({
                "points": held.points, "rows": held.rows,
                "coverage": held.hits_in as f64 / held.hits as f64,
                "density": held.hits_in as f64 / held.rows_in as f64,
                "mass": held.rows_in as f64 / held.rows as f64,
            })
        });
        let chosen = self.chosen.map(|number| {
            let step = &self.steps[number];
            json!({
                "step": number, "coverage": step.hits as f64 / hits, "density": density(step),
                "mass": step.rows as f64 / rows, "limits": self.limits(step),
                "words": words(self, step),
            })
        });
        json!({
            "where": self.asked.condition,
            "rows": self.rows,
            "of_interest": self.hits,
            "inputs": self.inputs.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "trajectory": {
                "coverage": by_step(&|step| json!(step.hits as f64 / hits)),
                "density": by_step(&|step| json!(density(step))),
                "mass": by_step(&|step| json!(step.rows as f64 / rows)),
                "restricted": by_step(&|step| json!(step.restricted)),
            },
            "limits": by_step(&|step| self.limits(step)),
            "quasi_p": by_step(&|step| {
                let inputs = self.inputs.iter().zip(&step.quasi_p);
                let inputs = inputs.filter(|(_, sides)| sides.iter().any(|side| !side.is_nan()));
                inputs.map(|((name, _), sides)| (name.clone(), json!(sides))).collect::<Map<_, _>>().into()
            }),
            "chosen": chosen,
            "held_out": held_out,
        })
    }

    /// Returns the limits of a step in every input.
    fn limits(&self, step: &Step) -> Value {
        let inputs = self.inputs.iter().zip(&step.limits);
        let inputs = inputs.map(|((name, words), limits)| {
            let limits = match limits {
                Limits::Range(low, high) => json!([low, high]),
                Limits::Words(is_in) => {
                    let kept = words.iter().zip(is_in).filter(|(_, is_in)| **is_in);
                    json!(kept.map(|(word, _)| word).collect::<Vec<_>>())
                }
            };
            (name.clone(), limits)
        });
        inputs.collect::<Map<_, _>>().into()
    }
}
