//! Runs in the contract's arithmetic: what the engine says of each candidate's conviction is what the
//! contract says of its history of stakes.

use conviction::contract::{Action, Event, Proposal, ThresholdQuery, U256, integer, real, units};
use conviction::model::{Arithmetic, Chain, Setting};
use conviction::run::{Moment, Simulator};
use conviction::world::{Detail, Status};
use std::collections::BTreeMap;

fn setting(block_time_seconds: f64) -> Setting {
    Setting {
        arithmetic: Arithmetic::Contract,
        chain: Chain {
            block_time_seconds,
            ..Chain::default()
        },
        ..Setting::default()
    }
}

fn event(setting: &Setting, block: u64, action: Action) -> Event {
    let query = ThresholdQuery {
        decay: U256::from(setting.chain.decay(setting.parameters.alpha)),
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

/// Follows each proposal by its stakes alone, from day to day.
#[test]
fn conviction_is_what_the_contract_makes_of_the_stakes() {
    // Blocks that do not divide a day, too.
    for (world, seconds) in [(0, 5.0), (1, 15.0), (2, 13.7), (3, 50_000.0)] {
        let setting = setting(seconds);
        let per_day = setting.chain.blocks_per_day();
        let mut followed: BTreeMap<u32, (Proposal, BTreeMap<u32, f64>)> = BTreeMap::new();
        let (mut compared, mut passed) = (0, 0);
        Simulator::new().run_observed(&setting, 5, world, Detail::Edges, |moment, view| {
            if moment == Moment::End || view.day() == 0 {
                return;
            }
            let (now, end) = (
                setting.chain.block(view.day()),
                setting.chain.block(view.day() + 1),
            );
            let mut tokens: BTreeMap<u32, Vec<(u32, f64)>> = BTreeMap::new();
            for edge in view.support_edges() {
                let of_proposal = tokens.entry(edge.proposal).or_default();
                of_proposal.push((edge.participant, edge.tokens));
            }
            for p in view.proposals() {
                let (proposal, staked) = followed.entry(p.id).or_default();
                let mut apply = |block, action| {
                    let state = proposal.apply(&event(&setting, block, action));
                    real(state.unwrap().conviction_now.unwrap()) / per_day
                };
                if let Some(passing) = p.passing.filter(|passing| passing.day == view.day()) {
                    assert_eq!(apply(now, Action::Check), passing.conviction);
                    assert!(passing.conviction > passing.trigger);
                    passed += 1;
                }
                if p.status != Status::Candidate {
                    continue;
                }
                for &(participant, after) in &tokens[&p.id] {
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
                assert_eq!(
                    apply(end, Action::Check),
                    p.conviction,
                    "day {}",
                    view.day()
                );
                compared += 1;
            }
        });
        assert!(
            compared > 500 && passed > 3,
            "{compared} days, {passed} passed"
        );
    }
}

#[test]
fn voters_support_at_most_ten_and_stake_what_they_have() {
    let mut setting = setting(5.0);
    // Everybody likes everything.
    setting.parameters.lowest_affinity_to_support = -1.0;
    setting.parameters.sensitivity = 0.0;
    setting.parameters.rho = 0.039;
    let mut most = 0;
    Simulator::new().run_observed(&setting, 5, 0, Detail::Edges, |_, view| {
        let mut staked: BTreeMap<u32, (usize, i128)> = BTreeMap::new();
        for edge in view.support_edges().filter(|edge| edge.tokens > 0.0) {
            let (supported, sum) = staked.entry(edge.participant).or_default();
            *supported += 1;
            *sum += units(edge.tokens);
        }
        for p in view.participants() {
            let (supported, sum) = staked.get(&p.id).copied().unwrap_or_default();
            assert!(supported <= 10);
            assert!(sum <= units(p.holdings));
            most = most.max(supported);
        }
    });
    assert_eq!(most, 10);
}

/// A stake held for ever comes to x / (1 - decay) token-blocks, where it comes to x / (1 - α)
/// token-days in real numbers, and triggers keep the same share of that.
#[test]
fn token_blocks_become_token_days() {
    let setting = setting(5.0);
    let alpha = setting.parameters.alpha;
    let decay = setting.chain.decay(alpha) as f64 / 1e7;
    let factor = (1.0 - alpha) / ((1.0 - decay) * setting.chain.blocks_per_day());
    assert!((0.85..0.95).contains(&factor));
    Simulator::new().run_observed(&setting, 5, 3, Detail::Outcome, |_, view| {
        for p in view.proposals().filter(|p| p.status == Status::Candidate) {
            if view.day() == 0 || p.trigger.is_infinite() {
                continue;
            }
            let days = conviction::model::trigger(
                p.funds_requested,
                view.trigger_funds(),
                view.trigger_effective_supply(),
                &setting.parameters,
            );
            let ratio = p.trigger / (days * factor);
            assert!((ratio - 1.0).abs() < 1e-9, "day {}: {ratio}", view.day());
        }
    });
}

/// What supports no candidate is on the abstain proposal, so all of E counts as staked, unless the
/// least share of the supply is more.
#[test]
fn the_least_stake_raises_thresholds() {
    let granted = |share| {
        let mut setting = setting(5.0);
        setting.chain.min_threshold_stake_share = share;
        let outcome = Simulator::new().run(&setting, 5, 0);
        outcome.state.proposals_granted
    };
    assert_eq!(granted(0.0), granted(0.2));
    assert!(granted(1.0) < granted(0.2));
}
