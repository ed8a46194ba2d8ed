//! Phase 4: candidates whose conviction exceeds their trigger are paid from the pool.

use super::chance::Chance;
use super::components::Status;
use super::kernels::{self, Bar};
use super::progress::progress_chances;
use super::resources::{Active, Commons, RunFailure};
use super::seating::SeatingTables;
use super::tables::SeatColumns;
use super::tiles::lanes;
use crate::model::{RuleSet, largest_passable_share, trigger};
use bevy_ecs::prelude::*;
use fearless_simd::dispatch;

/// Accepts every candidate that is old enough and convinces, pays it, and tells the mood.
pub fn release_funds<C: Chance>(
    mut chance: ResMut<C>,
    commons: ResMut<Commons>,
    mut tables: SeatingTables,
    mut accepted: Local<Vec<usize>>,
) {
    let commons = commons.into_inner();
    convincing(commons, &tables.seats(), &mut accepted);
    if accepted.is_empty() {
        return;
    }
    let (parameters, rules) = (commons.setting.parameters, commons.setting.rules);
    let (funds, effective) = (commons.supply.funds, commons.supply.effective);
    let mut seating = tables.columns();
    let seats = &seating.seats;
    accepted.sort_unstable_by_key(|&seat| seats.occupant[seat]);
    let requested: f64 = accepted.iter().map(|&seat| seats.requested[seat]).sum();
    if requested > funds {
        match rules.over_release {
            RuleSet::V3 => {
                commons.failure = Some(RunFailure::OverRelease {
                    day: commons.today.day,
                    accepted: accepted.len(),
                    requested,
                    funds,
                });
                return;
            }
            RuleSet::Corrected => keep_what_fits(&mut accepted, seats, funds),
        }
    }

    let mut released = 0.0;
    for &seat in &*accepted {
        let row = seating.vacate(commons, seat, Status::Active);
        let requested = seating.proposals.requested[row];
        released += requested;
        let (complete, fail) = progress_chances(requested, &parameters, &rules);
        let settlement = chance
            .bypass_change_detection()
            .activate(commons.today.day, complete, fail)
            .unwrap_or_default();
        let history = &mut seating.proposals.history[row];
        history.passed_trigger = trigger(requested, funds, effective, &parameters);
        let days = commons.today.day - history.created;
        commons.tally.days_to_pass.push(days);
        let active = &mut commons.population.active;
        let row = row as u32;
        let place = active.partition_point(|other| other.row < row);
        active.insert(place, Active { row, settlement });
    }
    commons.supply.funds -= released;
    commons.supply.other += released;
    commons.tally.granted += accepted.len() as u32;
    commons.tally.funds_granted += released;
    commons.mood.hear(accepted.len() as f64);
}

/// The seats of the candidates that are old enough and convince; tallies a day on which none could.
fn convincing(commons: &mut Commons, seats: &SeatColumns, accepted: &mut Vec<usize>) {
    let parameters = &commons.setting.parameters;
    let funds = commons.supply.funds;
    let bar = Bar {
        day: f64::from(commons.today.day),
        funds,
        effective_supply: commons.supply.effective,
        parameters,
    };
    accepted.clear();
    let mut least_request = f64::INFINITY;
    let requested = seats.requested.as_chunks().0;
    let born = seats.born.as_chunks().0;
    let conviction = seats.conviction.as_chunks().0;
    dispatch!(commons.vectors, simd => {
        for (tile, &taken) in commons.tiles.taken_by_tile().iter().enumerate() {
            let (requested, born, conviction) = (&requested[tile], &born[tile], &conviction[tile]);
            let (convincing, least) =
                kernels::convincing(simd, requested, born, conviction, taken, &bar);
            accepted.extend(lanes(tile, convincing));
            least_request = least_request.min(least);
        }
    });
    if least_request >= largest_passable_share(parameters) * funds {
        commons.tally.days_nothing_could_pass += 1;
    }
}

/// Keeps the strongest, in order of id, up to the first that does not fit into the pool.
fn keep_what_fits(accepted: &mut Vec<usize>, seats: &SeatColumns, funds: f64) {
    // A stable sort: ties stay in order of id.
    accepted.sort_by(|&a, &b| seats.conviction[b].total_cmp(&seats.conviction[a]));
    let mut running = 0.0;
    let fitting = accepted
        .iter()
        .take_while(|&&seat| {
            running += seats.requested[seat];
            running <= funds
        })
        .count();
    accepted.truncate(fitting);
    accepted.sort_unstable_by_key(|&seat| seats.occupant[seat]);
}
