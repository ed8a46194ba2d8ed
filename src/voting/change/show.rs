//! Measures the effects of a change.

use super::Change;
use crate::engine::{ModelBuilder, PerCopy, PerCopyRows, PerRun, Runs, Sampled, Start};
use crate::voting::Day;
use crate::voting::conviction::Granted;
use bevy_ecs::prelude::*;

/// Number of days, from the change on, in which granted funds are counted.
const SOON: u32 = 7;

crate::columns! {
    /// Grants after a change.
    ChangeRow, ChangeRows {
        granted_after: u32, "", "proposals granted from the day of the change on" => neither;
        days_to_first_grant: Option<u32>, "days", "days from the change to the first grant, 0 on its own day", empty "no grant followed" => neither;
        funds_granted_within_7_days: f64, "Honey", "funds granted in the 7 days from the change on" => neither;
    }
}

/// Grants after a change so far.
#[derive(Clone, Copy, Default)]
struct Followed {
    granted_before: u32,
    funds_before: f64,
    first: Option<u32>,
    funds_soon: f64,
}

/// Grants after each change so far; a component of each run.
#[derive(Component, Default)]
pub struct Following(Vec<Followed>);

impl PerRun for Following {
    fn begin(&mut self) {
        self.0.clear();
    }
}

pub fn register(model: &mut ModelBuilder) {
    model
        .per_run::<Following>()
        .start(Start::Draw, begin)
        .system(Day::End, follow)
        .columns_each::<ChangeRows, _>("change", &["runs"], show);
}

fn begin(mut runs: Runs<(&PerCopy<Change>, &mut Following)>) {
    for (_, (changes, following)) in runs.batch() {
        following.0.resize(changes.len(), Followed::default());
    }
}

/// Records grants before a change, until the day before it, and grants since.
fn follow(mut runs: Runs<(&PerCopy<Change>, &Granted, &mut Following)>) {
    for (run, (changes, granted, following)) in runs.batch() {
        for (change, followed) in changes.iter().zip(&mut following.0) {
            let Some(since) = run.day.checked_sub(change.day) else {
                followed.granted_before = granted.count;
                followed.funds_before = granted.funds;
                continue;
            };
            if granted.count > followed.granted_before {
                followed.first.get_or_insert(since);
            }
            if since < SOON {
                followed.funds_soon = granted.funds - followed.funds_before;
            }
        }
    }
}

fn show(
    mut runs: Sampled<(
        &PerCopy<Change>,
        &Granted,
        &Following,
        &mut PerCopyRows<ChangeRows>,
    )>,
) {
    for (run, (changes, granted, following, rows)) in runs.batch() {
        rows.push(changes.iter().zip(&following.0).map(|(change, followed)| {
            // A run that failed early did not reach the change.
            let changed = run.day >= change.day;
            ChangeRow {
                granted_after: if changed {
                    granted.count - followed.granted_before
                } else {
                    0
                },
                days_to_first_grant: followed.first,
                funds_granted_within_7_days: followed.funds_soon,
            }
        }));
    }
}
