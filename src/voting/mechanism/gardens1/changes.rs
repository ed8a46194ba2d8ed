//! What the contract does as its settings change: `setConvictionCalculationSettings` stores them, and touches no
//! proposal. Conviction is brought up to date when it next is touched, over all blocks since, with the decay of
//! then; so what it comes to now changes at once.

use super::{Chain, Gardens1, OnChain, Parameters, Since};
use crate::engine::{ModelBuilder, Rows, Runs};
use crate::voting::Day;
use crate::voting::conviction::{Conviction, Passing, SideList};
use crate::voting::participants::Population;
use crate::voting::support::{ConvictionSum, Detail, EdgeConviction, Layout};

/// Registers changes, where settings may change.
pub fn register(model: &mut ModelBuilder) {
    if model.copies("change") > 0 {
        model.system(Day::Dawn, take_up).system(Day::Dawn, estimate);
    }
}

/// Stores changed settings.
fn take_up(mut runs: Runs<(&'static Conviction, &'static Chain, &'static mut Gardens1)>) {
    for (run, (conviction, chain, contract)) in runs.batch() {
        let parameters = Parameters::of(conviction, chain);
        if parameters != contract.parameters {
            contract.since = Since {
                day: run.day,
                block: contract.block(run.day) as i64,
            };
            contract.take_up(parameters);
        }
    }
}

/// Estimates the conviction of candidates, with and without seats, anew where settings changed today, and that of
/// edges in proportion.
fn estimate(
    mut runs: Runs<(
        &'static Population,
        &'static Layout,
        &'static Gardens1,
        Option<&'static mut SideList<Gardens1>>,
    )>,
    mut stored: Rows<&'static OnChain>,
    mut sums: Rows<&'static mut ConvictionSum>,
    mut edges: Rows<&'static mut EdgeConviction>,
) {
    let batch = runs.batch();
    let (mut stored, mut sums) = (stored.of_batch(&batch), sums.of_batch(&batch));
    let mut edges = edges.of_batch(&batch);
    for (run, (population, layout, contract, side)) in batch {
        if contract.since.day != run.day {
            continue;
        }
        let yesterday = run.day - 1;
        for candidate in side.into_iter().flat_map(|side| &mut side.0) {
            let (stored, before) = (&candidate.stored, candidate.conviction);
            candidate.conviction = contract.conviction_at_end(Some(stored), yesterday, before);
        }
        let (stored, sums) = (stored.of(run), sums.of(run));
        for seat in layout.taken() {
            let before = sums[seat];
            sums[seat] = contract.conviction_at_end(Some(&stored[seat]), yesterday, before);
            if layout.detail >= Detail::Edges && before > 0.0 {
                let edges = edges.of(run);
                for participant in 0..population.participants {
                    edges[layout.edge(seat, participant)] *= sums[seat] / before;
                }
            }
        }
    }
}
