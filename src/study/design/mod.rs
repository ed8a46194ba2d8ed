//! Chooses which points of the axes are simulated.
//!
//! A design is a file that implements [`Sampling`], or `Scattering` if it has a chosen number of points, and a word in
//! the list below: specs, `init` and error messages follow.

mod file;
mod grid;
mod latin_hypercube;
mod morris;
mod random;
mod saltelli;
mod scattering;
mod sobol;

pub use file::File;
pub use grid::Grid;
pub use latin_hypercube::LatinHypercube;
pub use morris::Morris;
pub use random::Random;
pub use saltelli::Saltelli;
pub use sobol::Sobol;

use super::axis::Axis;
use crate::engine::{Source, Value};
use std::sync::atomic::{AtomicBool, Ordering};

/// Design of one kind: how a spec describes it, and its points.
pub trait Sampling: Sized {
    /// Name in a spec.
    const NAME: &'static str;
    /// Other common names, for hints.
    const SYNONYMS: &'static [&'static str] = &[];
    /// Fields as in a spec, or the meaning of a design without any, for help.
    const USAGE: &'static str;
    /// Fields in a spec, besides `kind`.
    const FIELDS: &'static [&'static str];
    /// True if it has points only over axes.
    const REQUIRES_AXES: bool = true;
    /// True if the design becomes invalid when a point is left out.
    const NEEDS_EVERY_POINT: bool = false;

    /// Reads the fields of a spec; they report their own faults.
    fn read(fields: &mut dyn Fields) -> Option<Self>;

    /// Returns the fields as text of a spec.
    fn written(&self) -> Vec<(&'static str, String)>;

    /// Returns a fault of the design over these axes.
    fn fault(&self, _axes: &[Axis]) -> Option<Fault> {
        None
    }

    /// Returns the problem of the design with an axis.
    fn fault_with(&self, _axis: &Axis) -> Option<String> {
        None
    }

    /// Returns the number of points over these axes.
    fn count(&self, axes: &[Axis]) -> u64;

    /// Iterates over the points, with one value per axis.
    fn points<'a>(&'a self, axes: &'a [Axis], draws: Draws<'a>) -> Points<'a>;
}

/// Fields of a design in a spec. Each reports its faults, and then returns any value.
pub trait Fields {
    /// Reads a whole number within bounds; required unless it has a default.
    fn number(&mut self, name: &str, default: Option<u32>, low: u32, high: u32) -> u32;

    /// Reads a truth value.
    fn flag(&mut self, name: &str, default: bool) -> bool;

    /// Reads a file of points, which brings its own axes.
    fn file(&mut self) -> Option<File>;
}

/// Fault of a design.
pub struct Fault {
    /// Field; the design if `None`.
    pub field: Option<&'static str>,
    /// Problem and fix.
    pub message: String,
}

/// Iterator over points.
pub type Points<'a> = Box<dyn Iterator<Item = Vec<Value>> + 'a>;

/// Random numbers of a design, and a mark that ends it early.
#[derive(Clone, Copy)]
pub struct Draws<'a> {
    seed: u64,
    salt: u64,
    stop: &'a AtomicBool,
}

impl Draws<'_> {
    /// Returns a random stream.
    fn source(&self, stream: u64) -> Source {
        Source::of_design(self.seed, self.salt << 8 | stream)
    }
}

/// Kind of design, as specs and help describe it.
pub struct Kind {
    /// Name in a spec.
    pub name: &'static str,
    /// Other common names, for hints.
    pub synonyms: &'static [&'static str],
    /// Fields as in a spec, or the meaning of a design without any.
    pub usage: &'static str,
    /// Fields in a spec, besides `kind`.
    pub fields: &'static [&'static str],
    /// Reads a design of this kind.
    pub read: fn(&mut dyn Fields) -> Option<Design>,
}

/// Lists the designs.
macro_rules! designs {
    ($($design:ident),+ $(,)?) => {
        /// Sampling design.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "each is documented at its type")]
        pub enum Design {
            $($design($design),)+
        }

        /// Kinds of designs.
        pub const KINDS: &[Kind] = &[$(Kind {
            name: $design::NAME,
            synonyms: $design::SYNONYMS,
            usage: $design::USAGE,
            fields: $design::FIELDS,
            read: |fields| $design::read(fields).map(Design::$design),
        }),+];

        impl Design {
            /// Returns the name in a spec.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$design(_) => $design::NAME,)+
                }
            }

            /// Returns true if the design becomes invalid when a point is left out.
            pub fn needs_every_point(&self) -> bool {
                match self {
                    $(Self::$design(_) => $design::NEEDS_EVERY_POINT,)+
                }
            }

            /// Returns true if it has points only over axes.
            pub fn requires_axes(&self) -> bool {
                match self {
                    $(Self::$design(_) => $design::REQUIRES_AXES,)+
                }
            }

            /// Returns its fields, without `kind`, as text of a spec.
            pub fn written(&self) -> Vec<(&'static str, String)> {
                match self {
                    $(Self::$design(of) => of.written(),)+
                }
            }

            /// Returns a fault of the design over these axes.
            pub fn fault(&self, axes: &[Axis]) -> Option<Fault> {
                match self {
                    $(Self::$design(of) => of.fault(axes),)+
                }
            }

            /// Returns the problem of the design with an axis.
            pub fn fault_with(&self, axis: &Axis) -> Option<String> {
                match self {
                    $(Self::$design(of) => of.fault_with(axis),)+
                }
            }

            /// Returns the number of points over these axes.
            pub fn count(&self, axes: &[Axis]) -> u64 {
                match self {
                    $(Self::$design(of) => of.count(axes),)+
                }
            }

            fn each_point<'a>(&'a self, axes: &'a [Axis], draws: Draws<'a>) -> Points<'a> {
                match self {
                    $(Self::$design(of) => of.points(axes, draws),)+
                }
            }
        }
    };
}

designs![Grid, Random, LatinHypercube, Sobol, Saltelli, Morris, File];

impl Design {
    /// Generates the points. `salt` distinguishes the designs of one sweep; setting `stop` ends the generation
    /// early.
    pub fn points(&self, axes: &[Axis], seed: u64, salt: u64, stop: &AtomicBool) -> Rows {
        let points = self.each_point(axes, Draws { seed, salt, stop });
        Rows::of(
            axes.len(),
            points.take_while(|_| !stop.load(Ordering::Relaxed)),
        )
    }
}

/// Maximum number of points, or of pairs of rows or trajectories.
const MOST_POINTS: u32 = 10_000_000;

/// Places points of the unit cube on the axes.
fn placed<'a>(axes: &'a [Axis], rows: impl Iterator<Item = Vec<f64>> + 'a) -> Points<'a> {
    let place = |row: Vec<f64>| -> Vec<Value> {
        let values = axes.iter().zip(row);
        values.map(|(axis, u)| axis.sample(u)).collect()
    };
    Box::new(rows.map(place))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Key;
    use crate::study::axis::Levels;

    pub fn find_key(name: &str) -> Option<&'static Key> {
        crate::model().keys().find(name)
    }
    pub fn unit_axes(count: usize) -> Vec<Axis> {
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

    pub fn points(design: &Design, axes: &[Axis], seed: u64, salt: u64) -> Rows {
        design.points(axes, seed, salt, &AtomicBool::new(false))
    }

    pub fn reals(points: &Rows) -> Vec<Vec<f64>> {
        let real = |value: &Value| match value {
            Value::Real(v) => *v,
            other => panic!("{other:?}"),
        };
        (0..points.len())
            .map(|place| points.row(place).iter().map(real).collect())
            .collect()
    }

    /// Expects one point in each of as many slices of every axis as there are points.
    pub fn fills_every_slice_once(design: &Design) {
        let points = reals(&points(design, &unit_axes(3), 7, 0));
        for dim in 0..3 {
            let n = points.len() as f64;
            let mut slices: Vec<_> = points.iter().map(|row| (row[dim] * n) as usize).collect();
            slices.sort_unstable();
            assert_eq!(slices, (0..points.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn seeds_and_salts_move_the_points() {
        let axes = unit_axes(2);
        for design in [
            Design::Random(Random { points: 4 }),
            Design::LatinHypercube(LatinHypercube { points: 4 }),
            Design::Sobol(Sobol { points: 4 }),
            Design::Morris(Morris {
                trajectories: 4,
                levels: 4,
            }),
        ] {
            let first = points(&design, &axes, 1, 0);
            assert_eq!(first, points(&design, &axes, 1, 0));
            assert_ne!(first, points(&design, &axes, 2, 0), "{}", design.name());
            assert_ne!(first, points(&design, &axes, 1, 1), "{}", design.name());
        }
    }

    #[test]
    fn names_and_synonyms_differ() {
        let names = KINDS.iter().map(|kind| kind.name);
        let synonyms = KINDS.iter().flat_map(|kind| kind.synonyms.iter().copied());
        let mut all: Vec<_> = names.chain(synonyms).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
