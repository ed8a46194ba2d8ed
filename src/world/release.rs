//! Phase 4: candidates whose conviction exceeds their trigger are paid from the pool.

use super::chance::Chance;
use super::components::{NONE, Settlement, Status};
use super::progress::progress_chances;
use super::resources::{Conditions, Mood, Population, RunFailure, Supply, Tally, Today, Verdict};
use super::seating::Seating;
use crate::model::{RuleSet, largest_passable_share, trigger};
use bevy_ecs::prelude::*;

/// Accepts every candidate that is old enough and convinces, pays it, and tells the mood.
#[allow(clippy::too_many_arguments, reason = "a system takes what it touches")]
pub fn release_funds<C: Chance>(
    mut chance: ResMut<C>,
    conditions: Res<Conditions>,
    today: Res<Today>,
    mut population: ResMut<Population>,
    mut supply: ResMut<Supply>,
    mut mood: ResMut<Mood>,
    mut tally: ResMut<Tally>,
    mut verdict: ResMut<Verdict>,
    mut seating: Seating,
    mut accepted: Local<Vec<usize>>,
) {
    let (parameters, rules) = (&conditions.setting.parameters, &conditions.setting.rules);
    let (funds, effective) = (supply.funds, supply.effective);

    accepted.clear();
    let mut least_request = f64::INFINITY;
    let seats = seating.seats.columns();
    for seat in 0..seating.tiles.seats() {
        if seats.occupant[seat] == NONE {
            continue;
        }
        let requested = seats.requested[seat];
        least_request = least_request.min(requested);
        if f64::from(today.age(seats.created[seat])) > parameters.tmin
            && seats.conviction[seat] > trigger(requested, funds, effective, parameters)
        {
            accepted.push(seat);
        }
    }
    if least_request >= largest_passable_share(parameters) * funds {
        tally.days_nothing_could_pass += 1;
    }
    if accepted.is_empty() {
        return;
    }
    accepted.sort_unstable_by_key(|&seat| seats.occupant[seat]);

    let requested: f64 = accepted.iter().map(|&seat| seats.requested[seat]).sum();
    if requested > funds {
        match rules.over_release {
            RuleSet::V3 => {
                verdict.0 = Some(RunFailure::OverRelease {
                    day: today.day,
                    accepted: accepted.len(),
                    requested,
                    funds,
                });
                return;
            }
            RuleSet::Corrected => {
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
        }
    }

    let mut released = 0.0;
    for &seat in &*accepted {
        let row = seating.vacate(seat, &today, &conditions, population.participants);
        let proposals = seating.proposals.columns();
        let requested = proposals.requested[row];
        released += requested;
        proposals.status[row] = Status::Active;
        proposals.passed_trigger[row] = trigger(requested, funds, effective, parameters);
        let (complete, fail) = progress_chances(requested, parameters, rules);
        proposals.settlement[row] = chance
            .bypass_change_detection()
            .activate(today.day, complete, fail)
            .unwrap_or(Settlement::default());
        tally.days_to_pass.push(today.day - proposals.created[row]);
        let place = population
            .active
            .partition_point(|&other| other < row as u32);
        population.active.insert(place, row as u32);
    }
    supply.funds -= released;
    supply.other += released;
    tally.granted += accepted.len() as u32;
    tally.funds_granted += released;
    mood.hear(accepted.len() as f64);
}
