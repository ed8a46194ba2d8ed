//! Ranks settings by NSGA-II's constrained domination, fronts and crowding (Deb et al. 2002).

/// Score of a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Values by objective, with the sign that makes more better.
    pub values: Vec<f64>,
    /// Half the 95 % interval, by objective.
    pub half_widths: Vec<f64>,
    /// Violation of the criteria: 0 if all are met, infinite if a value is missing.
    pub violation: f64,
}

impl Score {
    /// Returns true if all criteria are met.
    pub fn is_feasible(&self) -> bool {
        self.violation == 0.0
    }

    /// Returns true if this score is better: it violates the criteria less, or meets them, is at least as good in all
    /// objectives and better in one.
    pub fn dominates(&self, other: &Self) -> bool {
        match (self.is_feasible(), other.is_feasible()) {
            (true, true) => dominates(&self.values, &other.values),
            _ => self.violation < other.violation,
        }
    }
}

/// Returns true if values are at least as good in all, and better in one.
pub fn dominates(values: &[f64], others: &[f64]) -> bool {
    let mut pairs = values.iter().zip(others);
    let is_better = values
        .iter()
        .zip(others)
        .any(|(value, other)| value > other);
    is_better && pairs.all(|(value, other)| value >= other)
}

/// Standing of a setting among others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Front: 0 if no other setting dominates it, and so on.
    pub front: usize,
    /// Distance of its neighbours on the front; infinite at the ends.
    pub crowding: f64,
}

impl Standing {
    /// Orders better standings first.
    pub fn compare(&self, other: &Self) -> std::cmp::Ordering {
        self.front
            .cmp(&other.front)
            .then(other.crowding.total_cmp(&self.crowding))
    }
}

/// Returns the standing of each score.
pub fn standings(scores: &[Score]) -> Vec<Standing> {
    let mut standings = vec![
        Standing {
            front: 0,
            crowding: 0.0
        };
        scores.len()
    ];
    let mut left: Vec<usize> = (0..scores.len()).collect();
    for front in 0.. {
        if left.is_empty() {
            break;
        }
        let is_free = |&one: &usize| {
            !left
                .iter()
                .any(|&other| scores[other].dominates(&scores[one]))
        };
        let (free, rest): (Vec<usize>, Vec<usize>) = left.iter().copied().partition(is_free);
        for (&one, crowding) in free.iter().zip(crowding(&free, scores)) {
            standings[one] = Standing { front, crowding };
        }
        left = rest;
    }
    standings
}

/// Returns the distance of each setting's neighbours on a front: the sum over objectives, in units of the front's
/// range.
fn crowding(front: &[usize], scores: &[Score]) -> Vec<f64> {
    let mut sums = vec![0.0; front.len()];
    let objectives = front.first().map_or(0, |&one| scores[one].values.len());
    for objective in 0..objectives {
        let value = |place: usize| scores[front[place]].values[objective];
        let mut order: Vec<usize> = (0..front.len()).collect();
        order.sort_by(|&a, &b| value(a).total_cmp(&value(b)).then(a.cmp(&b)));
        let (first, last) = (order[0], order[order.len() - 1]);
        let range = value(last) - value(first);
        sums[first] = f64::INFINITY;
        sums[last] = f64::INFINITY;
        if range > 0.0 && range.is_finite() {
            for three in order.windows(3) {
                sums[three[1]] += (value(three[2]) - value(three[0])) / range;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(values: [f64; 2], violation: f64) -> Score {
        Score {
            values: values.into(),
            half_widths: vec![0.0; 2],
            violation,
        }
    }

    #[test]
    fn fronts_are_peeled_and_the_infeasible_come_by_what_they_miss() {
        let scores = [
            score([0.0, 2.0], 0.0),
            score([1.0, 1.0], 0.0),
            score([0.5, 0.5], 0.0),
            score([9.0, 9.0], 0.5),
            score([9.0, 9.0], 0.2),
            score([2.0, 0.0], 0.0),
            score([f64::NAN, 0.0], f64::INFINITY),
        ];
        let fronts: Vec<_> = standings(&scores).iter().map(|of| of.front).collect();
        assert_eq!(fronts, [0, 0, 1, 3, 2, 0, 4]);
        let of = standings(&scores);
        assert_eq!(of[1].crowding, 2.0);
        assert!(of[0].crowding.is_infinite() && of[5].crowding.is_infinite());
        assert!(!dominates(&[1.0, 1.0], &[1.0, 1.0]));
    }
}
