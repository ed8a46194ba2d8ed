//! Chooses which points of the axes are simulated.

use super::axis::Axis;
use crate::engine::{Source, Value};
use sobol::Sobol;
use sobol::params::JoeKuoD6;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Sampling design.
#[derive(Clone, Debug, PartialEq)]
pub enum Design {
    /// Every combination of the axes' values.
    Grid,
    /// Independent uniform points.
    Random {
        /// Number of points.
        points: u32,
    },
    /// One point in each of `points` slices of every axis.
    LatinHypercube {
        /// Number of points.
        points: u32,
    },
    /// The Sobol sequence (direction numbers of Joe and Kuo, 2008) with Owen's nested scrambling.
    Sobol {
        /// Number of points; a power of two fills the space evenly.
        points: u32,
    },
    /// Saltelli's scheme for variance-based sensitivity (Saltelli 2002, 2010), in the order that SALib expects.
    /// Each of `points` pairs of rows A, B of a scrambled Sobol sequence gives: A; A with each column from B in
    /// turn; with `second_order` also B with each column from A; B.
    Saltelli {
        /// Number of pairs of rows; a power of two.
        points: u32,
        /// True to estimate interactions of pairs of axes as well.
        second_order: bool,
    },
    /// Morris' trajectories for elementary effects (Morris 1991): from a random point of a grid of `levels`,
    /// one axis after another moves by levels / (2 (levels − 1)).
    Morris {
        /// Number of trajectories, of (number of axes) + 1 points each.
        trajectories: u32,
        /// Number of levels of the grid, even.
        levels: u32,
    },
    /// Points from a CSV or Parquet file, with one column per axis.
    File {
        /// The file.
        path: PathBuf,
        /// SHA-256 of its bytes, in hex.
        sha256: String,
        /// Points, with one value per axis, in the axes' order.
        rows: Vec<Vec<Value>>,
    },
}

/// Streams that designs draw from; fixed numbers, since points depend on them.
#[derive(Clone, Copy)]
enum Purpose {
    Random,
    LatinHypercube,
    Scrambling,
    Morris,
}

impl Design {
    /// Returns true if the design becomes invalid when a point is left out.
    pub fn needs_every_point(&self) -> bool {
        matches!(self, Self::Saltelli { .. } | Self::Morris { .. })
    }

    /// Returns the name in a spec.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Random { .. } => "random",
            Self::LatinHypercube { .. } => "latin-hypercube",
            Self::Sobol { .. } => "sobol",
            Self::Saltelli { .. } => "saltelli",
            Self::Morris { .. } => "morris",
            Self::File { .. } => "file",
        }
    }

    /// Returns the number of points over these axes.
    pub fn count(&self, axes: &[Axis]) -> u64 {
        let dims = axes.len() as u64;
        match self {
            Self::Grid => axes
                .iter()
                .map(|axis| axis.grid().map_or(0, |values| values.len() as u64))
                .fold(1, u64::saturating_mul),
            Self::Random { points } | Self::LatinHypercube { points } | Self::Sobol { points } => {
                u64::from(*points)
            }
            Self::Saltelli {
                points,
                second_order,
            } => u64::from(*points) * saltelli_rows(dims, *second_order),
            Self::Morris { trajectories, .. } => u64::from(*trajectories) * (dims + 1),
            Self::File { rows, .. } => rows.len() as u64,
        }
    }

    /// Generates the points. `salt` distinguishes the designs of one sweep; setting `stop` ends the generation
    /// early.
    pub fn points(&self, axes: &[Axis], seed: u64, salt: u64, stop: &AtomicBool) -> Rows {
        let source = |purpose: Purpose| Source::of_design(seed, salt << 8 | purpose as u64);
        let place = |row: Vec<f64>| -> Vec<Value> {
            let values = axes.iter().zip(row);
            values.map(|(axis, u)| axis.sample(u)).collect()
        };
        let dims = axes.len();
        let rows: Box<dyn Iterator<Item = Vec<Value>>> = match *self {
            Self::Grid => Box::new(grid(axes)),
            Self::Random { points } => {
                let mut source = source(Purpose::Random);
                let row = move |_| (0..dims).map(|_| source.uniform()).collect();
                Box::new((0..points).map(row).map(place))
            }
            Self::LatinHypercube { points } => {
                let source = source(Purpose::LatinHypercube);
                Box::new(latin_hypercube(points, dims, source, stop).map(place))
            }
            Self::Sobol { points } => {
                let source = source(Purpose::Scrambling);
                Box::new(scrambled_sobol(points, dims, source).map(place))
            }
            Self::Saltelli {
                points,
                second_order,
            } => {
                let pairs = scrambled_sobol(points, 2 * dims, source(Purpose::Scrambling));
                Box::new(
                    pairs
                        .flat_map(move |row| saltelli(&row, second_order))
                        .map(place),
                )
            }
            Self::Morris {
                trajectories,
                levels,
            } => {
                let mut source = source(Purpose::Morris);
                let rows = move |_| morris_trajectory(dims, levels, &mut source);
                Box::new((0..trajectories).flat_map(rows).map(place))
            }
            Self::File { ref rows, .. } => Box::new(rows.iter().cloned()),
        };
        Rows::of(dims, rows.take_while(|_| !stop.load(Ordering::Relaxed)))
    }
}

/// Points, with one value per axis, in contiguous memory: there may be millions.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    width: usize,
    count: usize,
    values: Vec<Value>,
}

impl Rows {
    fn of(width: usize, rows: impl Iterator<Item = Vec<Value>>) -> Self {
        let (mut count, mut values) = (0, Vec::new());
        for row in rows {
            count += 1;
            values.extend(row);
        }
        Self {
            width,
            count,
            values,
        }
    }

    /// Returns the number of points.
    #[expect(clippy::len_without_is_empty, reason = "a design has points")]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Returns the values of a point.
    pub fn row(&self, place: usize) -> &[Value] {
        &self.values[place * self.width..][..self.width]
    }
}

/// Iterates over all combinations, the last axis varying fastest.
fn grid(axes: &[Axis]) -> impl Iterator<Item = Vec<Value>> {
    let levels = axes.iter().map(Axis::grid);
    let levels: Vec<_> = levels
        .map(|values| values.expect("a grid axis has steps"))
        .collect();
    let count: usize = levels.iter().map(Vec::len).product();
    (0..count).map(move |mut rest| {
        let mut row: Vec<_> = levels
            .iter()
            .rev()
            .map(|values| {
                let value = values[rest % values.len()];
                rest /= values.len();
                value
            })
            .collect();
        row.reverse();
        row
    })
}

fn latin_hypercube(
    points: u32,
    dims: usize,
    mut source: Source,
    stop: &AtomicBool,
) -> impl Iterator<Item = Vec<f64>> {
    let is_going_on = |_: &usize| !stop.load(Ordering::Relaxed);
    let mut rows = vec![0.0; dims * points as usize];
    for dim in (0..dims).take_while(is_going_on) {
        let mut slices: Vec<u32> = (0..points).collect();
        for last in (1..slices.len()).rev().take_while(is_going_on) {
            slices.swap(last, source.index(last + 1));
        }
        for (place, slice) in slices
            .into_iter()
            .enumerate()
            .take_while(|(place, _)| is_going_on(place))
        {
            rows[place * dims + dim] = (f64::from(slice) + source.uniform()) / f64::from(points);
        }
    }
    (0..points as usize).map(move |row| rows[row * dims..][..dims].to_vec())
}

fn scrambled_sobol(points: u32, dims: usize, mut source: Source) -> impl Iterator<Item = Vec<f64>> {
    let keys: Vec<u64> = (0..dims).map(|_| source.bits()).collect();
    let rows = Sobol::<u32>::new(dims, &directions());
    rows.take(points as usize).map(move |row| {
        row.iter()
            .zip(&keys)
            .map(|(&x, &key)| f64::from(owen_scramble(x, key)) / 2f64.powi(32))
            .collect()
    })
}

/// Maximum number of dimensions of the Sobol sequence; fewer without files, since the page is sent to its readers.
pub const MOST_SOBOL_DIMENSIONS: usize = if cfg!(feature = "files") { 1000 } else { 100 };

/// Returns the direction numbers of the Sobol sequence.
#[cfg(feature = "files")]
fn directions() -> JoeKuoD6 {
    JoeKuoD6::standard()
}

/// Returns the direction numbers of the Sobol sequence: the first of those that programs with files use.
#[cfg(not(feature = "files"))]
fn directions() -> JoeKuoD6 {
    JoeKuoD6::minimal()
}

/// Applies Owen's nested scrambling: a hash of the higher bits decides whether a bit flips.
fn owen_scramble(x: u32, key: u64) -> u32 {
    (0..32).fold(0, |scrambled, bit| {
        let above = if bit == 0 { 0 } else { x >> (32 - bit) };
        let flip = crate::engine::mix(key ^ (u64::from(above) | 1 << (32 + bit)));
        scrambled | (x ^ ((flip >> 63) as u32) << (31 - bit)) & (1 << (31 - bit))
    })
}

fn saltelli_rows(dims: u64, second_order: bool) -> u64 {
    if second_order { 2 * dims + 2 } else { dims + 2 }
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
    use super::*;
    use crate::engine::Key;

    fn find_key(name: &str) -> Option<&'static Key> {
        crate::model().keys().find(name)
    }
    use crate::study::axis::Levels;

    fn unit_axes(count: usize) -> Vec<Axis> {
        let names = [
            "base_engagement_rate",
            "initial.sentiment",
            "lowest_affinity_to_support",
        ];
        let axis = |name: &&str| Axis {
            key: find_key(name).unwrap(),
            levels: Levels::Range {
                low: 0.0,
                high: 1.0,
                steps: None,
                log: false,
            },
        };
        names[..count].iter().map(axis).collect()
    }

    fn points(design: &Design, axes: &[Axis], seed: u64, salt: u64) -> Rows {
        design.points(axes, seed, salt, &AtomicBool::new(false))
    }

    fn reals(points: &Rows) -> Vec<Vec<f64>> {
        let real = |value: &Value| match value {
            Value::Real(v) => *v,
            other => panic!("{other:?}"),
        };
        (0..points.len())
            .map(|place| points.row(place).iter().map(real).collect())
            .collect()
    }

    #[test]
    fn the_sequence_is_that_of_joe_and_kuo() {
        // Known first points of the three-dimensional sequence.
        let first: Vec<Vec<f64>> = Sobol::<u32>::new(3, &directions())
            .take(5)
            .map(|row| row.iter().map(|&x| f64::from(x) / 2f64.powi(32)).collect())
            .collect();
        let expected = [
            [0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25],
            [0.25, 0.75, 0.75],
            [0.375, 0.375, 0.625],
        ];
        assert_eq!(first, expected);
    }

    #[test]
    fn latin_and_scrambled_points_fill_every_slice_once() {
        let axes = unit_axes(3);
        let latin = Design::LatinHypercube { points: 100 };
        let sobol = Design::Sobol { points: 128 };
        for design in [latin, sobol] {
            let points = reals(&points(&design, &axes, 7, 0));
            for dim in 0..3 {
                let n = points.len() as f64;
                let mut slices: Vec<_> = points.iter().map(|row| (row[dim] * n) as usize).collect();
                slices.sort_unstable();
                assert_eq!(
                    slices,
                    (0..points.len()).collect::<Vec<_>>(),
                    "{}",
                    design.name()
                );
            }
        }
    }

    #[test]
    fn scrambling_keeps_pairs_of_dimensions_even() {
        // A (0, 2)-sequence: every elementary interval of area 1/64 contains one of 64 points.
        let points = reals(&points(&Design::Sobol { points: 64 }, &unit_axes(2), 11, 0));
        for split in 0..=6 {
            let (wide, high) = (2f64.powi(split), 2f64.powi(6 - split));
            let cells: std::collections::BTreeSet<_> = points
                .iter()
                .map(|row| ((row[0] * wide) as u32, (row[1] * high) as u32))
                .collect();
            assert_eq!(cells.len(), 64, "split {split}");
        }
    }

    #[test]
    fn seeds_and_salts_move_the_points() {
        let axes = unit_axes(2);
        for design in [
            Design::Random { points: 4 },
            Design::LatinHypercube { points: 4 },
            Design::Sobol { points: 4 },
            Design::Morris {
                trajectories: 4,
                levels: 4,
            },
        ] {
            let first = points(&design, &axes, 1, 0);
            assert_eq!(first, points(&design, &axes, 1, 0));
            assert_ne!(first, points(&design, &axes, 2, 0), "{}", design.name());
            assert_ne!(first, points(&design, &axes, 1, 1), "{}", design.name());
        }
    }

    #[test]
    fn saltelli_rows_are_in_the_expected_order() {
        let design = |second_order| Design::Saltelli {
            points: 2,
            second_order,
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

    #[test]
    fn morris_moves_one_axis_at_a_time() {
        let axes = unit_axes(3);
        let design = Design::Morris {
            trajectories: 10,
            levels: 4,
        };
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

    #[test]
    fn grids_vary_the_last_axis_fastest() {
        let axis = |name, values: &[f64]| Axis {
            key: find_key(name).unwrap(),
            levels: Levels::List(values.iter().map(|&v| Value::Real(v)).collect()),
        };
        let axes = [axis("beta", &[0.1, 0.2]), axis("rho", &[1e-3, 2e-3])];
        let points = reals(&points(&Design::Grid, &axes, 1, 0));
        assert_eq!(points, [[0.1, 1e-3], [0.1, 2e-3], [0.2, 1e-3], [0.2, 2e-3]]);
        assert_eq!(Design::Grid.count(&axes), 4);
    }
}
