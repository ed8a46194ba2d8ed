//! Fills the health metrics of the published model: proposals and funds by status.

use super::conviction::Granted;
use super::proposals::{Ended, FundsRequested, Group, Status, Underway};
use super::support::{Layout, SeatRequest, kernel};
use crate::engine::{Columns, Gathered, ModelBuilder, Moment, Output, Rows, Sampled};
use fearless_simd::dispatch;

crate::columns! {
    /// Day of a row.
    DayRow, DayRows {
        day: u32, "days", "day, at whose end the state is given; 0 is the start";
    }
}

crate::columns! {
    /// Proposals and their requests, by status.
    StatusRow, StatusRows {
        candidate_count: u32, "", "proposals gathering conviction" => neither;
        active_count: u32, "", "proposals funded and under way" => neither;
        completed_count: u32, "", "proposals funded and completed" => max;
        failed_count: u32, "", "proposals funded and failed" => min;
        killed_count: u32, "", "proposals killed for lack of support" => min;
        candidate_funds: f64, "Honey", "requests of the candidates";
        active_funds: f64, "Honey", "requests of the active proposals";
        completed_funds: f64, "Honey", "requests of the completed proposals";
        failed_funds: f64, "Honey", "requests of the failed proposals";
        killed_funds: f64, "Honey", "requests of the killed proposals";
    }
}

crate::columns! {
    /// Shares of each status.
    ShareRow, ShareRows {
        candidate_share: Option<f64>, "", "share of proposals that are candidates", empty "no proposals", from "candidate_count / (candidate_count + active_count + completed_count + failed_count + killed_count)";
        active_share: Option<f64>, "", "share of proposals that are active", empty "no proposals", from "active_count / (candidate_count + active_count + completed_count + failed_count + killed_count)";
        completed_share: Option<f64>, "", "share of proposals that completed", empty "no proposals", from "completed_count / (candidate_count + active_count + completed_count + failed_count + killed_count)";
        failed_share: Option<f64>, "", "share of proposals that failed", empty "no proposals", from "failed_count / (candidate_count + active_count + completed_count + failed_count + killed_count)";
        killed_share: Option<f64>, "", "share of proposals that were killed", empty "no proposals", from "killed_count / (candidate_count + active_count + completed_count + failed_count + killed_count)";
        candidate_funds_share: Option<f64>, "", "share of all requested funds that candidates request", empty "no proposals", from "candidate_funds / (candidate_funds + active_funds + completed_funds + failed_funds + killed_funds)";
        active_funds_share: Option<f64>, "", "share of all requested funds that active proposals request", empty "no proposals", from "active_funds / (candidate_funds + active_funds + completed_funds + failed_funds + killed_funds)";
        completed_funds_share: Option<f64>, "", "share of all requested funds that completed proposals requested", empty "no proposals", from "completed_funds / (candidate_funds + active_funds + completed_funds + failed_funds + killed_funds)";
        failed_funds_share: Option<f64>, "", "share of all requested funds that failed proposals requested", empty "no proposals", from "failed_funds / (candidate_funds + active_funds + completed_funds + failed_funds + killed_funds)";
        killed_funds_share: Option<f64>, "", "share of all requested funds that killed proposals requested", empty "no proposals", from "killed_funds / (candidate_funds + active_funds + completed_funds + failed_funds + killed_funds)";
    }
}

crate::columns! {
    /// Main outcomes of a run.
    OutcomeRow, OutcomeRows {
        share_of_requests_granted: Option<f64>, "", "share of proposals that passed", empty "no proposals" => max;
        share_of_funds_granted: Option<f64>, "", "share of all requested funds that was granted", empty "no proposals" => max;
    }
}

/// Registers the metrics.
pub fn metrics(model: &mut ModelBuilder) {
    model
        .columns::<StatusRows, _>(&["days", "runs"], show_status)
        .columns_from::<StatusRows, ShareRows, _>(&["days", "runs"], show_shares)
        .columns_from::<StatusRows, OutcomeRows, _>(&["runs"], show_outcome);
}

/// Registers the tables of days and of runs, with columns from all features.
pub fn tables(model: &mut ModelBuilder) {
    model
        .output(Output {
            name: "runs",
            folder: Some("runs"),
            keys: &[],
            rows: |_| 1.0,
            meaning: "of a sweep: one row per run; the variant and the axes follow replicate; columns from funds on \
                      are empty if status is failed, and every number is finite",
            moment: Moment::End,
            prepare: None,
        })
        .output(Output {
            name: "days",
            folder: Some("days"),
            keys: &["day"],
            rows: |_| 1.0,
            meaning: "of a sweep: one row per run and day (run, point, replicate, variant and axes come \
                      first), for a failed run up to its last valid day, by default without the columns that follow \
                      from others by a formula; of a run: one row per day (without those)",
            moment: Moment::Day,
            prepare: None,
        })
        .columns::<DayRows, _>(&["days"], show_day);
}

fn show_day(mut runs: Sampled<&mut Gathered<DayRows>>) {
    for (run, rows) in runs.batch() {
        rows.push(DayRow { day: run.day });
    }
}

/// Returns the proposals in each status, in the order of [`Status::ALL`].
fn by_status(
    candidates: Group,
    underway: &Underway,
    ended: &Ended,
    requested: &[f64],
) -> [Group; Status::ALL.len()] {
    let mut active = Group::default();
    for proposal in &underway.active {
        active.add(requested[proposal.row as usize]);
    }
    [
        candidates,
        active,
        ended.completed,
        ended.failed,
        ended.killed,
    ]
}

/// Returns the sum over all statuses.
fn all_of(groups: &[Group]) -> Group {
    Group {
        count: groups.iter().map(|group| group.count).sum(),
        funds: groups.iter().map(|group| group.funds).sum(),
    }
}

fn show_status(
    mut runs: Sampled<(&Layout, &Underway, &Ended, &mut Gathered<StatusRows>)>,
    mut seats: Rows<&SeatRequest>,
    mut proposals: Rows<&FundsRequested>,
) {
    let batch = runs.batch();
    let (mut seats, mut proposals) = (seats.of_batch(&batch), proposals.of_batch(&batch));
    dispatch!(batch.vectors, simd => {
        for (run, (layout, underway, ended, rows)) in batch {
            let requested = &seats.of(run).as_chunks().0[..layout.count()];
            let candidates = Group {
                count: layout.candidates() as u32,
                funds: kernel::total(simd, requested),
            };
            let groups = by_status(candidates, underway, ended, proposals.of(run));
            let [candidates, active, completed, failed, killed] = groups;
            rows.push(StatusRow {
                candidate_count: candidates.count,
                active_count: active.count,
                completed_count: completed.count,
                failed_count: failed.count,
                killed_count: killed.count,
                candidate_funds: candidates.funds,
                active_funds: active.funds,
                completed_funds: completed.funds,
                failed_funds: failed.funds,
                killed_funds: killed.funds,
            });
        }
    });
}

impl StatusRows {
    /// Returns the proposals of each status, in the order of [`Status::ALL`], from the row just added for the same
    /// moment.
    fn last(&self) -> [Group; Status::ALL.len()] {
        let last = |counts: &[u32], funds: &[f64]| Group {
            count: counts.last().copied().unwrap_or(0),
            funds: funds.last().copied().unwrap_or(0.0),
        };
        [
            last(&self.candidate_count, &self.candidate_funds),
            last(&self.active_count, &self.active_funds),
            last(&self.completed_count, &self.completed_funds),
            last(&self.failed_count, &self.failed_funds),
            last(&self.killed_count, &self.killed_funds),
        ]
    }
}

fn show_shares(mut runs: Sampled<(&Gathered<StatusRows>, &mut Gathered<ShareRows>)>) {
    use Status::{Active, Candidate, Completed, Failed, Killed};
    for (_, (status, rows)) in runs.batch() {
        let groups = status.last();
        let all = all_of(&groups);
        let share = |status: Status| {
            let count = groups[status as usize].count;
            (all.count > 0).then(|| f64::from(count) / f64::from(all.count))
        };
        let funds_share = |status: Status| {
            let funds = groups[status as usize].funds;
            (all.funds > 0.0).then(|| funds / all.funds)
        };
        rows.push(ShareRow {
            candidate_share: share(Candidate),
            active_share: share(Active),
            completed_share: share(Completed),
            failed_share: share(Failed),
            killed_share: share(Killed),
            candidate_funds_share: funds_share(Candidate),
            active_funds_share: funds_share(Active),
            completed_funds_share: funds_share(Completed),
            failed_funds_share: funds_share(Failed),
            killed_funds_share: funds_share(Killed),
        });
    }
}

fn show_outcome(mut runs: Sampled<(&Granted, &Gathered<StatusRows>, &mut Gathered<OutcomeRows>)>) {
    for (_, (granted, status, rows)) in runs.batch() {
        let all = all_of(&status.last());
        rows.push(OutcomeRow {
            share_of_requests_granted: (all.count > 0)
                .then(|| f64::from(granted.count) / f64::from(all.count)),
            share_of_funds_granted: (all.funds > 0.0).then(|| granted.funds / all.funds),
        });
    }
}
