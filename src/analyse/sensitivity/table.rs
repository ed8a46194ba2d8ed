//! Writes sensitivity as a table, a row per index.

use super::{Index, Indices, Sensitivity};
use crate::analyse::answer::Answer;
use arrow_array::RecordBatch;

/// Index with its outcome, setting and method.
struct Row {
    outcome: String,
    method: &'static str,
    setting: String,
    with: String,
    index: &'static str,
    estimate: Index,
}

impl Sensitivity {
    /// Returns the indices as a table, a row per outcome, setting and index.
    pub fn table(&self) -> RecordBatch {
        let rows = self.rows();
        let rows = || rows.iter();
        let mut table = Answer::default();
        table
            .words(
                "outcome",
                "column of runs",
                rows().map(|row| row.outcome.clone()),
            )
            .words(
                "method",
                "sobol, morris or pawn",
                rows().map(|row| row.method.to_owned()),
            )
            .words(
                "setting",
                "setting that is varied",
                rows().map(|row| row.setting.clone()),
            )
            .words(
                "with",
                "the other setting of a pair, for the second order",
                rows().map(|row| row.with.clone()),
            )
            .words(
                "index",
                "which index",
                rows().map(|row| row.index.to_owned()),
            )
            .numbers(
                "value",
                "its estimate",
                rows().map(|row| row.estimate.value),
            )
            .numbers(
                "half_width_95",
                "half its 95 % interval",
                rows().map(|row| row.estimate.half_width),
            )
            .truths(
                "unsure",
                "whether the points are too few to tell",
                rows().map(|row| row.estimate.is_unsure),
            );
        table.finish().1
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for of in &self.outcomes {
            let outcome = &of.outcome.name;
            let row = |method, setting: usize, index, estimate| Row {
                outcome: outcome.clone(),
                method,
                setting: self.axes[setting].name.clone(),
                with: String::new(),
                index,
                estimate,
            };
            for (scheme, indices) in self.schemes.iter().zip(&of.schemes) {
                match indices {
                    Some(Indices::Sobol(sobol)) => {
                        for (place, &axis) in scheme.axes.iter().enumerate() {
                            rows.push(row("sobol", axis, "first", sobol.first[place]));
                            rows.push(row("sobol", axis, "total", sobol.total[place]));
                        }
                        for ((j, k), index) in &sobol.second {
                            rows.push(Row {
                                with: self.axes[scheme.axes[*k]].name.clone(),
                                ..row("sobol", scheme.axes[*j], "second", *index)
                            });
                        }
                    }
                    Some(Indices::Morris(effects)) => {
                        for (&axis, effect) in scheme.axes.iter().zip(effects) {
                            let plain = |value| Index {
                                value,
                                half_width: f64::NAN,
                                ..effect.mean_size
                            };
                            rows.push(row("morris", axis, "mean_size", effect.mean_size));
                            rows.push(row("morris", axis, "mean", plain(effect.mean)));
                            rows.push(row("morris", axis, "sd", plain(effect.deviation)));
                        }
                    }
                    None => {}
                }
            }
            for (axis, pawn) in of.pawn.iter().enumerate() {
                if let Some(pawn) = pawn {
                    let estimate = Index {
                        value: pawn.median,
                        half_width: f64::NAN,
                        is_unsure: pawn.is_unsure(),
                    };
                    rows.push(row("pawn", axis, "median", estimate));
                }
            }
        }
        rows
    }
}
