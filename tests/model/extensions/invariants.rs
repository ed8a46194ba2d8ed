//! Builds with debug assertions notice a feature that breaks an invariant, and say which.

use conviction::engine::{Batch, Extensions, RunOf};
use conviction::prelude::*;
use conviction::voting::chance::NONE;
use conviction::voting::model_with;
use conviction::voting::participants::{Holdings, Population};
use conviction::voting::proposals::{History, Status};
use conviction::voting::supply::Supply;
use conviction::voting::support::{
    ConvictionSum, EdgeConviction, Layout, Occupant, Stake, StakeSum,
};
use fearless_simd::Level;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Registers a system that breaks something.
type Fault = fn(&mut ModelBuilder);

/// Returns why a run with these extensions panics on its first day, at the end of which a system breaks something.
fn noticed(breaks: Fault, on: &[&str]) -> String {
    let on = on
        .iter()
        .fold(Extensions::default(), |on, name| on.with(name, 1));
    let model = model_with(&[Feature::new("fault", 1, breaks)]);
    let model = &model.with_extensions(&on).unwrap();
    let setting = &model.setting();
    // With conviction by edge, which is kept for this table alone.
    let mut batch = Batch::new(model, setting, &["support_edges"], Level::baseline());
    let seeds = Seeds { root: 1, world: 0 };
    batch.begin(std::iter::once(RunOf { setting, seeds }));
    let day = catch_unwind(AssertUnwindSafe(|| batch.advance()));
    let panic = day.expect_err("nothing was noticed");
    panic.downcast_ref::<String>().expect("a text").clone()
}

fn change_supply<const FAULT: usize>(mut runs: Runs<&mut Supply>) {
    for (_, supply) in runs.batch() {
        match FAULT {
            0 => supply.funds += 1.0,
            1 => supply.set_aside = supply.other + 1.0,
            2 => supply.set_aside = 0.0,
            _ => {
                supply.total -= supply.funds + 1.0;
                supply.funds = -1.0;
            }
        }
    }
}

fn add_holdings(mut runs: Runs<&Population>, mut people: Rows<&mut Holdings>) {
    let batch = runs.batch();
    let mut people = people.of_batch(&batch);
    for (run, _) in batch {
        people.of(run)[0] += 1.0;
    }
}

fn change_stakes<const FAULT: usize>(
    mut runs: Runs<&Layout>,
    mut edges: Rows<(&mut Stake, &mut EdgeConviction)>,
    mut seats: Rows<(&mut StakeSum, &mut ConvictionSum, &mut Occupant)>,
) {
    let batch = runs.batch();
    let (mut edges, mut seats) = (edges.of_batch(&batch), seats.of_batch(&batch));
    for (run, layout) in batch {
        let (stakes, conviction) = edges.of(run);
        let (staked, convinced, occupant) = seats.of(run);
        let seat = layout.taken().next().expect("a candidate");
        let edge = layout.edge(seat, 0);
        match FAULT {
            0 => stakes[edge] = -1.0,
            1 => stakes[edge] = 1e9,
            2 => staked[seat] += 1.0,
            3 => conviction[edge] = 1e12,
            4 => convinced[seat] += 1.0,
            _ => occupant[seat] = 1000,
        }
    }
}

fn change_proposals<const FAULT: usize>(
    mut runs: Runs<&Population>,
    mut proposals: Rows<(&mut Status, &mut History)>,
) {
    let batch = runs.batch();
    let mut proposals = proposals.of_batch(&batch);
    for (run, _) in batch {
        let (statuses, histories) = proposals.of(run);
        let is_candidate = |status: &Status| *status == Status::Candidate;
        let candidate = statuses.iter().position(is_candidate).expect("a candidate");
        match FAULT {
            0 => statuses[candidate] = Status::Completed,
            _ => histories[candidate].seat = NONE,
        }
    }
}

#[test]
fn what_breaks_an_invariant_is_noticed() {
    macro_rules! by {
        ($system:expr) => {
            |model| {
                model.system(Day::End, $system);
            }
        };
    }
    let breakages: [(Fault, &str); 12] = [
        (by!(change_supply::<0>), "day 1: S = F + E + L"),
        (by!(change_supply::<1>), "day 1: -1 of L ="),
        (by!(change_supply::<3>), "day 1: F = -1"),
        (by!(add_holdings), "but participants and attackers hold"),
        (
            by!(change_stakes::<0>),
            "day 1: participant 0 has a negative stake",
        ),
        (by!(change_stakes::<1>), "day 1: participant 0 staked 1000"),
        (by!(change_stakes::<2>), "day 1: running sum"),
        (
            by!(change_stakes::<3>),
            "day 1: conviction 1000000000000 beyond",
        ),
        (by!(change_stakes::<4>), "in parts"),
        (by!(change_stakes::<5>), "day 1: seat"),
        (by!(change_proposals::<0>), "from Candidate to Completed"),
        (by!(change_proposals::<1>), "day 1: proposal"),
    ];
    for (breaks, expected) in breakages {
        let message = noticed(breaks, &[]);
        assert!(message.contains(expected), "{message}, not {expected}");
    }
    let message = noticed(by!(change_supply::<2>), &["flows"]);
    assert!(
        message.contains("in cold storage, 0 set aside"),
        "{message}"
    );
}
