//! What must hold after every phase; checked in builds with debug assertions.

use super::components::{NONE, Status};
use super::resources::{Conditions, Population, Supply, Today, Verdict};
use super::seating::Seating;
use crate::model::RuleSet;
use bevy_ecs::prelude::*;

/// A relative difference that sums of rounded numbers may show.
const ROUNDING: f64 = 1e-9;

/// What the last check saw.
#[derive(Resource, Default)]
pub struct Seen {
    statuses: Vec<Status>,
    most_stake: f64,
}

/// Panics where the world contradicts the model.
pub fn check_invariants(
    conditions: Res<Conditions>,
    supply: Res<Supply>,
    today: Res<Today>,
    population: Res<Population>,
    verdict: Res<Verdict>,
    mut seating: Seating,
    mut seen: ResMut<Seen>,
) {
    if verdict.0.is_some() {
        return;
    }
    let Supply {
        funds,
        effective,
        other,
        total,
    } = *supply;
    let day = today.day;
    let close = |a: f64, b: f64| (a - b).abs() <= ROUNDING * total.abs();
    assert!(
        close(funds + effective + other, total),
        "day {day}: S = F + E + L: {supply:?}"
    );

    let rules = &conditions.setting.rules;
    let people = seating.participants.columns();
    let holdings = &people.holdings[..population.participants];
    if rules.accounting == RuleSet::Corrected {
        let held: f64 = holdings.iter().sum();
        assert!(
            close(held, effective),
            "day {day}: E = {effective}, but {held} is held"
        );
        assert!(other >= -ROUNDING * total, "day {day}: L = {other}");
    }
    if rules.over_release == RuleSet::Corrected {
        assert!(funds >= 0.0, "day {day}: F = {funds}");
    }

    let edges = seating.edges.columns();
    let tiles = &seating.tiles;
    for (participant, held) in holdings.iter().enumerate() {
        let stakes = || {
            tiles
                .taken()
                .map(|seat| edges.stake[tiles.edge(seat, participant)])
        };
        seen.most_stake = stakes().fold(seen.most_stake, |most, x| most.max(x.abs()));
        if rules.stake_weight == RuleSet::Corrected {
            let staked: f64 = stakes().sum();
            assert!(
                stakes().all(|x| x >= 0.0),
                "day {day}: participant {participant} staked below 0"
            );
            assert!(
                staked <= held * (1.0 + ROUNDING),
                "day {day}: participant {participant} staked {staked} of {held}"
            );
        }
    }
    let bound = seen.most_stake / (1.0 - conditions.setting.parameters.alpha);
    for seat in tiles.taken() {
        for participant in 0..population.participants {
            let conviction = edges.conviction[tiles.edge(seat, participant)];
            assert!(
                conviction.abs() <= bound * (1.0 + ROUNDING),
                "day {day}: conviction {conviction} beyond {bound}"
            );
        }
    }

    let proposals = seating.proposals.columns();
    let seats = seating.seats.columns();
    for (row, &status) in proposals.status[..population.proposals].iter().enumerate() {
        match seen.statuses.get(row) {
            Some(&before) => assert!(
                before == status || before.may_become(status),
                "day {day}: proposal {row} went from {before:?} to {status:?}"
            ),
            None => seen.statuses.push(status),
        }
        seen.statuses[row] = status;
        let seat = proposals.seat[row];
        assert_eq!(
            seat != NONE,
            status == Status::Candidate,
            "day {day}: proposal {row}"
        );
        if seat != NONE {
            assert_eq!(
                seats.occupant[seat as usize], row as u32,
                "day {day}: seat {seat}"
            );
        }
    }
}
