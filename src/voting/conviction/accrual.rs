//! Lets conviction accrue, and kills candidates without support.
//!
//! Conviction is linear: Σ_i (x_ij + α y_ij) = Σ_i x_ij + α Σ_i y_ij. The model does not need the parts y_ij,
//! so each day accrues a candidate's conviction, from the sum of its stakes, which is updated as stakes move.
//! The parts accrue too in runs whose tables show them.

use super::{Conviction, Passing, kernel};
use crate::engine::{Failing, Rows, Runs};
use crate::voting::participants::Population;
use crate::voting::proposals::{Ended, Status};
use crate::voting::supply::Supply;
use crate::voting::support::kernel::below;
use crate::voting::support::{Detail, Layout, Leaving, SEATS, SeatingRows, lanes};
use bevy_ecs::prelude::*;
use fearless_simd::dispatch;

/// Tolerance between a running sum of stakes and their exact sum, as a share of the total supply: each move
/// rounds at 2⁻⁵³ of a holding.
const DRIFT: f64 = 1e-10;

crate::view! {
    /// Access of [`accrue`] to a run.
    pub struct Accruing<'w, M: Passing> {
        conviction: &'w Conviction,
        population: &'w Population,
        supply: &'w Supply,
        mechanism: &'w M,
        layout: &'w mut Layout,
        ended: &'w mut Ended,
        failing: &'w mut Failing,
    }
}

/// Updates y_j ← Σ_i x_ij + α y_j for each candidate, and y_ij ← x_ij + α y_ij on each edge where tables show
/// edges. Then kills the candidates with less than min_supp staked.
pub fn accrue<M: Passing>(
    mut runs: Runs<Accruing<M>>,
    mut rows: SeatingRows,
    mut stored: Rows<&M::Stored>,
    mut unsupported: Local<Vec<usize>>,
) {
    let batch = runs.batch();
    let (mut rows, mut stored) = (rows.of_batch(&batch), stored.of_batch(&batch));
    let unsupported = &mut *unsupported;
    dispatch!(batch.vectors, simd => {
        for (run, of) in batch {
            if let Some(overflow) = of.supply.overflow() {
                of.failing.fail("overflow", run.day, overflow);
                continue;
            }
            let (min_supp, participants) = (of.conviction.min_supp, of.population.participants);
            let growth = of.mechanism.growth(run.day, of.conviction);
            if of.layout.detail >= Detail::Edges {
                let seating = rows.of(run);
                for rows in of.layout.rows(0, 0..participants) {
                    let stakes = seating.edges.stake[rows.clone()].as_chunks().0;
                    let convictions = seating.edges.conviction[rows].as_chunks_mut().0;
                    kernel::accrue(simd, stakes, convictions, growth);
                }
            }
            let drift = DRIFT * of.supply.total;
            unsupported.clear();
            {
                let taken = of.layout.taken_by_eight();
                let seats = rows.seats.of(run);
                let stakes = &seats.stake_sum.as_chunks().0[..taken.len()];
                let convictions = &mut seats.conviction_sum.as_chunks_mut().0[..taken.len()];
                kernel::accrue(simd, stakes, convictions, growth);
                for (eight, (stakes, taken)) in stakes.iter().zip(taken).enumerate() {
                    let few = below(simd, stakes, min_supp + drift) & taken;
                    unsupported.extend(lanes(eight, few));
                }
            }
            if unsupported.is_empty() {
                continue;
            }
            let mut seating = rows.of(run);
            for &seat in &*unsupported {
                let sum = &mut seating.seats.stake_sum[seat];
                if *sum >= min_supp - drift {
                    // Too close for a running sum to decide.
                    let column = seating.edges.stake[of.layout.edge(seat, 0)..].iter().step_by(SEATS);
                    *sum = column.take(participants).sum();
                }
                if *sum < min_supp {
                    let estimate = seating.seats.conviction_sum[seat];
                    let stored = stored.of(run).get(seat);
                    let leaving = Leaving {
                        day: run.day,
                        status: Status::Killed,
                        conviction: of.mechanism.conviction_at_end(stored, run.day, estimate),
                    };
                    seating.vacate(of.layout, participants, of.ended, seat, leaving);
                }
            }
        }
    });
}
