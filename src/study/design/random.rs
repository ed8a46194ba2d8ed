//! Random design: independent uniform points.

use super::Draws;
use super::scattering::Scattering;

/// Independent uniform points.
#[derive(Clone, Debug, PartialEq)]
pub struct Random {
    /// Number of points.
    pub points: u32,
}

/// Number of its random stream; points depend on it.
const STREAM: u64 = 0;

impl Scattering for Random {
    const NAME: &'static str = "random";
    const SYNONYMS: &'static [&'static str] = &["uniform", "monte-carlo"];

    fn of(points: u32) -> Self {
        Self { points }
    }

    fn number(&self) -> u32 {
        self.points
    }

    fn rows<'a>(&self, dims: usize, draws: Draws<'a>) -> impl Iterator<Item = Vec<f64>> + use<'a> {
        let mut source = draws.source(STREAM);
        let row = move |_| (0..dims).map(|_| source.uniform()).collect();
        (0..self.points).map(row)
    }
}
