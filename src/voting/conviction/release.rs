//! Candidates whose conviction exceeds their trigger are paid from the pool.

use super::kernel::{self, Candidates};
use super::{Conviction, Passing};
use crate::engine::{Failing, PerRun, Rows, Runs};
use crate::voting::chance::Chance;
use crate::voting::participants::Population;
use crate::voting::proposals::{Completion, Ended, Status, Underway, progress_chances};
use crate::voting::rules::Rules;
use crate::voting::sentiment::Sentiment;
use crate::voting::supply::Supply;
use crate::voting::support::{Detail, Layout, Leaving, SeatingRows};
use bevy_ecs::prelude::*;
use fearless_simd::dispatch;

/// A candidate that is paid.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    /// Its seat.
    pub seat: usize,
    /// What it is paid, Honey.
    pub requested: f64,
    /// Its conviction, token-days.
    pub conviction: f64,
    /// The trigger that it exceeds, token-days; not asked for where no table shows it.
    pub trigger: f64,
}

/// The candidates that convince, and what they are judged by, seat by seat.
pub struct Convinced<'a, V> {
    /// Their seats.
    pub seats: &'a mut Vec<usize>,
    /// The row of the proposal on each seat.
    pub occupant: &'a [u32],
    /// r, Honey.
    pub requested: &'a [f64],
    /// y, token-days.
    pub conviction: &'a [f64],
    /// What the mechanism stores.
    pub stored: &'a [V],
    /// Whether the trigger that each exceeds is asked for.
    pub with_triggers: bool,
}

/// What candidates are paid in sum, Honey.
pub fn paid(accepted: &[Accepted]) -> f64 {
    accepted
        .iter()
        .fold(0.0, |sum, candidate| sum + candidate.requested)
}

/// What was granted so far.
#[derive(Component, Default, Debug)]
pub struct Granted {
    /// Proposals.
    pub count: u32,
    /// Honey.
    pub funds: f64,
    /// Days from creation to passing, of each proposal granted, in ascending order.
    pub days_to_pass: Vec<u32>,
    /// Days on which no candidate could have passed, however much had been staked on it.
    pub days_nothing_could_pass: u32,
}

impl PerRun for Granted {
    fn begin(&mut self) {
        self.days_to_pass.clear();
        *self = Self {
            days_to_pass: std::mem::take(&mut self.days_to_pass),
            ..Self::default()
        };
    }
}

impl Granted {
    /// Notes that a proposal passed, so many days after its creation.
    fn note(&mut self, days: u32) {
        let place = self.days_to_pass.partition_point(|&other| other < days);
        self.days_to_pass.insert(place, days);
    }
}

/// Accepts every candidate that is old enough and convinces, pays it, and tells the mood.
#[allow(
    clippy::type_complexity,
    reason = "what the phase reads and changes, each said once"
)]
pub fn release<C: Chance, M: Passing>(
    mut runs: Runs<(
        &'static Conviction,
        &'static Completion,
        &'static Rules,
        &'static Population,
        &'static mut Supply,
        &'static mut Sentiment,
        &'static mut Layout,
        &'static mut Ended,
        &'static mut Underway,
        &'static mut Granted,
        &'static mut M,
        &'static mut C,
        &'static mut Failing,
    )>,
    mut rows: SeatingRows,
    mut stored: Rows<&'static M::Stored>,
    mut convincing: Local<Vec<usize>>,
    mut accepted: Local<Vec<Accepted>>,
) {
    let batch = runs.batch();
    let (mut rows, mut stored) = (rows.of_batch(&batch), stored.of_batch(&batch));
    let (convincing, accepted) = (&mut *convincing, &mut *accepted);
    dispatch!(batch.vectors, simd => {
        for (run, components) in batch {
            let (
                conviction, completion, rules, population, supply, sentiment, layout, ended, underway,
                granted, mechanism, chance, failing,
            ) = components;
            convincing.clear();
            let seats = rows.seats(run);
            let candidates = Candidates {
                requested: seats.requested.as_chunks().0,
                born: seats.born.as_chunks().0,
                conviction: seats.conviction_sum.as_chunks().0,
                taken: layout.taken_by_eight(),
            };
            let threshold = mechanism.threshold(run.day, supply, conviction);
            let (ever, soon) = kernel::prospects(simd, candidates, &threshold);
            if soon {
                kernel::convincing(simd, candidates, &threshold, convincing);
            }
            granted.days_nothing_could_pass += u32::from(!ever);
            if convincing.is_empty() {
                continue;
            }

            accepted.clear();
            let mut seating = rows.of(run);
            let convinced = Convinced {
                seats: convincing,
                occupant: seating.occupant,
                requested: seating.requested,
                conviction: seating.conviction_sum,
                stored: stored.of(run),
                with_triggers: layout.detail >= Detail::Proposals,
            };
            mechanism.accept(run, supply, conviction, rules, convinced, accepted, failing);
            for candidate in &*accepted {
                let leaving = Leaving {
                    day: run.day,
                    status: Status::Active,
                    conviction: candidate.conviction,
                };
                let participants = population.participants;
                let row = seating.vacate(layout, participants, ended, candidate.seat, leaving);
                let requested = seating.proposal_requested[row];
                let settlement =
                    chance.activate(run.day, progress_chances(requested, completion, rules));
                let history = &mut seating.history[row];
                history.passed_trigger = candidate.trigger;
                granted.note(run.day - history.created);
                granted.count += 1;
                underway.activate(row as u32, settlement);
            }
            granted.funds += paid(accepted);
            if !accepted.is_empty() {
                sentiment.hear(accepted.len() as f64);
            }
        }
    });
}
