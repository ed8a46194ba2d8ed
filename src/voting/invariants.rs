//! Checks invariants between phases, in builds with debug assertions.

use super::chance::NONE;
use super::conviction::Conviction;
use super::mechanism::Chain;
use super::opening::Opening;
use super::participants::{Holdings, Population, VotingWeight};
use super::proposals::{History, Status};
use super::rules::{RuleSet, Rules};
use super::supply::Supply;
use super::support::{ConvictionSum, Detail, EdgeConviction, Layout, Occupant, Stake, StakeSum};
use crate::engine::{Failing, ModelBuilder, PerRun, Rows, Runs};
use bevy_ecs::prelude::*;

/// Relative tolerance for sums of rounded numbers.
const ROUNDING: f64 = 1e-9;

/// State at the last check.
#[derive(Component, Default)]
pub struct Seen {
    statuses: Vec<Status>,
    most_stake: f64,
    /// Largest alpha so far: conviction may be carried over when alpha changes.
    most_alpha: f64,
}

impl PerRun for Seen {
    fn begin(&mut self) {
        self.statuses.clear();
        self.most_stake = 0.0;
        self.most_alpha = 0.0;
    }
}

/// Registers the invariants.
pub fn invariants(model: &mut ModelBuilder) {
    model
        .per_run::<Seen>()
        .invariant(check_supply)
        .invariant(check_edges)
        .invariant(check_proposals);
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= ROUNDING * scale.abs()
}

fn check_supply(
    mut runs: Runs<(&Supply, &Rules, &Population, &Failing)>,
    mut people: Rows<&Holdings>,
) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, (supply, rules, population, failing)) in batch {
        if failing.failure().is_some() {
            continue;
        }
        let Supply {
            funds,
            effective,
            other,
            total,
            ..
        } = *supply;
        let day = run.day;
        assert!(
            close(funds + effective + other, total, total),
            "day {day}: S = F + E + L: {supply:?}"
        );
        if rules.accounting == RuleSet::Corrected {
            let held: f64 = people.of(run)[..population.participants].iter().sum();
            // Holds only after phases: within one, E may not yet include a newcomer's holdings.
            assert!(
                close(held + supply.held_aside, effective, total),
                "day {day}: E = {effective}, but participants and attackers hold {held}: {supply:?}"
            );
            let free = other - supply.set_aside;
            assert!(
                free >= -ROUNDING * total,
                "day {day}: {free} of L = {other} is free"
            );
        }
        if rules.over_release == RuleSet::Corrected {
            assert!(funds >= 0.0, "day {day}: F = {funds}");
        }
    }
}

crate::view! {
    /// Access of [`check_edges`] to a run.
    struct Checked<'w> {
        supply: &'w Supply,
        rules: &'w Rules,
        setting: &'w Conviction,
        chain: &'w Chain,
        population: &'w Population,
        layout: &'w Layout,
        failing: &'w Failing,
        opening: &'w Opening,
        seen: &'w mut Seen,
    }
}

/// Edges on a taken seat: that of the first participant, and of the others at equal distances.
struct Column {
    seat: usize,
    first: usize,
    /// Sum of stakes.
    staked: f64,
}

fn check_edges(
    mut runs: Runs<Checked>,
    mut people: Rows<(&Holdings, Option<&VotingWeight>)>,
    mut edges: Rows<(&Stake, &EdgeConviction)>,
    mut seats: Rows<(&StakeSum, &ConvictionSum)>,
    mut columns: Local<Vec<Column>>,
) {
    let batch = runs.batch();
    let (mut people, mut edges) = (people.of_batch(&batch), edges.of_batch(&batch));
    let columns = &mut *columns;
    let mut seats = seats.of_batch(&batch);
    for (run, of) in batch {
        if of.failing.failure().is_some() {
            continue;
        }
        let (day, participants, total) = (run.day, of.population.participants, of.supply.total);
        let (stake, conviction) = edges.of(run);
        let (stake_sum, conviction_sum) = seats.of(run);
        let (holdings, weights) = people.of(run);
        let weights = of.supply.weights(holdings, weights);
        // One pass, since tests spend much of their time here.
        columns.clear();
        columns.extend(of.layout.taken().map(|seat| Column {
            seat,
            first: of.layout.edge(seat, 0),
            staked: 0.0,
        }));
        let distance = of.layout.edge(0, 1);
        for (participant, held) in weights[..participants].iter().enumerate() {
            let stake = &stake[participant * distance..];
            let (mut staked, mut negative, mut most) = (0.0, false, of.seen.most_stake);
            for column in &mut *columns {
                let x = stake[column.first];
                column.staked += x;
                staked += x;
                negative |= x < 0.0;
                if x.abs() > most {
                    most = x.abs();
                }
            }
            of.seen.most_stake = most;
            if of.rules.stake_weight == RuleSet::Corrected {
                assert!(
                    !negative,
                    "day {day}: participant {participant} has a negative stake"
                );
                assert!(
                    staked <= held * (1.0 + ROUNDING),
                    "day {day}: participant {participant} staked {staked} of {held}"
                );
            }
        }
        // If blocks take longer than assumed, conviction decays less per day than alpha states.
        let assumed = of.chain.assumed_block_time_seconds;
        let longer = if assumed > 0.0 {
            (assumed / of.chain.block_time_seconds).min(1.0)
        } else {
            1.0
        };
        of.seen.most_alpha = of.seen.most_alpha.max(libm::pow(of.setting.alpha, longer));
        let kept = 1.0 - of.seen.most_alpha;
        let bound = of.seen.most_stake / kept + of.opening.most_conviction();
        for &Column {
            seat,
            first,
            staked,
        } in &*columns
        {
            assert!(
                close(stake_sum[seat], staked, total),
                "day {day}: running sum {}, but {staked} staked",
                stake_sum[seat]
            );
            if of.layout.detail < Detail::Edges {
                continue;
            }
            let lane = || (first..).step_by(distance).take(participants);
            let most = lane()
                .map(|edge| conviction[edge].abs())
                .fold(0.0, f64::max);
            assert!(
                most <= bound * (1.0 + ROUNDING),
                "day {day}: conviction {most} beyond {bound}"
            );
            let parts: f64 = lane().map(|edge| conviction[edge]).sum();
            assert!(
                close(conviction_sum[seat], parts, total / kept),
                "day {day}: conviction {}, but {parts} in parts",
                conviction_sum[seat]
            );
        }
    }
}

fn check_proposals(
    mut runs: Runs<(&Population, &Failing, &mut Seen)>,
    mut proposals: Rows<(&Status, &History)>,
    mut seats: Rows<&Occupant>,
) {
    let batch = runs.batch();
    let (mut proposals, mut seats) = (proposals.of_batch(&batch), seats.of_batch(&batch));
    for (run, (population, failing, seen)) in batch {
        if failing.failure().is_some() {
            continue;
        }
        let day = run.day;
        let ((statuses, histories), occupant) = (proposals.of(run), seats.of(run));
        for (row, &status) in statuses[..population.proposals].iter().enumerate() {
            match seen.statuses.get(row) {
                Some(&before) => assert!(
                    before == status || before.may_become(status),
                    "day {day}: proposal {row} went from {before:?} to {status:?}"
                ),
                None => seen.statuses.push(status),
            }
            seen.statuses[row] = status;
            let seat = histories[row].seat;
            assert_eq!(
                seat != NONE,
                status == Status::Candidate,
                "day {day}: proposal {row}"
            );
            if seat != NONE {
                assert_eq!(
                    occupant[seat as usize], row as u32,
                    "day {day}: seat {seat}"
                );
            }
        }
    }
}
