//! Support: edges between participants and candidates, decisions, and stakes.
//!
//! | file | contents |
//! |---|---|
//! | `layout` | rows of edges: arrangement of seats and blocks |
//! | `seating` | start and end of candidacies |
//! | `histogram`, `median` | distribution of affinities, and side of a value on which their median lies |
//! | `observed` | affinities for candidates with known supporters at the start |
//! | `opinions` | affinities for granted proposals, if an extension needs them |
//! | `acting` | decisions of participants, and moves of stakes |
//! | `following` | stakes after other changes of holdings |
//! | [`kernel`] | loops over edges |

mod acting;
mod following;
mod histogram;
pub mod kernel;
mod layout;
mod median;
mod observed;
mod opinions;
mod seating;
mod show;

pub use acting::{Deciding, Staking};
pub use following::{Fall, Following, StakeRows, StakesOfRun};
pub use histogram::Histogram;
pub use kernel::acting::{Decisions, InvalidDecision, Mover, Stakes};
pub use layout::{BLOCK, Detail, Layout, SEATS, Shape, lanes, shape_for};
pub use median::median_is_below;
pub use observed::draw_supported;
pub use opinions::{Opinion, Opinions};
pub use seating::{AffinitiesOfBatch, AffinityRows, Leaving, Seating, SeatingOfBatch, SeatingRows};
pub use show::{ProposalSupport, SupportEdgeRow, SupportEdgeRows, keep};

use super::Day;
use super::chance::{Chance, NONE, Processes};
use super::participants::{Departed, InitialParticipants, Participants, Population};
use super::proposals::{History, InitialProposals, MOST_A_DAY, Proposals};
use crate::engine::{LANES, ModelBuilder, Rows, Runs, Setting, Start, spread};
use bevy_ecs::prelude::*;
use fearless_simd::{Level, Simd, dispatch};

crate::table! {
    /// Seats of candidates: sums over a candidate's edges, in the order of the edges' lanes.
    Seats {
        /// Row of the proposal on a seat, or [`NONE`].
        Occupant(u32) = NONE;
        /// Addend to the affinities of a seat before comparisons: 0, or −∞ on a vacant seat, since no cutoff is
        /// lower.
        Vacancy(f64) = f64::NEG_INFINITY;
        /// r of the proposal on a seat, Honey; 0 on a vacant seat.
        SeatRequest(f64) = 0.0;
        /// Day from which the age of the proposal on a seat counts.
        Born(f64) = 0.0;
        /// Σ_i x_ij of the proposal on a seat, Honey.
        StakeSum(f64) = 0.0;
        /// y_j of the proposal on a seat, token-days.
        ConvictionSum(f64) = 0.0;
        record Histogram;
    }
}

crate::table! {
    /// Edges between participants and seats, in the rows of the layout.
    SupportEdges {
        /// a, affinity of a participant for a proposal, −1 to 1; undefined without a candidate.
        Affinity(f64) = 0.0;
        /// x, tokens staked on an edge, Honey.
        Stake(f64) = 0.0;
        /// y_ij, an edge's part of its proposal's conviction, token-days; kept only if a table shows edges.
        EdgeConviction(f64) = 0.0;
    }
}

/// Affinity of participants who have left: above all others, so that counts of affinities below a value exclude them.
pub const ABSENT: f64 = f64::MAX;

/// True if an idle participant's stakes no longer match what they support: a column of participants.
#[derive(Component, Clone, Copy, Debug, Default, bytemuck::TransparentWrapper)]
#[repr(transparent)]
pub struct Restake(pub bool);

impl crate::engine::TableColumn for Restake {
    type Value = bool;

    fn values(column: &[Self]) -> &[bool] {
        bytemuck::TransparentWrapper::peel_slice(column)
    }

    fn values_mut(column: &mut [Self]) -> &mut [bool] {
        bytemuck::TransparentWrapper::peel_slice_mut(column)
    }
}

/// Registers support.
pub fn support<M: Staking>(model: &mut ModelBuilder) {
    model
        .settings::<Deciding>()
        .resource::<Detail>()
        .together(together)
        .per_run::<Layout>()
        .table::<Seats, _>(seats_needed)
        .table::<SupportEdges, _>(edges_needed)
        .column::<Participants, Restake>()
        .column::<Proposals, ProposalSupport>()
        .start(Start::Draw, lay_out)
        .after(&["participants"])
        .start(Start::Fill, vacate_all)
        .room(enlarge)
        .per_run::<Decisions>()
        .divisible_system(
            Day::Revise,
            (Day::Act, acting::act::<M>),
            (Day::Decide, acting::decide),
            (Day::Act, acting::stake::<M>),
        );
    show::register(model);
}

/// Returns the best number of runs to simulate together: up to 16, whose support edges fit into a core's caches. Beyond
/// that, they take longer to warm up and save nothing. Estimates use it, so the division of sweeps into parts depends
/// on it.
pub fn together(setting: &Setting) -> usize {
    /// Initial support edges of a batch.
    const EDGES: usize = 4096;
    const MOST: usize = 16;
    let participants = setting.group::<InitialParticipants>().participants as usize;
    let proposals = setting.group::<InitialProposals>().proposals as usize;
    (EDGES / (participants * proposals.max(1))).clamp(1, MOST)
}

/// Returns the room required after this many more days.
fn shape(days: u32, layout: &Layout, population: &Population) -> Shape {
    let days = days as usize;
    layout.shape_with(MOST_A_DAY * days, population.participants + days)
}

fn seats_needed(In(days): In<u32>, mut runs: Runs<(&Layout, &Population)>) -> usize {
    let seats = runs
        .batch()
        .map(|(_, (layout, population))| shape(days, layout, population).seats());
    seats.max().unwrap_or(0)
}

fn edges_needed(In(days): In<u32>, mut runs: Runs<(&Layout, &Population)>) -> usize {
    let edges = runs
        .batch()
        .map(|(_, (layout, population))| shape(days, layout, population).edges());
    edges.max().unwrap_or(0)
}

/// Arranges room for the initial candidates and those of the first day.
fn lay_out(mut runs: Runs<(&Population, &InitialProposals, &mut Layout)>, detail: Res<Detail>) {
    for (_, (population, initial, layout)) in runs.batch() {
        let candidates = initial.proposals as usize + MOST_A_DAY;
        layout.clear(shape_for(candidates, population.participants));
        layout.detail = *detail;
    }
}

fn vacate_all(mut runs: Runs<(&Population, &Layout)>, mut rows: SeatingRows) {
    let batch = runs.batch();
    let mut rows = rows.of_batch(&batch);
    for (run, (population, layout)) in batch {
        rows.of(run).clear(layout, population.participants);
    }
}

/// Makes room for the edges of this many days, if it may be insufficient.
fn enlarge(In(days): In<u32>, mut runs: Runs<(&Population, &mut Layout)>, mut rows: SeatingRows) {
    let batch = runs.batch();
    let mut rows = rows.of_batch(&batch);
    for (run, (population, layout)) in batch {
        let shape = shape(days, layout, population);
        if shape != layout.shape() {
            rows.of(run).enlarge(shape, layout);
        }
    }
}

/// Draws a newcomer's affinities for the candidates.
#[inline(always)]
pub fn meet_newcomer<S: Simd>(
    simd: S,
    chance: &mut Chance,
    row: usize,
    proposals: usize,
    layout: &mut Layout,
    seating: &mut Seating,
) {
    seating.clear_newcomer(row, layout);
    let seated = layout.rows_in_use(row);
    let histories = &seating.proposals.history[..proposals];
    let by_proposal = histories
        .iter()
        .map(|history| (history.seat != NONE).then(|| layout.edge(history.seat as usize, row)));
    chance.newcomer_affinities(simd, seating.edges.affinity, seated, by_proposal);
    let mut spread = layout.affinities;
    for seat in layout.taken() {
        let affinity = seating.edges.affinity[layout.edge(seat, row)];
        seating.seats.histogram[seat].add(affinity);
        spread.add(affinity);
    }
    layout.affinities = spread;
}

/// Returns the first `count` places of a buffer, with their previous contents.
#[inline]
pub(crate) fn grow_to<T: Copy + Default>(buffer: &mut Vec<T>, count: usize) -> &mut [T] {
    if buffer.len() < count {
        buffer.resize(count, T::default());
    }
    &mut buffer[..count]
}
