//! The lever settings that no other dominates, and how sure that is.

use super::lever::LeverResult;
use super::{Frame, sign};
use crate::engine::mix;
use crate::study::objective::Objective;

/// How often worlds are drawn anew.
pub const RESAMPLES: usize = 200;

/// Most values that are drawn anew; of more, how sure a set is is not computed.
const MOST_VALUES: usize = 100_000_000;

/// The lever settings that no other dominates: at least as good in every mean and better in one.
#[derive(Clone, Debug)]
pub struct Pareto {
    /// The objectives, by number.
    pub objectives: Vec<usize>,
    /// The lever settings, in order.
    pub levers: Vec<usize>,
    /// Of each lever setting, in which share of resamples of worlds by point it is in the set; empty where there are too
    /// many runs to draw from.
    pub membership: Vec<f64>,
}

/// The means of lever settings over worlds drawn anew, with replacement, by point.
pub(super) struct Resampling {
    frame: Frame,
    /// By resample and cluster: how often it is drawn.
    draws: Vec<Vec<u16>>,
    /// By resample, lever setting and objective.
    means: Vec<Vec<Vec<f64>>>,
}

impl Resampling {
    pub fn new(frame: Frame, levers: usize, objectives: usize) -> Self {
        let clusters = frame.worlds() / frame.cluster();
        let values = levers
            .saturating_mul(objectives)
            .saturating_mul(frame.worlds());
        let resamples = if objectives > 1 && values <= MOST_VALUES {
            RESAMPLES
        } else {
            0
        };
        let draw = |resample: usize| {
            let mut draws = vec![0u16; clusters];
            for number in 0..clusters {
                let drawn = mix((resample * clusters + number) as u64) % clusters as u64;
                draws[drawn as usize] = draws[drawn as usize].saturating_add(1);
            }
            draws
        };
        Self {
            frame,
            draws: (0..resamples).map(draw).collect(),
            means: vec![vec![vec![f64::NAN; objectives]; levers]; resamples],
        }
    }

    /// Adds the outcomes of a lever setting.
    pub fn add(&mut self, lever: usize, objective: usize, values: &[f64]) {
        let clusters = values.chunks_exact(self.frame.cluster());
        let (sums, counts): (Vec<f64>, Vec<f64>) = clusters
            .map(|values| {
                let present = values.iter().filter(|value| !value.is_nan());
                present.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0))
            })
            .unzip();
        for (draws, means) in self.draws.iter().zip(&mut self.means) {
            let (mut sum, mut count) = (0.0, 0.0);
            for (&times, (&of_sum, &of_count)) in draws.iter().zip(sums.iter().zip(&counts)) {
                let times = f64::from(times);
                sum += times * of_sum;
                count += times * of_count;
            }
            means[lever][objective] = sum / count;
        }
    }
}

/// The Pareto sets of every pair of objectives, and of all where there are more.
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
    let means: Vec<Vec<f64>> = levers
        .iter()
        .map(|lever| lever.outcomes.iter().map(|outcome| outcome.mean).collect())
        .collect();
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

/// The rows that no other dominates, more being better; ties stay, rows with a missing value do not.
fn undominated(rows: &[Vec<f64>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.retain(|&row| rows[row].iter().all(|value| !value.is_nan()));
    // From the greatest on, so that no row dominates one before it.
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
}
