//! Phase 4: candidates whose conviction exceeds their trigger are paid from the pool.

use super::chance::Chance;
use super::commons::{Active, Commons, Detail, RunFailure, Runs, Vectors, each_run};
use super::components::Status;
use super::kernels::seats::{self, Bar, Candidates};
use super::progress::progress_chances;
use super::seating::{Seating, SeatingTables, WholeSeating};
use super::tables::{Slices, WholeSeats};
use crate::contract::U256;
use crate::model::RuleSet;
use bevy_ecs::prelude::*;
use fearless_simd::{Simd, dispatch};
use std::cmp::Reverse;

/// A candidate that is paid.
pub struct Accepted {
    seat: usize,
    /// Token-days.
    conviction: f64,
    /// The trigger that it exceeds, token-days; not asked for without detail of proposals.
    trigger: f64,
}

/// What release needs only while it works; kept so that a day allocates nothing.
#[derive(Default)]
pub struct Scratch {
    convincing: Vec<usize>,
    accepted: Vec<Accepted>,
    by_conviction: Vec<(U256, usize)>,
}

/// Accepts every candidate that is old enough and convinces, pays it, and tells the mood.
pub fn release_funds<C: Chance>(
    mut runs: Runs<C>,
    mut tables: SeatingTables,
    mut scratch: Local<Scratch>,
    vectors: Res<Vectors>,
) {
    let mut tables = tables.whole();
    dispatch!(vectors.0, simd => {
        for (commons, chance) in each_run(&mut runs) {
            release(simd, commons, chance, &mut tables, &mut scratch);
        }
    });
}

#[inline(always)]
fn release<S: Simd, C: Chance>(
    simd: S,
    commons: &mut Commons,
    chance: &mut C,
    tables: &mut WholeSeating,
    scratch: &mut Scratch,
) {
    let Scratch {
        convincing,
        accepted,
        by_conviction,
    } = scratch;
    find_convincing(simd, commons, &mut tables.seats, convincing);
    if convincing.is_empty() {
        return;
    }
    let mut seating = tables.of(&commons.slot);
    accepted.clear();
    let before = commons.supply;
    let done = match commons.chain {
        None => accept(commons, &seating, convincing, accepted),
        Some(_) => execute(commons, &seating, convincing, by_conviction, accepted),
    };
    if let Err(failure) = done {
        commons.failure = Some(failure);
        return;
    }

    let mut released = 0.0;
    for candidate in &*accepted {
        let row = seating.vacate(
            commons,
            candidate.seat,
            Status::Active,
            candidate.conviction,
        );
        let requested = seating.proposals.requested[row];
        released += requested;
        let setting = &commons.setting;
        let (complete, fail) = progress_chances(requested, &setting.parameters, &setting.rules);
        let settlement = chance
            .activate(commons.today.day, complete, fail)
            .unwrap_or_default();
        let history = &mut seating.proposals.history[row];
        history.passed_trigger = candidate.trigger;
        let days = commons.today.day - history.created;
        commons.tally.note_passing(days);
        let row = row as u32;
        commons.population.activate(Active { row, settlement });
    }
    match &commons.chain {
        None => {
            commons.supply.funds = before.funds - released;
            commons.supply.other = before.other + released;
        }
        Some(chain) => commons.supply = chain.supply(),
    }
    commons.tally.granted += accepted.len() as u32;
    commons.tally.funds_granted += released;
    if !accepted.is_empty() {
        commons.mood.hear(accepted.len() as f64);
    }
}

/// Finds the seats of the candidates that are old enough and convince, with a chain those that come
/// near; tallies a day on which none could.
#[inline(always)]
fn find_convincing<S: Simd>(
    simd: S,
    commons: &mut Commons,
    seats: &mut WholeSeats,
    convincing: &mut Vec<usize>,
) {
    let parameters = &commons.setting.parameters;
    let (day, funds) = (commons.today.day, commons.supply.funds);
    let bar = match &commons.chain {
        None => Bar::on(day, funds, commons.supply.effective, parameters),
        Some(chain) => chain.bar(day, parameters),
    };
    convincing.clear();
    let taken = commons.tiles.taken_by_tile();
    let candidates = Candidates {
        requested: seats.requested.of(&commons.slot).as_chunks().0,
        born: seats.born.of(&commons.slot).as_chunks().0,
        conviction: seats.conviction.of(&commons.slot).as_chunks().0,
        taken,
    };
    let (ever, soon) = seats::prospects(simd, candidates, &bar);
    if soon {
        seats::convincing(simd, candidates, &bar, convincing);
    }
    if !ever {
        commons.tally.days_nothing_could_pass += 1;
    }
}

/// All that convince, in order of id; where they request more than the pool holds, the strongest,
/// up to the first that does not fit.
fn accept(
    commons: &Commons,
    seating: &Seating,
    convincing: &mut Vec<usize>,
    accepted: &mut Vec<Accepted>,
) -> Result<(), RunFailure> {
    let (seats, funds) = (&seating.seats, commons.supply.funds);
    convincing.sort_unstable_by_key(|&seat| seats.occupant[seat]);
    let requested: f64 = convincing.iter().map(|&seat| seats.requested[seat]).sum();
    if requested > funds {
        if commons.setting.rules.over_release == RuleSet::V3 {
            return Err(RunFailure::OverRelease {
                day: commons.today.day,
                accepted: convincing.len(),
                requested,
                funds,
            });
        }
        // A stable sort: ties stay in order of id.
        convincing.sort_by(|&a, &b| seats.conviction[b].total_cmp(&seats.conviction[a]));
        let mut running = 0.0;
        let fitting = convincing
            .iter()
            .take_while(|&&seat| {
                running += seats.requested[seat];
                running <= funds
            })
            .count();
        convincing.truncate(fitting);
        convincing.sort_unstable_by_key(|&seat| seats.occupant[seat]);
    }
    accepted.extend(convincing.iter().map(|&seat| Accepted {
        seat,
        conviction: seats.conviction[seat],
        trigger: if commons.detail >= Detail::Proposals {
            commons.trigger(seats.requested[seat], funds, commons.supply.effective)
        } else {
            f64::NAN
        },
    }));
    Ok(())
}

/// As the contract executes, one after another, the strongest first: each whose conviction exceeds
/// its threshold with what is then left in the pool. Pays them.
fn execute(
    commons: &mut Commons,
    seating: &Seating,
    near: &[usize],
    by_conviction: &mut Vec<(U256, usize)>,
    accepted: &mut Vec<Accepted>,
) -> Result<(), RunFailure> {
    let day = commons.today.day;
    let chain = commons.chain.as_mut().expect("a run on a chain");
    by_conviction.clear();
    for &seat in near {
        let conviction = chain.conviction(&seating.chain[seat], day);
        let conviction = conviction.map_err(|revert| RunFailure::Reverts { day, revert })?;
        by_conviction.push((conviction, seat));
    }
    by_conviction.sort_unstable_by_key(|&(conviction, seat)| {
        (Reverse(conviction), seating.seats.occupant[seat])
    });
    for &(conviction, seat) in &*by_conviction {
        let requested = seating.seats.requested[seat];
        if let Ok(threshold) = chain.threshold(requested)
            && conviction > threshold
        {
            chain.pay(requested);
            accepted.push(Accepted {
                seat,
                conviction: chain.token_days(conviction),
                trigger: chain.token_days(threshold),
            });
        }
    }
    Ok(())
}
