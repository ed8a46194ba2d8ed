//! Computes PAWN indices, for any design: how far an outcome's distribution moves once a setting is known.
//!
//! The setting cuts the points into slices of equal number. The distances are those of Kolmogorov and Smirnov between
//! the outcomes of each slice and all outcomes (Pianosi and Wagener 2018). Every word of a setting of words is a
//! slice. As in SALib, the greatest value of a setting of numbers is in no slice.

use crate::analyse::levels::Axis;
use crate::analyse::statistics::{quantile, sorted};
use crate::input::RawValue;

/// Number of slices.
pub const SLICES: usize = 10;

/// 95 % quantile of Kolmogorov's distribution.
const KOLMOGOROV_95: f64 = 1.358;

/// Distances of an axis' slices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pawn {
    /// Minimum.
    pub minimum: f64,
    /// Mean.
    pub mean: f64,
    /// Median, the index usually reported.
    pub median: f64,
    /// Maximum.
    pub maximum: f64,
    /// Standard deviation, with n.
    pub deviation: f64,
    /// Distance that a slice of an axis without effect exceeds by chance in 5 % of cases: 1.358 √(1/m − 1/n), with m
    /// the mean number of points of a slice.
    pub chance: f64,
}

impl Pawn {
    /// Returns true if chance alone can cause an index of this size.
    pub fn is_unsure(&self) -> bool {
        // A missing index, NaN, is unsure too.
        self.median.partial_cmp(&self.chance) != Some(std::cmp::Ordering::Greater)
    }

    /// Returns the deviation over the mean.
    pub fn variation(&self) -> f64 {
        self.deviation / self.mean
    }
}

/// Outcomes of points, ordered once for all axes.
pub struct Ordered<'m> {
    means: &'m [f64],
    /// Points with a value, from the smallest.
    order: Vec<usize>,
}

impl<'m> Ordered<'m> {
    /// Orders the points by their outcome, and leaves out those without one (NaN).
    pub fn new(means: &'m [f64]) -> Self {
        let mut order: Vec<usize> = (0..means.len())
            .filter(|&point| !means[point].is_nan())
            .collect();
        order.sort_by(|&a, &b| means[a].total_cmp(&means[b]));
        Self { means, order }
    }

    /// Returns the distances of an axis; `None` if it cuts the points into no slice.
    pub fn pawn(&self, axis: &Axis) -> Option<Pawn> {
        let slices = slices(axis, &self.order);
        let mut of_points = vec![usize::MAX; self.means.len()];
        let mut counts = vec![0u32; slices.count];
        for &point in &self.order {
            let slice = (slices.of)(point);
            of_points[point] = slice;
            if let Some(count) = counts.get_mut(slice) {
                *count += 1;
            }
        }
        let used: Vec<usize> = (0..slices.count)
            .filter(|&slice| counts[slice] > 0)
            .collect();
        let distances: Vec<f64> = used
            .iter()
            .map(|&slice| self.distance(|point| of_points[point] == slice, counts[slice]))
            .collect();
        if distances.is_empty() {
            return None;
        }
        let n = distances.len() as f64;
        let mean = distances.iter().sum::<f64>() / n;
        let squares: f64 = distances.iter().map(|d| (d - mean) * (d - mean)).sum();
        let in_slices: u32 = used.iter().map(|&slice| counts[slice]).sum();
        let in_each = f64::from(in_slices) / n;
        let all = self.order.len() as f64;
        let distances = sorted(distances);
        Some(Pawn {
            minimum: distances[0],
            mean,
            median: quantile(&distances, 0.5),
            maximum: distances[distances.len() - 1],
            deviation: (squares / n).sqrt(),
            // No distance exceeds 1, however few the points.
            chance: (KOLMOGOROV_95 * (1.0 / in_each - 1.0 / all).max(0.0).sqrt()).min(1.0),
        })
    }

    /// Returns the Kolmogorov–Smirnov distance between the outcomes of a slice and all.
    fn distance(&self, is_in: impl Fn(usize) -> bool, count: u32) -> f64 {
        let (mut below, mut greatest) = (0u32, 0.0f64);
        let all = self.order.len() as f64;
        for (place, &point) in self.order.iter().enumerate() {
            below += u32::from(is_in(point));
            let next = self.order.get(place + 1);
            // Counts equal outcomes together.
            if next.is_none_or(|&next| self.means[next] != self.means[point]) {
                let distance = f64::from(below) / f64::from(count) - (place + 1) as f64 / all;
                greatest = greatest.max(distance.abs());
            }
        }
        greatest
    }
}

/// Slices of points by an axis.
struct Slices<'a> {
    count: usize,
    /// Slice of a point; at least `count` if it is in no slice.
    of: Box<dyn Fn(usize) -> usize + 'a>,
}

fn slices<'a>(axis: &'a Axis, points: &[usize]) -> Slices<'a> {
    let number = |point: usize| match &axis.values[point] {
        RawValue::Number(number) => Some(*number),
        RawValue::Word(_) => None,
    };
    let numbers: Option<Vec<f64>> = points.iter().map(|&point| number(point)).collect();
    let Some(numbers) = numbers else {
        let of = |point: usize| usize::from(axis.level[point]);
        return Slices {
            count: axis.labels.len(),
            of: Box::new(of),
        };
    };
    let numbers = sorted(numbers);
    let cuts: Vec<f64> = (0..=SLICES)
        .map(|cut| cut_at(&numbers, cut as f64 * 0.1))
        .collect();
    let of = move |point: usize| {
        let value = number(point).unwrap_or(f64::NAN);
        let slice = (0..SLICES).find(|&slice| cuts[slice] <= value && value < cuts[slice + 1]);
        slice.unwrap_or(SLICES)
    };
    Slices {
        count: SLICES,
        of: Box::new(of),
    }
}

/// Returns a quantile rounded as NumPy does: if a cut falls on a point, the last bit decides on which side it lies.
fn cut_at(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let rank = last as f64 * share;
    let below = (rank.floor() as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    let part = rank - rank.floor();
    match part >= 0.5 {
        true => high - (high - low) * (1.0 - part),
        false => low + (high - low) * part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: Vec<RawValue>) -> Axis {
        let labels = vec!["a".to_owned(), "b".to_owned()];
        let level = values
            .iter()
            .map(|value| u16::from(*value == RawValue::Word("b".to_owned())));
        Axis {
            name: "x".to_owned(),
            unit: String::new(),
            role: "axis".to_owned(),
            labels,
            numbers: None,
            level: level.collect(),
            values,
        }
    }

    #[test]
    fn what_decides_is_far_and_what_does_nothing_is_within_chance() {
        let numbers = |f: &dyn Fn(usize) -> f64| (0..1000).map(f).collect::<Vec<_>>();
        let outcome = numbers(&|point| point as f64);
        let ordered = Ordered::new(&outcome);
        let own = axis(outcome.iter().map(|&x| RawValue::Number(x)).collect());
        let found = ordered.pawn(&own).unwrap();
        // The slices are tenths: the distance is 0.9 at the ends and less in the middle.
        assert!(
            (found.maximum - 0.9).abs() < 1e-12 && found.median > 0.5,
            "{found:?}"
        );
        assert!(!found.is_unsure());
        let idle = numbers(&|point| (crate::engine::hash64(point as u64) % 1009) as f64);
        let idle = axis(idle.into_iter().map(RawValue::Number).collect());
        let found = ordered.pawn(&idle).unwrap();
        assert!(found.is_unsure() && found.chance < 0.15, "{found:?}");
    }

    #[test]
    fn every_word_is_a_slice_and_missing_outcomes_are_left_out() {
        let words = ["a", "b", "a", "b"].map(|word| RawValue::Word(word.to_owned()));
        let means = [1.0, 2.0, 1.0, f64::NAN];
        let found = Ordered::new(&means).pawn(&axis(words.into())).unwrap();
        assert!(
            (found.minimum - 1.0 / 3.0).abs() < 1e-15 && (found.maximum - 2.0 / 3.0).abs() < 1e-15
        );
    }
}
