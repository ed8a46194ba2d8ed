//! Runs in the contract's arithmetic: what the engine says of each candidate's conviction is what the
//! contract says of its history of stakes.

use crate::runs::simulate;
use conviction::contract::{Action, Event, Proposal, ThresholdQuery, U256, integer, real, units};
use conviction::engine::{Model, Setting, Simulator};
use conviction::model;
use conviction::voting::conviction::{Conviction, ProposalRows, RunProposalRows, trigger};
use conviction::voting::mechanism::Chain;
use conviction::voting::participants::ParticipantRows;
use conviction::voting::supply::SupplyRows;
use conviction::voting::support::SupportEdgeRows;
use std::collections::BTreeMap;

fn setting(model: &Model, block_time_seconds: f64) -> Setting {
    let setting = model.setting().with("arithmetic", "contract").unwrap();
    setting
        .with("chain.block_time_seconds", block_time_seconds)
        .unwrap()
}

fn event(decay: u64, block: u64, action: Action) -> Event {
    let query = ThresholdQuery {
        decay: U256::from(decay),
        max_ratio: U256::ZERO,
        weight: U256::ZERO,
        min_threshold_stake_percentage: U256::ZERO,
        funds: U256::ZERO,
        stake_token_total_supply: U256::ZERO,
        total_staked: U256::ZERO,
        requested: U256::ONE,
    };
    Event {
        block,
        action,
        query,
    }
}

/// How a proposal passed.
struct Passing {
    day: u32,
    conviction: f64,
    trigger: f64,
}

/// How the proposals that passed did, by id.
fn passings(ends: &RunProposalRows) -> BTreeMap<u32, Passing> {
    let passed = (0..ends.proposal.len()).filter_map(|row| {
        let passing = Passing {
            day: ends.day_passed[row]?,
            conviction: ends.conviction_passed[row].unwrap(),
            trigger: ends.trigger_passed[row].unwrap(),
        };
        Some((ends.proposal[row], passing))
    });
    passed.collect()
}

/// On the first day, before anything passes, participants stake in the contract what they stake in real numbers on the ten
/// candidates that they support most, in the same proportions: even of more candidates than the vectors of a block hold.
#[test]
fn stakes_on_many_candidates_are_those_of_real_numbers() {
    let model = model();
    for proposals in [15, 60, 130] {
        let edges = |arithmetic: &str, world| -> SupportEdgeRows {
            let mut setting = model.setting().with("arithmetic", arithmetic).unwrap();
            setting.set("initial.proposals", proposals).unwrap();
            setting.set("base_engagement_rate", 1.0).unwrap();
            setting.set("days", 1).unwrap();
            simulate(&model, &["support_edges"], &setting, 3, world).rows("support_edges")
        };
        let mut staked = 0;
        for world in 0..3 {
            let (real, whole) = (edges("real", world), edges("contract", world));
            let whole: BTreeMap<_, _> = (0..whole.day.len())
                .filter(|&row| whole.day[row] == 1)
                .map(|row| {
                    (
                        (whole.participant[row], whole.proposal[row]),
                        whole.tokens[row],
                    )
                })
                .collect();
            let mut of_all: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
            for row in (0..real.day.len()).filter(|&row| real.day[row] == 1) {
                let edge = (real.participant[row], real.proposal[row]);
                // The evening may kill a candidate in one of the two.
                if let Some(&whole) = whole.get(&edge) {
                    of_all
                        .entry(edge.0)
                        .or_default()
                        .push((real.tokens[row], whole));
                }
            }
            for (participant, mut stakes) in of_all {
                stakes.sort_by(|(one, _), (other, _)| other.total_cmp(one));
                let supported = stakes.iter().filter(|(_, whole)| *whole > 0.0).count();
                assert!(supported <= 10, "{proposals}, {participant}: {supported}");
                // What is staked on candidates that the evening kills is missing.
                let more = stakes[0].1 / stakes[0].0;
                for &(real, whole) in &stakes[..supported] {
                    let is_same = (real * more - whole).abs() <= 1e-9 * whole;
                    assert!(is_same, "{proposals}, {participant}: {real}, {whole}");
                }
                staked += supported as u32;
            }
        }
        assert!(staked > 60, "{proposals}: {staked}");
    }
}

/// Follows each proposal by its stakes alone, from day to day.
#[test]
fn conviction_is_what_the_contract_makes_of_the_stakes() {
    let model = model();
    // Blocks that do not divide a day, too.
    for (world, seconds) in [(0, 5.0), (1, 15.0), (2, 13.7), (3, 50_000.0)] {
        let setting = setting(&model, seconds);
        let chain: Chain = setting.group();
        let per_day = chain.blocks_per_day();
        let decay = chain.decay(setting.group::<Conviction>().alpha);
        let tables = ["support_edges", "proposals", "run_proposals"];
        let mut left = simulate(&model, &tables, &setting, 5, world);
        let edges: SupportEdgeRows = left.rows("support_edges");
        let mut tokens: BTreeMap<(u32, u32), Vec<(u32, f64)>> = BTreeMap::new();
        for row in 0..edges.day.len() {
            let of_proposal = tokens.entry((edges.day[row], edges.proposal[row]));
            let edge = (edges.participant[row], edges.tokens[row]);
            of_proposal.or_default().push(edge);
        }
        let passings = passings(&left.rows("run_proposals"));
        let proposals: ProposalRows = left.rows("proposals");
        let mut followed: BTreeMap<u32, (Proposal, BTreeMap<u32, f64>)> = BTreeMap::new();
        let (mut compared, mut passed) = (0, 0);
        for (row, (&day, id)) in proposals.day.iter().zip(&proposals.proposal).enumerate() {
            if day == 0 {
                continue;
            }
            let (now, end) = (1 + chain.blocks(day), 1 + chain.blocks(day + 1));
            let (proposal, staked) = followed.entry(*id).or_default();
            let mut apply = |block, action| {
                let state = proposal.apply(&event(decay, block, action));
                real(state.unwrap().conviction_now.unwrap()) / per_day
            };
            if let Some(passing) = passings.get(id).filter(|passing| passing.day == day) {
                assert_eq!(apply(now, Action::Check), passing.conviction);
                assert!(passing.conviction > passing.trigger);
                passed += 1;
            }
            if proposals.status[row] != "candidate" {
                continue;
            }
            for &(participant, after) in &tokens[&(day, *id)] {
                let before = staked.insert(participant, after).unwrap_or(0.0);
                let (before, after) = (units(before), units(after));
                let (voter, by) = (participant.to_string(), after - before);
                match by.signum() {
                    1 => drop(apply(
                        now,
                        Action::Stake {
                            voter,
                            amount: integer(by),
                        },
                    )),
                    -1 => drop(apply(
                        now,
                        Action::Withdraw {
                            voter,
                            amount: integer(-by),
                        },
                    )),
                    _ => {}
                }
            }
            let conviction = proposals.conviction[row];
            assert_eq!(Some(apply(end, Action::Check)), conviction, "day {day}");
            compared += 1;
        }
        assert!(
            compared > 500 && passed > 3,
            "{compared} days, {passed} passed"
        );
    }
}

#[test]
fn voters_support_at_most_ten_and_stake_what_they_have() {
    let model = model();
    // Everybody likes everything.
    let mut setting = setting(&model, 5.0);
    setting.set("lowest_affinity_to_support", -1.0).unwrap();
    setting.set("sensitivity", 0.0).unwrap();
    setting.set("rho", 0.039).unwrap();
    let mut left = simulate(&model, &["support_edges", "participants"], &setting, 5, 0);
    let edges: SupportEdgeRows = left.rows("support_edges");
    let mut staked: BTreeMap<(u32, u32), (usize, i128)> = BTreeMap::new();
    for row in (0..edges.day.len()).filter(|&row| edges.tokens[row] > 0.0) {
        let of_participant = staked.entry((edges.day[row], edges.participant[row]));
        let (supported, sum) = of_participant.or_default();
        *supported += 1;
        *sum += units(edges.tokens[row]);
    }
    let people: ParticipantRows = left.rows("participants");
    let mut most = 0;
    for (row, holdings) in people.holdings.iter().enumerate() {
        let of_participant = staked.get(&(people.day[row], people.participant[row]));
        let (supported, sum) = of_participant.copied().unwrap_or_default();
        assert!(supported <= 10);
        assert!(sum <= units(*holdings));
        most = most.max(supported);
    }
    assert_eq!(most, 10);
}

/// A stake held for ever comes to x / (1 - decay) token-blocks, where it comes to x / (1 - α)
/// token-days in real numbers, and triggers keep the same share of that.
#[test]
fn token_blocks_become_token_days() {
    let model = model();
    let setting = setting(&model, 5.0);
    let (chain, conviction): (Chain, Conviction) = (setting.group(), setting.group());
    let alpha = conviction.alpha;
    let decay = chain.decay(alpha) as f64 / 1e7;
    let factor = (1.0 - alpha) / ((1.0 - decay) * chain.blocks_per_day());
    assert!((0.85..0.95).contains(&factor));
    let mut left = simulate(&model, &["days", "proposals"], &setting, 5, 3);
    let supply: SupplyRows = left.rows("days");
    let proposals: ProposalRows = left.rows("proposals");
    let mut compared = 0;
    for (row, &day) in proposals.day.iter().enumerate() {
        let Some(stated) = proposals.trigger[row] else {
            continue;
        };
        if proposals.status[row] != "candidate" || day == 0 {
            continue;
        }
        // A day begins where the one before it ended.
        let dawn = day as usize - 1;
        let (funds, effective) = (supply.funds[dawn], supply.effective_supply[dawn]);
        let days = trigger(
            proposals.funds_requested[row],
            funds,
            effective,
            &conviction,
        );
        let ratio = stated / (days * factor);
        assert!((ratio - 1.0).abs() < 1e-9, "day {day}: {ratio}");
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

/// What supports no candidate is on the abstain proposal, so all of E counts as staked, unless the
/// least share of the supply is more.
#[test]
fn the_least_stake_raises_thresholds() {
    let model = model();
    let mut simulator = Simulator::new(&model, &["runs"]);
    let mut granted = |share: f64| {
        let setting = setting(&model, 5.0);
        let setting = setting.with("chain.min_threshold_stake_share", share);
        let outcome = simulator.outcome("runs", &setting.unwrap(), 5, 0).unwrap();
        outcome.number("proposals_granted")
    };
    assert_eq!(granted(0.0), granted(0.2));
    assert!(granted(1.0) < granted(0.2));
}
