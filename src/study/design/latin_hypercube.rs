//! Latin hypercube: one point in each slice of every axis.

use super::Draws;
use super::scattering::Scattering;
use crate::engine::Source;
use std::sync::atomic::{AtomicBool, Ordering};

/// One point in each of `points` slices of every axis.
#[derive(Clone, Debug, PartialEq)]
pub struct LatinHypercube {
    /// Number of points.
    pub points: u32,
}

/// Number of its random stream; points depend on it.
const STREAM: u64 = 1;

impl Scattering for LatinHypercube {
    const NAME: &'static str = "latin-hypercube";
    const SYNONYMS: &'static [&'static str] = &["lhs", "lhc", "latin"];

    fn of(points: u32) -> Self {
        Self { points }
    }

    fn number(&self) -> u32 {
        self.points
    }

    fn rows<'a>(&self, dims: usize, draws: Draws<'a>) -> impl Iterator<Item = Vec<f64>> + use<'a> {
        let source = draws.source(STREAM);
        latin_hypercube(self.points, dims, source, draws.stop)
    }
}

fn latin_hypercube(
    points: u32,
    dims: usize,
    mut source: Source,
    stop: &AtomicBool,
) -> impl Iterator<Item = Vec<f64>> + use<> {
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

#[cfg(test)]
mod tests {
    use super::super::tests::fills_every_slice_once;
    use super::*;
    use crate::study::Design;

    #[test]
    fn every_slice_is_filled_once() {
        fills_every_slice_once(&Design::LatinHypercube(LatinHypercube { points: 100 }));
    }
}
