//! Morris design: trajectories for elementary effects.

use super::{Axis, Draws, Fault, Fields, MOST_POINTS, Points, Sampling, placed};
use crate::engine::Source;

/// Morris' trajectories for elementary effects (Morris 1991): from a random point of a grid of `levels`,
/// one axis after another moves by levels / (2 (levels − 1)).
#[derive(Clone, Debug, PartialEq)]
pub struct Morris {
    /// Number of trajectories, of (number of axes) + 1 points each.
    pub trajectories: u32,
    /// Number of levels of the grid, even.
    pub levels: u32,
}

/// Number of its random stream; points depend on it.
const STREAM: u64 = 3;

impl Sampling for Morris {
    const NAME: &'static str = "morris";
    const USAGE: &'static str = "trajectories = N, levels = 4";
    const FIELDS: &'static [&'static str] = &["trajectories", "levels"];
    const NEEDS_EVERY_POINT: bool = true;

    fn read(fields: &mut dyn Fields) -> Option<Self> {
        Some(Self {
            trajectories: fields.number("trajectories", None, 1, MOST_POINTS),
            levels: fields.number("levels", Some(4), 2, 1000),
        })
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![
            ("trajectories", self.trajectories.to_string()),
            ("levels", self.levels.to_string()),
        ]
    }

    fn fault(&self, _: &[Axis]) -> Option<Fault> {
        (self.levels % 2 == 1).then(|| Fault {
            field: Some("levels"),
            message: format!(
                "{} is odd; trajectories require an even number, such as 4",
                self.levels
            ),
        })
    }

    fn count(&self, axes: &[Axis]) -> u64 {
        u64::from(self.trajectories) * (axes.len() as u64 + 1)
    }

    fn points<'a>(&'a self, axes: &'a [Axis], draws: Draws<'a>) -> Points<'a> {
        let mut source = draws.source(STREAM);
        let rows = move |_| morris_trajectory(axes.len(), self.levels, &mut source);
        placed(axes, (0..self.trajectories).flat_map(rows))
    }
}

fn morris_trajectory(dims: usize, levels: u32, source: &mut Source) -> Vec<Vec<f64>> {
    let jump = levels / 2;
    let mut order: Vec<usize> = (0..dims).collect();
    for last in (1..dims).rev() {
        order.swap(last, source.index(last + 1));
    }
    // Each axis starts in the lower half and goes up, or, mirrored, goes down.
    let mut at: Vec<u32> = (0..dims)
        .map(|_| source.index(jump as usize) as u32)
        .collect();
    let mut up = vec![true; dims];
    for dim in 0..dims {
        if source.uniform() < 0.5 {
            at[dim] = levels - 1 - at[dim];
            up[dim] = false;
        }
    }
    let point = |at: &[u32]| -> Vec<f64> {
        at.iter()
            .map(|&l| f64::from(l) / f64::from(levels - 1))
            .collect()
    };
    let mut rows = vec![point(&at)];
    for dim in order {
        at[dim] = if up[dim] {
            at[dim] + jump
        } else {
            at[dim] - jump
        };
        rows.push(point(&at));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::tests::{points, reals, unit_axes};
    use super::*;
    use crate::study::Design;

    #[test]
    fn an_odd_number_of_levels_is_a_fault() {
        for levels in 2..7 {
            let design = Morris {
                trajectories: 10,
                levels,
            };
            assert_eq!(
                design.fault(&[]).is_some(),
                [3, 5].contains(&levels),
                "{levels}"
            );
        }
    }

    #[test]
    fn morris_moves_one_axis_at_a_time() {
        let axes = unit_axes(3);
        let design = Design::Morris(Morris {
            trajectories: 10,
            levels: 4,
        });
        let rows = reals(&points(&design, &axes, 3, 0));
        assert_eq!(rows.len() as u64, design.count(&axes));
        for trajectory in rows.chunks(4) {
            let mut moved = std::collections::BTreeSet::new();
            for pair in trajectory.windows(2) {
                let changed: Vec<_> = (0..3).filter(|&d| pair[0][d] != pair[1][d]).collect();
                assert_eq!(changed.len(), 1);
                let jump = (pair[0][changed[0]] - pair[1][changed[0]]).abs();
                assert!((jump - 2.0 / 3.0).abs() < 1e-12);
                moved.insert(changed[0]);
            }
            assert_eq!(moved.len(), 3);
            assert!(trajectory.iter().flatten().all(|v| (0.0..=1.0).contains(v)));
        }
    }
}
