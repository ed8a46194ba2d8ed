//! Collects the results of the settings tried.

use super::rank::Score;
use super::space::{Point, Space};
use crate::analyse::AnalyseError;
use crate::analyse::clustered::Clustered;
use crate::analyse::moments::Moments;
use crate::analyse::runs::Runs;
use crate::engine::Goal;
use crate::study::Plan;
use crate::study::objective::{Bound, Empty, Objective};
use crate::study::spec::Randomness;
use std::collections::BTreeMap;

/// Settings tried, in the order of their first trials.
#[derive(Clone)]
pub struct Trials {
    pub objectives: Vec<Objective>,
    pub all: Vec<Trial>,
    by_key: BTreeMap<String, usize>,
    /// Number of each uncertain point met, by its values; a drawn point is met once.
    uncertain: BTreeMap<String, usize>,
    /// Worst value seen, by objective.
    worst: Vec<f64>,
}

/// Setting that was tried.
#[derive(Clone)]
pub struct Trial {
    pub setting: Point,
    /// Generation that tried it first, and the number of generations that did.
    pub generation: u32,
    pub generations: u32,
    /// Number of runs, and of those that meet every criterion.
    pub worlds: u64,
    pub met: u64,
    values: Vec<Values>,
}

/// Values of an objective.
#[derive(Clone, Default)]
struct Values {
    runs: Moments,
    empty: u64,
    points: Clusters,
    /// Clusters by random world, which a replicate shares at all points of a generation.
    worlds: Clusters,
}

/// Clusters of dependent runs, by number: sum, number of values, number of runs without one.
#[derive(Clone, Default)]
struct Clusters(BTreeMap<u64, (f64, u64, u64)>);

impl Clusters {
    fn add(&mut self, cluster: u64, value: f64) {
        let of = self.0.entry(cluster).or_default();
        match value.is_nan() {
            true => of.2 += 1,
            false => {
                of.0 += value;
                of.1 += 1;
            }
        }
    }

    /// Returns the moments of the means; a run without a value counts as `filled`, or is left out.
    fn moments(&self, filled: Option<f64>) -> Moments {
        let means = self.0.values().filter_map(|&(sum, count, empty)| {
            let (sum, count) = match filled {
                Some(worst) if empty > 0 => (sum + worst * empty as f64, count + empty),
                _ => (sum, count),
            };
            (count > 0).then(|| sum / count as f64)
        });
        Moments::of(means)
    }
}

/// Mean of an objective over worlds, NaN without a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub mean: f64,
    /// Half the 95 % interval, from clusters by uncertain point and by random world.
    pub half_width: f64,
    /// Runs without a value.
    pub empty: u64,
}

impl Trials {
    pub fn new(objectives: Vec<Objective>) -> Self {
        Self {
            worst: vec![f64::NAN; objectives.len()],
            objectives,
            all: Vec::new(),
            by_key: BTreeMap::new(),
            uncertain: BTreeMap::new(),
        }
    }

    /// Returns true if a setting was tried.
    pub fn has(&self, point: &Point) -> bool {
        self.by_key.contains_key(&point.key())
    }

    /// Adds the runs of a generation.
    pub fn tell(
        &mut self,
        generation: u32,
        plan: &Plan,
        space: &Space,
        settings: &[Point],
        runs: Runs,
    ) -> Result<(), AnalyseError> {
        let trials: Vec<usize> = settings
            .iter()
            .map(|setting| self.trial(setting, generation))
            .collect();
        let is_searched = |name: &str| space.axes().iter().any(|axis| axis.key.name == name);
        // Trial and uncertain point of each point.
        let mut places = Vec::with_capacity(plan.points as usize);
        let by_key: BTreeMap<String, usize> = settings.iter().map(Point::key).zip(trials).collect();
        for point in 0..plan.points {
            let searched = plan.values(point).filter(|(key, _)| is_searched(key.name));
            let setting = Point(searched.map(|(_, value)| value).collect());
            let other = plan.values(point).filter(|(key, _)| !is_searched(key.name));
            let mut world = plan.variant(point).unwrap_or_default().to_owned();
            for (_, value) in other {
                world += &format!(",{value}");
            }
            let next = self.uncertain.len();
            let uncertain = *self.uncertain.entry(world).or_insert(next);
            places.push((by_key.get(&setting.key()).copied(), uncertain));
        }
        let are_common = plan.spec.randomness == Randomness::Common;
        let objectives = self.objectives.clone();
        let columns: Vec<&str> = objectives.iter().map(|of| of.column.as_str()).collect();
        runs.each_part(&columns, |rows| {
            for row in 0..rows.len() {
                let (Some(trial), uncertain) = places[rows.point[row] as usize] else {
                    continue;
                };
                let world = u64::from(generation) << 32 | u64::from(rows.replicate[row]);
                let world = are_common.then_some(world);
                let trial = &mut self.all[trial];
                let (mut meets, mut counts) = (true, true);
                for (number, (objective, column)) in
                    objectives.iter().zip(&rows.columns).enumerate()
                {
                    let value = column[row];
                    trial.values[number].add(uncertain, world, value);
                    let sign = sign(objective);
                    if !value.is_nan() {
                        self.worst[number] = sign * (sign * self.worst[number]).min(sign * value);
                    }
                    meets &= objective.meet.is_none_or(|meet| meet.holds(value));
                    counts &= !(value.is_nan() && objective.empty == Empty::Drop);
                }
                trial.worlds += 1;
                trial.met += u64::from(meets && counts);
            }
        })
    }

    fn trial(&mut self, setting: &Point, generation: u32) -> usize {
        let next = self.all.len();
        let number = *self.by_key.entry(setting.key()).or_insert(next);
        if number == next {
            self.all.push(Trial {
                setting: setting.clone(),
                generation,
                generations: 0,
                worlds: 0,
                met: 0,
                values: vec![Values::default(); self.objectives.len()],
            });
        }
        self.all[number].generations += 1;
        number
    }

    /// Returns the number of a setting.
    pub fn find(&self, setting: &Point) -> Option<usize> {
        self.by_key.get(&setting.key()).copied()
    }

    /// Returns the estimates of a setting, by objective.
    pub fn estimates(&self, trial: usize) -> Vec<Estimate> {
        let of = self
            .objectives
            .iter()
            .zip(&self.all[trial].values)
            .zip(&self.worst);
        of.map(|((objective, values), worst)| values.estimate(objective, *worst))
            .collect()
    }

    /// Returns the score of every setting. A search for the worst has no criteria.
    pub fn scores(&self, is_worst: bool) -> Vec<Score> {
        let estimates: Vec<Vec<Estimate>> = (0..self.all.len())
            .map(|trial| self.estimates(trial))
            .collect();
        let score = |estimates: &Vec<Estimate>| {
            let of = || self.objectives.iter().zip(estimates);
            Score {
                values: of()
                    .map(|(objective, of)| sign(objective) * of.mean)
                    .collect(),
                half_widths: estimates.iter().map(|of| of.half_width).collect(),
                violation: of()
                    .map(|(objective, of)| violation(objective, of.mean, is_worst))
                    .sum(),
            }
        };
        estimates.iter().map(score).collect()
    }
}

impl Values {
    /// Adds a run with its uncertain point, and with its random world if other runs share it.
    fn add(&mut self, uncertain: usize, world: Option<u64>, value: f64) {
        match value.is_nan() {
            true => self.empty += 1,
            false => self.runs.add(value),
        }
        self.points.add(uncertain as u64, value);
        if let Some(world) = world {
            self.worlds.add(world, value);
        }
    }

    fn estimate(&self, objective: &Objective, worst: f64) -> Estimate {
        // A run without a value counts as the worst value seen, or is left out.
        let is_filled = objective.empty == Empty::Worst && !worst.is_nan();
        let filled = is_filled.then_some(worst);
        let mut runs = self.runs;
        if is_filled {
            (0..self.empty).for_each(|_| runs.add(worst));
        }
        let is_one = self.points.0.len() == 1;
        let clusters = Clustered {
            points: match is_one {
                true => Moments::default(),
                false => self.points.moments(filled),
            },
            worlds: match is_one && self.worlds.0.is_empty() {
                true => runs,
                false => self.worlds.moments(filled),
            },
        };
        Estimate {
            mean: runs.mean(),
            half_width: clusters.half_width(),
            empty: self.empty,
        }
    }
}

/// Returns the factor that makes more better.
fn sign(objective: &Objective) -> f64 {
    match objective.goal {
        Goal::Min => -1.0,
        _ => 1.0,
    }
}

/// Returns the violation of a criterion by a mean, as a share of the bound; infinite without a value.
fn violation(objective: &Objective, mean: f64, is_worst: bool) -> f64 {
    if mean.is_nan() {
        return f64::INFINITY;
    }
    let Some(meet) = objective.meet.filter(|meet| !is_worst && !meet.holds(mean)) else {
        return 0.0;
    };
    let missed = match meet.bound {
        Bound::AtMost | Bound::Below => mean - meet.limit,
        Bound::AtLeast | Bound::Above => meet.limit - mean,
    };
    let scale = if meet.limit == 0.0 {
        1.0
    } else {
        meet.limit.abs()
    };
    // A mean on the edge of a strict bound violates it too.
    (missed / scale).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::objective::Meet;

    fn objective(empty: Empty, meet: Option<&str>) -> Objective {
        Objective {
            name: "take".to_owned(),
            column: "take".to_owned(),
            goal: Goal::Min,
            meet: meet.and_then(Meet::parse),
            empty,
        }
    }

    #[test]
    fn intervals_are_clustered_and_missing_values_are_counted() {
        let mut values = Values::default();
        for (point, value) in [(0, 1.0), (0, 3.0), (1, 5.0), (1, f64::NAN)] {
            values.add(point, None, value);
        }
        let left_out = values.estimate(&objective(Empty::Fail, None), 9.0);
        assert_eq!((left_out.mean, left_out.empty), (3.0, 1));
        let expected = Moments::of([2.0, 5.0]).half_width();
        assert!((left_out.half_width - expected).abs() < 1e-12);
        let filled = values.estimate(&objective(Empty::Worst, None), 9.0);
        assert_eq!(filled.mean, 4.5);
        let expected = Moments::of([2.0, 7.0]).half_width();
        assert!((filled.half_width - expected).abs() < 1e-12);
    }

    #[test]
    fn points_that_share_a_random_world_share_its_luck() {
        let mut values = Values::default();
        for (point, world, value) in [(0, 0, 1.0), (0, 1, 3.0), (1, 0, 1.0), (1, 1, 3.0)] {
            values.add(point, Some(world), value);
        }
        // Both points have the same mean, but the two worlds do not.
        let found = values.estimate(&objective(Empty::Fail, None), f64::NAN);
        assert!((found.half_width - Moments::of([1.0, 3.0]).half_width()).abs() < 1e-12);
    }

    #[test]
    fn criteria_are_missed_by_shares_of_their_bounds() {
        let of = |meet, mean| violation(&objective(Empty::Fail, Some(meet)), mean, false);
        assert_eq!(of("<= 0.1", 0.1), 0.0);
        assert!((of("<= 0.1", 0.15) - 0.5).abs() < 1e-12);
        assert!((of(">= 4", 3.0) - 0.25).abs() < 1e-12);
        assert!(of("< 0.1", 0.1) > 0.0);
        assert_eq!(of("<= 0.1", f64::NAN), f64::INFINITY);
        let objective = objective(Empty::Fail, Some("<= 0.1"));
        assert_eq!(violation(&objective, 0.2, true), 0.0);
    }
}
