//! Fills the columns of conviction and grants.

use super::{Conviction, Granted, InSum, Passing, Seated};
use crate::engine::{Columns, Gathered, ModelBuilder, Moment, Output, Rows, Sampled};
use crate::voting::chance::NONE;
use crate::voting::participants::Population;
use crate::voting::proposals::{FundsRequested, History, ProposalId, Status};
use crate::voting::supply::Supply;
use crate::voting::support::{
    Affinity, ConvictionSum, Detail, Layout, ProposalSupport, SeatRequest, Stake, keep,
};
use fearless_simd::dispatch;

crate::columns! {
    /// Conviction of candidates, and grants.
    ConvictionRow, ConvictionRows {
        candidate_conviction: f64, "Honey days", "sum of the candidates' conviction; in contract arithmetic, token-blocks divided by blocks per day";
        mean_share_of_trigger: Option<f64>, "", "mean of conviction / trigger over the candidates", empty "no candidates, or nothing counts in triggers" => neither;
        proposals_granted: u32, "", "proposals granted so far, without those of attackers" => max;
        funds_granted: f64, "Honey", "funds granted so far, without grants to attackers" => max;
    }
}

crate::columns! {
    /// Time to pass, over a whole run.
    PassingRow, PassingRows {
        mean_days_to_pass: Option<f64>, "days", "mean of days from creation to passing over the granted proposals", empty "no proposal passed" => min;
        median_days_to_pass: Option<f64>, "days", "median of days from creation to passing over the granted proposals", empty "no proposal passed" => min;
        days_nothing_could_pass: u32, "days", "days on which no candidate requested less than (beta - sqrt(rho)) F, so that none could pass with any stake" => min;
    }
}

crate::columns! {
    /// Proposals at the end of each day.
    ProposalRow, ProposalRows {
        day: u32, "days", "day; 0 is the start";
        proposal: u32, "", "id of the proposal, in the sequence that participants share";
        status: &'static str, "", "candidate, active, completed, failed or killed";
        age: u32, "days", "days since creation; 1 at the end of the day of arrival";
        funds_requested: f64, "Honey", "r, requested amount";
        conviction: Option<f64>, "Honey days", "y, conviction of a candidate, or last conviction of a killed one; in contract arithmetic, token-blocks divided by blocks per day", empty "accepted";
        trigger: Option<f64>, "Honey days", "y*, with F and E at the beginning of the day", empty "not a candidate that day, or the request cannot pass";
    }
}

crate::columns! {
    /// Proposals at the end of a run.
    RunProposalRow, RunProposalRows {
        proposal: u32, "", "id of the proposal, in the sequence that participants share";
        status: &'static str, "", "candidate, active, completed, failed or killed";
        funds_requested: f64, "Honey", "r, requested amount";
        day_created: u32, "days", "day of its creation; 0 for initial proposals";
        day_left: Option<u32>, "days", "day on which it passed or was killed", empty "still a candidate";
        day_passed: Option<u32>, "days", "day on which it passed", empty "did not pass";
        days_to_pass: Option<u32>, "days", "days from creation to passing", empty "did not pass";
        conviction_passed: Option<f64>, "Honey days", "y when it passed; in contract arithmetic, token-blocks divided by blocks per day", empty "did not pass";
        trigger_passed: Option<f64>, "Honey days", "y* when it passed, with F and E of that moment", empty "did not pass";
        supporters: u32, "", "participants with tokens staked on it, when it ceased to be a candidate or at the end of the run";
        tokens_affinity_negative: f64, "Honey", "tokens staked on it then by participants with affinity below 0";
        tokens_affinity_low: f64, "Honey", "tokens staked on it then by participants with affinity from 0 to below 0.5";
        tokens_affinity_high: f64, "Honey", "tokens staked on it then by participants with affinity from 0.5 on";
    }
}

pub(super) fn register<M: Passing>(model: &mut ModelBuilder) {
    model
        .columns::<ConvictionRows, _>(&["days", "runs"], show_conviction::<M>)
        .columns::<PassingRows, _>(&["runs"], show_passing)
        .output(Output {
            name: "run_proposals",
            folder: Some("proposals"),
            keys: &["proposal"],
            rows: crate::voting::proposals::expected,
            meaning: "of a sweep, in proposals/: one row per run and proposal, at the end of the run, or on the last valid \
                      day of a failed run; the variant and the axes follow replicate",
            moment: Moment::End,
            prepare: Some(|world| keep(world, Detail::Proposals)),
        })
        .columns::<RunProposalRows, _>(&["run_proposals"], show_run_proposals)
        .output(Output {
            name: "proposals",
            folder: None,
            keys: &[],
            rows: crate::voting::proposals::expected,
            meaning: "of a run or a replay: one row per proposal and day",
            moment: Moment::Day,
            prepare: None,
        })
        .columns::<ProposalRows, _>(&["proposals"], show_proposals::<M>);
}

crate::view! {
    /// Access of [`show_conviction`] to a run.
    struct ShownConviction<'w, M: Passing> {
        conviction: &'w Conviction,
        supply: &'w Supply,
        population: &'w Population,
        layout: &'w Layout,
        granted: &'w Granted,
        mechanism: &'w M,
        rows: &'w mut Gathered<ConvictionRows>,
    }
}

fn show_conviction<M: Passing>(
    mut runs: Sampled<ShownConviction<M>>,
    mut seats: Rows<(&SeatRequest, &ConvictionSum)>,
    mut stored: Rows<&M::Stored>,
    mut proposals: Rows<&History>,
) {
    let batch = runs.batch();
    let (mut seats, mut stored) = (seats.of_batch(&batch), stored.of_batch(&batch));
    let mut proposals = proposals.of_batch(&batch);
    dispatch!(batch.vectors, simd => {
        for (run, of) in batch {
            let (requested, sums) = seats.of(run);
            let eights = ..of.layout.count();
            let seated = Seated {
                requested: &requested.as_chunks().0[eights],
                conviction: &sums.as_chunks().0[eights],
                histories: &proposals.of(run)[..of.population.proposals],
                stored: stored.of(run),
            };
            let InSum { conviction, shares_of_trigger } =
                of.mechanism.in_sum(simd, run.day, of.supply, of.conviction, seated);
            let candidates = of.layout.candidates();
            of.rows.push(ConvictionRow {
                candidate_conviction: conviction,
                mean_share_of_trigger: (candidates > 0 && of.supply.at_day_start.counted > 0.0)
                    .then(|| shares_of_trigger / candidates as f64),
                proposals_granted: of.granted.count,
                funds_granted: of.granted.funds,
            });
        }
    });
}

fn show_passing(mut runs: Sampled<(&Granted, &mut Gathered<PassingRows>)>) {
    for (_, (granted, rows)) in runs.batch() {
        let days: f64 = granted.days_to_pass.iter().map(|&d| f64::from(d)).sum();
        rows.push(PassingRow {
            mean_days_to_pass: (granted.count > 0).then(|| days / f64::from(granted.count)),
            median_days_to_pass: median(&granted.days_to_pass),
            days_nothing_could_pass: granted.days_nothing_could_pass,
        });
    }
}

/// Returns the median of values in ascending order, the mean of the middle two for an even number; `None` for
/// an empty list.
fn median(sorted: &[u32]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some((f64::from(lower) + f64::from(upper)) / 2.0)
}

crate::rows_view! {
    /// Columns of proposals that [`show_run_proposals`] reads.
    struct ShownRows<'w> {
        ids: &'w ProposalId,
        statuses: &'w Status,
        requested: &'w FundsRequested,
        histories: &'w History,
        supports: &'w ProposalSupport,
    }
}

fn show_run_proposals(
    mut runs: Sampled<(&Population, &Layout, &mut Gathered<RunProposalRows>)>,
    mut proposals: Rows<ShownRows>,
    mut edges: Rows<(&Affinity, &Stake)>,
) {
    let batch = runs.batch();
    let (mut proposals, mut edges) = (proposals.of_batch(&batch), edges.of_batch(&batch));
    for (run, (population, layout, rows)) in batch {
        let of = proposals.of(run);
        let (affinity, stake) = edges.of(run);
        for row in 0..population.proposals {
            let (status, history) = (of.statuses[row], of.histories[row]);
            let left = history.left_candidacy;
            let passed = status.was_granted();
            let support = match history.seat {
                NONE => of.supports[row],
                seat => ProposalSupport::of_seat(
                    layout,
                    population.participants,
                    seat as usize,
                    affinity,
                    stake,
                ),
            };
            let [negative, low, high] = support.tokens_by_affinity;
            rows.push(RunProposalRow {
                proposal: of.ids[row],
                status: status.name(),
                funds_requested: of.requested[row],
                day_created: history.created,
                day_left: (left != NONE).then_some(left),
                day_passed: passed.then_some(left),
                days_to_pass: passed.then(|| left - history.created),
                conviction_passed: passed.then_some(history.conviction),
                trigger_passed: passed.then_some(history.passed_trigger),
                supporters: support.supporters,
                tokens_affinity_negative: negative,
                tokens_affinity_low: low,
                tokens_affinity_high: high,
            });
        }
    }
}

crate::view! {
    /// Access of [`show_proposals`] to a run.
    struct ShownProposals<'w, M: Passing> {
        conviction: &'w Conviction,
        supply: &'w Supply,
        population: &'w Population,
        mechanism: &'w M,
        rows: &'w mut Gathered<ProposalRows>,
    }
}

fn show_proposals<M: Passing>(
    mut runs: Sampled<ShownProposals<M>>,
    mut proposals: Rows<(&ProposalId, &Status, &FundsRequested, &History)>,
    mut seats: Rows<&ConvictionSum>,
    mut stored: Rows<&M::Stored>,
) {
    let batch = runs.batch();
    let (mut proposals, mut seats) = (proposals.of_batch(&batch), seats.of_batch(&batch));
    let mut stored = stored.of_batch(&batch);
    for (
        run,
        ShownProposals {
            conviction,
            supply,
            population,
            mechanism,
            rows,
        },
    ) in batch
    {
        let (ids, statuses, requested, histories) = proposals.of(run);
        let (sums, stored) = (seats.of(run), stored.of(run));
        for row in 0..population.proposals {
            let (status, history) = (statuses[row], histories[row]);
            let trigger = |of: Option<&M::Stored>| {
                let (terms, requested) = (supply.at_day_start, requested[row]);
                let trigger = mechanism.trigger(of, run.day, requested, terms, conviction);
                // An infinite trigger counts as missing.
                Some(trigger).filter(|trigger| trigger.is_finite())
            };
            let (last, trigger) = match history.seat {
                NONE if history.left_candidacy == run.day => (history.conviction, trigger(None)),
                NONE => (history.conviction, None),
                seat => {
                    let seat = seat as usize;
                    let of = stored.get(seat);
                    (
                        mechanism.conviction_at_end(of, run.day, sums[seat]),
                        trigger(of),
                    )
                }
            };
            let passed = status.was_granted();
            rows.push(ProposalRow {
                day: run.day,
                proposal: ids[row],
                status: status.name(),
                age: history.age(run.day),
                funds_requested: requested[row],
                conviction: (!passed).then_some(last),
                trigger,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3]), Some(3.0));
        assert_eq!(median(&[1, 4, 9]), Some(4.0));
        assert_eq!(median(&[1, 4, 5, 9]), Some(4.5));
    }
}
