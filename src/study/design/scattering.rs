//! Designs that scatter a chosen number of points: their field in a spec, and their count.

use super::{Axis, Draws, Fault, Fields, MOST_POINTS, Points, Sampling, placed};

/// Design whose only field is its number of points.
pub trait Scattering: Sized {
    /// Name in a spec.
    const NAME: &'static str;
    /// Other common names, for hints.
    const SYNONYMS: &'static [&'static str] = &[];

    /// Creates the design of this many points.
    fn of(points: u32) -> Self;

    /// Returns its number of points.
    fn number(&self) -> u32;

    /// Returns the problem of the design over this many axes.
    fn problem(_axes: usize) -> Option<String> {
        None
    }

    /// Iterates over its points in a unit cube.
    fn rows<'a>(
        &self,
        dims: usize,
        draws: Draws<'a>,
    ) -> impl Iterator<Item = Vec<f64>> + use<'a, Self>;
}

impl<D: Scattering> Sampling for D {
    const NAME: &'static str = D::NAME;
    const SYNONYMS: &'static [&'static str] = D::SYNONYMS;
    const USAGE: &'static str = "points = N";
    const FIELDS: &'static [&'static str] = &["points"];

    fn read(fields: &mut dyn Fields) -> Option<Self> {
        Some(D::of(fields.number("points", None, 1, MOST_POINTS)))
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        vec![("points", self.number().to_string())]
    }

    fn fault(&self, axes: &[Axis]) -> Option<Fault> {
        let message = D::problem(axes.len())?;
        Some(Fault {
            field: None,
            message,
        })
    }

    fn count(&self, _: &[Axis]) -> u64 {
        u64::from(self.number())
    }

    fn points<'a>(&'a self, axes: &'a [Axis], draws: Draws<'a>) -> Points<'a> {
        placed(axes, self.rows(axes.len(), draws))
    }
}
