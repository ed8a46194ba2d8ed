//! Finds the lever settings that no other dominates, and how sure that is.

use super::lever::LeverResult;
use super::{Frame, Question, from_worst, sign};
use crate::engine::hash64;
use crate::study::objective::Objective;

/// Number of resamples of worlds.
pub const RESAMPLES: usize = 200;

/// Most values that are resampled; with more, membership is not computed. Quantiles take longer than means.
const MOST_VALUES: usize = 20_000_000;
const MOST_OF_QUANTILES: usize = 5_000_000;

/// Lever settings that no other dominates: at least as good in every mean or quantile, and better in one.
#[derive(Clone, Debug)]
pub struct Pareto {
    /// Objectives, by number.
    pub objectives: Vec<usize>,
    /// Lever settings in order.
    pub levers: Vec<usize>,
    /// Share of resamples of worlds in which each lever setting is in the set; empty if there are too many runs.
    pub membership: Vec<f64>,
}

/// Means or quantiles of lever settings over resampled worlds.
///
/// Points and replicates are drawn apart, with replacement; a world counts as often as its point times its replicate.
/// Source: A. B. Owen, The pigeonhole bootstrap, Annals of Applied Statistics 1 (2007).
pub(super) struct Resampling {
    /// Quantile by objective; `None` for the mean.
    quantiles: Vec<Option<f64>>,
    /// Draws, by resample.
    draws: Vec<Draws>,
    /// Means or quantiles, by resample, lever setting and objective.
    means: Vec<Vec<Vec<f64>>>,
}

/// How often each point and each of its worlds was drawn, as real numbers.
struct Draws {
    points: Vec<f64>,
    replicates: Vec<f64>,
}

impl Draws {
    fn new(resample: usize, points: usize, replicates: usize) -> Self {
        let all = points + replicates;
        let draw = |first: usize, count: usize| {
            let mut draws = vec![0.0; count];
            // The only one there is is drawn for certain.
            for number in first..first + count {
                let drawn = hash64((resample * all + number) as u64) % count as u64;
                draws[drawn as usize] += 1.0;
            }
            draws
        };
        Self {
            points: draw(0, points),
            replicates: draw(points, replicates),
        }
    }

    /// Returns how often a world was drawn.
    fn times(&self, world: usize) -> f64 {
        let replicates = self.replicates.len();
        self.points[world / replicates] * self.replicates[world % replicates]
    }

    /// Returns the sum of values by world, each counted as often as its world was drawn. `sums` is scratch.
    fn sum(&self, values: &[f64], sums: &mut Vec<f64>) -> f64 {
        sums.clear();
        sums.resize(self.replicates.len(), 0.0);
        let points = values.chunks_exact(self.replicates.len());
        for (&times, values) in self
            .points
            .iter()
            .zip(points)
            .filter(|(times, _)| **times > 0.0)
        {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += times * value;
            }
        }
        sums.iter()
            .zip(&self.replicates)
            .map(|(sum, times)| sum * times)
            .sum()
    }
}

impl Resampling {
    pub fn new(frame: Frame, levers: usize, question: &Question) -> Self {
        let objectives = question.objectives.len();
        let quantile = |objective: &Objective| {
            let share = question.pareto_quantile?;
            Some(from_worst(objective, share))
        };
        let most = match question.pareto_quantile {
            Some(_) => MOST_OF_QUANTILES,
            None => MOST_VALUES,
        };
        let values = levers
            .saturating_mul(objectives)
            .saturating_mul(frame.worlds());
        let resamples = if objectives > 1 && values <= most {
            RESAMPLES
        } else {
            0
        };
        let draw = |resample| Draws::new(resample, frame.points, frame.worlds_of_point());
        Self {
            quantiles: question.objectives.iter().map(quantile).collect(),
            draws: (0..resamples).map(draw).collect(),
            means: vec![vec![vec![f64::NAN; objectives]; levers]; resamples],
        }
    }

    /// Adds the outcomes of a lever setting.
    pub fn add(&mut self, lever: usize, objective: usize, values: &[f64]) {
        if self.draws.is_empty() {
            return;
        }
        if let Some(share) = self.quantiles[objective] {
            self.add_quantile(lever, objective, values, share);
            return;
        }
        let is_there: Vec<f64> = values.iter().map(|of| f64::from(!of.is_nan())).collect();
        let filled: Vec<f64> = values
            .iter()
            .map(|of| if of.is_nan() { 0.0 } else { *of })
            .collect();
        let mut sums = Vec::new();
        for (draws, means) in self.draws.iter().zip(&mut self.means) {
            means[lever][objective] =
                draws.sum(&filled, &mut sums) / draws.sum(&is_there, &mut sums);
        }
    }

    fn add_quantile(&mut self, lever: usize, objective: usize, values: &[f64], share: f64) {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.retain(|&world| !values[world].is_nan());
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        for (draws, found) in self.draws.iter().zip(&mut self.means) {
            let times = |world: &usize| draws.times(*world) as u64;
            let count: u64 = order.iter().map(times).sum();
            found[lever][objective] = match count.checked_sub(1) {
                Some(last) => {
                    let rank = share * last as f64;
                    // Returns the value of a rank, counting each value as often as it is drawn.
                    let at = |rank: u64| {
                        let mut before = 0;
                        let found = order.iter().find(|world| {
                            before += times(world);
                            before > rank
                        });
                        found.map_or(f64::NAN, |&world| values[world])
                    };
                    let below = at(rank.floor() as u64);
                    below + (at(rank.ceil() as u64) - below) * rank.fract()
                }
                None => f64::NAN,
            };
        }
    }
}

/// Returns the Pareto sets of every pair of objectives, and of all if there are more than two.
pub(super) fn sets(
    objectives: &[Objective],
    levers: &[LeverResult],
    resampling: &Resampling,
) -> Vec<Pareto> {
    let count = objectives.len();
    let mut groups: Vec<Vec<usize>> = (0..count)
        .flat_map(|a| (a + 1..count).map(move |b| vec![a, b]))
        .collect();
    if count > 2 {
        groups.push((0..count).collect());
    }
    let signs: Vec<f64> = objectives.iter().map(sign).collect();
    let means: Vec<Vec<f64>> = levers.iter().map(|lever| lever.compared.clone()).collect();
    let of_group = |group: Vec<usize>| {
        let front = |means: &[Vec<f64>]| {
            let goods = |means: &Vec<f64>| group.iter().map(|&o| signs[o] * means[o]).collect();
            undominated(&means.iter().map(goods).collect::<Vec<Vec<f64>>>())
        };
        let mut times = vec![
            0.0;
            if resampling.means.is_empty() {
                0
            } else {
                levers.len()
            }
        ];
        for means in &resampling.means {
            front(means)
                .into_iter()
                .for_each(|lever| times[lever] += 1.0);
        }
        Pareto {
            levers: front(&means),
            membership: times.iter().map(|times| times / RESAMPLES as f64).collect(),
            objectives: group,
        }
    };
    groups.into_iter().map(of_group).collect()
}

/// Returns the rows that no other dominates, more being better. Ties remain; rows with a missing value do not.
fn undominated(rows: &[Vec<f64>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.retain(|&row| rows[row].iter().all(|value| !value.is_nan()));
    // Descending order, so that no row dominates an earlier one.
    let compare = |a: &f64, b: &f64| b.partial_cmp(a).unwrap_or(std::cmp::Ordering::Equal);
    order.sort_by(|&a, &b| {
        let pairs = rows[a].iter().zip(&rows[b]);
        pairs
            .map(|(a, b)| compare(a, b))
            .find(|order| order.is_ne())
            .unwrap_or(a.cmp(&b))
    });
    let mut front: Vec<usize> = Vec::new();
    for row in order {
        let is_dominated = |&other: &usize| {
            let pairs = || rows[other].iter().zip(&rows[row]);
            pairs().all(|(a, b)| a >= b) && pairs().any(|(a, b)| a > b)
        };
        if !front.iter().any(is_dominated) {
            front.push(row);
        }
    }
    front.sort_unstable();
    front
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_stay_and_what_is_worse_in_all_goes() {
        let rows = [
            [1.0, 2.0],
            [2.0, 1.0],
            [1.0, 1.0],
            [2.0, 1.0],
            [1.0, f64::NAN],
            [0.0, 2.0],
        ];
        assert_eq!(undominated(&rows.map(Vec::from)), [0, 1, 3]);
        assert!(undominated(&[]).is_empty());
    }

    #[test]
    fn points_and_replicates_are_drawn_apart() {
        let draws = Draws::new(3, 4, 5);
        let drawn = |of: &[f64]| of.iter().sum::<f64>();
        assert_eq!((drawn(&draws.points), drawn(&draws.replicates)), (4.0, 5.0));
        assert_eq!(
            drawn(&(0..20).map(|world| draws.times(world)).collect::<Vec<_>>()),
            20.0
        );
        let values: Vec<f64> = (0..20).map(f64::from).collect();
        let expected: f64 = (0..20).map(|world| draws.times(world) * world as f64).sum();
        assert_eq!(draws.sum(&values, &mut Vec::new()), expected);
        // A single point is always drawn, and resamples differ.
        let worlds = |resample| Draws::new(resample, 1, 7).replicates;
        assert_eq!(Draws::new(0, 1, 7).points, [1.0]);
        assert_ne!(worlds(0), worlds(1));
    }
}
