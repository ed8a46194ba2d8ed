//! Saltelli design: pairs of rows for variance-based sensitivity.

use super::sobol::{MOST_DIMENSIONS, scrambled};
use super::{Axis, Draws, Fault, Fields, MOST_POINTS, Points, Sampling, placed};

/// Saltelli's scheme for variance-based sensitivity (Saltelli 2002, 2010), in the order that SALib expects.
/// Each of `points` pairs of rows A, B of a scrambled Sobol sequence gives: A; A with each column from B in
/// turn; with `second_order` also B with each column from A; B.
#[derive(Clone, Debug, PartialEq)]
pub struct Saltelli {
    /// Number of pairs of rows; a power of two.
    pub points: u32,
    /// True to estimate interactions of pairs of axes as well.
    pub second_order: bool,
}

impl Sampling for Saltelli {
    const NAME: &'static str = "saltelli";
    const USAGE: &'static str = "points = N, second_order = true";
    const FIELDS: &'static [&'static str] = &["points", "second_order"];
    const NEEDS_EVERY_POINT: bool = true;

    fn read(fields: &mut dyn Fields) -> Option<Self> {
        Some(Self {
            points: fields.number("points", None, 1, MOST_POINTS),
            second_order: fields.flag("second_order", true),
        })
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![
            ("points", self.points.to_string()),
            ("second_order", self.second_order.to_string()),
        ]
    }

    fn fault(&self, axes: &[Axis]) -> Option<Fault> {
        if !self.points.is_power_of_two() {
            return Some(Fault {
                field: Some("points"),
                message: format!(
                    "{} is not a power of two, which would bias the indices; try {}",
                    self.points,
                    self.points.next_power_of_two()
                ),
            });
        }
        (2 * axes.len() > MOST_DIMENSIONS).then(|| Fault {
            field: None,
            message: format!(
                "the Sobol sequence has {MOST_DIMENSIONS} dimensions, and each axis uses two; use kind \
                 \"morris\" or fewer axes"
            ),
        })
    }

    fn count(&self, axes: &[Axis]) -> u64 {
        let dims = axes.len() as u64;
        let rows = if self.second_order {
            2 * dims + 2
        } else {
            dims + 2
        };
        u64::from(self.points) * rows
    }

    fn points<'a>(&'a self, axes: &'a [Axis], draws: Draws<'a>) -> Points<'a> {
        let pairs = scrambled(self.points, 2 * axes.len(), &draws);
        placed(
            axes,
            pairs.flat_map(|row| saltelli(&row, self.second_order)),
        )
    }
}

fn saltelli(row: &[f64], second_order: bool) -> Vec<Vec<f64>> {
    let (a, b) = row.split_at(row.len() / 2);
    let with = |base: &[f64], other: &[f64], dim: usize| {
        let mut mixed = base.to_vec();
        mixed[dim] = other[dim];
        mixed
    };
    let mut rows = vec![a.to_vec()];
    rows.extend((0..a.len()).map(|dim| with(a, b, dim)));
    if second_order {
        rows.extend((0..a.len()).map(|dim| with(b, a, dim)));
    }
    rows.push(b.to_vec());
    rows
}

#[cfg(test)]
mod tests {
    use super::super::tests::{points, reals, unit_axes};
    use super::*;
    use crate::study::Design;

    #[test]
    fn saltelli_rows_are_in_the_expected_order() {
        let design = |second_order| {
            Design::Saltelli(Saltelli {
                points: 2,
                second_order,
            })
        };
        let axes = unit_axes(3);
        let rows = reals(&points(&design(true), &axes, 5, 0));
        assert_eq!(rows.len() as u64, design(true).count(&axes));
        assert_eq!(rows.len(), 16);
        let (a, b) = (&rows[0], &rows[7]);
        for dim in 0..3 {
            for other in 0..3 {
                let (ab, ba) = (rows[1 + dim][other], rows[4 + dim][other]);
                assert_eq!(ab, if other == dim { b[other] } else { a[other] });
                assert_eq!(ba, if other == dim { a[other] } else { b[other] });
            }
        }
        let short = reals(&points(&design(false), &axes, 5, 0));
        assert_eq!(short[..4], rows[..4]);
        assert_eq!(short[4], rows[7]);
        assert_eq!(short.len() as u64, design(false).count(&axes));
    }
}
