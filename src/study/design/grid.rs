//! Grid: every combination of the axes' values.

use super::{Axis, Draws, Fields, Points, Sampling, Value};
use crate::study::axis::Levels;

/// Every combination of the axes' values.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid;

impl Sampling for Grid {
    const NAME: &'static str = "grid";
    const SYNONYMS: &'static [&'static str] = &["factorial", "full-factorial"];
    const USAGE: &'static str = "every combination";
    const FIELDS: &'static [&'static str] = &[];
    const REQUIRES_AXES: bool = false;

    fn read(_: &mut dyn Fields) -> Option<Self> {
        Some(Self)
    }

    fn written(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn fault_with(&self, axis: &Axis) -> Option<String> {
        let Some(values) = axis.grid() else {
            let text = "steps missing on a grid: { from = …, to = …, steps = … }; or choose another kind in [design], for \
                        levers in [design.levers], for uncertainties in [design.uncertainties]";
            return Some(text.to_owned());
        };
        let is_range = matches!(axis.levels, Levels::Range { .. });
        let is_repeated = is_range && values.windows(2).any(|pair| pair[0] == pair[1]);
        is_repeated.then(|| {
            "more steps than there are numbers of 15 digits in the range; use fewer steps"
                .to_owned()
        })
    }

    fn count(&self, axes: &[Axis]) -> u64 {
        axes.iter()
            .map(|axis| axis.grid().map_or(0, |values| values.len() as u64))
            .fold(1, u64::saturating_mul)
    }

    fn points<'a>(&'a self, axes: &'a [Axis], _: Draws<'a>) -> Points<'a> {
        Box::new(grid(axes))
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

#[cfg(test)]
mod tests {
    use super::super::tests::{find_key, points, reals};
    use super::*;
    use crate::study::Design;

    #[test]
    fn grids_vary_the_last_axis_fastest() {
        let axis = |name, values: &[f64]| Axis {
            key: find_key(name).unwrap(),
            levels: Levels::List(values.iter().map(|&v| Value::Real(v)).collect()),
        };
        let axes = [axis("beta", &[0.1, 0.2]), axis("rho", &[1e-3, 2e-3])];
        let points = reals(&points(&Design::Grid(Grid), &axes, 1, 0));
        assert_eq!(points, [[0.1, 1e-3], [0.1, 2e-3], [0.2, 1e-3], [0.2, 2e-3]]);
        assert_eq!(Grid.count(&axes), 4);
    }
}
