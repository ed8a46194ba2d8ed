//! Pays candidates whose conviction exceeds their trigger from the pool.

use super::kernel::{self, Candidates};
use super::{Conviction, Passing, Rivals, SideCandidate, SideList};
use crate::engine::{Failing, PerRun, Rows, Runs};
use crate::voting::chance::{Chance, NONE, Processes};
use crate::voting::participants::Population;
use crate::voting::proposals::{Completion, Ended, Status, Underway, progress_chances};
use crate::voting::rules::Rules;
use crate::voting::sentiment::{Funds, Sentiment};
use crate::voting::supply::Supply;
use crate::voting::support::kernel::total;
use crate::voting::support::{Detail, Layout, Leaving, Opinions, SeatingRows};
use bevy_ecs::prelude::*;
use fearless_simd::dispatch;

/// Candidate that is paid.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    /// Place, as in [`Judged`].
    pub place: usize,
    /// Amount, Honey.
    pub requested: f64,
    /// Conviction, token-days.
    pub conviction: f64,
    /// Trigger that it exceeds, token-days; computed only if a table shows it.
    pub trigger: f64,
}

/// Candidates that exceed their triggers.
pub struct Convinced<'a, V> {
    /// Their places.
    pub places: &'a mut Vec<usize>,
    /// Their properties.
    pub judged: Judged<'a, V>,
    /// Rivalries, if any.
    pub rivals: Option<&'a mut Rivals>,
    /// True if the triggers are needed.
    pub with_triggers: bool,
}

/// Properties of candidates by place: a seat, or, after the last seat, an entry in the list of candidates
/// without seats.
#[derive(Clone, Copy)]
pub struct Judged<'a, V> {
    occupant: &'a [u32],
    requested: &'a [f64],
    conviction: &'a [f64],
    stored: &'a [V],
    side: &'a [SideCandidate<V>],
}

impl<'a, V> Judged<'a, V> {
    /// Creates the view of candidates that all have seats.
    pub fn of_seats(
        occupant: &'a [u32],
        requested: &'a [f64],
        conviction: &'a [f64],
        stored: &'a [V],
    ) -> Self {
        Self {
            occupant,
            requested,
            conviction,
            stored,
            side: &[],
        }
    }

    fn beside(&self, place: usize) -> Option<&'a SideCandidate<V>> {
        Some(&self.side[place.checked_sub(self.occupant.len())?])
    }

    /// Returns the rank in the order of ids; candidates without seats come last.
    pub fn order(&self, place: usize) -> u64 {
        match self.beside(place) {
            Some(_) => u64::from(u32::MAX) + place as u64,
            None => u64::from(self.occupant[place]),
        }
    }

    /// Returns r, Honey.
    pub fn requested(&self, place: usize) -> f64 {
        match self.beside(place) {
            Some(candidate) => candidate.requested,
            None => self.requested[place],
        }
    }

    /// Returns y, token-days.
    pub fn conviction(&self, place: usize) -> f64 {
        match self.beside(place) {
            Some(candidate) => candidate.conviction,
            None => self.conviction[place],
        }
    }

    /// Returns the state that the mechanism stores.
    pub fn stored(&self, place: usize) -> &'a V {
        match self.beside(place) {
            Some(candidate) => &candidate.stored,
            None => &self.stored[place],
        }
    }
}

/// Returns the sum of payments, Honey.
pub fn paid(accepted: &[Accepted]) -> f64 {
    accepted
        .iter()
        .fold(0.0, |sum, candidate| sum + candidate.requested)
}

/// Grants so far.
#[derive(Component, Default, Debug)]
pub struct Granted {
    /// Number of proposals.
    pub count: u32,
    /// Sum of grants, Honey.
    pub funds: f64,
    /// Days from creation to passing of each granted proposal, in ascending order.
    pub days_to_pass: Vec<u32>,
    /// Number of days on which no candidate could have passed, whatever its stake.
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
    /// Records that a proposal passed this many days after its creation.
    fn note(&mut self, days: u32) {
        let place = self.days_to_pass.partition_point(|&other| other < days);
        self.days_to_pass.insert(place, days);
    }
}

crate::view! {
    /// Access of [`release`] to a run.
    pub struct Releasing<'w, M: Passing> {
        conviction: &'w Conviction,
        completion: &'w Completion,
        rules: &'w Rules,
        population: &'w Population,
        supply: &'w mut Supply,
        sentiment: &'w mut Sentiment,
        layout: &'w mut Layout,
        ended: &'w mut Ended,
        underway: &'w mut Underway,
        granted: &'w mut Granted,
        mechanism: &'w mut M,
        chance: &'w mut Chance,
        failing: &'w mut Failing,
        side: Option<&'w mut SideList<M>>,
        rivals: Option<&'w mut Rivals>,
        opinions: Option<&'w mut Opinions>,
    }
}

/// Accepts and pays every candidate that is old enough and exceeds its trigger, and updates the sentiment.
/// Kills candidates whose rival was accepted.
pub fn release<M: Passing>(
    mut runs: Runs<Releasing<M>>,
    mut rows: SeatingRows,
    mut stored: Rows<&M::Stored>,
    mut convincing: Local<Vec<usize>>,
    mut accepted: Local<Vec<Accepted>>,
) {
    let batch = runs.batch();
    let (mut rows, mut stored) = (rows.of_batch(&batch), stored.of_batch(&batch));
    let (convincing, accepted) = (&mut *convincing, &mut *accepted);
    dispatch!(batch.vectors, simd => {
        for (run, mut of) in batch {
            convincing.clear();
            let seats = rows.seats.of(run);
            let candidates = Candidates {
                requested: seats.requested.as_chunks().0,
                born: seats.born.as_chunks().0,
                conviction: seats.conviction_sum.as_chunks().0,
                may_pass: of.layout.may_pass_by_eight(),
            };
            let threshold = of.mechanism.threshold(run.day, of.supply, of.conviction);
            let (ever, soon) = kernel::prospects(simd, candidates, &threshold);
            if soon {
                kernel::convincing(simd, candidates, &threshold, convincing);
            }
            of.granted.days_nothing_could_pass += u32::from(!ever);
            let all_seats = seats.requested.len();
            if let Some(side) = &of.side {
                convincing.extend(side.convincing(&threshold).map(|place| all_seats + place));
            }
            if convincing.is_empty() {
                continue;
            }

            accepted.clear();
            let mut seating = rows.of(run);
            let convinced = Convinced {
                places: convincing,
                judged: Judged {
                    side: of.side.as_ref().map_or(&[], |side| &side.0),
                    ..Judged::of_seats(
                        seating.seats.occupant,
                        seating.seats.requested,
                        seating.seats.conviction_sum,
                        stored.of(run),
                    )
                },
                rivals: of.rivals.as_deref_mut().filter(|rivals| rivals.any()),
                with_triggers: of.layout.detail >= Detail::Proposals,
            };
            of.mechanism.accept(run, of.supply, of.conviction, of.rules, convinced, accepted, of.failing);
            let requests = &seating.seats.requested.as_chunks().0[..of.layout.count()];
            let funds_before = total(simd, requests);
            let mut paid_to_seats = 0.0;
            for candidate in &*accepted {
                if let (Some(place), Some(side)) = (candidate.place.checked_sub(all_seats), &mut of.side) {
                    side.0[place].paid = true;
                    continue;
                }
                let leaving = Leaving {
                    day: run.day,
                    status: Status::Active,
                    conviction: candidate.conviction,
                };
                let participants = of.population.participants;
                if let Some(opinions) = of.opinions.as_deref_mut().filter(|opinions| opinions.wanted) {
                    opinions.keep(run.day, candidate.place, participants, of.layout, &seating);
                }
                let row = seating.vacate(of.layout, participants, of.ended, candidate.place, leaving);
                let requested = seating.proposals.requested[row];
                let settlement =
                    of.chance.activate(run.day, progress_chances(requested, of.completion, of.rules));
                let history = &mut seating.proposals.history[row];
                history.passed_trigger = candidate.trigger;
                of.granted.note(run.day - history.created);
                of.granted.count += 1;
                paid_to_seats += candidate.requested;
                of.underway.activate(row as u32, settlement);
            }
            of.granted.funds += paid_to_seats;
            if let Some(rivals) = of.rivals {
                let before = of.ended.killed.count;
                for row in rivals.take_barred() {
                    let seat = seating.proposals.history[row].seat;
                    if seat == NONE {
                        continue;
                    }
                    let seat = seat as usize;
                    let of_seat = stored.of(run).get(seat);
                    let estimate = seating.seats.conviction_sum[seat];
                    let leaving = Leaving {
                        day: run.day,
                        status: Status::Killed,
                        conviction: of.mechanism.conviction_at_end(of_seat, run.day - 1, estimate),
                    };
                    seating.vacate(of.layout, of.population.participants, of.ended, seat, leaving);
                }
                rivals.killed += of.ended.killed.count - before;
            }
            if !accepted.is_empty() {
                of.sentiment.hear(accepted.len() as f64, || Funds {
                    concerned: paid(accepted),
                    at_stake: funds_before,
                });
            }
        }
    });
}
