//! Completes or fails active proposals.

use super::{Ended, FundsRequested, Group, Status};
use crate::engine::{Domain, PerRun, Rows, Runs};
use crate::voting::chance::{Chance, Chances, NONE, Processes, Settlement};
use crate::voting::rules::{RuleSet, Rules};
use crate::voting::sentiment::{Funds, Sentiment};
use bevy_ecs::prelude::*;

crate::settings! {
    /// End of active proposals.
    Completion {
        base_completion_rate: f64 = 45.0, "days", Domain::from_to(1e-3, 1e9), "expected days until an active proposal completes";
        base_failure_rate: f64 = 180.0, "days", Domain::from_to(1e-3, 1e9), "expected days until an active proposal fails";
    }
}

/// Returns the daily chances that an active proposal completes, and that it fails otherwise: 1 / (base rate +
/// ln r).
pub fn progress_chances(requested: f64, completion: &Completion, rules: &Rules) -> Chances {
    let requested = match rules.small_grant {
        RuleSet::V3 => requested,
        RuleSet::Corrected => requested.max(1.0),
    };
    let delay = libm::log(requested);
    Chances {
        complete: 1.0 / (completion.base_completion_rate + delay),
        fail: 1.0 / (completion.base_failure_rate + delay),
    }
}

/// Funded proposal in progress.
#[derive(Clone, Copy, Debug)]
pub struct Active {
    /// Row.
    pub row: u32,
    /// Predetermined end, if known.
    pub settlement: Option<Settlement>,
}

/// Proposals in progress.
#[derive(Component, Debug)]
pub struct Underway {
    /// Active proposals, in order of id.
    pub active: Vec<Active>,
    /// First day on which one of them is known to end, or [`NONE`].
    next: u32,
}

impl Default for Underway {
    fn default() -> Self {
        Self {
            active: Vec::new(),
            next: NONE,
        }
    }
}

impl PerRun for Underway {
    fn begin(&mut self) {
        self.active.clear();
        self.next = NONE;
    }
}

impl Underway {
    /// Adds an active proposal.
    pub fn activate(&mut self, row: u32, settlement: Option<Settlement>) {
        let place = self.active.partition_point(|other| other.row < row);
        self.active.insert(place, Active { row, settlement });
        self.next = self.next.min(day_of(settlement));
    }
}

fn day_of(settlement: Option<Settlement>) -> u32 {
    settlement.map_or(NONE, |settlement| settlement.day)
}

crate::view! {
    /// Access of [`settle`] to a run.
    pub struct Settling<'w> {
        completion: &'w Completion,
        rules: &'w Rules,
        underway: &'w mut Underway,
        ended: &'w mut Ended,
        sentiment: &'w mut Sentiment,
        chance: &'w mut Chance,
    }
}

/// Ends the active proposals whose day has come, in order of id, and updates the sentiment.
pub fn settle(mut runs: Runs<Settling>, mut proposals: Rows<(&FundsRequested, &mut Status)>) {
    let batch = runs.batch();
    let mut proposals = proposals.of_batch(&batch);
    for (run, of) in batch {
        if !of.chance.may_settle(run.day, of.underway.next) {
            continue;
        }
        let (requested, statuses) = proposals.of(run);
        let (mut completed, mut failed) = (Group::default(), Group::default());
        let mut next = NONE;
        let mut place = 0;
        while let Some(&Active { row, settlement }) = of.underway.active.get(place) {
            let row = row as usize;
            let chances = || progress_chances(requested[row], of.completion, of.rules);
            let Some(completes) = of.chance.settle(run.day, settlement, chances) else {
                next = next.min(day_of(settlement));
                place += 1;
                continue;
            };
            of.underway.active.remove(place);
            let (status, all, today) = match completes {
                true => (Status::Completed, &mut of.ended.completed, &mut completed),
                false => (Status::Failed, &mut of.ended.failed, &mut failed),
            };
            statuses[row] = status;
            all.add(requested[row]);
            today.add(requested[row]);
        }
        of.underway.next = next;
        if completed.count + failed.count > 0 {
            let net = f64::from(completed.count) - f64::from(failed.count);
            of.sentiment.hear(net, || {
                let ended = completed.funds + failed.funds;
                let active = of.underway.active.iter();
                Funds {
                    concerned: completed.funds - failed.funds,
                    at_stake: active.fold(ended, |funds, active| {
                        funds + requested[active.row as usize]
                    }),
                }
            });
        }
    }
}
