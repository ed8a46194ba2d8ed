//! Random design: independent uniform points.

use super::{Axis, Draws, Fields, MOST_POINTS, Points, Sampling, placed};

/// Independent uniform points.
#[derive(Clone, Debug, PartialEq)]
pub struct Random {
    /// Number of points.
    pub points: u32,
}

/// Number of its random stream; points depend on it.
const STREAM: u64 = 0;

impl Sampling for Random {
    const NAME: &'static str = "random";
    const SYNONYMS: &'static [&'static str] = &["uniform", "monte-carlo"];
    const USAGE: &'static str = "points = N";
    const FIELDS: &'static [&'static str] = &["points"];

    fn read(fields: &mut dyn Fields) -> Option<Self> {
        let points = fields.number("points", None, 1, MOST_POINTS);
        Some(Self { points })
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![("points", self.points.to_string())]
    }

    fn count(&self, _: &[Axis]) -> u64 {
        u64::from(self.points)
    }

    fn points<'a>(&'a self, axes: &'a [Axis], draws: Draws<'a>) -> Points<'a> {
        let mut source = draws.source(STREAM);
        let row = move |_| axes.iter().map(|_| source.uniform()).collect();
        placed(axes, (0..self.points).map(row))
    }
}
