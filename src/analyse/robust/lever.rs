//! The second pass: computes the numbers of one lever setting.

use super::first::First;
use super::{Frame, Question, WorldKind, from_worst, sign};
use crate::analyse::moments::Moments;
use crate::analyse::statistics::{quantile, sorted};
use crate::analyse::worlds::{LeverRuns, Worlds};
use crate::engine::Goal;
use crate::input::RawValue;
use crate::study::objective::{Empty, Meet, Objective};

/// Shares of the quantiles of a distribution.
pub const QUANTILES: [f64; 7] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

/// Factors by which each criterion is varied.
const GRID: [f64; 2] = [0.5, 2.0];

/// Results of a lever setting. Fields by objective follow the order of the question. NaN is a missing number.
#[derive(Clone, Debug)]
pub struct LeverResult {
    /// Value of each lever, by name.
    pub setting: Vec<(String, RawValue)>,
    /// Distribution of outcomes, by objective.
    pub outcomes: Vec<Distribution>,
    /// Values that Pareto sets compare, the mean or a quantile, by objective.
    pub compared: Vec<f64>,
    /// Regret against the best lever setting in each world, by objective.
    pub regret: Vec<Regret>,
    /// Changes of outcomes from the base world, by objective.
    pub from_base: Vec<Change>,
    /// Satisfaction of the criteria.
    pub satisficing: Satisficing,
    /// Differences to the reference, world by world, by objective.
    pub paired: Vec<Paired>,
}

/// Distribution of an outcome over worlds.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// Worlds with a value.
    pub count: u64,
    /// Simulated runs.
    pub runs: u64,
    /// Simulated runs without a value.
    pub empty: u64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation, with n − 1.
    pub deviation: f64,
    /// Quantiles of [`QUANTILES`], by type 7.
    pub quantiles: [f64; QUANTILES.len()],
    /// Mean of the worst tenth.
    pub worst_tenth: f64,
    /// Half the width of the 95 % interval of the mean, from clusters of worlds.
    pub half_width: f64,
}

/// Loss against the best lever setting in each world.
#[derive(Clone, Debug)]
pub struct Regret {
    /// Worlds in which every lever setting has a value.
    pub worlds: u64,
    /// Mean.
    pub mean: f64,
    /// 90th percentile.
    pub p90: f64,
    /// Maximum.
    pub max: f64,
    /// Share of worlds in which this setting is best; ties count for each.
    pub share_best: f64,
    /// Half the width of the 95 % interval of the mean, from clusters of worlds.
    pub half_width: f64,
}

/// Changes of outcomes from the base world, by uncertain point.
#[derive(Clone, Debug)]
pub struct Change {
    /// Outcome in the base world.
    pub base: f64,
    /// Number of other points with a value.
    pub count: u64,
    /// Mean absolute change.
    pub mean: f64,
    /// 90th percentile of absolute changes.
    pub p90: f64,
    /// Greatest absolute change.
    pub max: f64,
}

/// Satisfaction of the criteria.
#[derive(Clone, Debug)]
pub struct Satisficing {
    /// Share of worlds that meet every criterion.
    pub share: f64,
    /// Number of worlds that meet every criterion.
    pub met: u64,
    /// Number of worlds.
    pub worlds: u64,
    /// Wilson's 95 % interval of the share, from clusters of worlds.
    pub interval: (f64, f64),
    /// Share of worlds that meet each objective's criterion.
    pub each: Vec<f64>,
    /// Share of worlds that meet every criterion if an objective's own bound is halved, and if it is doubled.
    pub grid: Vec<[f64; GRID.len()]>,
    /// Distance from the base world to the nearest failing one.
    pub distance_to_failure: f64,
}

/// Differences to the reference, world by world.
#[derive(Clone, Debug)]
pub struct Paired {
    /// Worlds in which both settings have a value.
    pub worlds: u64,
    /// Mean difference.
    pub mean: f64,
    /// Half the width of its 95 % interval, from clusters of worlds.
    pub half_width: f64,
    /// Share of worlds in which this setting is better.
    pub share_better: f64,
}

/// Judge of lever settings, by the results of the first pass.
pub(super) struct Judge<'a> {
    frame: Frame,
    question: &'a Question,
    first: &'a First,
    /// Distance of each uncertain point from the base.
    distances: Vec<f64>,
}

impl<'a> Judge<'a> {
    pub fn new(frame: Frame, question: &'a Question, first: &'a First, worlds: &Worlds) -> Self {
        Self {
            frame,
            question,
            first,
            distances: worlds.distances_from(question.base),
        }
    }

    /// Returns the results of a lever setting; passes the outcomes of each objective to `note`.
    pub fn result(
        &self,
        setting: Vec<(String, RawValue)>,
        runs: &LeverRuns,
        mut note: impl FnMut(usize, &[f64]),
    ) -> LeverResult {
        let present = self.frame.present(runs);
        let objectives = || self.question.objectives.iter().zip(&self.first.objectives);
        let mut all = Vec::new();
        let (mut outcomes, mut compared) = (Vec::new(), Vec::new());
        for (number, (objective, first)) in objectives().enumerate() {
            let values = self.frame.outcomes(runs, number, first.filling);
            let distribution = self.distribution(objective, &values, runs.counts(number));
            compared.push(match self.question.pareto_quantile {
                Some(share) => {
                    let sorted = sorted(self::present(&values).collect());
                    quantile(&sorted, from_worst(objective, share))
                }
                None => distribution.mean,
            });
            outcomes.push(distribution);
            note(number, &values);
            all.push(values);
        }
        let each = || objectives().zip(&all);
        LeverResult {
            setting,
            outcomes,
            compared,
            regret: each()
                .map(|((objective, first), values)| self.regret(objective, &first.best, values))
                .collect(),
            from_base: objectives()
                .enumerate()
                .map(|(number, (_, first))| self.change(first.filling, runs, number))
                .collect(),
            satisficing: self.satisficing(&present, &self.judged(runs, &all)),
            paired: each()
                .map(|((objective, first), values)| {
                    self.paired(objective, &first.reference, values)
                })
                .collect(),
        }
    }

    /// Returns the distribution of outcomes by world, from so many runs and runs without a value.
    fn distribution(
        &self,
        objective: &Objective,
        values: &[f64],
        (runs, empty): (u64, u64),
    ) -> Distribution {
        let moments = Moments::of(present(values));
        let sorted = sorted(present(values).collect());
        let worst = sorted.len().div_ceil(10);
        let worst = match objective.goal {
            Goal::Min => &sorted[sorted.len() - worst..],
            _ => &sorted[..worst],
        };
        Distribution {
            count: sorted.len() as u64,
            runs,
            empty,
            mean: moments.mean(),
            deviation: moments.deviation(),
            quantiles: QUANTILES.map(|share| quantile(&sorted, share)),
            worst_tenth: Moments::of(worst.iter().copied()).mean(),
            half_width: self.frame.clustered(values).half_width(),
        }
    }

    fn regret(&self, objective: &Objective, best: &[f64], values: &[f64]) -> Regret {
        let sign = sign(objective);
        // NaN in worlds in which a lever setting has no value.
        let regrets =
            best.iter()
                .zip(values)
                .map(|(best, value)| match self.question.is_relative {
                    true if *best == 0.0 => f64::NAN,
                    true => (best - sign * value) / best.abs(),
                    false => best - sign * value,
                });
        let regrets: Vec<f64> = regrets.collect();
        let best = present(&regrets).filter(|regret| *regret == 0.0).count();
        let mean = Moments::of(present(&regrets)).mean();
        let sorted = sorted(present(&regrets).collect());
        Regret {
            worlds: sorted.len() as u64,
            mean,
            p90: quantile(&sorted, 0.9),
            max: quantile(&sorted, 1.0),
            share_best: best as f64 / sorted.len() as f64,
            half_width: self.frame.clustered(&regrets).half_width(),
        }
    }

    /// Returns the outcomes that criteria judge: where missing values fail, a world with one has none.
    fn judged(&self, runs: &LeverRuns, all: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let objectives = self.question.objectives.iter().zip(all).enumerate();
        let judged = objectives.map(|(number, (objective, values))| {
            let mut values = values.clone();
            if objective.empty == Empty::Fail {
                let whole = self.frame.whole(runs, number);
                for (value, _) in values.iter_mut().zip(whole).filter(|(_, whole)| !whole) {
                    *value = f64::NAN;
                }
            }
            values
        });
        judged.collect()
    }

    fn change(&self, filling: Option<f64>, runs: &LeverRuns, column: usize) -> Change {
        let by_point = Frame {
            kind: WorldKind::Point,
            ..self.frame
        };
        let values = by_point.outcomes(runs, column, filling);
        let base = values[self.question.base];
        let others = values
            .iter()
            .enumerate()
            .filter(|(point, _)| *point != self.question.base);
        let changes = others.map(|(_, value)| (value - base).abs());
        let sorted = sorted(changes.filter(|change| !change.is_nan()).collect());
        Change {
            base,
            count: sorted.len() as u64,
            mean: Moments::of(sorted.iter().copied()).mean(),
            p90: quantile(&sorted, 0.9),
            max: quantile(&sorted, 1.0),
        }
    }

    fn satisficing(&self, present: &[bool], all: &[Vec<f64>]) -> Satisficing {
        let criteria: Vec<(usize, Meet, Empty)> = (self.question.objectives.iter().enumerate())
            .filter_map(|(number, objective)| Some((number, objective.meet?, objective.empty)))
            .collect();
        let objectives = all.len();
        let (mut worlds, mut met) = (0, 0);
        let mut distance = f64::NAN;
        let mut each = vec![(0u64, 0u64); objectives];
        let mut grid = vec![[0u64; GRID.len()]; objectives];
        // 1 in worlds that meet all, NaN in those that do not count.
        let mut meets_all = vec![f64::NAN; present.len()];
        for world in (0..present.len()).filter(|&world| present[world]) {
            let mut failing = 0;
            let mut is_dropped = false;
            for &(number, meet, empty) in &criteria {
                let value = all[number][world];
                if value.is_nan() && empty == Empty::Drop {
                    is_dropped = true;
                    continue;
                }
                let holds = meet.holds(value);
                each[number].0 += u64::from(holds);
                each[number].1 += 1;
                failing += usize::from(!holds);
            }
            if is_dropped {
                continue;
            }
            worlds += 1;
            met += u64::from(failing == 0);
            meets_all[world] = f64::from(failing == 0);
            for &(number, meet, _) in &criteria {
                let value = all[number][world];
                let others = failing - usize::from(!meet.holds(value));
                for (count, factor) in grid[number].iter_mut().zip(GRID) {
                    *count += u64::from(others == 0 && meet.times(factor).holds(value));
                }
            }
            if failing > 0 {
                distance = distance.min(self.distances[self.frame.point(world)]);
            }
        }
        let share = |met: u64| match criteria.is_empty() {
            true => f64::NAN,
            false => met as f64 / worlds as f64,
        };
        Satisficing {
            share: share(met),
            met,
            worlds,
            interval: match criteria.is_empty() {
                true => (f64::NAN, f64::NAN),
                false => self.frame.clustered(&meets_all).wilson(share(met)),
            },
            each: each
                .iter()
                .map(|&(met, of)| met as f64 / of as f64)
                .collect(),
            grid: (grid.iter().enumerate())
                .map(|(number, met)| {
                    let has_criterion = criteria.iter().any(|criterion| criterion.0 == number);
                    met.map(|met| if has_criterion { share(met) } else { f64::NAN })
                })
                .collect(),
            distance_to_failure: distance,
        }
    }

    fn paired(&self, objective: &Objective, reference: &[f64], values: &[f64]) -> Paired {
        let differences = values
            .iter()
            .zip(reference)
            .map(|(value, other)| value - other);
        let differences: Vec<f64> = differences.collect();
        let moments = Moments::of(present(&differences));
        let sign = sign(objective);
        let better = present(&differences)
            .filter(|difference| sign * difference > 0.0)
            .count();
        Paired {
            worlds: moments.n as u64,
            mean: moments.mean(),
            half_width: self.frame.clustered(&differences).half_width(),
            share_better: better as f64 / moments.n,
        }
    }
}

/// Returns the values that are not missing.
fn present(values: &[f64]) -> impl Iterator<Item = f64> {
    values.iter().copied().filter(|value| !value.is_nan())
}
