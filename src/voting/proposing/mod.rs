//! Proposals arrive: whether, what they ask for, and who proposes them.

use super::Day;
use super::chance::{Chance, NONE};
use super::conviction::Conviction;
use super::participants::Population;
use super::proposals::{InitialProposals, MOST_A_DAY};
use super::supply::{InitialSupply, Supply};
use super::support::kernel::{self, affinities::Affinities};
use super::support::{Affinity, Layout, SeatRequest, SeatingRows, Vacancy, median_is_below, sized};
use crate::engine::{ModelBuilder, PerRun, Rows, Runs, Start};
use bevy_ecs::prelude::*;
use fearless_simd::dispatch;

/// The proposals that arrive, until they are seated.
#[derive(Component, Default)]
pub struct Arriving {
    /// What each requests, Honey.
    pub requests: Vec<f64>,
    /// The row of the first that was seated today, or [`NONE`].
    pub first: u32,
}

impl PerRun for Arriving {
    fn begin(&mut self) {
        self.requests.clear();
        self.first = NONE;
    }
}

/// Registers the arrivals of proposals.
pub fn proposing<C: Chance>(model: &mut ModelBuilder) {
    model
        .per_run::<Arriving>()
        .start(Start::Draw, draw_initial::<C>)
        .start(Start::Fill, seat_initial::<C>)
        .system(Day::Proposing, draw_requests::<C>)
        .system(Day::Propose, seat::<C>);
}

fn draw_initial<C: Chance>(
    mut runs: Runs<(
        &'static InitialProposals,
        &'static InitialSupply,
        &'static Conviction,
        &'static mut C,
        &'static mut Arriving,
    )>,
) {
    for (_, (initial, supply, conviction, chance, arriving)) in runs.batch() {
        let scale = 0.05 * conviction.beta * supply.funds;
        let count = initial.proposals as usize;
        let request = |unit| 0.001 + unit * scale;
        chance.initial_requests(count, request, &mut arriving.requests);
    }
}

fn seat_initial<C: Chance>(
    mut runs: Runs<(
        &'static mut Population,
        &'static mut Layout,
        &'static mut Arriving,
        &'static mut C,
    )>,
    mut rows: SeatingRows,
    mut affinities: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let mut rows = rows.of_batch(&batch);
    dispatch!(batch.vectors, simd => {
        for (run, (population, layout, arriving, chance)) in batch {
            let mut seating = rows.of(run);
            for (proposal, requested) in arriving.requests.drain(..).enumerate() {
                let affinities = sized(&mut affinities, population.participants);
                chance.initial_affinities(simd, proposal, affinities);
                seating.seat(simd, layout, population, 0, requested, affinities);
            }
        }
    });
}

/// Decides whether proposals arrive, as the state at the day's start says, and draws what they request.
/// Proposals arrive when u < (1 − med) F / R; three where there is no candidate.
fn draw_requests<C: Chance>(
    mut runs: Runs<(
        &'static Supply,
        &'static Conviction,
        &'static Population,
        &'static Layout,
        &'static mut C,
        &'static mut Arriving,
    )>,
    mut seats: Rows<(&'static SeatRequest, &'static Vacancy)>,
    mut edges: Rows<&'static Affinity>,
) {
    let batch = runs.batch();
    let (mut seats, mut edges) = (seats.of_batch(&batch), edges.of_batch(&batch));
    dispatch!(batch.vectors, simd => {
        for (run, (supply, conviction, population, layout, chance, arriving)) in batch {
            let (requested, vacancy) = seats.of(run);
            let funds = supply.at_dawn.funds;
            let requested = kernel::total(simd, &requested.as_chunks().0[..layout.count()]);
            let affinities = Affinities::new(edges.of(run), vacancy, layout);
            let participants = population.participants;
            let (mut arrive, mut count) = (true, MOST_A_DAY);
            if requested != 0.0 {
                // u < (1 − med) F / R, solved for the median: only the side it lies on matters.
                let decisive = 1.0 - chance.proposal_arrival() * requested / funds;
                arrive = median_is_below(simd, decisive, layout, participants, affinities);
            }
            if !chance.draws_requests(arrive) {
                continue;
            }
            if requested != 0.0 {
                // trunc(1 − med) + 1 is 1 for a median above 0, else 2 (it would be 3 at −1, which
                // affinities do not reach).
                let zero = f64::MIN_POSITIVE;
                count = 1 + usize::from(
                    median_is_below(simd, zero, layout, participants, affinities),
                );
            }
            let scale = conviction.beta * funds;
            for _ in 0..count {
                let unit = chance.proposal_request();
                if arrive {
                    arriving.requests.push(scale / 100.0 + unit * scale / 10.0);
                }
            }
        }
    });
}

/// Makes the proposals that arrive candidates.
fn seat<C: Chance>(
    mut runs: Runs<(
        &'static mut Population,
        &'static mut Layout,
        &'static mut Arriving,
        &'static mut C,
    )>,
    mut rows: SeatingRows,
    mut affinities: Local<Vec<f64>>,
) {
    let batch = runs.batch();
    let mut rows = rows.of_batch(&batch);
    dispatch!(batch.vectors, simd => {
        for (run, (population, layout, arriving, chance)) in batch {
            arriving.first = NONE;
            if arriving.requests.is_empty() {
                continue;
            }
            arriving.first = population.proposals as u32;
            let mut seating = rows.of(run);
            for requested in arriving.requests.drain(..) {
                let participants = population.participants;
                let proposer = chance.proposer(participants);
                let affinities = sized(&mut affinities, participants);
                chance.affinities_for(simd, proposer, affinities);
                seating.seat(simd, layout, population, run.day, requested, affinities);
            }
        }
    });
}
