//! Phase 3: active proposals complete or fail.

use super::chance::Chance;
use super::commons::{Commons, Runs, each_run};
use super::components::{FundsRequested, Status};
use super::tables::{Columns, Whole};
use crate::model::{Parameters, RuleSet, Rules};

/// The chances per day that an active proposal completes, and that it fails if it did not:
/// 1 / (base rate + ln r).
pub fn progress_chances(requested: f64, parameters: &Parameters, rules: &Rules) -> (f64, f64) {
    let requested = match rules.small_grant {
        RuleSet::V3 => requested,
        RuleSet::Corrected => requested.max(1.0),
    };
    let delay = libm::log(requested);
    (
        1.0 / (parameters.base_completion_rate + delay),
        1.0 / (parameters.base_failure_rate + delay),
    )
}

/// What progress reads and changes of a proposal.
type Progressing = (&'static FundsRequested, &'static mut Status);

/// Ends the active proposals whose day has come, in order of id, and tells the mood.
pub fn settle_active_proposals<C: Chance>(mut runs: Runs<C>, mut proposals: Columns<Progressing>) {
    let mut proposals = proposals.whole();
    for (commons, chance) in each_run(&mut runs) {
        settle(commons, chance, &mut proposals);
    }
}

fn settle<C: Chance>(commons: &mut Commons, chance: &mut C, proposals: &mut Whole<Progressing>) {
    let Commons {
        slot,
        setting,
        today,
        population,
        mood,
        tally,
        ..
    } = commons;
    if !C::RECORDED && population.next_settlement > today.day {
        return;
    }
    let (requested, statuses) = proposals.of(slot);
    let (mut completed, mut failed) = (0, 0);
    population.active.retain(|active| {
        let row = active.row as usize;
        let chances = || progress_chances(requested[row], &setting.parameters, &setting.rules);
        match chance.settle(today.day, active.settlement, chances) {
            None => true,
            Some(status) => {
                statuses[row] = status;
                tally.note_end(status, requested[row]);
                match status {
                    Status::Completed => completed += 1,
                    _ => failed += 1,
                }
                false
            }
        }
    });
    population.note_settlements();
    if completed + failed > 0 {
        mood.hear(f64::from(completed) - f64::from(failed));
    }
}
