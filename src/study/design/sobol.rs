//! Sobol design: a sequence that fills the space evenly, scrambled.

use super::Draws;
use super::scattering::Scattering;
use crate::engine::Source;
use sobol::params::JoeKuoD6;

/// The Sobol sequence (direction numbers of Joe and Kuo, 2008) with Owen's nested scrambling.
#[derive(Clone, Debug, PartialEq)]
pub struct Sobol {
    /// Number of points; a power of two fills the space evenly.
    pub points: u32,
}

/// Number of the random stream of scrambling; points depend on it.
const STREAM: u64 = 2;

/// Maximum number of dimensions of the Sobol sequence; fewer without files, since the page is sent to its readers.
pub const MOST_DIMENSIONS: usize = if cfg!(feature = "files") { 1000 } else { 100 };

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

impl Scattering for Sobol {
    const NAME: &'static str = "sobol";

    fn of(points: u32) -> Self {
        Self { points }
    }

    fn number(&self) -> u32 {
        self.points
    }

    fn problem(axes: usize) -> Option<String> {
        (axes > MOST_DIMENSIONS).then(|| {
            format!(
                "the Sobol sequence has {MOST_DIMENSIONS} dimensions, and each axis uses one; use kind \
                 \"latin-hypercube\" or fewer axes"
            )
        })
    }

    fn rows<'a>(&self, dims: usize, draws: Draws<'a>) -> impl Iterator<Item = Vec<f64>> + use<'a> {
        scrambled(self.points, dims, &draws)
    }
}

/// Iterates over the first points of the scrambled sequence.
pub(super) fn scrambled(
    points: u32,
    dims: usize,
    draws: &Draws,
) -> impl Iterator<Item = Vec<f64>> + use<> {
    let mut source: Source = draws.source(STREAM);
    let keys: Vec<u64> = (0..dims).map(|_| source.bits()).collect();
    let rows = sobol::Sobol::<u32>::new(dims, &directions());
    rows.take(points as usize).map(move |row| {
        row.iter()
            .zip(&keys)
            .map(|(&x, &key)| f64::from(owen_scramble(x, key)) / 2f64.powi(32))
            .collect()
    })
}

/// Applies Owen's nested scrambling: a hash of the higher bits decides whether a bit flips.
fn owen_scramble(x: u32, key: u64) -> u32 {
    (0..32).fold(0, |scrambled, bit| {
        let above = if bit == 0 { 0 } else { x >> (32 - bit) };
        let flip = crate::engine::hash64(key ^ (u64::from(above) | 1 << (32 + bit)));
        scrambled | (x ^ ((flip >> 63) as u32) << (31 - bit)) & (1 << (31 - bit))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fills_every_slice_once, points, reals, unit_axes};
    use super::*;
    use crate::study::Design;

    #[test]
    fn the_sequence_is_that_of_joe_and_kuo() {
        // Known first points of the three-dimensional sequence.
        let first: Vec<Vec<f64>> = sobol::Sobol::<u32>::new(3, &directions())
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
    fn every_slice_is_filled_once() {
        fills_every_slice_once(&Design::Sobol(Sobol { points: 128 }));
    }

    #[test]
    fn scrambling_keeps_pairs_of_dimensions_even() {
        // A (0, 2)-sequence: every elementary interval of area 1/64 contains one of 64 points.
        let points = reals(&points(
            &Design::Sobol(Sobol { points: 64 }),
            &unit_axes(2),
            11,
            0,
        ));
        for split in 0..=6 {
            let (wide, high) = (2f64.powi(split), 2f64.powi(6 - split));
            let cells: std::collections::BTreeSet<_> = points
                .iter()
                .map(|row| ((row[0] * wide) as u32, (row[1] * high) as u32))
                .collect();
            assert_eq!(cells.len(), 64, "split {split}");
        }
    }
}
