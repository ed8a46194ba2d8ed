//! Rescales conviction when alpha changes, so that its share of the largest possible stays.

use super::{Change, factor_rescaled};
use crate::engine::{PerCopy, PerRun, Rows, Runs};
use crate::voting::conviction::{Conviction, Passing, SideList};
use crate::voting::support::{ConvictionSum, Detail, EdgeConviction, Layout};
use bevy_ecs::prelude::*;

/// α of the previous day.
#[derive(Component, Default)]
pub struct Alpha(f64);

impl PerRun for Alpha {}

/// Factor of today's conviction, if it is rescaled.
#[derive(Component, Default)]
pub struct Rescaling(Option<f64>);

impl PerRun for Rescaling {}

pub fn begin(mut runs: Runs<(&Conviction, &mut Alpha)>) {
    for (_, (conviction, alpha)) in runs.batch() {
        alpha.0 = conviction.alpha;
    }
}

/// Computes the factor of today's conviction.
pub fn note(mut runs: Runs<(&PerCopy<Change>, &Conviction, &mut Alpha, &mut Rescaling)>) {
    for (run, (changes, conviction, alpha, rescaling)) in runs.batch() {
        let mut today = changes.iter().filter(|change| change.day == run.day);
        let rescales = today.any(Change::rescales) && alpha.0 != conviction.alpha;
        rescaling.0 = rescales.then(|| factor_rescaled(alpha.0, conviction.alpha));
        alpha.0 = conviction.alpha;
    }
}

/// Rescales the conviction of candidates, with and without seats, and of edges where tables show them.
pub fn rescale<M: Passing>(
    mut runs: Runs<(&Rescaling, &Layout, Option<&mut SideList<M>>)>,
    mut sums: Rows<&mut ConvictionSum>,
    mut edges: Rows<&mut EdgeConviction>,
) {
    let batch = runs.batch();
    let (mut sums, mut edges) = (sums.of_batch(&batch), edges.of_batch(&batch));
    for (run, (rescaling, layout, side)) in batch {
        let Some(factor) = rescaling.0 else {
            continue;
        };
        for sum in sums.of(run) {
            *sum *= factor;
        }
        for candidate in side.into_iter().flat_map(|side| &mut side.0) {
            candidate.conviction *= factor;
        }
        if layout.detail >= Detail::Edges {
            for edge in edges.of(run) {
                *edge *= factor;
            }
        }
    }
}
