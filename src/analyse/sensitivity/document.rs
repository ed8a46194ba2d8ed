//! Writes sensitivity as JSON.

use super::{
    Index, Indices, Kind, Morris, OutcomeSensitivity, Pawn, RESAMPLES, SLICES, Sensitivity, Sobol,
};
use serde_json::{Map, Value, json};

impl Sensitivity {
    /// Returns all indices as a document; missing ones are null.
    pub fn json(&self) -> Value {
        let schemes = self.schemes.iter().map(|scheme| {
            json!({
                "kind": scheme.kind.name(), "points": scheme.rows,
                "settings": self.names(&scheme.axes),
                "combination": self.combination, "combinations": scheme.combinations,
            })
        });
        let outcomes = self.outcomes.iter();
        json!({
            "points": self.points,
            "settings": self.names(&(0..self.axes.len()).collect::<Vec<_>>()),
            "schemes": schemes.collect::<Vec<_>>(),
            "resamples": RESAMPLES,
            "slices": SLICES,
            "outcomes": outcomes.map(|of| (of.outcome.name.clone(), self.outcome(of))).collect::<Map<_, _>>(),
        })
    }

    fn names(&self, axes: &[usize]) -> Vec<&str> {
        axes.iter()
            .map(|&axis| self.axes[axis].name.as_str())
            .collect()
    }

    fn outcome(&self, of: &OutcomeSensitivity) -> Value {
        let (mut sobols, mut second, mut effects) = (Map::new(), Vec::new(), Map::new());
        for (scheme, indices) in self.schemes.iter().zip(&of.schemes) {
            let names = self.names(&scheme.axes);
            match indices {
                Some(Indices::Sobol(found)) => {
                    sobols.extend(
                        names
                            .iter()
                            .enumerate()
                            .map(|(axis, name)| ((*name).to_owned(), sobol(found, axis))),
                    );
                    second.extend(found.second.iter().map(|((j, k), index)| {
                        json!({ "settings": [names[*j], names[*k]], "index": estimate(index) })
                    }));
                }
                Some(Indices::Morris(found)) => {
                    effects.extend(
                        names
                            .iter()
                            .zip(found)
                            .map(|(name, of)| ((*name).to_owned(), morris(of))),
                    );
                }
                None => {}
            }
        }
        let pawn = self.axes.iter().zip(&of.pawn);
        let pawn =
            pawn.filter_map(|(axis, found)| Some((axis.name.clone(), distances(found.as_ref()?))));
        let some = |found: Map<String, Value>| {
            if found.is_empty() {
                Value::Null
            } else {
                found.into()
            }
        };
        json!({
            "missing": of.missing, "constant": of.is_constant,
            "sobol": some(sobols), "second_order": second, "morris": some(effects),
            "pawn": pawn.collect::<Map<_, _>>(),
        })
    }
}

impl Kind {
    /// Returns the name of the design.
    pub fn name(self) -> &'static str {
        match self {
            Self::Saltelli { .. } => "saltelli",
            Self::Morris { .. } => "morris",
        }
    }
}

fn estimate(index: &Index) -> Value {
    json!({ "value": index.value, "half_width_95": index.half_width, "unsure": index.is_unsure })
}

fn sobol(found: &Sobol, axis: usize) -> Value {
    json!({
        "rows": found.rows, "first": estimate(&found.first[axis]), "total": estimate(&found.total[axis]),
    })
}

fn morris(found: &Morris) -> Value {
    json!({
        "trajectories": found.trajectories, "mean": found.mean,
        "mean_size": estimate(&found.mean_size), "sd": found.deviation,
    })
}

fn distances(found: &Pawn) -> Value {
    json!({
        "minimum": found.minimum, "mean": found.mean, "median": found.median, "maximum": found.maximum,
        "sd": found.deviation, "cv": found.variation(), "chance": found.chance, "unsure": found.is_unsure(),
    })
}
