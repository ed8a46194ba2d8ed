//! Archives the settings that no other beats by more than their intervals.
//!
//! The values of an objective are cut into boxes as wide as a half width of its interval. A setting is left out if
//! the box of another dominates its box. Of settings in one box, the one nearest to its best corner remains (Laumanns
//! et al. 2002). The archive depends on the set of trials, not on their order.

use super::Options;
use super::rank::{Score, dominates};
use super::trials::Trials;

/// Settings that no other beats.
pub struct Archive {
    /// Members, by number of their trials, sorted by the first objective, the best first.
    pub members: Vec<usize>,
    /// Width of a box, by objective; 0 if every difference counts.
    pub epsilon: Vec<f64>,
    /// Number of settings tried in enough worlds.
    pub eligible: usize,
    /// Setting that misses the criteria by least, if none meets them.
    pub nearest: Option<usize>,
}

/// Returns the archive of the trials.
pub fn archive(trials: &Trials, scores: &[Score], options: &Options) -> Archive {
    let is_eligible = |&trial: &usize| {
        trials.all[trial].worlds >= options.least_worlds && scores[trial].violation.is_finite()
    };
    let eligible: Vec<usize> = (0..scores.len()).filter(is_eligible).collect();
    let epsilon: Vec<f64> = (0..trials.objectives.len())
        .map(|objective| {
            let widths = eligible
                .iter()
                .map(|&trial| scores[trial].half_widths[objective]);
            options.epsilon * median(widths.collect())
        })
        .collect();
    let feasible: Vec<usize> = eligible
        .iter()
        .copied()
        .filter(|&trial| scores[trial].is_feasible())
        .collect();
    let all: Vec<&[f64]> = feasible
        .iter()
        .map(|&trial| scores[trial].values.as_slice())
        .collect();
    let mut members: Vec<usize> = kept(&all, &epsilon)
        .into_iter()
        .map(|place| feasible[place])
        .collect();
    members.sort_by(|&a, &b| {
        let values = scores[b].values.iter().zip(&scores[a].values);
        let orders = values.map(|(b, a)| b.total_cmp(a));
        orders
            .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            .then(a.cmp(&b))
    });
    let mut others = eligible.iter().copied();
    let first = others.next();
    let nearest = others.fold(first, |best, other| match best {
        Some(best) if scores[other].violation < scores[best].violation => Some(other),
        best => best,
    });
    Archive {
        nearest: nearest.filter(|_| members.is_empty()),
        eligible: eligible.len(),
        members,
        epsilon,
    }
}

/// Returns the places of values whose boxes no other box dominates, one for each box.
fn kept(all: &[&[f64]], epsilon: &[f64]) -> Vec<usize> {
    let of_box = |values: &[f64]| -> Vec<f64> {
        let cells = values.iter().zip(epsilon);
        cells
            .map(|(value, width)| {
                if *width > 0.0 {
                    (value / width).floor()
                } else {
                    *value
                }
            })
            .collect()
    };
    let boxes: Vec<Vec<f64>> = all.iter().map(|values| of_box(values)).collect();
    // Distance from the best corner of the box, in boxes.
    let distance = |place: usize| -> f64 {
        let cells = all[place].iter().zip(epsilon).zip(&boxes[place]);
        let squares = cells.map(|((value, width), corner)| {
            let part = if *width > 0.0 {
                corner + 1.0 - value / width
            } else {
                0.0
            };
            part * part
        });
        squares.sum()
    };
    let stays = |&place: &usize| {
        (0..all.len()).all(|other| {
            let is_dominated =
                dominates(&boxes[other], &boxes[place]) || dominates(all[other], all[place]);
            let is_nearer = || (distance(other), other) < (distance(place), place);
            let loses = boxes[other] == boxes[place] && is_nearer();
            other == place || !(is_dominated || loses)
        })
    };
    (0..all.len()).filter(stays).collect()
}

/// Returns the median; 0 without values.
fn median(mut values: Vec<f64>) -> f64 {
    values.retain(|value| value.is_finite());
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n => 0.5 * (values[(n - 1) / 2] + values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_by_less_than_its_interval_is_not_told_apart() {
        let all: [&[f64]; 5] = [
            &[0.05, 2.95],
            &[0.5, 2.5],
            &[0.95, 2.6],
            &[2.5, 0.5],
            &[2.4, 0.4],
        ];
        // The last is dominated, and without boxes the second too.
        assert_eq!(kept(&all, &[0.0, 0.0]), [0, 2, 3]);
        // The first three share a box, and the third is nearest to its best corner.
        assert_eq!(kept(&all, &[1.0, 1.0]), [2, 3]);
        // A box behind another is left out, though it is a little better in one value.
        assert_eq!(
            kept(&[&[1.9, 1.1], &[1.2, 1.2], &[2.1, 1.15]], &[1.0, 1.0]),
            [2]
        );
        assert_eq!(kept(&[&[1.0], &[1.0]], &[0.5]), [0]);
        assert_eq!(median(vec![3.0, f64::NAN, 1.0]), 2.0);
        assert_eq!(median(Vec::new()), 0.0);
    }
}
