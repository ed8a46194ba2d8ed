//! Writes robustness as a table, a row per lever setting.

use super::lever::LeverResult;
use super::{Pareto, Robustness};
use crate::analyse::answer::Answer;
use arrow_array::RecordBatch;

/// Number of each objective: the suffix of its name, its meaning and its value.
type OfObjective = (&'static str, &'static str, fn(&LeverResult, usize) -> f64);

const OF_OBJECTIVE: [OfObjective; 19] = [
    ("mean", "mean over worlds", |of, n| of.outcomes[n].mean),
    (
        "half_width_95",
        "half the 95 % interval of the mean",
        |of, n| of.outcomes[n].half_width,
    ),
    ("sd", "standard deviation over worlds", |of, n| {
        of.outcomes[n].deviation
    }),
    ("q05", "5th percentile", |of, n| of.outcomes[n].quantiles[0]),
    ("q10", "10th percentile", |of, n| {
        of.outcomes[n].quantiles[1]
    }),
    ("q25", "25th percentile", |of, n| {
        of.outcomes[n].quantiles[2]
    }),
    ("q50", "median", |of, n| of.outcomes[n].quantiles[3]),
    ("q75", "75th percentile", |of, n| {
        of.outcomes[n].quantiles[4]
    }),
    ("q90", "90th percentile", |of, n| {
        of.outcomes[n].quantiles[5]
    }),
    ("q95", "95th percentile", |of, n| {
        of.outcomes[n].quantiles[6]
    }),
    (
        "worst_tenth_mean",
        "mean of the worst tenth of worlds",
        |of, n| of.outcomes[n].worst_tenth,
    ),
    (
        "regret_mean",
        "mean loss against the best setting of each world",
        |of, n| of.regret[n].mean,
    ),
    (
        "regret_half_width_95",
        "half the 95 % interval of the mean loss",
        |of, n| of.regret[n].half_width,
    ),
    ("regret_p90", "90th percentile of the loss", |of, n| {
        of.regret[n].p90
    }),
    ("regret_max", "greatest loss", |of, n| of.regret[n].max),
    (
        "share_best",
        "share of worlds in which the setting is best",
        |of, n| of.regret[n].share_best,
    ),
    (
        "paired_mean",
        "mean difference to the reference, world by world",
        |of, n| of.paired[n].mean,
    ),
    (
        "paired_half_width_95",
        "half the 95 % interval of the difference",
        |of, n| of.paired[n].half_width,
    ),
    (
        "share_meets",
        "share of worlds that meet the criterion",
        |of, n| of.satisficing.each[n],
    ),
];

impl Robustness {
    /// Returns the numbers as a table, a row per lever setting in order.
    pub fn table(&self) -> RecordBatch {
        let mut table = Answer::default();
        table.counts(
            "lever",
            "number of the lever setting",
            0..self.levers.len() as u64,
        );
        let first = self.levers.first().map_or(&[][..], |lever| &lever.setting);
        for (place, (name, _)) in first.iter().enumerate() {
            table.settings(
                name,
                "lever",
                self.levers.iter().map(|lever| &lever.setting[place].1),
            );
        }
        for (number, objective) in self.question.objectives.iter().enumerate() {
            let name = &objective.name;
            let levers = || self.levers.iter();
            let counts = levers().map(|lever| lever.outcomes[number].count);
            table.counts(format!("{name}_count"), "worlds with a value", counts);
            let empty = levers().map(|lever| lever.outcomes[number].empty);
            table.counts(format!("{name}_empty"), "worlds without a value", empty);
            for (suffix, meaning, of) in OF_OBJECTIVE {
                let values = levers().map(|lever| of(lever, number));
                table.numbers(format!("{name}_{suffix}"), meaning, values);
            }
        }
        let satisficing = || self.levers.iter().map(|lever| &lever.satisficing);
        table
            .numbers(
                "satisficing_share",
                "share of worlds that meet every criterion",
                satisficing().map(|of| of.share),
            )
            .numbers(
                "satisficing_low",
                "lower end of its 95 % interval",
                satisficing().map(|of| of.interval.0),
            )
            .numbers(
                "satisficing_high",
                "upper end of its 95 % interval",
                satisficing().map(|of| of.interval.1),
            )
            .numbers(
                "distance_to_failure",
                "distance from the base world to the nearest that fails, in units of the ranges",
                satisficing().map(|of| of.distance_to_failure),
            );
        let all = |pareto: &&Pareto| pareto.objectives.len() == self.question.objectives.len();
        if let Some(pareto) = self.pareto.iter().find(all) {
            let is_in = (0..self.levers.len()).map(|lever| pareto.levers.contains(&lever));
            table.truths(
                "is_pareto",
                "whether no other setting dominates this one in all objectives",
                is_in,
            );
        }
        table.finish().1
    }
}
