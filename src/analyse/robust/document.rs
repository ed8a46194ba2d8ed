//! Writes robustness as JSON.

use super::lever::{Change, Distribution, LeverResult, Paired, Regret, Satisficing};
use super::{Pareto, Robustness};
use crate::input::RawValue;
use crate::study::objective::Objective;
use serde_json::{Map, Value, json};

impl Robustness {
    /// Returns all numbers as a document; missing ones are null.
    pub fn json(&self) -> Value {
        let levers = self.levers.iter().enumerate();
        let names = |pareto: &Pareto| {
            let names = pareto
                .objectives
                .iter()
                .map(|&number| self.names().nth(number));
            names.flatten().collect::<Vec<_>>().join(",")
        };
        let pareto = self.pareto.iter().map(|of| (names(of), json!(of.levers)));
        json!({
            "worlds": { "kind": self.question.kind.name(), "all": self.worlds },
            "objectives": self.question.objectives.iter().map(objective).collect::<Vec<_>>(),
            "levers": levers.map(|(number, of)| self.lever(number, of)).collect::<Vec<_>>(),
            "pareto": pareto.collect::<Map<_, _>>(),
        })
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.question
            .objectives
            .iter()
            .map(|objective| objective.name.as_str())
    }

    /// Returns values by the names of their objectives.
    fn named<T>(&self, values: &[T], show: impl Fn(&T) -> Value) -> Value {
        let values = self.names().zip(values);
        values
            .map(|(name, value)| (name.to_owned(), show(value)))
            .collect::<Map<_, _>>()
            .into()
    }

    fn lever(&self, number: usize, of: &LeverResult) -> Value {
        let setting = of.setting.iter().map(|(name, value)| {
            let value = match value {
                RawValue::Number(number) => json!(number),
                RawValue::Word(word) => json!(word),
            };
            (name.clone(), value)
        });
        let Satisficing {
            share,
            met,
            worlds,
            interval: (low, high),
            each,
            ..
        } = &of.satisficing;
        json!({
            "lever": number,
            "setting": setting.collect::<Map<_, _>>(),
            "outcomes": self.named(&of.outcomes, distribution),
            "regret": self.named(&of.regret, regret),
            "from_base": self.named(&of.from_base, change),
            "satisficing": {
                "share": share, "met": met, "worlds": worlds, "low": low, "high": high,
                "each": self.named(each, |share| json!(share)),
                "distance_to_failure": of.satisficing.distance_to_failure,
            },
            "paired": self.named(&of.paired, paired),
        })
    }
}

fn objective(of: &Objective) -> Value {
    json!({
        "name": of.name, "column": of.column, "goal": of.goal.name(),
        "meet": of.meet.map(|meet| meet.to_string()), "empty": of.empty.name(),
    })
}

fn distribution(of: &Distribution) -> Value {
    let [q05, q10, q25, q50, q75, q90, q95] = of.quantiles;
    json!({
        "count": of.count, "empty": of.empty, "mean": of.mean, "sd": of.deviation,
        "q05": q05, "q10": q10, "q25": q25, "q50": q50, "q75": q75, "q90": q90, "q95": q95,
        "worst_tenth_mean": of.worst_tenth, "half_width_95": of.half_width,
    })
}

fn regret(of: &Regret) -> Value {
    json!({
        "worlds": of.worlds, "mean": of.mean, "p90": of.p90, "max": of.max,
        "share_best": of.share_best, "half_width_95": of.half_width,
    })
}

fn change(of: &Change) -> Value {
    json!({
        "base": of.base, "count": of.count, "mean": of.mean, "p90": of.p90, "max": of.max,
    })
}

fn paired(of: &Paired) -> Value {
    json!({
        "worlds": of.worlds, "mean": of.mean, "half_width_95": of.half_width,
        "share_better": of.share_better,
    })
}
