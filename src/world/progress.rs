//! Phase 3: active proposals complete or fail.

use super::chance::Chance;
use super::components::Status;
use super::resources::{Conditions, Mood, Population, Today};
use super::tables::Proposals;
use crate::model::{Parameters, RuleSet, Rules};
use bevy_ecs::prelude::*;

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

/// Ends the active proposals whose day has come, in order of id, and tells the mood.
pub fn settle_active_proposals<C: Chance>(
    mut chance: ResMut<C>,
    conditions: Res<Conditions>,
    today: Res<Today>,
    mut population: ResMut<Population>,
    mut mood: ResMut<Mood>,
    mut proposals: Proposals,
) {
    let chance = chance.bypass_change_detection();
    let proposals = proposals.columns();
    let (mut completed, mut failed) = (0, 0);
    population.active.retain(|&row| {
        let row = row as usize;
        let chances = || {
            let setting = &conditions.setting;
            progress_chances(
                proposals.requested[row],
                &setting.parameters,
                &setting.rules,
            )
        };
        match chance.settle(today.day, proposals.settlement[row], chances) {
            None => true,
            Some(status) => {
                proposals.status[row] = status;
                match status {
                    Status::Completed => completed += 1,
                    _ => failed += 1,
                }
                false
            }
        }
    });
    if completed + failed > 0 {
        mood.hear(f64::from(completed) - f64::from(failed));
    }
}
