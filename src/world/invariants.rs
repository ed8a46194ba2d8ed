//! What must hold after every phase; checked in builds with debug assertions.

use super::commons::{Commons, Detail};
use super::components::{Holdings, NONE, Status};
use super::seating::{SeatingTables, WholeSeating};
use super::supply::Supply;
use super::tables::{Columns, Whole};
use crate::model::RuleSet;
use bevy_ecs::prelude::*;

/// A relative difference that sums of rounded numbers may show.
const ROUNDING: f64 = 1e-9;

/// What the last check saw.
#[derive(Component, Default)]
pub struct Seen {
    statuses: Vec<Status>,
    most_stake: f64,
}

impl Seen {
    /// Begins a run.
    pub fn clear(&mut self) {
        self.statuses.clear();
        self.most_stake = 0.0;
    }
}

/// Panics where the world contradicts the model.
pub fn check_invariants(
    mut runs: Query<(&Commons, &mut Seen)>,
    mut participants: Columns<&'static Holdings>,
    mut tables: SeatingTables,
) {
    let (mut participants, mut tables) = (participants.whole(), tables.whole());
    for (commons, mut seen) in &mut runs {
        if commons.goes_on && commons.failure.is_none() {
            check(commons, &mut seen, &mut participants, &mut tables);
        }
    }
}

fn check(
    commons: &Commons,
    seen: &mut Seen,
    participants: &mut Whole<&'static Holdings>,
    tables: &mut WholeSeating,
) {
    let Commons {
        slot,
        setting,
        supply,
        today,
        population,
        tiles,
        ..
    } = commons;
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

    let rules = &setting.rules;
    let holdings = &participants.of(slot)[..population.participants];
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

    let seating = tables.of(slot);
    let edges = &seating.edges;
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
    let bound = seen.most_stake / (1.0 - setting.parameters.alpha);
    for seat in tiles.taken() {
        for participant in 0..population.participants {
            let conviction = if commons.detail >= Detail::Edges {
                edges.conviction[tiles.edge(seat, participant)]
            } else {
                0.0
            };
            assert!(
                conviction.abs() <= bound * (1.0 + ROUNDING),
                "day {day}: conviction {conviction} beyond {bound}"
            );
        }
    }

    let (proposals, seats) = (&seating.proposals, &seating.seats);
    for seat in tiles.taken() {
        let lane = (0..population.participants).map(|row| tiles.edge(seat, row));
        let staked: f64 = lane.clone().map(|edge| edges.stake[edge]).sum();
        assert!(
            close(seats.stake[seat], staked),
            "day {day}: {} kept as the sum of {staked} staked",
            seats.stake[seat]
        );
        if commons.detail >= Detail::Edges {
            let conviction: f64 = lane.map(|edge| edges.conviction[edge]).sum();
            let scale = total / (1.0 - setting.parameters.alpha);
            assert!(
                (seats.conviction[seat] - conviction).abs() <= ROUNDING * scale,
                "day {day}: conviction {}, but {conviction} in parts",
                seats.conviction[seat]
            );
        }
    }
    for (row, &status) in proposals.status[..population.proposals].iter().enumerate() {
        match seen.statuses.get(row) {
            Some(&before) => assert!(
                before == status || before.may_become(status),
                "day {day}: proposal {row} went from {before:?} to {status:?}"
            ),
            None => seen.statuses.push(status),
        }
        seen.statuses[row] = status;
        let seat = proposals.history[row].seat;
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
