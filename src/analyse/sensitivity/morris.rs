//! Computes elementary effects from Morris' trajectories: the change of an outcome as one setting moves.

use super::Index;
use super::bootstrap::half_widths;
use crate::analyse::levels::Axis;
use crate::input::RawValue;
use std::sync::atomic::AtomicBool;

/// Fewest trajectories whose bootstrap shows how sure a mean size is.
const FEWEST_TRAJECTORIES: usize = 10;

/// Largest half width of a mean size that counts as sure, as a share of the largest mean size.
const SURE: f64 = 0.2;

/// Elementary effects of an axis on an outcome, in the outcome's unit per range of the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Morris {
    /// Number of trajectories.
    pub trajectories: usize,
    /// Mean effect, μ.
    pub mean: f64,
    /// Mean absolute effect, μ*.
    pub mean_size: Index,
    /// Deviation of the effects, σ: interactions and curvature.
    pub deviation: f64,
}

/// Returns the elementary effects of each axis, from the means of points in trajectories that change one axis a step.
/// `point` returns the number of such a point among the points of the axes. Returns `None` if the points are not such
/// trajectories, or once `stop` is set.
pub fn morris(
    means: &[f64],
    axes: &[&Axis],
    levels: u32,
    point: impl Fn(usize) -> usize,
    stop: &AtomicBool,
) -> Option<Vec<Morris>> {
    let length = axes.len() + 1;
    let is_whole = means.len().is_multiple_of(length) && !means.is_empty();
    if !is_whole || means.iter().any(|y| y.is_nan()) {
        return None;
    }
    let delta = f64::from(levels) / (2.0 * (f64::from(levels) - 1.0));
    let mut effects = vec![Vec::new(); axes.len()];
    for start in (0..means.len()).step_by(length) {
        for step in start..start + axes.len() {
            let (from, to) = (point(step), point(step + 1));
            let moved = axes
                .iter()
                .position(|axis| axis.values[from] != axis.values[to])?;
            let axis = axes[moved];
            let upwards = match (&axis.values[from], &axis.values[to]) {
                (RawValue::Number(before), RawValue::Number(after)) => after > before,
                _ => axis.level[to] > axis.level[from],
            };
            let effect = (means[step + 1] - means[step]) / if upwards { delta } else { -delta };
            effects[moved].push(effect);
        }
    }
    let trajectories = means.len() / length;
    if effects.iter().any(|effects| effects.len() != trajectories) {
        return None;
    }
    let sizes: Vec<Vec<f64>> = effects
        .iter()
        .map(|effects| effects.iter().map(|effect| effect.abs()).collect())
        .collect();
    let widths = half_widths(&sizes, <[f64]>::to_vec, stop)?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let greatest = sizes.iter().map(|sizes| mean(sizes)).fold(0.0, f64::max);
    let of_axis = effects.iter().zip(&sizes).zip(widths);
    let found = of_axis.map(|((effects, sizes), half_width)| {
        let middle = mean(effects);
        let squares: f64 = effects.iter().map(|e| (e - middle) * (e - middle)).sum();
        Morris {
            trajectories,
            mean: middle,
            mean_size: Index {
                value: mean(sizes),
                half_width,
                is_unsure: trajectories < FEWEST_TRAJECTORIES || half_width > SURE * greatest,
            },
            deviation: (squares / (trajectories as f64 - 1.0)).sqrt(),
        }
    });
    Some(found.collect())
}
